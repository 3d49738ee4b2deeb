//! Methods that need no server.

use serde_json::{Map, Value as Json, json};

use crate::abi::{Arguments, Value};
use crate::engine::charset::Charset;
use crate::engine::coding::{self, Coding};
use crate::engine::digest::{self, Hash};
use crate::engine::error::ErrorKind;
use crate::engine::request::Parameter;
use crate::engine::url;

use super::answer::{host_text, joined};
use super::arguments::{self, Call};
use super::object::{Object, json as json_text, memory};
use super::request;
use super::status;
use super::text::nearest;
use super::trouble::{Outcome, Trouble, words};

/// `ParseURL(URL)`.
pub(super) fn parse_url(_: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let parts = url::parse_url(&arguments::text(given, 0)?)?;
    let at = call.at;
    let mut all = Map::new();
    let query = parts.query.iter().map(|(name, value)| {
        let value = match value {
            Parameter::NoValue => Json::Null,
            Parameter::Text(text) => json!(text),
            Parameter::List(list) => json!(list),
        };
        (name.clone(), value)
    });
    let user = [("User", "Пользователь", &parts.user), ("Password", "Пароль", &parts.password)]
        .map(|(english, russian, value)| (at.pick(english, russian).to_owned(), json!(value)));
    for (english, russian, value) in [
        ("Scheme", "Схема", json!(parts.scheme)),
        ("Authentication", "Аутентификация", Json::Object(user.into_iter().collect())),
        ("Host", "Сервер", json!(parts.host)),
        ("Port", "Порт", json!(parts.port)),
        ("Path", "Путь", json!(parts.path)),
        ("RequestParameters", "ПараметрыЗапроса", Json::Object(query.collect())),
        ("Fragment", "Фрагмент", json!(parts.fragment)),
    ] {
        all.insert(at.pick(english, russian).to_owned(), value);
    }
    Ok(json_text(&Json::Object(all)))
}

/// `HMAC(Key, Data, Algorithm)`.
pub(super) fn hmac(_: &mut Object, _: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    const ALGORITHM: usize = 2;
    const KNOWN: [(&str, Hash); 4] =
        [("MD5", Hash::Md5), ("SHA1", Hash::Sha1), ("SHA256", Hash::Sha256), ("SHA512", Hash::Sha512)];
    let (key, data) = (arguments::bytes(given, 0)?, arguments::bytes(given, 1)?);
    let name = arguments::text(given, ALGORITHM)?;
    // Longer than any known name: a long one stays unknown without being copied.
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let wanted = if plain.is_empty() { "SHA256" } else { &plain };
    match KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted)) {
        Some((_, hash)) => Ok(Value::Blob(digest::hmac(*hash, &key, &data))),
        None => Err(Trouble::UnknownName {
            index: ALGORITHM,
            nearest: nearest(wanted, KNOWN.iter().map(|(known, _)| *known)),
            name: super::text::excerpt(&name, 40),
            expected: words("MD5, SHA1, SHA256 or SHA512", "MD5, SHA1, SHA256 или SHA512"),
        }),
    }
}

/// `ReadGZip(CompressedData)`.
pub(super) fn read_gzip(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let bytes = arguments::blob(given, 0)?;
    let limit = object.settings.body_limit.unwrap_or(request::BODY_LIMIT);
    let parts = coding::decode(&[Coding::Gzip], bytes, limit).map_err(|error| match error.kind {
        ErrorKind::Decode { detail, .. } => Trouble::Undecodable { index: 0, detail },
        ErrorKind::BodyTooLarge { limit, .. } => Trouble::Inflated { index: 0, limit },
        _ => error.into(),
    })?;
    Ok(Value::HostBlob(joined(parts.slices(), parts.len() as u64, &*memory(call.host))?))
}

/// `WriteGZip(Data)`.
pub(super) fn write_gzip(_: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let data = arguments::bytes(given, 0)?;
    let parts = coding::write_gzip(&*data)?;
    Ok(Value::HostBlob(joined(parts.slices(), parts.len() as u64, &*memory(call.host))?))
}

/// `DecodeText(Data, Encoding)`.
pub(super) fn decode_text(_: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let bytes = arguments::blob(given, 0)?;
    let charset = encoding(&arguments::text(given, 1)?, 1, None)?;
    Ok(Value::HostText(host_text(charset, &[bytes], &*memory(call.host))?))
}

/// The encoding named by argument `index`, or when it is empty that of `content_type`.
pub(super) fn encoding(name: &str, index: usize, content_type: Option<&str>) -> Outcome<Charset> {
    let given = !name.trim().is_empty();
    Charset::for_text(Some(name), content_type).map_err(|error| match error.kind {
        ErrorKind::UnknownCharset { .. } if given => {
            Trouble::UnknownEncoding { index, name: super::text::excerpt(name, 40) }
        }
        _ => error.into(),
    })
}

/// `HTTPStatusCodes()`.
pub(super) fn status_codes(_: &mut Object, call: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    Ok(json_text(&status::names(call.at.language)))
}

/// `HTTPStatusCodePresentation(StatusCode)`.
pub(super) fn status_presentation(_: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let code = arguments::whole(given, 0)?;
    Ok(Value::Text(match u16::try_from(code) {
        Ok(code) => status::presentation(code, call.at.language),
        Err(_) => format!("{code}: {}", status::unknown(call.at.language)),
    }))
}

/// `Version`.
pub(super) fn version(_: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(env!("CARGO_PKG_VERSION").to_owned()))
}
