//! Executing a tree.

use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, folded};
use crate::object::{Argument, Object};
use crate::value::Value;

/// A built-in function.
pub type Function = fn(&mut Machine, &[Argument]) -> Outcome<Value>;

/// What the platform offers by name. Every file of [`crate::platform`] puts its own in.
#[derive(Default)]
pub struct Registry {
    functions: HashMap<String, Function>,
    constructors: HashMap<String, (Names, Function)>,
    globals: HashMap<String, Rc<dyn Object>>,
}

impl Registry {
    /// A global function or procedure.
    pub fn function(&mut self, names: Names, function: Function) {
        self.functions.insert(folded(names.russian), function);
        self.functions.insert(folded(names.english), function);
    }

    /// A type that `Новый` can make.
    pub fn constructor(&mut self, names: Names, function: Function) {
        self.constructors.insert(folded(names.russian), (names, function));
        self.constructors.insert(folded(names.english), (names, function));
    }

    /// A global property: a system enumeration, `Символы`, `Метаданные`.
    pub fn global(&mut self, names: Names, object: Rc<dyn Object>) {
        self.globals.insert(folded(names.russian), object.clone());
        self.globals.insert(folded(names.english), object);
    }
}

/// Everything a running program can reach.
pub struct Machine {
    /// What the platform offers.
    pub registry: Registry,
}
