//! A body in signed chunks (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, S3 API reference "Signature calculations: multiple
//! chunks"): every chunk carries a signature that builds on the one before it. It is read once, while it is sent; only
//! one chunk is in memory.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::engine::auth::Aws;
use crate::engine::body::{Body, Reading, Source};
use crate::engine::digest::{Hash, hmac};
use crate::engine::error::{Error, ErrorKind, Phase};
use crate::engine::hex;

use super::sign::Scope;

/// What stands for the hash of the body.
pub(super) const PAYLOAD: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

/// Bytes of a chunk; the last one may be shorter. S3 takes 8 KiB and more.
const CHUNK: usize = 64 * 1024;
/// What a chunk has besides its size and its bytes: `;chunk-signature=`, 64 digits and two line ends.
const FRAME: u64 = 17 + 64 + 4;

/// Length of a body of `length` bytes in signed chunks. `None`: no number holds it.
#[must_use]
pub fn encoded_length(length: u64) -> Option<u64> {
    let chunk = CHUNK as u64;
    let (whole, rest) = (length / chunk, length % chunk);
    let last = if rest == 0 { 0 } else { framed(rest)? };
    whole.checked_mul(framed(chunk)?)?.checked_add(last)?.checked_add(framed(0)?)
}

fn framed(length: u64) -> Option<u64> {
    let digits = u64::from(length.max(1).ilog2() / 4 + 1);
    length.checked_add(digits + FRAME)
}

/// A body in signed chunks.
pub struct Chunks<'b> {
    body: Body<'b>,
    key: Vec<u8>,
    /// Time and scope, as every string to sign has them.
    prefix: String,
    seed: String,
}

impl<'b> Chunks<'b> {
    /// The chunks of `body`, the first one building on the signature of the request (`seed`), which was signed at
    /// `time`.
    #[must_use]
    pub fn new(aws: &Aws, time: &str, seed: String, body: Body<'b>) -> Self {
        let scope = Scope::new(aws, time);
        let prefix = format!("AWS4-HMAC-SHA256-PAYLOAD\n{time}\n{}", scope.text());
        Self { body, key: scope.key(), prefix, seed }
    }
}

impl Source for Chunks<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut data = Vec::new();
        let mut frame = Vec::new();
        for buffer in [&mut data, &mut frame] {
            buffer.try_reserve_exact(CHUNK + 128).map_err(|_| no_memory())?;
        }
        data.resize(CHUNK, 0);
        Ok(Box::new(Writer {
            chunks: self,
            reading: Reading::new(&self.body),
            previous: self.seed.clone(),
            no_data: hex::digits(&Sha256::digest(b"")),
            data,
            frame,
            given: 0,
            ended: false,
        }))
    }
}

impl std::fmt::Debug for Chunks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunks({:?})", self.body)
    }
}

/// One pass through the chunks.
struct Writer<'c> {
    chunks: &'c Chunks<'c>,
    reading: Reading<'c>,
    previous: String,
    /// Hash of nothing, a part of every string to sign.
    no_data: String,
    data: Vec<u8>,
    /// The chunk under way, framed.
    frame: Vec<u8>,
    /// Bytes of `frame` already given out.
    given: usize,
    /// Whether the empty chunk that ends the body was made.
    ended: bool,
}

impl Writer<'_> {
    fn next(&mut self) -> io::Result<()> {
        let mut length = 0;
        while let Some(room) = self.data.get_mut(length..).filter(|room| !room.is_empty()) {
            match self.reading.read(room) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let data = self.data.get(..length).unwrap_or_default();
        let hash = hex::digits(&Sha256::digest(data));
        let text = [&self.chunks.prefix, &self.previous, &self.no_data, &hash].map(String::as_str).join("\n");
        self.previous = hex::digits(&hmac(Hash::Sha256, &self.chunks.key, text.as_bytes()));
        self.frame.clear();
        self.frame.extend_from_slice(format!("{length:x};chunk-signature={}\r\n", self.previous).as_bytes());
        self.frame.extend_from_slice(data);
        self.frame.extend_from_slice(b"\r\n");
        self.given = 0;
        self.ended = length == 0;
        Ok(())
    }
}

impl Read for Writer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.frame.len() && !self.ended && !buffer.is_empty() {
            self.next()?;
        }
        let mut rest = self.frame.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

fn no_memory() -> io::Error {
    io::Error::other(Error::new(ErrorKind::OutOfMemory { wanted: CHUNK as u64 }, Phase::Send))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn encoded(body: &[u8]) -> Vec<u8> {
        let chunks = Chunks::new(&Aws::default(), "20130524T000000Z", "seed".into(), Body::bytes(body));
        let (mut first, mut second) = (Vec::new(), Vec::new());
        chunks.open().unwrap().read_to_end(&mut first).unwrap();
        let mut again = chunks.open().unwrap();
        let mut byte = [0; 777];
        while let count @ 1.. = again.read(&mut byte).unwrap() {
            second.extend_from_slice(&byte[..count]);
        }
        assert!(first == second, "every pass gives the same bytes, whatever is read at once");
        first
    }

    #[test]
    fn the_length_is_known_before_a_byte_is_made() {
        for length in [0, 1, 15, 16, 255, 256, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let body = vec![b'a'; length];
            assert_eq!(encoded(&body).len() as u64, encoded_length(length as u64).unwrap(), "{length}");
        }
        assert_eq!(encoded_length(66_560), Some(66_824), "the example of the S3 API reference");
        assert_eq!(encoded_length(u64::MAX), None);
    }

    #[test]
    fn chunks_carry_their_bytes_and_end_with_an_empty_one() {
        let body: Vec<u8> = (0..=255).cycle().take(CHUNK + 10).collect();
        let sent = encoded(&body);
        let mut rest = sent.as_slice();
        let (mut carried, mut sizes, mut signatures) = (Vec::new(), Vec::new(), Vec::new());
        while !rest.is_empty() {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            let (size, signature) = line.split_once(";chunk-signature=").unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            carried.extend_from_slice(&rest[end + 2..end + 2 + size]);
            assert_eq!(&rest[end + 2 + size..end + 4 + size], b"\r\n");
            rest = &rest[end + 4 + size..];
            sizes.push(size);
            signatures.push(signature.to_owned());
        }
        assert!(carried == body);
        assert_eq!(sizes, [CHUNK, 10, 0]);
        signatures.dedup();
        assert_eq!(signatures.len(), 3, "each builds on the one before");
    }

    #[test]
    fn a_file_that_shrank_ends_the_chunks_with_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut body = Body::none();
        body.push(crate::engine::body::Segment::File { path: file.path().to_owned(), length: 4 });
        let chunks = Chunks::new(&Aws::default(), "20130524T000000Z", String::new(), body);
        let error = chunks.open().unwrap().read(&mut [0; 8]).unwrap_err();
        let error = Reading::error_of(error);
        assert!(matches!(error.kind, ErrorKind::File { operation: "changed", .. }), "{error:?}");
    }
}
