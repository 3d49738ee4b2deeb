//! Paths that want to know who is asking.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
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

/// Digest by MD5 with `qop=auth` (RFC 7616). The challenge has what careless readers trip over: `=` and commas inside
/// of quotes, a list of qop, no blank behind a comma. The answer tells the nonce count.
pub(super) fn digest(exchange: &mut Exchange<'_>, user: &str, password: &str) -> io::Result<After> {
    const REALM: &str = "Test, server = here";
    const NONCE: &str = "bm9uY2U9LCA9PQ==";
    const OPAQUE: &str = "a,b=c";
    let sent = exchange.head.header("authorization").unwrap_or_default();
    let of = |name: &str| directive(&sent, name).unwrap_or_default();
    let hash = |text: String| {
        Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let who = hash(format!("{user}:{REALM}:{password}"));
    let what = hash(format!("{}:{}", exchange.head.method, exchange.head.target));
    let expected = hash(format!("{who}:{NONCE}:{}:{}:auth:{what}", of("nc"), of("cnonce")));
    let is_right = of("response") == expected
        && of("username") == user
        && of("uri") == exchange.head.target
        && of("opaque") == OPAQUE
        && of("nonce") == NONCE;
    if is_right {
        return Reply::json(&json!({ "authenticated": true, "user": user, "nc": of("nc") })).send(exchange);
    }
    let challenge = format!(
        "Digest realm=\"{REALM}\",nonce=\"{NONCE}\", qop=\"auth, auth-int\",opaque=\"{OPAQUE}\", algorithm=MD5"
    );
    Reply::new(401).header("WWW-Authenticate", &challenge).send(exchange)
}

/// A directive of a header value, its quotes undone.
fn directive(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.strip_prefix("Digest ")?;
    loop {
        let (name, after) = rest.trim_start_matches([' ', ',']).split_once('=')?;
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name.trim() == wanted {
            return Some(text.to_owned());
        }
        rest = after;
    }
}
