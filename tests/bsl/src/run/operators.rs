//! Arithmetic and comparison.

use std::cmp::Ordering;
use std::rc::Rc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use time::Duration;

use crate::error::{Fault, Outcome};
use crate::platform::convert;
use crate::syntax::ast::Binary;
use crate::value::Value;

/// What a condition makes of a value.
///
/// # Errors
/// A value that is neither a boolean nor a number.
pub fn truth(value: &Value) -> Outcome<bool> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Number(value) => Ok(!value.is_zero()),
        _ => Err(Fault::raised("Преобразование значения к типу Булево не может быть выполнено")),
    }
}

/// An operator applied to two values.
///
/// # Errors
/// Types that do not go together; division by zero.
pub fn binary(operator: Binary, left: &Value, right: &Value) -> Outcome<Value> {
    match operator {
        Binary::Add => add(left, right),
        Binary::Subtract => subtract(left, right),
        Binary::Multiply => arithmetic(left, right, |left, right| left.checked_mul(right)),
        Binary::Divide => divide(left, right, |left, right| left.checked_div(right)),
        Binary::Remainder => divide(left, right, |left, right| left.checked_rem(right)),
        Binary::Equal => Ok(Value::Bool(equal(left, right))),
        Binary::NotEqual => Ok(Value::Bool(!equal(left, right))),
        Binary::Less => compare(left, right).map(|order| Value::Bool(order == Ordering::Less)),
        Binary::LessOrEqual => compare(left, right).map(|order| Value::Bool(order != Ordering::Greater)),
        Binary::Greater => compare(left, right).map(|order| Value::Bool(order == Ordering::Greater)),
        Binary::GreaterOrEqual => compare(left, right).map(|order| Value::Bool(order != Ordering::Less)),
        Binary::And | Binary::Or => truth(right).map(Value::Bool),
    }
}

/// Whether two values are equal by `=`: same type and same value, or the same object.
#[must_use]
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Date(left), Value::Date(right)) => left == right,
        (Value::Type(left), Value::Type(right)) => left == right,
        (Value::Object(left), Value::Object(right)) => Rc::ptr_eq(left, right) || left.equals(&**right),
        _ => false,
    }
}

/// The order of two values of one primitive type. Strings: by code points (the platform's collation is unverified).
///
/// # Errors
/// Values of different types, or of types without an order.
pub fn compare(left: &Value, right: &Value) -> Outcome<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => Ok(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        _ => Err(Fault::raised(
            "Операции сравнения на больше-меньше допустимы только для значений совпадающих примитивных типов \
             (Булево, Число, Строка, Дата)",
        )),
    }
}

/// The left operand decides: a string takes anything, a date seconds, a number what converts to one.
fn add(left: &Value, right: &Value) -> Outcome<Value> {
    match (left, right) {
        (Value::Text(left), right) => Ok(Value::text(format!("{left}{}", convert::text(right)))),
        (Value::Date(left), right) => shifted(*left, convert::number(right)?),
        (left, right) => arithmetic(left, right, |left, right| left.checked_add(right)),
    }
}

fn subtract(left: &Value, right: &Value) -> Outcome<Value> {
    match (left, right) {
        (Value::Date(left), Value::Date(right)) => Ok(Value::from((*left - *right).whole_seconds())),
        (Value::Date(left), right) => shifted(*left, -convert::number(right)?),
        (left, right) => arithmetic(left, right, |left, right| left.checked_sub(right)),
    }
}

fn shifted(date: time::PrimitiveDateTime, seconds: Decimal) -> Outcome<Value> {
    let moved = seconds.trunc().to_i64().and_then(|seconds| date.checked_add(Duration::seconds(seconds)));
    moved.map(Value::Date).ok_or_else(|| Fault::raised("Недопустимое значение даты"))
}

fn arithmetic(
    left: &Value,
    right: &Value,
    operation: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Outcome<Value> {
    let (left, right) = (convert::number(left)?, convert::number(right)?);
    let result = operation(left, right);
    result.map(Value::Number).ok_or_else(|| Fault::unknown("a number beyond 28 digits"))
}

fn divide(
    left: &Value,
    right: &Value,
    operation: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Outcome<Value> {
    if convert::number(right)?.is_zero() {
        return Err(Fault::raised("Деление на 0"));
    }
    arithmetic(left, right, operation)
}
