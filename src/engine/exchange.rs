//! The seam between policy and wire: one request, one response, on one connection. `client` decides what to send and
//! what a response means; whatever implements [`Exchange`] moves bytes. Tests put a scripted one here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::auth::Credentials;
use super::body::Body;
use super::cancel::Cancel;
use super::error::Result;
use super::guard::Guard;
use super::headers::Headers;
use super::pool::Key;
use super::proxy::ProxySetting;
use super::received::Sink;
use super::tls::TlsSettings;
use super::wire::Connection;

/// One request as it goes to the wire.
pub struct Hop<'a> {
    /// Method token, sent as written.
    pub method: &'a str,
    /// URL: scheme, host and port say where to connect, path and query are the request target.
    pub url: &'a Url,
    /// Path and query to send instead of the URL's own (never with a fragment).
    pub target: Option<&'a str>,
    /// All header fields but the framing ones; `Host`, `Content-Length` and `Transfer-Encoding` are added when absent.
    pub headers: &'a Headers,
    /// Body.
    pub body: &'a Body<'a>,
    /// TLS settings of the connection; part of the pool key.
    pub tls: &'a Arc<TlsSettings>,
    /// Which way out; part of the pool key.
    pub proxy: &'a ProxySetting,
    /// What is not allowed; part of the pool key.
    pub guard: &'a Arc<Guard>,
    /// Keeps this hop and the next on one connection, where credentials authenticate connections.
    pub pin: Option<&'a Pin>,
    /// Limits.
    pub limits: &'a Limits,
    /// When everything must be over.
    pub deadline: Option<Instant>,
    /// Cancelling from another thread.
    pub cancel: &'a Cancel,
    /// Whether the request may be sent again by the transport when a reused connection turns out to be dead
    /// before any byte of the answer (idempotent method, or nothing sent).
    pub repeatable: bool,
}

impl std::fmt::Debug for Hop<'_> {
    /// Neither the target nor secrets of the URL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hop")
            .field("method", &self.method)
            .field("url", &super::redact::url(self.url))
            .field("headers", &self.headers)
            .field("body", &self.body)
            .field("limits", &self.limits)
            .field("repeatable", &self.repeatable)
            .finish_non_exhaustive()
    }
}

/// Limits of one hop. Every duration is a real deadline; `None` means no limit.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Lookup, connecting over all addresses and TLS handshake together. Defaults to 30 s.
    pub connect: Option<Duration>,
    /// Each silence while sending or receiving. Defaults to 30 s.
    pub idle: Option<Duration>,
    /// How long to wait for `100 Continue` before sending the body anyway (RFC 9110 section 10.1.1).
    /// Defaults to 1 s.
    pub continue_wait: Duration,
    /// Largest head of a response in bytes. Defaults to 256 KiB.
    pub head_bytes: usize,
    /// Accept a close-delimited TLS body without close_notify. Defaults to false.
    pub allow_truncated_tls: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(30)),
            idle: Some(Duration::from_secs(30)),
            continue_wait: Duration::from_secs(1),
            head_bytes: 256 * 1024,
            allow_truncated_tls: false,
        }
    }
}

/// Head of a response. The default is a 200 without anything.
#[derive(Debug, Clone)]
pub struct Head {
    /// Status code, 100 to 999.
    pub status: u16,
    /// Reason phrase, may be empty.
    pub reason: String,
    /// Header fields in order, names as sent.
    pub headers: Headers,
    /// Minor HTTP version: 0 or 1.
    pub minor_version: u8,
    /// Whether the connection had been used before.
    pub reused: bool,
    /// Notes on what was repaired while reading (skipped header names, folded lines).
    pub notes: Vec<String>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            status: 200,
            reason: String::new(),
            headers: Headers::new(),
            minor_version: 1,
            reused: false,
            notes: Vec::new(),
        }
    }
}

/// Sends a request and receives its response.
pub trait Exchange: Send + Sync {
    /// One hop. The body, if the sink keeps it, is complete when this returns.
    ///
    /// # Errors
    /// Anything that prevents a complete response; the sink has been told to abandon.
    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head>;

    /// Closes connections that are kept and not in use. Does nothing where none are kept.
    fn close_idle(&self) {}

    /// Sees to it that the hop's pin holds a connection for it, and tells what is known of that connection. Does
    /// nothing for a hop without a pin, or where no connections are kept.
    ///
    /// # Errors
    /// Those of connecting.
    fn attach(&self, _hop: &Hop<'_>) -> Result<Attached> {
        Ok(Attached::default())
    }

    /// Takes back the connection a pin holds, for the next request with the same credentials.
    fn release(&self, _pin: Pin) {}
}

/// What is known of the connection a pin holds.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    /// Whether it is another one than for the hop before: nothing of a dialogue was said on it.
    pub fresh: bool,
    /// Whether the pin's credentials have authenticated it before.
    pub authenticated: bool,
    /// Certificate of the TLS peer, DER; `None` without TLS, or where the TLS library does not tell.
    pub certificate: Option<Vec<u8>>,
}

/// One connection for several hops in a row: NTLM and its like authenticate the connection, not the request, so the
/// steps of their dialogue must not be spread, and what they opened is for their user alone.
pub struct Pin {
    /// Whose connection it is.
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) held: Mutex<Option<Held>>,
    /// Whether a connection it held turned out to be dead when it was used.
    lost: AtomicBool,
}

/// A connection a pin holds, with what it was opened for.
pub(crate) struct Held {
    pub(crate) key: Key,
    pub(crate) connection: Connection,
}

impl Pin {
    /// A pin that holds nothing yet.
    #[must_use]
    pub fn new(credentials: Arc<Credentials>) -> Self {
        Self { credentials, held: Mutex::new(None), lost: AtomicBool::new(false) }
    }

    /// What it holds, taken out of it.
    pub(crate) fn take(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Holds a connection; what it held before is closed.
    pub(crate) fn put(&self, held: Held) {
        let before = self.held.lock().unwrap_or_else(PoisonError::into_inner).replace(held);
        if let Some(before) = before {
            before.connection.close();
        }
    }

    /// The connection it holds is authenticated from now on.
    pub(crate) fn authenticate(&self) {
        if let Some(held) = &mut *self.held.lock().unwrap_or_else(PoisonError::into_inner) {
            held.connection.opened = true;
        }
    }

    /// Closes what it holds.
    pub(crate) fn close(&self) {
        if let Some(held) = self.take() {
            held.connection.close();
        }
    }

    /// Notes that the connection was dead when it was used: nobody else may repeat the request on another one, because
    /// a dialogue begins anew there.
    pub(crate) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }

    /// Whether a connection was lost since this was asked last.
    pub(crate) fn was_lost(&self) -> bool {
        self.lost.swap(false, Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pin({:?})", self.credentials)
    }
}
