//! Values of the language.

use std::rc::Rc;

use rust_decimal::Decimal;
use time::PrimitiveDateTime;

use crate::names::Names;
use crate::object::Object;

/// A value. Strings are UTF-16 on the platform: [`crate::platform`]'s string functions count in its units.
#[derive(Clone, Default)]
pub enum Value {
    /// `Неопределено`.
    #[default]
    Undefined,
    /// `Null`.
    Null,
    /// `Булево`.
    Bool(bool),
    /// `Число`: decimal, 28 significant digits here (38 on the platform).
    Number(Decimal),
    /// `Строка`.
    Text(Rc<str>),
    /// `Дата`, to the second.
    Date(PrimitiveDateTime),
    /// `Тип`.
    Type(TypeName),
    /// Anything else, shared by reference.
    Object(Rc<dyn Object>),
}

/// A type as a value: what `Тип("Массив")` and `ТипЗнч(...)` give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeName(pub Names);

impl Value {
    /// A string.
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// An object.
    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Rc::new(object))
    }

    /// The object of a certain type behind it.
    #[must_use]
    pub fn downcast<T: 'static>(&self) -> Option<Rc<T>> {
        match self {
            Self::Object(object) => object.clone().into_any().downcast().ok(),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Number(value.into())
    }
}
