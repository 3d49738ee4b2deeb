//! Small stand-ins of sites the upstream tests talk to: a portal that wants a login on another host, and a SOAP
//! service.

use std::io;

use serde_json::json;

use super::texts;
use crate::connection::{After, Exchange};
use crate::echo;
use crate::form::Fields;
use crate::reply::Reply;

/// `/portal/total` sends whoever has no ticket to `/portal/login` on the other loopback name; the form there, posted
/// with its hidden field, sets a cookie on that host and leads back through `/portal/ticket`, which sets another.
pub(super) fn portal(exchange: &mut Exchange<'_>, page: &str) -> io::Result<After> {
    let cookies = exchange.head.header("cookie").unwrap_or_default();
    match (page, exchange.head.method.as_str()) {
        ("total", _) if cookies.contains("ticket=granted") => {
            Reply::json(&json!({ "releases": ["first", "second"] })).send(exchange)
        }
        ("total", _) => {
            let login = format!("{}/portal/login", other_host(exchange));
            Reply::redirect(302, &login).header("Set-Cookie", "visit=1; Path=/portal").send(exchange)
        }
        ("login", "POST") => {
            let body = exchange.body()?;
            let media = exchange.head.header("content-type").unwrap_or_default();
            let fields = Fields::read(&media, &body).unwrap_or_default().form;
            let has = |name: &str, value: &str| fields.iter().any(|(k, v)| k == name && v == value);
            if has("execution", texts::EXECUTION) && has("username", "user") && has("password", "pass") {
                let ticket = format!("{}/portal/ticket", other_host(exchange));
                Reply::redirect(302, &ticket)
                    .header("Set-Cookie", "login=done; Path=/; HttpOnly")
                    .send(exchange)
            } else {
                Reply::new(403).send(exchange)
            }
        }
        ("login", _) => super::bodies::typed(exchange, "text/html; charset=utf-8", texts::login_form()),
        ("ticket", _) => Reply::redirect(302, "/portal/total")
            .header("Set-Cookie", "ticket=granted; Path=/portal")
            .send(exchange),
        _ => Reply::new(404).send(exchange),
    }
}

/// Answers an envelope with an envelope when the headers of SOAP 1.1 are there.
pub(super) fn soap(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let body = exchange.body()?;
    let media = exchange.head.header("content-type").unwrap_or_default();
    let fits = exchange.head.header("soapaction").is_some()
        && media.starts_with("text/xml")
        && String::from_utf8_lossy(&body).contains("Envelope");
    let status = if fits { 200 } else { 500 };
    let reply = Reply::new(status).header("Content-Type", "text/xml; charset=utf-8");
    reply.body(texts::SOAP_ANSWER.as_bytes().to_vec()).send(exchange)
}

/// The same server by its other name: `localhost` for 127.0.0.1 and the other way round.
fn other_host(exchange: &Exchange<'_>) -> String {
    let base = echo::base(exchange);
    if base.contains("//localhost") {
        base.replace("//localhost", "//127.0.0.1")
    } else {
        base.replace("//127.0.0.1", "//localhost")
    }
}
