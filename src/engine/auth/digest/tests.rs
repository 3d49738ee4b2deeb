#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

use time::OffsetDateTime;
use url::Url;

use super::super::challenge::Challenge;
use super::*;
use crate::engine::body::{Body, Segment};
use crate::engine::error::{Error, ErrorKind, Phase};
use crate::engine::headers::Headers;

const BOOK: &str = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

/// Parameters of a value of `Authorization`.
fn parts(value: &str) -> Challenge {
    let headers = [("WWW-Authenticate", value)].into_iter().collect();
    let mut list = challenges(&Head { headers, ..Head::default() }, Side::Origin);
    assert_eq!(list.len(), 1, "{value}");
    list.pop().unwrap()
}

fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    Head { status, headers: headers.iter().copied().collect(), ..Head::default() }
}

fn asked(challenge: &str) -> Head {
    head(401, &[("WWW-Authenticate", challenge)])
}

fn value_with(digest: &mut Digest, url: &str, body: &Body<'_>) -> Result<Option<Challenge>> {
    let url = Url::parse(url).unwrap();
    let target = &url[url::Position::BeforePath..];
    let headers = Headers::new();
    let now = OffsetDateTime::UNIX_EPOCH;
    let ask = Ask { method: "PUT", url: &url, target, headers: &headers, body, now, fetch: None };
    Ok(digest.value(&ask)?.map(|value| parts(&value)))
}

fn value(digest: &mut Digest, url: &str) -> Option<Challenge> {
    value_with(digest, url, &Body::none()).unwrap()
}

fn origin(memory: &Arc<Memory>) -> Digest {
    Digest::with_origin("Иван", "пароль", "http://h:80", memory)
}

#[test]
fn the_examples_of_rfc_7616_come_out() {
    let answer = |algorithm: &str| {
        let challenge = format!("Digest {BOOK}, algorithm={algorithm}");
        let who = ("Mufasa", "Circle of Life");
        digest_answer(&challenge, who, ("GET", "/dir/index.html"), b"", CNONCE).unwrap()
    };
    let (md5, sha) = (parts(&answer("MD5")), parts(&answer("SHA-256")));
    assert_eq!(md5.get("response"), Some("8ca523f5e9506fed4657c9700eebdbec"));
    let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    assert_eq!(sha.get("response"), Some(expected));
    let fields =
        ["username", "uri", "qop", "nc", "cnonce", "algorithm", "userhash"].map(|name| sha.get(name));
    let wanted = ["Mufasa", "/dir/index.html", "auth", "00000001", CNONCE, "SHA-256"].map(Some);
    assert_eq!(fields[..6], wanted);
    assert_eq!(fields[6], None);
    assert_eq!(sha.get("opaque"), Some("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"));
}

#[test]
fn the_example_with_a_hashed_user_name_comes_out() {
    // RFC 7616 section 3.9.2 with erratum 4897.
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, charset=UTF-8, \
        nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\"";
    let answer = |challenge: &str| {
        let who = ("Jäsøn Doe", "Secret, or not?");
        digest_answer(
            challenge,
            who,
            ("GET", "/doe.json"),
            b"",
            "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        )
        .unwrap()
    };
    let hashed = parts(&answer(&format!("{challenge}, userhash=true")));
    let response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
    let user = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
    assert_eq!(
        (hashed.get("username"), hashed.get("response"), hashed.get("userhash")),
        (Some(user), Some(response), Some("true"))
    );
    let extended = parts(&answer(challenge));
    assert_eq!(
        (extended.get("username*"), extended.get("username"), extended.get("response")),
        (Some("UTF-8''J%C3%A4s%C3%B8n%20Doe"), None, Some(response))
    );
}

#[test]
fn names_with_quotes_go_escaped_and_are_hashed_as_they_are() {
    // Expected values by another implementation of the formulas (Python's hashlib).
    let answer = |algorithm: &str| {
        let challenge = format!("Digest realm=\"место\",nonce=n1,qop=auth-int,algorithm={algorithm}-sess");
        digest_answer(&challenge, ("Иван \"В\\И\"", "пароль:1"), ("PUT", "/a?b=с"), "тело".as_bytes(), "c1")
    };
    let text = answer("MD5").unwrap();
    assert!(text.starts_with("Digest username=\"Иван \\\"В\\\\И\\\"\", realm=\"место\", "), "{text}");
    assert_eq!(parts(&text).get("response"), Some("548a014ebc661144a021800a795e3712"));
    assert_eq!(
        parts(&answer("SHA-256").unwrap()).get("response"),
        Some("154f7e6f2b25174ab553d1054be9becee53db64d99ecbc4243884591d6ac4080")
    );
    let control = digest_answer("Digest nonce=n", ("a\tb\n", "p"), ("GET", "/"), b"", "c").unwrap();
    assert!(control.starts_with("Digest username*=UTF-8''a%09b%0A, "), "{control}");
}

#[test]
fn the_old_form_without_qop_has_neither_count_nor_nonce() {
    let answer = parts(&digest_answer("Digest nonce=n", ("u", "p"), ("GET", "/"), b"", "c").unwrap());
    assert_eq!(["nc", "cnonce", "qop", "opaque", "algorithm"].map(|name| answer.get(name)), [None; 5]);
    assert_eq!(answer.get("realm"), Some(""));
    assert_eq!(digest_answer("Basic realm=\"x\"", ("u", "p"), ("GET", "/"), b"", "c"), None);
}

#[test]
fn wrong_credentials_are_tried_once() {
    let mut digest = origin(&Arc::default());
    assert!(value(&mut digest, "http://h/").is_none());
    assert!(digest.answers(&asked("Digest nonce=1")));
    assert!(!digest.answers(&asked("Basic realm=\"r\"")));
    assert!(!digest.answers(&head(403, &[("WWW-Authenticate", "Digest nonce=1")])));
    digest.challenged(&asked("Digest nonce=1")).unwrap();
    assert_eq!(value(&mut digest, "http://h/").unwrap().get("nonce"), Some("1"));
    assert!(!digest.answers(&asked("Digest nonce=2")));
    assert!(!digest.answers(&asked("Digest nonce=1, stale=true")), "the same nonce would not be fresher");
    digest.settled(&asked("Digest nonce=2"));
    assert!(value(&mut digest, "http://h/").is_none(), "what was refused is not remembered");
}

#[test]
fn stale_nonces_are_replaced_a_few_times() {
    let mut digest = origin(&Arc::default());
    assert!(value(&mut digest, "http://h/").is_none());
    digest.challenged(&asked("Digest nonce=0")).unwrap();
    for number in 1..=RENEWALS {
        let again = asked(&format!("Digest nonce={number}, stale=TRUE"));
        assert!(digest.answers(&again));
        digest.challenged(&again).unwrap();
        let sent = value(&mut digest, "http://h/").unwrap();
        assert_eq!(sent.get("nonce"), Some(number.to_string().as_str()));
    }
    assert!(!digest.answers(&asked("Digest nonce=x, stale=true")));
    digest.settled(&head(200, &[]));
    assert!(value(&mut digest, "http://h/").is_some());
    assert!(digest.answers(&asked("Digest nonce=x, stale=true")), "each request has its own tries");
}

#[test]
fn a_nonce_is_used_again_with_the_next_count_and_by_its_own_credentials_only() {
    let memory = Arc::default();
    let mut first = origin(&memory);
    assert!(value(&mut first, "https://h/a").is_none());
    first.challenged(&asked("Digest nonce=n,qop=auth")).unwrap();
    let sent = value(&mut first, "https://h/a").unwrap();
    first.settled(&head(204, &[]));
    let again = value(&mut origin(&memory), "https://h:443/b").unwrap();
    assert_eq!((again.get("nonce"), again.get("nc")), (Some("n"), Some("00000002")));
    assert_ne!(again.get("cnonce"), sent.get("cnonce"));
    for url in ["http://h/a", "https://g/a", "https://h:444/a"] {
        assert!(value(&mut origin(&memory), url).is_none(), "{url}");
    }
    for (user, password) in [("Иван", "другой"), ("Пётр", "пароль")] {
        assert!(
            value(&mut Digest::with_origin(user, password, "https://h:443", &memory), "https://h/a")
                .is_none()
        );
    }
    assert!(
        value(&mut Digest::with_proxy("Иван", "пароль", "https://h:443", &memory), "https://h/a").is_none()
    );
    let look = Arc::new(memory.copy());
    assert_eq!(value(&mut origin(&look), "https://h/").unwrap().get("nc"), Some("00000003"));
    assert_eq!(value(&mut origin(&memory), "https://h/").unwrap().get("nc"), Some("00000003"));
    // A remembered nonce that is refused is forgotten, and the credentials get another try.
    let mut last = origin(&memory);
    assert!(value(&mut last, "https://h/").is_some());
    assert!(last.answers(&asked("Digest nonce=m")));
    last.challenged(&asked("Digest nonce=m")).unwrap();
    assert!(value(&mut origin(&memory), "https://h/").is_none());
}

#[test]
fn spaces_are_found_by_their_longest_path() {
    let memory = Arc::default();
    for (nonce, domain) in [("all", ""), ("a", "/a"), ("ab", "/c/ /a/b http://h/d"), ("other", "http://g/")] {
        let mut digest = origin(&memory);
        let _ = value(&mut digest, "http://h/new");
        digest
            .challenged(&asked(&format!("Digest nonce={nonce}, realm={nonce}, domain=\"{domain}\"")))
            .unwrap();
        assert_eq!(value(&mut digest, "http://h/new").unwrap().get("nonce"), Some(nonce));
        digest.settled(&head(200, &[]));
    }
    for (path, nonce) in [
        ("/", "all"),
        ("/a", "a"),
        ("/a/x", "a"),
        ("/ab", "all"),
        ("/a/b", "ab"),
        ("/a/b/c", "ab"),
        ("/c/", "ab"),
        ("/c", "all"),
        ("/d", "ab"),
    ] {
        let sent = value(&mut origin(&memory), &format!("http://h{path}")).unwrap();
        assert_eq!(sent.get("nonce"), Some(nonce), "{path}");
    }
}

#[test]
fn the_server_names_the_next_nonce_if_it_knows_the_password() {
    let memory = Arc::default();
    let mut digest = origin(&memory);
    let _ = value(&mut digest, "http://h/a?b");
    digest.challenged(&asked("Digest nonce=n,qop=auth,realm=r")).unwrap();
    let sent = value(&mut digest, "http://h/a?b").unwrap();
    let md5 = hash::Algorithm::named(None).unwrap();
    let key = md5.of(&["Иван", "r", "пароль"]);
    let proof = md5.of(&[&key, "n", "00000001", sent.get("cnonce").unwrap(), "auth", &md5.of(&["", "/a?b"])]);
    let info = format!("rspauth=\"{proof}\", nextnonce=\"next\", qop=auth");
    digest.settled(&head(200, &[("Authentication-Info", &info)]));
    let sent = value(&mut digest, "http://h/c").unwrap();
    assert_eq!((sent.get("nonce"), sent.get("nc")), (Some("next"), Some("00000001")));
    let info = format!("rspauth=\"{proof}\", nextnonce=\"evil\"");
    digest.settled(&head(200, &[("authentication-info", &info)]));
    assert!(value(&mut digest, "http://h/c").is_none(), "the proof was of another answer");
}

#[test]
fn session_keys_are_made_once() {
    let memory = Arc::default();
    let mut digest = origin(&memory);
    let _ = value(&mut digest, "http://h/");
    digest.challenged(&asked("Digest nonce=n,qop=auth,realm=r,algorithm=MD5-sess")).unwrap();
    let first = value(&mut digest, "http://h/").unwrap();
    digest.settled(&head(200, &[("Authentication-Info", "nextnonce=m")]));
    let second = value(&mut digest, "http://h/").unwrap();
    let cnonce = first.get("cnonce").unwrap();
    let md5 = hash::Algorithm::named(None).unwrap();
    let key = md5.of(&[&md5.of(&["Иван", "r", "пароль"]), "n", cnonce]);
    let response = |nonce, count| md5.of(&[&key, nonce, count, cnonce, "auth", &md5.of(&["PUT", "/"])]);
    assert_eq!(first.get("response"), Some(response("n", "00000001").as_str()));
    assert_eq!(second.get("response"), Some(response("m", "00000001").as_str()));
}

#[test]
fn a_body_is_hashed_from_memory_and_from_files_as_it_is_sent() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let large: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
    file.write_all(&large).unwrap();
    let mut body = Body::bytes("начало".as_bytes());
    body.push(Segment::Shared(b"middle".to_vec().into()));
    body.push(Segment::File { path: file.path().to_owned(), length: 999_999 });
    let mut digest = origin(&Arc::default());
    let _ = value(&mut digest, "http://h/");
    digest.challenged(&asked("Digest nonce=n,qop=auth-int,realm=r,algorithm=SHA-256")).unwrap();
    let sent = value_with(&mut digest, "http://h/", &body).unwrap().unwrap();
    let sha = hash::Algorithm::named(Some("SHA-256")).unwrap();
    let mut whole = sha.hasher();
    [&b"\xd0\xbd\xd0\xb0\xd1\x87\xd0\xb0\xd0\xbb\xd0\xbemiddle"[..], &large[..999_999]]
        .iter()
        .for_each(|bytes| whole.update(bytes));
    let what = sha.of(&["PUT", "/", &whole.finish()]);
    let key = sha.of(&["Иван", "r", "пароль"]);
    let expected = sha.of(&[&key, "n", "00000001", sent.get("cnonce").unwrap(), "auth-int", &what]);
    assert_eq!((sent.get("qop"), sent.get("response")), (Some("auth-int"), Some(expected.as_str())));
    // Shorter than announced, and gone.
    file.as_file().set_len(10).unwrap();
    let error = value_with(&mut digest, "http://h/", &body).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::File { operation: "changed", .. }), "{error:?}");
    drop(file);
    let error = value_with(&mut digest, "http://h/", &body).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::File { operation: "open", .. }), "{error:?}");
}

#[test]
fn hashing_a_file_ends_when_the_request_does() {
    struct Over;
    impl super::super::Fetch for Over {
        fn post_form(
            &self,
            _: &str,
            _: Option<(&str, &str)>,
            _: &[(String, String)],
        ) -> Result<(u16, Vec<u8>)> {
            unreachable!("Digest fetches nothing")
        }

        fn check(&self) -> Result<()> {
            Err(Error::new(ErrorKind::Cancelled, Phase::Authentication))
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let mut body = Body::none();
    body.push(Segment::File { path: file.path().to_owned(), length: 1 << 40 });
    let mut digest = origin(&Arc::default());
    let _ = value(&mut digest, "http://h/");
    digest.challenged(&asked("Digest nonce=n,qop=auth-int")).unwrap();
    let (url, headers, now) = (Url::parse("http://h/").unwrap(), Headers::new(), OffsetDateTime::UNIX_EPOCH);
    let ask = Ask {
        method: "PUT",
        url: &url,
        target: "/",
        headers: &headers,
        body: &body,
        now,
        fetch: Some(&Over),
    };
    assert!(matches!(digest.value(&ask).err().unwrap().kind, ErrorKind::Cancelled));
}

#[test]
fn a_proxy_is_told_apart_from_an_origin() {
    let memory = Arc::default();
    let mut digest = Digest::with_proxy("u", "p", "http://proxy:3128", &memory);
    let (url, headers, body) = (Url::parse("https://h/").unwrap(), Headers::new(), Body::none());
    let now = OffsetDateTime::UNIX_EPOCH;
    let ask = Ask {
        method: "CONNECT",
        url: &url,
        target: "h:443",
        headers: &headers,
        body: &body,
        now,
        fetch: None,
    };
    assert!(digest.value(&ask).unwrap().is_none());
    let challenge = head(407, &[("Proxy-Authenticate", "Digest nonce=n,qop=auth,domain=\"/x\"")]);
    assert!(digest.answers(&challenge) && !digest.answers(&asked("Digest nonce=n")));
    digest.challenged(&challenge).unwrap();
    assert_eq!(parts(&digest.value(&ask).unwrap().unwrap()).get("uri"), Some("h:443"));
    digest.settled(&head(200, &[("Proxy-Authentication-Info", "nextnonce=m")]));
    let mut other = Digest::with_proxy("u", "p", "http://proxy:3128", &memory);
    assert_eq!(value(&mut other, "http://elsewhere/y").unwrap().get("nonce"), Some("m"));
    let mut other = Digest::with_proxy("u", "p", "http://other:3128", &memory);
    assert!(value(&mut other, "http://elsewhere/y").is_none());
}
