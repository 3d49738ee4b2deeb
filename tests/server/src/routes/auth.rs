//! Paths that want to know who is asking.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::connection::{After, Exchange};
use crate::reply::Reply;

pub(super) fn basic(exchange: &mut Exchange<'_>, user: &str, password: &str) -> io::Result<After> {
    let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if exchange.head.header("authorization").as_deref() == Some(&expected) {
        Reply::json(&json!({ "authenticated": true, "user": user })).send(exchange)
    } else {
        Reply::new(401).header("WWW-Authenticate", "Basic realm=\"Test server\"").send(exchange)
    }
}

pub(super) fn bearer(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let sent = exchange.head.header("authorization").unwrap_or_default();
    match sent.strip_prefix("Bearer ") {
        Some(token) => Reply::json(&json!({ "authenticated": true, "token": token })).send(exchange),
        None => Reply::new(401).header("WWW-Authenticate", "Bearer").send(exchange),
    }
}
