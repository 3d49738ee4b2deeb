//! Built-in functions and types, a file for each topic. Each has `register`, which puts its own into the registry.

pub(crate) mod arguments;
pub mod binary;
pub mod collections;
pub mod convert;
mod dates;
pub mod enums;
mod json;
mod strings;
pub mod types;

use crate::error::{Fault, Outcome};
use crate::run::{Machine, Registry};
use crate::value::Value;

/// Puts every built-in into the registry.
pub fn register(registry: &mut Registry) {
    binary::register(registry);
    collections::register(registry);
    dates::register(registry);
    enums::register(registry);
    json::register(registry);
    strings::register(registry);
    types::register(registry);
}

/// `Новый("AddIn.Имя.Класс")`.
pub(crate) fn new_addin(_: &mut Machine, name: &str) -> Outcome<Value> {
    Err(Fault::raised(format!("Тип не определен ({name})")))
}
