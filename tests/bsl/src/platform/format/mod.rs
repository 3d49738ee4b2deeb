//! `Формат`: a value and a text of specifiers (`ЧДЦ=2; ЧРД=.`), in both languages. A specifier that is not in the table
//! ends the run; one that does not concern the type of the value is passed over, as on the platform.

mod date;
mod number;

use std::collections::HashMap;

use super::convert;
use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

/// Specifiers that are known. Of those only `ЧФ` (patterns, 8.3.17 and later) and the days of `ДФ` in other languages
/// than these two are missing.
const SPECIFIERS: &[Names] = &[
    names("Л", "L"),
    names("ЧЦ", "ND"),
    names("ЧДЦ", "NFD"),
    names("ЧС", "NS"),
    names("ЧРД", "NDS"),
    names("ЧРГ", "NGS"),
    names("ЧН", "NZ"),
    names("ЧВН", "NLZ"),
    names("ЧГ", "NG"),
    names("ЧО", "NN"),
    names("ДФ", "DF"),
    names("ДЛФ", "DLF"),
    names("ДП", "DE"),
    names("БЛ", "BF"),
    names("БИ", "BT"),
];

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("Формат", "Format"), |machine, a| {
        let given = Given::new("Формат", a, 1, 2)?;
        format(machine, &given.value(0), &given.text_or(1, "")).map(Value::from)
    });
}

/// What was asked for, by the Russian name of the specifier.
struct Specifiers {
    values: HashMap<&'static str, String>,
    language: Language,
}

/// Language of separators, names of days and months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Russian,
    English,
}

fn format(machine: &Machine, value: &Value, text: &str) -> Outcome<String> {
    let specifiers = Specifiers::read(text, machine.language)?;
    match value {
        Value::Number(number) => number::format(*number, &specifiers),
        Value::Date(date) => date::format(*date, &specifiers),
        Value::Bool(value) => Ok(specifiers.bool(*value)),
        other => Ok(convert::text(other)),
    }
}

impl Specifiers {
    /// `Имя=Значение; Имя='зна;чение'`: a value in quotes may hold anything, doubled quotes included.
    fn read(text: &str, language: &str) -> Outcome<Self> {
        let mut values = HashMap::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (name, after) =
                rest.split_once('=').ok_or_else(|| Fault::unknown(format!("the format {text:?}")))?;
            let known = SPECIFIERS.iter().find(|names| names.are(name.trim()));
            let known = known.ok_or_else(|| Fault::unknown(format!("the specifier {}", name.trim())))?;
            let (value, after) = value_of(after);
            values.insert(known.russian, value);
            rest = after.trim_start();
        }
        let language = match folded(values.get("Л").map_or(language, String::as_str)).as_str() {
            "ru" | "ru_ru" => Language::Russian,
            "en" | "en_us" => Language::English,
            other => return Err(Fault::unknown(format!("the locale {other}"))),
        };
        Ok(Self { values, language })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    fn count(&self, name: &str) -> Outcome<Option<usize>> {
        let wrong = || Fault::unknown(format!("{name} that is not a whole number"));
        self.get(name).map(|text| text.trim().parse().map_err(|_| wrong())).transpose()
    }

    fn bool(&self, value: bool) -> String {
        let (name, russian, english) = if value { ("БИ", "Да", "Yes") } else { ("БЛ", "Нет", "No") };
        let default = if self.language == Language::Russian { russian } else { english };
        self.get(name).unwrap_or(default).to_owned()
    }
}

/// A value up to `;` and what comes after it. Quotes around it are taken off; blanks count only inside of them, but a
/// value that is one blank (`ЧРГ= `) stays one.
fn value_of(text: &str) -> (String, &str) {
    let trimmed = text.trim_start();
    let Some(quote) = trimmed.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        let (value, after) = text.split_once(';').unwrap_or((text, ""));
        let value = if value == " " { value } else { value.trim() };
        return (value.to_owned(), after);
    };
    let mut value = String::new();
    let mut rest = trimmed.get(1..).unwrap_or_default();
    while let Some((before, after)) = rest.split_once(quote) {
        value.push_str(before);
        match after.strip_prefix(quote) {
            Some(more) => {
                value.push(quote);
                rest = more;
            }
            None => return (value, after.split_once(';').map_or("", |(_, after)| after)),
        }
    }
    value.push_str(rest);
    (value, "")
}
