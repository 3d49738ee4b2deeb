//! Requests in absolute form (RFC 9112 section 3.2.2): http through an HTTP proxy, its challenges answered here, so
//! that policy sees the answer to the request and nothing of the dialogue before it.

use super::Transport;
use super::open::of_proxy;
use super::way::{Way, absolute};
use crate::engine::body::Body;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::exchange::{Head, Hop};
use crate::engine::proxy::Proxy;
use crate::engine::proxy::http::{self, Login, PROXY_CREDENTIALS, Refusal};
use crate::engine::received::{Disposition, Sink};
use crate::engine::timer::{Timer, Wait};
use crate::engine::wire::Prepared;

impl Transport {
    /// Sends `hop` to `proxy`, that of `way`.
    ///
    /// # Errors
    /// As [`crate::engine::exchange::Exchange::exchange`].
    pub(super) fn relay(
        &self,
        proxy: &Proxy,
        way: &Way<'_>,
        hop: &Hop<'_>,
        sink: &mut dyn Sink,
        timer: Timer,
        wait: &mut Wait<'_>,
    ) -> Result<Head> {
        let target = absolute(hop);
        let mut login = Login::new(proxy, hop.headers, &self.memory);
        let mut given = hop.headers.clone();
        given.remove(PROXY_CREDENTIALS);
        let mut kept = self.kept(&way.key, hop);
        for round in 0..http::CHALLENGES {
            login.connected(round == 0 || kept.is_none(), kept.as_ref(), hop)?;
            // A step of a dialogue makes no sense on another connection.
            let repeatable = hop.repeatable && !(round > 0 && login.binds_connection());
            let hop = &Hop { repeatable, ..*hop };
            let known = kept.as_ref().is_some_and(|connection| connection.authenticated);
            let mut headers = given.clone();
            let value = login.value(hop.method, &target, &given, hop.body, hop, known)?;
            if let Some(value) = value {
                headers.append(PROXY_CREDENTIALS, value);
            }
            let none = Body::none();
            let body = if login.withholds_body() { &none } else { hop.body };
            let inner = Hop { target: Some(&target), headers: &headers, body, ..*hop };
            let prepared = Prepared::new(&inner)?;
            let mut watch = Watch { inner: sink, login: &login, challenged: false, refusal: None };
            let result = self.send(way, hop, &inner, &prepared, kept.take(), &mut watch, timer, wait);
            let Watch { challenged, refusal, .. } = watch;
            if let Some(refusal) = refusal {
                login.settled(refusal.head());
                return Err(refusal.into_error(proxy));
            }
            let (head, connection) = result.map_err(|error| about_proxy(proxy, error))?;
            if challenged {
                login.challenged(&head)?;
                // Whoever asks does not know us any more.
                kept = connection.map(|mut connection| {
                    connection.authenticated = false;
                    connection
                });
                continue;
            }
            login.settled(&head);
            let connection = connection.map(|mut connection| {
                connection.authenticated |= login.binds_connection();
                connection
            });
            self.keep(way.key.clone(), connection, hop);
            return Ok(head);
        }
        Err(http::endless(proxy))
    }
}

/// Only a proxy can have said what is no HTTP, and TLS is with the proxy.
fn about_proxy(proxy: &Proxy, error: Error) -> Error {
    match &error.kind {
        ErrorKind::Tls { .. } | ErrorKind::Protocol { problem: "status-line", .. } => of_proxy(proxy, error),
        _ => error,
    }
}

/// Keeps the proxy's challenges from the sink of the request.
struct Watch<'a> {
    inner: &'a mut dyn Sink,
    login: &'a Login,
    challenged: bool,
    refusal: Option<Refusal>,
}

impl Sink for Watch<'_> {
    fn begin(&mut self, head: &Head, length: Option<u64>) -> Result<Disposition> {
        (self.challenged, self.refusal) = (false, None);
        if self.login.answers(head) {
            self.challenged = true;
            return Ok(Disposition::Discard);
        }
        if head.status != 407 {
            return self.inner.begin(head, length);
        }
        let refusal = self.refusal.insert(Refusal::new(head));
        refusal.begin(head, length)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        match &mut self.refusal {
            Some(refusal) => refusal.space(),
            None => self.inner.space(),
        }
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        match &mut self.refusal {
            Some(refusal) => refusal.advance(count),
            None => self.inner.advance(count),
        }
    }

    fn finish(&mut self) -> Result<()> {
        match &mut self.refusal {
            Some(refusal) => refusal.finish(),
            None => self.inner.finish(),
        }
    }

    fn abandon(&mut self, error: &Error) {
        self.inner.abandon(error);
    }
}
