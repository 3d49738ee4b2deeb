//! `Proxy`: the three ways of saying nothing much, URLs and objects, precedence, reading back, whose fault an error is.

#[path = "../support/again.rs"]
mod again;

use addin_host::Object;
use serde_json::{Value, json};

use crate::support::{
    Scripted, answer, call, connector, fails, object_in, ok, property, property_json, property_text, session,
};

const TARGET: &str = "http://target.test/p?q=1";

fn get(object: &Object, url: &str, proxy: &Value) {
    let options = json!({"Proxy": proxy}).to_string();
    assert_eq!(call(object, "Get", &[url.into(), options.into()]), 200.into());
}

#[test]
fn urls_and_objects_lead_through_the_proxy() {
    let server = Scripted::new((0..16).map(|_| ok(&[], b"")));
    let object = connector();
    let (host, port) = server.address.split_once(':').unwrap();
    let (port, with_port) = (port.parse::<u16>().unwrap(), server.address.as_str());
    for (proxy, authorization) in [
        (json!(with_port), None),
        (json!(format!("http://{with_port}")), None),
        (json!(format!("HTTP://u:p%40@{with_port}/")), Some("Basic dTpwQA==")),
        (json!({"Server": host, "Port": port}), None),
        (
            json!({"Сервер": host, "Порт": port, "Схема": "HTTP", "Пользователь": "u", "Пароль": "p"}),
            Some("Basic dTpw"),
        ),
        (json!({"server": with_port}), None),
        (json!({"Server": format!("http://{with_port}"), "User": "u"}), Some("Basic dTo=")),
        (
            json!({"Server": host, "Port": port, "BypassProxyOnLocal": true, "BypassProxyOnAddresses": "*.other;10.0.0.0/8"}),
            None,
        ),
        (json!({"http": with_port, "https": false}), None),
        (json!({"http": {"Server": host, "Port": port, "User": "u", "Password": "p"}}), Some("Basic dTpw")),
        (json!({"Server": "nowhere.test", "http": with_port}), None),
    ] {
        get(&object, TARGET, &proxy);
        let asked = server.last();
        assert_eq!(asked.line(), "GET http://target.test/p?q=1 HTTP/1.1", "{proxy}");
        // Told at once, or only when the proxy asks.
        let sent = asked.header("proxy-authorization");
        assert!(sent.is_none() || sent == authorization, "{proxy}: {sent:?}");
    }
}

#[test]
fn user_and_password_answer_the_proxy() {
    let wants = answer("407 Who", &["Proxy-Authenticate: Basic realm=\"p\""], b"");
    for given in [json!({"Пользователь": "u", "Пароль": "p"}), json!({"User": "u", "Password": "p"})]
    {
        let server = Scripted::new([wants.clone(), ok(&[], b"in")]);
        let mut proxy = given;
        proxy["Server"] = json!(server.address);
        // Whether the first request already says who asks or only the second one is the scheme's business.
        let options = json!({"Proxy": proxy}).to_string();
        assert_eq!(call(&connector(), "Get", &[TARGET.into(), options.into()]), 200.into());
        assert_eq!(server.last().header("proxy-authorization"), Some("Basic dTpw"));
    }
}

#[test]
fn bypassed_targets_and_schemes_without_a_proxy_are_reached_directly() {
    let proxy = Scripted::new([]);
    let target = Scripted::new((0..8).map(|_| ok(&[], b"")));
    let object = connector();
    for setting in [
        json!({"Server": proxy.address, "BypassProxyOnAddresses": ["127.0.0.1"]}),
        json!({"Server": proxy.address, "НеИспользоватьПроксиДляАдресов": "example.com, 127.0.0.0/8"}),
        json!({"https": proxy.address}),
        json!({"Server": proxy.address, "http": false}),
        json!({"Server": proxy.address, "http": ""}),
        json!({"http": {"Server": ""}, "https": proxy.address}),
        json!(false),
        json!("нет"),
    ] {
        get(&object, &target.url("/"), &setting);
        assert_eq!(target.last().line(), "GET / HTTP/1.1", "{setting}");
    }
    assert!(proxy.asked().is_empty());
}

#[test]
fn requests_win_over_the_session() {
    let (first, second, target) = (
        Scripted::new((0..3).map(|_| ok(&[], b""))),
        Scripted::new([ok(&[], b"")]),
        Scripted::new([ok(&[], b""), ok(&[], b"")]),
    );
    let session = session();
    session.set("Прокси", first.address.clone()).unwrap();
    call(&session, "Get", &[target.url("/").into()]);
    call(&session, "Get", &[target.url("/").into(), r#"{"Proxy": null}"#.into()]);
    assert_eq!((first.asked().len(), target.asked().len()), (2, 0));
    get(&session, &target.url("/"), &json!(second.address));
    assert_eq!((first.asked().len(), second.asked().len(), target.asked().len()), (2, 1, 0));
    get(&session, &target.url("/"), &json!(false));
    get(&session, &target.url("/"), &json!(""));
    assert_eq!((first.asked().len(), second.asked().len(), target.asked().len()), (2, 1, 2));
}

#[test]
fn settings_read_back_without_the_password() {
    let session = session();
    assert_eq!(property_text(&session, "Proxy"), "");
    for (given, english) in [
        ("false", Value::Bool(false)),
        ("none", Value::Bool(false)),
        ("true", Value::Bool(true)),
        ("Системный", Value::Bool(true)),
        ("{\"Server\": \"\"}", Value::Bool(true)),
        ("{}", Value::Bool(true)),
    ] {
        session.set("Proxy", given).unwrap();
        assert_eq!(property(&session, "Прокси"), english.as_bool().unwrap().into(), "{given}");
    }
    session.set("Proxy", false).unwrap();
    assert_eq!(property(&session, "Proxy"), false.into());
    session.set("Proxy", "socks5h://u:hush@p.test").unwrap();
    let english =
        json!({"Server": "p.test", "Port": 1080, "Scheme": "socks5h", "User": "u", "Password": "***"});
    assert_eq!(property_json(&session, "Proxy"), english);
    let given = json!({"http": {"Сервер": "a.test", "ИспользоватьАутентификациюОС": true}, "BypassProxyOnLocal": true,
        "BypassProxyOnAddresses": "x; y,z"});
    session.set("Прокси", given.to_string()).unwrap();
    let russian = json!({
        "http": {"Сервер": "a.test", "Порт": 80, "Схема": "http", "ИспользоватьАутентификациюОС": true},
        "https": false,
        "НеИспользоватьПроксиДляЛокальныхАдресов": true,
        "НеИспользоватьПроксиДляАдресов": ["x", "y", "z"],
    });
    assert_eq!(property_json(&session, "Прокси"), russian);
    // What was read can be written.
    let other = object_in("HTTPSession", "ru");
    other.set("Прокси", property_text(&session, "Прокси")).unwrap();
    assert_eq!(property_json(&other, "Прокси"), russian);
    session.set("Proxy", "").unwrap();
    assert_eq!(property_text(&session, "Proxy"), "");
}

#[test]
fn errors_of_the_proxy_are_told_apart_from_those_of_the_target() {
    let refusing = Scripted::new([
        answer("403 Not Today", &["Content-Type: text/plain"], b"no way"),
        answer("407 Who", &["Proxy-Authenticate: Basic realm=\"p\""], b""),
        answer("407 Who", &["Proxy-Authenticate: Basic realm=\"p\""], b""),
    ]);
    let object = connector();
    let proxy = json!({"Proxy": format!("http://u:hush@{}", refusing.address)}).to_string();
    let (text, details) = fails(&object, "Get", &["https://target.test/".into(), (&proxy).into()]);
    assert_eq!((details["code"].as_str(), details["status"].as_u64()), (Some("proxy"), Some(403)), "{text}");
    assert_eq!(details["proxy"], format!("http://{}", refusing.address));
    assert!(text.contains("proxy") && text.contains(&refusing.address) && text.contains("403"), "{text}");
    assert!(text.contains("Not Today") && !text.contains("hush"), "{text}");
    let (text, details) = fails(&object, "Get", &["https://target.test/".into(), (&proxy).into()]);
    assert_eq!(
        (details["code"].as_str(), details["problem"].as_str()),
        (Some("proxy"), Some("authentication")),
        "{text}"
    );
    let object = object_in("HTTPConnector", "ru");
    let unreachable = json!({"Прокси": "http://127.0.0.1:1"}).to_string();
    let (text, details) = fails(&object, "Get", &[TARGET.into(), unreachable.into()]);
    assert_eq!(
        (details["code"].as_str(), details["problem"].as_str()),
        (Some("proxy"), Some("connect")),
        "{text}"
    );
    assert!(text.contains("Прокси http://127.0.0.1:1 недоступен"), "{text}");
    // A status of a target behind a proxy is an answer, not an error.
    let passing = Scripted::new([answer("502 Upstream", &[], b"")]);
    let proxy = json!({"Proxy": passing.address}).to_string();
    assert_eq!(call(&object, "Get", &[TARGET.into(), proxy.into()]), 502.into());
}

/// Set for the second process: the address of the target.
const CHILD: &str = "CONNECTOR_PROXY_CHILD";

/// The environment of a process cannot be changed while it has threads, so another process has it.
#[test]
fn not_said_none_and_system_are_three_things() {
    if let Ok(target) = std::env::var(CHILD) {
        // Loopback is never reached through a proxy of the environment, a name that leads there is.
        let (address, port) = target.split_once(':').unwrap();
        let url = format!("http://target.test:{port}/");
        let session = session();
        call(
            &session,
            "Configure",
            &[json!({"AddressOverrides": {"target.test": address}}).to_string().into()],
        );
        for proxy in ["{}", r#"{"Proxy": false}"#, r#"{"Proxy": true}"#] {
            assert_eq!(call(&session, "Get", &[(&url).into(), proxy.into()]), 200.into());
        }
        return;
    }
    let proxy = Scripted::new((0..3).map(|_| ok(&[], b"")));
    let target = Scripted::new((0..3).map(|_| ok(&[], b"")));
    let mut command = again::again();
    command.args(["--exact", "proxies::not_said_none_and_system_are_three_things", "--nocapture"]);
    for name in ["no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let output = command
        .env("http_proxy", format!("http://{}", proxy.address))
        .env(CHILD, &target.address)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Not said: the environment's. None, and the system's which has none: the target itself.
    assert_eq!((proxy.asked().len(), target.asked().len()), (1, 2));
}
