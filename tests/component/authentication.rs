//! `Authentication`: every kind, in both languages, in a session and in a request, and how it reads back. What the
//! schemes do with a server is the engine's to prove; here is which of them runs with which words.

use serde_json::{Value, json};

use crate::support::{
    Scripted, answer, call, connector, fails, json as json_of, object_in, ok, property_json, property_text,
    session, text,
};

const AWS: &str = r#"{"AccessKeyID": "AK", "SecretKey": "hush", "Service": "sqs", "Region": "eu-north-1""#;

/// What a request with these credentials would say in `Authorization`.
fn said(authentication: &str) -> String {
    let options = format!("{{\"Authentication\": {authentication}}}");
    let arguments = ["GET".into(), "https://h.test/".into(), "".into(), options.into()];
    let shown = json_of(&connector(), "PrepareRequest", &arguments);
    shown["headers"]["Authorization"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn kinds_are_told_by_type_and_by_keys() {
    for (given, begins) in [
        (r#"{"User": "u", "Password": "p"}"#, "Basic dTpw"),
        (r#"{"Тип": " BASIC ", "Пользователь": "u", "Пароль": "p", "Токен": "t"}"#, "Basic dTpw"),
        (r#"{"Type": "", "User": "u"}"#, "Basic dTo="),
        (r#"{"Token": "t"}"#, "Bearer t"),
        (r#"{"тип": "Bearer", "токен": "t", "Пользователь": "u"}"#, "Bearer t"),
        (r#"{"Token": "t", "User": "u"}"#, "Basic dTo="),
        (r#"{"Type": "Bearer"}"#, ""),
        (r#"{"Type": "Basic", "User": "", "Password": ""}"#, ""),
        ("{}", ""),
        ("false", ""),
        // Digest waits for a challenge.
        (r#"{"Type": "Digest", "User": "u", "Password": "p"}"#, ""),
        (&format!("{AWS}}}"), "AWS4-HMAC-SHA256 Credential=AK/"),
        (&format!("{AWS}, \"Type\": \"aws4-hmac-sha256\"}}"), "AWS4-HMAC-SHA256 Credential=AK/"),
        (
            r#"{"Тип": "AWS4-HMAC-SHA256", "ИдентификаторКлючаДоступа": "AK", "СекретныйКлюч": "s", "Сервис": "s3",
                "Регион": "r", "ТокенСессии": "t", "ПодписьТела": "НеПодписано"}"#,
            "AWS4-HMAC-SHA256 Credential=AK/",
        ),
    ] {
        let value = said(given);
        assert!(value.starts_with(begins) && (!begins.is_empty() || value.is_empty()), "{given}: {value}");
    }
}

#[test]
fn what_aws_signs_of_the_body_follows_the_option() {
    for (payload, shown) in [
        (r#""Payload": "Signed""#, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        (r#""ПодписьТела": "неподписано""#, "UNSIGNED-PAYLOAD"),
    ] {
        let given = AWS.replace("sqs", "s3");
        let options = format!("{{\"Authentication\": {given}, \"SessionToken\": \"T\", {payload}}}}}");
        let arguments = ["PUT".into(), "https://h.test/".into(), "x".into(), options.into()];
        let headers = &json_of(&connector(), "PrepareRequest", &arguments)["headers"];
        let of = |name: &str| {
            let found =
                headers.as_object().unwrap().iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        assert_eq!(of("x-amz-content-sha256").as_deref(), Some(shown), "{headers}");
        assert_eq!(of("x-amz-security-token").as_deref(), Some("T"), "{headers}");
    }
}

#[test]
fn digest_answers_a_challenge_and_leaves_wrong_credentials_at_401() {
    let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n==\", qop=\"auth\", algorithm=MD5";
    let server = Scripted::new([
        answer("401 No", &[challenge], b"who?"),
        ok(&[], b"in"),
        answer("401 No", &[challenge], b"who?"),
        answer("401 No", &[challenge], b"still?"),
    ]);
    let options = r#"{"Аутентификация": {"Тип": "digest", "Пользователь": "u", "Пароль": "p"}}"#;
    let object = connector();
    assert_eq!(call(&object, "Get", &[server.url("/a").into(), options.into()]), 200.into());
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].header("authorization")), (2, None));
    let value = asked[1].header("authorization").unwrap();
    assert!(value.starts_with("Digest ") && value.contains("username=\"u\""), "{value}");
    assert!(value.contains("nonce=\"n==\"") && value.contains("nc=00000001"), "{value}");
    assert_eq!(call(&object, "Get", &[server.url("/a").into(), options.into()]), 401.into());
    assert_eq!(server.asked().len(), 4);
    assert_eq!(text(&object, "AsText", &["".into()]), "still?");
}

#[test]
fn a_token_is_fetched_with_the_keys_of_oauth2() {
    let server = Scripted::new([
        ok(&["Content-Type: application/json"], br#"{"access_token": "T1", "token_type": "Bearer"}"#),
        ok(&[], b"in"),
        ok(&[], b"again"),
    ]);
    let session = session();
    let given = json!({"ТипА": 1});
    assert!(session.set("Authentication", given.to_string()).is_err());
    let given = json!({"АдресТокена": server.url("/token"), "ИдентификаторКлиента": "id", "СекретКлиента": "hush",
        "Область": "a b", "Параметры": {"audience": "x"}, "ВТеле": true});
    session.set("Аутентификация", given.to_string()).unwrap();
    assert_eq!(call(&session, "Get", &[server.url("/a").into()]), 200.into());
    assert_eq!(call(&session, "Get", &[server.url("/b").into()]), 200.into());
    let asked = server.asked();
    assert_eq!(asked.len(), 3, "one token for both");
    let form = String::from_utf8(asked[0].body.clone()).unwrap();
    for piece in
        ["grant_type=client_credentials", "client_id=id", "client_secret=hush", "scope=a", "audience=x"]
    {
        assert!(form.contains(piece), "{piece} in {form}");
    }
    assert_eq!(asked[1].header("authorization"), Some("Bearer T1"));
    assert_eq!(asked[2].header("authorization"), Some("Bearer T1"));
}

#[test]
fn requests_win_over_the_session_and_may_say_nobody() {
    let server = Scripted::new((0..5).map(|_| ok(&[], b"")));
    let session = session();
    call(&session, "Configure", &[r#"{"Authentification": {"User": "s", "Password": "s"}}"#.into()]);
    let sent = |options: &str| {
        call(&session, "Get", &[server.url("/").into(), options.into()]);
        server.last().header("authorization").map(str::to_owned)
    };
    assert_eq!(sent("").as_deref(), Some("Basic czpz"));
    assert_eq!(sent(r#"{"Authentication": null}"#).as_deref(), Some("Basic czpz"));
    assert_eq!(sent(r#"{"Authentication": {"Token": "t"}}"#).as_deref(), Some("Bearer t"));
    assert_eq!(sent(r#"{"Authentication": {}}"#), None);
    assert_eq!(sent(r#"{"Authentication": false}"#), None);
}

#[test]
fn every_kind_reads_back_in_the_language_of_the_property_without_secrets() {
    let session = session();
    let aws = format!("{AWS}, \"SessionToken\": \"hush\", \"Payload\": \"Chunks\"}}");
    let cases: &[(&str, Value, Value)] = &[
        (
            r#"{"Type": "Digest", "User": "u", "Password": "hush"}"#,
            json!({"Type": "Digest", "User": "u", "Password": "***"}),
            json!({"Тип": "Digest", "Пользователь": "u", "Пароль": "***"}),
        ),
        (
            r#"{"Type": "ntlm", "User": "D\\u", "Password": "hush"}"#,
            json!({"Type": "NTLM", "User": "D\\u", "Password": "***"}),
            json!({"Тип": "NTLM", "Пользователь": "D\\u", "Пароль": "***"}),
        ),
        (
            r#"{"Type": "Negotiate", "User": "u@R", "Password": "hush", "UseOSAuthentication": true}"#,
            json!({"Type": "Negotiate", "User": "u@R", "Password": "***"}),
            json!({"Тип": "Negotiate", "Пользователь": "u@R", "Пароль": "***"}),
        ),
        (
            r#"{"UseOSAuthentication": true, "User": "ignored", "Password": "hush"}"#,
            json!({"UseOSAuthentication": true}),
            json!({"ИспользоватьАутентификациюОС": true}),
        ),
        (
            r#"{"Type": "NTLM", "ИспользоватьАутентификациюОС": true}"#,
            json!({"UseOSAuthentication": true}),
            json!({"ИспользоватьАутентификациюОС": true}),
        ),
        (
            r#"{"Token": "hush"}"#,
            json!({"Type": "Bearer", "Token": "***"}),
            json!({"Тип": "Bearer", "Токен": "***"}),
        ),
        (
            &aws,
            json!({"Type": "AWS4-HMAC-SHA256", "AccessKeyID": "AK", "SecretKey": "***", "Service": "sqs",
                "Region": "eu-north-1", "SessionToken": "***", "Payload": "Chunks"}),
            json!({"Тип": "AWS4-HMAC-SHA256", "ИдентификаторКлючаДоступа": "AK", "СекретныйКлюч": "***",
                "Сервис": "sqs", "Регион": "eu-north-1", "ТокенСессии": "***", "ПодписьТела": "Частями"}),
        ),
        (
            r#"{"TokenURL": "https://u:hush@h/t", "ClientID": "id", "ClientSecret": "hush",
                "Parameters": {"assertion": "hush"}}"#,
            json!({"Type": "OAuth2", "TokenURL": "https://h/t", "ClientID": "id", "ClientSecret": "***",
                "Parameters": {"assertion": "***"}}),
            json!({"Тип": "OAuth2", "АдресТокена": "https://h/t", "ИдентификаторКлиента": "id",
                "СекретКлиента": "***", "Параметры": {"assertion": "***"}}),
        ),
    ];
    for (given, english, russian) in cases {
        session.set("Authentication", (*given).to_owned()).unwrap();
        assert_eq!(&property_json(&session, "Authentication"), english, "{given}");
        assert_eq!(&property_json(&session, "Аутентификация"), russian, "{given}");
        assert!(!property_text(&session, "Authentication").contains("hush"));
    }
    session.set("Authentication", "{}").unwrap();
    assert_eq!(property_text(&session, "Authentication"), "");
}

#[test]
fn what_a_scheme_cannot_do_without_is_asked_for() {
    let object = object_in("HTTPConnector", "ru");
    for (given, missing) in [
        (r#"{"Type": "NTLM"}"#, "Пользователь (или ИспользоватьАутентификациюОС)"),
        (r#"{"Type": "Negotiate", "Password": "p"}"#, "Пользователь (или ИспользоватьАутентификациюОС)"),
        (r#"{"Type": "AWS4-HMAC-SHA256"}"#, "ИдентификаторКлючаДоступа"),
        (r#"{"AccessKeyID": "a"}"#, "СекретныйКлюч"),
        (r#"{"AccessKeyID": "a", "SecretKey": "b"}"#, "Регион"),
        (r#"{"AccessKeyID": "a", "SecretKey": "b", "Region": "c"}"#, "Сервис"),
        (r#"{"Type": "OAuth2", "ClientID": "a"}"#, "АдресТокена"),
        (r#"{"TokenURL": "http://h/"}"#, "ИдентификаторКлиента"),
    ] {
        let options = format!("{{\"Authentication\": {given}}}");
        let (text, details) = fails(&object, "Get", &["http://h/".into(), options.into()]);
        assert_eq!(
            (details["code"].as_str(), details["missing"].as_str()),
            (Some("option-missing"), Some(missing)),
            "{given}"
        );
        assert!(text.contains(missing), "{text}");
    }
}

#[test]
fn presigned_urls_carry_keys_method_and_seconds() {
    let session = session();
    let options =
        format!("{{\"Authentication\": {}, \"RequestParameters\": {{\"a\": \"б\"}}}}", AWS.to_owned() + "}");
    let signed = text(
        &session,
        "PresignURL",
        &["https://h.test/x?b=1".into(), (&options).into(), "PUT".into(), 60.into()],
    );
    for piece in [
        "https://h.test/x?b=1&a=%D0%B1&",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=AK%2F",
        "%2Feu-north-1%2Fsqs%2Faws4_request",
        "X-Amz-Expires=60",
        "&X-Amz-Signature=",
    ] {
        assert!(signed.contains(piece), "{piece} in {signed}");
    }
    assert!(!signed.contains("hush"));
    // The keys of the session, GET and an hour.
    session.set("Authentication", AWS.to_owned() + "}").unwrap();
    let signed = text(&session, "ПодписатьURL", &["https://h.test/x".into()]);
    assert!(signed.contains("X-Amz-Expires=3600"), "{signed}");
    let (text, details) =
        fails(&session, "PresignURL", &["https://h/".into(), "".into(), "GET".into(), 604_801.into()]);
    assert_eq!(
        (details["code"].as_str(), details["parameter"].as_str()),
        (Some("argument-value"), Some("Seconds")),
        "{text}"
    );
    let (text, details) = fails(&connector(), "PresignURL", &["https://h/".into()]);
    assert_eq!(
        (details["code"].as_str(), details["missing"].as_str()),
        (Some("option-missing"), Some("AccessKeyID")),
        "{text}"
    );
}
