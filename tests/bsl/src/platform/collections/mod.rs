//! Collections: arrays, structures, maps and their fixed forms; lists and tables of values in part.

mod array;
mod list;
mod map;
mod structure;
mod table;

pub use array::Array;
pub use map::{KeyAndValue, Map};
pub use structure::Structure;

use rust_decimal::prelude::ToPrimitive;

use crate::error::{Fault, Outcome};
use crate::run::Registry;
use crate::value::Value;

pub(super) fn register(registry: &mut Registry) {
    array::register(registry);
    structure::register(registry);
    map::register(registry);
    list::register(registry);
    table::register(registry);
}

/// The position a number means among `length` items; nothing for a key that is no number. `of` is what has the items, in
/// the genitive.
///
/// # Errors
/// Beyond the end, or below zero.
pub(super) fn position(key: &Value, length: usize, of: &str) -> Outcome<Option<usize>> {
    let Value::Number(number) = key else { return Ok(None) };
    let found = number.trunc().to_usize().filter(|index| *index < length);
    found.map(Some).ok_or_else(|| Fault::raised(format!("Индекс находится за границами {of}")))
}
