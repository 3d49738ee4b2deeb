//! Paths that fail a few times and then work. Requests are told apart by their `X-ID` header; `times` in the query
//! says how often to fail. The final answer tells how many attempts it took and how long they were apart.

use std::io;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::connection::{After, Exchange};
use crate::reply::Reply;
use crate::state::Attempts;

/// 503 with the moment of return as a date, a second or two ahead (dates have whole seconds).
pub(super) fn after_date(exchange: &mut Exchange<'_>) -> io::Result<After> {
    or_failure(exchange, 1, |_| {
        let when = SystemTime::now() + Duration::from_millis(1999);
        Reply::new(503).header("Retry-After", &httpdate::fmt_http_date(when))
    })
}

/// 503 with `seconds` (default 1) to wait.
pub(super) fn after_duration(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let seconds: u32 = exchange.head.number("seconds", 1);
    or_failure(exchange, 1, |_| Reply::new(503).header("Retry-After", &seconds.to_string()))
}

/// 502 and nothing else.
pub(super) fn bad_gateway(exchange: &mut Exchange<'_>) -> io::Result<After> {
    or_failure(exchange, 2, |_| Reply::new(502))
}

/// The connection closed without an answer.
pub(super) fn closed(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let attempts = attempt(exchange);
    if attempts.number <= exchange.head.number("times", 1) {
        return Ok(After::Close);
    }
    succeeded(attempts).send(exchange)
}

fn or_failure(
    exchange: &mut Exchange<'_>,
    times: usize,
    failure: impl Fn(Attempts) -> Reply,
) -> io::Result<After> {
    let attempts = attempt(exchange);
    let reply = if attempts.number <= exchange.head.number("times", times) {
        failure(attempts)
    } else {
        succeeded(attempts)
    };
    reply.send(exchange)
}

fn attempt(exchange: &Exchange<'_>) -> Attempts {
    let id = exchange.head.header("x-id").unwrap_or_default();
    exchange.state.attempt(&format!("{} {id}", exchange.head.raw_path()))
}

fn succeeded(attempts: Attempts) -> Reply {
    let waited = u64::try_from(attempts.elapsed.as_millis()).unwrap_or(u64::MAX);
    Reply::json(&json!({ "attempts": attempts.number, "waited_ms": waited }))
}
