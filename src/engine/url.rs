//! URLs as people write them, made fit for the wire: Cyrillic hosts and paths, spaces, no scheme, user information.
//! Parsing is WHATWG (crate `url`); added here are the missing scheme, the added parameters and the text form callers
//! of the reference module compare with. [`parse_url`] is that module's own taking apart, which keeps what was written.

use std::borrow::Cow;

use ::url::{ParseError, Url};
use percent_encoding::percent_decode_str;

use super::error::{Error, ErrorKind, Phase, Result};
use super::query;
use super::redact;
use super::request::Parameters;

/// Longest URL in bytes. Servers end at 8 to 64 KiB; what lies far beyond is a body in the wrong place.
const LONGEST: usize = 1 << 20;

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
        if text.len() > LONGEST {
            return Err(too_long(text));
        }
        // Tabs and line ends are dropped everywhere (WHATWG), so that a URL copied out of a wrapped text works.
        let dropped = ['\t', '\n', '\r'];
        let joined: Cow<'_, str> =
            if text.contains(dropped) { text.replace(dropped, "").into() } else { text.into() };
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
        if location.len() > LONGEST {
            return Err(BadTarget::Syntax);
        }
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
        if parameters.is_empty() {
            return Ok(());
        }
        let own: Vec<String> = self.url.query().map(|q| query::keys(q).collect()).unwrap_or_default();
        let added = parameters.iter().filter(|(key, _)| !own.contains(key));
        let text = query::encode(added)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: 0 }, Phase::Prepare))?;
        if text.is_empty() {
            return Ok(());
        }
        let written = self.url.query().filter(|written| !written.is_empty());
        // Before anything of that length is put together.
        if text.len().saturating_add(written.map_or(0, str::len)) >= LONGEST {
            let kind = ErrorKind::InvalidUrl { url: redact::written(&self.shown()), problem: "length" };
            return Err(Error::new(kind, Phase::Prepare));
        }
        let joined = match written {
            Some(written) => format!("{written}&{text}"),
            None => text,
        };
        self.url.set_query(Some(&joined));
        Ok(())
    }

    /// The URL itself, no longer held.
    #[must_use]
    pub fn into_url(self) -> Url {
        self.url
    }

    /// The URL, with user information and fragment.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL as it may go to the wire: no user information, no fragment.
    #[must_use]
    pub fn for_wire(&self) -> Cow<'_, Url> {
        let url = &self.url;
        if url.username().is_empty() && url.password().is_none() && url.fragment().is_none() {
            return Cow::Borrowed(url);
        }
        let mut url = self.without_user();
        url.set_fragment(None);
        Cow::Owned(url)
    }

    /// The URL as a response reports it: a default port is kept when it was written, user information always has its
    /// colon.
    #[must_use]
    pub fn text(&self) -> String {
        let url = &self.url;
        let mut text = String::with_capacity(url.as_str().len() + 8);
        text.push_str(url.scheme());
        text.push_str("://");
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

    /// `scheme://host:port`, the port always written (RFC 6454).
    #[must_use]
    pub fn origin(&self) -> String {
        origin(&self.url)
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
        write!(f, "UrlParts({}://{}:{})", self.scheme, self.host, self.port)
    }
}

/// Takes a URL apart without normalising host, path or port. A text that is no URL gives what can be found.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`] with `port` when the port is not a number up to 65535, with `length` over 1 MiB.
pub fn parse_url(text: &str) -> Result<UrlParts> {
    let text = text.trim_start();
    if text.len() > LONGEST {
        return Err(too_long(text));
    }
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

fn too_long(text: &str) -> Error {
    let start: String = text.chars().take(1000).collect();
    Error::new(ErrorKind::InvalidUrl { url: redact::written(&start), problem: "length" }, Phase::Prepare)
}

/// The text with a scheme that `url` understands, or why there is none.
fn with_scheme(text: &str) -> Result<Cow<'_, str>, &'static str> {
    if let Some((scheme, rest)) = text.split_once(':')
        && !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
    {
        if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
            return Ok(text.into());
        }
        let lower = scheme.to_ascii_lowercase();
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
        return Ok(format!("http:{text}").into());
    }
    // WHATWG would skip the slashes and take the first segment of a path for the host.
    if text.starts_with(['/', '\\', '?', '#', ':']) {
        return Err("host");
    }
    Ok(format!("http://{text}").into())
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

/// `scheme://host:port`, the port always written (RFC 6454).
pub(crate) fn origin(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default())
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
mod tests;
