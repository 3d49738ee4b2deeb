//! Each complaint on a small library made for it by the machine's own compiler.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use super::{Facts, file};
use crate::targets::{Target, find};

/// What a library of ours has: the five exports, and the words of the provider's routines.
const GOOD: &str = "
    int DestroyObject(void) { return 0; } int GetAttachType(void) { return 0; } int GetClassNames(void) { return 0; }
    int GetClassObject(void) { return 0; } int SetPlatformCapabilities(void) { return 0; }
    const char __attribute__((used, visibility(\"hidden\"))) words[] = \"GHASH for x86_64, CRYPTOGAMS by someone\";
    const char __attribute__((used, visibility(\"hidden\"))) more[] = \"Montgomery for x86_64, CRYPTOGAMS by someone\";
";

fn linux() -> &'static Target {
    find("x86_64-unknown-linux-gnu").unwrap()
}

/// The bytes of a library for Linux with this source.
fn compiled(folder: &Path, source: &str, flags: &[&str]) -> Vec<u8> {
    compiled_for(linux(), folder, source, flags)
}

fn compiled_for(target: &Target, folder: &Path, source: &str, flags: &[&str]) -> Vec<u8> {
    let (code, library) = (folder.join("library.c"), folder.join("library.so"));
    std::fs::write(&code, source).unwrap();
    let soname = format!("-Wl,-soname,{}", target.file());
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-s", "-w", &soname, "-o"])
        .args([&library, &code])
        .args(flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(&library).unwrap()
}

fn complaints(outcome: Result<Facts, Vec<String>>) -> String {
    let complaints = outcome.expect_err("something is wrong with it");
    assert_eq!(complaints.len(), 1, "one error for one fault: {complaints:#?}");
    complaints.into_iter().collect()
}

#[test]
fn good_library_passes_and_tells_its_facts() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = compiled(folder.path(), GOOD, &["-nostdlib"]);
    let facts = file(linux(), &bytes, &["/nowhere/at/all".to_owned()]).unwrap();
    assert_eq!((facts.size, facts.libraries.len(), facts.oldest.as_str()), (bytes.len(), 0, "any glibc"));
}

#[test]
fn each_fault_is_one_complaint() {
    let bare = &["-nostdlib"][..];
    let with = |more: &str| format!("{GOOD}{more}");
    let cases: [(&str, String, &[&str], &str); 9] = [
        ("one export more", with("int another;"), bare, "0 missing"),
        (
            "one less",
            GOOD.replace("int GetAttachType", "static int GetAttachType"),
            bare,
            "GetAttachType missing",
        ),
        (
            "a new glibc",
            with(
                "int dlopen(); int __attribute__((visibility(\"hidden\"))) use(void) { return dlopen(); } static void *keep __attribute__((used)) = use;",
            ),
            &[],
            "needs glibc 2.34, the oldest it is for is 2.17",
        ),
        (
            "a folder",
            with("static const char at[] __attribute__((used)) = \"at /nowhere/at/all/x.c\";"),
            bare,
            "holds a path of a machine: at /nowhere/at/all/x.c",
        ),
        (
            "somebody's home",
            with("static const char at[] __attribute__((used)) = \"/home/me/x.c\";"),
            bare,
            "holds a path of a machine: /home/me/x.c",
        ),
        ("no provider", GOOD.replace("Montgomery", "Another"), bare, "no Montgomery of the TLS provider"),
        (
            "too large",
            with("static const char fill[5000000] __attribute__((used)) = \"x\";"),
            bare,
            "5000000 and more are too many",
        ),
        ("its own library path", GOOD.to_owned(), &["-nostdlib", "-Wl,-rpath,/lib"], "RPATH"),
        ("another name", GOOD.to_owned(), &["-nostdlib", "-Wl,-soname,other.so"], "calls itself other.so"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, source, flags, expected) in cases {
        let expected = if expected == "0 missing" { "nothing missing, another too many" } else { expected };
        let bytes = compiled(folder.path(), &source, flags);
        let text = complaints(file(linux(), &bytes, &["/nowhere/at/all".to_owned()]));
        assert!(text.contains(expected), "{name}: {text}");
        assert!(text.starts_with("x86_64-unknown-linux-gnu: the file "), "{name}: {text}");
    }
}

#[test]
fn android_library_has_large_pages_old_names_and_an_entry_for_java() {
    let android = find("x86_64-linux-android").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = format!("{GOOD} int JNI_OnLoad(void) {{ return 0; }}");
    let pages = ["-nostdlib", "-Wl,-z,max-page-size=16384"];
    let bytes = compiled_for(android, folder.path(), &source, &pages);
    assert_eq!(file(android, &bytes, &[]).unwrap().oldest, "API 21");

    let newer = format!(
        "{source} int memfd_create(); int SetPlatformCapabilities2(void) __attribute__((visibility(\"hidden\"))); int SetPlatformCapabilities2(void) {{ return memfd_create(); }} static void *keep __attribute__((used)) = SetPlatformCapabilities2;"
    );
    let cases: [(&str, &str, &[&str], &str); 3] = [
        (
            "small pages",
            &source,
            &["-nostdlib", "-Wl,-z,max-page-size=4096"],
            "aligned to 4096 bytes, 16384 are needed",
        ),
        ("a newer name", &newer, &pages, "needs memfd_create, which Android has not had since API 21"),
        ("nothing for Java", GOOD, &pages, "JNI_OnLoad missing"),
    ];
    for (name, source, flags, expected) in cases {
        let text = complaints(file(android, &compiled_for(android, folder.path(), source, flags), &[]));
        assert!(text.contains(expected), "{name}: {text}");
    }
}

#[test]
fn foreign_library_is_named_by_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("libother.so.1");
    std::fs::write(folder.path().join("other.c"), "int other(void) { return 0; }").unwrap();
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libother.so.1", "-o"])
        .args([&other, &folder.path().join("other.c")])
        .status();
    assert!(made.unwrap().success());
    let flags = ["-nostdlib", "-Wl,--no-as-needed", other.to_str().unwrap()];
    let bytes = compiled(folder.path(), GOOD, &flags);
    let text = complaints(file(linux(), &bytes, &[]));
    assert!(text.contains("needs libother.so.1, which a system may lack"), "{text}");
}

#[test]
fn library_of_another_system_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = compiled(folder.path(), GOOD, &["-nostdlib"]);
    for triple in ["aarch64-unknown-linux-gnu", "i686-linux-android", "i686-unknown-linux-gnu"] {
        let complaints = file(find(triple).unwrap(), &bytes, &[]).unwrap_err();
        assert!(complaints[0].contains("is for X86_64 (Elf), not for"), "{complaints:?}");
    }
    let text = complaints(file(linux(), b"no library", &[]));
    assert!(text.contains("is no library"), "{text}");
    // Every length of a whole one: an error, no end of the program.
    for length in (0..bytes.len()).step_by(97) {
        let _ = file(linux(), &bytes[..length], &[]);
    }
}
