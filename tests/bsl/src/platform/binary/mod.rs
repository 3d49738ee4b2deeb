//! Binary data and everything that reads, writes and converts it.

mod convert;
mod data;
mod encoding;
mod hash;
mod stream;
mod text;

pub use data::BinaryData;
pub use encoding::Encoding;
pub use hash::Uuid;
pub use stream::{Source, Stream};

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    data::register(registry);
    convert::register(registry);
    hash::register(registry);
    stream::register(registry);
    text::register(registry);
}
