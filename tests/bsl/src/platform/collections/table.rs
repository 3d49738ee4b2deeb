//! `ТаблицаЗначений`, as far as tests need it: columns by name, rows, finding rows, unloading a column.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use rust_decimal::prelude::ToPrimitive;

use super::structure::is_identifier;
use super::{Array, Structure};
use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names, same};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const TABLE: Names = names("ТаблицаЗначений", "ValueTable");
const ROW: Names = names("СтрокаТаблицыЗначений", "ValueTableRow");
const COLUMNS: Names = names("КоллекцияКолонокТаблицыЗначений", "ValueTableColumnCollection");
const COLUMN: Names = names("КолонкаТаблицыЗначений", "ValueTableColumn");

/// Rows over shared columns.
struct Table {
    columns: Rc<Columns>,
    rows: RefCell<Vec<Rc<Row>>>,
}

/// Names of the columns in order.
#[derive(Default)]
struct Columns(RefCell<Vec<Rc<str>>>);

/// A row; a column it has no value for yet is `Неопределено`.
struct Row {
    columns: Rc<Columns>,
    values: RefCell<Vec<Value>>,
}

/// A column: its name is all that is known of it.
struct Column(Rc<str>);

impl Columns {
    fn position(&self, name: &str) -> Option<usize> {
        self.0.borrow().iter().position(|known| same(known, name))
    }

    fn existing(&self, name: &str) -> Outcome<usize> {
        self.position(name).ok_or_else(|| Fault::raised(format!("Неверное имя колонки ({name})")))
    }
}

impl Row {
    fn value(&self, position: usize) -> Value {
        self.values.borrow().get(position).cloned().unwrap_or_default()
    }

    fn set_value(&self, position: usize, value: &Value) {
        let mut values = self.values.borrow_mut();
        if values.len() <= position {
            values.resize(position + 1, Value::Undefined);
        }
        if let Some(place) = values.get_mut(position) {
            *place = value.clone();
        }
    }
}

impl Object for Table {
    fn type_names(&self) -> Names {
        TABLE
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(matches!(name, "колонки" | "columns").then(|| Value::Object(self.columns.clone())))
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "добавить" | "add" => {
                let row = Rc::new(Row { columns: self.columns.clone(), values: RefCell::default() });
                self.rows.borrow_mut().push(row.clone());
                Value::Object(row)
            }
            "количество" | "count" => Value::from(self.rows.borrow().len()),
            "очистить" | "clear" => {
                self.rows.borrow_mut().clear();
                Value::Undefined
            }
            "выгрузитьколонку" | "unloadcolumn" => {
                let given = Given::new("ВыгрузитьКолонку", arguments, 1, 1)?;
                let position = self.columns.existing(&given.text(0))?;
                let values = self.rows.borrow().iter().map(|row| row.value(position)).collect();
                Value::object(Array::of(values))
            }
            "найтистроки" | "findrows" => {
                let given = Given::new("НайтиСтроки", arguments, 1, 1)?;
                let filter = given.value(0).downcast::<Structure>().ok_or_else(|| given.wrong(0))?;
                let mut wanted = Vec::new();
                for (name, value) in filter.pairs() {
                    wanted.push((self.columns.existing(&name)?, value));
                }
                let fits = |row: &&Rc<Row>| {
                    wanted.iter().all(|(position, value)| operators::equal(&row.value(*position), value))
                };
                let rows = self.rows.borrow();
                Value::object(Array::of(
                    rows.iter().filter(fits).map(|row| Value::Object(row.clone())).collect(),
                ))
            }
            "получить" | "get" => {
                let given = Given::new("Получить", arguments, 1, 1)?;
                self.at(&given.value(0))?.ok_or_else(|| given.wrong(0))?
            }
            _ => return Ok(None),
        }))
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let rows = self.rows.borrow();
        let found = super::position(key, rows.len(), "таблицы")?.and_then(|index| rows.get(index));
        Ok(found.map(|found| Value::Object(found.clone())))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.rows.borrow().iter().map(|row| Value::Object(row.clone())).collect())
    }

    fn is_filled(&self) -> bool {
        !self.rows.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Columns {
    fn type_names(&self) -> Names {
        COLUMNS
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "добавить" | "add" => {
                // Types and titles of columns convert and show nothing here.
                let name = Given::new("Добавить", arguments, 1, 4)?.text(0);
                if !is_identifier(&name) || self.position(&name).is_some() {
                    return Err(Fault::raised(format!("Неверное имя колонки ({name})")));
                }
                self.0.borrow_mut().push(Rc::from(name.as_str()));
                Value::object(Column(Rc::from(name)))
            }
            "количество" | "count" => Value::from(self.0.borrow().len()),
            "найти" | "find" => {
                let given = Given::new("Найти", arguments, 1, 1)?;
                match self.position(&given.text(0)).and_then(|at| self.0.borrow().get(at).cloned()) {
                    Some(name) => Value::object(Column(name)),
                    None => Value::Undefined,
                }
            }
            _ => return Ok(None),
        }))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.0.borrow().iter().map(|name| Value::object(Column(name.clone()))).collect())
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Column {
    fn type_names(&self) -> Names {
        COLUMN
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(matches!(name, "имя" | "name").then(|| Value::Text(self.0.clone())))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Row {
    fn type_names(&self) -> Names {
        ROW
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(self.columns.position(name).map(|position| self.value(position)))
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        let position = self.columns.position(name);
        if let Some(position) = position {
            self.set_value(position, value);
        }
        Ok(position.is_some())
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let position = match key {
            Value::Number(number) => number.trunc().to_usize(),
            Value::Text(name) => self.columns.position(&folded(name)),
            _ => None,
        };
        Ok(position.map(|position| self.value(position)))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    for names in [ROW, COLUMNS, COLUMN] {
        registry.type_name(names);
    }
    registry.constructor(TABLE, |_, a| {
        Given::new("ТаблицаЗначений", a, 0, 0)?;
        Ok(Value::object(Table { columns: Rc::default(), rows: RefCell::default() }))
    });
}
