//! What the run's openssl does not make: BER, unusual forms of passwords, hostile numbers, damaged files. The ordinary
//! kinds are tried against a real server by tests/servers/identity.rs.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use ::pkcs12::kdf::{Pkcs12KeyType, derive_key};
use hmac::{KeyInit, Mac};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use sha1::Sha1;
use time::OffsetDateTime;
use time::macros::datetime;

use super::asn1::element;
use super::{Identity, StoreSearch};
use crate::engine::tls::TlsSettings;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

fn word(certificate: &[u8], key: Option<&[u8]>, password: Option<&str>) -> &'static str {
    Identity::read(certificate, key, password, NOW).map_or_else(|problem| problem.word, |_| "usable")
}

fn certificates(identity: &Identity) -> &[Vec<u8>] {
    match identity {
        Identity::Key { certificates, .. } => certificates,
        Identity::Store(_) => &[],
    }
}

fn parameters(name: &str, from: i32, until: i32) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    (parameters.not_before, parameters.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    parameters
}

/// A self-signed certificate (DER) with its key (PKCS#8).
fn pair() -> (Vec<u8>, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    (parameters("client", 2026, 2027).self_signed(&key).unwrap().der().to_vec(), key.serialize_der())
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).filter_map(|at| text.get(at..text.len().min(at + 64))).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn oid(numbers: &str) -> Vec<u8> {
    element(6, &[der::asn1::ObjectIdentifier::new_unwrap(numbers).as_bytes()]).to_vec()
}

/// An INTEGER.
fn number(value: u32) -> Vec<u8> {
    let bytes: Vec<u8> = value.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let sign: &[u8] = if bytes.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    element(2, &[sign, &bytes]).to_vec()
}

/// A PKCS#12 file that is not encrypted; with a MAC when there is a password for it, in the form it is derived from.
fn pfx(certificate: &[u8], key: &[u8], password: Option<&[u8]>, iterations: u32) -> Vec<u8> {
    let bag = |kind: &str, value: &[u8]| element(0x30, &[&oid(kind), &element(0xa0, &[value])]);
    let certificate = element(0xa0, &[&element(4, &[certificate])]);
    let certificate = element(0x30, &[&oid("1.2.840.113549.1.9.22.1"), &certificate]);
    let bags = element(
        0x30,
        &[&bag("1.2.840.113549.1.12.10.1.3", &certificate), &bag("1.2.840.113549.1.12.10.1.1", key)],
    );
    let data = |bytes: &[u8]| {
        element(0x30, &[&oid("1.2.840.113549.1.7.1"), &element(0xa0, &[&element(4, &[bytes])])])
    };
    let safe = element(0x30, &[&data(&bags)]);
    let mac = password.map(|password| mac(&safe, password, iterations)).unwrap_or_default();
    element(0x30, &[&[2, 1, 3], &data(&safe), &mac]).to_vec()
}

fn mac(safe: &[u8], password: &[u8], iterations: u32) -> Vec<u8> {
    let salt = b"eight by";
    // A hostile number is written, not carried out.
    let rounds = i32::try_from(iterations.min(1000)).unwrap();
    let key = derive_key::<Sha1>(password, salt, Pkcs12KeyType::Mac, rounds, 20);
    let digest = hmac::Hmac::<Sha1>::new_from_slice(&key).unwrap().chain_update(safe).finalize().into_bytes();
    let algorithm = element(0x30, &[&oid("1.3.14.3.2.26"), &[5, 0]]);
    element(
        0x30,
        &[&element(0x30, &[&algorithm, &element(4, &[&digest])]), &element(4, &[salt]), &number(iterations)],
    )
    .to_vec()
}

/// The same value with indefinite lengths, and its strings of bytes in pieces.
fn ber(der: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = der;
    while let Some((&tag, after)) = rest.split_first() {
        let (&first, after) = after.split_first().unwrap();
        let (length, after) = match first {
            short @ ..0x80 => (usize::from(short), after),
            long => {
                let (bytes, after) = after.split_at(usize::from(long & 0x7f));
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), after)
            }
        };
        let (value, after) = after.split_at(length);
        rest = after;
        if tag == 4 {
            out.extend([0x24, 0x80]);
            value.chunks(100).for_each(|piece| out.extend_from_slice(&element(4, &[piece])));
            out.extend([0, 0]);
        } else if tag & 0x20 != 0 {
            out.extend([tag, 0x80]);
            out.extend(ber(value));
            out.extend([0, 0]);
        } else {
            out.extend_from_slice(&element(tag, &[value]));
        }
    }
    out
}

#[test]
fn pkcs12_in_ber_is_read_like_der() {
    let (certificate, key) = pair();
    let file = pfx(&certificate, &key, Some(b"\0p\0\0"), 1000);
    let wanted = Identity::read(&file, None, Some("p"), NOW).unwrap();
    let other = ber(&file);
    assert!(other.len() > file.len() && other.starts_with(&[0x30, 0x80]));
    assert_eq!(Identity::read(&other, None, Some("p"), NOW), Ok(wanted));
    assert_eq!(word(&other, None, Some("q")), "password");
}

#[test]
fn every_form_of_the_empty_password_is_tried() {
    let (certificate, key) = pair();
    for form in [&b"\0\0"[..], b""] {
        let file = pfx(&certificate, &key, Some(form), 1000);
        assert_eq!(word(&file, None, None), "usable", "{form:?}");
        assert_eq!(word(&file, None, Some("")), "usable", "{form:?}");
        assert_eq!(word(&file, None, Some(" ")), "password", "{form:?}");
    }
}

#[test]
fn bytes_taken_for_characters_are_tried_for_passwords_beyond_ascii() {
    let (certificate, key) = pair();
    let mut wide: Vec<u8> = "Ключ".bytes().flat_map(|byte| [0, byte]).collect();
    wide.extend([0, 0]);
    let file = pfx(&certificate, &key, Some(&wide), 1000);
    assert_eq!(word(&file, None, Some("Ключ")), "usable");
    assert_eq!(word(&file, None, Some("Ключи")), "password");
}

#[test]
fn absurd_numbers_of_iterations_are_refused_at_once() {
    let (certificate, key) = pair();
    let began = std::time::Instant::now();
    for iterations in [10_000_001, 2_147_483_647, 4_294_967_295] {
        let file = pfx(&certificate, &key, Some(b"\0\0"), iterations);
        assert_eq!(word(&file, None, None), "encryption", "{iterations}");
    }
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn scrypt_with_absurd_costs_is_refused_at_once() {
    let (certificate, _) = pair();
    let began = std::time::Instant::now();
    // Cost, block size, parallelization: much memory in one table or the other, and much work.
    let cases = [(1 << 20, 8, 1, "memory"), (2, 30_000, 30_000, "memory"), (1 << 14, 8, 1000, "iterations")];
    for (cost, size, parallel, why) in cases {
        let kdf = element(0x30, &[&element(4, &[b"salt"]), &number(cost), &number(size), &number(parallel)]);
        let kdf = element(0x30, &[&oid("1.3.6.1.4.1.11591.4.11"), &kdf]);
        let cipher = element(0x30, &[&oid("2.16.840.1.101.3.4.1.42"), &element(4, &[&[0; 16]])]);
        let scheme = element(0x30, &[&oid("1.2.840.113549.1.5.13"), &element(0x30, &[&kdf, &cipher])]);
        let key = element(0x30, &[&scheme, &element(4, &[&[0; 64]])]);
        let problem = Identity::read(&certificate, Some(&key), Some("p"), NOW).unwrap_err();
        assert_eq!(problem.word, "encryption");
        assert!(problem.detail.contains(why), "{cost} {size} {parallel}: {}", problem.detail);
    }
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn pkcs12_with_a_mac_that_is_not_known_is_opened_all_the_same() {
    let (certificate, key) = pair();
    let mut file = pfx(&certificate, &key, Some(b"\0\0"), 1);
    // The last byte of the number of SHA-1.
    let at = file.windows(7).rposition(|bytes| bytes == [6, 5, 0x2b, 0x0e, 3, 2, 0x1a]).unwrap();
    *file.get_mut(at + 6).unwrap() = 0x1f;
    assert_eq!(word(&file, None, Some("anything")), "usable");
}

#[test]
fn damaged_files_are_errors() {
    let (certificate, key) = pair();
    let files =
        [pfx(&certificate, &key, None, 1), ber(&pfx(&certificate, &key, Some(b"\0\0"), 1)), key.clone()];
    for file in files {
        for length in 0..file.len() {
            assert_ne!(word(file.get(..length).unwrap(), Some(&key), None), "usable", "cut at {length}");
        }
        // Some bits are nobody's: names, flags of certificates. None may panic.
        for at in 0..file.len() {
            let mut damaged = file.clone();
            *damaged.get_mut(at).unwrap() ^= 0x81;
            word(&damaged, None, None);
            word(&certificate, Some(&damaged), None);
        }
    }
}

#[test]
fn texts_of_every_make_are_read() {
    let (certificate, key) = pair();
    let text = pem("CERTIFICATE", &certificate) + &pem("PRIVATE KEY", &key);
    assert_eq!(word(text.as_bytes(), None, None), "usable");
    assert_eq!(word(text.replace('\n', "\r\n").as_bytes(), None, None), "usable");
    assert_eq!(word(text.replace('\n', "\r").as_bytes(), None, None), "usable");
    assert_eq!(
        word(format!("\u{feff}Bag Attributes\n  friendlyName: я\n{text}").as_bytes(), None, None),
        "usable"
    );
    assert_eq!(word(text.replace("\n", "  \n ").as_bytes(), None, None), "usable");
    let endless = text.replace("-----END PRIVATE KEY-----", "");
    assert_eq!(word(endless.as_bytes(), None, None), "format");
    assert_eq!(word(text.replace("MIG", "М").as_bytes(), None, None), "format");
    let dsa = pem("CERTIFICATE", &certificate) + &pem("DSA PRIVATE KEY", &key);
    assert_eq!(word(dsa.as_bytes(), None, None), "key-type");
    let dek = pem("CERTIFICATE", &certificate)
        + &pem("RSA PRIVATE KEY", &key).replacen(
            '\n',
            "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
            1,
        );
    assert_eq!(word(dek.as_bytes(), None, Some("p")), "encryption");
    assert_eq!(word(&vec![b' '; super::LARGEST + 1], None, None), "format");
    assert_eq!(word(b"", None, None), "format");
}

#[test]
fn chain_is_ordered_from_the_leaf_and_without_the_root() {
    let authority = |name: &str| {
        let mut parameters = parameters(name, 2020, 2040);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters
    };
    let root = CertifiedIssuer::self_signed(authority("root"), KeyPair::generate().unwrap()).unwrap();
    let upper = CertifiedIssuer::signed_by(authority("upper"), KeyPair::generate().unwrap(), &root).unwrap();
    let lower = CertifiedIssuer::signed_by(authority("lower"), KeyPair::generate().unwrap(), &upper).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = parameters("leaf", 2026, 2027).signed_by(&key, &lower).unwrap();
    let stranger = pair().0;
    let text: String = [root.der(), lower.der(), &stranger.into(), upper.der(), leaf.der()]
        .iter()
        .map(|der| pem("CERTIFICATE", der))
        .collect();
    let identity = Identity::read(text.as_bytes(), Some(&key.serialize_der()), None, NOW).unwrap();
    assert_eq!(certificates(&identity), [leaf.der().to_vec(), lower.der().to_vec(), upper.der().to_vec()]);
}

#[test]
fn authorities_that_certify_each_other_are_no_loop() {
    let mut one = parameters("one", 2020, 2040);
    one.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut two = one.clone();
    two.distinguished_name = parameters("two", 2020, 2040).distinguished_name;
    let first = CertifiedIssuer::self_signed(one.clone(), KeyPair::generate().unwrap()).unwrap();
    let second = CertifiedIssuer::signed_by(two, KeyPair::generate().unwrap(), &first).unwrap();
    let back = one.signed_by(first.key(), &second).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = parameters("leaf", 2026, 2027).signed_by(&key, &first).unwrap();
    let text: String =
        [leaf.der(), back.der(), second.der()].iter().map(|der| pem("CERTIFICATE", der)).collect();
    let identity = Identity::read(text.as_bytes(), Some(&key.serialize_der()), None, NOW).unwrap();
    assert_eq!(certificates(&identity).len(), 3);
}

#[test]
fn certificate_that_is_valid_is_taken_before_an_expired_one_of_the_same_key() {
    let key = KeyPair::generate().unwrap();
    let make = |from, until| parameters("client", from, until).self_signed(&key).unwrap().der().to_vec();
    let (old, new) = (make(2024, 2025), make(2026, 2027));
    let text = pem("CERTIFICATE", &old) + &pem("CERTIFICATE", &new);
    let identity = Identity::read(text.as_bytes(), Some(&key.serialize_der()), None, NOW).unwrap();
    assert_eq!(certificates(&identity), [new]);
    let problem = Identity::read(&old, Some(&key.serialize_der()), None, NOW).unwrap_err();
    assert_eq!((problem.word, problem.detail.as_str()), ("expired", "CN=client: 2025-01-01T00:00:00Z"));
    assert_eq!(word(&make(2027, 2028), Some(&key.serialize_der()), None), "not-yet-valid");
}

#[test]
fn secret_number_without_its_leading_zeros_is_filled_up() {
    // One key in 256 begins with a zero. The version before it tells it from bytes that only look like it.
    let zero_at = |der: &[u8]| {
        let found = der.windows(6).position(|bytes| matches!(bytes, [2, 1, 1, 0x04, 0x20, 0]));
        found.map(|at| at + 3)
    };
    let key = std::iter::repeat_with(|| KeyPair::generate().unwrap())
        .find(|key| zero_at(&key.serialize_der()).is_some())
        .unwrap();
    let certificate = parameters("client", 2026, 2027).self_signed(&key).unwrap().der().to_vec();
    let whole = key.serialize_der();
    let at = zero_at(&whole).unwrap();
    let short = element(4, &[whole.get(at + 3..at + 34).unwrap()]);
    let curve = element(0xa0, &[&oid("1.2.840.10045.3.1.7")]);
    let sec1 = element(0x30, &[&[2, 1, 1], &short, &curve]);
    let identity = Identity::read(&certificate, Some(&sec1), None, NOW).unwrap();
    let settings = TlsSettings { identity: Some(Arc::new(identity)), ..TlsSettings::default() };
    assert!(super::usable(&settings).is_ok());
}

#[test]
fn identities_differ_by_certificate_and_by_key_and_show_neither() {
    let ((first, key), (second, other)) = (pair(), pair());
    let make = |certificate: &Vec<u8>, key: &Vec<u8>| Identity::Key {
        certificates: vec![certificate.clone()],
        key: key.clone(),
    };
    assert_eq!(make(&first, &key), make(&first, &key));
    assert_ne!(make(&first, &key), make(&second, &key));
    assert_ne!(make(&first, &key), make(&first, &other));
    let shown = format!("{:?}", make(&first, &key));
    assert_eq!(shown, "Identity(1 certificates, ***)");
    assert_ne!(make(&first, &key), Identity::Store(StoreSearch::Subject("client".to_owned())));
}
