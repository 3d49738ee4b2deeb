//! TLS settings beyond whom to trust: pins, revocation lists, versions, the name asked for, system and own roots; and
//! servers that want to know who we are.

use std::sync::Arc;

use httpconnector::engine::error::{Error, ErrorKind, Phase};
use httpconnector::engine::tls::{TlsProblem, TlsSettings, TlsVersion, Trust, revocations_from};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};

use crate::client::Client;
use crate::server::{OK, Server, Step, send};

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub(crate) fn root(name: &str) -> Issuer {
    CertifiedIssuer::self_signed(authority(name), KeyPair::generate().unwrap()).unwrap()
}

fn under(issuer: &Issuer, params: CertificateParams) -> Issuer {
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

/// A server certificate with serial number 7 and its key.
pub(crate) struct Leaf {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

pub(crate) fn leaf(issuer: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "leaf");
    params.serial_number = Some(SerialNumber::from(7u64));
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let der = params.signed_by(&key, issuer).unwrap().der().clone();
    Leaf { der, key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() }
}

const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// A server that sends `leaf` and then `others`.
fn config(
    leaf: &Leaf,
    others: &[&[u8]],
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let others = others.iter().map(|der| CertificateDer::from(der.to_vec()));
    let chain = [leaf.der.clone()].into_iter().chain(others).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, leaf.key.clone_key())
        .unwrap();
    Arc::new(config)
}

fn ask(config: Arc<ServerConfig>, settings: TlsSettings) -> Result<(), Error> {
    let server = Server::play_tls(vec![vec![Step::Request, send(OK), Step::Close]], config);
    let mut client = Client::new();
    client.tls = Arc::new(settings);
    client.get(&format!("https://localhost:{}/", server.address.port())).map(drop)
}

fn refused(config: Arc<ServerConfig>, settings: TlsSettings) -> TlsProblem {
    match ask(config, settings).unwrap_err().kind {
        ErrorKind::Tls { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn own(issuers: &[&Issuer]) -> Trust {
    Trust::Own(issuers.iter().map(|issuer| issuer.der().to_vec()).collect())
}

pub(crate) fn pin(der: &[u8]) -> [u8; 32] {
    let parsed = x509_cert::Certificate::from_der(der).unwrap();
    Sha256::digest(parsed.tbs_certificate().subject_public_key_info().to_der().unwrap()).into()
}

fn pinned(trust: Trust, pins: &[[u8; 32]]) -> TlsSettings {
    TlsSettings { trust, pins: pins.to_vec(), ..TlsSettings::default() }
}

#[test]
fn pin_of_any_certificate_of_the_verified_chain_is_accepted() {
    let root = root("Root");
    let inner = under(&root, authority("Inner"));
    let leaf = leaf(&inner, |_| {});
    let config = config(&leaf, &[inner.der()], BOTH);
    for der in [&leaf.der, inner.der(), root.der()] {
        ask(config.clone(), pinned(own(&[&root]), &[[1; 32], pin(der)])).unwrap();
    }
    let problem = refused(config, pinned(own(&[&root]), &[[1; 32]]));
    assert_eq!(problem.word, "pin");
    assert_eq!(problem.detail.matches("sha256/").count(), 3, "{}", problem.detail);
    assert_eq!(problem.certificate.unwrap().subject, "CN=leaf");
}

#[test]
fn pinned_certificate_appended_to_a_chain_of_another_authority_does_not_count() {
    let (ours, theirs) = (root("Ours"), root("Theirs"));
    let pinned_inner = under(&ours, authority("Pinned"));
    let leaf = leaf(&theirs, |_| {});
    let config = config(&leaf, &[pinned_inner.der(), ours.der()], BOTH);
    for pinned_one in [&pinned_inner, &ours] {
        let settings = pinned(own(&[&theirs, &ours]), &[pin(pinned_one.der())]);
        assert_eq!(refused(config.clone(), settings).word, "pin");
    }
    // The name of the pinned authority alone gains nothing either.
    let namesake = under(&theirs, authority("Pinned"));
    let leaf = self::leaf(&namesake, |_| {});
    let config = self::config(&leaf, &[pinned_inner.der(), namesake.der()], BOTH);
    assert_eq!(refused(config, pinned(own(&[&theirs, &ours]), &[pin(pinned_inner.der())])).word, "pin");
}

#[test]
fn path_with_the_pinned_key_is_found_where_several_lead_to_trust() {
    let (first, second) = (root("First"), root("Second"));
    // One key with the signatures of two authorities.
    let key = KeyPair::generate().unwrap().serialize_pem();
    let crossed = |issuer: &Issuer| {
        CertifiedIssuer::signed_by(authority("Inner"), KeyPair::from_pem(&key).unwrap(), issuer).unwrap()
    };
    let (by_first, by_second) = (crossed(&first), crossed(&second));
    let leaf = leaf(&by_first, |_| {});
    let config = config(&leaf, &[by_first.der(), by_second.der()], BOTH);
    for root in [&first, &second] {
        ask(config.clone(), pinned(own(&[&first, &second]), &[pin(root.der())])).unwrap();
    }
}

#[test]
fn without_verification_only_the_servers_own_key_can_be_pinned_and_it_is_proved() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let config = config(&leaf, &[root.der()], BOTH);
    ask(config.clone(), pinned(Trust::None, &[pin(&leaf.der)])).unwrap();
    assert_eq!(refused(config, pinned(Trust::None, &[pin(root.der())])).word, "pin");
    // Somebody else's certificate with a key of one's own: the signature of the handshake gives it away.
    let thief = self::leaf(&root, |_| {});
    for version in [&TLS12, &TLS13] {
        let stolen = stolen(&leaf, &thief, version);
        assert_eq!(refused(stolen.clone(), pinned(Trust::None, &[pin(&leaf.der)])).word, "bad-signature");
        ask(stolen, TlsSettings { trust: Trust::None, ..TlsSettings::default() }).unwrap();
    }
}

/// A server with the certificate of one and the key of another.
fn stolen(of: &Leaf, by: &Leaf, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
    #[derive(Debug)]
    struct Always(Arc<rustls::sign::CertifiedKey>);
    impl rustls::server::ResolvesServerCert for Always {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(self.0.clone())
        }
    }
    let key = rustls::crypto::ring::sign::any_supported_type(&by.key).unwrap();
    let both = Arc::new(rustls::sign::CertifiedKey::new(vec![of.der.clone()], key));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(both)));
    Arc::new(config)
}

pub(crate) fn list(issuer: &Issuer, serials: &[u64], until: i32) -> Vec<u8> {
    let revoked = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2020, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(until, 1, 1),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

fn with_lists(trust: Trust, revocations: &[&Vec<u8>]) -> TlsSettings {
    let revocations = revocations.iter().map(|list| (*list).clone()).collect();
    TlsSettings { trust, revocations, ..TlsSettings::default() }
}

#[test]
fn certificate_listed_by_its_issuer_is_revoked_even_by_an_old_list() {
    let root = root("Root");
    let config = config(&leaf(&root, |_| {}), &[], BOTH);
    for (serials, until, revoked) in
        [(vec![7], 2900, true), (vec![7], 2021, true), (vec![8], 2900, false), (vec![], 2021, false)]
    {
        let list = list(&root, &serials, until);
        let result = ask(config.clone(), with_lists(own(&[&root]), &[&list]));
        match (revoked, result.map_err(|error| error.kind)) {
            (true, Err(ErrorKind::Tls { problem, .. })) => assert_eq!(problem.word, "revoked"),
            (false, Ok(())) => {}
            (_, other) => panic!("{serials:?} {until}: {other:?}"),
        }
    }
}

#[test]
fn lists_of_strangers_do_not_count_and_do_not_hide_the_issuers_own() {
    let (root, stranger, namesake) = (root("Root"), self::root("Stranger"), self::root("Root"));
    let config = config(&leaf(&root, |_| {}), &[], BOTH);
    let (by_stranger, forged) = (list(&stranger, &[7], 2900), list(&namesake, &[7], 2900));
    let both = [&root, &stranger];
    ask(config.clone(), with_lists(own(&both), &[&by_stranger, &forged])).unwrap();
    let empty_forgery = list(&namesake, &[], 2900);
    let problem = refused(config, with_lists(own(&[&root]), &[&empty_forgery, &list(&root, &[7], 2900)]));
    assert_eq!(problem.word, "revoked");
}

#[test]
fn revoked_authority_in_between_is_named() {
    let root = root("Root");
    let mut params = authority("Inner");
    params.serial_number = Some(SerialNumber::from(9u64));
    let inner = under(&root, params);
    let config = config(&leaf(&inner, |_| {}), &[inner.der()], BOTH);
    let problem = refused(config, with_lists(own(&[&root]), &[&list(&root, &[9], 2900)]));
    assert_eq!((problem.word, problem.certificate.unwrap().subject.as_str()), ("revoked", "CN=Inner"));
    assert!(problem.detail.contains("certificate 2 of the chain"), "{}", problem.detail);
}

#[test]
fn certificate_given_as_such_is_refused_when_its_authority_lists_it() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let config = config(&leaf, &[], BOTH);
    let trust = Trust::Own(vec![leaf.der.to_vec(), root.der().to_vec()]);
    ask(config.clone(), with_lists(trust.clone(), &[&list(&root, &[8], 2900)])).unwrap();
    assert_eq!(refused(config, with_lists(trust, &[&list(&root, &[7], 2900)])).word, "revoked");
}

#[test]
fn revocation_lists_are_read_from_pem_and_der() {
    let root = root("Root");
    let (one, two) = (list(&root, &[1], 2900), list(&root, &[2], 2900));
    let pem = |der: &[u8]| {
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        format!("-----BEGIN X509 CRL-----\n{text}\n-----END X509 CRL-----\n")
    };
    let text = format!("lists\n{}{}\n{}", pem(&one), root.pem(), pem(&two));
    assert_eq!(revocations_from(text.as_bytes()).unwrap(), [one.clone(), two]);
    assert_eq!(revocations_from(&one).unwrap(), std::slice::from_ref(&one));
    let certificate = root.der().to_vec();
    for bad in [b"".as_slice(), b"text", root.pem().as_bytes(), &certificate, &one[..one.len() - 1]] {
        assert_eq!(revocations_from(bad).unwrap_err().word, "bad-crl");
    }
}

#[test]
fn versions_outside_of_the_limits_are_not_spoken() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let limits =
        |minimum, maximum| TlsSettings { trust: own(&[&root]), minimum, maximum, ..TlsSettings::default() };
    let only = |version| config(&leaf, &[], &[version]);
    ask(only(&TLS12), limits(None, Some(TlsVersion::V1_2))).unwrap();
    ask(only(&TLS13), limits(Some(TlsVersion::V1_3), None)).unwrap();
    ask(only(&TLS12), limits(Some(TlsVersion::V1_0), None)).unwrap();
    assert_eq!(refused(only(&TLS13), limits(None, Some(TlsVersion::V1_2))).word, "protocol-version");
    assert_eq!(refused(only(&TLS12), limits(Some(TlsVersion::V1_3), None)).word, "protocol-version");
}

#[test]
fn settings_that_do_not_go_together_are_an_error_before_connecting() {
    let server = Server::play(vec![]);
    let url = format!("https://localhost:{}/", server.address.port());
    let mut client = Client::new();
    client.tls = Arc::new(TlsSettings { maximum: Some(TlsVersion::V1_1), ..TlsSettings::default() });
    let error = client.get(&url).unwrap_err();
    assert_eq!(error.phase, Phase::Prepare);
    assert!(matches!(error.kind, ErrorKind::Unsupported { setting: "version", by: "modern" }), "{error:?}");
    client.tls = Arc::new(TlsSettings { server_name: Some("no name".into()), ..TlsSettings::default() });
    let error = client.get(&url).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "server-name", .. }), "{error:?}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn server_name_is_looked_for_instead_of_the_host() {
    let root = root("Root");
    let names = ["other.example", "xn--e1afmkfd.example", "10.1.2.3"];
    let leaf = leaf(&root, |params| {
        params.subject_alt_names =
            CertificateParams::new(names.map(str::to_owned).to_vec()).unwrap().subject_alt_names;
    });
    let config = config(&leaf, &[], BOTH);
    let named = |name: &str| TlsSettings {
        trust: own(&[&root]),
        server_name: Some(name.to_owned()),
        ..TlsSettings::default()
    };
    for name in ["other.example", "OTHER.example.", "пример.example", "10.1.2.3"] {
        ask(config.clone(), named(name)).unwrap();
    }
    for name in ["localhost", "example", "10.1.2.4", "::1"] {
        assert_eq!(refused(config.clone(), named(name)).word, "wrong-name", "{name}");
    }
}

#[test]
fn own_authorities_are_trusted_beside_those_of_the_system() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let config = config(&leaf, &[], BOTH);
    let beside =
        |der: &[u8]| TlsSettings { trust: Trust::SystemAnd(vec![der.to_vec()]), ..TlsSettings::default() };
    ask(config.clone(), beside(root.der())).unwrap();
    ask(config.clone(), beside(&leaf.der)).unwrap();
    assert_eq!(refused(config, beside(self::root("Other").der())).word, "unknown-issuer");
}

#[test]
fn what_is_wrong_with_a_chain_is_said_with_the_certificate_it_is() {
    let root = root("Root");
    let words = |leaf: &Leaf, others: &[&[u8]]| {
        let settings = TlsSettings { trust: own(&[&root]), ..TlsSettings::default() };
        let problem = refused(config(leaf, others, BOTH), settings);
        (problem.word, problem.certificate.unwrap().subject, problem.detail)
    };
    let mut params = authority("Inner");
    params.not_after = date_time_ymd(2002, 1, 1);
    let inner = under(&root, params);
    let (word, subject, detail) = words(&leaf(&inner, |_| {}), &[inner.der()]);
    assert_eq!((word, subject.as_str()), ("expired", "CN=Inner"), "{detail}");
    assert!(detail.contains("certificate 2 of the chain"), "{detail}");

    let mut params = authority("No authority");
    params.is_ca = IsCa::ExplicitNoCa;
    let inner = under(&root, params);
    let (word, subject, detail) = words(&leaf(&inner, |_| {}), &[inner.der()]);
    assert_eq!((word, subject.as_str()), ("not-a-ca", "CN=No authority"), "{detail}");

    let inner = under(&root, authority("Missing"));
    let (word, _, detail) = words(&leaf(&inner, |_| {}), &[]);
    assert_eq!(word, "unknown-issuer");
    assert!(detail.contains("CN=Missing") && detail.contains("incomplete"), "{detail}");

    let stranger = self::root("Stranger");
    let (word, _, detail) = words(&leaf(&stranger, |_| {}), &[stranger.der()]);
    assert_eq!(word, "unknown-issuer");
    assert!(detail.contains("ends with CN=Stranger"), "{detail}");

    let for_clients = leaf(&root, |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    assert_eq!(words(&for_clients, &[]).0, "purpose");
}

#[test]
fn signature_of_the_russian_national_scheme_is_named() {
    let root = root("Root");
    let mut gost = leaf(&root, |_| {});
    let mut der = gost.der.to_vec();
    // ecdsa-with-SHA256 becomes the signature with GOST R 34.10-2012 and a 256 bit key; as long.
    let (ecdsa, national) = ([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], [0x2a, 0x85, 3, 7, 1, 1, 3, 2]);
    let mut replaced = 0;
    for start in 0..der.len() - 8 {
        if der[start..start + 8] == ecdsa {
            der[start..start + 8].copy_from_slice(&national);
            replaced += 1;
        }
    }
    assert_eq!(replaced, 2, "inside what is signed and outside of it");
    gost.der = der.into();
    for trust in [own(&[&root]), own(&[&self::root("Other")])] {
        let settings = TlsSettings { trust, ..TlsSettings::default() };
        let problem = refused(config(&gost, &[], BOTH), settings);
        assert_eq!(problem.word, "national", "{}", problem.detail);
    }
}

/// A server that asks for a certificate of `root`, and insists on it.
pub(crate) fn asking(
    leaf: &Leaf,
    root: &Issuer,
    version: &'static SupportedProtocolVersion,
    insists: bool,
) -> Arc<ServerConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let verifier = if insists { builder } else { builder.allow_unauthenticated() }.build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![leaf.der.clone()], leaf.key.clone_key())
        .unwrap();
    Arc::new(config)
}

#[test]
fn server_that_insists_on_a_client_certificate_is_understood_in_both_versions() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    for version in [&TLS12, &TLS13] {
        // Several times: in TLS 1.3 the refusal meets the request on its way.
        for _ in 0..20 {
            let settings = TlsSettings { trust: own(&[&root]), ..TlsSettings::default() };
            let problem = refused(asking(&leaf, &root, version, true), settings);
            assert_eq!(problem.word, "certificate-required", "{}", problem.detail);
        }
    }
}

#[test]
fn reset_before_an_answer_is_a_refusal_only_where_a_certificate_was_asked_for() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let reset = |config| {
        let server = Server::play_tls(vec![vec![Step::Request, Step::Reset]], config);
        let mut client = Client::new();
        client.tls = Arc::new(TlsSettings { trust: own(&[&root]), ..TlsSettings::default() });
        client.get(&format!("https://localhost:{}/", server.address.port())).unwrap_err().kind
    };
    match reset(asking(&leaf, &root, &TLS13, false)) {
        ErrorKind::Tls { problem, .. } => assert_eq!(problem.word, "certificate-required"),
        other => panic!("{other:?}"),
    }
    let plain = reset(config(&leaf, &[], BOTH));
    assert!(matches!(plain, ErrorKind::Closed { received: 0, .. }), "{plain:?}");
    ask(asking(&leaf, &root, &TLS13, false), TlsSettings { trust: own(&[&root]), ..TlsSettings::default() })
        .unwrap();
}
