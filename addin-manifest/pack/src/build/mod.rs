//! Building the library for one target. Each system's file says what its linker and libraries need as a [`Recipe`];
//! running cargo is the same for all.

mod android;
mod linux;
mod windows;

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
    /// Words between `cargo` and the rest: `+toolchain`; empty for the repository's own.
    pub toolchain: Vec<String>,
    /// `rustc` for the ordinary command, another subcommand with the same arguments otherwise (`zigbuild`).
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
    pub(crate) fn here() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
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
    let mut command = Command::new("cargo");
    command.current_dir(&place.root).args(&recipe.toolchain);
    command.arg(recipe.subcommand.as_deref().unwrap_or("rustc"));
    command.args(["--release", "--locked", "--package", "httpconnector", "--lib", "--crate-type", "cdylib"]);
    command.arg("--target").arg(recipe.target.as_deref().unwrap_or(target.triple));
    command.args(&recipe.arguments).envs(recipe.environment);
    let variable = target.triple.to_uppercase().replace('-', "_");
    command.env(format!("CARGO_TARGET_{variable}_RUSTFLAGS"), recipe.rustflags.join(" "));
    let status = command.status().map_err(|error| format!("cargo could not be started: {error}"))?;
    if !status.success() {
        return Err(format!("{}: cargo ended with {status}", target.triple));
    }
    let name = match target.system {
        System::Windows => "httpconnector.dll",
        System::Linux | System::Android => "libhttpconnector.so",
    };
    let file = place.root.join("target").join(target.triple).join("release").join(name);
    if target.system == System::Windows {
        windows::check(&file)?;
    }
    Ok(file)
}
