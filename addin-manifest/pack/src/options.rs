//! The command line.

use std::path::PathBuf;

use crate::targets::{TARGETS, Target, find};

pub(crate) const HELP: &str = "\
cargo pack: builds the library for the systems of 1C:Enterprise, checks each file, writes the archives.

    cargo pack --all                    every system: the four archives of a release
    cargo pack --targets TARGET,...     these systems: one archive `chosen`
    cargo pack TARGET ...               builds and checks these libraries, packs nothing
    cargo pack --check FILE.zip         checks an archive and each library in it
    cargo pack --check TARGET=FILE      checks one library
    cargo pack --list                   the systems, their targets and files
    cargo pack --manifest               writes addin-manifest/MANIFEST.XML anew

    --dist DIR      where the release folder goes (dist); one that is not a release folder is not touched
    --source DIR    builds another checkout of this repository, with its own target folder
    --built         takes the libraries of the last build in place of building
    --template KIND which archive goes into the templates of the configuration: all (the default with --all),
                    desktop-server, mobile, old-platforms
    --sign COMMAND  runs COMMAND with each Windows library as its last argument and expects a signed file

Needs Rust with rustup. Linux: Python 3 with venv, for zig. Windows: mingw-w64. Android: the NDK in ANDROID_NDK_HOME, or
clang, lld and llvm. What can be installed without the system's packages is, outside of the repository.";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    Help,
    List,
    Manifest,
    Check(PathBuf),
    CheckLibrary(&'static Target, PathBuf),
    Build(Vec<&'static Target>),
    Pack(Pack),
}

/// What is to be packed.
#[derive(Debug)]
pub(crate) struct Pack {
    pub targets: Vec<&'static Target>,
    /// Whether it is a release: every target.
    pub all: bool,
    pub dist: PathBuf,
    /// Another checkout.
    pub source: Option<PathBuf>,
    pub built: bool,
    pub template: Option<String>,
    pub sign: Option<String>,
}

/// Reads the command line.
pub(crate) fn read(arguments: &[String]) -> Result<Task, String> {
    let mut rest = arguments.iter();
    let (mut targets, mut all, mut built) = (Vec::new(), false, false);
    let (mut dist, mut source) = (PathBuf::from("dist"), None);
    let (mut template, mut sign) = (None, None);
    let mut task = None;
    let mut alone = Vec::new();
    while let Some(argument) = rest.next() {
        let mut value = |what: &str| {
            let next = rest.next().filter(|next| !next.starts_with("--"));
            next.cloned().ok_or(format!("{argument} wants {what} behind it"))
        };
        match argument.as_str() {
            "-h" | "--help" => return Ok(Task::Help),
            "--list" => task = Some(Task::List),
            "--manifest" => task = Some(Task::Manifest),
            "--check" => task = Some(checked(&value("a file")?)?),
            "--all" => all = true,
            "--built" => built = true,
            "--targets" => targets = named(&value("targets")?)?,
            "--dist" => dist = value("a folder")?.into(),
            "--source" => source = Some(value("a folder")?.into()),
            "--template" => template = Some(value("an archive")?),
            "--sign" => sign = Some(value("a command")?),
            other if other.starts_with('-') => {
                return Err(format!("unknown option {other}; --help tells the known ones"));
            }
            name => alone.push(target(name)?),
        }
    }
    if let Some(task) = task {
        return Ok(task);
    }
    if !alone.is_empty() {
        let packs = all || !targets.is_empty();
        return if packs {
            Err("a target without an option in front of it is built, not packed".to_owned())
        } else {
            Ok(Task::Build(alone))
        };
    }
    match (all, targets.is_empty()) {
        (true, false) => Err("--all and --targets exclude each other".to_owned()),
        (false, true) => Err("nothing chosen: --all, or --targets; --help tells more".to_owned()),
        (true, true) => Ok(Task::Pack(Pack {
            targets: TARGETS.iter().collect(),
            all,
            dist,
            source,
            built,
            template,
            sign,
        })),
        (false, false) => Ok(Task::Pack(Pack { targets, all, dist, source, built, template, sign })),
    }
}

fn checked(argument: &str) -> Result<Task, String> {
    match argument.split_once('=') {
        Some((triple, file)) => Ok(Task::CheckLibrary(target(triple)?, file.into())),
        None => Ok(Task::Check(argument.into())),
    }
}

/// Targets by their names, in the order of the table.
fn named(list: &str) -> Result<Vec<&'static Target>, String> {
    let wanted = list.split(',').map(|name| target(name.trim())).collect::<Result<Vec<_>, _>>()?;
    Ok(TARGETS.iter().filter(|row| wanted.iter().any(|target| target.triple == row.triple)).collect())
}

fn target(name: &str) -> Result<&'static Target, String> {
    find(name).ok_or_else(|| {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.triple).collect();
        format!("unknown target {name}; the known ones are {}", known.join(", "))
    })
}
