//! What a request does about its credentials, for as long as it stays with their origin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::headers::is_value;

use std::sync::Arc;

use super::digest::Digest;
use super::negotiate::of_connection;
use super::oauth2::Grant;
use super::{Credentials, Memory, Scheme, Side, Sign, aws};

/// What a request does about its credentials.
#[derive(Default)]
pub(crate) enum Plan {
    /// Nothing.
    #[default]
    None,
    /// Sends one value of `Authorization` with every attempt.
    Fixed(String),
    /// Signs every attempt.
    Signed(Box<dyn Sign>),
    /// Answers challenges.
    Dialogue(Box<dyn Scheme>),
}

impl Plan {
    /// The plan for credentials, else for the user information of a URL, at an origin (`scheme://host:port`).
    ///
    /// # Errors
    /// A token that cannot stand in a header; a scheme that is not there on this system.
    pub(crate) fn new(
        credentials: Option<&Credentials>,
        user_info: Option<(String, String)>,
        origin: &str,
        memory: &Arc<Memory>,
    ) -> Result<Self> {
        let value = match credentials {
            None => match user_info {
                Some((user, password)) => basic(&user, &password),
                None => return Ok(Self::None),
            },
            Some(Credentials::Basic { user, password }) => basic(user, password),
            Some(Credentials::Bearer { token }) if token.is_empty() => return Ok(Self::None),
            Some(Credentials::Bearer { token }) => format!("Bearer {token}"),
            Some(Credentials::Digest { user, password }) => {
                return Ok(Self::Dialogue(Box::new(Digest::with_origin(user, password, origin, memory))));
            }
            Some(Credentials::OAuth2(settings)) => {
                return Ok(Self::Dialogue(Box::new(Grant::new(settings, memory))));
            }
            Some(Credentials::Aws(keys)) => return Ok(Self::Signed(Box::new(aws::Signer::new(keys)?))),
            Some(
                binding @ (Credentials::Ntlm { .. } | Credentials::Negotiate { .. } | Credentials::System),
            ) => {
                let scheme = of_connection(binding, origin, Side::Origin, memory);
                return Ok(scheme.map_or(Self::None, Self::Dialogue));
            }
        };
        if is_value(&value) {
            return Ok(Self::Fixed(value));
        }
        let kind =
            ErrorKind::InvalidRequest { part: "credentials", name: "Bearer".to_owned(), problem: "value" };
        Err(Error::new(kind, Phase::Prepare))
    }
}

/// RFC 7617 with UTF-8.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
