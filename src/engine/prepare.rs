//! From what the caller asked for to what every hop sends: checked method and headers, defaults, credentials. All of
//! it happens before anything is sent; a request that cannot be sent as asked fails here.

use std::sync::Arc;

use super::auth::{Memory, Plan};
use super::body::Body;
use super::content;
use super::cookies::Given;
use super::error::{Error, ErrorKind, Phase, Result};
use super::headers::{Headers, is_token_byte, is_value};
use super::request::Request;
use super::url::WebUrl;

/// Name and version sent as `User-Agent`.
const AGENT: &str = concat!("ConnectorNative/", env!("CARGO_PKG_VERSION"));

/// Longest method that is sent, in bytes: far beyond any registered one, far below what servers take as a head.
const LONGEST_METHOD: usize = 1000;

/// Longest names and values of header fields together. Servers end at 8 to 64 KiB; what lies far beyond is a body in
/// the wrong place, and copies of it are made for every hop.
const LONGEST: usize = 1 << 20;

/// A request ready for its first hop. The hops change it as redirects demand.
pub(crate) struct Prepared<'a> {
    pub(crate) method: String,
    pub(crate) url: WebUrl,
    /// Without `Authorization` made from credentials and without cookies but the caller's own.
    pub(crate) headers: Headers,
    pub(crate) body: Body<'a>,
    /// What is done about credentials; stays with the origin.
    pub(crate) plan: Plan,
    pub(crate) given: Given,
}

/// Checks and completes a request.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`], [`ErrorKind::InvalidRequest`], and those of making the body.
pub(crate) fn prepare<'a>(
    request: &'a Request<'_>,
    mut url: WebUrl,
    memory: &Arc<Memory>,
) -> Result<Prepared<'a>> {
    let length = request.method.len();
    if !(1..=LONGEST_METHOD).contains(&length) || !request.method.bytes().all(is_token_byte) {
        return Err(invalid("method", request.method, "token"));
    }
    url.add_parameters(&request.query)?;
    check(&request.headers)?;
    let mut headers = request.headers.clone();
    let body = content::prepare(&request.content, &mut headers)?;
    framing(&mut headers, &body)?;
    for (name, value) in
        [("User-Agent", AGENT), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate, br, zstd")]
    {
        if !headers.contains(name) {
            headers.append(name, value);
        }
    }
    let given = Given::new(&request.cookies, url.url()).map_err(|name| invalid("cookie", &name, "value"))?;
    // What the caller wrote itself wins.
    let user = url.user();
    let is_nobody = request.credentials.is_none() && user.is_none();
    let plan = if is_nobody || headers.contains("authorization") {
        Plan::None
    } else {
        Plan::new(request.credentials.as_ref(), user, &url.origin(), memory)?
    };
    Ok(Prepared { method: request.method.to_owned(), url, headers, body, plan, given })
}

fn check(headers: &Headers) -> Result<()> {
    let mut length = 0usize;
    for (name, value) in headers.iter() {
        length = length.saturating_add(name.len()).saturating_add(value.len());
        if length > LONGEST {
            return Err(invalid("header", name, "length"));
        }
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(invalid("header", name, "name"));
        }
        if !is_value(value) {
            return Err(invalid("header", name, "value"));
        }
    }
    Ok(())
}

/// The transport frames the body. A caller's own length must be right; other framing is not the caller's to choose.
fn framing(headers: &mut Headers, body: &Body<'_>) -> Result<()> {
    for written in headers.all("content-length") {
        if written.trim().parse() != Ok(body.length()) {
            return Err(invalid("content-length", "Content-Length", "differs"));
        }
    }
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    // Persistent connections are what HTTP/1.1 does without being told.
    if headers.all("connection").all(|value| value.trim().eq_ignore_ascii_case("keep-alive")) {
        headers.remove("connection");
    }
    Ok(())
}

fn invalid(part: &'static str, name: &str, problem: &'static str) -> Error {
    // `Authorization: Basic ...` given as a name has a secret behind what could be the name.
    let name = name.split([':', '=', ' ']).next().unwrap_or_default().chars().take(100).collect();
    Error::new(ErrorKind::InvalidRequest { part, name, problem }, Phase::Prepare)
}
