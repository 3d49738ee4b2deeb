//! deflate: zlib (RFC 1950) as RFC 9110 says, or raw deflate (RFC 1951) as servers have sent since the nineties. The
//! first two bytes tell: a raw stream could only look like a zlib header if it began with a stored block whose
//! padding bits are not zero, which no encoder writes.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::super::error::{Error, ErrorKind, Phase, Result};
use super::source::{Tap, detail, probe_memory, undecodable};

const NAME: &str = "deflate";

/// What inflating allocates at most.
const STATE_MEMORY: usize = 128 << 10;

pub(super) struct DeflateReader<R> {
    input: Tap<R>,
    state: State,
}

enum State {
    Start,
    Running { inflate: Decompress, pending: Head },
    Over,
}

/// The two bytes that were read to tell the formats apart and still have to be decoded.
#[derive(Clone, Copy)]
struct Head {
    bytes: [u8; 2],
    taken: usize,
    length: usize,
}

impl<R: BufRead> DeflateReader<R> {
    pub(super) fn new(input: R) -> Result<Self> {
        probe_memory(STATE_MEMORY)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: STATE_MEMORY as u64 }, Phase::Decode))?;
        Ok(Self { input: Tap::new(input), state: State::Start })
    }

    fn head(&mut self) -> io::Result<Head> {
        let mut head = Head { bytes: [0; 2], taken: 0, length: 0 };
        while let Some(space) = head.bytes.get_mut(head.length..).filter(|space| !space.is_empty()) {
            if self.input.at_end()? {
                break;
            }
            head.length += self.input.read(space)?;
        }
        Ok(head)
    }
}

impl<R: BufRead> Read for DeflateReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Over => return Ok(0),
                State::Start => {
                    let head = self.head()?;
                    if head.length == 0 {
                        self.state = State::Over;
                        continue;
                    }
                    let inflate = Decompress::new(head.is_zlib());
                    self.state = State::Running { inflate, pending: head };
                }
                State::Running { inflate, pending } => {
                    let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
                    let from_head = pending.taken < pending.length;
                    let at_end = !from_head && self.input.at_end()?;
                    let bytes = if from_head { pending.rest() } else { self.input.fill_buf()? };
                    let status = inflate.decompress(bytes, out, FlushDecompress::None);
                    let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(usize::MAX);
                    let made = usize::try_from(inflate.total_out() - before_out).unwrap_or(usize::MAX);
                    if from_head {
                        pending.taken += taken;
                    } else {
                        self.input.consume(taken);
                    }
                    match status {
                        Err(error) => {
                            let needs_dictionary = error.needs_dictionary().is_some();
                            let word = if needs_dictionary { detail::DICTIONARY } else { detail::CORRUPT };
                            return Err(undecodable(NAME, word));
                        }
                        Ok(Status::StreamEnd) => {
                            if pending.taken < pending.length || !self.input.at_end()? {
                                return Err(undecodable(NAME, detail::TRAILING));
                            }
                            self.state = State::Over;
                            if made > 0 {
                                return Ok(made);
                            }
                        }
                        Ok(_) if made > 0 => return Ok(made),
                        Ok(_) if at_end => return Err(undecodable(NAME, detail::TRUNCATED)),
                        // With input and room for output, a decoder that moves neither would do so forever.
                        Ok(_) if taken == 0 => return Err(undecodable(NAME, detail::CORRUPT)),
                        Ok(_) => {}
                    }
                }
            }
        }
    }
}

impl Head {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..self.length).unwrap_or_default()
    }

    /// RFC 1950 section 2.2: method 8, window at most 32 KiB, and the two bytes a multiple of 31.
    fn is_zlib(&self) -> bool {
        let [cmf, flags] = self.bytes;
        self.length == 2
            && cmf & 0x0f == 8
            && cmf >> 4 <= 7
            && u16::from_be_bytes([cmf, flags]).is_multiple_of(31)
    }
}
