//! What a caller gives to say who it is. `Debug` shows the kind and nothing else.

/// Credentials for the origin of the URL, or for a proxy.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// RFC 7617, UTF-8.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// RFC 6750.
    Bearer {
        /// Token.
        token: String,
    },
    /// RFC 7616.
    Digest {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// AWS Signature Version 4.
    Aws(Box<Aws>),
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4).
    OAuth2(Box<OAuth2>),
    /// NTLM version 2 (MS-NLMP) with a given user, `user`, `DOMAIN\user` or `user@domain`.
    Ntlm {
        /// User name, with its domain or without.
        user: String,
        /// Password.
        password: String,
    },
    /// SPNEGO (RFC 4559) with a given user.
    Negotiate {
        /// User name: a Kerberos principal.
        user: String,
        /// Password.
        password: String,
    },
    /// The current user of the operating system: Negotiate, or NTLM where the server offers only that and the system
    /// can do it.
    System,
}

/// Keys and scope of AWS Signature Version 4.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Aws {
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret_key: String,
    /// Token of temporary credentials (`X-Amz-Security-Token`).
    pub session_token: Option<String>,
    /// Region, e.g. `us-east-1`.
    pub region: String,
    /// Service, e.g. `s3`.
    pub service: String,
    /// What the signature says of the body.
    pub payload: AwsPayload,
}

/// What a signature says of the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AwsPayload {
    /// Its SHA-256; files are read once more for it. The default.
    #[default]
    Signed,
    /// Nothing (`UNSIGNED-PAYLOAD`); over https only.
    Unsigned,
    /// Each chunk is signed while it is sent (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`); S3 only.
    Chunks,
}

/// Where and as whom to get an OAuth 2.0 token.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct OAuth2 {
    /// Token endpoint.
    pub token_url: String,
    /// Client identifier.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// Scope, space-separated; empty: not sent.
    pub scope: String,
    /// Further form fields (`audience`, `resource`, ...).
    pub parameters: Vec<(String, String)>,
    /// Send id and secret as form fields instead of Basic (RFC 6749 section 2.3.1).
    pub in_body: bool,
}

impl Credentials {
    /// Name of the scheme, as in the header.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
            Self::Digest { .. } => "Digest",
            Self::Aws(_) => "AWS4-HMAC-SHA256",
            Self::OAuth2(_) => "OAuth2",
            Self::Ntlm { .. } => "NTLM",
            Self::Negotiate { .. } | Self::System => "Negotiate",
        }
    }

    /// Whether they authenticate a connection rather than a request (RFC 4559 section 6): such a connection is only
    /// for whoever authenticated it.
    #[must_use]
    pub fn bind_connection(&self) -> bool {
        matches!(self, Self::Ntlm { .. } | Self::Negotiate { .. } | Self::System)
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(***)", self.scheme())
    }
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Aws(***)")
    }
}

impl std::fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OAuth2(***)")
    }
}
