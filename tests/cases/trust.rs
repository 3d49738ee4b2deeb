//! D2: verification that is switched off, or given an authority, in a request counts.

use serde_json::json;

use crate::{SERVER, https, session};

#[test]
fn d02_a_request_switches_verification_off_and_gives_an_authority() {
    let url = https("/get");
    let script = session();
    assert!(script.failure("Get", &[&url]).unwrap().contains("Remote host failed verification"));
    assert_eq!(script.status("Get", &[&url, &json!({"VerifySSL": false}).to_string()]), Ok(200));
    let own = json!({"ПроверятьSSL": SERVER.ca_pem()}).to_string();
    assert_eq!(script.status("Get", &[&url, &own]), Ok(200));
    // The session's own setting, and a request that is stricter.
    script.set("VerifySSL", false).unwrap();
    assert_eq!(script.status("Get", &[&url]), Ok(200));
    assert!(script.failure("Get", &[&url, r#"{"VerifySSL": true}"#]).unwrap().contains("verification"));
}
