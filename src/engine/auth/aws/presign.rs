//! Signing a request in its query: a URL that lets whoever has it make one request for a while. The body is not signed.

use time::OffsetDateTime;
use url::Url;

use crate::engine::auth::Aws;
use crate::engine::digest::{Hash, hmac};
use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::headers::is_token_byte;
use crate::engine::hex;

use super::canonical::escaped;
use super::sign::{Scope, check, host_of, timestamp};
use super::{Canonical, Draft, PathRule, SCHEME, UNSIGNED};

/// Longest validity of a presigned URL: seven days, in seconds.
pub const LONGEST_VALIDITY: u32 = 604_800;

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Names this signing writes itself.
const OWN: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

/// The URL with a signature in its query, good for one method and `seconds` (1 to [`LONGEST_VALIDITY`]) from `now`. Its
/// own query is kept but for an earlier signature; user information and fragment are dropped. For S3 the body is not
/// signed; for other services it has to be empty.
///
/// # Errors
/// [`ErrorKind::Authentication`] with `no-credentials`, [`ErrorKind::InvalidRequest`] for keys, a method or a number
/// of seconds that cannot be signed.
pub fn presign(aws: &Aws, method: &str, url: &Url, seconds: u32, now: OffsetDateTime) -> Result<Url> {
    check(aws)?;
    if method.is_empty() || !method.bytes().all(is_token_byte) {
        return Err(invalid("method", "", "token"));
    }
    if !(1..=LONGEST_VALIDITY).contains(&seconds) {
        return Err(invalid("presign", "seconds", "range"));
    }
    let mut signed = url.clone();
    // Fails only for URLs without a host, which have no user information.
    let _ = signed.set_username("");
    let _ = signed.set_password(None);
    signed.set_fragment(None);
    let host = host_of(url);
    let rule = PathRule::of(&aws.service);
    let query = unsigned(url.query().unwrap_or_default());
    let draft = Draft {
        method,
        path: url.path(),
        query: &query,
        headers: &[("host", &host)],
        payload: if rule == PathRule::Object { UNSIGNED } else { EMPTY },
        rule,
    };
    signed.set_query(Some(&sign_query(aws, &draft, seconds, &timestamp(now)).query));
    Ok(signed)
}

/// A request signed in its query. Its `Debug` shows nothing of it.
pub struct SignedQuery {
    /// What was signed.
    pub canonical: Canonical,
    /// The text the signature is of.
    pub string_to_sign: String,
    /// The signature, 64 hexadecimal digits.
    pub signature: String,
    /// The whole query, signature included.
    pub query: String,
}

/// Signs a request in its query, at a time written as [`timestamp`] does. For callers that choose the signed fields
/// themselves; the plain way is [`presign`].
#[must_use]
pub fn sign_query(aws: &Aws, draft: &Draft<'_>, seconds: u32, time: &str) -> SignedQuery {
    let scope = Scope::new(aws, time);
    let mut pairs = vec![
        format!("X-Amz-Algorithm={SCHEME}"),
        format!("X-Amz-Credential={}", escaped(&scope.credential())),
        format!("X-Amz-Date={time}"),
        format!("X-Amz-SignedHeaders={}", escaped(&draft.canonical().signed)),
        format!("X-Amz-Expires={seconds}"),
    ];
    if let Some(token) = aws.session_token.as_ref().filter(|token| !token.is_empty()) {
        pairs.push(format!("X-Amz-Security-Token={}", escaped(token)));
    }
    if !draft.query.is_empty() {
        pairs.insert(0, draft.query.to_owned());
    }
    let mut query = pairs.join("&");
    let canonical = Draft { query: &query, ..*draft }.canonical();
    let string_to_sign = scope.string_to_sign(&canonical);
    let signature = hex::digits(&hmac(Hash::Sha256, &scope.key(), string_to_sign.as_bytes()));
    query.push_str("&X-Amz-Signature=");
    query.push_str(&signature);
    SignedQuery { canonical, string_to_sign, signature, query }
}

impl std::fmt::Debug for SignedQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedQuery({:?})", self.canonical)
    }
}

/// The query without an earlier signature.
fn unsigned(query: &str) -> String {
    let is_own = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
    };
    query.split('&').filter(|pair| !is_own(pair)).collect::<Vec<_>>().join("&")
}

fn invalid(part: &'static str, name: &str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest { part, name: name.to_owned(), problem }, Phase::Prepare)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn keys() -> Aws {
        Aws {
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".into(),
            service: "s3".into(),
            ..Aws::default()
        }
    }

    fn signed(aws: &Aws, url: &str) -> Url {
        presign(aws, "GET", &Url::parse(url).unwrap(), 86_400, datetime!(2013-05-24 0:00 UTC)).unwrap()
    }

    fn value(url: &Url, name: &str) -> Option<String> {
        url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    #[test]
    fn the_example_of_the_s3_reference_has_its_signature() {
        let url = signed(&keys(), "https://examplebucket.s3.amazonaws.com/test.txt");
        assert_eq!(
            url.as_str(),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=86400&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn the_query_stays_and_user_fragment_and_an_earlier_signature_go() {
        let first = signed(&keys(), "https://u:p@h:444/a%20b?versionId=a+b&acl#part");
        assert!(
            first.as_str().starts_with("https://h:444/a%20b?versionId=a+b&acl&X-Amz-Algorithm="),
            "{first}"
        );
        assert!(!first.as_str().contains('#'));
        assert_eq!(signed(&keys(), first.as_str()), first, "signed again, it is the same");
    }

    #[test]
    fn port_method_time_and_session_token_are_signed() {
        let url = Url::parse("https://h/a").unwrap();
        let now = datetime!(2013-05-24 0:00 UTC);
        let with_port = Url::parse("https://h:444/a").unwrap();
        let token = Aws { session_token: Some("t/+=".into()), ..keys() };
        let made = [
            presign(&keys(), "GET", &url, 60, now).unwrap(),
            presign(&keys(), "PUT", &url, 60, now).unwrap(),
            presign(&keys(), "GET", &url, 61, now).unwrap(),
            presign(&keys(), "GET", &url, 60, now + time::Duration::SECOND).unwrap(),
            presign(&keys(), "GET", &with_port, 60, now).unwrap(),
            presign(&token, "GET", &url, 60, now).unwrap(),
        ];
        assert!(made[5].as_str().contains("&X-Amz-Security-Token=t%2F%2B%3D&"));
        let mut signatures: Vec<_> = made.iter().map(|url| value(url, "X-Amz-Signature").unwrap()).collect();
        signatures.sort();
        signatures.dedup();
        assert_eq!(signatures.len(), made.len());
    }

    #[test]
    fn what_cannot_be_signed_is_refused() {
        let url = Url::parse("https://h/").unwrap();
        let now = datetime!(2013-05-24 0:00 UTC);
        for seconds in [0, LONGEST_VALIDITY + 1] {
            let error = presign(&keys(), "GET", &url, seconds, now).unwrap_err();
            assert!(
                matches!(error.kind, ErrorKind::InvalidRequest { part: "presign", problem: "range", .. }),
                "{error:?}"
            );
        }
        assert!(presign(&keys(), "GET", &url, LONGEST_VALIDITY, now).is_ok());
        let error = presign(&keys(), "G\nT", &url, 1, now).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "method", .. }), "{error:?}");
        let error = presign(&Aws::default(), "GET", &url, 1, now).unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Authentication { problem: "no-credentials", .. }),
            "{error:?}"
        );
    }
}
