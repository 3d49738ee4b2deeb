//! Libraries of Linux and Android.

use object::elf;
use object::read::elf::{Dyn as _, ElfFile, FileHeader, ProgramHeader as _};
use object::read::{File, Object as _};

use super::Facts;
use crate::build::android::{API, PAGE, symbols};
use crate::build::linux::GLIBC;
use crate::targets::{System, Target};

/// Part of the C library on every Linux the files are for; the loader is one of them.
const LINUX: [&str; 10] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];
const ANDROID: [&str; 4] = ["libc.so", "libdl.so", "liblog.so", "libm.so"];

pub(super) fn check(
    target: &Target,
    file: &File<'_>,
    bytes: &[u8],
    facts: &mut Facts,
    complaints: &mut Vec<String>,
) -> object::Result<()> {
    let allowed: &[&str] = if target.system == System::Android { &ANDROID } else { &LINUX };
    complaints.extend(super::libraries(file, |name| allowed.contains(&name), facts)?);
    facts.imports = file.imports()?.count();
    match file {
        File::Elf32(file) => headers(target, file, bytes, facts, complaints),
        File::Elf64(file) => headers(target, file, bytes, facts, complaints),
        // Of another kind: told already.
        _ => Ok(()),
    }
}

fn headers<'data, Elf: FileHeader>(
    target: &Target,
    file: &ElfFile<'data, Elf, &'data [u8]>,
    bytes: &'data [u8],
    facts: &mut Facts,
    complaints: &mut Vec<String>,
) -> object::Result<()> {
    let endian = file.endian();
    dynamic(target, file, bytes, complaints)?;
    match target.system {
        System::Linux => {
            let newest = newest_glibc(file, bytes)?;
            facts.oldest = newest
                .map_or_else(|| "any glibc".to_owned(), |(major, minor)| format!("glibc {major}.{minor}"));
            if newest.is_some_and(|newest| newest > GLIBC) {
                let [major, minor] = [GLIBC.0, GLIBC.1];
                complaints.push(format!("needs {}, the oldest it is for is {major}.{minor}", facts.oldest));
            }
        }
        _ => {
            facts.oldest = format!("API {API}");
            for segment in file.elf_program_headers() {
                let align: u64 = segment.p_align(endian).into();
                if segment.p_type(endian) == elf::PT_LOAD && align < u64::from(PAGE) {
                    complaints.push(format!("has a segment aligned to {align} bytes, {PAGE} are needed"));
                    break;
                }
            }
            newer_names(file, complaints)?;
        }
    }
    Ok(())
}

/// Complains about names the oldest Android of the list lacks. A weak one may be absent.
fn newer_names<'data, Elf: FileHeader>(
    file: &ElfFile<'data, Elf, &'data [u8]>,
    complaints: &mut Vec<String>,
) -> object::Result<()> {
    let known = match symbols() {
        Ok(known) => known,
        Err(error) => {
            complaints.push(error);
            return Ok(());
        }
    };
    for import in file.imports()? {
        let import = import?;
        let name = super::shown(import.name());
        let there = known.iter().any(|symbol| symbol.name == name && symbol.level <= API);
        if !there && !import.is_weak() {
            complaints.push(format!("needs {name}, which Android has not had since API {API} (symbols.txt)"));
        }
    }
    Ok(())
}

/// The file's own name, and relocations in code, which Android refuses and hardened Linux too.
fn dynamic<'data, Elf: FileHeader>(
    target: &Target,
    file: &ElfFile<'data, Elf, &'data [u8]>,
    bytes: &'data [u8],
    complaints: &mut Vec<String>,
) -> object::Result<()> {
    let endian = file.endian();
    let Some((entries, index)) = file.elf_section_table().dynamic(endian, bytes)? else {
        complaints.push("has no dynamic section".to_owned());
        return Ok(());
    };
    let strings = file.elf_section_table().strings(endian, bytes, index)?;
    let mut soname = None;
    for entry in entries {
        let tag = entry.tag(endian);
        if tag == elf::DT_SONAME {
            let name = entry.val32(endian).and_then(|at| strings.get(at).ok()).unwrap_or_default();
            soname = Some(String::from_utf8_lossy(name).into_owned());
        } else if tag == elf::DT_TEXTREL {
            complaints.push("has relocations in its code (TEXTREL)".to_owned());
        } else if tag == elf::DT_RPATH || tag == elf::DT_RUNPATH {
            complaints.push("has a path of its own for libraries (RPATH)".to_owned());
        }
    }
    let wanted = target.file();
    if soname.as_deref() != Some(wanted.as_str()) {
        let found = soname.unwrap_or_else(|| "nothing".to_owned());
        complaints.push(format!("calls itself {found}, not {wanted} (SONAME)"));
    }
    Ok(())
}

/// The newest `GLIBC_x.y` among the versions of symbols it needs.
fn newest_glibc<'data, Elf: FileHeader>(
    file: &ElfFile<'data, Elf, &'data [u8]>,
    bytes: &'data [u8],
) -> object::Result<Option<(u16, u16)>> {
    let endian = file.endian();
    let sections = file.elf_section_table();
    let mut newest = None;
    if let Some((mut files, index)) = sections.gnu_verneed(endian, bytes)? {
        let strings = sections.strings(endian, bytes, index)?;
        while let Some((_, mut versions)) = files.next()? {
            while let Some(version) = versions.next()? {
                let name = String::from_utf8_lossy(version.name(endian, strings)?);
                newest = newest.max(glibc(&name));
            }
        }
    }
    Ok(newest)
}

/// `GLIBC_2.17` as numbers. A third number (`2.2.5`) does not matter.
fn glibc(name: &str) -> Option<(u16, u16)> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(glibc("GLIBC_2.34") > glibc("GLIBC_2.4"));
        assert_eq!(glibc("GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(glibc("GLIBC_PRIVATE"), None);
        assert_eq!(glibc("GCC_3.0"), None);
    }
}
