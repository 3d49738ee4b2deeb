//! `cargo pack`: builds the library for the systems of the target table, checks each file and writes the archives.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod build;
mod targets;

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match wanted.iter().try_for_each(|triple| build_one(triple)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("pack: {message}");
            ExitCode::FAILURE
        }
    }
}

fn build_one(triple: &str) -> Result<(), String> {
    let target = targets::find(triple).ok_or_else(|| format!("{triple}: not a target of the table"))?;
    let place = build::Place::here()?;
    let file = build::run(target, &place)?;
    println!("{}", file.display());
    Ok(())
}
