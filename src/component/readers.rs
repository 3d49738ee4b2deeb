//! What callers read of the last response. Properties are neutral (0, "", empty JSON) without a response, so that a
//! debugger may show them at any time; methods say that there is none.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::abi::{Arguments, Value};
use crate::engine::charset::{Charset, encoding_of};
use crate::engine::client::Preview;
use crate::engine::headers::Headers;
use crate::engine::redact;

use super::answer::{Answer, host_text};
use super::arguments::{self, Call};
use super::cookies as cookie_text;
use super::fault::{At, engine_sentence};
use super::object::{Object, json as json_text, memory, number};
use super::trouble::{Outcome, Trouble};
use super::utilities;

fn answer(object: &Object) -> Outcome<&Answer> {
    object.answer.as_ref().ok_or(Trouble::NoResponse)
}

/// `Header(Name)`.
pub(super) fn header(object: &mut Object, _: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let name = arguments::filled_text(given, 0)?;
    let headers = &answer(object)?.response.headers;
    let values: Vec<&str> = headers.all(name.trim()).collect();
    Ok(Value::Text(values.join(", ")))
}

/// `Response()`.
pub(super) fn response(object: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    let answer = answer(object)?;
    let headers = header_map(&answer.response.headers);
    let mut all = Map::new();
    summary(answer, headers, &call.at, |name, value| drop(all.insert(name.to_owned(), value)));
    Ok(json_text(&Json::Object(all)))
}

/// `ResponseJSON`.
pub(super) fn response_json(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let at = call.at;
    let mut all = Map::new();
    let mut put = |name: &str, value| drop(all.insert(name.to_owned(), value));
    if let Some(answer) = &object.answer {
        summary(answer, joined_headers(&answer.response.headers), &at, &mut put);
        put(at.pick("ContentType", "ТипСодержимого"), json!(answer.content_type().unwrap_or_default()));
        put(at.pick("TotalTime", "ОбщееВремя"), json!(whole_milliseconds(answer.response.total)));
    }
    // After a failure too: hops before it may have set some. Without a client nobody knows what they were.
    if let Some(client) = &object.client {
        put(at.pick("SessionCookies", "CookiesСессии"), cookie_text::nested(&client.cookies(), at.language));
    }
    Ok(json_text(&Json::Object(all)))
}

/// What both summaries of a response have.
fn summary(answer: &Answer, headers: Json, at: &At, mut put: impl FnMut(&str, Json)) {
    let response = &answer.response;
    let mut put = |english: &str, russian: &str, value: Json| put(at.pick(english, russian), value);
    put("Method", "Метод", json!(response.method));
    put("URL", "URL", json!(response.url_text));
    put("StatusCode", "КодСостояния", json!(response.status));
    put("ReasonPhrase", "ПоясняющаяФраза", json!(response.reason));
    put("Headers", "Заголовки", headers);
    put("Encoding", "Кодировка", json!(encoding_of(answer.content_type())));
    put("ExecutionTime", "ВремяВыполнения", json!(milliseconds(answer)));
    put("IsPermanentRedirect", "ЭтоПостоянныйРедирект", json!(permanent(answer)));
    put("IsRedirect", "ЭтоРедирект", json!(redirect(answer)));
    put("Cookies", "Cookies", cookie_text::nested(&response.cookies, at.language));
    put("Errors", "Ошибки", overcome(answer, at));
    put("RedirectHistory", "ИсторияПеренаправлений", hops(answer));
    put("BodySize", "РазмерТела", json!(answer.size));
    put("Notes", "Замечания", json!(response.notes));
}

/// `Body()`.
pub(super) fn body(object: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::HostBlob(answer(object)?.copied(&*memory(call.host))?))
}

/// `TakeBody()`.
pub(super) fn take_body(object: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    let answer = object.answer.as_mut().ok_or(Trouble::NoResponse)?;
    Ok(Value::HostBlob(answer.taken(&*memory(call.host))?))
}

/// `AsBinaryData()`.
pub(super) fn as_binary(object: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::HostBlob(answer(object)?.binary(&*memory(call.host))?))
}

/// `AsText(Encoding)`.
pub(super) fn as_text(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let encoding = arguments::text(given, 0)?;
    let answer = answer(object)?;
    let charset = utilities::encoding(&encoding, 0, answer.content_type())?;
    let memory = memory(call.host);
    let decoded = answer.decoded()?;
    Ok(Value::HostText(host_text(charset, &decoded.slices(), &*memory)?))
}

/// `AsJson()`, and the result of `GetJson` and its relatives.
pub(super) fn as_json(object: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    let answer = answer(object)?;
    let charset = Charset::for_json(answer.content_type())?;
    let memory = memory(call.host);
    let decoded = answer.decoded()?;
    let parts = decoded.slices();
    match start_of(charset, &parts) {
        Start::Nothing if answer.empty_json => Ok(Value::Text(String::new())),
        Start::Nothing => Err(Trouble::EmptyJson {
            method: answer.response.method.clone(),
            url: redact::url(&answer.response.url),
            status: answer.response.status,
        }),
        Start::Json => Ok(Value::HostText(host_text(charset, &parts, &*memory)?)),
        Start::Other => Err(Trouble::NotJson {
            method: answer.response.method.clone(),
            url: redact::url(&answer.response.url),
            status: answer.response.status,
            excerpt: shortened(Charset::for_text(None, answer.content_type())?, &parts),
        }),
    }
}

enum Start {
    Nothing,
    Json,
    Other,
}

/// What the text begins with. A value that begins like JSON is left for the platform to judge; what cannot be JSON
/// (a page of a proxy, mostly) is shown to the caller instead.
fn start_of(charset: Charset, parts: &[&[u8]]) -> Start {
    let first_of = |parts: &[&[u8]]| {
        let mut first = None;
        let blank = |unit: &u16| matches!(unit, 0x09 | 0x0A | 0x0D | 0x20 | 0xFEFF);
        // Stops at the first unit that tells.
        let _ = charset.units(parts.iter().copied(), |units| {
            first = units.iter().copied().find(|unit| !blank(unit));
            if first.is_some() { Err(()) } else { Ok(()) }
        });
        first
    };
    // The first bytes decide, nearly always.
    let whole: usize = parts.iter().map(|part| part.len()).sum();
    let head: Vec<&[u8]> =
        parts.iter().take(1).map(|part| part.get(..part.len().min(256)).unwrap_or_default()).collect();
    let mut first = first_of(&head);
    // A character cut by the end of the head reads as U+FFFD; the whole text tells.
    if matches!(first, None | Some(0xFFFD)) && whole > 256 {
        first = first_of(parts);
    }
    match first.map(|unit| u8::try_from(unit).unwrap_or(b'?')) {
        None => Start::Nothing,
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => Start::Json,
        Some(_) => Start::Other,
    }
}

/// The body for an error: whole up to 1000 characters, else its first and last 500.
fn shortened(charset: Charset, parts: &[&[u8]]) -> String {
    const WHOLE: usize = 1000;
    const EDGE: usize = WHOLE / 2;
    // A character has at most 4 bytes in any charset that matters here, so this many bytes hold the edges.
    const BYTES: usize = WHOLE * 4;
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let (head, tail) = if length <= 2 * BYTES {
        (charset.decode(parts.iter().copied()).unwrap_or_default(), None)
    } else {
        let first = parts.first().copied().unwrap_or_default();
        let last = parts.last().copied().unwrap_or_default();
        let head = charset.decode([first.get(..first.len().min(BYTES)).unwrap_or_default()].into_iter());
        let tail =
            charset.decode([last.get(last.len().saturating_sub(BYTES)..).unwrap_or_default()].into_iter());
        (head.unwrap_or_default(), Some(tail.unwrap_or_default()))
    };
    if tail.is_none() && head.chars().count() <= WHOLE {
        return head;
    }
    let start: String = head.chars().take(EDGE).collect();
    let tail = tail.unwrap_or(head);
    let skip = tail.chars().count().saturating_sub(EDGE);
    let end: String = tail.chars().skip(skip).collect();
    format!("{start}\n...\n{end}")
}

/// `SaveBody(FileName)`.
pub(super) fn save_body(object: &mut Object, _: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let name = arguments::filled_text(given, 0)?;
    let answer = answer(object)?;
    Ok(number(answer.save(Path::new(&name))?))
}

/// `ReleaseBody()`.
pub(super) fn release_body(object: &mut Object, _: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    if let Some(answer) = object.answer.as_mut() {
        answer.release();
    }
    Ok(Value::Empty)
}

/// What `PrepareRequest` returns.
pub(super) fn preview(preview: &Preview) -> Json {
    json!({
        "method": preview.method,
        "url": preview.url,
        "headers": header_map(&preview.headers),
        "body_size": preview.body_size,
    })
}

// Properties.

fn of<T>(object: &Object, read: impl FnOnce(&Answer) -> T) -> Option<T> {
    object.answer.as_ref().map(read)
}

/// `StatusCode`.
pub(super) fn status_code(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Int(of(object, |answer| i32::from(answer.response.status)).unwrap_or(0)))
}

/// `ReasonPhrase`.
pub(super) fn reason(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(of(object, |answer| answer.response.reason.clone()).unwrap_or_default()))
}

/// `ResponseHeaders`.
pub(super) fn headers(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(json_text(&of(object, |answer| header_map(&answer.response.headers)).unwrap_or_else(|| json!({}))))
}

/// `ResponseURL`.
pub(super) fn url(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(of(object, |answer| answer.response.url_text.clone()).unwrap_or_default()))
}

/// `ResponseMethod`.
pub(super) fn method(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(of(object, |answer| answer.response.method.clone()).unwrap_or_default()))
}

/// `Encoding`.
pub(super) fn encoding(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(of(object, |answer| encoding_of(answer.content_type())).flatten().unwrap_or_default()))
}

/// `ExecutionTime`.
pub(super) fn execution_time(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(number(of(object, milliseconds).unwrap_or(0)))
}

/// `RedirectHistory`.
pub(super) fn history(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(json_text(&of(object, hops).unwrap_or_else(|| json!([]))))
}

/// `ResponseCookies`.
pub(super) fn cookies(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let language = call.at.language;
    let nested = of(object, |answer| cookie_text::nested(&answer.response.cookies, language));
    Ok(json_text(&nested.unwrap_or_else(|| json!({}))))
}

/// `IsRedirect`.
pub(super) fn is_redirect(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Bool(of(object, redirect).unwrap_or(false)))
}

/// `IsPermanentRedirect`.
pub(super) fn is_permanent(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Bool(of(object, permanent).unwrap_or(false)))
}

/// `BodySize`.
pub(super) fn body_size(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(number(of(object, |answer| answer.size).unwrap_or(0)))
}

/// `Errors`.
pub(super) fn errors(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    Ok(json_text(&of(object, |answer| overcome(answer, &call.at)).unwrap_or_else(|| json!([]))))
}

fn redirect(answer: &Answer) -> bool {
    let response = &answer.response;
    matches!(response.status, 301 | 302 | 303 | 307 | 308) && response.headers.contains("location")
}

fn permanent(answer: &Answer) -> bool {
    redirect(answer) && matches!(answer.response.status, 301 | 308)
}

fn milliseconds(answer: &Answer) -> u64 {
    whole_milliseconds(answer.response.elapsed)
}

fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn hops(answer: &Answer) -> Json {
    let hop = |hop: &crate::engine::response::Redirected| json!({"method": hop.method, "url": hop.url, "status": hop.status, "location": hop.location});
    Json::Array(answer.response.history.iter().map(hop).collect())
}

fn overcome(answer: &Answer, at: &At) -> Json {
    Json::Array(
        answer.response.errors.iter().map(|error| json!(engine_sentence(error, at.language))).collect(),
    )
}

/// An object in the order received; a header that came several times is an array under its first spelling.
pub(super) fn header_map(headers: &Headers) -> Json {
    let mut map = Map::new();
    for (name, value) in headers.iter() {
        let known = map.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
        match known.and_then(|known| map.get_mut(&known)) {
            None => {
                map.insert(name.to_owned(), json!(value));
            }
            Some(Json::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Json::Object(map)
}

/// The same with one string for each name, as the platform has them: repeated values joined by ", ".
fn joined_headers(headers: &Headers) -> Json {
    let Json::Object(mut map) = header_map(headers) else { return Json::Null };
    for value in map.values_mut() {
        if let Json::Array(values) = value {
            let texts: Vec<&str> = values.iter().filter_map(Json::as_str).collect();
            *value = json!(texts.join(", "));
        }
    }
    Json::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_headers_are_kept_apart_under_the_first_spelling() {
        let headers: Headers =
            [("Set-Cookie", "a=1"), ("X", "y"), ("set-cookie", "b=2"), ("SET-COOKIE", "c=3")]
                .into_iter()
                .collect();
        assert_eq!(header_map(&headers).to_string(), r#"{"Set-Cookie":["a=1","b=2","c=3"],"X":"y"}"#);
    }

    #[test]
    fn long_bodies_are_shown_by_both_ends() {
        let long = format!("{}{}{}", "a".repeat(500), "b".repeat(20_000), "c".repeat(500));
        let shown = shortened(Charset::UTF_8, &[long.as_bytes()]);
        assert_eq!(shown, format!("{}\n...\n{}", "a".repeat(500), "c".repeat(500)));
        assert_eq!(shortened(Charset::UTF_8, &[&b"short"[..]]), "short");
    }

    #[test]
    fn json_is_told_from_pages_by_its_first_character() {
        let of = |text: &str| start_of(Charset::UTF_8, &[text.as_bytes()]);
        assert!(matches!(of("\u{feff} \r\n{"), Start::Json));
        assert!(matches!(of("<html>"), Start::Other));
        assert!(matches!(of(" \n"), Start::Nothing));
        assert!(matches!(of(&format!("{}[1]", " ".repeat(1000))), Start::Json));
    }
}
