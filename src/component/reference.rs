//! The reference tables of the README in both languages, made from the same tables the component runs on.
//!
//! In a README each table stands between `<!-- reference:start NAME -->` and `<!-- reference:end NAME -->`;
//! [`update`] puts the current ones there.

use std::fmt::Write as _;

use crate::abi::{Default, Language, Parameter};

use super::fault::CODES;
use super::members::{METHODS, OWN_METHODS, OWN_PROPERTIES, PROPERTIES};
use super::options::keys::{OPTIONS, Scope};
use super::table::Kind;
use super::trouble::{Words, words};

/// Names of the tables.
pub const TABLES: &[&str] = &["methods", "properties", "options", "errors"];

/// One table in Markdown, or `None` when there is none of that name.
#[must_use]
pub fn table(name: &str, language: Language) -> Option<String> {
    Some(match name {
        "methods" => methods(language),
        "properties" => properties(language),
        "options" => options(language),
        "errors" => errors(language),
        _ => return None,
    })
}

/// `text` with every table between its markers made anew.
///
/// # Errors
/// The name of a table whose markers are missing or out of order, or that does not exist.
pub fn update(text: &str, language: Language) -> Result<String, String> {
    let mut updated = text.to_owned();
    for name in TABLES {
        let (start, end) =
            (format!("<!-- reference:start {name} -->"), format!("<!-- reference:end {name} -->"));
        let missing = || (*name).to_owned();
        let (before, rest) = updated.split_once(&start).ok_or_else(missing)?;
        let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
        let table = table(name, language).ok_or_else(missing)?;
        updated = format!("{before}{start}\n{table}{end}{after}");
    }
    Ok(updated)
}

fn pick(words: Words, language: Language) -> &'static str {
    match language {
        Language::English => words.english,
        Language::Russian => words.russian,
    }
}

fn header(columns: &[Words], language: Language) -> String {
    let names: Vec<&str> = columns.iter().map(|column| pick(*column, language)).collect();
    format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(columns.len()))
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('*', "\\*")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Both names, the one of the text's language first; one when they are equal.
fn both(english: &str, russian: &str, language: Language) -> String {
    if english == russian {
        return format!("`{english}`");
    }
    match language {
        Language::English => format!("`{english}`<br>`{russian}`"),
        Language::Russian => format!("`{russian}`<br>`{english}`"),
    }
}

fn methods(language: Language) -> String {
    let columns = [
        words("Method", "Метод"),
        words("Parameters", "Параметры"),
        words("Returns", "Возвращает"),
        words("Class", "Класс"),
        words("Description", "Описание"),
    ];
    let mut text = header(&columns, language);
    for (entry, class) in of_classes(METHODS, OWN_METHODS) {
        let method = &entry.method;
        let parameters: Vec<String> =
            method.parameters.iter().map(|parameter| signature(parameter, language)).collect();
        text += &row(&[
            both(method.english, method.russian, language),
            parameters.join(", "),
            kind(entry.result, language).to_owned(),
            pick(class, language).to_owned(),
            pick(entry.about, language).to_owned(),
        ]);
    }
    text
}

/// Entries with the class they belong to.
fn of_classes<T>(common: &'static [T], own: &'static [T]) -> impl Iterator<Item = (&'static T, Words)> {
    let both = words("both", "оба");
    let session = words("HTTPSession", "HTTPSession");
    common.iter().map(move |entry| (entry, both)).chain(own.iter().map(move |entry| (entry, session)))
}

fn signature(parameter: &Parameter, language: Language) -> String {
    let name = match language {
        Language::English => parameter.english,
        Language::Russian => parameter.russian,
    };
    let mut text = format!("`{name}");
    match parameter.default {
        None => {}
        Some(Default::EmptyText) => text += " = \"\"",
        Some(Default::Text(default)) => {
            let _ = write!(text, " = \"{default}\"");
        }
        Some(Default::Bool(default)) => {
            let _ = write!(text, " = {default}");
        }
        Some(Default::Int(default)) => {
            let _ = write!(text, " = {default}");
        }
    }
    text + "`"
}

fn kind(kind: Kind, language: Language) -> &'static str {
    pick(
        match kind {
            Kind::Nothing => words("", ""),
            Kind::Status | Kind::Number => words("Number", "Число"),
            Kind::Bool | Kind::Finished => words("Boolean", "Булево"),
            Kind::Text => words("String", "Строка"),
            Kind::Json => words("String (JSON)", "Строка (JSON)"),
            Kind::Blob => words("BinaryData", "ДвоичныеДанные"),
        },
        language,
    )
}

fn properties(language: Language) -> String {
    let columns = [
        words("Property", "Свойство"),
        words("Type", "Тип"),
        words("Access", "Доступ"),
        words("Class", "Класс"),
        words("Description", "Описание"),
    ];
    let mut text = header(&columns, language);
    for (entry, class) in of_classes(PROPERTIES, OWN_PROPERTIES) {
        let access = if entry.property.writable {
            words("read, write", "чтение, запись")
        } else {
            words("read", "чтение")
        };
        text += &row(&[
            both(entry.property.english, entry.property.russian, language),
            kind(entry.kind, language).to_owned(),
            pick(access, language).to_owned(),
            pick(class, language).to_owned(),
            pick(entry.about, language).to_owned(),
        ]);
    }
    text
}

fn options(language: Language) -> String {
    let columns = [
        words("Key", "Ключ"),
        words("Value", "Значение"),
        words("Default", "По умолчанию"),
        words("In a session", "В сессии"),
        words("Description", "Описание"),
    ];
    let mut text = header(&columns, language);
    for key in OPTIONS {
        let session = match key.scope {
            Scope::Both => words("yes", "да"),
            Scope::Request => words("no", "нет"),
            Scope::Bsl => words("-", "-"),
        };
        let mut names = both(key.english, key.russian, language);
        for alias in key.aliases {
            let _ = write!(names, "<br>`{alias}`");
        }
        text += &row(&[
            names,
            pick(key.expected, language).to_owned(),
            pick(key.default, language).to_owned(),
            pick(session, language).to_owned(),
            pick(key.about, language).to_owned(),
        ]);
    }
    text
}

fn errors(language: Language) -> String {
    let mut text = header(&[words("Code", "Код"), words("Meaning", "Значение")], language);
    for (code, english, russian) in CODES {
        let meaning = pick(words(english, russian), language);
        text += &row(&[format!("`{code}`"), meaning.to_owned()]);
    }
    text
}
