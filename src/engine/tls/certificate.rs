//! What can be seen of certificates without trusting them: for errors only, nothing is decided by it.

use rustls::pki_types::CertificateDer;
use x509_cert::Certificate as Parsed;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Header, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::time::Time;

use super::Certificate;

/// Names listed at most: some certificates carry hundreds.
const NAMES: usize = 20;
/// Certificates of a chain looked at.
const CHAIN: usize = 10;
/// Shortest RSA key the modern provider takes.
const RSA_BITS: usize = 2048;

/// The server's certificate and those sent with it that lead on from it, by their names.
pub(super) fn chain(leaf: &[u8], others: &[CertificateDer<'_>]) -> Vec<Parsed> {
    let Ok(leaf) = Parsed::from_der(leaf) else { return Vec::new() };
    let mut rest: Vec<Parsed> = others.iter().filter_map(|der| Parsed::from_der(der).ok()).collect();
    let mut chain = vec![leaf];
    while let Some(last) = chain.last().filter(|last| !is_self_issued(last) && chain.len() < CHAIN) {
        let issuer = last.tbs_certificate().issuer();
        let Some(next) = rest.iter().position(|other| other.tbs_certificate().subject() == issuer) else {
            break;
        };
        chain.push(rest.remove(next));
    }
    chain
}

/// What an error says about a certificate.
pub(super) fn describe(parsed: &Parsed) -> Certificate {
    let tbs = parsed.tbs_certificate();
    let names =
        tbs.get_extension::<SubjectAltName>().ok().flatten().map_or_else(Vec::new, |(_, names)| {
            names.0.iter().filter_map(general_name).take(NAMES).collect()
        });
    Certificate {
        subject: tbs.subject().to_string(),
        issuer: tbs.issuer().to_string(),
        not_before: moment(tbs.validity().not_before),
        not_after: moment(tbs.validity().not_after),
        names,
    }
}

pub(super) fn subject(parsed: &Parsed) -> String {
    parsed.tbs_certificate().subject().to_string()
}

pub(super) fn issuer(parsed: &Parsed) -> String {
    parsed.tbs_certificate().issuer().to_string()
}

pub(super) fn is_self_issued(parsed: &Parsed) -> bool {
    let tbs = parsed.tbs_certificate();
    tbs.subject() == tbs.issuer()
}

/// Whether it may sign certificates.
pub(super) fn is_authority(parsed: &Parsed) -> bool {
    matches!(parsed.tbs_certificate().get_extension::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca)
}

/// Bits of an RSA key that is too short.
pub(super) fn short_key(parsed: &Parsed) -> Option<usize> {
    let key = parsed.tbs_certificate().subject_public_key_info();
    if key.algorithm.oid != ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1") {
        return None;
    }
    let mut reader = SliceReader::new(key.subject_public_key.as_bytes()?).ok()?;
    Header::decode(&mut reader).ok()?;
    let bits = UintRef::decode(&mut reader).ok()?.as_bytes().len() * 8;
    (bits < RSA_BITS).then_some(bits)
}

/// Whether its key or its signature is of the Russian national scheme (GOST, identifiers 1.2.643).
pub(super) fn is_national(parsed: &Parsed) -> bool {
    let key = parsed.tbs_certificate().subject_public_key_info().algorithm.oid;
    [key, parsed.signature_algorithm().oid].iter().any(|oid| oid.to_string().starts_with("1.2.643."))
}

/// The algorithm it was signed with.
pub(super) fn signature(parsed: &Parsed) -> String {
    let oid = parsed.signature_algorithm().oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA-1 with RSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10040.4.3" => "SHA-1 with DSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        _ => return oid,
    };
    format!("{name} ({oid})")
}

/// Valid from and until, in seconds.
pub(super) fn validity(parsed: &Parsed) -> (u64, u64) {
    let validity = parsed.tbs_certificate().validity();
    (validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs())
}

fn general_name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            if let Ok(v4) = <[u8; 4]>::try_from(octets) {
                return Some(std::net::Ipv4Addr::from(v4).to_string());
            }
            <[u8; 16]>::try_from(octets).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string())
        }
        _ => None,
    }
}

fn moment(time: Time) -> String {
    let time = time.to_date_time();
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minutes(),
        time.seconds()
    )
}
