//! A body read once more for its hash: segments in order, files in pieces, as many bytes of them as are sent.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::engine::body::Segment;
use crate::engine::error::{Error, ErrorKind, Phase, Result};

use super::Ask;

/// Bytes of a file read at once.
const PIECE: usize = 256 << 10;

/// Gives every byte of the body to `take`, in order. Between pieces of files it is asked whether the request may go on.
///
/// # Errors
/// A file that cannot be read or is shorter than announced; cancelled, or out of time.
pub(crate) fn read(ask: &Ask<'_, '_>, mut take: impl FnMut(&[u8])) -> Result<()> {
    for segment in ask.body.segments() {
        match segment {
            Segment::Bytes(bytes) => take(bytes),
            Segment::Shared(bytes) => take(bytes),
            Segment::File { path, length } => file(ask, path, *length, &mut take)?,
            // Only what signs every attempt makes such a body, and it answers no challenges.
            Segment::Made { .. } => {
                let (scheme, problem, detail) = ("Digest", "body", "a body made while it is sent".to_owned());
                return Err(Error::new(
                    ErrorKind::Authentication { scheme, problem, detail },
                    Phase::Authentication,
                ));
            }
        }
    }
    Ok(())
}

fn file(ask: &Ask<'_, '_>, path: &Path, mut left: u64, take: &mut impl FnMut(&[u8])) -> Result<()> {
    let failed = |operation, source| {
        let path = path.display().to_string();
        Error::new(ErrorKind::File { path, operation, source }, Phase::Authentication)
    };
    let mut opened = File::open(path).map_err(|source| failed("open", source))?;
    let mut buffer = Vec::new();
    let size = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
    buffer
        .try_reserve_exact(size)
        .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: size as u64 }, Phase::Authentication))?;
    buffer.resize(size, 0);
    while left > 0 {
        if let Some(fetch) = ask.fetch {
            fetch.check()?;
        }
        let wanted = usize::try_from(left).unwrap_or(size).min(size);
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        match opened.read(piece) {
            Ok(0) => return Err(failed("changed", io::ErrorKind::UnexpectedEof.into())),
            Ok(count) => {
                take(piece.get(..count).unwrap_or_default());
                left = left.saturating_sub(count as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed("read", error)),
        }
    }
    Ok(())
}
