//! The last response and its body. The body is held until the next request, until it is taken, or until it is
//! released; reading it changes nothing.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::abi::HostBuffer;
use crate::engine::charset::Charset;
use crate::engine::coding::{self, Decoder, Parts, Slices};
use crate::engine::error::{Error, ErrorKind, Phase};
use crate::engine::exchange::Head;
use crate::engine::file::FileSink;
use crate::engine::headers::Headers;
use crate::engine::received::{Buffer, Memory, Sink};
use crate::engine::response::{Response, ResponseBody};
use crate::engine::store::MemoryBody;

use super::memory::take_back;
use super::trouble::{Outcome, Trouble};

/// No system has longer file names (Windows: 32767 units); in bytes of UTF-8.
const LONGEST_PATH: usize = 3 * 32 * 1024;

/// Bytes copied at once.
const PIECE: usize = 256 * 1024;

/// The last response.
pub(super) struct Answer {
    /// Everything but the body.
    pub(super) response: Response,
    body: Held,
    /// Whether a body in memory is in that of the host.
    lent: bool,
    /// Length of the body on the wire.
    pub(super) size: u64,
    /// Largest decoded body in memory.
    limit: u64,
    /// Whether an empty body is good JSON.
    pub(super) empty_json: bool,
}

enum Held {
    Memory(MemoryBody),
    File(PathBuf),
    Taken,
    Released,
}

/// Decoded bytes of a body.
pub(super) enum Decoded<'a> {
    /// As received, nothing had to be undone.
    Plain(&'a MemoryBody),
    /// Decoded, or read from a file.
    Parts(Parts),
}

impl Answer {
    /// Takes a response over; `lent`: what is in memory is in that of the host.
    pub(super) fn new(mut response: Response, lent: bool, limit: u64, empty_json: bool) -> Self {
        let body = std::mem::replace(&mut response.body, ResponseBody::Memory(MemoryBody::default()));
        let (body, size) = match body {
            ResponseBody::Memory(memory) => {
                let size = memory.len();
                (Held::Memory(memory), size)
            }
            ResponseBody::File { path, length } => (Held::File(path), length),
        };
        Self { response, body, lent, size, limit, empty_json }
    }

    /// Frees the body.
    pub(super) fn release(&mut self) {
        self.body = Held::Released;
    }

    /// The body as on the wire, copied into memory of the host.
    pub(super) fn copied(&self, memory: &dyn Memory) -> Outcome<HostBuffer> {
        let body = self.in_memory()?;
        joined(body.chunks(), body.len(), memory)
    }

    /// The body as on the wire, no longer ours; still ours when there is no memory to join it in.
    pub(super) fn taken(&mut self, memory: &dyn Memory) -> Outcome<HostBuffer> {
        if !self.lent {
            let buffer = self.copied(memory)?;
            self.body = Held::Taken;
            return Ok(buffer);
        }
        let Held::Memory(body) = &mut self.body else { return Err(self.gone()) };
        let (buffer, length) = match body.take_single(memory)? {
            Some(single) => single,
            None => (allocate(memory, 0)?, 0),
        };
        self.body = Held::Taken;
        handed(buffer, length)
    }

    /// The decoded body in memory of the host.
    pub(super) fn binary(&self, memory: &dyn Memory) -> Outcome<HostBuffer> {
        match self.decoded()? {
            Decoded::Plain(body) => joined(body.chunks(), body.len(), memory),
            Decoded::Parts(parts) => joined(parts.slices(), parts.len() as u64, memory),
        }
    }

    /// The decoded body.
    pub(super) fn decoded(&self) -> Outcome<Decoded<'_>> {
        let codings = coding::codings_of(&self.response.headers);
        if let (Held::Memory(body), []) = (&self.body, codings.as_slice()) {
            return Ok(Decoded::Plain(body));
        }
        Ok(Decoded::Parts(coding::decode(&codings, self.input()?, self.limit)?))
    }

    /// Writes the decoded body to a file, which appears only when complete. Gives back its length.
    pub(super) fn save(&self, path: &Path) -> Outcome<u64> {
        if path.as_os_str().len() > LONGEST_PATH {
            let path = path.to_str().unwrap_or_default().chars().take(200).collect();
            let source = std::io::ErrorKind::InvalidFilename.into();
            return Err(Error::new(ErrorKind::File { path, operation: "create", source }, Phase::File).into());
        }
        let codings = coding::codings_of(&self.response.headers);
        let mut decoder = Decoder::new(&codings, self.input()?, u64::MAX)?;
        let mut sink = FileSink::new(path.to_path_buf());
        match pour(&mut decoder, &mut sink) {
            Ok(()) => Ok(sink.length()),
            Err(error) => {
                sink.abandon(&error);
                Err(error.into())
            }
        }
    }

    fn input(&self) -> Outcome<Box<dyn BufRead + '_>> {
        match &self.body {
            Held::Memory(body) => Ok(Box::new(Slices::new(body.chunks()))),
            Held::File(path) => Ok(Box::new(BufReader::with_capacity(64 * 1024, open(path)?))),
            Held::Taken | Held::Released => Err(self.gone()),
        }
    }

    /// `Content-Type` of the response.
    pub(super) fn content_type(&self) -> Option<&str> {
        self.response.headers.first("content-type")
    }

    fn in_memory(&self) -> Outcome<&MemoryBody> {
        match &self.body {
            Held::Memory(body) => Ok(body),
            _ => Err(self.gone()),
        }
    }

    fn gone(&self) -> Trouble {
        match &self.body {
            Held::Taken => Trouble::BodyTaken,
            Held::Released => Trouble::BodyReleased,
            Held::File(path) => Trouble::BodyInFile { path: path.display().to_string() },
            Held::Memory(_) => Trouble::NoResponse,
        }
    }
}

impl Decoded<'_> {
    /// The bytes in order.
    pub(super) fn slices(&self) -> Vec<&[u8]> {
        match self {
            Self::Plain(body) => body.chunks().collect(),
            Self::Parts(parts) => parts.slices().collect(),
        }
    }
}

fn pour(decoder: &mut Decoder<'_>, sink: &mut FileSink) -> Result<(), Error> {
    // The sink looks at no field of it; a body saved later has no exchange of its own.
    let head = Head { status: 200, headers: Headers::new(), ..Head::default() };
    sink.begin(&head, None)?;
    loop {
        let count = decoder.read_some(sink.space()?)?;
        if count == 0 {
            return sink.finish();
        }
        sink.advance(count)?;
    }
}

/// Slices in one buffer of the host.
pub(super) fn joined<'a>(
    slices: impl Iterator<Item = &'a [u8]>,
    length: u64,
    memory: &dyn Memory,
) -> Outcome<HostBuffer> {
    let length = usize::try_from(length).map_err(|_| Trouble::Memory { wanted: length })?;
    let mut buffer = allocate(memory, length)?;
    let mut at = 0;
    // In pieces: a buffer initialises what it gives out, which should still be in the caches when it is written.
    for piece in slices.flat_map(|slice| slice.chunks(PIECE)) {
        buffer.space(at, piece.len()).copy_from_slice(piece);
        at += piece.len();
    }
    handed(buffer, length)
}

/// Text in memory of the host as UTF-16, decoded straight into its place.
pub(super) fn host_text(charset: Charset, parts: &[&[u8]], memory: &dyn Memory) -> Outcome<HostBuffer> {
    let units = charset.utf16_len(parts.iter().copied());
    let length = units.checked_mul(2).ok_or(Trouble::Memory { wanted: u64::MAX })?;
    let mut buffer = allocate(memory, length)?;
    // The same slices give the same units, so the space is exact.
    let _ = charset.write_utf16(parts.iter().copied(), buffer.space(0, length));
    handed(buffer, length)
}

fn allocate(memory: &dyn Memory, length: usize) -> Outcome<Box<dyn Buffer>> {
    memory.allocate(length).ok_or(Trouble::Memory { wanted: length as u64 })
}

/// The host's own buffer behind one of the engine's, cut to its length.
fn handed(buffer: Box<dyn Buffer>, length: usize) -> Outcome<HostBuffer> {
    let mut buffer = take_back(buffer).ok_or(Trouble::Memory { wanted: length as u64 })?;
    buffer.set_length(length);
    Ok(buffer)
}

fn open(path: &Path) -> Outcome<File> {
    File::open(path).map_err(|source| {
        let path = path.display().to_string();
        Error::new(ErrorKind::File { path, operation: "open", source }, Phase::File).into()
    })
}
