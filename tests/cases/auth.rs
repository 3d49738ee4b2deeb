//! Cases 26 and 27: Basic and Digest; D8.

use serde_json::json;

use crate::{connector, https, session, trusting};

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
