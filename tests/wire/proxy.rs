//! HTTP proxies: what they are told, what of it never goes further, and those that do not behave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{Error, ErrorKind, Limit, Phase, Result};
use httpconnector::engine::proxy::{Bypass, Proxies, Proxy, ProxySetting};
use httpconnector::engine::tls::{TlsSettings, Trust};

use crate::client::{Answer, Client};
use crate::secure::{ca, leaf, own};
use crate::server::{OK, Server, Step, answers, send, wait_until};

/// A client that sends everything through `proxy`.
pub(crate) fn through(proxy: &str) -> Client {
    let mut client = Client::new();
    client.proxy = setting(proxy, "");
    client
}

pub(crate) fn setting(proxy: &str, past: &str) -> ProxySetting {
    let proxy = Some(Arc::new(Proxy::parse(proxy).unwrap()));
    let proxies = Proxies { http: proxy.clone(), https: proxy, bypass: Bypass::parse(past) };
    ProxySetting::Explicit(Arc::new(proxies))
}

/// What a proxy failed with.
pub(crate) fn failure(result: Result<Answer>) -> (&'static str, Option<u16>, String) {
    let error = result.unwrap_err();
    assert_eq!(error.phase, Phase::Proxy, "{error:?}");
    match error.kind {
        ErrorKind::Proxy { problem, status, detail, proxy } => {
            assert!(!proxy.contains('@'), "{proxy}");
            (problem, status, detail)
        }
        other => panic!("not the proxy's: {other:?}"),
    }
}

/// One request for `https://target.test/` through a proxy that plays `scripts`.
fn connect(scripts: Vec<Vec<Step>>) -> (Server, Result<Answer>) {
    let server = Server::play(scripts);
    let client = through(&format!("http://u:p%40ss%3Aw@{}", server.address));
    let result = client.send("GET", "https://target.test/", &[("User-Agent", "x/1")], &Body::none());
    (server, result)
}

const CHALLENGE: &str =
    "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 4\r\n\r\nwho?";
/// `u:p@ss:w`.
const BASIC: &str = "Proxy-Authorization: Basic dTpwQHNzOnc=\r\n";

#[test]
fn http_goes_in_absolute_form_and_one_connection_serves_every_target() {
    let server = Server::play(vec![answers(3, OK)]);
    let client = through(&format!("http://{}", server.address));
    assert_eq!(client.get("http://one.test/a%20b?c=d").unwrap().text(), "ok");
    assert_eq!(client.get("http://two.test:81/").unwrap().text(), "ok");
    client.send_to("OPTIONS", "http://[::1]:82/x", Some("/y"), &[], &Body::none()).unwrap();
    assert_eq!(server.connections(), 1);
    assert_eq!(
        server.received_text(0),
        "GET http://one.test/a%20b?c=d HTTP/1.1\r\nHost: one.test\r\n\r\n\
         GET http://two.test:81/ HTTP/1.1\r\nHost: two.test:81\r\n\r\n\
         OPTIONS http://[::1]:82/y HTTP/1.1\r\nHost: [::1]:82\r\n\r\n"
    );
}

#[test]
fn a_challenge_is_answered_on_its_connection_with_the_body_sent_again() {
    let server = Server::play(vec![vec![
        Step::Request,
        send(CHALLENGE),
        Step::Request,
        send(OK),
        Step::Request,
        send(OK),
        Step::Hold,
    ]]);
    let client = through(&format!("http://u:p%40ss%3Aw@{}", server.address));
    let body = Body::bytes(&b"body"[..]);
    for _ in 0..2 {
        let answer =
            client.send("POST", "http://target.test/", &[("Authorization", "Bearer t")], &body).unwrap();
        assert_eq!((answer.head.status, answer.text()), (200, "ok"));
    }
    let text = server.received_text(0);
    // Basic is not sent before it was asked for, and from then on without being asked.
    assert_eq!(text.matches("POST http://target.test/ HTTP/1.1\r\n").count(), 3);
    assert_eq!(text.matches("\r\n\r\nbody").count(), 3);
    assert_eq!(text.matches(BASIC).count(), 2);
    assert_eq!(text.matches("Authorization: Bearer t\r\n").count(), 3);
    assert_eq!(server.connections(), 1);
}

#[test]
fn wrong_credentials_are_the_proxys_error_after_one_repeat() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"r\"\r\n\
        Content-Type: text/html\r\nContent-Length: 39\r\n\r\n<html><h1>Access</h1>\x1b[1mdenied</html>\n";
    for url in ["http://target.test/", "https://target.test/"] {
        let server = Server::play(vec![answers(3, refusal)]);
        let client = through(&format!("http://u:wrong@{}", server.address));
        let (problem, status, detail) = failure(client.get(url));
        assert_eq!((problem, status), ("authentication", Some(407)));
        assert_eq!(detail, "Proxy Authentication Required: Access [1mdenied");
        assert_eq!(server.received_text(0).matches(" HTTP/1.1\r\n").count(), 2, "{url}");
    }
}

#[test]
fn a_challenge_that_nothing_answers_is_the_proxys_error_at_once() {
    for challenge in ["", "Proxy-Authenticate: Bearer\r\n"] {
        let head = format!("HTTP/1.1 407 No\r\n{challenge}Content-Length: 0\r\n\r\n");
        for url in ["http://target.test/", "https://target.test/"] {
            let server = Server::play(vec![vec![Step::Request, send(&head), Step::Hold]]);
            let client = through(&format!("http://u:p@{}", server.address));
            assert_eq!(failure(client.get(url)), ("authentication", Some(407), "No".to_owned()));
        }
    }
    // Nobody gave credentials.
    let server = Server::play(vec![vec![Step::Request, send(CHALLENGE), Step::Hold]]);
    let client = through(&format!("http://{}", server.address));
    assert_eq!(failure(client.get("http://t.test/")), ("authentication", Some(407), "Who: who?".to_owned()));
}

#[test]
fn a_tunnel_is_asked_for_with_its_own_headers_only() {
    let (server, result) = connect(vec![vec![Step::Request, send(CHALLENGE), Step::Request, Step::Close]]);
    assert_eq!(failure(result).0, "protocol");
    let ask = "CONNECT target.test:443 HTTP/1.1\r\nHost: target.test:443\r\nUser-Agent: x/1\r\n";
    assert_eq!(server.received_text(0), format!("{ask}\r\n{ask}{BASIC}\r\n"));
}

#[test]
fn a_proxy_that_closes_with_its_challenge_is_connected_to_anew() {
    let closing = CHALLENGE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let large = CHALLENGE.replace("Content-Length: 4", "Content-Length: 100000000");
    for challenge in [closing.as_str(), large.as_str(), CHALLENGE] {
        let second = vec![Step::Request, send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), Step::Hold];
        let (server, result) = connect(vec![vec![Step::Request, send(challenge), Step::Close], second]);
        assert_eq!(failure(result), ("refused", Some(403), "No".to_owned()));
        assert_eq!(server.connections(), 2);
        assert!(!server.received_text(0).contains("Authorization") || challenge == CHALLENGE);
        assert!(server.received_text(1).contains(BASIC));
    }
}

#[test]
fn a_refused_tunnel_gives_status_reason_and_text_within_bounds() {
    let long = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100000000\r\n\r\n{}",
        "слово ".repeat(9000)
    );
    let (_server, result) = connect(vec![vec![Step::Request, send(long), Step::Hold]]);
    let (problem, status, detail) = failure(result);
    assert_eq!((problem, status), ("refused", Some(503)));
    assert!(detail.starts_with("Service Unavailable: слово слово"), "{detail}");
    assert!(detail.chars().count() <= 301);
    // A text that breaks off, is packed, or is not there.
    for (rest, wanted) in [
        ("Content-Length: 9\r\n\r\nnot al", "Gone away: not al"),
        ("Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x08x", "Gone away"),
        ("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "Gone away: abc"),
        ("Content-Length: 0\r\n\r\n", "Gone away"),
    ] {
        let head = format!("HTTP/1.1 302 Gone away\r\nLocation: http://x/\r\n{rest}");
        let (_server, result) = connect(vec![vec![Step::Request, send(head), Step::Close]]);
        assert_eq!(failure(result), ("refused", Some(302), wanted.to_owned()));
    }
}

#[test]
fn what_is_no_answer_to_connect_is_told_as_such() {
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "X: y\r\n".repeat(60_000));
    for (script, wanted) in [
        (vec![Step::Request, send("HTTP/1.1 200 O"), Step::Close], "closed"),
        (vec![Step::Request, Step::Close], "closed"),
        (vec![Step::Request, Step::Reset], "reset"),
        (vec![Step::Request, send("SSH-2.0-x\r\n"), Step::Hold], "status-line: SSH-2.0-x"),
        (vec![Step::Request, send("\x05\x00"), Step::Hold], "status-line"),
        (vec![Step::Request, send(endless), Step::Hold], "header-size"),
        (vec![Step::Request, send("HTTP/1.1 200 OK\r\n\r\nwelcome"), Step::Hold], "bytes after"),
    ] {
        let (_server, result) = connect(vec![script]);
        let (problem, _, detail) = failure(result);
        assert!(problem == "protocol" && detail.contains(wanted), "{problem} {detail}");
    }
}

#[test]
fn every_2xx_opens_the_tunnel_and_what_comes_after_is_the_targets() {
    for head in ["HTTP/1.0 200 Connection established\r\n\r\n", "HTTP/1.1 204 X\r\nContent-Length: 7\r\n\r\n"]
    {
        let script = vec![Step::Request, send(head), Step::Read(50), send("this is not TLS"), Step::Hold];
        let (_server, result) = connect(vec![script]);
        let error = result.unwrap_err();
        let ErrorKind::Tls { host, .. } = &error.kind else { panic!("{error:?}") };
        assert_eq!((host.as_str(), error.phase), ("target.test", Phase::Tls));
    }
}

#[test]
fn a_proxy_that_is_not_there_is_told_apart_from_the_target() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in ["http://target.test/", "https://target.test/"] {
        let (problem, _, detail) = failure(through(&format!("http://{free}")).get(url));
        assert_eq!(problem, "connect");
        assert!(detail.contains(&free.to_string()), "{detail}");
        let (problem, _, _) = failure(through("socks5h://proxy.invalid").get(url));
        assert_eq!(problem, "connect");
    }
    // TLS was asked for where there is none.
    let server = Server::play(vec![vec![send("HTTP/1.1 400 Bad\r\n\r\n"), Step::Hold]]);
    let (problem, _, _) = failure(through(&format!("https://{}", server.address)).get("http://t.test/"));
    assert_eq!(problem, "tls");
}

#[test]
fn silence_of_a_proxy_ends_at_the_connect_limit() {
    for scheme in ["http", "https", "socks4a", "socks5h"] {
        let server = Server::play(vec![vec![Step::Hold]]);
        let mut client = through(&format!("{scheme}://{}", server.address));
        client.limits.connect = Some(Duration::from_millis(300));
        let began = Instant::now();
        let error = client.get("https://target.test/").unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Timeout { limit: Limit::Connect, .. }), "{error:?}");
        assert_eq!(error.phase, Phase::Proxy);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn silence_of_a_proxy_ends_at_the_idle_limit_when_there_is_no_other() {
    let server = Server::play(vec![vec![Step::Request, Step::Hold]]);
    let mut client = through(&format!("http://{}", server.address));
    (client.limits.connect, client.limits.idle, client.total) =
        (None, Some(Duration::from_millis(300)), None);
    let error = client.get("https://target.test/").unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout { limit: Limit::Idle, .. }), "{error:?}");
}

#[test]
fn cancel_ends_every_dialogue_with_a_proxy() {
    for (scheme, script) in [
        ("http", vec![Step::Request, Step::Hold]),
        ("http", vec![Step::Request, send("HTTP/1.1 403 X\r\nContent-Length: 9\r\n\r\nx"), Step::Hold]),
        ("https", vec![Step::Read(1), Step::Hold]),
        ("socks4a", vec![Step::Read(5), Step::Hold]),
        ("socks5h", vec![Step::Read(3), send([5, 0]), Step::Read(4), Step::Hold]),
    ] {
        let server = Server::play(vec![script]);
        let client = through(&format!("{scheme}://{}", server.address));
        let cancel = client.cancel.clone();
        let began = Instant::now();
        let error = std::thread::scope(|scope| {
            let asking = scope.spawn(|| client.get("https://target.test/").unwrap_err());
            wait_until(|| server.connections() == 1 && !server.received(0).is_empty());
            cancel.cancel();
            asking.join().unwrap()
        });
        // A refusal that was under way is told all the same.
        let refused = matches!(error.kind, ErrorKind::Proxy { problem: "refused", .. });
        assert!(matches!(error.kind, ErrorKind::Cancelled) || refused, "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn credentials_for_a_proxy_never_reach_a_target() {
    let written = [("Proxy-Authorization", "Basic secret")];
    let target = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    Client::new().send("GET", &target.url("/"), &written, &Body::none()).unwrap();
    assert!(!target.received_text(0).contains("secret"));

    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let secure = Server::play_tls(vec![vec![Step::Request, send(OK), Step::Hold]], config);
    let tunnel = Tunnel::to(secure.address);
    let mut client = through(&format!("http://u:pass@{}", tunnel.address));
    client.tls = Arc::new(TlsSettings { trust: own(&issuer), ..TlsSettings::default() });
    let headers = [("Authorization", "Bearer t"), written[0]];
    let answer = client.send("GET", "https://localhost/", &headers, &Body::none()).unwrap();
    assert_eq!(answer.text(), "ok");
    assert_eq!(
        secure.received_text(0),
        "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n\r\n"
    );
    let asked = tunnel.head();
    assert!(asked.starts_with("CONNECT localhost:443 HTTP/1.1\r\n"), "{asked}");
    // What the caller wrote wins over the credentials of the setting.
    assert!(asked.contains("Proxy-Authorization: Basic secret\r\n") && !asked.contains("Bearer"), "{asked}");
}

#[test]
fn what_the_caller_wrote_for_a_proxy_reaches_it_in_absolute_form() {
    let server = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let client = through(&format!("http://u:pass@{}", server.address));
    client.send("GET", "http://t.test/", &[("proxy-authorization", "Custom x")], &Body::none()).unwrap();
    let text = server.received_text(0);
    assert_eq!(text.to_lowercase().matches("authorization").count(), 1);
    assert!(text.contains("Proxy-Authorization: Custom x\r\n"), "{text}");
}

#[test]
fn connections_are_never_shared_across_proxies_their_credentials_or_none() {
    let scripts = || vec![answers(4, OK); 4];
    let (one, two) = (Server::play(scripts()), Server::play(scripts()));
    let mut client = Client::new();
    let target = one.url("/");
    let mut ask = |setting: ProxySetting| {
        client.proxy = setting;
        client.get(&target).unwrap();
        (one.connections(), two.connections())
    };
    let by = |user: &str, server: &Server| setting(&format!("http://{user}{}", server.address), "");
    assert_eq!(ask(ProxySetting::Direct), (1, 0));
    assert_eq!(ask(by("", &one)), (2, 0));
    assert_eq!(ask(by("", &two)), (2, 1));
    assert_eq!(ask(by("a:b@", &one)), (3, 1));
    assert_eq!(ask(by("a:c@", &one)), (4, 1));
    // And every one of them serves its own again.
    assert_eq!(ask(ProxySetting::Direct), (4, 1));
    assert_eq!(ask(by("", &two)), (4, 1));
    assert_eq!(ask(by("a:b@", &one)), (4, 1));
    assert_eq!(ask(by("a:c@", &one)), (4, 1));
}

#[test]
fn tunnels_are_kept_for_their_target_and_their_proxy() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost", "127.0.0.1"], Some(&issuer), |_| {});
    let secure = Server::play_tls(vec![answers(3, OK); 5], config);
    let tunnel = Tunnel::to(secure.address);
    let mut client = through(&format!("http://{}", tunnel.address));
    client.tls = Arc::new(TlsSettings { trust: own(&issuer), ..TlsSettings::default() });
    for (url, connections) in [
        ("https://localhost/", 1),
        ("https://localhost/x", 1),
        ("https://127.0.0.1/", 2),
        ("https://localhost/", 2),
    ] {
        assert_eq!(client.get(url).unwrap().text(), "ok");
        assert_eq!(secure.connections(), connections, "{url}");
    }
    client.proxy = setting(&format!("http://u:p@{}", tunnel.address), "");
    client.get("https://localhost/").unwrap();
    assert_eq!(secure.connections(), 3);
    // Nor does one that somebody's own credentials have opened serve a request without them.
    client.proxy = setting(&format!("http://{}", tunnel.address), "");
    client.transport.close_idle();
    let written = [("Proxy-Authorization", "Basic eDp5")];
    for connections in [4, 4] {
        client.send("GET", "https://localhost/", &written, &Body::none()).unwrap();
        assert_eq!(secure.connections(), connections);
    }
    client.get("https://localhost/").unwrap();
    assert_eq!(secure.connections(), 5);
}

#[test]
fn bypassed_targets_are_reached_straight() {
    let target = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let proxy = Server::play(vec![vec![Step::Request, send(OK), Step::Hold]]);
    let mut client = Client::new();
    client.proxy = setting(&format!("http://{}", proxy.address), "127.0.0.0/8");
    client.get(&target.url("/")).unwrap();
    client.get("http://elsewhere.test/").unwrap();
    assert!(target.received_text(0).starts_with("GET / HTTP/1.1"));
    assert!(proxy.received_text(0).starts_with("GET http://elsewhere.test/ HTTP/1.1"));
}

#[test]
fn a_tls_proxy_is_checked_by_the_trust_of_the_request() {
    let issuer = ca();
    let (_, config) = leaf(&["127.0.0.1"], Some(&issuer), |_| {});
    let server = Server::play_tls(vec![answers(2, OK); 2], config);
    let mut client = through(&format!("https://{}", server.address));
    let (problem, _, detail) = failure(client.get("http://t.test/"));
    assert!(problem == "tls" && detail.starts_with("unknown-issuer"), "{problem} {detail}");
    // What was said of the target (its name, its keys) is not said of the proxy.
    let settings = TlsSettings {
        trust: own(&issuer),
        server_name: Some("other.test".into()),
        pins: vec![[1; 32]],
        ..TlsSettings::default()
    };
    client.tls = Arc::new(settings);
    assert_eq!(client.get("http://t.test/").unwrap().text(), "ok");
    assert!(server.received_text(1).starts_with("GET http://t.test/ HTTP/1.1"));
    // A connection to a proxy that was not checked does not serve a request that checks it.
    let before = server.connections();
    client.tls = Arc::new(TlsSettings { trust: Trust::None, ..TlsSettings::default() });
    let _ = client.get("http://t.test/");
    assert_eq!(server.connections(), before + 1);
}

#[test]
fn no_secret_of_a_proxy_is_in_its_errors() {
    let (_server, result) =
        connect(vec![vec![Step::Request, send(CHALLENGE), Step::Request, send(CHALLENGE)]]);
    let shown = |error: &Error| format!("{error} {error:?}");
    let text = shown(&result.unwrap_err());
    assert!(!text.contains("p@ss") && !text.contains("dTpw"), "{text}");
}

/// A proxy that gives every CONNECT a tunnel to one address.
pub(crate) struct Tunnel {
    pub(crate) address: SocketAddr,
    heads: std::sync::mpsc::Receiver<String>,
}

impl Tunnel {
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (told, heads) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut client) = stream else { return };
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && matches!(client.read(&mut byte), Ok(1)) {
                    head.push(byte[0]);
                }
                if told.send(String::from_utf8(head).unwrap()).is_err() {
                    return;
                }
                client.write_all(b"HTTP/1.1 200 Established\r\n\r\n").unwrap();
                let server = TcpStream::connect(target).unwrap();
                pump(client.try_clone().unwrap(), server.try_clone().unwrap());
                pump(server, client);
            }
        });
        Self { address, heads }
    }

    /// The head of the next CONNECT.
    pub(crate) fn head(&self) -> String {
        self.heads.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}

#[test]
fn settings_of_tls_that_cannot_be_kept_are_refused_before_a_tls_proxy_is_connected_to() {
    let server = Server::play(vec![]);
    let mut client = through(&format!("https://{}", server.address));
    let maximum = Some(httpconnector::engine::tls::TlsVersion::V1_1);
    client.tls = Arc::new(TlsSettings { maximum, ..TlsSettings::default() });
    let error = client.get("http://target.test/").unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unsupported { setting: "version", .. }), "{error:?}");
    assert_eq!(server.connections(), 0);
}
