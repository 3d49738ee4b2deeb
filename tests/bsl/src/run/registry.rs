//! What the platform offers by name.

use std::collections::HashMap;
use std::rc::Rc;

use super::Machine;
use crate::error::Outcome;
use crate::names::{Names, folded};
use crate::object::{Argument, Object};
use crate::value::Value;

/// A built-in function or procedure (which gives `Value::Undefined`).
pub type Function = fn(&mut Machine, &[Argument]) -> Outcome<Value>;

/// What `Новый` calls.
pub type Constructor = fn(&mut Machine, &[Argument]) -> Outcome<Value>;

/// Built-ins by folded name. Every file of [`crate::platform`] puts its own in.
#[derive(Default)]
pub struct Registry {
    functions: HashMap<String, Function>,
    constructors: HashMap<String, Constructor>,
    types: HashMap<String, Names>,
    globals: HashMap<String, Rc<dyn Object>>,
    english: HashMap<String, &'static str>,
}

impl Registry {
    /// A global function or procedure.
    pub fn function(&mut self, names: Names, function: Function) {
        self.pair(names);
        for name in [names.russian, names.english] {
            self.functions.insert(folded(name), function);
        }
    }

    /// A type with a constructor.
    pub fn constructor(&mut self, names: Names, constructor: Constructor) {
        self.type_name(names);
        for name in [names.russian, names.english] {
            self.constructors.insert(folded(name), constructor);
        }
    }

    /// A type that `Тип("...")` knows.
    pub fn type_name(&mut self, names: Names) {
        self.pair(names);
        for name in [names.russian, names.english] {
            self.types.insert(folded(name), names);
        }
    }

    /// A global property: a system enumeration, `Символы`, `Метаданные`.
    pub fn global(&mut self, names: Names, object: &Rc<dyn Object>) {
        self.pair(names);
        for name in [names.russian, names.english] {
            self.globals.insert(folded(name), object.clone());
        }
    }

    /// The first pair of a Russian name stays: later ones are other spellings.
    fn pair(&mut self, names: Names) {
        self.english.entry(folded(names.russian)).or_insert(names.english);
    }

    /// The English name of a global function, a type or a global property, by its Russian one.
    #[must_use]
    pub fn english(&self, russian: &str) -> Option<&'static str> {
        self.english.get(&folded(russian)).copied()
    }

    pub(crate) fn find_function(&self, name: &str) -> Option<Function> {
        self.functions.get(&folded(name)).copied()
    }

    pub(crate) fn find_constructor(&self, name: &str) -> Option<Constructor> {
        self.constructors.get(&folded(name)).copied()
    }

    /// Names of a type, by any of them.
    #[must_use]
    pub fn find_type(&self, name: &str) -> Option<Names> {
        self.types.get(&folded(name)).copied()
    }

    pub(crate) fn find_global(&self, name: &str) -> Option<Rc<dyn Object>> {
        self.globals.get(&folded(name)).cloned()
    }
}
