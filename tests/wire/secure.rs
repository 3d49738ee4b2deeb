//! TLS: whom it trusts, how it ends, what it remembers.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{ErrorKind, Phase};
use httpconnector::engine::tls::{TlsProblem, TlsSettings, Trust, certificates_from};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::client::{Answer, Client};
use crate::server::{OK, Server, Step, send};

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn ca() -> Issuer {
    named_ca("Test CA")
}

pub(crate) fn named_ca(name: &str) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server certificate for `names` by `issuer` (or itself), changed by `change`.
pub(crate) fn leaf(
    names: &[&str],
    issuer: Option<&Issuer>,
    change: impl FnOnce(&mut CertificateParams),
) -> (CertificateDer<'static>, Arc<ServerConfig>) {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let der = certificate.der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    (der, Arc::new(config))
}

fn client(trust: Trust) -> Client {
    let mut client = Client::new();
    client.tls = Arc::new(TlsSettings { trust, ..TlsSettings::default() });
    client
}

pub(crate) fn own(issuer: &Issuer) -> Trust {
    Trust::Own(vec![issuer.der().to_vec()])
}

pub(crate) fn localhost(server: &Server) -> String {
    format!("https://localhost:{}/", server.address.port())
}

pub(crate) fn serve(config: Arc<ServerConfig>, steps: Vec<Step>) -> Server {
    Server::play_tls(vec![steps], config)
}

fn refused(config: Arc<ServerConfig>, trust: Trust) -> TlsProblem {
    let server = serve(config, vec![Step::Request, send(OK)]);
    let error = client(trust).get(&localhost(&server)).unwrap_err();
    assert_eq!(error.phase, Phase::Tls);
    match error.kind {
        ErrorKind::Tls { host, problem } => {
            assert_eq!(host, "localhost");
            problem
        }
        other => panic!("{other:?}"),
    }
}

fn ask(config: Arc<ServerConfig>, trust: Trust) -> Answer {
    let server = serve(config, vec![Step::Request, send(OK), Step::Close]);
    client(trust).get(&localhost(&server)).unwrap()
}

#[test]
fn a_certificate_of_the_own_ca_is_accepted_and_of_nobody_else() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    assert_eq!(ask(config.clone(), own(&issuer)).text(), "ok");
    for trust in [own(&named_ca("Another CA")), Trust::System] {
        let problem = refused(config.clone(), trust);
        assert_eq!(problem.word, "unknown-issuer");
        let certificate = problem.certificate.unwrap();
        assert_eq!(
            (certificate.subject.as_str(), certificate.issuer.as_str()),
            ("CN=localhost", "CN=Test CA")
        );
        assert_eq!(certificate.names, ["localhost"]);
    }
    assert_eq!(ask(config.clone(), Trust::None).text(), "ok");
    // The name of the right CA with another key.
    assert_eq!(refused(config, own(&ca())).word, "bad-signature");
}

#[test]
fn names_and_dates_are_checked() {
    let issuer = ca();
    let (_, config) = leaf(&["other.example"], Some(&issuer), |_| {});
    assert_eq!(refused(config, own(&issuer)).word, "wrong-name");
    let (_, config) = leaf(&["localhost"], Some(&issuer), |params| {
        params.not_before = date_time_ymd(2001, 2, 3);
        params.not_after = date_time_ymd(2002, 3, 4);
    });
    let problem = refused(config, own(&issuer));
    assert_eq!(problem.word, "expired");
    assert_eq!(problem.certificate.unwrap().not_after, "2002-03-04 00:00:00");
    let (_, config) = leaf(&["localhost"], Some(&issuer), |params| {
        params.not_before = date_time_ymd(2900, 1, 1);
        params.not_after = date_time_ymd(2901, 1, 1);
    });
    assert_eq!(refused(config, own(&issuer)).word, "not-yet-valid");
}

#[test]
fn a_common_name_is_not_a_name_and_the_error_says_so() {
    let issuer = ca();
    let (_, config) = leaf(&[], Some(&issuer), |_| {});
    let problem = refused(config, own(&issuer));
    assert_eq!((problem.word, problem.certificate.unwrap().subject.as_str()), ("no-names", "CN=localhost"));
}

#[test]
fn a_self_signed_certificate_given_as_own_is_accepted_with_name_and_dates_checked() {
    let (der, config) = leaf(&["localhost"], None, |_| {});
    assert_eq!(ask(config.clone(), Trust::Own(vec![der.to_vec()])).text(), "ok");
    assert_eq!(refused(config, own(&ca())).word, "unknown-issuer");
    let (der, config) = leaf(&["other.example"], None, |_| {});
    assert_eq!(refused(config, Trust::Own(vec![der.to_vec()])).word, "wrong-name");
    let (der, config) = leaf(&["localhost"], None, |params| params.not_after = date_time_ymd(2001, 1, 1));
    assert_eq!(refused(config, Trust::Own(vec![der.to_vec()])).word, "expired");
    let (der, config) = leaf(&["localhost"], None, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    assert_eq!(ask(config, Trust::Own(vec![der.to_vec()])).text(), "ok");
}

#[test]
fn http_1_1_is_the_only_protocol_offered() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let speaking = |protocols: &[&str]| {
        let mut config = (*config).clone();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    };
    assert_eq!(ask(speaking(&["h2", "http/1.1"]), own(&issuer)).text(), "ok");
    // A server that finds nothing in common refuses, which it could not if nothing were offered.
    assert_eq!(refused(speaking(&["h2"]), own(&issuer)).word, "handshake");
}

#[test]
fn settings_are_part_of_what_a_connection_is() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let script = vec![Step::Request, send(OK), Step::Hold];
    let server = Server::play_tls(vec![script.clone(), script], config);
    let mut client = client(Trust::None);
    client.get(&localhost(&server)).unwrap();
    client.tls = Arc::new(TlsSettings { trust: own(&ca()), ..TlsSettings::default() });
    let error = client.get(&localhost(&server)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Tls { .. }), "{error:?}");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_second_connection_resumes_the_session_and_an_idle_one_is_used_again() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let script = vec![Step::Request, send(OK), Step::Request, send(OK), Step::Close];
    let server = Server::play_tls(vec![script.clone(), script], config);
    let client = client(own(&issuer));
    assert!(!client.get(&localhost(&server)).unwrap().head.reused);
    assert!(client.get(&localhost(&server)).unwrap().head.reused);
    server.wait_for(0, "gone");
    assert!(!client.get(&localhost(&server)).unwrap().head.reused);
    server.wait_for(1, "resumed");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_body_that_ends_with_the_connection_needs_close_notify_unless_allowed() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let reply = "HTTP/1.1 200 OK\r\n\r\nbody";
    let get = |end: Step, allow: bool| {
        let server = serve(config.clone(), vec![Step::Request, send(reply), end]);
        let mut client = client(own(&issuer));
        client.limits.allow_truncated_tls = allow;
        client.get(&localhost(&server))
    };
    assert_eq!(get(Step::Close, false).unwrap().text(), "body");
    let error = get(Step::Cut, false).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { received: 4, expected: None, .. }), "{error:?}");
    assert_eq!(get(Step::Cut, true).unwrap().text(), "body");
}

#[test]
fn large_bodies_go_both_ways() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let bytes: Vec<u8> = (0..=250).cycle().take(5_000_001).collect();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
    let server = serve(config, vec![Step::Request, send(head), send(&bytes), Step::Hold]);
    let client = client(own(&issuer));
    let answer = client.send("POST", &localhost(&server), &[], &Body::bytes(bytes.as_slice())).unwrap();
    assert!(answer.body == bytes);
    assert!(server.received(0).ends_with(&bytes));
    assert_eq!(client.transport.idle(), 1);
}

#[test]
fn an_early_answer_over_tls_is_returned() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let reply = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
    let server = serve(config, vec![Step::Head, send(reply), Step::Hold]);
    let body = vec![0; 64 * 1024 * 1024];
    let client = client(own(&issuer));
    let answer = client.send("POST", &localhost(&server), &[], &Body::bytes(body.as_slice())).unwrap();
    assert_eq!((answer.head.status, answer.text()), (413, "big"));
}

#[test]
fn a_server_without_tls_is_a_failed_handshake() {
    let server = Server::play(vec![vec![send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Hold]]);
    let error = client(Trust::None).get(&localhost(&server)).unwrap_err();
    assert!(
        matches!(&error.kind, ErrorKind::Tls { problem, .. } if problem.word == "handshake"),
        "{error:?}"
    );
    let server = Server::play(vec![vec![Step::Close]]);
    let error = client(Trust::None).get(&localhost(&server)).unwrap_err();
    assert!(
        matches!(&error.kind, ErrorKind::Tls { problem, .. } if problem.word == "handshake"),
        "{error:?}"
    );
}

#[test]
fn certificates_are_read_from_pem_with_text_around_and_from_der() {
    let (one, two) = (ca(), ca());
    let pem = format!("subject=Test\r\n{}\nmore text\n{}", one.pem(), two.pem());
    let expected = vec![one.der().to_vec(), two.der().to_vec()];
    assert_eq!(certificates_from(pem.as_bytes()).unwrap(), expected);
    let with_mark = format!("\u{feff}{}", one.pem());
    assert_eq!(certificates_from(with_mark.as_bytes()).unwrap(), expected[..1]);
    assert_eq!(certificates_from(one.der()).unwrap(), expected[..1]);
    let key = KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(certificates_from(format!("{key}\n{}", one.pem()).as_bytes()).unwrap(), expected[..1]);
    for bad in
        [b"".as_slice(), b"text", key.as_bytes(), &one.der()[..100], b"-----BEGIN CERTIFICATE-----\n!\n"]
    {
        assert_eq!(certificates_from(bad).unwrap_err().word, "bad-ca");
    }
}

/// `openssl s_server`, for what rustls does not do.
pub(crate) struct OpenSsl {
    child: Child,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(arguments: &[&str], folder: &std::path::Path) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program openssl is needed for this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn openssl_server(key: &str, arguments: &[&str]) -> OpenSsl {
    let arguments = [&["-www"][..], arguments].concat();
    openssl_serving(key, &arguments, Stdio::null()).0
}

/// A server that sends what is written to it, obeys its commands, and tells what it has received.
#[cfg_attr(windows, allow(dead_code, reason = "for the provider of Unix"))]
pub(crate) fn openssl_console(arguments: &[&str]) -> (OpenSsl, ChildStdin, Arc<Mutex<String>>) {
    let (mut server, seen) = openssl_serving("rsa_keygen_bits:2048", arguments, Stdio::piped());
    let console = server.child.stdin.take().unwrap();
    (server, console, seen)
}

fn openssl_serving(key: &str, arguments: &[&str], stdin: Stdio) -> (OpenSsl, Arc<Mutex<String>>) {
    let folder = tempfile::tempdir().unwrap();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", key, "-out", "key"], folder.path());
    let request = ["req", "-new", "-key", "key", "-subj", "/CN=localhost", "-out", "csr"];
    openssl(&request, folder.path());
    // Without extensions `x509 -req` makes an X.509 v1 certificate.
    openssl(
        &["x509", "-req", "-in", "csr", "-signkey", "key", "-sha1", "-days", "2", "-out", "cert"],
        folder.path(),
    );
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-key", "key", "-cert", "cert"])
        .args(arguments)
        .current_dir(folder.path())
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next().expect("openssl ended").unwrap();
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.rsplit(':').next().unwrap().trim().parse().unwrap();
        }
    };
    // It stops when nobody reads what it prints.
    let seen = Arc::new(Mutex::new(String::new()));
    let told = seen.clone();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            told.lock().unwrap().push_str(&line);
        }
    });
    (OpenSsl { child, port, _folder: folder }, seen)
}

#[test]
fn without_verification_version_1_certificates_short_keys_and_sha1_pass() {
    let weak = ["-cipher", "DEFAULT:@SECLEVEL=0"];
    let sha1 = ["-cipher", "DEFAULT:@SECLEVEL=0", "-tls1_2", "-sigalgs", "RSA+SHA1"];
    for arguments in [weak.as_slice(), sha1.as_slice()] {
        let server = openssl_server("rsa_keygen_bits:1024", arguments);
        let url = format!("https://localhost:{}/", server.port);
        let mut unverified = client(Trust::None);
        unverified.limits.allow_truncated_tls = true;
        assert_eq!(unverified.get(&url).unwrap().head.status, 200);
        let error = client(Trust::System).get(&url).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Tls { .. }), "{error:?}");
    }
}

#[test]
fn a_server_of_tls_1_1_only_is_named_as_such() {
    let server = openssl_server("rsa_keygen_bits:2048", &["-cipher", "DEFAULT:@SECLEVEL=0", "-tls1_1"]);
    let url = format!("https://localhost:{}/", server.port);
    let error = client(Trust::None).get(&url).unwrap_err();
    let ErrorKind::Tls { problem, .. } = &error.kind else { panic!("{error:?}") };
    assert_eq!(problem.word, "protocol-version", "{}", problem.detail);
}

#[test]
fn verification_errors_of_many_threads_do_not_mix() {
    let issuer = ca();
    let expired =
        leaf(&["localhost"], Some(&issuer), |params| params.not_after = date_time_ymd(2002, 1, 1)).1;
    let wrong = leaf(&["other.example"], Some(&issuer), |_| {}).1;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let problem = refused(expired.clone(), own(&issuer));
                assert_eq!(
                    (problem.word, problem.certificate.unwrap().names),
                    ("expired", vec!["localhost".into()])
                );
            });
            scope.spawn(|| {
                let problem = refused(wrong.clone(), own(&issuer));
                let names = problem.certificate.unwrap().names;
                assert_eq!((problem.word, names), ("wrong-name", vec!["other.example".into()]));
            });
        }
    });
}

#[test]
fn what_a_server_says_unasked_is_not_the_answer_to_the_next_request() {
    use httpconnector::engine::tls::Provider;

    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let body = "x".repeat(40_000);
    let unasked = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}{unasked}", body.len());
    let providers = if cfg!(target_os = "linux") { 2 } else { 1 };
    for provider in [Provider::Modern, Provider::Compatible].into_iter().take(providers) {
        let first = vec![Step::Request, send(&answer), Step::Request, send(OK), Step::Hold];
        let server = Server::play_tls(vec![first, vec![Step::Request, send(OK), Step::Hold]], config.clone());
        let mut client = client(own(&issuer));
        client.tls = Arc::new(TlsSettings { provider, trust: own(&issuer), ..TlsSettings::default() });
        assert_eq!(client.get(&localhost(&server)).unwrap().text(), body);
        assert_eq!(client.get(&localhost(&server)).unwrap().text(), "ok", "{provider:?}");
    }
}
