//! LLVM's libunwind, which Android libraries carry themselves: compiled from the sources in Rust's `rust-src` component
//! (Apache-2.0 with the LLVM exception, as in the NDK) against a header of our own instead of Android's.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{clang_triple, run};
use crate::build::Place;
use crate::targets::Target;

/// Headers of the C library that the sources ask for; one text stands for all.
const HEADERS: [&str; 13] = [
    "assert.h",
    "dlfcn.h",
    "elf.h",
    "errno.h",
    "inttypes.h",
    "link.h",
    "pthread.h",
    "signal.h",
    "stdio.h",
    "stdlib.h",
    "string.h",
    "sys/syscall.h",
    "unistd.h",
];
const CPP: [&str; 2] = ["libunwind.cpp", "Unwind-EHABI.cpp"];
const C: [&str; 2] = ["UnwindLevel1.c", "UnwindLevel1-gcc-ext.c"];
const ASSEMBLY: [&str; 2] = ["UnwindRegistersRestore.S", "UnwindRegistersSave.S"];

/// Makes `libunwind.a` in `folder`.
pub(super) fn build(target: &Target, place: &Place, folder: &Path) -> Result<(), String> {
    let source = source(place)?;
    let include = folder.join("include");
    let ours = place.root.join("addin-manifest/pack/android/bionic.h");
    for header in HEADERS {
        write(&include.join(header), &format!("#include \"{}\"\n", ours.display()))?;
    }
    let mut objects = Vec::new();
    for name in CPP.into_iter().chain(C).chain(ASSEMBLY) {
        let object = folder.join(name).with_extension("o");
        let mut command = Command::new("clang");
        command.arg(format!("--target={}", clang_triple(target)));
        command.args([
            "-O2",
            "-fPIC",
            "-fvisibility=hidden",
            "-funwind-tables",
            "-ffreestanding",
            "-nostdlibinc",
        ]);
        command.args(["-DNDEBUG", "-D_LIBUNWIND_IS_NATIVE_ONLY"]);
        command.arg(format!("-ffile-prefix-map={}=libunwind", source.display()));
        command
            .arg("-I")
            .arg(&include)
            .arg("-I")
            .arg(source.join("include"))
            .arg("-I")
            .arg(source.join("src"));
        if CPP.contains(&name) {
            command.args(["-std=c++17", "-fno-exceptions", "-fno-rtti", "-nostdinc++"]);
        } else if C.contains(&name) {
            command.args(["-std=c11", "-fexceptions"]);
        }
        run(command.arg("-c").arg(source.join("src").join(name)).arg("-o").arg(&object))?;
        objects.push(object);
    }
    let archive = folder.join("libunwind.a");
    if archive.exists() {
        std::fs::remove_file(&archive).map_err(|error| format!("{}: {error}", archive.display()))?;
    }
    run(Command::new("llvm-ar").arg("rcsD").arg(&archive).args(&objects)).map(drop)
}

/// The folder of the sources, of the very compiler in use.
fn source(place: &Place) -> Result<PathBuf, String> {
    let sysroot = run(Command::new("rustc").current_dir(&place.root).args(["--print", "sysroot"]))?;
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/src/llvm-project/libunwind");
    if !source.is_dir() {
        run(Command::new("rustup").current_dir(&place.root).args(["component", "add", "rust-src"]))
            .map_err(|error| format!("the unwinder is compiled from Rust's component rust-src: {error}"))?;
    }
    if source.is_dir() {
        return Ok(source);
    }
    Err(format!(
        "{}: missing; this rust-src comes without the sources of libunwind, use the NDK",
        source.display()
    ))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(file, text))
        .map_err(|error| format!("{}: {error}", file.display()))
}
