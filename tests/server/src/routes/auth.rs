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

/// A token endpoint (RFC 6749 section 4.4) for the client `клиент` with the secret `сек рет`. Its n-th token is
/// `token-n`.
pub(super) fn token(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let body = exchange.body()?;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded("клиент"), encoded("сек рет"))));
    let is_known = match exchange.head.header("authorization") {
        Some(sent) => sent == basic,
        None => (field("client_id"), field("client_secret")) == (Some("клиент"), Some("сек рет")),
    };
    let error = match field("grant_type") {
        _ if !is_known => Some((401, "invalid_client")),
        Some("client_credentials") if exchange.head.method == "POST" => None,
        _ => Some((400, "unsupported_grant_type")),
    };
    if let Some((status, error)) = error {
        let words = format!("not known: {}", field("client_secret").unwrap_or_default());
        return Reply::new(status)
            .json_body(&json!({"error": error, "error_description": words}))
            .send(exchange);
    }
    let key = format!("tokens for {}", field("audience").unwrap_or_default());
    let number = exchange.state.attempt(&key).number;
    let answer =
        json!({"access_token": format!("token-{number}"), "token_type": "bearer", "expires_in": 3600});
    Reply::json(&answer).send(exchange)
}

/// Takes tokens with a number not below `from`.
pub(super) fn resource(exchange: &mut Exchange<'_>, from: &str) -> io::Result<After> {
    let sent = exchange.head.header("authorization").unwrap_or_default();
    let number: Option<usize> = sent.strip_prefix("Bearer token-").and_then(|number| number.parse().ok());
    if number >= from.parse().ok() {
        return Reply::json(&json!({ "token": number })).send(exchange);
    }
    Reply::new(401).header("WWW-Authenticate", "Bearer realm=\"r\", error=\"invalid_token\"").send(exchange)
}
