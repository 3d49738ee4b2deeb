//! `ЧтениеТекста`: text of a stream or a file, read whole or by lines.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::encoding::Encoding;
use super::stream::Stream;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const READER: Names = names("ЧтениеТекста", "TextReader");

/// A reader of text; line ends become LF, as the platform's default separators make them.
#[derive(Default)]
struct Reader {
    rest: RefCell<Option<String>>,
}

impl Reader {
    /// `Открыть(Источник, Кодировка, РазделительСтрок, КонвертируемыйРазделительСтрок)`.
    fn open(&self, given: &Given<'_>) -> Outcome<()> {
        let encoding = Encoding::of(&given.value(1))?;
        let bytes = match given.value(0).downcast::<Stream>() {
            Some(stream) => stream.rest(),
            None => {
                let path = given.text(0);
                std::fs::read(&path)
                    .map_err(|error| Fault::raised(format!("Ошибка открытия файла '{path}': {error}")))?
            }
        };
        let text = encoding.decode(&bytes);
        // The fourth parameter is the separator that is converted: CR LF unless it says otherwise.
        let converted = given.text_or(3, "\r\n");
        let text = if converted.is_empty() { text } else { text.replace(&converted, "\n") };
        *self.rest.borrow_mut() = Some(text);
        Ok(())
    }
}

impl Object for Reader {
    fn type_names(&self) -> Names {
        READER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "открыть" | "open" => {
                self.open(&Given::new("Открыть", arguments, 1, 5)?)?;
                Value::Undefined
            }
            "прочитать" | "read" => {
                if Given::new("Прочитать", arguments, 0, 1)?.has(0) {
                    return Err(Fault::unknown("ЧтениеТекста.Прочитать with a count"));
                }
                match self.rest.borrow_mut().take() {
                    // At the end there is nothing, not an empty string.
                    Some(text) if !text.is_empty() => Value::from(text),
                    _ => Value::Undefined,
                }
            }
            "прочитатьстроку" | "readline" => {
                Given::new("ПрочитатьСтроку", arguments, 0, 1)?;
                let mut rest = self.rest.borrow_mut();
                match rest.take() {
                    Some(text) if !text.is_empty() => {
                        let (line, after) = text.split_once('\n').unwrap_or((&text, ""));
                        *rest = Some(after.to_owned());
                        Value::from(line)
                    }
                    _ => Value::Undefined,
                }
            }
            "закрыть" | "close" => {
                *self.rest.borrow_mut() = None;
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(READER, |_, arguments| {
        let given = Given::new("ЧтениеТекста", arguments, 0, 5)?;
        let reader = Reader::default();
        if given.has(0) {
            reader.open(&given)?;
        }
        Ok(Value::object(reader))
    });
}
