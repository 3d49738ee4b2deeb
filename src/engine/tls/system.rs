//! The system's trust. Where the system verifies certificates itself (Windows, macOS, Android) its verifier is asked;
//! elsewhere its roots are listed (`SSL_CERT_FILE` and `SSL_CERT_DIR` respected) and paths to them are built here. On
//! Android the verifier is a Java class: in a process that has handed over no VM, roots of our own stand in for it.
//!
//! Windows is asked and not its store of roots: a root comes into the store only when the system first meets it. Under
//! Wine the store is listed: its verifier wants revocation lists it cannot have, and its store holds all roots of the
//! system below.

use std::sync::Arc;

use rustls::Error;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};

use super::TlsProblem;
#[cfg(any(windows, target_vendor = "apple", java))]
use super::apart::Apart;

/// Says whether a chain is good for a name. Signatures of the handshake are not its business.
pub(super) trait Judge: std::fmt::Debug + Send + Sync {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Error>;
}

#[cfg(any(windows, target_vendor = "apple"))]
impl Judge for rustls_platform_verifier::Verifier {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        rustls::client::danger::ServerCertVerifier::verify_server_cert(self, leaf, others, name, ocsp, now)
            .map(drop)
    }
}

/// How the system's trust is asked.
pub(super) enum System {
    /// Its roots.
    #[cfg_attr(target_vendor = "apple", allow(dead_code))]
    Roots(Vec<TrustAnchor<'static>>),
    /// Its verifier.
    #[cfg_attr(not(any(windows, target_vendor = "apple", java)), allow(dead_code))]
    Verifier(Arc<dyn Judge>),
}

/// What the system's trust is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemTrust {
    /// The variable and its value that name the roots, when one does.
    pub variable: Option<String>,
    /// Number of roots; `None` where the system verifies itself.
    pub roots: Option<usize>,
}

/// What the system's trust is now. Reads the roots anew: a connection may still use those it found earlier.
#[cfg(any(windows, target_vendor = "apple", java))]
#[must_use]
pub fn system_trust() -> SystemTrust {
    #[cfg(java)]
    if !crate::os::android::has_vm() {
        return SystemTrust { variable: None, roots: Some(webpki_roots::TLS_SERVER_ROOTS.len()) };
    }
    #[cfg(windows)]
    if crate::os::is_wine() {
        return SystemTrust { variable: None, roots: Some(stored_roots().len()) };
    }
    SystemTrust { variable: None, roots: None }
}

/// What the system's trust is now. Reads the roots anew: a connection may still use those it found earlier.
#[cfg(not(any(windows, target_vendor = "apple", java)))]
#[must_use]
pub fn system_trust() -> SystemTrust {
    let named = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", value.to_string_lossy()))
    };
    let variable = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find_map(named);
    SystemTrust { variable, roots: Some(listed().len()) }
}

#[cfg(not(any(windows, target_vendor = "apple", java)))]
fn listed() -> rustls::RootCertStore {
    let mut roots = rustls::RootCertStore::empty();
    // What of the store cannot be read is left out, as everywhere: one odd file must not end all trust.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

impl System {
    /// The system's trust as it is now.
    ///
    /// # Errors
    /// A verifier that cannot be had. A system without roots is no error here: own ones may suffice.
    #[cfg(any(windows, target_vendor = "apple"))]
    pub(super) fn new(provider: &Arc<CryptoProvider>) -> Result<Self, TlsProblem> {
        #[cfg(windows)]
        if crate::os::is_wine() {
            return Ok(Self::Roots(stored_roots()));
        }
        let verifier = rustls_platform_verifier::Verifier::new(provider.clone())
            .map_err(|error| super::plain_problem("other", error.to_string()))?;
        Ok(Self::Verifier(Arc::new(Apart(Arc::new(verifier)))))
    }

    /// The system's trust as it is now.
    ///
    /// # Errors
    /// None here.
    #[cfg(java)]
    #[allow(clippy::unnecessary_wraps, reason = "fails on other systems")]
    pub(super) fn new(_: &Arc<CryptoProvider>) -> Result<Self, TlsProblem> {
        if crate::os::android::has_vm() {
            return Ok(Self::Verifier(Arc::new(Apart(Arc::new(super::java::Java)))));
        }
        Ok(Self::Roots(webpki_roots::TLS_SERVER_ROOTS.to_vec()))
    }

    /// The system's trust as it is now.
    ///
    /// # Errors
    /// None here; where the system verifies, its verifier may not be had. A system without roots is no error: own ones
    /// may suffice.
    #[cfg(not(any(windows, target_vendor = "apple", java)))]
    #[allow(clippy::unnecessary_wraps, reason = "fails on other systems")]
    pub(super) fn new(_: &Arc<CryptoProvider>) -> Result<Self, TlsProblem> {
        Ok(Self::Roots(listed().roots))
    }
}

/// The roots of the current user, those of the machine among them.
#[cfg(windows)]
fn stored_roots() -> Vec<TrustAnchor<'static>> {
    let mut roots = rustls::RootCertStore::empty();
    if let Ok(store) = schannel::cert_store::CertStore::open_current_user("ROOT") {
        roots.add_parsable_certificates(store.certs().map(|one| one.to_der().to_vec().into()));
    }
    roots.roots
}

/// Whose roots stand for the system's: `system`, or `bundled` where the system cannot be asked.
#[must_use]
pub fn roots() -> &'static str {
    #[cfg(java)]
    if !crate::os::android::has_vm() {
        return "bundled";
    }
    "system"
}
