//! The compatible provider, through the built library: old servers of nginx, each refused by the modern one, and
//! Apache, which asks for a client certificate in the middle of a connection.

use std::path::Path;

use serde_json::{Value, json};

use crate::{connector, server, session};

/// Options with the compatible provider and the authority of the run, and `more`.
fn options(more: Value) -> Option<String> {
    let pki = crate::told("CONNECTOR_PKI")?;
    let root = Path::new(&pki).join("root.pem");
    let mut options = json!({"TLSProvider": "Compatible", "VerifySSL": {"File": root.to_str()?}});
    let (Value::Object(all), Value::Object(more)) = (&mut options, more) else { return None };
    all.extend(more);
    Some(options.to_string())
}

/// Options of the same trust with the modern provider.
fn modern() -> Option<String> {
    options(json!({"TLSProvider": "Modern"}))
}

/// The words of the refusal.
fn refused(url: &str, options: &str) -> String {
    let script = connector();
    let text = script.failure("Get", &[url, options]).unwrap();
    let details = script.get_json("LastErrorDetails").unwrap();
    assert_eq!(details["phase"], "tls", "{text}");
    details["problem"].as_str().unwrap_or_default().to_owned()
}

/// Answered with the compatible provider, refused with the modern; the version and the cipher.
fn only_compatible(url: &str) -> Option<(String, String)> {
    refused(url, &modern()?);
    let answer = connector().json("GetJson", &[url, &options(json!({}))?]).unwrap();
    Some((answer["protocol"].as_str()?.to_owned(), answer["cipher"].as_str()?.to_owned()))
}

#[test]
fn tls_1_0_is_spoken() {
    let Some((version, _)) = only_compatible(&server!("CONNECTOR_TLS_TLS10")) else { return };
    assert_eq!(version, "TLSv1");
}

#[test]
fn tls_1_1_is_spoken() {
    let Some((version, _)) = only_compatible(&server!("CONNECTOR_TLS_TLS11")) else { return };
    assert_eq!(version, "TLSv1.1");
}

#[test]
fn cbc_is_spoken() {
    let Some((_, cipher)) = only_compatible(&server!("CONNECTOR_TLS_CBC")) else { return };
    assert!(cipher.starts_with("ECDHE-RSA-AES128-SHA"), "{cipher}");
}

#[test]
fn rsa_key_exchange_is_spoken() {
    let Some((_, cipher)) = only_compatible(&server!("CONNECTOR_TLS_RSA_KX")) else { return };
    assert!(["AES128-GCM-SHA256", "AES256-SHA"].contains(&cipher.as_str()), "{cipher}");
}

#[test]
fn dhe_is_spoken() {
    let Some((_, cipher)) = only_compatible(&server!("CONNECTOR_TLS_DHE")) else { return };
    assert_eq!(cipher, "DHE-RSA-AES128-GCM-SHA256");
}

#[test]
fn short_keys_are_accepted() {
    only_compatible(&server!("CONNECTOR_TLS_RSA1024"));
}

#[test]
fn sha1_signatures_are_accepted() {
    only_compatible(&server!("CONNECTOR_TLS_SHA1"));
}

#[test]
fn tls_1_3_is_spoken_too() {
    let url = server!("CONNECTOR_TLS_TLS13");
    let Some(options) = options(json!({})) else { return };
    assert_eq!(connector().json("GetJson", &[&url, &options]).unwrap()["protocol"], "TLSv1.3");
}

#[test]
fn verification_is_as_strict_as_ever() {
    let (host, expired) = (server!("CONNECTOR_TLS_WRONG_HOST"), server!("CONNECTOR_TLS_EXPIRED"));
    let (stranger, own) = (server!("CONNECTOR_TLS_UNTRUSTED"), server!("CONNECTOR_TLS_SELF_SIGNED"));
    let old = server!("CONNECTOR_TLS_TLS10");
    let Some(ours) = options(json!({})) else { return };
    assert_eq!(refused(&host, &ours), "wrong-name");
    assert_eq!(refused(&expired, &ours), "expired");
    assert_eq!(refused(&stranger, &ours), "unknown-issuer");
    assert_eq!(refused(&own, &ours), "unknown-issuer");
    // The system does not know the run's authority.
    assert_eq!(refused(&old, "{\"TLSProvider\": \"Compatible\"}"), "unknown-issuer");
}

#[test]
fn revoked_certificate_is_refused() {
    let (revoked, good) = (server!("CONNECTOR_TLS_REVOKED"), server!("CONNECTOR_TLS_GOOD"));
    let list = Path::new(&server!("CONNECTOR_PKI")).join("root.crl");
    let Some(with) = options(json!({"RevocationLists": {"File": list.to_str().unwrap()}})) else { return };
    assert_eq!(refused(&revoked, &with), "revoked");
    assert_eq!(connector().status("Get", &[&good, &with]), Ok(200));
    let Some(without) = options(json!({})) else { return };
    assert_eq!(connector().status("Get", &[&revoked, &without]), Ok(200));
}

#[test]
fn pins_hold() {
    let url = server!("CONNECTOR_TLS_TLS10");
    let key = Path::new(&server!("CONNECTOR_PKI")).join("good-rsa.key");
    let spki = std::process::Command::new("openssl")
        .args(["pkey", "-pubout", "-outform", "DER", "-in"])
        .arg(key)
        .output()
        .unwrap()
        .stdout;
    use base64::Engine as _;
    use sha2::Digest as _;
    let pin = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(spki));
    let with = |pin: &str| options(json!({"PinnedKeys": [format!("sha256/{pin}")]}));
    let (Some(right), Some(wrong)) = (with(&pin), with(&format!("{}=", "A".repeat(43)))) else { return };
    assert_eq!(connector().status("Get", &[&url, &right]), Ok(200));
    assert_eq!(refused(&url, &wrong), "pin");
}

#[test]
fn large_file_of_an_old_server_is_as_it_is_on_disk() {
    let base = server!("CONNECTOR_TLS_TLS10");
    let files = server!("CONNECTOR_NGINX_FILES");
    let Some(options) = options(json!({})) else { return };
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/large.bin"), &options]), Ok(200));
    let body = script.call("TakeBody", &[]).unwrap();
    let disk = std::fs::read(Path::new(&files).join("large.bin")).unwrap();
    assert!(body.as_bytes().unwrap() == disk, "64 MB differ");
}

#[test]
fn session_keeps_its_connection() {
    let base = server!("CONNECTOR_TLS_TLS11");
    let Some(options) = options(json!({})) else { return };
    let session = session();
    session.call("Configure", &[options.as_str().into()]).unwrap();
    let seen = || session.json("GetJson", &[&format!("{base}/seen")]).unwrap()["connection"].clone();
    assert_eq!(seen(), seen());
}

/// Options with the client certificate Apache wants.
fn identified(client: &str, more: Value) -> Option<String> {
    let identity = json!({"File": format!("{client}.pem"), "Key": {"File": format!("{client}.key")}});
    let mut all = json!({"ClientSSLCertificate": identity});
    let (Value::Object(into), Value::Object(more)) = (&mut all, more) else { return None };
    into.extend(more);
    options(all)
}

#[test]
fn client_certificate_is_shown_when_a_path_asks_for_it() {
    let client = server!("CONNECTOR_APACHE_CLIENT");
    for base in [server!("CONNECTOR_APACHE_TLS12"), server!("CONNECTOR_APACHE_TLS13")] {
        let Some(with) = identified(&client, json!({})) else { return };
        let session = session();
        session.call("Configure", &[with.as_str().into()]).unwrap();
        assert_eq!(session.status("Get", &[&format!("{base}/a.json")]), Ok(200));
        assert_eq!(session.status("Get", &[&format!("{base}/private/a.json")]), Ok(200), "{base}");
        assert_eq!(session.status("Get", &[&format!("{base}/private/numbers.txt")]), Ok(200));
    }
}

#[test]
fn body_of_an_upload_survives_a_renegotiation() {
    let client = server!("CONNECTOR_APACHE_CLIENT");
    let base = server!("CONNECTOR_APACHE_TLS12");
    let Some(with) = identified(&client, json!({})) else { return };
    let body = "x".repeat(3_000_000);
    let url = format!("{base}/put/renegotiated.txt");
    let script = connector();
    let status = script.status("Put", &[&url, &body, &with]);
    assert!(matches!(status, Ok(201 | 204)), "{status:?}");
    assert_eq!(script.status("Get", &[&url, &with]), Ok(200));
    assert_eq!(script.call("TakeBody", &[]).unwrap().as_bytes().unwrap().len(), body.len());
}

#[test]
fn path_that_wants_a_client_certificate_refuses_without_one() {
    let base = server!("CONNECTOR_APACHE_TLS12");
    let Some(without) = options(json!({})) else { return };
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/a.json"), &without]), Ok(200));
    let url = format!("{base}/private/a.json");
    let answered = script.status("Get", &[&url, &without]);
    assert!(matches!(answered, Ok(403) | Err(_)), "{answered:?}");
    // The modern provider does not renegotiate.
    let client = server!("CONNECTOR_APACHE_CLIENT");
    let Some(modern) = identified(&client, json!({"TLSProvider": "Modern"})) else { return };
    let answered = script.status("Get", &[&url, &modern]);
    assert_ne!(answered, Ok(200));
}
