//! What arguments and options put on the wire.

use addin_host::Val;

use crate::support::{Scripted, call, connector, fails, ok, text};

fn ask(method: &str, arguments: &[Val<'_>]) -> crate::support::Asked {
    let server = Scripted::new([ok(&[], b"{}")]);
    let mut all: Vec<Val<'_>> = vec![server.url("/p").into()];
    for argument in arguments {
        all.push(match argument {
            Val::Str(text) => text.into(),
            Val::Blob(bytes) => bytes.clone().into(),
            _ => Val::Empty,
        });
    }
    call(&connector(), method, &all);
    server.last()
}

#[test]
fn bodies_follow_the_order_of_the_reference_module() {
    for (method, arguments, body, content_type) in [
        ("Post", vec!["Привет".into()], "Привет", Some("application/x-www-form-urlencoded; charset=utf-8")),
        (
            "Put",
            vec![Val::Blob(b"\x01\x02".to_vec())],
            "\u{1}\u{2}",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            "Patch",
            vec!["".into(), r#"{"Json": {"b": 1.50, "а": [true, null]}}"#.into()],
            r#"{"b":1.50,"а":[true,null]}"#,
            Some("application/json; charset=utf-8"),
        ),
        (
            "Post",
            vec!["".into(), r#"{"Data": {"a": [1, "б"], "c": null, "d": true}}"#.into()],
            "a=1&a=%D0%B1&c&d=true",
            Some("application/x-www-form-urlencoded; charset=utf-8"),
        ),
        (
            "Post",
            vec!["arg".into(), r#"{"Data": "option"}"#.into()],
            "arg",
            Some("application/x-www-form-urlencoded; charset=utf-8"),
        ),
        ("PostJson", vec!["{\"x\":1}".into()], "{\"x\":1}", Some("application/json; charset=utf-8")),
        (
            "PutJson",
            vec!["{}".into(), r#"{"Data": "wins"}"#.into()],
            "wins",
            Some("application/x-www-form-urlencoded; charset=utf-8"),
        ),
        (
            "DeleteJson",
            vec!["".into(), r#"{"json": {}}"#.into()],
            "{}",
            Some("application/json; charset=utf-8"),
        ),
        (
            "Post",
            vec!["x".into(), r#"{"Headers": {"content-TYPE": "text/xml"}}"#.into()],
            "x",
            Some("text/xml"),
        ),
        ("Post", vec![], "", None),
    ] {
        let asked = ask(method, &arguments);
        assert_eq!(String::from_utf8_lossy(&asked.body), body, "{method} {arguments:?}");
        assert_eq!(asked.header("content-type"), content_type, "{method} {arguments:?}");
    }
}

#[test]
fn staged_data_and_files_become_parts_and_live_until_the_request_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.txt");
    std::fs::write(&path, "from file").unwrap();
    let server = Scripted::new([ok(&[], b""), ok(&[], b"")]);
    let object = connector();
    call(&object, "AddBlob", &["Скан".into(), Val::Blob(b"\x00staged".to_vec())]);
    call(&object, "ДобавитьДанные", &["other".into(), Val::Blob(b"kept".to_vec())]);
    let options = serde_json::json!({"Файлы": [
        {"Имя": "f1", "ИмяФайла": "a.bin", "Тип": "application/x-a", "Данные": {"ДвоичныеДанные": "скан"}},
        {"Name": "f2", "Data": {"File": path}, "Headers": {"X-ID": "7"}},
        {"Name": "f3", "FileName": "t.txt", "Data": "Привет"},
    ], "Данные": {"k": ["v1", "v2"]}})
    .to_string();
    call(&object, "Post", &[server.url("/").into(), "".into(), (&options).into()]);
    let asked = server.last();
    assert!(asked.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8_lossy(&asked.body).into_owned();
    for piece in [
        "name=\"k\"\r\n\r\nv1\r\n",
        "name=\"k\"\r\n\r\nv2\r\n",
        "name=\"f1\"; filename=\"a.bin\"\r\nContent-Type: application/x-a\r\n\r\n\0staged\r\n",
        "name=\"f2\"; filename=\"f.txt\"",
        "from file",
        "X-ID: 7",
        "Привет",
    ] {
        assert!(body.contains(piece), "{piece:?} in {body}");
    }
    // Used up; the other one is still there.
    let (_, details) = fails(&object, "Post", &[server.url("/").into(), "".into(), (&options).into()]);
    assert_eq!((details["code"].as_str(), details["blob"].as_str()), (Some("blob-not-staged"), Some("скан")));
    call(&object, "Post", &[server.url("/").into(), "".into(), r#"{"Data": {"Blob": "OTHER"}}"#.into()]);
    assert_eq!(server.last().body, b"kept");
    call(&object, "AddBlob", &["x".into(), Val::Blob(vec![1])]);
    call(&object, "ClearBlobs", &[]);
    let (_, details) = fails(&object, "Get", &["http://h".into(), r#"{"Data": {"Blob": "x"}}"#.into()]);
    assert_eq!(details["code"], "blob-not-staged");
}

#[test]
fn a_body_argument_beside_files_is_refused() {
    let options = r#"{"Files": {"Name": "f", "Data": "x"}}"#;
    let (text, details) = fails(&connector(), "Post", &["http://h".into(), "body".into(), options.into()]);
    assert_eq!(
        (details["code"].as_str(), details["key"].as_str()),
        (Some("body-twice"), Some("Files")),
        "{text}"
    );
}

#[test]
fn a_missing_file_is_named_and_nothing_is_sent() {
    let options = r#"{"Data": {"File": "/no/such/file"}}"#;
    let (text, details) = fails(&connector(), "Post", &["http://h".into(), "".into(), options.into()]);
    assert_eq!((details["code"].as_str(), details["path"].as_str()), (Some("file"), Some("/no/such/file")));
    assert!(text.contains("/no/such/file"), "{text}");
}

#[test]
fn methods_go_out_as_written() {
    let server = Scripted::new([ok(&[], b""), ok(&[], b""), ok(&[], b"")]);
    let object = connector();
    call(&object, "ВызватьМетод", &["Report".into(), server.url("/").into()]);
    assert_eq!(server.last().line(), "Report / HTTP/1.1");
    call(&object, "Mkcol", &[server.url("/d").into()]);
    assert_eq!(server.last().line(), "MKCOL /d HTTP/1.1");
    let (_, details) = fails(&object, "CallMethod", &["BAD METHOD".into(), server.url("/").into()]);
    assert_eq!(
        (details["code"].as_str(), details["part"].as_str()),
        (Some("invalid-request"), Some("method"))
    );
}

#[test]
fn query_of_the_options_adds_to_the_url_which_wins() {
    let server = Scripted::new([ok(&[], b"{}")]);
    let options = r#"{"ПараметрыЗапроса": {"name": ["Иванов", 5], "n": 100000, "t": "01:47", "own": "lost", "k": null}}"#;
    text(&connector(), "GetJson", &[server.url("/p?own=1").into(), options.into()]);
    assert_eq!(
        server.last().line(),
        "GET /p?own=1&name=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&name=5&n=100000&t=01%3A47&k HTTP/1.1"
    );
}
