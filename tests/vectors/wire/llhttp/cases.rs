//! Reading llhttp's Markdown: a heading names the case, a comment holds its settings, a fence `http` the message, a
//! fence `log` the parse events.

use std::path::Path;

/// One message with its events.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    /// Nearest heading.
    pub(super) name: String,
    /// Kind with its leniency, e.g. `response-lenient-all`.
    pub(super) kind: String,
    /// Whether it is a response (else a request).
    pub(super) is_response: bool,
    /// Whether the parser was told to expect no body: what a HEAD request does to a response.
    pub(super) head_request: bool,
    /// The message as bytes.
    pub(super) message: Vec<u8>,
    /// Events in order.
    pub(super) events: Vec<Event>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// A piece of something: its name and bytes.
    Span(String, Vec<u8>),
    /// Anything else, without the offset.
    Note(String),
    /// A span that does not lie in the message as read here, or says other bytes than lie there.
    Unclear(String),
}

impl Case {
    /// What the socket serves: the message, its first line replaced by a status line if it is a request.
    pub(super) fn served(&self) -> Vec<u8> {
        if self.is_response {
            return self.message.clone();
        }
        let end =
            self.message.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.message.len());
        let mut served = b"HTTP/1.1 200 OK".to_vec();
        served.extend_from_slice(self.message.get(end..).unwrap_or_default());
        served
    }
}

/// Every case of a file. What is not understood is left out of a case, which then is excepted.
pub(super) fn read(file: &Path) -> Vec<Case> {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = Case::default();
    let mut heading = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_end().strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
            match language.trim() {
                "http" => case.message = message(&block.join("\n")),
                "log" => {
                    case.events = block.iter().map(|line| event(line, &case.message)).collect();
                    case.name.clone_from(&heading);
                    cases.push(std::mem::take(&mut case));
                }
                _ => {}
            }
        } else if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_owned();
        } else if let Some(settings) = settings(line) {
            case = Case::default();
            case.kind = settings["type"].as_str().unwrap_or_default().to_owned();
            case.is_response = case.kind.starts_with("response");
            case.head_request = settings["skipBody"].as_bool().unwrap_or(false);
        }
    }
    cases
}

fn settings(line: &str) -> Option<serde_json::Value> {
    let inside = line.trim().strip_prefix("<!--")?.trim().strip_prefix("meta=")?.strip_suffix("-->")?;
    serde_json::from_str(inside.trim()).ok()
}

/// A backslash before a line end joins lines, every remaining line end is CRLF, then the escapes are replaced.
fn message(block: &str) -> Vec<u8> {
    let text = block.replace("\\\n", "").replace('\n', "\r\n");
    let text = text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\x0c");
    let mut bytes = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn event(line: &str, message: &[u8]) -> Event {
    span(line, message).unwrap_or_else(|| {
        let note =
            line.strip_prefix("off=").and_then(|rest| rest.split_once(' ')).map_or(line, |(_, note)| note);
        if note.contains("span[") { Event::Unclear(line.to_owned()) } else { Event::Note(note.to_owned()) }
    })
}

/// `off=54 len=4 span[body]="body"`: the bytes lie in the message; the quoted text must agree with them.
fn span(line: &str, message: &[u8]) -> Option<Event> {
    let (offset, rest) = line.strip_prefix("off=")?.split_once(" len=")?;
    let (length, rest) = rest.split_once(" span[")?;
    let (name, shown) = rest.split_once("]=")?;
    let start: usize = offset.parse().ok()?;
    let bytes = message.get(start..start.checked_add(length.parse().ok()?)?)?;
    let agrees = match shown {
        "cr" => bytes == b"\r",
        "lf" => bytes == b"\n",
        "tab" => bytes == b"\t",
        quoted => {
            let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
            // Control characters are written out in the log.
            inside.as_bytes() == bytes || bytes.iter().any(u8::is_ascii_control)
        }
    };
    agrees.then(|| Event::Span(name.to_owned(), bytes.to_vec()))
}

/// What a reader of these files must get right, checked on a made-up file before the real ones.
pub(super) fn self_check() -> Result<(), String> {
    let text = "## Case\n\n<!-- meta={\"type\": \"response\", \"skipBody\": true} -->\n```http\nHTTP/1.1 200 \\\nOK\n\
        A:\\t1\\n\\\n\n\nb\\x41\n```\n\n```log\noff=0 message begin\noff=13 len=2 span[status]=\"OK\"\n\
        off=0 len=4 span[status]=\"no\"\n```\n";
    let cases = parse(text);
    let [case] = cases.as_slice() else { return Err(format!("{} cases", cases.len())) };
    let expected = [
        Event::Note("message begin".to_owned()),
        Event::Span("status".to_owned(), b"OK".to_vec()),
        Event::Unclear("off=0 len=4 span[status]=\"no\"".to_owned()),
    ];
    let right = case.name == "Case"
        && case.head_request
        && case.message == b"HTTP/1.1 200 OK\r\nA:\t1\n\r\n\r\nbA"
        && case.events == expected;
    right.then_some(()).ok_or_else(|| format!("{case:?}"))
}
