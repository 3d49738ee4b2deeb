//! The client: one readable loop over retries and redirects.

use super::error::Result;
use super::request::Request;
use super::response::Response;

/// A client with its own cookies and connections.
pub struct Client {}

impl Client {
    /// A client that shares the process-wide pool and keeps no state (one-off requests).
    #[must_use]
    pub fn shared() -> Self {
        Self {}
    }

    /// A client with its own pool and cookie jar (a session).
    #[must_use]
    pub fn session() -> Self {
        Self {}
    }

    /// Sends a request, follows redirects, repeats what may be repeated.
    ///
    /// # Errors
    /// See [`super::error::ErrorKind`]. The client stays usable.
    pub fn execute(&mut self, _request: &Request<'_>) -> Result<Response> {
        unreachable!("replaced by the client loop")
    }
}
