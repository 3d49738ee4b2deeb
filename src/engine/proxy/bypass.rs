//! What goes past a proxy. One language for every list there is: `no_proxy` (curl's reading), the bypass list of
//! Windows, the one of 1C. A pattern that is not understood matches nothing.

use std::net::IpAddr;

use url::{Host, Url};

use super::Bypass;
use super::parse::split_port;

impl Bypass {
    /// A list as written in one text, its patterns separated by blanks, `,` or `;`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let patterns = split(text).map(str::to_owned).collect();
        Self { patterns, local: false }
    }

    /// Whether `url` is reached without the proxy.
    ///
    /// Patterns: `*` (everything), `<local>` (a name without a dot), `example.com` and `.example.com` (that name and
    /// everything below it), `*.example.com` (what is below it) and any other `*`, an address, a network
    /// (`10.0.0.0/8`, `fd00::/8`); each with `:port` (then IPv6 in brackets) or `scheme://` before it. Names are
    /// compared without regard to case, script and a dot at the end.
    #[must_use]
    pub fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        if self.patterns.is_empty() && !self.local {
            return false;
        }
        let target = Target::new(url, &host);
        (self.local && target.is_local())
            || self.patterns.iter().flat_map(|text| split(text)).any(|pattern| target.is(pattern))
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|pattern| !pattern.is_empty())
}

/// A target as patterns see it.
struct Target<'a> {
    scheme: &'a str,
    /// Lower case, no dot at the end; an address without brackets.
    name: String,
    address: Option<IpAddr>,
    port: Option<u16>,
}

impl<'a> Target<'a> {
    fn new(url: &'a Url, host: &Host<&str>) -> Self {
        let (name, address) = match host {
            Host::Domain(name) => (name.trim_end_matches('.').to_ascii_lowercase(), None),
            Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(*address))),
            Host::Ipv6(address) => (address.to_string(), Some(IpAddr::V6(*address).to_canonical())),
        };
        Self { scheme: url.scheme(), name, address, port: url.port_or_known_default() }
    }

    fn is_local(&self) -> bool {
        self.address.is_none() && !self.name.contains('.')
    }

    fn is(&self, pattern: &str) -> bool {
        let pattern = match pattern.split_once("://") {
            Some((scheme, _)) if !scheme.eq_ignore_ascii_case(self.scheme) => return false,
            Some((_, rest)) => rest.trim_end_matches('/'),
            None => pattern,
        };
        if pattern == "*" {
            return true;
        }
        if pattern.eq_ignore_ascii_case("<local>") {
            return self.is_local();
        }
        let Ok((host, port)) = split_port(pattern) else { return false };
        if let Some(port) = port
            && port.parse().ok() != self.port
        {
            return false;
        }
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Some((network, bits)) = host.split_once('/') {
            return self.is_in(network, bits);
        }
        match (host.parse::<IpAddr>(), self.address) {
            (Ok(wanted), Some(address)) => wanted.to_canonical() == address,
            (Ok(_), None) => false,
            (Err(_), _) if host.contains('*') => glob(&ascii(host), &self.name),
            (Err(_), Some(_)) => false,
            (Err(_), None) => self.is_at_or_below(&ascii(host)),
        }
    }

    fn is_in(&self, network: &str, bits: &str) -> bool {
        let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
        match (network, self.address) {
            (IpAddr::V4(network), Some(IpAddr::V4(address))) if bits <= 32 => {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), Some(IpAddr::V6(address))) if bits <= 128 => {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }

    fn is_at_or_below(&self, domain: &str) -> bool {
        let domain = domain.trim_start_matches('.').trim_end_matches('.');
        match self.name.strip_suffix(domain) {
            Some(below) => !domain.is_empty() && (below.is_empty() || below.ends_with('.')),
            None => false,
        }
    }
}

/// A name in its ASCII form, label by label, because a label may be a `*`.
fn ascii(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let label = |label| idna::domain_to_ascii(label).unwrap_or_default();
    name.split('.').map(label).collect::<Vec<_>>().join(".")
}

/// Whether `text` is what `pattern` says, `*` standing for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern = pattern.trim_end_matches('.');
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // The first place is the best one: it leaves most for what follows.
    for part in parts {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn past(list: &str, url: &str) -> bool {
        Bypass::parse(list).matches(&Url::parse(url).unwrap())
    }

    #[test]
    fn names_match_themselves_and_what_is_below() {
        for (list, url) in [
            ("example.com", "http://EXAMPLE.com./"),
            ("Example.COM.", "http://www.example.com/"),
            (".example.com", "https://example.com/"),
            ("*.example.com", "http://a.b.example.com/"),
            ("*", "http://[::1]/"),
            ("пример.рф", "http://www.xn--e1afmkfd.xn--p1ai/"),
            ("*.пример.рф", "http://www.пример.рф/"),
            ("10.0.*", "http://10.0.3.4/"),
            ("192.168.*.1;x", "http://192.168.7.1/"),
            ("srv*-db", "http://srv12-db/"),
            ("<local>", "http://server/"),
            ("a; <LOCAL>", "http://server./"),
            ("host:8080", "http://host:8080/"),
            ("host:443", "https://host/"),
            ("[::1]:8080", "http://[::1]:8080/"),
            ("::1", "http://[0:0::1]/"),
            ("fd00::/8", "http://[fd12::1]/"),
            ("0.0.0.0/0", "http://8.8.8.8/"),
            ("1.2.3.4", "http://[::ffff:1.2.3.4]/"),
            ("1.2.3.4", "http://0x1.0x2.0x304/"),
            ("https://example.com", "https://example.com/"),
        ] {
            assert!(past(list, url), "{list} {url}");
        }
    }

    #[test]
    fn what_only_looks_alike_goes_through_the_proxy() {
        for (list, url) in [
            ("", "http://h/"),
            (".", "http://h/"),
            ("*.example.com", "http://example.com/"),
            ("ample.com", "http://example.com/"),
            ("<local>", "http://server.example/"),
            ("<local>", "http://[::1]/"),
            ("<-loopback>", "http://localhost/"),
            ("host:8080", "http://host/"),
            ("host:x", "http://host/"),
            ("::1", "http://host/"),
            ("10.0.0.0/33", "http://10.0.0.0/"),
            ("10.0.0.0/x", "http://10.0.0.0/"),
            ("fd00::/129", "http://[fd00::]/"),
            ("0.0.0.0/0", "http://[2001:db8::1]/"),
            ("0.0.0.1", "http://10.0.0.1/"),
            ("10.0.*", "http://10.1.0.0/"),
            ("a*a", "http://a/"),
            ("[::1", "http://[::1]/"),
            ("http://example.com", "https://example.com/"),
        ] {
            assert!(!past(list, url), "{list} {url}");
        }
    }

    #[test]
    fn local_names_go_past_when_asked() {
        let local = Bypass { patterns: Vec::new(), local: true };
        assert!(local.matches(&Url::parse("http://server:81/").unwrap()));
        assert!(!local.matches(&Url::parse("http://a.b/").unwrap()));
        assert!(!local.matches(&Url::parse("http://127.0.0.1/").unwrap()));
    }
}
