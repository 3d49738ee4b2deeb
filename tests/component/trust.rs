//! Options of TLS against a server with an authority of its own: trust, versions, names, pins, revocation lists,
//! client certificates; how they read back; that a request changes one of them and the session keeps the others.

use std::sync::LazyLock;

use addin_host::{Object, Val};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_server::Server;
use time::{Duration, OffsetDateTime};

use crate::support::{call, connector, fails, object_in, property, property_json, property_text, session};

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start().unwrap());

fn get(object: &Object, options: &Value) -> Val<'static> {
    call(object, "Get", &[SERVER.secure_url("/get").into(), options.to_string().into()])
}

/// Code, problem or setting, and text of a request that has to fail.
fn refused(object: &Object, options: &Value) -> (String, String, String) {
    let (text, details) =
        fails(object, "Get", &[SERVER.secure_url("/get").into(), options.to_string().into()]);
    let word = [&details["problem"], &details["setting"]].into_iter().find_map(Value::as_str);
    (details["code"].as_str().unwrap().to_owned(), word.unwrap_or_default().to_owned(), text)
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Another authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A PEM revocation list of an authority that has nothing to do with the server.
fn list() -> String {
    let now = OffsetDateTime::now_utc();
    let params = CertificateRevocationListParams {
        this_update: now - Duration::hours(1),
        next_update: now + Duration::days(1),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&authority()).unwrap().pem().unwrap()
}

/// A client's certificate and key, both PEM.
fn identity() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    (certificate.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[test]
fn own_certificates_are_trusted_alone_and_together() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, other) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    std::fs::write(&ca, SERVER.ca_pem()).unwrap();
    std::fs::write(&other, authority().pem()).unwrap();
    let object = connector();
    for verify in [
        json!(SERVER.ca_pem()),
        json!({"Файл": ca}),
        json!([{"File": ca}]),
        json!([{"File": other}, SERVER.ca_pem()]),
        json!([true, {"File": other}, {"ФАЙЛ": ca}]),
    ] {
        assert_eq!(get(&object, &json!({"VerifySSL": verify})), 200.into(), "{verify}");
    }
    for verify in [json!({"File": other}), json!([true, {"File": other}])] {
        let (code, word, text) = refused(&object, &json!({"ПроверятьSSL": verify}));
        assert_eq!((code.as_str(), word.as_str()), ("tls", "unknown-issuer"), "{text}");
    }
}

#[test]
fn a_refused_certificate_is_described_and_the_way_out_named() {
    let (_, word, text) =
        refused(&object_in("HTTPConnector", "en"), &json!({"VerifySSL": authority().pem()}));
    assert_eq!(word, "unknown-issuer");
    for piece in
        ["Remote host failed verification", "Test server authority", "valid from", "VerifySSL = [true, "]
    {
        assert!(text.contains(piece), "{piece} in {text}");
    }
    let options = json!({"ПроверятьSSL": authority().pem()});
    let (_, _, text) = refused(&object_in("HTTPConnector", "ru"), &options);
    for piece in [
        "Удаленный узел не прошел проверку",
        "Test server authority",
        "действует с",
        "ПроверятьSSL = [true, ",
    ] {
        assert!(text.contains(piece), "{piece} in {text}");
    }
}

#[test]
fn a_request_changes_one_part_and_the_session_keeps_the_others() {
    let session = session();
    let settings = json!({"VerifySSL": SERVER.ca_pem(), "TLSServerName": "other.test"});
    call(&session, "Настроить", &[settings.to_string().into()]);
    let (code, word, text) = refused(&session, &json!({}));
    assert_eq!((code.as_str(), word.as_str()), ("tls", "wrong-name"), "{text}");
    assert!(text.contains("TLSServerName"), "{text}");
    assert_eq!(get(&session, &json!({"ИмяСервераTLS": ""})), 200.into());
    assert_eq!(get(&session, &json!({"TLSServerName": "localhost"})), 200.into());
    // Without verification there is no name to be wrong.
    assert_eq!(get(&session, &json!({"VerifySSL": false})), 200.into());
    refused(&session, &json!({}));
    session.set("VerifySSL", false).unwrap();
    assert_eq!(get(&session, &json!({})), 200.into());
    session.set("VerifySSL", SERVER.ca_pem()).unwrap();
    assert_eq!(refused(&session, &json!({})).1, "wrong-name", "the name of the session is still there");
    call(&session, "Configure", &[r#"{"TLSServerName": ""}"#.into()]);
    assert_eq!(get(&session, &json!({})), 200.into());
}

#[test]
fn versions_are_read_in_every_spelling_and_have_to_fit() {
    let object = connector();
    for version in ["1.2", "TLS1.2", "TLSv1.2", "tls 1.3", "1.3"] {
        for key in ["MinimumTLSVersion", "МаксимальнаяВерсияTLS"] {
            assert_eq!(
                get(&object, &json!({"VerifySSL": false, key: version})),
                200.into(),
                "{key} {version}"
            );
        }
    }
    let session = session();
    session.set("VerifySSL", false).unwrap();
    call(&session, "Configure", &[r#"{"МинимальнаяВерсияTLS": "1.3"}"#.into()]);
    let (code, word, text) = refused(&session, &json!({"MaximumTLSVersion": "1.2"}));
    assert_eq!((code.as_str(), word.as_str()), ("unsupported", "version"), "{text}");
    assert!(text.contains("MinimumTLSVersion"), "{text}");
    assert_eq!(get(&session, &json!({"MaximumTLSVersion": "1.2", "MinimumTLSVersion": ""})), 200.into());
}

#[test]
fn pinned_keys_must_be_in_the_chain_whatever_is_verified() {
    let wrong = STANDARD.encode(Sha256::digest(KeyPair::generate().unwrap().subject_public_key_info()));
    let object = connector();
    for (key, pins) in [
        ("PinnedKeys", json!([format!("sha256/{wrong}")])),
        ("ЗакреплённыеКлючи", json!(format!("sha256//{wrong}"))),
        ("закрепленныеключи", json!(format!("sha256/{wrong}"))),
    ] {
        for verify in [json!(false), json!(SERVER.ca_pem())] {
            let (code, word, text) = refused(&object, &json!({"VerifySSL": verify, key: pins}));
            assert_eq!((code.as_str(), word.as_str()), ("tls", "pin"), "{text}");
        }
    }
    assert_eq!(get(&object, &json!({"VerifySSL": false, "PinnedKeys": []})), 200.into());
}

#[test]
fn revocation_lists_come_as_text_file_and_staged_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.pem");
    std::fs::write(&path, list()).unwrap();
    let object = connector();
    for lists in [json!(list()), json!([list(), {"File": path}]), json!({"ДвоичныеДанные": "Список"})]
    {
        call(&object, "AddBlob", &["список".into(), Val::Blob(list().into_bytes())]);
        let options = json!({"VerifySSL": SERVER.ca_pem(), "RevocationLists": lists});
        assert_eq!(get(&object, &options), 200.into());
    }
    // Used up by the last one.
    let (code, ..) = refused(&object, &json!({"RevocationLists": {"Blob": "список"}}));
    assert_eq!(code, "blob-not-staged");
}

#[test]
fn client_certificates_come_in_every_form_and_read_back_without_secrets() {
    let (certificate, key) = identity();
    let folder = tempfile::tempdir().unwrap();
    let (pem, key_file) = (folder.path().join("client.pem"), folder.path().join("client.key"));
    std::fs::write(&pem, format!("{certificate}{key}")).unwrap();
    std::fs::write(&key_file, &key).unwrap();
    let session = session();
    session.set("VerifySSL", false).unwrap();
    let both = format!("{certificate}{key}");
    let thumbprint = "AB CD EF 01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF 01";
    for (given, english) in [
        (json!({"File": pem}), json!({"File": pem})),
        (json!({"Файл": pem, "Пароль": "hush"}), json!({"File": pem, "Password": "***"})),
        (
            json!({"PEM": certificate, "Key": {"File": key_file}}),
            json!({"PEM": "***", "Key": {"File": key_file}}),
        ),
        (json!({"pem": certificate, "Ключ": key}), json!({"PEM": "***", "Key": "***"})),
        (json!({"Blob": "client"}), json!({"Blob": "client"})),
        (json!(both), json!({"PEM": "***"})),
        (
            json!({"Хранилище": {"Отпечаток": thumbprint}}),
            json!({"Store": {"Thumbprint": thumbprint.replace(' ', "")}}),
        ),
        (json!({"Store": {"Subject": "ООО"}}), json!({"Store": {"Subject": "ООО"}})),
    ] {
        call(&session, "AddBlob", &["client".into(), Val::Blob(both.clone().into_bytes())]);
        let text = if let Some(text) = given.as_str() { text.to_owned() } else { given.to_string() };
        session.set("ClientSSLCertificate", text).unwrap();
        assert_eq!(property_json(&session, "ClientSSLCertificate"), english, "{given}");
        if english["Store"].is_null() {
            // The server does not ask for it; a handshake with it at hand succeeds.
            assert_eq!(get(&session, &json!({})), 200.into(), "{given}");
        } else {
            assert_eq!(refused(&session, &json!({})).0, "unsupported", "no store on this system");
            assert_eq!(get(&session, &json!({"ClientSSLCertificate": false})), 200.into());
        }
    }
    session.set("КлиентскийСертификатSSL", "").unwrap();
    assert_eq!(property_text(&session, "КлиентскийСертификатSSL"), "");
}

#[test]
fn a_session_reads_files_once() {
    let (certificate, key) = identity();
    let folder = tempfile::tempdir().unwrap();
    let (ca, client) = (folder.path().join("ca.pem"), folder.path().join("client.pem"));
    std::fs::write(&ca, SERVER.ca_pem()).unwrap();
    std::fs::write(&client, format!("{certificate}{key}")).unwrap();
    let session = session();
    let settings = json!({"VerifySSL": [{"File": ca}], "ClientSSLCertificate": {"File": client}});
    call(&session, "Configure", &[settings.to_string().into()]);
    std::fs::remove_file(&ca).unwrap();
    std::fs::remove_file(&client).unwrap();
    assert_eq!(get(&session, &json!({})), 200.into());
    assert_eq!(property_json(&session, "VerifySSL"), json!([{"File": ca}]));
    let (code, ..) = refused(&session, &json!({"VerifySSL": {"File": ca}}));
    assert_eq!(code, "file");
}

#[test]
fn what_cannot_be_read_is_said_and_leaves_the_session_as_it_was() {
    let (certificate, key) = identity();
    let (_, other_key) = identity();
    let session = object_in("HTTPSession", "ru");
    let good = json!({"PEM": certificate, "Key": key});
    session.set("ClientSSLCertificate", good.to_string()).unwrap();
    session.set("Proxy", false).unwrap();
    let before = ["ClientSSLCertificate", "VerifySSL", "Proxy", "Timeout"]
        .map(|name| format!("{:?}", property(&session, name)));
    for (wrong, code, word) in [
        (
            json!({"RevocationLists": ["-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"]}),
            "bad-crl",
            "",
        ),
        (
            json!({"ClientSSLCertificate": {"PEM": certificate, "Key": other_key}}),
            "client-certificate",
            "mismatch",
        ),
        (json!({"ClientSSLCertificate": {"PEM": certificate}}), "client-certificate", "no-key"),
        (json!({"ClientSSLCertificate": {"PEM": key}}), "client-certificate", "no-certificate"),
        (json!({"ClientSSLCertificate": {"File": "/no/such/file"}}), "file", ""),
    ] {
        let mut settings = json!({"Timeout": 3, "Proxy": true, "VerifySSL": false});
        settings.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let (text, details) = fails(&session, "Настроить", &[settings.to_string().into()]);
        assert_eq!(details["code"], code, "{text}");
        assert_eq!(details["problem"].as_str().unwrap_or_default(), word, "{text}");
        assert!(!text.contains("PRIVATE KEY"), "{text}");
        let after = ["ClientSSLCertificate", "VerifySSL", "Proxy", "Timeout"]
            .map(|name| format!("{:?}", property(&session, name)));
        assert_eq!(after, before, "{wrong}");
    }
}

#[test]
fn verification_reads_back_as_it_was_given() {
    let session = session();
    let list = json!([true, SERVER.ca_pem()]);
    session.set("VerifySSL", list.to_string()).unwrap();
    assert_eq!(property_json(&session, "ПроверятьSSL"), list);
    session.set("VerifySSL", property_text(&session, "VerifySSL")).unwrap();
    assert_eq!(get(&session, &json!({})), 200.into());
    session.set("VerifySSL", "").unwrap();
    assert_eq!(property(&session, "VerifySSL"), true.into());
}

#[test]
fn private_key_among_trusted_certificates_does_not_read_back() {
    let (_, key) = identity();
    let session = session();
    let pem = format!("{}{key}", SERVER.ca_pem());
    for given in [json!(pem), json!([pem])] {
        session.set("VerifySSL", given.as_str().map_or_else(|| given.to_string(), str::to_owned)).unwrap();
        let shown = property_text(&session, "VerifySSL");
        assert!(shown.contains("***") && !shown.contains("PRIVATE KEY"), "{shown}");
    }
    session.set("VerifySSL", SERVER.ca_pem()).unwrap();
    assert_eq!(property_text(&session, "VerifySSL"), SERVER.ca_pem().trim_end());
}
