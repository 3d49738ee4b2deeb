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
    /// Prepares given cookies; those without a domain are for the host of `url`.
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
                secure: cookie.secure,
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
    psl::suffix(domain.as_bytes())
        .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == domain.as_bytes())
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
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2024-01-01 0:00 UTC);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(from: &str, values: &[&str]) -> Jar {
        let mut jar = Jar::new();
        jar.receive(values.iter().copied(), &url(from), NOW);
        jar
    }

    fn sent(jar: &Jar, to: &str) -> String {
        jar.header(&url(to), None, &Given::default(), NOW).unwrap_or_default()
    }

    #[test]
    fn only_name_and_value_are_sent_longer_paths_first() {
        let jar = jar(
            "http://a.ru/x/y",
            &[
                "sid=abc; Path=/; Expires=Wed, 09 Jun 2031 10:18:14 GMT",
                "deep=1; Path=/x/y",
                "mid=2; Path=/x",
            ],
        );
        assert_eq!(sent(&jar, "http://a.ru/x/y"), "deep=1; mid=2; sid=abc");
        assert_eq!(sent(&jar, "http://a.ru/xyz"), "sid=abc");
    }

    #[test]
    fn host_only_cookies_stay_home_and_domain_cookies_respect_labels() {
        let host = jar("http://example.com/", &["h=1"]);
        assert_eq!(
            (sent(&host, "http://example.com/"), sent(&host, "http://www.example.com/")),
            ("h=1".into(), String::new())
        );
        let domain = jar("http://www.example.com/", &["d=1; Domain=example.com"]);
        assert_eq!(sent(&domain, "http://other.example.com/"), "d=1");
        assert_eq!(sent(&domain, "http://badexample.com/"), "");
    }

    #[test]
    fn public_suffixes_and_foreign_domains_are_refused() {
        for (from, value) in [
            ("http://shop.co.uk/", "a=1; Domain=co.uk"),
            ("http://a.com/", "a=1; Domain=com"),
            ("http://a.com/", "a=1; Domain=b.com"),
            ("http://a.b.com/", "a=1; Domain=x.a.b.com"),
            ("http://a.рф/", "a=1; Domain=рф"),
        ] {
            assert!(jar(from, &[value]).is_empty(), "{value} from {from}");
        }
        assert_eq!(sent(&jar("http://localhost/", &["a=1; Domain=localhost"]), "http://localhost/"), "a=1");
        assert_eq!(sent(&jar("http://127.0.0.1/", &["a=1; Domain=127.0.0.1"]), "http://127.0.0.1/"), "a=1");
        assert_eq!(
            sent(&jar("http://пример.рф/", &["a=1; Domain=ПРИМЕР.рф"]), "http://www.пример.рф/"),
            "a=1"
        );
    }

    #[test]
    fn secure_cookies_come_from_and_go_to_https_only() {
        let secure = jar("https://a.ru/", &["s=1; Secure", "__Host-x=1; Secure; Path=/", "__Secure-y=1"]);
        assert_eq!(sent(&secure, "https://a.ru/"), "s=1; __Host-x=1");
        assert_eq!(sent(&secure, "http://a.ru/"), "");
        assert!(jar("http://a.ru/", &["s=1; Secure"]).is_empty());
        let mut secure = secure;
        secure.receive(["s=evil"].into_iter(), &url("http://a.ru/"), NOW);
        assert_eq!(sent(&secure, "https://a.ru/"), "s=1; __Host-x=1");
    }

    #[test]
    fn a_new_value_replaces_the_old_in_its_place_and_an_expired_one_removes_it() {
        let mut jar = jar("http://a.ru/", &["a=1", "b=1"]);
        jar.receive(["a=2"].into_iter(), &url("http://a.ru/"), NOW);
        assert_eq!(sent(&jar, "http://a.ru/"), "a=2; b=1");
        let fresh = jar.receive(["a=; Max-Age=0"].into_iter(), &url("http://a.ru/"), NOW);
        assert_eq!((sent(&jar, "http://a.ru/"), fresh.is_empty()), ("b=1".to_owned(), true));
    }

    #[test]
    fn expiry_is_seen_by_the_given_clock() {
        let jar = jar("http://a.ru/", &["a=1; Max-Age=60"]);
        let header = |now| jar.header(&url("http://a.ru/"), None, &Given::default(), now);
        assert_eq!(header(NOW + time::Duration::seconds(59)), Some("a=1".to_owned()));
        assert_eq!(header(NOW + time::Duration::seconds(60)), None);
    }

    #[test]
    fn an_export_imported_again_behaves_the_same() {
        let original =
            jar("https://www.a.ru:8443/x/y", &["h=1", "d=2; Domain=a.ru; Path=/; Secure; Max-Age=60"]);
        let exported = original.export(NOW);
        assert_eq!(exported.nested().len(), 2);
        assert_eq!((exported.list[0].expires, exported.list[0].port), (NEVER, Some(8443)));
        let again = Jar::import(&exported, NOW);
        for to in ["https://www.a.ru/x/z", "https://b.a.ru/", "http://www.a.ru/x/", "https://a.ru/"] {
            assert_eq!(sent(&original, to), sent(&again, to), "{to}");
        }
        assert_eq!(again.export(NOW), exported);
    }

    #[test]
    fn given_cookies_win_by_name_and_a_written_header_before_all() {
        let jar = jar("http://a.ru/", &["a=jar", "b=jar", "c=jar"]);
        let given = |name: &str, domain: Option<&str>| GivenCookie {
            name: name.into(),
            value: "given".into(),
            domain: domain.map(str::to_owned),
            ..GivenCookie::default()
        };
        let given =
            Given::new(&[given("b", None), given("x", Some("other.ru"))], &url("http://a.ru/")).unwrap();
        assert_eq!(
            jar.header(&url("http://a.ru/"), Some("c=written"), &given, NOW).unwrap(),
            "c=written; b=given; a=jar"
        );
        assert_eq!(jar.header(&url("http://www.other.ru/"), None, &given, NOW).unwrap(), "x=given");
    }

    #[test]
    fn given_cookies_that_would_break_the_header_are_refused() {
        for (name, value) in [("a\r\nX: y", "1"), ("a", "1;b=2"), ("", "1"), ("a=b", "1")] {
            let cookie = GivenCookie { name: name.into(), value: value.into(), ..GivenCookie::default() };
            assert_eq!(Given::new(&[cookie], &url("http://a.ru/")).err(), Some(name.to_owned()));
        }
    }

    #[test]
    fn one_domain_cannot_fill_the_jar() {
        let mut jar = Jar::new();
        for index in 0..500 {
            jar.receive([format!("n{index}=1").as_str()].into_iter(), &url("http://a.ru/"), NOW);
        }
        assert_eq!(jar.len(), MOST_PER_DOMAIN);
    }
}
