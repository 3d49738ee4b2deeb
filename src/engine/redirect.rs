//! What a redirect means: whether to follow, where to, with which method, and what must not go along. RFC 9110
//! section 15.4 with the method rules of the fetch standard; secrets stay with the origin they were written for.

use super::exchange::Head;
use super::headers::Headers;
use super::request::Redirects;
use super::url::{BadTarget, WebUrl};

/// A redirect to follow.
#[derive(Debug, Clone)]
pub(crate) struct Next {
    pub(crate) url: WebUrl,
    /// The method of the next request.
    pub(crate) method: String,
    /// Whether the body and the headers that describe it go along.
    pub(crate) with_body: bool,
    /// Whether credentials, cookies written by hand and other secrets go along.
    pub(crate) with_secrets: bool,
}

/// Why a redirect is refused: a stable word and the target, as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) problem: &'static str,
    pub(crate) location: String,
}

/// Header fields that describe a body; they leave with it.
const BODY_HEADERS: &[&str] = &[
    "content-length",
    "content-type",
    "content-encoding",
    "content-language",
    "content-location",
    "content-md5",
    "content-range",
    "content-disposition",
    "digest",
    "content-digest",
    "repr-digest",
    "transfer-encoding",
    "trailer",
    "expect",
];

/// Header fields that belong to one origin, besides those [`is_secret`] knows by a part of their name.
const ORIGIN_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "host",
    "x-auth",
    "x-auth-key",
    "x-auth-user",
    "x-auth-email",
    "x-authorization",
    "x-session-id",
    "x-functions-key",
    "ocp-apim-subscription-key",
    "x-client-key",
    "x-access-key",
    "access-key",
    "client-id",
    "x-signature",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-hub-signature",
    "x-hub-signature-256",
    "x-goog-signature",
    "x-license-key",
    "x-user-key",
];

/// Parts of a name that say the value is a secret: `X-Api-Key`, `X-Auth-Token`, `X-Amz-Security-Token`,
/// `Private-Token`, `X-Vault-Token`, `X-CSRF-Token`, `X-Client-Secret` and their like.
const SECRET_PARTS: &[&str] = &[
    "token",
    "secret",
    "passw",
    "api-key",
    "apikey",
    "api_key",
    "credential",
    "authorization",
    "signature",
    "session",
    "x-auth",
    "jwt",
    "assertion",
    "access-key",
    "accesskey",
    "access_key",
    "private-key",
];

/// What the head of a response to `method url` asks for. `None`: the response is final.
pub(crate) fn next(
    policy: &Redirects,
    method: &str,
    url: &WebUrl,
    head: &Head,
) -> Result<Option<Next>, Refused> {
    if !policy.follow || !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) =
        head.headers.first("location").map(str::trim).filter(|location| !location.is_empty())
    else {
        return Ok(None);
    };
    let refused = |problem, location| Refused { problem, location };
    let target = url.resolve(location).map_err(|bad| {
        let problem = if bad == BadTarget::Scheme { "scheme" } else { "location" };
        refused(problem, super::redact::written(location))
    })?;
    if url.is_secure() && !target.is_secure() && !policy.allow_downgrade {
        return Err(refused("downgrade", target.shown()));
    }
    let becomes_get = match head.status {
        301 => method == "POST" && !policy.keep_method_on_301,
        302 => method == "POST",
        303 => !matches!(method, "GET" | "HEAD"),
        _ => false,
    };
    Ok(Some(Next {
        method: if becomes_get { "GET".to_owned() } else { method.to_owned() },
        with_body: !becomes_get,
        with_secrets: url.same_origin(&target) || url.upgrades_to(&target),
        url: target,
    }))
}

/// Removes from the headers of a request what does not go along with `next`.
pub(crate) fn strip(headers: &mut Headers, next: &Next) {
    let leaves = |name: &str| {
        let is_one_of = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
        (!next.with_body && is_one_of(BODY_HEADERS))
            || (!next.with_secrets && (is_one_of(ORIGIN_HEADERS) || is_secret(name)))
    };
    let names: Vec<String> =
        headers.iter().map(|(name, _)| name).filter(|name| leaves(name)).map(str::to_owned).collect();
    for name in names {
        headers.remove(&name);
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn head(status: u16, location: Option<&str>) -> Head {
        Head { status, headers: location.map(|l| ("Location", l)).into_iter().collect(), ..Head::default() }
    }

    fn follow(from: &str, method: &str, status: u16, location: &str) -> Result<Option<Next>, Refused> {
        next(&Redirects::default(), method, &WebUrl::parse(from).unwrap(), &head(status, Some(location)))
    }

    #[test]
    fn methods_change_as_in_fetch() {
        for (method, status, becomes) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("PUT", 302, "PUT"),
            ("DELETE", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("HEAD", 301, "HEAD"),
            ("POST", 307, "POST"),
            ("PATCH", 308, "PATCH"),
        ] {
            let next = follow("http://h/", method, status, "/x").unwrap().unwrap();
            assert_eq!(
                (next.method.as_str(), next.with_body),
                (becomes, becomes == method),
                "{method} {status}"
            );
        }
    }

    #[test]
    fn a_post_stays_one_on_301_only_when_asked() {
        let policy = Redirects { keep_method_on_301: true, ..Redirects::default() };
        let url = WebUrl::parse("http://h/").unwrap();
        for (status, method) in [(301, "POST"), (302, "GET"), (303, "GET")] {
            let next = next(&policy, "POST", &url, &head(status, Some("/x"))).unwrap().unwrap();
            assert_eq!((next.method.as_str(), next.with_body), (method, method == "POST"), "{status}");
        }
    }

    #[test]
    fn a_response_is_final_without_location_with_another_status_or_when_not_following() {
        assert!(follow("http://h/", "GET", 304, "/x").unwrap().is_none());
        assert!(follow("http://h/", "GET", 300, "/x").unwrap().is_none());
        assert!(follow("http://h/", "GET", 302, " ").unwrap().is_none());
        let url = WebUrl::parse("http://h/").unwrap();
        assert!(next(&Redirects::default(), "GET", &url, &head(302, None)).unwrap().is_none());
        let off = Redirects { follow: false, ..Redirects::default() };
        assert!(next(&off, "GET", &url, &head(302, Some("/x"))).unwrap().is_none());
    }

    #[test]
    fn bad_targets_and_downgrades_are_refused_without_showing_secrets() {
        let refused = |from: &str, to: &str| follow(from, "GET", 302, to).unwrap_err();
        assert_eq!(
            refused("http://h/", "ftp://u:p@x/"),
            Refused { problem: "scheme", location: "ftp://x/".into() }
        );
        assert_eq!(
            refused("http://h/", "http://u:p@[x/"),
            Refused { problem: "location", location: "http://[x/".into() }
        );
        assert_eq!(
            refused("https://h/", "http://u:p@h/a?token=1"),
            Refused { problem: "downgrade", location: "http://h/a?token=***".into() }
        );
        let allowed = Redirects { allow_downgrade: true, ..Redirects::default() };
        let url = WebUrl::parse("https://h/").unwrap();
        assert!(!next(&allowed, "GET", &url, &head(302, Some("http://h/"))).unwrap().unwrap().with_secrets);
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        let keeps = |from: &str, to: &str| follow(from, "GET", 302, to).unwrap().unwrap().with_secrets;
        assert!(keeps("https://h/", "https://h:443/x"));
        assert!(keeps("http://h/", "https://h/x"));
        assert!(!keeps("https://h/", "https://g/x"));
        assert!(!keeps("http://h/", "http://h:8080/"));
        assert!(!keeps("http://h:8080/", "https://h/"));
        assert!(!keeps("https://a.h/", "https://b.h/"));
    }

    #[test]
    fn stripping_removes_secrets_on_another_origin_and_body_headers_with_the_body() {
        let all = [
            "Accept",
            "Authorization",
            "Cookie",
            "X-Api-Key",
            "x-auth-token",
            "X-Amz-Security-Token",
            "Private-Token",
            "Host",
            "Content-Type",
            "Content-Encoding",
            "X-Request-Id",
            "Proxy-Authorization",
            "Ocp-Apim-Subscription-Key",
            "X-Session",
            "Signature-Input",
            "X-JWT-Payload",
            "X-Auth-Client",
            "X-MBX-AccessKey",
        ];
        let left = |with_body, with_secrets| {
            let mut headers: Headers = all.iter().map(|name| (*name, "v")).collect();
            let url = WebUrl::parse("http://h/").unwrap();
            strip(&mut headers, &Next { url, method: "GET".into(), with_body, with_secrets });
            headers.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(left(true, true), all);
        assert_eq!(left(true, false), ["Accept", "Content-Type", "Content-Encoding", "X-Request-Id"]);
        assert_eq!(left(false, false), ["Accept", "X-Request-Id"]);
    }
}
