//! Opening a connection: lookup, TCP, what a proxy wants to hear, TLS. One limit bounds all of it.

use std::time::Instant;

use url::Host;

use super::Transport;
use super::way::{Way, outer_tls};
use crate::engine::connect::{connect, lookup};
use crate::engine::error::{Error, ErrorKind, Limit, Phase, Result};
use crate::engine::exchange::Hop;
use crate::engine::proxy::http::{Login, Tunnel};
use crate::engine::proxy::{Proxy, ProxyKind, http, socks};
use crate::engine::stream::Stream;
use crate::engine::timer::{Timer, Wait};
use crate::engine::tls::usable;
use crate::engine::wire::Connection;

impl Transport {
    /// A connection for `hop`, ready for its request.
    ///
    /// # Errors
    /// [`ErrorKind::Proxy`] for what is the proxy's fault; those of lookup, connecting, TLS; no time, cancelled.
    pub(super) fn open(&self, way: &Way<'_>, hop: &Hop<'_>, wait: &mut Wait<'_>) -> Result<Connection> {
        if let Some(settings) = way.tls.as_ref().or(way.key.tls.as_ref()) {
            usable(settings).map_err(|kind| Error::new(kind, Phase::Prepare))?;
        }
        let now = Instant::now();
        let before = wait.timer;
        wait.timer = Timer::new(now, hop.deadline).within(Limit::Connect, hop.limits.connect, now);
        let mut stream = match &way.proxy {
            None => Stream::plain(connect(&way.host, way.port, &self.resolver, Some(hop.guard), wait)?),
            Some(proxy) if way.relay().is_some() => self.dial(proxy, hop, wait)?,
            Some(proxy) if proxy.kind.is_http() => self.tunnel(proxy, way, hop, wait)?,
            Some(proxy) => self.socks(proxy, way, hop, wait)?,
        };
        if let Some(settings) = &way.tls {
            stream = stream.secure(&way.host, settings, wait)?;
        }
        wait.timer = before;
        Ok(Connection::new(stream))
    }

    /// A connection to the proxy itself.
    fn dial(&self, proxy: &Proxy, hop: &Hop<'_>, wait: &mut Wait<'_>) -> Result<Stream> {
        let wrong = || proxy.failed("configuration", None, "host".to_owned());
        let host = Host::parse(&proxy.host).map_err(|_| wrong())?;
        let host = match &host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        let socket =
            connect(&host, proxy.port, &self.resolver, None, wait).map_err(|e| of_proxy(proxy, e))?;
        let stream = Stream::plain(socket);
        match outer_tls(proxy, hop.tls) {
            Some(settings) => stream.secure(&host, &settings, wait).map_err(|e| of_proxy(proxy, e)),
            None => Ok(stream),
        }
    }

    /// A tunnel by CONNECT (RFC 9110 section 9.3.6).
    fn tunnel(&self, proxy: &Proxy, way: &Way<'_>, hop: &Hop<'_>, wait: &mut Wait<'_>) -> Result<Stream> {
        let authority = format!("{}:{}", way.named(hop), way.port);
        let mut login = Login::new(proxy, hop.headers, &self.memory);
        let mut kept = None;
        for _ in 0..http::CHALLENGES {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => Connection::new(self.dial(proxy, hop, wait)?),
            };
            wait.phase = Phase::Proxy;
            wait.timer = wait.timer.idle(hop.limits.idle);
            wait.timer.progress();
            let answer = http::tunnel(proxy, &mut connection, &authority, hop, &mut login, wait)
                .map_err(|error| of_proxy(proxy, error))?;
            wait.timer = wait.timer.idle(None);
            match answer {
                // Nobody behind the proxy has been asked anything yet, so what came already is not theirs.
                Tunnel::Open => {
                    let spoke = || proxy.failed("protocol", Some(200), "bytes after the answer".to_owned());
                    return connection.into_stream().ok_or_else(spoke);
                }
                Tunnel::Again { reusable: true } => {
                    connection.reused = true;
                    kept = Some(connection);
                }
                Tunnel::Again { reusable: false } => connection.close(),
            }
        }
        Err(http::endless(proxy))
    }

    fn socks(&self, proxy: &Proxy, way: &Way<'_>, hop: &Hop<'_>, wait: &mut Wait<'_>) -> Result<Stream> {
        let targets = if proxy.kind.looks_up() {
            vec![way.named(hop)]
        } else {
            // The target's own failure: it is the target's name that is not found.
            let found = lookup(&way.host, way.port, &self.resolver, Some(hop.guard), wait)?;
            let of_version =
                |address: &std::net::IpAddr| proxy.kind != ProxyKind::Socks4 || address.is_ipv4();
            found.into_iter().filter(of_version).map(host_of).collect()
        };
        let target = targets
            .into_iter()
            .next()
            .ok_or_else(|| proxy.failed("socks", None, socks::NO_IPV4.to_owned()))?;
        let mut stream = self.dial(proxy, hop, wait)?;
        wait.phase = Phase::Proxy;
        wait.timer = wait.timer.idle(hop.limits.idle);
        wait.timer.progress();
        socks::ask(proxy, &mut stream, &target, way.port, wait).map_err(|error| of_proxy(proxy, error))?;
        wait.timer = wait.timer.idle(None);
        Ok(stream)
    }
}

fn host_of(address: std::net::IpAddr) -> Host<std::borrow::Cow<'static, str>> {
    match address {
        std::net::IpAddr::V4(address) => Host::Ipv4(address),
        std::net::IpAddr::V6(address) => Host::Ipv6(address),
    }
}

/// What went wrong on the way to the proxy, or while talking to it, told apart from the target's failures.
pub(super) fn of_proxy(proxy: &Proxy, mut error: Error) -> Error {
    let (problem, detail) = match &error.kind {
        ErrorKind::NameNotFound { detail, .. } => ("connect", detail.clone()),
        ErrorKind::Connect { attempts, .. } => {
            let attempts: Vec<_> = attempts.iter().map(|(at, why)| format!("{at}: {why}")).collect();
            ("connect", attempts.join("; "))
        }
        ErrorKind::Tls { problem, .. } => ("tls", format!("{}: {}", problem.word, problem.detail)),
        ErrorKind::Closed { source: Some(source), .. } => ("protocol", source.to_string()),
        ErrorKind::Closed { .. } => ("protocol", "closed without an answer".to_owned()),
        ErrorKind::Protocol { problem, detail } => ("protocol", format!("{problem}: {detail}")),
        // Limits of time and cancelling stay what they are.
        _ => {
            error.phase = Phase::Proxy;
            return error;
        }
    };
    proxy.failed(problem, None, detail)
}
