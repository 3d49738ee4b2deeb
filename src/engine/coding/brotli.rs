//! br (RFC 7932). Windows of 16 MiB at most: the "large window" extension is no content coding. The decoder's memory
//! comes from an allocator that may say no.

use std::io::{self, BufRead, Read};

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper, SliceWrapperMut,
};

use super::super::error::ErrorKind;
use super::source::{Tap, detail, failure, guarded, undecodable};

const NAME: &str = "br";

type Brotli = BrotliState<Heap, Heap, Heap>;

pub(super) struct BrotliReader<R> {
    input: Tap<R>,
    /// `None`: not begun.
    state: Option<Box<Brotli>>,
    over: bool,
}

impl<R: BufRead> BrotliReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: Tap::new(input), state: None, over: false }
    }
}

impl<R: BufRead> Read for BrotliReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.over {
                return Ok(0);
            }
            let at_end = self.input.at_end()?;
            if at_end && self.state.is_none() {
                self.over = true;
                return Ok(0);
            }
            let state = self.state.get_or_insert_with(|| {
                Box::new(BrotliState::new_strict(Heap::default(), Heap::default(), Heap::default()))
            });
            let bytes = self.input.fill_buf()?;
            let (mut available, mut taken) = (bytes.len().min(1 << 20), 0);
            let (mut room, mut made, mut total) = (out.len(), 0, 0);
            let result = guarded(NAME, || {
                BrotliDecompressStream(
                    &mut available,
                    &mut taken,
                    bytes,
                    &mut room,
                    &mut made,
                    out,
                    &mut total,
                    state,
                )
            })?;
            self.input.consume(taken);
            match result {
                BrotliResult::ResultSuccess => {
                    if !self.input.at_end()? {
                        return Err(undecodable(NAME, detail::TRAILING));
                    }
                    self.over = true;
                    return Ok(made);
                }
                BrotliResult::ResultFailure => return Err(explain(state)),
                _ if made > 0 => return Ok(made),
                BrotliResult::NeedsMoreInput if at_end => return Err(undecodable(NAME, detail::TRUNCATED)),
                // Room is never empty here, so a decoder that wants more of it without using any would do so forever.
                _ if taken == 0 => return Err(undecodable(NAME, detail::CORRUPT)),
                _ => {}
            }
        }
    }
}

fn explain(state: &Brotli) -> io::Error {
    let refused =
        [&state.alloc_u8, &state.alloc_u32, &state.alloc_hc].map(|heap| heap.refused).into_iter().max();
    match refused {
        Some(wanted) if wanted > 0 => failure(ErrorKind::OutOfMemory { wanted }),
        _ => undecodable(NAME, detail::CORRUPT),
    }
}

/// The heap, asked fallibly. The decoder takes an empty cell as a refusal.
#[derive(Default)]
struct Heap {
    /// Bytes that could not be had.
    refused: u64,
}

/// A piece of [`Heap`].
struct Cell<T>(Vec<T>);

impl<T: Clone + Default> Allocator<T> for Heap {
    type AllocatedMemory = Cell<T>;

    fn alloc_cell(&mut self, length: usize) -> Cell<T> {
        let mut cell = Vec::new();
        if cell.try_reserve_exact(length).is_ok() {
            cell.resize(length, T::default());
        } else {
            self.refused = (length as u64).saturating_mul(size_of::<T>() as u64).max(1);
        }
        Cell(cell)
    }

    fn free_cell(&mut self, _cell: Cell<T>) {}
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SliceWrapper<T> for Cell<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Cell<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

/// Ties the decoder's table type to the allocator above.
const _: fn() = || {
    fn check<A: Allocator<HuffmanCode>>() {}
    check::<Heap>();
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::error::Error;

    #[test]
    fn refused_memory_is_out_of_memory_and_not_a_corrupt_stream() {
        let mut state: Brotli = BrotliState::new_strict(Heap::default(), Heap::default(), Heap::default());
        let cell: Cell<u32> = state.alloc_u32.alloc_cell(usize::MAX / 2);
        assert!(cell.slice().is_empty(), "a refusal is an empty cell");
        let error = explain(&state).downcast::<Error>().expect("ours");
        assert!(matches!(error.kind, ErrorKind::OutOfMemory { wanted } if wanted > 1 << 30), "{error:?}");
    }
}
