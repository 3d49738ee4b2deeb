//! Methods that need no server, against the vectors of the reference module.

use addin_host::Val;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{call, connector, fails, json, property, text};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hmac_gives_the_vectors_for_blobs_and_strings() {
    let object = connector();
    let long = "1234567890".repeat(7);
    for (algorithm, empty, filled) in [
        ("MD5", "1b1ec4166a11c03b3afefaea442e7709", "ed5b2d6b9f573cd46e8f8d1d1e8b70e3"),
        ("sha-1", "355aa0587050d711f4ca9af6930c736363a88d34", "7e8f9d7ebbe81e508a39f410e157fc6e714b3371"),
        (
            "",
            "70907d03476d72b7276897718590a49f6ce56991112fb5a0e9ed41652b2aab6c",
            "80be8107de7879f028c8bfe97e10b859785530dd19dfc41a4d6962ce4c2fc130",
        ),
    ] {
        let key = Val::Blob("Секретный ключ".into());
        let tag = call(&object, "HMAC", &[key, Val::Blob(Vec::new()), algorithm.into()]);
        assert_eq!(hex(tag.as_bytes().unwrap()), empty);
        let tag = call(&object, "HMAC", &[(&long).into(), "Какие-то данные".into(), algorithm.into()]);
        assert_eq!(hex(tag.as_bytes().unwrap()), filled);
    }
}

#[test]
fn unknown_hash_names_the_known_ones() {
    let (text, details) = fails(&connector(), "HMAC", &["k".into(), "d".into(), "SHA265".into()]);
    assert_eq!(
        text,
        "HMAC, parameter Algorithm: unknown value \"SHA265\", MD5, SHA1, SHA256 or SHA512 expected. Did you mean \"SHA256\"?"
    );
    assert_eq!(
        (details["code"].as_str(), details["nearest"].as_str()),
        (Some("argument-value"), Some("SHA256"))
    );
}

#[test]
fn gzip_is_the_vector_byte_for_byte_and_reads_back() {
    let object = connector();
    let packed = STANDARD.decode("H4sIAAAAAAAA/wEVAOr/0J/RgNC40LLQtdGCLCDQnNC40YAhilS6PhUAAAA=").unwrap();
    let plain = "Привет, Мир!".as_bytes().to_vec();
    assert_eq!(call(&object, "ЗаписатьGZip", &[plain.clone().into()]).as_bytes().unwrap(), packed);
    assert_eq!(call(&object, "ReadGZip", &[packed.into()]).as_bytes().unwrap(), plain);
    let (_, details) = fails(&object, "ReadGZip", &[Val::Blob(b"not gzip at all".to_vec())]);
    assert_eq!((details["code"].as_str(), details["phase"].as_str()), (Some("decode"), Some("decode")));
}

#[test]
fn parsed_urls_are_those_of_cases_1_to_10() {
    let object = connector();
    let parse = |url: &str| json(&object, "ParseURL", &[url.into()]);
    let first = parse("https://H/anything?jql=worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01&j&i=2");
    let keys: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["Scheme", "Authentication", "Host", "Port", "Path", "RequestParameters", "Fragment"]);
    assert_eq!(
        first.to_string(),
        r#"{"Scheme":"https","Authentication":{"User":"","Password":""},"Host":"H","Port":0,"Path":"/anything","RequestParameters":{"jql":"worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01","j":null,"i":"2"},"Fragment":""}"#
    );
    assert!(parse("https://H/get?key")["RequestParameters"]["key"].is_null());
    assert_eq!(parse("https://H:443/get?key")["Port"], 443);
    assert_eq!(
        parse("http://H/anything?i=v1&j=w1&j=w2&i=v2&i=v3")["RequestParameters"].to_string(),
        r#"{"i":["v1","v2","v3"],"j":["w1","w2"]}"#
    );
    let wiki = parse("https://en.wikipedia.org/wiki/1C_Company#Products");
    assert_eq!(
        (wiki["Path"].as_str(), wiki["Fragment"].as_str()),
        (Some("/wiki/1C_Company"), Some("Products"))
    );
    let six = parse("http://[2001:0db8:11a3:09d7:1f34:8a2e:07a0:765d]:8080/test");
    assert_eq!(six["Host"], "[2001:0db8:11a3:09d7:1f34:8a2e:07a0:765d]");
    assert_eq!((six["Port"].as_u64(), six["Path"].as_str()), (Some(8080), Some("/test")));
    let simple = parse("http://1c.ru");
    assert_eq!((simple["Path"].as_str(), simple["Port"].as_u64()), (Some("/"), Some(0)));
    let inner = parse("https://www.example.ru?url=http%3A%2F%2Fwww.kuku.ru%2F%3Fs%3D1%26b%3D2&OTHER=1");
    assert_eq!(
        inner["RequestParameters"].to_string(),
        r#"{"url":"http://www.kuku.ru/?s=1&b=2","OTHER":"1"}"#
    );
    assert_eq!(inner["Path"], "/");
    let user = json(&object, "РазобратьURL", &["http://user:pass@1c.ru".into()]);
    assert_eq!(user["Аутентификация"]["Пользователь"], "user");
    assert_eq!(user["Аутентификация"]["Пароль"], "pass");
    assert_eq!((user["Сервер"].as_str(), user["Путь"].as_str()), (Some("1c.ru"), Some("/")));
    let name = parse("http://user@1c.ru");
    assert_eq!(name["Authentication"].to_string(), r#"{"User":"user","Password":""}"#);
}

#[test]
fn status_codes_have_the_surface_names_in_both_languages() {
    let object = connector();
    let english = json(&object, "HTTPStatusCodes", &[]);
    let russian = json(&object, "КодыСостоянияHTTP", &[]);
    assert_eq!((english.as_object().unwrap().len(), russian.as_object().unwrap().len()), (72, 72));
    assert_eq!(
        (english["OK_200"].as_u64(), english["ATimeoutOccurred_524"].as_u64()),
        (Some(200), Some(524))
    );
    // Cyrillic О and К; one L is missing in 525.
    assert_eq!(russian["\u{41e}\u{41a}_200"], 200);
    assert_eq!(russian["КвитированиеSSНеУдалось_525"], 525);
    for names in [english, russian] {
        for (name, code) in names.as_object().unwrap() {
            assert!(name.ends_with(&format!("_{code}")), "{name} ends with its code {code}");
        }
    }
}

#[test]
fn status_presentation_is_code_and_phrase() {
    let object = connector();
    assert_eq!(text(&object, "HTTPStatusCodePresentation", &[400.into()]), "400: Bad Request");
    assert_eq!(text(&object, "HTTPStatusCodePresentation", &[302.0.into()]), "302: Moved Temporarily");
    assert_eq!(
        text(&object, "ПредставлениеКодаСостоянияHTTP", &[488.into()]),
        "488: Неизвестный код состояния HTTP"
    );
    assert_eq!(text(&object, "HTTPStatusCodePresentation", &[Val::Int(-1)]), "-1: Unknown HTTP status code");
    let (_, details) = fails(&object, "HTTPStatusCodePresentation", &["400".into()]);
    assert_eq!(details["code"], "argument-type");
}

#[test]
fn blobs_decode_with_the_given_encoding_and_a_mark_wins() {
    let object = connector();
    let decode =
        |bytes: &[u8], encoding: &str| text(&object, "DecodeText", &[bytes.to_vec().into(), encoding.into()]);
    assert_eq!(decode(b"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"), "Привет");
    assert_eq!(decode("Привет 😀".as_bytes(), ""), "Привет 😀");
    assert_eq!(decode(b"\xef\xbb\xbf\xd0\x96", "windows-1251"), "Ж");
    assert_eq!(decode(b"", ""), "");
    let (message, details) = fails(&object, "ДекодироватьТекст", &[b"x".to_vec().into(), "клингон".into()]);
    assert_eq!(
        message,
        "ДекодироватьТекст, параметр Кодировка: неизвестная кодировка «клингон». Укажите, например, utf-8, \
         windows-1251 или cp866."
    );
    assert_eq!(details["code"], "unknown-charset");
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(property(&connector(), "Версия"), env!("CARGO_PKG_VERSION").into());
}

#[test]
fn diagnostics_say_where_the_component_is_and_what_it_takes() {
    let object = crate::support::object_in("HTTPConnector", "ru");
    let of = |name: &str| -> serde_json::Value {
        serde_json::from_str(property(&object, name).as_str().unwrap()).unwrap()
    };
    let (english, russian) = (of("DiagnosticsJSON"), of("ДиагностикаJSON"));
    let program = std::env::current_exe().unwrap();
    assert_eq!(english["Version"], env!("CARGO_PKG_VERSION"));
    let library = std::fs::canonicalize(english["Library"].as_str().unwrap()).unwrap();
    assert_eq!(library, std::fs::canonicalize(program).unwrap());
    assert_eq!(english["Architecture"], std::env::consts::ARCH);
    assert_eq!(english["OperatingSystem"], std::env::consts::OS);
    assert_eq!(english["Attached"], "NotIsolated");
    assert_eq!(english["Language"], "ru", "of the interface, not of the call");
    assert_eq!(english["TLSProviders"]["Modern"], "rustls");
    let roots = english["RootCertificates"].as_str().unwrap();
    assert!(roots.rsplit(' ').next().unwrap().parse::<u32>().is_ok(), "{roots}");
    for scheme in ["http", "https"] {
        assert!(!english["Proxy"][scheme].as_str().unwrap().is_empty());
    }
    assert_eq!(russian["Подключение"], "НеИзолированно");
    let names = |value: &serde_json::Value| value.as_object().unwrap().len();
    assert_eq!(names(&english), names(&russian));
}

#[test]
fn diagnostics_tell_an_isolated_process() {
    let settings = addin_host::Settings { isolated: true, ..addin_host::Settings::default() };
    let object = crate::support::addin().create_with("HTTPConnector", settings).unwrap();
    let text = property(&object, "DiagnosticsJSON").as_str().unwrap().to_owned();
    assert!(text.contains("\"Attached\":\"Isolated\""), "{text}");
}
