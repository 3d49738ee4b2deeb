//! The host's memory as the engine's: a response body lands in a buffer of the object's own manager and is handed to
//! the host as it is.

use std::any::Any;

use crate::abi::{HostBuffer, HostMemory};
use crate::engine::received::{Buffer, Memory};

/// Memory of the host.
pub(super) struct Lent(pub(super) HostMemory);

/// A buffer of the host.
pub(super) struct LentBuffer(HostBuffer);

impl Memory for Lent {
    fn allocate(&self, length: usize) -> Option<Box<dyn Buffer>> {
        let buffer = self.0.allocate(length)?;
        Some(Box::new(LentBuffer(buffer)))
    }
}

impl Buffer for LentBuffer {
    fn capacity(&self) -> usize {
        self.0.capacity()
    }

    fn space(&mut self, at: usize, length: usize) -> &mut [u8] {
        self.0.space(at, length)
    }

    fn filled(&self, length: usize) -> &[u8] {
        let written = self.0.written();
        written.get(..length).unwrap_or(written)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// The host's buffer behind one that [`Lent`] made; `None` for any other.
pub(super) fn take_back(buffer: Box<dyn Buffer>) -> Option<HostBuffer> {
    buffer.into_any().downcast::<LentBuffer>().ok().map(|lent| lent.0)
}
