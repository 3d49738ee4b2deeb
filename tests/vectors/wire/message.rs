//! A second, deliberately small reading of HTTP/1 messages, independent of the engine: it says what a tolerant client
//! may make of a response whose strict reading is an error, and it takes recorded requests apart. It repairs heads
//! (bare line feeds, folded lines, space before a colon, lines that are no field) but never framing: conflicting
//! lengths, bad chunk sizes and an unknown final coding beside a length are refused.

/// A response as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Response {
    /// Status code.
    pub(super) status: u16,
    /// Reason phrase, trimmed.
    pub(super) reason: String,
    /// Fields in order; runs of white space in values are one space.
    pub(super) headers: Vec<(String, String)>,
    /// Body, transfer coding undone.
    pub(super) body: Vec<u8>,
}

/// Head of a message and how many bytes it takes.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// First line.
    pub(super) start: String,
    /// Fields in order.
    pub(super) headers: Vec<(String, String)>,
    /// Length in bytes with the empty line.
    pub(super) length: usize,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    None,
    /// After so many bytes.
    Length(usize),
    /// With the last chunk.
    Chunked,
    /// With the connection.
    Close,
}

/// The final response in `bytes`, after which the connection ends. `None`: to be refused.
pub(super) fn response(bytes: &[u8], head_request: bool) -> Option<Response> {
    let mut rest = bytes;
    loop {
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        rest = rest.get(blank..)?;
        let head = head(rest)?;
        let (status, reason) = status_line(&head.start)?;
        rest = rest.get(head.length..)?;
        if (100..200).contains(&status) && status != 101 {
            continue;
        }
        let body = match framing(status, &head.headers, head_request)? {
            Framing::None => Vec::new(),
            Framing::Length(length) => rest.get(..length)?.to_vec(),
            Framing::Chunked => dechunk(rest)?.0,
            Framing::Close => rest.to_vec(),
        };
        return Some(Response { status, reason, headers: head.headers, body });
    }
}

/// The head at the start of `bytes`, repaired. `None`: not complete.
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    let mut lines: Vec<String> = Vec::new();
    let mut at = 0;
    loop {
        let end = at + bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        let line = bytes.get(at..end)?;
        at = end + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        // RFC 9112 section 2.2: a bare CR is replaced by a space, or the message is refused.
        let line = text(line).replace('\r', " ");
        if line.starts_with([' ', '\t']) {
            // RFC 9112 section 5.2. Before the first field there is nothing to continue.
            if let Some(last) = lines.get_mut(1..).and_then(<[String]>::last_mut) {
                last.push(' ');
                last.push_str(line.trim());
            }
        } else {
            lines.push(line);
        }
    }
    let mut lines = lines.into_iter();
    let start = lines.next()?;
    let headers = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let name = name.trim_end_matches([' ', '\t']);
            let token = !name.is_empty() && name.bytes().all(is_token);
            token.then(|| (name.to_owned(), squeeze(value)))
        })
        .collect();
    Some(Head { start, headers, length: at })
}

/// How the body of a response ends (RFC 9112 section 6.3). `None`: to be refused.
pub(super) fn framing(status: u16, headers: &[(String, String)], head_request: bool) -> Option<Framing> {
    if head_request || matches!(status, 100..=199 | 204 | 304) {
        return Some(Framing::None);
    }
    let length = content_length(headers)?;
    let codings: Vec<String> = values(headers, "transfer-encoding")
        .flat_map(|value| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .collect();
    match (codings.last().map(String::as_str), length) {
        (Some("chunked"), _) => Some(Framing::Chunked),
        (Some(_), Some(_)) => None,
        (Some(_), None) | (None, None) => Some(Framing::Close),
        (None, Some(length)) => Some(Framing::Length(length)),
    }
}

/// The announced length. `None`: to be refused; `Some(None)`: not announced.
pub(super) fn content_length(headers: &[(String, String)]) -> Option<Option<usize>> {
    let mut length = None;
    for value in values(headers, "content-length").flat_map(|value| value.split(',')) {
        let value = value.trim();
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value: usize = value.parse().ok()?;
        if length.is_some_and(|known| known != value) {
            return None;
        }
        length = Some(value);
    }
    Some(length)
}

/// Undoes chunks: the data, how many bytes they took, and whether the trailer part was complete. `None`: to be refused.
pub(super) fn dechunk(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut data = Vec::new();
    let mut at = 0;
    loop {
        let end = at + bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        let line = bytes.get(at..end)?;
        let line = text(line.strip_suffix(b"\r").unwrap_or(line));
        at = end + 1;
        if line.contains('\r') {
            return None;
        }
        let size = line.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
        if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            break;
        }
        data.extend_from_slice(bytes.get(at..at.checked_add(size)?)?);
        at += size;
        let rest = bytes.get(at..)?;
        at += if rest.starts_with(b"\r\n") {
            2
        } else if rest.starts_with(b"\n") {
            1
        } else {
            return None;
        };
    }
    loop {
        // A missing end of the trailer part is tolerated: the last chunk has come (RFC 9112 section 8).
        let Some(end) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) else {
            return Some((data, bytes.len()));
        };
        let line = bytes.get(at..at + end)?;
        at += end + 1;
        if line.is_empty() || line == b"\r" {
            return Some((data, at));
        }
    }
}

/// Every value of `name`.
pub(super) fn values<'h>(headers: &'h [(String, String)], name: &'h str) -> impl Iterator<Item = &'h str> {
    headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// UTF-8 if it is, else ISO-8859-1: the engine's rule for received text.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// Runs of white space as one space, none at the ends: white space inside a value says nothing.
pub(super) fn squeeze(value: &str) -> String {
    value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn status_line(line: &str) -> Option<(u16, String)> {
    let rest = line.strip_prefix("HTTP/1.0").or_else(|| line.strip_prefix("HTTP/1.1"))?.strip_prefix(' ')?;
    let (code, reason) = rest.split_at_checked(3)?;
    if !code.bytes().all(|byte| byte.is_ascii_digit()) || !(reason.is_empty() || reason.starts_with(' ')) {
        return None;
    }
    let status = code.parse().ok().filter(|status| *status >= 100)?;
    Some((status, squeeze(reason)))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
