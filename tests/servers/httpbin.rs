//! httpbin: what was sent, as somebody else's server understood it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{connector, server, session};

#[test]
fn query_arrays_and_cyrillic_are_understood() {
    let base = server!("CONNECTOR_HTTPBIN");
    let query = json!({"RequestParameters": {"name": ["Иванов", "Петров"], "знак": "a&b=c d+"}}).to_string();
    let answer = connector().json("GetJson", &[&format!("{base}/anything/путь?k"), &query]).unwrap();
    assert_eq!(answer["args"], json!({"name": ["Иванов", "Петров"], "знак": "a&b=c d+", "k": ""}));
    assert!(answer["url"].as_str().unwrap().contains("/anything/путь"), "{}", answer["url"]);
}

#[test]
fn every_verb_with_json_is_understood() {
    let base = server!("CONNECTOR_HTTPBIN");
    let document = json!({"Имя": "Иван", "числа": [1, 2.5]});
    for verb in ["Post", "Put", "Patch", "Delete"] {
        let url = format!("{base}/{}", verb.to_lowercase());
        let answer = connector().json(&format!("{verb}Json"), &[&url, &document.to_string()]).unwrap();
        assert_eq!(answer["json"], document, "{verb}");
    }
}

#[test]
fn form_is_understood() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    let options =
        json!({"Data": {"имя": "Иван Петров", "size": ["S", "L"], "sign": "100 % + 1 & 2"}}).to_string();
    assert_eq!(script.status("Post", &[&format!("{base}/post"), "", &options]), Ok(200));
    let form = script.json("AsJson", &[]).unwrap()["form"].clone();
    assert_eq!(form, json!({"имя": "Иван Петров", "size": ["S", "L"], "sign": "100 % + 1 & 2"}));
}

#[test]
fn multipart_with_fields_text_and_binary_is_understood() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    script.call("AddBlob", &["b".into(), vec![0, 255, 1, 254].into()]).unwrap();
    let options = json!({
        "Data": {"field": "значение"},
        "Files": [
            {"Name": "text", "FileName": "отчёт.txt", "Type": "text/plain", "Data": "Привет"},
            {"Name": "bin", "FileName": "b.bin", "Type": "application/x-test", "Data": {"Blob": "b"}},
        ],
    });
    assert_eq!(script.status("Post", &[&format!("{base}/post"), "", &options.to_string()]), Ok(200));
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!(answer["form"], json!({"field": "значение"}));
    assert_eq!(answer["files"], json!({"text": "Привет", "bin": "data:application/x-test;base64,AP8B/g=="}));
    assert!(answer["headers"]["Content-Length"].is_string(), "a multipart of known length announces it");
}

#[test]
fn every_content_coding_is_undone() {
    let base = server!("CONNECTOR_HTTPBIN");
    for (path, key) in [("gzip", "gzipped"), ("deflate", "deflated"), ("brotli", "brotli")] {
        let options = json!({"Headers": {"Accept-Encoding": "gzip, deflate, br"}}).to_string();
        let answer = connector().json("GetJson", &[&format!("{base}/{path}"), &options]).unwrap();
        assert_eq!(answer[key], true, "{path}");
    }
}

#[test]
fn chunked_answer_is_put_together() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    assert_eq!(
        script.status("Get", &[&format!("{base}/stream-bytes/100000?seed=1&chunk_size=777")]),
        Ok(200)
    );
    assert_eq!(script.text("Header", &["transfer-encoding"]).unwrap(), "chunked");
    assert_eq!(script.bytes("Body", &[]).unwrap().len(), 100_000);
    assert_eq!(script.status("Get", &[&format!("{base}/stream/3")]), Ok(200));
    assert_eq!(script.text("AsText", &[]).unwrap().lines().count(), 3);
}

#[test]
fn session_cookies_are_set_sent_and_deleted() {
    let base = server!("CONNECTOR_HTTPBIN");
    let session = session();
    let answer = session.json("GetJson", &[&format!("{base}/cookies/set?a=1&b=2")]).unwrap();
    assert_eq!(answer["cookies"], json!({"a": "1", "b": "2"}));
    let answer = session.json("GetJson", &[&format!("{base}/cookies/delete?a")]).unwrap();
    assert_eq!(answer["cookies"], json!({"b": "2"}));
}

#[test]
fn redirects_are_followed_and_counted() {
    let base = server!("CONNECTOR_HTTPBIN");
    for path in ["redirect/3", "relative-redirect/3", "absolute-redirect/3"] {
        let script = connector();
        assert_eq!(script.status("Get", &[&format!("{base}/{path}")]), Ok(200), "{path}");
        assert_eq!(script.get_json("RedirectHistory").unwrap().as_array().map(Vec::len), Some(3), "{path}");
        assert!(script.get_text("ResponseURL").unwrap().ends_with("/get"), "{path}");
    }
}

#[test]
fn redirect_307_keeps_method_and_body() {
    let base = server!("CONNECTOR_HTTPBIN");
    let url = format!("{base}/redirect-to?status_code=307&url={base}/anything");
    let answer = connector().json("PostJson", &[&url, "{\"a\": 1}"]).unwrap();
    assert_eq!((&answer["method"], &answer["json"]), (&json!("POST"), &json!({"a": 1})));
}

#[test]
fn basic_and_bearer_are_accepted() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    let url = format!("{base}/basic-auth/user/p%40ss").replace("://", "://user:p%40ss@");
    assert_eq!(script.json("GetJson", &[&url]).unwrap()["authenticated"], true);
    let wrong = json!({"Authentication": {"User": "user", "Password": "no"}}).to_string();
    assert_eq!(script.status("Get", &[&format!("{base}/basic-auth/user/pass"), &wrong]), Ok(401));
    let bearer = json!({"Authentication": {"Type": "Bearer", "Token": "abc"}}).to_string();
    assert_eq!(script.json("GetJson", &[&format!("{base}/bearer"), &bearer]).unwrap()["token"], "abc");
}

#[test]
fn expect_100_continue_is_answered_and_the_body_follows() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    let options = json!({"Headers": {"Expect": "100-continue", "Content-Type": "text/plain"}}).to_string();
    assert_eq!(script.status("Post", &[&format!("{base}/post"), "payload", &options]), Ok(200));
    assert_eq!(script.json("AsJson", &[]).unwrap()["data"], "payload");
}

#[test]
fn dripping_body_ends_at_the_total_limit() {
    let base = server!("CONNECTOR_HTTPBIN");
    let begun = Instant::now();
    let options = json!({"TotalTimeout": 2}).to_string();
    let text =
        connector().failure("Get", &[&format!("{base}/drip?numbytes=20&duration=10"), &options]).unwrap();
    let took = begun.elapsed();
    assert!(text.contains("Timeout exceeded"), "{text}");
    assert!((Duration::from_millis(1800)..Duration::from_millis(2200)).contains(&took), "took {took:?}");
}

#[test]
fn delayed_answer_within_the_limit_arrives() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/delay/1"), "{\"Timeout\": 5}"]), Ok(200));
    assert!(script.get_number("ExecutionTime").unwrap() >= 1000);
}

#[test]
fn error_statuses_are_answers() {
    let base = server!("CONNECTOR_HTTPBIN");
    for status in [400, 404, 418, 500, 503] {
        assert_eq!(connector().status("Get", &[&format!("{base}/status/{status}")]), Ok(status));
    }
}

#[test]
fn head_has_headers_and_no_body() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    assert_eq!(script.status("Head", &[&format!("{base}/bytes/1000")]), Ok(200));
    assert_eq!(script.text("Header", &["Content-Length"]).unwrap(), "1000");
    assert_eq!(script.get_number("BodySize"), Ok(0));
}
