//! A body read once more for its hash: segments in order, files in pieces, as many bytes of them as are sent. The
//! limits of the request hold meanwhile.

use std::io::{self, Read};

use crate::engine::body::{Body, Reading, Segment};
use crate::engine::error::{Error, ErrorKind, Phase, Result};

use super::Ask;

/// Bytes read at once of what is not in memory.
const PIECE: usize = 256 << 10;
/// Bytes in memory between two looks at the limits.
const BETWEEN: usize = 1 << 20;

/// Gives every byte of the body to `take`, in order. Between pieces it is asked whether the request may go on.
///
/// # Errors
/// A file that cannot be read or is shorter than announced; cancelled, or out of time.
pub(crate) fn read(ask: &Ask<'_, '_>, mut take: impl FnMut(&[u8])) -> Result<()> {
    for segment in ask.body.segments() {
        let bytes: &[u8] = match segment {
            Segment::Bytes(bytes) => bytes,
            Segment::Shared(bytes) => bytes,
            Segment::File { .. } | Segment::Made { .. } => {
                in_pieces(ask, segment, &mut take)?;
                continue;
            }
        };
        for piece in bytes.chunks(BETWEEN) {
            check(ask)?;
            take(piece);
        }
    }
    Ok(())
}

fn in_pieces(ask: &Ask<'_, '_>, segment: &Segment<'_>, take: &mut impl FnMut(&[u8])) -> Result<()> {
    let mut body = Body::none();
    body.push(segment.borrowed());
    let mut reading = Reading::new(&body);
    let mut buffer = Vec::new();
    let size = usize::try_from(segment.length()).unwrap_or(PIECE).min(PIECE);
    buffer
        .try_reserve_exact(size)
        .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: size as u64 }, Phase::Authentication))?;
    buffer.resize(size, 0);
    loop {
        check(ask)?;
        match reading.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => take(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Reading::error_of(error)),
        }
    }
}

fn check(ask: &Ask<'_, '_>) -> Result<()> {
    ask.fetch.map_or(Ok(()), super::Fetch::check)
}
