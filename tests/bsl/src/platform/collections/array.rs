//! `Массив` and `ФиксированныйМассив`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const ARRAY: Names = names("Массив", "Array");
const FIXED: Names = names("ФиксированныйМассив", "FixedArray");

/// An array; a fixed one cannot be changed.
pub struct Array {
    items: RefCell<Vec<Value>>,
    fixed: bool,
}

impl Array {
    /// An array of these values.
    #[must_use]
    pub fn of(items: Vec<Value>) -> Self {
        Self { items: RefCell::new(items), fixed: false }
    }

    /// A fixed array of these values.
    #[must_use]
    pub fn fixed(items: Vec<Value>) -> Self {
        Self { items: RefCell::new(items), fixed: true }
    }

    fn position(&self, key: &Value) -> Outcome<Option<usize>> {
        super::position(key, self.items.borrow().len(), "массива")
    }
}

impl Object for Array {
    fn type_names(&self) -> Names {
        if self.fixed { FIXED } else { ARRAY }
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        let changing = matches!(
            name,
            "добавить"
                | "add"
                | "вставить"
                | "insert"
                | "удалить"
                | "delete"
                | "очистить"
                | "clear"
                | "установить"
                | "set"
        );
        if self.fixed && changing {
            return Ok(None);
        }
        Ok(Some(match name {
            "количество" | "count" => {
                Given::new("Количество", arguments, 0, 0)?;
                Value::from(self.items.borrow().len())
            }
            "вграница" | "ubound" => {
                Given::new("ВГраница", arguments, 0, 0)?;
                Value::from(i64::try_from(self.items.borrow().len()).unwrap_or(i64::MAX) - 1)
            }
            "добавить" | "add" => {
                let given = Given::new("Добавить", arguments, 0, 1)?;
                self.items.borrow_mut().push(given.value(0));
                Value::Undefined
            }
            "вставить" | "insert" => {
                let given = Given::new("Вставить", arguments, 1, 2)?;
                let index = given.index(0)?;
                let mut items = self.items.borrow_mut();
                if index > items.len() {
                    items.resize(index, Value::Undefined);
                }
                items.insert(index, given.value(1));
                Value::Undefined
            }
            "удалить" | "delete" => {
                let given = Given::new("Удалить", arguments, 1, 1)?;
                let index = self.position(&given.value(0))?.ok_or_else(|| given.wrong(0))?;
                self.items.borrow_mut().remove(index);
                Value::Undefined
            }
            "очистить" | "clear" => {
                self.items.borrow_mut().clear();
                Value::Undefined
            }
            "найти" | "find" => {
                let given = Given::new("Найти", arguments, 1, 1)?;
                let wanted = given.value(0);
                let found = self.items.borrow().iter().position(|item| operators::equal(item, &wanted));
                found.map_or(Value::Undefined, Value::from)
            }
            "получить" | "get" => {
                let given = Given::new("Получить", arguments, 1, 1)?;
                self.at(&given.value(0))?.ok_or_else(|| given.wrong(0))?
            }
            "установить" | "set" => {
                let given = Given::new("Установить", arguments, 2, 2)?;
                if !self.put(&given.value(0), &given.value(1))? {
                    return Err(given.wrong(0));
                }
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let position = self.position(key)?;
        Ok(position.and_then(|index| self.items.borrow().get(index).cloned()))
    }

    fn put(&self, key: &Value, value: &Value) -> Outcome<bool> {
        if self.fixed {
            return Ok(false);
        }
        let Some(index) = self.position(key)? else { return Ok(false) };
        if let Some(item) = self.items.borrow_mut().get_mut(index) {
            *item = value.clone();
        }
        Ok(true)
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.items.borrow().clone())
    }

    fn is_filled(&self) -> bool {
        !self.items.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(ARRAY, |_, arguments| {
        let first = arguments.first().map(Argument::value).unwrap_or_default();
        if let Some(array) = first.downcast::<Array>() {
            return Ok(Value::object(Array::of(array.items().unwrap_or_default())));
        }
        // Sizes of nested arrays, outermost first.
        let mut sizes = Vec::new();
        for index in 0..arguments.len() {
            sizes.push(Given::new("Массив", arguments, 0, 16)?.index(index)?);
        }
        Ok(sized(&sizes))
    });
    registry.constructor(FIXED, |_, arguments| {
        let given = Given::new("ФиксированныйМассив", arguments, 1, 1)?;
        let source = given.value(0).downcast::<Array>().ok_or_else(|| given.wrong(0))?;
        Ok(Value::object(Array::fixed(source.items().unwrap_or_default())))
    });
}

fn sized(sizes: &[usize]) -> Value {
    match sizes {
        [] => Value::object(Array::of(Vec::new())),
        [size] => Value::object(Array::of(vec![Value::Undefined; *size])),
        [size, rest @ ..] => Value::object(Array::of((0..*size).map(|_| sized(rest)).collect())),
    }
}
