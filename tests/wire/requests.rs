//! What goes out for a request.

use httpconnector::engine::body::{Body, Segment};
use httpconnector::engine::error::ErrorKind;

use crate::client::Client;
use crate::server::{OK, Server, answer};

fn sent(method: &str, headers: &[(&str, &str)], body: &Body<'_>) -> String {
    let server = Server::play(vec![answer(OK)]);
    Client::new().send(method, &server.url("/p?q=1#f"), headers, body).unwrap();
    let port = server.address.port().to_string();
    server.received_text(0).replace(&port, "PORT")
}

#[test]
fn a_head_has_the_fields_as_given_in_their_order_and_host_first() {
    assert_eq!(
        sent("GET", &[("X-b", "1"), ("a", "вода"), ("x-B", "2"), ("Empty", "")], &Body::none()),
        "GET /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-b: 1\r\na: вода\r\nx-B: 2\r\nEmpty: \r\n\r\n"
    );
}

#[test]
fn a_given_host_replaces_the_automatic_one() {
    let head = sent("GET", &[("host", "other.example")], &Body::none());
    assert_eq!(head, "GET /p?q=1 HTTP/1.1\r\nhost: other.example\r\n\r\n");
}

#[test]
fn any_token_is_a_method_as_written() {
    for method in ["get", "PROPFIND", "M-SEARCH", "x!y"] {
        assert!(sent(method, &[], &Body::none()).starts_with(&format!("{method} /p?q=1 HTTP/1.1\r\n")));
    }
}

#[test]
fn a_length_is_said_when_there_is_a_body_or_the_method_expects_one() {
    assert!(sent("POST", &[], &Body::none()).ends_with("\r\nContent-Length: 0\r\n\r\n"));
    assert!(sent("GET", &[], &Body::bytes(b"".as_slice())).ends_with("\r\nContent-Length: 0\r\n\r\n"));
    assert!(sent("GET", &[], &Body::bytes(b"xyz".as_slice())).ends_with("\r\nContent-Length: 3\r\n\r\nxyz"));
    assert!(!sent("DELETE", &[], &Body::none()).contains("Content-Length"));
}

#[test]
fn segments_and_files_are_sent_in_order() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from the file").unwrap();
    let mut body = Body::bytes(b"one ".as_slice());
    body.push(Segment::File { path: file.path().to_owned(), length: 13 });
    body.push(Segment::Shared(b" two".to_vec().into()));
    assert!(sent("PUT", &[], &body).ends_with("\r\nContent-Length: 21\r\n\r\none from the file two"));
}

#[test]
fn a_missing_file_is_an_error_of_the_file() {
    let server = Server::play(vec![answer(OK)]);
    let mut body = Body::default();
    body.push(Segment::File { path: "/nonexistent/file".into(), length: 1 });
    let error = Client::new().send("PUT", &server.url("/"), &[], &body).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::File { operation: "open", .. }), "{error:?}");
}

#[test]
fn a_body_is_chunked_when_the_caller_says_so() {
    let server = Server::play(vec![vec![
        crate::server::Step::Head,
        crate::server::Step::Read(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".len()),
        crate::server::send(OK),
    ]]);
    let mut body = Body::bytes(b"hello".as_slice());
    body.push(Segment::Shared(b" world".to_vec().into()));
    let headers = [("Transfer-Encoding", "chunked")];
    Client::new().send("PUT", &server.url("/"), &headers, &body).unwrap();
    assert!(server.received_text(0).ends_with("\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
}

#[test]
fn a_target_of_more_than_64_kb_is_sent() {
    let server = Server::play(vec![answer(OK)]);
    let url = server.url(&format!("/?{}", "x".repeat(100_000)));
    Client::new().get(&url).unwrap();
    assert!(server.received(0).len() > 100_000);
}

#[test]
fn a_given_target_is_sent_instead_of_the_urls() {
    let server = Server::play(vec![answer(OK)]);
    let target = Some("/a/../b?x=%zz");
    Client::new().send_to("GET", &server.url("/other"), target, &[], &Body::none()).unwrap();
    assert!(server.received_text(0).starts_with("GET /a/../b?x=%zz HTTP/1.1\r\n"));
}

#[test]
fn what_could_break_out_of_its_place_is_refused_before_anything_is_sent() {
    let server = Server::play(vec![]);
    let client = Client::new();
    let part = |method: &str, target, headers: &[(&str, &str)]| {
        let error = client.send_to(method, &server.url("/"), target, headers, &Body::none()).unwrap_err();
        match error.kind {
            ErrorKind::InvalidRequest { part, .. } => part,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(part("GE T", None, &[]), "method");
    assert_eq!(part("", None, &[]), "method");
    assert_eq!(part("GET", Some("/ HTTP/1.1\r\nX: y"), &[]), "target");
    for header in [("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "\0"), ("X y", "a"), ("", "a"), ("Имя", "a")] {
        assert_eq!(part("GET", None, &[header]), "header");
    }
    assert_eq!(part("GET", None, &[("Content-Length", "5")]), "content-length");
    assert_eq!(part("GET", None, &[("Transfer-Encoding", "gzip")]), "header");
    assert_eq!(part("GET", None, &[("Host", "a"), ("Host", "b")]), "header");
    assert_eq!(server.connections(), 0);
}
