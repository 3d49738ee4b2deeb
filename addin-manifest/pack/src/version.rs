//! The version, from the one place that has it: the workspace's manifest.

/// `3.0.0`.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// As it stands in file names: `3_0_0`. Clients keep components by file name, so every version needs its own.
pub(crate) fn in_names() -> String {
    VERSION.replace('.', "_")
}
