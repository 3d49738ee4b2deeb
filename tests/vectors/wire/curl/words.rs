//! The small languages inside a curl command line: words of a shell, and what `-F` takes.

use super::command::{Files, NO_FILE};

const FORM: &str = "curl's own form syntax beyond name, file, type and filename";

/// One `-F`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
}

/// Words of a POSIX shell: quotes and backslashes, nothing else. `None`: a quote is not closed, or there is more.
pub(super) fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            next @ ('"' | '\\' | '$' | '`') => word.push(next),
                            next => word.extend(['\\', next]),
                        },
                        '$' | '`' => return None,
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '$' | '`' | '|' | '>' | '<' => return None,
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// `name=value`, `name=@file;type=...;filename=...`, `name=<file`.
pub(super) fn form_field(text: &str, files: &Files) -> Result<Field, &'static str> {
    let (name, value) = text.split_once('=').ok_or(FORM)?;
    let from_file = value.starts_with('@') || value.starts_with('<');
    let mut rest = value.get(usize::from(from_file)..).unwrap_or_default();
    let main = unit(&mut rest);
    let mut field = Field { name: name.to_owned(), ..Field::default() };
    while let Some(modifier) = rest.strip_prefix(';') {
        rest = modifier.trim_start();
        let (key, after) = rest.split_once('=').ok_or(FORM)?;
        rest = after;
        let value = unit(&mut rest);
        match key.trim() {
            "type" => field.content_type = Some(value),
            "filename" => field.file_name = Some(value),
            _ => return Err(FORM),
        }
    }
    if !rest.is_empty() {
        return Err(FORM);
    }
    if from_file {
        field.data = files.get(&main).cloned().ok_or(NO_FILE)?;
        if value.starts_with('@') {
            let base = main.rsplit('/').next().unwrap_or_default().to_owned();
            field.content_type.get_or_insert_with(|| by_extension(&base).to_owned());
            field.file_name.get_or_insert(base);
        }
    } else {
        field.data = main.into_bytes();
    }
    Ok(field)
}

/// `name=value`, taken as it is.
pub(super) fn form_string(text: &str) -> Result<Field, &'static str> {
    let (name, value) = text.split_once('=').ok_or(FORM)?;
    Ok(Field { name: name.to_owned(), data: value.as_bytes().to_vec(), ..Field::default() })
}

/// A word of a form field: quoted, or up to a separator.
fn unit(rest: &mut &str) -> String {
    let mut out = String::new();
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut characters = quoted.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    *rest = quoted.get(at + 1..).unwrap_or_default().trim_start();
                    return out;
                }
                '\\' => match characters.next() {
                    Some((_, next @ ('"' | '\\'))) => out.push(next),
                    Some((_, next)) => out.extend(['\\', next]),
                    None => out.push('\\'),
                },
                _ => out.push(character),
            }
        }
        *rest = "";
        return out;
    }
    let end = rest.find([';', ',']).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    word.trim_end().to_owned()
}

/// The types curl knows by file extension.
fn by_extension(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("gif") => "image/gif",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain",
        Some("htm" | "html") => "text/html",
        Some("pdf") => "application/pdf",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}
