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
    for (triple, expected) in [("x86_64-unknown-linux-gnu", "Linux builds need Python 3 with venv")] {
        let output = Command::new(env!("CARGO_BIN_EXE_pack"))
            .args(["--targets", triple, "--dist", dist.to_str().unwrap()])
            .env("PATH", &empty)
            .env("XDG_CACHE_HOME", folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(1), 1), "{text}");
        assert!(text.contains(expected), "{text}");
    }
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
