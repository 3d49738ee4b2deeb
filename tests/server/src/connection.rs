//! One connection: reads heads, offers the body to the handler, writes what the handler says, keeps alive or closes.
//! A body the handler did not read is drained before the next request.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use crate::message::{Framing, Head};
use crate::state::State;

/// Longest request head accepted.
const MOST_HEAD: usize = 1 << 20;
const READ_SIZE: usize = 256 << 10;
/// Guard against a client that never finishes; far above anything a test waits for.
const SILENCE: Duration = Duration::from_secs(120);

/// How long a client may go on sending a body that was answered early.
const LINGER: Duration = Duration::from_secs(2);

/// Plain or TLS.
pub(crate) trait Stream: Read + Write + Send {
    /// Ends the sending side in the way the layer knows.
    fn finish(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn finish(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn finish(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()?;
        self.sock.shutdown(Shutdown::Write)
    }
}

/// What to do with the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
}

pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    raw: TcpStream,
    secure: bool,
    /// Bytes read and not used yet: `buffer[used..]`.
    buffer: Vec<u8>,
    used: usize,
    body: BodyState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyState {
    Left(u64),
    ChunkHead,
    ChunkLeft(u64),
}

impl Connection {
    pub(crate) fn new(stream: Box<dyn Stream>, raw: TcpStream, secure: bool) -> Self {
        Self { stream, raw, secure, buffer: Vec::new(), used: 0, body: BodyState::Left(0) }
    }

    /// Serves requests until the peer or the handler has had enough.
    pub(crate) fn serve(
        mut self,
        state: &State,
        handler: impl Fn(&mut Exchange<'_>) -> io::Result<After>,
    ) -> io::Result<()> {
        self.raw.set_read_timeout(Some(SILENCE))?;
        self.raw.set_write_timeout(Some(SILENCE))?;
        while let Some(head) = self.read_head()? {
            state.request_began();
            self.body = match head.framing()? {
                Framing::Length(length) => BodyState::Left(length),
                Framing::Chunked => BodyState::ChunkHead,
            };
            let last = head.http10 || head.header_is("connection", "close");
            let waits = head.header_is("expect", "100-continue");
            let mut exchange = Exchange { connection: &mut self, head: &head, state, waits };
            let after = handler(&mut exchange)?;
            // A client told to wait for 100 that never got it sends no body: there is nothing to drain.
            let silent = exchange.waits && self.body_left();
            if after == After::Close || last || silent {
                break;
            }
            while self.read_body(&mut [0; 16 << 10])? > 0 {}
        }
        self.stream.finish()?;
        self.linger()
    }

    /// Takes what the client still sends: closing with unread bytes would reset the connection, and a reset can
    /// discard an answer the client has not read yet.
    fn linger(&mut self) -> io::Result<()> {
        let end = Instant::now() + LINGER;
        self.raw.set_read_timeout(Some(LINGER))?;
        while Instant::now() < end && self.fill()? > 0 {
            self.used = self.buffer.len();
        }
        Ok(())
    }

    fn read_head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some((head, length)) = Head::parse(&self.buffer[self.used..])? {
                self.used += length;
                return Ok(Some(head));
            }
            if self.buffer.len() - self.used > MOST_HEAD {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "request head too long"));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    fn body_left(&self) -> bool {
        self.body != BodyState::Left(0)
    }

    fn read_body(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.body {
                BodyState::Left(0) => return Ok(0),
                BodyState::Left(left) => {
                    let count = self.take(into, left)?;
                    self.body = BodyState::Left(left - count as u64);
                    return Ok(count);
                }
                BodyState::ChunkLeft(0) => {
                    self.line()?;
                    self.body = BodyState::ChunkHead;
                }
                BodyState::ChunkLeft(left) => {
                    let count = self.take(into, left)?;
                    self.body = BodyState::ChunkLeft(left - count as u64);
                    return Ok(count);
                }
                BodyState::ChunkHead => {
                    let line = self.line()?;
                    let digits = line.split(';').next().unwrap_or_default().trim();
                    let size = u64::from_str_radix(digits, 16)
                        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                    if size == 0 {
                        while !self.line()?.is_empty() {}
                        self.body = BodyState::Left(0);
                    } else {
                        self.body = BodyState::ChunkLeft(size);
                    }
                }
            }
        }
    }

    /// Copies at most `left` body bytes; a stream that ends inside a body is an error.
    fn take(&mut self, into: &mut [u8], left: u64) -> io::Result<usize> {
        if self.used == self.buffer.len() && self.fill()? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let ready = &self.buffer[self.used..];
        let count = into.len().min(ready.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
        into[..count].copy_from_slice(&ready[..count]);
        self.used += count;
        Ok(count)
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            let ready = &self.buffer[self.used..];
            if let Some(end) = ready.iter().position(|&byte| byte == b'\n') {
                let line = String::from_utf8_lossy(&ready[..end]).trim_end().to_owned();
                self.used += end + 1;
                return Ok(line);
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let start = self.buffer.len();
        self.buffer.resize(start + READ_SIZE, 0);
        let result = self.stream.read(&mut self.buffer[start..]);
        self.buffer.truncate(start + result.as_ref().map_or(0, |count| *count));
        result
    }
}

/// One request and the way to answer it.
pub(crate) struct Exchange<'a> {
    connection: &'a mut Connection,
    pub(crate) head: &'a Head,
    pub(crate) state: &'a State,
    /// The client holds its body back until it is told to go on.
    waits: bool,
}

impl Exchange<'_> {
    pub(crate) fn secure(&self) -> bool {
        self.connection.secure
    }

    /// Address of the client, without port.
    pub(crate) fn origin(&self) -> String {
        self.connection.raw.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default()
    }

    /// The next piece of the body; 0 at its end.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.waits {
            self.waits = false;
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.connection.read_body(into)
    }

    /// The whole body.
    pub(crate) fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            match self.read(&mut piece)? {
                0 => return Ok(whole),
                count => whole.extend_from_slice(&piece[..count]),
            }
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.stream.write_all(bytes)?;
        self.connection.stream.flush()
    }

    /// The bare socket, for misbehaving below TLS.
    pub(crate) fn raw(&self) -> &TcpStream {
        &self.connection.raw
    }
}
