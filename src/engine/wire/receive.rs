//! Receiving a body: a known length straight into the sink's memory, a chunked one through one buffer, one that ends
//! with the connection straight again; or dropping it within a limit of bytes and time.

use std::time::{Duration, Instant};

use ureq_proto::BodyMode;
use ureq_proto::client::Call;
use ureq_proto::client::state::RecvBody;

use crate::engine::error::{Phase, Result};
use crate::engine::exchange::{Head, Hop};
use crate::engine::received::{Disposition, Sink};
use crate::engine::timer::Wait;

use super::chunked::Dechunker;
use super::{Connection, broken, closed};

/// Bytes of a chunked body read at once.
const STREAM_BUFFER: usize = 64 * 1024;
/// What dropping a body may cost before closing the connection is cheaper.
const DRAIN_BYTES: u64 = 64 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(1);

impl Connection {
    /// Receives the body of `head`; whether the connection is at a message boundary afterwards.
    pub(super) fn receive_body(
        &mut self,
        head: &Head,
        mode: BodyMode,
        call: Option<Call<RecvBody>>,
        hop: &Hop<'_>,
        sink: &mut dyn Sink,
        wait: &mut Wait<'_>,
    ) -> Result<bool> {
        let length = match mode {
            BodyMode::NoBody => Some(0),
            BodyMode::LengthDelimited(length) => Some(length),
            BodyMode::Chunked | BodyMode::CloseDelimited => None,
        };
        let keep = sink.begin(head, length)? == Disposition::Keep;
        let clean = match (mode, call) {
            (BodyMode::LengthDelimited(length), _) if keep => self.take_length(length, hop, sink, wait)?,
            (BodyMode::LengthDelimited(length), _) => self.drain_length(length, wait),
            (BodyMode::Chunked, Some(call)) => {
                let decoder = Dechunker::new(call, hop.limits.head_bytes);
                let result = if keep {
                    self.take_chunked(decoder, hop, sink, wait)
                } else {
                    Ok(self.drain_chunked(decoder, hop, wait))
                };
                self.incoming.shrink();
                result?
            }
            (BodyMode::CloseDelimited, _) if keep => self.take_rest(hop, sink, wait)?,
            // A 3xx without framing is close-delimited too: nobody waits for it.
            (BodyMode::CloseDelimited, _) => false,
            (BodyMode::NoBody | BodyMode::Chunked, _) => true,
        };
        if keep {
            sink.finish()?;
        }
        Ok(clean)
    }

    fn take_length(
        &mut self,
        length: u64,
        hop: &Hop<'_>,
        sink: &mut dyn Sink,
        wait: &mut Wait<'_>,
    ) -> Result<bool> {
        let mut received = 0;
        while received < length {
            let left = usize::try_from(length - received).unwrap_or(usize::MAX);
            let space = sink.space()?;
            let room = space.len().min(left);
            let space = space.get_mut(..room).unwrap_or_default();
            let count = self.take_unused(space);
            let count = if count > 0 { count } else { self.recv(space, hop, received, Some(length), wait)? };
            if count == 0 {
                return Err(closed(received, Some(length), None, Phase::Body));
            }
            sink.advance(count)?;
            received += count as u64;
        }
        Ok(true)
    }

    fn take_rest(&mut self, hop: &Hop<'_>, sink: &mut dyn Sink, wait: &mut Wait<'_>) -> Result<bool> {
        let mut received = 0;
        loop {
            let space = sink.space()?;
            let count = self.take_unused(space);
            let count = if count > 0 { count } else { self.recv(space, hop, received, None, wait)? };
            if count == 0 {
                // Without close_notify anybody on the way could have cut the body (RFC 9112 section 9.8).
                if !self.stream.ended_cleanly() && !hop.limits.allow_truncated_tls {
                    return Err(closed(received, None, None, Phase::Body));
                }
                return Ok(false);
            }
            sink.advance(count)?;
            received += count as u64;
        }
    }

    fn take_chunked(
        &mut self,
        mut decoder: Dechunker,
        hop: &Hop<'_>,
        sink: &mut dyn Sink,
        wait: &mut Wait<'_>,
    ) -> Result<bool> {
        let mut received = 0;
        while !decoder.is_ended() {
            let step = if self.incoming.is_empty() {
                Default::default()
            } else {
                decoder.step(self.incoming.unused(), sink.space()?)?
            };
            self.incoming.use_up(step.used);
            if step.filled > 0 {
                sink.advance(step.filled)?;
                received += step.filled as u64;
            }
            if step.used == 0 {
                self.refill(hop, received, wait)?;
            }
        }
        Ok(true)
    }

    /// Reads more into the buffer.
    fn refill(&mut self, hop: &Hop<'_>, received: u64, wait: &mut Wait<'_>) -> Result<()> {
        let limit = hop.limits.head_bytes.saturating_add(STREAM_BUFFER);
        self.incoming.make_room(STREAM_BUFFER, limit)?;
        match self.stream.recv(self.incoming.room(), wait) {
            Ok(0) => Err(closed(received, None, None, Phase::Body)),
            Ok(count) => {
                self.incoming.came(count);
                Ok(())
            }
            Err(fault) => Err(broken(fault, hop, received, None, Phase::Body)),
        }
    }

    fn drain_length(&mut self, length: u64, wait: &Wait<'_>) -> bool {
        if length > DRAIN_BYTES {
            return false;
        }
        let mut wait = drain_wait(wait);
        let mut left = usize::try_from(length).unwrap_or(usize::MAX);
        let mut scratch = [0; 4096];
        while left > 0 {
            let room = left.min(scratch.len());
            let space = scratch.get_mut(..room).unwrap_or_default();
            let count = match self.take_unused(space) {
                0 => self.stream.recv(space, &mut wait).unwrap_or(0),
                count => count,
            };
            if count == 0 {
                return false;
            }
            left -= count;
        }
        true
    }

    fn drain_chunked(&mut self, mut decoder: Dechunker, hop: &Hop<'_>, wait: &Wait<'_>) -> bool {
        let mut wait = drain_wait(wait);
        let mut scratch = [0; 4096];
        let mut dropped = 0;
        while !decoder.is_ended() {
            let Ok(step) = decoder.step(self.incoming.unused(), &mut scratch) else { return false };
            self.incoming.use_up(step.used);
            dropped += step.used as u64;
            if dropped > DRAIN_BYTES || (step.used == 0 && self.refill(hop, 0, &mut wait).is_err()) {
                return false;
            }
        }
        true
    }

    /// What was read with the head.
    fn take_unused(&mut self, space: &mut [u8]) -> usize {
        let unused = self.incoming.unused();
        let count = unused.len().min(space.len());
        if let (Some(from), Some(to)) = (unused.get(..count), space.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.incoming.use_up(count);
        count
    }

    fn recv(
        &mut self,
        space: &mut [u8],
        hop: &Hop<'_>,
        received: u64,
        expected: Option<u64>,
        wait: &mut Wait<'_>,
    ) -> Result<usize> {
        self.stream.recv(space, wait).map_err(|fault| broken(fault, hop, received, expected, Phase::Body))
    }
}

fn drain_wait<'a>(wait: &Wait<'a>) -> Wait<'a> {
    let mut wait = wait.clone();
    let limit = crate::engine::error::Limit::Idle;
    wait.timer = wait.timer.within(limit, Some(DRAIN_TIME), Instant::now());
    wait
}
