//! `ЗначениеВСтрокуВнутр` and `ЗначениеИзСтрокиВнутр`. The text resembles the platform's (braces, a letter for each simple
//! type) but is only meant to be read back here: no text of a platform is understood beyond simple values.
//!
//! What cannot be written is refused with an exception; which types the platform refuses, and how, is unverified.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_decimal::Decimal;

use super::storage::Storage;
use crate::error::{Fault, Outcome};
use crate::names::{folded, names};
use crate::object::Argument;
use crate::platform::arguments::Given;
use crate::platform::binary::BinaryData;
use crate::platform::collections::{Array, Map, Structure};
use crate::platform::dates;
use crate::platform::enums::EnumValue;
use crate::platform::{convert, types};
use crate::run::{Machine, Registry};
use crate::value::{TypeName, Value};

/// Nesting beyond which a value is taken for one that holds itself.
const DEPTH: usize = 100;

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("ЗначениеВСтрокуВнутр", "ValueToStringInternal"), |_, a| {
        let given = Given::new("ЗначениеВСтрокуВнутр", a, 1, 1)?;
        write(&given.value(0)).map(Value::from)
    });
    registry.function(
        names("ЗначениеИзСтрокиВнутр", "ValueFromStringInternal"),
        |machine, a| {
            let given = Given::new("ЗначениеИзСтрокиВнутр", a, 1, 1)?;
            read(machine, &given.text(0))
        },
    );
}

/// A value as text.
pub(super) fn write(value: &Value) -> Outcome<String> {
    let mut text = String::new();
    put(value, &mut text, 0)?;
    Ok(text)
}

/// The value of a text.
pub(super) fn read(machine: &mut Machine, text: &str) -> Outcome<Value> {
    let mut reader = Reader { rest: text.trim() };
    let value = reader.value(machine, 0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(broken()) }
}

fn broken() -> Fault {
    Fault::raised(
        "Ошибка при вызове метода контекста (ЗначениеИзСтрокиВнутр): неверный формат внутреннего представления",
    )
}

fn put(value: &Value, text: &mut String, depth: usize) -> Outcome<()> {
    if depth > DEPTH {
        return Err(Fault::unknown("ЗначениеВСтрокуВнутр of a value nested deeper than 100"));
    }
    match value {
        Value::Undefined => text.push_str("{\"U\"}"),
        Value::Null => text.push_str("{\"L\"}"),
        Value::Bool(value) => text.push_str(if *value { "{\"B\",1}" } else { "{\"B\",0}" }),
        Value::Number(value) => text.push_str(&format!("{{\"N\",{value}}}")),
        Value::Text(value) => text.push_str(&format!("{{\"S\",{}}}", quoted(value))),
        Value::Date(value) => {
            let (hour, minute, second) = value.as_hms();
            let (year, month, day) = (value.year(), u8::from(value.month()), value.day());
            text.push_str(&format!("{{\"D\",{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}}}"));
        }
        Value::Type(name) => text.push_str(&format!("{{\"T\",{}}}", quoted(name.0.russian))),
        Value::Object(_) => put_object(value, text, depth)?,
    }
    Ok(())
}

/// `{"#","Тип",части}`.
fn put_object(value: &Value, text: &mut String, depth: usize) -> Outcome<()> {
    let parts = parts(value)?;
    text.push_str(&format!("{{\"#\",{}", quoted(types::type_of(value).russian)));
    for part in &parts {
        text.push(',');
        put(part, text, depth + 1)?;
    }
    text.push('}');
    Ok(())
}

/// What an object consists of: keys and values, elements, or its bytes in Base64.
fn parts(value: &Value) -> Outcome<Vec<Value>> {
    if let Some(array) = value.downcast::<Array>() {
        return Ok(crate::object::Object::items(&*array).unwrap_or_default());
    }
    if let Some(structure) = value.downcast::<Structure>() {
        return Ok(structure
            .pairs()
            .into_iter()
            .flat_map(|(key, value)| [Value::Text(key), value])
            .collect());
    }
    if let Some(map) = value.downcast::<Map>() {
        return Ok(map.pairs().into_iter().flat_map(|(key, value)| [key, value]).collect());
    }
    if let Some(data) = value.downcast::<BinaryData>() {
        return Ok(vec![Value::from(STANDARD.encode(&data.0))]);
    }
    if let Some(one) = value.downcast::<EnumValue>() {
        return Ok(vec![Value::from(one.value.russian)]);
    }
    if let Some(storage) = value.downcast::<Storage>() {
        return Ok(vec![Value::from(storage.0.as_str())]);
    }
    let names = types::type_of(value);
    if names.are("УникальныйИдентификатор") {
        return Ok(vec![Value::from(convert::text(value))]);
    }
    Err(Fault::raised(format!(
        "Ошибка при вызове метода контекста (ЗначениеВСтрокуВнутр): значение типа {} не сериализуется",
        names.russian
    )))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, machine: &mut Machine, depth: usize) -> Outcome<Value> {
        if depth > DEPTH {
            return Err(broken());
        }
        self.expect('{')?;
        let kind = self.text()?;
        let value = match kind.as_str() {
            "U" => Value::Undefined,
            "L" => Value::Null,
            "B" => Value::Bool(self.plain()? == "1"),
            "N" => Value::Number(self.plain()?.parse::<Decimal>().map_err(|_| broken())?),
            "S" => {
                self.expect(',')?;
                Value::from(self.text()?)
            }
            "D" => Value::Date(dates::of_digits(&self.plain()?).ok_or_else(broken)?),
            "T" => {
                self.expect(',')?;
                let found = machine.registry.find_type(&self.text()?);
                Value::Type(TypeName(found.ok_or_else(broken)?))
            }
            "#" => {
                self.expect(',')?;
                let name = self.text()?;
                let mut parts = Vec::new();
                while self.rest.starts_with(',') {
                    self.expect(',')?;
                    parts.push(self.value(machine, depth + 1)?);
                }
                made(machine, &name, parts)?
            }
            _ => return Err(broken()),
        };
        self.expect('}')?;
        Ok(value)
    }

    fn expect(&mut self, c: char) -> Outcome<()> {
        self.rest = self.rest.strip_prefix(c).ok_or_else(broken)?;
        Ok(())
    }

    /// After a comma, everything up to the closing brace.
    fn plain(&mut self) -> Outcome<String> {
        self.expect(',')?;
        let at = self.rest.find('}').ok_or_else(broken)?;
        let (plain, rest) = self.rest.split_at(at);
        self.rest = rest;
        Ok(plain.to_owned())
    }

    /// A text in quotes; doubled ones are one.
    fn text(&mut self) -> Outcome<String> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            let (before, after) = self.rest.split_once('"').ok_or_else(broken)?;
            text.push_str(before);
            self.rest = after;
            match after.strip_prefix('"') {
                Some(more) => {
                    text.push('"');
                    self.rest = more;
                }
                None => return Ok(text),
            }
        }
    }
}

/// An object of its type and parts.
fn made(machine: &mut Machine, name: &str, parts: Vec<Value>) -> Outcome<Value> {
    let first = || parts.first().map(convert::text).ok_or_else(broken);
    let pairs = || parts.chunks(2).map(|pair| (pair.first().cloned(), pair.get(1).cloned()));
    Ok(match name {
        "Массив" => Value::object(Array::of(parts)),
        "ФиксированныйМассив" => Value::object(Array::fixed(parts)),
        "Структура" | "ФиксированнаяСтруктура" => {
            let structure = Structure::new();
            for (key, value) in pairs() {
                let key = convert::text(&key.ok_or_else(broken)?);
                structure.insert(&key, value.ok_or_else(broken)?)?;
            }
            fixed(machine, name, Value::object(structure))?
        }
        "Соответствие" | "ФиксированноеСоответствие" => {
            let map = Map::new();
            for (key, value) in pairs() {
                map.insert(key.ok_or_else(broken)?, value.ok_or_else(broken)?);
            }
            fixed(machine, name, Value::object(map))?
        }
        "ДвоичныеДанные" => BinaryData::value(STANDARD.decode(first()?).map_err(|_| broken())?),
        "ХранилищеЗначения" => Value::object(Storage(first()?)),
        "УникальныйИдентификатор" => {
            machine.construct(name, &[Argument::Value(first()?.into())])?
        }
        _ => {
            let value = folded(&first()?);
            let enumeration = machine.registry.find_global(name).ok_or_else(broken)?;
            enumeration.get(machine, &value)?.ok_or_else(broken)?
        }
    })
}

/// The fixed form of a collection, where the name says so.
fn fixed(machine: &mut Machine, name: &str, value: Value) -> Outcome<Value> {
    if name.starts_with("Фиксированн") {
        machine.construct(name, &[Argument::Value(value)])
    } else {
        Ok(value)
    }
}
