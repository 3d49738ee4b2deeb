//! What a request may not do, whatever its URL or a redirect says. Off by default, one setting each.
//!
//! Scheme and port are looked at for every hop; addresses after the lookup, and those that pass are the very ones
//! connected to, so that a second lookup cannot give others.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::error::{Error, ErrorKind, Phase, Result};

/// Guards of a request and of every redirect it follows. Part of the pool key: a connection that was opened without a
/// guard is not used under one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Refuse addresses that are not public: private, loopback, link-local, unspecified, multicast, documentation and
    /// shared ranges, and IPv6 forms that embed them. Looked at after the lookup, on the very addresses connected to.
    /// A name with public and other addresses is reached by its public ones. Behind a proxy that does the lookup,
    /// names are refused (rule `proxy`). The proxy's own address is not looked at.
    pub deny_private: bool,
    /// Schemes allowed, lower case (`https`). Empty: all that are spoken.
    pub schemes: Vec<String>,
    /// Ports allowed. Empty: all.
    pub ports: Vec<u16>,
    /// Addresses to connect to instead of a lookup, by lower-case host (its URL form) and port; port 0 stands for
    /// every port of the host. `deny_private` does not look at these: the caller wrote them. Through a tunnel (CONNECT,
    /// SOCKS) the first of them is what the proxy is asked for; an absolute-form request (http through an HTTP proxy)
    /// leaves the lookup to the proxy whatever stands here.
    pub overrides: BTreeMap<(String, u16), Vec<IpAddr>>,
}

impl Guard {
    /// Checks scheme and port.
    pub(crate) fn check(&self, url: &Url) -> Result<()> {
        if !self.schemes.is_empty() && !self.schemes.iter().any(|scheme| scheme == url.scheme()) {
            return Err(refused("scheme", url.scheme().to_owned(), Phase::Prepare));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !self.ports.is_empty() && !self.ports.contains(&port) {
            return Err(refused("port", port.to_string(), Phase::Prepare));
        }
        Ok(())
    }

    /// Addresses the caller wrote for this host.
    pub(crate) fn overridden(&self, host: &Host<&str>, port: u16) -> Option<&[IpAddr]> {
        if self.overrides.is_empty() {
            return None;
        }
        let host = without_dot(&host.to_string()).to_ascii_lowercase();
        let of_port = (host, port);
        let found = self.overrides.get(&of_port).or_else(|| self.overrides.get(&(of_port.0, 0)));
        // None written is as good as no entry, and not a way past the other guards.
        found.map(Vec::as_slice).filter(|addresses| !addresses.is_empty())
    }

    /// Those of the addresses that may be connected to.
    ///
    /// # Errors
    /// There were some and none may.
    pub(crate) fn permitted(&self, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>> {
        if self.deny_private
            && let Some(first) = addresses.first().copied()
        {
            addresses.retain(|address| is_public(*address));
            if addresses.is_empty() {
                return Err(refused("private-address", first.to_string(), Phase::Connect));
            }
        }
        Ok(addresses)
    }

    /// Checks a target whose lookup is left to a proxy.
    pub(crate) fn check_unseen(&self, host: &Host<&str>) -> Result<()> {
        let address = match host {
            _ if !self.deny_private => return Ok(()),
            Host::Domain(name) => return Err(refused("proxy", (*name).to_owned(), Phase::Prepare)),
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address),
        };
        self.permitted(vec![address]).map(drop)
    }
}

/// Whether an address is one of the public Internet (IANA special-purpose registries of IPv4 and IPv6; for IPv6 forms
/// that carry an IPv4 address, that one too).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // "This network", private, loopback, link-local, multicast and reserved with broadcast.
        [0 | 10 | 127 | 224..=255, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // Shared address space (RFC 6598).
        [100, 64..=127, ..] => true,
        // IETF protocols, documentation, 6to4 relays (RFC 7526), documentation again.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Benchmarks (RFC 2544).
        [198, 18 | 19, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped (RFC 4291 section 2.5.5.2), translated (RFC 2765), NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // Unspecified, loopback, and what was "IPv4-compatible".
        [0, 0, 0, 0, 0, 0, ..] => false,
        // NAT64 of a local network (RFC 8215), discard (RFC 6666).
        [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, ..] => false,
        // Teredo (RFC 4380): the address of its server, and that of the client with its bits turned round.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            embedded(server_high, server_low) && embedded(!high, !low)
        }
        // Benchmarks (RFC 5180), ORCHID (RFC 4843), documentation (RFC 3849, RFC 9637).
        [0x2001, 2, 0, ..] | [0x2001, 0x10..=0x1f, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => {
            false
        }
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => embedded(high, low),
        // Unique local, link-local, site-local, multicast.
        [0xfc00..=0xfdff | 0xfe80..=0xffff, ..] => false,
        // ISATAP (RFC 5214 section 6.1).
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(high, low),
        _ => true,
    }
}

fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn refused(rule: &'static str, what: String, phase: Phase) -> Error {
    Error::new(ErrorKind::Guard { rule, what }, phase)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_known_in_every_form() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001:0:7f00:1::",
            "2001:0:808:808::f5ff:fffe",
            "2001:2::1",
            "2001:10::1",
            "2001:1f::1",
            "2001:db8::1",
            "3fff::1",
            "2002:a00:1::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2a00::5efe:10.0.0.1",
            "2a00::200:5efe:192.168.0.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_left_alone() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:0:808:808::f7f7:f7f7",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2a00:1450::1",
            "2a00::5efe:8.8.8.8",
            "fbff::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn overrides_are_found_by_port_first_and_however_the_host_is_written() {
        let mut guard = Guard::default();
        for (host, port, address) in
            [("host.test", 443, "10.0.0.1"), ("host.test", 0, "10.0.0.2"), ("[::1]", 80, "10.0.0.3")]
        {
            guard.overrides.insert((host.to_owned(), port), vec![address.parse().unwrap()]);
        }
        let found = |url: &str| {
            let url = Url::parse(url).unwrap();
            let found = guard.overridden(&url.host().unwrap(), url.port_or_known_default().unwrap());
            found.map(|addresses| addresses[0].to_string())
        };
        assert_eq!(found("https://host.test/").as_deref(), Some("10.0.0.1"));
        assert_eq!(found("http://HOST.test./").as_deref(), Some("10.0.0.2"));
        assert_eq!(found("http://[0::1]/").as_deref(), Some("10.0.0.3"));
        assert_eq!(found("https://[::1]/"), None);
        let mut guard = Guard { deny_private: true, ..Guard::default() };
        guard.overrides.insert(("host.test".to_owned(), 443), Vec::new());
        assert_eq!(guard.overridden(&Host::Domain("host.test"), 443), None);
    }

    #[test]
    fn schemes_and_ports_not_allowed_are_refused() {
        let guard = Guard { schemes: vec!["https".into()], ports: vec![443, 8443], ..Guard::default() };
        let rule = |url: &str| match guard.check(&Url::parse(url).unwrap()).map_err(|error| error.kind) {
            Ok(()) => None,
            Err(ErrorKind::Guard { rule, what }) => Some((rule, what)),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(rule("https://h/"), None);
        assert_eq!(rule("https://h:8443/"), None);
        assert_eq!(rule("http://h:443/"), Some(("scheme", "http".to_owned())));
        assert_eq!(rule("https://h:22/"), Some(("port", "22".to_owned())));
    }

    #[test]
    fn only_public_addresses_are_left_and_none_is_an_error() {
        let guard = Guard { deny_private: true, ..Guard::default() };
        let addresses =
            |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        let left = guard.permitted(addresses(&["10.0.0.1", "8.8.8.8", "::1"])).unwrap();
        assert_eq!(left, addresses(&["8.8.8.8"]));
        let error = guard.permitted(addresses(&["169.254.169.254", "::1"])).unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Guard { rule: "private-address", what } if what == "169.254.169.254")
        );
        assert!(Guard::default().permitted(addresses(&["::1"])).is_ok());
    }
}
