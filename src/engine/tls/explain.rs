//! From rustls errors to stable words with the certificate in question.

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use super::{Certificate, TlsProblem};

/// Names listed at most: some certificates carry hundreds.
const NAMES: usize = 20;

/// The problem behind `error`; `leaf` is the server certificate (DER) that was refused.
pub(crate) fn explain(error: &Error, leaf: Option<&[u8]>) -> TlsProblem {
    let certificate = leaf.and_then(describe);
    let word = match error {
        Error::InvalidCertificate(problem) => certificate_word(problem, certificate.as_ref()),
        Error::AlertReceived(AlertDescription::ProtocolVersion) => "protocol-version",
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => "protocol-version",
        Error::InvalidMessage(rustls::InvalidMessage::UnknownProtocolVersion) => "protocol-version",
        Error::AlertReceived(_)
        | Error::PeerIncompatible(_)
        | Error::PeerMisbehaved(_)
        | Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::DecryptError
        | Error::PeerSentOversizedRecord
        | Error::NoCertificatesPresented
        | Error::NoApplicationProtocol => "handshake",
        _ => "other",
    };
    TlsProblem { word, detail: error.to_string(), certificate }
}

/// A problem without a rustls error.
pub(crate) fn plain_problem(word: &'static str, detail: impl Into<String>) -> TlsProblem {
    TlsProblem { word, detail: detail.into(), certificate: None }
}

fn certificate_word(problem: &CertificateError, certificate: Option<&Certificate>) -> &'static str {
    match problem {
        CertificateError::UnknownIssuer => "unknown-issuer",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not-yet-valid",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            // A certificate that names its host in the common name only (RFC 9525 section 6.3 forbids using it).
            match certificate {
                Some(certificate) if certificate.names.is_empty() => "no-names",
                _ => "wrong-name",
            }
        }
        CertificateError::Revoked => "revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => "purpose",
        CertificateError::BadSignature => "bad-signature",
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "unsupported-algorithm"
        }
        // webpki has no error of its own in rustls for these; its words are stable enough to tell them apart, and a
        // miss only costs the better word.
        CertificateError::Other(other) => match other.to_string() {
            text if text.contains("CaUsedAsEndEntity") => "unknown-issuer",
            text if text.contains("EndEntityUsedAsCa") => "not-a-ca",
            text if text.contains("UnsupportedCertVersion") => "unsupported-algorithm",
            _ => "other",
        },
        _ => "other",
    }
}

/// What the error says about a certificate; `None` when it cannot be read.
pub(crate) fn describe(der: &[u8]) -> Option<Certificate> {
    let parsed = Parsed::from_der(der).ok()?;
    let tbs = parsed.tbs_certificate();
    let names =
        tbs.get_extension::<SubjectAltName>().ok().flatten().map_or_else(Vec::new, |(_, names)| {
            names.0.iter().filter_map(general_name).take(NAMES).collect()
        });
    Some(Certificate {
        subject: tbs.subject().to_string(),
        issuer: tbs.issuer().to_string(),
        not_before: moment(tbs.validity().not_before),
        not_after: moment(tbs.validity().not_after),
        names,
    })
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
