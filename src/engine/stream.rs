//! A connection with or without TLS over it: bytes in, bytes out, each operation bounded by its [`Wait`].
//!
//! The handshake is complete when a [`Stream`] exists. Bytes of the wire never leave this file unread: what TLS has
//! decrypted too much of stays here for the next read.

use std::io::{self, ErrorKind as Io, IoSlice, Write};
use std::sync::Arc;
use std::time::Duration;

use url::Host;

use super::cancel::Wake;
use super::error::{Error, ErrorKind, Phase, Result};
use super::socket::{Fault, Socket};
use super::timer::Wait;
use super::tls::{Nested, Session, TlsSettings, plain_problem, session};

/// Encrypted bytes read at once: two records.
const CIPHERTEXT: usize = 32 * 1024;

/// Reads at most when only looking whether something has come.
const LOOKS: usize = 64;

/// An open connection.
pub(crate) struct Stream {
    socket: Socket,
    tls: Option<Box<Tls>>,
}

struct Tls {
    session: Box<dyn Session>,
    /// Encrypted bytes read but not yet understood.
    incoming: Vec<u8>,
    start: usize,
    end: usize,
}

/// What came of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// So many bytes were taken.
    Some(usize),
    /// Nothing: the peer has said something meanwhile.
    Interrupted,
}

impl Stream {
    /// A connection without TLS.
    pub(crate) fn plain(socket: Socket) -> Self {
        Self { socket, tls: None }
    }

    /// Performs a TLS handshake with `host` over this connection, which may be TLS already (a proxy's).
    ///
    /// # Errors
    /// [`ErrorKind::Tls`], no time, cancelled, closed by the peer.
    pub(crate) fn secure(
        self,
        host: &Host<&str>,
        settings: &TlsSettings,
        wait: &mut Wait<'_>,
    ) -> Result<Self> {
        wait.phase = Phase::Tls;
        let refused = |problem| Error::new(ErrorKind::Tls { host: host.to_string(), problem }, Phase::Tls);
        let session = session(host, settings).map_err(refused)?;
        let mut socket = self.socket;
        let mut tls = match self.tls {
            Some(outer) => outer.around(session),
            None => Box::new(Tls { session, incoming: ciphertext_buffer()?, start: 0, end: 0 }),
        };
        let _registration = wait.cancel.register(socket.waker());
        let result = tls.handshake(&mut socket, wait);
        match result {
            Ok(()) => {
                drop(_registration);
                Ok(Self { socket, tls: Some(tls) })
            }
            Err(Fault::Ended(error)) => Err(error),
            Err(Fault::Tls(problem)) => Err(refused(*problem)),
            Err(Fault::Io(error)) => {
                let detail = format!("connection closed during the handshake: {error}");
                Err(refused(plain_problem("handshake", detail)))
            }
        }
    }

    /// What ends a wait on this connection.
    pub(crate) fn waker(&self) -> Arc<dyn Wake> {
        self.socket.waker()
    }

    /// Certificate of the innermost TLS peer, DER.
    pub(crate) fn certificate(&self) -> Option<Vec<u8>> {
        self.tls.as_ref()?.session.certificate()
    }

    /// Reads what there is, waiting for it. Zero is the end: [`Stream::ended_cleanly`] tells which.
    pub(crate) fn recv(&mut self, buffer: &mut [u8], wait: &mut Wait<'_>) -> Result<usize, Fault> {
        match &mut self.tls {
            None => self.socket.recv(buffer, wait),
            Some(tls) => loop {
                if let Some(count) = tls.session.read(buffer).map_err(Fault::Io)? {
                    return Ok(count);
                }
                // What was read may have been another handshake's beginning: the peer waits for our part of it. What
                // cannot be sent now goes with the next bytes, and why not shows when reading.
                let _ = tls.flush_now(&self.socket);
                tls.receive(&mut self.socket, wait).map_err(|fault| tls.reset(fault))?;
            },
        }
    }

    /// Whether the end of the stream could not have been made by somebody in between.
    pub(crate) fn ended_cleanly(&self) -> bool {
        self.tls.as_ref().is_none_or(|tls| tls.session.is_closed())
    }

    /// Sends some of `parts`, waiting for room. With `watch` it gives way to input that comes before there is room.
    pub(crate) fn send(
        &mut self,
        parts: &[IoSlice<'_>],
        watch: bool,
        wait: &mut Wait<'_>,
    ) -> Result<Sent, Fault> {
        wait.left().map_err(Fault::Ended)?;
        let Some(tls) = &mut self.tls else {
            loop {
                match self.socket.send_now(parts) {
                    Ok(count) => {
                        wait.timer.progress();
                        return Ok(Sent::Some(count));
                    }
                    Err(error) if error.kind() == Io::WouldBlock => {}
                    Err(error) => return Err(ended_or(error, wait)),
                }
                if self.socket.wait(watch, wait)?.readable && watch {
                    return Ok(Sent::Interrupted);
                }
            }
        };
        // Ciphertext of earlier parts goes first; rustls takes more plaintext only while its buffer has room.
        loop {
            if tls.flush_now(&self.socket).map_err(|error| ended_or(error, wait))? {
                wait.timer.progress();
                let count = tls.session.write(parts).map_err(Fault::Io)?;
                tls.flush_now(&self.socket).map_err(|error| ended_or(error, wait))?;
                if count > 0 || parts.iter().all(|part| part.is_empty()) {
                    return Ok(Sent::Some(count));
                }
                // The peer wants another handshake first (TLS 1.2 renegotiation), and it is its turn.
                if !tls.session.has_output() {
                    if tls.receive(&mut self.socket, wait)? == 0 {
                        return Err(Fault::Io(Io::UnexpectedEof.into()));
                    }
                    if watch && tls.session.has_input().map_err(Fault::Tls)? {
                        return Ok(Sent::Interrupted);
                    }
                    continue;
                }
            }
            let ready = self.socket.wait(watch, wait)?;
            if watch && ready.readable && tls.has_news(&mut self.socket)? {
                return Ok(Sent::Interrupted);
            }
        }
    }

    /// Sends what is still held back.
    pub(crate) fn flush(&mut self, watch: bool, wait: &mut Wait<'_>) -> Result<Sent, Fault> {
        let Some(tls) = &mut self.tls else { return Ok(Sent::Some(0)) };
        loop {
            if tls.flush_now(&self.socket).map_err(|error| ended_or(error, wait))? {
                return Ok(Sent::Some(0));
            }
            let ready = self.socket.wait(watch, wait)?;
            if watch && ready.readable && tls.has_news(&mut self.socket)? {
                return Ok(Sent::Interrupted);
            }
        }
    }

    /// Waits for something to read, at most `limit`; whether there is.
    pub(crate) fn readable_within(&mut self, limit: Duration, wait: &mut Wait<'_>) -> Result<bool, Fault> {
        let began = std::time::Instant::now();
        loop {
            let left = limit.saturating_sub(began.elapsed());
            if let Some(tls) = &mut self.tls
                && tls.has_news(&mut self.socket)?
            {
                return Ok(true);
            }
            if self.tls.is_some() && left.is_zero() {
                wait.left().map_err(Fault::Ended)?;
                return Ok(false);
            }
            if !self.socket.readable_within(left, wait)? {
                if left.is_zero() {
                    return Ok(false);
                }
                continue;
            }
            // For TLS, what is there may be a session ticket only.
            if self.tls.is_none() {
                return Ok(true);
            }
        }
    }

    /// Whether an idle connection can still be used: nothing came, not even an end. What was decrypted or received and
    /// not read yet counts: it would be taken for the answer to the next request.
    pub(crate) fn is_quiet(&mut self) -> bool {
        match &mut self.tls {
            None => self.socket.is_quiet(),
            Some(tls) if tls.start == tls.end && self.socket.is_quiet() => {
                matches!(tls.session.has_input(), Ok(false))
            }
            // A session ticket may have come late, which is nothing. Who goes on and on is not quiet.
            Some(tls) => {
                matches!(tls.has_news(&mut self.socket), Ok(false))
                    && tls.start == tls.end
                    && self.socket.is_quiet()
            }
        }
    }

    /// Says goodbye to a peer whose connection is not needed any more. Never waits, never fails.
    pub(crate) fn close(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.session.close();
            let _ = tls.flush_now(&self.socket);
        }
    }
}

fn ciphertext_buffer() -> Result<Vec<u8>> {
    let mut buffer = Vec::new();
    buffer
        .try_reserve_exact(CIPHERTEXT)
        .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: CIPHERTEXT as u64 }, Phase::Tls))?;
    buffer.resize(CIPHERTEXT, 0);
    Ok(buffer)
}

impl Tls {
    /// This session with `inner` inside of it.
    fn around(self, inner: Box<dyn Session>) -> Box<Self> {
        let Self { session, incoming, start, end } = self;
        Box::new(Self { session: Box::new(Nested::new(session, inner)), incoming, start, end })
    }

    fn handshake(&mut self, socket: &mut Socket, wait: &mut Wait<'_>) -> Result<(), Fault> {
        loop {
            while !self.flush_now(socket).map_err(|error| ended_or(error, wait))? {
                socket.wait(false, wait)?;
            }
            if !self.session.is_handshaking() {
                return Ok(());
            }
            let received = self.receive(socket, wait).map_err(|fault| in_time(fault, wait))?;
            if received == 0 && self.session.is_handshaking() {
                return Err(Fault::Io(Io::UnexpectedEof.into()));
            }
        }
    }

    /// Receives and processes encrypted bytes, waiting for them; zero at the end of the connection.
    fn receive(&mut self, socket: &mut Socket, wait: &mut Wait<'_>) -> Result<usize, Fault> {
        if self.start == self.end {
            self.end = socket.recv(&mut self.incoming, wait)?;
            self.start = 0;
        }
        self.process(socket)
    }

    /// A connection that was reset may have lost what the peer said last.
    fn reset(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Io(error) if matches!(error.kind(), Io::ConnectionReset | Io::ConnectionAborted) => {
                self.session.refusal().map_or(Fault::Io(error), Fault::Tls)
            }
            other => other,
        }
    }

    /// Processes what was received; zero tells rustls of the end.
    fn process(&mut self, socket: &Socket) -> Result<usize, Fault> {
        let bytes = self.incoming.get(self.start..self.end).unwrap_or_default();
        let received = self.session.receive(bytes);
        let count = match received {
            Ok(count) => count,
            Err(problem) => {
                // The alert that says why.
                let _ = self.flush_now(socket);
                return Err(Fault::Tls(problem));
            }
        };
        self.start += count;
        // An answer of TLS itself (key update) that cannot be sent now goes with the next bytes.
        let _ = self.flush_now(socket);
        Ok(count)
    }

    /// Whether the peer has said something that a reader would see (data or an end), looking without waiting. A peer
    /// that talks faster than it is understood, and says nothing, is left for later: the caller has a clock to look at.
    fn has_news(&mut self, socket: &mut Socket) -> Result<bool, Fault> {
        for _ in 0..LOOKS {
            if self.session.has_input().map_err(Fault::Tls)? {
                return Ok(true);
            }
            if self.start == self.end {
                match socket.recv_now(&mut self.incoming).map_err(Fault::Io)? {
                    None => return Ok(false),
                    Some(0) => return Ok(true),
                    Some(count) => (self.start, self.end) = (0, count),
                }
            }
            self.process(socket)?;
        }
        Ok(false)
    }

    /// Sends pending ciphertext without waiting; whether all of it is gone.
    fn flush_now(&mut self, socket: &Socket) -> io::Result<bool> {
        while self.session.has_output() {
            match self.session.send(&mut Now(socket)) {
                Ok(_) => {}
                Err(error) if error.kind() == Io::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Writes without waiting.
struct Now<'a>(&'a Socket);

impl Write for Now<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send_now(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.send_now(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A verdict that came only because the time was up, or the request cancelled, is told as that.
fn in_time(fault: Fault, wait: &Wait<'_>) -> Fault {
    match fault {
        Fault::Tls(_) => wait.left().err().map_or(fault, Fault::Ended),
        other => other,
    }
}

/// A cancel shuts the socket down, which fails what was going on.
fn ended_or(error: io::Error, wait: &Wait<'_>) -> Fault {
    if wait.cancel.is_cancelled() {
        return Fault::Ended(Error::new(ErrorKind::Cancelled, wait.phase));
    }
    Fault::Io(error)
}
