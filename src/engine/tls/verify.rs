//! Verifying a server's certificate, as [`Trust`] says, and remembering which one was refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;

use super::{TlsProblem, Trust};

/// What was refused: the server's own certificate (DER).
pub(crate) type Failure = Vec<u8>;

/// The verifier of one configuration.
#[derive(Debug)]
pub(crate) struct Verifier {
    policy: Policy,
    provider: Arc<CryptoProvider>,
    /// By thread: verification runs on the thread of its connection, which takes the entry when the handshake failed.
    failures: Mutex<HashMap<ThreadId, Failure>>,
}

#[derive(Debug)]
enum Policy {
    System(rustls_platform_verifier::Verifier),
    Own {
        /// Absent when no given certificate can be an anchor.
        chain: Option<Arc<WebPkiServerVerifier>>,
        given: Vec<Vec<u8>>,
    },
    None,
}

impl Verifier {
    pub(crate) fn new(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Self, TlsProblem> {
        let policy = match trust {
            Trust::System => {
                Policy::System(rustls_platform_verifier::Verifier::new(provider.clone()).map_err(
                    |error| TlsProblem { word: "other", detail: error.to_string(), certificate: None },
                )?)
            }
            Trust::Own(given) | Trust::SystemAnd(given) => own(given, provider)?,
            Trust::None => Policy::None,
        };
        Ok(Self { policy, provider: provider.clone(), failures: Mutex::default() })
    }

    /// Takes what this thread's last verification refused.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&std::thread::current().id())
    }

    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.policy {
            Policy::System(verifier) => verifier.verify_server_cert(leaf, others, name, ocsp, now),
            Policy::Own { given, .. } if given.iter().any(|der| der == leaf.as_ref()) => {
                verify_given(leaf, name, now)
            }
            Policy::Own { chain: Some(chain), .. } => chain.verify_server_cert(leaf, others, name, ocsp, now),
            Policy::Own { chain: None, .. } => Err(CertificateError::UnknownIssuer.into()),
            Policy::None => Ok(ServerCertVerified::assertion()),
        }
    }
}

fn own(given: &[Vec<u8>], provider: &Arc<CryptoProvider>) -> Result<Policy, TlsProblem> {
    let mut roots = RootCertStore::empty();
    let mut readable = 0;
    for der in given {
        let anchor = roots.add(CertificateDer::from(der.as_slice())).is_ok();
        if anchor || Parsed::from_der(der).is_ok() {
            readable += 1;
        }
    }
    if readable == 0 {
        let detail = "none of the given certificates can be read".to_owned();
        return Err(TlsProblem { word: "bad-ca", detail, certificate: None });
    }
    let chain = if roots.is_empty() {
        None
    } else {
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        Some(builder.build().map_err(|error| TlsProblem {
            word: "bad-ca",
            detail: error.to_string(),
            certificate: None,
        })?)
    };
    Ok(Policy::Own { chain, given: given.to_vec() })
}

/// A server certificate the caller gave itself: trusted by being that very certificate (a self-signed one cannot be
/// its own CA for webpki); name and dates are checked all the same (RFC 5280 section 6.1.3 a, RFC 9525).
fn verify_given(
    leaf: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    let parsed = Parsed::from_der(leaf).map_err(|_| CertificateError::BadEncoding)?;
    let validity = parsed.tbs_certificate().validity();
    let moment = Duration::from_secs(now.as_secs());
    let (not_before, not_after) =
        (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    if moment < not_before {
        let not_before = UnixTime::since_unix_epoch(not_before);
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    if moment > not_after {
        let not_after = UnixTime::since_unix_epoch(not_after);
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    rustls::client::verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
    Ok(ServerCertVerified::assertion())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify(leaf, others, name, ocsp, now).inspect_err(|_| {
            self.failures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(std::thread::current().id(), leaf.to_vec());
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match &self.policy {
            // Not even parsed: X.509 v1, RSA-1024 and SHA-1 must pass.
            Policy::None => Ok(HandshakeSignatureValid::assertion()),
            Policy::System(verifier) => verifier.verify_tls12_signature(message, leaf, signature),
            Policy::Own { .. } => {
                let algorithms = &self.provider.signature_verification_algorithms;
                verify_tls12_signature(message, leaf, signature, algorithms)
            }
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match &self.policy {
            Policy::None => Ok(HandshakeSignatureValid::assertion()),
            Policy::System(verifier) => verifier.verify_tls13_signature(message, leaf, signature),
            Policy::Own { .. } => {
                let algorithms = &self.provider.signature_verification_algorithms;
                verify_tls13_signature(message, leaf, signature, algorithms)
            }
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        match &self.policy {
            Policy::System(verifier) => verifier.supported_verify_schemes(),
            Policy::Own { .. } => self.provider.signature_verification_algorithms.supported_schemes(),
            Policy::None => {
                // Offered so that a server with an old certificate does not refuse to answer.
                let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
                for scheme in [
                    SignatureScheme::ED448,
                    SignatureScheme::ECDSA_NISTP521_SHA512,
                    SignatureScheme::ECDSA_SHA1_Legacy,
                    SignatureScheme::RSA_PKCS1_SHA1,
                ] {
                    if !schemes.contains(&scheme) {
                        schemes.push(scheme);
                    }
                }
                schemes
            }
        }
    }
}
