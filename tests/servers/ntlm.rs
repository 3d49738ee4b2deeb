//! NTLM against an acceptor that checks what is computed: as origin and as proxy, alone and inside SPNEGO.

use serde_json::{Value, json};

use crate::script::Script;
use crate::{connector, server, session, told};

const BODY: &str = "тело запроса";

fn who(user: &str, password: &str) -> Value {
    json!({"Type": "NTLM", "User": user, "Password": password})
}

fn with(user: &str, password: &str) -> String {
    json!({ "Authentication": who(user, password) }).to_string()
}

/// The answer to a request, which is 200.
fn get(script: &Script, url: &str, options: &str) -> Value {
    assert_eq!(script.status("Get", &[url, options]), Ok(200), "{url}");
    script.json("AsJson", &[]).unwrap()
}

fn post(script: &Script, url: &str, body: &str, options: &str) -> Value {
    assert_eq!(script.status("Post", &[url, body, options]), Ok(200), "{url}");
    script.json("AsJson", &[]).unwrap()
}

fn sum(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_spelling_of_a_user_is_let_in() {
    let base = server!("CONNECTOR_NTLM");
    for (user, password, known_as) in [
        ("LAB\\user", "pa ss", "LAB\\user"),
        ("lab\\USER", "pa ss", "lab\\USER"),
        ("single", "secret", "single"),
        ("upn@lab.test", "secret", "upn@lab.test"),
        ("ДОМЕН\\Пользователь", "Пароль Ёж", "ДОМЕН\\Пользователь"),
        ("ДОМЕН\\пользователь", "Пароль Ёж", "ДОМЕН\\пользователь"),
    ] {
        for path in ["ntlm", "negotiate"] {
            let answer = get(&connector(), &format!("{base}/{path}"), &with(user, password));
            assert_eq!(answer["user"], known_as, "{path}");
        }
    }
}

#[test]
fn wrong_password_is_401_after_one_dialogue() {
    let base = server!("CONNECTOR_NTLM");
    for path in ["ntlm", "negotiate"] {
        let script = session();
        let url = format!("{base}/{path}");
        assert_eq!(script.status("Get", &[&url, &with("LAB\\user", "wrong")]), Ok(401), "{path}");
        assert_eq!(script.status("Get", &[&url, &with("nobody", "pa ss")]), Ok(401), "{path}");
        assert_eq!(script.status("Get", &[&url]), Ok(401), "{path} without credentials");
        get(&script, &url, &with("LAB\\user", "pa ss"));
    }
}

#[test]
fn later_requests_of_a_session_go_without_a_dialogue_on_the_same_connection() {
    let base = server!("CONNECTOR_NTLM");
    for path in ["ntlm", "negotiate"] {
        let (script, url, options) = (session(), format!("{base}/{path}"), with("LAB\\user", "pa ss"));
        let first = get(&script, &url, &options);
        let second = get(&script, &url, &options);
        let third = post(&script, &url, BODY, &options);
        assert_eq!(second["connection"], first["connection"], "{path}");
        assert_eq!(third["connection"], first["connection"], "{path}");
        assert_eq!(second["requests"].as_u64().unwrap(), first["requests"].as_u64().unwrap() + 1);
        assert_eq!(second["authorization"], false);
        assert_eq!((&third["sha256"], &third["length"]), (&json!(sum(BODY)), &json!(BODY.len())));
    }
}

#[test]
fn body_is_held_back_while_the_dialogue_goes_on() {
    let base = server!("CONNECTOR_NTLM");
    let (script, options) = (session(), with("LAB\\user", "pa ss"));
    let url = format!("{base}/ntlm");
    // Nobody knows yet that this server asks: it gets the whole request once, then the dialogue, then the body.
    let first = post(&script, &url, BODY, &options);
    assert_eq!(first["bodies"], json!([BODY.len(), 0, BODY.len()]));
    assert_eq!(first["sha256"], sum(BODY));
    // Now it is known, so that on a connection that is not open yet only the last request has its body.
    let once = format!("{base}/once");
    let again = post(&script, &once, BODY, &options);
    assert_eq!(again["connection"], first["connection"]);
    let after = post(&script, &once, BODY, &options);
    assert_eq!(after["sha256"], sum(BODY));
    script.call("CloseConnections", &[]).unwrap();
    let fresh = post(&script, &url, BODY, &options);
    assert_ne!(fresh["connection"], first["connection"]);
    assert_eq!((&fresh["bodies"], &fresh["sha256"]), (&json!([0, BODY.len()]), &json!(sum(BODY))));
}

#[test]
fn server_that_wants_nothing_gets_whole_requests_only() {
    let base = server!("CONNECTOR_NTLM");
    let (script, options) = (session(), with("LAB\\user", "pa ss"));
    let answer = post(&script, &format!("{base}/open"), BODY, &options);
    assert_eq!((&answer["bodies"], &answer["sha256"]), (&json!([BODY.len()]), &json!(sum(BODY))));
    // The session learns that the server asks, and asks it in a place where it does not.
    post(&script, &format!("{base}/ntlm"), BODY, &options);
    let answer = post(&script, &format!("{base}/open"), BODY, &options);
    assert_eq!(answer["sha256"], sum(BODY));
}

#[test]
fn connection_is_not_for_other_credentials_or_none() {
    let base = server!("CONNECTOR_NTLM");
    let (script, url) = (session(), format!("{base}/ntlm"));
    let first = get(&script, &url, &with("LAB\\user", "pa ss"));
    assert_eq!(script.status("Get", &[&url]), Ok(401));
    assert_eq!(script.status("Get", &[&url, &with("LAB\\user", "wrong")]), Ok(401));
    let other = get(&script, &url, &with("single", "secret"));
    assert_eq!(other["user"], "single");
    assert_ne!(other["connection"], first["connection"]);
    let open = get(&script, &format!("{base}/open"), "");
    assert_eq!(open["user"], Value::Null, "a connection nobody opened");
    let again = get(&script, &url, &with("LAB\\user", "pa ss"));
    assert_eq!(again["connection"], first["connection"]);
}

#[test]
fn server_that_closes_in_the_middle_is_asked_twice_and_no_more() {
    let base = server!("CONNECTOR_NTLM");
    let options = with("LAB\\user", "pa ss");
    assert_eq!(
        session().status("Get", &[&format!("{base}/cut"), &options]),
        Ok(401),
        "it says that it closes"
    );
    let script = session();
    let text = script.failure("Get", &[&format!("{base}/hush"), &options]).unwrap();
    let details = script.get_json("LastErrorDetails").unwrap();
    assert_eq!(details["code"], "authentication", "{text}");
}

#[test]
fn answer_is_bound_to_the_tls_channel() {
    let base = server!("CONNECTOR_NTLM_TLS");
    let Some(pki) = told("CONNECTOR_PKI") else { return };
    for path in ["ntlm", "negotiate"] {
        let options = json!({
            "Authentication": who("LAB\\user", "pa ss"), "VerifySSL": {"File": format!("{pki}/root.pem")},
        });
        let answer = get(&connector(), &format!("{base}/{path}"), &options.to_string());
        assert_eq!(answer["user"], "LAB\\user");
        assert_eq!(answer["bound"], true, "{path}");
    }
}

#[test]
fn proxy_is_satisfied_on_one_connection() {
    let base = server!("CONNECTOR_NTLM");
    let address = base.strip_prefix("http://").unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let proxy = json!({"Server": host, "Port": port.parse::<u16>().unwrap(), "User": "LAB\\user", "Password": "pa ss"});
    let options = json!({ "Proxy": proxy }).to_string();
    let script = session();
    let answer = get(&script, "http://anywhere.test/ntlm", &options);
    assert_eq!(answer["user"], "LAB\\user");
    let second = post(&script, "http://anywhere.test/ntlm", BODY, &options);
    assert_eq!((&second["connection"], &second["sha256"]), (&answer["connection"], &json!(sum(BODY))));
    let fresh = post(&session(), "http://anywhere.test/ntlm", BODY, &options);
    assert_eq!(
        (&fresh["bodies"], &fresh["sha256"]),
        (&json!([BODY.len(), 0, BODY.len()]), &json!(sum(BODY)))
    );
    let wrong = options.replace("pa ss", "wrong");
    let script = connector();
    script.failure("Get", &["http://anywhere.test/ntlm", &wrong]).unwrap();
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["code"], "proxy");
}

#[test]
fn tunnel_through_a_proxy_that_asks_for_ntlm_is_opened() {
    let base = server!("CONNECTOR_NTLM");
    let target = server!("CONNECTOR_NTLM_TLS");
    let Some(pki) = told("CONNECTOR_PKI") else { return };
    let proxy = base.replace("://", "://LAB%5Cuser:pa%20ss@");
    let options = json!({"Proxy": proxy, "VerifySSL": {"File": format!("{pki}/root.pem")}}).to_string();
    let answer = get(&connector(), &format!("{target}/open"), &options);
    assert_eq!(answer["user"], Value::Null);
}
