//! Sixteen threads, each with objects of its own, making every kind of request at once for a while: no fault, no
//! wrong answer, nothing left in the host's memory. And objects that end while their requests run. `STRESS_SECONDS` says for how long (3 by default, 60 in
//! `tests/run`).
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that does not hold, and tells its figures"
)]

#[path = "support/built.rs"]
mod built;
#[path = "support/script.rs"]
mod script;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use addin_host::Val;
use script::{CONNECTOR, SESSION, Script};
use serde_json::json;
use test_server::{Server, pattern};

const THREADS: u64 = 16;
/// Requests one object makes before the thread makes another.
const REQUESTS_PER_OBJECT: u64 = 40;

#[test]
fn sixteen_threads_with_own_objects_show_no_fault() {
    let seconds = std::env::var("STRESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let server = Server::start().unwrap();
    let end = Instant::now() + Duration::from_secs(seconds);
    let (requests, objects) = (AtomicU64::new(0), AtomicU64::new(0));
    let before = memory();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (server, requests, objects) = (&server, &requests, &objects);
            scope.spawn(move || {
                let mut round = number;
                while Instant::now() < end {
                    let class = if round.is_multiple_of(2) { SESSION } else { CONNECTOR };
                    let script = Script::new(built::addin(), class).unwrap();
                    objects.fetch_add(1, Ordering::Relaxed);
                    for _ in 0..REQUESTS_PER_OBJECT {
                        round += 1;
                        request(&script, server, number, round);
                        requests.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (requests, objects) = (requests.into_inner(), objects.into_inner());
    let grown = memory().saturating_sub(before);
    println!(
        "FIGURE {requests} requests by {objects} objects on {THREADS} threads in {seconds} s, \
         {} connections, process grew by {grown} KB",
        server.connections()
    );
    assert!(requests >= THREADS * REQUESTS_PER_OBJECT, "only {requests} requests");
}

#[test]
fn objects_that_end_during_their_requests_leave_no_thread_and_no_fault() {
    const ROUNDS: u64 = 40;
    let server = Server::start().unwrap();
    let begun = |script: &Script, path: &str, time: i32| {
        let url = server.url(path);
        let arguments = ["GET".into(), url.into(), "".into(), "".into(), time.into()];
        script.call("StartRequest", &arguments).unwrap().as_bool().unwrap()
    };
    thread::scope(|scope| {
        for number in 0..THREADS {
            let begun = &begun;
            scope.spawn(move || {
                for round in number..number + ROUNDS {
                    let class = if round.is_multiple_of(2) { SESSION } else { CONNECTOR };
                    let script = Script::new(built::addin(), class).unwrap();
                    match round % 5 {
                        // Done and destruction, which the end of the script does, meet the request under way.
                        0 => assert!(!begun(&script, "/delay/10", 0)),
                        1 => drop(begun(&script, "/bytes/100000", 0)),
                        2 => {
                            begun(&script, "/delay/10", 1);
                            script.object().done();
                        }
                        3 => {
                            begun(&script, "/delay/10", 0);
                            script.call("Cancel", &[]).unwrap();
                            assert_eq!(script.get("Busy").unwrap().as_bool(), Some(false));
                        }
                        _ => {
                            let mut ended = begun(&script, "/bytes/100000", 0);
                            while !ended {
                                ended = script.call("Wait", &[1.into()]).unwrap().as_bool().unwrap();
                            }
                            assert_eq!(script.get_number("StatusCode"), Ok(200));
                            let body = script.call("TakeBody", &[]).unwrap();
                            assert_eq!(body.as_bytes().map(<[u8]>::len), Some(100_000));
                        }
                    }
                }
            });
        }
    });
    let end = Instant::now() + Duration::from_secs(8);
    while threads_of_requests() > 0 && Instant::now() < end {
        thread::yield_now();
    }
    assert_eq!(threads_of_requests(), 0, "cancelled requests end by themselves, long before their answers");
}

/// Threads of this process that run a request; 0 where the system does not tell.
fn threads_of_requests() -> usize {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return 0 };
    let name = |task: &fs::DirEntry| fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    tasks.flatten().filter(|task| name(task).trim() == "http-request").count()
}

/// One request of a kind that changes with `round`; every answer is compared.
fn request(script: &Script, server: &Server, thread: u64, round: u64) {
    let mark = format!("{thread}-{round}");
    match round % 10 {
        0 => {
            let answer = script.json("GetJson", &[&server.url(&format!("/get?mark={mark}"))]).unwrap();
            assert_eq!(answer["args"]["mark"], *mark);
        }
        1 => {
            let document = json!({"метка": mark});
            let answer = script.json("PostJson", &[&server.url("/post"), &document.to_string()]).unwrap();
            assert_eq!(answer["json"], document);
        }
        2 => {
            assert_eq!(script.status("Get", &[&server.url("/redirect/3")]), Ok(200));
            assert_eq!(script.get_text("ResponseURL").unwrap(), server.url("/get"));
        }
        3 => {
            let trust = json!({"VerifySSL": server.ca_pem()}).to_string();
            let url = server.secure_url(&format!("/get?mark={mark}"));
            let answer = script.json("GetJson", &[&url, &trust]).unwrap();
            assert_eq!(answer["args"]["mark"], *mark);
        }
        4 => {
            let answer =
                script.json("GetJson", &[&server.url(&format!("/cookies/set?thread={thread}"))]).unwrap();
            assert_eq!(answer["cookies"]["thread"], thread.to_string());
        }
        5 => {
            let content = pattern::bytes(usize::try_from(round % 7 * 30_000).unwrap());
            let url = server.url("/echo");
            let status = script.call("Put", &[url.as_str().into(), Val::BlobRef(&content)]).unwrap();
            assert_eq!(status.as_int(), Some(200));
            assert!(script.bytes("Body", &[]).unwrap() == content);
        }
        6 => {
            let text = script.failure("Get", &[&server.url("/close")]).unwrap();
            assert!(text.contains("/close"), "{text}");
        }
        7 => {
            let text = script.failure("Get", &[&server.url("/get"), "{\"Timeut\": 1}"]).unwrap();
            assert!(text.contains("Timeout"), "{text}");
        }
        8 => {
            let text = script.failure("Get", &[&server.url("/delay/5"), "{\"Timeout\": 0.05}"]).unwrap();
            assert!(text.contains("Timeout exceeded"), "{text}");
        }
        _ => {
            let size = 1 << 20;
            assert_eq!(
                script.status("Get", &[&server.url(&format!("/large?bytes={size}&chunked=1"))]),
                Ok(200)
            );
            let body = script.call("TakeBody", &[]).unwrap();
            let body = body.as_bytes().unwrap();
            assert_eq!((body.len(), pattern::first_difference(0, body)), (size, None));
        }
    }
}

/// Resident memory of the process in KB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
