//! Content codings (RFC 9110 section 8.4.1): what a body went through before it was sent, undone from the last to the
//! first. Every stage reads from the one before it, so nothing is held but the result; the result has a limit.
//!
//! The input is hostile: nothing is allocated because a header of the peer names a size, every buffer that grows does
//! so fallibly, a stream that ends early or carries anything after its end is an error. Not here: transfer codings
//! (the wire's business) and charsets.
//!
//! An empty body decodes to an empty body whatever its coding: servers send `Content-Encoding` with 304s, with answers
//! to HEAD and with empty pages.

mod brotli;
mod deflate;
mod gzip;
mod parts;
mod source;
mod write;
mod zstd;

use std::fmt;
use std::io::{self, BufRead, Read};

use super::error::{Error, ErrorKind, Phase, Result};
use super::headers::Headers;
pub use parts::Parts;
pub use source::Slices;
use source::{Buffered, detail, failure};
pub use write::write_gzip;

/// One content coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, `x-gzip`: RFC 1952, any number of members.
    Gzip,
    /// `deflate`: zlib (RFC 1950) as the standard says, or raw deflate (RFC 1951) as some servers send.
    Deflate,
    /// `br`: RFC 7932.
    Brotli,
    /// `zstd`: RFC 8878, windows up to 8 MiB (RFC 9659).
    Zstd,
    /// Anything else, as written but shortened. Decoding it is an error.
    Unknown(String),
}

/// More codings than this on one body are refused: nobody sends them, and each costs a window of memory.
pub const MAX_CODINGS: usize = 5;

/// The codings of a message in the order they were applied, from every `Content-Encoding` field. `identity` and empty
/// list elements are left out.
#[must_use]
pub fn codings_of(headers: &Headers) -> Vec<Coding> {
    headers.all("content-encoding").flat_map(codings_in).collect()
}

/// The codings in one `Content-Encoding` value.
pub fn codings_in(value: &str) -> impl Iterator<Item = Coding> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).filter_map(Coding::by_name)
}

impl Coding {
    /// The coding called `name` in any letter case; `None` for `identity`, which does nothing, and for words that
    /// servers write there by mistake and that say nothing about the bytes (charsets, transfer encodings of mail,
    /// `aws-chunked`, which is undone before a body is stored).
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let known = [
            ("gzip", Self::Gzip),
            ("x-gzip", Self::Gzip),
            ("deflate", Self::Deflate),
            ("br", Self::Brotli),
            ("zstd", Self::Zstd),
        ];
        let nothing = ["identity", "none", "utf-8", "utf8", "binary", "7bit", "8bit", "aws-chunked"];
        if nothing.iter().any(|word| name.eq_ignore_ascii_case(word)) {
            return None;
        }
        let found = known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        Some(found.map_or_else(
            || Self::Unknown(name.chars().filter(|c| !c.is_control()).take(40).collect()),
            |(_, coding)| coding,
        ))
    }

    /// The coding's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Unknown(name) => name,
        }
    }
}

/// Reads the decoded form of a coded body.
///
/// Also an [`io::Read`], whose errors carry an [`Error`] inside ([`Decoder::error_of`] takes it out).
pub struct Decoder<'a> {
    source: Box<dyn Read + 'a>,
    limit: u64,
    produced: u64,
    failed: bool,
}

impl<'a> Decoder<'a> {
    /// A decoder of `input`, to which `codings` were applied in this order. At most `limit` bytes come out.
    ///
    /// An [`Error`] inside an `io::Error` of the input comes out as itself.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for an unknown coding (`unknown-coding`) or too many of them (`too-many-codings`);
    /// [`ErrorKind::OutOfMemory`].
    pub fn new(codings: &[Coding], input: impl BufRead + 'a, limit: u64) -> Result<Self> {
        if codings.len() > MAX_CODINGS {
            let names: Vec<&str> = codings.iter().take(MAX_CODINGS + 1).map(Coding::name).collect();
            let kind = ErrorKind::Decode { coding: names.join(", "), detail: detail::TOO_MANY.into() };
            return Err(Error::new(kind, Phase::Decode));
        }
        // What an inner coding may produce: no real coding makes its input larger than this, so a larger intermediate
        // result is a bomb that hides behind the outer coding.
        let inner_limit = limit.saturating_add(limit / 64).saturating_add(1 << 16);
        let mut input: Box<dyn BufRead + 'a> = Box::new(input);
        let mut source: Option<Box<dyn Read + 'a>> = None;
        for coding in codings.iter().rev() {
            if let Some(outer) = source.take() {
                let outer = Decoder { source: outer, limit: inner_limit, produced: 0, failed: false };
                input = Box::new(Buffered::new(outer).map_err(|error| Self::error_of(error, ""))?);
            }
            source = Some(stage(coding, input)?);
            input = Box::new(io::empty());
        }
        Ok(Self { source: source.unwrap_or_else(|| Box::new(input)), limit, produced: 0, failed: false })
    }

    /// Fills the start of `out` and says how much; 0 only when the body is over (or `out` is empty).
    ///
    /// # Errors
    /// [`ErrorKind::Decode`], [`ErrorKind::BodyTooLarge`] (`decoded`), [`ErrorKind::OutOfMemory`], or what the input
    /// failed with. After an error every further call fails too.
    pub fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        self.read(out).map_err(|error| Self::error_of(error, ""))
    }

    /// The engine's error inside `error`, or `error` as one of reading the file `path`.
    #[must_use]
    pub fn error_of(error: io::Error, path: &str) -> Error {
        error.downcast::<Error>().unwrap_or_else(|source| {
            Error::new(ErrorKind::File { path: path.to_owned(), operation: "read", source }, Phase::Decode)
        })
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.failed {
            return Err(failure(ErrorKind::Decode { coding: String::new(), detail: detail::CORRUPT.into() }));
        }
        let count = loop {
            match self.source.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
                Ok(count) => break count,
            }
        };
        self.produced = self.produced.saturating_add(count as u64);
        if self.produced > self.limit {
            self.failed = true;
            return Err(failure(ErrorKind::BodyTooLarge {
                limit: self.limit,
                announced: None,
                decoded: true,
            }));
        }
        Ok(count)
    }
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({} of at most {} bytes)", self.produced, self.limit)
    }
}

/// Decodes all of `input` into blocks of memory: see [`Decoder::new`].
///
/// # Errors
/// As [`Decoder::new`] and [`Decoder::read_some`].
pub fn decode<'a>(codings: &[Coding], input: impl BufRead + 'a, limit: u64) -> Result<Parts> {
    let mut decoder = Decoder::new(codings, input, limit)?;
    Parts::read_all(|space| decoder.read_some(space))
}

/// Decodes all of `input` into one piece of memory, for small bodies: see [`Decoder::new`].
///
/// # Errors
/// As [`Decoder::new`] and [`Decoder::read_some`].
pub fn decode_to_vec<'a>(codings: &[Coding], input: impl BufRead + 'a, limit: u64) -> Result<Vec<u8>> {
    decode(codings, input, limit)?.into_vec()
}

fn stage<'a>(coding: &Coding, input: Box<dyn BufRead + 'a>) -> Result<Box<dyn Read + 'a>> {
    Ok(match coding {
        Coding::Gzip => Box::new(gzip::GzipReader::new(input)?),
        Coding::Deflate => Box::new(deflate::DeflateReader::new(input)?),
        Coding::Brotli => Box::new(brotli::BrotliReader::new(input)),
        Coding::Zstd => Box::new(zstd::ZstdReader::new(input)),
        Coding::Unknown(name) => {
            let kind = ErrorKind::Decode { coding: name.clone(), detail: detail::UNKNOWN.into() };
            return Err(Error::new(kind, Phase::Decode));
        }
    })
}

#[cfg(test)]
mod tests;
