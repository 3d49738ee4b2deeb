//! Certificates made by the run, each on a port of nginx of its own: which are accepted with which trust, and what
//! is said about the others; versions, key exchanges, pins, revocation lists, the name asked for.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_cert::der::Encode;

use crate::script::{CONNECTOR, Script};
use crate::{built, connector, server, session};

/// Options that trust a certificate of the run's PKI, by file.
fn trusting(name: &str) -> Option<String> {
    let pki = crate::told("CONNECTOR_PKI")?;
    let file = Path::new(&pki).join(format!("{name}.pem"));
    Some(json!({"VerifySSL": {"File": file.to_str()?}}).to_string())
}

/// Options that trust the run's authority, and more.
fn and(more: &Value) -> Option<String> {
    let mut options: Value = serde_json::from_str(&trusting("root")?).ok()?;
    options.as_object_mut()?.extend(more.as_object()?.clone());
    Some(options.to_string())
}

/// A file of the run's PKI.
fn pki(name: &str) -> Option<String> {
    Some(Path::new(&crate::told("CONNECTOR_PKI")?).join(name).to_str()?.to_owned())
}

/// The pin of a certificate of the run's PKI; of several in the file, of the first.
fn pin(name: &str) -> Option<String> {
    let text = std::fs::read(pki(&format!("{name}.pem"))?).unwrap();
    let certificates = x509_cert::Certificate::load_pem_chain(&text).unwrap();
    let key = certificates[0].tbs_certificate().subject_public_key_info().to_der().unwrap();
    Some(format!("sha256/{}", STANDARD.encode(Sha256::digest(key))))
}

/// The details of a refusal.
fn details(url: &str, options: &str) -> Value {
    let script = connector();
    script.failure("Get", &[url, options]).unwrap();
    script.get_json("LastErrorDetails").unwrap()
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
    let urls = [
        server!("CONNECTOR_TLS_GOOD"),
        server!("CONNECTOR_TLS_GOOD_RSA"),
        server!("CONNECTOR_TLS_GOOD_CHAIN"),
        server!("CONNECTOR_TLS_TLS12"),
        server!("CONNECTOR_TLS_TLS13"),
        server!("CONNECTOR_TLS_REVOKED"),
    ];
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
fn what_is_wrong_with_each_certificate_is_said() {
    // Variable, problem, subject of the certificate in question, something of the detail.
    let table = [
        ("WRONG_HOST", "wrong-name", "CN=wrong-host", ""),
        ("WILDCARD", "wrong-name", "CN=wildcard", ""),
        ("CN_ONLY", "no-names", "CN=cn-only", ""),
        ("EXPIRED", "expired", "CN=expired", ""),
        ("EXPIRED_CHAIN", "expired", "CN=inner-expired", "certificate 2 of the chain"),
        ("NOT_YET", "not-yet-valid", "CN=not-yet", ""),
        ("SELF_SIGNED", "unknown-issuer", "CN=localhost", "self-signed"),
        ("UNTRUSTED", "unknown-issuer", "CN=untrusted", "CN=Lab stranger"),
        ("INCOMPLETE", "unknown-issuer", "CN=incomplete", "CN=inner"),
        ("WRONG_USAGE", "purpose", "CN=wrong-usage", ""),
        ("SHA1", "unsupported-algorithm", "CN=sha1", "SHA-1"),
        ("RSA1024", "weak-key", "CN=rsa1024", "1024"),
        ("CRITICAL", "critical-extension", "CN=critical", ""),
        ("BY_LEAF", "not-a-ca", "CN=good", "certificate 2 of the chain"),
    ];
    let Some(options) = trusting("root") else { return };
    for (variable, word, subject, part) in table {
        let Some(url) = crate::told(&format!("CONNECTOR_TLS_{variable}")) else { return };
        let details = details(&url, &options);
        assert_eq!(details["code"], "tls", "{variable}: {details}");
        assert_eq!(details["problem"], word, "{variable}: {details}");
        assert_eq!(details["certificate"]["subject"], subject, "{variable}: {details}");
        assert!(details["detail"].as_str().unwrap().contains(part), "{variable}: {details}");
        assert_eq!(connector().status("Get", &[&url, "{\"VerifySSL\": false}"]), Ok(200), "{variable}");
    }
}

#[test]
fn what_only_the_compatible_provider_speaks_is_a_clear_error() {
    for (variable, word) in [
        ("TLS11", "protocol-version"),
        ("TLS10", "protocol-version"),
        ("CBC", "handshake"),
        ("RSA_KX", "handshake"),
        ("DHE", "handshake"),
    ] {
        let Some(url) = crate::told(&format!("CONNECTOR_TLS_{variable}")) else { return };
        let details = details(&url, "{\"VerifySSL\": false}");
        assert_eq!(details["phase"], "tls", "{variable}: {details}");
        assert_eq!(details["problem"], word, "{variable}: {details}");
        assert_eq!(details["host"], "localhost", "{variable}: {details}");
    }
}

#[test]
fn versions_are_kept_within_the_limits_asked_for() {
    let (both, only_12, only_13) =
        (server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_TLS_TLS12"), server!("CONNECTOR_TLS_TLS13"));
    let spoken = |options: Value| {
        let options = and(&options)?;
        Some(connector().json("GetJson", &[&both, &options]).unwrap()["protocol"].clone())
    };
    assert_eq!(spoken(json!({})).unwrap_or("TLSv1.3".into()), "TLSv1.3");
    assert_eq!(spoken(json!({"MaximumTLSVersion": "1.2"})).unwrap_or("TLSv1.2".into()), "TLSv1.2");
    assert_eq!(spoken(json!({"MinimumTLSVersion": "TLSv1.0"})).unwrap_or("TLSv1.3".into()), "TLSv1.3");
    for (url, limit) in
        [(&only_12, json!({"MinimumTLSVersion": "1.3"})), (&only_13, json!({"MaximumTLSVersion": "1.2"}))]
    {
        let Some(options) = and(&limit) else { return };
        let details = details(url, &options);
        assert_eq!(details["problem"], "protocol-version", "{details}");
    }
    for limits in
        [json!({"MaximumTLSVersion": "1.1"}), json!({"MinimumTLSVersion": "1.3", "MaximumTLSVersion": "1.2"})]
    {
        let details = details(&both, &limits.to_string());
        assert_eq!(
            (&details["code"], &details["phase"]),
            (&json!("unsupported"), &json!("prepare")),
            "{details}"
        );
    }
}

#[test]
fn another_name_is_asked_for_and_looked_for() {
    let (good, wildcard) = (server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_TLS_WILDCARD"));
    let named = |name: &str| and(&json!({"TLSServerName": name}));
    let Some(options) = named("one.wild.test") else { return };
    assert_eq!(connector().json("GetJson", &[&wildcard, &options]).unwrap()["name"], "one.wild.test");
    for name in ["wild.test", "one.two.wild.test", "other.test"] {
        let Some(options) = named(name) else { return };
        assert_eq!(details(&wildcard, &options)["problem"], "wrong-name", "{name}");
    }
    let Some(options) = named("127.0.0.1") else { return };
    assert_eq!(
        connector().json("GetJson", &[&good, &options]).unwrap()["name"],
        "",
        "addresses are not sent"
    );
}

#[test]
fn pinned_keys_are_those_of_the_chain() {
    let url = server!("CONNECTOR_TLS_GOOD_CHAIN");
    let (Some(leaf), Some(inner), Some(root), Some(other)) =
        (pin("good-chain"), pin("inner"), pin("root"), pin("good"))
    else {
        return;
    };
    for pins in
        [json!(leaf), json!([inner]), json!([other, root]), json!([leaf.replace("sha256/", "sha256//")])]
    {
        let options = and(&json!({"PinnedKeys": pins})).unwrap();
        assert_eq!(connector().status("Get", &[&url, &options]), Ok(200), "{options}");
    }
    let details = |options: Value| details(&url, &options.to_string());
    let wrong = details(serde_json::from_str(&and(&json!({"PinnedKeys": [other]})).unwrap()).unwrap());
    assert_eq!(wrong["problem"], "pin", "{wrong}");
    for key in [&leaf, &inner, &root] {
        assert!(wrong["detail"].as_str().unwrap().contains(key.as_str()), "{wrong}");
    }
    // Without verification it is the server's own key alone that is proved.
    let unverified = json!({"VerifySSL": false, "PinnedKeys": [leaf]}).to_string();
    assert_eq!(connector().status("Get", &[&url, &unverified]), Ok(200));
    assert_eq!(details(json!({"VerifySSL": false, "PinnedKeys": [inner]}))["problem"], "pin");
}

#[test]
fn revoked_certificate_is_refused_by_the_list_of_its_authority_only() {
    let (revoked, good) = (server!("CONNECTOR_TLS_REVOKED"), server!("CONNECTOR_TLS_GOOD"));
    let (Some(by_root), Some(by_stranger)) = (pki("root.crl"), pki("stranger.crl")) else { return };
    let listed = |files: &[&str]| {
        let lists: Vec<Value> = files.iter().map(|file| json!({"File": file})).collect();
        and(&json!({"RevocationLists": lists})).unwrap()
    };
    let details = details(&revoked, &listed(&[&by_stranger, &by_root]));
    assert_eq!(details["problem"], "revoked", "{details}");
    assert_eq!(connector().status("Get", &[&revoked, &listed(&[&by_stranger])]), Ok(200));
    assert_eq!(connector().status("Get", &[&good, &listed(&[&by_root])]), Ok(200));
    let text = std::fs::read_to_string(&by_root).unwrap();
    let as_text = and(&json!({"RevocationLists": text})).unwrap();
    assert_eq!(self::details(&revoked, &as_text)["problem"], "revoked");
}

#[test]
fn own_authority_is_trusted_beside_the_systems() {
    let (good, untrusted) = (server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_TLS_UNTRUSTED"));
    let Some(root) = pki("root.pem") else { return };
    let both = json!({"VerifySSL": [true, {"File": root}]}).to_string();
    assert_eq!(connector().status("Get", &[&good, &both]), Ok(200));
    assert_eq!(details(&untrusted, &both)["problem"], "unknown-issuer");
}

/// The system's roots are read when a setting is first used, so this needs a process of its own.
#[test]
fn roots_of_the_system_are_where_ssl_cert_file_says() {
    let (good, untrusted) = (server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_TLS_UNTRUSTED"));
    let (Some(ours), Some(theirs)) = (pki("root.pem"), pki("stranger.pem")) else { return };
    if std::env::var_os("CONNECTOR_CHILD").is_none() {
        let name = "tls::roots_of_the_system_are_where_ssl_cert_file_says";
        let child = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env("CONNECTOR_CHILD", "1")
            .env("SSL_CERT_FILE", &ours)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    assert_eq!(connector().status("Get", &[&good]), Ok(200));
    assert_eq!(details(&untrusted, "")["problem"], "unknown-issuer");
    let both = json!({"VerifySSL": [true, {"File": theirs}]}).to_string();
    for url in [&good, &untrusted] {
        assert_eq!(connector().status("Get", &[url, &both]), Ok(200), "{url}");
    }
}

#[test]
fn session_resumes_tls_on_a_new_connection() {
    for version in ["1.2", "1.3"] {
        let Some(url) = crate::told(&format!("CONNECTOR_TLS_TLS{}", version.replace('.', ""))) else {
            return;
        };
        // Settings no other test has: what can be resumed is remembered by settings and name.
        let limits =
            json!({"MinimumTLSVersion": version, "MaximumTLSVersion": version, "TLSServerName": "localhost"});
        let Some(options) = and(&limits) else { return };
        let session = session();
        session.call("Configure", &[options.as_str().into()]).unwrap();
        let resumed = || session.json("GetJson", &[&url]).unwrap()["resumed"].clone();
        assert_eq!(resumed(), ".", "{version}");
        session.call("CloseConnections", &[]).unwrap();
        assert_eq!(resumed(), "r", "{version}");
    }
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
