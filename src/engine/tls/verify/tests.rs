#![allow(clippy::unwrap_used, reason = "tests")]
//! Where the system verifies itself, by a system that says what a test wants; and what no server can serve.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use x509_cert::der::Encode;

use super::*;
use crate::engine::tls::pins::pin_of;

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// A system's verifier with its mind made up.
#[derive(Debug)]
struct Says(Option<CertificateError>);

impl Judge for Says {
    fn judge(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<(), Error> {
        self.0.clone().map_or(Ok(()), |error| Err(error.into()))
    }
}

fn authority(name: &str, by: Option<&Issuer>) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    match by {
        Some(issuer) => CertifiedIssuer::signed_by(params, key, issuer).unwrap(),
        None => CertifiedIssuer::self_signed(params, key).unwrap(),
    }
}

fn leaf(by: &Issuer) -> CertificateDer<'static> {
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.signed_by(&KeyPair::generate().unwrap(), by).unwrap().der().clone()
}

fn verifier(system: Option<CertificateError>, given: &[&[u8]], pins: &[[u8; 32]]) -> Verifier {
    let given: Vec<Vec<u8>> = given.iter().map(|der| der.to_vec()).collect();
    let anchors = if given.is_empty() { Vec::new() } else { anchors(&given).unwrap() };
    Verifier {
        trusted: Trusted::system(System::Verifier(Arc::new(Says(system))), anchors, given),
        rules: Rules {
            pins: pins.to_vec(),
            revocations: Revocations::new(&[]).unwrap(),
            algorithms: ring::default_provider().signature_verification_algorithms,
        },
        notes: Arc::default(),
    }
}

/// The word of the refusal.
fn word(verifier: &Verifier, chain: &[&CertificateDer<'_>]) -> Option<&'static str> {
    let others: Vec<CertificateDer<'_>> = chain[1..].iter().map(|der| (*der).clone()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    match verifier.verify_server_cert(chain[0], &others, &name, &[], UnixTime::now()) {
        Ok(_) => None,
        Err(_) => Some(verifier.notes.take().refused.unwrap().word),
    }
}

fn pin(der: &[u8]) -> [u8; 32] {
    let parsed = Parsed::from_der(der).unwrap();
    pin_of(&parsed.tbs_certificate().subject_public_key_info().to_der().unwrap())
}

#[test]
fn what_the_system_does_not_know_may_lead_to_an_own_authority() {
    let root = authority("Root", None);
    let leaf = leaf(&root);
    let unknown = Some(CertificateError::UnknownIssuer);
    assert_eq!(word(&verifier(None, &[], &[]), &[&leaf]), None);
    assert_eq!(word(&verifier(unknown.clone(), &[], &[]), &[&leaf]), Some("unknown-issuer"));
    assert_eq!(word(&verifier(unknown.clone(), &[root.der()], &[]), &[&leaf]), None);
    assert_eq!(word(&verifier(unknown.clone(), &[&leaf], &[]), &[&leaf]), None, "given itself");
    let other = authority("Other", None);
    assert_eq!(word(&verifier(unknown, &[other.der()], &[]), &[&leaf]), Some("unknown-issuer"));
    let revoked = Some(CertificateError::Revoked);
    assert_eq!(word(&verifier(revoked, &[root.der()], &[]), &[&leaf]), Some("revoked"));
}

#[test]
fn pins_with_a_system_that_does_not_tell_its_path_need_signatures_from_the_leaf_on() {
    let root = authority("Root", None);
    let inner = authority("Inner", Some(&root));
    let leaf = leaf(&inner);
    let stranger = authority("Stranger", None);
    let namesake = authority("Inner", Some(&stranger));
    let sent = [&leaf, inner.der(), root.der(), namesake.der(), stranger.der()];
    for pinned in [&leaf, inner.der(), root.der()] {
        assert_eq!(word(&verifier(None, &[], &[pin(pinned)]), &sent), None);
    }
    for appended in [namesake.der(), stranger.der()] {
        assert_eq!(word(&verifier(None, &[], &[pin(appended)]), &sent), Some("pin"));
    }
    // The root need not be sent where it was given.
    let settings = verifier(None, &[root.der()], &[pin(root.der())]);
    assert_eq!(word(&settings, &[&leaf, inner.der()]), None);
    assert_eq!(word(&verifier(None, &[], &[pin(root.der())]), &[&leaf]), Some("pin"));
}

#[test]
fn keys_of_the_russian_national_scheme_are_named() {
    let root = authority("Root", None);
    let mut der = leaf(&root).to_vec();
    // id-ecPublicKey becomes an identifier of the Russian scheme that is as long.
    let (ecdsa, national) = ([0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], [0x2a, 0x85, 3, 7, 1, 1, 1]);
    let at = der.windows(7).position(|bytes| bytes == ecdsa).unwrap();
    der[at..at + 7].copy_from_slice(&national);
    let leaf = CertificateDer::from(der);
    let unknown = Some(CertificateError::UnknownIssuer);
    assert_eq!(word(&verifier(unknown, &[], &[]), &[&leaf]), Some("national"));
}
