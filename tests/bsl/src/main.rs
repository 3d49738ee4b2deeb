//! Runs a script on the bench: `bsl [--module ИМЯ=путь]... [--template ИМЯ=путь]... [--language en] script.bsl`.
//!
//! What `Сообщить` says goes to the standard output at once. Exit code: 0 when the script came to its end, 1 when it
//! raised what nobody caught, 2 when it needs something the bench does not know, or was called wrongly.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use bsl::error::Fault;
use bsl::run::{Machine, SERVER};

const USAGE: &str =
    "bsl [--module NAME=path.bsl]... [--template NAME=library]... [--language ru|en] script.bsl";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Raised(text)) => failed(1, &text),
        Err(Failure::Wrong(text)) => failed(2, &text),
    }
}

enum Failure {
    Raised(String),
    Wrong(String),
}

fn wrong(what: impl Display) -> Failure {
    Failure::Wrong(what.to_string())
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let mut machine = Machine::new();
    machine.heard = Some(say);
    let mut script = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--module" => {
                let (name, path) = pair(rest.next())?;
                let text = read(path)?;
                machine.add_module(name, &text, SERVER).map_err(wrong)?;
            }
            "--template" => {
                let (name, path) = pair(rest.next())?;
                let path = std::path::absolute(path).map_err(wrong)?;
                machine.add_template(name, path);
            }
            "--language" => {
                machine.language = match rest.next().map(String::as_str) {
                    Some("ru") => "ru",
                    Some("en") => "en",
                    _ => return Err(wrong(USAGE)),
                };
            }
            other if other.starts_with("--") => return Err(wrong(USAGE)),
            other if script.is_none() => script = Some(other),
            _ => return Err(wrong(USAGE)),
        }
    }
    let script = script.ok_or_else(|| wrong(USAGE))?;
    let text = read(script)?;
    let name = Path::new(script).file_stem().map_or(script.into(), std::ffi::OsStr::to_string_lossy);
    machine.run_script(&name, &text, SERVER).map_err(|fault| match &fault {
        Fault::Raised(_) => Failure::Raised(fault.to_string()),
        Fault::Unknown { .. } => wrong(&fault),
    })
}

/// `ИМЯ=путь`.
fn pair(argument: Option<&String>) -> Result<(&str, &str), Failure> {
    argument.and_then(|argument| argument.split_once('=')).ok_or_else(|| wrong(USAGE))
}

fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| wrong(format!("{path}: {error}")))
}

/// A closed pipe is nobody to tell about.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn failed(code: u8, text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(code)
}
