//! Proxies as people write them: a URL with or without a scheme, user and password percent-encoded or not.

use percent_encoding::percent_decode_str;
use url::Host;

use super::{Proxy, ProxyKind};
use crate::engine::auth::Credentials;

/// Longest text taken for a proxy.
const LONGEST: usize = 8 * 1024;

impl Proxy {
    /// Reads `[scheme://][user[:password]@]host[:port][/]`. Without a scheme it is an HTTP proxy; `socks` is SOCKS5.
    /// User and password are percent-decoded; an `@` in them may stand as it is. What follows the port is dropped.
    ///
    /// # Errors
    /// A stable word: `empty`, `length`, `scheme`, `host`, `port`, `credentials`.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        let url = url.trim();
        if url.is_empty() {
            return Err("empty");
        }
        if url.len() > LONGEST {
            return Err("length");
        }
        let (kind, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (kind_of(scheme).ok_or("scheme")?, rest),
            None => (ProxyKind::Http, url),
        };
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = split_port(authority)?;
        let port = match port {
            None | Some("") => None,
            Some(digits) => Some(digits.parse().map_err(|_| "port")?),
        };
        Self::new(kind, host, port, user.map(credentials).transpose()?.flatten())
    }

    /// A proxy of its parts: `host` is a name (any script) or an address, IPv6 with brackets or without.
    ///
    /// # Errors
    /// A stable word: `host`, `port`.
    pub fn new(
        kind: ProxyKind,
        host: &str,
        port: Option<u16>,
        credentials: Option<Credentials>,
    ) -> Result<Self, &'static str> {
        let host = host.trim();
        let parsed = match host.parse() {
            Ok(address) => Host::<String>::Ipv6(address),
            Err(_) => Host::parse(host).map_err(|_| "host")?,
        };
        if port == Some(0) {
            return Err("port");
        }
        Ok(Self { kind, host: parsed.to_string(), port: port.unwrap_or_else(|| kind.port()), credentials })
    }
}

fn kind_of(scheme: &str) -> Option<ProxyKind> {
    const KINDS: [(&str, ProxyKind); 7] = [
        ("http", ProxyKind::Http),
        ("https", ProxyKind::Https),
        ("socks4", ProxyKind::Socks4),
        ("socks4a", ProxyKind::Socks4a),
        ("socks5", ProxyKind::Socks5),
        ("socks5h", ProxyKind::Socks5h),
        ("socks", ProxyKind::Socks5),
    ];
    KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme)).map(|(_, kind)| *kind)
}

/// Host and port of `host:port`, `[v6]:port`, or either alone. Several colons without brackets are an IPv6 address.
pub(super) fn split_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or("host")?;
        let (host, rest) = authority.split_at_checked(end + 1).ok_or("host")?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err("host"),
        };
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => Ok((authority, None)),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

fn credentials(text: &str) -> Result<Option<Credentials>, &'static str> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| "credentials")
    };
    let (user, password) = (decoded(user)?, decoded(password)?);
    Ok((!user.is_empty() || !password.is_empty()).then_some(Credentials::Basic { user, password }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_in_every_form() {
        for (text, id) in [
            ("proxy", "http://proxy:80"),
            (" http://Proxy.Example:3128/ ", "http://proxy.example:3128"),
            ("HTTPS://proxy", "https://proxy:443"),
            ("socks4://1.2.3.4", "socks4://1.2.3.4:1080"),
            ("socks4a://h:1", "socks4a://h:1"),
            ("socks5h://[::1]:9050/x?y#z", "socks5h://[::1]:9050"),
            ("socks://h", "socks5://h:1080"),
            ("::1", "http://[::1]:80"),
            ("[2001:DB8::0]:81", "http://[2001:db8::]:81"),
            ("прокси.рф:3128", "http://xn--h1adldfi.xn--p1ai:3128"),
            ("http://h:", "http://h:80"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!((proxy.id().as_str(), proxy.credentials), (id, None), "{text}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        for (text, user, password) in [
            ("http://u:p%40ss%3Aw@h:1", "u", "p@ss:w"),
            ("u:p@ss:w@h:1", "u", "p@ss:w"),
            ("http://DOM%5Cuser:%D0%BF@h:1", "DOM\\user", "п"),
            ("socks5://only@h:1", "only", ""),
            ("http://u:50%@h:1", "u", "50%"),
            ("http://u:a/b?c#d@h:1", "u", "a/b?c#d"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            let wanted = Credentials::Basic { user: user.to_owned(), password: password.to_owned() };
            assert_eq!((proxy.credentials.as_ref(), proxy.port), (Some(&wanted), 1), "{text}");
            assert!(!format!("{proxy:?}").contains(password) || password.is_empty(), "{text}");
        }
        assert_eq!(Proxy::parse("http://@h").unwrap().credentials, None);
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_a_word() {
        let long = "x".repeat(LONGEST + 1);
        for (text, word) in [
            ("", "empty"),
            (" ", "empty"),
            ("ftp://h", "scheme"),
            ("http://", "host"),
            ("http://u:p@", "host"),
            ("h:0", "port"),
            ("h:65536", "port"),
            ("h:port", "port"),
            ("[::1", "host"),
            ("[::1]x", "host"),
            ("a b", "host"),
            ("http://%ff:x@h", "credentials"),
            (long.as_str(), "length"),
        ] {
            assert_eq!(Proxy::parse(text), Err(word), "{text}");
        }
    }
}
