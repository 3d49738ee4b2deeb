//! The wire as policy sees it: [`Exchange`] over pooled connections, straight to the target or through a proxy.
//!
//! One resolver and one TLS configuration per setting serve the whole process; pools are per transport, so that what
//! one session's connection was used for never shows in another's.

mod open;
mod relay;
mod way;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::alone::at_request;
use super::auth::{Memory, binds_connection};
use super::error::{Phase, Result};
use super::exchange::{Attached, Exchange, Head, Held, Hop, Pin};
use super::pool::{Key, Pool};
use super::proxy::http::PROXY_CREDENTIALS;
use super::received::Sink;
use super::resolve::Resolver;
use super::timer::{Timer, Wait};
use super::wire::{Connection, Prepared};

use way::Way;

/// Sends requests over its own pool of connections.
pub struct Transport {
    pool: Pool,
    resolver: Arc<Resolver>,
    /// What was learned of authentication to proxies.
    memory: Arc<Memory>,
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
        Self { pool: Pool::default(), resolver, memory: Arc::default() }
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
        let _at = at_request(hop.deadline, hop.cancel);
        let timer = Timer::new(began, hop.deadline);
        let mut wait = Wait { timer, cancel: hop.cancel, phase: Phase::Connect };
        let way = Way::of(hop)?;
        wait.left()?;
        if let Some(proxy) = way.relay() {
            return self.relay(proxy, &way, hop, sink, timer, &mut wait);
        }
        let prepared = Prepared::new(hop)?;
        let kept = self.kept(&way.key, hop);
        // What is for a proxy stays with it.
        let (head, connection) = if hop.headers.contains(PROXY_CREDENTIALS) {
            let mut headers = hop.headers.clone();
            headers.remove(PROXY_CREDENTIALS);
            let inner = Hop { headers: &headers, ..*hop };
            let prepared = Prepared::new(&inner)?;
            // Opening it needs what was taken away: a tunnel is asked for with it.
            self.send(&way, hop, &inner, &prepared, kept, sink, timer, &mut wait)?
        } else {
            self.send(&way, hop, hop, &prepared, kept, sink, timer, &mut wait)?
        };
        self.keep(way.key, connection, hop);
        Ok(head)
    }

    /// An idle connection for `key`.
    fn kept(&self, key: &Key, hop: &Hop<'_>) -> Option<Connection> {
        let pinned = hop.pin.and_then(Pin::take).filter(|held| held.key == *key);
        pinned.map(|held| held.connection).or_else(|| self.pool.take(key))
    }

    fn keep(&self, key: Key, connection: Option<Connection>, hop: &Hop<'_>) {
        match (connection, hop.pin) {
            (None, _) => {}
            // The caller's own token may have authenticated it, and not for whoever comes next.
            (Some(connection), None) if hop.headers.all("authorization").any(binds_connection) => {
                connection.close()
            }
            (Some(connection), Some(pin)) => pin.put(Held { key, connection }),
            (Some(connection), None) => self.pool.put(key, connection),
        }
    }

    /// Sends `inner` over `kept` or over a connection opened for `hop`; gives the connection back if it can carry
    /// another request.
    #[allow(clippy::too_many_arguments, reason = "two callers, nothing of it belongs together for longer")]
    fn send(
        &self,
        way: &Way<'_>,
        hop: &Hop<'_>,
        inner: &Hop<'_>,
        prepared: &Prepared,
        kept: Option<Connection>,
        sink: &mut dyn Sink,
        timer: Timer,
        wait: &mut Wait<'_>,
    ) -> Result<(Head, Option<Connection>)> {
        let mut kept = kept;
        loop {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => self.open(way, hop, wait)?,
            };
            wait.timer = timer.idle(hop.limits.idle);
            wait.timer.progress();
            match connection.perform(inner, prepared, sink, wait) {
                Ok(done) if done.reusable && !hop.cancel.is_cancelled() => {
                    connection.reused = true;
                    return Ok((done.head, Some(connection)));
                }
                Ok(done) => {
                    connection.close();
                    return Ok((done.head, None));
                }
                // RFC 9112 section 9.3.1: the server may have closed an idle connection while the request was on its
                // way. A new connection has no such excuse, so this happens once at most.
                Err(failed) if connection.reused && failed.unanswered && (hop.repeatable || !failed.sent) => {
                    if let Some(pin) = hop.pin {
                        pin.lose();
                        return Err(failed.error);
                    }
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }
}

impl Exchange for Transport {
    fn close_idle(&self) {
        Transport::close_idle(self);
    }

    fn attach(&self, hop: &Hop<'_>) -> Result<Attached> {
        let Some(pin) = hop.pin else { return Ok(Attached::default()) };
        let _at = at_request(hop.deadline, hop.cancel);
        let timer = Timer::new(Instant::now(), hop.deadline);
        let mut wait = Wait { timer, cancel: hop.cancel, phase: Phase::Connect };
        let way = Way::of(hop)?;
        wait.left()?;
        let mut held = pin.take().filter(|held| held.key == way.key).map(|held| held.connection);
        if let Some(connection) = &mut held
            && !(connection.is_empty() && connection.is_alive())
        {
            held = None;
        }
        let fresh = held.is_none();
        let connection = match held.or_else(|| self.pool.take(&way.key)) {
            Some(connection) => connection,
            None => self.open(&way, hop, &mut wait)?,
        };
        // A connection to a proxy for absolute-form requests is that of many targets, and its TLS is the proxy's.
        let is_own = way.relay().is_none();
        let attached = Attached {
            fresh,
            authenticated: is_own && connection.opened,
            certificate: if is_own { connection.certificate() } else { None },
        };
        pin.put(Held { key: way.key, connection });
        Ok(attached)
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
