//! Requests that run while the script goes on: `StartRequest`, `Wait`, `Cancel`, `Busy`, and the summary of a response
//! in one call.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use addin_host::{Destruction, Object, Val};
use httpconnector::abi::Library;
use httpconnector::component::Connector;
use serde_json::{Value, json};

use crate::support::{
    Scripted, answer, call, connector, fails, object_in, ok, property, property_json, property_text, session,
    text,
};

/// Longer than anything here takes.
const GUARD: Duration = Duration::from_secs(20);
const LONG: i32 = 20_000;

/// A server that tells of every request and answers each when the test says so.
struct Held {
    url: String,
    asked: Receiver<Sender<Vec<u8>>>,
}

impl Held {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (tell, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tell = tell.clone();
                std::thread::spawn(move || serve(stream, &tell));
            }
        });
        Self { url, asked }
    }

    /// Waits for a request; what is sent into the result is its answer.
    fn asked(&self) -> Sender<Vec<u8>> {
        self.asked.recv_timeout(GUARD).unwrap()
    }
}

fn serve(mut stream: TcpStream, tell: &Sender<Sender<Vec<u8>>>) {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        head.extend_from_slice(&piece[..count]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        let (answer, answers) = channel();
        // The test may have ended already, and the client may have gone: both end the conversation.
        if tell.send(answer).is_err() {
            return;
        }
        let Ok(bytes) = answers.recv() else { return };
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

fn start(object: &Object, url: &str, milliseconds: i32) -> Option<bool> {
    let arguments = ["GET".into(), url.into(), "".into(), "".into(), milliseconds.into()];
    call(object, "StartRequest", &arguments).as_bool()
}

fn wait(object: &Object, milliseconds: i32) -> Option<bool> {
    call(object, "Wait", &[milliseconds.into()]).as_bool()
}

fn busy(object: &Object) -> Option<bool> {
    property(object, "Busy").as_bool()
}

fn code(object: &Object) -> Value {
    property_json(object, "LastErrorDetails")["code"].clone()
}

/// Objects of both classes.
fn both() -> [Object; 2] {
    [connector(), session()]
}

#[test]
fn request_that_ends_in_time_is_finished_at_once_and_reads_like_any_other() {
    for object in both() {
        let server = Scripted::new([ok(&["X: y"], b"{\"a\": 1}"), ok(&[], b"two")]);
        assert_eq!(start(&object, &server.url("/"), LONG), Some(true));
        assert_eq!(property(&object, "StatusCode").as_int(), Some(200));
        assert_eq!(text(&object, "Header", &["x".into()]), "y");
        assert_eq!(text(&object, "AsJson", &[]), "{\"a\": 1}");
        assert_eq!(busy(&object), Some(false));
        assert_eq!(wait(&object, 0), Some(true), "nothing is under way");
        // The body argument, the default time, and the Russian names.
        let arguments = ["PUT".into(), server.url("/2").into(), Val::Blob(b"body".to_vec())];
        assert_eq!(call(&object, "НачатьЗапрос", &arguments).as_bool(), Some(true));
        assert_eq!((server.last().line(), &*server.last().body), ("PUT /2 HTTP/1.1", &b"body"[..]));
        assert_eq!(text(&object, "AsText", &[]), "two");
    }
}

#[test]
fn request_that_takes_longer_is_waited_for_in_several_calls() {
    for object in both() {
        let server = Held::new();
        assert_eq!(start(&object, &server.url, 0), Some(false));
        let go = server.asked();
        assert_eq!((wait(&object, 0), busy(&object)), (Some(false), Some(true)));
        let began = Instant::now();
        assert_eq!(wait(&object, 30), Some(false));
        assert!(began.elapsed() >= Duration::from_millis(30), "it waited as long as it was told");
        go.send(ok(&[], &[b'x'; 100_000])).unwrap();
        assert_eq!(wait(&object, LONG), Some(true));
        assert_eq!(busy(&object), Some(false));
        assert_eq!(property(&object, "BodySize").as_int(), Some(100_000));
    }
}

#[test]
fn bodies_reach_the_memory_of_the_host_only_when_they_are_read() {
    let data: Vec<u8> = (0..300_000_u32).map(|index| u8::try_from(index % 251).unwrap()).collect();
    let chunked = {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        write!(bytes, "{:x}\r\n", data.len()).unwrap();
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(b"\r\n0\r\n\r\n");
        bytes
    };
    for response in [ok(&[], &data), chunked] {
        let server = Scripted::new([response, ok(&[], b"")]);
        let object = session();
        assert_eq!(start(&object, &server.url("/"), LONG), Some(true));
        assert_eq!(object.memory().report().live_blocks, 0);
        assert_eq!(call(&object, "Body", &[]).as_bytes(), Some(&*data));
        object.memory().fail_above(Some(1000));
        let (_, details) = fails(&object, "TakeBody", &[]);
        assert_eq!(details["code"], "out-of-memory");
        object.memory().fail_above(None);
        assert_eq!(call(&object, "TakeBody", &[]).as_bytes(), Some(&*data), "it was still there");
        let (_, details) = fails(&object, "Body", &[]);
        assert_eq!(details["code"], "body-taken");
        assert_eq!(start(&object, &server.url("/"), LONG), Some(true));
        assert_eq!(call(&object, "TakeBody", &[]).as_bytes(), Some(&b""[..]), "an empty one too");
        let memory = object.memory();
        drop(object);
        assert!(memory.report().is_clean(), "{memory:?}");
    }
}

#[test]
fn failure_is_raised_by_the_call_that_finds_the_request_finished() {
    for object in both() {
        // Found by StartRequest itself.
        let refused = ["GET".into(), "http://127.0.0.1:1/".into(), "".into(), "".into(), LONG.into()];
        let (message, details) = fails(&object, "StartRequest", &refused);
        assert_eq!(details["code"], "connect", "{message}");
        // Found by Wait; the call that started the request is named, in the language of the one that fails.
        let server = Held::new();
        assert_eq!(start(&object, &server.url, 0), Some(false));
        assert_eq!(property_text(&object, "LastError"), "", "that call succeeded");
        drop(server.asked());
        let (message, details) = {
            let error = object.call("Ожидать", &[LONG.into()]).unwrap_err();
            (error.text(), property_json(&object, "LastErrorDetails"))
        };
        assert_eq!((&details["code"], &details["member"]), (&json!("closed"), &json!("StartRequest")));
        assert!(message.chars().any(|letter| ('а'..='я').contains(&letter)), "{message}");
        assert_eq!((busy(&object), wait(&object, 0)), (Some(false), Some(true)), "it is told once");
        let (_, details) = fails(&object, "AsText", &[]);
        assert_eq!(details["code"], "no-response");
    }
}

#[test]
fn without_exceptions_a_failed_request_is_finished_and_leaves_its_error() {
    let object = session();
    object.set("ThrowExceptions", false).unwrap();
    assert_eq!(start(&object, "http://127.0.0.1:1/", LONG), Some(true));
    assert_eq!(code(&object), "connect");
    assert_eq!(start(&object, "ftp://h/", LONG), Some(true));
    assert_eq!(code(&object), "invalid-url");
    let server = Held::new();
    assert_eq!(start(&object, &server.url, 0), Some(false));
    drop(server.asked());
    assert_eq!(wait(&object, LONG), Some(true));
    assert_eq!(code(&object), "closed");
    assert_eq!(property(&object, "StatusCode").as_int(), Some(0));
    // Nothing was started.
    for wrong in [Val::Int(-1), Val::Bool(true), "1".into()] {
        assert_eq!(call(&object, "Wait", &[wrong]).as_bool(), Some(true));
        assert!(matches!(code(&object).as_str(), Some("argument-value" | "argument-type")));
    }
}

#[test]
fn cancel_ends_the_request_and_the_object_goes_on_with_its_cookies() {
    for object in both() {
        let server = Held::new();
        assert_eq!(start(&object, &server.url, 0), Some(false));
        server.asked().send(ok(&["Set-Cookie: a=1"], b"one")).unwrap();
        assert_eq!(wait(&object, LONG), Some(true));
        assert_eq!(start(&object, &server.url, 0), Some(false));
        let held = server.asked();
        let began = Instant::now();
        call(&object, "Cancel", &[]);
        assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
        assert_eq!((busy(&object), wait(&object, 0)), (Some(false), Some(true)));
        assert_eq!(property_text(&object, "LastError"), "");
        let (_, details) = fails(&object, "AsText", &[]);
        assert_eq!(details["code"], "no-response");
        drop(held);
        assert_eq!(start(&object, &server.url, 0), Some(false));
        server.asked().send(ok(&[], b"two")).unwrap();
        assert_eq!(wait(&object, LONG), Some(true));
        assert_eq!(text(&object, "AsText", &[]), "two");
        if object.get("Cookies").is_ok() {
            assert_eq!(property_json(&object, "Cookies")["127.0.0.1"]["/"]["a"]["Value"], "1");
        }
        call(&object, "Cancel", &[]);
        assert_eq!(text(&object, "AsText", &[]), "two", "there was nothing to cancel");
    }
}

#[test]
fn cancel_ends_the_pause_before_a_retry() {
    let server = Scripted::new([answer("503 Later", &["Retry-After: 1000"], b"")]);
    let object = session();
    let options = json!({"MaximumNumberOfRetries": 3, "MaximumTimeOfRetries": 100_000}).to_string();
    let arguments = ["GET".into(), server.url("/").into(), "".into(), options.into(), Val::Int(0)];
    assert_eq!(call(&object, "StartRequest", &arguments).as_bool(), Some(false));
    let began = Instant::now();
    while server.asked().is_empty() && began.elapsed() < GUARD {
        assert_eq!(wait(&object, 5), Some(false));
    }
    assert_eq!(wait(&object, 50), Some(false), "it pauses");
    call(&object, "Cancel", &[]);
    assert_eq!((busy(&object), server.asked().len()), (Some(false), 1));
    assert!(began.elapsed() < GUARD);
}

/// Members that need neither the client nor the response nor the settings.
const ANYTIME: &[&str] = &[
    "Wait",
    "Cancel",
    "Busy",
    "LastError",
    "LastErrorDetails",
    "ThrowExceptions",
    "DiagnosticsJSON",
    "Version",
    "ParseURL",
    "HMAC",
    "ReadGZip",
    "WriteGZip",
    "DecodeText",
    "HTTPStatusCodes",
    "HTTPStatusCodePresentation",
];

#[test]
fn every_other_member_says_that_a_request_is_under_way() {
    for class in Connector::CLASSES {
        for (interface, part) in [("en", "a request is under way"), ("ru", "выполняется запрос")]
        {
            let object = object_in(class.name, interface);
            let server = Held::new();
            assert_eq!(start(&object, &server.url, 0), Some(false));
            let go = server.asked();
            let russian = interface == "ru";
            let refused = |name: &str, error: addin_host::CallError| {
                assert!(error.text().starts_with(&format!("{name}: ")), "{}", error.text());
                assert!(error.text().contains(part), "{}", error.text());
                assert_eq!(code(&object), "busy");
            };
            for method in class.methods.iter().filter(|method| !ANYTIME.contains(&method.english)) {
                let name = if russian { method.russian } else { method.english };
                let arguments: Vec<Val<'_>> = method.parameters.iter().map(|_| "x".into()).collect();
                refused(name, object.call(name, &arguments).unwrap_err());
            }
            for property in class.properties.iter().filter(|property| !ANYTIME.contains(&property.english)) {
                let name = if russian { property.russian } else { property.english };
                refused(name, object.get(name).unwrap_err());
                if property.writable {
                    refused(name, object.set(name, "").unwrap_err());
                }
            }
            useful_meanwhile(&object);
            go.send(ok(&[], b"undisturbed")).unwrap();
            assert_eq!(wait(&object, LONG), Some(true));
            assert_eq!(text(&object, "AsText", &[]), "undisturbed");
        }
    }
}

fn useful_meanwhile(object: &Object) {
    let blob = |name: &str, arguments: &[Val<'_>]| call(object, name, arguments).as_bytes().unwrap().to_vec();
    let packed = blob("WriteGZip", &["text".into()]);
    assert_eq!(blob("ReadGZip", &[Val::Blob(packed)]), b"text");
    assert_eq!(blob("HMAC", &["k".into(), "d".into()]).len(), 32);
    assert_eq!(text(object, "DecodeText", &[Val::Blob(b"x".to_vec())]), "x");
    assert_eq!(text(object, "HTTPStatusCodePresentation", &[404.into()]), "404: Not Found");
    assert!(text(object, "ParseURL", &["http://h/p".into()]).contains("/p"));
    assert!(text(object, "HTTPStatusCodes", &[]).contains("404"));
    assert!(!property_text(object, "Version").is_empty());
    assert!(property_text(object, "DiagnosticsJSON").contains("Library"));
    object.set("ThrowExceptions", false).unwrap();
    assert_eq!(property(object, "ThrowExceptions").as_bool(), Some(false));
    object.set("ThrowExceptions", true).unwrap();
    assert_eq!((property_text(object, "LastError"), busy(object)), (String::new(), Some(true)));
}

#[test]
fn requests_of_two_objects_overlap() {
    let (first, second) = (connector(), session());
    let server = Held::new();
    assert_eq!(start(&first, &server.url, 0), Some(false));
    assert_eq!(start(&second, &server.url, 0), Some(false));
    // Both are asked for before either is answered.
    let answers = [server.asked(), server.asked()];
    for answer in answers {
        answer.send(ok(&[], b"x")).unwrap();
    }
    assert_eq!((wait(&first, LONG), wait(&second, LONG)), (Some(true), Some(true)));
}

#[test]
fn settings_and_cookies_of_the_session_go_with_the_request_and_come_back() {
    let server = Scripted::new([ok(&["Set-Cookie: a=1"], b""), ok(&[], b""), ok(&[], b"")]);
    let session = session();
    session.set("Headers", r#"{"X-Mine": "yes"}"#).unwrap();
    assert_eq!(start(&session, &server.url("/"), LONG), Some(true));
    assert_eq!(server.last().header("x-mine"), Some("yes"));
    assert_eq!(property_json(&session, "Cookies")["127.0.0.1"]["/"]["a"]["Value"], "1");
    call(&session, "Get", &[server.url("/").into()]);
    assert_eq!(server.last().header("cookie"), Some("a=1"));
    session.set("Headers", r#"{"X-Mine": "changed"}"#).unwrap();
    assert_eq!(start(&session, &server.url("/"), LONG), Some(true));
    assert_eq!(server.last().header("x-mine"), Some("changed"));
    assert_eq!(server.last().header("cookie"), Some("a=1"));
}

#[test]
fn staged_data_serve_one_request_and_the_others_stay() {
    let server = Scripted::new([ok(&[], b""), ok(&[], b"")]);
    let object = connector();
    for name in ["used", "kept"] {
        call(&object, "AddBlob", &[name.into(), Val::Blob(name.as_bytes().to_vec())]);
    }
    let post = |name: &str| {
        let options = json!({"Data": {"Blob": name}}).to_string();
        object.call(
            "StartRequest",
            &["POST".into(), server.url("/").into(), "".into(), options.into(), LONG.into()],
        )
    };
    post("used").unwrap();
    assert_eq!(server.last().body, b"used");
    post("used").unwrap_err();
    assert_eq!(code(&object), "blob-not-staged");
    post("kept").unwrap();
    assert_eq!(server.last().body, b"kept");
}

#[test]
fn wrong_parameters_name_the_call_that_started_the_request() {
    let object = connector();
    // Found on the thread: two bodies.
    let options = json!({"Files": {"Name": "f", "Data": "x", "FileName": "f"}}).to_string();
    let arguments =
        ["POST".into(), "http://127.0.0.1:1/".into(), "body".into(), options.into(), Val::Int(LONG)];
    let (message, details) = fails(&object, "StartRequest", &arguments);
    assert_eq!((&details["code"], &details["parameter"]), (&json!("body-twice"), &json!("Options")));
    assert!(message.starts_with("StartRequest, parameter Options: "), "{message}");
    let (message, details) = fails(&object, "Wait", &[Val::Int(-1)]);
    assert_eq!(details["code"], "argument-value");
    assert!(message.contains("Milliseconds"), "{message}");
    assert_eq!(call(&object, "Wait", &[Val::Empty]).as_bool(), Some(true));
}

#[test]
fn objects_that_end_do_not_wait_for_their_requests_and_leave_the_host_alone() {
    for class in Connector::CLASSES {
        for destruction in [Destruction::Export, Destruction::Delete(0)] {
            let object = object_in(class.name, "en");
            let server = Held::new();
            assert_eq!(start(&object, &server.url, 0), Some(false));
            let go = server.asked();
            let (memory, connection) = (object.memory(), object.connection());
            let began = Instant::now();
            // SAFETY: no call is under way, and the object is not used again.
            unsafe { object.destroy_shared(destruction) };
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            // The client has gone: its socket was shut down.
            drop(go);
            assert!(memory.report().is_clean(), "{memory:?}");
            assert_eq!(connection.late_calls(), 0);
        }
        let object = object_in(class.name, "en");
        let server = Held::new();
        assert_eq!(start(&object, &server.url, 0), Some(false));
        let _go = server.asked();
        object.done();
        let memory = object.memory();
        drop(object);
        assert!(memory.report().is_clean(), "{memory:?}");
    }
}

#[test]
fn summary_has_everything_of_a_response_in_one_reading() {
    let headers = [
        "X-Two: a",
        "Content-Type: application/json; charset=windows-1251",
        "x-two: b",
        "Set-Cookie: k=v; Path=/",
        "Set-Cookie: l=w",
    ];
    let server = Scripted::new([
        answer("302 Found", &["Location: /b", "Set-Cookie: first=1"], b""),
        ok(&headers, b"[1]"),
    ]);
    let object = session();
    assert_eq!(property_text(&object, "ResponseJSON"), "{}");
    assert_eq!(start(&object, &server.url("/a"), LONG), Some(true));
    let all = property_json(&object, "ResponseJSON");
    assert_eq!(all["StatusCode"], 200);
    assert_eq!(all["ReasonPhrase"], "OK");
    assert_eq!((&all["Method"], &all["URL"]), (&json!("GET"), &json!(server.url("/b"))));
    assert_eq!((&all["Encoding"], &all["BodySize"]), (&json!("windows-1251"), &json!(3)));
    assert_eq!(all["ContentType"], "application/json; charset=windows-1251");
    let names: Vec<&String> = all["Headers"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Content-Length", "X-Two", "Content-Type", "Set-Cookie"]);
    assert_eq!(all["Headers"]["X-Two"], "a, b");
    assert_eq!((&all["IsRedirect"], &all["IsPermanentRedirect"]), (&json!(false), &json!(false)));
    assert_eq!((&all["Errors"], &all["Notes"]), (&json!([]), &json!([])));
    assert_eq!(all["RedirectHistory"][0]["status"], 302);
    let (last, total) = (all["ExecutionTime"].as_u64().unwrap(), all["TotalTime"].as_u64().unwrap());
    assert!(last <= total && total < 20_000, "{last} of {total}");
    let of = |cookies: &Value| -> Vec<String> {
        cookies["127.0.0.1"]["/"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(of(&all["Cookies"]), ["k", "l"], "of this response alone");
    assert_eq!(of(&all["SessionCookies"]), ["first", "k", "l"]);
    let russian = property_json(&object, "ОтветJSON");
    assert_eq!(russian["КодСостояния"], 200);
    assert_eq!(russian["CookiesСессии"]["127.0.0.1"]["/"]["k"]["Значение"], "v");
    assert_eq!(russian.as_object().unwrap().len(), all.as_object().unwrap().len());
    assert!(russian["ТипСодержимого"].is_string() && russian["ОбщееВремя"].is_u64());
}

#[test]
fn cookies_of_the_hops_before_a_failure_can_be_read() {
    let server = Scripted::new([answer("302 Found", &["Location: /b", "Set-Cookie: first=1"], b"")]);
    let object = session();
    object.set("MaximumNumberOfRedirects", 0).unwrap();
    let url = server.url("/a");
    let error = object
        .call("StartRequest", &["GET".into(), url.as_str().into(), "".into(), "".into(), LONG.into()])
        .unwrap_err();
    assert!(error.text().contains("TooManyRedirects"), "{}", error.text());
    let all = property_json(&object, "ResponseJSON");
    assert_eq!(all.as_object().unwrap().len(), 1, "{all}");
    assert!(all["SessionCookies"].to_string().contains("\"first\""), "{all}");
}
