//! `cargo pack`: builds the library for the systems of the target table, checks each file and writes the archives.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod archive;
mod build;
mod check;
mod dist;
mod manifest;
mod options;
mod sbom;
mod sign;
mod targets;
mod version;

use std::path::Path;
use std::process::ExitCode;

use archive::{Built, Kind};
use build::Place;
use check::Facts;
use options::{Pack, Task};
use targets::{System, TARGETS, Target};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match options::read(&arguments).map_err(|error| vec![error]).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(messages) => {
            messages.iter().for_each(|message| eprintln!("pack: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Vec<String>> {
    match task {
        Task::Help => println!("{}", options::HELP),
        Task::List => TARGETS.iter().for_each(|row| {
            println!("{:28} {:8} {:8} {}", row.triple, row.system.name(), row.arch, row.file());
        }),
        Task::Manifest => {
            let file = Place::of(None).map_err(one)?.root.join("addin-manifest/MANIFEST.XML");
            write(&file, manifest::manifest(TARGETS.iter()).as_bytes()).map_err(one)?;
        }
        Task::Check(file) => {
            let folders = folders(&Place::of(None).map_err(one)?);
            let name = file.display();
            let rows =
                archive::check(&read(&file).map_err(one)?, Kind::of(&file), &folders).map_err(|errors| {
                    errors.into_iter().map(|error| format!("{name}: {error}")).collect::<Vec<_>>()
                })?;
            rows.iter().for_each(|(target, facts)| println!("{}", line(target, facts)));
        }
        Task::CheckLibrary(target, file) => {
            let folders = folders(&Place::of(None).map_err(one)?);
            let facts = check::file(target, &read(&file).map_err(one)?, &folders)?;
            println!("{}", line(target, &facts));
        }
        Task::Build(targets) => {
            let place = Place::of(None).map_err(one)?;
            let folders = folders(&place);
            for target in targets {
                let file = build::run(target, &place).map_err(one)?;
                println!("{}", line(target, &check::file(target, &read(&file).map_err(one)?, &folders)?));
                println!("{}", file.display());
            }
        }
        Task::Pack(pack) => return self::pack(&pack),
    }
    Ok(())
}

fn pack(pack: &Pack) -> Result<(), Vec<String>> {
    let place = Place::of(pack.source.as_deref()).map_err(one)?;
    let folder = dist::Folder::open(&pack.dist).map_err(one)?;
    dist::template_kind(pack).map_err(one)?;
    let folders = folders(&place);
    let mut rows = Vec::new();
    for target in &pack.targets {
        let file = if pack.built { build::output(target, &place) } else { build::run(target, &place) };
        let mut bytes = read(&file.map_err(one)?).map_err(one)?;
        if let (System::Windows, Some(command)) = (target.system, &pack.sign) {
            // A copy under the name it will have: signatures name the file, and a second run signs an unsigned one.
            let copy = place.work.join(target.file());
            write(&copy, &bytes).map_err(one)?;
            sign::sign(command, &copy).map_err(one)?;
            bytes = read(&copy).map_err(one)?;
        }
        let facts = check::file(target, &bytes, &folders)?;
        println!("{}", line(target, &facts));
        rows.push(Built { target, bytes, facts });
    }
    folder.fill(pack, &place, &rows).map_err(one)
}

/// Folders of this machine that no library may name.
fn folders(place: &Place) -> Vec<String> {
    let known =
        [build::home("CARGO_HOME", ".cargo"), build::home("RUSTUP_HOME", ".rustup"), build::home("HOME", "")];
    let mut folders: Vec<String> = known
        .into_iter()
        .flatten()
        .chain([place.root.clone(), place.cache.clone()])
        .map(|folder| folder.display().to_string())
        .collect();
    // A home that is the root of all files would be found in every path.
    folders.retain(|folder| folder.len() > 1);
    folders
}

/// A row for people.
fn line(target: &Target, facts: &Facts) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a size for people")]
    let megabytes = facts.size as f64 / 1e6;
    format!(
        "{:28} {megabytes:.2} MB, {}, {} names of {}",
        target.triple,
        facts.oldest,
        facts.imports,
        facts.libraries.join(" ")
    )
}

fn one(message: String) -> Vec<String> {
    vec![message]
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))
}
