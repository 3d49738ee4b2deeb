//! Every reply in curl's test cases, as the wire sees it: a socket that sends the reply and closes. What curl was asked
//! for around it (logins, redirects, proxies, files) is the matter of [`super::curl`]; here only the status, the body
//! and the outcome of each single reply are. A case whose form is not understood is an exception, never the end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use httpconnector::engine::body::Body;
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::error::{Error, ErrorKind};
use httpconnector::engine::exchange::{Exchange, Hop, Limits};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::store::{HeapMemory, MemorySink};
use httpconnector::engine::tls::TlsSettings;
use httpconnector::engine::transport::Transport;
use url::Url;

use crate::outcome::{Outcome, Vectors};

/// One `<tag attributes>content</tag>`.
struct Section {
    name: String,
    attributes: String,
    content: Vec<u8>,
}

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| {
        path.rsplit_once("curl-tests/test")
            .is_some_and(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()))
    });
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let mut one = Outcome::new();
        match catch_unwind(AssertUnwindSafe(|| judge(&mut one, file))) {
            Ok(()) => outcome.add(one),
            Err(_) => {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                outcome.not_ours(name, "its form is not understood");
            }
        }
    }
    outcome
}

fn judge(outcome: &mut Outcome, file: &Path) {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let sections = sections(&std::fs::read(file).unwrap());
    let text = |wanted: &str| {
        let section = sections.iter().find(|section| section.name == wanted);
        section.map_or(String::new(), |section| String::from_utf8_lossy(&section.content).trim().to_owned())
    };
    let replies: Vec<_> = sections.iter().filter(|section| is_reply(&section.name)).collect();
    let servers = text("server");
    if !servers.split_whitespace().any(|server| matches!(server, "http" | "https" | "http-ipv6")) {
        return outcome.not_ours(name, "no HTTP server takes part");
    }
    if replies.is_empty() {
        return outcome.not_ours(name, "no reply of a server in the case");
    }
    let command = format!(" {} ", text("command").replace('\n', " "));
    let servercmd = text("servercmd");
    if ["idle", "stream", "pipe"].iter().any(|word| servercmd.contains(word)) {
        return outcome.not_ours(name, "the server does not only reply");
    }
    let method = if command.contains(" -I ") || command.contains(" --head ") { "HEAD" } else { "GET" };
    let limit = command
        .split_once(" --max-filesize ")
        .map_or(u64::MAX, |(_, rest)| rest.split_whitespace().next().unwrap().parse().unwrap());
    let error: u32 = if replies.len() == 1 { text("errorcode").parse().unwrap_or(0) } else { 0 };
    let check = sections.iter().find(|section| section.name == "datacheck");
    // A program around libcurl prints more than the body.
    let program = sections.iter().any(|section| section.name == "tool");
    let check = check.filter(|_| replies.len() == 1 && !program).map(|section| section.content.as_slice());
    let overlong = error == 63 && replies.iter().any(|reply| length_over_64_bits(&reply.content));

    let unusual = replies.iter().any(|reply| other_coding(&reply.content));
    let old = replies.iter().any(|reply| !reply.content.starts_with(b"HTTP/") && !reply.content.is_empty());
    let old = old && error == 0;
    let run = || {
        for reply in &replies {
            let expected = if old && !reply.content.starts_with(b"HTTP/") {
                Seen::Response(200, reply.content.clone())
            } else {
                expected(method, &reply.content, check, error)
            };
            play(method, &reply.content, limit)?
                .expect(&expected)
                .map_err(|seen| format!("<{}>: {seen}", reply.name))?;
        }
        Ok(())
    };
    if unusual {
        outcome.exception(name, "a transfer coding that was not asked for is refused", run);
    } else if overlong {
        outcome.exception(name, "a length over 64 bits is refused as no length, not as too large", run);
    } else if old {
        outcome.exception(name, "HTTP/0.9 is refused", run);
    } else {
        outcome.case(name, run);
    }
}

fn is_reply(name: &str) -> bool {
    name.strip_prefix("data").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What a client makes of `reply`: curl's exit code where it is about the reply, else what the reply says.
fn expected(method: &str, reply: &[u8], check: Option<&[u8]>, error: u32) -> Seen {
    match error {
        1 | 8 => return Seen::Refused,
        18 | 52 => return Seen::Closed,
        63 => return Seen::TooLarge,
        // Receiving failed: of curl's reasons, a broken chunk is the one a client calls incorrect.
        56 if reply.is_empty() => return Seen::Closed,
        56 => return Seen::Refused,
        _ => {}
    }
    let mut rest = reply;
    let (status, fields, body) = loop {
        if rest.is_empty() {
            return Seen::Closed;
        }
        let Some((head, body)) = split_head(rest) else { return Seen::Closed };
        let status: u16 = head.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        if (100..200).contains(&status) && status != 101 {
            rest = body;
            continue;
        }
        break (status, head, body);
    };
    if method == "HEAD" || matches!(status, 101 | 204 | 304) {
        return Seen::Response(status, Vec::new());
    }
    let fields = fields.to_lowercase();
    let field = |name: &str| {
        fields
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(n, _)| n.trim() == name)
            .map(|(_, v)| v.trim().to_owned())
    };
    if field("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        let coded = field("content-encoding").is_some_and(|coding| coding != "none");
        // curl prints trailers after the body.
        let trailers = !body.trim_ascii_end().ends_with(b"\n0");
        let body = match check.filter(|_| !coded && !trailers).and_then(last_body) {
            Some(body) => Some(body),
            None => dechunk(body),
        };
        return body.map_or(Seen::Closed, |body| Seen::Response(status, body));
    }
    match field("content-length").map(|length| length.parse::<usize>()) {
        Some(Ok(length)) if length > body.len() => Seen::Closed,
        Some(Ok(length)) => Seen::Response(status, body[..length].to_vec()),
        Some(Err(_)) => Seen::Refused,
        None => Seen::Response(status, body.to_vec()),
    }
}

/// Head and what follows it.
fn split_head(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return Some((String::from_utf8_lossy(&bytes[..at]).into_owned(), &bytes[at..]));
        }
    }
    None
}

/// The body after every head in what curl printed.
fn last_body(mut output: &[u8]) -> Option<Vec<u8>> {
    while output.starts_with(b"HTTP/") {
        output = split_head(output)?.1;
    }
    Some(output.to_vec())
}

fn dechunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        bytes = &bytes[end + 1..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size..)?;
        bytes = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n"))?;
    }
}

fn length_over_64_bits(reply: &[u8]) -> bool {
    let Some((head, _)) = split_head(reply) else { return false };
    let head = head.to_lowercase();
    let mut lengths = head.lines().filter_map(|line| line.strip_prefix("content-length:"));
    lengths.any(|length| {
        length.trim().bytes().all(|b| b.is_ascii_digit()) && length.trim().parse::<u64>().is_err()
    })
}

fn other_coding(reply: &[u8]) -> bool {
    let Some((head, _)) = split_head(reply) else { return false };
    let head = head.to_lowercase();
    head.lines()
        .filter_map(|line| line.strip_prefix("transfer-encoding:"))
        .any(|coding| coding.trim() != "chunked")
}

/// The sections of a test file, contents as the test server would send them.
fn sections(file: &[u8]) -> Vec<Section> {
    let mut result: Vec<Section> = Vec::new();
    let mut open: Option<Section> = None;
    let mut keep = vec![true];
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        // Built without Hyper and with every feature: that is what this engine resembles.
        if let Some(condition) = text.strip_prefix("%if ") {
            keep.push(condition != "hyper");
        } else if text == "%else" {
            let last = keep.len() - 1;
            keep[last] = !keep[last];
        } else if text == "%endif" {
            keep.pop();
        } else if open.as_ref().is_some_and(|section| text == format!("</{}>", section.name)) {
            result.extend(open.take().map(finish));
        } else if let Some(section) = &mut open {
            if keep.iter().all(|keep| *keep) {
                section.content.extend_from_slice(line);
            }
        } else if let Some(tag) = text.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) {
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let nested = ["testcase", "info", "reply", "client", "verify"].contains(&name);
            if !nested && !name.starts_with('/') {
                let (name, attributes) = (name.to_owned(), attributes.to_owned());
                open = Some(Section { name, attributes, content: Vec::new() });
            }
        }
    }
    result
}

fn finish(mut section: Section) -> Section {
    if section.attributes.contains("base64=\"yes\"") {
        let digits: Vec<u8> =
            section.content.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        section.content = STANDARD.decode(digits).unwrap();
    }
    section.content = directive(&section.content, "%hex[", "]hex%", |text| {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            match (first, after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())) {
                (b'%', Some(digits)) => {
                    bytes.push(u8::from_str_radix(digits, 16).unwrap());
                    rest = &after[2..];
                }
                _ => {
                    bytes.push(*first);
                    rest = after;
                }
            }
        }
        bytes
    });
    section.content =
        directive(&section.content, "%b64[", "]b64%", |text| STANDARD.encode(text).into_bytes());
    section.content = directive(&section.content, "%repeat[", "]%", |text| {
        let text = String::from_utf8_lossy(text).into_owned();
        let (count, piece) = text.split_once(" x ").unwrap();
        piece.repeat(count.parse().unwrap()).into_bytes()
    });
    if section.attributes.contains("nonewline=\"yes\"") && section.content.ends_with(b"\n") {
        section.content.pop();
        if section.content.ends_with(b"\r") {
            section.content.pop();
        }
    }
    section
}

fn directive(bytes: &[u8], open: &str, close: &str, replace: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let find =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).position(|window| window == text.as_bytes());
    let (mut result, mut rest) = (Vec::new(), bytes);
    while let Some(start) = find(rest, open) {
        let inner = &rest[start + open.len()..];
        let Some(end) = find(inner, close) else { break };
        result.extend_from_slice(&rest[..start]);
        result.extend(replace(&inner[..end]));
        rest = &inner[end + close.len()..];
    }
    result.extend_from_slice(rest);
    result
}

/// What a client makes of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// A response with this status and body.
    Response(u16, Vec<u8>),
    /// Refused as not being correct HTTP.
    Refused,
    /// The connection ended too early.
    Closed,
    /// Larger than allowed.
    TooLarge,
}

impl Seen {
    /// Compares with what was expected.
    fn expect(&self, expected: &Self) -> Result<(), String> {
        if self == expected { Ok(()) } else { Err(format!("{self:?} instead of {expected:?}")) }
    }
}

/// Sends `method` to a server that answers `reply` and closes; bodies have at most `limit` bytes.
fn play(method: &str, reply: &[u8], limit: u64) -> Result<Seen, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
                request.push(byte[0]);
            }
            let _ = stream.write_all(reply);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut request);
        });
        match ask(method, &url, limit) {
            Ok((status, body)) => Ok(Seen::Response(status, body)),
            Err(error) => match error.kind {
                ErrorKind::Protocol { .. } => Ok(Seen::Refused),
                ErrorKind::Closed { .. } => Ok(Seen::Closed),
                ErrorKind::BodyTooLarge { .. } => Ok(Seen::TooLarge),
                _ => Err(format!("{error:?}")),
            },
        }
    })
}

fn ask(method: &str, url: &Url, limit: u64) -> Result<(u16, Vec<u8>), Error> {
    let hop = Hop {
        method,
        url,
        target: None,
        headers: &Headers::new(),
        body: &Body::none(),
        tls: &Arc::<TlsSettings>::default(),
        proxy: &ProxySetting::Direct,
        guard: &Arc::default(),
        pin: None,
        limits: &Limits::default(),
        deadline: Some(Instant::now() + Duration::from_secs(10)),
        cancel: &Cancel::new(),
        repeatable: true,
    };
    let mut sink = MemorySink::new(Arc::new(HeapMemory), limit);
    let head = Transport::private().exchange(&hop, &mut sink)?;
    Ok((head.status, sink.into_body().contiguous()?.into_owned()))
}
