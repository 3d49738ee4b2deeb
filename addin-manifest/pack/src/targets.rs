//! The systems the archive holds: one row each, in the order of the manifest.

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
}

/// Every row.
pub(crate) static TARGETS: &[Target] = &[
    Target { triple: "x86_64-win7-windows-gnu", system: System::Windows, arch: "x86_64" },
    Target { triple: "i686-win7-windows-gnu", system: System::Windows, arch: "i386" },
    Target { triple: "x86_64-unknown-linux-gnu", system: System::Linux, arch: "x86_64" },
    Target { triple: "i686-unknown-linux-gnu", system: System::Linux, arch: "i386" },
    Target { triple: "aarch64-unknown-linux-gnu", system: System::Linux, arch: "ARM64" },
    Target { triple: "aarch64-linux-android", system: System::Android, arch: "ARM64" },
    Target { triple: "armv7-linux-androideabi", system: System::Android, arch: "ARM" },
    Target { triple: "x86_64-linux-android", system: System::Android, arch: "x86_64" },
    Target { triple: "i686-linux-android", system: System::Android, arch: "i386" },
];

/// The row of a Rust target.
pub(crate) fn find(triple: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.triple == triple)
}
