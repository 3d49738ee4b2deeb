//! Runs a script on the bench: `bsl [--module ИМЯ=путь]... [--template ИМЯ=путь]... [--language en] script.bsl`, or the
//! tests of a module: `--tests ИМЯ=путь` in place of the script; or checks it against the rules: `--lint ИМЯ=путь`.
//!
//! What `Сообщить` says goes to the standard output at once. Exit code: 0 when the script came to its end, 1 when it
//! raised what nobody caught, 2 when it needs something the bench does not know, or was called wrongly.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use bsl::error::Fault;
use bsl::lint::{Remark, Rules, check};
use bsl::run::{Machine, SERVER};
use bsl::syntax::ast::Module;
use bsl::tests::Verdict;

const USAGE: &str = "bsl [--module NAME=path.bsl]... [--template NAME=FILE]... [--language ru|en] script.bsl\n\
    or --tests NAME=path.bsl, or --lint NAME=path.bsl, instead of the script";

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
    let mut suites = Vec::new();
    let mut checked = Vec::new();
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
            "--tests" => {
                let (name, path) = pair(rest.next())?;
                let text = read(path)?;
                machine.add_module(name, &text, SERVER).map_err(wrong)?;
                suites.push(name);
            }
            "--lint" => {
                let (name, path) = pair(rest.next())?;
                let text = read(path)?;
                machine.add_module(name, &text, SERVER).map_err(wrong)?;
                checked.push(bsl::syntax::read(name, &text, SERVER).map_err(wrong)?);
            }
            other if other.starts_with("--") => return Err(wrong(USAGE)),
            other if script.is_none() => script = Some(other),
            _ => return Err(wrong(USAGE)),
        }
    }
    if !checked.is_empty() {
        return linted(&machine, &checked);
    }
    if !suites.is_empty() {
        return tested(&mut machine, &suites);
    }
    let script = script.ok_or_else(|| wrong(USAGE))?;
    let text = read(script)?;
    let name = Path::new(script).file_stem().map_or(script.into(), std::ffi::OsStr::to_string_lossy);
    let outcome = machine.run_script(&name, &text, SERVER).and_then(|()| machine.run_events());
    if let Some(reason) = machine.refusal() {
        // What the script cannot know.
        let _ = writeln!(std::io::stderr(), "not attached: {reason}");
    }
    outcome.map_err(|fault| match &fault {
        Fault::Raised(_) => Failure::Raised(fault.to_string()),
        Fault::Unknown { .. } => wrong(&fault),
    })
}

/// Checks modules; a line for each remark.
fn linted(machine: &Machine, modules: &[Module]) -> Result<(), Failure> {
    let remarks: Vec<Remark> =
        modules.iter().flat_map(|module| check(machine, module, Rules::default())).collect();
    remarks.iter().for_each(|remark| say(&remark.to_string()));
    if remarks.is_empty() { Ok(()) } else { Err(Failure::Raised(format!("{} remarks", remarks.len()))) }
}

/// Runs test modules; a line for each test.
fn tested(machine: &mut Machine, modules: &[&str]) -> Result<(), Failure> {
    let mut failed = 0;
    for result in modules.iter().flat_map(|module| bsl::tests::run(machine, module)) {
        let (mark, text) = match result.verdict {
            Verdict::Passed => ("ok", String::new()),
            Verdict::Skipped(text) => ("skipped", text),
            Verdict::Failed(text) => ("FAILED", text),
            Verdict::Broken(text) => ("BROKEN", text),
        };
        failed += usize::from(matches!(mark, "FAILED" | "BROKEN"));
        let space = if text.is_empty() { "" } else { ": " };
        say(&format!("{mark:8} {} / {}{space}{text}", result.set, result.name));
    }
    if failed == 0 { Ok(()) } else { Err(Failure::Raised(format!("{failed} tests failed"))) }
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
