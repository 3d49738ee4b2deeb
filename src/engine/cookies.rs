//! Cookies (RFC 6265).

/// A cookie given by the caller.
#[derive(Clone)]
pub struct GivenCookie {}

/// Cookies by domain, path and name.
#[derive(Clone, Default)]
pub struct Cookies {}
