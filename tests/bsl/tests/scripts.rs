//! Scripts with expected output: `scripts/NAME.bsl` says what stands in `scripts/NAME.out`. An exception nobody caught
//! is its last line, after `!`; something the bench does not know after `?`.
//!
//! `BSL_UPDATE=1` writes the outputs anew: read the difference before it is committed.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::fs;
use std::path::{Path, PathBuf};

use bsl::error::Fault;
use bsl::run::{Machine, SERVER};

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "bsl"));
    found.sort();
    found
}

/// What a script says.
fn output(path: &Path) -> String {
    let mut machine = Machine::new();
    let name = path.file_stem().unwrap().to_string_lossy();
    let result = machine.run_script(&name, &fs::read_to_string(path).unwrap(), SERVER);
    let mut said = machine.messages;
    match result {
        Ok(()) => {}
        Err(Fault::Raised(exception)) => said.push(format!("!{}", exception.description)),
        Err(fault) => said.push(format!("?{fault}")),
    }
    said.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_script_says_what_is_written_beside_it() {
    let scripts = scripts();
    assert!(scripts.len() >= 7, "the scripts are not where they are looked for");
    let mut wrong = Vec::new();
    for path in scripts {
        let expected = path.with_extension("out");
        let said = output(&path);
        if std::env::var_os("BSL_UPDATE").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default().replace("\r\n", "\n");
        for (index, (said, expected)) in pairs(&said, &expected).enumerate() {
            if said != expected {
                wrong.push(format!("{}:{}: {said:?}, not {expected:?}", path.display(), index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines side by side; the shorter text is filled up.
fn pairs<'a>(said: &'a str, expected: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let count = said.lines().count().max(expected.lines().count());
    let filled = |text: &'a str| text.lines().chain(std::iter::repeat("<nothing>")).take(count);
    filled(said).zip(filled(expected))
}
