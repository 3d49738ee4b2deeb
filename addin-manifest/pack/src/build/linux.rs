//! What a build for Linux needs: zig as linker and C compiler, through `cargo-zigbuild`. It links against the symbols of
//! an old glibc, whatever the machine has, and brings the unwinder in, so that `libgcc_s` is not needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, Recipe};
use crate::targets::Target;

/// The oldest C library the files load on: that of CentOS 7, Debian 8, Ubuntu 14.04 and everything later.
pub(crate) const GLIBC: (u16, u16) = (2, 17);

/// Python packages that carry the tools for every ordinary system. Changed by hand: other versions make other bytes.
const PACKAGES: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.0"];

pub(super) fn recipe(target: &Target, place: &Place) -> Result<Recipe, String> {
    let tools = tools(place)?;
    let mut recipe = Recipe {
        program: Some(tools.join("bin/cargo-zigbuild")),
        target: Some(format!("{}.{}.{}", target.triple, GLIBC.0, GLIBC.1)),
        ..Recipe::default()
    };
    // zig is a module of that Python, found by its first name in PATH.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools.join("bin")).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| format!("PATH: {error}"))?;
    for (name, value) in [
        ("PATH", path.to_string_lossy().into_owned()),
        // zig knows fewer options than the linker of an ordinary build: see build.rs.
        ("HTTPCONNECTOR_LINKER", "zig".to_owned()),
        ("CARGO_ZIGBUILD_PYTHON_PATH", text(&tools.join("bin/python3"))),
        ("CARGO_ZIGBUILD_CACHE_DIR", text(&place.cache.join("zigbuild"))),
        ("ZIG_GLOBAL_CACHE_DIR", text(&place.cache.join("zig"))),
        ("ZIG_LOCAL_CACHE_DIR", text(&place.cache.join("zig"))),
    ] {
        recipe.environment.push((name.to_owned(), value));
    }
    Ok(recipe)
}

/// The folder of a Python environment with both packages: made when it is not there.
fn tools(place: &Place) -> Result<PathBuf, String> {
    let folder = place.cache.join(format!("zig-{}", PACKAGES.join("-").replace("==", "-")));
    // Written last: half an environment is made anew.
    let stamp = folder.join("complete");
    if stamp.is_file() {
        return Ok(folder);
    }
    println!("Installing {} into {}", PACKAGES.join(" and "), folder.display());
    let failed = |what: String| {
        format!(
            "zig and cargo-zigbuild are not there and could not be installed: {what}. Linux builds need Python 3 with \
             venv (Debian: python3-venv) and a way to its package index"
        )
    };
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .output()
            .map_err(|error| failed(format!("{}: {error}", program.display())))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            Ok(())
        } else {
            Err(failed(said.lines().last().unwrap_or("no reason was given").to_owned()))
        }
    };
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
    }
    run(Path::new("python3"), &["-m", "venv", &text(&folder)])?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    run(&folder.join("bin/python3"), &[&install[..], &PACKAGES[..]].concat())?;
    std::fs::write(&stamp, "").map_err(|error| failed(format!("{}: {error}", stamp.display())))?;
    Ok(folder)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
