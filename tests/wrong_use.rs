//! Wrong use on purpose, through the built library: each mistake gives one clear error in the language of the call,
//! the object works on afterwards, and nothing is left in the host's memory (checked whenever an object ends).
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that does not hold")]

#[path = "support/built.rs"]
mod built;
#[path = "support/script.rs"]
mod script;

use std::net::TcpListener;
use std::sync::LazyLock;

use addin_host::Val;
use script::{CONNECTOR, SESSION, Script};
use serde_json::json;
use test_server::Server;

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start().unwrap());

/// What one mistake gives in both languages: the code word, and a part of each text.
struct Expected {
    code: &'static str,
    english: &'static str,
    russian: &'static str,
}

fn expected(code: &'static str, english: &'static str, russian: &'static str) -> Expected {
    Expected { code, english, russian }
}

/// Makes the mistake with objects of both classes in both languages.
fn mistake(method: &str, arguments: &[Val<'_>], expected: &Expected) {
    for class in [CONNECTOR, SESSION] {
        for (language, part) in [("en", expected.english), ("ru", expected.russian)] {
            let script = Script::in_language(built::addin(), class, language).unwrap();
            let text = script.failure_of(method, arguments).unwrap();
            check_text(&script, &text, expected.code, part, language);
            check_usable(&script);
            check_returned(&script, method, arguments, expected.code);
        }
    }
}

/// One sentence or two, in that language, the same everywhere it can be read, reported to the host once.
fn check_text(script: &Script, text: &str, code: &str, part: &str, language: &str) {
    assert!(text.contains(part), "{language}: {part:?} expected in {text:?}");
    assert_eq!(script.get_text("LastError").unwrap(), text);
    let details = script.get_json("LastErrorDetails").unwrap();
    assert_eq!(details["code"], code, "{text}");
    assert_eq!(details["text"], text);
    let cyrillic = text.chars().any(|letter| ('а'..='я').contains(&letter));
    assert_eq!(cyrillic, language == "ru", "language of {text:?}");
}

fn check_usable(script: &Script) {
    assert_eq!(script.status("Get", &[&SERVER.url("/get")]), Ok(200));
    assert_eq!(script.get_text("LastError").unwrap(), "", "a success clears the error");
}

/// Without exceptions the same mistake is a 0 and the same error to read.
fn check_returned(script: &Script, method: &str, arguments: &[Val<'_>], code: &str) {
    script.set("ThrowExceptions", false).unwrap();
    let value = script.call(method, arguments).unwrap();
    assert!(matches!(value.as_int(), Some(0)) || value.as_str() == Some(""), "{method} gave {value:?}");
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["code"], code);
    script.set("ThrowExceptions", true).unwrap();
}

fn text(value: &str) -> Val<'static> {
    value.into()
}

#[test]
fn bad_urls_name_the_problem() {
    for url in [
        "",
        "   ",
        "ftp://example.test/",
        "http://",
        "http://exa mple.test/",
        "http://h:99999/",
        "http://[::1/",
    ] {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let message = script.failure("Get", &[url]).unwrap();
        assert!(message.contains("URL"), "{url:?}: {message}");
        check_usable(&script);
    }
    mistake("Get", &[text("ftp://example.test/")], &expected("invalid-url", "ftp", "ftp"));
}

#[test]
fn options_that_are_no_json_name_the_place() {
    let url = SERVER.url("/get");
    for options in ["{", "[]", "Timeout=1", "{\"Timeout\": 1,}", "{\"a\": \"\\ud800\"}"] {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let message = script.failure("Get", &[&url, options]).unwrap();
        assert!(message.contains("Options"), "{options:?}: {message}");
        check_usable(&script);
    }
    mistake("Get", &[text(&url), text("{\"Timeout\" 1}")], &expected("options-syntax", "JSON", "JSON"));
}

#[test]
fn deeply_nested_options_are_an_error() {
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let options = format!("{{\"Json\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    script.failure("Get", &[&SERVER.url("/get"), &options]).unwrap();
    check_usable(&script);
}

#[test]
fn unknown_option_names_the_nearest() {
    let url = SERVER.url("/get");
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let message = script.failure("Get", &[&url, "{\"Таймаутт\": 1}"]).unwrap();
    assert!(message.contains("«Таймаут»"), "{message}");
    mistake("Get", &[text(&url), text("{\"Timeut\": 1}")], &expected("option-unknown", "Timeout", "Timeut"));
}

#[test]
fn nothing_is_sent_when_an_option_is_wrong() {
    let server = Server::start().unwrap();
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    script.failure("Get", &[&server.url("/get"), "{\"Timeut\": 1}"]).unwrap();
    assert_eq!((server.connections(), server.requests()), (0, 0));
}

#[test]
fn option_of_a_wrong_type_names_what_is_expected() {
    let url = SERVER.url("/get");
    let cases = [
        ("{\"Timeout\": \"soon\"}", "Timeout"),
        ("{\"Timeout\": -1}", "Timeout"),
        ("{\"Headers\": []}", "Headers"),
        ("{\"AllowRedirect\": 1}", "AllowRedirect"),
        ("{\"Files\": [{\"FileName\": \"x\"}]}", "Files"),
        ("{\"Data\": {\"Blob\": \"never staged\"}}", "never staged"),
    ];
    for (options, part) in cases {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let message = script.failure("Post", &[&url, "", options]).unwrap();
        assert!(message.contains(part), "{options}: {message}");
        check_usable(&script);
    }
}

#[test]
fn unknown_host_is_not_resolved() {
    let url = text("http://no-such-host.invalid/");
    let words = expected("name-not-found", "Couldn't resolve host name", "разрешить имя узла");
    mistake("Get", &[url], &words);
}

#[test]
fn refused_port_is_not_connected() {
    let port = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = text(&format!("http://127.0.0.1:{port}/"));
    mistake("Get", &[url], &expected("connect", "Couldn't connect to server", "соедин"));
}

#[test]
fn closed_and_cut_connections_are_told_apart_from_answers() {
    for path in ["/close", "/cut", "/reset", "/truncated", "/bad-status-line", "/two-lengths"] {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let message = script.failure("Get", &[&SERVER.url(path)]).unwrap();
        assert!(message.contains(path), "the URL is named: {message}");
        check_usable(&script);
    }
    mistake("Get", &[text(&SERVER.url("/close"))], &expected("closed", "closed", "закрыл"));
}

#[test]
fn huge_header_is_refused() {
    let url = text(&SERVER.url("/huge-header?bytes=50000000"));
    mistake("Get", &[url], &expected("protocol", "HTTP", "HTTP"));
}

#[test]
fn truncated_tls_body_is_an_error_unless_allowed() {
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let url = SERVER.secure_url("/truncated-tls");
    let mut options = json!({"VerifySSL": SERVER.ca_pem()});
    script.failure("Get", &[&url, &options.to_string()]).unwrap();
    options["AllowTruncatedTLS"] = true.into();
    assert_eq!(script.status("Get", &[&url, &options.to_string()]), Ok(200));
    assert_eq!(script.text("AsText", &[]).unwrap(), "as much as there was");
}

#[test]
fn invalid_utf16_names_the_position() {
    let mut url: Vec<u16> = SERVER.url("/get?a=").encode_utf16().collect();
    url.push(0xD800);
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let message = script.failure_of("Get", &[Val::Utf16(url.clone())]).unwrap();
    assert!(
        message.contains(&(url.len() - 1).to_string()) || message.contains(&url.len().to_string()),
        "{message}"
    );
    mistake("Get", &[Val::Utf16(url)], &expected("argument-text", "UTF-16", "UTF-16"));
}

#[test]
fn wrong_types_name_the_parameter() {
    let values = || {
        [
            Val::Null,
            Val::Bool(true),
            Val::Int(5),
            Val::Num(1.5),
            Val::Num(f64::NAN),
            Val::Blob(vec![1]),
            Val::Raw(0x7777, 1),
        ]
    };
    for value in values() {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let shown = format!("{value:?}");
        let message = script.failure_of("Get", &[value]).unwrap();
        assert!(message.contains("URL"), "{shown}: {message}");
        check_usable(&script);
    }
    for value in values() {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let shown = format!("{value:?}");
        let outcome = script.call("Get", &[text(&SERVER.url("/get")), value]);
        if !matches!(shown.as_str(), "Null") {
            assert!(
                outcome.as_ref().is_err_and(|message| message.contains("Options")),
                "{shown}: {outcome:?}"
            );
        }
        check_usable(&script);
    }
    mistake("Get", &[Val::Int(5)], &expected("argument-type", "URL", "URL"));
}

#[test]
fn missing_and_null_like_arguments_are_defined() {
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let url = SERVER.url("/post");
    let status = script.call("Post", &[text(&url), Val::Empty, Val::Empty]).unwrap();
    assert_eq!(status.as_int(), Some(200), "Неопределено is an omitted argument");
    let status = script.call("Post", &[text(&url), Val::Blob(Vec::new()), text("")]).unwrap();
    assert_eq!(status.as_int(), Some(200), "an empty BLOB is an empty body");
    script.failure_of("Get", &[]).unwrap();
    script.failure_of("NoSuchMethod", &[]).unwrap();
    check_usable(&script);
}

#[test]
fn header_with_a_line_break_is_not_sent() {
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let options = json!({"Headers": {"X-A": "1\r\nX-B: 2"}}).to_string();
    let message = script.failure("Get", &[&SERVER.url("/headers"), &options]).unwrap();
    assert!(message.contains("X-A"), "{message}");
    check_usable(&script);
}

#[test]
fn secrets_are_in_no_error() {
    let port = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    let url = format!("http://user:s3cret@127.0.0.1:{port}/?access_token=s3cret");
    let options = json!({"Headers": {"X-Api-Key": "s3cret", "Cookie": "id=s3cret"}}).to_string();
    let message = script.failure("Get", &[&url, &options]).unwrap();
    let details = script.get_text("LastErrorDetails").unwrap();
    assert!(!message.contains("s3cret") && !details.contains("s3cret"), "{message}\n{details}");
}

#[test]
fn readers_before_any_request_say_so() {
    for reader in ["Body", "AsText", "AsJson", "AsBinaryData", "TakeBody"] {
        let script = Script::new(built::addin(), CONNECTOR).unwrap();
        let message = script.failure(reader, &[]).unwrap();
        assert!(message.contains(reader), "{message}");
        check_usable(&script);
    }
}

#[test]
fn readers_after_the_body_was_taken_say_so() {
    let script = Script::new(built::addin(), CONNECTOR).unwrap();
    assert_eq!(script.status("Get", &[&SERVER.url("/bytes/1000")]), Ok(200));
    assert_eq!(script.bytes("TakeBody", &[]).unwrap().len(), 1000);
    for reader in ["Body", "AsText", "TakeBody"] {
        let message = script.failure(reader, &[]).unwrap();
        assert!(message.contains("taken"), "{message}");
    }
    check_usable(&script);
}
