//! `БуферДвоичныхДанных`: bytes that change in place. A slice of a buffer shares its bytes.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::data::BinaryData;
use super::encoding::Encoding;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

const BUFFER: Names = names("БуферДвоичныхДанных", "BinaryDataBuffer");

/// Bytes that change in place. Little-endian: another order of bytes is only known as an argument.
pub struct Buffer {
    bytes: Rc<RefCell<Vec<u8>>>,
    part: Range<usize>,
}

impl Buffer {
    /// A buffer of these bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let part = 0..bytes.len();
        Self { bytes: Rc::new(RefCell::new(bytes)), part }
    }

    /// The buffer behind an argument.
    pub(crate) fn of(given: &Given<'_>, index: usize) -> Outcome<Rc<Self>> {
        given.value(index).downcast::<Self>().ok_or_else(|| given.wrong(index))
    }

    /// A copy of its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().get(self.part.clone()).unwrap_or_default().to_vec()
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.part.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.part.is_empty()
    }

    /// Writes bytes at a position.
    ///
    /// # Errors
    /// Bytes that would not fit: a buffer does not grow.
    pub fn fill(&self, at: usize, bytes: &[u8]) -> Outcome<()> {
        let range = self.range(at, bytes.len())?;
        if let Some(place) = self.bytes.borrow_mut().get_mut(range) {
            place.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn read(&self, at: usize, count: usize) -> Outcome<Vec<u8>> {
        let range = self.range(at, count)?;
        Ok(self.bytes.borrow().get(range).unwrap_or_default().to_vec())
    }

    /// A part of this buffer as a range of the shared bytes.
    fn range(&self, at: usize, count: usize) -> Outcome<Range<usize>> {
        let end = at.checked_add(count).filter(|end| *end <= self.len());
        let end = end.ok_or_else(|| Fault::raised("Индекс находится за границами буфера"))?;
        Ok(self.part.start + at..self.part.start + end)
    }

    /// `ПрочитатьЦелоеN(Позиция, ПорядокБайтов)`.
    fn integer(&self, name: &'static str, arguments: &[Argument], size: usize) -> Outcome<Value> {
        let given = Given::new(name, arguments, 1, 2)?;
        let mut bytes = self.read(given.index(0)?, size)?;
        if !is_big(&given, 1)? {
            bytes.reverse();
        }
        let value = bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        Ok(Value::Number(value.into()))
    }

    /// `ЗаписатьЦелоеN(Позиция, Значение, ПорядокБайтов)`.
    fn set_integer(&self, name: &'static str, arguments: &[Argument], size: usize) -> Outcome<Value> {
        let given = Given::new(name, arguments, 2, 3)?;
        let value = u64::try_from(given.integer(1)?).map_err(|_| given.wrong(1))?;
        let mut bytes = value.to_be_bytes();
        let (rest, used) = bytes.split_at_mut(8 - size);
        if rest.iter().any(|byte| *byte != 0) {
            return Err(given.wrong(1));
        }
        if !is_big(&given, 2)? {
            used.reverse();
        }
        self.fill(given.index(0)?, used)?;
        Ok(Value::Undefined)
    }
}

fn is_big(given: &Given<'_>, index: usize) -> Outcome<bool> {
    if !given.has(index) {
        return Ok(false);
    }
    let is = |name| EnumValue::is(&given.value(index), "ПорядокБайтов", name);
    if is("BigEndian") {
        Ok(true)
    } else if is("LittleEndian") {
        Ok(false)
    } else {
        Err(given.wrong(index))
    }
}

impl Object for Buffer {
    fn type_names(&self) -> Names {
        BUFFER
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "размер" | "size" => Some(Value::from(self.len())),
            "толькочтение" | "readonly" => Some(Value::Bool(false)),
            _ => None,
        })
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "получить" | "get" => {
                let at = Given::new("Получить", arguments, 1, 1)?.index(0)?;
                self.read(at, 1)?.first().map_or(Value::Undefined, |byte| Value::from(i64::from(*byte)))
            }
            "установить" | "set" => {
                let given = Given::new("Установить", arguments, 2, 2)?;
                let byte = u8::try_from(given.integer(1)?).map_err(|_| given.wrong(1))?;
                self.fill(given.index(0)?, &[byte])?;
                Value::Undefined
            }
            "прочитать" | "read" => {
                let given = Given::new("Прочитать", arguments, 2, 2)?;
                Value::object(Self::new(self.read(given.index(0)?, given.index(1)?)?))
            }
            "получитьсрез" | "getslice" => {
                let given = Given::new("ПолучитьСрез", arguments, 1, 2)?;
                let at = given.index(0)?;
                let count = if given.has(1) { given.index(1)? } else { self.len().saturating_sub(at) };
                Value::object(Self { bytes: self.bytes.clone(), part: self.range(at, count)? })
            }
            "записать" | "write" => {
                let given = Given::new("Записать", arguments, 2, 3)?;
                let bytes = Self::of(&given, 1)?.bytes();
                let count = if given.has(2) { given.index(2)? } else { bytes.len() };
                let bytes = bytes.get(..count).ok_or_else(|| given.wrong(2))?;
                self.fill(given.index(0)?, bytes)?;
                Value::Undefined
            }
            "скопировать" | "copy" => Value::object(Self::new(self.bytes())),
            "соединить" | "concat" => {
                let other = Self::of(&Given::new("Соединить", arguments, 1, 1)?, 0)?;
                Value::object(Self::new([self.bytes(), other.bytes()].concat()))
            }
            "прочитатьцелое16" | "readint16" => {
                self.integer("ПрочитатьЦелое16", arguments, 2)?
            }
            "прочитатьцелое32" | "readint32" => {
                self.integer("ПрочитатьЦелое32", arguments, 4)?
            }
            "прочитатьцелое64" | "readint64" => {
                self.integer("ПрочитатьЦелое64", arguments, 8)?
            }
            "записатьцелое16" | "writeint16" => {
                self.set_integer("ЗаписатьЦелое16", arguments, 2)?
            }
            "записатьцелое32" | "writeint32" => {
                self.set_integer("ЗаписатьЦелое32", arguments, 4)?
            }
            "записатьцелое64" | "writeint64" => {
                self.set_integer("ЗаписатьЦелое64", arguments, 8)?
            }
            _ => return Ok(None),
        }))
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let arguments = [Argument::Value(key.clone())];
        let at = Given::new("Получить", &arguments, 1, 1)?.index(0)?;
        Ok(self.read(at, 1)?.first().map(|byte| Value::from(i64::from(*byte))))
    }

    fn put(&self, key: &Value, value: &Value) -> Outcome<bool> {
        let arguments = [Argument::Value(key.clone()), Argument::Value(value.clone())];
        let given = Given::new("Установить", &arguments, 2, 2)?;
        let byte = u8::try_from(given.integer(1)?).map_err(|_| given.wrong(1))?;
        self.fill(given.index(0)?, &[byte]).map(|()| true)
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.bytes().into_iter().map(|byte| Value::from(i64::from(byte))).collect())
    }

    fn is_filled(&self) -> bool {
        !self.is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(BUFFER, |_, a| {
        let given = Given::new("БуферДвоичныхДанных", a, 1, 2)?;
        if is_big(&given, 1)? {
            return Err(Fault::unknown("a buffer with another order of bytes"));
        }
        Ok(Value::object(Buffer::new(vec![0; given.index(0)?])))
    });
    registry.function(
        names("ПолучитьБуферДвоичныхДанныхИзДвоичныхДанных", "GetBinaryDataBufferFromBinaryData"),
        |_, a| {
            let given = Given::new("ПолучитьБуферДвоичныхДанныхИзДвоичныхДанных", a, 1, 1)?;
            Ok(Value::object(Buffer::new(BinaryData::of(&given, 0)?.to_vec())))
        },
    );
    registry.function(
        names("ПолучитьДвоичныеДанныеИзБуфераДвоичныхДанных", "GetBinaryDataFromBinaryDataBuffer"),
        |_, a| {
            let given = Given::new("ПолучитьДвоичныеДанныеИзБуфераДвоичныхДанных", a, 1, 1)?;
            Ok(BinaryData::value(Buffer::of(&given, 0)?.bytes()))
        },
    );
    registry.function(
        names("ПолучитьБуферДвоичныхДанныхИзСтроки", "GetBinaryDataBufferFromString"),
        |_, a| {
            let given = Given::new("ПолучитьБуферДвоичныхДанныхИзСтроки", a, 1, 3)?;
            let encoding = Encoding::of(&given.value(1))?;
            let mut bytes = if given.bool_or(2, false)? { encoding.mark().to_vec() } else { Vec::new() };
            bytes.extend(encoding.encode(&given.text(0)));
            Ok(Value::object(Buffer::new(bytes)))
        },
    );
    registry.function(
        names("ПолучитьСтрокуИзБуфераДвоичныхДанных", "GetStringFromBinaryDataBuffer"),
        |_, a| {
            let given = Given::new("ПолучитьСтрокуИзБуфераДвоичныхДанных", a, 1, 2)?;
            Ok(Value::from(Encoding::of(&given.value(1))?.decode(&Buffer::of(&given, 0)?.bytes())))
        },
    );
    registry.function(names("РазделитьДвоичныеДанные", "SplitBinaryData"), |_, a| {
        let given = Given::new("РазделитьДвоичныеДанные", a, 2, 2)?;
        let data = BinaryData::of(&given, 0)?;
        let size = given.index(1)?;
        if size == 0 {
            return Err(given.wrong(1));
        }
        Ok(Value::object(Array::of(data.chunks(size).map(|part| BinaryData::value(part.to_vec())).collect())))
    });
}
