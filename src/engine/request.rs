//! What a caller asks of the client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::auth::Credentials;
use super::body::Segment;
use super::cancel::Cancel;
use super::exchange::Limits;
use super::guard::Guard;
use super::headers::Headers;
use super::proxy::ProxySetting;
use super::received::Memory;
use super::tls::TlsSettings;

/// A request with every setting resolved (session and request already merged by the caller).
pub struct Request<'a> {
    /// Method token, sent as written.
    pub method: &'a str,
    /// URL as the user wrote it: Cyrillic hosts and paths, spaces, no scheme (then `http`), user information.
    pub url: &'a str,
    /// Query parameters added to those of the URL; on a repeated key those of the URL win.
    pub query: Parameters,
    /// Header fields, those of the session already merged in.
    pub headers: Headers,
    /// What to send.
    pub content: Content<'a>,
    /// Credentials; those of the URL are used when this is `None`.
    pub credentials: Option<Credentials>,
    /// Cookies of this request alone, besides those of the jar. They win over the jar's by name.
    pub cookies: Vec<super::cookies::GivenCookie>,
    /// Redirects.
    pub redirects: Redirects,
    /// Retries.
    pub retries: Retries,
    /// Limits of each hop.
    pub limits: Limits,
    /// Limit of the whole request with redirects, retries and pauses. `None`: no limit (the default).
    pub total: Option<Duration>,
    /// TLS.
    pub tls: Arc<TlsSettings>,
    /// Which way out.
    pub proxy: ProxySetting,
    /// What is not allowed.
    pub guard: Arc<Guard>,
    /// Where the body goes.
    pub output: Output,
    /// Cancelling from another thread.
    pub cancel: Cancel,
}

impl<'a> Request<'a> {
    /// A request with every setting at its default and no body.
    #[must_use]
    pub fn new(method: &'a str, url: &'a str, output: Output) -> Self {
        Self {
            method,
            url,
            query: Vec::new(),
            headers: Headers::new(),
            content: Content::None,
            credentials: None,
            cookies: Vec::new(),
            redirects: Redirects::default(),
            retries: Retries::default(),
            limits: Limits::default(),
            total: None,
            tls: Arc::default(),
            proxy: ProxySetting::default(),
            guard: Arc::default(),
            output,
            cancel: Cancel::default(),
        }
    }
}

/// Ordered parameters of a query or a form.
pub type Parameters = Vec<(String, Parameter)>;

/// Value of a parameter. Its `Debug` hides the text, which may be a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Parameter {
    /// The key alone, no `=`.
    NoValue,
    /// `key=value`.
    Text(String),
    /// `key=value` once per element; none when empty.
    List(Vec<String>),
}

/// What to send.
#[derive(Clone, Default)]
pub enum Content<'a> {
    /// Nothing.
    #[default]
    None,
    /// Bytes, with the automatic `Content-Type`, if any.
    Bytes {
        /// The bytes.
        bytes: Segment<'a>,
        /// `Content-Type` when the caller set none.
        content_type: Option<&'static str>,
    },
    /// `application/x-www-form-urlencoded; charset=utf-8`.
    Form(Parameters),
    /// `multipart/form-data` (RFC 7578).
    Multipart(Vec<Part<'a>>),
}

/// One part of a multipart body.
#[derive(Clone)]
pub struct Part<'a> {
    /// Form field name.
    pub name: String,
    /// File name, if it is a file.
    pub file_name: Option<String>,
    /// `Content-Type`, if any.
    pub content_type: Option<String>,
    /// Further part headers.
    pub headers: Headers,
    /// Data.
    pub data: Segment<'a>,
}

impl std::fmt::Debug for Parameter {
    /// Any parameter may be a key of some service, so the values are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoValue => f.write_str("NoValue"),
            Self::Text(_) => f.write_str("Text(***)"),
            Self::List(list) => write!(f, "List({} values)", list.len()),
        }
    }
}

/// Redirect policy.
#[derive(Debug, Clone)]
pub struct Redirects {
    /// Whether to follow. Defaults to true.
    pub follow: bool,
    /// Largest number of redirects. Defaults to 30.
    pub limit: u32,
    /// Whether https may lead to http. Defaults to false.
    pub allow_downgrade: bool,
    /// Whether 301 repeats a POST, body and all, as RFC 1945 meant it, instead of making it a GET. Defaults to false.
    pub keep_method_on_301: bool,
}

impl Default for Redirects {
    fn default() -> Self {
        Self { follow: true, limit: 30, allow_downgrade: false, keep_method_on_301: false }
    }
}

/// Retry policy (`connector-api` terms; RFC 9110 section 9.2.2 for what is safe to repeat).
#[derive(Debug, Clone)]
pub struct Retries {
    /// Retries after the first attempt. Defaults to 0.
    pub limit: u32,
    /// Time from the first attempt of a hop after which no new one starts. Defaults to 600 s.
    pub time: Duration,
    /// Pause before retry n is `ratio * 2^(n-1)` seconds. Defaults to 1.
    pub ratio: f64,
    /// Status codes to repeat; `None`: every code from 500. 413, 429 and 503 with `Retry-After` always count.
    pub statuses: Option<Vec<u16>>,
    /// Repeat methods that are not idempotent too. The caller asking for retries sets it. Defaults to false.
    pub unsafe_methods: bool,
}

impl Default for Retries {
    fn default() -> Self {
        Self { limit: 0, time: Duration::from_secs(600), ratio: 1.0, statuses: None, unsafe_methods: false }
    }
}

/// Where the body of the final response goes.
#[derive(Clone)]
pub enum Output {
    /// Memory from `memory`, at most `limit` bytes.
    Memory {
        /// Source of memory.
        memory: Arc<dyn Memory>,
        /// Limit in bytes.
        limit: u64,
    },
    /// A file, written beside its final name and renamed when complete. No limit.
    File {
        /// Final path.
        path: PathBuf,
    },
}

impl std::fmt::Debug for Request<'_> {
    /// Nothing that may hold a secret: no URL, no query, no values of headers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("content", &self.content)
            .field("redirects", &self.redirects)
            .field("retries", &self.retries)
            .field("limits", &self.limits)
            .field("total", &self.total)
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bytes { bytes, .. } => write!(f, "Bytes({})", bytes.length()),
            Self::Form(parameters) => write!(f, "Form({} parameters)", parameters.len()),
            Self::Multipart(parts) => f.debug_tuple("Multipart").field(parts).finish(),
        }
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.name, self.data.length())
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory { limit, .. } => write!(f, "Memory(at most {limit} bytes)"),
            Self::File { path } => write!(f, "File({})", path.display()),
        }
    }
}
