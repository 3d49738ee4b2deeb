//! Comparing, showing and taking values apart, as expectations need it.

use std::rc::Rc;

use rust_decimal::prelude::ToPrimitive;

use crate::error::{Fault, Outcome};
use crate::names::folded;
use crate::platform::binary::BinaryData;
use crate::platform::collections::{Array, Map, Structure};
use crate::platform::{convert, types};
use crate::run::{Machine, operators};
use crate::value::Value;

/// Whether two values are equal: collections by what is in them, everything else by `=`.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    if operators::equal(left, right) {
        return true;
    }
    if types::type_of(left) != types::type_of(right) {
        return false;
    }
    if let (Some(left), Some(right)) = (left.downcast::<Array>(), right.downcast::<Array>()) {
        let items = |array: &Array| crate::object::Object::items(array).unwrap_or_default();
        let (left, right) = (items(&left), items(&right));
        return left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| equal(left, right));
    }
    if let (Some(left), Some(right)) = (left.downcast::<Structure>(), right.downcast::<Structure>()) {
        let pairs = left.pairs();
        let same =
            |(key, value): &(Rc<str>, Value)| right.find(key).is_some_and(|other| equal(value, &other));
        return pairs.len() == right.pairs().len() && pairs.iter().all(same);
    }
    if let (Some(left), Some(right)) = (left.downcast::<Map>(), right.downcast::<Map>()) {
        let same = |(key, value): &(Value, Value)| right.find(key).is_some_and(|other| equal(value, &other));
        return left.pairs().len() == right.pairs().len() && left.pairs().iter().all(same);
    }
    false
}

/// A value in a message.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Undefined => "Неопределено".to_owned(),
        Value::Null => "Null".to_owned(),
        Value::Text(text) => format!("\"{text}\""),
        Value::Object(object) => {
            if let Some(items) = object.items() {
                let count = items.len();
                return format!("{} ({count})", types::type_of(value).russian);
            }
            match value.downcast::<BinaryData>() {
                Some(data) => format!("ДвоичныеДанные ({})", data.0.len()),
                None => convert::text(value),
            }
        }
        other => convert::text(other),
    }
}

/// Length of a string, number of elements of a collection.
pub(super) fn length(machine: &mut Machine, value: &Value) -> Outcome<usize> {
    match value {
        Value::Text(text) => Ok(text.encode_utf16().count()),
        Value::Object(object) => match object.call(machine, "количество", &[])? {
            Some(Value::Number(count)) => Ok(count.to_usize().unwrap_or_default()),
            _ => Err(Fault::unknown("the length of this type")),
        },
        _ => Err(Fault::unknown("the length of this type")),
    }
}

/// Whether a string contains a string, or a collection an element.
pub(super) fn contains(whole: &Value, part: &Value) -> Outcome<bool> {
    match whole {
        Value::Text(text) => Ok(text.contains(&convert::text(part))),
        Value::Object(object) if whole.downcast::<Array>().is_some() => {
            Ok(object.items().unwrap_or_default().iter().any(|item| equal(item, part)))
        }
        _ => Err(Fault::unknown("Содержит of this type")),
    }
}

/// What a path leads to: `Имя.Другое[0]`. `None`: there is no such property or element.
pub(super) fn by_path(machine: &mut Machine, value: &Value, path: &str) -> Outcome<Option<Value>> {
    let mut current = value.clone();
    for step in path.split('.').flat_map(|part| part.split('[')).map(|part| part.trim_end_matches(']')) {
        if step.is_empty() {
            continue;
        }
        let key = match step.parse::<usize>() {
            Ok(index) => Value::from(index),
            Err(_) => Value::from(step),
        };
        match member(machine, &current, &key)? {
            Some(found) => current = found,
            None => return Ok(None),
        }
    }
    Ok(Some(current))
}

/// A property by name, or an element by number or key.
pub(super) fn member(machine: &mut Machine, value: &Value, key: &Value) -> Outcome<Option<Value>> {
    let Value::Object(object) = value else { return Ok(None) };
    if let Some(map) = value.downcast::<Map>() {
        return Ok(map.find(key));
    }
    if let Value::Text(name) = key
        && let Some(found) = object.get(machine, &folded(name))?
    {
        return Ok(Some(found));
    }
    match object.at(key) {
        // Beyond the borders: it is not there.
        Err(Fault::Raised(_)) => Ok(None),
        other => other,
    }
}
