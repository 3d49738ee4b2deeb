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
