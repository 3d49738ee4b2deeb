//! Paths that break the rules on purpose.

use std::io::{self, Write};
use std::net::Shutdown;
use std::time::Duration;

use super::number;
use crate::connection::{After, Exchange};
use crate::reply::{self, Reply};

/// Half a head, then the connection is gone without goodbye.
pub(super) fn cut(exchange: &mut Exchange<'_>) -> io::Result<After> {
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Le")?;
    exchange.raw().shutdown(Shutdown::Both)?;
    Ok(After::Close)
}

/// Half a body, then a reset (RST) in place of an end.
pub(super) fn reset(exchange: &mut Exchange<'_>) -> io::Result<After> {
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")?;
    socket2::SockRef::from(exchange.raw()).set_linger(Some(Duration::ZERO))?;
    // Every handle of the socket has to go before the reset does; an error ends the connection at once.
    Err(io::ErrorKind::ConnectionReset.into())
}

/// Promises `bytes`, sends half of them and closes politely.
pub(super) fn truncated(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let length: u64 = exchange.head.number("bytes", 1000);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    exchange.write(head.as_bytes())?;
    reply::write_pattern(exchange, 0, length / 2)?;
    Ok(After::Close)
}

/// A body delimited by the end of the connection, ended below TLS: no close_notify.
pub(super) fn truncated_tls(exchange: &mut Exchange<'_>) -> io::Result<After> {
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nas much as there was")?;
    exchange.raw().shutdown(Shutdown::Both)?;
    Ok(After::Close)
}

/// `bytes` of content delimited by the end of the connection, ended properly.
pub(super) fn until_close(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let length: u64 = exchange.head.number("bytes", 1000);
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")?;
    reply::write_pattern(exchange, 0, length)?;
    Ok(After::Close)
}

/// One header of `bytes` letters.
pub(super) fn huge_header(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let length: usize = exchange.head.number("bytes", 1 << 20);
    exchange.write(b"HTTP/1.1 200 OK\r\nX-Huge: ")?;
    let piece = vec![b'a'; 64 << 10];
    let mut left = length;
    while left > 0 {
        let count = left.min(piece.len());
        exchange.write(&piece[..count])?;
        left -= count;
    }
    exchange.write(b"\r\nContent-Length: 2\r\n\r\nok")?;
    Ok(After::Keep)
}

pub(super) fn bad_status_line(exchange: &mut Exchange<'_>) -> io::Result<After> {
    exchange.write(b"SMTP ready when you are\r\n\r\n")?;
    Ok(After::Close)
}

pub(super) fn two_lengths(exchange: &mut Exchange<'_>) -> io::Result<After> {
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc")?;
    Ok(After::Close)
}

/// The final answer before a byte of the body was read, and then the end.
pub(super) fn early(exchange: &mut Exchange<'_>, code: &str) -> io::Result<After> {
    Reply::new(number(code, 413))
        .header("Connection", "close")
        .body(b"no more, please\n".to_vec())
        .send(exchange)?;
    Ok(After::Close)
}

/// A proper keep-alive answer whose connection is closed right after, as a server does with idle connections.
pub(super) fn close_after(exchange: &mut Exchange<'_>) -> io::Result<After> {
    Reply::json(&serde_json::json!({ "closing": true })).send(exchange)?;
    exchange.raw().flush()?;
    Ok(After::Close)
}
