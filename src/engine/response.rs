//! What the client gives back.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::headers::Headers;
use super::store::MemoryBody;

/// A complete response.
pub struct Response {
    /// Method of the last request (a redirect may have changed it).
    pub method: String,
    /// Final URL, with user information and fragment as given.
    pub url: Url,
    /// Final URL as text, in the form `connector-api` 4.2 fixes (default port kept when written).
    pub url_text: String,
    /// Status code of the last response.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Header fields of the last response.
    pub headers: Headers,
    /// Body as on the wire (content coding still applied).
    pub body: ResponseBody,
    /// Redirects followed, in order.
    pub history: Vec<Redirected>,
    /// Cookies set by the last response.
    pub cookies: super::cookies::Cookies,
    /// Time of the last hop with its retries and pauses.
    pub elapsed: Duration,
    /// Time of everything.
    pub total: Duration,
    /// Errors met and overcome by retries, in order.
    pub errors: Vec<super::error::Error>,
    /// Notes on repaired responses.
    pub notes: Vec<String>,
}

/// Body of a response.
pub enum ResponseBody {
    /// In memory.
    Memory(MemoryBody),
    /// In a file.
    File {
        /// Path.
        path: PathBuf,
        /// Length in bytes.
        length: u64,
    },
}

/// One redirect that was followed.
#[derive(Debug, Clone)]
pub struct Redirected {
    /// Method that was sent.
    pub method: String,
    /// URL that answered, user information removed.
    pub url: String,
    /// Status code.
    pub status: u16,
    /// Where it led, user information removed.
    pub location: String,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("method", &self.method)
            .field("url", &super::redact::url(&self.url))
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .field("history", &self.history)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory(body) => body.fmt(f),
            Self::File { path, length } => write!(f, "File({}, {length} bytes)", path.display()),
        }
    }
}
