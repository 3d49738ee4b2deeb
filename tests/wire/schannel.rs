//! The compatible provider of Windows (SChannel): whom it trusts, names, pins, and that it ends connections as the
//! other ones do. Keys in the system's store need a person's decision and are not tested here.
//!
//! Under Wine it is the modern provider's verifier that decides (see `src/engine/tls/schannel.rs`); what Windows itself
//! says of a chain waits for a real one.

use std::sync::Arc;

use httpconnector::engine::body::Body;
use httpconnector::engine::error::{ErrorKind, Phase};
use httpconnector::engine::tls::{Provider, TlsProblem, TlsSettings, Trust};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::secure::{ca, leaf, localhost, named_ca, own, serve};
use crate::server::{OK, Step, send};

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
    assert_eq!(error.phase, Phase::Tls, "{error:?}");
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
    }
}

#[test]
fn the_name_is_checked_unless_nothing_is() {
    let issuer = ca();
    let (_, config) = leaf(&["other.example"], Some(&issuer), |_| {});
    assert_eq!(refused(config.clone(), settings(own(&issuer))).word, "wrong-name");
    assert_eq!(answered(config, settings(Trust::None)), "ok");
}

#[test]
fn pins_hold_with_verification_and_without() {
    let issuer = ca();
    let (der, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let with = |trust, pins: Vec<[u8; 32]>| TlsSettings { pins, ..settings(trust) };
    assert_eq!(answered(config.clone(), with(own(&issuer), vec![[7; 32], pin(&der)])), "ok");
    assert_eq!(answered(config.clone(), with(Trust::None, vec![pin(&der)])), "ok");
    assert_eq!(refused(config.clone(), with(own(&issuer), vec![[7; 32]])).word, "pin");
    assert_eq!(refused(config, with(Trust::None, vec![[7; 32]])).word, "pin");
}

#[test]
fn a_large_body_goes_up_whole() {
    let issuer = ca();
    let (_, config) = leaf(&["localhost"], Some(&issuer), |_| {});
    let server = serve(config, vec![Step::Request, send(OK), Step::Close]);
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(3_000_000).collect();
    let url = localhost(&server);
    let answer = client(settings(own(&issuer))).send("POST", &url, &[], &Body::bytes(body.clone())).unwrap();
    assert_eq!(answer.text(), "ok");
    assert!(server.received(0).ends_with(&body), "what came is not what was sent");
}
