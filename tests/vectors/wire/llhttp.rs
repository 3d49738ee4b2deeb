//! llhttp's response vectors: Markdown with a message and the events of parsing it. The first final message of a case
//! is what a client sees; events after it belong to the next request's connection.

use std::path::Path;

use crate::outcome::{Outcome, Vectors};

use super::{Seen, play};

/// Bit of `flags`: chunked.
const CHUNKED: u32 = 0x8;
/// Bit of `flags`: there was a Content-Length.
const LENGTH: u32 = 0x20;

/// One case.
struct Case {
    name: String,
    kind: String,
    skip_body: bool,
    input: Vec<u8>,
    log: String,
}

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("llhttp/") && path.ends_with(".md"));
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        for case in read(file) {
            judge(&mut outcome, &case);
        }
    }
    outcome
}

fn judge(outcome: &mut Outcome, case: &Case) {
    let name = case.name.clone();
    // Leniencies that change what is accepted; those about connections change nothing for one response.
    let lenient_parsing =
        ["version", "headers", "optional", "all", "spaces"].iter().any(|word| case.kind.contains(word));
    if !case.kind.starts_with("response") {
        return judge_request(outcome, case);
    }
    let run = || {
        let method = if case.skip_body { "HEAD" } else { "GET" };
        play(method, &case.input, u64::MAX)?.expect(&expected(case))
    };
    if case.kind.contains("lenient") && lenient_parsing {
        let only_lf = case.kind.contains("all") || case.kind.contains("cr-before-lf");
        return if only_lf {
            outcome.case(name, run);
        } else {
            outcome.exception(name, "a leniency of llhttp that is not offered here", run)
        };
    }
    let refused = refusal(case);
    if refused.is_some_and(|reason| reason.starts_with("Missing expected CR")) {
        return outcome.exception(name, "lines may end with LF alone (RFC 9112 section 2.2)", run);
    }
    if refused.is_some_and(|reason| reason == "Invalid header token") {
        return outcome.exception(name, "an invalid field name is skipped with a note", run);
    }
    if !case.input.trim_ascii_start().starts_with(b"HTTP/1.") && refused.is_none() {
        return outcome.exception(name, "only HTTP/1.0 and HTTP/1.1 are spoken", run);
    }
    if other_coding(&case.input) {
        let reason =
            "a transfer coding that was not asked for cannot be undone: refused instead of read to the end";
        return outcome.exception(name, reason, run);
    }
    outcome.case(name, run);
}

/// A request's framing is read by the same rules as a response's: its first line is exchanged for a status line.
fn judge_request(outcome: &mut Outcome, case: &Case) {
    const STATUS_LINE: &[u8] = b"HTTP/1.1 200 OK";
    let name = case.name.clone();
    let line = case.input.iter().position(|byte| *byte == b'\r').unwrap_or(0);
    let refused = refusal(case);
    let about_framing = refused.is_some_and(|reason| {
        ["Content-Length", "Transfer-Encoding", "chunk"].iter().any(|word| reason.contains(word))
    });
    if case.kind != "request" || case.skip_body || (refused.is_some() && !about_framing) {
        return outcome.not_ours(name, "a request, and not about framing");
    }
    let complete = first_final(&case.log).contains("message complete");
    if refused.is_none() && (!complete || flags(&case.log) & (CHUNKED | LENGTH) == 0) {
        return outcome.not_ours(name, "a request without a body");
    }
    let expected = if refused.is_some() { Seen::Refused } else { Seen::Response(200, body(case)) };
    let reply = [STATUS_LINE, &case.input[line..]].concat();
    let run = || play("GET", &reply, u64::MAX)?.expect(&expected);
    let both = refused.is_some_and(|reason| reason.contains("can't be present with"));
    let chunked = String::from_utf8_lossy(&reply).to_lowercase().contains("transfer-encoding: chunked\r\n");
    if both && chunked {
        let reason = "in a response chunked wins over a length (RFC 9112 section 6.3), a request is refused";
        outcome.exception(name, reason, run);
    } else if other_coding(&reply) && refused.is_none() {
        outcome.exception(name, "a transfer coding that was not asked for is refused", run);
    } else {
        outcome.case(name, run);
    }
}

/// Whether the first head has a Transfer-Encoding other than `chunked` (or `identity`) alone.
fn other_coding(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input).to_lowercase();
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let codings: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("transfer-encoding:")).collect();
    let codings = codings.join(",");
    !codings.is_empty() && !matches!(codings.trim(), "chunked" | "identity")
}

/// The reason of an error before the first final message is complete.
fn refusal(case: &Case) -> Option<&str> {
    let log = first_final(&case.log);
    let error = log.lines().find(|line| line.contains(" error code="))?;
    error.split_once("reason=\"").and_then(|(_, reason)| reason.strip_suffix('"'))
}

/// The events up to the end of the first message that is not interim.
fn first_final(log: &str) -> &str {
    let mut start = 0;
    while let Some(status) = number(log.get(start..).unwrap_or_default(), "headers complete status=") {
        let Some(end) = log.get(start..).and_then(|rest| rest.find("message complete")) else {
            return &log[start..];
        };
        if status >= 200 || status == 101 {
            return &log[start..start + end + "message complete".len()];
        }
        start += end + "message complete".len();
    }
    &log[start..]
}

fn expected(case: &Case) -> Seen {
    if refusal(case).is_some() {
        return Seen::Refused;
    }
    let log = first_final(&case.log);
    let Some(status) = number(log, "headers complete status=").and_then(|status| u16::try_from(status).ok())
    else {
        return Seen::Closed;
    };
    let complete = log.contains("message complete");
    let flags = flags(log);
    let length = number(log, "content_length=").unwrap_or(0);
    let framed = flags & CHUNKED != 0 || (flags & LENGTH != 0 && length > 0);
    // What the parser leaves alone after a switch of protocols is not a body.
    if framed && !complete && !matches!(status, 101 | 204 | 304) {
        Seen::Closed
    } else {
        Seen::Response(status, body(case))
    }
}

/// The pieces of the body of the first final message.
fn body(case: &Case) -> Vec<u8> {
    let pieces = first_final(&case.log).lines().filter(|line| line.contains(" span[body]="));
    let pieces = pieces.filter_map(|line| {
        let (at, length) = (number(line, "off=")?, number(line, "len=")?);
        case.input.get(at..at + length)
    });
    pieces.flatten().copied().collect()
}

fn flags(log: &str) -> u32 {
    let flags = log.split_once("flags=").map_or("", |(_, rest)| rest);
    u32::from_str_radix(flags.split_whitespace().next().unwrap_or("0"), 16).unwrap()
}

/// The number after the first `key`.
fn number(text: &str, key: &str) -> Option<usize> {
    let (_, rest) = text.split_once(key)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let file = file.file_stem().unwrap().to_string_lossy();
    let (mut cases, mut heading, mut meta) = (Vec::new(), String::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_owned();
        } else if line.starts_with("<!-- meta=") {
            meta = line.to_owned();
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n");
            if kind == "http" {
                cases.push(Case {
                    name: format!("{file}: {heading}"),
                    kind: meta
                        .split_once("\"type\": \"")
                        .map_or("", |(_, rest)| rest)
                        .split('"')
                        .next()
                        .unwrap()
                        .to_owned(),
                    skip_body: meta.contains("\"skipBody\": true"),
                    input: message(&block),
                    log: String::new(),
                });
            } else if let Some(case) = cases.last_mut() {
                case.log = block;
            }
        }
    }
    cases
}

/// The bytes a block stands for: escaped line ends join lines, others are CRLF, then the other escapes.
fn message(block: &str) -> Vec<u8> {
    let joined = block.replace("\\\n", "").replace('\n', "\r\n");
    let joined = joined.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\x0c");
    let mut bytes = Vec::new();
    let mut rest = joined.as_str();
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
        bytes.extend(u8::from_str_radix(&after[..digits], 16));
        rest = &after[digits..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
