//! Cases 25, 65 to 69: time limits and retries.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::built::addin;
use crate::script::{CONNECTOR, Script};
use crate::{connector, http, https, trusting};

#[test]
fn case_25_a_slow_answer_exceeds_the_timeout() {
    let begun = Instant::now();
    let text = connector().failure("Get", &[&https("/delay/10"), &trusting(json!({"Timeout": 1}))]).unwrap();
    assert!(text.contains("Timeout exceeded"), "{text}");
    let russian = Script::in_language(addin(), CONNECTOR, "ru").unwrap();
    let text = russian.failure("Get", &[&https("/delay/10"), &trusting(json!({"Таймаут": 1}))]).unwrap();
    assert!(text.contains("Превышено время ожидания"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(4), "took {:?}", begun.elapsed());
}

/// The final answer of a path that fails first.
fn after_retries(path: &str, id: &str, mut options: Value) -> Value {
    options["Headers"] = json!({"X-ID": id});
    options["MaximumNumberOfRetries"] = json!(5);
    let script = connector();
    assert_eq!(script.status("Get", &[&http(path), &options.to_string()]), Ok(200));
    script.json("AsJson", &[]).unwrap()
}

#[test]
fn case_65_retry_after_as_a_date_is_waited_for() {
    let answer = after_retries("/retry_after_date", "65", json!({"ExponentialDelayRatio": 2}));
    assert_eq!(answer["attempts"], 2);
    let waited = answer["waited_ms"].as_u64().unwrap();
    assert!((500..3500).contains(&waited), "{waited} ms");
}

#[test]
fn case_66_retry_after_in_seconds_is_waited_for() {
    let answer = after_retries("/retry_after_duration", "66", json!({"ExponentialDelayRatio": 2}));
    assert_eq!(answer["attempts"], 2);
    let waited = answer["waited_ms"].as_u64().unwrap();
    assert!((950..2000).contains(&waited), "1 s asked for, {waited} ms waited");
}

#[test]
fn case_67_a_listed_status_is_retried() {
    let answer = after_retries("/retry_502?times=1", "67", json!({"ToRetryForStatusesCodes": [502]}));
    assert_eq!(answer["attempts"], 2);
}

#[test]
fn case_68_a_refused_connection_is_retried_with_pauses() {
    let port = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}/non_existent_resource");
    let begun = Instant::now();
    let text =
        connector().failure("Get", &[&url, "{\"Timeout\": 1, \"MaximumNumberOfRetries\": 2}"]).unwrap();
    let took = begun.elapsed();
    assert!(text.contains("Couldn't connect"), "{text}");
    assert!((3000..7000).contains(&took.as_millis()), "pauses of 1 s and 2 s expected, took {took:?}");
}

#[test]
fn case_69_ping_is_answered() {
    assert_eq!(connector().status("Get", &[&http("/ping")]), Ok(200));
}
