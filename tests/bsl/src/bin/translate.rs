//! Makes the English module of the Russian one: `translate --write`; or says whether it is fresh: `translate --check`.
//!
//! Exit code: 0 when the module is as it should be, 1 when it is stale, 2 when it cannot be translated. Comments that were
//! left out for want of a translation are listed.

use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use bsl::run::Machine;
use bsl::translate::{Dictionary, translate};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let writes = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--write"] => true,
        ["--check"] => false,
        _ => return failed(2, &["translate --check or translate --write"]),
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c");
    let target = root.join("src/cf/CommonModules/HTTPConnector/Ext/Module.bsl");
    let read =
        |path: &str| std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"));
    let (dictionary, module, aliases) = match (
        read("dictionary.txt"),
        read("src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl"),
        read("english_only.bsl"),
    ) {
        (Ok(dictionary), Ok(module), Ok(aliases)) => (dictionary, module, aliases),
        (dictionary, module, aliases) => {
            let all: Vec<String> =
                [dictionary, module, aliases].into_iter().filter_map(Result::err).collect();
            return failed(2, &all);
        }
    };
    let dictionary = match Dictionary::read(&dictionary) {
        Ok(dictionary) => dictionary,
        Err(problems) => return failed(2, &problems),
    };
    let translation = match translate(&Machine::new().registry, &dictionary, &module, &aliases) {
        Ok(translation) => translation,
        Err(problems) => return failed(2, &problems),
    };
    for comment in &translation.dropped {
        let _ = writeln!(std::io::stderr(), "left out: {comment}");
    }
    if writes {
        return match std::fs::write(&target, translation.text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(2, &[format!("{}: {error}", target.display())]),
        };
    }
    // A checkout may have either line ends.
    let there = std::fs::read_to_string(&target).unwrap_or_default();
    if there.replace("\r\n", "\n") == translation.text.replace("\r\n", "\n") {
        ExitCode::SUCCESS
    } else {
        failed(1, &["the English module is stale: cargo run -p bsl --bin translate -- --write"])
    }
}

fn failed<D: Display>(code: u8, lines: &[D]) -> ExitCode {
    for line in lines {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    ExitCode::from(code)
}
