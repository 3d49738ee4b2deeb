//! `ДвоичныеДанные`: bytes that never change.

use std::any::Any;
use std::rc::Rc;

use super::stream::Stream;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const DATA: Names = names("ДвоичныеДанные", "BinaryData");

/// Bytes that never change.
pub struct BinaryData(pub Rc<[u8]>);

impl BinaryData {
    /// Bytes as a value.
    #[must_use]
    pub fn value(bytes: impl Into<Rc<[u8]>>) -> Value {
        Value::object(Self(bytes.into()))
    }

    /// The bytes behind an argument.
    pub(crate) fn of(given: &Given<'_>, index: usize) -> Outcome<Rc<[u8]>> {
        let data = given.value(index).downcast::<Self>().ok_or_else(|| given.wrong(index))?;
        Ok(data.0.clone())
    }
}

impl Object for BinaryData {
    fn type_names(&self) -> Names {
        DATA
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "размер" | "size" => Value::from(self.0.len()),
            "записать" | "write" => {
                let path = Given::new("Записать", arguments, 1, 1)?.text(0);
                std::fs::write(&path, &self.0)
                    .map_err(|error| Fault::raised(format!("Ошибка записи файла '{path}': {error}")))?;
                Value::Undefined
            }
            "открытьпотокдлячтения" | "openstreamforread" => {
                Value::object(Stream::reading(self.0.to_vec()))
            }
            _ => return Ok(None),
        }))
    }

    /// The platform shows the bytes in hexadecimal.
    fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn is_filled(&self) -> bool {
        !self.0.is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(DATA, |_, arguments| {
        let path = Given::new("ДвоичныеДанные", arguments, 1, 1)?.text(0);
        let bytes = std::fs::read(&path)
            .map_err(|error| Fault::raised(format!("Ошибка чтения файла '{path}': {error}")))?;
        Ok(BinaryData::value(bytes))
    });
}
