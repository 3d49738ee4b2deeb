//! What a request may not do: addresses, schemes, ports; and addresses given instead of a lookup.

use std::sync::Arc;

use httpconnector::engine::client::Client as Policy;
use httpconnector::engine::error::{ErrorKind, Result};
use httpconnector::engine::guard::Guard;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::request::{Output, Request};
use httpconnector::engine::store::HeapMemory;

use crate::client::{Answer, Client};
use crate::proxy::through;
use crate::server::{OK, Server, Step, answers, send};

fn guarded(change: impl FnOnce(&mut Guard)) -> Arc<Guard> {
    let mut guard = Guard::default();
    change(&mut guard);
    Arc::new(guard)
}

fn to_loopback(guard: &mut Guard, name: &str, port: u16) {
    guard.overrides.insert((name.to_owned(), port), vec![[127, 0, 0, 1].into()]);
}

fn rule(result: Result<Answer>) -> (&'static str, String) {
    match result.unwrap_err().kind {
        ErrorKind::Guard { rule, what } => (rule, what),
        other => panic!("not a guard: {other:?}"),
    }
}

#[test]
fn private_addresses_are_refused_however_they_are_written() {
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let port = server.address.port();
    let mut client = Client::new();
    client.guard = guarded(|guard| guard.deny_private = true);
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "0"] {
        assert_eq!(rule(client.get(&format!("http://{host}:{port}/"))).0, "private-address", "{host}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn an_address_that_was_given_is_connected_to_without_lookup_or_guard() {
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]; 2]);
    let port = server.address.port();
    let mut client = Client::new();
    client.guard = guarded(|guard| {
        guard.deny_private = true;
        to_loopback(guard, "name.test", port);
        to_loopback(guard, "every.test", 0);
    });
    for host in ["name.test", "every.test"] {
        assert_eq!(client.get(&format!("http://{host}:{port}/")).unwrap().text(), "ok");
    }
    assert!(server.received_text(0).contains(&format!("\r\nHost: name.test:{port}\r\n")));
    // Another port of the first is looked up.
    let error = client.get("http://name.test:1/").unwrap_err();
    assert!(matches!(error.kind, ErrorKind::NameNotFound { .. }), "{error:?}");
}

#[test]
fn a_connection_made_without_a_guard_does_not_serve_a_request_with_one() {
    let server = Server::play(vec![answers(2, OK)]);
    let mut client = Client::new();
    client.get(&server.url("/")).unwrap();
    client.guard = guarded(|guard| guard.deny_private = true);
    assert_eq!(rule(client.get(&server.url("/"))).0, "private-address");
}

#[test]
fn schemes_and_ports_are_checked_before_anything_is_sent() {
    let server = Server::play(vec![]);
    let mut client = Client::new();
    client.guard = guarded(|guard| guard.schemes = vec!["https".to_owned()]);
    assert_eq!(rule(client.get(&server.url("/"))), ("scheme", "http".to_owned()));
    client.guard = guarded(|guard| guard.ports = vec![80, 443]);
    let port = server.address.port().to_string();
    assert_eq!(rule(client.get(&server.url("/"))), ("port", port));
    assert_eq!(server.connections(), 0);
}

#[test]
fn behind_a_proxy_that_looks_names_up_only_addresses_can_be_checked() {
    for scheme in ["http", "socks4a", "socks5h"] {
        let server = Server::play(vec![]);
        let mut client = through(&format!("{scheme}://{}", server.address));
        client.guard = guarded(|guard| guard.deny_private = true);
        for url in ["http://name.test/", "https://name.test/"] {
            assert_eq!(rule(client.get(url)), ("proxy", "name.test".to_owned()), "{scheme}");
        }
        assert_eq!(rule(client.get("http://10.1.2.3/")), ("private-address", "10.1.2.3".to_owned()));
        assert_eq!(server.connections(), 0);
    }
    // One that is told an address: the lookup is ours, and so is the check.
    for scheme in ["socks4", "socks5"] {
        let server = Server::play(vec![]);
        let mut client = through(&format!("{scheme}://{}", server.address));
        client.guard = guarded(|guard| guard.deny_private = true);
        assert_eq!(rule(client.get("http://localhost/")).0, "private-address", "{scheme}");
        assert_eq!(server.connections(), 0);
    }
    // A public address may pass, and the proxy's own is nobody's concern.
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let mut client = through(&format!("http://{}", server.address));
    client.guard = guarded(|guard| guard.deny_private = true);
    assert_eq!(client.get("http://8.8.8.8/").unwrap().text(), "ok");
}

#[test]
fn a_tunnel_is_asked_for_by_the_address_that_was_given() {
    let answer = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
    let server = Server::play(vec![vec![Step::Request, send(answer), Step::Hold]]);
    let mut client = through(&format!("http://{}", server.address));
    client.guard = guarded(|guard| {
        guard.deny_private = true;
        guard.overrides.insert(("name.test".to_owned(), 443), vec!["::5".parse().unwrap()]);
    });
    client.get("https://name.test/").unwrap_err();
    assert!(server.received_text(0).starts_with("CONNECT [::5]:443 HTTP/1.1\r\nHost: [::5]:443\r\n"));
    // In absolute form the name goes out, so the guard cannot let it.
    client.guard = guarded(|guard| {
        guard.deny_private = true;
        to_loopback(guard, "name.test", 80);
    });
    assert_eq!(rule(client.get("http://name.test/")), ("proxy", "name.test".to_owned()));
}

#[test]
fn a_redirect_is_held_to_the_guards_too() {
    let location =
        |to: &str| send(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
    for (to, allowed, wanted) in [
        ("http://127.0.0.1:1/inside", None, "private-address"),
        ("http://localhost:1/inside", None, "private-address"),
        ("http://public.test:1/", Some(()), "port"),
    ] {
        let server = Server::play(vec![vec![Step::Request, location(to), Step::Hold]]);
        let port = server.address.port();
        let url = format!("http://public.test:{port}/");
        let mut request =
            Request::new("GET", &url, Output::Memory { memory: Arc::new(HeapMemory), limit: 1000 });
        request.proxy = ProxySetting::Direct;
        request.guard = guarded(|guard| {
            guard.deny_private = true;
            to_loopback(guard, "public.test", port);
            if allowed.is_some() {
                guard.ports = vec![port];
            }
        });
        let error = Policy::session().execute(&request).unwrap_err();
        let ErrorKind::Guard { rule, .. } = error.kind else { panic!("{error:?}") };
        assert_eq!(rule, wanted);
        assert_eq!(server.connections(), 1, "{to}");
    }
}
