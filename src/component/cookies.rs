//! Cookies as callers see them: the nested form domain - path - name - cookie, with keys in either language.

use serde_json::{Map, Value, json};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::abi::Language;
use crate::engine::cookies::{Cookies, GivenCookie, NEVER, StoredCookie};

use super::options::keys::{COOKIE, Id};

/// One cookie as the options give it.
#[derive(Clone, Default)]
pub(super) struct CookieText {
    pub(super) name: String,
    pub(super) value: String,
    /// `None`: the host of the request.
    pub(super) domain: Option<String>,
    /// Whether it came in the nested form, where a domain without a leading dot is one host alone.
    pub(super) nested: bool,
    /// `None`: `/`.
    pub(super) path: Option<String>,
    /// Kept for the caller, never used for matching.
    pub(super) port: Option<u16>,
    /// `None`: none.
    pub(super) expires: Option<OffsetDateTime>,
    pub(super) secure: bool,
}

/// For one request.
pub(super) fn given(cookie: &CookieText) -> GivenCookie {
    GivenCookie {
        name: cookie.name.clone(),
        value: cookie.value.clone(),
        host_only: cookie.nested && cookie.domain.as_ref().is_some_and(|domain| !domain.starts_with('.')),
        domain: cookie.domain.clone(),
        path: cookie.path.clone(),
        expires: cookie.expires,
        secure: cookie.secure,
    }
}

/// For the store of a session; the domain must be known there.
pub(super) fn stored(cookie: &CookieText) -> Option<StoredCookie> {
    Some(StoredCookie {
        name: cookie.name.clone(),
        value: cookie.value.clone(),
        domain: cookie.domain.clone()?,
        path: cookie.path.clone().unwrap_or_else(|| "/".to_owned()),
        port: cookie.port,
        expires: cookie.expires.unwrap_or(NEVER),
        secure: cookie.secure,
    })
}

/// Reads `YYYY-MM-DD[Thh:mm:ss[Z]]` in UTC. The first outer `None`: not a date. The year 3999, which callers write
/// for "never", and later ones are the inner `None`.
pub(super) fn moment(text: &str) -> Option<Option<OffsetDateTime>> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut date = date.splitn(3, '-').map(str::parse::<u16>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':').map(str::parse::<u8>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(Some(PrimitiveDateTime::new(date, time).assume_utc()).filter(|at| *at < NEVER))
}

fn moment_text(at: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The nested form as JSON.
pub(super) fn nested(cookies: &Cookies, language: Language) -> Value {
    let mut domains = Map::new();
    for (domain, paths) in cookies.nested() {
        let mut by_path = Map::new();
        for (path, cookies) in paths {
            let names = cookies.iter().map(|cookie| (cookie.name.clone(), one(cookie, language)));
            by_path.insert(path.to_owned(), Value::Object(names.collect()));
        }
        domains.insert(domain.to_owned(), Value::Object(by_path));
    }
    Value::Object(domains)
}

fn one(cookie: &StoredCookie, language: Language) -> Value {
    let mut object = Map::new();
    for key in COOKIE {
        let value = match key.id {
            Id::CookieName => json!(cookie.name),
            Id::CookieValue => json!(cookie.value),
            Id::Domain => json!(cookie.domain),
            Id::Path => json!(cookie.path),
            Id::Port => json!(cookie.port),
            Id::Expires => json!(moment_text(cookie.expires)),
            Id::Secure => json!(cookie.secure.then_some(true)),
            _ => continue,
        };
        let name = if language == Language::Russian { key.russian } else { key.english };
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_and_write_the_same_text() {
        let text = "2031-02-03T04:05:06";
        assert_eq!(moment(text).flatten().map(moment_text).as_deref(), Some(text));
        assert_eq!(moment("1970-01-02").flatten().map(OffsetDateTime::unix_timestamp), Some(86_400));
        assert_eq!(moment("2031-02-30T00:00:00"), None);
        assert_eq!(moment("tomorrow"), None);
        assert_eq!(moment(&moment_text(NEVER)), Some(None));
    }
}
