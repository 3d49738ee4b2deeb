//! Verifying a server's certificate, as [`Trust`] says, with pins and revocation lists; and remembering why one was
//! refused, which the library's error has no room for.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;

use super::chain::{NoPath, Rules};
use super::explain::{refused, signature_refused, unpinned};
use super::notes::Notes;
use super::revocation::Revocations;
use super::system::{Judge, System};
use super::{TlsProblem, TlsSettings, Trust, plain_problem};

/// The verifier of one configuration.
#[derive(Debug)]
pub(crate) struct Verifier {
    trusted: Trusted,
    rules: Rules,
    notes: Arc<Notes>,
}

enum Trusted {
    /// What leads to one of these, or is one of the given certificates.
    Anchors { anchors: Vec<TrustAnchor<'static>>, given: Vec<Vec<u8>> },
    /// What the system's verifier accepts, or leads to one of these, or is one of the given certificates.
    Verified { by: Arc<dyn Judge>, anchors: Vec<TrustAnchor<'static>>, given: Vec<Vec<u8>> },
    /// Everybody.
    All,
}

impl Verifier {
    pub(crate) fn new(
        settings: &TlsSettings,
        provider: &Arc<CryptoProvider>,
        notes: Arc<Notes>,
    ) -> Result<Self, TlsProblem> {
        let rules = Rules {
            pins: settings.pins.clone(),
            revocations: Revocations::new(&settings.revocations)?,
            algorithms: provider.signature_verification_algorithms,
        };
        let trusted = match &settings.trust {
            Trust::System => Trusted::system(System::new(provider)?, Vec::new(), Vec::new()),
            Trust::Own(given) => Trusted::Anchors { anchors: anchors(given)?, given: given.clone() },
            Trust::SystemAnd(given) => {
                Trusted::system(System::new(provider)?, anchors(given)?, given.clone())
            }
            Trust::None => Trusted::All,
        };
        if let Trusted::Anchors { anchors, given } = &trusted
            && anchors.is_empty()
            && given.is_empty()
        {
            return Err(plain_problem("other", "no root certificates were found on this system"));
        }
        Ok(Self { trusted, rules, notes })
    }

    /// Verifies; the problem is what to say, the error what decides on the alert.
    pub(super) fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), (Error, TlsProblem)> {
        let explained = |error: Error| {
            let problem = refused(&error, leaf, others, &self.rules.revocations);
            (error, problem)
        };
        let explained_path = |no_path| match no_path {
            NoPath::Refused(error) => explained(error),
            NoPath::Unpinned(keys) => {
                let error = CertificateError::ApplicationVerificationFailure.into();
                (error, unpinned(leaf, others, &keys))
            }
        };
        let own_path = |anchors: &[TrustAnchor<'_>]| {
            self.rules.path(leaf, others, anchors, now).map_err(explained_path)?;
            verify_name(leaf, name).map_err(explained)
        };
        match &self.trusted {
            Trusted::All => self.rules.alone(leaf).map_err(explained_path),
            Trusted::Anchors { given, .. } | Trusted::Verified { given, .. }
                if given.iter().any(|der| der == leaf.as_ref()) =>
            {
                verify_given(leaf, name, now).map_err(explained)?;
                if self.rules.is_listed(leaf) {
                    return Err(explained(CertificateError::Revoked.into()));
                }
                self.rules.alone(leaf).map_err(explained_path)
            }
            Trusted::Anchors { anchors, .. } => own_path(anchors),
            Trusted::Verified { by, anchors, .. } => {
                match by.judge(leaf, others, name, ocsp, now) {
                    Ok(()) => {
                        self.rules.pinned_among_sent(leaf, others, anchors, now).map_err(explained_path)
                    }
                    Err(error) => {
                        // What the system knows as revoked stays so; whatever else it says is about its own roots.
                        let revoked = error == Error::InvalidCertificate(CertificateError::Revoked);
                        if revoked || anchors.is_empty() {
                            return Err(explained(error));
                        }
                        own_path(anchors)
                    }
                }
            }
        }
    }

    /// Notes why the signature of the handshake was refused.
    fn signed(
        &self,
        leaf: &CertificateDer<'_>,
        result: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        result.inspect_err(|error| self.notes.refused(signature_refused(error, leaf)))
    }

    /// Whether nothing is to be proved, so that X.509 v1, RSA-1024 and SHA-1 pass, not even parsed. A pinned key has
    /// to be proved: by the handshake's signature.
    fn takes_anything(&self) -> bool {
        matches!(self.trusted, Trusted::All) && self.rules.pins.is_empty()
    }
}

impl Trusted {
    fn system(system: System, mut own: Vec<TrustAnchor<'static>>, given: Vec<Vec<u8>>) -> Self {
        match system {
            System::Roots(roots) => {
                own.extend(roots);
                Self::Anchors { anchors: own, given }
            }
            System::Verifier(by) => Self::Verified { by, anchors: own, given },
        }
    }
}

impl std::fmt::Debug for Trusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anchors { anchors, given } => {
                write!(f, "Anchors({}, {} given)", anchors.len(), given.len())
            }
            Self::Verified { given, .. } => write!(f, "Verified({} given)", given.len()),
            Self::All => f.write_str("All"),
        }
    }
}

/// The given certificates that can be anchors. Those that cannot are compared byte for byte.
fn anchors(given: &[Vec<u8>]) -> Result<Vec<TrustAnchor<'static>>, TlsProblem> {
    let mut roots = RootCertStore::empty();
    let mut readable = 0;
    for der in given {
        let anchor = roots.add(CertificateDer::from(der.as_slice())).is_ok();
        if anchor || Parsed::from_der(der).is_ok() {
            readable += 1;
        }
    }
    if readable == 0 {
        return Err(plain_problem("bad-ca", "none of the given certificates can be read"));
    }
    Ok(roots.roots)
}

pub(super) fn verify_name(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    rustls::client::verify_server_name(&ParsedCertificate::try_from(leaf)?, name)
}

/// A server certificate the caller gave itself: trusted by being that very certificate (a self-signed one cannot be
/// its own CA for webpki); name and dates are checked all the same (RFC 5280 section 6.1.3 a, RFC 9525).
fn verify_given(leaf: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
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
    verify_name(leaf, name)
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
        match self.verify(leaf, others, name, ocsp, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err((error, problem)) => {
                self.notes.refused(problem);
                Err(error)
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.takes_anything() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.signed(leaf, verify_tls12_signature(message, leaf, signature, &self.rules.algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.takes_anything() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.signed(leaf, verify_tls13_signature(message, leaf, signature, &self.rules.algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.rules.algorithms.supported_schemes();
        if self.takes_anything() {
            // Offered so that a server with an old certificate does not refuse to answer.
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
        }
        schemes
    }
}

#[cfg(test)]
mod tests;
