//! What a build for Android needs: the linker and C compiler of the NDK where `ANDROID_NDK_HOME` names one, else clang
//! and lld with stand-ins for the NDK's libraries: stubs made of a list of names (`symbols`) and LLVM's unwinder
//! compiled from the sources that come with Rust (`unwinder`).

mod symbols;
mod unwinder;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, Recipe};
use crate::targets::Target;

pub(crate) use symbols::symbols;

/// The oldest Android the library loads on: 5.0.
pub(crate) const API: u32 = 21;
/// Pages of newer devices: every segment is aligned to them.
pub(crate) const PAGE: u32 = 16 * 1024;

pub(super) fn recipe(target: &Target, place: &Place) -> Result<Recipe, String> {
    let variable = target.triple.replace('-', "_");
    let linker = format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase());
    let mut recipe = Recipe::default();
    let mut set = |name: String, value: String| recipe.environment.push((name, value));
    let mut link: Vec<String> = Vec::new();
    match std::env::var_os("ANDROID_NDK_HOME") {
        Some(home) => {
            let tools = ndk_tools(Path::new(&home))?;
            let compiler = tools.join(format!("{}-clang", clang_triple(target)));
            let compiler = existing(compiler)?;
            set(linker, compiler.clone());
            set(format!("CC_{variable}"), compiler);
            set(format!("AR_{variable}"), existing(tools.join("llvm-ar"))?);
        }
        None => {
            let folder = place.work.join("android").join(target.triple);
            std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            symbols::stubs(target, &folder)?;
            unwinder::build(target, place, &folder)?;
            set(linker, "clang".to_owned());
            set(format!("CC_{variable}"), "clang".to_owned());
            set(format!("AR_{variable}"), "llvm-ar".to_owned());
            // ring asks for no C library; on x86 one header of the compiler would.
            let flags = "-nostdlibinc -DRING_CORE_NOSTDLIBINC=1 -D__MM_MALLOC_H";
            set(format!("CFLAGS_{variable}"), format!("--target={} {flags}", clang_triple(target)));
            link.push(format!("--target={}", clang_triple(target)));
            link.extend([
                "-fuse-ld=lld".to_owned(),
                "-nostdlib".to_owned(),
                format!("-L{}", folder.display()),
            ]);
        }
    }
    link.push(format!("-Wl,-z,max-page-size={PAGE}"));
    // Both hash tables: Android before 6 knows only the old one.
    link.extend(["-Wl,--hash-style=both", "-Wl,-z,defs"].map(String::from));
    recipe.rustflags =
        link.into_iter().flat_map(|argument| ["-C".to_owned(), format!("link-arg={argument}")]).collect();
    Ok(recipe)
}

/// The target as clang calls it, with the API level.
fn clang_triple(target: &Target) -> String {
    // ARM of 32 bits: clang names the instruction set, Rust the floating point.
    let triple = if target.triple.starts_with("armv7") { "armv7a-linux-androideabi" } else { target.triple };
    format!("{triple}{API}")
}

/// The folder of the NDK's programs.
fn ndk_tools(home: &Path) -> Result<PathBuf, String> {
    let prebuilt = home.join("toolchains/llvm/prebuilt");
    let system = match std::env::consts::OS {
        "macos" => "darwin-x86_64",
        "windows" => "windows-x86_64",
        _ => "linux-x86_64",
    };
    let tools = prebuilt.join(system).join("bin");
    if tools.is_dir() {
        return Ok(tools);
    }
    Err(format!("ANDROID_NDK_HOME={}: no NDK there ({} is missing)", home.display(), tools.display()))
}

fn existing(program: PathBuf) -> Result<String, String> {
    let name = if cfg!(windows) { program.with_extension("cmd") } else { program };
    if name.is_file() {
        return Ok(name.display().to_string());
    }
    Err(format!("{}: missing; this NDK does not build for Android API {API}", name.display()))
}

/// Runs a program of the toolchain; its complaints are the error.
fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| {
        format!("{program}: {error}; building for Android needs clang, lld and llvm, or the NDK in ANDROID_NDK_HOME")
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
