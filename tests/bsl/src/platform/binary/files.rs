//! Streams of files: `ФайловыеПотоки` and `Новый ФайловыйПоток`. A file is read whole when it is opened and written whole
//! when its stream is closed.

use std::any::Any;
use std::path::PathBuf;
use std::rc::Rc;

use super::stream::Stream;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

const MANAGER: Names = names("ФайловыеПотоки", "FileStreams");
const STREAM: Names = names("ФайловыйПоток", "FileStream");

/// `ФайловыеПотоки`.
struct FileStreams;

impl Object for FileStreams {
    fn type_names(&self) -> Names {
        names("МенеджерФайловыхПотоков", "FileStreamsManager")
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        let path =
            |name: &'static str| Given::new(name, arguments, 1, 2).map(|given| PathBuf::from(given.text(0)));
        Ok(Some(Value::object(match name {
            "открытьдлячтения" | "openforread" => Stream::open(path("ОткрытьДляЧтения")?)?,
            "создать" | "create" => Stream::writing(path("Создать")?, Vec::new(), 0)?,
            "открытьдлязаписи" | "openforwrite" => {
                let path = path("ОткрытьДляЗаписи")?;
                let bytes = std::fs::read(&path).unwrap_or_default();
                Stream::writing(path, bytes, 0)?
            }
            "открытьдлядописывания" | "openforappend" => {
                appending(path("ОткрытьДляДописывания")?)?
            }
            "открыть" | "open" => opened(&Given::new("Открыть", arguments, 2, 4)?)?,
            _ => return Ok(None),
        })))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

fn appending(path: PathBuf) -> Outcome<Stream> {
    let bytes = std::fs::read(&path).unwrap_or_default();
    let end = bytes.len();
    Stream::writing(path, bytes, end)
}

/// `(ИмяФайла, РежимОткрытия, Доступ)`.
fn opened(given: &Given<'_>) -> Outcome<Stream> {
    let path = PathBuf::from(given.text(0));
    let (mode, access) = (given.value(1), given.value(2));
    let mode = |name| EnumValue::is(&mode, "РежимОткрытияФайла", name);
    let reading = EnumValue::is(&access, "ДоступКФайлу", "Чтение");
    if mode("Открыть") && reading {
        return Stream::open(path);
    }
    if mode("Создать") && !reading {
        return Stream::writing(path, Vec::new(), 0);
    }
    if mode("Дописать") {
        return appending(path);
    }
    if mode("ОткрытьИлиСоздать") && !reading {
        let bytes = std::fs::read(&path).unwrap_or_default();
        return Stream::writing(path, bytes, 0);
    }
    Err(Fault::unknown("this way to open a file"))
}

pub(super) fn register(registry: &mut Registry) {
    let manager: Rc<dyn Object> = Rc::new(FileStreams);
    registry.global(MANAGER, &manager);
    registry.constructor(STREAM, |_, a| opened(&Given::new("ФайловыйПоток", a, 2, 4)?).map(Value::object));
}
