//! Bodies in memory: received into buffers of the asker's [`Memory`], so that they reach it with at most one copy.
//!
//! A known length gets one buffer. Nobody's `Content-Length` alone reserves more than 64 MiB: beyond that the first
//! bytes have to come first. An unknown length gets a list of growing buffers, joined only on demand.

use std::any::Any;
use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::Arc;

use super::error::{Error, ErrorKind, Phase, Result};
use super::exchange::Head;
use super::received::{Buffer, Disposition, Memory, Sink};

/// Lengths up to this are allocated when announced.
const TRUSTED: u64 = 64 * 1024 * 1024;
/// What has to come before a longer one is.
const FIRST: usize = 8 * 1024 * 1024;
/// Buffers of a body of unknown length.
const SMALLEST: usize = 64 * 1024;
const LARGEST: usize = 4 * 1024 * 1024;
/// Room given to the transport at once: buffers initialise themselves just ahead of use, within the caches.
const STEP: usize = 256 * 1024;
/// No body in memory is larger: sizes of the host are 32 bits.
const HOST_LIMIT: u64 = u32::MAX as u64;

/// A body in memory of the asker's [`Memory`].
#[derive(Default)]
pub struct MemoryBody {
    parts: Vec<Part>,
}

struct Part {
    buffer: Box<dyn Buffer>,
    length: usize,
}

impl MemoryBody {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.parts.iter().map(|part| part.length as u64).sum()
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.length == 0)
    }

    /// The bytes in order, in as many slices as there are buffers.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(Part::bytes).filter(|bytes| !bytes.is_empty())
    }

    /// The bytes in order, for a decoder.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { parts: &self.parts, at: 0 }
    }

    /// The bytes as one slice: free when there is one buffer, else a copy.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn contiguous(&self) -> Result<Cow<'_, [u8]>> {
        let mut chunks = self.chunks();
        let first = chunks.next().unwrap_or_default();
        if chunks.next().is_none() {
            return Ok(Cow::Borrowed(first));
        }
        let mut joined = Vec::new();
        let length = usize::try_from(self.len()).map_err(|_| out_of_memory(self.len()))?;
        joined.try_reserve_exact(length).map_err(|_| out_of_memory(self.len()))?;
        self.chunks().for_each(|chunk| joined.extend_from_slice(chunk));
        Ok(Cow::Owned(joined))
    }

    /// Hands the body over as one buffer with the number of bytes in it, or `None` when it is empty. Free when there
    /// is one buffer (its capacity may be larger than the body); otherwise one copy into memory of `memory`, each
    /// part freed as soon as it is copied. Leaves an empty body, or after an error the whole one.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn take_single(&mut self, memory: &dyn Memory) -> Result<Option<(Box<dyn Buffer>, usize)>> {
        self.parts.retain(|part| part.length > 0);
        if self.parts.len() <= 1 {
            return Ok(self.parts.pop().map(|part| (part.buffer, part.length)));
        }
        let wanted = self.len();
        let length = usize::try_from(wanted).map_err(|_| out_of_memory(wanted))?;
        let mut joined = memory.allocate(length).ok_or_else(|| out_of_memory(wanted))?;
        let mut at = 0;
        for part in self.parts.drain(..) {
            copy(part.bytes(), joined.as_mut(), at);
            at += part.length;
        }
        Ok(Some((joined, length)))
    }
}

impl Part {
    fn bytes(&self) -> &[u8] {
        self.buffer.filled(self.length)
    }

    fn room(&self) -> usize {
        self.buffer.capacity().saturating_sub(self.length)
    }
}

impl std::fmt::Debug for MemoryBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryBody({} bytes in {} buffers)", self.len(), self.parts.len())
    }
}

/// Reads a [`MemoryBody`].
pub struct Reader<'a> {
    parts: &'a [Part],
    at: usize,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some((part, rest)) = self.parts.split_first() {
            let left = part.bytes().get(self.at..).unwrap_or_default();
            let count = left.len().min(buffer.len());
            if left.is_empty() {
                (self.parts, self.at) = (rest, 0);
                continue;
            }
            if let (Some(from), Some(to)) = (left.get(..count), buffer.get_mut(..count)) {
                to.copy_from_slice(from);
            }
            self.at += count;
            return Ok(count);
        }
        Ok(0)
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// Receives bodies into memory.
pub struct MemorySink {
    memory: Arc<dyn Memory>,
    limit: u64,
    body: MemoryBody,
    length: Option<u64>,
    received: u64,
    /// Takes the byte that proves a body larger than the limit.
    probe: [u8; 1],
}

impl MemorySink {
    /// A sink for bodies of at most `limit` bytes (and at most 4 GiB) in buffers of `memory`.
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>, limit: u64) -> Self {
        let limit = limit.min(HOST_LIMIT);
        Self { memory, limit, body: MemoryBody::default(), length: None, received: 0, probe: [0] }
    }

    /// The body received last.
    #[must_use]
    pub fn into_body(self) -> MemoryBody {
        self.body
    }

    /// Takes the body received last and leaves an empty one.
    pub fn take_body(&mut self) -> MemoryBody {
        std::mem::take(&mut self.body)
    }

    fn too_large(&self) -> Error {
        let kind = ErrorKind::BodyTooLarge { limit: self.limit, announced: self.length, decoded: false };
        Error::new(kind, Phase::Body)
    }

    fn add(&mut self, length: usize) -> Result<()> {
        let buffer = self.memory.allocate(length).ok_or_else(|| out_of_memory(length as u64))?;
        self.body.parts.push(Part { buffer, length: 0 });
        Ok(())
    }

    /// Another buffer after the last one is full.
    fn grow(&mut self) -> Result<()> {
        let last = self.body.parts.last().map_or(0, |part| part.buffer.capacity());
        let Some(length) = self.length else {
            let left = usize::try_from(self.limit - self.received).unwrap_or(usize::MAX);
            return self.add(last.saturating_mul(2).clamp(SMALLEST, LARGEST).min(left));
        };
        // The first bytes of a long body have come: now the whole is worth its memory.
        let length = usize::try_from(length).map_err(|_| out_of_memory(length))?;
        let mut whole = self.memory.allocate(length).ok_or_else(|| out_of_memory(length as u64))?;
        let mut at = 0;
        for part in self.body.parts.drain(..) {
            copy(part.bytes(), whole.as_mut(), at);
            at += part.length;
        }
        self.body.parts.push(Part { buffer: whole, length: at });
        Ok(())
    }
}

impl Sink for MemorySink {
    fn begin(&mut self, _head: &Head, length: Option<u64>) -> Result<Disposition> {
        self.body = MemoryBody::default();
        self.received = 0;
        self.length = length;
        let Some(length) = length else { return Ok(Disposition::Keep) };
        if length > self.limit {
            return Err(self.too_large());
        }
        let first = if length <= TRUSTED {
            usize::try_from(length).map_err(|_| out_of_memory(length))?
        } else {
            FIRST
        };
        if first > 0 {
            self.add(first)?;
        }
        Ok(Disposition::Keep)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        if self.body.parts.last().is_none_or(|part| part.room() == 0) {
            if self.received >= self.limit {
                return Ok(&mut self.probe);
            }
            self.grow()?;
        }
        match self.body.parts.last_mut() {
            Some(part) => Ok(part.buffer.space(part.length, part.room().min(STEP))),
            None => Ok(&mut self.probe),
        }
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.received += count as u64;
        match self.body.parts.last_mut().filter(|part| part.room() >= count) {
            Some(part) => part.length += count,
            None if count > 0 => return Err(self.too_large()),
            None => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _error: &Error) {
        self.body = MemoryBody::default();
    }
}

impl std::fmt::Debug for MemorySink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemorySink")
            .field("limit", &self.limit)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Memory of this process's heap.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeapMemory;

impl Memory for HeapMemory {
    fn allocate(&self, length: usize) -> Option<Box<dyn Buffer>> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).ok()?;
        Some(Box::new(HeapBuffer { bytes, capacity: length }))
    }
}

/// A buffer of the heap. Its vector is as long as what was initialised.
struct HeapBuffer {
    bytes: Vec<u8>,
    capacity: usize,
}

impl Buffer for HeapBuffer {
    fn capacity(&self) -> usize {
        self.capacity
    }

    fn space(&mut self, at: usize, length: usize) -> &mut [u8] {
        let end = at.saturating_add(length).min(self.capacity);
        if self.bytes.len() < end {
            // Within what was reserved: no allocation.
            self.bytes.resize(end, 0);
        }
        self.bytes.get_mut(at..end).unwrap_or_default()
    }

    fn filled(&self, length: usize) -> &[u8] {
        self.bytes.get(..length).unwrap_or(&self.bytes)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        Box::new(self.bytes)
    }
}

fn copy(from: &[u8], to: &mut dyn Buffer, at: usize) {
    for (index, piece) in from.chunks(STEP).enumerate() {
        to.space(at + index * STEP, piece.len()).copy_from_slice(piece);
    }
}

fn out_of_memory(wanted: u64) -> Error {
    Error::new(ErrorKind::OutOfMemory { wanted }, Phase::Body)
}

#[cfg(test)]
mod tests;
