//! What is asked of every finished library before it may go into an archive. Looks only at the bytes of the file: what
//! a linker, a build script or a new dependency brought in shows here, whoever built it.

mod elf;
mod pe;
mod text;

use object::read::{File, NameOrOrdinal, Object as _};

use crate::targets::{System, Target};

/// Stripped, on every system.
pub(crate) const LARGEST: usize = 5_000_000;

/// The functions of the contract, as the platform asks for them.
const EXPORTS: [&str; 5] =
    ["DestroyObject", "GetAttachType", "GetClassNames", "GetClassObject", "SetPlatformCapabilities"];

/// What a file turned out to be: for people, and for the record of a release.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub size: usize,
    /// Libraries of the system it asks for, sorted.
    pub libraries: Vec<String>,
    /// How many functions and variables of them.
    pub imports: usize,
    /// The oldest system it loads on.
    pub oldest: String,
}

/// Checks a file. `folders` are this machine's, which must not stand in it. Every complaint is a sentence of its own.
pub(crate) fn file(target: &Target, bytes: &[u8], folders: &[String]) -> Result<Facts, Vec<String>> {
    let mut complaints = Vec::new();
    let mut facts = Facts { size: bytes.len(), ..Facts::default() };
    match File::parse(bytes) {
        Err(error) => complaints.push(format!("is no library ({error})")),
        Ok(file) => {
            machine(target, &file, &mut complaints);
            exports(target, &file, &mut complaints);
            let outcome = match target.system {
                System::Windows => pe::check(&file, bytes, &mut facts, &mut complaints),
                System::Linux | System::Android => {
                    elf::check(target, &file, bytes, &mut facts, &mut complaints)
                }
            };
            if let Err(error) = outcome {
                complaints.push(format!("is damaged ({error})"));
            }
            if file.has_debug_symbols() {
                complaints.push("has debugging sections: a release is stripped".to_owned());
            }
            text::check(bytes, folders, &mut complaints);
        }
    }
    if bytes.len() >= LARGEST {
        complaints.push(format!("has {} bytes, {LARGEST} and more are too many", bytes.len()));
    }
    if complaints.is_empty() {
        return Ok(facts);
    }
    Err(complaints.into_iter().map(|complaint| format!("{}: the file {complaint}", target.triple)).collect())
}

fn machine(target: &Target, file: &File<'_>, complaints: &mut Vec<String>) {
    use object::{Architecture, BinaryFormat};
    let wanted = match target.arch {
        "x86_64" => (Architecture::X86_64, true),
        "i386" => (Architecture::I386, false),
        "ARM64" => (Architecture::Aarch64, true),
        _ => (Architecture::Arm, false),
    };
    let format = if target.system == System::Windows { BinaryFormat::Pe } else { BinaryFormat::Elf };
    let found = (file.architecture(), file.is_64());
    if found != wanted || file.format() != format {
        complaints.push(format!(
            "is for {:?} ({:?}), not for {} {}",
            found.0,
            file.format(),
            target.system.name(),
            target.arch
        ));
    }
}

fn exports(target: &Target, file: &File<'_>, complaints: &mut Vec<String>) {
    let mut wanted: Vec<String> = EXPORTS.iter().map(|name| (*name).to_owned()).collect();
    if target.system == System::Android {
        wanted.push("JNI_OnLoad".to_owned());
    }
    wanted.sort();
    let mut found = match file.exports().and_then(Iterator::collect::<object::Result<Vec<_>>>) {
        Ok(exports) => exports.iter().map(|export| shown(export.name())).collect::<Vec<_>>(),
        Err(error) => {
            complaints.push(format!("has a damaged table of exports ({error})"));
            return;
        }
    };
    found.sort();
    if found == wanted {
        return;
    }
    let not_in = |names: &[String], other: &[String]| {
        let rest: Vec<&str> = names.iter().filter(|name| !other.contains(name)).map(String::as_str).collect();
        if rest.is_empty() { "nothing".to_owned() } else { rest.join(", ") }
    };
    complaints.push(format!(
        "has wrong exports: {} missing, {} too many",
        not_in(&wanted, &found),
        not_in(&found, &wanted)
    ));
}

fn shown(name: NameOrOrdinal<&[u8]>) -> String {
    match name {
        NameOrOrdinal::Name(name) => String::from_utf8_lossy(name).into_owned(),
        NameOrOrdinal::Ordinal(number) => format!("number {number}"),
    }
}

/// Notes which libraries a file asks for, and complains about those that may be absent.
fn libraries(
    file: &File<'_>,
    allowed: impl Fn(&str) -> bool,
    facts: &mut Facts,
) -> object::Result<Vec<String>> {
    let mut names = Vec::new();
    for library in file.import_libraries()? {
        names.push(String::from_utf8_lossy(library?.name()).into_owned());
    }
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup_by_key(|name| name.to_lowercase());
    let foreign = names.iter().filter(|name| !allowed(name));
    let complaints = foreign.map(|name| format!("needs {name}, which a system may lack")).collect();
    facts.libraries = names;
    Ok(complaints)
}

#[cfg(test)]
mod tests;
