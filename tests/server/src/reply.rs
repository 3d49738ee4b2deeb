//! An answer and how it goes out.

use std::io;

use crate::connection::{After, Exchange};
use crate::pattern;

/// Status, headers and body of one answer.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

enum Body {
    Bytes(Vec<u8>),
    /// That many bytes of [`pattern`].
    Pattern(u64),
    /// The bytes in chunks of that size.
    Chunked(Vec<u8>, usize),
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Bytes(Vec::new()) }
    }

    /// 200 with a JSON text.
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::new(200).json_body(value)
    }

    pub(crate) fn json_body(self, value: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json").body(format!("{value:#}\n").into_bytes())
    }

    /// Redirect with that status.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::new(status).header("Location", location)
    }

    /// Adds a header. A value with line ends would be another header: they become spaces.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.replace(['\r', '\n'], " ")));
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Bytes(body);
        self
    }

    pub(crate) fn pattern(mut self, length: u64) -> Self {
        self.body = Body::Pattern(length);
        self
    }

    pub(crate) fn chunked(mut self, body: Vec<u8>, size: usize) -> Self {
        self.body = Body::Chunked(body, size.max(1));
        self
    }

    /// Writes the answer. The body stays away where the method or the status forbids it.
    pub(crate) fn send(self, exchange: &mut Exchange<'_>) -> io::Result<After> {
        let bodiless = matches!(self.status, 100..=199 | 204 | 304);
        let mut out = self.head(bodiless);
        if bodiless || exchange.head.method == "HEAD" {
            exchange.write(&out)?;
            return Ok(After::Keep);
        }
        match self.body {
            Body::Bytes(bytes) => {
                out.extend_from_slice(&bytes);
                exchange.write(&out)?;
            }
            Body::Pattern(length) => {
                exchange.write(&out)?;
                write_pattern(exchange, 0, length)?;
            }
            Body::Chunked(bytes, size) => {
                for piece in bytes.chunks(size) {
                    out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                    out.extend_from_slice(piece);
                    out.extend_from_slice(b"\r\n");
                    exchange.write(&out)?;
                    out.clear();
                }
                out.extend_from_slice(b"0\r\n\r\n");
                exchange.write(&out)?;
            }
        }
        Ok(After::Keep)
    }

    fn head(&self, bodiless: bool) -> Vec<u8> {
        let reason =
            http::StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
        let date = httpdate::fmt_http_date(std::time::SystemTime::now());
        let mut head =
            format!("HTTP/1.1 {} {reason}\r\nDate: {date}\r\nServer: test-server\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let framing = match &self.body {
            _ if bodiless => None,
            Body::Bytes(bytes) => Some(format!("Content-Length: {}\r\n", bytes.len())),
            Body::Pattern(length) => Some(format!("Content-Length: {length}\r\n")),
            Body::Chunked(..) => Some("Transfer-Encoding: chunked\r\n".to_owned()),
        };
        head.push_str(&framing.unwrap_or_default());
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// Writes the content from offset `from` up to `to`.
pub(crate) fn write_pattern(exchange: &mut Exchange<'_>, from: u64, to: u64) -> io::Result<()> {
    let mut at = from;
    while at < to && !exchange.state.stopping() {
        let piece = pattern::block(at);
        let count = piece.len().min(usize::try_from(to - at).unwrap_or(usize::MAX));
        exchange.write(&piece[..count])?;
        at += count as u64;
    }
    Ok(())
}
