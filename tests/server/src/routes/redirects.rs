//! Paths that send the client elsewhere, with cookies or without.

use std::io;

use super::number;
use crate::connection::{After, Exchange};
use crate::echo;
use crate::reply::Reply;

/// `/status/{code}` with what belongs to the code.
pub(super) fn status(exchange: &mut Exchange<'_>, code: &str) -> io::Result<After> {
    let code = number(code, 400);
    let reply = Reply::new(code);
    let reply = match code {
        301 | 302 | 303 | 305 | 307 | 308 => reply.header("Location", "/redirect/1"),
        401 => reply.header("WWW-Authenticate", "Basic realm=\"Test server\""),
        407 => reply.header("Proxy-Authenticate", "Basic realm=\"Test server\""),
        _ => reply,
    };
    reply.send(exchange)
}

/// `count` hops, each to a path, ending at `/get`.
pub(super) fn relative(exchange: &mut Exchange<'_>, count: &str) -> io::Result<After> {
    let next = next_hop("relative-redirect", count);
    Reply::redirect(302, &next).send(exchange)
}

/// `count` hops, each to a whole address, ending at `/get`.
pub(super) fn absolute(exchange: &mut Exchange<'_>, count: &str) -> io::Result<After> {
    let next = format!("{}{}", echo::base(exchange), next_hop("absolute-redirect", count));
    Reply::redirect(302, &next).send(exchange)
}

/// To `url`, with `status_code`.
pub(super) fn to(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let location = exchange.head.parameter("url").unwrap_or_default();
    let status = exchange.head.number("status_code", 302);
    Reply::redirect(status, &location).send(exchange)
}

/// Sets each pair as a cookie and leads to `/cookies`.
pub(super) fn set_cookies(exchange: &mut Exchange<'_>, pairs: &[(String, String)]) -> io::Result<After> {
    let set = |reply: Reply, (name, value): &(String, String)| {
        reply.header("Set-Cookie", &format!("{name}={value}; Path=/"))
    };
    pairs.iter().fold(Reply::redirect(302, "/cookies"), set).send(exchange)
}

/// Expires each cookie named in the query and leads to `/cookies`.
pub(super) fn delete_cookies(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let expire = |reply: Reply, (name, _): &(String, String)| {
        reply.header(
            "Set-Cookie",
            &format!("{name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"),
        )
    };
    exchange.head.query().iter().fold(Reply::redirect(302, "/cookies"), expire).send(exchange)
}

fn next_hop(path: &str, count: &str) -> String {
    match number(count, 1_u32) {
        0 | 1 => "/get".to_owned(),
        more => format!("/{path}/{}", more - 1),
    }
}
