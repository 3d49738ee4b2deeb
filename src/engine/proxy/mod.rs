//! The way out: which proxy, if any, and how to talk to it.
//!
//! [`ProxySetting`] is what a caller says; `choose` makes of it the proxy of one URL (environment and system included),
//! `bypass` knows what goes past a proxy, `http` and `socks` do the talking before the first byte for the target.
//! Credentials of a proxy go to that proxy only, those of the target never to a proxy.

mod bypass;
mod choose;
pub(crate) mod http;
#[cfg(java)]
mod java;
mod parse;
pub(crate) mod socks;
mod system;

use std::sync::Arc;

use super::auth::Credentials;
use super::error::{Error, ErrorKind, Phase};

pub(crate) use choose::route;
pub use choose::{Origin, by_default, from_environment};

/// What was said about proxies. Three ways of saying nothing much are different: not said, none, and the system's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum ProxySetting {
    /// Nothing: the environment decides (`https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`), then the system's settings.
    #[default]
    Unsaid,
    /// No proxy.
    Direct,
    /// What the system's settings say, the environment left aside.
    System,
    /// These.
    Explicit(Arc<Proxies>),
}

/// Proxies by the scheme of the target, and what goes past them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Proxies {
    /// For `http` targets.
    pub http: Option<Arc<Proxy>>,
    /// For `https` targets.
    pub https: Option<Arc<Proxy>>,
    /// Targets reached without a proxy.
    pub bypass: Bypass,
}

/// One proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Host in URL form (IPv6 in brackets).
    pub host: String,
    /// Port.
    pub port: u16,
    /// Credentials for it, percent-decoded. `Basic` stands for a user and password by whatever scheme the proxy asks
    /// for; `System` for the current user.
    pub credentials: Option<Credentials>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// HTTP: absolute-form requests for http, CONNECT for https.
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS4, names looked up here.
    Socks4,
    /// SOCKS4a, names looked up by the proxy.
    Socks4a,
    /// SOCKS5 (RFC 1928), names looked up here.
    Socks5,
    /// SOCKS5, names looked up by the proxy.
    Socks5h,
}

/// Targets reached without a proxy: patterns as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Bypass {
    /// Host, suffix, CIDR, `<local>`, `*`, each with a port or without.
    pub patterns: Vec<String>,
    /// Hosts without a dot go past the proxy (`<local>`).
    pub local: bool,
}

impl ProxyKind {
    /// Scheme of its URL.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks4 => "socks4",
            Self::Socks4a => "socks4a",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// Port when none is written: that of the scheme, 1080 for SOCKS. (curl takes 1080 for all of them.)
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks4 | Self::Socks4a | Self::Socks5 | Self::Socks5h => 1080,
        }
    }

    /// Whether it speaks HTTP.
    #[must_use]
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Whether names of targets are looked up by the proxy and not here.
    #[must_use]
    pub fn looks_up(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Socks4a | Self::Socks5h)
    }
}

impl Proxy {
    /// `scheme://host:port`, without credentials.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}://{}:{}", self.kind.scheme(), self.host, self.port)
    }

    /// Its failure.
    pub(crate) fn failed(&self, problem: &'static str, status: Option<u16>, detail: String) -> Error {
        Error::new(ErrorKind::Proxy { proxy: self.id(), problem, status, detail }, Phase::Proxy)
    }
}
