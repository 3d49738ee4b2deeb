//! From OpenSSL's codes to the words of [`TlsProblem`], the same ones as for rustls.

use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;

use super::super::TlsProblem;
use super::super::certificate::{describe, is_national};
use super::super::explain::wants_ours;
use crate::os::openssl::Failure;

/// Reasons of libssl from here on are alerts of the peer (`SSL_AD_REASON_OFFSET`).
const ALERTS: i32 = 1000;

/// The problem behind a failure; `given` says whether we had a certificate to show.
pub(super) fn problem(failure: &Failure, given: bool) -> TlsProblem {
    let parsed = failure.certificate.as_deref().and_then(|der| Parsed::from_der(der).ok());
    let certificate = parsed.as_ref().map(describe);
    let Some(refusal) = failure.refusal else {
        let found = failure.reasons.iter().find_map(|reason| reason_word(*reason, failure.asked));
        return match found.unwrap_or("handshake") {
            "certificate-required" => wants_ours(&failure.text, given),
            word => TlsProblem { word, detail: failure.text.clone(), certificate },
        };
    };
    let word = match refusal_word(refusal) {
        "wrong-name" if certificate.as_ref().is_some_and(|one| one.names.is_empty()) => "no-names",
        "unknown-issuer" | "bad-signature" | "unsupported-algorithm" | "other"
            if parsed.as_ref().is_some_and(is_national) =>
        {
            "national"
        }
        word => word,
    };
    TlsProblem { word, detail: format!("{}: {}", failure.text, failure.verdict), certificate }
}

/// `X509_V_ERR_...`, by number: they are part of the library's interface.
fn refusal_word(refusal: i32) -> &'static str {
    match refusal {
        // No issuer is known, the certificate is its own, or what issued it is not trusted.
        2 | 18 | 19 | 20 | 21 | 27 => "unknown-issuer",
        4 | 7 | 29 | 30 | 31 => "bad-signature",
        // A key or a signature algorithm that this library cannot read.
        6 | 76 | 77 | 78 => "unsupported-algorithm",
        5 | 8 | 15 | 16 | 33 | 35 | 54 => "bad-crl",
        9 => "not-yet-valid",
        10 => "expired",
        23 => "revoked",
        26 | 28 => "purpose",
        24 | 32 | 37 | 79 => "not-a-ca",
        34 | 36 => "critical-extension",
        62 | 64 => "wrong-name",
        66..=68 => "weak-key",
        _ => "other",
    }
}

/// `SSL_R_...`, by number: they are part of the library's interface. `None` for those that tell nothing special.
fn reason_word(reason: i32, asked: bool) -> Option<&'static str> {
    match reason {
        // Version numbers refused or not offered, and the alert of that name.
        166 | 191 | 252 | 254 | 258 | 259 | 266 | 396 | 1070 => Some("protocol-version"),
        // Keys or digests too weak even for level 0.
        372 | 394 | 397 | 398 | 399 => Some("weak-key"),
        // Alerts about a certificate can only be about ours: bad, of another kind, revoked, expired, unknown, of an
        // unknown authority, required.
        1042..=1046 | 1048 | 1116 => Some("certificate-required"),
        // What servers before TLS 1.3 say when they do not get one; so do servers with no cipher in common.
        1040 | 1041 | 1049 if asked => Some("certificate-required"),
        ALERTS.. => Some("handshake"),
        _ => None,
    }
}
