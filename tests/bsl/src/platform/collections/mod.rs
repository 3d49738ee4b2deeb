//! Collections: arrays, structures, maps and their fixed forms; lists and tables of values in part.

mod array;
mod list;
mod map;
mod structure;
mod table;

pub use array::Array;
pub use map::{KeyAndValue, Map};
pub use structure::Structure;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    array::register(registry);
    structure::register(registry);
    map::register(registry);
    list::register(registry);
    table::register(registry);
}
