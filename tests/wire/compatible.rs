//! The compatible provider (OpenSSL): it speaks with peers the modern one refuses, and is no laxer about whom it
//! trusts, where a body ends, or how long it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{ErrorKind, Limit, Phase};
use httpconnector::engine::tls::{Identity, Provider, TlsProblem, TlsSettings, TlsVersion, Trust};
use rcgen::{
    CertificateParams, CertificateRevocationListParams, KeyIdMethod, KeyPair, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::secure::{Issuer, ca, leaf, localhost, named_ca, openssl_server, own, serve};
use crate::server::{OK, Server, Step, send};

fn settings(trust: Trust) -> TlsSettings {
    TlsSettings { provider: Provider::Compatible, trust, ..TlsSettings::default() }
}

fn client(settings: TlsSettings) -> Client {
    let mut client = Client::new();
    client.tls = Arc::new(settings);
    client
}

fn answered(config: Arc<ServerConfig>, settings: TlsSettings) -> String {
    let server = serve(config, vec![Step::Request, send(OK), Step::Close]);
    client(settings).get(&localhost(&server)).unwrap().text().to_owned()
}

fn refused(config: Arc<ServerConfig>, settings: TlsSettings) -> TlsProblem {
    let server = serve(config, vec![Step::Request, send(OK)]);
    let error = client(settings).get(&localhost(&server)).unwrap_err();
    assert_eq!(error.phase, Phase::Tls);
    let ErrorKind::Tls { problem, .. } = error.kind else { panic!("{error:?}") };
    problem
}

fn pin(certificate: &CertificateDer<'_>) -> [u8; 32] {
    use x509_cert::der::{Decode, Encode};
    let parsed = x509_cert::Certificate::from_der(certificate).unwrap();
    Sha256::digest(parsed.tbs_certificate().subject_public_key_info().to_der().unwrap()).into()
}

#[test]
fn a_certificate_of_the_own_ca_is_accepted_and_of_nobody_else() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    assert_eq!(answered(config.clone(), settings(own(&issuer))), "ok");
    assert_eq!(answered(config.clone(), settings(Trust::SystemAnd(vec![issuer.der().to_vec()]))), "ok");
    assert_eq!(answered(config.clone(), settings(Trust::None)), "ok");
    for trust in [own(&named_ca("Another CA")), Trust::System] {
        let problem = refused(config.clone(), settings(trust));
        assert_eq!(problem.word, "unknown-issuer", "{}", problem.detail);
        assert_eq!(problem.certificate.unwrap().issuer, "CN=Test CA");
    }
    // The name of the right CA with another key.
    let problem = refused(config, settings(own(&ca())));
    assert!(["bad-signature", "unknown-issuer"].contains(&problem.word), "{problem:?}");
}

#[test]
fn a_certificate_given_itself_is_trusted_and_its_name_and_dates_are_looked_at() {
    let (der, config) = leaf(&["localhost"], None, |_| {});
    assert_eq!(answered(config, settings(Trust::Own(vec![der.to_vec()]))), "ok");
    let (der, config) = leaf(&["other.example"], None, |_| {});
    assert_eq!(refused(config, settings(Trust::Own(vec![der.to_vec()]))).word, "wrong-name");
}

#[test]
fn names_and_dates_are_checked() {
    let issuer = ca();
    let word = |names: &[&str], change: fn(&mut CertificateParams)| {
        refused(leaf(names, Some(&issuer), change).1, settings(own(&issuer))).word
    };
    assert_eq!(word(&["other.example"], |_| {}), "wrong-name");
    assert_eq!(word(&["localhost"], |params| params.not_after = date_time_ymd(2002, 3, 4)), "expired");
    // A common name is no name of a server (RFC 9525 section 6.3).
    assert_eq!(word(&[], |_| {}), "no-names");
    let late = |params: &mut CertificateParams| params.not_before = date_time_ymd(2090, 3, 4);
    assert_eq!(word(&["localhost"], late), "not-yet-valid");
    let purpose = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    };
    assert_eq!(word(&["localhost"], purpose), "purpose");
    // By address, and by another name than that of the URL.
    let (_, config) = leaf(&["127.0.0.1"], Some(&issuer), |_| {});
    let server = serve(config, vec![Step::Request, send(OK), Step::Close]);
    let url = format!("https://{}/", server.address);
    assert_eq!(client(settings(own(&issuer))).get(&url).unwrap().text(), "ok");
    let (_, config) = leaf(&["inner.example"], Some(&issuer), |_| {});
    let server_name = Some("inner.example".to_owned());
    assert_eq!(answered(config, TlsSettings { server_name, ..settings(own(&issuer)) }), "ok");
}

#[test]
fn pins_hold_with_verification_and_without() {
    let issuer = ca();
    let (der, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let with = |trust, pins: Vec<[u8; 32]>| TlsSettings { pins, ..settings(trust) };
    assert_eq!(answered(config.clone(), with(own(&issuer), vec![[7; 32], pin(&der)])), "ok");
    assert_eq!(answered(config.clone(), with(own(&issuer), vec![pin(issuer.der())])), "ok");
    assert_eq!(answered(config.clone(), with(Trust::None, vec![pin(&der)])), "ok");
    assert_eq!(refused(config.clone(), with(own(&issuer), vec![[7; 32]])).word, "pin");
    assert_eq!(refused(config.clone(), with(Trust::None, vec![[7; 32]])).word, "pin");
    // Nothing proves that the authority issued it.
    assert_eq!(refused(config, with(Trust::None, vec![pin(issuer.der())])).word, "pin");
}

#[test]
fn nothing_is_sent_to_a_peer_without_a_pinned_key() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let server = serve(config, vec![Step::Request, send(OK)]);
    let settings = TlsSettings { pins: vec![[7; 32]], ..settings(own(&issuer)) };
    client(settings).get(&localhost(&server)).unwrap_err();
    server.wait_for(0, "gone");
    assert!(server.received(0).is_empty());
}

#[test]
fn a_listed_certificate_is_refused_and_an_unlisted_accepted() {
    let issuer = ca();
    let list = |serial, until| revocation_list(&issuer, serial, until);
    let (_, config) = leaf(&["localhost"], Some(&issuer), |params| {
        params.serial_number = Some(SerialNumber::from(4711));
    });
    let with = |revocations| TlsSettings { revocations, ..settings(own(&issuer)) };
    assert_eq!(answered(config.clone(), with(vec![list(815, 2090)])), "ok");
    assert_eq!(refused(config.clone(), with(vec![list(4711, 2090)])).word, "revoked");
    // An old list still lists what it lists.
    assert_eq!(refused(config.clone(), with(vec![list(4711, 2021)])).word, "revoked");
    assert_eq!(answered(config.clone(), with(vec![list(815, 2021)])), "ok");
    assert_eq!(refused(config, with(vec![vec![0x30, 0]])).word, "bad-crl");
}

/// A list of the authority with one certificate, good to the beginning of a year.
fn revocation_list(issuer: &Issuer, serial: u64, until: i32) -> Vec<u8> {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(until, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

#[test]
fn a_given_certificate_is_refused_when_listed_though_nothing_is_known_of_its_issuer() {
    let issuer = ca();
    let list = |serial| revocation_list(&issuer, serial, 2090);
    let (der, config) = leaf(&["localhost"], Some(&issuer), |params| {
        params.serial_number = Some(SerialNumber::from(4711));
    });
    for provider in [Provider::Modern, Provider::Compatible] {
        let with =
            |revocations| TlsSettings { provider, revocations, ..settings(Trust::Own(vec![der.to_vec()])) };
        assert_eq!(answered(config.clone(), with(vec![list(815)])), "ok", "{provider:?}");
        assert_eq!(refused(config.clone(), with(vec![list(4711)])).word, "revoked", "{provider:?}");
    }
}

#[test]
fn old_versions_ciphers_keys_and_signatures_are_spoken_by_this_provider_only() {
    let level = "DEFAULT:@SECLEVEL=0";
    let long = "rsa_keygen_bits:2048";
    for (name, key, arguments) in [
        ("TLS 1.0", long, &["-tls1", "-cipher", level][..]),
        ("TLS 1.1", long, &["-tls1_1", "-cipher", level]),
        ("CBC", long, &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"]),
        ("RSA key exchange", long, &["-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"]),
        ("DHE", long, &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"]),
        ("DHE of 1024 bits", long, &["-tls1", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"]),
    ] {
        let server = openssl_server(key, arguments);
        let url = format!("https://localhost:{}/", server.port);
        let mut modern = Client::new();
        modern.tls = Arc::new(TlsSettings { trust: Trust::None, ..TlsSettings::default() });
        let error = modern.get(&url).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Tls { .. }), "{name}: {error:?}");
        let mut compatible = client(settings(Trust::None));
        compatible.limits.allow_truncated_tls = true;
        let answer = compatible.get(&url).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(answer.head.status, 200, "{name}");
    }
    // What the modern one takes too when it does not verify.
    for arguments in [&["-cipher", level][..], &["-cipher", level, "-tls1_2", "-sigalgs", "RSA+SHA1"]] {
        let server = openssl_server("rsa_keygen_bits:1024", arguments);
        let mut compatible = client(settings(Trust::None));
        compatible.limits.allow_truncated_tls = true;
        let answer = compatible.get(&format!("https://localhost:{}/", server.port));
        assert_eq!(answer.unwrap().head.status, 200, "{arguments:?}");
    }
}

#[test]
fn limits_of_versions_hold() {
    let server = openssl_server("rsa_keygen_bits:2048", &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"]);
    let url = format!("https://localhost:{}/", server.port);
    let minimum = Some(TlsVersion::V1_2);
    let error = client(TlsSettings { minimum, ..settings(Trust::None) }).get(&url).unwrap_err();
    let ErrorKind::Tls { problem, .. } = error.kind else { panic!("{error:?}") };
    assert_eq!(problem.word, "protocol-version", "{}", problem.detail);
    let server = openssl_server("rsa_keygen_bits:2048", &["-tls1_2"]);
    let url = format!("https://localhost:{}/", server.port);
    let maximum = Some(TlsVersion::V1_1);
    let error = client(TlsSettings { maximum, ..settings(Trust::None) }).get(&url).unwrap_err();
    let ErrorKind::Tls { problem, .. } = error.kind else { panic!("{error:?}") };
    assert_eq!(problem.word, "protocol-version", "{}", problem.detail);
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let maximum = Some(TlsVersion::V1_2);
    assert_eq!(answered(config, TlsSettings { maximum, ..settings(own(&issuer)) }), "ok");
}

#[test]
fn large_bodies_are_whole_both_ways() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let body: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[(n % 4) as usize]).collect();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = [head.as_bytes(), &body].concat();
    let server = serve(config, vec![Step::Request, send(answer), Step::Close]);
    let client = client(settings(own(&issuer)));
    let given = client.send("POST", &localhost(&server), &[], &Body::bytes(body.clone())).unwrap();
    assert!(given.body == body, "{} bytes came back", given.body.len());
    let received = server.received(0);
    assert!(received.ends_with(&body), "{} bytes arrived", received.len());
}

#[test]
fn a_body_cut_without_close_notify_is_noticed() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let endless = "HTTP/1.1 200 OK\r\n\r\nhalf";
    let server = serve(config.clone(), vec![Step::Request, send(endless), Step::Cut]);
    let error = client(settings(own(&issuer))).get(&localhost(&server)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Closed { received: 4, .. }), "{error:?}");
    let server = serve(config, vec![Step::Request, send(endless), Step::Close]);
    assert_eq!(client(settings(own(&issuer))).get(&localhost(&server)).unwrap().text(), "half");
}

#[test]
fn a_silent_handshake_ends_in_time_and_by_a_cancel() {
    let server = Server::play(vec![vec![Step::Hold], vec![Step::Hold]]);
    let url = format!("https://{}/", server.address);
    let mut client = client(settings(Trust::None));
    client.limits.connect = Some(Duration::from_millis(300));
    let began = Instant::now();
    let error = client.get(&url).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout { limit: Limit::Connect, .. }), "{error:?}");
    assert_eq!(error.phase, Phase::Tls);
    client.limits.connect = None;
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            crate::server::wait_until(|| server.connections() == 2);
            client.cancel.cancel();
        });
        client.get(&url).unwrap_err()
    });
    assert!(matches!(error.kind, ErrorKind::Cancelled), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_is_no_tls_is_an_error_of_the_handshake() {
    for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &[0x16, 3, 1, 0xff, 0xff], &[]] {
        let server = Server::play(vec![vec![send(bytes), Step::Close]]);
        let error = client(settings(Trust::None)).get(&format!("https://{}/", server.address)).unwrap_err();
        let ErrorKind::Tls { problem, .. } = error.kind else { panic!("{error:?}") };
        assert!(["handshake", "protocol-version"].contains(&problem.word), "{problem:?}");
    }
}

fn asking(issuer: &Issuer, version: &'static rustls::SupportedProtocolVersion) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        );
    Arc::new(config.unwrap())
}

fn identity(issuer: &Issuer) -> Option<Arc<Identity>> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(Vec::new()).unwrap().signed_by(&key, issuer).unwrap();
    let certificates = vec![certificate.der().to_vec()];
    Some(Arc::new(Identity::Key { certificates, key: key.serialize_der() }))
}

#[test]
fn client_certificates_are_shown_and_their_lack_is_named() {
    let issuer = ca();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = asking(&issuer, version);
        let with = |identity| TlsSettings { identity, ..settings(own(&issuer)) };
        assert_eq!(answered(config.clone(), with(identity(&issuer))), "ok");
        for identity in [None, identity(&named_ca("Another CA"))] {
            let server = serve(config.clone(), vec![Step::Request, send(OK)]);
            let error = client(with(identity)).get(&localhost(&server)).unwrap_err();
            let ErrorKind::Tls { problem, .. } = error.kind else { panic!("{error:?}") };
            assert_eq!(problem.word, "certificate-required", "{problem:?}");
        }
    }
}

#[test]
fn sessions_are_resumed() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    for maximum in [TlsVersion::V1_2, TlsVersion::V1_3] {
        let once = vec![Step::Request, send(OK), Step::Close];
        let server = Server::play_tls(vec![once.clone(), once], config.clone());
        let settings = TlsSettings { maximum: Some(maximum), ..settings(own(&issuer)) };
        for _ in 0..2 {
            let client = client(settings.clone());
            assert_eq!(client.get(&localhost(&server)).unwrap().text(), "ok");
            client.transport.close_idle();
        }
        server.wait_for(1, "resumed");
    }
}

#[test]
fn many_threads_at_once_each_get_their_own_verdict() {
    let issuer = ca();
    let (_, good) = leaf(&["localhost"], Some(&issuer), |_| {});
    let (_, wrong) = leaf(&["other.example"], Some(&issuer), |_| {});
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(answered(good.clone(), settings(own(&issuer))), "ok"));
            scope.spawn(|| {
                let problem = refused(wrong.clone(), settings(own(&issuer)));
                assert_eq!(problem.word, "wrong-name");
                assert_eq!(problem.certificate.unwrap().names, ["other.example"]);
            });
        }
    });
}

#[test]
fn hundred_connections_one_after_another() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let once = vec![Step::Request, send(OK), Step::Close];
    let server = Server::play_tls(vec![once; 100], config);
    for _ in 0..100 {
        let mut client = client(settings(own(&issuer)));
        // Under valgrind one takes its time.
        client.total = None;
        client.limits.connect = None;
        client.limits.idle = None;
        assert_eq!(client.get(&localhost(&server)).unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 100);
}

/// How far a connection through [`joining`] has come.
#[derive(Default)]
struct Seen {
    /// The server has sent data.
    data: AtomicBool,
    /// The server has finished another handshake.
    finished: AtomicBool,
}

/// Passes records on in both directions; the first one with data of the server waits for the handshake message behind
/// it, so that both arrive at once.
fn joining(server: u16) -> (u16, Arc<Seen>) {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    fn record(from: &mut TcpStream) -> Option<Vec<u8>> {
        let mut record = vec![0; 5];
        from.read_exact(&mut record).ok()?;
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(5 + length, 0);
        from.read_exact(&mut record[5..]).ok()?;
        Some(record)
    }

    const CHANGE_CIPHER: u8 = 20;
    const HANDSHAKE: u8 = 22;
    const DATA: u8 = 23;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Seen::default());
    let tells = seen.clone();
    std::thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || {
            while let Some(record) = record(&mut from_client) {
                if to_server.write_all(&record).is_err() {
                    return;
                }
            }
        });
        let (mut held, mut joined, mut changed) = (Vec::new(), false, false);
        while let Some(record) = record(&mut server) {
            held.extend_from_slice(&record);
            if !joined && held[0] == DATA && record[0] != HANDSHAKE {
                tells.data.store(true, Ordering::SeqCst);
                continue;
            }
            joined |= held[0] == DATA;
            if client.write_all(&held).is_err() {
                return;
            }
            held.clear();
            // The last message of a handshake is the one behind the change of the cipher.
            tells.finished.fetch_or(joined && changed && record[0] == HANDSHAKE, Ordering::SeqCst);
            changed = record[0] == CHANGE_CIPHER;
        }
    });
    (port, seen)
}

#[test]
fn another_handshake_asked_for_right_behind_data_is_answered() {
    use std::io::Write;

    let (server, mut console, printed) = crate::secure::openssl_console(&["-tls1_2"]);
    let (port, seen) = joining(server.port);
    let client = client(settings(Trust::None));
    let answer = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut say = |text: &[u8]| {
                console.write_all(text).unwrap();
                console.flush().unwrap();
            };
            crate::server::wait_until(|| printed.lock().unwrap().contains("GET / HTTP/1.1"));
            say(b"HTTP/1.1 200 OK\nContent-Length: 3\n\n");
            // Commands are such at the beginning of what the program reads at once.
            crate::server::wait_until(|| seen.data.load(Ordering::SeqCst));
            say(b"r\n");
            crate::server::wait_until(|| seen.finished.load(Ordering::SeqCst));
            say(b"ok\n");
        });
        client.get(&format!("https://localhost:{port}/"))
    });
    assert_eq!(answer.unwrap().text(), "ok\n");
}
