//! A marker stands in every place a secret can stand, every kind of failure is made, and everything an error, a
//! history or a list of overcome errors says is searched for the marker.

use addin_host::{Object, Val};

use crate::support::{Scripted, answer, call, object_in, ok, property_text};

const MARKER: &str = "s3cr3t-m4rk3r";

/// Options with the marker in one place each; all are good. `{}` stands for further keys.
const PLACES: &[&str] = &[
    r#"{"Authentication": {"User": "user", "Password": "MARKER"} {}}"#,
    r#"{"Аутентификация": {"Тип": "Bearer", "Токен": "MARKER"} {}}"#,
    r#"{"Authentication": {"Type": "Digest", "User": "user", "Password": "MARKER"} {}}"#,
    r#"{"Authentication": {"Type": "NTLM", "User": "user", "Password": "MARKER"} {}}"#,
    r#"{"Authentication": {"AccessKeyID": "id", "SecretKey": "MARKER", "SessionToken": "MARKER", "Region": "r",
        "Service": "s"} {}}"#,
    r#"{"Authentication": {"TokenURL": "http://u:MARKER@127.0.0.1:1/?token=MARKER", "ClientID": "id",
        "ClientSecret": "MARKER", "Parameters": {"assertion": "MARKER"}} {}}"#,
    r#"{"Proxy": {"https": {"Server": "p", "User": "u", "Password": "MARKER"}} {}}"#,
    r#"{"Прокси": {"https": "http://u:MARKER@p"} {}}"#,
    r#"{"Headers": {"Authorization": "Basic MARKER", "X-Api-Key": "MARKER", "Cookie": "id=MARKER"} {}}"#,
    r#"{"RequestParameters": {"access_token": "MARKER", "пароль": "MARKER", "sig": ["MARKER"]} {}}"#,
    r#"{"Cookies": [{"Description": "sid", "Value": "MARKER"}] {}}"#,
    r#"{"Cookies": {"127.0.0.1": {"/": {"sid": {"Значение": "MARKER"}}}} {}}"#,
    r#"{"Data": "MARKER" {}}"#,
    r#"{"Data": {"password": "MARKER"} {}}"#,
    r#"{"Json": {"password": "MARKER"} {}}"#,
    r#"{"Files": {"Name": "f", "Data": "MARKER", "Headers": {"X-Token": "MARKER"}} {}}"#,
    r#"{"Data": {"Blob": "staged"} {}}"#,
];

/// Options that are wrong at the secret itself or next to it.
const WRONG: &[&str] = &[
    r#"{"Authentication": {"User": "user", "Password": ["MARKER"]}}"#,
    r#"{"Authentication": {"Type": "MARKER"}}"#,
    r#"{"Authentication": {"Token": "MARKER", "Tokn": 1}}"#,
    r#"{"Authentication": {"Token": "MARKER\n"}}"#,
    r#"{"Authentication": {"AccessKeyID": "id", "SecretKey": "MARKER"}}"#,
    r#"{"Authentication": {"AccessKeyID": "id", "SecretKey": ["MARKER"]}}"#,
    r#"{"Authentication": {"AccessKeyID": "id,MARKER", "SecretKey": "s", "Region": "r", "Service": "s"}}"#,
    r#"{"Authentication": {"AccessKeyID": "id", "SecretKey": "s", "SessionToken": "MARKER\n", "Region": "r",
        "Service": "s"}}"#,
    r#"{"Authentication": {"TokenURL": "MARKER"}}"#,
    r#"{"Authentication": {"TokenURL": "u:MARKER@[h", "ClientID": "id", "ClientSecret": "MARKER"}}"#,
    r#"{"Authentication": {"TokenURL": "http://127.0.0.1:1", "ClientID": "id", "ClientSecret": ["MARKER"]}}"#,
    r#"{"Authentication": {"TokenURL": "h", "ClientID": "id", "Parameters": {"a": ["MARKER", {}]}}}"#,
    r#"{"Authentication": {"Payload": "MARKER"}}"#,
    r#"{"Authentication": {"Type": "NTLM", "Password": "MARKER"}}"#,
    r#"{"Authentication": "MARKER"}"#,
    r#"{"Authentication": {"Password": "MARKER", "Password": "MARKER"}}"#,
    r#"{"Proxy": {"Server": "p", "User": "u", "Password": "MARKER"}}"#,
    r#"{"Proxy": "http://u:MARKER@127.0.0.1:1"}"#,
    r#"{"Proxy": "socks5://u:MARKER@127.0.0.1:1"}"#,
    r#"{"Proxy": "gopher://u:MARKER@p"}"#,
    r#"{"Proxy": "http://u:MARKER@p:99999"}"#,
    r#"{"Proxy": "http://u:MARKER@[p"}"#,
    r#"{"Proxy": {"Server": "u:MARKER@p p"}}"#,
    r#"{"Proxy": {"Server": "p", "Password": ["MARKER"]}}"#,
    r#"{"Proxy": {"Server": "p", "Pasword": "MARKER"}}"#,
    r#"{"Proxy": {"http": "gopher://u:MARKER@p"}}"#,
    r#"{"Proxy": {"http": "p", "Password": "MARKER"}}"#,
    r#"{"ClientSSLCertificate": {"File": "x", "Password": "MARKER"}}"#,
    r#"{"ClientSSLCertificate": {"File": "x", "Password": ["MARKER"]}}"#,
    r#"{"ClientSSLCertificate": {"PEM": "-----BEGIN PRIVATE KEY-----\nMARKER\n-----END PRIVATE KEY-----"}}"#,
    r#"{"ClientSSLCertificate": {"PEM": "MARKER", "Key": "MARKER"}}"#,
    r#"{"ClientSSLCertificate": {"Blob": "staged", "Password": "MARKER"}}"#,
    r#"{"RevocationLists": "-----BEGIN X509 CRL-----\nMARKER\n-----END X509 CRL-----"}"#,
    r#"{"PinnedKeys": "MARKER"}"#,
    r#"{"ClientSSLCertificate": "-----BEGIN PRIVATE KEY-----\nMARKER"}"#,
    r#"{"VerifySSL": "MARKER"}"#,
    r#"{"VerifySSL": "-----BEGIN CERTIFICATE-----\nMARKER\n-----END CERTIFICATE-----"}"#,
    r#"{"Headers": {"Authorization": {"Basic": "MARKER"}}}"#,
    r#"{"Headers": {"X-Api-Key": "MARKER\r\nX: 1"}}"#,
    r#"{"Headers": "MARKER"}"#,
    r#"{"RequestParameters": {"token": {"a": "MARKER"}}}"#,
    r#"{"Cookies": [{"Description": "sid", "Value": ["MARKER"]}]}"#,
    r#"{"Cookies": [{"Description": "sid", "Value": "MARKER", "ExpiresOn": "MARKER"}]}"#,
    r#"{"Cookies": [{"Description": "sid", "Value": "MARKER;\n"}]}"#,
    r#"{"Data": ["MARKER"]}"#,
    r#"{"Files": ["MARKER"]}"#,
    r#"{"Timeout": "MARKER"}"#,
    r#"{"Timeout": 5, "Headers": {"Authorization": "MARKER""#,
    r#"{"Password": MARKER}"#,
];

fn options(text: &str, further: &str) -> String {
    text.replace("MARKER", MARKER).replace(" {}}", &format!("{further}}}"))
}

/// Everything the object says of the last call, besides what the caller asked to read of the response.
fn check(object: &Object, what: &str) {
    for name in ["LastError", "LastErrorDetails", "RedirectHistory", "Errors"] {
        let text = property_text(object, name);
        assert!(!text.contains(MARKER), "{what}: {name} tells {text}");
    }
}

fn fail(object: &Object, method: &str, arguments: &[Val<'_>], what: &str) {
    let error = match object.call(method, arguments) {
        Ok(value) => panic!("{what}: {value:?}"),
        Err(error) => error,
    };
    assert!(!error.to_string().contains(MARKER), "{what}: {error}");
    assert!(!property_text(object, "LastError").is_empty());
    check(object, what);
}

fn url(authority: &str) -> String {
    format!(
        "http://user:{MARKER}@{authority}/bot1:{MARKER}/x?access_token={MARKER}&q=1&%70assword={MARKER}#{MARKER}"
    )
}

#[test]
fn failures_of_requests_tell_no_secret() {
    let hop = format!("Location: http://u:{MARKER}@127.0.0.1:1/?token={MARKER}#{MARKER}");
    let around = format!("Location: /again?token={MARKER}");
    let strange = format!("Location: ftp://u:{MARKER}@h/?token={MARKER}");
    let broken = format!("Location: http://u:{MARKER}@[h/?token={MARKER}");
    let cookie = format!("Set-Cookie: sid={MARKER}; Path=/");
    let cut = format!("HTTP/1.1 200 OK\r\nSet-Cookie: sid={MARKER}\r\nContent-Length: 100\r\n\r\nx");
    let lengths =
        format!("HTTP/1.1 200 OK\r\nX: {MARKER}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx");
    // A request has at most four hops here; what follows an end of the connection is never read.
    let scenes: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("a redirect to a refused port", vec![answer("302 Found", &[&hop, &cookie], b"")]),
        ("too many redirects", (0..4).map(|_| answer("302 Found", &[&around], b"")).collect()),
        ("a redirect elsewhere", vec![answer("302 Found", &[&strange], b"")]),
        ("a broken redirect", vec![answer("302 Found", &[&broken], b"")]),
        ("a cut body", vec![cut.into_bytes()]),
        ("two lengths", vec![lengths.into_bytes()]),
    ];
    for language in ["en", "ru"] {
        let object = object_in("HTTPSession", language);
        for place in PLACES {
            for (scene, answers) in &scenes {
                let server = Scripted::new(answers.clone());
                let what = format!("{scene}, {place}");
                object.call("AddBlob", &["staged".into(), Val::Blob(MARKER.into())]).unwrap();
                // The server does not close after a body that is cut: the limit ends the wait.
                let seconds = if scene.contains("cut") { 0.1 } else { 5.0 };
                let further = format!(r#", "MaximumNumberOfRedirects": 3, "Timeout": {seconds}"#);
                let given = options(place, &further);
                let arguments = ["POST".into(), url(&server.address).into(), "".into(), given.into()];
                fail(&object, "CallMethod", &arguments, &what);
            }
            object.call("AddBlob", &["staged".into(), Val::Blob(MARKER.into())]).unwrap();
            let given = options(place, "");
            let arguments = ["PUT".into(), url("127.0.0.1:1").into(), "".into(), given.into()];
            fail(&object, "CallMethod", &arguments, place);
        }
    }
}

#[test]
fn wrong_arguments_tell_no_secret() {
    for language in ["en", "ru"] {
        let object = object_in("HTTPSession", language);
        for wrong in WRONG {
            let given = options(wrong, "");
            let arguments = ["POST".into(), url("127.0.0.1:1").into(), MARKER.into(), given.clone().into()];
            fail(&object, "CallMethod", &arguments, wrong);
            if !wrong.contains("Data")
                && !wrong.contains("Files")
                && object.call("Configure", &[given.into()]).is_err()
            {
                check(&object, wrong);
            }
        }
        for wrong in [
            format!("ftp://user:{MARKER}@h/?token={MARKER}"),
            format!("http://user:{MARKER}@h:99999/?token={MARKER}"),
            format!("http://user:{MARKER}@[h/?token={MARKER}"),
            format!("user:{MARKER}@h h/?token={MARKER}"),
            format!("http://user:{MARKER}@/"),
        ] {
            fail(&object, "Get", &[wrong.clone().into()], &wrong);
        }
        for property in ["Authentication", "Proxy", "ClientSSLCertificate", "Cookies", "Headers", "VerifySSL"]
        {
            for value in [
                format!("\"{MARKER}\""),
                format!("{{\"x\": \"{MARKER}\""),
                format!("{{\"a\": [\"{MARKER}\"]}}"),
            ] {
                if let Err(error) = object.set(property, value.clone()) {
                    assert!(!error.to_string().contains(MARKER), "{property} {value}: {error}");
                    check(&object, property);
                }
            }
        }
    }
}

#[test]
fn histories_and_overcome_errors_tell_no_secret() {
    let around = format!("Location: http://u:{MARKER}@HOST/next?token={MARKER}&n=1");
    let server = Scripted::new([Vec::new(), Vec::new()]);
    let last = Scripted::new([ok(&[], b"x")]);
    let first = Scripted::new([answer("302 Found", &[&around.replace("HOST", &server.address)], b"")]);
    let second = format!("Location: http://u:{MARKER}@{}/?sig={MARKER}", last.address);
    let session = object_in("HTTPSession", "ru");
    let given = r#"{"MaximumNumberOfRetries": 1, "ExponentialDelayRatio": 0, "Timeout": 5}"#;
    fail(&session, "Get", &[url(&first.address).into(), given.into()], "a hop that closes");
    let server = Scripted::new([Vec::new(), answer("302 Found", &[&second], b"")]);
    assert_eq!(call(&session, "Get", &[url(&server.address).into(), given.into()]), 200.into());
    let errors = property_text(&session, "Ошибки");
    assert!(errors.contains("GET http://127.0.0.1"), "{errors}");
    let history = property_text(&session, "ИсторияПеренаправлений");
    assert!(history.contains("token=***") && history.contains("sig=***"), "{history}");
    check(&session, "a request that succeeded at last");
}

#[test]
fn credentials_are_never_read_back() {
    let session = object_in("HTTPSession", "en");
    for given in [
        r#"{"User": "u", "Password": "MARKER"}"#,
        r#"{"Token": "MARKER"}"#,
        r#"{"Тип": "bearer", "Токен": "MARKER"}"#,
        r#"{"Type": "Digest", "User": "u", "Password": "MARKER"}"#,
        r#"{"Type": "NTLM", "User": "u", "Password": "MARKER"}"#,
        r#"{"Type": "Negotiate", "User": "u", "Password": "MARKER"}"#,
        r#"{"AccessKeyID": "id", "SecretKey": "MARKER", "SessionToken": "MARKER", "Region": "r", "Service": "s"}"#,
        r#"{"TokenURL": "http://u:MARKER@h/?token=MARKER", "ClientID": "id", "ClientSecret": "MARKER",
            "Parameters": {"a": "MARKER"}}"#,
    ] {
        session.set("Authentication", options(given, "")).unwrap();
        for name in ["Authentication", "Аутентификация"] {
            let shown = property_text(&session, name);
            assert!(shown.contains("***") && !shown.contains(MARKER), "{shown}");
        }
    }
}

#[test]
fn proxies_and_client_certificates_are_never_read_back_whole() {
    let session = object_in("HTTPSession", "ru");
    for given in [
        r#"{"Server": "p", "User": "u", "Password": "MARKER"}"#,
        r#"{"http": "socks5://u:MARKER@p", "https": {"Server": "p", "Password": "MARKER"}}"#,
        "https://u:MARKER@p:3128",
    ] {
        session.set("Proxy", options(given, "")).unwrap();
        for name in ["Proxy", "Прокси"] {
            let shown = property_text(&session, name);
            assert!(shown.contains("***") && !shown.contains(MARKER), "{shown}");
        }
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap().pem();
    let key = key.serialize_pem();
    for given in [
        serde_json::json!({"PEM": certificate, "Key": key, "Password": MARKER}),
        serde_json::json!({"PEM": format!("{key}{certificate}"), "Password": MARKER}),
    ] {
        session.set("ClientSSLCertificate", given.to_string()).unwrap();
        let shown = property_text(&session, "КлиентскийСертификатSSL");
        assert!(shown.contains("***") && !shown.contains(MARKER), "{shown}");
        for line in key.lines().filter(|line| !line.is_empty()) {
            assert!(!shown.contains(line), "{shown}");
        }
    }
}

#[test]
fn failures_of_proxies_tell_no_secret() {
    for language in ["en", "ru"] {
        let object = object_in("HTTPSession", language);
        let wants = "Proxy-Authenticate: Basic realm=\"r\"";
        for answers in [
            vec![answer("407 Who", &[wants], b""), answer("407 Who", &[wants], b"")],
            vec![answer("403 No", &[], b"")],
            vec![b"SSH-2.0-x\r\n\r\n".to_vec()],
        ] {
            for scheme in ["http", "socks4a", "socks5"] {
                for target in ["http", "https"] {
                    let server = Scripted::new(answers.clone());
                    let given = format!(
                        "{{\"Proxy\": \"{scheme}://user:{MARKER}@{}\", \"Timeout\": 0.2}}",
                        server.address
                    );
                    let url = format!("{target}://user:{MARKER}@target.test/?token={MARKER}");
                    let what = format!("{scheme} to {target}");
                    // A plain answer of an HTTP proxy may be the target's.
                    if object.call("Get", &[url.into(), given.into()]).is_err() {
                        assert!(!property_text(&object, "LastError").is_empty(), "{what}");
                    }
                    check(&object, &what);
                }
            }
        }
    }
}

#[test]
fn debug_output_of_the_engine_shows_no_secret() {
    use httpconnector::engine::auth::{Aws, Credentials, OAuth2};
    use httpconnector::engine::body::Segment;
    use httpconnector::engine::cookies::{Cookies, GivenCookie, NEVER, StoredCookie};
    use httpconnector::engine::headers::Headers;
    use httpconnector::engine::proxy::{Proxies, Proxy, ProxySetting};
    use httpconnector::engine::request::{Content, Parameter, Part};
    use httpconnector::engine::tls::{Identity, TlsSettings};
    use std::sync::Arc;
    let headers: Headers = [("Authorization", MARKER), ("X-Api-Key", MARKER)].into_iter().collect();
    let marker = || MARKER.to_owned();
    let part = Part {
        name: "f".into(),
        file_name: None,
        content_type: None,
        headers: headers.clone(),
        data: Segment::Bytes(MARKER.as_bytes().into()),
    };
    let given = GivenCookie {
        name: "sid".into(),
        value: marker(),
        domain: None,
        host_only: true,
        path: None,
        expires: None,
        secure: false,
    };
    let stored = StoredCookie {
        name: "sid".into(),
        value: marker(),
        domain: "h".into(),
        path: "/".into(),
        port: None,
        expires: NEVER,
        secure: false,
    };
    let fields = vec![("token".to_owned(), Parameter::Text(marker()))];
    let aws = Aws { secret_key: marker(), session_token: Some(marker()), ..Aws::default() };
    let parameters = vec![("assertion".to_owned(), marker())];
    let token = OAuth2 { client_secret: marker(), parameters, ..OAuth2::default() };
    let proxy = Arc::new(Proxy::parse(&format!("http://u:{MARKER}@p")).unwrap());
    let proxies = Proxies { http: Some(proxy.clone()), ..Proxies::default() };
    let key = Identity::Key { certificates: Vec::new(), key: MARKER.into() };
    let tls = TlsSettings { identity: Some(Arc::new(key)), ..TlsSettings::default() };
    for shown in [
        format!("{headers:?}"),
        format!("{:?}", Parameter::Text(marker())),
        format!("{:?}", Parameter::List(vec![marker()])),
        format!("{:?}", Credentials::Basic { user: "u".into(), password: marker() }),
        format!("{:?}", Credentials::Bearer { token: marker() }),
        format!("{:?}", Credentials::Digest { user: "u".into(), password: marker() }),
        format!("{:?}", Credentials::Ntlm { user: "u".into(), password: marker() }),
        format!("{:?}", Credentials::Negotiate { user: "u".into(), password: marker() }),
        format!("{aws:?} {:?}", Credentials::Aws(Box::new(aws.clone()))),
        format!("{token:?} {:?}", Credentials::OAuth2(Box::new(token.clone()))),
        format!("{proxy:?} {:?}", ProxySetting::Explicit(Arc::new(proxies))),
        format!("{tls:?}"),
        format!("{:?}", Content::Form(fields)),
        format!("{:?}", Content::Multipart(vec![part])),
        format!("{given:?}"),
        format!("{:?}", Cookies { list: vec![stored] }),
        format!("{:?}", httpconnector::engine::url::parse_url(&url("h"))),
    ] {
        assert!(!shown.contains(MARKER), "{shown}");
    }
}
