//! `ХранилищеЗначения`: a copy of a value, made through its text.

use std::any::Any;
use std::rc::Rc;

use super::internal;
use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const STORAGE: Names = names("ХранилищеЗначения", "ValueStorage");

/// A value at rest.
pub(super) struct Storage(pub(super) String);

impl Object for Storage {
    fn type_names(&self) -> Names {
        STORAGE
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "получить" | "get" => {
                Given::new("Получить", arguments, 0, 0)?;
                internal::read(machine, &self.0).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(STORAGE, |_, a| {
        let given = Given::new("ХранилищеЗначения", a, 1, 2)?;
        // Compression, the second argument, does not show.
        Ok(Value::object(Storage(internal::write(&given.value(0))?)))
    });
}
