//! NTLM with peers that break off, answer nonsense, ask for ever or do not ask at all.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use httpconnector::engine::auth::Credentials;
use httpconnector::engine::body::Segment;
use httpconnector::engine::client::Client;
use httpconnector::engine::error::{Error, ErrorKind};
use httpconnector::engine::request::{Content, Output, Request};
use httpconnector::engine::store::HeapMemory;

use crate::server::{OK, Server, Step, send};

const BODY: &[u8] = b"the body";

/// A challenge, 56 bytes without what a server says of itself.
pub(crate) fn challenge() -> String {
    let mut message = b"NTLMSSP\0\x02\0\0\0".to_vec();
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&0x0008_0201_u32.to_le_bytes());
    message.extend_from_slice(&[7; 8]);
    message.extend_from_slice(&[0; 24]);
    STANDARD.encode(message)
}

pub(crate) fn refusal(said: &str, more: &str) -> Step {
    send(format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {said}\r\n{more}Content-Length: 0\r\n\r\n"))
}

pub(crate) fn asks() -> Step {
    refusal("NTLM", "")
}

pub(crate) fn challenges() -> Step {
    refusal(&format!("NTLM {}", challenge()), "")
}

fn ask(client: &mut Client, method: &str, url: &str) -> Result<u16, Error> {
    let mut request =
        Request::new(method, url, Output::Memory { memory: Arc::new(HeapMemory), limit: 1 << 20 });
    request.credentials = Some(Credentials::Ntlm { user: "D\\u".to_owned(), password: "p".to_owned() });
    request.total = Some(std::time::Duration::from_secs(20));
    if method == "POST" {
        request.content = Content::Bytes { bytes: Segment::Bytes(BODY.into()), content_type: None };
    }
    client.execute(&request).map(|response| response.status)
}

/// The kinds of the messages a connection has received, zero for a request without one.
pub(crate) fn messages(server: &Server, connection: usize) -> Vec<u8> {
    let received = server.received_text(connection);
    let requests = received.split("HTTP/1.1\r\n").skip(1);
    requests
        .map(|request| {
            let value = request.lines().find_map(|line| line.strip_prefix("Authorization: NTLM "));
            value.map_or(0, |value| STANDARD.decode(value).unwrap()[8])
        })
        .collect()
}

fn problem(error: &Error) -> &'static str {
    match &error.kind {
        ErrorKind::Authentication { scheme: "NTLM", problem, .. } => problem,
        other => panic!("not of NTLM: {other:?}"),
    }
}

#[test]
fn dialogue_broken_off_begins_anew_on_another_connection() {
    for end in [Step::Close, Step::Reset] {
        let server = Server::play(vec![
            vec![Step::Request, challenges(), Step::Request, end],
            vec![Step::Request, challenges(), Step::Request, send(OK), Step::Request, send(OK), Step::Hold],
        ]);
        let mut client = Client::session();
        assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 200);
        assert_eq!(messages(&server, 0), [1, 3]);
        assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 200);
        assert_eq!(messages(&server, 1), [1, 3, 0], "open from then on");
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn answer_never_goes_on_a_connection_without_its_challenge() {
    // Gone before the answer is sent, twice.
    let script = vec![Step::Request, challenges(), Step::Close];
    let server = Server::play(vec![script; 6]);
    let error = ask(&mut Client::session(), "GET", &server.url("/")).unwrap_err();
    assert_eq!(problem(&error), "protocol");
    // A third connection may be there; nothing was said on it.
    let begun: Vec<u8> =
        (0..server.connections()).filter_map(|index| messages(&server, index).first().copied()).collect();
    assert_eq!(begun, [1, 1]);
}

#[test]
fn body_that_may_have_arrived_is_not_sent_again() {
    let server = Server::play(vec![
        vec![Step::Request, asks(), Step::Request, challenges(), Step::Request, Step::Close],
        vec![Step::Request, send(OK)],
    ]);
    let error = ask(&mut Client::session(), "POST", &server.url("/")).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { .. }), "{error:?}");
    assert_eq!(messages(&server, 0), [0, 1, 3]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn body_goes_with_the_answer_only_where_the_server_is_known_to_ask() {
    let server = Server::play(vec![
        vec![Step::Request, asks(), Step::Request, challenges(), Step::Request, send(OK), Step::Close],
        vec![Step::Request, challenges(), Step::Request, send(OK), Step::Close],
        // It does not ask any more.
        vec![Step::Request, send(OK), Step::Request, send(OK), Step::Close],
        vec![Step::Request, send(OK), Step::Hold],
    ]);
    let mut client = Client::session();
    for (connection, expected) in [&[0, 1, 3][..], &[1, 3], &[1, 0], &[0]].into_iter().enumerate() {
        assert_eq!(ask(&mut client, "POST", &server.url("/")).unwrap(), 200);
        assert_eq!(messages(&server, connection), expected);
        let received = server.received_text(connection);
        let whole = expected.iter().filter(|message| **message != 1).count();
        assert_eq!(received.matches("the body").count(), whole);
        assert_eq!(received.matches("Content-Length: 0\r\n").count(), expected.len() - whole);
        if connection < 3 {
            server.wait_for(connection, "gone");
        }
    }
}

#[test]
fn nonsense_for_a_challenge_is_an_error_in_words() {
    let cut = STANDARD.encode(b"NTLMSSP\0\x02\0\0\0");
    let other = STANDARD.encode(b"something else altogether");
    for said in ["NTLM A", &format!("NTLM {cut}"), &format!("NTLM {other}")] {
        let server = Server::play(vec![vec![Step::Request, refusal(said, ""), Step::Hold]]);
        let error = ask(&mut Client::session(), "GET", &server.url("/")).unwrap_err();
        assert_eq!(problem(&error), "protocol", "{said}");
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn server_that_challenges_for_ever_is_answered_once() {
    let script = [Step::Request, challenges()].into_iter().cycle().take(40).collect();
    let server = Server::play(vec![script]);
    assert_eq!(ask(&mut Client::session(), "GET", &server.url("/")).unwrap(), 401);
    assert_eq!(messages(&server, 0), [1, 3]);
}

#[test]
fn server_that_announces_to_close_gets_no_answer() {
    let closing = [
        refusal(&format!("NTLM {}", challenge()), "Connection: close\r\n"),
        send(format!(
            "HTTP/1.0 401 No\r\nWWW-Authenticate: NTLM {}\r\nContent-Length: 0\r\n\r\n",
            challenge()
        )),
    ];
    for reply in closing {
        let server = Server::play(vec![vec![Step::Request, reply, Step::Hold]]);
        assert_eq!(ask(&mut Client::session(), "GET", &server.url("/")).unwrap(), 401);
        assert_eq!((server.connections(), messages(&server, 0)), (1, vec![1]));
    }
}

#[test]
fn open_connection_that_asks_again_is_opened_again_once() {
    let server = Server::play(vec![vec![
        Step::Request,
        challenges(),
        Step::Request,
        send(OK),
        Step::Request,
        asks(),
        Step::Request,
        challenges(),
        Step::Request,
        send(OK),
        Step::Hold,
    ]]);
    let mut client = Client::session();
    assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 200);
    assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 200);
    assert_eq!(messages(&server, 0), [1, 3, 0, 1, 3]);
}

#[test]
fn refused_connection_is_closed() {
    let server = Server::play(vec![
        vec![Step::Request, challenges(), Step::Request, asks(), Step::Hold],
        vec![Step::Request, challenges(), Step::Request, asks(), Step::Hold],
    ]);
    let mut client = Client::session();
    for connection in 0..2 {
        assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 401);
        server.wait_for(connection, "gone");
        assert_eq!(messages(&server, connection), [1, 3]);
    }
}

#[test]
fn password_that_was_refused_is_not_tried_under_the_other_name() {
    let both = refusal("NTLM, Negotiate", "");
    let server = Server::play(vec![vec![
        Step::Request,
        challenges(),
        Step::Request,
        both.clone(),
        Step::Request,
        both,
        Step::Hold,
    ]]);
    assert_eq!(ask(&mut Client::session(), "GET", &server.url("/")).unwrap(), 401);
    assert_eq!(messages(&server, 0), [1, 3]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn connection_left_in_the_middle_of_a_dialogue_is_not_used_again() {
    let server = Server::play(vec![
        vec![Step::Request, refusal("NTLM A", ""), Step::Hold],
        vec![Step::Request, challenges(), Step::Request, send(OK), Step::Hold],
    ]);
    let mut client = Client::session();
    assert_eq!(problem(&ask(&mut client, "GET", &server.url("/")).unwrap_err()), "protocol");
    server.wait_for(0, "gone");
    assert_eq!(ask(&mut client, "GET", &server.url("/")).unwrap(), 200);
    assert_eq!((messages(&server, 0), messages(&server, 1)), (vec![1], vec![1, 3]));
}
