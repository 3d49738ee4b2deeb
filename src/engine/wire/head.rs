//! Heads of responses: tolerant where a recipient may be (RFC 9112 sections 2.2, 5.1, 5.2), strict where two readers
//! could disagree about where a message ends.
//!
//! httparse does the parsing; this adds what it leaves open: any number of fields, names of what it skips, folded
//! lines, text of values, and the refusal of bare CR and NUL (RFC 9110 section 5.5).

use httparse::{EMPTY_HEADER, Header, ParserConfig, Status};
use percent_encoding::{CONTROLS, percent_encode};

use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::headers::Headers;

use super::framing::framing;

/// Skipped field names noted at most.
const NOTES: usize = 20;

/// Heads up to this are not worth a look at the memory.
const LARGE: usize = 16 * 1024;
/// What a field costs beside its text.
const FIELD: usize = 32;

/// A head as received, interim ones (1xx) included.
#[derive(Debug)]
pub(crate) struct RawHead {
    pub(crate) status: u16,
    pub(crate) minor_version: u8,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
    pub(crate) notes: Vec<String>,
}

/// Finds the end of a head in bytes that arrive in pieces.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    scanned: usize,
}

impl Finder {
    /// Length of the head at the start of `bytes` with its empty line, once that is there. Lines may end with LF alone.
    ///
    /// # Errors
    /// The bytes cannot be a response, or exceed `limit`.
    pub(crate) fn find(&mut self, bytes: &[u8], limit: usize) -> Result<Option<usize>> {
        let start = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begun = bytes.get(start..).unwrap_or_default();
        let common = begun.len().min(b"HTTP/".len());
        if begun.get(..common) != b"HTTP/".get(..common) {
            return Err(protocol("status-line", excerpt(begun)));
        }
        // An empty line is LF CR LF or LF LF: look at each LF not looked at before.
        let mut at = self.scanned.max(start);
        while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            let next = at + found + 1;
            let length = match (bytes.get(next), bytes.get(next + 1)) {
                (Some(b'\n'), _) => Some(next + 1),
                (Some(b'\r'), Some(b'\n')) => Some(next + 2),
                (Some(b'\r'), None) | (None, _) => {
                    // Not decided yet: look at this LF again.
                    self.scanned = at + found;
                    break;
                }
                _ => None,
            };
            if let Some(length) = length {
                return if length > limit { Err(too_large(limit)) } else { Ok(Some(length)) };
            }
            at = next;
            self.scanned = at;
        }
        if bytes.len() >= limit { Err(too_large(limit)) } else { Ok(None) }
    }
}

/// Reads a complete head as found by [`Finder`].
///
/// # Errors
/// [`ErrorKind::Protocol`] with `status-line` or `header`; out of memory.
pub(crate) fn parse(bytes: &[u8]) -> Result<RawHead> {
    // Both are invisible to a reader of lines and visible to others: no meaning can be trusted.
    let seen = Seen::of(bytes);
    if seen.returns != seen.line_ends || bytes.contains(&0) {
        return Err(protocol("header", "bare CR or NUL in the head".to_owned()));
    }
    // A fold of nothing (RFC 9112 section 2.2 lets a recipient refuse it).
    if lines(bytes).nth(1).is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
        return Err(protocol("header", "blank before the first field".to_owned()));
    }
    let lines = seen.feeds;
    let mut slots: Vec<Header<'_>> = Vec::new();
    slots.try_reserve_exact(lines).map_err(|_| {
        let wanted = (lines * size_of::<Header<'_>>()) as u64;
        Error::new(ErrorKind::OutOfMemory { wanted }, Phase::Head)
    })?;
    slots.resize(lines, EMPTY_HEADER);
    if bytes.len() > LARGE {
        // The list of fields grows without asking: see that all of it fits.
        let wanted = bytes.len().saturating_mul(2).saturating_add(lines.saturating_mul(FIELD));
        let mut probe: Vec<u8> = Vec::new();
        probe
            .try_reserve_exact(wanted)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: wanted as u64 }, Phase::Head))?;
        std::hint::black_box(&probe);
    }
    let mut response = httparse::Response::new(&mut slots);
    let parsed = ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, bytes);
    match parsed {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) => return Err(protocol("header", excerpt(bytes))),
        Err(httparse::Error::Version | httparse::Error::Status) => {
            return Err(protocol("status-line", excerpt(bytes)));
        }
        Err(error) => return Err(protocol("header", format!("{error}: {}", excerpt(bytes)))),
    }
    let (Some(status), Some(minor_version)) = (response.code, response.version) else {
        return Err(protocol("status-line", excerpt(bytes)));
    };
    if status < 100 {
        return Err(protocol("status-line", excerpt(bytes)));
    }
    let headers = Headers::with_room(response.headers.len(), bytes.len());
    let mut head = RawHead { status, minor_version, reason: reason(bytes), headers, notes: Vec::new() };
    for field in response.headers.iter() {
        if !field.value.contains(&b'\n')
            && let Ok(value) = std::str::from_utf8(field.value)
        {
            head.headers.append(field.name, value);
            continue;
        }
        let (value, folded) = unfold(field.value);
        if folded && head.notes.len() < NOTES {
            head.notes.push(format!("folded header line joined: {}", excerpt(field.name.as_bytes())));
        }
        head.headers.append(field.name, if is_raw_location(field) { escaped(field.value) } else { value });
    }
    // A line for the status, one for each field and the empty one: then none is missing.
    if response.headers.len() + 2 != seen.feeds {
        note_skipped(bytes, response.headers, &mut head.notes);
    }
    Ok(head)
}

/// Counts of line ends in a head.
#[derive(Default)]
struct Seen {
    /// LF.
    feeds: usize,
    /// CR.
    returns: usize,
    /// CR LF.
    line_ends: usize,
}

impl Seen {
    fn of(bytes: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut before = 0;
        for byte in bytes {
            seen.feeds += usize::from(*byte == b'\n');
            seen.returns += usize::from(*byte == b'\r');
            seen.line_ends += usize::from(*byte == b'\n' && before == b'\r');
            before = *byte;
        }
        seen
    }
}

/// The error of a head that was cut off, if its beginning is wrong already.
///
/// # Errors
/// As [`parse`] and [`framing`]; a beginning that could have become a head is no error.
pub(crate) fn refuse_partial(bytes: &[u8]) -> Result<()> {
    // The last line may be incomplete: only the lines before it count.
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else { return Ok(()) };
    let (lines, rest) = bytes.split_at(end + 1);
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut whole = lines.to_vec();
    // A line that begins with a blank is wrong after the status line whatever follows.
    whole.extend_from_slice(if blank > 0 { b" x\r\n\r\n" } else { b"\r\n" });
    framing(&parse(&whole)?.headers).map(drop)
}

/// Bytes of the wire as text: UTF-8 when valid, else ISO-8859-1.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Whether this is a target in some old charset, which as ISO-8859-1 text would become another one.
fn is_raw_location(field: &Header<'_>) -> bool {
    field.name.eq_ignore_ascii_case("location") && std::str::from_utf8(field.value).is_err()
}

/// The bytes of a URL with everything that is not ASCII percent-encoded as it is, as browsers and curl send it back.
fn escaped(value: &[u8]) -> String {
    percent_encode(value.trim_ascii(), CONTROLS).to_string()
}

/// A short printable piece of what was received.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let line =
        bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    line.iter()
        .take(60)
        .map(|byte| if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '.' })
        .collect()
}

pub(crate) fn protocol(problem: &'static str, detail: String) -> Error {
    Error::new(ErrorKind::Protocol { problem, detail }, Phase::Head)
}

fn too_large(limit: usize) -> Error {
    protocol("header-size", format!("the head is larger than {limit} bytes"))
}

/// What follows the status code on its line; httparse drops it when it is not ASCII.
fn reason(bytes: &[u8]) -> String {
    let line = lines(bytes).next().unwrap_or_default();
    let after_code = line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default();
    text(after_code.trim_ascii())
}

/// Lines without their ends, empty ones before the status line left out.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .skip_while(|line| line.is_empty())
}

/// A folded value on one line: each line break with the blanks around it becomes one space (RFC 9112 section 5.2).
fn unfold(value: &[u8]) -> (String, bool) {
    if !value.contains(&b'\n') {
        return (text(value), false);
    }
    let mut joined = Vec::with_capacity(value.len());
    for line in value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        if !joined.is_empty() {
            joined.push(b' ');
        }
        joined.extend_from_slice(line);
    }
    (text(&joined), true)
}

/// Notes the lines that gave no field. Fields come in the order of their lines, so one walk finds the gaps.
fn note_skipped(bytes: &[u8], fields: &[Header<'_>], notes: &mut Vec<String>) {
    let mut fields = fields.iter().peekable();
    for line in lines(bytes).skip(1) {
        if line.is_empty() || matches!(line.first(), Some(b' ' | b'\t')) {
            continue;
        }
        match fields.peek() {
            Some(field) if line.starts_with(field.name.as_bytes()) => {
                fields.next();
            }
            _ if notes.len() < NOTES => {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                notes.push(format!("header line skipped: {}", excerpt(name)));
            }
            _ => return,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn problem(bytes: &[u8]) -> &'static str {
        match parse(bytes).unwrap_err().kind {
            ErrorKind::Protocol { problem, .. } => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn end_is_found_however_the_bytes_arrive() {
        for head in ["HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n", "\r\nHTTP/1.1 200\n\r\n"]
        {
            let mut finder = Finder::default();
            for length in 0..head.len() {
                assert_eq!(finder.find(&head.as_bytes()[..length], 100).unwrap(), None, "{head:?} {length}");
            }
            let with_body = format!("{head}\n\nbody");
            assert_eq!(finder.find(with_body.as_bytes(), 100).unwrap(), Some(head.len()));
        }
    }

    #[test]
    fn what_is_not_http_is_refused_at_its_first_bytes() {
        let error = Finder::default().find(b"SSH-2.0-x\x07", 100).unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Protocol { problem: "status-line", detail } if detail == "SSH-2.0-x.")
        );
    }

    #[test]
    fn a_head_cut_off_is_refused_only_for_what_is_wrong_already() {
        assert!(refuse_partial(b"").is_ok() && refuse_partial(b"HTTP/1").is_ok());
        assert!(refuse_partial(b"HTTP/1.1 200 OK\r\nA: b\r\nC").is_ok());
        assert!(refuse_partial(b"HTTP/1.1 200 OK\r\n A: b").is_err());
        assert!(refuse_partial(b"HTTP/1.1 20 OK\r\n").is_err());
    }

    #[test]
    fn a_head_over_the_limit_is_refused_complete_or_not() {
        let head = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(100));
        for bytes in [&head.as_bytes()[..60], head.as_bytes()] {
            let error = Finder::default().find(bytes, 60).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Protocol { problem: "header-size", .. }));
        }
    }

    #[test]
    fn names_values_and_reason_are_kept_as_sent() {
        let head = parse("HTTP/1.0 299 Всё  хорошо\r\nX-CaSe : a\r\nx-case:\tб \r\n\r\n".as_bytes()).unwrap();
        assert_eq!((head.status, head.minor_version, head.reason.as_str()), (299, 0, "Всё  хорошо"));
        assert_eq!(head.headers.iter().collect::<Vec<_>>(), [("X-CaSe", "a"), ("x-case", "б")]);
    }

    #[test]
    fn values_that_are_not_utf8_are_latin_1() {
        let head = parse(b"HTTP/1.1 200 OK\r\nA: caf\xe9\r\n\r\n").unwrap();
        assert_eq!(head.headers.first("a"), Some("café"));
    }

    #[test]
    fn a_location_in_an_old_charset_keeps_its_bytes() {
        let head = parse(b"HTTP/1.1 302 X\r\nLocation: /\xcf\xf3\xf2\xfc?a=%D0 b\r\n\r\n").unwrap();
        assert_eq!(head.headers.first("location"), Some("/%CF%F3%F2%FC?a=%D0 b"));
        let head = parse("HTTP/1.1 302 X\r\nLocation: /путь\r\n\r\n".as_bytes()).unwrap();
        assert_eq!(head.headers.first("location"), Some("/путь"));
    }

    #[test]
    fn folded_lines_are_joined_by_one_space_and_noted() {
        let head = parse(b"HTTP/1.1 200 OK\r\nA: one \r\n \t two\r\n  three\r\nB: c\r\n\r\n").unwrap();
        assert_eq!(head.headers.first("A"), Some("one two three"));
        assert_eq!(head.headers.first("B"), Some("c"));
        assert_eq!(head.notes, ["folded header line joined: A"]);
    }

    #[test]
    fn invalid_names_are_skipped_and_noted() {
        let head = parse(b"HTTP/1.1 200 OK\r\nA: 1\r\nb@d(x): 2\r\nno colon\r\nC: 3\r\n\r\n").unwrap();
        assert_eq!(head.headers.iter().collect::<Vec<_>>(), [("A", "1"), ("C", "3")]);
        assert_eq!(head.notes, ["header line skipped: b@d(x)", "header line skipped: no colon"]);
    }

    #[test]
    fn many_fields_are_fine() {
        let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
        for index in 0..2000 {
            head.extend_from_slice(format!("X-{index}: v\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        assert_eq!(parse(&head).unwrap().headers.len(), 2000);
    }

    #[test]
    fn bare_cr_and_nul_and_bad_status_lines_are_refused() {
        assert_eq!(problem(b"HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n\r\n"), "header");
        assert_eq!(problem(b"HTTP/1.1 200 OK\r\nA: 1\0\r\n\r\n"), "header");
        for line in
            ["HTTP/2.0 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 099 X", "HTTP/1.1\t200 OK"]
        {
            assert_eq!(problem(format!("{line}\r\n\r\n").as_bytes()), "status-line", "{line}");
        }
    }
}
