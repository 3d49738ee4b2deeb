//! The server by itself, asked through bare sockets: what the other tests rest on.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that does not hold")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use test_server::{Server, pattern, texts};

/// Sends `request` and reads to the end; ask for `Connection: close`.
fn ask(server: &Server, request: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    answer
}

fn get(server: &Server, path: &str) -> (String, Vec<u8>) {
    let answer = ask(server, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

#[test]
fn a_request_is_described_in_the_form_of_httpbin() {
    let server = Server::start().unwrap();
    let body = "a=1&a=2&b=%D0%B6";
    let request = format!(
        "POST /anything/x?q=1&q=2&k HTTP/1.1\r\nHost: x\r\nx-my-header: v\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(&server, &request);
    let start = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let json: serde_json::Value = serde_json::from_slice(&answer[start..]).unwrap();
    assert_eq!(json["args"], serde_json::json!({"k": "", "q": ["1", "2"]}));
    assert_eq!(json["form"], serde_json::json!({"a": ["1", "2"], "b": "ж"}));
    assert_eq!(json["headers"]["X-My-Header"], "v");
    assert_eq!(json["method"], "POST");
    assert_eq!(json["url"], "http://x/anything/x?q=1&q=2&k");
    assert_eq!(json["json"], serde_json::Value::Null);
}

#[test]
fn a_chunked_upload_is_counted_and_compared() {
    let server = Server::start().unwrap();
    let content = pattern::bytes(100_000);
    let mut socket = TcpStream::connect(server.address()).unwrap();
    let head = "PUT /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    for piece in content.chunks(7777) {
        write!(socket, "{:x}\r\n", piece.len()).unwrap();
        socket.write_all(piece).unwrap();
        socket.write_all(b"\r\n").unwrap();
    }
    socket.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"received\": 100000") && answer.contains("\"pattern\": true"), "{answer}");
}

#[test]
fn a_large_download_is_the_pattern() {
    let server = Server::start().unwrap();
    let (head, body) = get(&server, "/large?bytes=5000000");
    assert!(head.contains("Content-Length: 5000000"), "{head}");
    assert_eq!(body.len(), 5_000_000);
    assert_eq!(pattern::first_difference(0, &body), None);
}

#[test]
fn the_known_phrase_stands_at_its_place() {
    let page = texts::utf8_page();
    assert_eq!(
        page.chars().skip(texts::PHRASE_AT).take(texts::PHRASE.chars().count()).collect::<String>(),
        texts::PHRASE
    );
}

#[test]
fn a_retry_path_fails_and_then_works() {
    let server = Server::start().unwrap();
    let request = "GET /retry_502?times=1 HTTP/1.1\r\nHost: x\r\nX-ID: 1\r\nConnection: close\r\n\r\n";
    assert!(ask(&server, request).starts_with(b"HTTP/1.1 502 "));
    assert!(ask(&server, request).starts_with(b"HTTP/1.1 200 "));
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = Server::start().unwrap();
    let two = "GET /bytes/3 HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = ask(&server, two);
    assert_eq!(answer.windows(12).filter(|w| w == b"HTTP/1.1 200").count(), 2);
    assert_eq!((server.connections(), server.requests()), (1, 2));
}

#[test]
fn dropping_the_server_ends_a_waiting_connection() {
    let server = Server::start().unwrap();
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(b"GET /delay/10 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    while server.requests() == 0 {
        std::thread::yield_now();
    }
    let begun = Instant::now();
    drop(server);
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
