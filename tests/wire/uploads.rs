//! Large bodies, early answers and `Expect: 100-continue`.

use std::time::{Duration, Instant};

use httpconnector::engine::body::{Body, Segment};
use httpconnector::engine::error::{ErrorKind, Phase};

use crate::client::Client;
use crate::server::{OK, Server, Step, send};

const MB: usize = 1024 * 1024;
const REFUSED: &str = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig";

#[test]
fn a_large_body_arrives_whole() {
    let body: Vec<u8> = (0..=250).cycle().take(20 * MB + 3).collect();
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let client = Client::new();
    client.send("POST", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap();
    assert!(server.received(0).ends_with(&body));
    assert_eq!(client.transport.idle(), 1);
}

#[test]
fn a_large_file_arrives_whole() {
    let bytes: Vec<u8> = (0..=250).cycle().take(3 * MB + 3).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let mut body = Body::default();
    body.push(Segment::File { path: file.path().to_owned(), length: bytes.len() as u64 });
    Client::new().send("POST", &server.url("/"), &[], &body).unwrap();
    assert!(server.received(0).ends_with(&bytes));
}

#[test]
fn an_answer_during_the_upload_is_returned_whether_the_server_goes_on_or_not() {
    let body = vec![b'x'; 64 * MB];
    for end in [Step::Hold, Step::Close, Step::Reset] {
        let server = Server::play(vec![vec![Step::Head, send(REFUSED), end.clone()]]);
        let client = Client::new();
        let began = Instant::now();
        let answer = client.send("POST", &server.url("/"), &[], &Body::bytes(body.as_slice()));
        match answer {
            Ok(answer) => assert_eq!((answer.head.status, answer.text()), (413, "big")),
            // A reset may overtake the answer: the system throws away what came before it.
            Err(error) => {
                assert!(matches!(end, Step::Reset), "{error:?}");
                assert!(matches!(error.kind, ErrorKind::Closed { .. }), "{error:?}");
            }
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(client.transport.idle(), 0);
    }
}

#[test]
fn a_connection_lost_during_the_upload_is_an_error_of_sending() {
    let body = vec![b'x'; 64 * MB];
    let server = Server::play(vec![vec![Step::Head, Step::Reset]]);
    let error = Client::new().send("POST", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { source: Some(_), .. }), "{error:?}");
    assert_eq!(error.phase, Phase::Send);
}

const EXPECT: [(&str, &str); 1] = [("Expect", "100-continue")];

#[test]
fn the_body_follows_a_continue_with_or_without_fields() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\nServer: y\r\n\r\n",
    ] {
        let server = Server::play(vec![vec![Step::Head, send(interim), Step::Read(4), send(OK), Step::Hold]]);
        let mut client = Client::new();
        client.limits.continue_wait = Duration::from_secs(15);
        let body = Body::bytes(b"body".as_slice());
        let answer = client.send("PUT", &server.url("/"), &EXPECT, &body).unwrap();
        assert_eq!(answer.text(), "ok");
        assert!(server.received(0).ends_with(b"\r\n\r\nbody"));
        assert_eq!(client.transport.idle(), 1);
    }
}

#[test]
fn a_final_answer_instead_of_continue_is_returned_at_once_and_the_body_kept_back() {
    for (status, end) in [(401, Step::Hold), (417, Step::Close), (200, Step::Hold)] {
        let reply = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nno");
        let server = Server::play(vec![vec![Step::Head, send(reply), end]]);
        let mut client = Client::new();
        client.limits.continue_wait = Duration::from_secs(15);
        let began = Instant::now();
        let body = Body::bytes(b"body".as_slice());
        let answer = client.send("PUT", &server.url("/"), &EXPECT, &body).unwrap();
        assert_eq!((answer.head.status, answer.text()), (status, "no"));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(server.received(0).ends_with(b"\r\n\r\n"));
        assert_eq!(client.transport.idle(), 0);
    }
}

#[test]
fn a_server_that_ignores_expect_gets_the_body_after_a_while() {
    let server = Server::play(vec![vec![Step::Head, Step::Read(4), send(OK), Step::Hold]]);
    let mut client = Client::new();
    client.limits.continue_wait = Duration::from_millis(200);
    let began = Instant::now();
    client.send("PUT", &server.url("/"), &EXPECT, &Body::bytes(b"body".as_slice())).unwrap();
    assert!((200..2000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[test]
fn a_late_continue_is_passed_over() {
    let late = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let server = Server::play(vec![vec![Step::Head, Step::Read(4), send(late), Step::Hold]]);
    let mut client = Client::new();
    client.limits.continue_wait = Duration::from_millis(50);
    let body = Body::bytes(b"body".as_slice());
    assert_eq!(client.send("PUT", &server.url("/"), &EXPECT, &body).unwrap().text(), "ok");
}

#[test]
fn an_interim_response_during_the_upload_does_not_stop_it() {
    let body = vec![b'x'; 16 * MB];
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"] {
        let script =
            vec![Step::Head, send(interim), Step::Read(1), send(interim), Step::Read(16 * MB - 1), send(OK)];
        let server = Server::play(vec![[script, vec![Step::Hold]].concat()]);
        let mut client = Client::new();
        client.total = Some(Duration::from_secs(10));
        let answer = client.send("PUT", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap();
        assert_eq!(answer.text(), "ok");
        assert!(server.received(0).ends_with(&body));
        assert_eq!(client.transport.idle(), 1, "the connection is whole");
    }
}

#[test]
fn a_final_answer_right_behind_an_interim_one_stops_the_upload() {
    let body = vec![b'x'; 64 * MB];
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    for headers in [&[][..], &EXPECT[..], &[("Transfer-Encoding", "chunked")][..]] {
        let server = Server::play(vec![vec![Step::Head, send(format!("{interim}{REFUSED}")), Step::Hold]]);
        let mut client = Client::new();
        client.total = Some(Duration::from_secs(5));
        let answer = client.send("PUT", &server.url("/"), headers, &Body::bytes(body.as_slice())).unwrap();
        assert_eq!((answer.head.status, answer.text()), (413, "big"), "{headers:?}");
    }
}

#[test]
fn endless_interim_responses_during_the_upload_end_it() {
    let body = vec![b'x'; 64 * MB];
    let flood = "HTTP/1.1 102 Processing\r\n\r\n".repeat(5000);
    let server = Server::play(vec![vec![Step::Head, send(flood), Step::Hold]]);
    let error = Client::new().send("PUT", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Protocol { problem: "status-line", .. }), "{error:?}");
}

#[test]
fn expect_without_a_body_does_not_wait() {
    let server = Server::play(vec![vec![Step::Head, send(OK), Step::Hold]]);
    let mut client = Client::new();
    client.limits.continue_wait = Duration::from_secs(15);
    assert_eq!(client.send("PUT", &server.url("/"), &EXPECT, &Body::none()).unwrap().text(), "ok");
}
