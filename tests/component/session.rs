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

#[test]
fn errors_of_properties_speak_the_language_of_the_property() {
    let session = session();
    for (name, value, text) in [
        (
            "Таймаут",
            "скоро",
            "Таймаут: у ключа «Таймаут» значение неподходящего типа, ожидается число секунд от 0 до 31536000, можно \
             дробное, 0 — без ограничения.",
        ),
        (
            "Timeout",
            "soon",
            "Timeout: key \"Timeout\" has the wrong type, expected a number of seconds from 0 to 31536000, fractions \
             allowed, 0 = no limit.",
        ),
        (
            "Прокси",
            "{\"Server\": 5}",
            "Прокси: у ключа «Прокси.Server» значение неподходящего типа, ожидается строка.",
        ),
        (
            "Аутентификация",
            "{\"Usr\": 1}",
            "Аутентификация: неизвестный ключ «Аутентификация.Usr». Возможно, имелся в виду «User».",
        ),
        ("Заголовки", "{\"X\": }", "Заголовки: ожидается объект JSON, ошибка в строке 1, позиция 7."),
    ] {
        let error = session.set(name, value).unwrap_err();
        assert_eq!(error.text(), text);
    }
    let error = session.set("Таймаут", addin_host::Val::Blob(vec![1])).unwrap_err();
    assert!(error.text().contains("ожидается число секунд"), "{}", error.text());
    assert_eq!(property(&session, "Timeout"), 30.into());
    session.set("Таймаут", "2.5").unwrap();
    assert_eq!(property(&session, "Timeout").as_num(), Some(2.5));
}

#[test]
fn cookies_read_in_either_language_are_written_back_the_same() {
    let written = r#"[
        {"Наименование": "a", "Значение": "1", "Домен": "127.0.0.1"},
        {"Description": "b", "Value": "x y", "Domain": ".example.com", "Path": "/p", "OnlySecureConnection": true,
         "ExpiresOn": "2100-01-02T03:04:05", "Port": 8080}]"#;
    let session = session();
    call(
        &session,
        "Configure",
        &[serde_json::json!({"Cookies": serde_json::from_str::<serde_json::Value>(written).unwrap()})
            .to_string()
            .into()],
    );
    let first = property_text(&session, "Cookies");
    for interface in ["en", "ru"] {
        let other = crate::support::object_in("HTTPSession", interface);
        other.set("Cookies", first.clone()).unwrap();
        let read = property_text(&other, "Cookies");
        let key = if interface == "ru" { "Значение" } else { "Value" };
        assert!(read.contains(key), "{read}");
        session.set("Cookies", read).unwrap();
        assert_eq!(property_text(&session, "Cookies"), first, "{interface}");
    }
    let all: serde_json::Value = serde_json::from_str(&first).unwrap();
    let cookie = &all[".example.com"]["/p"]["b"];
    let cookie = if cookie.is_null() { &all["example.com"]["/p"]["b"] } else { cookie };
    assert_eq!((cookie["Value"].as_str(), cookie["Port"].as_u64()), (Some("x y"), Some(8080)), "{first}");
    assert_eq!(
        (cookie["ExpiresOn"].as_str(), cookie["OnlySecureConnection"].as_bool()),
        (Some("2100-01-02T03:04:05"), Some(true))
    );
}

#[test]
fn staged_data_live_until_the_request_that_uses_them_ends() {
    let server = Scripted::new([ok(&[], b""), ok(&[], b"")]);
    let session = session();
    let data = || addin_host::Val::Blob(b"bytes".to_vec());
    let uses = r#"{"Data": {"Blob": "STAGED"}}"#;
    let post = |url: String, options: &str| session.call("Post", &[url.into(), "".into(), options.into()]);
    call(&session, "AddBlob", &["staged".into(), data()]);
    call(&session, "AddBlob", &["other".into(), data()]);
    // Refused before anything was sent: kept.
    post(server.url("/"), r#"{"Data": {"Blob": "staged"}, "Headers": {"bad name": "1"}}"#).unwrap_err();
    call(&session, "Get", &[server.url("/").into()]);
    post(server.url("/"), uses).unwrap();
    assert_eq!(server.last().body, b"bytes");
    let (text, details) = fails(&session, "Post", &[server.url("/").into(), "".into(), uses.into()]);
    assert_eq!(details["code"], "blob-not-staged", "{text}");
    // A request that failed has used them too; another name stays.
    post("http://127.0.0.1:1/".into(), r#"{"Data": {"Blob": "other"}}"#).unwrap_err();
    let (_, details) = fails(
        &session,
        "Post",
        &[server.url("/").into(), "".into(), r#"{"Data": {"Blob": "other"}}"#.into()],
    );
    assert_eq!(details["code"], "blob-not-staged");
}

#[test]
fn files_are_asked_for_uncompressed_unless_the_caller_wants_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let server = Scripted::new((0..4).map(|_| ok(&[], b"x")));
    let session = session();
    let get = |further: &str| {
        let path = serde_json::json!(folder.path().join("file"));
        let options = format!("{{\"OutputFile\": {path}{further}}}");
        call(&session, "Get", &[server.url("/").into(), options.into()]);
        server.last().header("accept-encoding").map(str::to_owned)
    };
    assert_eq!(get("").as_deref(), Some("identity"));
    session.set("Headers", "{\"X-Client\": \"1C\"}").unwrap();
    assert_eq!(get("").as_deref(), Some("identity"), "own headers say nothing of codings");
    assert_eq!(get(r#", "Headers": {"accept-encoding": "br"}"#).as_deref(), Some("br"));
    session.set("Headers", "{\"Accept-Encoding\": \"gzip\"}").unwrap();
    assert_eq!(get("").as_deref(), Some("gzip"));
}
