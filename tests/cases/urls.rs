//! Cases 1 to 10: ParseURL.

use serde_json::{Value, json};

use crate::connector;

fn parse(url: &str) -> Value {
    connector().json("ParseURL", &[url]).unwrap()
}

fn parsed(host: &str, port: u16, path: &str, query: Value, fragment: &str) -> Value {
    json!({
        "Scheme": "http",
        "Authentication": {"User": "", "Password": ""},
        "Host": host,
        "Port": port,
        "Path": path,
        "RequestParameters": query,
        "Fragment": fragment,
    })
}

fn secure(mut expected: Value) -> Value {
    expected["Scheme"] = "https".into();
    expected
}

#[test]
fn case_01_equal_signs_in_a_value_stay_in_it() {
    let jql = "worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01";
    let got = parse(&format!("https://h.test/anything?jql={jql}&j&i=2"));
    let query = json!({"jql": jql, "j": null, "i": "2"});
    assert_eq!(got, secure(parsed("h.test", 0, "/anything", query, "")));
}

#[test]
fn case_02_a_key_without_value_is_undefined() {
    assert_eq!(
        parse("https://h.test/get?key"),
        secure(parsed("h.test", 0, "/get", json!({"key": null}), ""))
    );
}

#[test]
fn case_03_a_written_port_is_a_number() {
    let expected = secure(parsed("h.test", 443, "/get", json!({"key": null}), ""));
    assert_eq!(parse("https://h.test:443/get?key"), expected);
}

#[test]
fn case_04_repeated_keys_become_arrays_in_order() {
    let query = json!({"i": ["v1", "v2", "v3"], "j": ["w1", "w2"]});
    let got = parse("http://h.test/anything?i=v1&j=w1&j=w2&i=v2&i=v3");
    assert_eq!(got, parsed("h.test", 0, "/anything", query, ""));
}

#[test]
fn case_05_the_fragment_stands_apart() {
    let got = parse("https://en.wikipedia.org/wiki/1C_Company#Products");
    assert_eq!(got, secure(parsed("en.wikipedia.org", 0, "/wiki/1C_Company", json!({}), "Products")));
}

#[test]
fn case_06_an_ipv6_host_keeps_its_brackets() {
    let host = "[2001:0db8:11a3:09d7:1f34:8a2e:07a0:765d]";
    assert_eq!(parse(&format!("http://{host}:8080/test")), parsed(host, 8080, "/test", json!({}), ""));
}

#[test]
fn case_07_a_bare_host_has_the_root_path() {
    assert_eq!(parse("http://1c.ru"), parsed("1c.ru", 0, "/", json!({}), ""));
}

#[test]
fn case_08_an_encoded_url_in_a_value_is_decoded() {
    let got = parse("https://www.example.ru?url=http%3A%2F%2Fwww.kuku.ru%2F%3Fs%3D1%26b%3D2&OTHER=1");
    let query = json!({"url": "http://www.kuku.ru/?s=1&b=2", "OTHER": "1"});
    assert_eq!(got, secure(parsed("www.example.ru", 0, "/", query, "")));
}

#[test]
fn case_09_user_and_password_are_taken_out() {
    let mut expected = parsed("1c.ru", 0, "/", json!({}), "");
    expected["Authentication"] = json!({"User": "user", "Password": "pass"});
    assert_eq!(parse("http://user:pass@1c.ru"), expected);
}

#[test]
fn case_10_a_user_may_have_no_password() {
    let mut expected = parsed("1c.ru", 0, "/", json!({}), "");
    expected["Authentication"] = json!({"User": "user", "Password": ""});
    assert_eq!(parse("http://user@1c.ru"), expected);
}

#[test]
fn case_01_to_10_russian_name_gives_russian_keys() {
    let got = connector().json("РазобратьURL", &["http://user:pass@1c.ru:8080/x?k=1#f"]).unwrap();
    let expected = json!({
        "Схема": "http",
        "Аутентификация": {"Пользователь": "user", "Пароль": "pass"},
        "Сервер": "1c.ru",
        "Порт": 8080,
        "Путь": "/x",
        "ПараметрыЗапроса": {"k": "1"},
        "Фрагмент": "f",
    });
    assert_eq!(got, expected);
}
