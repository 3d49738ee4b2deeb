//! What a request may not do, whatever its URL or a redirect says. Off by default, one setting each.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Guards of a request and of every redirect it follows. Part of the pool key: a connection that was opened without a
/// guard is not used under one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Refuse addresses that are not public: private, loopback, link-local, unspecified, multicast, documentation and
    /// shared ranges, and IPv6 forms that embed them. Looked at after the lookup, on the very addresses connected to.
    pub deny_private: bool,
    /// Schemes allowed, lower case (`https`). Empty: all that are spoken.
    pub schemes: Vec<String>,
    /// Ports allowed. Empty: all.
    pub ports: Vec<u16>,
    /// Addresses to connect to instead of a lookup, by lower-case host (its URL form) and port; port 0 stands for
    /// every port of the host. `deny_private` does not look at these: the caller wrote them.
    pub overrides: BTreeMap<(String, u16), Vec<IpAddr>>,
}
