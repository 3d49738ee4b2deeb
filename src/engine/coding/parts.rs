//! A result of unknown length, grown block by block: no block is ever moved, so the peak is the result itself and a
//! large one needs no contiguous address space.

use std::fmt;

use super::super::error::{Error, ErrorKind, Phase, Result};
use super::source::{Slices, reserve};

/// Bytes in blocks.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Parts {
    blocks: Vec<Vec<u8>>,
    length: usize,
}

const FIRST_BLOCK: usize = 16 << 10;
const LARGEST_BLOCK: usize = 4 << 20;

impl Parts {
    /// Everything `read` gives until it gives 0.
    pub(super) fn read_all(mut read: impl FnMut(&mut [u8]) -> Result<usize>) -> Result<Self> {
        let mut parts = Self::default();
        loop {
            let filled = parts.fill_block(&mut read)?;
            if !filled {
                return Ok(parts);
            }
        }
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The bytes in order, none of the slices empty.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.blocks.iter().map(Vec::as_slice).filter(|block| !block.is_empty())
    }

    /// A reader of the bytes.
    #[must_use]
    pub fn reader(&self) -> impl std::io::BufRead + '_ {
        Slices::new(self.slices())
    }

    /// The blocks themselves, to be sent or stored without a copy.
    #[must_use]
    pub fn into_blocks(self) -> Vec<Vec<u8>> {
        self.blocks
    }

    /// All bytes in one piece; copies unless they are in one piece already.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn into_vec(mut self) -> Result<Vec<u8>> {
        if self.blocks.len() <= 1 {
            return Ok(self.blocks.pop().unwrap_or_default());
        }
        let mut all = Vec::new();
        reserve(&mut all, self.length)?;
        for block in self.blocks {
            all.extend_from_slice(&block);
        }
        Ok(all)
    }

    /// Adds one block and fills it; false when the source was over before it was full.
    fn fill_block(&mut self, read: &mut impl FnMut(&mut [u8]) -> Result<usize>) -> Result<bool> {
        // As much again as there is: few blocks, and at most half of the memory unused.
        let size = self.length.clamp(FIRST_BLOCK, LARGEST_BLOCK);
        let mut block = Vec::new();
        reserve(&mut block, size)?;
        block.resize(size, 0);
        let mut filled = 0;
        let mut more = true;
        while let Some(space) = block.get_mut(filled..).filter(|space| !space.is_empty()) {
            let count = read(space)?;
            if count == 0 {
                more = false;
                break;
            }
            filled = (filled + count).min(size);
        }
        block.truncate(filled);
        if filled > 0 {
            self.push(if more { block } else { fitted(block) })?;
        }
        Ok(more)
    }

    /// Adds `block` behind the others.
    pub(super) fn push(&mut self, block: Vec<u8>) -> Result<()> {
        let list = (self.blocks.len() + 1) * size_of::<Vec<u8>>();
        self.blocks
            .try_reserve(1)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: list as u64 }, Phase::Decode))?;
        self.length += block.len();
        self.blocks.push(block);
        Ok(())
    }
}

/// The same bytes without much unused memory. (`shrink_to_fit` would end the process if it failed.)
fn fitted(block: Vec<u8>) -> Vec<u8> {
    let mut exact = Vec::new();
    if block.len() > block.capacity() / 4 * 3 || exact.try_reserve_exact(block.len()).is_err() {
        return block;
    }
    exact.extend_from_slice(&block);
    exact
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parts({} blocks, {} bytes)", self.blocks.len(), self.length)
    }
}
