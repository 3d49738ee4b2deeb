//! What a kept connection was opened with, and what a redirect takes along: nothing of one user, proxy or TLS setting
//! serves another.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use httpconnector::engine::auth::{Credentials, OAuth2};
use httpconnector::engine::body::{Body, Segment, Source};
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::client::Client as Policy;
use httpconnector::engine::error::{Error, ErrorKind};
use httpconnector::engine::guard::Guard;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::request::{Output, Request};
use httpconnector::engine::response::Response;
use httpconnector::engine::store::HeapMemory;
use httpconnector::engine::tls::{Identity, Provider, TlsSettings, TlsVersion, Trust};
use rcgen::{CertificateParams, KeyPair};
use rustls::version::TLS13;

use crate::client::Client;
use crate::ntlm::{challenge, challenges, messages};
use crate::proxy::{Tunnel, failure, setting, through};
use crate::server::{OK, Server, Step, answers, send};
use crate::trust::{Issuer, asking, leaf, list, own, pin, root};

fn request(url: &str) -> Request<'_> {
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: 1 << 20 };
    Request {
        proxy: ProxySetting::Direct,
        total: Some(Duration::from_secs(20)),
        ..Request::new("GET", url, output)
    }
}

fn identity(issuer: &Issuer) -> Arc<Identity> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(Vec::new()).unwrap().signed_by(&key, issuer).unwrap();
    Arc::new(Identity::Key { certificates: vec![certificate.der().to_vec()], key: key.serialize_der() })
}

#[test]
fn each_tls_setting_and_each_guard_has_connections_of_its_own() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let server = Server::play_tls(vec![answers(4, OK); 20], asking(&leaf, &root, &TLS13, false));
    let port = server.address.port();
    let url = format!("https://localhost:{port}/");

    let mut guard = Guard::default();
    guard.overrides.insert(("localhost".to_owned(), port), vec![[127, 0, 0, 1].into()]);
    let tls = TlsSettings { trust: own(&[&root]), ..TlsSettings::default() };
    let other = |change: &dyn Fn(&mut TlsSettings)| {
        let mut settings = tls.clone();
        change(&mut settings);
        settings
    };
    let mut with_more = guard.clone();
    with_more.overrides.insert(("other.test".to_owned(), 0), vec![[127, 0, 0, 1].into()]);
    let mut cases = vec![
        ("base", tls.clone(), guard.clone()),
        ("other authority", other(&|t| t.trust = Trust::None), guard.clone()),
        ("system too", other(&|t| t.trust = Trust::SystemAnd(vec![root.der().to_vec()])), guard.clone()),
        ("minimum", other(&|t| t.minimum = Some(TlsVersion::V1_3)), guard.clone()),
        ("maximum", other(&|t| t.maximum = Some(TlsVersion::V1_3)), guard.clone()),
        ("server name", other(&|t| t.server_name = Some("localhost".to_owned())), guard.clone()),
        ("pins", other(&|t| t.pins = vec![pin(&leaf.der)]), guard.clone()),
        ("revocations", other(&|t| t.revocations = vec![list(&root, &[8], 2099)]), guard.clone()),
        ("identity", other(&|t| t.identity = Some(identity(&root))), guard.clone()),
        ("another identity", other(&|t| t.identity = Some(identity(&root))), guard.clone()),
        ("private", tls.clone(), Guard { deny_private: true, ..guard.clone() }),
        ("schemes", tls.clone(), Guard { schemes: vec!["https".to_owned()], ..guard.clone() }),
        ("ports", tls.clone(), Guard { ports: vec![port], ..guard.clone() }),
        ("overrides", tls.clone(), with_more),
    ];
    if cfg!(target_os = "linux") {
        cases.push(("provider", other(&|t| t.provider = Provider::Compatible), guard.clone()));
    }
    let mut client = Policy::session();
    // Twice each: the second time everything finds its own again, as equal settings and not as the same ones.
    for round in 0..2 {
        for (index, (name, tls, guard)) in cases.iter().enumerate() {
            let mut request = request(&url);
            (request.tls, request.guard) = (Arc::new(tls.clone()), Arc::new(guard.clone()));
            let response = client.execute(&request).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(response.status, 200, "{name}");
            let opened = if round == 0 { index + 1 } else { cases.len() };
            // At most eight are kept for one key; these are fifteen keys.
            assert_eq!(server.connections(), opened, "{name} in round {round}");
        }
    }
}

#[test]
fn what_the_caller_wrote_for_a_proxy_opens_connections_for_nobody_else() {
    let server = Server::play(vec![answers(4, OK); 3]);
    let client = through(&format!("http://{}", server.address));
    let ask = |written: Option<&str>| {
        let headers: Vec<_> = written.map(|value| ("Proxy-Authorization", value)).into_iter().collect();
        client.send("GET", "http://target.test/", &headers, &Body::none()).unwrap();
        server.connections()
    };
    let counts = [Some("Basic YTpi"), Some("Basic YTpj"), None, Some("Basic YTpi"), None].map(ask);
    assert_eq!(counts, [1, 2, 3, 3, 3]);
}

#[test]
fn each_user_of_a_connection_scheme_has_connections_of_its_own() {
    let dialogue = || {
        let mut steps = vec![Step::Request, challenges(), Step::Request, send(OK)];
        steps.extend(answers(2, OK));
        steps
    };
    let server = Server::play(vec![dialogue(), dialogue(), dialogue(), answers(4, OK)]);
    let user = |user: &str, password: &str| {
        Some(Credentials::Ntlm { user: user.to_owned(), password: password.to_owned() })
    };
    let all = [user("D\\u", "p"), user("D\\u", "q"), user("D\\v", "p"), None];
    let mut client = Policy::session();
    for round in 0..2 {
        for (index, credentials) in all.iter().enumerate() {
            let url = server.url("/");
            let asked = Request { credentials: credentials.clone(), ..request(&url) };
            assert_eq!(client.execute(&asked).unwrap().status, 200);
            assert_eq!(server.connections(), if round == 0 { index + 1 } else { 4 });
        }
    }
    assert_eq!(
        [0, 1, 2, 3].map(|index| messages(&server, index)),
        [vec![1, 3, 0], vec![1, 3, 0], vec![1, 3, 0], vec![0, 0]]
    );
}

#[test]
fn connection_opened_by_a_written_token_is_not_kept() {
    for value in ["Negotiate YIIabc", "ntlm TlRMTVNTUAADAAAA"] {
        let server = Server::play(vec![answers(2, OK), answers(2, OK)]);
        let client = Client::new();
        client.send("GET", &server.url("/"), &[("Authorization", value)], &Body::none()).unwrap();
        client.get(&server.url("/")).unwrap();
        assert_eq!(server.connections(), 2, "{value}");
    }
}

#[test]
fn proxy_that_has_forgotten_a_connection_is_answered_again() {
    let refuse = |said: &str| {
        send(format!("HTTP/1.1 407 Who\r\nProxy-Authenticate: {said}\r\nContent-Length: 0\r\n\r\n"))
    };
    let dialogue = [
        Step::Request,
        refuse("NTLM"),
        Step::Request,
        refuse(&format!("NTLM {}", challenge())),
        Step::Request,
        send(OK),
    ];
    let script = dialogue.iter().cloned().cycle().take(12).chain([Step::Hold]).collect();
    let server = Server::play(vec![script]);
    let client = through(&format!("http://u:p@{}", server.address));
    for _ in 0..2 {
        assert_eq!(client.get("http://target.test/").unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.received_text(0).matches("Proxy-Authorization: NTLM ").count(), 4);
}

#[test]
fn tunnel_for_a_connection_scheme_is_asked_for_as_the_caller_wrote() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let script = vec![Step::Request, challenges(), Step::Request, send(OK), Step::Hold];
    let secure = Server::play_tls(vec![script], asking(&leaf, &root, &TLS13, false));
    let tunnel = Tunnel::to(secure.address);
    let mut request = request("https://localhost/");
    request.credentials = Some(Credentials::Ntlm { user: "u".to_owned(), password: "p".to_owned() });
    request.headers = [("Proxy-Authorization", "Basic YTpi")].into_iter().collect();
    request.proxy = setting(&format!("http://{}", tunnel.address), "");
    request.tls = Arc::new(TlsSettings { trust: own(&[&root]), ..TlsSettings::default() });
    assert_eq!(Policy::session().execute(&request).unwrap().status, 200);
    assert!(tunnel.head().contains("Proxy-Authorization: Basic YTpi\r\n"));
    assert_eq!(secure.connections(), 1);
    assert!(!secure.received_text(0).contains("Proxy-"));
}

#[test]
fn secrets_of_a_url_that_a_proxy_quotes_are_not_in_its_error() {
    let page = "<p>Denied: <a href=\"x\">http://t.test/?token=S3cret&a=1</a> for http://u:S3cret@t.test/</p>";
    let length = page.len();
    let answer = format!("HTTP/1.1 407 No\r\nContent-Length: {length}\r\n\r\n{page}");
    let server = Server::play(vec![vec![Step::Request, send(answer), Step::Hold]]);
    let client = through(&format!("http://{}", server.address));
    let (_, _, detail) = failure(client.get("http://t.test/?token=S3cret&a=1"));
    assert_eq!(detail, "No: Denied: http://t.test/?token=***&a=1 for http://t.test/");
}

#[test]
fn written_authorization_wins_over_user_information_of_a_location() {
    // The redirect leads to a name of the same proxy's world, so that it can name its own origin.
    let away = "HTTP/1.1 302 x\r\nLocation: http://u:p@target.test/x\r\nContent-Length: 0\r\n\r\n";
    let server = Server::play(vec![vec![Step::Request, send(away), Step::Request, send(OK), Step::Hold]]);
    let mut request = request("http://target.test/");
    request.headers = [("Authorization", "Own x")].into_iter().collect();
    request.proxy = setting(&format!("http://{}", server.address), "");
    assert_eq!(Policy::session().execute(&request).unwrap().status, 200);
    let received = server.received_text(0);
    assert_eq!(received.matches("Authorization: Own x\r\n").count(), 2, "{received}");
    assert!(!received.contains("Basic"), "{received}");
}

/// What following a redirect from one server that demands a certificate to another one gives.
fn redirected(same: bool) -> Result<Response, Error> {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let config = || asking(&leaf, &root, &TLS13, true);
    let other = Server::play_tls(vec![answers(2, OK); 2], config());
    let host = if same { String::new() } else { format!("https://localhost:{}", other.address.port()) };
    let away = format!("HTTP/1.1 307 x\r\nLocation: {host}/end\r\nContent-Length: 0\r\n\r\n");
    let origin = Server::play_tls(
        vec![vec![Step::Request, send(away), Step::Request, send(OK), Step::Hold]],
        config(),
    );
    let url = format!("https://localhost:{}/", origin.address.port());
    let mut request = request(&url);
    request.tls = Arc::new(TlsSettings {
        trust: own(&[&root]),
        identity: Some(identity(&root)),
        ..TlsSettings::default()
    });
    Policy::session().execute(&request)
}

#[test]
fn client_certificate_is_shown_to_its_origin_alone() {
    assert_eq!(redirected(true).unwrap().status, 200);
    let error = redirected(false).unwrap_err();
    match error.kind {
        ErrorKind::Tls { problem, .. } => assert_eq!(problem.word, "certificate-required"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn server_name_is_that_of_its_host_alone() {
    let root = root("Root");
    let named = leaf(&root, |params| {
        params.subject_alt_names =
            CertificateParams::new(vec!["name.test".to_owned()]).unwrap().subject_alt_names;
    });
    let leaf = leaf(&root, |_| {});
    let other = Server::play_tls(vec![answers(1, OK)], asking(&leaf, &root, &TLS13, false));
    let location = format!("https://localhost:{}/", other.address.port());
    let away = format!("HTTP/1.1 307 x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let script = vec![Step::Request, send(away), Step::Hold];
    let origin = Server::play_tls(vec![script], asking(&named, &root, &TLS13, false));
    let url = format!("https://127.0.0.1:{}/", origin.address.port());
    let mut request = request(&url);
    request.tls = Arc::new(TlsSettings {
        trust: own(&[&root]),
        server_name: Some("name.test".to_owned()),
        ..TlsSettings::default()
    });
    assert_eq!(Policy::session().execute(&request).unwrap().status, 200);
}

#[test]
fn server_name_is_not_that_of_a_token_endpoint() {
    let root = root("Root");
    let named = leaf(&root, |params| {
        params.subject_alt_names =
            CertificateParams::new(vec!["name.test".to_owned()]).unwrap().subject_alt_names;
    });
    let plain = leaf(&root, |_| {});
    let token = "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}";
    let granted = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{token}", token.len());
    let endpoint = Server::play_tls(vec![answers(1, &granted)], asking(&plain, &root, &TLS13, false));
    let origin = Server::play_tls(vec![answers(1, OK)], asking(&named, &root, &TLS13, false));
    let url = format!("https://127.0.0.1:{}/", origin.address.port());
    let mut request = request(&url);
    request.credentials = Some(Credentials::OAuth2(Box::new(OAuth2 {
        token_url: format!("https://localhost:{}/token", endpoint.address.port()),
        client_id: "id".to_owned(),
        ..OAuth2::default()
    })));
    request.tls = Arc::new(TlsSettings {
        trust: own(&[&root]),
        server_name: Some("name.test".to_owned()),
        ..TlsSettings::default()
    });
    assert_eq!(Policy::session().execute(&request).unwrap().status, 200);
}

/// A body that takes very long to be read; being read once more cancels the request.
struct Long {
    opened: AtomicUsize,
    cancel: Cancel,
}

impl Source for Long {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send + '_>> {
        if self.opened.fetch_add(1, Ordering::SeqCst) > 0 {
            self.cancel.cancel();
        }
        Ok(Box::new(std::io::repeat(7)))
    }
}

#[test]
fn hash_of_a_body_for_a_proxy_ends_with_the_request() {
    let challenge = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest nonce=n, qop=\"auth-int\"\r\n\
        Content-Length: 0\r\n\r\n";
    let server = Server::play(vec![vec![Step::Head, send(challenge), Step::Hold]; 2]);
    let mut client = through(&format!("http://u:p@{}", server.address));
    client.cancel = Cancel::new();
    let source = Arc::new(Long { opened: AtomicUsize::new(0), cancel: client.cancel.clone() });
    let mut body = Body::none();
    body.push(Segment::Made { source: source.clone(), length: 1 << 50 });
    let error = client.send("PUT", "http://target.test/", &[], &body).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Cancelled), "{error:?}");
    assert_eq!(source.opened.load(Ordering::SeqCst), 2);
}
