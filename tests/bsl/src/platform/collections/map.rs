//! `Соответствие`, `ФиксированноеСоответствие` and `КлючИЗначение`. The order of a map is the platform's own affair;
//! here it is that of insertion (unverified), so what depends on it must not be asserted.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const MAP: Names = names("Соответствие", "Map");
const FIXED: Names = names("ФиксированноеСоответствие", "FixedMap");
const PAIR: Names = names("КлючИЗначение", "KeyAndValue");

/// A map from any value to any value.
pub struct Map {
    pairs: RefCell<Vec<(Value, Value)>>,
    fixed: bool,
}

impl Map {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Vec::new())
    }

    /// A map of these pairs.
    #[must_use]
    pub fn of(pairs: Vec<(Value, Value)>) -> Self {
        Self { pairs: RefCell::new(pairs), fixed: false }
    }

    /// Its pairs.
    #[must_use]
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        self.pairs.borrow().clone()
    }

    /// A value by key.
    #[must_use]
    pub fn find(&self, key: &Value) -> Option<Value> {
        let pairs = self.pairs.borrow();
        pairs.iter().find(|(known, _)| operators::equal(known, key)).map(|(_, value)| value.clone())
    }

    /// Sets a value by key.
    pub fn insert(&self, key: Value, value: Value) {
        let mut pairs = self.pairs.borrow_mut();
        match pairs.iter_mut().find(|(known, _)| operators::equal(known, &key)) {
            Some((_, place)) => *place = value,
            None => pairs.push((key, value)),
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl Object for Map {
    fn type_names(&self) -> Names {
        if self.fixed { FIXED } else { MAP }
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "количество" | "count" => Value::from(self.pairs.borrow().len()),
            "получить" | "get" => {
                let given = Given::new("Получить", arguments, 1, 1)?;
                self.find(&given.value(0)).unwrap_or_default()
            }
            "вставить" | "insert" if !self.fixed => {
                let given = Given::new("Вставить", arguments, 1, 2)?;
                self.insert(given.value(0), given.value(1));
                Value::Undefined
            }
            "удалить" | "delete" if !self.fixed => {
                let given = Given::new("Удалить", arguments, 1, 1)?;
                let key = given.value(0);
                self.pairs.borrow_mut().retain(|(known, _)| !operators::equal(known, &key));
                Value::Undefined
            }
            "очистить" | "clear" if !self.fixed => {
                self.pairs.borrow_mut().clear();
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        Ok(Some(self.find(key).unwrap_or_default()))
    }

    fn put(&self, key: &Value, value: &Value) -> Outcome<bool> {
        if self.fixed {
            return Ok(false);
        }
        self.insert(key.clone(), value.clone());
        Ok(true)
    }

    fn items(&self) -> Option<Vec<Value>> {
        let pairs = self.pairs.borrow();
        Some(pairs.iter().map(|(key, value)| KeyAndValue::pair(key.clone(), value.clone())).collect())
    }

    fn is_filled(&self) -> bool {
        !self.pairs.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// An element of a structure or a map as a loop sees it.
pub struct KeyAndValue {
    key: Value,
    value: Value,
}

impl KeyAndValue {
    /// A pair as a value.
    #[must_use]
    pub fn pair(key: Value, value: Value) -> Value {
        Value::object(Self { key, value })
    }
}

impl Object for KeyAndValue {
    fn type_names(&self) -> Names {
        PAIR
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "ключ" | "key" => Some(self.key.clone()),
            "значение" | "value" => Some(self.value.clone()),
            _ => None,
        })
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(MAP, |_, arguments| {
        let given = Given::new("Соответствие", arguments, 0, 1)?;
        if !given.has(0) {
            return Ok(Value::object(Map::new()));
        }
        let source = given.value(0).downcast::<Map>().ok_or_else(|| given.wrong(0))?;
        Ok(Value::object(Map::of(source.pairs())))
    });
    registry.constructor(FIXED, |_, arguments| {
        let given = Given::new("ФиксированноеСоответствие", arguments, 1, 1)?;
        let source = given.value(0).downcast::<Map>().ok_or_else(|| given.wrong(0))?;
        Ok(Value::object(Map { fixed: true, ..Map::of(source.pairs()) }))
    });
    registry.type_name(PAIR);
}
