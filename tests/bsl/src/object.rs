//! What every built-in type implements, and how arguments reach it.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::Names;
use crate::run::Machine;
use crate::value::Value;

/// A variable: shared between a caller and a callee that takes it by reference.
pub type Variable = Rc<RefCell<Value>>;

/// An argument of a call.
#[derive(Clone)]
pub enum Argument {
    /// Left out: `Метод(, 2)`.
    Omitted,
    /// A value of an expression.
    Value(Value),
    /// A variable: the callee may write to it.
    Variable(Variable),
}

/// An instance of a built-in type. Names come folded (lower case); both languages are matched by the type itself:
/// `match name { "добавить" | "add" => ... }`. `None` means "there is no such thing", which the machine turns into the
/// platform's error.
pub trait Object: Any {
    /// Names of the type.
    fn type_names(&self) -> Names;

    /// Value of a property.
    ///
    /// # Errors
    /// Whatever reading it raises.
    fn get(&self, _machine: &mut Machine, _name: &str) -> Outcome<Option<Value>> {
        Ok(None)
    }

    /// Sets a property; whether there is one.
    ///
    /// # Errors
    /// Whatever setting it raises.
    fn set(&self, _machine: &mut Machine, _name: &str, _value: &Value) -> Outcome<bool> {
        Ok(false)
    }

    /// Calls a method. A procedure returns `Value::Undefined`.
    ///
    /// # Errors
    /// Whatever it raises.
    fn call(&self, _machine: &mut Machine, _name: &str, _arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(None)
    }

    /// Value by `[key]`.
    ///
    /// # Errors
    /// An index out of bounds, a key of a wrong type.
    fn at(&self, _key: &Value) -> Outcome<Option<Value>> {
        Ok(None)
    }

    /// Sets a value by `[key]`; whether this can be done at all.
    ///
    /// # Errors
    /// As [`Object::at`].
    fn put(&self, _key: &Value, _value: &Value) -> Outcome<bool> {
        Ok(false)
    }

    /// What `Для Каждого` goes through: a snapshot.
    fn items(&self) -> Option<Vec<Value>> {
        None
    }

    /// What `Строка(...)` gives. The name of the type, unless it says otherwise.
    fn text(&self) -> String {
        self.type_names().russian.to_owned()
    }

    /// Whether it equals another by `=`. Most types are equal only to themselves.
    fn equals(&self, _other: &dyn Object) -> bool {
        false
    }

    /// What `ЗначениеЗаполнено` gives.
    fn is_filled(&self) -> bool {
        true
    }

    /// Itself, for [`Value::downcast`].
    fn into_any(self: Rc<Self>) -> Rc<dyn Any>;
}

impl Argument {
    /// Its value; `Неопределено` when left out.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Omitted => Value::Undefined,
            Self::Value(value) => value.clone(),
            Self::Variable(variable) => variable.borrow().clone(),
        }
    }

    /// Whether it was left out.
    #[must_use]
    pub fn is_omitted(&self) -> bool {
        matches!(self, Self::Omitted)
    }

    /// Writes to the variable behind it; does nothing for a value.
    pub fn write(&self, value: Value) {
        if let Self::Variable(variable) = self {
            *variable.borrow_mut() = value;
        }
    }
}
