//! The way out: which proxy, if any, and how to talk to it.

use std::sync::Arc;

use super::auth::Credentials;

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
