//! What the README files say of each system's library is what the recorded run measured.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::path::Path;

/// Rust's target and the row of the README files.
const ROWS: [(&str, &str); 9] = [
    ("x86_64-win7-windows-gnu", "Windows x86_64"),
    ("i686-win7-windows-gnu", "Windows i386"),
    ("x86_64-unknown-linux-gnu", "Linux x86_64"),
    ("i686-unknown-linux-gnu", "Linux i386"),
    ("aarch64-unknown-linux-gnu", "Linux ARM64"),
    ("aarch64-linux-android", "Android ARM64"),
    ("armv7-linux-androideabi", "Android ARM"),
    ("x86_64-linux-android", "Android x86_64"),
    ("i686-linux-android", "Android i386"),
];

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn sizes_and_needed_names_are_those_of_the_last_run() {
    let record = read("addin-manifest/LAST-RUN.md");
    let texts = [("README.md", "MB", read("README.md")), ("README.ru.md", "МБ", read("README.ru.md"))];
    for (triple, row) in ROWS {
        let measured = record
            .lines()
            .filter_map(|line| line.trim().strip_prefix(triple))
            .find(|rest| rest.contains(" names of "))
            .unwrap_or_else(|| panic!("{triple} is not in the record"));
        let size = measured.split(" MB").next().unwrap().trim();
        let names = measured.split(" names of ").next().unwrap().rsplit(' ').next().unwrap();
        for (file, unit, text) in &texts {
            let told = text.lines().find(|line| line.starts_with(&format!("| {row} |")));
            let told = told.unwrap_or_else(|| panic!("{file} has no row {row}"));
            let size = if *unit == "MB" { size.to_owned() } else { size.replace('.', ",") };
            assert!(told.contains(&format!("| {size} {unit} |")), "{file}: {row}: {size}");
            assert!(told.contains(&format!("| {names}: ")), "{file}: {row}: {names} names");
        }
    }
}
