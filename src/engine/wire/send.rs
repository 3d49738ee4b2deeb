//! Sending a request: head and small body in one system call, a large body in pieces between which an early answer is
//! looked for, and `Expect: 100-continue` (RFC 9110 section 10.1.1).

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use ureq_proto::client::state::{Await100, RecvResponse, SendBody};
use ureq_proto::client::{Await100Result, Call, SendRequestResult};

use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::Hop;
use crate::engine::socket::Fault;
use crate::engine::stream::Sent;
use crate::engine::timer::Wait;

use super::outgoing::{Outgoing, PIECE};
use super::request::{Prepared, Upload};
use super::{Connection, Progress, broken, closed, head, unexpected};

/// Output for a body the caller wants chunked.
const CHUNK_BUFFER: usize = 64 * 1024;

/// What became of the request, and the protocol state for reading its answer. `None`: nothing but a head was sent, so
/// that one can be made when it is needed ([`answer_state`]), which it seldom is.
pub(crate) enum Uploaded {
    /// All of it is sent.
    Whole(Option<Call<RecvResponse>>),
    /// An answer came before the body was sent.
    Refused(Option<Call<RecvResponse>>),
    /// The connection broke; an answer may have come before.
    Lost(Option<Call<RecvResponse>>, io::Error),
}

/// How sending stopped.
enum Stop {
    Done,
    Answered,
    Lost(io::Error),
}

impl Connection {
    pub(super) fn send(
        &mut self,
        hop: &Hop<'_>,
        prepared: &Prepared,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Uploaded> {
        if prepared.upload() == Upload::None {
            let stop = self.send_all(&mut Outgoing::new(&prepared.head, &[]), None, hop, wait, progress)?;
            return Ok(head_sent(None, stop));
        }
        let segments = hop.body.segments();
        match prepared.begin()? {
            SendRequestResult::RecvResponse(call) => {
                let mut outgoing = Outgoing::new(&prepared.head, &[]);
                let stop = self.send_all(&mut outgoing, None, hop, wait, progress)?;
                Ok(head_sent(Some(call), stop))
            }
            SendRequestResult::SendBody(call) => {
                let mut outgoing = Outgoing::new(&prepared.head, segments);
                self.send_body(&mut outgoing, call, hop, prepared, wait, progress)
            }
            SendRequestResult::Await100(call) => {
                let mut outgoing = Outgoing::new(&prepared.head, &[]);
                match self.send_all(&mut outgoing, None, hop, wait, progress)? {
                    Stop::Done => {}
                    stop => return Ok(not_sent(skip_body(call)?, stop)),
                }
                match self.await_continue(call, hop, wait, progress)? {
                    Await100Result::RecvResponse(call) => Ok(Uploaded::Refused(Some(call))),
                    Await100Result::SendBody(call) => {
                        wait.phase = Phase::Send;
                        let mut outgoing = Outgoing::new(&[], segments);
                        self.send_body(&mut outgoing, call, hop, prepared, wait, progress)
                    }
                }
            }
        }
    }

    fn send_body(
        &mut self,
        outgoing: &mut Outgoing<'_>,
        mut call: Call<SendBody>,
        hop: &Hop<'_>,
        prepared: &Prepared,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Uploaded> {
        let stop = if prepared.upload() == Upload::Chunked {
            self.send_chunked(outgoing, &mut call, hop, wait, progress)?
        } else {
            self.send_all(outgoing, Some(&mut call), hop, wait, progress)?
        };
        match stop {
            Stop::Done => match call.proceed() {
                Some(call) => Ok(Uploaded::Whole(Some(call))),
                None => Err(head::protocol("request", "the body is shorter than its length".to_owned())),
            },
            // ureq-proto has no way out of an unfinished body. What it needs for the answer is the method only, so a
            // state without a body takes over.
            stop => Ok(not_sent(answer_state(prepared)?, stop)),
        }
    }

    /// Sends everything `outgoing` has; `call` counts the body.
    fn send_all(
        &mut self,
        outgoing: &mut Outgoing<'_>,
        mut call: Option<&mut Call<SendBody>>,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Stop> {
        let watch = call.is_some();
        let mut since_look = 0;
        loop {
            let slices = outgoing.next()?;
            if slices.is_empty() {
                return self.finish_sending(watch, hop, wait, progress);
            }
            let look = since_look >= PIECE;
            if look {
                since_look = 0;
            }
            // What came together with an interim response is here already.
            let read_too_far = watch && !self.incoming.is_empty();
            let sent = match look.then(|| self.stream.readable_within(Duration::ZERO, wait)) {
                _ if read_too_far => Ok(Sent::Interrupted),
                None | Some(Ok(false)) => self.stream.send(&slices, watch, wait),
                Some(Ok(true)) => Ok(Sent::Interrupted),
                Some(Err(fault)) => Err(fault),
            };
            drop(slices);
            let count = match sent {
                Ok(Sent::Some(count)) => count,
                Ok(Sent::Interrupted) => match self.heard(hop, wait, progress)? {
                    Some(stop) => return Ok(stop),
                    None => continue,
                },
                Err(fault) => return lost(fault, hop, wait),
            };
            progress.sent |= count > 0;
            since_look += count;
            let body = outgoing.advance(count);
            if let Some(call) = &mut call
                && body > 0
            {
                call.consume_direct_write(body).map_err(unexpected)?;
            }
        }
    }

    fn finish_sending(
        &mut self,
        watch: bool,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Stop> {
        loop {
            match self.stream.flush(watch, wait) {
                Ok(Sent::Some(_)) => return Ok(Stop::Done),
                Ok(Sent::Interrupted) => {
                    if let Some(stop) = self.heard(hop, wait, progress)? {
                        return Ok(stop);
                    }
                }
                Err(fault) => return lost(fault, hop, wait),
            }
        }
    }

    /// The peer spoke while the body was on its way. A final answer (or an end) stops sending; an interim one (a late
    /// `100 Continue`, 102, 103) does not: the server waits for the rest of the body.
    fn heard(&mut self, hop: &Hop<'_>, wait: &mut Wait<'_>, progress: &mut Progress) -> Result<Option<Stop>> {
        let phase = std::mem::replace(&mut wait.phase, Phase::Head);
        let raw = match self.receive_any_head(hop, wait, progress) {
            Ok(raw) => raw,
            Err(Error { kind: ErrorKind::Closed { source, .. }, .. }) => {
                return Err(closed(0, None, source, Phase::Send));
            }
            Err(error) => return Err(error),
        };
        if raw.status == 101 || raw.status >= 200 {
            self.early = Some(raw);
            return Ok(Some(Stop::Answered));
        }
        progress.interim += 1;
        if progress.interim > super::INTERIM {
            return Err(head::protocol("status-line", "too many interim responses".to_owned()));
        }
        wait.phase = phase;
        Ok(None)
    }

    /// As [`Connection::send_all`], in chunks.
    fn send_chunked(
        &mut self,
        outgoing: &mut Outgoing<'_>,
        call: &mut Call<SendBody>,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Stop> {
        // The head is not part of the coding.
        let mut buffer = Vec::new();
        let wanted = CHUNK_BUFFER;
        buffer
            .try_reserve_exact(wanted)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: wanted as u64 }, Phase::Send))?;
        buffer.resize(wanted, 0);
        while let Some(head) = outgoing.take_head() {
            match self.send_bytes(head, hop, wait, progress)? {
                Stop::Done => {}
                stop => return Ok(stop),
            }
        }
        loop {
            let slices = outgoing.next()?;
            let piece: &[u8] = slices.first().map_or(&[], |slice| slice);
            let (used, filled) = call.write(piece, &mut buffer).map_err(unexpected)?;
            let ended = piece.is_empty();
            drop(slices);
            outgoing.advance(used);
            match self.send_bytes(buffer.get(..filled).unwrap_or_default(), hop, wait, progress)? {
                Stop::Done if ended => return self.finish_sending(true, hop, wait, progress),
                Stop::Done => {}
                stop => return Ok(stop),
            }
        }
    }

    fn send_bytes(
        &mut self,
        mut bytes: &[u8],
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Stop> {
        while !bytes.is_empty() {
            let sent = if self.incoming.is_empty() {
                self.stream.send(&[IoSlice::new(bytes)], true, wait)
            } else {
                Ok(Sent::Interrupted)
            };
            match sent {
                Ok(Sent::Some(count)) => {
                    progress.sent |= count > 0;
                    bytes = bytes.get(count..).unwrap_or_default();
                }
                Ok(Sent::Interrupted) => {
                    if let Some(stop) = self.heard(hop, wait, progress)? {
                        return Ok(stop);
                    }
                }
                Err(fault) => return lost(fault, hop, wait),
            }
        }
        Ok(Stop::Done)
    }

    /// Waits for `100 Continue`, a final answer, or the end of patience.
    fn await_continue(
        &mut self,
        mut call: Call<Await100>,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Await100Result> {
        wait.phase = Phase::Head;
        let began = Instant::now();
        for _ in 0..super::INTERIM {
            if self.incoming.is_empty() {
                let left = hop.limits.continue_wait.saturating_sub(began.elapsed());
                let ready = self.stream.readable_within(left, wait);
                match ready {
                    Ok(true) => {}
                    Ok(false) => return call.proceed().map_err(unexpected),
                    Err(fault) => return Err(broken(fault, hop, 0, None, wait.phase)),
                }
            }
            // Once it has begun, the head is awaited as any other.
            let raw = self.receive_any_head(hop, wait, progress)?;
            if raw.status != 100 && raw.status != 101 && raw.status < 200 {
                continue;
            }
            // Told without fields: ureq-proto takes a 100 with fields for a refusal.
            let line = format!("HTTP/1.1 {} \r\n\r\n", raw.status);
            call.try_read_100(line.as_bytes()).map_err(unexpected)?;
            if raw.status != 100 {
                self.early = Some(raw);
            }
            return call.proceed().map_err(unexpected);
        }
        Err(head::protocol("status-line", "too many interim responses".to_owned()))
    }
}

fn lost(fault: Fault, hop: &Hop<'_>, wait: &Wait<'_>) -> Result<Stop> {
    match fault {
        Fault::Io(error) => Ok(Stop::Lost(error)),
        fault => Err(broken(fault, hop, 0, None, wait.phase)),
    }
}

/// What became of a request that is a head only.
fn head_sent(call: Option<Call<RecvResponse>>, stop: Stop) -> Uploaded {
    match stop {
        Stop::Done => Uploaded::Whole(call),
        Stop::Answered => Uploaded::Refused(call),
        Stop::Lost(error) => Uploaded::Lost(call, error),
    }
}

/// What became of a request whose body was not sent whole.
fn not_sent(call: Call<RecvResponse>, stop: Stop) -> Uploaded {
    match stop {
        Stop::Lost(error) => Uploaded::Lost(Some(call), error),
        Stop::Done | Stop::Answered => Uploaded::Refused(Some(call)),
    }
}

/// The state for reading an answer to a body that will not be sent.
fn skip_body(mut call: Call<Await100>) -> Result<Call<RecvResponse>> {
    call.try_read_100(b"HTTP/1.1 400 \r\n\r\n").map_err(unexpected)?;
    match call.proceed().map_err(unexpected)? {
        Await100Result::RecvResponse(call) => Ok(call),
        Await100Result::SendBody(_) => Err(head::protocol("request", "unexpected state".to_owned())),
    }
}

pub(super) fn answer_state(prepared: &Prepared) -> Result<Call<RecvResponse>> {
    match prepared.without_body()? {
        SendRequestResult::RecvResponse(call) => Ok(call),
        _ => Err(head::protocol("request", "unexpected state".to_owned())),
    }
}
