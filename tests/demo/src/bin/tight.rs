//! Bodies and options larger than the memory there is, to run under a limit on the address space.
//!
//! `tight LIBRARY HTTP-URL`. Every request has to end in an error text, the object has to work afterwards, and the
//! process has to live: the limit is set by whoever starts this (`ulimit -v`).
#![allow(clippy::print_stdout, reason = "a program for people")]

#[path = "../../../support/script.rs"]
mod script;

use addin_host::Addin;
use script::{CONNECTOR, Script, options};
use serde_json::json;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, url] = arguments.as_slice() else {
        return Err("usage: tight LIBRARY HTTP-URL".to_owned());
    };
    let url = url.trim_end_matches('/');
    let addin = Addin::load(library).map_err(|error| error.to_string())?;
    let script = Script::new(&addin, CONNECTOR)?;
    let roomy = options(&json!({"MaximumBodySize": 4_294_967_295_u32}));
    let mut checks = 0;
    let mut works_on = |script: &Script| match script.status("Get", &[&format!("{url}/get")])? {
        200 => {
            checks += 2;
            Ok(())
        }
        other => Err(format!("the object answers {other} afterwards")),
    };
    // Options that would take more memory than there is: asked for before they are parsed. In values as well as text.
    for options in [format!("{{\"Data\": \"{}\"}}", "x".repeat(60_000_000)), list_of_lists(1_000_000)] {
        let text = script.failure("Post", &[&format!("{url}/post"), "", &options])?;
        println!("options of {} bytes: {text}", options.len());
        works_on(&script)?;
    }
    // A body with a length, one that ends with the connection, one announced and never sent.
    for path in ["/large?bytes=1500000000", "/until-close?bytes=1500000000", "/truncated?bytes=3000000000"] {
        let text = script.failure("Get", &[&format!("{url}{path}"), &roomy])?;
        println!("{path}: {text}");
        works_on(&script)?;
    }
    // The body is there, but not the room for its text (two bytes per letter) beside it.
    let status = script.status("Get", &[&format!("{url}/large?bytes=250000000"), &roomy])?;
    if status != 200 {
        return Err(format!("250 MB: status {status}"));
    }
    let text = script.failure("AsText", &["windows-1251"])?;
    println!("AsText of 250 MB: {text}");
    if script.call("TakeBody", &[])?.as_bytes().map(<[u8]>::len) != Some(250_000_000) {
        return Err("the body is not what it was before".to_owned());
    }
    works_on(&script)?;
    println!("CHECKS {checks}");
    Ok(())
}

/// Options whose values need far more memory than their text.
fn list_of_lists(values: usize) -> String {
    format!("{{\"Json\": [{}0]}}", "{\"a\": 0},".repeat(values / 2))
}
