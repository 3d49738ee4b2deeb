//! Collections: arrays, structures, maps and their fixed forms.

mod array;
mod map;
mod structure;

pub use array::Array;
pub use map::{KeyAndValue, Map};
pub use structure::Structure;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    array::register(registry);
    structure::register(registry);
    map::register(registry);
}
