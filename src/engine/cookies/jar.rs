//! The cookie jar: what is stored (RFC 6265 section 5.3) and what is sent where (section 5.4). A cookie for a public
//! suffix is refused, one from `http` is never `Secure`. The clock is an argument everywhere.

use ::url::Url;
use cookie_store::{Cookie, CookieDomain, CookieExpiration, RawCookie};
use time::OffsetDateTime;

use super::{Cookies, GivenCookie, NEVER, SetCookie, StoredCookie, set_cookie};

/// Cookies kept at most, in all and per domain (RFC 6265 section 6.1 asks for 3000 and 50 at least).
const MOST: usize = 3000;
const MOST_PER_DOMAIN: usize = 180;

/// Cookies of one session, oldest first.
#[derive(Clone, Default)]
pub struct Jar {
    kept: Vec<Kept>,
}

#[derive(Clone)]
struct Kept {
    cookie: Cookie<'static>,
    port: Option<u16>,
}

impl Jar {
    /// An empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A jar of exported cookies. Those that have expired, or whose domain or path makes no sense, are left out.
    #[must_use]
    pub fn import(cookies: &Cookies, now: OffsetDateTime) -> Self {
        let mut jar = Self::default();
        for stored in &cookies.list {
            if let Some(kept) = imported(stored) {
                jar.put(kept, now);
            }
        }
        jar
    }

    /// The cookies in plain form.
    #[must_use]
    pub fn export(&self, now: OffsetDateTime) -> Cookies {
        Cookies {
            list: self.kept.iter().filter(|kept| !kept.cookie.expires_by(&now)).map(exported).collect(),
        }
    }

    /// Takes the `Set-Cookie` values of one response. Gives back those that now are in the jar.
    pub fn receive<'v>(
        &mut self,
        values: impl Iterator<Item = &'v str>,
        url: &Url,
        now: OffsetDateTime,
    ) -> Cookies {
        let mut fresh = Self::default();
        for kept in values.filter_map(|value| accepted(set_cookie::parse(value, now)?, url)) {
            if kept.cookie.secure() != Some(true) && !is_secure(url) && self.shadows_secure(&kept.cookie, url)
            {
                continue;
            }
            fresh.put(kept.clone(), now);
            self.put(kept, now);
        }
        fresh.export(now)
    }

    /// The `Cookie` header for a URL: `written` (the caller's own header) first, then `given`, then the jar, of which
    /// nothing that has the same name. `None`: nothing to send.
    #[must_use]
    pub fn header(
        &self,
        url: &Url,
        written: Option<&str>,
        given: &Given,
        now: OffsetDateTime,
    ) -> Option<String> {
        let mut text = written.map(str::trim).unwrap_or_default().to_owned();
        let mut taken: Vec<String> = text
            .split(';')
            .map(|pair| pair.split('=').next().unwrap_or_default().trim().to_owned())
            .collect();
        // Within one source equal names are different cookies (of different paths): all are sent.
        for source in [&given.0, self] {
            let fits = |cookie: &&Cookie<'static>| !taken.iter().any(|name| name == cookie.name());
            let cookies: Vec<_> = source.matching(url, now).into_iter().filter(fits).collect();
            for cookie in cookies {
                if !text.is_empty() {
                    text.push_str("; ");
                }
                text.push_str(cookie.name());
                text.push('=');
                text.push_str(cookie.value());
                taken.push(cookie.name().to_owned());
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// Number of cookies, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Cookies for a URL, longer paths first, then older ones (section 5.4 step 2).
    fn matching(&self, url: &Url, now: OffsetDateTime) -> Vec<&Cookie<'static>> {
        let mut found: Vec<_> = self
            .kept
            .iter()
            .map(|kept| &kept.cookie)
            .filter(|c| !c.expires_by(&now) && c.matches(url))
            .collect();
        found.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        found
    }

    /// Stores a cookie in the place of one with the same name, domain and path; an expired one only removes it.
    fn put(&mut self, kept: Kept, now: OffsetDateTime) {
        let same = |other: &Kept| {
            other.cookie.name() == kept.cookie.name()
                && other.cookie.domain.as_cow() == kept.cookie.domain.as_cow()
                && *other.cookie.path == *kept.cookie.path
        };
        let place = self.kept.iter().position(same);
        match (place, kept.cookie.expires_by(&now)) {
            (Some(at), true) => drop(self.kept.remove(at)),
            (Some(at), false) => self.kept[at] = kept,
            (None, true) => {}
            (None, false) => {
                self.make_room(&kept.cookie, now);
                self.kept.push(kept);
            }
        }
    }

    fn make_room(&mut self, cookie: &Cookie<'static>, now: OffsetDateTime) {
        if self.kept.len() >= MOST {
            self.kept.retain(|kept| !kept.cookie.expires_by(&now));
        }
        let same_domain = |kept: &Kept| kept.cookie.domain.as_cow() == cookie.domain.as_cow();
        if self.kept.iter().filter(|kept| same_domain(kept)).count() >= MOST_PER_DOMAIN
            && let Some(oldest) = self.kept.iter().position(same_domain)
        {
            self.kept.remove(oldest);
        }
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
    }

    /// Whether a cookie set over `http` would hide a `Secure` one of the same name (6265bis section 5.7 step 9).
    fn shadows_secure(&self, cookie: &Cookie<'_>, url: &Url) -> bool {
        self.kept.iter().any(|kept| {
            let other = &kept.cookie;
            let secure = other.secure() == Some(true) && other.name() == cookie.name();
            secure
                && other.domain.matches(url)
                && (cookie.path.starts_with(&*other.path) || other.path.is_empty())
        })
    }
}

/// The given cookies of one request, made ready for comparing with URLs.
#[derive(Clone, Default)]
pub struct Given(Jar);

impl Given {
    /// Whether none were given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Prepares given cookies; those without a domain are for the host of `url`, and for `https` only when that is its
    /// scheme: a redirect must not take them to the open.
    ///
    /// # Errors
    /// The name of a cookie that cannot be sent: a control character or `;` in it, `=` in the name, no host in the
    /// domain.
    pub fn new(given: &[GivenCookie], url: &Url) -> Result<Self, String> {
        let mut jar = Jar::default();
        for cookie in given {
            let bad = |c: char| c.is_control() || c == ';';
            if cookie.name.is_empty()
                || cookie.name.contains(|c| bad(c) || c == '=')
                || cookie.value.contains(bad)
            {
                return Err(cookie.name.clone());
            }
            let written = cookie.domain.as_deref().filter(|domain| !domain.is_empty());
            let (domain, host_only) =
                (written.or(url.host_str()).unwrap_or_default(), cookie.host_only || written.is_none());
            let stored = StoredCookie {
                name: cookie.name.clone(),
                value: cookie.value.clone(),
                domain: format!("{}{}", if host_only { "" } else { "." }, domain.trim_start_matches('.')),
                path: cookie.path.clone().unwrap_or_else(|| "/".to_owned()),
                port: None,
                expires: cookie.expires.unwrap_or(NEVER),
                secure: cookie.secure || (written.is_none() && is_secure(url)),
            };
            let kept = imported(&stored).ok_or_else(|| cookie.name.clone())?;
            // Expired ones simply match nothing later.
            jar.put(kept, OffsetDateTime::UNIX_EPOCH);
        }
        Ok(Self(jar))
    }
}

impl std::fmt::Debug for Jar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.kept.iter().map(|kept| kept.cookie.name())).finish()
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The cookie as it may be stored for a response from `url`, or `None` when it must be ignored.
fn accepted(set: SetCookie, url: &Url) -> Option<Kept> {
    if set.secure && !is_secure(url) {
        return None;
    }
    let prefix =
        |prefix: &str| set.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if prefix("__Secure-") && !set.secure {
        return None;
    }
    if prefix("__Host-") && !(set.secure && set.domain.is_none() && set.path.as_deref() == Some("/")) {
        return None;
    }
    let mut raw = RawCookie::new(set.name, set.value);
    raw.set_secure(set.secure);
    raw.set_http_only(set.http_only);
    if let Some(path) = set.path {
        raw.set_path(path);
    }
    if let Some(domain) = allowed_domain(set.domain, url)? {
        raw.set_domain(domain);
    }
    let mut cookie = Cookie::try_from_raw_cookie(&raw, url).ok()?.into_owned();
    cookie.expires = set.expires.map_or(CookieExpiration::SessionEnd, CookieExpiration::from);
    Some(Kept { cookie, port: url.port() })
}

/// The `Domain` attribute after the public suffix rule (section 5.3 step 5): a suffix that is the host itself means
/// the host alone, any other suffix refuses the cookie (outer `None`).
fn allowed_domain(domain: Option<String>, url: &Url) -> Option<Option<String>> {
    let Some(domain) = domain else { return Some(None) };
    // The crate would forgive more dots and spaces than the one dot that has been dropped.
    if domain.starts_with('.') || domain.contains(char::is_whitespace) {
        return None;
    }
    let ascii = idna::domain_to_ascii(&domain).ok()?;
    if url.host_str() == Some(ascii.as_str())
        && (is_public_suffix(&ascii) || !matches!(url.host(), Some(::url::Host::Domain(_))))
    {
        return Some(None);
    }
    if is_public_suffix(&ascii) { None } else { Some(Some(ascii)) }
}

/// Whether the public suffix list knows this very name. An unlisted top-level name (`localhost`, a company's own) is
/// none.
fn is_public_suffix(domain: &str) -> bool {
    // The list's names have no dot at the end, and a dot there makes no other name.
    let domain = domain.trim_end_matches('.');
    psl2::lookup(domain).is_some_and(|found| found.is_known() && found.suffix() == domain)
}

fn imported(stored: &StoredCookie) -> Option<Kept> {
    let subdomains = stored.domain.starts_with('.');
    let host = stored.domain.trim_start_matches('.').trim_end_matches('/');
    let url = Url::parse(&format!("https://{host}/")).ok()?;
    let path = if stored.path.starts_with('/') { stored.path.clone() } else { "/".to_owned() };
    let mut raw = RawCookie::new(stored.name.clone(), stored.value.clone());
    raw.set_secure(stored.secure);
    raw.set_path(path);
    let mut cookie = Cookie::try_from_raw_cookie(&raw, &url).ok()?.into_owned();
    if subdomains && let Some(::url::Host::Domain(host)) = url.host() {
        cookie.domain = CookieDomain::Suffix(host.to_owned());
    }
    cookie.expires =
        if stored.expires >= NEVER { CookieExpiration::SessionEnd } else { stored.expires.into() };
    Some(Kept { cookie, port: stored.port })
}

fn exported(kept: &Kept) -> StoredCookie {
    let cookie = &kept.cookie;
    let dot = if matches!(cookie.domain, CookieDomain::Suffix(_)) { "." } else { "" };
    StoredCookie {
        name: cookie.name().to_owned(),
        value: cookie.value().to_owned(),
        domain: format!("{dot}{}", cookie.domain.as_cow().unwrap_or_default()),
        path: String::from(&cookie.path),
        port: kept.port,
        expires: match cookie.expires {
            CookieExpiration::AtUtc(at) => at,
            CookieExpiration::SessionEnd => NEVER,
        },
        secure: cookie.secure() == Some(true),
    }
}

fn is_secure(url: &Url) -> bool {
    url.scheme() == "https"
}

#[cfg(test)]
mod tests;
