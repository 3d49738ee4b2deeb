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

impl Proxy {
    /// A proxy from its URL; without a scheme it is an HTTP proxy.
    ///
    /// # Errors
    /// A stable word: `scheme`, `host`, `port`, `syntax`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let (scheme, rest) = url.split_once("://").ok_or("syntax")?;
        let (kind, default) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks4" => (ProxyKind::Socks4, 1080),
            "socks4a" => (ProxyKind::Socks4a, 1080),
            "socks5" => (ProxyKind::Socks5, 1080),
            "socks5h" => (ProxyKind::Socks5h, 1080),
            _ => return Err("scheme"),
        };
        // One of the web's own schemes, so that the host is read as one.
        let url = url::Url::parse(&format!("http://{rest}")).map_err(|error| match error {
            url::ParseError::InvalidPort => "port",
            _ => "host",
        })?;
        let text = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = (text(url.username()), text(url.password().unwrap_or_default()));
        let given = !(user.is_empty() && password.is_empty());
        Ok(Self {
            kind,
            host: url.host_str().filter(|host| !host.is_empty()).ok_or("host")?.to_owned(),
            port: url.port().unwrap_or(default),
            credentials: given.then_some(Credentials::Basic { user, password }),
        })
    }
}
