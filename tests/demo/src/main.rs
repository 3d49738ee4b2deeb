//! `cargo demo`: builds the library and runs the quickstart of `1c/examples` in both languages, through the modules of
//! `1c/src`, on the bench. `cargo demo -- --tour` loads the library as the platform does and tours its members with real
//! traffic, without the modules; `cargo demo -- URL` makes one GET of a real address. `--library FILE` in front builds
//! nothing and tours that file, which may be one for the system the program itself was compiled for.
//!
//! Exit code 0 only if every step was right: the content of each answer is compared, not only its status.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod fetch;
#[path = "../../support/script.rs"]
mod script;
#[cfg(feature = "story")]
mod story;
mod table;
mod tour;

use std::path::PathBuf;
use std::process::ExitCode;

use addin_host::Addin;

const USAGE: &str =
    "usage: cargo demo [-- [--library FILE] [--tour | URL]]; nothing: the quickstart, or the tour of FILE";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("demo: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<bool, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (given, rest) = match words.as_slice() {
        ["--library", file, rest @ ..] => (Some(*file), rest),
        rest => (None, rest),
    };
    match rest {
        [] if given.is_none() => tell(library(given)?),
        [] | ["--tour"] => tour::run(&load(library(given)?)?),
        [url] if !url.starts_with('-') => fetch::run(&load(library(given)?)?, url),
        _ => Err(USAGE.to_owned()),
    }
}

/// The file named, else the one built now.
fn library(given: Option<&str>) -> Result<PathBuf, String> {
    match given {
        Some(file) if std::path::Path::new(file).is_file() => {
            std::path::absolute(file).map_err(|error| format!("{file}: {error}"))
        }
        Some(file) => Err(format!("--library: no file {file}")),
        None => {
            println!("Building the release library ...");
            addin_host::find::release("httpconnector")
        }
    }
}

#[cfg(feature = "story")]
fn tell(library: PathBuf) -> Result<bool, String> {
    story::run(&library)
}

#[cfg(not(feature = "story"))]
fn tell(library: PathBuf) -> Result<bool, String> {
    tour::run(&load(library)?)
}

fn load(path: PathBuf) -> Result<Addin, String> {
    let size = std::fs::metadata(&path).map(|data| data.len()).map_err(|error| error.to_string())?;
    let addin = Addin::load(&path).map_err(|error| error.to_string())?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    #[allow(clippy::cast_precision_loss, reason = "a size for people")]
    let megabytes = size as f64 / 1e6;
    println!("{file}, {megabytes:.1} MB, classes {}", addin.class_names().join(", "));
    Ok(addin)
}
