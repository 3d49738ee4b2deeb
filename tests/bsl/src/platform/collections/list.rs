//! `СписокЗначений`, as far as tests need it: adding, finding, sorting, loading and unloading.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::Array;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::convert;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const LIST: Names = names("СписокЗначений", "ValueList");
const ITEM: Names = names("ЭлементСпискаЗначений", "ValueListItem");

/// A list of values with presentations.
struct List {
    items: RefCell<Vec<Rc<Item>>>,
}

/// An element; shared with whoever found it.
struct Item {
    value: RefCell<Value>,
    presentation: RefCell<String>,
    check: RefCell<bool>,
}

impl List {
    fn add(&self, value: Value, presentation: String, check: bool) -> Value {
        let item = Rc::new(Item {
            value: RefCell::new(value),
            presentation: RefCell::new(presentation),
            check: RefCell::new(check),
        });
        self.items.borrow_mut().push(item.clone());
        Value::Object(item)
    }

    /// By value or presentation. Values of different types have no order here (on the platform they have one:
    /// unverified which).
    fn sort(&self, key: impl Fn(&Item) -> Value, descending: bool) -> Outcome<()> {
        let mut items = self.items.borrow().clone();
        let mut failure = None;
        items.sort_by(|left, right| {
            let order = operators::compare(&key(left), &key(right)).unwrap_or_else(|_| {
                failure = Some(Fault::unknown("sorting values without an order"));
                std::cmp::Ordering::Equal
            });
            if descending { order.reverse() } else { order }
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        *self.items.borrow_mut() = items;
        Ok(())
    }
}

impl Object for List {
    fn type_names(&self) -> Names {
        LIST
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        let descending = |given: &Given<'_>| EnumValue::is(&given.value(0), "НаправлениеСортировки", "Убыв");
        Ok(Some(match name {
            "добавить" | "add" => {
                let given = Given::new("Добавить", arguments, 0, 4)?;
                self.add(given.value(0), given.text_or(1, ""), given.bool_or(2, false)?)
            }
            "количество" | "count" => Value::from(self.items.borrow().len()),
            "очистить" | "clear" => {
                self.items.borrow_mut().clear();
                Value::Undefined
            }
            "выгрузитьзначения" | "unloadvalues" => {
                let values = self.items.borrow().iter().map(|item| item.value.borrow().clone()).collect();
                Value::object(Array::of(values))
            }
            "загрузитьзначения" | "loadvalues" => {
                let given = Given::new("ЗагрузитьЗначения", arguments, 1, 1)?;
                let array = given.value(0).downcast::<Array>().ok_or_else(|| given.wrong(0))?;
                self.items.borrow_mut().clear();
                for value in array.items().unwrap_or_default() {
                    self.add(value, String::new(), false);
                }
                Value::Undefined
            }
            "найтипозначению" | "findbyvalue" => {
                let wanted = Given::new("НайтиПоЗначению", arguments, 1, 1)?.value(0);
                let items = self.items.borrow();
                let found = items.iter().find(|item| operators::equal(&item.value.borrow(), &wanted));
                found.map_or(Value::Undefined, |item| Value::Object(item.clone()))
            }
            "сортироватьпозначению" | "sortbyvalue" => {
                let given = Given::new("СортироватьПоЗначению", arguments, 0, 1)?;
                self.sort(|item| item.value.borrow().clone(), descending(&given))?;
                Value::Undefined
            }
            "сортироватьпопредставлению" | "sortbypresentation" => {
                let given = Given::new("СортироватьПоПредставлению", arguments, 0, 1)?;
                self.sort(|item| Value::from(item.presentation.borrow().as_str()), descending(&given))?;
                Value::Undefined
            }
            "получить" | "get" => {
                let given = Given::new("Получить", arguments, 1, 1)?;
                self.at(&given.value(0))?.ok_or_else(|| given.wrong(0))?
            }
            _ => return Ok(None),
        }))
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let items = self.items.borrow();
        let found = super::position(key, items.len(), "списка")?.and_then(|index| items.get(index));
        Ok(found.map(|found| Value::Object(found.clone())))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.items.borrow().iter().map(|item| Value::Object(item.clone())).collect())
    }

    fn is_filled(&self) -> bool {
        !self.items.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Item {
    fn type_names(&self) -> Names {
        ITEM
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(match name {
            "значение" | "value" => Some(self.value.borrow().clone()),
            "представление" | "presentation" => {
                Some(Value::from(self.presentation.borrow().as_str()))
            }
            "пометка" | "check" => Some(Value::Bool(*self.check.borrow())),
            _ => None,
        })
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        match name {
            "значение" | "value" => *self.value.borrow_mut() = value.clone(),
            "представление" | "presentation" => {
                *self.presentation.borrow_mut() = convert::text(value);
            }
            "пометка" | "check" => *self.check.borrow_mut() = operators::truth(value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.type_name(ITEM);
    registry.constructor(LIST, |_, a| {
        Given::new("СписокЗначений", a, 0, 0)?;
        Ok(Value::object(List { items: RefCell::default() }))
    });
}
