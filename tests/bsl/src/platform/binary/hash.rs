//! `ХешированиеДанных` and `УникальныйИдентификатор`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::data::BinaryData;
use super::encoding::Encoding;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

const HASHING: Names = names("ХешированиеДанных", "DataHashing");
const UUID: Names = names("УникальныйИдентификатор", "UUID");

/// Data and the function they are hashed with.
struct Hashing {
    function: Value,
    data: RefCell<Vec<u8>>,
}

impl Object for Hashing {
    fn type_names(&self) -> Names {
        HASHING
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        match name {
            "хешсумма" | "hashsum" => self.sum().map(Some),
            "хешфункция" | "hashfunction" => Ok(Some(self.function.clone())),
            _ => Ok(None),
        }
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "добавить" | "append" => {
                let given = Given::new("Добавить", arguments, 1, 2)?;
                match given.value(0).downcast::<BinaryData>() {
                    Some(data) => self.data.borrow_mut().extend_from_slice(&data.0),
                    None => self.data.borrow_mut().extend(Encoding::UTF8.encode(&given.text(0))),
                }
                Ok(Some(Value::Undefined))
            }
            "очистить" | "clear" => {
                self.data.borrow_mut().clear();
                Ok(Some(Value::Undefined))
            }
            _ => Ok(None),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Hashing {
    fn sum(&self) -> Outcome<Value> {
        let data = self.data.borrow();
        let is = |name| EnumValue::is(&self.function, "ХешФункция", name);
        Ok(if is("MD5") {
            BinaryData::value(Md5::digest(&*data).to_vec())
        } else if is("SHA1") {
            BinaryData::value(Sha1::digest(&*data).to_vec())
        } else if is("SHA256") {
            BinaryData::value(Sha256::digest(&*data).to_vec())
        } else if is("SHA512") {
            BinaryData::value(Sha512::digest(&*data).to_vec())
        } else {
            return Err(Fault::unknown("this hash function"));
        })
    }
}

/// A UUID; equal to any other of the same value.
pub struct Uuid(pub uuid::Uuid);

impl Object for Uuid {
    fn type_names(&self) -> Names {
        UUID
    }

    fn text(&self) -> String {
        self.0.to_string()
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn is_filled(&self) -> bool {
        !self.0.is_nil()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(HASHING, |_, arguments| {
        let function = Given::new("ХешированиеДанных", arguments, 1, 1)?.value(0);
        Ok(Value::object(Hashing { function, data: RefCell::default() }))
    });
    registry.constructor(UUID, |_, arguments| {
        let given = Given::new("УникальныйИдентификатор", arguments, 0, 1)?;
        if !given.has(0) {
            return Ok(Value::object(Uuid(uuid::Uuid::new_v4())));
        }
        let parsed = uuid::Uuid::try_parse(&given.text(0));
        parsed.map(|id| Value::object(Uuid(id))).map_err(|_| given.wrong(0))
    });
}
