//! Certificates made by the run, each on a port of nginx of its own: which are accepted with which trust, and what
//! is said about the others.

use std::path::Path;

use serde_json::{Value, json};

use crate::script::{CONNECTOR, Script};
use crate::{built, connector, server, session};

/// Options that trust a certificate of the run's PKI, by file.
fn trusting(name: &str) -> Option<String> {
    let pki = crate::told("CONNECTOR_PKI")?;
    let file = Path::new(&pki).join(format!("{name}.pem"));
    Some(json!({"VerifySSL": {"File": file.to_str()?}}).to_string())
}

/// The text and the code of a refusal.
fn refusal(url: &str, options: &str) -> (String, Value) {
    let script = connector();
    let text = script.failure("Get", &[url, options]).unwrap();
    let code = script.get_json("LastErrorDetails").unwrap()["code"].clone();
    assert_eq!(script.status("Get", &[url, "{\"VerifySSL\": false}"]), Ok(200), "works without verification");
    (text, code)
}

#[test]
fn good_certificates_are_accepted_with_their_authority() {
    let urls =
        [server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_TLS_GOOD_RSA"), server!("CONNECTOR_TLS_TLS12")];
    let Some(options) = trusting("root") else { return };
    for url in urls {
        assert_eq!(connector().status("Get", &[&url, &options]), Ok(200), "{url}");
    }
}

#[test]
fn good_certificate_is_accepted_by_address_too() {
    let url = server!("CONNECTOR_TLS_GOOD").replace("localhost", "127.0.0.1");
    let Some(options) = trusting("root") else { return };
    assert_eq!(connector().status("Get", &[&url, &options]), Ok(200));
}

#[test]
fn own_authority_is_not_trusted_by_default() {
    let url = server!("CONNECTOR_TLS_GOOD");
    let (text, _) = refusal(&url, "");
    assert!(text.contains("Remote host failed verification"), "{text}");
    let russian = Script::in_language(built::addin(), CONNECTOR, "ru").unwrap();
    let text = russian.failure("Get", &[&url]).unwrap();
    assert!(text.contains("Удаленный узел не прошел проверку"), "{text}");
}

#[test]
fn certificate_for_another_host_is_refused() {
    let url = server!("CONNECTOR_TLS_WRONG_HOST");
    let Some(options) = trusting("root") else { return };
    let (text, code) = refusal(&url, &options);
    assert!(text.contains("Remote host failed verification"), "{code}: {text}");
    assert!(text.contains("localhost"), "{text}");
}

#[test]
fn expired_certificate_is_refused() {
    let url = server!("CONNECTOR_TLS_EXPIRED");
    let Some(options) = trusting("root") else { return };
    let (text, _) = refusal(&url, &options);
    assert!(text.contains("Remote host failed verification") && text.contains("expired"), "{text}");
}

#[test]
fn certificate_of_a_stranger_is_refused_and_accepted_when_trusted() {
    let url = server!("CONNECTOR_TLS_UNTRUSTED");
    let (Some(ours), Some(theirs)) = (trusting("root"), trusting("stranger")) else { return };
    let (text, _) = refusal(&url, &ours);
    assert!(text.contains("Remote host failed verification"), "{text}");
    assert_eq!(connector().status("Get", &[&url, &theirs]), Ok(200));
}

#[test]
fn self_signed_certificate_is_accepted_only_as_its_own_anchor() {
    let url = server!("CONNECTOR_TLS_SELF_SIGNED");
    let (Some(other), Some(itself)) = (trusting("root"), trusting("self-signed")) else { return };
    refusal(&url, &other);
    assert_eq!(connector().status("Get", &[&url, &itself]), Ok(200));
}

#[test]
fn server_with_old_protocols_only_is_a_clear_error() {
    let url = server!("CONNECTOR_TLS_TLS11");
    let script = connector();
    let text = script.failure("Get", &[&url, "{\"VerifySSL\": false}"]).unwrap();
    assert!(text.contains("localhost"), "{text}");
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["phase"], "tls");
}

#[test]
fn large_file_over_tls_is_as_it_is_on_disk() {
    let base = server!("CONNECTOR_TLS_GOOD");
    let files = server!("CONNECTOR_NGINX_FILES");
    let Some(options) = trusting("root") else { return };
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/large.bin"), &options]), Ok(200));
    let body = script.call("TakeBody", &[]).unwrap();
    assert!(
        body.as_bytes().unwrap() == std::fs::read(Path::new(&files).join("large.bin")).unwrap(),
        "64 MB differ"
    );
}

#[test]
fn session_keeps_its_tls_connection_and_trust() {
    let base = server!("CONNECTOR_TLS_GOOD");
    let Some(options) = trusting("root") else { return };
    let session = session();
    session.call("Configure", &[options.as_str().into()]).unwrap();
    let first = session.json("GetJson", &[&format!("{base}/seen")]).unwrap();
    let second = session.json("GetJson", &[&format!("{base}/seen")]).unwrap();
    assert_eq!(first["connection"], second["connection"]);
}

#[test]
fn unverified_connection_is_not_reused_for_a_verified_request() {
    let base = server!("CONNECTOR_TLS_GOOD");
    let session = session();
    assert_eq!(session.status("Get", &[&base, "{\"VerifySSL\": false}"]), Ok(200));
    let text = session.failure("Get", &[&base]).unwrap();
    assert!(text.contains("Remote host failed verification"), "{text}");
}
