//! Where a hop goes: its target, the proxy in between, and the key under which such connections are kept. Guards are
//! asked here, so that they hold for every hop, whoever made it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Position, Url};

use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::Hop;
use crate::engine::pool::{Key, Written};
use crate::engine::proxy::http::PROXY_CREDENTIALS;
use crate::engine::proxy::{Proxy, route};
use crate::engine::tls::TlsSettings;

/// Where a hop goes.
pub(super) struct Way<'a> {
    /// Host of the target.
    pub(super) host: Host<&'a str>,
    /// Port of the target.
    pub(super) port: u16,
    /// The proxy in between.
    pub(super) proxy: Option<Arc<Proxy>>,
    /// TLS to the target.
    pub(super) tls: Option<Arc<TlsSettings>>,
    /// Under what the connection is kept.
    pub(super) key: Key,
}

impl<'a> Way<'a> {
    /// Where `hop` goes.
    ///
    /// # Errors
    /// A URL that cannot be used, a guard that does not let it through, proxy settings that are not understood.
    pub(super) fn of(hop: &'a Hop<'_>) -> Result<Self> {
        let url: &Url = hop.url;
        let unusable = |problem| {
            // The scheme says what is wrong; the rest may hold a secret.
            let url = format!("{}:", url.scheme());
            Error::new(ErrorKind::InvalidUrl { url, problem }, Phase::Prepare)
        };
        let tls = match url.scheme() {
            "http" => None,
            "https" => {
                hop.tls.check()?;
                Some(hop.tls.clone())
            }
            _ => return Err(unusable("scheme")),
        };
        let host = url.host().ok_or_else(|| unusable("host"))?;
        let port = url.port_or_known_default().ok_or_else(|| unusable("port"))?;
        hop.guard.check(url)?;
        let proxy = route(hop.proxy, url)?;
        let relayed = tls.is_none() && proxy.as_ref().is_some_and(|proxy| proxy.kind.is_http());
        if let Some(proxy) = &proxy
            && proxy.kind.looks_up()
            // An absolute-form request names the host all the same.
            && (relayed || hop.guard.overridden(&host, port).is_none())
        {
            hop.guard.check_unseen(&host)?;
        }
        let key = Key {
            // A connection that carries absolute-form requests is the proxy's, whatever the target.
            host: if relayed { String::new() } else { url.host_str().unwrap_or_default().to_owned() },
            port: if relayed { 0 } else { port },
            tls: match &proxy {
                Some(proxy) if relayed => outer_tls(proxy, hop.tls),
                _ => tls.clone(),
            },
            proxy: proxy.clone(),
            guard: hop.guard.clone(),
            owner: hop.pin.map(|pin| pin.credentials.clone()),
            written: match &proxy {
                Some(proxy) if proxy.kind.is_http() => hop.headers.first(PROXY_CREDENTIALS).map(Written::new),
                _ => None,
            },
        };
        if let (true, Some(outer)) = (relayed, &key.tls) {
            outer.check()?;
        }
        Ok(Self { host, port, proxy, tls, key })
    }

    /// The HTTP proxy to which requests go in absolute form.
    pub(super) fn relay(&self) -> Option<&Arc<Proxy>> {
        self.proxy.as_ref().filter(|proxy| self.tls.is_none() && proxy.kind.is_http())
    }

    /// The target as a tunnel is asked for: the first address the caller wrote for it, else its host.
    pub(super) fn named(&self, hop: &Hop<'_>) -> Host<Cow<'a, str>> {
        match hop.guard.overridden(&self.host, self.port).and_then(<[IpAddr]>::first) {
            Some(IpAddr::V4(address)) => Host::Ipv4(*address),
            Some(IpAddr::V6(address)) => Host::Ipv6(*address),
            None => match self.host {
                Host::Domain(name) => Host::Domain(Cow::Borrowed(name)),
                Host::Ipv4(address) => Host::Ipv4(address),
                Host::Ipv6(address) => Host::Ipv6(address),
            },
        }
    }
}

/// TLS to a proxy: whom the request trusts, and nothing that was said about the target (its name, its keys, who we are
/// to it).
pub(super) fn outer_tls(proxy: &Proxy, of_target: &Arc<TlsSettings>) -> Option<Arc<TlsSettings>> {
    if proxy.kind != crate::engine::proxy::ProxyKind::Https {
        return None;
    }
    if of_target.server_name.is_none() && of_target.pins.is_empty() && of_target.identity.is_none() {
        return Some(of_target.clone());
    }
    let settings =
        TlsSettings { server_name: None, pins: Vec::new(), identity: None, ..TlsSettings::clone(of_target) };
    Some(Arc::new(settings))
}

/// The absolute form of a request target (RFC 9112 section 3.2.2): no user information, no fragment.
pub(super) fn absolute(hop: &Hop<'_>) -> String {
    let url = hop.url;
    let path = hop.target.unwrap_or(&url[Position::BeforePath..Position::AfterQuery]);
    format!("{}://{}{path}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort])
}
