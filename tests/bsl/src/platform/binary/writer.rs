//! `ЗаписьТекста` into a file. Line feeds become CR LF, a text in UTF-8 or UTF-16 begins with a byte order mark (both
//! unverified on Linux). Writing into a stream is not here: what the platform begins it with is unverified.

use std::any::Any;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::encoding::Encoding;
use super::stream::Stream;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const WRITER: Names = names("ЗаписьТекста", "TextWriter");

/// A writer of text.
#[derive(Default)]
struct Writer {
    open: RefCell<Option<Open>>,
}

struct Open {
    path: PathBuf,
    encoding: Encoding,
    /// Between lines, before it is converted.
    separator: String,
    /// What a line feed becomes.
    converted: String,
    bytes: Vec<u8>,
}

impl Writer {
    /// `Открыть(ИмяФайла, Кодировка, РазделительСтрок, Дописывать, КонвертируемыйРазделительСтрок)`.
    fn open(&self, given: &Given<'_>) -> Outcome<()> {
        if given.value(0).downcast::<Stream>().is_some() {
            return Err(Fault::unknown("ЗаписьТекста into a stream"));
        }
        let path = PathBuf::from(given.text(0));
        let encoding = Encoding::of(&given.value(1))?;
        let old =
            if given.bool_or(3, false)? { std::fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let bytes = if old.is_empty() { encoding.mark().to_vec() } else { old };
        std::fs::write(&path, &bytes)
            .map_err(|error| Fault::raised(format!("Ошибка открытия файла: {error}")))?;
        let separator = given.text_or(2, "\n");
        let converted = given.text_or(4, "\r\n");
        *self.open.borrow_mut() = Some(Open { path, encoding, separator, converted, bytes });
        Ok(())
    }

    fn add(&self, text: &str, line_end: Option<Option<String>>) -> Outcome<()> {
        let mut open = self.open.borrow_mut();
        let open = open.as_mut().ok_or_else(|| Fault::raised("Файл не открыт"))?;
        let end = line_end.map(|end| end.unwrap_or_else(|| open.separator.clone())).unwrap_or_default();
        let text = format!("{text}{end}");
        let text = if open.converted.is_empty() { text } else { text.replace('\n', &open.converted) };
        let encoded = open.encoding.encode(&text);
        open.bytes.extend(encoded);
        Ok(())
    }

    fn close(&self) -> Outcome<()> {
        match self.open.borrow_mut().take() {
            Some(open) => std::fs::write(&open.path, &open.bytes)
                .map_err(|error| Fault::raised(format!("Ошибка записи файла: {error}"))),
            None => Ok(()),
        }
    }
}

impl Object for Writer {
    fn type_names(&self) -> Names {
        WRITER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "открыть" | "open" => self.open(&Given::new("Открыть", arguments, 1, 5)?)?,
            "записать" | "write" => {
                self.add(&Given::new("Записать", arguments, 1, 1)?.text(0), None)?;
            }
            "записатьстроку" | "writeline" => {
                let given = Given::new("ЗаписатьСтроку", arguments, 1, 2)?;
                self.add(&given.text(0), Some(given.has(1).then(|| given.text(1))))?;
            }
            "закрыть" | "close" => self.close()?,
            _ => return Ok(None),
        }
        Ok(Some(Value::Undefined))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(WRITER, |_, a| {
        let given = Given::new("ЗаписьТекста", a, 0, 5)?;
        let writer = Writer::default();
        if given.has(0) {
            writer.open(&given)?;
        }
        Ok(Value::object(writer))
    });
}
