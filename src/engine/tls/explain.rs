//! From rustls errors to stable words with the certificate in question.

use rustls::pki_types::CertificateDer;
use rustls::{AlertDescription, CertRevocationListError, CertificateError, Error, PeerIncompatible};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Encode;

use super::TlsProblem;
use super::certificate::{
    chain, describe, is_authority, is_national, is_self_issued, issuer, short_key, signature, subject,
    validity,
};
use super::pins::pin_text;
use super::revocation::Revocations;

/// What the system says of a chain in words of its own, where the library has no error for it.
#[derive(Debug)]
#[cfg_attr(
    not(any(windows, target_vendor = "apple", java, test)),
    allow(dead_code, reason = "other systems speak through the library's errors")
)]
pub(super) struct SystemSays {
    /// As in [`TlsProblem::word`].
    pub(super) word: &'static str,
    pub(super) words: String,
}

impl std::fmt::Display for SystemSays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for SystemSays {}

/// The problem behind an error that is not about the server's certificate.
pub(crate) fn explain(error: &Error) -> TlsProblem {
    let word = match error {
        Error::InvalidCertificate(problem) => certificate_word(problem),
        Error::InvalidCertRevocationList(_) => "bad-crl",
        Error::AlertReceived(AlertDescription::ProtocolVersion) => "protocol-version",
        Error::AlertReceived(AlertDescription::CertificateRequired) => "certificate-required",
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
    let detail = match error {
        // Said without a reason by servers that speak only what is not offered.
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            format!("{error}; the server accepts no cipher suite or key exchange that was offered")
        }
        _ => error.to_string(),
    };
    plain_problem(word, detail)
}

/// A problem without a rustls error.
pub(crate) fn plain_problem(word: &'static str, detail: impl Into<String>) -> TlsProblem {
    TlsProblem { word, detail: detail.into(), certificate: None }
}

/// Whether the server, having asked for a client certificate, says with this error that it is not content.
pub(super) fn is_about_ours(error: &Error) -> bool {
    matches!(
        error,
        Error::AlertReceived(
            AlertDescription::HandshakeFailure
                | AlertDescription::NoCertificate
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::DecryptError
                | AlertDescription::CertificateRequired
        )
    )
}

/// The server wants a client certificate, or another one than ours.
pub(super) fn wants_ours(said: &str, given: bool) -> TlsProblem {
    let ours = if given { "the one given was not accepted" } else { "none was given" };
    plain_problem(
        "certificate-required",
        format!("{said}; the server asked for a client certificate, {ours}"),
    )
}

/// Why the server's certificate was refused.
pub(super) fn refused(
    error: &Error,
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    revocations: &Revocations,
) -> TlsProblem {
    let chain = chain(leaf, others);
    let certificate = chain.first().map(describe);
    let fault = match error {
        Error::InvalidCertificate(problem) => fault(problem, &chain, revocations),
        Error::InvalidCertRevocationList(CertRevocationListError::BadSignature) => {
            let detail = "a revocation list bears the name of an issuer that did not sign it";
            Fault { word: "bad-crl", what: Some(detail.to_owned()), index: 0 }
        }
        _ => Fault { word: explain(error).word, what: None, index: 0 },
    };
    let mut detail = fault.what.unwrap_or_else(|| error.to_string());
    if fault.index > 0
        && let Some(at) = chain.get(fault.index)
    {
        detail.push_str(&format!("; certificate {} of the chain, {}", fault.index + 1, subject(at)));
    }
    let certificate = chain.get(fault.index).map(describe).or(certificate);
    TlsProblem { word: fault.word, detail, certificate }
}

/// Why the signature of the handshake was refused.
pub(super) fn signature_refused(error: &Error, leaf: &CertificateDer<'_>) -> TlsProblem {
    let chain = chain(leaf, &[]);
    let certificate = chain.first().map(describe);
    let plain = explain(error);
    let found = chain.first().and_then(key_fault);
    let (word, detail) = found.unwrap_or((plain.word, plain.detail));
    TlsProblem { word, detail, certificate }
}

/// No pinned key among `keys`, those of the chain that was verified.
pub(super) fn unpinned(
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    keys: &[[u8; 32]],
) -> TlsProblem {
    let seen: Vec<String> = keys.iter().map(pin_text).collect();
    let detail = format!("no pinned key in the chain; its keys: {}", seen.join(", "));
    TlsProblem { word: "pin", detail, certificate: chain(leaf, others).first().map(describe) }
}

/// What is wrong, and with which certificate of the chain.
struct Fault {
    word: &'static str,
    /// Better words than the library's.
    what: Option<String>,
    index: usize,
}

fn fault(problem: &CertificateError, chain: &[Parsed], revocations: &Revocations) -> Fault {
    let at = |index: Option<usize>| index.unwrap_or(0);
    let found = |word, index, what: Option<String>| Fault { word, what, index };
    let word = certificate_word(problem);
    match problem {
        CertificateError::ExpiredContext { not_after, .. } => {
            let index = chain.iter().position(|one| validity(one).1 == not_after.as_secs());
            found(word, at(index), None)
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            let index = chain.iter().position(|one| validity(one).0 == not_before.as_secs());
            found(word, at(index), None)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            // A certificate that names its host in the common name only (RFC 9525 section 6.3 forbids using it).
            let nameless = chain.first().is_some_and(|leaf| describe(leaf).names.is_empty());
            found(if nameless { "no-names" } else { word }, 0, None)
        }
        CertificateError::Revoked => {
            found(word, at(chain.iter().position(|one| is_listed(one, revocations))), None)
        }
        CertificateError::UnknownIssuer => national(chain).unwrap_or_else(|| untrusted(chain)),
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            let short = chain.iter().enumerate().find_map(|(index, one)| {
                let (word, what) = key_fault(one).filter(|_| index > 0)?;
                Some(found(word, index, Some(what)))
            });
            national(chain).or(short).unwrap_or_else(|| {
                let unsupported = word == "unsupported-algorithm";
                let what = chain.first().filter(|_| unsupported).map(|leaf| {
                    let signed: Vec<String> = chain.iter().map(signature).collect();
                    let issuer = issuer(leaf);
                    format!(
                        "signed by {issuer} with an algorithm that is not accepted: {}",
                        signed.join(", ")
                    )
                });
                found(word, 0, what)
            })
        }
        CertificateError::Other(other) if other.0.is::<SystemSays>() => {
            let Some(says) = other.0.downcast_ref::<SystemSays>() else { return found(word, 0, None) };
            let told = if says.word == "unknown-issuer" { untrusted(chain).what } else { None };
            let told = told.map_or_else(|| says.words.clone(), |told| format!("{told}; {}", says.words));
            found(word, 0, Some(told))
        }
        _ if word == "not-a-ca" => {
            let index = chain.iter().skip(1).position(|one| !is_authority(one)).map(|index| index + 1);
            found(word, at(index), None)
        }
        _ if matches!(pki(problem), Some(webpki::Error::CaUsedAsEndEntity)) => {
            if chain.first().is_some_and(is_self_issued) {
                return untrusted(chain);
            }
            let what = "the certificate of an authority is used as that of a server";
            found("purpose", 0, Some(what.to_owned()))
        }
        _ => found(word, 0, None),
    }
}

/// The key of a certificate is one that cannot prove anything here.
fn key_fault(one: &Parsed) -> Option<(&'static str, String)> {
    if is_national(one) {
        return Some(("national", NATIONAL.to_owned()));
    }
    let bits = short_key(one)?;
    Some(("weak-key", format!("an RSA key of {bits} bits")))
}

const NATIONAL: &str = "a key or signature of the GOST scheme";

fn national(chain: &[Parsed]) -> Option<Fault> {
    let index = chain.iter().position(is_national)?;
    Some(Fault { word: "national", what: Some(NATIONAL.to_owned()), index })
}

fn untrusted(chain: &[Parsed]) -> Fault {
    let what = match chain {
        [] => None,
        [leaf, ..] if is_self_issued(leaf) => {
            Some("a self-signed certificate that is not among the trusted ones".to_owned())
        }
        [.., last] if is_self_issued(last) => {
            Some(format!("the chain ends with {}, which is not trusted", subject(last)))
        }
        [.., last] => Some(format!(
            "the certificate of {} is not trusted, and the server has not sent it (the chain may be incomplete)",
            issuer(last)
        )),
    };
    Fault { word: "unknown-issuer", what, index: 0 }
}

fn is_listed(one: &Parsed, revocations: &Revocations) -> bool {
    let Ok(der) = one.to_der().map(CertificateDer::from) else { return false };
    let Ok(read) = webpki::EndEntityCert::try_from(&der) else { return false };
    revocations.lists(read.issuer(), read.serial())
}

fn certificate_word(problem: &CertificateError) -> &'static str {
    match problem {
        CertificateError::UnknownIssuer => "unknown-issuer",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not-yet-valid",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "wrong-name",
        CertificateError::Revoked => "revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => "purpose",
        CertificateError::BadSignature => "bad-signature",
        CertificateError::UnhandledCriticalExtension => "critical-extension",
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "unsupported-algorithm"
        }
        CertificateError::Other(other) if other.0.is::<SystemSays>() => {
            other.0.downcast_ref::<SystemSays>().map_or("other", |says| says.word)
        }
        _ => match pki(problem) {
            Some(webpki::Error::EndEntityUsedAsCa | webpki::Error::PathLenConstraintViolated) => "not-a-ca",
            Some(webpki::Error::UnsupportedCertVersion) => "unsupported-algorithm",
            Some(webpki::Error::UnsupportedCriticalExtension) => "critical-extension",
            Some(webpki::Error::NameConstraintViolation) => "wrong-name",
            Some(webpki::Error::CertDistrusted) => "revoked",
            _ => "other",
        },
    }
}

/// The error of webpki that rustls has none of its own for.
fn pki(problem: &CertificateError) -> Option<&webpki::Error> {
    match problem {
        CertificateError::Other(other) => other.0.downcast_ref(),
        _ => None,
    }
}
