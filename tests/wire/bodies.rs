//! Bodies of responses: where they end, and what happens when they end elsewhere.

use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{Error, ErrorKind, Phase};

use crate::client::{Client, problem};
use crate::server::{OK, Server, Step, answer, send};

fn get(script: Vec<Step>) -> Result<String, Error> {
    let server = Server::play(vec![script]);
    Client::new().get(&server.url("/")).map(|answer| answer.text().to_owned())
}

fn chunked(body: &str) -> Vec<Step> {
    vec![
        Step::Request,
        send(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}")),
        Step::Close,
    ]
}

#[test]
fn a_known_length_is_read_whatever_pieces_it_comes_in() {
    let body: Vec<u8> = (0..=255).cycle().take(3_000_001).collect();
    let mut script =
        vec![Step::Request, send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()))];
    script.extend(body.chunks(777_777).map(send));
    script.push(Step::Hold);
    let server = Server::play(vec![script]);
    let client = Client::new();
    assert!(client.get(&server.url("/")).unwrap().body == body);
    assert_eq!(client.transport.idle(), 1);
}

#[test]
fn chunks_extensions_and_trailers_are_decoded_however_they_are_cut() {
    let extension = "x".repeat(5000);
    let wire = format!(
        "5;a=\"1;2\"\r\nhello\r\n1 ; {extension}\r\n \r\nA\r\n0123456789\r\n0\r\nX: y\r\nZ: 1\r\n\r\n"
    );
    let whole = get(chunked(&wire)).unwrap();
    assert_eq!(whole, "hello 0123456789");
    let mut script = vec![Step::Request, send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")];
    script.extend(wire.as_bytes().chunks(3).map(send));
    script.push(Step::Hold);
    assert_eq!(get(script).unwrap(), whole);
}

#[test]
fn a_large_chunked_body_arrives_whole() {
    let body = "0123456789abcdef".repeat(100_000);
    let wire: String = body
        .as_bytes()
        .chunks(70_001)
        .map(|piece| format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap()))
        .collect();
    assert!(get(chunked(&(wire + "0\r\n\r\n"))).unwrap() == body);
}

#[test]
fn chunk_sizes_are_strict() {
    for size in ["+5", "-5", "0x5", "5 5", "", "5g", "10000000000000000", "5;=", ";a"] {
        let error = get(chunked(&format!("{size}\r\nhello\r\n0\r\n\r\n"))).unwrap_err();
        assert_eq!(problem(&error), "chunk", "{size}");
    }
    assert_eq!(problem(&get(chunked("5\r\nhelloX\r\n0\r\n\r\n")).unwrap_err()), "chunk");
}

#[test]
fn framing_of_chunks_has_the_limit_of_a_head() {
    let long = "x".repeat(300 * 1024);
    for wire in
        [format!("5;{long}\r\nhello\r\n0\r\n\r\n"), format!("0\r\nX: {long}\r\n\r\n"), format!("5;{long}")]
    {
        assert_eq!(problem(&get(chunked(&wire)).unwrap_err()), "header-size");
    }
}

#[test]
fn a_truncated_body_says_how_much_came() {
    let length =
        get(vec![Step::Request, send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), Step::Close]);
    assert!(matches!(
        length.unwrap_err().kind,
        ErrorKind::Closed { received: 5, expected: Some(10), source: None }
    ));
    for wire in ["a\r\nhello", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\nX: y\r\n"] {
        let error = get(chunked(wire)).unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Closed { received: 5, expected: None, .. }),
            "{wire} {error:?}"
        );
        assert_eq!(error.phase, Phase::Body);
    }
}

#[test]
fn a_reset_within_the_body_carries_the_systems_error() {
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        Step::Await,
        Step::Reset,
    ]]);
    server.release();
    let error = Client::new().get(&server.url("/")).unwrap_err();
    assert!(
        matches!(&error.kind, ErrorKind::Closed { expected, source: Some(_), .. } if expected.is_none_or(|e| e == 10)),
        "{error:?}"
    );
}

#[test]
fn without_framing_the_body_ends_with_the_connection() {
    let script = vec![Step::Request, send("HTTP/1.1 200 OK\r\n\r\nall of it"), Step::Close];
    let server = Server::play(vec![script]);
    let client = Client::new();
    assert_eq!(client.get(&server.url("/")).unwrap().text(), "all of it");
    assert_eq!(client.transport.idle(), 0);
}

#[test]
fn statuses_and_methods_without_a_body_do_not_wait_for_one() {
    for status in [204, 304] {
        let reply = format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n");
        assert_eq!(get(answer(&reply)).unwrap(), "");
    }
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        Step::Request,
        send(OK),
        Step::Hold,
    ]]);
    let client = Client::new();
    let answer = client.send("HEAD", &server.url("/"), &[], &Body::none()).unwrap();
    assert_eq!((answer.head.headers.first("content-length"), answer.text()), (Some("5"), ""));
    assert!(client.get(&server.url("/")).unwrap().head.reused);
}

#[test]
fn chunked_in_http_1_0_is_decoded_and_the_connection_closed() {
    let reply =
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let server = Server::play(vec![answer(reply)]);
    let client = Client::new();
    assert_eq!(client.get(&server.url("/")).unwrap().text(), "ok");
    assert_eq!(client.transport.idle(), 0);
}

#[test]
fn a_body_over_the_limit_is_refused_announced_or_met() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n01234567890",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
    ] {
        let server = Server::play(vec![vec![Step::Request, send(reply), Step::Hold]]);
        let mut client = Client::new();
        client.most = 10;
        let error = client.get(&server.url("/")).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::BodyTooLarge { limit: 10, .. }), "{error:?}");
        assert_eq!(client.transport.idle(), 0);
    }
}

#[test]
fn a_discarded_body_is_drained_when_that_is_cheap() {
    let cheap = [
        "HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    ];
    for reply in cheap {
        let mut client = Client::new();
        client.discard = true;
        let server = Server::play(vec![answer(reply)]);
        assert_eq!(client.get(&server.url("/")).unwrap().body, b"");
        assert_eq!(client.transport.idle(), 1, "{reply}");
    }
}

#[test]
fn a_discarded_body_that_is_large_slow_or_endless_closes_the_connection() {
    let large =
        format!("HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n{}", "x".repeat(0x20000));
    let costly = [
        "HTTP/1.1 302 Found\r\nContent-Length: 70000\r\n\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 302 Found\r\n\r\nuntil closed",
        &large,
    ];
    for reply in costly {
        let mut client = Client::new();
        client.discard = true;
        let server = Server::play(vec![answer(reply)]);
        let began = Instant::now();
        client.get(&server.url("/")).unwrap();
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(client.transport.idle(), 0);
    }
}
