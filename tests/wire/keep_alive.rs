//! Connections used again, and those that must not be.

use httpconnector::engine::body::Body;
use httpconnector::engine::error::ErrorKind;

use crate::client::Client;
use crate::server::{OK, Server, Step, send, wait_until};

#[test]
fn requests_share_one_connection() {
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Request, send(OK), Step::Hold]]);
    let client = Client::new();
    assert!(!client.get(&server.url("/one")).unwrap().head.reused);
    assert!(client.get(&server.url("/two")).unwrap().head.reused);
    assert_eq!(server.connections(), 1);
    assert!(server.received_text(0).contains("GET /two HTTP/1.1\r\n"));
}

#[test]
fn an_idle_connection_the_server_closed_is_noticed_before_anything_is_sent() {
    let server = Server::play(vec![
        vec![Step::Request, send(OK), Step::Close],
        vec![Step::Request, send(OK), Step::Hold],
    ]);
    let mut client = Client::new();
    client.repeatable = false;
    client.get(&server.url("/")).unwrap();
    server.wait_for(0, "gone");
    let answer = client.send("POST", &server.url("/"), &[], &Body::bytes(b"x".as_slice())).unwrap();
    assert!(!answer.head.reused);
    assert!(!server.received_text(0).contains("POST"));
}

#[test]
fn a_connection_that_said_something_while_idle_is_not_used() {
    let timeout = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    let server = Server::play(vec![
        vec![Step::Request, send(OK), Step::Await, send(timeout), Step::Close],
        vec![Step::Request, send(OK), Step::Hold],
    ]);
    let client = Client::new();
    client.get(&server.url("/")).unwrap();
    server.release();
    server.wait_for(0, "gone");
    assert_eq!(client.get(&server.url("/")).unwrap().head.status, 200);
    assert_eq!(server.connections(), 2);
}

/// A connection that is alive when looked at, and closed when the request comes.
fn stale(end: Step) -> Server {
    Server::play(vec![
        vec![Step::Request, send(OK), Step::Request, end],
        vec![Step::Request, send(OK), Step::Hold],
    ])
}

#[test]
fn a_stale_connection_is_replaced_once_when_the_request_may_be_repeated() {
    for end in [Step::Close, Step::Reset] {
        let server = stale(end);
        let client = Client::new();
        client.get(&server.url("/")).unwrap();
        let answer = client.get(&server.url("/")).unwrap();
        assert!(!answer.head.reused);
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn a_request_that_may_not_be_repeated_is_not() {
    for end in [Step::Close, Step::Reset] {
        let server = stale(end);
        let mut client = Client::new();
        client.get(&server.url("/")).unwrap();
        client.repeatable = false;
        let error = client.send("POST", &server.url("/"), &[], &Body::bytes(b"x".as_slice())).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Closed { received: 0, .. }), "{error:?}");
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_new_connection_that_is_closed_is_not_replaced() {
    let server = Server::play(vec![vec![Step::Request, Step::Close], vec![Step::Request, send(OK)]]);
    let error = Client::new().get(&server.url("/")).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn one_byte_of_an_answer_forbids_repeating() {
    let server = Server::play(vec![
        vec![Step::Request, send(OK), Step::Request, send("H"), Step::Close],
        vec![Step::Request, send(OK)],
    ]);
    let client = Client::new();
    client.get(&server.url("/")).unwrap();
    let error = client.get(&server.url("/")).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_replacement_is_closed_too_and_that_is_the_end() {
    let server = Server::play(vec![
        vec![Step::Request, send(OK), Step::Request, Step::Close],
        vec![Step::Request, Step::Close],
        vec![Step::Request, send(OK)],
    ]);
    let client = Client::new();
    client.get(&server.url("/")).unwrap();
    assert!(matches!(client.get(&server.url("/")).unwrap_err().kind, ErrorKind::Closed { .. }));
    assert_eq!(server.connections(), 2);
}

#[test]
fn what_ends_a_connection_is_honoured() {
    let closing = [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than announced",
    ];
    for reply in closing {
        let server = Server::play(vec![vec![Step::Request, send(reply), Step::Hold]]);
        let client = Client::new();
        assert_eq!(client.get(&server.url("/")).unwrap().text(), "ok");
        wait_until(|| client.transport.idle() == 0);
        server.wait_for(0, "gone");
    }
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let client = Client::new();
    client.send("GET", &server.url("/"), &[("Connection", "close")], &Body::none()).unwrap();
    assert_eq!(client.transport.idle(), 0);
}

#[test]
fn http_1_0_with_keep_alive_is_used_again() {
    let reply = "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok";
    let server = Server::play(vec![vec![Step::Request, send(reply), Step::Request, send(OK), Step::Hold]]);
    let client = Client::new();
    client.get(&server.url("/")).unwrap();
    assert!(client.get(&server.url("/")).unwrap().head.reused);
}

#[test]
fn at_most_eight_idle_connections_are_kept_for_one_destination() {
    let script = vec![Step::Request, Step::Await, send(OK), Step::Hold];
    let server = Server::play(vec![script; 12]);
    let client = Client::new();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| client.get(&server.url("/")).unwrap());
        }
        wait_until(|| server.connections() == 12);
        (0..12).for_each(|_| server.release());
    });
    assert_eq!(client.transport.idle(), 8);
    client.transport.close_idle();
    assert_eq!(client.transport.idle(), 0);
}

#[test]
fn destinations_do_not_share_connections() {
    let script = vec![Step::Request, send(OK), Step::Hold];
    let servers = [Server::play(vec![script.clone()]), Server::play(vec![script.clone(), script])];
    let client = Client::new();
    client.get(&servers[0].url("/")).unwrap();
    assert!(!client.get(&servers[1].url("/")).unwrap().head.reused);
    let localhost = format!("http://localhost:{}/", servers[1].address.port());
    assert!(!client.get(&localhost).unwrap().head.reused, "another name is another origin");
}
