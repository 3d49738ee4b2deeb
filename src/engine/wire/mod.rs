//! One request and its response on one open connection: HTTP/1.1 by ureq-proto, which never sees a socket.
//!
//! The order is that of the protocol: head and body out (giving way to an early answer), head in, body in. What a
//! failure means for the connection and for a second attempt is told to the caller, who decides.

mod chunked;
mod framing;
mod head;
mod outgoing;
mod receive;
mod request;
mod send;

use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvResponseResult};

use super::error::{Error, ErrorKind, Phase, Result};
use super::exchange::{Head, Hop};
use super::received::Sink;
use super::socket::Fault;
use super::stream::Stream;
use super::timer::Wait;

pub(crate) use request::Prepared;

use framing::Framing;
use head::RawHead;
use send::{Uploaded, answer_state};

/// Interim responses accepted before the final one.
const INTERIM: usize = 100;
/// Bytes read at once while waiting for a head.
const HEAD_BUFFER: usize = 16 * 1024;

/// An open connection with what was read from it too far.
pub(crate) struct Connection {
    stream: Stream,
    incoming: Incoming,
    /// The final head that came instead of `100 Continue`.
    early: Option<RawHead>,
    /// Whether it has carried a response already.
    pub(crate) reused: bool,
    /// Whether the credentials of its owner have opened it, for every further request on it (NTLM, Negotiate).
    pub(crate) opened: bool,
    /// Whether a proxy at its other end knows who we are, for every further request on it (NTLM, Negotiate).
    pub(crate) authenticated: bool,
}

/// Bytes received and not yet used.
#[derive(Default)]
struct Incoming {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

/// How an exchange ended.
pub(crate) struct Done {
    pub(crate) head: Head,
    /// Whether the connection can carry another request.
    pub(crate) reusable: bool,
}

/// Why there is no response, with what decides on another attempt.
pub(crate) struct Failed {
    pub(crate) error: Error,
    /// Whether the peer closed or reset the connection before any byte of an answer.
    pub(crate) unanswered: bool,
    /// Whether any byte of the request was taken by the system.
    pub(crate) sent: bool,
}

/// State of one exchange that errors need.
struct Progress {
    sent: bool,
    answered: bool,
    /// Interim responses that came while the body was being sent.
    interim: usize,
}

impl Connection {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            incoming: Incoming::default(),
            early: None,
            reused: false,
            opened: false,
            authenticated: false,
        }
    }

    /// Whether an idle connection can still be used.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Whether nothing is left over from the exchange before.
    pub(crate) fn is_empty(&self) -> bool {
        self.incoming.is_empty()
    }

    /// Certificate of the TLS peer, DER, where the TLS library tells.
    pub(crate) fn certificate(&self) -> Option<Vec<u8>> {
        self.stream.certificate()
    }

    /// What is below it, for another protocol to take over; `None` when bytes have come that it cannot be given.
    pub(crate) fn into_stream(self) -> Option<Stream> {
        self.is_empty().then_some(self.stream)
    }

    /// Closes it, with a goodbye where the protocol has one.
    pub(crate) fn close(self) {
        self.stream.close();
    }

    /// Performs `hop`. The connection is good for nothing after an error.
    pub(crate) fn perform(
        &mut self,
        hop: &Hop<'_>,
        prepared: &Prepared,
        sink: &mut dyn Sink,
        wait: &mut Wait<'_>,
    ) -> Result<Done, Failed> {
        let _registration = wait.cancel.register(self.stream.waker());
        let mut progress = Progress { sent: false, answered: false, interim: 0 };
        self.run(hop, prepared, sink, wait, &mut progress).map_err(|error| {
            let closed = matches!(error.kind, ErrorKind::Closed { .. });
            Failed { unanswered: closed && !progress.answered, sent: progress.sent, error }
        })
    }

    fn run(
        &mut self,
        hop: &Hop<'_>,
        prepared: &Prepared,
        sink: &mut dyn Sink,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<Done> {
        wait.phase = Phase::Send;
        let uploaded = self.send(hop, prepared, wait, progress)?;
        wait.phase = Phase::Head;
        let (call, complete, lost) = match uploaded {
            Uploaded::Whole(call) => (call, true, None),
            Uploaded::Refused(call) => (call, false, None),
            Uploaded::Lost(call, error) => (call, false, Some(error)),
        };
        let raw = match self.receive_head(hop, wait, progress) {
            Ok(raw) => raw,
            // The peer closed without an answer while the request was on its way: that is where it broke, and why
            // sending failed says more than why reading did.
            Err(error) => match error.kind {
                ErrorKind::Closed { source, .. } if !complete => {
                    return Err(closed(0, None, lost.or(source), Phase::Send));
                }
                _ => return Err(error),
            },
        };
        wait.phase = Phase::Body;
        let framing = framing::framing(&raw.headers)?;
        let keeps_open = complete
            && framing::keeps_open(&raw)
            && !prepared.closes
            && !(prepared.is_connect() && (200..300).contains(&raw.status));
        let head = self.head(raw);
        let (mode, call) = match framing {
            // What nearly every answer is needs no protocol state to be understood.
            Framing::Length(length) if prepared.has_plain_answer(head.status) => {
                (BodyMode::LengthDelimited(length), None)
            }
            _ => body_of(call, prepared, head.status, framing)?,
        };
        let clean = self.receive_body(&head, mode, call, hop, sink, wait)?;
        Ok(Done { head, reusable: keeps_open && clean && self.incoming.is_empty() })
    }

    fn head(&self, raw: RawHead) -> Head {
        Head {
            status: raw.status,
            reason: raw.reason,
            headers: raw.headers,
            minor_version: raw.minor_version,
            reused: self.reused,
            notes: raw.notes,
        }
    }

    /// The head of the final response.
    fn receive_head(
        &mut self,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<RawHead> {
        if let Some(raw) = self.early.take() {
            return Ok(raw);
        }
        for _ in 0..INTERIM {
            let raw = self.receive_any_head(hop, wait, progress)?;
            // 101 is final: no HTTP follows it.
            if raw.status >= 200 || raw.status == 101 {
                return Ok(raw);
            }
        }
        Err(head::protocol("status-line", "too many interim responses".to_owned()))
    }

    /// The next head, interim or final.
    fn receive_any_head(
        &mut self,
        hop: &Hop<'_>,
        wait: &mut Wait<'_>,
        progress: &mut Progress,
    ) -> Result<RawHead> {
        let limit = hop.limits.head_bytes;
        let mut finder = head::Finder::default();
        loop {
            if !self.incoming.is_empty()
                && let Some(length) = finder.find(self.incoming.unused(), limit)?
            {
                let raw = head::parse(self.incoming.unused().get(..length).unwrap_or_default())?;
                self.incoming.use_up(length);
                return Ok(raw);
            }
            self.incoming.make_room(HEAD_BUFFER, limit.saturating_add(HEAD_BUFFER))?;
            match self.stream.recv(self.incoming.room(), wait) {
                Ok(0) => {
                    // What came may be wrong already, which says more than that it stops.
                    head::refuse_partial(self.incoming.unused())?;
                    return Err(closed(0, None, None, wait.phase));
                }
                Ok(count) => self.incoming.came(count),
                Err(fault) => return Err(broken(fault, hop, 0, None, wait.phase)),
            }
            progress.answered = true;
        }
    }
}

/// What ureq-proto makes of a head with this status and framing.
fn body_of(
    call: Option<Call<RecvResponse>>,
    prepared: &Prepared,
    status: u16,
    framing: Framing,
) -> Result<(BodyMode, Option<Call<RecvBody>>)> {
    let mut call = call.map_or_else(|| answer_state(prepared), Ok)?;
    let normalised = framing::normalised(status, framing);
    let (used, _) = call.try_response(normalised.as_bytes(), false).map_err(unexpected)?;
    if used != normalised.len() {
        return Err(head::protocol("header", "not understood".to_owned()));
    }
    match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => Ok((call.body_mode(), Some(call))),
        Some(RecvResponseResult::Redirect(_) | RecvResponseResult::Cleanup(_)) => {
            Ok((BodyMode::NoBody, None))
        }
        None => Err(head::protocol("header", "not understood".to_owned())),
    }
}

impl Incoming {
    fn unused(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn use_up(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Makes free room, with at least `size` bytes of buffer and at most about `limit`.
    fn make_room(&mut self, size: usize, limit: usize) -> Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buffer.len() < size || self.end == self.buffer.len() {
            let wanted = self.buffer.len().saturating_mul(2).min(limit).max(size).max(self.end + 1);
            let more = wanted - self.buffer.len().min(wanted);
            self.buffer
                .try_reserve_exact(more)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: wanted as u64 }, Phase::Head))?;
            self.buffer.resize(wanted, 0);
        }
        Ok(())
    }

    fn room(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    fn came(&mut self, count: usize) {
        self.end = (self.end + count).min(self.buffer.len());
    }

    /// Gives memory back that a large head or a stream took.
    fn shrink(&mut self) {
        if self.is_empty() && self.buffer.len() > HEAD_BUFFER {
            self.buffer = Vec::new();
        }
    }
}

fn closed(received: u64, expected: Option<u64>, source: Option<std::io::Error>, phase: Phase) -> Error {
    Error::new(ErrorKind::Closed { received, expected, source }, phase)
}

/// The error of an operation on the stream that failed.
fn broken(fault: Fault, hop: &Hop<'_>, received: u64, expected: Option<u64>, phase: Phase) -> Error {
    match fault {
        Fault::Ended(error) => error,
        Fault::Io(source) => closed(received, expected, Some(source), phase),
        Fault::Tls(problem) => {
            let host = hop.url.host_str().unwrap_or_default().to_owned();
            Error::new(ErrorKind::Tls { host, problem: *problem }, phase)
        }
    }
}

fn unexpected(error: ureq_proto::Error) -> Error {
    head::protocol("header", error.to_string())
}
