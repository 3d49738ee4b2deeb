//! Cookies (RFC 6265 with the additions of 6265bis that every browser has). `jar` keeps and chooses them,
//! `set_cookie` reads what servers write; this file holds the plain forms callers see.
//!
//! The terms of the RFC (domain-match, path-match, default path) are those of the crate `cookie_store`, its `Cookie`
//! is what the jar keeps. Its store is not used: it has no creation order, which the order of sending needs, and it
//! looks at the system's clock.

mod jar;
mod set_cookie;

use time::OffsetDateTime;
use time::macros::datetime;

pub use jar::{Given, Jar};
pub use set_cookie::{SetCookie, parse};

/// Expiry reported for a cookie that has none.
pub const NEVER: OffsetDateTime = datetime!(3999-01-01 0:00 UTC);

/// A cookie given by the caller for one request.
#[derive(Clone, Default)]
pub struct GivenCookie {
    /// Name.
    pub name: String,
    /// Value, sent as it is.
    pub value: String,
    /// Domain it is for, with its subdomains; `None`: the host of the request's URL alone.
    pub domain: Option<String>,
    /// Whether `domain` means that host alone.
    pub host_only: bool,
    /// Path; `None`: `/`.
    pub path: Option<String>,
    /// When it is no longer sent.
    pub expires: Option<OffsetDateTime>,
    /// Whether it goes to `https` only.
    pub secure: bool,
}

/// Cookies in the plain form callers read and write. The list is ordered by creation; [`Cookies::nested`] gives the
/// nesting domain, path, name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cookies {
    /// The cookies, oldest first.
    pub list: Vec<StoredCookie>,
}

/// One stored cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// With a leading dot: the domain and its subdomains (the server sent a `Domain` attribute). Without: that host
    /// alone. An export imported again therefore behaves the same.
    pub domain: String,
    /// Path.
    pub path: String,
    /// Port written in the URL that set it; never compared.
    pub port: Option<u16>,
    /// Expiry; [`NEVER`] for a session cookie.
    pub expires: OffsetDateTime,
    /// Whether it goes to `https` only.
    pub secure: bool,
}

/// Cookies of one domain: each path with its cookies.
pub type ByPath<'a> = Vec<(&'a str, Vec<&'a StoredCookie>)>;

impl Cookies {
    /// The cookies by domain and path, each in order of first appearance.
    #[must_use]
    pub fn nested(&self) -> Vec<(&str, ByPath<'_>)> {
        let mut domains: Vec<(&str, ByPath<'_>)> = Vec::new();
        for cookie in &self.list {
            let paths = entry(&mut domains, cookie.domain.as_str());
            entry(paths, cookie.path.as_str()).push(cookie);
        }
        domains
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The cookies as given ones of a single request.
    #[must_use]
    pub fn into_given(self) -> Vec<GivenCookie> {
        let given = |cookie: StoredCookie| GivenCookie {
            host_only: !cookie.domain.starts_with('.'),
            name: cookie.name,
            value: cookie.value,
            domain: Some(cookie.domain).filter(|domain| !domain.is_empty()),
            path: Some(cookie.path),
            expires: (cookie.expires < NEVER).then_some(cookie.expires),
            secure: cookie.secure,
        };
        self.list.into_iter().map(given).collect()
    }
}

fn entry<K: PartialEq + Copy, V: Default>(map: &mut Vec<(K, V)>, key: K) -> &mut V {
    let at = map.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        map.push((key, V::default()));
        map.len() - 1
    });
    &mut map[at].1
}

impl std::fmt::Debug for GivenCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=*** ({:?})", self.name, self.domain)
    }
}

impl std::fmt::Debug for StoredCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=*** ({}{})", self.name, self.domain, self.path)
    }
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}
