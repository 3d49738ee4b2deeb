//! Wrong options: each is one clear error that names the key, and nothing is sent.

use serde_json::Value;

use crate::support::{Scripted, connector, fails, object_in, ok, property};

/// Options, code, key path, nearest known key.
const WRONG: &[(&str, &str, &str, Option<&str>)] = &[
    (r#"{"Timeot": 5}"#, "option-unknown", "Timeot", Some("Timeout")),
    (r#"{"таймат": 5}"#, "option-unknown", "таймат", Some("Таймаут")),
    (r#"{"Certificate": 1}"#, "option-unknown", "Certificate", None),
    (r#"{"Timeout": "5"}"#, "option-type", "Timeout", None),
    (r#"{"ТАЙМАУТ": true}"#, "option-type", "ТАЙМАУТ", None),
    (r#"{"Timeout": -1}"#, "option-value", "Timeout", None),
    (r#"{"Timeout": 1e9}"#, "option-value", "Timeout", None),
    (r#"{"Timeout": 1, "Таймаут": 2}"#, "option-twice", "Таймаут", None),
    (r#"{"timeout": 1, "TimeOut": 2}"#, "option-twice", "TimeOut", None),
    (r#"{"MaximumNumberOfRedirects": 1.5}"#, "option-value", "MaximumNumberOfRedirects", None),
    (r#"{"МаксимальноеКоличествоПовторов": -1}"#, "option-value", "МаксимальноеКоличествоПовторов", None),
    (r#"{"MaximumBodySize": 4294967296}"#, "option-value", "MaximumBodySize", None),
    (r#"{"MaximumBodySize": 0}"#, "option-value", "MaximumBodySize", None),
    (r#"{"AllowRedirect": "yes"}"#, "option-type", "AllowRedirect", None),
    (r#"{"Headers": ["a"]}"#, "option-type", "Headers", None),
    (r#"{"Headers": {"X": {}}}"#, "option-type", "Headers.X", None),
    (r#"{"RequestParameters": {"a": {"b": 1}}}"#, "option-type", "RequestParameters.a", None),
    (r#"{"ToRetryForStatusesCodes": [502, 99]}"#, "option-value", "ToRetryForStatusesCodes[1]", None),
    (r#"{"ToRetryForStatusesCodes": 502}"#, "option-type", "ToRetryForStatusesCodes", None),
    (r#"{"Authentication": {"Usr": "u"}}"#, "option-unknown", "Authentication.Usr", Some("User")),
    (r#"{"Authentication": "u"}"#, "option-type", "Authentication", None),
    (r#"{"Authentification": {"Type": "Kerberos"}}"#, "option-value", "Authentification.Type", None),
    (r#"{"Authentication": {"Type": "NTLM"}}"#, "option-missing", "Authentication", None),
    (
        r#"{"Аутентификация": {"ИспользоватьАутентификациюОС": 1}}"#,
        "option-type",
        "Аутентификация.ИспользоватьАутентификациюОС",
        None,
    ),
    (r#"{"Authentication": {"AccessKeyID": "a"}}"#, "option-missing", "Authentication", None),
    (
        r#"{"Authentication": {"AccessKeyID": "a", "Payload": "no"}}"#,
        "option-value",
        "Authentication.Payload",
        None,
    ),
    (r#"{"Authentication": {"TokenURL": "http://h/"}}"#, "option-missing", "Authentication", None),
    (
        r#"{"Authentication": {"TokenURL": "h", "Parameters": {"a": {}}}}"#,
        "option-type",
        "Authentication.Parameters.a",
        None,
    ),
    (
        r#"{"Authentication": {"ClientSecert": "h"}}"#,
        "option-unknown",
        "Authentication.ClientSecert",
        Some("ClientSecret"),
    ),
    (r#"{"Proxy": 5}"#, "option-type", "Proxy", None),
    (r#"{"Proxy": "ftp://p"}"#, "option-value", "Proxy", None),
    (r#"{"Прокси": "http://p:99999"}"#, "option-value", "Прокси", None),
    (r#"{"Proxy": {"Server": "p", "Port": 65536}}"#, "option-value", "Proxy.Port", None),
    (r#"{"Proxy": {"Server": "p", "Scheme": "gopher"}}"#, "option-value", "Proxy.Scheme", None),
    (r#"{"Proxy": {"Server": "p", "Pasword": "x"}}"#, "option-unknown", "Proxy.Pasword", Some("Password")),
    (r#"{"Proxy": {"http": 1}}"#, "option-type", "Proxy.http", None),
    (r#"{"Proxy": {"http": "p", "User": "u"}}"#, "option-missing", "Proxy", None),
    (
        r#"{"Proxy": {"https": {"Server": "p", "BypassProxyOnLocal": true}}}"#,
        "option-unknown",
        "Proxy.https.BypassProxyOnLocal",
        None,
    ),
    (
        r#"{"Proxy": {"Server": "p", "BypassProxyOnAddresses": [1]}}"#,
        "option-type",
        "Proxy.BypassProxyOnAddresses[0]",
        None,
    ),
    (r#"{"КлиентскийСертификатSSL": "x"}"#, "option-value", "КлиентскийСертификатSSL", None),
    (r#"{"ClientSSLCertificate": true}"#, "option-type", "ClientSSLCertificate", None),
    (r#"{"ClientSSLCertificate": {"Password": "x"}}"#, "option-missing", "ClientSSLCertificate", None),
    (r#"{"ClientSSLCertificate": {"PEM": "nothing"}}"#, "client-certificate", "ClientSSLCertificate", None),
    (r#"{"ClientSSLCertificate": {"Blob": "x"}}"#, "blob-not-staged", "ClientSSLCertificate.Blob", None),
    (
        r#"{"ClientSSLCertificate": {"Store": {"Thumbprint": "ab"}}}"#,
        "option-value",
        "ClientSSLCertificate.Store.Thumbprint",
        None,
    ),
    (r#"{"ClientSSLCertificate": {"Store": {}}}"#, "option-missing", "ClientSSLCertificate.Store", None),
    (
        r#"{"ClientSSLCertificate": {"Store": {"Subject": "a"}, "Password": "x"}}"#,
        "option-value",
        "ClientSSLCertificate",
        None,
    ),
    (r#"{"TLSProvider": "OpenSSL"}"#, "option-value", "TLSProvider", None),
    (r#"{"ПровайдерTLS": true}"#, "option-type", "ПровайдерTLS", None),
    (r#"{"MinimumTLSVersion": "1.4"}"#, "option-value", "MinimumTLSVersion", None),
    (r#"{"MaximumTLSVersion": "TLS"}"#, "option-value", "MaximumTLSVersion", None),
    (r#"{"МаксимальнаяВерсияTLS": 1.2}"#, "option-type", "МаксимальнаяВерсияTLS", None),
    (r#"{"TLSServerName": "a b"}"#, "option-value", "TLSServerName", None),
    (r#"{"PinnedKeys": ["sha256/AAAA"]}"#, "option-value", "PinnedKeys[0]", None),
    (r#"{"PinnedKeys": {}}"#, "option-type", "PinnedKeys", None),
    (r#"{"ЗакреплённыеКлючи": [], "ЗакрепленныеКлючи": []}"#, "option-twice", "ЗакрепленныеКлючи", None),
    (r#"{"RevocationLists": "x"}"#, "option-value", "RevocationLists", None),
    (r#"{"RevocationLists": [{"Blob": "x"}]}"#, "blob-not-staged", "RevocationLists[0].Blob", None),
    (
        r#"{"СпискиОтзыва": ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]}"#,
        "bad-crl",
        "СпискиОтзыва[0]",
        None,
    ),
    (r#"{"DenyPrivateAddresses": "yes"}"#, "option-type", "DenyPrivateAddresses", None),
    (r#"{"AllowedSchemes": ["ftp"]}"#, "option-value", "AllowedSchemes[0]", None),
    (r#"{"AllowedSchemes": "https"}"#, "option-type", "AllowedSchemes", None),
    (r#"{"РазрешенныеПорты": [443, 0]}"#, "option-value", "РазрешенныеПорты[1]", None),
    (r#"{"AddressOverrides": {"h": "name"}}"#, "option-value", "AddressOverrides.h", None),
    (r#"{"AddressOverrides": {"h:0": "10.0.0.1"}}"#, "option-value", "AddressOverrides.h:0", None),
    (r#"{"AddressOverrides": {"h": ["::1", 5]}}"#, "option-type", "AddressOverrides.h[1]", None),
    (r#"{"AddressOverrides": {"h": []}}"#, "option-value", "AddressOverrides.h", None),
    (r#"{"AddressOverrides": {"h:1": "::1", "H:1": "::1"}}"#, "option-value", "AddressOverrides.H:1", None),
    (r#"{"JSONConversionParameters": {}}"#, "option-bsl", "JSONConversionParameters", None),
    (r#"{"ПараметрыЗаписиJSON": {}}"#, "option-bsl", "ПараметрыЗаписиJSON", None),
    (r#"{"VerifySSL": "yes"}"#, "option-value", "VerifySSL", None),
    (r#"{"VerifySSL": 1}"#, "option-type", "VerifySSL", None),
    (r#"{"VerifySSL": [true, false]}"#, "option-value", "VerifySSL[1]", None),
    (r#"{"VerifySSL": []}"#, "option-value", "VerifySSL", None),
    (r#"{"VerifySSL": {"Blob": "ca"}}"#, "blob-not-staged", "VerifySSL.Blob", None),
    (
        r#"{"VerifySSL": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}"#,
        "bad-ca",
        "VerifySSL",
        None,
    ),
    (r#"{"Data": {"Blob": "x"}}"#, "blob-not-staged", "Data.Blob", None),
    (r#"{"Data": 5}"#, "option-type", "Data", None),
    (r#"{"Files": {"Data": "x"}}"#, "option-missing", "Files", None),
    (r#"{"Файлы": [{"Имя": "f", "Данные": []}]}"#, "option-type", "Файлы[0].Данные", None),
    (
        r#"{"Files": [{"Name": "f", "Filename ": "a", "Typ": "b"}]}"#,
        "option-unknown",
        "Files[0].Typ",
        Some("Type"),
    ),
    (r#"{"Cookies": [{"Value": "x"}]}"#, "option-missing", "Cookies[0]", None),
    (
        r#"{"Cookies": [{"Description": "a", "Value": "x", "ExpiresOn": "soon"}]}"#,
        "option-value",
        "Cookies[0].ExpiresOn",
        None,
    ),
    (r#"{"Cookies": {"h": {"/": {"n": 1}}}}"#, "option-type", "Cookies.h./.n", None),
    (r#"{"OutputFile": ""}"#, "option-value", "OutputFile", None),
    (r#"{"Timeout": 5"#, "options-syntax", "", None),
    ("[1]", "options-syntax", "", None),
];

#[test]
fn every_wrong_option_is_named_and_nothing_is_sent() {
    let server = Scripted::new([]);
    let object = connector();
    for (options, code, key, nearest) in WRONG {
        let (text, details) = fails(&object, "Get", &[server.url("/").into(), (*options).into()]);
        assert_eq!(details["code"], *code, "{options}: {text}");
        assert_eq!(details["nearest"].as_str(), *nearest, "{options}");
        assert_eq!(details["phase"], "prepare");
        if !key.is_empty() {
            assert_eq!(details["key"].as_str(), Some(*key), "{options}");
            assert!(text.contains(key), "{text} names {key}");
        }
        if let Some(nearest) = nearest {
            assert!(text.contains(nearest), "{text} suggests {nearest}");
        }
        let parameter = if key.chars().any(|c| ('\u{400}'..='\u{4FF}').contains(&c)) {
            "Параметры"
        } else {
            "Options"
        };
        assert_eq!(details["parameter"], parameter, "{options} is answered in its language");
        assert!(text.contains(parameter), "{text}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn keys_that_say_nothing_are_accepted() {
    let server = Scripted::new([ok(&[], b"")]);
    let object = connector();
    let options = r#"{"Proxy": null, "ClientSSLCertificate": false, "JSONConversionParameters": null,
        "Json": null, "Files": [], "Authentication": null, "PinnedKeys": [], "RevocationLists": [], "TLSServerName": "",
        "MinimumTLSVersion": "", "TLSProvider": "", "AllowedPorts": [], "AllowedSchemes": [], "AddressOverrides": {}, "Cookies": {}, "Data": "", "ToRetryForStatusesCodes": null}"#;
    object.call("Get", &[server.url("/").into(), options.into()]).unwrap();
    assert_eq!(server.asked().len(), 1);
    assert!(server.last().body.is_empty());
}

#[test]
fn wrong_session_settings_change_nothing() {
    let session = object_in("HTTPSession", "en");
    session.set("Timeout", 7).unwrap();
    let settings = r#"{"Timeout": 9, "Headers": {"X": "1"}, "MaximumNumberOfRedirects": "many"}"#;
    let (_, details) = fails(&session, "Configure", &[settings.into()]);
    assert_eq!(details["code"], "option-type");
    assert_eq!(property(&session, "Timeout"), 7.into());
    assert_eq!(property(&session, "Headers"), r#"{"Accept-Encoding":"gzip","Accept":"*/*"}"#.into());
    let (_, details) = fails(&session, "Настроить", &[r#"{"Данные": "x"}"#.into()]);
    assert_eq!((details["code"].as_str(), details["key"].as_str()), (Some("option-scope"), Some("Данные")));
    let error = session.set("Timeout", "x").unwrap_err();
    assert!(error.text().starts_with("Timeout"), "{}", error.text());
    let error = session.set("Прокси", "{\"Порт\": true}").unwrap_err();
    assert!(error.text().contains("«Прокси.Порт»"), "{}", error.text());
}

#[test]
fn secrets_stay_out_of_errors() {
    let object = connector();
    let secret = "hunter2-secret";
    for options in [
        format!(r#"{{"Authentication": {{"Type": "Bearer", "Token": "{secret}", "User": 1}}}}"#),
        format!(r#"{{"Headers": {{"Authorization": "{secret}", "X": []}}, "Timeout": []}}"#),
        format!(r#"{{"Authentication": {{"User": "u", "Password": "{secret}"}}, "Timeout": 0.2}}"#),
    ] {
        let url = format!("http://user:{secret}@127.0.0.1:1/?token={secret}");
        let (text, details) = fails(&object, "Get", &[url.into(), options.into()]);
        let details: Value = details;
        assert!(!text.contains(secret), "{text}");
        assert!(!details.to_string().contains(secret), "{details}");
    }
}

#[test]
fn broken_json_says_where() {
    let (text, details) = fails(&connector(), "Get", &["http://h".into(), "{\n  \"Timeout\": }".into()]);
    assert_eq!(text, "Get, parameter Options: a JSON object expected, error at line 2, column 14.");
    assert_eq!((details["line"].as_u64(), details["column"].as_u64()), (Some(2), Some(14)));
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let deep = format!("{{\"Json\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let (_, details) = fails(&connector(), "Get", &["http://h".into(), deep.into()]);
    assert_eq!(details["code"], "options-syntax");
}

#[test]
fn equal_keys_are_refused_wherever_they_stand() {
    let object = connector();
    for (options, key) in [
        (r#"{"Timeout": 1, "Timeout": 1}"#, "Timeout"),
        (r#"{"Headers": {"X": "1", "Y": "2", "X": "3"}}"#, "Headers.X"),
        (
            r#"{"Files": [{"Name": "a", "Data": ""}, {"Name": "b", "Data": "", "Name": "c"}]}"#,
            "Files[1].Name",
        ),
        (r#"{"Json": {"a": [{"b": 1, "\u0062": 2}]}}"#, "Json.a[0].b"),
    ] {
        let (text, details) = fails(&object, "Get", &["http://127.0.0.1:1/".into(), options.into()]);
        assert_eq!((details["code"].as_str(), details["key"].as_str()), (Some("option-twice"), Some(key)));
        assert_eq!(
            text,
            format!("Get, parameter Options: key \"{key}\" stands in the object twice. Keep one.")
        );
    }
}

#[test]
fn places_in_broken_json_are_counted_in_characters() {
    let object = object_in("HTTPConnector", "ru");
    let (text, _) = fails(&object, "Get", &["http://h".into(), "{\"Таймаут\": }".into()]);
    assert_eq!(text, "Get, параметр Параметры: ожидается объект JSON, ошибка в строке 1, позиция 13.");
}

#[test]
fn options_of_too_many_values_are_refused_and_name_the_way_out() {
    let object = object_in("HTTPConnector", "ru");
    let many = format!("{{\"Json\": [{}0]}}", "0,".repeat(1 << 20));
    let (text, details) = fails(&object, "Post", &["http://127.0.0.1:1/".into(), "".into(), many.into()]);
    assert_eq!(details["code"], "options-too-long");
    assert!(text.contains("1048576") && text.contains("PostJson"), "{text}");
}

#[test]
fn a_form_field_may_be_called_file_and_a_reference_is_spelled_exactly() {
    let server = Scripted::new((0..3).map(|_| ok(&[], b"")));
    let object = connector();
    for (data, body) in [
        (r#"{"file": "/etc/hostname"}"#, "file=%2Fetc%2Fhostname"),
        (r#"{"File": ["a b"]}"#, "File=a%20b"),
        (r#"{"Файл": "x", "b": 1}"#, "%D0%A4%D0%B0%D0%B9%D0%BB=x&b=1"),
    ] {
        let options = format!(r#"{{"Data": {data}}}"#);
        object.call("Post", &[server.url("/").into(), "".into(), options.into()]).unwrap();
        assert_eq!(String::from_utf8(server.last().body).unwrap(), body);
    }
}

#[test]
fn data_beside_files_must_be_form_fields() {
    let options = r#"{"Данные": "текст", "Файлы": {"Имя": "f", "Данные": "x"}}"#;
    let object = object_in("HTTPConnector", "ru");
    let (text, details) = fails(&object, "Post", &["http://127.0.0.1:1/".into(), "".into(), options.into()]);
    assert_eq!((details["code"].as_str(), details["key"].as_str()), (Some("option-value"), Some("Данные")));
    assert_eq!(
        text,
        "Post, параметр Параметры: у ключа «Данные» недопустимое значение, ожидается объект полей формы, так как \
         заданы и Файлы."
    );
}

#[test]
fn limits_that_round_to_nothing_are_still_limits() {
    let object = connector();
    let options = r#"{"TotalTimeout": 1e-12}"#;
    let (_, details) = fails(&object, "Get", &["http://127.0.0.1:1/".into(), options.into()]);
    assert_eq!(details["code"], "timeout");
}

#[test]
fn folders_are_no_files_to_send() {
    let folder = tempfile::tempdir().unwrap();
    let options = serde_json::json!({"Data": {"File": folder.path()}}).to_string();
    let (text, details) =
        fails(&connector(), "Post", &["http://127.0.0.1:1/".into(), "".into(), options.into()]);
    assert_eq!(
        (details["code"].as_str(), details["operation"].as_str()),
        (Some("file"), Some("open")),
        "{text}"
    );
}

#[test]
fn names_in_errors_are_cut() {
    let options = serde_json::json!({"x".repeat(100_000): 1}).to_string();
    let (text, details) = fails(&connector(), "Get", &["http://h".into(), options.into()]);
    assert_eq!(details["code"], "option-unknown");
    assert!(text.len() < 300, "{}", text.len());
}

#[test]
fn errors_before_sending_name_the_member_and_the_parameter() {
    let object = object_in("HTTPConnector", "ru");
    let (text, _) = fails(&object, "Get", &["ftp://user:pass@h/".into()]);
    assert_eq!(text, "Get, параметр URL: URL «ftp://h/» использовать нельзя: возможны только http и https.");
    let (text, _) = fails(&object, "РазобратьURL", &["http://h:port/".into()]);
    assert!(text.starts_with("РазобратьURL, параметр URL: "), "{text}");
    let options = r#"{"Заголовки": {"Плохое имя": "1"}}"#;
    let (text, _) = fails(&object, "Get", &["http://h".into(), options.into()]);
    assert_eq!(
        text,
        // Only its beginning: what follows a blank or a colon may be a value, and a secret.
        "Get: Запрос нельзя отправить: заголовок «Плохое» содержит символы, недопустимые в имени."
    );
    let options = r#"{"Данные": {"Файл": "/no/such/file"}}"#;
    let (text, _) = fails(&object, "Post", &["http://h".into(), "".into(), options.into()]);
    assert_eq!(text, "Post: Ошибка файла /no/such/file (открытие): файл или каталог не найден.");
}

#[test]
fn no_wrong_setting_changes_anything_of_a_session() {
    let session = object_in("HTTPSession", "en");
    session.set("Authentication", r#"{"User": "u", "Password": "p"}"#).unwrap();
    session.set("Cookies", r#"{"h": {"/": {"n": {"Description": "n", "Value": "v"}}}}"#).unwrap();
    session.set("Proxy", "http://proxy.test:3128").unwrap();
    let names = [
        "Headers",
        "Authentication",
        "RequestParameters",
        "Cookies",
        "VerifySSL",
        "ClientSSLCertificate",
        "Proxy",
        "Timeout",
    ];
    let state = || names.map(|name| format!("{:?}", property(&session, name)));
    let before = state();
    let good = r#"{"MaximumNumberOfRedirects": 3, "AllowRedirect": false, "#;
    for (wrong, ..) in WRONG.iter().filter(|(wrong, ..)| wrong.starts_with('{') && wrong.ends_with('}')) {
        // Wrong settings before and behind good ones; those that are good beside the wrong one come to nothing, too.
        let behind = wrong.replacen('{', good, 1);
        for settings in [(*wrong).to_owned(), behind] {
            fails(&session, "Configure", &[settings.clone().into()]);
            assert_eq!(state(), before, "{settings}");
            assert_eq!(property(&session, "MaximumNumberOfRedirects"), 30.into(), "{settings}");
        }
    }
    let homeless = r#"{"Timeout": 9, "Cookies": [{"Description": "a", "Value": "b"}]}"#;
    fails(&session, "Configure", &[homeless.into()]);
    assert_eq!(state(), before);
}
