//! Settings of which a request may change one part and keep the session's others: TLS and guards. What a connection
//! is opened with is one shared structure; a session makes it when a setting changes, and a request that says nothing
//! of these matters takes it as it is.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use crate::engine::guard::Guard;
use crate::engine::tls::{Identity, Provider, StoreSearch, TlsSettings, TlsVersion, Trust};

use super::take;
pub(in crate::component) use super::values::Given;

/// What is said of TLS. `None`: nothing.
#[derive(Default, Clone)]
pub(in crate::component) struct TlsParts {
    pub(in crate::component) verify: Option<Verify>,
    pub(in crate::component) provider: Option<Provider>,
    /// The inner `None` is the provider's own, here and below.
    pub(in crate::component) minimum: Option<Option<TlsVersion>>,
    pub(in crate::component) maximum: Option<Option<TlsVersion>>,
    /// The inner `None` is the host of the URL.
    pub(in crate::component) server_name: Option<Option<String>>,
    pub(in crate::component) pins: Option<Vec<[u8; 32]>>,
    pub(in crate::component) revocations: Option<Vec<Vec<u8>>>,
    /// `Some(None)`: given and none.
    pub(in crate::component) identity: Option<Option<ClientCertificate>>,
    /// All of it, once [`TlsParts::settle`] made it.
    whole: Option<Arc<TlsSettings>>,
}

/// Verification of the server and how it was asked for.
#[derive(Clone)]
pub(in crate::component) struct Verify {
    pub(in crate::component) trust: Trust,
    pub(in crate::component) given: VerifyGiven,
}

/// How verification was asked for.
#[derive(Clone)]
pub(in crate::component) enum VerifyGiven {
    Bool(bool),
    Own(Given),
    List { system: bool, own: Vec<Given> },
}

/// A client certificate and how it was given.
#[derive(Clone)]
pub(in crate::component) struct ClientCertificate {
    pub(in crate::component) identity: Arc<Identity>,
    pub(in crate::component) given: CertificateGiven,
}

/// How a client certificate was given.
#[derive(Clone)]
pub(in crate::component) enum CertificateGiven {
    Material { source: Given, key: Option<Given>, password: bool },
    Store(StoreSearch),
}

static DEFAULT_TLS: LazyLock<Arc<TlsSettings>> = LazyLock::new(Arc::default);

impl TlsParts {
    /// What is in force for a request that says `self` in a session that says `session`.
    pub(in crate::component) fn over(&self, session: &Self) -> Arc<TlsSettings> {
        if self.is_empty() {
            return session.whole.as_ref().unwrap_or(&DEFAULT_TLS).clone();
        }
        Arc::new(merged(self, session))
    }

    /// Makes the whole anew, after a change.
    pub(in crate::component) fn settle(&mut self) {
        let whole = (!self.is_empty()).then(|| Arc::new(merged(self, &Self::default())));
        self.whole = whole;
    }

    /// Takes over what `newer` says.
    pub(super) fn replace_with(&mut self, newer: Self) {
        take(&mut self.verify, newer.verify);
        take(&mut self.provider, newer.provider);
        take(&mut self.minimum, newer.minimum);
        take(&mut self.maximum, newer.maximum);
        take(&mut self.server_name, newer.server_name);
        take(&mut self.pins, newer.pins);
        take(&mut self.revocations, newer.revocations);
        take(&mut self.identity, newer.identity);
    }

    fn is_empty(&self) -> bool {
        self.verify.is_none()
            && self.provider.is_none()
            && self.minimum.is_none()
            && self.maximum.is_none()
            && self.server_name.is_none()
            && self.pins.is_none()
            && self.revocations.is_none()
            && self.identity.is_none()
    }
}

fn merged(first: &TlsParts, second: &TlsParts) -> TlsSettings {
    fn of<'a, T>(first: &'a Option<T>, second: &'a Option<T>) -> Option<&'a T> {
        first.as_ref().or(second.as_ref())
    }
    TlsSettings {
        provider: of(&first.provider, &second.provider).copied().unwrap_or_default(),
        trust: of(&first.verify, &second.verify).map(|verify| verify.trust.clone()).unwrap_or_default(),
        minimum: of(&first.minimum, &second.minimum).copied().flatten(),
        maximum: of(&first.maximum, &second.maximum).copied().flatten(),
        server_name: of(&first.server_name, &second.server_name).cloned().flatten(),
        pins: of(&first.pins, &second.pins).cloned().unwrap_or_default(),
        revocations: of(&first.revocations, &second.revocations).cloned().unwrap_or_default(),
        identity: of(&first.identity, &second.identity)
            .and_then(Option::as_ref)
            .map(|certificate| Arc::clone(&certificate.identity)),
    }
}

/// What is said of guards. `None`: nothing.
#[derive(Default, Clone)]
pub(in crate::component) struct GuardParts {
    pub(in crate::component) deny_private: Option<bool>,
    pub(in crate::component) schemes: Option<Vec<String>>,
    pub(in crate::component) ports: Option<Vec<u16>>,
    pub(in crate::component) overrides: Option<BTreeMap<(String, u16), Vec<IpAddr>>>,
    /// All of it, once [`GuardParts::settle`] made it.
    whole: Option<Arc<Guard>>,
}

static NO_GUARD: LazyLock<Arc<Guard>> = LazyLock::new(Arc::default);

impl GuardParts {
    /// What is in force for a request that says `self` in a session that says `session`.
    pub(in crate::component) fn over(&self, session: &Self) -> Arc<Guard> {
        if self.is_empty() {
            return session.whole.as_ref().unwrap_or(&NO_GUARD).clone();
        }
        let mut parts = session.clone();
        parts.replace_with(self.clone());
        Arc::new(parts.into_guard())
    }

    /// Makes the whole anew, after a change.
    pub(in crate::component) fn settle(&mut self) {
        let whole = (!self.is_empty()).then(|| Arc::new(self.clone().into_guard()));
        self.whole = whole;
    }

    /// Takes over what `newer` says.
    pub(super) fn replace_with(&mut self, newer: Self) {
        take(&mut self.deny_private, newer.deny_private);
        take(&mut self.schemes, newer.schemes);
        take(&mut self.ports, newer.ports);
        take(&mut self.overrides, newer.overrides);
    }

    fn is_empty(&self) -> bool {
        self.deny_private.is_none()
            && self.schemes.is_none()
            && self.ports.is_none()
            && self.overrides.is_none()
    }

    fn into_guard(self) -> Guard {
        Guard {
            deny_private: self.deny_private.unwrap_or_default(),
            schemes: self.schemes.unwrap_or_default(),
            ports: self.ports.unwrap_or_default(),
            overrides: self.overrides.unwrap_or_default(),
        }
    }
}
