//! What a Digest challenge asks for, and which of several is answered: the strongest this side can do, the server's
//! order among equals (RFC 7616 section 3.7). Basic is never an answer to Digest credentials.

use crate::engine::auth::challenge::Challenge;

use super::hash::Algorithm;

/// URIs read of `domain`.
const MOST_ROOTS: usize = 64;

/// A challenge that can be answered.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) opaque: Option<String>,
    pub(super) algorithm: Algorithm,
    /// The name of the algorithm as the server wrote it.
    pub(super) algorithm_name: Option<String>,
    pub(super) protection: Protection,
    /// The user name goes as a hash.
    pub(super) user_hash: bool,
    /// The server says that names are UTF-8, so it is one of RFC 7616.
    pub(super) utf8: bool,
    /// The nonce was too old and nothing else was wrong.
    pub(super) stale: bool,
    domain: String,
}

/// What the response covers (`qop`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// As in RFC 2069, where there was no such choice.
    Unsaid,
    /// Method and target.
    Auth,
    /// The body too.
    AuthInt,
}

impl Asked {
    /// The best of those that can be answered.
    pub(super) fn best(challenges: &[Challenge]) -> Option<Self> {
        let mut best: Option<Self> = None;
        for asked in challenges.iter().filter_map(Self::read) {
            if best.as_ref().is_none_or(|best| asked.algorithm.strength() > best.algorithm.strength()) {
                best = Some(asked);
            }
        }
        best
    }

    fn read(challenge: &Challenge) -> Option<Self> {
        if !challenge.is("Digest") {
            return None;
        }
        let text = |name| challenge.get(name).map(str::to_owned);
        let says = |name, word| challenge.get(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
        let algorithm_name = text("algorithm").filter(|name| !name.is_empty());
        Some(Self {
            realm: text("realm").unwrap_or_default(),
            nonce: text("nonce")?,
            opaque: text("opaque"),
            algorithm: Algorithm::named(algorithm_name.as_deref())?,
            algorithm_name,
            protection: Protection::offered(challenge.get("qop"))?,
            user_hash: says("userhash", "true"),
            utf8: says("charset", "utf-8"),
            stale: says("stale", "true"),
            domain: text("domain").unwrap_or_default(),
        })
    }

    /// Paths at `origin` under which the same credentials are expected (RFC 7616 section 3.3, `domain`); empty:
    /// everywhere there. URIs of other origins are left out: credentials are for one.
    pub(super) fn roots(&self, origin: &str) -> Vec<String> {
        let of = |uri: &str| {
            if uri.starts_with('/') && !uri.starts_with("//") {
                return Some(uri.to_owned());
            }
            let url = url::Url::parse(uri).ok()?;
            (crate::engine::url::origin(&url) == origin).then(|| url.path().to_owned())
        };
        let named: Vec<&str> = self.domain.split_ascii_whitespace().take(MOST_ROOTS).collect();
        let roots: Vec<String> = named.iter().filter_map(|uri| of(uri)).collect();
        if roots.is_empty() && !named.is_empty() {
            // Other origins alone: there is no path here.
            return vec![String::new()];
        }
        roots
    }
}

impl Protection {
    /// `auth` where it is offered: it is what every server does. `None`: nothing known is.
    fn offered(list: Option<&str>) -> Option<Self> {
        let list = list.unwrap_or_default();
        let has = |word: &str| {
            list.split([',', ' ', '\t']).any(|offered| offered.trim().eq_ignore_ascii_case(word))
        };
        if has("auth") {
            Some(Self::Auth)
        } else if has("auth-int") {
            Some(Self::AuthInt)
        } else if list.trim().is_empty() {
            Some(Self::Unsaid)
        } else {
            None
        }
    }

    /// The word of the answer.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Unsaid => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::auth::Side;
    use crate::engine::auth::challenge::challenges;
    use crate::engine::exchange::Head;

    fn best(values: &[&str]) -> Option<Asked> {
        let headers = values.iter().map(|value| ("WWW-Authenticate", *value)).collect();
        Asked::best(&challenges(&Head { status: 401, headers, ..Head::default() }, Side::Origin))
    }

    #[test]
    fn the_strongest_known_challenge_is_answered_and_the_first_among_equals() {
        let nonce = |values: &[&str]| best(values).map(|asked| asked.nonce);
        let all = [
            "Basic realm=\"b\", Digest realm=\"r\", nonce=\"md5\"",
            "Digest nonce=\"no\", algorithm=SHA-3",
            "Digest nonce=\"256\", algorithm=SHA-256, Digest nonce=\"second\", algorithm=sha-256-SESS",
        ];
        assert_eq!(nonce(&all).as_deref(), Some("256"));
        assert_eq!(nonce(&["Digest nonce=a,algorithm=\"SHA-512-256\"", all[2]]).as_deref(), Some("a"));
        assert_eq!(nonce(&all[..2]).as_deref(), Some("md5"));
        for nothing in
            ["Basic realm=\"x\"", "Digest realm=\"x\"", "Digest nonce=a, qop=\"auth-conf\"", all[1]]
        {
            assert!(nonce(&[nothing]).is_none(), "{nothing}");
        }
    }

    #[test]
    fn auth_is_preferred_to_auth_int_and_no_choice_is_the_old_form() {
        let protection = |qop: &str| best(&[&format!("Digest nonce=n{qop}")]).unwrap().protection;
        assert_eq!(protection(", qop=\"auth-int,AUTH\""), Protection::Auth);
        assert_eq!(protection(", qop=\"auth-int , auth-conf\""), Protection::AuthInt);
        assert_eq!(protection(", qop=auth"), Protection::Auth);
        assert_eq!((protection(""), protection(", qop=\"\"")), (Protection::Unsaid, Protection::Unsaid));
    }

    #[test]
    fn domain_counts_for_its_own_origin_only() {
        let roots = |domain: &str| {
            best(&[&format!("Digest nonce=n, domain=\"{domain}\"")]).unwrap().roots("http://h:80")
        };
        assert!(roots("").is_empty());
        assert_eq!(roots("/a http://h/b/ http://h:81/c https://h/d //g/e x"), ["/a", "/b/"]);
        assert_eq!(roots("http://g/"), [""]);
    }
}
