//! Where the built library is: told by the environment, beside the test, or built on the spot.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names a library to use instead of the one built here.
pub const VARIABLE: &str = "HTTPCONNECTOR_LIB";

/// File of the library `name` for a test: that of the environment, else the one cargo built together with the
/// running test (it lies in the same folder, `target/<profile>/deps`, and is as fresh as the test itself).
///
/// # Errors
/// A sentence telling where it was looked for.
pub fn beside_test(name: &str) -> Result<PathBuf, String> {
    if let Some(path) = told()? {
        return Ok(path);
    }
    let test = std::env::current_exe().map_err(|error| format!("own path unknown: {error}"))?;
    let path = test.with_file_name(file_name(name));
    if path.is_file() { Ok(path) } else { Err(format!("no {}; or name one in {VARIABLE}", path.display())) }
}

/// File of the library of package `name` for a program: that of the environment, else built now as it is shipped
/// (`cargo ship`).
///
/// # Errors
/// A sentence telling what failed.
pub fn release(name: &str) -> Result<PathBuf, String> {
    if let Some(path) = told()? {
        return Ok(path);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--package", name])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo rustc: {}", output.status));
    }
    artifact(&String::from_utf8_lossy(&output.stdout), &file_name(name))
        .ok_or_else(|| format!("cargo built no {}", file_name(name)))
}

fn told() -> Result<Option<PathBuf>, String> {
    let Some(path) = std::env::var_os(VARIABLE) else { return Ok(None) };
    let path = PathBuf::from(path);
    if path.is_file() { Ok(Some(path)) } else { Err(format!("{VARIABLE}: no file {}", path.display())) }
}

fn file_name(name: &str) -> String {
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

/// The quoted path ending in `file` among cargo's messages.
fn artifact(messages: &str, file: &str) -> Option<PathBuf> {
    let end = messages.find(&format!("{file}\""))? + file.len();
    let start = messages[..end].rfind('"')? + 1;
    Some(PathBuf::from(messages[start..end].replace("\\\\", "\\")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifact_path_is_found_among_messages() {
        let messages = r#"{"filenames":["/t/a.rlib","/t/release/liba.so","/t/b.d"]}"#;
        assert_eq!(artifact(messages, "liba.so"), Some(PathBuf::from("/t/release/liba.so")));
        assert_eq!(artifact(messages, "libb.so"), None);
    }
}
