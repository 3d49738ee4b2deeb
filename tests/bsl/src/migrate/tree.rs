//! Files of a configuration: where its modules are, what they are called, how their bytes become text.

use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, WINDOWS_1251};

use crate::names::same;

/// Modules below a folder, in order. Links are not followed: they may lead back.
pub(super) fn modules(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("bsl")) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A file as a report names it.
pub(super) fn place(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Text of a file: UTF-8 with or without its mark, UTF-16 with one; what is neither was written by an old program.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let (encoding, mark) = match Encoding::for_bom(&bytes) {
        Some(found) => found,
        None if bytes.contains(&0) => return Err("not a text".to_owned()),
        None => (WINDOWS_1251, 0),
    };
    let (text, is_damaged) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
    if is_damaged { Err(format!("not a text in {}", encoding.name())) } else { Ok(text.into_owned()) }
}

/// Whether a file is the common module of that name: `CommonModules/Имя/Ext/Module.bsl`, in EDT without `Ext`.
pub(super) fn is_module(path: &Path, name: &str) -> bool {
    common_module(path).is_some_and(|known| same(&known, name))
}

/// Name of the common module a file is.
pub(super) fn common_module(path: &Path) -> Option<String> {
    let mut parts = path.parent()?.iter().rev().map(|part| part.to_string_lossy().into_owned());
    let first = parts.next()?;
    let name = if first == "Ext" { parts.next()? } else { first };
    (parts.next()? == "CommonModules").then_some(name)
}

/// Whether the code of a file runs on a client unless a directive says otherwise.
pub(super) fn is_client(path: &Path) -> bool {
    if path.file_name().is_some_and(|name| name == "CommandModule.bsl") {
        return true;
    }
    let Some(name) = common_module(path) else { return false };
    let Some(folder) = path.ancestors().find(|one| one.file_name().is_some_and(|part| *part == *name)) else {
        return false;
    };
    // The description of a common module: beside its folder, in EDT inside of it.
    let description = std::fs::read_to_string(folder.with_extension("xml"))
        .or_else(|_| std::fs::read_to_string(folder.join(format!("{name}.mdo"))));
    let description = description.unwrap_or_default().to_lowercase();
    description.contains("<clientmanagedapplication>true<") && !description.contains("<server>true<")
}

/// Methods of a text one by one, each at its own lines of an otherwise empty text.
pub(super) fn methods(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let first = line.trim_start().split([' ', '\t', '(', ';', '/']).next().unwrap_or_default();
        let is = |words: &[&str]| words.iter().any(|word| same(word, first));
        if is(&["Процедура", "Функция", "Procedure", "Function", "Асинх", "Async"]) {
            pieces.extend(piece.replace("\n".repeat(index)));
        }
        if let Some(piece) = &mut piece {
            piece.push_str(line);
            piece.push('\n');
        }
        if is(&["КонецПроцедуры", "КонецФункции", "EndProcedure", "EndFunction"]) {
            pieces.extend(piece.take());
        }
    }
    pieces.extend(piece);
    pieces
}
