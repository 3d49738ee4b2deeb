//! Reading a `Set-Cookie` value by the algorithm of RFC 6265 section 5.2. Decides nothing about the host: that is the
//! jar's.

use time::{Duration, OffsetDateTime};

use crate::engine::date::cookie_date;

/// Largest name and value together; larger cookies are ignored, as browsers do.
const LARGEST: usize = 4096;

/// Largest attribute value; a larger one is ignored.
const LARGEST_ATTRIBUTE: usize = 1024;

/// What a `Set-Cookie` value says.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// Name, never empty.
    pub name: String,
    /// Value as written, quotes included.
    pub value: String,
    /// Domain attribute without its leading dot, lower case.
    pub domain: Option<String>,
    /// Path attribute, when it starts with `/`.
    pub path: Option<String>,
    /// Expiry by Max-Age, else by Expires.
    pub expires: Option<OffsetDateTime>,
    /// Secure attribute.
    pub secure: bool,
    /// `HttpOnly` attribute.
    pub http_only: bool,
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=***", self.name)
    }
}

/// Reads one `Set-Cookie` value. `None`: the value is to be ignored.
#[must_use]
pub fn parse(text: &str, now: OffsetDateTime) -> Option<SetCookie> {
    // A control character ends nothing and belongs nowhere (6265bis section 5.6 step 1).
    if text.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return None;
    }
    let mut pieces = text.split(';');
    let (name, value) = pieces.next()?.split_once('=')?;
    let (name, value) = (trim(name), trim(value));
    if name.is_empty() || name.len() + value.len() > LARGEST {
        return None;
    }
    let mut cookie = SetCookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: None,
        path: None,
        expires: None,
        secure: false,
        http_only: false,
    };
    let (mut max_age, mut expires) = (None, None);
    for piece in pieces {
        let (attribute, value) = piece.split_once('=').unwrap_or((piece, ""));
        let value = trim(value);
        if value.len() > LARGEST_ATTRIBUTE {
            continue;
        }
        match trim(attribute).to_ascii_lowercase().as_str() {
            "expires" => expires = cookie_date(value).or(expires),
            "max-age" => max_age = seconds(value).or(max_age),
            "domain" => {
                let domain = value.strip_prefix('.').unwrap_or(value).to_lowercase();
                // An empty one is ignored (section 5.2.3).
                cookie.domain = Some(domain).filter(|domain| !domain.is_empty()).or(cookie.domain);
            }
            "path" => cookie.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            _ => {}
        }
    }
    cookie.expires = match max_age {
        Some(age) if age <= 0 => Some(OffsetDateTime::UNIX_EPOCH),
        Some(age) => Some(now.checked_add(Duration::seconds(age)).unwrap_or(super::NEVER).min(super::NEVER)),
        None => expires.map(|at| at.min(super::NEVER)),
    };
    Some(cookie)
}

/// Max-Age: digits, possibly negative; a number too large is as good as never.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { -1 } else { i64::MAX }))
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2024-01-01 0:00 UTC);

    #[test]
    fn value_keeps_equals_signs_and_quotes_and_attributes_are_apart() {
        let cookie =
            parse(" a = \"x=1==\" ; PATH=/p;Domain=.Example.COM; secure; HttpOnly; x=y", NOW).unwrap();
        assert_eq!((&*cookie.name, &*cookie.value), ("a", "\"x=1==\""));
        assert_eq!((cookie.domain.as_deref(), cookie.path.as_deref()), (Some("example.com"), Some("/p")));
        assert!(cookie.secure && cookie.http_only);
    }

    #[test]
    fn max_age_wins_over_expires_and_zero_means_gone() {
        let expires = |text: &str| parse(text, NOW).unwrap().expires;
        assert_eq!(
            expires("a=1; Max-Age=60; Expires=Wed, 09 Jun 2021 10:18:14 GMT"),
            Some(datetime!(2024-01-01 0:01 UTC))
        );
        assert_eq!(expires("a=1; Max-Age=0"), Some(OffsetDateTime::UNIX_EPOCH));
        assert_eq!(expires("a=1; Max-Age=99999999999999999999"), Some(crate::engine::cookies::NEVER));
        assert_eq!(
            expires("a=1; Max-Age=x; Expires=Wed, 09 Jun 2021 10:18:14 GMT"),
            Some(datetime!(2021-06-09 10:18:14 UTC))
        );
        assert_eq!(expires("a=1; Expires=nonsense"), None);
    }

    #[test]
    fn nameless_oversized_and_control_characters_are_ignored() {
        for text in ["", "novalue", "=v", "a=\u{0}b", &format!("a={}", "x".repeat(4096))] {
            assert!(parse(text, NOW).is_none(), "{text:?}");
        }
    }
}
