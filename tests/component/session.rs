//! State of a session, and how a request's options win over it.

use crate::support::{Scripted, call, fails, ok, property, property_json, property_text, session};

#[test]
fn request_headers_win_without_regard_to_case() {
    let server = Scripted::new([ok(&[], b""), ok(&[], b""), ok(&[], b"")]);
    let session = session();
    session.set("Headers", r#"{"Accept-Encoding": "gzip", "X-One": "s", "X-Two": "s"}"#).unwrap();
    let options =
        r#"{"Заголовки": {"accept-encoding": "identity", "x-one": "r", "X-Two": null, "X-Many": ["1", 2]}}"#;
    call(&session, "Get", &[server.url("/").into(), options.into()]);
    let asked = server.last();
    assert_eq!(asked.header("Accept-Encoding"), Some("identity"));
    assert_eq!((asked.header("X-One"), asked.header("X-Two")), (Some("r"), None));
    assert_eq!(asked.head.matches("X-Many: ").count(), 2);
    call(&session, "Get", &[server.url("/").into()]);
    assert_eq!(server.last().header("X-Two"), Some("s"));
    assert_eq!(property_json(&session, "Заголовки")["X-One"], "s");
    session.set("Headers", "").unwrap();
    call(&session, "Get", &[server.url("/").into()]);
    assert_eq!(
        (server.last().header("accept-encoding"), server.last().header("accept")),
        (Some("gzip"), Some("*/*"))
    );
}

#[test]
fn query_of_url_then_request_then_session() {
    let server = Scripted::new([ok(&[], b"")]);
    let session = session();
    session.set("ПараметрыЗапроса", r#"{"s": 1, "r": "session", "u": "session"}"#).unwrap();
    assert_eq!(property_text(&session, "RequestParameters"), r#"{"s":"1","r":"session","u":"session"}"#);
    let options = r#"{"RequestParameters": {"r": "request", "u": "request"}}"#;
    call(&session, "Get", &[server.url("/?u=url").into(), options.into()]);
    assert_eq!(server.last().line(), "GET /?u=url&s=1&r=request HTTP/1.1");
}

#[test]
fn authentication_is_used_and_reads_back_masked() {
    let server = Scripted::new([ok(&[], b""), ok(&[], b""), ok(&[], b"")]);
    let session = session();
    assert_eq!(property_text(&session, "Authentication"), "");
    session.set("Authentication", r#"{"User": "user", "Пароль": "pass"}"#).unwrap();
    assert_eq!(
        property_text(&session, "Authentication"),
        r#"{"Type":"Basic","User":"user","Password":"***"}"#
    );
    assert_eq!(
        property_text(&session, "Аутентификация"),
        r#"{"Тип":"Basic","Пользователь":"user","Пароль":"***"}"#
    );
    call(&session, "Get", &[server.url("/").into()]);
    assert_eq!(server.last().header("authorization"), Some("Basic dXNlcjpwYXNz"));
    let options = r#"{"Authentication": {"Type": "bearer", "Token": "t"}}"#;
    call(&session, "Get", &[server.url("/").into(), options.into()]);
    assert_eq!(server.last().header("authorization"), Some("Bearer t"));
    session.set("Authentication", r#"{"Token": "secret"}"#).unwrap();
    assert_eq!(property_text(&session, "Authentication"), r#"{"Type":"Bearer","Token":"***"}"#);
    call(&session, "Get", &[server.url("/").into(), r#"{"Authentication": {}}"#.into()]);
    assert_eq!(server.last().header("authorization"), None);
}

#[test]
fn cookies_are_kept_sent_read_written_and_cleared() {
    let server = Scripted::new([
        ok(&["Set-Cookie: key=value; Path=/", "Set-Cookie: gone=1; Max-Age=0"], b""),
        ok(&[], b""),
        ok(&[], b""),
        ok(&[], b""),
    ]);
    let session = session();
    call(&session, "Get", &[server.url("/set").into()]);
    let cookies = property_json(&session, "Cookies");
    assert_eq!(cookies["127.0.0.1"]["/"]["key"]["Value"], "value");
    assert_eq!(cookies["127.0.0.1"]["/"]["key"]["ExpiresOn"], "3999-01-01T00:00:00");
    call(&session, "Get", &[server.url("/").into()]);
    assert_eq!(server.last().header("cookie"), Some("key=value"));
    let written = r#"{"127.0.0.1": {"/": {"x": {"Наименование": "x", "Значение": "y"}}}}"#;
    session.set("Cookies", written).unwrap();
    let options = r#"{"Cookies": [{"Description": "once", "Value": 1}]}"#;
    call(&session, "Get", &[server.url("/").into(), options.into()]);
    let sent = server.last().header("cookie").unwrap().to_owned();
    let mut sent: Vec<&str> = sent.split("; ").collect();
    sent.sort_unstable();
    assert_eq!(sent, ["once=1", "x=y"]);
    call(&session, "ОчиститьCookies", &[]);
    assert_eq!(property_text(&session, "Cookies"), "{}");
    let (_, details) =
        fails(&session, "Configure", &[r#"{"Cookies": [{"Description": "a", "Value": "b"}]}"#.into()]);
    assert_eq!(
        (details["code"].as_str(), details["missing"].as_str()),
        (Some("option-missing"), Some("Domain"))
    );
}

#[test]
fn plain_settings_read_back_as_written() {
    let session = session();
    assert_eq!(property(&session, "Timeout"), 30.into());
    for (name, written, read) in [("Timeout", 2.5, 2.5), ("Таймаут", 0.0, 0.0), ("Timeout", 12.0, 12.0)]
    {
        session.set(name, written).unwrap();
        assert_eq!(property(&session, name).as_num(), Some(read));
    }
    session.set("MaximumNumberOfRedirects", 3).unwrap();
    assert_eq!(property(&session, "МаксимальноеКоличествоПеренаправлений"), 3.into());
    assert_eq!(property(&session, "VerifySSL"), true.into());
    session.set("VerifySSL", false).unwrap();
    assert_eq!(property(&session, "ПроверятьSSL"), false.into());
    session.set("VerifySSL", "").unwrap();
    assert_eq!(property(&session, "VerifySSL"), true.into());
    session.set("Proxy", "").unwrap();
    assert_eq!(property_text(&session, "Прокси"), "");
    call(&session, "Настроить", &[r#"{"Таймаут": 4, "ПроверятьSSL": false}"#.into()]);
    assert_eq!((property(&session, "Timeout"), property(&session, "VerifySSL")), (4.into(), false.into()));
    call(&session, "CloseConnections", &[]);
}

#[test]
fn redirect_limit_of_the_session_holds_and_names_itself() {
    let server =
        Scripted::new((0..5).map(|_| crate::support::answer("302 Found", &["Location: /next"], b"")));
    let session = session();
    session.set("MaximumNumberOfRedirects", 2).unwrap();
    let (text, details) = fails(&session, "Get", &[server.url("/").into(), r#"{"Таймаут": 5}"#.into()]);
    assert!(text.contains("СлишкомМногоПеренаправлений"), "{text}");
    assert_eq!((details["code"].as_str(), details["limit"].as_u64()), (Some("too-many-redirects"), Some(2)));
    assert!(details["chain"].as_array().unwrap().len() >= 3);
}

#[test]
fn connector_objects_keep_no_cookies() {
    let server = Scripted::new([ok(&["Set-Cookie: a=b; Path=/"], b""), ok(&[], b"")]);
    let object = crate::support::connector();
    call(&object, "Get", &[server.url("/").into()]);
    call(&object, "Get", &[server.url("/").into()]);
    assert_eq!(server.last().header("cookie"), None);
}
