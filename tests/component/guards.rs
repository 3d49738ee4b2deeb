//! Guards and addresses in place of a lookup.

use serde_json::json;

use crate::support::{Scripted, answer, call, connector, fails, object_in, ok, session};

#[test]
fn each_guard_refuses_in_words_that_name_its_key() {
    let server = Scripted::new([]);
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let url = server.url("/");
    for (language, options, rule, key) in [
        ("en", r#"{"DenyPrivateAddresses": true}"#, "private-address", "DenyPrivateAddresses"),
        ("ru", r#"{"ЗапретитьЧастныеАдреса": true}"#, "private-address", "ЗапретитьЧастныеАдреса"),
        ("en", r#"{"AllowedSchemes": ["HTTPS"]}"#, "scheme", "AllowedSchemes"),
        ("ru", r#"{"РазрешенныеСхемы": ["https"]}"#, "scheme", "РазрешенныеСхемы"),
        ("en", r#"{"AllowedPorts": [80, 443]}"#, "port", "AllowedPorts"),
        ("ru", r#"{"РазрешенныеПорты": [443]}"#, "port", "РазрешенныеПорты"),
    ] {
        let object = object_in("HTTPConnector", language);
        let (text, details) = fails(&object, "Get", &[(&url).into(), options.into()]);
        assert_eq!(
            (details["code"].as_str(), details["rule"].as_str()),
            (Some("guard"), Some(rule)),
            "{options}: {text}"
        );
        assert!(text.contains(key), "{text} names {key}");
        let what = details["what"].as_str().unwrap();
        assert!(text.contains(what), "{text}");
        let expected = match rule {
            "scheme" => "http",
            "port" => &port,
            _ => "127.0.0.1",
        };
        assert!(what.contains(expected), "{what}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn redirects_are_guarded_too_and_a_request_may_change_one_part() {
    let target = Scripted::new([ok(&[], b"")]);
    let hop = format!("Location: {}", target.url("/"));
    let server = Scripted::new((0..4).map(|_| answer("302 Found", &[&hop], b"")));
    let port: u16 = server.address.rsplit_once(':').unwrap().1.parse().unwrap();
    let session = session();
    let settings = json!({"AllowedPorts": [port], "AllowedSchemes": ["http"]}).to_string();
    call(&session, "Configure", &[settings.into()]);
    let (_, details) = fails(&session, "Get", &[server.url("/").into()]);
    assert_eq!((details["code"].as_str(), details["rule"].as_str()), (Some("guard"), Some("port")));
    // One key of the request, the other one of the session.
    let options = r#"{"AllowedSchemes": ["https"]}"#;
    let (_, details) = fails(&session, "Get", &[server.url("/").into(), options.into()]);
    assert_eq!(details["rule"], "scheme");
    let options = r#"{"AllowedSchemes": ["https", "http"]}"#;
    let (_, details) = fails(&session, "Get", &[server.url("/").into(), options.into()]);
    assert_eq!(details["rule"], "port");
    assert!(target.asked().is_empty());
    assert_eq!(
        call(&session, "Get", &[server.url("/").into(), r#"{"AllowedPorts": []}"#.into()]),
        200.into()
    );
}

#[test]
fn overridden_hosts_lead_to_the_given_address() {
    let server = Scripted::new((0..8).map(|_| ok(&[], b"")));
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let object = connector();
    for (host, key) in [
        ("bank.test", "bank.test".to_owned()),
        ("bank.test", format!("BANK.test:{port}")),
        ("банк.рф", "Банк.РФ".to_owned()),
        ("bank.test.", "bank.test".to_owned()),
        ("bank.test", format!("bank.test.:{port}")),
        ("[2001:db8::1]", "[2001:DB8::1]".to_owned()),
        ("[2001:db8::1]", format!("[2001:db8::1]:{port}")),
    ] {
        let options = json!({"AddressOverrides": {key.clone(): ["127.0.0.1"]}, "DenyPrivateAddresses": true})
            .to_string();
        let url = format!("http://{host}:{port}/");
        assert_eq!(call(&object, "Get", &[url.into(), options.into()]), 200.into(), "{key}");
    }
    assert_eq!(server.last().header("host").unwrap(), format!("[2001:db8::1]:{port}"));
    let options = json!({"ПодменаАдресов": {"bank.test:1": "127.0.0.1"}, "Timeout": 5}).to_string();
    let url = format!("http://bank.test:{port}/");
    let (text, details) = fails(&object, "Get", &[url.into(), options.into()]);
    assert_eq!(details["code"], "name-not-found", "{text}");
}
