//! The wire as policy sees it: [`Exchange`] over pooled connections.
//!
//! One resolver and one TLS configuration per setting serve the whole process; pools are per transport, so that what
//! one session's connection was used for never shows in another's.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use url::{Host, Url};

use super::connect::connect;
use super::error::{Error, ErrorKind, Limit, Phase, Result};
use super::exchange::{Exchange, Head, Held, Hop, Pin};
use super::pool::{Key, Pool};
use super::received::Sink;
use super::resolve::Resolver;
use super::stream::Stream;
use super::timer::{Timer, Wait};
use super::wire::{Connection, Prepared};

/// Sends requests over its own pool of connections.
pub struct Transport {
    pool: Pool,
    resolver: Arc<Resolver>,
}

static RESOLVER: OnceLock<Arc<Resolver>> = OnceLock::new();
static SHARED: OnceLock<Arc<Transport>> = OnceLock::new();

impl Transport {
    /// The transport for requests without state: one for the process.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        SHARED.get_or_init(|| Arc::new(Self::private())).clone()
    }

    /// A transport with a pool of its own.
    #[must_use]
    pub fn private() -> Self {
        let resolver = RESOLVER.get_or_init(|| Arc::new(Resolver::new())).clone();
        Self { pool: Pool::default(), resolver }
    }

    /// Closes every idle connection. Requests under way are not touched.
    pub fn close_idle(&self) {
        self.pool.clear();
    }

    /// Number of idle connections.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.pool.len()
    }

    fn perform(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head> {
        let began = Instant::now();
        let prepared = Prepared::new(hop)?;
        let (host, key) = destination(hop)?;
        let timer = Timer::new(began, hop.deadline);
        let mut wait = Wait { timer, cancel: hop.cancel, phase: Phase::Connect };
        wait.left()?;
        let pinned = hop.pin.and_then(Pin::take).filter(|held| held.key == key);
        let mut pooled = pinned.map(|held| held.connection).or_else(|| self.pool.take(&key));
        loop {
            let mut connection = match pooled.take() {
                Some(connection) => connection,
                None => self.open(&host, &key, hop, &mut wait)?,
            };
            wait.timer = timer.idle(hop.limits.idle);
            wait.timer.progress();
            match connection.perform(hop, &prepared, sink, &mut wait) {
                Ok(done) => {
                    if done.reusable && !hop.cancel.is_cancelled() {
                        connection.reused = true;
                        match hop.pin {
                            Some(pin) => pin.put(Held { key, connection }),
                            None => self.pool.put(key, connection),
                        }
                    } else {
                        connection.close();
                    }
                    return Ok(done.head);
                }
                // RFC 9112 section 9.3.1: the server may have closed an idle connection while the request was on its
                // way. A new connection has no such excuse, so this happens once at most.
                Err(failed) if connection.reused && failed.unanswered && (hop.repeatable || !failed.sent) => {
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }

    fn open(&self, host: &Host<&str>, key: &Key, hop: &Hop<'_>, wait: &mut Wait<'_>) -> Result<Connection> {
        let now = Instant::now();
        let before = wait.timer;
        wait.timer = Timer::new(now, hop.deadline).within(Limit::Connect, hop.limits.connect, now);
        let socket = connect(host, key.port, &self.resolver, wait)?;
        let mut stream = Stream::plain(socket);
        if let Some(settings) = &key.tls {
            stream = stream.secure(host, settings, wait)?;
        }
        wait.timer = before;
        Ok(Connection::new(stream))
    }
}

impl Exchange for Transport {
    fn close_idle(&self) {
        Transport::close_idle(self);
    }

    fn release(&self, pin: Pin) {
        if let Some(held) = pin.take() {
            self.pool.put(held.key, held.connection);
        }
    }

    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head> {
        self.perform(hop, sink).inspect_err(|error| sink.abandon(error))
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("idle", &self.idle()).finish_non_exhaustive()
    }
}

fn destination<'a>(hop: &'a Hop<'_>) -> Result<(Host<&'a str>, Key)> {
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
    let key = Key {
        host: url.host_str().unwrap_or_default().to_owned(),
        port,
        tls,
        proxy: None,
        guard: hop.guard.clone(),
        owner: hop.pin.map(|pin| pin.credentials.clone()),
    };
    Ok((host, key))
}
