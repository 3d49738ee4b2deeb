//! `Структура` and `ФиксированнаяСтруктура`: keys are identifiers without letter case, in the order of insertion.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::KeyAndValue;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names, same};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const STRUCTURE: Names = names("Структура", "Structure");
const FIXED: Names = names("ФиксированнаяСтруктура", "FixedStructure");

/// A structure; a fixed one cannot be changed.
pub struct Structure {
    pairs: RefCell<Vec<(Rc<str>, Value)>>,
    fixed: bool,
}

impl Structure {
    /// An empty structure.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Vec::new())
    }

    /// A structure of these pairs.
    #[must_use]
    pub fn of(pairs: Vec<(Rc<str>, Value)>) -> Self {
        Self { pairs: RefCell::new(pairs), fixed: false }
    }

    /// Its pairs in order.
    #[must_use]
    pub fn pairs(&self) -> Vec<(Rc<str>, Value)> {
        self.pairs.borrow().clone()
    }

    /// A value by key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Value> {
        self.pairs.borrow().iter().find(|(known, _)| same(known, key)).map(|(_, value)| value.clone())
    }

    /// Sets a value by key; an identifier, or this fails.
    ///
    /// # Errors
    /// A key that is no identifier.
    pub fn insert(&self, key: &str, value: Value) -> Outcome<()> {
        if !is_identifier(key) {
            return Err(Fault::raised("Задано неправильное имя атрибута структуры"));
        }
        if !self.replace(key, &value) {
            self.pairs.borrow_mut().push((Rc::from(key), value));
        }
        Ok(())
    }

    fn replace(&self, key: &str, value: &Value) -> bool {
        let mut pairs = self.pairs.borrow_mut();
        match pairs.iter_mut().find(|(known, _)| same(known, key)) {
            Some((_, place)) => {
                *place = value.clone();
                true
            }
            None => false,
        }
    }
}

impl Default for Structure {
    fn default() -> Self {
        Self::new()
    }
}

impl Object for Structure {
    fn type_names(&self) -> Names {
        if self.fixed { FIXED } else { STRUCTURE }
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(self.find(name))
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        Ok(!self.fixed && self.replace(name, value))
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "количество" | "count" => Value::from(self.pairs.borrow().len()),
            "свойство" | "property" => {
                let given = Given::new("Свойство", arguments, 1, 2)?;
                let found = self.find(&given.text(0));
                let there = found.is_some();
                given.argument(1).write(found.unwrap_or_default());
                Value::Bool(there)
            }
            "вставить" | "insert" if !self.fixed => {
                let given = Given::new("Вставить", arguments, 1, 2)?;
                self.insert(&given.text(0), given.value(1))?;
                Value::Undefined
            }
            "удалить" | "delete" if !self.fixed => {
                let given = Given::new("Удалить", arguments, 1, 1)?;
                let key = given.text(0);
                self.pairs.borrow_mut().retain(|(known, _)| !same(known, &key));
                Value::Undefined
            }
            "очистить" | "clear" if !self.fixed => {
                self.pairs.borrow_mut().clear();
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn items(&self) -> Option<Vec<Value>> {
        let pairs = self.pairs.borrow();
        Some(
            pairs
                .iter()
                .map(|(key, value)| KeyAndValue::pair(Value::Text(key.clone()), value.clone()))
                .collect(),
        )
    }

    fn is_filled(&self) -> bool {
        !self.pairs.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// A letter or `_`, then letters, digits, `_`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|other| other.is_alphanumeric() || other == '_')
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(STRUCTURE, |_, arguments| made(arguments, false));
    registry.constructor(FIXED, |_, arguments| made(arguments, true));
}

/// `Новый Структура("А, Б", 1, 2)`, or a copy of another.
fn made(arguments: &[Argument], fixed: bool) -> Outcome<Value> {
    let structure = Structure::new();
    if let Some(first) = arguments.first() {
        if let Some(source) = first.value().downcast::<Structure>() {
            *structure.pairs.borrow_mut() = source.pairs();
        } else if let Value::Text(keys) = first.value() {
            for (index, key) in keys.split(',').map(str::trim).filter(|key| !key.is_empty()).enumerate() {
                let value = arguments.get(index + 1).map(Argument::value).unwrap_or_default();
                structure.insert(key, value)?;
            }
        } else {
            return Err(Fault::raised("Несоответствие типов (параметр номер '1')"));
        }
    }
    Ok(Value::object(Structure { fixed, ..structure }))
}
