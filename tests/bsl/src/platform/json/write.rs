//! `ЗаписьJSON` and `ЗаписатьJSON`.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use super::date;
use super::settings::{SerializerSettings, WriterSettings};
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object, Variable};
use crate::platform::arguments::Given;
use crate::platform::binary::{Encoding, Stream};
use crate::platform::collections::{Array, Map, Structure};
use crate::platform::convert;
use crate::platform::types::type_of;
use crate::run::{Machine, Registry};
use crate::value::Value;

const WRITER: Names = names("ЗаписьJSON", "JSONWriter");

/// A text being written.
#[derive(Default)]
struct Writer {
    text: RefCell<String>,
    settings: RefCell<WriterSettings>,
    to: RefCell<Option<(Rc<Stream>, Encoding)>>,
}

impl Object for Writer {
    fn type_names(&self) -> Names {
        WRITER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "установитьстроку" | "setstring" => {
                let given = Given::new("УстановитьСтроку", arguments, 0, 1)?;
                self.begin(&given, 0)?;
            }
            "открытьпоток" | "openstream" => {
                // (Поток, Кодировка, ДобавитьМеткуПорядкаБайтов, Параметры)
                let given = Given::new("ОткрытьПоток", arguments, 1, 4)?;
                let stream = given.value(0).downcast::<Stream>().ok_or_else(|| given.wrong(0))?;
                let encoding = Encoding::of(&given.value(1))?;
                if given.bool_or(2, false)? {
                    stream.write(encoding.mark())?;
                }
                self.begin(&given, 3)?;
                *self.to.borrow_mut() = Some((stream, encoding));
            }
            "закрыть" | "close" => {
                let text = std::mem::take(&mut *self.text.borrow_mut());
                if let Some((stream, encoding)) = self.to.borrow_mut().take() {
                    stream.write(&encoding.encode(&text))?;
                }
                return Ok(Some(Value::from(text)));
            }
            _ => return Ok(None),
        }
        Ok(Some(Value::Undefined))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Writer {
    fn begin(&self, given: &Given<'_>, settings: usize) -> Outcome<()> {
        self.text.borrow_mut().clear();
        *self.to.borrow_mut() = None;
        if given.has(settings) {
            let settings_given = given.value(settings).downcast::<WriterSettings>();
            let settings = settings_given.ok_or_else(|| given.wrong(settings))?;
            *self.settings.borrow_mut() = (*settings).clone();
        }
        Ok(())
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(WRITER, |_, arguments| {
        Given::new("ЗаписьJSON", arguments, 0, 0)?;
        Ok(Value::object(Writer::default()))
    });
    registry.function(names("ЗаписатьJSON", "WriteJSON"), write);
}

/// `ЗаписатьJSON(ЗаписьJSON, Значение, НастройкиСериализации, ИмяФункцииПреобразования, МодульФункцииПреобразования,
/// ДополнительныеПараметрыФункцииПреобразования)`.
fn write(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ЗаписатьJSON", arguments, 2, 6)?;
    let writer = given.value(0).downcast::<Writer>().ok_or_else(|| given.wrong(0))?;
    let serializer = given.value(2).downcast::<SerializerSettings>();
    let function = given.text(3);
    let (format, variant) = serializer.map_or_else(Default::default, |settings| {
        (settings.format.borrow().clone(), settings.variant.borrow().clone())
    });
    let rules = Rules {
        settings: writer.settings.borrow().clone(),
        format,
        variant,
        converter: (!function.is_empty() && given.has(4)).then(|| (function, given.value(4))),
        additional: given.value(5),
    };
    let mut text = String::new();
    rules.value(machine, &mut text, Place { name: "", depth: 0 }, &given.value(1))?;
    writer.text.borrow_mut().push_str(&text);
    Ok(Value::Undefined)
}

struct Rules {
    settings: WriterSettings,
    format: Value,
    variant: Value,
    converter: Option<(String, Value)>,
    additional: Value,
}

/// Where a value is written: under which property, how deep.
#[derive(Clone, Copy)]
struct Place<'n> {
    name: &'n str,
    depth: usize,
}

impl Place<'_> {
    fn below(self, name: &str) -> Place<'_> {
        Place { name, depth: self.depth + 1 }
    }
}

impl Rules {
    fn value(&self, machine: &mut Machine, into: &mut String, at: Place<'_>, value: &Value) -> Outcome<()> {
        match value {
            Value::Undefined | Value::Null => into.push_str("null"),
            Value::Bool(value) => into.push_str(if *value { "true" } else { "false" }),
            Value::Number(value) => into.push_str(&value.normalize().to_string()),
            Value::Text(text) => self.string(into, text),
            Value::Date(value) => {
                let text = date::write(machine, *value, &self.format, &self.variant)?;
                self.string(into, &text);
            }
            Value::Object(_) | Value::Type(_) => return self.object(machine, into, at, value),
        }
        Ok(())
    }

    fn object(&self, machine: &mut Machine, into: &mut String, at: Place<'_>, value: &Value) -> Outcome<()> {
        if let Some(array) = value.downcast::<Array>() {
            let items = array.items().unwrap_or_default();
            return self.members(into, ('[', ']'), &items, at.depth, |into, item| {
                self.value(machine, into, at.below(at.name), item)
            });
        }
        let pairs = if let Some(structure) = value.downcast::<Structure>() {
            structure.pairs().into_iter().map(|(key, value)| (key.to_string(), value)).collect::<Vec<_>>()
        } else if let Some(map) = value.downcast::<Map>() {
            map.pairs().into_iter().map(|(key, value)| (convert::text(&key), value)).collect()
        } else {
            return self.converted(machine, into, at, value);
        };
        self.members(into, ('{', '}'), &pairs, at.depth, |into, (key, value)| {
            self.string(into, key);
            into.push(':');
            if self.settings.line_break.is_some() {
                into.push(' ');
            }
            self.value(machine, into, at.below(key), value)
        })
    }

    /// A value the platform cannot write: the converter's business, if there is one.
    fn converted(
        &self,
        machine: &mut Machine,
        into: &mut String,
        at: Place<'_>,
        value: &Value,
    ) -> Outcome<()> {
        let refused =
            || Fault::raised(format!("Передано значение недопустимого типа ({})", type_of(value).russian));
        let Some((function, module)) = &self.converter else { return Err(refused()) };
        let cancel: Variable = Rc::new(RefCell::new(Value::Bool(false)));
        let arguments = [
            Argument::Value(Value::from(at.name)),
            Argument::Value(value.clone()),
            Argument::Value(self.additional.clone()),
            Argument::Variable(cancel.clone()),
        ];
        let result = machine.method_of(module, function, &arguments)?;
        if matches!(*cancel.borrow(), Value::Bool(true)) {
            into.push_str("null");
            return Ok(());
        }
        match &result {
            Value::Object(same) if value.downcast::<Array>().is_none() => {
                let unchanged = matches!(value, Value::Object(object) if Rc::ptr_eq(object, same));
                if unchanged { Err(refused()) } else { self.value(machine, into, at, &result) }
            }
            _ => self.value(machine, into, at, &result),
        }
    }

    fn members<M>(
        &self,
        into: &mut String,
        brackets: (char, char),
        all: &[M],
        depth: usize,
        mut member: impl FnMut(&mut String, &M) -> Outcome<()>,
    ) -> Outcome<()> {
        into.push(brackets.0);
        for (index, one) in all.iter().enumerate() {
            if index > 0 {
                into.push(',');
            }
            self.line(into, depth + 1);
            member(into, one)?;
        }
        if !all.is_empty() {
            self.line(into, depth);
        }
        into.push(brackets.1);
        Ok(())
    }

    fn line(&self, into: &mut String, depth: usize) {
        let Some(line_break) = self.settings.line_break else { return };
        into.push_str(line_break);
        for _ in 0..depth {
            into.push_str(&self.settings.indent);
        }
    }

    fn string(&self, into: &mut String, text: &str) {
        let settings = &self.settings;
        let quote = if settings.double_quotes { '"' } else { '\'' };
        into.push(quote);
        for character in text.chars() {
            let escaped = match character {
                '"' => settings.double_quotes,
                '\'' => settings.single_quotes || !settings.double_quotes,
                '<' | '>' => settings.angle_brackets,
                '&' => settings.ampersand,
                '\u{2028}' | '\u{2029}' => settings.line_terminators,
                other => {
                    (settings.outside_ascii && !other.is_ascii())
                        || (settings.outside_bmp && u32::from(other) > 0xFFFF)
                }
            };
            match character {
                '"' if escaped => into.push_str("\\\""),
                '\\' => into.push_str("\\\\"),
                '/' if settings.slash => into.push_str("\\/"),
                '\n' => into.push_str("\\n"),
                '\r' => into.push_str("\\r"),
                '\t' => into.push_str("\\t"),
                '\u{8}' => into.push_str("\\b"),
                '\u{c}' => into.push_str("\\f"),
                other if escaped || u32::from(other) < 0x20 => {
                    let mut units = [0; 2];
                    for unit in other.encode_utf16(&mut units) {
                        let _ = write!(into, "\\u{unit:04X}");
                    }
                }
                other => into.push(other),
            }
        }
        into.push(quote);
    }
}
