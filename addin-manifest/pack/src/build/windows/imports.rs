//! What a library for Windows imports, compared with what Windows 7 SP1 exports: a function that is missing there makes
//! the system refuse the file, and no test on a newer one (or under Wine) would notice.

use object::LittleEndian as LE;
use object::read::pe::{ImageNtHeaders, ImageThunkData, PeFile, PeFile32, PeFile64};

const KNOWN: &str = include_str!("windows7.txt");

/// Checks the imports of a library; gives their number.
pub(crate) fn check(image: &[u8]) -> Result<usize, String> {
    let imports = imports(image).map_err(|error| format!("has no readable imports ({error})"))?;
    let known = known();
    let wrong: Vec<String> = imports
        .iter()
        .filter(|(library, function)| {
            !known.iter().any(|(its, name)| library.eq_ignore_ascii_case(its) && function == name)
        })
        .map(|(library, function)| format!("{library}!{function}"))
        .collect();
    if !wrong.is_empty() {
        return Err(format!(
            "imports what is not on the list for Windows 7 SP1 (windows7.txt): {}",
            wrong.join(", ")
        ));
    }
    // Everything ends in kernel32: none at all means that they were not read.
    if imports.is_empty() { Err("has no imports: they were not read".to_owned()) } else { Ok(imports.len()) }
}

/// Library and function, in the order of the list.
fn known() -> Vec<(&'static str, &'static str)> {
    let mut library = "";
    let mut known = Vec::new();
    for line in KNOWN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            library = name;
        } else if let Some(function) = line.split_whitespace().next() {
            known.push((library, function));
        }
    }
    known
}

fn imports(image: &[u8]) -> object::Result<Vec<(String, String)>> {
    match PeFile64::parse(image) {
        Ok(file) => imports_of(&file),
        Err(_) => imports_of(&PeFile32::parse(image)?),
    }
}

fn imports_of<H: ImageNtHeaders>(file: &PeFile<'_, H>) -> object::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    // Nothing of ours is imported on first use; what came in that way would escape the list.
    if let Some(delayed) =
        file.data_directories().delay_load_import_table(file.data(), &file.section_table())?
    {
        let mut descriptors = delayed.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            let library = delayed.name(descriptor.dll_name_rva.get(LE))?;
            found.push((String::from_utf8_lossy(library).into_owned(), "delayed".to_owned()));
        }
    }
    let Some(table) = file.import_table()? else { return Ok(found) };
    let mut descriptors = table.descriptors()?;
    while let Some(descriptor) = descriptors.next()? {
        let library = String::from_utf8_lossy(table.name(descriptor.name.get(LE))?).into_owned();
        let first = match descriptor.original_first_thunk.get(LE) {
            0 => descriptor.first_thunk.get(LE),
            first => first,
        };
        let mut thunks = table.thunks(first)?;
        while let Some(thunk) = thunks.next::<H>()? {
            let function = if thunk.is_ordinal() {
                format!("#{}", thunk.ordinal())
            } else {
                String::from_utf8_lossy(table.hint_name(thunk.address())?.1).into_owned()
            };
            found.push((library.clone(), function));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions that change the state of the host's process. The list must not have them.
    const FORBIDDEN: [&str; 13] = [
        "AddVectoredExceptionHandler",
        "AllocConsole",
        "AttachConsole",
        "ExitProcess",
        "FreeConsole",
        "SetConsoleCtrlHandler",
        "SetConsoleMode",
        "SetCurrentDirectoryW",
        "SetEnvironmentVariableW",
        "SetErrorMode",
        "SetThreadErrorMode",
        "SetUnhandledExceptionFilter",
        "setlocale",
    ];

    #[test]
    fn list_is_sorted_names_its_source_and_has_nothing_newer() {
        let functions: Vec<&str> =
            KNOWN.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '['])).collect();
        assert!(functions.len() > 100, "the list is not read");
        for line in functions {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(matches!(words[..], [_, "XP" | "Vista" | "7" | "system"]), "{line}");
        }
        let known = known();
        let mut sorted = known.clone();
        sorted.sort_by_key(|(library, function)| (*library, function.to_lowercase()));
        sorted.dedup();
        assert_eq!(known, sorted);
    }

    #[test]
    fn newer_functions_and_those_of_the_process_are_not_listed() {
        let newer =
            ["ProcessPrng", "WaitOnAddress", "GetSystemTimePreciseAsFileTime", "GetHostNameW", "WSAPoll"];
        for (_, function) in known() {
            assert!(!newer.contains(&function) && !FORBIDDEN.contains(&function), "{function}");
        }
    }

    #[test]
    fn file_that_is_no_library_is_refused() {
        assert!(check(b"MZ but no more").is_err());
    }
}
