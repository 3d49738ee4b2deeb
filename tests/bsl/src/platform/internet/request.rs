//! `HTTPЗапрос`: address, headers and body of a request that nobody here sends.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::binary::{BinaryData, Encoding, Stream};
use crate::platform::collections::Map;
use crate::platform::convert;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

const REQUEST: Names = names("HTTPЗапрос", "HTTPRequest");

/// A request.
pub struct HttpRequest {
    address: RefCell<String>,
    /// A map; the very object that was assigned.
    headers: RefCell<Value>,
    body: RefCell<Vec<u8>>,
    file: RefCell<String>,
}

impl HttpRequest {
    /// `УстановитьТелоИзСтроки(Строка, Кодировка, ИспользованиеByteOrderMark)`.
    fn set_text(&self, given: &Given<'_>) -> Outcome<()> {
        let encoding = Encoding::of(&given.value(1))?;
        let is = |name| EnumValue::is(&given.value(2), "ИспользованиеByteOrderMark", name);
        let mut bytes = if is("Использовать") {
            encoding.mark().to_vec()
        } else if is("НеИспользовать") {
            Vec::new()
        } else {
            return Err(Fault::unknown(
                "УстановитьТелоИзСтроки without saying whether with a byte order mark",
            ));
        };
        bytes.extend(encoding.encode(&given.text(0)));
        *self.body.borrow_mut() = bytes;
        Ok(())
    }
}

impl Object for HttpRequest {
    fn type_names(&self) -> Names {
        REQUEST
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "адресресурса" | "resourceaddress" => {
                Some(Value::from(self.address.borrow().as_str()))
            }
            "заголовки" | "headers" => Some(self.headers.borrow().clone()),
            _ => None,
        })
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        match name {
            "адресресурса" | "resourceaddress" => {
                *self.address.borrow_mut() = convert::text(value)
            }
            "заголовки" | "headers" => {
                if value.downcast::<Map>().is_none() {
                    return Err(Fault::raised("Несоответствие типов (Заголовки)"));
                }
                *self.headers.borrow_mut() = value.clone();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "установитьтелоиздвоичныхданных" | "setbodyfrombinarydata" => {
                let given = Given::new("УстановитьТелоИзДвоичныхДанных", arguments, 1, 1)?;
                *self.body.borrow_mut() = BinaryData::of(&given, 0)?.to_vec();
                Value::Undefined
            }
            "установитьтелоизстроки" | "setbodyfromstring" => {
                self.set_text(&Given::new("УстановитьТелоИзСтроки", arguments, 1, 3)?)?;
                Value::Undefined
            }
            "установитьимяфайлатела" | "setbodyfilename" => {
                *self.file.borrow_mut() = Given::new("УстановитьИмяФайлаТела", arguments, 1, 1)?.text(0);
                Value::Undefined
            }
            "получитьимяфайлатела" | "getbodyfilename" => {
                Value::from(self.file.borrow().as_str())
            }
            "получитьтелокакдвоичныеданные" | "getbodyasbinarydata" => {
                BinaryData::value(self.body.borrow().clone())
            }
            "получитьтелокакстроку" | "getbodyasstring" => {
                let given = Given::new("ПолучитьТелоКакСтроку", arguments, 0, 1)?;
                Value::from(Encoding::of(&given.value(0))?.decode(&self.body.borrow()))
            }
            "получитьтелокакпоток" | "getbodyasstream" => {
                Value::object(Stream::reading(self.body.borrow().clone()))
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(REQUEST, |_, a| {
        let given = Given::new("HTTPЗапрос", a, 0, 2)?;
        let headers = if given.has(1) { given.value(1) } else { Value::object(Map::new()) };
        if headers.downcast::<Map>().is_none() {
            return Err(given.wrong(1));
        }
        Ok(Value::object(HttpRequest {
            address: RefCell::new(given.text_or(0, "")),
            headers: RefCell::new(headers),
            body: RefCell::default(),
            file: RefCell::default(),
        }))
    });
}
