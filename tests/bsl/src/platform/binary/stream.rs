//! Streams. A stream is a buffer in memory; one of a file writes it back when it is closed.

use std::any::Any;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::buffer::Buffer;
use super::data::BinaryData;
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

    /// Closes it, and gives its bytes; a file is written.
    pub(super) fn close(&self) -> Outcome<Vec<u8>> {
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
pub(super) fn part<'b>(bytes: &'b [u8], given: &Given<'_>, from: usize) -> Outcome<&'b [u8]> {
    let start = if given.has(from) { given.index(from)? } else { 0 };
    let count = if given.has(from + 1) { given.index(from + 1)? } else { bytes.len().saturating_sub(start) };
    let end = start.saturating_add(count);
    bytes.get(start..end).ok_or_else(|| Fault::raised("Индекс находится за границами буфера"))
}

pub(super) fn register(registry: &mut Registry) {
    registry.type_name(STREAM);
    registry.constructor(MEMORY, |_, arguments| {
        let given = Given::new("ПотокВПамяти", arguments, 0, 1)?;
        if given.value(0).downcast::<Buffer>().is_some() {
            return Err(Fault::unknown("a stream in memory over a buffer"));
        }
        Ok(Value::object(Stream::memory()))
    });
}
