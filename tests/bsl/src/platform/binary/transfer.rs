//! `ЧтениеДанных` and `ЗаписьДанных`: numbers, characters and bytes from a stream and into one.

use std::any::Any;
use std::rc::Rc;

use super::buffer::Buffer;
use super::data::BinaryData;
use super::encoding::Encoding;
use super::stream::{Source, Stream, part};
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const READER: Names = names("ЧтениеДанных", "DataReader");
const WRITER: Names = names("ЗаписьДанных", "DataWriter");
const RESULT: Names = names("РезультатЧтенияДанных", "ReadDataResult");

/// `ЧтениеДанных`.
struct Reader {
    from: Source,
    encoding: Encoding,
}

/// `ЗаписьДанных`.
struct Writer {
    to: Source,
    encoding: Encoding,
    /// Whether it opened the stream itself.
    own: bool,
}

/// What a read gave.
struct ReadResult(Vec<u8>);

impl Object for Reader {
    fn type_names(&self) -> Names {
        READER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        let byte = |count: usize, name: &str| {
            let taken = self.from.take(count);
            if taken.len() < count {
                return Err(Fault::raised(format!(
                    "Ошибка при вызове метода контекста ({name}): конец потока"
                )));
            }
            Ok(taken.iter().rev().fold(0i64, |value, byte| value << 8 | i64::from(*byte)))
        };
        Ok(Some(match name {
            "прочитать" | "read" => {
                let given = Given::new("Прочитать", arguments, 0, 1)?;
                let count = if given.has(0) { given.index(0)? } else { usize::MAX };
                Value::object(ReadResult(self.from.take(count)))
            }
            "прочитатьбайт" | "readbyte" => Value::from(byte(1, "ПрочитатьБайт")?),
            "прочитатьцелое16" | "readint16" => Value::from(byte(2, "ПрочитатьЦелое16")?),
            "прочитатьцелое32" | "readint32" => Value::from(byte(4, "ПрочитатьЦелое32")?),
            "прочитатьсимволы" | "readchars" => {
                let given = Given::new("ПрочитатьСимволы", arguments, 0, 2)?;
                if given.has(0) {
                    return Err(Fault::unknown("ПрочитатьСимволы with a count"));
                }
                let encoding = if given.has(1) { Encoding::of(&given.value(1))? } else { self.encoding };
                Value::from(encoding.decode(&self.from.rest()))
            }
            "пропустить" | "skip" => {
                let count = Given::new("Пропустить", arguments, 1, 1)?.index(0)?;
                Value::from(self.from.take(count).len())
            }
            "прочитатьвбуфердвоичныхданных" | "readintobinarydatabuffer" => {
                let given = Given::new("ПрочитатьВБуферДвоичныхДанных", arguments, 0, 3)?;
                match given.value(0).downcast::<Buffer>() {
                    Some(buffer) => {
                        let at = if given.has(1) { given.index(1)? } else { 0 };
                        let count =
                            if given.has(2) { given.index(2)? } else { buffer.len().saturating_sub(at) };
                        let taken = self.from.take(count);
                        buffer.fill(at, &taken)?;
                        Value::from(taken.len())
                    }
                    None => {
                        let count = if given.has(0) { given.index(0)? } else { usize::MAX };
                        Value::object(Buffer::new(self.from.take(count)))
                    }
                }
            }
            "исходныйпоток" | "sourcestream" => Value::Object(self.from.clone()),
            "закрыть" | "close" => Value::Undefined,
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for ReadResult {
    fn type_names(&self) -> Names {
        RESULT
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok((name == "размер" || name == "size").then(|| Value::from(self.0.len())))
    }

    fn call(&self, _: &mut Machine, name: &str, _: &[Argument]) -> Outcome<Option<Value>> {
        Ok(match name {
            "получитьдвоичныеданные" | "getbinarydata" => {
                Some(BinaryData::value(self.0.clone()))
            }
            "получитьбуфердвоичныхданных" | "getbinarydatabuffer" => {
                Some(Value::object(Buffer::new(self.0.clone())))
            }
            "открытьпотокдлячтения" | "openstreamforread" => {
                Some(Value::object(Stream::reading(self.0.clone())))
            }
            _ => None,
        })
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Writer {
    fn type_names(&self) -> Names {
        WRITER
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "записать" | "write" => {
                let given = Given::new("Записать", arguments, 1, 1)?;
                let value = given.value(0);
                if let Some(data) = value.downcast::<BinaryData>() {
                    self.to.write(&data.0)?;
                } else if let Some(result) = value.downcast::<ReadResult>() {
                    self.to.write(&result.0)?;
                } else {
                    return Err(Fault::unknown("ЗаписьДанных.Записать of this type"));
                }
            }
            "записатьбуфердвоичныхданных" | "writebinarydatabuffer" => {
                let given = Given::new("ЗаписатьБуферДвоичныхДанных", arguments, 1, 3)?;
                let bytes = Buffer::of(&given, 0)?.bytes();
                self.to.write(part(&bytes, &given, 1)?)?;
            }
            "записатьсимволы" | "writechars" => {
                let given = Given::new("ЗаписатьСимволы", arguments, 1, 2)?;
                let encoding = if given.has(1) { Encoding::of(&given.value(1))? } else { self.encoding };
                self.to.write(&encoding.encode(&given.text(0)))?;
            }
            "записатьстроку" | "writeline" => {
                let given = Given::new("ЗаписатьСтроку", arguments, 1, 3)?;
                if given.has(1) || given.has(2) {
                    return Err(Fault::unknown("ЗаписатьСтроку with an encoding or a line break"));
                }
                self.to.write(&self.encoding.encode(&format!("{}\r\n", given.text(0))))?;
            }
            "записатьбайт" | "writebyte" => {
                let given = Given::new("ЗаписатьБайт", arguments, 1, 1)?;
                let byte = u8::try_from(given.integer(0)?).map_err(|_| given.wrong(0))?;
                self.to.write(&[byte])?;
            }
            "записатьцелое16" | "writeint16" => {
                let given = Given::new("ЗаписатьЦелое16", arguments, 1, 1)?;
                let value = u16::try_from(given.integer(0)?).map_err(|_| given.wrong(0))?;
                self.to.write(&value.to_le_bytes())?;
            }
            "записатьцелое32" | "writeint32" => {
                let given = Given::new("ЗаписатьЦелое32", arguments, 1, 1)?;
                let value = u32::try_from(given.integer(0)?).map_err(|_| given.wrong(0))?;
                self.to.write(&value.to_le_bytes())?;
            }
            "закрыть" | "close" => {
                // The stream of a file was made by the writer itself.
                if self.own {
                    self.to.close()?;
                }
            }
            "сброситьбуферы" | "flush" => {}
            _ => return Ok(None),
        }
        Ok(Some(Value::Undefined))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.type_name(RESULT);
    registry.constructor(READER, |_, arguments| {
        let given = Given::new("ЧтениеДанных", arguments, 1, 4)?;
        if given.has(2) || given.has(3) {
            return Err(Fault::unknown("ЧтениеДанных with a byte order or a line break"));
        }
        let value = given.value(0);
        let from = match (value.downcast::<Stream>(), value.downcast::<BinaryData>()) {
            (Some(stream), _) => stream,
            (None, Some(data)) => Rc::new(Stream::reading(data.0.to_vec())),
            (None, None) => Rc::new(Stream::open(given.text(0).into())?),
        };
        Ok(Value::object(Reader { from, encoding: Encoding::of(&given.value(1))? }))
    });
    registry.constructor(WRITER, |_, arguments| {
        let given = Given::new("ЗаписьДанных", arguments, 1, 6)?;
        for index in 2..given.len() {
            if given.has(index) {
                return Err(Fault::unknown("ЗаписьДанных with a byte order, a line break or a mark"));
            }
        }
        let (to, own) = match given.value(0).downcast::<Stream>() {
            Some(stream) => (stream, false),
            None => (Rc::new(Stream::writing(given.text(0).into(), Vec::new(), 0)?), true),
        };
        Ok(Value::object(Writer { to, encoding: Encoding::of(&given.value(1))?, own }))
    });
}
