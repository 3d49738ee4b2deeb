//! Archives: equal bytes for equal input, the manifest in the repository, what a bad one is refused for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{Built, KINDS, Kind, check, write};
use crate::check::Facts;
use crate::manifest;
use crate::targets::TARGETS;

fn built() -> Vec<Built> {
    let bytes = |name: String| name.into_bytes();
    TARGETS
        .iter()
        .map(|target| Built { target, bytes: bytes(target.file()), facts: Facts::default() })
        .collect()
}

fn names(bytes: &[u8]) -> Vec<String> {
    let zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    zip.file_names().map(|name| name.unwrap().into_owned()).collect()
}

#[test]
fn manifest_of_the_repository_is_that_of_the_target_table() {
    // `cargo pack --manifest` writes it anew.
    assert_eq!(include_str!("../../../MANIFEST.XML"), manifest::manifest(TARGETS.iter()));
    let rows = manifest::rows(include_str!("../../../MANIFEST.XML")).unwrap();
    for (row, target) in rows.iter().zip(TARGETS) {
        assert_eq!((row.os.as_str(), row.arch.as_str()), (target.system.name(), target.arch));
        assert_eq!(row.path, target.file());
    }
    assert_eq!(rows.len(), TARGETS.len());
}

#[test]
fn same_files_give_the_same_bytes() {
    let (first, second) = (built(), built());
    assert_eq!(
        write(&first.iter().collect::<Vec<_>>()).unwrap(),
        write(&second.iter().rev().collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>()).unwrap()
    );
}

#[test]
fn each_kind_holds_its_rows_and_the_texts() {
    let rows = built();
    for (kind, libraries, android) in
        [("all", 9, 2), ("desktop-server", 5, 0), ("mobile", 4, 2), ("old-platforms", 4, 0)]
    {
        let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
        let held: Vec<&Built> = rows.iter().filter(|row| (kind.holds)(row.target)).collect();
        let found = names(&write(&held).unwrap());
        assert_eq!(
            found.iter().filter(|name| name.contains("HTTPConnector_")).count(),
            libraries,
            "{}",
            kind.name
        );
        assert_eq!(found.iter().filter(|name| name.starts_with("ANDROID")).count(), android, "{}", kind.name);
        assert!(found.contains(&"MANIFEST.XML".to_owned()) && found.contains(&"INFO.XML".to_owned()));
        assert!(found.is_sorted(), "{found:?}");
    }
    let old = KINDS.iter().find(|kind| kind.name == "old-platforms").unwrap();
    let text = manifest::manifest(TARGETS.iter().filter(|target| (old.holds)(target)));
    assert!(!text.contains("ARM") && !text.contains("codeType"), "{text}");
}

#[test]
fn android_may_use_the_network() {
    assert!(manifest::ANDROID.contains("android.permission.INTERNET"));
    assert!(manifest::ANDROID.contains("http://schemas.android.com/apk/res/android"));
}

#[test]
fn bad_archive_is_refused_row_by_row() {
    let rows = built();
    let bytes = write(&rows.iter().collect::<Vec<_>>()).unwrap();
    // The files are no libraries: nine complaints, each with its row.
    let complaints = check(&bytes, None, &[]).unwrap_err();
    let first: Vec<&String> = complaints.iter().filter(|text| text.contains("is no library")).collect();
    assert_eq!(first.len(), 9, "{complaints:#?}");
    assert!(first[0].starts_with("row Windows x86_64: "), "{}", first[0]);

    let cut = check(&bytes[..bytes.len() / 2], None, &[]).unwrap_err();
    assert!(cut.len() == 1 && cut[0].contains("damaged"), "{cut:?}");
    let other = check(b"no archive", None, &[]).unwrap_err();
    assert!(other.len() == 1 && other[0].contains("damaged"), "{other:?}");
}

#[test]
fn rows_are_compared_with_what_the_archive_is_called() {
    for (file, kind) in [
        ("dist/HTTPConnector_3_0_0_all.zip", Some("all")),
        ("HTTPConnector_3_0_0_old-platforms.zip", Some("old-platforms")),
        ("HTTPConnector_3_0_0_chosen.zip", None),
        ("all.zip", None),
    ] {
        assert_eq!(Kind::of(Path::new(file)).map(|kind| kind.name), kind, "{file}");
    }
    let built = built();
    let differing = |rows: &[&Built], kind: Option<&Kind>| -> Vec<String> {
        let complaints = check(&write(rows).unwrap(), kind, &[]).unwrap_err();
        complaints.into_iter().filter(|text| !text.contains("is no library")).collect()
    };
    let all: Vec<&Built> = built.iter().collect();
    assert_eq!(differing(&all, Some(&KINDS[0])), [] as [String; 0]);
    assert_eq!(
        differing(&all[1..], Some(&KINDS[0])),
        ["row Windows x86_64: missing, an archive of every system has it"]
    );
    assert_eq!(differing(&all[1..], None), [] as [String; 0]);
    let mobile = KINDS.iter().find(|kind| kind.name == "mobile").unwrap();
    assert_eq!(differing(&all[4..], Some(mobile)), ["row Linux ARM64: too much for an archive of Android"]);
}

#[test]
fn a_row_that_stands_twice_and_a_file_without_a_row_are_named() {
    let text = manifest::manifest(TARGETS[..1].iter().chain(&TARGETS[..1]));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in
        [("MANIFEST.XML", text.as_bytes()), (&TARGETS[0].file(), b"MZ".as_slice()), ("stray.dll", b"MZ")]
    {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let complaints = check(&zip.finish().unwrap().into_inner(), None, &[]).unwrap_err();
    assert_eq!(complaints[0], "row Windows x86_64: stands 2 times, the platform takes one of them");
    assert_eq!(complaints[1], "stray.dll: no row of MANIFEST.XML is for it");
}
