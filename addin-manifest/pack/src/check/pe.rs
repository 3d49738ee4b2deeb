//! Libraries of Windows.

use object::pe::{DllFlags, IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, IMAGE_DLLCHARACTERISTICS_NX_COMPAT};
use object::read::File;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader as _, PeFile};

use super::Facts;
use crate::build::windows::imports;

pub(super) fn check(
    file: &File<'_>,
    bytes: &[u8],
    facts: &mut Facts,
    complaints: &mut Vec<String>,
) -> object::Result<()> {
    // The list of functions is also one of libraries.
    complaints.extend(super::libraries(file, |_| true, facts)?);
    match imports::check(bytes) {
        Ok(number) => facts.imports = number,
        Err(complaint) => complaints.push(complaint),
    }
    facts.oldest = "Windows 7 SP1, Server 2008 R2 SP1".to_owned();
    let flags = match file {
        File::Pe32(file) => flags(file),
        File::Pe64(file) => flags(file),
        // Of another kind: told already.
        _ => return Ok(()),
    };
    // Servers insist on them by policy.
    for (flag, name) in
        [(IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, "ASLR"), (IMAGE_DLLCHARACTERISTICS_NX_COMPAT, "NX")]
    {
        if !flags.contains(flag) {
            complaints.push(format!("is linked without {name}"));
        }
    }
    Ok(())
}

fn flags<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> DllFlags {
    file.nt_headers().optional_header().dll_characteristics()
}
