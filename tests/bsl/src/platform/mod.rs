//! Built-in functions and types, a file for each topic. Each has `register`, which puts its own into the registry.

pub(crate) mod addin;
mod addin_begin;
pub(crate) mod arguments;
pub mod binary;
pub mod bundle;
pub mod collections;
pub mod convert;
mod dates;
pub mod enums;
mod errors;
pub(crate) mod events;
mod format;
pub mod internet;
mod json;
mod strings;
pub(crate) mod system;
pub mod types;
mod xml;

use crate::run::Registry;

/// Puts every built-in into the registry.
pub fn register(registry: &mut Registry) {
    addin::register(registry);
    addin_begin::register(registry);
    binary::register(registry);
    collections::register(registry);
    dates::register(registry);
    enums::register(registry);
    errors::register(registry);
    events::register(registry);
    format::register(registry);
    internet::register(registry);
    json::register(registry);
    strings::register(registry);
    system::register(registry);
    types::register(registry);
    xml::register(registry);
    crate::tests::register(registry);
}
