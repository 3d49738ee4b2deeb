//! What the server says about a request it got, in httpbin's form: args, headers, origin, url, and of the body data,
//! files, form, json.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::connection::Exchange;
use crate::form::{self, Fields};

/// Which of the keys an endpoint shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// args, headers, origin, url.
    Query,
    /// The same and the body.
    Body,
    /// The same, the body and the method.
    All,
}

/// Describes the request; reads its body.
pub(crate) fn describe(exchange: &mut Exchange<'_>, show: Show) -> io::Result<Value> {
    let mut object = Map::new();
    object.insert("args".into(), form::grouped(&exchange.head.query()));
    if show != Show::Query {
        let body = exchange.body()?;
        let media = exchange.head.header("content-type").unwrap_or_default();
        let fields = Fields::read(&media, &body);
        let json = serde_json::from_slice(&body).ok().filter(|_| fields.is_none());
        let data = if fields.is_some() {
            String::new()
        } else {
            text_or_data_url(&body, "application/octet-stream")
        };
        let fields = fields.unwrap_or_default();
        object.insert("data".into(), data.into());
        object.insert("files".into(), form::grouped(&fields.files));
        object.insert("form".into(), form::grouped(&fields.form));
        object.insert("json".into(), json.unwrap_or(Value::Null));
    }
    object.insert("headers".into(), headers(exchange));
    if show == Show::All {
        object.insert("method".into(), exchange.head.method.clone().into());
    }
    object.insert("origin".into(), exchange.origin().into());
    object.insert("url".into(), url(exchange).into());
    object.sort_keys();
    Ok(Value::Object(object))
}

/// Request headers as an object, names in title case, repeated ones joined by commas.
pub(crate) fn headers(exchange: &Exchange<'_>) -> Value {
    let mut object = Map::new();
    for (name, value) in &exchange.head.headers {
        let value = String::from_utf8_lossy(value);
        let name = title_case(name);
        let joined = match object.get(&name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value.into_owned(),
        };
        object.insert(name, joined.into());
    }
    object.sort_keys();
    Value::Object(object)
}

/// Address the client asked for, as far as its request tells.
pub(crate) fn url(exchange: &Exchange<'_>) -> String {
    format!("{}{}", base(exchange), exchange.head.target)
}

/// Scheme and host the client asked for.
pub(crate) fn base(exchange: &Exchange<'_>) -> String {
    let scheme = if exchange.secure() { "https" } else { "http" };
    format!("{scheme}://{}", exchange.head.header("host").unwrap_or_default())
}

/// Cookies the client sent.
pub(crate) fn cookies(exchange: &Exchange<'_>) -> Value {
    let mut object = Map::new();
    let sent = exchange.head.header("cookie").unwrap_or_default();
    for (name, value) in sent.split(';').filter_map(|pair| pair.split_once('=')) {
        object.insert(name.trim().to_owned(), value.trim().into());
    }
    object.sort_keys();
    json!({ "cookies": object })
}

/// Text as it is, other bytes as a `data:` address.
pub(crate) fn text_or_data_url(bytes: &[u8], media: &str) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("data:{media};base64,{}", STANDARD.encode(bytes)),
    }
}

fn title_case(name: &str) -> String {
    let word = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
