//! Which path gives which answer. The table is the reference of what the server can do.

mod auth;
mod bodies;
mod digest;
mod faults;
mod redirects;
mod retries;
mod scenes;
pub mod texts;

use std::io;

use serde_json::json;

use crate::connection::{After, Exchange};
use crate::echo::{self, Show};
use crate::reply::Reply;

/// Answers one request.
pub(crate) fn answer(exchange: &mut Exchange<'_>) -> io::Result<After> {
    let segments = exchange.head.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = exchange.head.method.clone();
    if method == "OPTIONS" {
        let allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, MKCOL";
        return Reply::new(200).header("Allow", allow).send(exchange);
    }
    if let [verb @ ("post" | "put" | "patch" | "delete")] = parts[..] {
        return if method.eq_ignore_ascii_case(verb) {
            described(exchange, Show::Body)
        } else {
            Reply::new(405).header("Allow", &verb.to_ascii_uppercase()).send(exchange)
        };
    }
    match parts[..] {
        [""] => Reply::new(200)
            .header("Content-Type", "text/plain")
            .body(b"test server\n".to_vec())
            .send(exchange),
        // Echo.
        ["get"] => described(exchange, Show::Query),
        ["anything", ..] => described(exchange, Show::All),
        ["headers"] => {
            let headers = echo::headers(exchange);
            Reply::json(&json!({ "headers": headers })).send(exchange)
        }
        ["ip"] => Reply::json(&json!({ "origin": exchange.origin() })).send(exchange),
        ["echo"] => bodies::echo(exchange),
        ["upload"] => bodies::upload(exchange),
        // Cookies.
        ["cookies"] => {
            let cookies = echo::cookies(exchange);
            Reply::json(&cookies).send(exchange)
        }
        ["cookies", "set"] => redirects::set_cookies(exchange, &exchange.head.query()),
        ["cookies", "set", name, value] => {
            redirects::set_cookies(exchange, &[(name.to_owned(), value.to_owned())])
        }
        ["cookies", "delete"] => redirects::delete_cookies(exchange),
        ["response-headers"] => {
            let reply =
                exchange.head.query().iter().fold(Reply::new(200), |r, (name, value)| r.header(name, value));
            reply.send(exchange)
        }
        // Who is there.
        ["basic-auth", user, password] => auth::basic(exchange, user, password),
        ["bearer"] => auth::bearer(exchange),
        ["digest-auth", protection, user, password] => {
            digest::digest(exchange, [protection, user, password, "MD5"])
        }
        ["digest-auth", protection, user, password, algorithm] => {
            digest::digest(exchange, [protection, user, password, algorithm])
        }
        ["oauth", "token"] => auth::token(exchange),
        ["oauth", "resource", from] => auth::resource(exchange, from),
        // Bodies.
        ["gzip"] => bodies::compressed(exchange, bodies::Coding::Gzip),
        ["deflate"] => bodies::compressed(exchange, bodies::Coding::Deflate),
        ["raw-deflate"] => bodies::compressed(exchange, bodies::Coding::RawDeflate),
        ["bytes", count] => bodies::bytes(exchange, count),
        ["stream-bytes", count] => bodies::stream_bytes(exchange, count),
        ["large"] => bodies::large(exchange),
        ["image", "png"] => bodies::typed(exchange, "image/png", texts::png()),
        ["encoding", "utf8"] => {
            bodies::typed(exchange, "text/html; charset=utf-8", texts::utf8_page().into_bytes())
        }
        ["encoding", "windows-1251"] => {
            bodies::typed(exchange, "text/plain; charset=windows-1251", texts::WINDOWS_1251.to_vec())
        }
        ["html"] => bodies::typed(exchange, "text/html; charset=utf-8", texts::HTML.as_bytes().to_vec()),
        ["json"] => bodies::typed(exchange, "application/json", texts::SLIDES.as_bytes().to_vec()),
        ["json-as-text"] => bodies::typed(exchange, "text/plain", texts::JSON_AS_TEXT.as_bytes().to_vec()),
        ["empty"] => Reply::new(200).header("Content-Type", "application/json").send(exchange),
        // Time.
        ["delay", seconds] => bodies::delay(exchange, seconds),
        ["drip"] => bodies::drip(exchange),
        // Status and redirects.
        ["status", code] => redirects::status(exchange, code),
        ["redirect" | "relative-redirect", count] => redirects::relative(exchange, count),
        ["absolute-redirect", count] => redirects::absolute(exchange, count),
        ["redirect-to"] => redirects::to(exchange),
        // Retries, keyed by the X-ID header.
        ["ping"] => Reply::json(&json!({ "ping": "pong" })).send(exchange),
        ["retry_after_date"] => retries::after_date(exchange),
        ["retry_after_duration"] => retries::after_duration(exchange),
        ["retry_502"] => retries::bad_gateway(exchange),
        ["retry_closed"] => retries::closed(exchange),
        // Small stand-ins of the sites the upstream tests talk to.
        ["portal", page] => scenes::portal(exchange, page),
        ["soap"] => scenes::soap(exchange),
        // Misbehaviour.
        ["close"] => Ok(After::Close),
        ["cut"] => faults::cut(exchange),
        ["reset"] => faults::reset(exchange),
        ["truncated"] => faults::truncated(exchange),
        ["truncated-tls"] => faults::truncated_tls(exchange),
        ["until-close"] => faults::until_close(exchange),
        ["huge-header"] => faults::huge_header(exchange),
        ["bad-status-line"] => faults::bad_status_line(exchange),
        ["two-lengths"] => faults::two_lengths(exchange),
        ["early", code] => faults::early(exchange, code),
        ["close-after"] => faults::close_after(exchange),
        _ => Reply::new(404).json_body(&json!({ "error": "no such path" })).send(exchange),
    }
}

fn described(exchange: &mut Exchange<'_>, show: Show) -> io::Result<After> {
    let description = echo::describe(exchange, show)?;
    Reply::json(&description).send(exchange)
}

/// A number out of a path segment; what is no number counts as `default`.
fn number<T: std::str::FromStr>(segment: &str, default: T) -> T {
    segment.parse().unwrap_or(default)
}
