//! Where a response body goes: memory of whoever asks (the host's own, so that a body reaches it without a copy),
//! or a file. Every allocation can fail and says so: a failed allocation must not end the host process.

use super::error::{Error, Result};
use super::exchange::Head;

/// A source of memory. The engine's own is the heap; the component gives the host's memory manager.
pub trait Memory: Send + Sync {
    /// A buffer of exactly `length` bytes, or `None` when there is no memory. Contents are undefined to the caller of
    /// [`Buffer::space`] until written, but always initialised.
    fn allocate(&self, length: usize) -> Option<Box<dyn Buffer>>;
}

/// A buffer of fixed size that is filled from its start.
pub trait Buffer: Send {
    /// Size in bytes.
    fn capacity(&self) -> usize;

    /// Bytes `at .. at + length` for writing; initialises what was not yet (just ahead of use, so that a large buffer
    /// is not touched twice). `at + length` is at most the capacity.
    fn space(&mut self, at: usize, length: usize) -> &mut [u8];

    /// The first `length` bytes; those never written are zero.
    fn filled(&self, length: usize) -> &[u8];

    /// The buffer as itself, for the owner of the memory to take back.
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any + Send>;
}

/// Receives one response body. A sink may be used for several hops: each starts with [`Sink::begin`].
pub trait Sink {
    /// The head of a response is here; `length` is the body's length when known. Says what to do with the body.
    ///
    /// # Errors
    /// Whatever makes it impossible to take the body (limit, memory, file): the connection is closed.
    fn begin(&mut self, head: &Head, length: Option<u64>) -> Result<Disposition>;

    /// Room for more bytes, at least one. For a known length the transport reads straight into it.
    ///
    /// # Errors
    /// As [`Sink::begin`].
    fn space(&mut self) -> Result<&mut [u8]>;

    /// `count` bytes of the last [`Sink::space`] were filled.
    ///
    /// # Errors
    /// As [`Sink::begin`].
    fn advance(&mut self, count: usize) -> Result<()>;

    /// The body is complete.
    ///
    /// # Errors
    /// As [`Sink::begin`].
    fn finish(&mut self) -> Result<()>;

    /// The hop failed: forget what came. A file must not be left looking whole.
    fn abandon(&mut self, error: &Error);
}

/// What to do with a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Read it into the sink.
    Keep,
    /// Read and drop it so that the connection can be used again; close the connection if that costs too much.
    Discard,
}
