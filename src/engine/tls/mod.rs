//! TLS: trust, settings, one configuration per setting for the whole process.
//!
//! Which settings go together is in `support`. What is verified is decided by [`TlsSettings`] alone and in `verify`
//! (paths in `chain`, lists in `revocation`); `config` keeps one rustls configuration (with its resumption memory) per
//! setting; `explain` turns rustls errors into words.

#[cfg(any(windows, target_vendor = "apple", java, test))]
mod apart;
mod authority;
mod certificate;
mod chain;
#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
mod compatible;
mod config;
mod explain;
mod identity;
#[cfg(java)]
mod java;
mod modern;
mod notes;
mod pins;
mod revocation;
#[cfg(windows)]
mod schannel;
mod session;
mod support;
mod system;
mod verify;

use std::sync::Arc;

#[cfg(java)]
pub use crate::os::android::{EXTENSIONS as JUDGE, offer_extensions as offer_judge};
pub use authority::certificates_from;
pub(crate) use explain::plain_problem;
pub(crate) use identity::usable;
pub use identity::{Identity, IdentityProblem, StoreSearch};
pub use pins::pin_from_text;
pub use revocation::revocations_from;
pub(crate) use session::{Nested, Session, TlsFault, session};
pub use support::{Can, Row, TABLE};
pub use system::{SystemTrust, roots, system_trust};

/// TLS settings of a connection. Equal settings share one configuration with its resumption memory; different ones
/// never share a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// Which implementation.
    pub provider: Provider,
    /// Whom to trust.
    pub trust: Trust,
    /// Oldest version to speak; `None`: the provider's own (TLS 1.2 for the modern one, TLS 1.0 for the compatible).
    pub minimum: Option<TlsVersion>,
    /// Newest version to speak; `None`: the newest there is.
    pub maximum: Option<TlsVersion>,
    /// Name to send as SNI and to find in the certificate instead of the host of the URL. An address is looked for in
    /// the certificate and not sent (RFC 6066 section 3).
    pub server_name: Option<String>,
    /// SHA-256 of public keys (SubjectPublicKeyInfo), one of which the server's certificate, or one of the chain it
    /// was verified by, must have. Empty: any. They hold with every [`Trust`], `None` too (then for the server's own).
    pub pins: Vec<[u8; 32]>,
    /// Certificate revocation lists (each DER): a listed certificate is refused. A list counts for what its issuer's
    /// key has signed, past its next update too (for a server certificate that is trusted itself: what bears the name
    /// of its issuer); for issuers without a list nothing is known, which is accepted.
    pub revocations: Vec<Vec<u8>>,
    /// Who we are, for servers that ask.
    pub identity: Option<Arc<Identity>>,
}

/// Which implementation of TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Provider {
    /// rustls: TLS 1.2 and 1.3, forward secrecy, authenticated encryption. The default.
    #[default]
    Modern,
    /// The system's: SChannel on Windows, OpenSSL (loaded at the first use) elsewhere. TLS 1.0 and 1.1, CBC, RSA key
    /// exchange, short keys, renegotiation. For old peers only.
    Compatible,
}

/// Version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// TLS 1.0 (RFC 2246).
    V1_0,
    /// TLS 1.1 (RFC 4346).
    V1_1,
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

impl Provider {
    /// What implements it, with the version where that can be had without loading anything.
    #[must_use]
    pub fn implementation(self) -> &'static str {
        match self {
            Self::Modern => "rustls",
            Self::Compatible => compatible_implementation(),
        }
    }
}

#[cfg(windows)]
fn compatible_implementation() -> &'static str {
    "SChannel"
}

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
fn compatible_implementation() -> &'static str {
    crate::os::openssl::version().unwrap_or("OpenSSL")
}

#[cfg(any(target_vendor = "apple", target_os = "android"))]
fn compatible_implementation() -> &'static str {
    ""
}

impl TlsVersion {
    /// `1.0` to `1.3`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

/// Whom to trust.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// The operating system's roots, through its own verifier where it has one. The default.
    #[default]
    System,
    /// Only these certificates (each DER). A server certificate equal to one of them is accepted too, name and dates
    /// still checked.
    Own(Vec<Vec<u8>>),
    /// The operating system's roots and these certificates.
    SystemAnd(Vec<Vec<u8>>),
    /// No verification at all, revocation lists included. Pins hold all the same, for the server's own key.
    None,
}

/// Why TLS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsProblem {
    /// Stable word: `unknown-issuer`, `expired`, `not-yet-valid`, `wrong-name`, `no-names`, `revoked`, `purpose`,
    /// `bad-signature`, `unsupported-algorithm`, `weak-key`, `national` (a signature or key of a scheme that is not
    /// spoken here: GOST), `not-a-ca`, `critical-extension` (one that is not known), `pin` (no pinned key in the chain), `protocol-version`, `handshake`,
    /// `certificate-required` (the server wants a client certificate, or refused the one given), `bad-ca`, `bad-crl`,
    /// `no-provider` (the library of the compatible provider cannot be loaded), `other`.
    pub word: &'static str,
    /// The library's own words, for the details.
    pub detail: String,
    /// Subject, issuer, validity of the certificate in question, when known.
    pub certificate: Option<Certificate>,
}

/// What an error says about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Subject, RFC 4514 text.
    pub subject: String,
    /// Issuer, RFC 4514 text.
    pub issuer: String,
    /// Valid from, `YYYY-MM-DD hh:mm:ss` UTC.
    pub not_before: String,
    /// Valid until, same form.
    pub not_after: String,
    /// DNS names and addresses it is for.
    pub names: Vec<String>,
}
