#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::mpsc::{Receiver, Sender, channel};

use super::super::fault::Failure;
use super::super::members::SESSION;
use super::*;
use crate::engine::cookies::{Cookies, NEVER, StoredCookie};
use crate::engine::error::Result as EngineResult;
use crate::engine::exchange::{Exchange, Head, Hop};
use crate::engine::received::Sink;

const LONG: Duration = Duration::from_secs(20);

const AT: At = At { language: Language::English, english: "StartRequest", russian: "", parameters: &[] };

/// An exchange that panics, or waits for the test and hears of no cancelling.
enum Wild {
    Panics,
    Waits { inside: Sender<()>, go: Mutex<Receiver<()>> },
}

impl Exchange for Wild {
    fn exchange(&self, _: &Hop<'_>, _: &mut dyn Sink) -> EngineResult<Head> {
        match self {
            Self::Panics => panic!("a secret"),
            Self::Waits { inside, go } => {
                inside.send(()).unwrap();
                let _gone = go.lock().unwrap().recv();
                Ok(Head::default())
            }
        }
    }
}

fn object(exchange: Wild) -> Object {
    let mut object = Object::new(&SESSION);
    let mut client = Client::stateful(Arc::new(exchange));
    client.set_cookies(&one_cookie());
    object.client = Some(client);
    object.settings_mut().retries = Some(7);
    object.staged.add("staged".to_owned(), b"data").unwrap();
    object
}

fn one_cookie() -> Cookies {
    let cookie = StoredCookie {
        name: "a".to_owned(),
        value: "1".to_owned(),
        domain: "h.test".to_owned(),
        path: "/".to_owned(),
        port: None,
        expires: NEVER,
        secure: false,
    };
    Cookies { list: vec![cookie] }
}

fn order() -> Order {
    Order {
        method: "GET".to_owned(),
        url: "http://h.test/".to_owned(),
        body: Content::None,
        options: Options::default(),
    }
}

fn failed(outcome: Outcome<Value>) -> Failure {
    Failure::new(&outcome.unwrap_err(), &AT)
}

/// An object whose thread is inside the exchange until the sender is dropped.
fn waiting() -> (Object, Sender<()>) {
    let (go, waits) = channel();
    let (inside, entered) = channel();
    let mut object = object(Wild::Waits { inside, go: Mutex::new(waits) });
    start(&mut object, order(), AT, workers::give).unwrap();
    entered.recv_timeout(LONG).unwrap();
    (object, go)
}

#[test]
fn panic_on_the_thread_is_one_error_and_the_object_goes_on_with_a_new_client() {
    let mut object = object(Wild::Panics);
    start(&mut object, order(), AT, workers::give).unwrap();
    let failure = failed(outcome_within(&mut object, Language::English, LONG));
    assert_eq!(failure.fault.code, "internal");
    assert!(failure.fault.text.contains("(tests.rs:"), "{}", failure.fault.text);
    assert!(!failure.details.to_string().contains("secret"));
    assert!(object.background.is_none() && object.client.is_none(), "nothing the panic left is used");
    assert!(object.client().cookies().list.is_empty());
    assert_eq!(object.staged.bytes("staged"), Some(&b"data"[..]));
    assert_eq!(object.settings.retries, Some(7));
    assert!(matches!(outcome_within(&mut object, Language::English, LONG), Ok(Value::Bool(true))));
}

#[test]
fn thread_that_cannot_be_started_is_an_error_and_nothing_is_lost() {
    let mut object = object(Wild::Panics);
    let refused = |_job: Job| Err(io::ErrorKind::WouldBlock.into());
    let failure = failed(start(&mut object, order(), AT, refused).map(|()| Value::Empty));
    assert_eq!(failure.fault.code, "thread");
    assert!(failure.fault.text.starts_with("StartRequest: no thread"), "{}", failure.fault.text);
    assert!(failure.details["detail"].is_string());
    assert!(object.background.is_none());
    assert_eq!(object.client().cookies().list.len(), 1);
    assert_eq!(object.staged.bytes("staged"), Some(&b"data"[..]));
}

#[test]
fn object_does_not_stay_with_a_thread_that_is_held_up() {
    let (mut object, go) = waiting();
    let began = Instant::now();
    end(&mut object);
    assert!(began.elapsed() >= PATIENCE && began.elapsed() < LONG);
    assert!(object.background.is_none() && object.client.is_none());
    assert!(matches!(outcome_within(&mut object, Language::English, LONG), Ok(Value::Bool(true))));
    // The thread ends later and drops what it has.
    drop(go);
}

#[test]
fn ending_the_object_leaves_the_thread_alone() {
    let (mut object, go) = waiting();
    let shared = Arc::downgrade(&object.background.as_ref().unwrap().shared);
    let began = Instant::now();
    crate::abi::Component::done(&mut object);
    assert!(began.elapsed() < PATIENCE);
    assert!(shared.upgrade().is_some(), "the thread has what it needs");
    drop(go);
    while shared.upgrade().is_some() && began.elapsed() < LONG {
        std::thread::yield_now();
    }
    assert!(shared.upgrade().is_none(), "and keeps nothing in the end");
}

#[test]
fn limits_beyond_any_clock_are_waits_without_a_limit() {
    let (mut object, go) = waiting();
    drop(go);
    let longest = Duration::from_millis(u64::MAX);
    assert!(matches!(outcome_within(&mut object, Language::English, longest), Ok(Value::Bool(true))));
    assert_eq!(object.client().cookies().list.len(), 1, "the client is back");
}
