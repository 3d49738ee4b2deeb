//! What makes two builds of the same sources equal, wherever they take place: no folder of the machine inside, no
//! setting of the caller's environment that changes code, no time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, Recipe};
use crate::targets::{System, Target};

/// Variables of the caller that would change what is built: flags, the compilers themselves, and where they look.
const FOREIGN: [&str; 20] = [
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_INCREMENTAL",
    "CARGO_TARGET_DIR",
    "CC",
    "CFLAGS",
    "COMPILER_PATH",
    "CPATH",
    "CPPFLAGS",
    "CRATE_CC_NO_DEFAULTS",
    "CXX",
    "CXXFLAGS",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LDFLAGS",
    "LIBRARY_PATH",
];
/// Beginnings of such variables that are for one target, whichever way its name is spelled, or for every one.
const FOREIGN_BEGINNINGS: [&str; 8] =
    ["CARGO_PROFILE_", "CC_", "CFLAGS_", "AR_", "ARFLAGS_", "TARGET_", "HOST_CC", "HOST_CFLAGS"];

/// Whether a variable of the caller is kept from the build of a target.
fn is_foreign(name: &str, triple: &str) -> bool {
    // The linker of the machine itself stays: programs of the build are linked with it.
    let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"));
    FOREIGN.contains(&name)
        || name == linker
        || name.ends_with("_RUSTFLAGS")
        || FOREIGN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// Gives the command its environment and flags.
pub(super) fn settle(
    command: &mut Command,
    recipe: &Recipe,
    target: &Target,
    place: &Place,
) -> Result<(), String> {
    for (name, _) in std::env::vars_os() {
        if is_foreign(&name.to_string_lossy(), target.triple) {
            command.env_remove(&name);
        }
    }
    let maps = maps(recipe, place)?;
    let mut flags = recipe.rustflags.clone();
    flags.extend(maps.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())));
    if target.system != System::Windows {
        // The name of the file in the archive: two versions in one process are two libraries.
        flags.push(format!("-Clink-arg=-Wl,-soname,{}", target.file()));
        // One that depends on the linker's mood would tell two equal builds apart.
        flags.push("-Clink-arg=-Wl,--build-id=none".to_owned());
    }
    command.envs(recipe.environment.iter().map(|(name, value)| (name, value)));
    // Separated by a byte no path has: the folder of a repository may have spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let variable = format!("CFLAGS_{}", target.triple.replace('-', "_"));
    let own = recipe.environment.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.as_str());
    let mut words: Vec<String> = own.map(str::to_owned).into_iter().collect();
    // The C compiler's flags are split at spaces: a folder with one cannot be told, and its name in a C file is only met
    // in assertions, which the check of the finished file would find.
    words.extend(
        maps.iter()
            .filter(|(from, _)| !from.to_string_lossy().contains(' '))
            .map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display())),
    );
    command.env(variable, words.join(" "));
    // 1 January 2020: for tools that insist on a time.
    command.env("SOURCE_DATE_EPOCH", "1577836800").env("ZERO_AR_DATE", "1");
    command.env("CARGO_INCREMENTAL", "0");
    Ok(())
}

/// Folders of this machine, and what stands for them. Of two that fit a path, rustc takes the later one.
fn maps(recipe: &Recipe, place: &Place) -> Result<Vec<(PathBuf, String)>, String> {
    let home = home("CARGO_HOME", ".cargo")?;
    let mut maps = vec![
        (place.cache.clone(), "/cache".to_owned()),
        (home.clone(), "/cargo".to_owned()),
        (place.root.clone(), "/httpconnector".to_owned()),
    ];
    // One folder for each registry, named after its address: the same crates, wherever they came from.
    let sources = home.join("registry/src");
    let mut registries: Vec<PathBuf> = std::fs::read_dir(&sources)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    registries.sort();
    maps.extend(registries.into_iter().map(|folder| (folder, "/crates".to_owned())));
    // The standard library's own files show as /rustc/HASH when its source is not installed, as the folder of the
    // source when it is.
    let sysroot = rustc(&recipe.toolchain, &["--print", "sysroot"])?;
    let verbose = rustc(&recipe.toolchain, &["-vV"])?;
    let hash = verbose.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust");
    maps.push((PathBuf::from(sysroot), "/rust".to_owned()));
    maps.push((source, format!("/rustc/{hash}")));
    Ok(maps)
}

/// A folder of cargo or rustup: told by the environment, or below the user's.
pub(crate) fn home(variable: &str, below: &str) -> Result<PathBuf, String> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(below)))
        .ok_or_else(|| format!("neither HOME nor {variable} is set"))
}

/// What the compiler of a toolchain answers.
pub(crate) fn rustc(toolchain: &[String], question: &[&str]) -> Result<String, String> {
    let words = toolchain.iter().map(OsStr::new).chain(question.iter().map(OsStr::new));
    let output = Command::new("rustc")
        .args(words)
        .output()
        .map_err(|error| format!("rustc could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "rustc {}: {}",
            question.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_foreign;

    #[test]
    fn settings_of_the_caller_that_change_code_are_kept_from_the_build() {
        for name in [
            "RUSTFLAGS",
            "RUSTC_BOOTSTRAP",
            "CPATH",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            // The crate that runs C compilers reads this spelling before ours.
            "CFLAGS_x86_64-unknown-linux-gnu",
            "CC_x86_64-unknown-linux-gnu",
            "TARGET_CFLAGS",
        ] {
            assert!(is_foreign(name, "x86_64-unknown-linux-gnu"), "{name}");
        }
        let linker = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER";
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "ANDROID_NDK_HOME", linker] {
            assert!(!is_foreign(name, "aarch64-linux-android"), "{name}");
        }
    }
}
