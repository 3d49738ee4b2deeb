//! URLs as people write them, made fit for the wire: Cyrillic hosts and paths, spaces, no scheme, user information.
//! Parsing is WHATWG (crate `url`); added here are the missing scheme, the added parameters and the text form callers
//! of the reference module compare with. [`parse_url`] is that module's own taking apart, which keeps what was written.

use ::url::{ParseError, Url};
use percent_encoding::percent_decode_str;

use super::error::{Error, ErrorKind, Phase, Result};
use super::query;
use super::redact;
use super::request::Parameters;

/// An `http` or `https` URL with a host.
#[derive(Clone)]
pub struct WebUrl {
    url: Url,
    /// A default port that was written: [`WebUrl::text`] keeps it.
    written_port: Option<u16>,
}

/// A URL taken apart, nothing normalised but the case of the scheme.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlParts {
    /// `http` or `https`; `http` when none was written.
    pub scheme: String,
    /// User name, percent-decoded; empty when absent.
    pub user: String,
    /// Password, percent-decoded; empty when absent.
    pub password: String,
    /// Host as written, IPv6 in brackets.
    pub host: String,
    /// Port, 0 when absent.
    pub port: u16,
    /// Path as written, `/` when absent.
    pub path: String,
    /// Query, decoded.
    pub query: Parameters,
    /// Fragment, empty when absent.
    pub fragment: String,
}

/// Why a redirect target cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadTarget {
    /// It is no URL.
    Syntax,
    /// Its scheme is not `http` or `https`.
    Scheme,
}

impl WebUrl {
    /// Parses what a user wrote. White space around it is dropped, a missing scheme is `http`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`].
    pub fn parse(text: &str) -> Result<Self> {
        // Tabs and line ends are dropped everywhere (WHATWG), so that a URL copied out of a wrapped text works.
        let joined: String = text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        let trimmed = joined.trim_matches(|c: char| c <= ' ' || c.is_whitespace() || c == '\u{feff}');
        let refuse = |problem| {
            let url = redact::written(trimmed);
            Error::new(ErrorKind::InvalidUrl { url, problem }, Phase::Prepare)
        };
        if trimmed.is_empty() {
            return Err(refuse("empty"));
        }
        let full = with_scheme(trimmed).map_err(refuse)?;
        let url = Url::parse(&full).map_err(|error| refuse(problem(error)))?;
        Self::checked(url, &full)
            .map_err(|bad| refuse(if bad == BadTarget::Scheme { "scheme" } else { "host" }))
    }

    /// The URL a `Location` value means here (RFC 9110 section 10.2.2): resolved without any decoding, the fragment
    /// inherited when it has none. The user information of this URL is not inherited.
    ///
    /// # Errors
    /// Why the value cannot be used.
    pub fn resolve(&self, location: &str) -> Result<Self, BadTarget> {
        let base = self.without_user();
        let mut url = base.join(location).map_err(|_| BadTarget::Syntax)?;
        if url.fragment().is_none() {
            url.set_fragment(self.url.fragment());
        }
        let own_authority = authority(location).is_some();
        let mut target = Self::checked(url, location)?;
        if !own_authority && target.url.scheme() == self.url.scheme() {
            target.written_port = self.written_port;
        }
        Ok(target)
    }

    /// Appends parameters to the query. What the URL's own query says is kept as written, and wins: a parameter whose
    /// key is there is not added.
    ///
    /// # Errors
    /// No memory.
    pub fn add_parameters(&mut self, parameters: &Parameters) -> Result<()> {
        let own: Vec<String> = self.url.query().map(|q| query::keys(q).collect()).unwrap_or_default();
        let added: Parameters = parameters.iter().filter(|(key, _)| !own.contains(key)).cloned().collect();
        let text = query::encode(&added)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: 0 }, Phase::Prepare))?;
        if text.is_empty() {
            return Ok(());
        }
        let joined = match self.url.query() {
            Some(written) if !written.is_empty() => format!("{written}&{text}"),
            _ => text,
        };
        self.url.set_query(Some(&joined));
        Ok(())
    }

    /// The URL, with user information and fragment.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL as it may go to the wire: no user information, no fragment.
    #[must_use]
    pub fn for_wire(&self) -> Url {
        let mut url = self.without_user();
        url.set_fragment(None);
        url
    }

    /// The URL as a response reports it: a default port is kept when it was written, user information always has its
    /// colon.
    #[must_use]
    pub fn text(&self) -> String {
        let url = &self.url;
        let mut text = format!("{}://", url.scheme());
        if !url.username().is_empty() {
            text.push_str(url.username());
            text.push(':');
            text.push_str(url.password().unwrap_or_default());
            text.push('@');
        }
        text.push_str(url.host_str().unwrap_or_default());
        if let Some(port) = url.port().or(self.written_port) {
            text.push(':');
            text.push_str(&port.to_string());
        }
        text.push_str(url.path());
        for (sign, part) in [('?', url.query()), ('#', url.fragment())] {
            if let Some(part) = part {
                text.push(sign);
                text.push_str(part);
            }
        }
        text
    }

    /// User name and password of the URL, percent-decoded. `None` when neither was written.
    #[must_use]
    pub fn user(&self) -> Option<(String, String)> {
        let (user, password) = (self.url.username(), self.url.password().unwrap_or_default());
        (!user.is_empty() || !password.is_empty()).then(|| (decoded(user), decoded(password)))
    }

    /// The URL as errors and the history may show it.
    #[must_use]
    pub fn shown(&self) -> String {
        redact::url(&self.url)
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Same scheme, host and port (RFC 6454).
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// `http` on port 80 here and `https` on port 443 of the same host there.
    #[must_use]
    pub fn upgrades_to(&self, other: &Self) -> bool {
        let port = |url: &Url| url.port_or_known_default();
        !self.is_secure()
            && other.is_secure()
            && port(&self.url) == Some(80)
            && port(&other.url) == Some(443)
            && self.url.host() == other.url.host()
    }

    fn without_user(&self) -> Url {
        let mut url = self.url.clone();
        // Fails only for URLs without a host, which `checked` has refused.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url
    }

    fn checked(url: Url, written: &str) -> Result<Self, BadTarget> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BadTarget::Scheme);
        }
        if url.host_str().is_none_or(|host| host.is_empty() || is_forbidden(host)) {
            return Err(BadTarget::Syntax);
        }
        let written_port = if url.port().is_none() && has_port(authority(written).unwrap_or_default()) {
            url.port_or_known_default()
        } else {
            None
        };
        Ok(Self { url, written_port })
    }
}

impl std::fmt::Debug for WebUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl std::fmt::Debug for UrlParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UrlParts({}://{}:{}{})", self.scheme, self.host, self.port, self.path)
    }
}

/// Takes a URL apart without normalising host, path or port. A text that is no URL gives what can be found.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`] with `port` when the port is not a number up to 65535.
pub fn parse_url(text: &str) -> Result<UrlParts> {
    let text = text.trim_start();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            (scheme.to_ascii_lowercase(), rest)
        }
        _ => ("http".to_owned(), text),
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = host_and_port(host);
    let port = match port {
        None | Some("") => 0,
        Some(digits) => digits.parse().map_err(|_| {
            let url = redact::written(text);
            Error::new(ErrorKind::InvalidUrl { url, problem: "port" }, Phase::Prepare)
        })?,
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok(UrlParts {
        scheme,
        user: decoded(user),
        password: decoded(password),
        host: host.to_owned(),
        port,
        path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        query: query::decode(query),
        fragment: fragment.to_owned(),
    })
}

/// The text with a scheme that `url` understands, or why there is none.
fn with_scheme(text: &str) -> Result<String, &'static str> {
    if let Some((scheme, rest)) = text.split_once(':')
        && !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
    {
        let lower = scheme.to_ascii_lowercase();
        if lower == "http" || lower == "https" {
            return Ok(text.to_owned());
        }
        // `name:8080` is a host and a port, but these are never hosts.
        let other = [
            "mailto",
            "javascript",
            "data",
            "file",
            "ftp",
            "ftps",
            "ws",
            "wss",
            "urn",
            "tel",
            "about",
            "blob",
        ];
        if rest.starts_with("//") || other.contains(&lower.as_str()) {
            return Err("scheme");
        }
    }
    if text.starts_with("//") {
        return Ok(format!("http:{text}"));
    }
    // WHATWG would skip the slashes and take the first segment of a path for the host.
    if text.starts_with(['/', '\\', '?', '#', ':']) {
        return Err("host");
    }
    Ok(format!("http://{text}"))
}

/// The authority of a URL or reference that has one of its own.
fn authority(written: &str) -> Option<&str> {
    let written = written.trim_start_matches(|c: char| c <= ' ');
    let rest = match written.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            rest
        }
        _ => written,
    };
    let inside = rest.trim_start_matches(['/', '\\']);
    (rest.len() - inside.len() >= 2).then(|| inside.split(['/', '\\', '?', '#']).next().unwrap_or_default())
}

fn has_port(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host_and_port(host).1.is_some_and(|port| !port.is_empty())
}

fn host_and_port(host: &str) -> (&str, Option<&str>) {
    if let Some(end) = host.find(']') {
        let (host, rest) = host.split_at(end + 1);
        return (host, rest.strip_prefix(':'));
    }
    host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)))
}

/// Whether UTS 46 forbids a host name that the crate lets through: one with code points of plane 3 that no version of
/// Unicode assigns (the tables of ICU4X 2.4 have a block of them), or with a label that decodes to `xn--` again.
fn is_forbidden(host: &str) -> bool {
    if !host.contains("xn--") {
        return false;
    }
    let (unicode, _) = idna::domain_to_unicode(host);
    unicode.contains(|c| matches!(c, '\u{33480}'..='\u{3ffff}'))
        || unicode.split('.').any(|label| label.starts_with("xn--"))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn problem(error: ParseError) -> &'static str {
    match error {
        ParseError::EmptyHost
        | ParseError::IdnaError
        | ParseError::InvalidIpv4Address
        | ParseError::InvalidIpv6Address
        | ParseError::InvalidDomainCharacter => "host",
        ParseError::InvalidPort => "port",
        _ => "syntax",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::request::Parameter;

    fn parsed(text: &str) -> String {
        match WebUrl::parse(text) {
            Ok(url) => url.url().to_string(),
            Err(error) => match error.kind {
                ErrorKind::InvalidUrl { problem, .. } => format!("! {problem}"),
                _ => "!".to_owned(),
            },
        }
    }

    #[test]
    fn urls_as_people_write_them_become_valid() {
        for (written, expected) in [
            ("connectorhttp.ru/get", "http://connectorhttp.ru/get"),
            ("  \u{a0}https://h/a b?q=c d ", "https://h/a%20b?q=c%20d"),
            (
                "https://президент.рф/новости?ключ=да",
                "https://xn--d1abbgf6aiiy.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?%D0%BA%D0%BB%D1%8E%D1%87=%D0%B4%D0%B0",
            ),
            ("localhost:8080/x", "http://localhost:8080/x"),
            ("HTTPS://H/x", "https://h/x"),
            ("//h/x", "http://h/x"),
            ("ht\ntp://h/a\r\n\tb", "http://h/ab"),
            ("h?u=https://other/", "http://h/?u=https://other/"),
            (
                "http://[2001:0db8:11a3:09d7:1f34:8a2e:07a0:765d]:8080/test",
                "http://[2001:db8:11a3:9d7:1f34:8a2e:7a0:765d]:8080/test",
            ),
            ("https://h?jql=a >= 2017&j&i=2", "https://h/?jql=a%20%3E=%202017&j&i=2"),
            ("", "! empty"),
            (" \t", "! empty"),
            ("ftp://h/", "! scheme"),
            ("file:/etc/passwd", "! scheme"),
            ("mailto:a@b.ru", "! scheme"),
            ("/get", "! host"),
            ("http://", "! host"),
            ("http://h:99999/", "! port"),
            ("http://h:x/", "! port"),
            ("http://a b/", "! host"),
            ("http://[::1/", "! host"),
            ("http://xn--xn---epa/", "! host"),
            ("http://\u{3e8ac}.ru/", "! host"),
        ] {
            assert_eq!(parsed(written), expected, "{written:?}");
        }
    }

    #[test]
    fn user_information_is_decoded_and_may_hold_colons_and_at_signs() {
        let user = |text: &str| WebUrl::parse(text).unwrap().user();
        assert_eq!(user("http://user:pa:ss%40@h/"), Some(("user".into(), "pa:ss@".into())));
        assert_eq!(user("http://us@er:p@h/"), Some(("us@er".into(), "p".into())));
        assert_eq!(user("http://%D0%98:%D1%8F@h/"), Some(("И".into(), "я".into())));
        assert_eq!(user("http://h/"), None);
    }

    #[test]
    fn text_keeps_a_written_default_port_and_the_colon_of_user_information() {
        let text = |text: &str| WebUrl::parse(text).unwrap().text();
        assert_eq!(text("https://h:443/anything"), "https://h:443/anything");
        assert_eq!(text("https://user@h:443"), "https://user:@h:443/");
        assert_eq!(text("http://[::1]:80/?#x"), "http://[::1]:80/?#x");
        assert_eq!(text("http://[::1]/"), "http://[::1]/");
        assert_eq!(text("h:80"), "http://h:80/");
        assert_eq!(text("http://u:80@h/x:80"), "http://u:80@h/x:80");
    }

    #[test]
    fn parameters_are_appended_encoded_and_the_urls_own_win() {
        let mut url = WebUrl::parse("https://h/anything/params?post=Программист&[x]=1").unwrap();
        let parameters = vec![
            ("post".to_owned(), Parameter::Text("other".to_owned())),
            ("[x]".to_owned(), Parameter::Text("2".to_owned())),
            ("time".to_owned(), Parameter::Text("01:47".to_owned())),
            ("t[]".to_owned(), Parameter::Text("42".to_owned())),
        ];
        url.add_parameters(&parameters).unwrap();
        assert_eq!(
            url.text(),
            "https://h/anything/params?post=%D0%9F%D1%80%D0%BE%D0%B3%D1%80%D0%B0%D0%BC%D0%BC%D0%B8%D1%81%D1%82&[x]=1&time=01%3A47&t%5B%5D=42"
        );
    }

    #[test]
    fn nothing_secret_and_no_fragment_goes_to_the_wire() {
        let url = WebUrl::parse("https://u:p@h/a?b#c").unwrap();
        assert_eq!(url.for_wire().as_str(), "https://h/a?b");
        assert_eq!(format!("{url:?}"), "https://h/a?b");
    }

    #[test]
    fn locations_are_resolved_without_decoding_and_inherit_the_fragment() {
        let base = WebUrl::parse("http://u:p@h:80/a/b?x#frag").unwrap();
        let to = |location: &str| base.resolve(location).map(|url| url.text());
        assert_eq!(to("/c%2Fd?u=http%3A%2F%2Fx"), Ok("http://h:80/c%2Fd?u=http%3A%2F%2Fx#frag".into()));
        assert_eq!(to("c?u=http://x#own"), Ok("http://h:80/a/c?u=http://x#own".into()));
        assert_eq!(to("//other/c"), Ok("http://other/c#frag".into()));
        assert_eq!(to("https://h:443/anything"), Ok("https://h:443/anything#frag".into()));
        assert_eq!(to("../../x y"), Ok("http://h:80/x%20y#frag".into()));
        assert_eq!(to("ftp://h/"), Err(BadTarget::Scheme));
        assert_eq!(to("http://[x/"), Err(BadTarget::Syntax));
    }

    #[test]
    fn only_http_80_to_https_443_of_one_host_is_an_upgrade() {
        let upgrade =
            |from: &str, to: &str| WebUrl::parse(from).unwrap().upgrades_to(&WebUrl::parse(to).unwrap());
        assert!(upgrade("http://h/", "https://h/x"));
        assert!(!upgrade("http://h:8080/", "https://h/"));
        assert!(!upgrade("http://h/", "https://h:8443/"));
        assert!(!upgrade("http://h/", "https://g/"));
        assert!(!upgrade("https://h/", "http://h/"));
    }

    #[test]
    fn parse_url_gives_what_upstream_tests_expect() {
        let of = |text: &str| parse_url(text).unwrap();
        let parts =
            of("https://h/anything?jql=worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01&j&i=2");
        assert_eq!((&*parts.scheme, &*parts.host, parts.port, &*parts.path), ("https", "h", 0, "/anything"));
        assert_eq!(
            parts.query,
            [
                (
                    "jql".to_owned(),
                    Parameter::Text("worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01".into())
                ),
                ("j".to_owned(), Parameter::NoValue),
                ("i".to_owned(), Parameter::Text("2".into())),
            ]
        );
        assert_eq!(of("https://h:443/get?key").port, 443);
        let wiki = of("https://en.wikipedia.org/wiki/1C_Company#Products");
        assert_eq!((&*wiki.path, &*wiki.fragment, wiki.query.len()), ("/wiki/1C_Company", "Products", 0));
        let ipv6 = of("http://[2001:0db8::765d]:8080/test");
        assert_eq!((&*ipv6.host, ipv6.port, &*ipv6.path), ("[2001:0db8::765d]", 8080, "/test"));
        assert_eq!((of("http://1c.ru").path, of("http://1c.ru").port), ("/".to_owned(), 0));
        assert_eq!(of("https://www.example.ru?url=1&O=1").path, "/");
        let user = of("http://user:pa:ss@1c.ru");
        assert_eq!((&*user.user, &*user.password, &*user.host), ("user", "pa:ss", "1c.ru"));
        assert_eq!(
            (of("http://user@1c.ru").user, of("http://user@1c.ru").password),
            ("user".into(), String::new())
        );
        assert_eq!(
            (of("h?").host, of("h#").host, of("HTTPS://h").scheme),
            ("h".into(), "h".into(), "https".into())
        );
        assert!(parse_url("http://h:x/").is_err());
    }
}
