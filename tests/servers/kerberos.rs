//! Negotiate with Kerberos: an MIT KDC with one user, Apache with mod_auth_gssapi, GSSAPI of the system.

use serde_json::{Value, json};

use crate::script::Script;
use crate::{connector, server, session};

const BODY: &str = "тело запроса";
const CURRENT: &str = r#"{"Authentication": {"UseOSAuthentication": true}}"#;

fn json_of(script: &Script, method: &str, arguments: &[&str]) -> Value {
    assert_eq!(script.status(method, arguments), Ok(200), "{method}");
    script.json("AsJson", &[]).unwrap()
}

fn sum(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn given(user: &str, password: &str) -> String {
    json!({"Authentication": {"Type": "Negotiate", "User": user, "Password": password}}).to_string()
}

#[test]
fn current_user_is_let_in() {
    let base = server!("CONNECTOR_KERBEROS");
    for path in ["each", "bound"] {
        let url = format!("{base}/{path}");
        assert_eq!(connector().status("Get", &[&url]), Ok(401), "{path} asks");
        let answer = json_of(&connector(), "Get", &[&url, CURRENT]);
        assert_eq!(answer["user"], "user@LAB.TEST", "{path}");
    }
}

#[test]
fn body_of_the_current_user_arrives() {
    let base = server!("CONNECTOR_KERBEROS");
    for path in ["each", "bound", "anyone"] {
        let answer = json_of(&connector(), "Post", &[&format!("{base}/{path}"), BODY, CURRENT]);
        assert_eq!((&answer["method"], &answer["sha256"]), (&json!("POST"), &json!(sum(BODY))), "{path}");
    }
}

#[test]
fn session_stays_on_one_connection() {
    let base = server!("CONNECTOR_KERBEROS");
    for path in ["each", "bound"] {
        let (script, url) = (session(), format!("{base}/{path}"));
        let first = json_of(&script, "Get", &[&url, CURRENT]);
        let second = json_of(&script, "Post", &[&url, BODY, CURRENT]);
        assert_eq!(second["port"], first["port"], "{path}");
        assert_eq!(second["user"], "user@LAB.TEST", "{path}");
        assert_eq!(second["sha256"], sum(BODY), "{path}");
    }
}

#[test]
fn user_with_a_password_gets_a_ticket_of_its_own() {
    let base = server!("CONNECTOR_KERBEROS");
    let url = format!("{base}/each");
    for user in ["user", "user@LAB.TEST", "LAB.TEST\\user"] {
        let answer = json_of(&connector(), "Post", &[&url, BODY, &given(user, "secret")]);
        assert_eq!(
            (&answer["user"], &answer["sha256"]),
            (&json!("user@LAB.TEST"), &json!(sum(BODY))),
            "{user}"
        );
    }
}

#[test]
fn wrong_password_is_401() {
    let base = server!("CONNECTOR_KERBEROS");
    assert_eq!(connector().status("Get", &[&format!("{base}/each"), &given("user", "wrong")]), Ok(401));
    // Who asks for nothing does not care.
    assert_eq!(connector().status("Get", &[&format!("{base}/anyone"), &given("user", "wrong")]), Ok(200));
}

#[test]
fn unknown_user_is_refused_by_the_server() {
    let base = server!("CONNECTOR_KERBEROS");
    // Kerberos does not know it, the server does not speak NTLM.
    assert_eq!(connector().status("Get", &[&format!("{base}/each"), &given("nobody", "x")]), Ok(401));
}

#[test]
fn without_a_ticket_the_error_says_so_where_one_is_asked_for() {
    let base = server!("CONNECTOR_KERBEROS");
    let child = "CONNECTOR_TEST_WITHOUT_TICKET";
    if std::env::var_os(child).is_none() {
        // Only the environment of a new process decides where tickets are.
        let name = "kerberos::without_a_ticket_the_error_says_so_where_one_is_asked_for";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(child, "1")
            .env("KRB5CCNAME", "FILE:/nonexistent/ticket")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let script = connector();
    let text = script.failure("Get", &[&format!("{base}/each"), CURRENT]).unwrap();
    let details = script.get_json("LastErrorDetails").unwrap();
    assert_eq!(details["code"], "authentication", "{text}");
    println!("{text}\n{details}");
    assert_eq!(connector().status("Get", &[&format!("{base}/anyone"), CURRENT]), Ok(200));
}
