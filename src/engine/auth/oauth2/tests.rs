#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Mutex;

use url::Url;

use super::*;
use crate::engine::body::Body;
use crate::engine::error::ErrorKind;
use crate::engine::headers::Headers;

/// A form as it was sent: user and password of Basic, fields.
type Sent = (Option<(String, String)>, Vec<(String, String)>);

/// An endpoint that gives the answers in turn, the last one for ever.
struct Endpoint {
    sent: Mutex<Vec<Sent>>,
    answers: Vec<(u16, String)>,
}

impl Endpoint {
    fn new(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, text)| (*status, (*text).to_owned())).collect();
        Self { sent: Mutex::default(), answers }
    }

    fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

impl Fetch for Endpoint {
    fn post_form(
        &self,
        url: &str,
        basic: Option<(&str, &str)>,
        fields: &[(String, String)],
    ) -> Result<(u16, Vec<u8>)> {
        assert_eq!(url, "https://id.test/token");
        let mut sent = self.sent.lock().unwrap();
        let (status, text) = self.answers.get(sent.len()).or(self.answers.last()).unwrap();
        sent.push((basic.map(|(user, password)| (user.to_owned(), password.to_owned())), fields.to_vec()));
        Ok((*status, text.clone().into_bytes()))
    }
}

fn settings() -> OAuth2 {
    OAuth2 {
        token_url: "https://id.test/token".into(),
        client_id: "клиент:1".into(),
        client_secret: "s3cret & more".into(),
        ..OAuth2::default()
    }
}

fn value_at(grant: &mut Grant, endpoint: &Endpoint, seconds: i64) -> Result<Option<String>> {
    let (url, headers, body) = (Url::parse("https://h/").unwrap(), Headers::new(), Body::none());
    let now = OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
    let fetch = Some(endpoint as &dyn Fetch);
    grant.value(&Ask { method: "GET", url: &url, target: "/", headers: &headers, body: &body, now, fetch })
}

fn value(grant: &mut Grant, endpoint: &Endpoint) -> Result<Option<String>> {
    value_at(grant, endpoint, 0)
}

fn refusal(challenge: Option<&str>) -> Head {
    let headers = challenge.into_iter().map(|value| ("WWW-Authenticate", value)).collect();
    Head { status: 401, headers, ..Head::default() }
}

#[test]
fn id_and_secret_go_as_basic_or_in_the_body() {
    let endpoint = Endpoint::new(&[(200, r#"{"access_token": "t", "token_type": "bearer"}"#)]);
    let mut asked = settings();
    let sent = value(&mut Grant::new(&asked, &Arc::default()), &endpoint).unwrap();
    assert_eq!(sent.as_deref(), Some("Bearer t"));
    asked.in_body = true;
    asked.scope = "a b".into();
    asked.parameters = vec![("audience".into(), "все".into())];
    value(&mut Grant::new(&asked, &Arc::default()), &endpoint).unwrap();
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let basic = ("%D0%BA%D0%BB%D0%B8%D0%B5%D0%BD%D1%82%3A1".to_owned(), "s3cret%20%26%20more".to_owned());
    let sent = endpoint.sent.lock().unwrap();
    assert_eq!(sent[0], (Some(basic), owned(&[("grant_type", "client_credentials")])));
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "a b"),
        ("client_id", "клиент:1"),
        ("client_secret", "s3cret & more"),
        ("audience", "все"),
    ];
    assert_eq!(sent[1], (None, owned(&fields)));
}

#[test]
fn a_token_is_kept_until_shortly_before_its_end_for_the_same_settings() {
    // Life, the last second it is used in, the first in which another is fetched.
    for (life, last, first) in [
        ("3600", 3539, 3540),
        ("\"3600\"", 3539, 3540),
        ("100.0", 89, 90),
        ("0", -1, 0),
        ("-5", -1, 0),
        ("1e300", 365 * 86400 - 61, 365 * 86400 - 60),
        ("null", i64::from(u32::MAX), -1),
        ("\"soon\"", i64::from(u32::MAX), -1),
    ] {
        let text = format!(r#"{{"access_token": "t", "token_type": "Bearer", "expires_in": {life}}}"#);
        let endpoint = Endpoint::new(&[(200, &text)]);
        let memory = Arc::default();
        value(&mut Grant::new(&settings(), &memory), &endpoint).unwrap();
        if last >= 0 {
            value_at(&mut Grant::new(&settings(), &memory), &endpoint, last).unwrap();
            assert_eq!(endpoint.count(), 1, "{life}");
        }
        if first >= 0 {
            value_at(&mut Grant::new(&settings(), &memory), &endpoint, first).unwrap();
            assert_eq!(endpoint.count(), 2, "{life}");
        }
    }
    let endpoint = Endpoint::new(&[(200, r#"{"access_token": "t"}"#)]);
    let memory = Arc::default();
    let other = |change: fn(&mut OAuth2)| {
        let mut settings = settings();
        change(&mut settings);
        value(&mut Grant::new(&settings, &memory), &endpoint).unwrap();
        endpoint.count()
    };
    assert_eq!((other(|_| {}), other(|_| {})), (1, 1));
    assert_eq!((other(|s| s.scope = "a".into()), other(|s| s.client_secret = "b".into())), (2, 3));
    assert_eq!(other(|_| {}), 3);
}

#[test]
fn a_refused_token_is_fetched_anew_once() {
    let tokens = ["a", "b", "c"].map(|token| format!(r#"{{"access_token": "{token}"}}"#));
    let endpoint = Endpoint::new(&[(200, &tokens[0]), (200, &tokens[1]), (200, &tokens[2])]);
    let memory = Arc::default();
    let mut grant = Grant::new(&settings(), &memory);
    assert!(!grant.answers(&refusal(None)), "nothing was sent");
    assert_eq!(value(&mut grant, &endpoint).unwrap().as_deref(), Some("Bearer a"));
    for (challenge, answers) in [
        (None, true),
        (Some("Bearer realm=\"r\", error=\"invalid_token\""), true),
        (Some("Basic realm=\"x\", Bearer"), true),
        (Some("Bearer error=\"insufficient_scope\""), false),
        (Some("Bearer error=invalid_request"), false),
    ] {
        assert_eq!(grant.answers(&refusal(challenge)), answers, "{challenge:?}");
    }
    assert!(!grant.answers(&Head { status: 403, ..Head::default() }));
    grant.challenged(&refusal(None)).unwrap();
    assert_eq!(value(&mut grant, &endpoint).unwrap().as_deref(), Some("Bearer b"));
    assert!(!grant.answers(&refusal(None)), "once is enough");
    grant.settled(&refusal(None));
    // Another request may have replaced the token in between.
    let mut late = Grant::new(&settings(), &memory);
    assert_eq!(value(&mut late, &endpoint).unwrap().as_deref(), Some("Bearer b"));
    grant.sent = Some("a".into());
    grant.challenged(&refusal(None)).unwrap();
    assert_eq!(value(&mut grant, &endpoint).unwrap().as_deref(), Some("Bearer b"));
    assert_eq!(endpoint.count(), 2);
}

#[test]
fn errors_of_the_endpoint_are_told_without_secrets() {
    let mut asked = settings();
    asked.parameters = vec![("assertion".into(), "eyJhbGciOi".into()), ("v".into(), "1".into())];
    let words = r#"{"error": "invalid_client", "error_description": "no s3cret & more, s3cret%20%26%20more,\n eyJhbGciOi in v 1"}"#;
    for (status, text, problem, detail) in [
        (401, words, "refused", "401 invalid_client: no ***, ***,  *** in v 1"),
        (400, r#"{"error": {"code": 1}}"#, "refused", "400"),
        (503, "<html>busy</html>", "refused", "503"),
        (302, "", "refused", "302"),
        (200, "access_token=t", "protocol", "the answer is not JSON"),
        (200, "[]", "protocol", "no access_token"),
        (200, r#"{"access_token": ""}"#, "protocol", "no access_token"),
        (200, r#"{"access_token": "t", "token_type": "mac"}"#, "protocol", "token_type is not Bearer"),
        (
            200,
            r#"{"access_token": "a\r\nX: y"}"#,
            "protocol",
            "access_token has characters that no header may have",
        ),
    ] {
        let memory = Arc::default();
        let error = value(&mut Grant::new(&asked, &memory), &Endpoint::new(&[(status, text)])).err().unwrap();
        let ErrorKind::Authentication { scheme: "OAuth2", problem: told, detail: said } = &error.kind else {
            panic!("{error:?}")
        };
        assert_eq!((*told, said.as_str()), (problem, detail), "{text}");
        assert!(memory.tokens.find(|_| true).is_none(), "{text}");
    }
    let long = format!(r#"{{"error": "{}"}}"#, "é".repeat(10_000));
    let error =
        value(&mut Grant::new(&asked, &Arc::default()), &Endpoint::new(&[(400, &long)])).err().unwrap();
    let ErrorKind::Authentication { detail, .. } = error.kind else { panic!("{error:?}") };
    assert_eq!(detail.chars().count(), SHOWN + 4);
}

#[test]
fn without_a_way_to_fetch_the_request_goes_without() {
    let (url, headers, body) = (Url::parse("https://h/").unwrap(), Headers::new(), Body::none());
    let now = OffsetDateTime::UNIX_EPOCH;
    let ask = Ask { method: "GET", url: &url, target: "/", headers: &headers, body: &body, now, fetch: None };
    assert_eq!(Grant::new(&settings(), &Arc::default()).value(&ask).unwrap(), None);
}
