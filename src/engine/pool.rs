//! Idle connections, each under everything it was opened with. Nothing is done to a connection while the lock is held.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::auth::Credentials;
use super::guard::Guard;
use super::proxy::Proxy;
use super::tls::TlsSettings;
use super::wire::Connection;

/// Idle connections kept for one key.
const PER_KEY: usize = 8;
/// Idle connections kept in all.
const TOTAL: usize = 64;
/// How long one is kept.
const AGE: Duration = Duration::from_secs(30);

/// What a connection was opened with. Connections are shared only within equal keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Host in the form of the URL.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// TLS settings; `None` without TLS.
    pub(crate) tls: Option<Arc<TlsSettings>>,
    /// The proxy in between.
    pub(crate) proxy: Option<Arc<Proxy>>,
    /// What was not allowed when it was opened.
    pub(crate) guard: Arc<Guard>,
    /// Whose it is, where credentials authenticate connections.
    pub(crate) owner: Option<Arc<Credentials>>,
    /// What the caller itself wrote for the proxy (`Proxy-Authorization`): a tunnel opened with it is for nobody else.
    pub(crate) written: Option<Written>,
}

/// A field value with a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written(String);

impl Written {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written(***)")
    }
}

/// Idle connections, the longest unused first.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    key: Key,
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// A connection for `key` that is still good, the one used last. A look at its socket tells, however short the time
    /// since: what the server said unasked would be taken for the answer to the next request, which may be another
    /// user's.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        loop {
            let now = Instant::now();
            let (found, old) = {
                let mut idle = self.lock();
                let old = expired(&mut idle, now);
                let found = idle.iter().rposition(|idle| idle.key == *key).map(|index| idle.remove(index));
                (found, old)
            };
            close(old);
            let mut connection = found?.connection;
            if connection.is_empty() && connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(crate) fn put(&self, key: Key, connection: Connection) {
        let dropped = {
            let now = Instant::now();
            let mut idle = self.lock();
            let mut dropped = expired(&mut idle, now);
            if idle.iter().filter(|idle| idle.key == key).count() >= PER_KEY
                && let Some(index) = idle.iter().position(|idle| idle.key == key)
            {
                dropped.push(idle.remove(index));
            }
            if idle.len() >= TOTAL {
                dropped.push(idle.remove(0));
            }
            idle.push(Idle { key, connection, since: now });
            dropped
        };
        close(dropped);
    }

    /// Closes every idle connection.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        close(all);
    }

    /// Number of idle connections.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out what is too old; the list is in the order of being put, so that is its head.
fn expired(idle: &mut Vec<Idle>, now: Instant) -> Vec<Idle> {
    let fresh = idle.iter().take_while(|idle| now.saturating_duration_since(idle.since) >= AGE).count();
    idle.drain(..fresh).collect()
}

fn close(idle: Vec<Idle>) {
    for idle in idle {
        idle.connection.close();
    }
}
