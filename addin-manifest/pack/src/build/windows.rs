//! What a build for Windows needs: mingw-w64, and the standard library built from its source. The `win7` targets have
//! no ready one; the ordinary ones do, but it imports functions Windows 7 and Server 2012 lack.

pub(crate) mod imports;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, Recipe};
use crate::targets::Target;

pub(super) fn recipe(target: &Target, place: &Place) -> Result<Recipe, String> {
    if place.root.to_string_lossy().contains(char::is_whitespace) {
        return Err(format!(
            "{}: mingw-w64's dlltool takes no spaces in paths; move the checkout to a folder without them",
            place.root.display()
        ));
    }
    let cpu = target.triple.split('-').next().unwrap_or_default();
    let prefix = format!("{cpu}-w64-mingw32");
    let tool = |name: &str| format!("{prefix}-{name}");
    for needed in ["gcc", "ar", "windres"] {
        // The package has the name of the compiler, with Debian's spelling of the processor.
        found(&tool(needed), &format!("gcc-mingw-w64-{}", cpu.replace('_', "-")))?;
    }
    let library = standard_library(place)?;
    let variable = |text: &str| text.to_uppercase().replace('-', "_");
    let lower = target.triple.replace('-', "_");
    let mut environment = vec![
        ("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()),
        (format!("CARGO_TARGET_{}_LINKER", variable(target.triple)), tool("gcc")),
        (format!("CC_{lower}"), tool("gcc")),
        (format!("AR_{lower}"), tool("ar")),
        // The crate that runs the resource compiler knows the ordinary targets only.
        ("WINDRES".to_owned(), tool("windres")),
    ];
    let mut rustflags = vec!["-C".to_owned(), "target-feature=+crt-static".to_owned()];
    // Time stamps of the linker would make two builds differ.
    rustflags.extend(["-C".to_owned(), "link-arg=-Wl,--no-insert-timestamp".to_owned()]);
    if cpu == "i686" {
        // Callers there keep the stack aligned to 4 bytes (the platform and Rust alike); gcc relies on 16.
        environment.push((format!("CFLAGS_{lower}"), "-mincoming-stack-boundary=2".to_owned()));
        let objects = start_objects(target, place, &library)?;
        rustflags.push(format!("-Lnative={}", objects.display()));
    }
    Ok(Recipe {
        arguments: vec!["-Z".to_owned(), "build-std=std,panic_unwind".to_owned()],
        environment,
        rustflags,
        ..Recipe::default()
    })
}

/// Fails when a program cannot be started, with the name of the package that has it.
fn found(program: &str, package: &str) -> Result<(), String> {
    match Command::new(program).arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(format!("{program} is missing: install the package {package}")),
    }
}

/// The folder of the standard library's source, of the version of the compiler; fetched when it is not there.
fn standard_library(place: &Place) -> Result<PathBuf, String> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(&place.root).output();
    let output = output.map_err(|error| format!("rustc could not be started: {error}"))?;
    let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let library = Path::new(&sysroot).join("lib/rustlib/src/rust/library");
    if !library.is_dir() {
        // What fails here says so by the folder that is still missing.
        let _ =
            Command::new("rustup").args(["component", "add", "rust-src"]).current_dir(&place.root).status();
    }
    if library.is_dir() {
        return Ok(library);
    }
    Err(format!("{} is missing: rustup component add rust-src", library.display()))
}

/// The objects that begin and end the table of the unwinder on 32 bits: no part of what cargo builds of the standard
/// library.
fn start_objects(target: &Target, place: &Place, library: &Path) -> Result<PathBuf, String> {
    let folder = place.work.join(target.triple);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for name in ["rsbegin", "rsend"] {
        let status = Command::new("rustc")
            .current_dir(&place.root)
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--target", target.triple, "--crate-type", "lib", "--emit=obj", "-o"])
            .arg(folder.join(format!("{name}.o")))
            .arg(library.join("rtstartup").join(format!("{name}.rs")))
            .status()
            .map_err(|error| format!("rustc could not be started: {error}"))?;
        if !status.success() {
            return Err(format!("{}: {name}.o could not be made: rustc ended with {status}", target.triple));
        }
    }
    Ok(folder)
}
