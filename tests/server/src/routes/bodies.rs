//! Paths that are about the body: codings, sizes, speed.

use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::json;

use super::number;
use crate::connection::{After, Exchange};
use crate::echo::{self, Show};
use crate::pattern;
use crate::reply::Reply;

/// Longest `/delay`, as in httpbin.
const LONGEST_DELAY: f64 = 10.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    /// Deflate without the zlib wrapper, as some servers send it.
    RawDeflate,
}

/// The body back, as it came, with its type and coding.
pub(super) fn echo(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let body = exchange.body()?;
    let mut reply = Reply::new(200);
    for name in ["Content-Type", "Content-Encoding"] {
        if let Some(value) = exchange.head.header(name) {
            reply = reply.header(name, &value);
        }
    }
    reply.body(body).send(exchange)
}

/// Takes any amount, says how much it was and whether it was [`pattern`].
pub(super) fn upload(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let mut piece = vec![0; 256 << 10];
    let mut received = 0_u64;
    let mut intact = true;
    loop {
        let count = exchange.read(&mut piece)?;
        if count == 0 {
            break;
        }
        intact &= pattern::first_difference(received, &piece[..count]).is_none();
        received += count as u64;
    }
    Reply::json(&json!({ "received": received, "pattern": intact })).send(exchange)
}

pub(super) fn compressed(exchange: &mut Exchange<'_>, coding: Coding) -> io::Result<After> {
    let (key, name) = match coding {
        Coding::Gzip => ("gzipped", "gzip"),
        Coding::Deflate | Coding::RawDeflate => ("deflated", "deflate"),
    };
    let description = json!({
        key: true,
        "headers": echo::headers(exchange),
        "method": exchange.head.method,
        "origin": exchange.origin(),
    });
    let text = format!("{description:#}\n");
    let body = match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text.as_bytes())?;
            encoder.finish()?
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text.as_bytes())?;
            encoder.finish()?
        }
        Coding::RawDeflate => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text.as_bytes())?;
            encoder.finish()?
        }
    };
    let reply = Reply::new(200).header("Content-Type", "application/json").header("Content-Encoding", name);
    reply.body(body).send(exchange)
}

/// `count` bytes of [`pattern`].
pub(super) fn bytes(exchange: &mut Exchange<'_>, count: &str) -> io::Result<After> {
    let reply = Reply::new(200).header("Content-Type", "application/octet-stream");
    reply.pattern(number(count, 0)).send(exchange)
}

/// The same in chunks of `chunk_size` bytes.
pub(super) fn stream_bytes(exchange: &mut Exchange<'_>, count: &str) -> io::Result<After> {
    let size = exchange.head.number("chunk_size", 10 * 1024);
    let reply = Reply::new(200).header("Content-Type", "application/octet-stream");
    reply.chunked(pattern::bytes(number(count, 0)), size).send(exchange)
}

/// `bytes` bytes of [`pattern`]; `chunked=1` without a length, `range` requests honoured.
pub(super) fn large(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let length: u64 = exchange.head.number("bytes", 1 << 20);
    let reply = Reply::new(200).header("Content-Type", "application/octet-stream");
    if exchange.head.number("chunked", 0) == 1 {
        let whole = pattern::bytes(usize::try_from(length).unwrap_or(0));
        return reply.chunked(whole, 64 << 10).send(exchange);
    }
    reply.pattern(length).send(exchange)
}

pub(super) fn typed(exchange: &mut Exchange<'_>, media: &str, body: Vec<u8>) -> io::Result<After> {
    Reply::new(200).header("Content-Type", media).body(body).send(exchange)
}

pub(super) fn delay(exchange: &mut Exchange<'_>, seconds: &str) -> io::Result<After> {
    let seconds = number(seconds, 0.0_f64).clamp(0.0, LONGEST_DELAY);
    exchange.state.pause(Duration::from_secs_f64(seconds));
    let description = echo::describe(exchange, Show::All)?;
    Reply::json(&description).send(exchange)
}

/// `numbytes` bytes spread over `duration` seconds, after `delay` seconds of silence.
pub(super) fn drip(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let seconds = |name: &str, default: f64| {
        let value = exchange.head.number(name, default).clamp(0.0, 60.0);
        Duration::from_secs_f64(if value.is_nan() { 0.0 } else { value })
    };
    let count: u32 = exchange.head.number("numbytes", 10);
    let code: u16 = exchange.head.number("code", 200);
    let (duration, silence) = (seconds("duration", 2.0), seconds("delay", 0.0));
    exchange.state.pause(silence);
    let head = format!(
        "HTTP/1.1 {code} Drip\r\nContent-Type: application/octet-stream\r\nContent-Length: {count}\r\n\r\n"
    );
    exchange.write(head.as_bytes())?;
    for _ in 0..count {
        if exchange.state.stopping() {
            return Ok(After::Close);
        }
        exchange.write(b"*")?;
        exchange.state.pause(duration / count);
    }
    Ok(After::Keep)
}
