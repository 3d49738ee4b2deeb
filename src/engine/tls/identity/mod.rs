//! Client certificates: who we are, for servers that ask (mutual TLS).
//!
//! [`Identity::read`] takes what people have (PKCS#12 of every age, PEM in one text or two, DER) and makes one form of
//! it: certificates, the client's own first, and an unencrypted PKCS#8 key. What kind it is is seen in the content.
//! Nothing here connects; whether a provider can use the key is found by [`usable`], before anything is sent.

mod asn1;
mod choose;
mod cipher;
mod key;
mod pem;
mod pkcs12;
mod signer;

#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};

use time::OffsetDateTime;
use zeroize::{Zeroize, Zeroizing};

use cipher::Work;
use key::PrivateKey;
pub(crate) use signer::{resolver, usable};

/// Largest text or file that is read. Real ones have a few kilobytes; a bundle of all public authorities has 300.
const LARGEST: usize = 1 << 20;

/// A client certificate with its private key. Its `Debug` shows nothing of the key, and the key is wiped when it is
/// dropped (what a TLS library makes of it while it is in use is its own).
#[derive(Clone, PartialEq, Eq)]
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

impl Identity {
    /// The identity in `certificate`, and in `key` where the private key is kept apart.
    ///
    /// Either may be a PKCS#12 file, a PEM text (several sections, other text around them) or DER of one certificate or
    /// key (PKCS#8, encrypted PKCS#8, PKCS#1, SEC 1). `password` opens whatever is encrypted; `None` and the empty one
    /// are tried alike for PKCS#12. Of several keys the first that belongs to a certificate is taken, those of `key`
    /// first; of the other certificates those that lead from it to its authority. `now` is for its dates.
    ///
    /// # Errors
    /// The words of [`IdentityProblem`] but `weak-key` and `store`.
    pub fn read(
        certificate: &[u8],
        key: Option<&[u8]>,
        password: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Self, IdentityProblem> {
        let mut found = Found::new(password);
        if let Some(key) = key {
            found.take(key)?;
        }
        found.take(certificate)?;
        let (certificates, key) = choose::choose(&found.certificates, &found.keys, now)?;
        Ok(Self::Key { certificates, key })
    }
}

/// What has been found in the inputs so far.
struct Found<'a> {
    password: Option<&'a str>,
    /// Each DER.
    certificates: Vec<Vec<u8>>,
    keys: Vec<PrivateKey>,
    /// How much may still be spent on making keys out of passwords.
    work: Work,
}

impl<'a> Found<'a> {
    fn new(password: Option<&'a str>) -> Self {
        Self { password, certificates: Vec::new(), keys: Vec::new(), work: Work::default() }
    }

    /// Takes one input apart.
    fn take(&mut self, bytes: &[u8]) -> Result<(), IdentityProblem> {
        if bytes.len() > LARGEST {
            return Err(problem("format", format!("{} bytes are too many for an identity", bytes.len())));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.first() == Some(&0x30) { self.take_der(bytes) } else { self.take_pem(bytes) }
    }

    fn take_pem(&mut self, text: &[u8]) -> Result<(), IdentityProblem> {
        let sections = pem::sections(text)?;
        if sections.is_empty() {
            return Err(problem("format", "neither PKCS#12 nor PEM nor DER"));
        }
        for section in sections {
            match section.label.as_str() {
                "CERTIFICATE" | "X509 CERTIFICATE" => self.certificates.push(section.bytes.to_vec()),
                "PRIVATE KEY" => self.keys.push(PrivateKey::from_pkcs8(&section.bytes)?),
                "ENCRYPTED PRIVATE KEY" => self.take_encrypted(&section.bytes)?,
                "RSA PRIVATE KEY" => {
                    let plain = section.opened(self.password)?;
                    self.keys.push(section.unless_password(PrivateKey::from_pkcs1(&plain))?);
                }
                "EC PRIVATE KEY" => {
                    let plain = section.opened(self.password)?;
                    self.keys.push(section.unless_password(PrivateKey::from_sec1(&plain))?);
                }
                "DSA PRIVATE KEY" => return Err(problem("key-type", "DSA")),
                "OPENSSH PRIVATE KEY" => return Err(problem("format", "a key of OpenSSH, not of TLS")),
                // Parameters, public keys, requests, revocation lists: not ours.
                _ => {}
            }
        }
        Ok(())
    }

    fn take_der(&mut self, bytes: &[u8]) -> Result<(), IdentityProblem> {
        match asn1::kind(bytes) {
            Some(asn1::Kind::Certificate) => self.certificates.push(bytes.to_vec()),
            Some(asn1::Kind::Pkcs12) => pkcs12::read(bytes, self)?,
            Some(asn1::Kind::Pkcs8) => self.keys.push(PrivateKey::from_pkcs8(bytes)?),
            Some(asn1::Kind::EncryptedPkcs8) => self.take_encrypted(bytes)?,
            Some(asn1::Kind::Pkcs1) => self.keys.push(PrivateKey::from_pkcs1(bytes)?),
            Some(asn1::Kind::Sec1) => self.keys.push(PrivateKey::from_sec1(bytes)?),
            None => return Err(problem("format", "DER of something else than PKCS#12, certificate or key")),
        }
        Ok(())
    }

    fn take_encrypted(&mut self, bytes: &[u8]) -> Result<(), IdentityProblem> {
        let Some(password) = self.password else { return Err(no_password()) };
        let plain = cipher::encrypted_key(bytes, password, &mut self.work)?;
        self.keys.push(PrivateKey::from_pkcs8(&plain).map_err(|_| wrong_password())?);
        Ok(())
    }
}

/// Bytes that are wiped when dropped.
type Plain = Zeroizing<Vec<u8>>;

fn problem(word: &'static str, detail: impl Into<String>) -> IdentityProblem {
    IdentityProblem { word, detail: detail.into() }
}

fn no_password() -> IdentityProblem {
    problem("password", "encrypted, and no password is given")
}

fn wrong_password() -> IdentityProblem {
    problem("password", "the password does not open it")
}

// By hand: a pool looks this up for every connection, and the last bytes of a signature tell certificates apart as well
// as all of them would.
impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Key { certificates, .. } => {
                let own = certificates.first().map(Vec::as_slice).unwrap_or_default();
                own.get(own.len().saturating_sub(32)..).hash(state);
            }
            Self::Store(search) => search.hash(state),
        }
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        if let Self::Key { key, .. } = self {
            key.zeroize();
        }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key { certificates, .. } => write!(f, "Identity({} certificates, ***)", certificates.len()),
            Self::Store(search) => write!(f, "Identity({search:?})"),
        }
    }
}
