//! Digest, strict: the target, the count of the nonce and the hash of the body are checked, and a nonce can be given
//! a number of uses.

use std::collections::HashMap;
use std::io;

use md5::Digest as _;
use serde_json::json;

use crate::connection::{After, Exchange};
use crate::reply::Reply;

const REALM: &str = "test, \"server\" = here";
const OPAQUE: &str = "a,b=c==";

/// `/digest-auth/QOP/USER/PASSWORD[/ALGORITHM]?uses=N`
pub(super) fn digest(exchange: &mut Exchange<'_>, place: [&str; 4]) -> io::Result<After> {
    let [protection, user, password, algorithm] = place;
    let uses: usize = exchange.head.number("uses", usize::MAX);
    let body = exchange.body()?;
    let sent = exchange.head.header("authorization").unwrap_or_default();
    let answer = sent.strip_prefix("Digest ").map(parameters).unwrap_or_default();
    let get = |name: &str| answer.get(name).map(String::as_str).unwrap_or_default();
    let hash = |pieces: &[&str]| hash(algorithm, pieces.join(":").as_bytes());
    let head = exchange.head;
    let what = match protection {
        "auth-int" => hash(&[&head.method, &head.target, &self::hash(algorithm, &body)]),
        _ => hash(&[&head.method, &head.target]),
    };
    let key = hash(&[user, REALM, password]);
    let expected = hash(&[&key, get("nonce"), get("nc"), get("cnonce"), protection, &what]);
    let is_right = get("response") == expected
        && get("username") == user
        && get("realm") == REALM
        && get("uri") == head.target
        && get("qop") == protection
        && get("opaque") == OPAQUE
        && get("nonce").starts_with("nonce");
    let used = exchange.state.attempt(get("nonce")).number;
    if is_right && used <= uses && get("nc") == format!("{used:08x}") {
        return Reply::json(&json!({"authenticated": true, "user": user, "nc": get("nc")})).send(exchange);
    }
    let number = exchange.state.attempt("digest nonces").number;
    let stale = if is_right && used > uses { ", stale=true" } else { "" };
    let challenge = format!(
        "Basic realm=\"no\", Digest realm=\"{}\", nonce=\"nonce, {number}=\", opaque=\"{OPAQUE}\",qop=\"{protection}\", \
         algorithm={algorithm}{stale}",
        REALM.replace('"', "\\\"")
    );
    let mut reply = Reply::new(401).header("WWW-Authenticate", &challenge);
    if exchange.head.number("cookie", 0) > 0 {
        reply = reply.header("Set-Cookie", "node=1; Path=/");
    }
    reply.body(b"who?".to_vec()).send(exchange)
}

fn hash(algorithm: &str, data: &[u8]) -> String {
    let bytes = match algorithm {
        "SHA-256" => sha2::Sha256::digest(data).to_vec(),
        _ => md5::Md5::digest(data).to_vec(),
    };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names and values, quotes and escapes undone.
fn parameters(text: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let (mut name, mut value) = (String::new(), None::<String>);
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars().chain([',']) {
        match (&mut value, character) {
            (Some(value), _) if escaped => {
                value.push(character);
                escaped = false;
            }
            (Some(_), '\\') if quoted => escaped = true,
            (Some(_), '"') => quoted = !quoted,
            (_, ',') if !quoted => {
                found.insert(name.trim().to_owned(), value.take().unwrap_or_default());
                name.clear();
            }
            (Some(value), _) => value.push(character),
            (None, '=') => value = Some(String::new()),
            (None, _) => name.push(character),
        }
    }
    found
}
