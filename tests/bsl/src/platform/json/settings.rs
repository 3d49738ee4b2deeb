//! `ПараметрыЗаписиJSON` and `НастройкиСериализацииJSON`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::Object;
use crate::platform::arguments::Given;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const WRITER: Names = names("ПараметрыЗаписиJSON", "JSONWriterSettings");
const SERIALIZER: Names = names("НастройкиСериализацииJSON", "JSONSerializerSettings");

/// How text is formatted. The platform's are read-only; they come from the constructor.
#[derive(Clone)]
pub(super) struct WriterSettings {
    /// Between lines; `None`: compact.
    pub(super) line_break: Option<&'static str>,
    pub(super) indent: String,
    pub(super) double_quotes: bool,
    /// `Нет`, `СимволыВнеASCII` or `СимволыВнеBMP`.
    pub(super) outside_ascii: bool,
    pub(super) outside_bmp: bool,
    pub(super) angle_brackets: bool,
    pub(super) line_terminators: bool,
    pub(super) ampersand: bool,
    pub(super) single_quotes: bool,
    pub(super) slash: bool,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self {
            line_break: Some(if cfg!(windows) { "\r\n" } else { "\n" }),
            indent: " ".to_owned(),
            double_quotes: true,
            outside_ascii: false,
            outside_bmp: false,
            angle_brackets: false,
            line_terminators: true,
            ampersand: false,
            single_quotes: false,
            slash: false,
        }
    }
}

impl WriterSettings {
    /// `(ПереносСтрок, СимволыОтступа, ИспользоватьДвойныеКавычки, ЭкранированиеСимволов, ЭкранироватьУгловыеСкобки,
    /// ЭкранироватьРазделителиСтрок, ЭкранироватьАмперсанд, ЭкранироватьОдинарныеКавычки, ЭкранироватьСлеш)`.
    fn of(given: &Given<'_>) -> Outcome<Self> {
        let defaults = Self::default();
        let breaks = given.value(0);
        let is = |name| EnumValue::is(&breaks, "ПереносСтрокJSON", name);
        let escapes = given.value(3);
        let escape = |name| EnumValue::is(&escapes, "ЭкранированиеСимволовJSON", name);
        Ok(Self {
            line_break: if is("Нет") {
                None
            } else if is("Windows") {
                Some("\r\n")
            } else if is("Unix") {
                Some("\n")
            } else {
                defaults.line_break
            },
            indent: given.text_or(1, &defaults.indent),
            double_quotes: given.bool_or(2, true)?,
            outside_ascii: escape("СимволыВнеASCII"),
            outside_bmp: escape("СимволыВнеBMP") || escape("СимволыВнеASCII"),
            angle_brackets: given.bool_or(4, false)?,
            line_terminators: given.bool_or(5, true)?,
            ampersand: given.bool_or(6, false)?,
            single_quotes: given.bool_or(7, false)?,
            slash: given.bool_or(8, false)?,
        })
    }
}

impl Object for WriterSettings {
    fn type_names(&self) -> Names {
        WRITER
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// How values become JSON.
#[derive(Default)]
pub(super) struct SerializerSettings {
    pub(super) format: RefCell<Value>,
    pub(super) variant: RefCell<Value>,
    arrays_as_objects: RefCell<bool>,
}

impl Object for SerializerSettings {
    fn type_names(&self) -> Names {
        SERIALIZER
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "форматсериализациидаты" | "dateserializationformat" => {
                Some(self.format.borrow().clone())
            }
            "вариантзаписидаты" | "datewritingvariant" => {
                Some(self.variant.borrow().clone())
            }
            "сериализоватьмассивыкакобъекты" | "serializearraysasobjects" => {
                Some(Value::Bool(*self.arrays_as_objects.borrow()))
            }
            _ => None,
        })
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        match name {
            "форматсериализациидаты" | "dateserializationformat" => {
                *self.format.borrow_mut() = value.clone()
            }
            "вариантзаписидаты" | "datewritingvariant" => {
                *self.variant.borrow_mut() = value.clone()
            }
            "сериализоватьмассивыкакобъекты" | "serializearraysasobjects" => {
                if operators::truth(value)? {
                    return Err(crate::error::Fault::unknown("СериализоватьМассивыКакОбъекты"));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(WRITER, |_, arguments| {
        let given = Given::new("ПараметрыЗаписиJSON", arguments, 0, 9)?;
        WriterSettings::of(&given).map(Value::object)
    });
    registry.constructor(SERIALIZER, |_, arguments| {
        Given::new("НастройкиСериализацииJSON", arguments, 0, 0)?;
        Ok(Value::object(SerializerSettings::default()))
    });
}
