//! The command as people run it: wrong use, one clear error each; nothing is built here.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::{Command, Output};

fn pack(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pack")).args(arguments).output().unwrap()
}

/// The one line the command ends with.
fn refused(arguments: &[&str]) -> String {
    let output = pack(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
    assert!(text.starts_with("pack: "), "{text}");
    text
}

#[test]
fn wrong_arguments_are_named() {
    let cases: [(&[&str], &str); 10] = [
        (&[], "nothing chosen"),
        (&["--targets", "x86_64-apple-darwin"], "unknown target x86_64-apple-darwin; the known ones are"),
        (&["--targets"], "--targets wants targets behind it"),
        (&["--frobnicate"], "unknown option --frobnicate"),
        (&["x86_64-pc-linux"], "unknown target x86_64-pc-linux"),
        (&["x86_64-unknown-linux-gnu", "--all"], "is built, not packed"),
        (&["--all", "--targets", "x86_64-unknown-linux-gnu"], "exclude each other"),
        (&["--all", "--template", "tiny"], "--template tiny: no such archive; there are all, desktop-server"),
        (&["--targets", "x86_64-unknown-linux-gnu", "--template", "all"], "--template goes with --all"),
        (&["--check", "x86_64-linux=file"], "unknown target x86_64-linux"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    for (arguments, expected) in cases {
        let text = refused(&[arguments, &["--dist", dist.to_str().unwrap()]].concat());
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn dist_that_cannot_be_written_is_told_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "somebody's").unwrap();
    let below = file.join("dist");
    let chosen = ["--targets", "x86_64-unknown-linux-gnu", "--dist"];
    let refused = |dist: &Path| refused(&[&chosen[..], &[dist.to_str().unwrap()]].concat());
    assert!(refused(&file).contains("is a file, not a folder"));
    assert!(refused(&below).contains("cannot be written"));
    assert!(refused(Path::new("/proc/dist")).contains("cannot be written"));
    let filled = folder.path().join("filled");
    std::fs::create_dir(&filled).unwrap();
    std::fs::write(filled.join("photo.jpg"), "somebody's").unwrap();
    assert!(refused(&filled).contains("is not empty and no release folder"));
    assert!(filled.join("photo.jpg").is_file());
}

#[test]
fn damaged_input_is_one_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("AddIn.zip");
    assert!(refused(&["--check", file.to_str().unwrap()]).contains("AddIn.zip: No such file"));
    std::fs::write(&file, "PK no archive").unwrap();
    assert!(refused(&["--check", file.to_str().unwrap()]).contains("the archive is damaged"));
    let library = format!("x86_64-unknown-linux-gnu={}", file.display());
    assert!(refused(&["--check", &library]).contains("is no library"));
}

#[test]
fn missing_tools_are_named_with_what_brings_them() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let dist = folder.path().join("dist");
    let cases = [
        ("x86_64-unknown-linux-gnu", "", "Linux builds need Python 3 with venv"),
        ("x86_64-win7-windows-gnu", "", "install the package gcc-mingw-w64-x86-64"),
        ("i686-win7-windows-gnu", "", "install the package gcc-mingw-w64-i686"),
        ("aarch64-linux-android", "", "needs clang, lld and llvm, or the NDK in ANDROID_NDK_HOME"),
        ("aarch64-linux-android", "/nowhere/ndk", "ANDROID_NDK_HOME=/nowhere/ndk: no NDK there"),
    ];
    for (triple, ndk, expected) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pack"));
        command.args(["--targets", triple, "--dist", dist.to_str().unwrap()]);
        command.env("PATH", &empty).env("XDG_CACHE_HOME", folder.path()).env_remove("ANDROID_NDK_HOME");
        if !ndk.is_empty() {
            command.env("ANDROID_NDK_HOME", ndk);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(1), 1), "{triple}: {text}");
        assert!(text.contains(expected), "{triple}: {text}");
    }
    assert!(!dist.exists());
}

#[test]
fn folder_that_is_no_checkout_and_library_that_was_not_built_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let chosen = [
        "--targets",
        "i686-linux-android",
        "--built",
        "--dist",
        dist.to_str().unwrap(),
        "--source",
        folder.path().to_str().unwrap(),
    ];
    assert!(refused(&chosen).contains("no checkout of this repository"));
    std::fs::create_dir_all(folder.path().join("src/abi")).unwrap();
    std::fs::write(folder.path().join("src/abi/exports.rs"), "").unwrap();
    assert!(refused(&chosen).contains("i686-linux-android: not built"));
    assert!(!dist.exists());

    let spaced = folder.path().join("my work");
    std::fs::create_dir_all(spaced.join("src/abi")).unwrap();
    std::fs::write(spaced.join("src/abi/exports.rs"), "").unwrap();
    let mut windows = vec!["--targets", "x86_64-win7-windows-gnu", "--source", spaced.to_str().unwrap()];
    windows.extend(["--dist", dist.to_str().unwrap()]);
    assert!(refused(&windows).contains("takes no spaces in paths"));
    assert!(!dist.exists());
}

#[test]
fn help_and_list_answer() {
    let help = String::from_utf8(pack(&["--help"]).stdout).unwrap();
    for word in ["--all", "--targets", "--dist", "--sign", "--check", "ANDROID_NDK_HOME"] {
        assert!(help.contains(word), "{word}");
    }
    let list = String::from_utf8(pack(&["--list"]).stdout).unwrap();
    assert_eq!(list.lines().count(), 9, "{list}");
}
