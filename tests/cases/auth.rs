//! Cases 26 and 27: Basic and Digest; and what the module they are from could not do.

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

#[test]
fn case_27_digest() {
    let options = |user: &str, password: &str| {
        trusting(json!({"Authentication": {"Type": "Digest", "User": user, "Password": password}}))
    };
    let url = https("/digest-auth/auth/user/pass");
    let answer = connector().json("GetJson", &[&url, &options("user", "pass")]).unwrap();
    assert_eq!((&answer["authenticated"], &answer["user"]), (&json!(true), &json!("user")));
    // The module asked for ever with a wrong password; here the 401 comes back.
    assert_eq!(connector().status("Get", &[&url, &options("user", "wrong")]), Ok(401));
    let difficult = https("/digest-auth/auth-int/Иван \"И%5C/пароль, 1=/SHA-256?a=b, c=\"d\"");
    let script = connector();
    let user = options("Иван \"И\\", "пароль, 1=");
    assert_eq!(script.status("Post", &[&difficult, "тело", &user]), Ok(200));
}

#[test]
fn a_session_counts_the_uses_of_a_nonce_and_takes_the_next_when_it_is_stale() {
    let script = session();
    let russian =
        json!({"Аутентификация": {"Тип": "digest", "Пользователь": "u", "Пароль": "p"}}).to_string();
    let uses = (0..7).map(|_| {
        let answer =
            script.json("PostJson", &[&http("/digest-auth/auth/u/p?uses=3"), "{}", &russian]).unwrap();
        answer["uses"].as_u64().unwrap()
    });
    assert_eq!(uses.collect::<Vec<_>>(), [1, 2, 3, 1, 2, 3, 1]);
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
