//! The floor: a socket, httparse, and nothing else.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::Failure;

pub(crate) struct Raw {
    stream: TcpStream,
    port: u16,
    buffer: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, port, buffer: vec![0; 16 << 10] })
    }

    /// GET into a fresh, zeroed buffer.
    pub(crate) fn get(&mut self, path: &str) -> Result<Vec<u8>, Failure> {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port);
        self.stream.write_all(request.as_bytes())?;
        self.answer()
    }

    /// POST of bytes.
    pub(crate) fn upload(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let head = format!(
            "POST /{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\r\n",
            self.port,
            bytes.len()
        );
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(bytes)?;
        self.answer().map(drop)
    }

    fn answer(&mut self) -> Result<Vec<u8>, Failure> {
        let mut filled = 0;
        loop {
            match self.stream.read(&mut self.buffer[filled..])? {
                0 => return Err("closed".into()),
                count => filled += count,
            }
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(head) = response.parse(&self.buffer[..filled])? else { continue };
            let named = |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case("content-length");
            let value = response.headers.iter().find(named).ok_or("no length")?.value;
            let mut body = vec![0; std::str::from_utf8(value)?.parse()?];
            let rest = &self.buffer[head..filled];
            body[..rest.len()].copy_from_slice(rest);
            self.stream.read_exact(&mut body[rest.len()..])?;
            return Ok(body);
        }
    }
}
