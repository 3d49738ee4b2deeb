//! Building the library for one target. Each system's file says what its linker and libraries need as a [`Recipe`];
//! running cargo is the same for all, and so is what makes two builds of the same sources equal.

pub(crate) mod android;
pub(crate) mod linux;
mod same;
pub(crate) mod windows;

pub(crate) use same::{home, rustc};

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::targets::{System, Target};

/// Where a build takes place.
pub(crate) struct Place {
    /// The repository.
    pub root: PathBuf,
    /// Made files of a target: stub libraries, start objects. Below the target folder, made when missing.
    pub work: PathBuf,
    /// Downloads that outlive the clone: toolchains, sources. Made when missing.
    pub cache: PathBuf,
}

/// What a target needs beyond the ordinary command.
#[derive(Debug, Default)]
pub(crate) struct Recipe {
    /// What is run in place of cargo, with the same arguments (`cargo-zigbuild`).
    pub program: Option<PathBuf>,
    /// Words between `cargo` and the rest: `+toolchain`; empty for the repository's own.
    pub toolchain: Vec<String>,
    /// `rustc` for the ordinary command, another subcommand with the same arguments otherwise.
    pub subcommand: Option<String>,
    /// The value of `--target`, when it differs from the triple (`x86_64-unknown-linux-gnu.2.17`).
    pub target: Option<String>,
    /// Further arguments of cargo (`-Z build-std=...`).
    pub arguments: Vec<String>,
    /// Environment of cargo: linkers, C compilers and their flags.
    pub environment: Vec<(String, String)>,
    /// Flags of the Rust compiler for this target.
    pub rustflags: Vec<String>,
}

impl Place {
    /// The place of a repository: this one, unless another checkout is named.
    pub(crate) fn of(source: Option<&Path>) -> Result<Self, String> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = source.unwrap_or(&own);
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
        if !root.join("src/abi/exports.rs").is_file() {
            return Err(format!("{}: no checkout of this repository", root.display()));
        }
        let home = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
            .ok_or("no HOME and no XDG_CACHE_HOME: there is no folder for downloads")?;
        let place = Self { work: root.join("target/pack"), cache: home.join("connector-native/pack"), root };
        for folder in [&place.work, &place.cache] {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        Ok(place)
    }
}

/// Builds the library for a target and returns its file.
pub(crate) fn run(target: &Target, place: &Place) -> Result<PathBuf, String> {
    let recipe = match target.system {
        System::Windows => windows::recipe(target, place),
        System::Linux => linux::recipe(target, place),
        System::Android => android::recipe(target, place),
    }?;
    if !recipe.arguments.iter().any(|argument| argument.contains("build-std")) {
        standard_library(target.triple, &recipe.toolchain)?;
    }
    let mut command = match &recipe.program {
        Some(program) => Command::new(program),
        None => Command::new("cargo"),
    };
    command.current_dir(&place.root).args(&recipe.toolchain);
    command.arg(recipe.subcommand.as_deref().unwrap_or("rustc"));
    command.args(["--release", "--locked", "--package", "httpconnector", "--lib", "--crate-type", "cdylib"]);
    command.arg("--target").arg(recipe.target.as_deref().unwrap_or(target.triple));
    command.arg("--target-dir").arg(place.root.join("target")).args(&recipe.arguments);
    same::settle(&mut command, &recipe, target, place)?;
    let status = command
        .status()
        .map_err(|error| format!("{}: {} could not be started: {error}", target.triple, name(&command)))?;
    if !status.success() {
        return Err(format!(
            "{}: {} ended with {status}; the reason stands above",
            target.triple,
            name(&command)
        ));
    }
    output(target, place)
}

/// The file of the last build of a target.
pub(crate) fn output(target: &Target, place: &Place) -> Result<PathBuf, String> {
    let name = match target.system {
        System::Windows => "httpconnector.dll",
        System::Linux | System::Android => "libhttpconnector.so",
    };
    let file = place.root.join("target").join(target.triple).join("release").join(name);
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("{}: not built ({} is missing)", target.triple, file.display()))
    }
}

/// Sees to the compiled standard library of a target: looks first, asks rustup then.
fn standard_library(triple: &str, toolchain: &[String]) -> Result<(), String> {
    let output = Command::new("rustc")
        .args(toolchain)
        .args(["--print", "target-libdir", "--target", triple])
        .output()
        .map_err(|error| format!("rustc could not be started: {error}"))?;
    if Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir() {
        return Ok(());
    }
    println!("Installing the standard library of {triple}");
    let mut command = Command::new("rustup");
    command.args(["target", "add", triple]);
    if let Some(name) = toolchain.first().and_then(|word| word.strip_prefix('+')) {
        command.args(["--toolchain", name]);
    }
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "{triple}: the Rust compiler has no standard library for it and rustup could not install one: {}",
            String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or("no reason was given")
        )),
        Err(error) => Err(format!(
            "{triple}: the Rust compiler has no standard library for it, and there is no rustup to install one ({error})"
        )),
    }
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
