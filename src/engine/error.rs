//! One error type. It carries codes and values, no sentences for users: the texts are made in `component`.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::tls::TlsProblem;

/// Why a request failed, and where it was. A status code is never an error.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What was being done.
    pub phase: Phase,
    /// Method of the hop that failed, once known.
    pub method: Option<String>,
    /// URL of the hop that failed, without user information and with secret query values masked.
    pub url: Option<String>,
}

/// Result of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the engine was doing when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Checking the request; nothing was sent.
    Prepare,
    /// Looking the host name up.
    Resolve,
    /// Opening the TCP connection.
    Connect,
    /// TLS handshake.
    Tls,
    /// Talking to the proxy.
    Proxy,
    /// Answering a challenge, or fetching a token.
    Authentication,
    /// Sending the head or the body.
    Send,
    /// Waiting for the head of the response.
    Head,
    /// Receiving the body.
    Body,
    /// Deciding on a redirect.
    Redirect,
    /// Decoding a received body.
    Decode,
    /// Writing a file.
    File,
}

/// What went wrong, by what the caller can do about it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL cannot be used. `problem` is a stable word: `scheme`, `host`, `port`, `empty`, `length`, `syntax`.
    InvalidUrl {
        /// The URL as given, user information removed.
        url: String,
        /// Stable word.
        problem: &'static str,
    },
    /// A part of the request cannot be sent (header name or value, method token, ...).
    InvalidRequest {
        /// Which part: `method`, `header`, `content-length`, `multipart`, ...
        part: &'static str,
        /// The offending name (never a value, which may be a secret).
        name: String,
        /// Stable word for the reason.
        problem: &'static str,
    },
    /// The name has no address.
    NameNotFound {
        /// Host name.
        host: String,
        /// Text of the system's resolver.
        detail: String,
    },
    /// No address accepted the connection.
    Connect {
        /// Host as asked for.
        host: String,
        /// Port.
        port: u16,
        /// Each address tried and why it failed.
        attempts: Vec<(SocketAddr, io::Error)>,
    },
    /// The TLS handshake failed, or the peer's certificate was refused.
    Tls {
        /// Host as asked for.
        host: String,
        /// Why.
        problem: TlsProblem,
    },
    /// A limit of time was reached.
    Timeout {
        /// Which limit.
        limit: Limit,
        /// Its value.
        after: Duration,
    },
    /// The peer closed or reset the connection too early.
    Closed {
        /// Bytes of the body received so far.
        received: u64,
        /// Length announced, when it was.
        expected: Option<u64>,
        /// The system's error, if it was not an orderly close.
        source: Option<io::Error>,
    },
    /// The peer does not speak correct HTTP/1.1. `problem` is a stable word.
    Protocol {
        /// Stable word, e.g. `status-line`, `header`, `content-length`, `chunk`, `header-size`.
        problem: &'static str,
        /// A short, printable excerpt or explanation.
        detail: String,
    },
    /// More redirects than allowed, or a loop.
    TooManyRedirects {
        /// The limit.
        limit: u32,
        /// URLs visited in order, user information removed.
        chain: Vec<String>,
    },
    /// A redirect that cannot be followed. `problem`: `location`, `scheme`, `downgrade`.
    Redirect {
        /// Stable word.
        problem: &'static str,
        /// The Location value, user information removed.
        location: String,
        /// URLs visited in order.
        chain: Vec<String>,
    },
    /// The body is larger than allowed in memory, or decodes to more than allowed.
    BodyTooLarge {
        /// The limit in bytes.
        limit: u64,
        /// Length announced, when it was.
        announced: Option<u64>,
        /// Whether the limit was met while decoding.
        decoded: bool,
    },
    /// Memory for a buffer could not be had.
    OutOfMemory {
        /// Bytes asked for.
        wanted: u64,
    },
    /// A content coding could not be undone.
    Decode {
        /// Coding, e.g. `gzip`.
        coding: String,
        /// Why.
        detail: String,
    },
    /// The charset is not known.
    UnknownCharset {
        /// Name as given.
        name: String,
    },
    /// A file could not be read or written.
    File {
        /// Path.
        path: String,
        /// `open`, `read`, `create`, `write`, `rename`, `changed`.
        operation: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// The proxy refused, or could not be talked to. What came from behind it is not this error.
    Proxy {
        /// The proxy as `scheme://host:port`, never with credentials.
        proxy: String,
        /// Stable word: `connect` (no connection to it), `refused` (it answered with another status than 2xx),
        /// `authentication` (407, or a SOCKS refusal of the credentials), `protocol` (not a proxy, or not of this
        /// kind), `socks` (a SOCKS refusal; `detail` says which), `tls`, `configuration` (settings not understood), `system`
        /// (the system was asked and did not tell).
        problem: &'static str,
        /// Its status, when it answered with one.
        status: Option<u16>,
        /// Reason phrase, beginning of its text, or the library's words.
        detail: String,
    },
    /// Credentials could not be turned into an authentication.
    Authentication {
        /// Scheme as in the header: `Digest`, `NTLM`, `Negotiate`, `AWS4-HMAC-SHA256`, `OAuth2`, ...
        scheme: &'static str,
        /// Stable word: `no-library` (GSSAPI is not installed), `no-credentials` (no ticket, nobody logged on),
        /// `refused` (the token endpoint or the system refused), `protocol` (a challenge that cannot be answered),
        /// `body` (a body that cannot be signed), `unsupported` (not on this system).
        problem: &'static str,
        /// The library's or the server's words; never a secret.
        detail: String,
    },
    /// A client certificate cannot be used.
    Identity {
        /// Why.
        problem: super::tls::IdentityProblem,
    },
    /// A guard the caller set does not let the request through.
    Guard {
        /// Stable word: `private-address`, `scheme`, `port`, `proxy` (addresses cannot be checked behind this proxy).
        rule: &'static str,
        /// The address, scheme or port in question.
        what: String,
    },
    /// Two settings that do not go together.
    Unsupported {
        /// What was asked for: `pins`, `revocations`, `server-name`, `system-and-own`, `client-key`, `client-store`,
        /// `version`.
        setting: &'static str,
        /// What cannot do it: `modern`, `openssl`, `schannel`.
        by: &'static str,
    },
    /// The caller cancelled the request.
    Cancelled,
}

/// Which limit of time was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Lookup, connecting and TLS handshake together.
    Connect,
    /// One silence while sending or receiving.
    Idle,
    /// The whole request with redirects and retries.
    Total,
}

impl Error {
    /// An error of `kind` in `phase`, method and URL not known yet.
    #[must_use]
    pub fn new(kind: ErrorKind, phase: Phase) -> Self {
        Self { kind, phase, method: None, url: None }
    }

    /// Stable code word of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.kind {
            ErrorKind::InvalidUrl { .. } => "invalid-url",
            ErrorKind::InvalidRequest { .. } => "invalid-request",
            ErrorKind::NameNotFound { .. } => "name-not-found",
            ErrorKind::Connect { .. } => "connect",
            ErrorKind::Tls { .. } => "tls",
            ErrorKind::Timeout { .. } => "timeout",
            ErrorKind::Closed { .. } => "closed",
            ErrorKind::Protocol { .. } => "protocol",
            ErrorKind::TooManyRedirects { .. } => "too-many-redirects",
            ErrorKind::Redirect { .. } => "redirect",
            ErrorKind::BodyTooLarge { .. } => "body-too-large",
            ErrorKind::OutOfMemory { .. } => "out-of-memory",
            ErrorKind::Decode { .. } => "decode",
            ErrorKind::UnknownCharset { .. } => "unknown-charset",
            ErrorKind::File { .. } => "file",
            ErrorKind::Proxy { .. } => "proxy",
            ErrorKind::Authentication { .. } => "authentication",
            ErrorKind::Identity { .. } => "client-certificate",
            ErrorKind::Guard { .. } => "guard",
            ErrorKind::Unsupported { .. } => "unsupported",
            ErrorKind::Cancelled => "cancelled",
        }
    }
}

impl Phase {
    /// Stable word of the phase.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Authentication => "authentication",
            Self::Send => "send",
            Self::Head => "head",
            Self::Body => "body",
            Self::Redirect => "redirect",
            Self::Decode => "decode",
            Self::File => "file",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} while {}", self.code(), self.phase.word())?;
        if let (Some(method), Some(url)) = (&self.method, &self.url) {
            write!(f, ", {method} {url}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Closed { source: Some(source), .. } | ErrorKind::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
