//! `ЧтениеJSON` and `ПрочитатьJSON`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value as Json;

use super::date;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::binary::{Encoding, Stream};
use crate::platform::collections::{Array, Map, Structure};
use crate::platform::convert;
use crate::run::{Machine, Registry};
use crate::value::Value;

const READER: Names = names("ЧтениеJSON", "JSONReader");

/// Deepest nesting unless the call says otherwise (platform 8.3.18 and later).
const NESTING: usize = 500;

/// A text to be read.
#[derive(Default)]
struct Reader {
    text: RefCell<Option<String>>,
}

impl Object for Reader {
    fn type_names(&self) -> Names {
        READER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "установитьстроку" | "setstring" => {
                let given = Given::new("УстановитьСтроку", arguments, 1, 1)?;
                *self.text.borrow_mut() = Some(given.text(0));
            }
            "открытьпоток" | "openstream" => {
                let given = Given::new("ОткрытьПоток", arguments, 1, 2)?;
                let stream = given.value(0).downcast::<Stream>().ok_or_else(|| given.wrong(0))?;
                let encoding = Encoding::of(&given.value(1))?;
                *self.text.borrow_mut() = Some(encoding.decode(&stream.rest()));
            }
            "открытьфайл" | "openfile" => {
                let given = Given::new("ОткрытьФайл", arguments, 1, 2)?;
                let encoding = Encoding::of(&given.value(1))?;
                let bytes = std::fs::read(given.text(0))
                    .map_err(|error| Fault::raised(format!("Ошибка открытия файла: {error}")))?;
                *self.text.borrow_mut() = Some(encoding.decode(&bytes));
            }
            "закрыть" | "close" => *self.text.borrow_mut() = None,
            _ => return Ok(None),
        }
        Ok(Some(Value::Undefined))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(READER, |_, arguments| {
        Given::new("ЧтениеJSON", arguments, 0, 0)?;
        Ok(Value::object(Reader::default()))
    });
    registry.function(names("ПрочитатьJSON", "ReadJSON"), read);
}

/// `ПрочитатьJSON(ЧтениеJSON, ПрочитатьВСоответствие, ИменаСвойствСоЗначениямиДата, ОжидаемыйФорматДаты,
/// ИмяФункцииВосстановления, МодульФункцииВосстановления, ДополнительныеПараметры, ИменаСвойств, МаксимальнаяВложенность)`.
fn read(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ПрочитатьJSON", arguments, 1, 9)?;
    let reader = given.value(0).downcast::<Reader>().ok_or_else(|| given.wrong(0))?;
    let text = reader.text.borrow_mut().take().unwrap_or_default();
    let mut parser = serde_json::Deserializer::from_str(&text);
    parser.disable_recursion_limit();
    let json: Json = serde::Deserialize::deserialize(&mut parser)
        .map_err(|error| Fault::raised(format!("Ошибка разбора JSON: {error}")))?;
    let reviver = given.text(4);
    let rules = Rules {
        to_map: given.bool_or(1, false)?,
        dates: texts(&given.value(2)),
        format: given.value(3),
        reviver: (!reviver.is_empty() && given.has(5)).then(|| (reviver, given.value(5))),
        additional: given.value(6),
        // That an explicit `Неопределено` counts as left out is unverified.
        revived: (!matches!(given.value(7), Value::Undefined)).then(|| texts(&given.value(7))),
        nesting: if given.has(8) { given.index(8)? } else { NESTING },
    };
    let value = rules.value(machine, "", json, 0)?;
    // The document itself is offered to the function too, with an empty name.
    rules.revive(machine, "", value)
}

struct Rules {
    to_map: bool,
    /// Names of properties that are dates.
    dates: Vec<String>,
    format: Value,
    reviver: Option<(String, Value)>,
    additional: Value,
    /// Names of the properties the function is called for; `None`: all.
    revived: Option<Vec<String>>,
    nesting: usize,
}

impl Rules {
    fn value(&self, machine: &mut Machine, name: &str, json: Json, depth: usize) -> Outcome<Value> {
        if depth > self.nesting {
            return Err(Fault::raised("Превышена максимальная вложенность JSON"));
        }
        Ok(match json {
            Json::Null => Value::Undefined,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => Value::Number(self::number(&number)?),
            Json::String(text) if self.dates.iter().any(|known| known == name) => {
                Value::Date(date::read(machine, &text, &self.format)?)
            }
            Json::String(text) => Value::from(text),
            Json::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.value(machine, name, item, depth + 1)?);
                }
                Value::object(Array::of(values))
            }
            Json::Object(members) => {
                let (map, structure) = (Map::new(), Structure::new());
                for (key, member) in members {
                    let value = self.value(machine, &key, member, depth + 1)?;
                    let value = self.revive(machine, &key, value)?;
                    if self.to_map {
                        map.insert(Value::from(key), value);
                    } else {
                        structure.insert(&key, value)?;
                    }
                }
                if self.to_map { Value::object(map) } else { Value::object(structure) }
            }
        })
    }

    fn revive(&self, machine: &mut Machine, name: &str, value: Value) -> Outcome<Value> {
        let Some((function, module)) = &self.reviver else { return Ok(value) };
        if self.revived.as_ref().is_some_and(|names| !names.iter().any(|known| known == name)) {
            return Ok(value);
        }
        let arguments = [
            Argument::Value(Value::from(name)),
            Argument::Value(value),
            Argument::Value(self.additional.clone()),
        ];
        machine.method_of(module, function, &arguments)
    }
}

/// Names given as a string, an array or a fixed array.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Value::Object(object) => object.items().unwrap_or_default().iter().map(convert::text).collect(),
        _ => Vec::new(),
    }
}

fn number(number: &serde_json::Number) -> Outcome<rust_decimal::Decimal> {
    let text = number.to_string();
    let parsed =
        if text.contains(['e', 'E']) { rust_decimal::Decimal::from_scientific(&text) } else { text.parse() };
    parsed.map_err(|_| Fault::unknown(format!("the number {text}")))
}
