//! Multipart bodies as the engine writes them: names as browsers write them, and whole bodies read back by a parser
//! that is not ours (Python's `email`).

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use httpconnector::engine::body::Segment;
use httpconnector::engine::client::Client;
use httpconnector::engine::error::Result as EngineResult;
use httpconnector::engine::exchange::{Exchange, Head, Hop};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::received::Sink;
use httpconnector::engine::request::{Content, Output, Part, Request};
use httpconnector::engine::store::HeapMemory;
use serde_json::{Value, json};

use crate::outcome::{Outcome, Vectors};

pub(crate) fn file_names(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("urllib3-filename-escaping.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for case in cases {
        let (value, wanted) = (case["value"].as_str().unwrap(), case["expect"].as_str().unwrap());
        outcome.case(value, || {
            let (_, body) = written(&[part("f", Some(value), None, b"")])?;
            let body = String::from_utf8(body).map_err(|error| error.to_string())?;
            let line = body.lines().find(|line| line.starts_with("Content-Disposition")).unwrap_or_default();
            if line.ends_with(&format!("; {wanted}")) { Ok(()) } else { Err(line.to_owned()) }
        });
    }
    outcome
}

/// Every well-formed body of the suite: read by Python, written by us, read by Python again.
pub(crate) fn bodies(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("multipart/") && path.ends_with(".http"));
    if files.is_empty() || python("text/plain", b"").is_err() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let about = std::fs::read_to_string(file.with_extension("yaml")).unwrap_or_default();
        let setting = |key: &str| {
            about
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .map(|v| v.trim().trim_matches(['"', '\'']).to_owned())
        };
        let (Some(boundary), true) =
            (setting("boundary:"), about.contains("field_name") || about.contains("name:"))
        else {
            outcome.not_ours(name, "a malformed body: for parsers");
            continue;
        };
        let body = std::fs::read(file).unwrap();
        if body.windows(25).any(|window| window.eq_ignore_ascii_case(b"content-transfer-encoding")) {
            outcome.not_ours(name, "transfer encodings are for mail; RFC 7578 forbids them in forms");
            continue;
        }
        let original = python(&format!("multipart/form-data; boundary={boundary}"), &body).unwrap();
        let list = original.as_array().cloned().unwrap_or_default();
        if list.len() != about.matches("name: ").count() - about.matches("file_name: ").count() {
            outcome.not_ours(name, "Python's parser already reads the original differently");
            continue;
        }
        outcome.case(name, || {
            let owned: Vec<_> = list.iter().map(fields).collect();
            let parts: Vec<Part<'_>> = owned
                .iter()
                .map(|(name, file, kind, data)| part(name, file.as_deref(), kind.as_deref(), data.as_bytes()))
                .collect();
            let (kind, body) = written(&parts)?;
            let again = python(&kind, &body)?;
            if again == original { Ok(()) } else { Err(format!("{again} instead of {original}")) }
        });
    }
    outcome
}

type Fields = (String, Option<String>, Option<String>, String);

fn fields(part: &Value) -> Fields {
    let text = |key: &str| part[key].as_str().map(str::to_owned);
    (text("name").unwrap_or_default(), text("file"), text("type"), text("data").unwrap_or_default())
}

fn part<'a>(name: &str, file: Option<&str>, kind: Option<&str>, data: &'a [u8]) -> Part<'a> {
    Part {
        name: name.to_owned(),
        file_name: file.map(str::to_owned),
        content_type: kind.map(str::to_owned),
        headers: Headers::new(),
        data: Segment::Bytes(data.into()),
    }
}

/// `Content-Type` and body as they would go to the wire.
fn written(parts: &[Part<'_>]) -> Result<(String, Vec<u8>), String> {
    let wire = Arc::new(Recorder::default());
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: 1024 };
    let request =
        Request { content: Content::Multipart(parts.to_vec()), ..Request::new("POST", "http://h/", output) };
    Client::stateless(wire.clone()).execute(&request).map_err(|error| error.to_string())?;
    let sent = wire.sent.lock().unwrap().clone();
    Ok(sent)
}

#[derive(Default)]
struct Recorder {
    sent: Mutex<(String, Vec<u8>)>,
}

impl Exchange for Recorder {
    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> EngineResult<Head> {
        let bytes = |segment: &Segment<'_>| match segment {
            Segment::Bytes(bytes) => bytes.to_vec(),
            _ => vec![],
        };
        let body = hop.body.segments().iter().flat_map(bytes).collect();
        *self.sent.lock().unwrap() = (hop.headers.first("content-type").unwrap_or_default().to_owned(), body);
        let head = Head { status: 204, headers: Headers::new(), ..Head::default() };
        sink.begin(&head, Some(0))?;
        sink.finish()?;
        Ok(head)
    }
}

/// The parts Python's mail parser finds: name, file, type, data.
fn python(kind: &str, body: &[u8]) -> Result<Value, String> {
    const SCRIPT: &str = "
import sys, json, email.parser
raw = sys.stdin.buffer.read()
parts = []
message = email.parser.BytesParser().parsebytes(raw)
for part in message.get_payload() if message.is_multipart() else []:
    text = lambda value: str(value).encode('utf-8', 'surrogateescape').decode('utf-8', 'replace') if value is not None else None
    raw_headers = {k.lower(): v for k, v in part._headers}
    disposition = text(raw_headers.get('content-disposition', ''))
    fields = dict(f.strip().split('=', 1) for f in disposition.split(';')[1:] if '=' in f)
    unquote = lambda v: v[1:-1] if v is not None and v[:1] == '\"' else v
    data = part._payload
    parts.append({'name': unquote(fields.get('name')), 'file': unquote(fields.get('filename')),
        'type': text(raw_headers.get('content-type')), 'data': text(data) if isinstance(data, str) else ''})
json.dump(parts, sys.stdout)
";
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut message = format!("Content-Type: {kind}\r\n\r\n").into_bytes();
    message.extend_from_slice(body);
    child.stdin.take().unwrap().write_all(&message).map_err(|error| error.to_string())?;
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| json!(error.to_string()).to_string())
}
