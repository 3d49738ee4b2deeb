//! Cases 26 and 27: Basic and Digest; D8; OAuth 2.0.

use serde_json::json;

use crate::{connector, http, https, session, trusting};

#[test]
fn case_26_basic_from_the_url_and_from_the_options() {
    let plain = https("/basic-auth/user/pass");
    let calls = [
        (plain.replace("https://", "https://user:pass@"), json!({})),
        (plain.clone(), json!({"Authentication": {"User": "user", "Password": "pass"}})),
        (plain.clone(), json!({"Authentication": {"Type": "Basic", "User": "user", "Password": "pass"}})),
        (plain, json!({"Аутентификация": {"Пользователь": "user", "Пароль": "pass"}})),
    ];
    for (url, options) in calls {
        let answer = connector().json("GetJson", &[&url, &trusting(options)]).unwrap();
        assert_eq!(answer, json!({"authenticated": true, "user": "user"}));
    }
}

fn digest(user: &str, password: &str) -> String {
    trusting(json!({"Authentication": {"Type": "Digest", "User": user, "Password": password}}))
}

#[test]
fn case_27_digest_is_answered() {
    let answer = connector()
        .json("GetJson", &[&https("/digest-auth/auth/user/pass"), &digest("user", "pass")])
        .unwrap();
    assert_eq!((&answer["authenticated"], &answer["user"]), (&json!(true), &json!("user")));
    // In Russian, with a type of any letter case, and from the session.
    let session = session();
    let given = json!({"Тип": "DIGEST", "Пользователь": "гость", "Пароль": "гость"});
    session.set("Аутентификация", given.to_string()).unwrap();
    let answer =
        session.json("GetJson", &[&https("/digest-auth/auth/гость/гость"), &trusting(json!({}))]).unwrap();
    assert_eq!((&answer["authenticated"], &answer["user"]), (&json!(true), &json!("гость")));
}

#[test]
fn d08_wrong_credentials_are_one_repeat_and_then_the_answer() {
    let script = connector();
    let url = https("/digest-auth/auth/user/right");
    assert_eq!(script.status("Get", &[&url, &digest("user", "wrong")]), Ok(401));
    assert!(script.get_text("ResponseHeaders").unwrap().contains("Digest"), "the challenge can be read");
}

#[test]
fn d08_a_session_counts_nonces_and_does_not_ask_again() {
    // A server of its own: its requests are counted.
    let server = test_server::Server::start().unwrap();
    let script = session();
    let url = server.url("/digest-auth/auth/user/pass?a=b,c=d");
    script.set("Authentication", r#"{"Type": "Digest", "User": "user", "Password": "pass"}"#).unwrap();
    let counts: Vec<String> =
        (0..3).map(|_| script.json("GetJson", &[&url]).unwrap()["nc"].as_str().unwrap().to_owned()).collect();
    assert_eq!(counts, ["00000001", "00000002", "00000003"]);
    assert_eq!(server.requests(), 4, "one challenge for all three");
}

#[test]
fn d08_difficult_names_targets_and_bodies_are_covered_by_the_answer() {
    let url = https("/digest-auth/auth-int/Иван \"И%5C/пароль, 1=/SHA-256?a=b, c=\"d\"");
    let script = connector();
    assert_eq!(script.status("Post", &[&url, "тело", &digest("Иван \"И\\", "пароль, 1=")]), Ok(200));
}

#[test]
fn a_session_counts_the_uses_of_a_nonce_and_takes_the_next_when_it_is_stale() {
    let script = session();
    let russian =
        json!({"Аутентификация": {"Тип": "digest", "Пользователь": "u", "Пароль": "p"}}).to_string();
    let uses = (0..7).map(|_| {
        let answer =
            script.json("PostJson", &[&http("/digest-auth/auth/u/p?uses=3"), "{}", &russian]).unwrap();
        answer["nc"].as_str().unwrap().trim_start_matches('0').to_owned()
    });
    assert_eq!(uses.collect::<String>(), "1231231");
}

/// Options for the client the token endpoint knows; tokens are numbered for each audience.
fn token(audience: &str) -> serde_json::Value {
    json!({"Authentication": {
        "TokenURL": http("/oauth/token"), "ClientID": "клиент", "ClientSecret": "сек рет",
        "Parameters": {"audience": audience},
    }})
}

#[test]
fn a_token_is_fetched_kept_by_a_session_and_renewed_when_refused() {
    let script = session();
    let given = |from: u32| {
        let url = http(&format!("/oauth/resource/{from}"));
        script.json("GetJson", &[&url, &token("kept").to_string()]).unwrap()["token"].as_u64().unwrap()
    };
    assert_eq!([given(1), given(1), given(2), given(2)], [1, 1, 2, 2]);
    let refused = script.status("Get", &[&http("/oauth/resource/9"), &token("kept").to_string()]);
    assert_eq!(refused, Ok(401), "a new one is refused, too");
    assert_eq!(given(1), 3);
    let in_body = json!({"Аутентификация": {
        "Тип": "OAuth2", "АдресТокена": http("/oauth/token"), "ИдентификаторКлиента": "клиент",
        "СекретКлиента": "сек рет", "ВТеле": true, "Область": "a b",
    }});
    assert_eq!(connector().status("Get", &[&http("/oauth/resource/1"), &in_body.to_string()]), Ok(200));
}

#[test]
fn a_token_endpoint_that_refuses_is_an_error_without_the_secret() {
    let mut wrong = token("wrong");
    wrong["Authentication"]["ClientSecret"] = json!("qwerty-secret");
    wrong["Authentication"]["InBody"] = json!(true);
    let text = connector().failure("Get", &[&http("/oauth/resource/1"), &wrong.to_string()]).unwrap();
    assert!(text.contains("invalid_client") && text.contains("/oauth/token"), "{text}");
    assert!(!text.contains("qwerty"), "{text}");
}
