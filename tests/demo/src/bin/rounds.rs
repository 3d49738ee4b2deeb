//! Rounds of creating an object, making a request and destroying the object, to run under a memory checker.
//!
//! `rounds LIBRARY HTTP-URL HTTPS-URL CA-FILE ROUNDS`. The server is a process of its own, so that what the checker
//! sees is the component. A round in fifty uses HTTPS, each kind of request has its turn.
#![allow(clippy::print_stdout, reason = "a program for people")]

#[path = "../../../support/script.rs"]
mod script;

use addin_host::Addin;
use script::{CONNECTOR, SESSION, Script, options};
use serde_json::json;

/// How often HTTPS is used: a handshake is slow under a checker.
const SECURE_EVERY: usize = 50;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, plain, secure, ca, rounds] = arguments.as_slice() else {
        return Err("usage: rounds LIBRARY HTTP-URL HTTPS-URL CA-FILE ROUNDS".to_owned());
    };
    let rounds: usize = rounds.parse().map_err(|_| "ROUNDS is a number")?;
    let (plain, secure) = (plain.trim_end_matches('/'), secure.trim_end_matches('/'));
    let addin = Addin::load(library).map_err(|error| error.to_string())?;
    let trust = options(&json!({"VerifySSL": {"File": ca}}));
    for round in 0..rounds {
        let class = if round.is_multiple_of(2) { CONNECTOR } else { SESSION };
        let script = Script::new(&addin, class)?;
        if round.is_multiple_of(SECURE_EVERY) {
            expect(round, script.status("Get", &[&format!("{secure}/get"), &trust])?, 200)?;
        } else {
            request(&script, plain, round)?;
        }
    }
    println!("CHECKS 1\nFIGURE {rounds} rounds of create, request, destroy");
    Ok(())
}

/// One request, of another kind in every round.
fn request(script: &Script, url: &str, round: usize) -> Result<(), String> {
    match round % 10 {
        0 => expect(round, script.status("Get", &[&format!("{url}/get?a=1")])?, 200),
        1 => script.json("PostJson", &[&format!("{url}/post"), "{\"ключ\": \"значение\"}"]).map(drop),
        2 => {
            let form = options(
                &json!({"Data": {"a": "1"}, "Files": {"Name": "f", "Data": "x", "FileName": "f.txt"}}),
            );
            expect(round, script.status("Post", &[&format!("{url}/post"), "", &form])?, 200)
        }
        3 => {
            expect(round, script.status("Get", &[&format!("{url}/cookies/set?a=1")])?, 200)?;
            script.text("Response", &[]).map(drop)
        }
        4 => {
            expect(round, script.status("Get", &[&format!("{url}/gzip")])?, 200)?;
            script.text("AsText", &[])?;
            script.call("TakeBody", &[]).map(drop)
        }
        5 => script.failure("Get", &[&format!("{url}/close")]).map(drop),
        6 => script.failure("Get", &[url, "{\"nonsense\": 1}"]).map(drop),
        7 => background(script, &format!("{url}/bytes/100000"), false),
        8 => background(script, &format!("{url}/delay/1"), true),
        _ => {
            expect(round, script.status("Get", &[&format!("{url}/bytes/100000")])?, 200)?;
            script.bytes("Body", &[]).map(drop)
        }
    }
}

/// A request on a thread of its own, waited for or left to the end of its object.
fn background(script: &Script, url: &str, left: bool) -> Result<(), String> {
    let arguments = ["GET".into(), url.into(), "".into(), "".into(), 0.into()];
    let mut ended = script.call("StartRequest", &arguments)?.as_bool();
    while !left && ended == Some(false) {
        ended = script.call("Wait", &[1000.into()])?.as_bool();
    }
    if left { Ok(()) } else { script.call("TakeBody", &[]).map(drop) }
}

fn expect(round: usize, got: i64, expected: i64) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("round {round}: status {got}, expected {expected}")) }
}
