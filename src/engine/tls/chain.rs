//! Paths from a server's certificate to an anchor: built and checked by webpki, with what rustls does not ask it for.
//!
//! A pin counts only where it is part of the path that was verified, so appending the pinned certificate to a chain of
//! another authority gains nothing; where several paths lead to trust, one with a pinned key is looked for.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use rustls::{CertRevocationListError, CertificateError, Error, OtherError};
use webpki::{
    EndEntityCert, KeyUsage, RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath,
    anchor_from_trusted_cert, spki_for_anchor,
};

use super::pins::pin_of;
use super::revocation::Revocations;

/// A last word on a path that is good otherwise.
type Check<'c> = dyn Fn(&VerifiedPath<'_>) -> Result<(), webpki::Error> + 'c;

/// What a path must satisfy.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) pins: Vec<[u8; 32]>,
    pub(super) revocations: Revocations,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

/// Why there is no path.
#[derive(Debug)]
pub(super) enum NoPath {
    /// None to an anchor that keeps the rules of certificates.
    Refused(Error),
    /// None with a pinned key; the keys of one that was good otherwise.
    Unpinned(Vec<[u8; 32]>),
}

impl Rules {
    /// Whether a path leads from `leaf` through `others` to one of `anchors`.
    pub(super) fn path(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        anchors: &[TrustAnchor<'_>],
        now: UnixTime,
    ) -> Result<(), NoPath> {
        let leaf = EndEntityCert::try_from(leaf).map_err(refused)?;
        let lists = if self.revocations.is_empty() {
            Vec::new()
        } else {
            self.revocations.by(&issuers(others, anchors), &self.algorithms)
        };
        // Without lists there are no options: that is what the builder's error says.
        let revocation = RevocationOptionsBuilder::new(&lists)
            .ok()
            .map(|options| options.with_status_policy(UnknownStatusPolicy::Allow).build());
        let unpinned = RefCell::new(Vec::new());
        let pinned = |path: &VerifiedPath<'_>| {
            let keys = keys(path);
            if self.has(&keys) {
                return Ok(());
            }
            *unpinned.borrow_mut() = keys;
            Err(webpki::Error::UnknownIssuer)
        };
        let check: Option<&Check<'_>> = if self.pins.is_empty() { None } else { Some(&pinned) };
        let result = leaf.verify_for_usage(
            self.algorithms.all,
            anchors,
            others,
            now,
            KeyUsage::server_auth(),
            revocation,
            check,
        );
        match result {
            Ok(_) => Ok(()),
            Err(_) if !unpinned.borrow().is_empty() => Err(NoPath::Unpinned(unpinned.take())),
            Err(error) => Err(refused(error)),
        }
    }

    /// Whether the key of a certificate is pinned, or there are no pins; it counts as the whole path.
    pub(super) fn alone(&self, leaf: &CertificateDer<'_>) -> Result<(), NoPath> {
        if self.pins.is_empty() {
            return Ok(());
        }
        let leaf = EndEntityCert::try_from(leaf).map_err(refused)?;
        let keys = vec![pin_of(&leaf.subject_public_key_info())];
        if self.has(&keys) { Ok(()) } else { Err(NoPath::Unpinned(keys)) }
    }

    /// For a chain somebody else has verified without telling the path: whether one through the certificates sent (and
    /// `given` ones) has a pinned key. Each must have signed the one before, so this is no weaker.
    pub(super) fn pinned_among_sent(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        given: &[TrustAnchor<'_>],
        now: UnixTime,
    ) -> Result<(), NoPath> {
        let alone = self.alone(leaf);
        if alone.is_ok() {
            return Ok(());
        }
        let sent = others.iter().filter_map(|der| anchor_from_trusted_cert(der).ok());
        let anchors: Vec<TrustAnchor<'_>> = sent.chain(given.iter().cloned()).collect();
        match self.path(leaf, others, &anchors, now) {
            // No path at all: then the leaf's key is all there was to compare.
            Err(NoPath::Refused(_)) => alone,
            other => other,
        }
    }

    /// Whether a certificate given as such is listed. Whose list it is cannot always be proved, its authority need not
    /// be known; then whoever has its stolen key would only have to leave the authority out. So the name decides.
    pub(super) fn is_listed(&self, leaf: &CertificateDer<'_>) -> bool {
        let Ok(leaf) = EndEntityCert::try_from(leaf) else { return false };
        self.revocations.lists(leaf.issuer(), leaf.serial())
    }

    fn has(&self, keys: &[[u8; 32]]) -> bool {
        keys.iter().any(|key| self.pins.contains(key))
    }
}

fn keys(path: &VerifiedPath<'_>) -> Vec<[u8; 32]> {
    let leaf = [path.end_entity().subject_public_key_info()];
    let between = path.intermediate_certificates().map(|between| between.subject_public_key_info());
    let anchor = [spki_for_anchor(path.anchor())];
    leaf.into_iter().chain(between).chain(anchor).map(|key| pin_of(&key)).collect()
}

/// Subjects and keys of all that could have signed something.
fn issuers(others: &[CertificateDer<'_>], anchors: &[TrustAnchor<'_>]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let sent = others.iter().filter_map(|der| anchor_from_trusted_cert(der).ok());
    sent.chain(anchors.iter().cloned())
        .map(|anchor| (anchor.subject.to_vec(), spki_for_anchor(&anchor).to_vec()))
        .collect()
}

fn refused(error: webpki::Error) -> NoPath {
    NoPath::Refused(to_rustls(error))
}

/// In the words of rustls, which also decide on the alert the server gets.
fn to_rustls(error: webpki::Error) -> Error {
    use webpki::Error as Pki;
    let error = match error {
        Pki::BadDer | Pki::BadDerTime | Pki::TrailingData(_) => CertificateError::BadEncoding,
        Pki::CertNotValidYet { time, not_before } => {
            CertificateError::NotValidYetContext { time, not_before }
        }
        Pki::CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        Pki::UnknownIssuer => CertificateError::UnknownIssuer,
        Pki::CertRevoked => CertificateError::Revoked,
        Pki::UnsupportedCriticalExtension => CertificateError::UnhandledCriticalExtension,
        Pki::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        Pki::UnsupportedSignatureAlgorithmContext(context) => {
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id: context.signature_algorithm_id,
                supported_algorithms: context.supported_algorithms,
            }
        }
        Pki::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: context.signature_algorithm_id,
                public_key_algorithm_id: context.public_key_algorithm_id,
            }
        }
        Pki::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        Pki::InvalidCrlSignatureForPublicKey => return CertRevocationListError::BadSignature.into(),
        Pki::IssuerNotCrlSigner => return CertRevocationListError::IssuerInvalidForCrl.into(),
        other => CertificateError::Other(OtherError(Arc::new(other))),
    };
    error.into()
}
