//! Makes what lies below `1c/src` and is made of something else - the module of clients, the English modules, the
//! extension: `translate --write`; or says whether it is fresh: `translate --check`.
//!
//! Exit code: 0 when everything is as it should be, 1 when something is stale, 2 when it cannot be made. Comments that were
//! left out for want of a translation are listed.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bsl::translate::{Made, make, stale};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let writes = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--write"] => true,
        ["--check"] => false,
        _ => return failed(2, &["translate --check or translate --write"]),
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c");
    let made = match make(&root) {
        Ok(made) => made,
        Err(problems) => return failed(2, &problems),
    };
    for comment in &made.dropped {
        let _ = writeln!(std::io::stderr(), "left out: {comment}");
    }
    let stale = match stale(&root, &made) {
        Ok(stale) => stale,
        Err(error) => return failed(2, &[error]),
    };
    if writes {
        return match stale.iter().try_for_each(|path| write(&root, path, &made)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(2, &[error]),
        };
    }
    if stale.is_empty() {
        return ExitCode::SUCCESS;
    }
    let lines = stale.iter().map(|path| format!("stale: 1c/src/{path}"));
    let advice = "make them anew: cargo run -p bsl --bin translate -- --write".to_owned();
    failed(1, &lines.chain([advice]).collect::<Vec<_>>())
}

/// Writes a file; removes one that nothing makes any more.
fn write(root: &Path, path: &str, made: &Made) -> Result<(), String> {
    let target = root.join("src").join(path);
    let folder = target.parent().map(std::fs::create_dir_all).transpose();
    let written = folder.and_then(|_| match made.files.get(path) {
        Some(text) => std::fs::write(&target, text),
        None => std::fs::remove_file(&target),
    });
    written.map_err(|error| format!("{}: {error}", target.display()))
}

fn failed<D: Display>(code: u8, lines: &[D]) -> ExitCode {
    for line in lines {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    ExitCode::from(code)
}
