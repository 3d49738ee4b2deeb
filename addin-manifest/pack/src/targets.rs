//! The systems the archive holds: one row each, in the order of the manifest.

use crate::version;

/// Operating system, in the words of the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Windows,
    Linux,
    Android,
}

/// One row of the archive.
#[derive(Debug)]
pub(crate) struct Target {
    /// The target of the Rust compiler.
    pub triple: &'static str,
    pub system: System,
    /// The manifest's `arch`.
    pub arch: &'static str,
    /// The architecture in file names.
    short: &'static str,
    /// Whether every platform since 8.3.10 knows this row's words. ARM64 and `codeType` came with later manifests.
    pub old: bool,
}

const fn row(
    triple: &'static str,
    system: System,
    arch: &'static str,
    short: &'static str,
    old: bool,
) -> Target {
    Target { triple, system, arch, short, old }
}

/// Every row.
pub(crate) static TARGETS: &[Target] = &[
    row("x86_64-win7-windows-gnu", System::Windows, "x86_64", "x64", true),
    row("i686-win7-windows-gnu", System::Windows, "i386", "x86", true),
    row("x86_64-unknown-linux-gnu", System::Linux, "x86_64", "x64", true),
    row("i686-unknown-linux-gnu", System::Linux, "i386", "x86", true),
    row("aarch64-unknown-linux-gnu", System::Linux, "ARM64", "arm64", false),
    row("aarch64-linux-android", System::Android, "ARM64", "arm64", false),
    row("armv7-linux-androideabi", System::Android, "ARM", "arm", false),
    row("x86_64-linux-android", System::Android, "x86_64", "x64", false),
    row("i686-linux-android", System::Android, "i386", "x86", false),
];

/// The row of a Rust target.
pub(crate) fn find(triple: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.triple == triple)
}

impl System {
    /// The manifest's `os`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Linux => "Linux",
            Self::Android => "Android",
        }
    }
}

impl Target {
    /// The file in the archive. Android packs only libraries whose names begin with `lib` into an application.
    pub(crate) fn file(&self) -> String {
        let version = version::in_names();
        match self.system {
            System::Windows => format!("HTTPConnector_{version}_{}.dll", self.short),
            System::Linux => format!("HTTPConnector_{version}_linux_{}.so", self.short),
            System::Android => format!("libHTTPConnector_{version}_android_{}.so", self.short),
        }
    }
}
