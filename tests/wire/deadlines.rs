//! Limits of time and cancelling, each met while something else is going on.

use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{Error, ErrorKind, Limit, Phase};

use crate::client::Client;
use crate::server::{Server, Step, send};

const SECOND: Duration = Duration::from_secs(1);

fn timed_out(error: &Error) -> (Limit, Phase) {
    match error.kind {
        ErrorKind::Timeout { limit, .. } => (limit, error.phase),
        ref other => panic!("not a timeout: {other:?}"),
    }
}

/// Runs `request` and checks that it ended `after`, give or take 200 ms.
fn ends_after<T>(after: Duration, request: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = request();
    let took = began.elapsed();
    assert!(took + SECOND / 20 >= after && took <= after + SECOND / 5, "took {took:?} instead of {after:?}");
    result
}

#[test]
fn a_dripping_body_ends_at_the_total_limit() {
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
        Step::Drip(vec![b'x'; 100], SECOND / 2),
    ]]);
    let mut client = Client::new();
    client.total = Some(2 * SECOND);
    let error = ends_after(2 * SECOND, || client.get(&server.url("/")).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Total, Phase::Body));
}

#[test]
fn a_dripping_head_ends_at_the_total_limit() {
    let server =
        Server::play(vec![vec![Step::Request, Step::Drip(b"HTTP/1.1 200 OK".repeat(9), SECOND / 4)]]);
    let mut client = Client::new();
    client.total = Some(SECOND);
    let error = ends_after(SECOND, || client.get(&server.url("/")).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Total, Phase::Head));
}

#[test]
fn dripping_trailers_end_at_the_total_limit() {
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
        Step::Drip(b"X: y\r\n".repeat(100), SECOND / 10),
    ]]);
    let mut client = Client::new();
    client.total = Some(SECOND);
    ends_after(SECOND, || client.get(&server.url("/")).unwrap_err());
}

#[test]
fn the_idle_limit_bounds_one_silence_and_not_the_whole() {
    let server = Server::play(vec![
        vec![
            Step::Request,
            send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"),
            Step::Drip(vec![b'x'; 8], SECOND / 5),
            Step::Hold,
        ],
        vec![Step::Request, send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), Step::Hold],
    ]);
    let mut client = Client::new();
    client.limits.idle = Some(SECOND / 2);
    assert_eq!(client.get(&server.url("/")).unwrap().body.len(), 8);
    client.transport.close_idle();
    let error = ends_after(SECOND / 2, || client.get(&server.url("/")).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Idle, Phase::Body));
}

#[test]
fn a_silent_server_ends_at_the_idle_limit() {
    let server = Server::play(vec![vec![Step::Request, Step::Hold]]);
    let mut client = Client::new();
    client.limits.idle = Some(SECOND / 2);
    let error = ends_after(SECOND / 2, || client.get(&server.url("/")).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Idle, Phase::Head));
    assert_eq!(server.connections(), 1, "a timeout is not repeated");
}

#[test]
fn an_upload_nobody_reads_ends_at_the_idle_limit() {
    let server = Server::play(vec![vec![Step::Head, Step::Hold]]);
    let mut client = Client::new();
    client.limits.idle = Some(SECOND / 2);
    let body = vec![b'x'; 32 * 1024 * 1024];
    let error = ends_after(SECOND / 2, || {
        client.send("PUT", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap_err()
    });
    assert_eq!(timed_out(&error), (Limit::Idle, Phase::Send));
}

#[test]
fn an_expired_deadline_sends_nothing() {
    let server = Server::play(vec![]);
    let mut client = Client::new();
    client.total = Some(Duration::ZERO);
    assert_eq!(timed_out(&client.get(&server.url("/")).unwrap_err()).0, Limit::Total);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_tls_handshake_that_never_answers_ends_at_the_connect_limit() {
    let server = Server::play(vec![vec![Step::Hold]]);
    let mut client = Client::new();
    client.limits.connect = Some(SECOND / 2);
    let url = format!("https://{}/", server.address);
    let error = ends_after(SECOND / 2, || client.get(&url).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Connect, Phase::Tls));
}

#[test]
fn a_dripping_handshake_ends_at_the_connect_limit() {
    let record = [&b"\x16\x03\x03\x40\0"[..], &[0; 100]].concat();
    let server = Server::play(vec![vec![Step::Drip(record, SECOND / 10)]]);
    let mut client = Client::new();
    client.limits.connect = Some(SECOND);
    let url = format!("https://{}/", server.address);
    let error = ends_after(SECOND, || client.get(&url).unwrap_err());
    assert_eq!(timed_out(&error), (Limit::Connect, Phase::Tls));
}

#[test]
fn an_upload_read_slowly_ends_at_the_total_limit() {
    let reads = (0..200).map(|_| Step::Read(20_000));
    let slow = reads.flat_map(|read| [read, Step::Pause(SECOND / 20)]);
    let server = Server::play(vec![[Step::Head].into_iter().chain(slow).collect()]);
    let mut client = Client::new();
    client.total = Some(SECOND);
    let body = vec![b'x'; 64 * 1024 * 1024];
    let error = ends_after(SECOND, || {
        client.send("PUT", &server.url("/"), &[], &Body::bytes(body.as_slice())).unwrap_err()
    });
    assert_eq!(timed_out(&error), (Limit::Total, Phase::Send));
}

#[test]
fn waiting_for_a_continue_ends_at_the_total_limit() {
    let server = Server::play(vec![vec![Step::Head, Step::Hold]]);
    let mut client = Client::new();
    client.total = Some(SECOND / 2);
    client.limits.continue_wait = 15 * SECOND;
    let body = Body::bytes(b"body".as_slice());
    let error = ends_after(SECOND / 2, || {
        client.send("PUT", &server.url("/"), &[("Expect", "100-continue")], &body).unwrap_err()
    });
    assert_eq!(timed_out(&error).0, Limit::Total);
}

#[test]
fn dropping_a_slow_body_ends_at_the_total_limit() {
    let server = Server::play(vec![vec![
        Step::Request,
        send("HTTP/1.1 302 X\r\nContent-Length: 100\r\n\r\n"),
        Step::Drip(vec![b'x'; 100], SECOND / 10),
    ]]);
    let mut client = Client::new();
    client.discard = true;
    client.total = Some(SECOND / 2);
    // The head is an answer; only the connection is lost.
    let answer = ends_after(SECOND / 2, || client.get(&server.url("/")).unwrap());
    assert_eq!((answer.head.status, client.transport.idle()), (302, 0));
}

/// Cancels while the server holds back what `script` withholds; the request must end at once.
fn cancel_ends(script: Vec<Step>, https: bool, body: &Body<'_>) -> Error {
    let server = Server::play(vec![script]);
    let client = Client::new();
    let url = if https { format!("https://{}/", server.address) } else { server.url("/") };
    std::thread::scope(|scope| {
        let request = scope.spawn(|| {
            let error = client.send("POST", &url, &[], body).unwrap_err();
            (error, Instant::now())
        });
        crate::server::wait_until(|| server.connections() == 1);
        std::thread::sleep(SECOND / 10);
        let cancelled = Instant::now();
        client.cancel.cancel();
        let (error, ended) = request.join().unwrap();
        assert!(ended.duration_since(cancelled) < SECOND / 2, "{:?}", ended.duration_since(cancelled));
        assert_eq!(client.transport.idle(), 0);
        error
    })
}

#[test]
fn cancel_ends_waiting_for_the_head_the_body_and_the_handshake() {
    let head = cancel_ends(vec![Step::Request, Step::Hold], false, &Body::none());
    assert!(matches!((&head.kind, head.phase), (ErrorKind::Cancelled, Phase::Head)), "{head:?}");
    let partial = send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    let body = cancel_ends(vec![Step::Request, partial, Step::Hold], false, &Body::none());
    assert!(matches!((&body.kind, body.phase), (ErrorKind::Cancelled, Phase::Body)), "{body:?}");
    let chunked = send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx");
    let body = cancel_ends(vec![Step::Request, chunked, Step::Hold], false, &Body::none());
    assert!(matches!((&body.kind, body.phase), (ErrorKind::Cancelled, Phase::Body)), "{body:?}");
    let tls = cancel_ends(vec![Step::Hold], true, &Body::none());
    assert!(matches!((&tls.kind, tls.phase), (ErrorKind::Cancelled, Phase::Tls)), "{tls:?}");
}

#[test]
fn cancel_ends_a_blocked_upload() {
    let body = vec![b'x'; 32 * 1024 * 1024];
    let error = cancel_ends(vec![Step::Head, Step::Hold], false, &Body::bytes(body.as_slice()));
    assert!(matches!((&error.kind, error.phase), (ErrorKind::Cancelled, Phase::Send)), "{error:?}");
}

#[test]
fn a_cancelled_handle_sends_nothing() {
    let server = Server::play(vec![]);
    let client = Client::new();
    client.cancel.cancel();
    assert!(matches!(client.get(&server.url("/")).unwrap_err().kind, ErrorKind::Cancelled));
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_refused_port_lists_the_address() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Client::new().get(&format!("http://{address}/")).unwrap_err();
    let ErrorKind::Connect { host, port, attempts } = &error.kind else { panic!("{error:?}") };
    assert_eq!((host.as_str(), *port, attempts.len()), ("127.0.0.1", address.port(), 1));
    assert_eq!(attempts[0].1.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[test]
fn an_unknown_name_is_not_found() {
    let error = Client::new().get("http://no-such-host.invalid/").unwrap_err();
    assert!(
        matches!(&error.kind, ErrorKind::NameNotFound { host, detail } if host == "no-such-host.invalid" && !detail.is_empty()),
        "{error:?}"
    );
    assert_eq!(error.phase, Phase::Resolve);
}
