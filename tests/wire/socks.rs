//! SOCKS 4, 4a, 5: the bytes of each, and proxies that answer something else.

use std::sync::Arc;

use httpconnector::engine::guard::Guard;

use crate::proxy::{failure, through};
use crate::server::{OK, Server, Step, send};

/// Asks `url` through a proxy that plays `script`, answers the request behind it, and gives what it was told.
fn told(scheme: &str, user: &str, url: &str, overridden: &str, script: Vec<Step>) -> Vec<u8> {
    let length = script.iter().map(|step| if let Step::Read(count) = step { *count } else { 0 }).sum();
    let rest = vec![Step::Request, send(OK), Step::Hold];
    let server = Server::play(vec![[script, rest].concat()]);
    let mut client = through(&format!("{scheme}://{user}{}", server.address));
    if !overridden.is_empty() {
        let overrides = [(("name.test".to_owned(), 0), vec![overridden.parse().unwrap()])];
        client.guard = Arc::new(Guard { overrides: overrides.into(), ..Guard::default() });
    }
    assert_eq!(client.get(url).unwrap().text(), "ok");
    let mut received = server.received(0);
    let request = String::from_utf8(received.split_off(length)).unwrap();
    assert!(request.starts_with("GET / HTTP/1.1\r\nHost: "), "{request}");
    received
}

const GRANTED: [u8; 8] = [0, 90, 0, 0, 0, 0, 0, 0];
const DONE: [u8; 10] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

#[test]
fn version_4_sends_an_address_and_the_user() {
    let script = || vec![Step::Read(10), send(GRANTED)];
    let bytes = told("socks4", "me:x@", "http://1.2.3.4:258/", "", vec![Step::Read(11), send(GRANTED)]);
    assert_eq!(bytes, [4, 1, 1, 2, 1, 2, 3, 4, b'm', b'e', 0]);
    // An address written for a name is what the lookup would have given.
    let bytes = told("socks4", "m@", "http://name.test/", "9.8.7.6", script());
    assert_eq!(bytes, [4, 1, 0, 80, 9, 8, 7, 6, b'm', 0]);
}

#[test]
fn version_4a_sends_the_name() {
    let script = vec![Step::Read(19), send(GRANTED)];
    let bytes = told("socks4a", "", "http://name.test/", "", script);
    assert_eq!(bytes, b"\x04\x01\x00\x50\x00\x00\x00\x01\x00name.test\x00");
}

#[test]
fn version_5_sends_an_address_or_with_h_the_name() {
    let script = |length| vec![Step::Read(3), send([5, 0]), Step::Read(length), send(DONE)];
    let bytes = told("socks5", "", "http://1.2.3.4/", "", script(10));
    assert_eq!(bytes, [5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 80]);
    let bytes = told("socks5", "", "http://name.test/", "::2", script(22));
    assert_eq!(bytes[3..8], [5, 1, 0, 4, 0]);
    assert_eq!(bytes[20..], [0, 0, 2, 0, 80][..]);
    let bytes = told("socks5h", "", "http://name.test:258/", "", script(16));
    assert_eq!(bytes, b"\x05\x01\x00\x05\x01\x00\x03\x09name.test\x01\x02");
}

#[test]
fn version_5_gives_user_and_password_when_asked() {
    let script = vec![
        Step::Read(4),
        send([5, 2]),
        Step::Read(3 + 1 + 6),
        send([1, 0]),
        Step::Read(16),
        // An answer with a name of its own.
        send([&[5, 0, 0, 3, 4][..], b"self", &[0, 1]].concat()),
    ];
    let bytes = told("socks5h", "u:p%40ss:w@", "http://name.test/", "", script);
    assert_eq!(bytes[..14], *b"\x05\x02\x00\x02\x01\x01u\x06p@ss:w");
}

#[test]
fn refusals_are_told_in_words() {
    let after_method =
        |answer: &[u8]| vec![Step::Read(3), send([5, 0]), Step::Read(16), send(answer), Step::Hold];
    for (scheme, user, script, problem, detail) in [
        ("socks5h", "", after_method(&[5, 5, 0, 1]), "socks", "connection refused (5)"),
        ("socks5h", "", after_method(&[5, 2, 0, 1]), "socks", "not allowed by the rules (2)"),
        ("socks5h", "", after_method(&[5, 99, 0, 1]), "socks", "unknown reply (99)"),
        ("socks5h", "", after_method(&[4, 0, 0, 1]), "protocol", "not an answer of socks5h"),
        ("socks5h", "", after_method(&[5, 0, 0, 9]), "protocol", "not an answer of socks5h"),
        (
            "socks5h",
            "",
            vec![Step::Read(3), send([5, 255]), Step::Hold],
            "authentication",
            "credentials wanted",
        ),
        (
            "socks5h",
            "",
            vec![Step::Read(3), send([5, 2]), Step::Hold],
            "protocol",
            "not an answer of socks5h",
        ),
        ("socks5h", "", vec![Step::Read(3), send("HT"), Step::Hold], "protocol", "not an answer of socks5h"),
        ("socks5h", "", vec![Step::Read(3), Step::Close], "protocol", "closed without an answer"),
        ("socks5h", "", vec![Step::Read(3), send([5]), Step::Close], "protocol", "closed without an answer"),
        (
            "socks5h",
            "u:p@",
            vec![Step::Read(4), send([5, 255]), Step::Hold],
            "authentication",
            "no method in common",
        ),
        (
            "socks5h",
            "u:p@",
            vec![Step::Read(4), send([5, 2]), Step::Read(5), send([1, 1]), Step::Hold],
            "authentication",
            "credentials refused",
        ),
        ("socks5h", "u@", vec![Step::Read(4), send([5, 2]), Step::Hold], "configuration", "password"),
        (
            "socks4a",
            "",
            vec![Step::Read(9), send([0, 91, 0, 0, 0, 0, 0, 0]), Step::Hold],
            "socks",
            "request rejected or failed (91)",
        ),
        (
            "socks4a",
            "",
            vec![Step::Read(9), send([0, 93, 0, 0, 0, 0, 0, 0]), Step::Hold],
            "authentication",
            "identd (93)",
        ),
        (
            "socks4a",
            "",
            vec![Step::Read(9), send("HTTP/1.1"), Step::Hold],
            "protocol",
            "not an answer of socks4a",
        ),
        ("socks4a", "a%00b@", vec![Step::Hold], "configuration", "user"),
    ] {
        let server = Server::play(vec![script]);
        let client = through(&format!("{scheme}://{user}{}", server.address));
        let result = failure(client.get("https://name.test/"));
        assert_eq!(result, (problem, None, detail.to_owned()), "{scheme}");
    }
}

#[test]
fn version_4_reaches_no_ipv6() {
    for scheme in ["socks4", "socks4a"] {
        let server = Server::play(vec![vec![Step::Hold]]);
        let client = through(&format!("{scheme}://{}", server.address));
        assert_eq!(failure(client.get("http://[::2]/")), ("socks", None, "no IPv4 address".to_owned()));
    }
}

#[test]
fn a_user_or_password_too_long_for_version_5_is_a_matter_of_settings() {
    let long = "x".repeat(256);
    for (user, what) in [(format!("{long}:p@"), "user"), (format!("u:{long}@"), "password")] {
        let server = Server::play(vec![vec![Step::Read(4), send([5, 2]), Step::Hold]]);
        let client = through(&format!("socks5h://{user}{}", server.address));
        assert_eq!(failure(client.get("http://name.test/")), ("configuration", None, what.to_owned()));
    }
}
