//! Signing of Windows libraries by a command of the caller. The keys are his; that the command did something is looked
//! at in the file.

use std::path::Path;
use std::process::Command;

use object::pe::IMAGE_DIRECTORY_ENTRY_SECURITY;
use object::read::File;
use object::read::pe::{ImageNtHeaders, PeFile};

/// Runs the command with the file's path as its last argument and sees whether the file carries a signature then.
pub(crate) fn sign(command: &str, file: &Path) -> Result<(), String> {
    let mut shell = if cfg!(windows) {
        let mut shell = Command::new("cmd");
        shell.arg("/C").arg(format!("{command} \"{}\"", file.display()));
        shell
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{command} \"$1\""), "sh"]).arg(file);
        shell
    };
    let status =
        shell.status().map_err(|error| format!("--sign: the shell could not be started: {error}"))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if !status.success() {
        return Err(format!("--sign: the command ended with {status} for {name}"));
    }
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    if is_signed(&bytes) {
        Ok(())
    } else {
        Err(format!("--sign: the command left {name} without a signature"))
    }
}

/// Whether the table of certificates is there and lies in the file. Whether the signature is good is for Windows.
pub(crate) fn is_signed(bytes: &[u8]) -> bool {
    let signed = match File::parse(bytes) {
        Ok(File::Pe32(file)) => certificates(&file),
        Ok(File::Pe64(file)) => certificates(&file),
        _ => None,
    };
    signed.is_some_and(|(at, size)| {
        let end = u64::from(at) + u64::from(size);
        size > 8 && at > 0 && end <= bytes.len() as u64
    })
}

/// Place and size.
fn certificates<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> Option<(u32, u32)> {
    let directory = file.data_directories().get(IMAGE_DIRECTORY_ENTRY_SECURITY)?;
    // This one directory has a place in the file, not in memory.
    Some(directory.address_range())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// The headers of a 64-bit library with a table of certificates, and the table.
    fn library(at: u32, size: u32) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 64;
        bytes.extend(b"PE\0\0");
        bytes.extend([0x64, 0x86, 0, 0]);
        bytes.extend([0; 12]);
        bytes.extend([240, 0, 0x22, 0x20]);
        let mut optional = vec![0; 112];
        optional[..2].copy_from_slice(&[0x0b, 0x02]);
        optional[108] = 16;
        bytes.extend(optional);
        let mut directories = vec![0; 128];
        directories[32..36].copy_from_slice(&at.to_le_bytes());
        directories[36..40].copy_from_slice(&size.to_le_bytes());
        bytes.extend(directories);
        bytes.extend([1; 64]);
        bytes
    }

    #[test]
    fn signature_is_a_table_that_lies_in_the_file() {
        let end = u32::try_from(library(0, 0).len()).unwrap() - 64;
        assert!(is_signed(&library(end, 64)));
        for (at, size) in [(0, 0), (end, 0), (end, 65), (u32::MAX, u32::MAX)] {
            assert!(!is_signed(&library(at, size)), "{at} {size}");
        }
        assert!(!is_signed(b"no library"));
    }

    #[test]
    #[cfg(unix)]
    fn command_gets_the_file_and_must_leave_a_signature() {
        let folder = tempfile::tempdir().unwrap();
        let (file, signed) = (folder.path().join("the library.dll"), folder.path().join("signed"));
        let end = u32::try_from(library(0, 0).len()).unwrap() - 64;
        std::fs::write(&file, library(0, 0)).unwrap();
        std::fs::write(&signed, library(end, 64)).unwrap();
        let refused = |command: &str| sign(command, &file).unwrap_err();
        assert!(refused("true").contains("left the library.dll without a signature"));
        assert!(refused("false").contains("ended with exit status: 1 for the library.dll"));
        assert!(refused("no-such-signing-program 2>/dev/null").contains("exit status: 127"));
        sign(&format!("cp '{}'", signed.display()), &file).unwrap();
    }
}
