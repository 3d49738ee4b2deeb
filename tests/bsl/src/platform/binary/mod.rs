//! Binary data and everything that reads, writes and converts it.

mod buffer;
mod convert;
mod data;
mod encoding;
mod files;
mod hash;
mod stream;
mod text;
mod transfer;
mod writer;

pub use buffer::Buffer;
pub use data::BinaryData;
pub use encoding::Encoding;
pub use hash::Uuid;
pub use stream::{Source, Stream};

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    buffer::register(registry);
    data::register(registry);
    convert::register(registry);
    files::register(registry);
    hash::register(registry);
    stream::register(registry);
    text::register(registry);
    transfer::register(registry);
    writer::register(registry);
}
