//! Errors speak the language of the call.

use addin_host::Val;

use crate::support::{fails, object_in};

#[test]
fn the_spelling_of_the_method_decides() {
    let object = object_in("HTTPConnector", "en");
    let (text, _) = fails(
        &object,
        "ВызватьМетод",
        &["GET".into(), "http://h".into(), "".into(), r#"{"Timeot": 1}"#.into()],
    );
    assert_eq!(
        text,
        "ВызватьМетод, параметр Параметры: неизвестный ключ «Timeot». Возможно, имелся в виду «Timeout»."
    );
    let object = object_in("HTTPConnector", "ru");
    let (text, _) = fails(
        &object,
        "CallMethod",
        &["GET".into(), "http://h".into(), "".into(), r#"{"Таймат": 1}"#.into()],
    );
    assert_eq!(text, "CallMethod, parameter Options: unknown key \"Таймат\". Did you mean \"Таймаут\"?");
}

#[test]
fn where_the_spelling_tells_nothing_the_keys_or_the_interface_decide() {
    for (interface, options, russian) in [
        ("ru", r#"{"Timeout": -1}"#, true),
        ("en", r#"{"Timeout": -1}"#, false),
        ("en", r#"{"Таймаут": -1}"#, true),
        ("en", r#"{"Data": "Привет", "Timeout": -1}"#, false),
        ("en", r#"{"Таймаут": "#, true),
    ] {
        let (text, _) =
            fails(&object_in("HTTPConnector", interface), "Get", &["http://h".into(), options.into()]);
        assert_eq!(text.contains("параметр"), russian, "{interface} {options}: {text}");
    }
}

#[test]
fn network_failures_contain_the_phrases_callers_search_for() {
    for (interface, phrases) in [
        ("ru", ["Не могу установить соединение", "Не удалось установить соединение с сервером"]),
        ("en", ["Couldn't connect to server", "connection refused"]),
    ] {
        let (text, details) =
            fails(&object_in("HTTPConnector", interface), "Get", &["http://127.0.0.1:1/x".into()]);
        for phrase in phrases {
            assert!(text.contains(phrase), "{text}");
        }
        assert!(text.starts_with("GET http://127.0.0.1:1/x: "), "{text}");
        assert_eq!(details["code"], "connect");
        assert_eq!(
            (details["method"].as_str(), details["url"].as_str()),
            (Some("GET"), Some("http://127.0.0.1:1/x"))
        );
        assert_eq!(details["attempts"][0]["address"], "127.0.0.1:1");
    }
}

#[test]
fn arguments_of_the_wrong_type_name_the_parameter() {
    let object = object_in("HTTPConnector", "ru");
    let (text, details) = fails(&object, "Post", &["http://h".into(), 5.into()]);
    assert_eq!(
        text,
        "Post, параметр Тело: ожидается строка или ДвоичныеДанные, передано значение другого типа."
    );
    assert_eq!(
        (details["code"].as_str(), details["parameter"].as_str()),
        (Some("argument-type"), Some("Тело"))
    );
    let (text, _) = fails(&object, "Get", &[true.into()]);
    assert_eq!(text, "Get, параметр URL: ожидается строка, передано значение другого типа.");
    let (text, _) = fails(&object, "Get", &["  ".into()]);
    assert_eq!(text, "Get, параметр URL: значение не заполнено.");
    let broken = Val::Utf16(vec![0x68, 0x74, 0xD800, 0x74]);
    let (text, details) = fails(&object, "Get", &[broken]);
    assert_eq!(text, "Get, параметр URL: строка не является верной UTF-16, непарный суррогат в позиции 3.");
    assert_eq!(details["position"], 3);
}

#[test]
fn time_limits_contain_the_certain_phrases() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    for (interface, phrase) in [("ru", "Превышено время ожидания"), ("en", "Timeout exceeded")]
    {
        let options = r#"{"Timeout": 0.2}"#;
        let (text, details) =
            fails(&object_in("HTTPConnector", interface), "Get", &[(&url).into(), options.into()]);
        assert!(text.contains(phrase), "{text}");
        assert_eq!((details["limit"].as_str(), details["seconds"].as_f64()), (Some("idle"), Some(0.2)));
    }
}

#[test]
fn refused_certificates_and_names_contain_the_phrases_callers_search_for() {
    let server = test_server::Server::start().unwrap();
    let secure = server.secure_url("/get");
    for (interface, url, phrases) in [
        ("ru", secure.as_str(), ["Удаленный узел не прошел проверку", "ПроверятьSSL"]),
        ("en", secure.as_str(), ["Remote host failed verification", "VerifySSL"]),
        ("ru", "http://no-such-host.invalid/", ["Не удается разрешить имя", "Couldn't resolve host name"]),
        ("en", "http://no-such-host.invalid/", ["Couldn't resolve host name", "no-such-host.invalid"]),
    ] {
        let (text, _) = fails(&object_in("HTTPConnector", interface), "Get", &[url.into()]);
        for phrase in phrases {
            assert!(text.contains(phrase), "{text}");
        }
    }
}
