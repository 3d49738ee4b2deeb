//! What curl's own test server does with a test's replies: the number at the end of the path chooses the part, words in
//! the reply say what happens to the connection. Requests are recorded as they came.

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

use super::super::message::{self, Framing, Head};
use super::super::socket::{drain, finish, read_head, read_more};
use super::format::Test;

/// Commands to the test server that are understood.
const COMMANDS: [&str; 5] = ["skip: ", "no-expect", "connection-monitor", "auth_required", "writedelay: "];

/// Replies of one test and what was asked.
#[derive(Debug, Default)]
pub(super) struct Script {
    number: u64,
    /// Part number and bytes.
    replies: Vec<(u64, Vec<u8>)>,
    /// Bytes of a request's body that are never read.
    skip: usize,
    no_expect: bool,
    auth_required: bool,
    /// The connection stays open after the reply.
    linger: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Record>,
    bounced: Option<u64>,
}

/// A request with its reply.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) head: Head,
    /// Transfer coding undone; what was read of it.
    pub(super) body: Vec<u8>,
    /// The reply as sent.
    pub(super) reply: Vec<u8>,
}

impl Script {
    /// The replies of a test. `Err`: something in it is not understood.
    pub(super) fn new(test: &Test, number: u64) -> Result<Self, &'static str> {
        let mut script = Self { number, ..Self::default() };
        for part in test.parts("reply/data") {
            let suffix = part.path.strip_prefix("reply/data").unwrap_or_default();
            if let Some(number) = if suffix.is_empty() { Some(0) } else { suffix.parse().ok() } {
                script.replies.push((number, part.bytes()?));
            }
        }
        for command in test.lines("reply/servercmd") {
            if !COMMANDS.iter().any(|known| command.starts_with(known)) {
                return Err("a command to the test server that is not understood");
            }
            script.no_expect |= command == "no-expect";
            script.auth_required |= command == "auth_required";
            if let Some(count) = command.strip_prefix("skip: ") {
                script.skip = count.trim().parse().unwrap_or(0);
            }
        }
        script.linger = test.lines("reply/postcmd").iter().any(|line| line.starts_with("wait"));
        Ok(script)
    }

    /// What was asked so far.
    pub(super) fn records(&self) -> Vec<Record> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).records.clone()
    }

    /// Whether some reply has this status.
    pub(super) fn has_status(&self, status: &str) -> bool {
        self.replies.iter().any(|(_, reply)| reply.starts_with(format!("HTTP/1.1 {status}").as_bytes()))
    }

    /// Whether there is one reply.
    pub(super) fn single(&self) -> bool {
        self.replies.len() == 1
    }

    /// Values of a field in the heads of all replies.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let heads = self.replies.iter().filter_map(|(_, reply)| message::head(reply));
        heads
            .flat_map(|head| message::values(&head.headers, name).map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    /// Whether every announced length is a number.
    pub(super) fn has_readable_lengths(&self) -> bool {
        self.replies.iter().all(|(_, reply)| {
            message::head(reply).is_none_or(|head| message::content_length(&head.headers).is_some())
        })
    }

    /// Answers the requests of one connection.
    pub(super) fn serve(&self, stream: &TcpStream) {
        let mut buffer = Vec::new();
        // A client that goes in the middle ends its script; its case fails by what it then reports.
        while let Ok(true) = self.answer(stream, &mut buffer) {}
    }

    /// Answers one request; whether the connection goes on.
    fn answer(&self, mut stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let Some(length) = read_head(stream, buffer)? else { return Ok(false) };
        let rest = buffer.split_off(length);
        let head = message::head(buffer).ok_or(io::ErrorKind::InvalidData)?;
        *buffer = rest;
        let body = self.body(stream, &head, buffer)?;
        let early = body.is_none();
        let (part, reply) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let part = self.part(&head.start, state.bounced);
            let reply = self.replies.iter().find(|(number, _)| *number == part);
            let reply = reply.map(|(_, reply)| reply.clone()).unwrap_or_default();
            state.bounced = contains(&reply, b"swsbounce").then_some(part);
            state.records.push(Record {
                head: head.clone(),
                body: body.unwrap_or_default(),
                reply: reply.clone(),
            });
            (part, reply)
        };
        let known = self.replies.iter().any(|(number, _)| *number == part);
        let closes = early || !known || contains(&reply, b"swsclose") || ends_with_connection(&reply, &head);
        if self.linger {
            stream.write_all(&reply)?;
            drain(stream);
            return Ok(false);
        }
        if closes {
            finish(stream, &reply)?;
            return Ok(false);
        }
        stream.write_all(&reply)?;
        Ok(true)
    }

    /// Reads a body. `None`: it was not read to its end, and nothing of it may be taken for a request.
    fn body(&self, mut stream: &TcpStream, head: &Head, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        let chunked = message::values(&head.headers, "transfer-encoding")
            .any(|value| value.eq_ignore_ascii_case("chunked"));
        let length = message::content_length(&head.headers).flatten().unwrap_or(0);
        if !chunked && length == 0 {
            return Ok(Some(Vec::new()));
        }
        let authorized = message::values(&head.headers, "authorization").next().is_some();
        if self.auth_required && !authorized || self.skip > 0 && length <= self.skip {
            return Ok(None);
        }
        let expects =
            message::values(&head.headers, "expect").any(|value| value.eq_ignore_ascii_case("100-continue"));
        if expects && !self.no_expect && self.skip == 0 {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        loop {
            if chunked {
                let complete = contains(buffer, b"\r\n0\r\n\r\n") || buffer.starts_with(b"0\r\n\r\n");
                if let Some((data, used)) = complete.then(|| message::dechunk(buffer)).flatten() {
                    *buffer = buffer.split_off(used);
                    return Ok(Some(data));
                }
            } else if buffer.len() >= length - self.skip.min(length) {
                if self.skip > 0 {
                    return Ok(None);
                }
                let rest = buffer.split_off(length);
                return Ok(Some(std::mem::replace(buffer, rest)));
            }
            if !read_more(&mut stream, buffer)? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// `/some/place/110002?x` asks test 11 for part 2. A bounced part is followed by the next one.
    fn part(&self, request_line: &str, bounced: Option<u64>) -> u64 {
        let target = request_line.split(' ').nth(1).unwrap_or_default();
        let last = target.rsplit('/').next().unwrap_or_default();
        let digits: String = last.chars().take_while(char::is_ascii_digit).collect();
        let number: u64 = digits.parse().unwrap_or(0);
        if let Some(part) = bounced {
            return part + 1;
        }
        if number > 10_000 && number / 10_000 == self.number { number % 10_000 } else { 0 }
    }
}

/// Whether only the end of the connection ends this reply.
fn ends_with_connection(reply: &[u8], request: &Head) -> bool {
    let head_request = request.start.starts_with("HEAD ");
    let mut rest = reply;
    loop {
        let Some(head) = message::head(rest) else { return true };
        let status = head.start.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if (100..200).contains(&status) && status != 101 {
            rest = rest.get(head.length..).unwrap_or_default();
            continue;
        }
        return match message::framing(status, &head.headers, head_request) {
            Some(Framing::Close) | None => true,
            Some(Framing::Length(length)) => rest.len() < head.length.saturating_add(length),
            Some(Framing::Chunked) => rest.get(head.length..).and_then(message::dechunk).is_none(),
            Some(Framing::None) => false,
        };
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
