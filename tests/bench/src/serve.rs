//! The server: HTTP/1.1 with keep-alive, a thread per connection, one write per small answer. `/json` gives 161
//! bytes, `/large` `LARGE` bytes, `/upload` swallows a body of known length. Ends when its input
//! ends, that is with the process that started it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::{Failure, LARGE, process, serve_tls};

/// 161 bytes.
pub(crate) const JSON: &str = concat!(
    r#"{"id":1000001,"name":"Example goods, box of ten","price":1234.56,"stock":42,"#,
    r#""tags":["new","sale"],"supplier":{"id":77,"name":"A company"},"updated":"2026-01-01"}"#,
);
const _: () = assert!(JSON.len() == 161);

/// The large body is this many bytes again and again; see [`byte_at`].
const CHUNK: usize = 1 << 20;

/// Byte `index` of the large body.
pub(crate) fn byte_at(index: usize) -> u8 {
    let place = index % CHUNK;
    u8::try_from((place ^ (place >> 8)) & 0xFF).unwrap_or_default()
}

pub(crate) fn run() -> Result<(), Failure> {
    process::pin(process::SERVER_PROCESSOR);
    let tls = serve_tls::start()?;
    println!("{} {} {}\n{}", start()?, tls.full, tls.resumed, tls.authority);
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

/// Starts serving; gives the port.
pub(crate) fn start() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        let chunk: &'static [u8] = (0..CHUNK).map(byte_at).collect::<Vec<u8>>().leak();
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                // A client that goes away ends its thread.
                let _gone = talk(stream, chunk);
            });
        }
    });
    Ok(port)
}

fn talk(mut stream: TcpStream, chunk: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let json = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{JSON}",
        JSON.len()
    );
    let large = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {LARGE}\r\n\r\n"
    );
    let mut buffer = vec![0; 256 << 10];
    let mut filled = 0;
    loop {
        let head = loop {
            if let Some(end) = find_end(&buffer[..filled]) {
                break end;
            }
            match stream.read(&mut buffer[filled..])? {
                0 => return Ok(()),
                count => filled += count,
            }
        };
        let length = content_length(&buffer[..head]);
        let path = buffer.split(|byte| *byte == b' ').nth(1).unwrap_or_default().to_vec();
        let mut left = length - (filled - head).min(length);
        let kept = filled - (head + length - left);
        buffer.copy_within(filled - kept..filled, 0);
        filled = kept;
        while left > 0 {
            let room = left.min(buffer.len());
            match stream.read(&mut buffer[..room])? {
                0 => return Ok(()),
                count => left -= count,
            }
        }
        match path.as_slice() {
            b"/json" => stream.write_all(json.as_bytes())?,
            b"/large" => {
                stream.write_all(large.as_bytes())?;
                for _ in 0..LARGE / CHUNK {
                    stream.write_all(chunk)?;
                }
            }
            b"/upload" => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?,
            _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?,
        }
    }
}

fn find_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|start| start + 4)
}

fn content_length(head: &[u8]) -> usize {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    // A request that cannot be read is answered as one without a body.
    let _incomplete = request.parse(head);
    let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    header.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok()).unwrap_or(0)
}
