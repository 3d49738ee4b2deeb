//! Writing gzip: one member with the plainest header (no name, no time, system unknown), which is what callers of the
//! module this replaces compare byte for byte. zlib's level 6; data that does not shrink is stored.

use std::io::{self, BufRead};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::super::error::{Error, ErrorKind, Phase, Result};
use super::Decoder;
use super::parts::Parts;
use super::source::{probe_memory, reserve};

/// RFC 1952 section 2.3: magic, deflate, no flags, no time, XFL 0, OS 255 (unknown).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// What deflating allocates at most.
const STATE_MEMORY: usize = 1 << 20;

const BLOCK: usize = 64 << 10;

/// All of `input` as one gzip member.
///
/// # Errors
/// [`ErrorKind::OutOfMemory`], or what the input failed with (an [`Error`] inside an `io::Error` comes out as itself).
pub fn write_gzip(mut input: impl BufRead) -> Result<Parts> {
    probe_memory(STATE_MEMORY).map_err(|error| Decoder::error_of(error, ""))?;
    let mut deflate = Compress::new(Compression::new(6), false);
    let mut crc = Crc::new();
    let mut parts = Parts::default();
    // A body that is known to be small gets a small block: nothing is written twice.
    let first = input.fill_buf().map_or(BLOCK, |bytes| (bytes.len() + 64).min(BLOCK));
    let mut block = block_of(first)?;
    block.extend_from_slice(&HEADER);
    loop {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Decoder::error_of(error, "")),
        };
        let flush = if bytes.is_empty() { FlushCompress::Finish } else { FlushCompress::None };
        let before = deflate.total_in();
        // Writes into the spare capacity only, never beyond it.
        let status = deflate.compress_vec(bytes, &mut block, flush);
        let taken = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
        crc.update(bytes.get(..taken).unwrap_or(bytes));
        input.consume(taken);
        match status {
            Ok(Status::StreamEnd) => break,
            Ok(_) if block.len() < block.capacity() => {}
            Ok(_) => {
                parts.push(std::mem::take(&mut block))?;
                block = block_of(BLOCK)?;
            }
            // Only a wrong use of the stream gives this; kept an error so that nothing can end the host.
            Err(_) => {
                let kind = ErrorKind::Decode { coding: "gzip".into(), detail: "corrupt".into() };
                return Err(Error::new(kind, Phase::Prepare));
            }
        }
    }
    reserve(&mut block, 8)?;
    block.extend_from_slice(&crc.sum().to_le_bytes());
    block.extend_from_slice(&crc.amount().to_le_bytes());
    parts.push(block)?;
    Ok(parts)
}

fn block_of(size: usize) -> Result<Vec<u8>> {
    let mut block = Vec::new();
    reserve(&mut block, size)?;
    Ok(block)
}
