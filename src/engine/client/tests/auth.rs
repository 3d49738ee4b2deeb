//! Dialogues as the client leads them: how many requests, with what, and where nothing is sent.

use super::*;
use crate::engine::auth::OAuth2;

const ASKED: (&str, &str) = ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"");

fn digest<'a>(method: &'a str, url: &'a str) -> Request<'a> {
    let credentials = Credentials::Digest { user: "Иван".into(), password: "пароль".into() };
    Request { credentials: Some(credentials), ..request(method, url) }
}

/// A server that asks whoever comes without credentials.
fn asking(last: fn(usize, &Seen) -> Reply) -> Arc<Script<impl Fn(usize, &Seen) -> Reply + Send + Sync>> {
    Script::new(move |index, seen: &Seen| match seen.header("authorization") {
        None => ok(401, &[ASKED], "who?"),
        Some(_) => last(index, seen),
    })
}

/// A parameter of the `Authorization` of each request.
fn sent<F: Fn(usize, &Seen) -> Reply + Send + Sync + 'static>(
    script: &Script<F>,
    name: &str,
) -> Vec<Option<String>> {
    let of = |value: &str| {
        let rest = value.split(&format!(" {name}=")).nth(1)?;
        Some(rest.split(',').next().unwrap().trim_matches('"').to_owned())
    };
    script.seen().iter().map(|seen| seen.header("authorization").and_then(of)).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_challenge_is_answered_and_the_body_sent_again() {
    let script = asking(|_, _| ok(200, &[], "in"));
    let mut asked = digest("POST", "http://h/a b?c=\"");
    asked.content = body(b"data");
    let response = Client::stateless(script.clone()).execute(&asked).unwrap();
    assert_eq!((response.status, text(&response).as_str(), response.history.len()), (200, "in", 0));
    let seen = script.seen();
    assert_eq!(seen.iter().map(|seen| seen.body.as_slice()).collect::<Vec<_>>(), [b"data", b"data"]);
    assert_eq!(sent(&script, "uri"), [None, some("/a%20b?c=%22")]);
    assert!(seen[1].header("authorization").unwrap().starts_with("Digest username=\"Иван\", realm=\"r\", "));
    assert_eq!(*script.kept.lock().unwrap(), [false, true], "the text of the challenge is nobody's answer");
}

#[test]
fn wrong_credentials_give_401_after_two_requests() {
    let mut client = Client::stateful(asking(|_, _| ok(401, &[ASKED], "no")));
    let response = client.execute(&digest("GET", "http://h/")).unwrap();
    assert_eq!((response.status, text(&response).as_str()), (401, "no"));
    // With retries switched on, too: a status of 401 is none to repeat.
    let script = asking(|_, _| ok(401, &[("WWW-Authenticate", "Digest nonce=\"another\"")], "no"));
    let mut asked = digest("GET", "http://h/");
    asked.retries.limit = 5;
    let mut client = Client::stateful(script.clone()).with_clock(Still::new());
    assert_eq!(client.execute(&asked).unwrap().status, 401);
    assert_eq!(script.lines().len(), 2);
    client.execute(&asked).unwrap();
    assert_eq!(sent(&script, "nonce"), [None, some("n1"), None, some("n1")], "nothing wrong is remembered");
}

#[test]
fn what_cannot_be_answered_comes_back_at_once() {
    for challenge in ["Basic realm=\"r\"", "Digest nonce=n, algorithm=new", "Digest realm=r", ""] {
        let script = Script::new(move |_, _| ok(401, &[("WWW-Authenticate", challenge)], "no"));
        let response = Client::stateless(script.clone()).execute(&digest("GET", "http://h/")).unwrap();
        assert_eq!((response.status, script.lines().len()), (401, 1), "{challenge}");
        assert_eq!(script.seen()[0].header("authorization"), None);
    }
}

#[test]
fn a_stale_nonce_is_replaced_and_is_no_wrong_password() {
    let script = Script::new(|index, _| match index {
        0 => ok(401, &[ASKED], ""),
        1 => ok(401, &[("WWW-Authenticate", "Digest realm=r, nonce=n2, qop=auth, stale=true")], ""),
        _ => ok(200, &[], "in"),
    });
    let mut client = Client::stateful(script.clone());
    assert_eq!(client.execute(&digest("GET", "http://h/")).unwrap().status, 200);
    assert_eq!(client.execute(&digest("GET", "http://h/")).unwrap().status, 200);
    assert_eq!(sent(&script, "nonce"), [None, some("n1"), some("n2"), some("n2")]);
    assert_eq!(sent(&script, "nc")[1..], [some("00000001"), some("00000001"), some("00000002")]);
}

#[test]
fn a_server_that_calls_every_nonce_stale_ends_with_its_401() {
    let script = Script::new(|index, _| {
        let challenge = format!("Digest realm=r, nonce=n{index}, qop=auth, stale=true");
        ok(401, &[("WWW-Authenticate", &challenge)], "no")
    });
    let response = Client::stateless(script.clone()).execute(&digest("GET", "http://h/")).unwrap();
    assert_eq!((response.status, script.lines().len()), (401, 5));
}

#[test]
fn a_session_uses_its_nonce_again_without_being_asked() {
    let script = asking(|_, _| ok(200, &[], "in"));
    let mut client = Client::stateful(script.clone());
    client.execute(&digest("GET", "http://h/a")).unwrap();
    client.preview(&digest("GET", "http://h/a")).unwrap();
    client.execute(&digest("GET", "http://h/b")).unwrap();
    assert_eq!(sent(&script, "nc"), [None, some("00000001"), some("00000002")]);
    assert_eq!(sent(&script, "uri")[1..], [some("/a"), some("/b")]);
    // Another origin, another user, and a client without state begin anew.
    client.execute(&digest("GET", "http://h:81/a")).unwrap();
    let mut other = digest("GET", "http://h/a");
    other.credentials =
        Some(Credentials::Digest { user: "Пётр".into(), password: "пароль".into() });
    client.execute(&other).unwrap();
    Client::stateless(script.clone()).execute(&digest("GET", "http://h/a")).unwrap();
    assert_eq!(
        sent(&script, "nc")[3..],
        [None, some("00000001"), None, some("00000001"), None, some("00000001")]
    );
}

#[test]
fn a_refused_attempt_is_repeated_with_the_next_count() {
    let script = Script::new(|index, _| match index {
        0 => ok(401, &[ASKED], ""),
        1 => closed(Phase::Head),
        2 => ok(503, &[], "busy"),
        _ => ok(200, &[], "in"),
    });
    let mut asked = digest("GET", "http://h/");
    asked.retries.limit = 3;
    let response = Client::stateless(script.clone()).with_clock(Still::new()).execute(&asked).unwrap();
    assert_eq!(response.status, 200);
    let counts = sent(&script, "nc");
    assert_eq!(counts, [None, some("00000001"), some("00000002"), some("00000003")]);
}

#[test]
fn a_redirect_takes_the_dialogue_along_at_its_origin_only() {
    let script = Script::new(|_, seen| {
        match (seen.line.as_str(), seen.header("authorization").is_some()) {
            ("GET http://h/a", false) => ok(401, &[ASKED], ""),
            ("GET http://h/a", true) => ok(307, &[("Location", "/b")], ""),
            ("GET http://h/b", true) => ok(302, &[("Location", "http://other/c")], ""),
            // Whoever is led here is asked, and must not answer.
            _ => ok(
                401,
                &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"evil\", domain=\"http://h/\"")],
                "who?",
            ),
        }
    });
    let mut client = Client::stateful(script.clone());
    let response = client.execute(&digest("GET", "http://h/a")).unwrap();
    assert_eq!((response.status, text(&response).as_str()), (401, "who?"));
    assert_eq!(script.lines(), ["GET http://h/a", "GET http://h/a", "GET http://h/b", "GET http://other/c"]);
    assert_eq!(sent(&script, "nc"), [None, some("00000001"), some("00000002"), None]);
    // Nor was anything remembered of the other place.
    client.execute(&digest("GET", "http://other/c")).unwrap();
    assert_eq!(sent(&script, "nonce")[4..], [None, some("evil")]);
}

#[test]
fn a_written_header_is_sent_instead_of_any_answer() {
    let script = Script::new(|_, _| ok(401, &[ASKED], "no"));
    let token = OAuth2 { token_url: "http://id/token".into(), ..OAuth2::default() };
    for credentials in
        [Credentials::Digest { user: "u".into(), password: "p".into() }, Credentials::OAuth2(Box::new(token))]
    {
        let mut asked = request("GET", "http://h/");
        asked.credentials = Some(credentials);
        asked.headers.append("AUTHORIZATION", "Own x");
        assert_eq!(Client::stateful(script.clone()).execute(&asked).unwrap().status, 401);
    }
    assert_eq!(script.lines(), ["GET http://h/", "GET http://h/"]);
    assert!(script.seen().iter().all(|seen| seen.header("authorization") == Some("Own x")));
}

#[test]
fn a_file_is_sent_again_after_the_challenge() {
    let (port, server) = serve(
        1,
        |_| "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest nonce=\"n\", qop=\"auth-int\"\r\nContent-Length: 4\r\n\r\nwho?",
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "данные").unwrap();
    let url = format!("http://127.0.0.1:{port}/file");
    let mut asked = digest("PUT", &url);
    let bytes = Segment::File { path: file.path().to_owned(), length: 12 };
    asked.content = Content::Bytes { bytes, content_type: None };
    let mut client = Client::session();
    let response = client.execute(&asked).unwrap();
    assert_eq!((response.status, text(&response).as_str()), (401, "who?"));
    drop(client);
    assert_eq!(server.join().unwrap(), ["PUT /file HTTP/1.1||данные", "PUT /file HTTP/1.1||данные"]);
}

fn oauth<'a>(url: &'a str) -> Request<'a> {
    let settings = OAuth2 {
        token_url: "https://id.test/token".into(),
        client_id: "клиент".into(),
        client_secret: "секрет".into(),
        ..OAuth2::default()
    };
    Request { credentials: Some(Credentials::OAuth2(Box::new(settings))), ..request("GET", url) }
}

/// A token endpoint whose n-th token is `t<n>`, and a server that takes what `good` says.
fn tokens(good: fn(&str) -> bool) -> Arc<Script<impl Fn(usize, &Seen) -> Reply + Send + Sync>> {
    let made = Mutex::new(0);
    Script::new(move |_, seen: &Seen| {
        if seen.line == "POST https://id.test/token" {
            *made.lock().unwrap() += 1;
            return match *made.lock().unwrap() {
                1 => ok(200, &[], r#"{"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}"#),
                _ => ok(200, &[], r#"{"access_token": "t2", "token_type": "Bearer", "expires_in": 3600}"#),
            };
        }
        let token = seen.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if token.is_some_and(good) { ok(200, &[], "in") } else { ok(401, &[], "no") }
    })
}

#[test]
fn a_session_fetches_one_token_for_many_requests() {
    let script = tokens(|token| token == "t1");
    let mut client = Client::stateful(script.clone());
    let mut asked = oauth("http://h/a");
    asked.headers.append("X-Api-Key", "k");
    asked.cookies.push(GivenCookie { name: "c".into(), value: "1".into(), ..GivenCookie::default() });
    for _ in 0..3 {
        assert_eq!(client.execute(&asked).unwrap().status, 200);
    }
    let get = "GET http://h/a";
    assert_eq!(script.lines(), ["POST https://id.test/token", get, get, get]);
    let seen = &script.seen()[0];
    assert_eq!(seen.body, b"grant_type=client_credentials");
    // User and password are each encoded like a form (RFC 6749 section 2.3.1).
    let basic = crate::engine::auth::Plan::new(
        Some(&Credentials::Basic {
            user: "%D0%BA%D0%BB%D0%B8%D0%B5%D0%BD%D1%82".into(),
            password: "%D1%81%D0%B5%D0%BA%D1%80%D0%B5%D1%82".into(),
        }),
        None,
        "",
        &Arc::default(),
    );
    let Ok(Plan::Fixed(basic)) = basic else { panic!("Basic is a fixed value") };
    assert_eq!(seen.header("authorization"), Some(basic.as_str()));
    assert_eq!((seen.header("x-api-key"), seen.header("cookie")), (None, None), "they are for the server");
    let again = Client::stateless(script.clone()).execute(&asked).unwrap();
    assert_eq!(
        (again.status, script.lines().len()),
        (401, 8),
        "t2 twice: fetched, refused, fetched, refused"
    );
}

#[test]
fn a_refused_token_is_fetched_again_once_and_then_the_401_comes_back() {
    let script = tokens(|token| token == "t2");
    let mut client = Client::stateful(script.clone());
    assert_eq!(client.execute(&oauth("http://h/")).unwrap().status, 200);
    assert_eq!(script.lines().len(), 4);
    assert_eq!(client.execute(&oauth("http://h/")).unwrap().status, 200);
    assert_eq!(script.lines().len(), 5);
    let script = tokens(|_| false);
    let response = Client::stateful(script.clone()).execute(&oauth("http://h/")).unwrap();
    assert_eq!((response.status, text(&response).as_str(), script.lines().len()), (401, "no", 4));
}

#[test]
fn a_token_goes_to_the_origin_it_was_fetched_for() {
    let script = Script::new(|_, seen: &Seen| match seen.line.as_str() {
        "POST https://id.test/token" => ok(200, &[], r#"{"access_token": "t1"}"#),
        "GET http://h/" => ok(302, &[("Location", "http://other/")], ""),
        _ => ok(401, &[("WWW-Authenticate", "Bearer error=\"invalid_token\"")], "no"),
    });
    let response = Client::stateful(script.clone()).execute(&oauth("http://h/")).unwrap();
    assert_eq!((response.status, script.lines().len()), (401, 3));
    assert_eq!(script.seen()[2].header("authorization"), None);
}

#[test]
fn an_endpoint_that_refuses_is_an_error_that_names_it_and_no_secret() {
    let script = Script::new(|_, _| {
        ok(401, &[], r#"{"error": "invalid_client", "error_description": "секрет is wrong"}"#)
    });
    let error = Client::stateful(script.clone()).execute(&oauth("http://h/")).err().unwrap();
    let ErrorKind::Authentication { scheme: "OAuth2", problem: "refused", detail } = &error.kind else {
        panic!("{error:?}")
    };
    assert_eq!((detail.as_str(), script.lines().len()), ("401 invalid_client: *** is wrong", 1));
    assert!(!format!("{error:?} {error}").contains("секрет"));
    assert_eq!(
        (error.method.as_deref(), error.url.as_deref()),
        (Some("POST"), Some("https://id.test/token"))
    );
    // A redirect would carry the secret elsewhere.
    let script = Script::new(|_, _| ok(307, &[("Location", "http://other/")], ""));
    let error = Client::stateful(script.clone()).execute(&oauth("http://h/")).err().unwrap();
    assert!(matches!(&error.kind, ErrorKind::Authentication { detail, .. } if detail == "307"), "{error:?}");
    assert_eq!(script.lines(), ["POST https://id.test/token"]);
}
