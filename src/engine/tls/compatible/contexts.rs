//! One context per setting for the whole process, with the sessions its connections can resume.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::revocation::Revocations;
use super::super::{Identity, IdentityProblem, TlsProblem, TlsSettings, TlsVersion, Trust, plain_problem};
use super::is_verified;
use crate::os::openssl::{Context, Resumption, Setup, Unusable};

/// Settings remembered at most.
const SETTINGS: usize = 64;
/// Servers whose session is remembered, for each setting.
const SESSIONS: usize = 256;

/// A context and what goes with it.
pub(super) struct Shared {
    pub(super) context: Arc<Context>,
    pub(super) pins: Vec<[u8; 32]>,
    /// Trusted certificates of the caller's, and revocation lists: the library asks for the issuer's key, which is not
    /// there where the server's own certificate is trusted.
    pub(super) given: Vec<Vec<u8>>,
    pub(super) revocations: Revocations,
    /// Whether certificates are verified.
    pub(super) verified: bool,
    /// Whether there is a client certificate to show.
    pub(super) has_identity: bool,
    sessions: Mutex<HashMap<String, Arc<Resumption>>>,
}

impl Shared {
    /// What an earlier connection to `server` left.
    pub(super) fn recall(&self, server: &str) -> Option<Arc<Resumption>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(server).cloned()
    }

    /// Keeps the latest session with `server`.
    pub(super) fn remember(&self, server: &str, session: Resumption) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS && !sessions.contains_key(server) {
            sessions.clear();
        }
        sessions.insert(server.to_owned(), Arc::new(session));
    }
}

static SHARED: Mutex<Option<HashMap<TlsSettings, Arc<Shared>>>> = Mutex::new(None);

/// The context for `settings`, made at first use.
///
/// # Errors
/// Settings that cannot be used; the library is not there.
pub(super) fn shared(settings: &TlsSettings) -> Result<Arc<Shared>, TlsProblem> {
    made(settings).map_err(unusable)
}

/// Whether the client certificate of `settings` can be used. Makes their context, so that it is not asked twice.
///
/// # Errors
/// `format`, `key-type`, `mismatch`.
pub(crate) fn check_identity(settings: &TlsSettings) -> Result<(), IdentityProblem> {
    if settings.identity.is_none() {
        return Ok(());
    }
    let (word, detail) = match made(settings) {
        Err(Unusable::Certificate(detail)) => ("format", detail),
        Err(Unusable::Key(detail)) => ("key-type", detail),
        Err(Unusable::Mismatch(detail)) => ("mismatch", detail),
        // Of something else, then; told when the connection is made.
        Ok(_) | Err(_) => return Ok(()),
    };
    Err(IdentityProblem { word, detail })
}

fn made(settings: &TlsSettings) -> Result<Arc<Shared>, Unusable> {
    let known = SHARED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|known| known.get(settings).cloned());
    if let Some(shared) = known {
        return Ok(shared);
    }
    // Built outside the lock, as in `config`; of two made at once the first stays.
    let built = Arc::new(build(settings)?);
    let mut known = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_with(HashMap::new);
    if known.len() >= SETTINGS && !known.contains_key(settings) {
        known.clear();
    }
    Ok(known.entry(settings.clone()).or_insert(built).clone())
}

fn build(settings: &TlsSettings) -> Result<Shared, Unusable> {
    let (system, own): (Vec<Vec<u8>>, &[Vec<u8>]) = match &settings.trust {
        Trust::System => (system_roots(), &[]),
        Trust::Own(own) => (Vec::new(), own),
        Trust::SystemAnd(own) => (system_roots(), own),
        Trust::None => (Vec::new(), &[]),
    };
    let identity = match settings.identity.as_deref() {
        None => None,
        Some(Identity::Key { certificates, key }) => Some((certificates.as_slice(), key.as_slice())),
        Some(Identity::Store(_)) => {
            // Refused before by the table of what goes together.
            return Err(Unusable::Other("there is no certificate store on this system".to_owned()));
        }
    };
    let setup = Setup {
        versions: (
            number(settings.minimum.unwrap_or(TlsVersion::V1_0)),
            number(settings.maximum.unwrap_or(TlsVersion::V1_3)),
        ),
        verify: is_verified(&settings.trust),
        system: &system,
        own,
        revocations: &settings.revocations,
        identity,
    };
    let context = Context::new(&setup)?;
    let revocations =
        Revocations::new(&settings.revocations).map_err(|problem| Unusable::Revocations(problem.detail))?;
    Ok(Shared {
        context: Arc::new(context),
        pins: settings.pins.clone(),
        given: own.to_vec(),
        revocations,
        verified: setup.verify,
        has_identity: identity.is_some(),
        sessions: Mutex::default(),
    })
}

/// The same roots as the modern provider's, `SSL_CERT_FILE` and `SSL_CERT_DIR` included. OpenSSL's own idea of where
/// they are depends on who built it.
fn system_roots() -> Vec<Vec<u8>> {
    rustls_native_certs::load_native_certs().certs.into_iter().map(|der| der.to_vec()).collect()
}

/// The version as on the wire.
fn number(version: TlsVersion) -> u16 {
    match version {
        TlsVersion::V1_0 => 0x0301,
        TlsVersion::V1_1 => 0x0302,
        TlsVersion::V1_2 => 0x0303,
        TlsVersion::V1_3 => 0x0304,
    }
}

fn unusable(problem: Unusable) -> TlsProblem {
    let (word, detail) = match problem {
        Unusable::Library(tried) => ("no-provider", tried),
        Unusable::Authorities(detail) => ("bad-ca", detail),
        Unusable::Revocations(detail) => ("bad-crl", detail),
        Unusable::Versions(detail) => ("protocol-version", detail),
        Unusable::Certificate(detail)
        | Unusable::Key(detail)
        | Unusable::Mismatch(detail)
        | Unusable::Other(detail) => ("other", detail),
    };
    plain_problem(word, detail)
}
