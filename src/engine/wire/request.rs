//! The head of a request as bytes, and the protocol state that goes with it.
//!
//! ureq-proto decides on framing and order; the head itself is written here, because `http::Uri` ends at 64 KB and a
//! `HeaderMap` keeps neither order nor case. Nothing that could end a line early is let through.

use std::sync::LazyLock;

use http::Method;
use ureq_proto::client::state::SendRequest;
use ureq_proto::client::{Call, SendRequestResult};
use url::Position;

use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::Hop;

use super::chunked::is_token;
use super::framing::has_token;

/// Where the protocol state believes to be talking to; the real head is written by us.
static STAND_IN: LazyLock<http::Uri> = LazyLock::new(|| http::Uri::from_static("http://h/"));

/// A request ready to be sent, any number of times.
pub(crate) struct Prepared {
    /// Request line, fields and the empty line.
    pub(crate) head: Vec<u8>,
    /// Whether the caller asked for the connection to be closed.
    pub(crate) closes: bool,
    method: Method,
    upload: Upload,
    expects: bool,
}

/// How the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upload {
    /// Not at all.
    None,
    /// As it is, so many bytes.
    Length(u64),
    /// Chunked, because the caller set `Transfer-Encoding`.
    Chunked,
}

impl Prepared {
    /// Checks `hop` and writes its head.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], out of memory. Nothing was sent.
    pub(crate) fn new(hop: &Hop<'_>) -> Result<Self> {
        if hop.method.is_empty() || !hop.method.bytes().all(is_token) {
            return Err(invalid("method", hop.method, "not a token"));
        }
        let method = Method::from_bytes(hop.method.as_bytes())
            .map_err(|_| invalid("method", hop.method, "not a token"))?;
        let target = hop.target.unwrap_or(&hop.url[Position::BeforePath..Position::AfterQuery]);
        if target.is_empty() || target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(invalid("target", "", "blank or control character"));
        }
        check_fields(hop)?;
        let upload = upload(hop)?;
        let mut prepared = Self {
            head: Vec::new(),
            closes: has_token(hop.headers, "connection", "close"),
            method,
            upload,
            expects: has_token(hop.headers, "expect", "100-continue"),
        };
        prepared.write(hop, target)?;
        Ok(prepared)
    }

    /// How the body is sent.
    pub(crate) fn upload(&self) -> Upload {
        self.upload
    }

    /// Whether this is a `CONNECT`.
    pub(crate) fn is_connect(&self) -> bool {
        self.method == Method::CONNECT
    }

    /// Whether an answer with this status has a body as long as its `Content-Length` says (RFC 9112 section 6.3), no
    /// further questions asked.
    pub(crate) fn has_plain_answer(&self, status: u16) -> bool {
        matches!(status, 200..=203 | 206..=299) && self.method != Method::HEAD && !self.is_connect()
    }

    /// A fresh protocol state, past the head.
    pub(crate) fn begin(&self) -> Result<SendRequestResult> {
        self.state(self.upload)
    }

    /// A protocol state for reading the answer to a request whose body will not be sent.
    pub(crate) fn without_body(&self) -> Result<SendRequestResult> {
        self.state(Upload::Length(0))
    }

    fn state(&self, upload: Upload) -> Result<SendRequestResult> {
        let mut request = http::Request::builder().method(self.method.clone()).uri(STAND_IN.clone());
        match upload {
            Upload::None => {}
            Upload::Length(length) => request = request.header(http::header::CONTENT_LENGTH, length),
            Upload::Chunked => request = request.header(http::header::TRANSFER_ENCODING, "chunked"),
        }
        if self.expects && !matches!(upload, Upload::None | Upload::Length(0)) {
            request = request.header(http::header::EXPECT, "100-continue");
        }
        let request = request.body(()).map_err(|error| invalid("request", "", leak_free(&error)))?;
        let mut call = Call::new(request).map_err(refused)?;
        call.allow_non_standard_methods(true);
        // Whether a method should have a body is the caller's business.
        call.force_send_body();
        let call: Call<SendRequest> = call.proceed();
        past_head(call)
    }

    fn write(&mut self, hop: &Hop<'_>, target: &str) -> Result<()> {
        let host = if hop.headers.contains("host") { None } else { hop.url.host_str() };
        let port = hop.url.port();
        let fields: usize = hop.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let size = hop.method.len() + target.len() + host.map_or(0, str::len) + fields + 128;
        self.head
            .try_reserve_exact(size)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: size as u64 }, Phase::Prepare))?;
        let head = &mut self.head;
        for part in [hop.method, " ", target, " HTTP/1.1\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
        if let Some(host) = host {
            head.extend_from_slice(b"Host: ");
            head.extend_from_slice(host.as_bytes());
            if let Some(port) = port {
                head.extend_from_slice(format!(":{port}").as_bytes());
            }
            head.extend_from_slice(b"\r\n");
        }
        for (name, value) in hop.headers.iter() {
            for part in [name, ": ", value, "\r\n"] {
                head.extend_from_slice(part.as_bytes());
            }
        }
        if let Upload::Length(length) = self.upload
            && !hop.headers.contains("content-length")
        {
            head.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        Ok(())
    }
}

fn past_head(mut call: Call<SendRequest>) -> Result<SendRequestResult> {
    // The bytes are not used: the real head is ours. The buffer takes the longest line of the stand-in.
    let mut unused = [0; 512];
    while !call.can_proceed() {
        call.write(&mut unused).map_err(refused)?;
    }
    match call.proceed().map_err(refused)? {
        Some(next) => Ok(next),
        None => Err(invalid("request", "", "not complete")),
    }
}

fn check_fields(hop: &Hop<'_>) -> Result<()> {
    for (name, value) in hop.headers.iter() {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(invalid("header", name, "not a token"));
        }
        if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err(invalid("header", name, "control character"));
        }
    }
    if hop.headers.all("host").count() > 1 {
        return Err(invalid("header", "Host", "repeated"));
    }
    Ok(())
}

fn upload(hop: &Hop<'_>) -> Result<Upload> {
    let mut codings = hop.headers.all("transfer-encoding");
    let mut lengths = hop.headers.all("content-length");
    let (coding, given) = (codings.next(), lengths.next());
    if codings.next().is_some() {
        return Err(invalid("header", "Transfer-Encoding", "repeated"));
    }
    if lengths.next().is_some() {
        return Err(invalid("content-length", "Content-Length", "repeated"));
    }
    if let Some(coding) = coding {
        if given.is_some() {
            return Err(invalid("header", "Transfer-Encoding", "together with Content-Length"));
        }
        if !coding.trim().eq_ignore_ascii_case("chunked") {
            return Err(invalid("header", "Transfer-Encoding", "not chunked"));
        }
        return Ok(Upload::Chunked);
    }
    let length = hop.body.length();
    if let Some(given) = given
        && given.trim().parse() != Ok(length)
    {
        return Err(invalid("content-length", "Content-Length", "differs from the body"));
    }
    // RFC 9110 section 8.6: said for a method that usually has content even when there is none.
    let said = given.is_some() || !hop.body.is_none() || matches!(hop.method, "POST" | "PUT" | "PATCH");
    Ok(if said { Upload::Length(length) } else { Upload::None })
}

fn invalid(part: &'static str, name: &str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest { part, name: name.to_owned(), problem }, Phase::Prepare)
}

fn refused(error: ureq_proto::Error) -> Error {
    let detail = error.to_string();
    Error::new(ErrorKind::Protocol { problem: "request", detail }, Phase::Prepare)
}

/// The text of an `http::Error` may quote what was given.
fn leak_free(_error: &http::Error) -> &'static str {
    "not valid"
}
