//! Client certificates, made by the run in every form there is: each gets through to an nginx that requires one, with
//! its own name, or is refused with a word of its own before anything is sent.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{connector, server, session};

const PASSWORD: &str = "secret";
const CYRILLIC: &str = "Пароль №1";
const WRONG: &str = "Kq7-oops";

/// The run's folder of identities, and the options every request here has.
struct Lab {
    folder: PathBuf,
    authority: PathBuf,
}

impl Lab {
    fn find() -> Option<Self> {
        let folder = crate::told("CONNECTOR_IDENTITIES")?.into();
        let authority = Path::new(&crate::told("CONNECTOR_PKI")?).join("root.pem");
        Some(Self { folder, authority })
    }

    fn file(&self, name: &str) -> Value {
        json!({"File": self.folder.join(name)})
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// Options with a certificate in one file, or in two.
    fn options(&self, certificate: &str, key: Option<&str>, password: Option<&str>) -> Value {
        let mut identity = self.file(certificate);
        if let Some(key) = key {
            identity["Key"] = self.file(key);
        }
        if let Some(password) = password {
            identity["Password"] = password.into();
        }
        self.with(&identity)
    }

    fn with(&self, identity: &Value) -> Value {
        json!({"VerifySSL": {"File": self.authority}, "ClientSSLCertificate": identity})
    }
}

/// Who the server says we are.
fn subject(url: &str, options: &Value) -> Result<String, String> {
    let seen = connector().json("GetJson", &[url, &options.to_string()])?;
    assert_eq!(seen["verify"], "SUCCESS", "{seen}");
    Ok(seen["subject"].as_str().unwrap_or_default().to_owned())
}

/// Files of PKCS#12, whom they are for, and the password.
const PKCS12: &[(&str, &str, Option<&str>)] = &[
    ("legacy.p12", "rsa", Some(PASSWORD)),
    ("rc2-128.p12", "rsa", Some(PASSWORD)),
    ("3des.p12", "rsa", Some(PASSWORD)),
    ("2des.p12", "rsa", Some(PASSWORD)),
    ("modern.p12", "rsa", Some(PASSWORD)),
    ("aes128.p12", "rsa", Some(PASSWORD)),
    ("aes192.p12", "rsa", Some(PASSWORD)),
    ("mixed.p12", "rsa", Some(PASSWORD)),
    ("nomac.p12", "rsa", Some(PASSWORD)),
    ("nomac-legacy.p12", "rsa", Some(PASSWORD)),
    ("iterations.p12", "rsa", Some(PASSWORD)),
    ("ec.p12", "p256", Some(PASSWORD)),
    ("ec384.p12", "p384", Some(PASSWORD)),
    ("ed25519.p12", "ed25519", Some(PASSWORD)),
    ("empty.p12", "rsa", Some("")),
    ("empty.p12", "rsa", None),
    ("empty-legacy.p12", "rsa", Some("")),
    ("empty-legacy.p12", "rsa", None),
    ("cyrillic.p12", "rsa", Some(CYRILLIC)),
    ("cyrillic-legacy.p12", "rsa", Some(CYRILLIC)),
    ("unencrypted.p12", "rsa", None),
    ("unencrypted.p12", "rsa", Some(PASSWORD)),
];

/// PEM and DER: certificate, key (where apart), whom they are for, and the password.
const PAIRS: &[(&str, Option<&str>, &str, Option<&str>)] = &[
    ("together.pem", None, "rsa", None),
    ("talkative.pem", None, "rsa", None),
    ("talkative-encrypted.pem", None, "rsa", Some(PASSWORD)),
    ("jumbled.pem", None, "rsa", None),
    ("rsa.chain.pem", Some("rsa.pkcs8.pem"), "rsa", None),
    ("rsa.chain.pem", Some("rsa.pkcs8.der"), "rsa", None),
    ("rsa.chain.pem", Some("rsa.pkcs1.pem"), "rsa", None),
    ("rsa.chain.pem", Some("rsa.pkcs1.der"), "rsa", None),
    ("rsa.chain.pem", Some("modern.p12"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-aes256.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-aes256.der"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-aes128-sha1.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-aes192-sha512.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-des3.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-scrypt.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-md5-des.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-sha1-rc2.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("pkcs8-sha1-3des.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("dek-aes128.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("dek-aes192.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("dek-aes256.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("dek-des3.pem"), "rsa", Some(PASSWORD)),
    ("rsa.chain.pem", Some("dek-des.pem"), "rsa", Some(PASSWORD)),
    ("p256.chain.pem", Some("p256.pkcs8.pem"), "p256", None),
    ("p256.chain.pem", Some("p256.sec1.pem"), "p256", None),
    ("p256.chain.pem", Some("p256.parameters.pem"), "p256", None),
    ("p256.chain.pem", Some("p256.no-public.pem"), "p256", None),
    ("p256.chain.pem", Some("dek-ec.pem"), "p256", Some(PASSWORD)),
    ("p384.chain.pem", Some("p384.pkcs8.der"), "p384", None),
    ("ed25519.chain.pem", Some("ed25519.pkcs8.pem"), "ed25519", None),
    ("ed25519.chain.pem", Some("pkcs8-ed25519.pem"), "ed25519", Some(PASSWORD)),
];

/// What cannot be used, and the word for it.
const REFUSED: &[(&str, Option<&str>, Option<&str>, &str)] = &[
    ("modern.p12", None, Some(WRONG), "password"),
    ("modern.p12", None, None, "password"),
    ("legacy.p12", None, Some(WRONG), "password"),
    ("nomac.p12", None, Some(WRONG), "password"),
    ("nomac-legacy.p12", None, Some(WRONG), "password"),
    ("cyrillic.p12", None, Some("Пароль №2"), "password"),
    ("empty.p12", None, Some(WRONG), "password"),
    ("rsa.chain.pem", Some("pkcs8-aes256.pem"), Some(WRONG), "password"),
    ("rsa.chain.pem", Some("pkcs8-aes256.pem"), None, "password"),
    ("rsa.chain.pem", Some("dek-aes256.pem"), Some(WRONG), "password"),
    ("rsa.chain.pem", Some("dek-aes256.pem"), None, "password"),
    ("rsa.chain.pem", Some("dek-camellia256.pem"), Some(PASSWORD), "encryption"),
    ("rsa.chain.pem", Some("pkcs8-camellia.pem"), Some(PASSWORD), "encryption"),
    ("rc4.p12", None, Some(PASSWORD), "encryption"),
    ("cut.p12", None, Some(PASSWORD), "format"),
    ("errors", None, None, "format"),
    ("nokey.p12", None, Some(PASSWORD), "no-key"),
    ("rsa.chain.pem", None, None, "no-key"),
    ("nocertificate.p12", None, Some(PASSWORD), "no-certificate"),
    ("rsa.pkcs8.pem", None, None, "no-certificate"),
    ("rsa.pem", Some("p256.key"), None, "mismatch"),
    ("p256.pem", Some("p384.key"), None, "mismatch"),
    ("ed25519.pem", Some("rsa.key"), None, "mismatch"),
    ("expired.p12", None, Some(PASSWORD), "expired"),
    ("future.chain.pem", Some("rsa.key"), None, "not-yet-valid"),
    ("weak.p12", None, Some(PASSWORD), "weak-key"),
    ("p521.p12", None, Some(PASSWORD), "key-type"),
    ("dsa.p12", None, Some(PASSWORD), "key-type"),
];

#[test]
fn every_kind_of_pkcs12_gets_through_with_its_own_name() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    for (file, whose, password) in PKCS12 {
        let seen = subject(&url, &lab.options(file, None, *password));
        assert_eq!(seen, Ok(format!("CN=client-{whose},O=Lab")), "{file} with {password:?}");
    }
}

#[test]
fn every_kind_of_pem_and_der_gets_through_with_its_own_name() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    for (certificate, key, whose, password) in PAIRS {
        let seen = subject(&url, &lab.options(certificate, *key, *password));
        assert_eq!(seen, Ok(format!("CN=client-{whose},O=Lab")), "{certificate} {key:?}");
    }
}

#[test]
fn every_key_signs_in_tls_1_2_too() {
    let url = server!("CONNECTOR_TLS_CLIENT12");
    let Some(lab) = Lab::find() else { return };
    for (file, whose) in
        [("modern.p12", "rsa"), ("ec.p12", "p256"), ("ec384.p12", "p384"), ("ed25519.p12", "ed25519")]
    {
        let options = lab.options(file, None, Some(PASSWORD)).to_string();
        let seen = connector().json("GetJson", &[&url, &options]).unwrap();
        assert_eq!(seen["protocol"], "TLSv1.2");
        assert_eq!(seen["subject"], format!("CN=client-{whose},O=Lab"), "{file}");
    }
}

#[test]
fn identity_can_be_given_as_text() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    let whole = lab.with(&json!({"PEM": lab.text("together.pem")}));
    assert_eq!(subject(&url, &whole), Ok("CN=client-rsa,O=Lab".to_owned()));
    let encrypted = json!({
        "PEM": lab.text("p256.chain.pem"), "Key": lab.text("dek-ec.pem"), "Password": PASSWORD});
    assert_eq!(subject(&url, &lab.with(&encrypted)), Ok("CN=client-p256,O=Lab".to_owned()));
}

#[test]
fn each_unusable_identity_has_its_own_word_and_nothing_is_sent() {
    // Nobody listens there: a request that got so far would say so.
    let nowhere = "https://127.0.0.1:9/";
    let Some(lab) = Lab::find() else { return };
    for (certificate, key, password, word) in REFUSED {
        let script = connector();
        let options = lab.options(certificate, *key, *password).to_string();
        let text = script.failure("Get", &[nowhere, &options]).unwrap();
        let details = script.get_json("LastErrorDetails").unwrap();
        assert_eq!(details["code"], "client-certificate", "{certificate} {key:?}: {details}");
        assert_eq!(details["problem"], *word, "{certificate} {key:?}: {details}");
        assert!(!text.contains(PASSWORD) && !text.contains(WRONG), "{text}");
    }
}

#[test]
fn server_that_requires_a_certificate_answers_400_without_one() {
    let Some(lab) = Lab::find() else { return };
    for url in [server!("CONNECTOR_TLS_CLIENT"), server!("CONNECTOR_TLS_CLIENT12")] {
        let script = connector();
        let options = json!({"VerifySSL": {"File": lab.authority}}).to_string();
        assert_eq!(script.status("Get", &[&url, &options]), Ok(400));
        assert!(script.text("AsText", &[]).unwrap().contains("No required SSL certificate was sent"));
    }
}

#[test]
fn certificate_without_the_authority_in_between_is_refused_by_the_server() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    let script = connector();
    let options = lab.options("rsa.pem", Some("rsa.key"), None).to_string();
    assert_eq!(script.status("Get", &[&url, &options]), Ok(400));
    assert!(script.text("AsText", &[]).unwrap().contains("The SSL certificate error"));
}

#[test]
fn identities_of_one_session_never_share_a_connection() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    let session = session();
    let seen = |options: &Value| session.json("GetJson", &[&url, &options.to_string()]).unwrap();
    let rsa = lab.options("modern.p12", None, Some(PASSWORD));
    let p256 = lab.options("ec.p12", None, Some(PASSWORD));
    let first = seen(&rsa);
    let other = seen(&p256);
    assert_ne!(first["connection"], other["connection"]);
    assert_eq!(other["subject"], "CN=client-p256,O=Lab");
    // The same identity from another file is the same identity.
    let again = seen(&lab.options("together.pem", None, None));
    assert_eq!((&again["connection"], &again["subject"]), (&first["connection"], &first["subject"]));
    let nobody = json!({"VerifySSL": {"File": lab.authority}}).to_string();
    assert_eq!(session.status("Get", &[&url, &nobody]), Ok(400));
}

#[test]
fn session_keeps_its_identity_and_shows_no_secret_of_it() {
    let url = server!("CONNECTOR_TLS_CLIENT");
    let Some(lab) = Lab::find() else { return };
    let session = session();
    let options = lab.options("modern.p12", None, Some(PASSWORD)).to_string();
    session.call("Configure", &[options.as_str().into()]).unwrap();
    assert_eq!(session.json("GetJson", &[&url]).unwrap()["subject"], "CN=client-rsa,O=Lab");
    let shown = session.get_json("ClientSSLCertificate").unwrap();
    assert_eq!(shown["Password"], "***", "{shown}");
}
