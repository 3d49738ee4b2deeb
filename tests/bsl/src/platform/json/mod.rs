//! JSON: `ЧтениеJSON`, `ПрочитатьJSON`, `ЗаписьJSON`, `ЗаписатьJSON`, `ПрочитатьДатуJSON`, `ЗаписатьДатуJSON` and their
//! settings. Reading by tokens is not here.

mod date;
mod read;
mod settings;
mod write;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    read::register(registry);
    settings::register(registry);
    write::register(registry);
    date::register(registry);
}
