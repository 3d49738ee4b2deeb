//! A scheme that answers challenges: one dialogue with one origin or proxy.

use std::time::Instant;

use time::OffsetDateTime;
use url::Url;

use crate::engine::body::Body;
use crate::engine::cancel::Cancel;
use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::{Attached, Head};
use crate::engine::headers::Headers;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The server: 401, `WWW-Authenticate`, `Authorization`, `Authentication-Info`.
    Origin,
    /// The proxy: 407, `Proxy-Authenticate`, `Proxy-Authorization`, `Proxy-Authentication-Info`.
    Proxy,
}

impl Side {
    /// Status of a challenge.
    pub(crate) fn status(self) -> u16 {
        if self == Self::Origin { 401 } else { 407 }
    }

    /// Field of the challenges, lower case.
    pub(crate) fn challenge(self) -> &'static str {
        if self == Self::Origin { "www-authenticate" } else { "proxy-authenticate" }
    }

    /// Field of the credentials.
    pub(crate) fn credentials(self) -> &'static str {
        if self == Self::Origin { "Authorization" } else { "Proxy-Authorization" }
    }

    /// Field of what follows a success, lower case.
    pub(crate) fn info(self) -> &'static str {
        if self == Self::Origin { "authentication-info" } else { "proxy-authentication-info" }
    }
}

/// The request to be authenticated.
pub(crate) struct Ask<'a, 'b> {
    /// Method.
    pub(crate) method: &'a str,
    /// URL as it goes to the wire. For a proxy: of the target.
    pub(crate) url: &'a Url,
    /// Request target as sent: path and query, the absolute form, or `host:port` of a CONNECT.
    pub(crate) target: &'a str,
    /// Every header field that will be sent, but `Host` and `Content-Length` when the wire makes them.
    pub(crate) headers: &'a Headers,
    /// The body.
    pub(crate) body: &'b Body<'b>,
    /// Time now, UTC.
    pub(crate) now: OffsetDateTime,
    /// For what needs another request first; `None` where nothing may be sent.
    pub(crate) fetch: Option<&'a dyn Fetch>,
}

/// The connection the next request goes on, for schemes that authenticate connections.
pub(crate) struct Channel<'a> {
    /// What is known of it.
    pub(crate) attached: Attached,
    /// When everything must be over.
    pub(crate) deadline: Option<Instant>,
    /// Cancelling from another thread.
    pub(crate) cancel: &'a Cancel,
}

/// One dialogue.
pub(crate) trait Scheme: Send {
    /// Tells on which connection the request goes that [`Scheme::value`] is asked for next. Only called for
    /// credentials that authenticate connections.
    ///
    /// # Errors
    /// The steps of the dialogue cannot be kept on one connection.
    fn connected(&mut self, _channel: &Channel<'_>) -> Result<()> {
        Ok(())
    }

    /// Value of `Authorization` (or `Proxy-Authorization`) of the next request; `None`: it goes without.
    ///
    /// # Errors
    /// The value cannot be made: no library, no ticket, an unreadable body.
    fn value(&mut self, ask: &Ask<'_, '_>) -> Result<Option<String>>;

    /// Whether this head is a challenge that another request would answer. Decides nothing yet: it is asked while the
    /// body of the challenge is still to come.
    fn answers(&self, head: &Head) -> bool;

    /// Takes in a challenge for which [`Scheme::answers`] said yes.
    ///
    /// # Errors
    /// A challenge that cannot be answered after all.
    fn challenged(&mut self, head: &Head) -> Result<()>;

    /// Takes in the head of a response that is not a challenge (`Authentication-Info`, a final token).
    fn settled(&mut self, _head: &Head) {}

    /// Whether the connection of the last response is authenticated for what follows on it (RFC 4559 section 6, and
    /// the `Persistent-Auth` field). Asked after [`Scheme::settled`].
    ///
    /// # Errors
    /// The peer did not prove to be who it should be.
    fn opened(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Whether the next request is only a step of the dialogue and goes without its body (NTLM, MS-NTHT section 2.1).
    fn withholds_body(&self) -> bool {
        false
    }
}

/// Signs every attempt anew, without being asked.
pub(crate) trait Sign: Send {
    /// What signing adds to a request.
    ///
    /// # Errors
    /// A body that cannot be read, or not signed in the way asked for.
    fn sign<'b>(&self, ask: &Ask<'_, 'b>) -> Result<Signed<'b>>;
}

/// What signing adds to a request.
pub(crate) struct Signed<'b> {
    /// Header fields to set, each replacing what has its name.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body to send instead.
    pub(crate) body: Option<Body<'b>>,
}

/// A way to ask somebody else in between (a token endpoint), under the limits of the request under way: its deadline,
/// cancel, TLS, proxy and guard, without its cookies, headers and credentials.
pub(crate) trait Fetch {
    /// Sends a form with `POST` and returns the status and at most 1 MiB of the answer's text.
    ///
    /// # Errors
    /// Those of any request.
    fn post_form(
        &self,
        url: &str,
        basic: Option<(&str, &str)>,
        fields: &[(String, String)],
    ) -> Result<(u16, Vec<u8>)>;

    /// Whether the request may still go on; asked in the middle of long work.
    ///
    /// # Errors
    /// Cancelled, or out of time.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// An error of a scheme; `problem` is a word of [`ErrorKind::Authentication`], `detail` never has a secret.
pub(crate) fn failure(scheme: &'static str, problem: &'static str, detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Authentication { scheme, problem, detail: detail.into() }, Phase::Authentication)
}

/// Whether a value of `Authorization` or `Proxy-Authorization` is of a scheme that authenticates connections (RFC 4559
/// section 6).
pub(crate) fn binds_connection(value: &str) -> bool {
    let scheme = value.split([' ', '\t']).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("NTLM") || scheme.eq_ignore_ascii_case("Negotiate")
}
