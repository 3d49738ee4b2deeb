//! Streams, `ЧтениеДанных` and `ЗаписьДанных`. A stream is a buffer in memory; one of a file writes it back when it is
//! closed.

use std::any::Any;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::buffer::Buffer;
use super::data::BinaryData;
use super::encoding::Encoding;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

const MEMORY: Names = names("ПотокВПамяти", "MemoryStream");
const STREAM: Names = names("Поток", "Stream");
const FILE: Names = names("ФайловыйПоток", "FileStream");
const READER: Names = names("ЧтениеДанных", "DataReader");
const WRITER: Names = names("ЗаписьДанных", "DataWriter");
const RESULT: Names = names("РезультатЧтенияДанных", "ReadDataResult");

/// Where reading takes bytes from: a stream shared with whoever opened it.
pub type Source = Rc<Stream>;

/// A stream.
pub struct Stream {
    names: Names,
    state: RefCell<State>,
    writable: bool,
    /// Where the bytes go when it is closed.
    file: Option<PathBuf>,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    at: usize,
    closed: bool,
}

impl Stream {
    /// A stream over bytes, for reading only.
    #[must_use]
    pub fn reading(bytes: Vec<u8>) -> Self {
        let state = State { bytes, ..State::default() };
        Self { names: STREAM, state: RefCell::new(state), writable: false, file: None }
    }

    /// An empty stream in memory.
    #[must_use]
    pub fn memory() -> Self {
        Self { names: MEMORY, state: RefCell::default(), writable: true, file: None }
    }

    /// A file for reading.
    pub(super) fn open(path: PathBuf) -> Outcome<Self> {
        let bytes =
            std::fs::read(&path).map_err(|error| Fault::raised(format!("Ошибка открытия файла: {error}")))?;
        let state = RefCell::new(State { bytes, ..State::default() });
        Ok(Self { names: FILE, state, writable: false, file: None })
    }

    /// A file for writing from `at` on: its bytes reach the disk when the stream is closed.
    pub(super) fn writing(path: PathBuf, bytes: Vec<u8>, at: usize) -> Outcome<Self> {
        std::fs::write(&path, &bytes)
            .map_err(|error| Fault::raised(format!("Ошибка открытия файла: {error}")))?;
        let state = RefCell::new(State { bytes, at, closed: false });
        Ok(Self { names: FILE, state, writable: true, file: Some(path) })
    }

    /// Everything from the current position on.
    #[must_use]
    pub fn rest(&self) -> Vec<u8> {
        let mut state = self.state.borrow_mut();
        let rest = state.bytes.get(state.at..).unwrap_or_default().to_vec();
        state.at = state.bytes.len();
        rest
    }

    /// At most `count` bytes from the current position on.
    pub(super) fn take(&self, count: usize) -> Vec<u8> {
        let mut state = self.state.borrow_mut();
        let end = state.at.saturating_add(count).min(state.bytes.len());
        let taken = state.bytes.get(state.at..end).unwrap_or_default().to_vec();
        state.at = end;
        taken
    }

    /// Writes at the current position.
    ///
    /// # Errors
    /// A stream that is closed or for reading only.
    pub fn write(&self, bytes: &[u8]) -> Outcome<()> {
        let mut state = self.state.borrow_mut();
        if !self.writable || state.closed {
            return Err(Fault::raised("Поток недоступен для записи"));
        }
        let end = state.at + bytes.len();
        if state.bytes.len() < end {
            state.bytes.resize(end, 0);
        }
        let at = state.at;
        if let Some(place) = state.bytes.get_mut(at..end) {
            place.copy_from_slice(bytes);
        }
        state.at = end;
        Ok(())
    }

    fn close(&self) -> Outcome<Vec<u8>> {
        let mut state = self.state.borrow_mut();
        state.closed = true;
        let bytes = std::mem::take(&mut state.bytes);
        if let Some(path) = &self.file {
            std::fs::write(path, &bytes)
                .map_err(|error| Fault::raised(format!("Ошибка записи файла: {error}")))?;
        }
        Ok(bytes)
    }

    fn seek(&self, given: &Given<'_>) -> Outcome<Value> {
        let mut state = self.state.borrow_mut();
        let from = given.value(1);
        let is = |name| EnumValue::is(&from, "ПозицияВПотоке", name);
        let base = if is("Конец") {
            state.bytes.len()
        } else if is("Текущая") {
            state.at
        } else {
            0
        };
        let moved = i64::try_from(base).unwrap_or(i64::MAX).saturating_add(given.integer(0)?);
        state.at = usize::try_from(moved).map_err(|_| given.wrong(0))?;
        Ok(Value::from(state.at))
    }
}

impl Object for Stream {
    fn type_names(&self) -> Names {
        self.names
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "доступназапись" | "canwrite" => Some(Value::Bool(self.writable)),
            "доступночтение" | "canread" => Some(Value::Bool(true)),
            "доступноизменениепозиции" | "canseek" => Some(Value::Bool(true)),
            _ => None,
        })
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "размер" | "size" => Value::from(self.state.borrow().bytes.len()),
            "текущаяпозиция" | "currentposition" => Value::from(self.state.borrow().at),
            "перейти" | "seek" => self.seek(&Given::new("Перейти", arguments, 2, 2)?)?,
            "закрыть" | "close" => {
                self.close()?;
                Value::Undefined
            }
            "закрытьиполучитьдвоичныеданные" | "closeandgetbinarydata" => {
                BinaryData::value(self.close()?)
            }
            "сброситьбуферы" | "flush" => Value::Undefined,
            "прочитать" | "read" => {
                let given = Given::new("Прочитать", arguments, 3, 3)?;
                let buffer = Buffer::of(&given, 0)?;
                let taken = self.take(given.index(2)?);
                buffer.fill(given.index(1)?, &taken)?;
                Value::from(taken.len())
            }
            "записать" | "write" => {
                let given = Given::new("Записать", arguments, 3, 3)?;
                let bytes = Buffer::of(&given, 0)?.bytes();
                self.write(part(&bytes, &given, 1)?)?;
                Value::Undefined
            }
            "установитьразмер" | "setsize" => {
                let size = Given::new("УстановитьРазмер", arguments, 1, 1)?.index(0)?;
                let mut state = self.state.borrow_mut();
                state.bytes.resize(size, 0);
                state.at = state.at.min(size);
                Value::Undefined
            }
            "копироватьв" | "copyto" => {
                let given = Given::new("КопироватьВ", arguments, 1, 2)?;
                let to = given.value(0).downcast::<Self>().ok_or_else(|| given.wrong(0))?;
                to.write(&self.rest())?;
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// The part of a buffer that two arguments name: position and count, both to the end when left out.
fn part<'b>(bytes: &'b [u8], given: &Given<'_>, from: usize) -> Outcome<&'b [u8]> {
    let start = if given.has(from) { given.index(from)? } else { 0 };
    let count = if given.has(from + 1) { given.index(from + 1)? } else { bytes.len().saturating_sub(start) };
    let end = start.saturating_add(count);
    bytes.get(start..end).ok_or_else(|| Fault::raised("Индекс находится за границами буфера"))
}

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
    for names in [STREAM, RESULT] {
        registry.type_name(names);
    }
    registry.constructor(MEMORY, |_, arguments| {
        let given = Given::new("ПотокВПамяти", arguments, 0, 1)?;
        if given.value(0).downcast::<Buffer>().is_some() {
            return Err(Fault::unknown("a stream in memory over a buffer"));
        }
        Ok(Value::object(Stream::memory()))
    });
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
