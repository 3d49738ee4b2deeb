//! OAuth 2.0 client credentials against an authorization server that checks them, and its resource.

use serde_json::{Value, json};

use crate::script::Script;
use crate::{connector, server, session};

fn options(base: &str, id: &str, secret: &str, scope: &str, in_body: bool) -> String {
    let authentication = json!({
        "Type": "OAuth2", "TokenURL": format!("{base}/token"), "ClientID": id, "ClientSecret": secret,
        "Scope": scope, "InBody": in_body,
    });
    json!({ "Authentication": authentication }).to_string()
}

fn orders(script: &Script, base: &str, options: &str) -> Value {
    assert_eq!(script.status("Get", &[&format!("{base}/orders"), options]), Ok(200));
    script.json("AsJson", &[]).unwrap()
}

#[test]
fn a_token_is_fetched_by_either_way_of_saying_the_secret() {
    let base = server!("CONNECTOR_OAUTH");
    let basic = options(&base, "basic-client", "секрет: 100% & +", "orders stock", false);
    assert_eq!(orders(&connector(), &base, &basic)["scope"], "orders stock");
    let in_body = options(&base, "body-client", "p@ss:w", "orders", true);
    assert_eq!(orders(&connector(), &base, &in_body)["scope"], "orders");
}

#[test]
fn a_session_asks_once_and_anew_when_its_token_is_revoked() {
    let base = server!("CONNECTOR_OAUTH");
    let session = session();
    let settings = options(&base, "basic-client", "секрет: 100% & +", "orders", false);
    session.call("Configure", &[settings.as_str().into()]).unwrap();
    orders(&session, &base, "");
    let address = format!("{base}/orders");
    for _ in 0..3 {
        assert_eq!(session.status("Get", &[&address]), Ok(200));
    }
    assert_eq!(connector().status("Post", &[&format!("{base}/revoke-all")]), Ok(200));
    // The resource says 401 to the revoked token; a new one is fetched and the request repeated.
    assert_eq!(session.status("Get", &[&address]), Ok(200));
}

#[test]
fn refusals_of_the_server_are_told_without_the_secret() {
    let base = server!("CONNECTOR_OAUTH");
    let address = format!("{base}/orders");
    let wrong = options(&base, "basic-client", "wr0ng-secret", "orders", false);
    let script = connector();
    let text = script.failure("Get", &[&address, &wrong]).unwrap();
    assert!(text.contains("invalid_client") && !text.contains("wr0ng-secret"), "{text}");
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["code"], "authentication");
    // A scope the client does not get: the resource refuses the token, which is an answer.
    let narrow = options(&base, "basic-client", "секрет: 100% & +", "stock", false);
    assert_eq!(connector().status("Get", &[&address, &narrow]), Ok(403));
}
