//! `XMLСтрока` and `XMLЗначение`: simple values as XML Schema writes them; characters that XML does not have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::PrimitiveDateTime;

use crate::error::{Fault, Outcome};
use crate::names::names;
use crate::platform::arguments::Given;
use crate::platform::binary::{BinaryData, Uuid};
use crate::platform::{convert, dates};
use crate::run::{Machine, Registry};
use crate::value::Value;

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("XMLСтрока", "XMLString"), |_, a| {
        let given = Given::new("XMLСтрока", a, 1, 1)?;
        written(&given).map(Value::from)
    });
    registry.function(names("XMLЗначение", "XMLValue"), |machine, a| {
        let given = Given::new("XMLЗначение", a, 2, 2)?;
        read(machine, &given)
    });
    registry.function(
        names("НайтиНедопустимыеСимволыXML", "FindDisallowedXMLCharacters"),
        |_, a| {
            let given = Given::new("НайтиНедопустимыеСимволыXML", a, 1, 3)?;
            if given.has(2) && given.text(2) != "1.0" {
                return Err(Fault::unknown("НайтиНедопустимыеСимволыXML for another version"));
            }
            let from = if given.has(1) { given.index(1)? } else { 1 };
            Ok(Value::from(disallowed(&given.text(0), from)))
        },
    );
}

/// Position of the first character from `from` on that XML 1.0 does not have, from 1; 0 when there is none.
fn disallowed(text: &str, from: usize) -> usize {
    let mut position = 1;
    for character in text.chars() {
        let allowed = matches!(character,
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        if position >= from && !allowed {
            return position;
        }
        position += character.len_utf16();
    }
    0
}

/// `Неопределено` and `Null` are empty strings (unverified).
fn written(given: &Given<'_>) -> Outcome<String> {
    let value = given.value(0);
    Ok(match &value {
        Value::Undefined | Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.normalize().to_string(),
        Value::Text(value) => value.to_string(),
        Value::Date(value) => date(*value),
        Value::Type(_) => return Err(Fault::unknown("XMLСтрока of a type")),
        Value::Object(_) => {
            if let Some(id) = value.downcast::<Uuid>() {
                return Ok(id.0.to_string());
            }
            match value.downcast::<BinaryData>() {
                // Whether the platform breaks lines here is unverified; readers pass over blanks.
                Some(data) => STANDARD.encode(&data.0),
                None => return Err(given.wrong(0)),
            }
        }
    })
}

fn date(value: PrimitiveDateTime) -> String {
    let (hour, minute, second) = value.as_hms();
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
        value.year(),
        u8::from(value.month()),
        value.day()
    )
}

fn read(machine: &mut Machine, given: &Given<'_>) -> Outcome<Value> {
    let Value::Type(name) = given.value(0) else { return Err(given.wrong(0)) };
    let text = given.text(1);
    let plain = text.trim();
    let wrong = || given.wrong(1);
    let name = name.0;
    if name.are("Строка") {
        return Ok(Value::from(text));
    }
    if name.are("Число") {
        // Only the point, no groups.
        let shape = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        return convert::number_of_text(plain).filter(|_| shape).map(Value::Number).ok_or_else(wrong);
    }
    if name.are("Булево") {
        return match plain {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(wrong()),
        };
    }
    if name.are("Дата") {
        // A zone would shift it; whether and how is not known here.
        let shape = plain.len() == 10 || plain.len() == 19;
        let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
        if !shape {
            return Err(Fault::unknown("XMLЗначение of a date with a zone or a fraction"));
        }
        return dates::of_digits(&digits).map(Value::Date).ok_or_else(wrong);
    }
    if name.are("УникальныйИдентификатор") {
        return machine.construct("УникальныйИдентификатор", &[given.argument(1)]);
    }
    if name.are("ДвоичныеДанные") {
        let text: String = plain.split_whitespace().collect();
        return STANDARD.decode(text).map(BinaryData::value).map_err(|_| wrong());
    }
    Err(Fault::unknown(format!("XMLЗначение of {}", name.russian)))
}
