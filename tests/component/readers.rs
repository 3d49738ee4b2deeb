//! The body rule: held until the next request, taken, or released; every other reader at any time in any order.

use std::io::Write;

use addin_host::Val;

use crate::support::{
    Scripted, answer, call, connector, fails, json, ok, property, property_json, property_text, text,
};

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn readers_repeat_in_any_order_until_the_body_is_taken() {
    let packed = gzipped("{\"имя\": 1}");
    let headers = ["Content-Encoding: gzip", "Content-Type: application/json", "X-A: 1", "x-a: 2"];
    let server = Scripted::new([ok(&headers, &packed)]);
    let object = connector();
    assert_eq!(call(&object, "Get", &[server.url("/j").into()]), 200.into());
    for _ in 0..2 {
        assert_eq!(text(&object, "AsJson", &[]), "{\"имя\": 1}");
        assert_eq!(call(&object, "Body", &[]).as_bytes().unwrap(), packed);
        assert_eq!(call(&object, "AsBinaryData", &[]).as_bytes().unwrap(), "{\"имя\": 1}".as_bytes());
        assert_eq!(text(&object, "AsText", &["utf-8".into()]), "{\"имя\": 1}");
    }
    assert_eq!(text(&object, "Header", &["X-a".into()]), "1, 2");
    assert_eq!(property_json(&object, "ResponseHeaders")["X-A"].to_string(), r#"["1","2"]"#);
    assert_eq!(call(&object, "TakeBody", &[]).as_bytes().unwrap(), packed);
    for reader in ["Body", "TakeBody", "AsBinaryData", "AsText", "AsJson"] {
        let (message, details) = fails(&object, reader, &[]);
        assert_eq!(details["code"], "body-taken", "{message}");
    }
    assert_eq!(property(&object, "StatusCode"), 200.into());
    assert_eq!(property(&object, "BodySize").as_int(), i64::try_from(packed.len()).ok());
}

#[test]
fn released_and_missing_bodies_are_told_apart() {
    let server = Scripted::new([ok(&[], b"text")]);
    let object = connector();
    let (_, details) = fails(&object, "AsText", &[]);
    assert_eq!(details["code"], "no-response");
    assert_eq!(
        (property(&object, "StatusCode"), property_text(&object, "ResponseHeaders")),
        (0.into(), "{}".into())
    );
    call(&object, "Get", &[server.url("/").into()]);
    call(&object, "ReleaseBody", &[]);
    let (_, details) = fails(&object, "КакТекст", &[]);
    assert_eq!(details["code"], "body-released");
    assert_eq!(property(&object, "КодСостояния"), 200.into());
}

#[test]
fn a_failed_request_leaves_no_response_behind() {
    let server = Scripted::new([ok(&[], b"old")]);
    let object = connector();
    call(&object, "Get", &[server.url("/").into()]);
    fails(&object, "Get", &["http://127.0.0.1:1/".into()]);
    assert_eq!(property(&object, "StatusCode"), 0.into());
    let (_, details) = fails(&object, "AsText", &[]);
    assert_eq!(details["code"], "no-response");
    // Also when the arguments were wrong already.
    for (method, wrong) in [
        ("Get", vec!["".into()]),
        ("GetJson", vec![5.into()]),
        ("Post", vec![" ".into()]),
        ("PostJson", vec!["http://h".into(), true.into()]),
        ("CallMethod", vec!["".into(), "http://h".into()]),
        ("Get", vec!["http://h".into(), "{".into()]),
    ] {
        call(&object, "Get", &[server.url("/").into()]);
        fails(&object, method, &wrong);
        assert_eq!(property(&object, "StatusCode"), 0.into(), "{method} {wrong:?}");
    }
}

#[test]
fn text_follows_charset_mark_and_argument() {
    let cp1251 = b"\xcf\xf0\xe8\xe2\xe5\xf2";
    let server = Scripted::new([
        ok(&["Content-Type: text/plain; charset=windows-1251"], cp1251),
        ok(&["Content-Type: text/plain"], b"caf\xe9"),
        ok(&["Content-Type: text/html"], "\u{feff}{\"ж\": 1}".as_bytes()),
    ]);
    let object = connector();
    call(&object, "Get", &[server.url("/").into()]);
    assert_eq!(text(&object, "AsText", &[]), "Привет");
    assert_eq!(property_text(&object, "Encoding"), "windows-1251");
    call(&object, "Get", &[server.url("/").into()]);
    assert_eq!(
        (text(&object, "AsText", &[]), property_text(&object, "Кодировка")),
        ("café".into(), "iso-8859-1".into())
    );
    assert_eq!(text(&object, "AsText", &["cp866".into()]), "cafщ");
    // JSON served as text without a charset is UTF-8, the mark goes.
    assert_eq!(text(&object, "GetJson", &[server.url("/").into()]), "{\"ж\": 1}");
}

#[test]
fn json_helpers_refuse_empty_and_foreign_bodies() {
    let page = "<html><title>1C Company</title></html>";
    let server = Scripted::new([
        ok(&[], b" \r\n"),
        ok(&[], b""),
        answer("502 Bad Gateway", &["Content-Type: text/html"], page.as_bytes()),
        answer("404 Not Found", &[], b"{\"error\": 1}"),
    ]);
    let object = connector();
    let url = server.url("/a?password=hidden");
    let (message, details) = fails(&object, "GetJson", &[(&url).into()]);
    assert_eq!(
        (details["code"].as_str(), details["status"].as_u64()),
        (Some("empty-json"), Some(200)),
        "{message}"
    );
    assert_eq!(
        text(&object, "PostJson", &[(&url).into(), "{}".into(), r#"{"AllowEmptyJson": true}"#.into()]),
        ""
    );
    let (message, details) = fails(&object, "GetJson", &[(&url).into()]);
    assert_eq!(details["code"], "not-json");
    assert!(message.contains("1C Company") && message.contains("502: Bad Gateway"), "{message}");
    assert!(!message.contains("hidden") && !details.to_string().contains("hidden"), "{message}");
    assert_eq!(text(&object, "GetJson", &[(&url).into()]), "{\"error\": 1}");
    assert_eq!(property(&object, "StatusCode"), 404.into());
}

#[test]
fn bodies_in_files_are_read_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("тело.json");
    let server =
        Scripted::new([ok(&[], b"{\"a\": 1}"), ok(&["Content-Encoding: gzip"], &gzipped("decoded"))]);
    let object = connector();
    let options = serde_json::json!({"OutputFile": path}).to_string();
    call(&object, "Get", &[server.url("/").into(), options.into()]);
    assert_eq!(server.last().header("accept-encoding"), Some("identity"));
    assert_eq!(std::fs::read(&path).unwrap(), b"{\"a\": 1}");
    assert_eq!(
        (text(&object, "AsJson", &[]), text(&object, "AsText", &[])),
        ("{\"a\": 1}".into(), "{\"a\": 1}".into())
    );
    let (message, details) = fails(&object, "TakeBody", &[]);
    assert_eq!(details["code"], "body-in-file");
    assert!(message.contains("тело.json"), "{message}");

    call(&object, "Get", &[server.url("/").into()]);
    let saved = folder.path().join("saved.txt");
    let size = call(&object, "SaveBody", &[saved.to_str().unwrap().into()]);
    assert_eq!((size.as_int(), std::fs::read(&saved).unwrap()), (Some(7), b"decoded".to_vec()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no leftovers");
    let (_, details) =
        fails(&object, "SaveBody", &[folder.path().join("no/such/x").to_str().unwrap().into()]);
    assert_eq!(details["code"], "file");
}

#[test]
fn bodies_beyond_the_limit_are_refused_before_and_after_decoding() {
    let bomb = gzipped(&" ".repeat(100_000));
    let server = Scripted::new([ok(&[], &[b'x'; 2000]), ok(&["Content-Encoding: gzip"], &bomb)]);
    let object = connector();
    let options = r#"{"MaximumBodySize": 1500}"#;
    let (message, details) = fails(&object, "Get", &[server.url("/").into(), options.into()]);
    assert_eq!(
        (details["code"].as_str(), details["announced"].as_u64()),
        (Some("body-too-large"), Some(2000))
    );
    assert!(message.contains("OutputFile"), "{message}");
    call(&object, "Get", &[server.url("/").into(), options.into()]);
    let (_, details) = fails(&object, "AsText", &[]);
    assert_eq!(
        (details["code"].as_str(), details["decoded"].as_bool()),
        (Some("body-too-large"), Some(true))
    );
}

#[test]
fn a_large_body_is_handed_over_without_a_copy() {
    const SIZE: usize = 8 * 1024 * 1024;
    let server = Scripted::new([ok(&[], &vec![7; SIZE])]);
    let object = connector();
    call(&object, "Get", &[server.url("/").into()]);
    let memory = object.memory();
    memory.reset_peak();
    let before = memory.report();
    let body = call(&object, "TakeBody", &[]);
    assert_eq!(body.as_bytes().unwrap().len(), SIZE);
    let after = memory.report();
    assert!(after.peak_bytes < before.live_bytes + 1024, "{before:?} {after:?}");
}

#[test]
fn silent_objects_return_empty_values_and_keep_the_error() {
    let object = connector();
    object.set("ThrowExceptions", false).unwrap();
    assert_eq!(call(&object, "Get", &["http://127.0.0.1:1/".into()]), 0.into());
    assert_eq!(property_json(&object, "LastErrorDetails")["code"], "connect");
    assert_eq!(text(&object, "GetJson", &["http://127.0.0.1:1/".into()]), "");
    assert_eq!(call(&object, "Body", &[]), Val::Empty);
    assert_eq!(property_json(&object, "ПодробностиОшибки")["code"], "no-response");
    text(&object, "HTTPStatusCodes", &[]);
    assert_eq!(
        (property_text(&object, "LastError"), property_text(&object, "LastErrorDetails")),
        (String::new(), String::new())
    );
}

#[test]
fn response_is_one_json_in_the_language_of_the_call() {
    let server = Scripted::new([
        answer("302 Found", &["Location: /b"], b""),
        ok(&["Set-Cookie: k=v; Path=/", "Content-Type: text/plain; charset=UTF-8"], b"x"),
    ]);
    let object = connector();
    call(&object, "Get", &[server.url("/a").into()]);
    let all = json(&object, "Ответ", &[]);
    assert_eq!((all["КодСостояния"].as_u64(), all["Метод"].as_str()), (Some(200), Some("GET")));
    assert_eq!(all["URL"], server.url("/b"));
    assert_eq!(all["Кодировка"], "utf-8");
    assert_eq!(all["Cookies"]["127.0.0.1"]["/"]["k"]["Значение"], "v");
    let hop = &all["ИсторияПеренаправлений"][0];
    assert_eq!((hop["status"].as_u64(), hop["location"].as_str()), (Some(302), Some(&*server.url("/b"))));
    let all = json(&object, "Response", &[]);
    assert_eq!((all["StatusCode"].as_u64(), all["BodySize"].as_u64()), (Some(200), Some(1)));
    assert_eq!(all["Cookies"]["127.0.0.1"]["/"]["k"]["Description"], "k");
}

#[test]
fn refused_memory_is_an_error_and_the_object_goes_on() {
    let server = Scripted::new([ok(&[], &[b'x'; 50_000]), ok(&[], &[b'y'; 50_000])]);
    let object = connector();
    let memory = object.memory();
    memory.fail_above(Some(40_000));
    let (message, details) = fails(&object, "Get", &[server.url("/").into()]);
    assert_eq!(details["code"], "out-of-memory", "{message}");
    memory.fail_above(None);
    call(&object, "Get", &[server.url("/").into()]);
    memory.fail_above(Some(40_000));
    for reader in ["AsText", "AsBinaryData", "Body"] {
        let (message, details) = fails(&object, reader, &[]);
        assert_eq!(
            (details["code"].as_str(), details["wanted"].is_u64()),
            (Some("out-of-memory"), true),
            "{message}"
        );
    }
    memory.fail_above(None);
    assert_eq!(text(&object, "AsText", &[]), "y".repeat(50_000));
}

#[test]
fn nothing_of_the_host_is_left_when_the_object_ends() {
    let server = Scripted::new([ok(&[], &[b'x'; 50_000]), ok(&["Content-Encoding: gzip"], &gzipped("z"))]);
    let object = connector();
    let memory = object.memory();
    call(&object, "AddBlob", &["a".into(), Val::Blob(vec![1; 1000])]);
    call(&object, "Get", &[server.url("/").into()]);
    text(&object, "AsText", &[]);
    call(&object, "Get", &[server.url("/").into(), r#"{"Data": {"Blob": "a"}}"#.into()]);
    call(&object, "AsBinaryData", &[]);
    fails(&object, "Get", &["http://127.0.0.1:1/".into()]);
    drop(object);
    assert!(memory.report().is_clean(), "{:?}", memory.report());
}
