//! gzip: members one after the other (RFC 1952 section 2.2), each with its checksum and length verified.
//!
//! After the last member zero bytes are padding, as gzip itself takes them. Anything else is an error, as it is for
//! curl and Go (browsers drop it): bytes that cannot be explained may be a damaged member, and a body that silently
//! lost its tail is worse for a data exchange than an error.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::super::error::{ErrorKind, Phase, Result};
use super::source::{Tap, detail, probe_memory, undecodable};
use crate::engine::error::Error;

const NAME: &str = "gzip";

/// What one member's decoder allocates at most: a window, tables, and the extra field, name and comment of the header.
const MEMBER_MEMORY: usize = 512 << 10;

pub(super) struct GzipReader<R> {
    state: State<R>,
}

enum State<R> {
    /// Before a member; whether one was read already.
    Between(Tap<R>, bool),
    /// In a member.
    Member(Box<GzDecoder<Tap<R>>>),
    /// Over or failed.
    Over,
}

impl<R: BufRead> GzipReader<R> {
    pub(super) fn new(input: R) -> Result<Self> {
        probe_memory(MEMBER_MEMORY).map_err(|_| {
            Error::new(ErrorKind::OutOfMemory { wanted: MEMBER_MEMORY as u64 }, Phase::Decode)
        })?;
        Ok(Self { state: State::Between(Tap::new(input), false) })
    }
}

impl<R: BufRead> Read for GzipReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Between(mut input, later) => {
                    if later {
                        skip_zeros(&mut input)?;
                    }
                    if input.at_end()? {
                        return Ok(0);
                    }
                    if later && !starts_member(&mut input)? {
                        return Err(undecodable(NAME, detail::TRAILING));
                    }
                    self.state = State::Member(Box::new(GzDecoder::new(input)));
                }
                State::Member(mut member) => match member.read(out) {
                    Ok(0) => self.state = State::Between(member.into_inner(), true),
                    Ok(count) => {
                        self.state = State::Member(member);
                        return Ok(count);
                    }
                    Err(error) => return Err(member.get_mut().error_or(|| explain(&error))),
                },
            }
        }
    }
}

fn explain(error: &io::Error) -> io::Error {
    undecodable(
        NAME,
        match error.kind() {
            io::ErrorKind::UnexpectedEof => detail::TRUNCATED,
            _ => detail::CORRUPT,
        },
    )
}

fn skip_zeros(input: &mut Tap<impl BufRead>) -> io::Result<()> {
    while !input.at_end()? {
        let bytes = input.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let all = zeros == bytes.len();
        input.consume(zeros);
        if !all {
            break;
        }
    }
    Ok(())
}

/// Whether the next byte may start a member. The second magic byte may be in another slice; the decoder checks it.
fn starts_member(input: &mut Tap<impl BufRead>) -> io::Result<bool> {
    Ok(input.fill_buf()?.first() == Some(&0x1f))
}
