//! `cargo demo`: builds the library, loads it as the platform does and tours it with real traffic against a server
//! of its own. `cargo demo -- URL` makes one GET of a real address instead. `--library FILE` before either takes that
//! library and builds none.
//!
//! Exit code 0 only if every step was right: the content of each answer is compared, not only its status.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod fetch;
#[path = "../../support/script.rs"]
mod script;
mod table;
mod tour;

use std::path::PathBuf;
use std::process::ExitCode;

use addin_host::Addin;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (library, rest) = match arguments.as_slice() {
        [option, file, rest @ ..] if option == "--library" => (Some(PathBuf::from(file)), rest),
        rest => (None, rest),
    };
    let result = match rest {
        [] => load(library).and_then(|addin| tour::run(&addin)),
        [url] if !url.starts_with('-') => load(library).and_then(|addin| fetch::run(&addin, url)),
        _ => Err("usage: cargo demo [-- [--library FILE] [URL]]".to_owned()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("demo: {message}");
            ExitCode::FAILURE
        }
    }
}

fn load(library: Option<PathBuf>) -> Result<Addin, String> {
    let path = match library {
        Some(path) => path,
        None => {
            println!("Building the release library ...");
            addin_host::find::release("httpconnector")?
        }
    };
    let size = std::fs::metadata(&path).map(|data| data.len()).map_err(|error| error.to_string())?;
    let addin = Addin::load(&path).map_err(|error| error.to_string())?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    #[allow(clippy::cast_precision_loss, reason = "a size for people")]
    let megabytes = size as f64 / 1e6;
    println!("{file}, {megabytes:.1} MB, classes {}", addin.class_names().join(", "));
    Ok(addin)
}
