//! Says what would be different in a configuration when Connector is replaced by this module: `migrate [--module NAME]...
//! [--language ru|en] FOLDER`, where the folder holds the Designer's export or an EDT project.
//!
//! Exit code: 0 when nothing differs, 1 when something does, 2 when something cannot be read or the call is wrong.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use bsl::migrate::{Language, scan};

const USAGE: &str = "migrate [--module NAME]... [--language ru|en] FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<u8, String> {
    let mut names = Vec::new();
    let mut language = Language::Russian;
    let mut folder = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--module" => names.push(rest.next().ok_or(USAGE)?.clone()),
            "--language" => {
                language = match rest.next().map(String::as_str) {
                    Some("ru") => Language::Russian,
                    Some("en") => Language::English,
                    _ => return Err(USAGE.to_owned()),
                };
            }
            option if option.starts_with('-') => return Err(USAGE.to_owned()),
            path if folder.is_none() => folder = Some(path),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let report = scan(Path::new(folder.ok_or(USAGE)?), &names)?;
    let mut out = std::io::stdout().lock();
    // A reader that has seen enough is no failure of ours.
    let _ = out.write_all(report.text(language).as_bytes());
    Ok(report.exit_code())
}
