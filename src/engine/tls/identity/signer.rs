//! An identity for rustls, and whether the provider can use it.

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::key::{algorithm_name, rsa_bits, signing_key};
use super::{Identity, IdentityProblem, problem};
use crate::engine::error::ErrorKind;
use crate::engine::tls::config::is_known;
use crate::engine::tls::{Provider, TlsSettings};

/// The shortest and the longest RSA key that signs here.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Whether the identity in `settings` can be used by their provider: asked before anything is sent. What the
/// compatible provider can use only its library knows.
///
/// # Errors
/// [`ErrorKind::Identity`] with the words of [`resolver`].
pub(crate) fn usable(settings: &TlsSettings) -> Result<(), ErrorKind> {
    #[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
    if settings.provider == Provider::Compatible {
        return super::super::compatible::check_identity(settings)
            .map_err(|problem| ErrorKind::Identity { problem });
    }
    #[cfg(windows)]
    if settings.provider == Provider::Compatible {
        return super::super::schannel::check_identity(settings)
            .map_err(|problem| ErrorKind::Identity { problem });
    }
    match (&settings.identity, settings.provider) {
        (Some(identity), Provider::Modern) if !is_known(settings) => {
            resolver(identity).map(|_| ()).map_err(|problem| ErrorKind::Identity { problem })
        }
        _ => Ok(()),
    }
}

/// What gives rustls the certificate when a server asks for one. Whether the two belong together is known already.
///
/// # Errors
/// `weak-key`, `key-type`; `store` for the system's.
pub(crate) fn resolver(identity: &Identity) -> Result<Arc<dyn ResolvesClientCert>, IdentityProblem> {
    let Identity::Key { certificates, key } = identity else {
        return Err(problem("store", "not with this provider"));
    };
    match rsa_bits(key) {
        Some(bits) if bits < *RSA_BITS.start() => {
            return Err(problem(
                "weak-key",
                format!("RSA of {bits} bits, at least {} are needed", RSA_BITS.start()),
            ));
        }
        Some(bits) if bits > *RSA_BITS.end() => {
            return Err(problem("key-type", format!("RSA of {bits} bits, {} are the most", RSA_BITS.end())));
        }
        _ => {}
    }
    let signing = signing_key(key).map_err(|_| problem("key-type", algorithm_name(key)))?;
    let certificates = certificates.iter().map(|der| CertificateDer::from(der.clone())).collect();
    Ok(Arc::new(SingleCertAndKey::from(CertifiedKey::new(certificates, signing))))
}
