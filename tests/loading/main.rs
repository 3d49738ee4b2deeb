//! The built library opened as the platform opens it: what it exports, how its objects live and die, and that
//! foreign programs (compiled here from `tests/native`, against the vendor's own headers) can use it.
//!
//! The library is the one cargo builds together with this test; `HTTPCONNECTOR_LIB` names another one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells what it skipped"
)]

mod exports;
mod life;
#[cfg(target_os = "linux")]
mod native;
#[cfg(target_os = "linux")]
mod peer;

use std::path::PathBuf;

/// Names of the two classes.
const CLASSES: [&str; 2] = ["HTTPConnector", "HTTPSession"];

fn library() -> PathBuf {
    addin_host::find::beside_test("httpconnector").unwrap()
}
