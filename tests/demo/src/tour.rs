//! The tour: groups of requests, each answer compared with what was sent.

mod content;
mod journey;
mod large;
mod secure;
mod wrong;

use addin_host::Addin;
use serde_json::Value;
use test_server::Server;

use crate::script::{CONNECTOR, Script};
use crate::table::{Outcome, Table};

/// What every group works with.
pub(crate) struct Tour<'a> {
    addin: &'a Addin,
    server: Server,
    /// The object for single requests.
    http: Script,
    table: Table,
}

/// Runs everything; `true` when every step was right.
pub(crate) fn run(addin: &Addin) -> Result<bool, String> {
    let server = Server::start().map_err(|error| format!("the embedded server does not start: {error}"))?;
    let http = Script::new(addin, CONNECTOR)?;
    let mut tour = Tour { addin, server, http, table: Table::default() };
    content::run(&mut tour);
    journey::run(&mut tour)?;
    secure::run(&mut tour)?;
    large::run(&mut tour)?;
    wrong::run(&mut tour)?;
    let connections = tour.server.connections();
    let requests = tour.server.requests();
    println!("\nThe server saw {requests} requests on {connections} connections.");
    Ok(tour.table.finish())
}

impl Outcome {
    /// Of the response `script` holds.
    fn of(script: &Script, checked: impl Into<String>) -> Result<Self, String> {
        Ok(Self {
            status: script.get_number("StatusCode")?.to_string(),
            size: Some(script.get_number("BodySize")?),
            checked: checked.into(),
        })
    }
}

/// Fails the step when the two differ.
fn same<A, B>(what: &str, got: A, expected: B) -> Result<(), String>
where
    A: PartialEq<B> + std::fmt::Debug,
    B: std::fmt::Debug,
{
    if got == expected { Ok(()) } else { Err(format!("{what}: expected {expected:?}, got {got:?}")) }
}

/// Fails the step when the text lacks the part.
fn contains(what: &str, text: &str, part: &str) -> Result<(), String> {
    if text.contains(part) { Ok(()) } else { Err(format!("{what}: {part:?} expected in {text:?}")) }
}

/// A value deep inside a document.
fn at<'v>(document: &'v Value, path: &str) -> &'v Value {
    document.pointer(path).unwrap_or(&Value::Null)
}
