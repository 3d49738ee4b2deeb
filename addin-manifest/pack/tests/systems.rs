//! What the README files say of each system's library is what the recorded run measured.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn sizes_and_needed_names_are_those_of_the_last_run() {
    let record = read("addin-manifest/LAST-RUN.md");
    let texts = [("README.md", "MB", read("README.md")), ("README.ru.md", "МБ", read("README.ru.md"))];
    let listed = Command::new(env!("CARGO_BIN_EXE_pack")).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 9, "{listed}");
    for words in rows {
        let (triple, row) = (words[0], format!("{} {}", words[1], words[2]));
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
