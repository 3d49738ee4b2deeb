//! What the two system libraries for logging on have in common: which package, and why it did not work.

/// What the library is to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// SPNEGO: Kerberos, or whatever else the library knows.
    Negotiate,
    /// NTLM alone.
    Ntlm,
}

/// A user other than the current one.
#[derive(Clone)]
pub struct Identity {
    /// `user`, `DOMAIN\user` or `user@domain`.
    pub user: String,
    /// Password.
    pub password: String,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means for the caller.
    pub reason: Reason,
    /// The library's words.
    pub words: String,
}

/// What a failure means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The library is not installed, or cannot do this.
    NoLibrary,
    /// Nobody is logged on: no ticket, or an expired one.
    NoCredentials,
    /// The password is wrong.
    WrongPassword,
    /// Anything else.
    Refused,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(***)")
    }
}
