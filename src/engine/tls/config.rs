//! One rustls configuration per setting for the whole process: building one may read the system's root store (some
//! 12 ms), and only connections of the same configuration can resume each other's sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};

use super::identity::resolver;
use super::notes::{Asked, Notes};
use super::verify::Verifier;
use super::{TlsProblem, TlsSettings, TlsVersion, plain_problem};

/// Settings remembered at most. A process that keeps making new ones pays for building them.
const SETTINGS: usize = 64;

/// A configuration and what its callbacks note.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// For the connection.
    pub(crate) config: Arc<ClientConfig>,
    /// Why verification failed on this thread, and what the server asked for.
    pub(crate) notes: Arc<Notes>,
}

static CONFIGS: Mutex<Option<HashMap<TlsSettings, Shared>>> = Mutex::new(None);

/// The configuration for `settings`, made at first use.
///
/// # Errors
/// Own certificates that cannot be used, or a system without roots.
pub(crate) fn client_config(settings: &TlsSettings) -> Result<Shared, TlsProblem> {
    if let Some(shared) = CONFIGS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|configs| configs.get(settings))
    {
        return Ok(shared.clone());
    }
    // Built outside the lock: other settings need not wait for it. Two threads may build the same one; the first
    // stays, so that both use the same resumption memory.
    let built = build(settings)?;
    let mut configs = CONFIGS.lock().unwrap_or_else(PoisonError::into_inner);
    let configs = configs.get_or_insert_with(HashMap::new);
    if configs.len() >= SETTINGS && !configs.contains_key(settings) {
        configs.clear();
    }
    Ok(configs.entry(settings.clone()).or_insert(built).clone())
}

/// Whether there is a configuration for `settings` already, so that everything in them can be used.
pub(super) fn is_known(settings: &TlsSettings) -> bool {
    let configs = CONFIGS.lock().unwrap_or_else(PoisonError::into_inner);
    configs.as_ref().is_some_and(|configs| configs.contains_key(settings))
}

fn build(settings: &TlsSettings) -> Result<Shared, TlsProblem> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    let notes = Arc::new(Notes::default());
    let verifier = Arc::new(Verifier::new(settings, &provider, notes.clone())?);
    let versions = versions(settings);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .map_err(|error| other(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &settings.identity {
        None => builder.with_no_client_auth(),
        // What cannot be used was refused before connecting ([`super::usable`]).
        Some(identity) => builder.with_client_cert_resolver(
            resolver(identity).map_err(|problem| plain_problem("other", problem.detail))?,
        ),
    };
    // The only protocol spoken; a server that knows HTTP/2 must not choose it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(256);
    let answers = config.client_auth_cert_resolver;
    config.client_auth_cert_resolver = Arc::new(Asked { answers, notes: notes.clone() });
    Ok(Shared { config: Arc::new(config), notes })
}

/// The versions within the limits, of those rustls has. None of them is what [`TlsSettings::check`] refuses.
fn versions(settings: &TlsSettings) -> Vec<&'static SupportedProtocolVersion> {
    [(TlsVersion::V1_3, &TLS13), (TlsVersion::V1_2, &TLS12)]
        .into_iter()
        .filter(|(version, _)| settings.minimum.is_none_or(|minimum| minimum <= *version))
        .filter(|(version, _)| settings.maximum.is_none_or(|maximum| *version <= maximum))
        .map(|(_, version)| version)
        .collect()
}

fn other(error: &rustls::Error) -> TlsProblem {
    plain_problem("other", error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::tls::Trust;

    #[test]
    fn equal_settings_share_a_configuration_and_different_ones_do_not() {
        let none = TlsSettings { trust: Trust::None, ..TlsSettings::default() };
        let first = client_config(&none).unwrap();
        assert!(Arc::ptr_eq(&first.config, &client_config(&none.clone()).unwrap().config));
        let system = client_config(&TlsSettings::default());
        assert!(system.is_err() || !Arc::ptr_eq(&first.config, &system.unwrap().config));
    }

    #[test]
    fn certificates_that_cannot_be_read_are_named() {
        let own = Trust::Own(vec![b"not a certificate".to_vec()]);
        let own = TlsSettings { trust: own, ..TlsSettings::default() };
        assert_eq!(client_config(&own).unwrap_err().word, "bad-ca");
    }
}
