//! A common module as an object: what `КоннекторHTTP.Get(...)` is called on, and what can be passed around.

use std::any::Any;
use std::rc::Rc;

use super::{Loaded, Machine};
use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::value::Value;

/// A common module.
pub struct ModuleObject(pub(crate) Rc<Loaded>);

impl Object for ModuleObject {
    fn type_names(&self) -> Names {
        names("ОбщийМодуль", "CommonModule")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let exported =
            self.0.tree.variables.iter().any(|one| one.export && Machine::same_name(&one.name, name));
        Ok(self.0.variables.get(name).filter(|_| exported).map(|variable| variable.borrow().clone()))
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        if self.0.methods.get(name).is_none_or(|method| !method.export) {
            return Ok(None);
        }
        machine.call_exported(&self.0, name, arguments).map(Some)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}
