//! TLS: trust, settings, one configuration per setting for the whole process.
//!
//! What is verified is decided by [`Trust`] alone and in `verify`; `config` keeps one rustls configuration (with its
//! resumption memory) per setting; `explain` turns rustls errors into words.

mod authority;
mod config;
mod explain;
mod verify;

pub use authority::certificates_from;
pub(crate) use config::client_config;
pub(crate) use explain::{explain, plain_problem};

/// TLS settings of a connection. Equal settings share one rustls configuration; different ones never share a
/// connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// Whom to trust.
    pub trust: Trust,
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
    /// No verification at all.
    None,
}

/// Why TLS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsProblem {
    /// Stable word: `unknown-issuer`, `expired`, `not-yet-valid`, `wrong-name`, `no-names`, `revoked`, `purpose`,
    /// `bad-signature`, `unsupported-algorithm`, `not-a-ca`, `protocol-version`, `handshake`, `bad-ca`, `other`.
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
