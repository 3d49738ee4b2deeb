//! From parse events to what a client must do. The events give the first answer; the rules give the others this client
//! may give, each with its reason.

use super::super::message::{self, Framing, Response, squeeze, text};
use super::cases::{Case, Event};

/// What is expected. `None` stands for a refusal.
#[derive(Debug)]
pub(super) struct Verdict {
    /// As llhttp does.
    pub(super) expected: Option<Response>,
    /// What this client may do instead, and why.
    pub(super) allowed: Vec<(Option<Response>, &'static str)>,
}

const REPAIRED: &str = "repaired as decided: bare LF, folded lines, space before a colon, lines that are no field, \
    bare CR as space (RFC 9112 sections 2.2 and 5.2), white space after a chunk size, content of chunk extensions";
const LENIENT: &str = "a leniency of llhttp this client does not have";
const VERSION: &str = "only HTTP/1.0 and HTTP/1.1 are spoken";
const CODING: &str = "a final transfer coding other than chunked is refused: it cannot be undone";
const BENEATH: &str = "a transfer coding beneath chunked is refused: it cannot be undone";
const UPGRADE: &str = "101 without asking for an upgrade is no final response";
const LAST_CHUNK: &str = "the last chunk ends the data, a missing end of the trailer part is tolerated";
const BEFORE: &str = "nothing may come before the status line";

/// What the client must make of `case`; `Err`: the case is not about a client, and why.
pub(super) fn verdict(case: &Case) -> Result<Verdict, &'static str> {
    if case.events.iter().any(|event| matches!(event, Event::Unclear(_))) {
        return Err("spans do not lie in the message as written");
    }
    if !case.is_response {
        about_framing(case)?;
    }
    let served = case.served();
    let seen = Seen::follow(case);
    let repaired = message::response(&served, case.head_request);
    let mut allowed = vec![];
    let mut expected = seen.response();
    let status = seen.response.status;
    let strict = !case.kind.contains("lenient");

    if seen.protocol.as_deref().is_some_and(|protocol| protocol != "HTTP") && expected.is_some() {
        return Ok(Verdict { expected, allowed: vec![(None, VERSION)] });
    }
    if seen.version.as_deref().is_some_and(|version| !matches!(version, "1.0" | "1.1")) {
        allowed.push((None, VERSION));
    }
    if expected.is_some() && status == 101 {
        allowed.push((None, UPGRADE));
    }
    if both_framings(&served) {
        // Decided: always an error, also where a lenient parser goes on.
        expected = None;
    } else if expected.is_some() && unknown_coding(&served) {
        allowed.push((None, CODING));
    }
    if expected.is_some() && codings_beneath(&served) {
        allowed.push((None, BENEATH));
    }
    if seen.last_chunk && !seen.complete && seen.error.is_none() {
        allowed.push((Some(seen.response.clone()), LAST_CHUNK));
    }
    if served.starts_with(b"\r") || served.starts_with(b"\n") {
        allowed.push((None, BEFORE));
    }
    if !strict {
        allowed.push((None, LENIENT));
    }
    if expected.is_none() && seen.error.is_some() || !strict {
        allowed.push((repaired, REPAIRED));
    }
    Ok(Verdict { expected, allowed })
}

/// What the events told until the final response was over.
#[derive(Default)]
struct Seen {
    response: Response,
    protocol: Option<String>,
    version: Option<String>,
    head_complete: bool,
    complete: bool,
    last_chunk: bool,
    error: Option<String>,
    announced: Option<usize>,
    chunked: bool,
}

impl Seen {
    fn follow(case: &Case) -> Self {
        let mut seen = Self::default();
        let (mut name, mut value) = (Vec::new(), Vec::new());
        if !case.is_response {
            seen.response.status = 200;
            "OK".clone_into(&mut seen.response.reason);
        }
        for event in &case.events {
            match event {
                Event::Span(what, bytes) => match what.as_str() {
                    "protocol" if case.is_response => seen.protocol = Some(text(bytes)),
                    "version" => seen.version = Some(text(bytes)),
                    "status" => seen.response.reason = squeeze(&text(bytes)),
                    "header_field" if !seen.head_complete => name.extend_from_slice(bytes),
                    "header_value" if !seen.head_complete => value.extend_from_slice(bytes),
                    "body" => seen.response.body.extend_from_slice(bytes),
                    _ => {}
                },
                Event::Note(note) => {
                    if note == "header_value complete" && !seen.head_complete {
                        let (name, value) = (std::mem::take(&mut name), std::mem::take(&mut value));
                        seen.response
                            .headers
                            .push((text(&name).trim_end().to_owned(), squeeze(&text(&value))));
                    } else if note.starts_with("headers complete") {
                        seen.head(note);
                    } else if note.starts_with("chunk header len=0") {
                        seen.last_chunk = true;
                    } else if note == "message complete" {
                        if matches!(seen.response.status, 100 | 102..=199) {
                            seen = Self::default();
                            continue;
                        }
                        seen.complete = true;
                        break;
                    } else if note.starts_with("error") {
                        seen.error = Some(note.clone());
                    }
                }
                Event::Unclear(_) => {}
            }
        }
        seen
    }

    /// `headers complete status=200 v=1/1 flags=22 content_length=11`
    fn head(&mut self, note: &str) {
        self.head_complete = true;
        let field = |name: &str| note.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        if let Some(status) = field("status").and_then(|status| status.parse().ok()) {
            self.response.status = status;
        }
        let flags = field("flags").and_then(|flags| u32::from_str_radix(flags, 16).ok()).unwrap_or(0);
        self.chunked = flags & 0x8 != 0;
        if flags & 0x20 != 0 && !self.chunked {
            self.announced = field("content_length").and_then(|length| length.parse().ok());
        }
    }

    /// The response, if it was over when the connection ended (RFC 9112 section 8).
    fn response(&self) -> Option<Response> {
        let enough = self.complete
            || !self.chunked && self.announced.is_none_or(|announced| announced == self.response.body.len());
        (self.head_complete && enough && (self.complete || self.error.is_none()))
            .then(|| self.response.clone())
    }
}

/// Only the framing of a request says something about responses; everything else in it is a server's business.
fn about_framing(case: &Case) -> Result<(), &'static str> {
    const OTHER: &str = "a request that is not about framing: a server's business";
    let start = case.message.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let start = text(start);
    let mut words = start.trim_end().split(' ');
    let ordinary = words.next().is_some_and(|method| {
        method != "CONNECT" && !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase())
    });
    let http = words.nth(1).is_some_and(|version| matches!(version, "HTTP/1.0" | "HTTP/1.1"));
    if !ordinary || !http || words.next().is_some() {
        return Err(OTHER);
    }
    let message = text(&case.message).to_ascii_lowercase();
    let framed =
        ["content-length", "transfer-encoding", "content\rlength"].iter().any(|name| message.contains(name));
    if framed { Ok(()) } else { Err(OTHER) }
}

/// A length beside a final coding other than chunked.
fn both_framings(served: &[u8]) -> bool {
    message::head(served).is_some_and(|head| {
        let coded = message::values(&head.headers, "transfer-encoding").next().is_some();
        let measured = message::values(&head.headers, "content-length").next().is_some();
        coded && measured && message::framing(200, &head.headers, false) != Some(Framing::Chunked)
    })
}

/// Transfer codings under a final chunked, another chunked included.
fn codings_beneath(served: &[u8]) -> bool {
    message::head(served).is_some_and(|head| {
        message::values(&head.headers, "transfer-encoding")
            .flat_map(|value| value.split(','))
            .nth(1)
            .is_some()
            && message::framing(200, &head.headers, false) == Some(Framing::Chunked)
    })
}

fn unknown_coding(served: &[u8]) -> bool {
    message::head(served).is_some_and(|head| {
        message::values(&head.headers, "transfer-encoding").next().is_some()
            && message::framing(200, &head.headers, false) == Some(Framing::Close)
    })
}
