//! The release library, built by cargo and found through what cargo says about it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Builds the library and gives its path.
pub(crate) fn release_library() -> Result<PathBuf, String> {
    // Set by `cargo run`; the fallback serves a program started by hand where it was built.
    let folder =
        std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    println!("Building the release library ...");
    let output = Command::new(cargo)
        .current_dir(folder)
        .args(["build", "--release", "--quiet", "--lib", "--package", "httpconnector"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        return Err("the library does not build".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let found = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).find_map(library_of);
    found.ok_or_else(|| "cargo built no dynamic library".to_owned())
}

/// The dynamic library in one of cargo's messages.
fn library_of(message: Value) -> Option<PathBuf> {
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != "httpconnector" {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let paths = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    paths
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION))
}
