//! Heads of responses as odd servers send them.

use httpconnector::engine::error::ErrorKind;

use crate::client::{Client, problem};
use crate::server::{Server, Step, answer, send};

fn error_word(reply: &str) -> &'static str {
    let server = Server::play(vec![vec![Step::Request, send(reply), Step::Close]]);
    problem(&Client::new().get(&server.url("/")).unwrap_err())
}

#[test]
fn names_reason_and_order_are_kept_as_sent() {
    let server = Server::play(vec![answer(
        "HTTP/1.1 299 Почти OK\r\nX-CaSe: one\r\nb: caf\u{e9}\r\nx-case: two\r\nContent-Length: 0\r\n\r\n",
    )]);
    let answer = Client::new().get(&server.url("/")).unwrap();
    assert_eq!((answer.head.status, answer.head.reason.as_str()), (299, "Почти OK"));
    let fields: Vec<_> = answer.head.headers.iter().collect();
    assert_eq!(fields[..3], [("X-CaSe", "one"), ("b", "café"), ("x-case", "two")]);
}

#[test]
fn folded_padded_and_invalid_fields_are_repaired_with_a_note() {
    let server = Server::play(vec![answer(
        "HTTP/1.1 200 OK\r\nA : x\r\nB: one\r\n\t two\r\nbad name: 1\r\nContent-Length : 2\r\n\r\nok",
    )]);
    let answer = Client::new().get(&server.url("/")).unwrap();
    assert_eq!(
        (answer.head.headers.first("A"), answer.head.headers.first("B")),
        (Some("x"), Some("one two"))
    );
    assert_eq!((answer.text(), answer.head.headers.len(), answer.head.notes.len()), ("ok", 3, 2));
}

#[test]
fn interim_responses_are_passed_whatever_fields_they_have() {
    let server = Server::play(vec![answer(
        "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    )]);
    let answer = Client::new().get(&server.url("/")).unwrap();
    assert_eq!((answer.head.status, answer.text()), (200, "ok"));
    assert!(!answer.head.headers.contains("link"));
}

#[test]
fn endless_interim_responses_end() {
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 102 Processing\r\n\r\n".repeat(500)),
        Step::Hold,
    ]]);
    assert_eq!(problem(&Client::new().get(&server.url("/")).unwrap_err()), "status-line");
}

#[test]
fn hundreds_of_fields_are_fine_and_a_head_over_the_limit_is_an_error() {
    let fields = (0..1000).fold(String::new(), |all, n| all + &format!("X-{n}: {n}\r\n"));
    let reply = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\nok");
    let server = Server::play(vec![answer(&reply)]);
    assert_eq!(Client::new().get(&server.url("/")).unwrap().head.headers.len(), 1001);

    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(300 * 1024));
    assert_eq!(error_word(&huge), "header-size");
}

#[test]
fn line_ends_without_cr_are_understood() {
    let server = Server::play(vec![answer("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")]);
    assert_eq!(Client::new().get(&server.url("/")).unwrap().text(), "ok");
}

#[test]
fn what_is_not_http_is_an_error_with_an_excerpt() {
    let server = Server::play(vec![vec![Step::Request, send("220 mail.example\x01 ESMTP\r\n"), Step::Hold]]);
    let error = Client::new().get(&server.url("/")).unwrap_err();
    assert!(
        matches!(&error.kind, ErrorKind::Protocol { problem: "status-line", detail } if detail == "220 mail.example. ESMTP."),
        "{error:?}"
    );
    for reply in ["<html>0.9</html>", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "ICY 200 OK\r\n\r\n"] {
        assert_eq!(error_word(reply), "status-line", "{reply}");
    }
}

#[test]
fn lengths_that_readers_could_disagree_about_are_errors() {
    for fields in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: 0x5",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 2",
    ] {
        assert_eq!(error_word(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n")), "content-length", "{fields}");
    }
    for coding in ["gzip", "chunked, gzip", "xchunked", "identity\r\nContent-Length: 5"] {
        let reply = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");
        assert_eq!(error_word(&reply), "transfer-encoding", "{coding}");
    }
    let server = Server::play(vec![answer("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok")]);
    assert_eq!(Client::new().get(&server.url("/")).unwrap().text(), "ok");
}

#[test]
fn a_head_that_never_ends_is_a_closed_connection() {
    for reply in ["", "HTTP/1.1 200 OK\r\nA: b\r\n"] {
        let server = Server::play(vec![vec![Step::Request, send(reply), Step::Close]]);
        let error = Client::new().get(&server.url("/")).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Closed { received: 0, expected: None, .. }), "{error:?}");
        assert_eq!(server.connections(), 1);
    }
}
