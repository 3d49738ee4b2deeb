//! The application around a module: its version and settings, its files, its metadata, values as text.

mod files;
mod information;
mod internal;
mod metadata;
mod storage;

pub(crate) use information::Session;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    files::register(registry);
    information::register(registry);
    internal::register(registry);
    metadata::register(registry);
    storage::register(registry);
}
