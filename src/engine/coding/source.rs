//! What the stages of a decoder share: reading a list of slices, a buffer between stages, keeping the input's own
//! error apart from the decoder's, and the checks that stand between a decoder and a failed allocation or a panic.

use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::error::{Error, ErrorKind, Phase, Result};

/// Stable words of [`ErrorKind::Decode`].
pub(super) mod detail {
    /// The body ends before the coded stream does.
    pub(crate) const TRUNCATED: &str = "truncated";
    /// The stream breaks the rules of its format.
    pub(crate) const CORRUPT: &str = "corrupt";
    /// The checksum or the length written in the stream differs from what was decoded.
    pub(crate) const CHECKSUM: &str = "checksum";
    /// Something follows the end of the stream.
    pub(crate) const TRAILING: &str = "trailing-data";
    /// The stream needs a larger window than allowed.
    pub(crate) const WINDOW: &str = "window-too-large";
    /// The stream needs a dictionary.
    pub(crate) const DICTIONARY: &str = "dictionary";
    /// The coding is not known.
    pub(crate) const UNKNOWN: &str = "unknown-coding";
    /// Too many codings.
    pub(crate) const TOO_MANY: &str = "too-many-codings";
    /// The decoder itself broke on this stream.
    pub(crate) const DECODER: &str = "decoder-fault";
}

/// An engine error on its way through `io::Read`.
pub(super) fn failure(kind: ErrorKind) -> io::Error {
    io::Error::other(Error::new(kind, Phase::Decode))
}

/// A failed decoding on its way through `io::Read`.
pub(super) fn undecodable(coding: &str, detail: &str) -> io::Error {
    failure(ErrorKind::Decode { coding: coding.to_owned(), detail: detail.to_owned() })
}

/// Fails if `bytes` more cannot be had at the moment. For decoders that allocate a bounded amount themselves and would
/// end the process when they cannot.
pub(super) fn probe_memory(bytes: usize) -> io::Result<()> {
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(bytes).map_err(|_| failure(ErrorKind::OutOfMemory { wanted: bytes as u64 }))?;
    std::hint::black_box(&probe);
    Ok(())
}

/// Runs a step of a foreign decoder; a panic in it is an error of the body.
pub(super) fn guarded<T>(coding: &str, step: impl FnOnce() -> T) -> io::Result<T> {
    // The state behind `step` may be inconsistent after a panic; the decoder refuses every call after an error.
    catch_unwind(AssertUnwindSafe(step)).map_err(|_| undecodable(coding, detail::DECODER))
}

/// Slices read one after the other.
#[derive(Debug, Clone)]
pub struct Slices<'a, I> {
    rest: I,
    current: &'a [u8],
}

impl<'a, I: Iterator<Item = &'a [u8]>> Slices<'a, I> {
    /// A reader of `slices`.
    pub fn new(slices: impl IntoIterator<IntoIter = I>) -> Self {
        Self { rest: slices.into_iter(), current: &[] }
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> BufRead for Slices<'a, I> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.current.is_empty() {
            match self.rest.next() {
                Some(next) => self.current = next,
                None => break,
            }
        }
        Ok(self.current)
    }

    fn consume(&mut self, amount: usize) {
        self.current = self.current.get(amount..).unwrap_or_default();
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Read for Slices<'a, I> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, out)
    }
}

/// A fallibly allocated buffer between two stages.
pub(super) struct Buffered<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Buffered<R> {
    pub(super) fn new(inner: R) -> io::Result<Self> {
        const SIZE: usize = 32 << 10;
        let mut buffer = Vec::new();
        buffer
            .try_reserve_exact(SIZE)
            .map_err(|_| failure(ErrorKind::OutOfMemory { wanted: SIZE as u64 }))?;
        buffer.resize(SIZE, 0);
        Ok(Self { inner, buffer, start: 0, end: 0 })
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end {
            self.start = 0;
            self.end = 0;
            self.end = self.inner.read(&mut self.buffer)?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, out)
    }
}

/// An input that remembers its own error, so that a decoder which wraps or drops errors cannot lose it.
pub(super) struct Tap<R> {
    inner: R,
    error: Option<io::Error>,
}

impl<R: BufRead> Tap<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, error: None }
    }

    /// What the input failed with, else `otherwise`.
    pub(super) fn error_or(&mut self, otherwise: impl FnOnce() -> io::Error) -> io::Error {
        self.take_error().unwrap_or_else(otherwise)
    }

    /// What the input failed with.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Whether the input is at its end.
    pub(super) fn at_end(&mut self) -> io::Result<bool> {
        match self.fill_buf() {
            Ok(bytes) => Ok(bytes.is_empty()),
            Err(error) => Err(self.error_or(|| error)),
        }
    }
}

impl<R: BufRead> BufRead for Tap<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // Asked twice because a borrow that may be returned cannot be followed by a store; the second is a look only.
        loop {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::ErrorKind::Other.into());
                }
            }
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Tap<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, out)
    }
}

fn read_buffered(input: &mut impl BufRead, out: &mut [u8]) -> io::Result<usize> {
    let bytes = input.fill_buf()?;
    let count = bytes.len().min(out.len());
    if let (Some(to), Some(from)) = (out.get_mut(..count), bytes.get(..count)) {
        to.copy_from_slice(from);
    }
    input.consume(count);
    Ok(count)
}

/// Appends room for `more` bytes to `buffer`, fallibly.
pub(super) fn reserve(buffer: &mut Vec<u8>, more: usize) -> Result<()> {
    buffer
        .try_reserve_exact(more)
        .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: more as u64 }, Phase::Decode))
}
