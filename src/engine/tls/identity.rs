//! Client certificates: who we are, for servers that ask (mutual TLS).

/// A client certificate with its private key. Its `Debug` shows nothing of the key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Certificates and key in memory.
    Key {
        /// The client's own certificate first, then those that lead to its authority (each DER).
        certificates: Vec<Vec<u8>>,
        /// Private key, PKCS#8 DER.
        key: Vec<u8>,
    },
    /// A certificate of the Windows store of the current user or of the machine; the key never leaves it.
    Store(StoreSearch),
}

/// How to find a certificate in the system's store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreSearch {
    /// SHA-1 of the certificate, as Windows shows it.
    Thumbprint([u8; 20]),
    /// A part of the subject. Exactly one valid certificate with a key must match.
    Subject(String),
}

/// Why an identity cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProblem {
    /// Stable word: `password` (wrong or missing), `format` (not PKCS#12 nor PEM), `encryption` (a cipher that is not
    /// known here), `no-certificate`, `no-key`, `mismatch` (the key is not the certificate's), `expired`,
    /// `not-yet-valid`, `weak-key` (too short for the provider), `key-type` (an algorithm the provider does not speak),
    /// `store` (not found in the system's store, or none there).
    pub word: &'static str,
    /// The library's own words; never a part of the key or of the password.
    pub detail: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key { certificates, .. } => write!(f, "Identity({} certificates, ***)", certificates.len()),
            Self::Store(search) => write!(f, "Identity({search:?})"),
        }
    }
}

impl Identity {
    /// The identity in a PEM text with an unencrypted key.
    ///
    /// # Errors
    /// See [`IdentityProblem`].
    pub fn read(
        certificate: &[u8],
        key: Option<&[u8]>,
        _password: Option<&str>,
        _now: time::OffsetDateTime,
    ) -> Result<Self, IdentityProblem> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let problem = |word| IdentityProblem { word, detail: String::new() };
        let certificates: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(certificate)
            .map(|der| der.map(|der| der.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| problem("format"))?;
        if certificates.is_empty() {
            return Err(problem("no-certificate"));
        }
        match PrivateKeyDer::from_pem_slice(key.unwrap_or(certificate)) {
            Ok(PrivateKeyDer::Pkcs8(key)) => {
                Ok(Self::Key { certificates, key: key.secret_pkcs8_der().to_vec() })
            }
            _ => Err(problem("no-key")),
        }
    }
}
