//! What callbacks of rustls learn and its errors cannot carry: why a certificate was refused, and that the server asked
//! for one of ours. Kept by thread: callbacks run on the thread of their connection, which takes the note at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use super::TlsProblem;

/// The notes of one configuration.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<HashMap<ThreadId, Note>>);

/// What was learned.
#[derive(Debug, Default)]
pub(crate) struct Note {
    /// Why the server's certificate was refused.
    pub(crate) refused: Option<TlsProblem>,
    /// The server asked for a client certificate.
    pub(crate) asked: bool,
}

impl Notes {
    /// Takes what this thread has noted.
    pub(crate) fn take(&self) -> Note {
        self.lock().remove(&std::thread::current().id()).unwrap_or_default()
    }

    pub(super) fn refused(&self, problem: TlsProblem) {
        self.lock().entry(std::thread::current().id()).or_default().refused = Some(problem);
    }

    fn asked(&self) {
        self.lock().entry(std::thread::current().id()).or_default().asked = true;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ThreadId, Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that the server asks for a client certificate, and leaves the answer to another.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) answers: Arc<dyn ResolvesClientCert>,
    pub(super) notes: Arc<Notes>,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.notes.asked();
        self.answers.resolve(issuers, schemes)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.answers.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.answers.has_certs()
    }
}
