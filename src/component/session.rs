//! What a session adds: settings that live as long as the object. They are written as JSON texts (a boolean or a
//! number where that is all there is), checked whole before anything changes, and read back without secrets.

use serde_json::{Map, Value as Json, json};

use crate::abi::{Arguments, Value, ValueRef};
use crate::engine::cookies::Cookies;
use crate::engine::request::Parameter;

use super::arguments::{self, Call};
use super::cookies::{self as cookie_text, CookieText};
use super::json_text;
use super::object::{Object, json as json_value};
use super::options::keys::{self, Id, Key};
use super::options::{Options, Settings};
use super::request::{self, DEFAULT_TIMEOUT};
use super::shown;
use super::trouble::{KeyProblem, KeyTrouble, Outcome, Trouble};

/// `Configure(Options)`.
pub(super) fn configure(object: &mut Object, _: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let text = arguments::text(given, 0)?;
    let mut options = Options::of_session(&text, 0, &object.staged)?;
    let cookies = options.settings.cookies.take().map(stored).transpose()?;
    if let Some(cookies) = cookies {
        object.client().set_cookies(&cookies);
    }
    object.settings_mut().replace_with(options.settings);
    forget(object, &options.used);
    Ok(Value::Empty)
}

/// `ClearCookies()`.
pub(super) fn clear_cookies(object: &mut Object, _: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    object.client().set_cookies(&Cookies::default());
    Ok(Value::Empty)
}

/// `CloseConnections()`.
pub(super) fn close_connections(object: &mut Object, _: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    object.client().close_connections();
    Ok(Value::Empty)
}

fn stored(cookies: Vec<CookieText>) -> Outcome<Cookies> {
    let mut list = Vec::new();
    for cookie in cookies {
        match cookie_text::stored(&cookie) {
            Some(cookie) => list.push(cookie),
            None => return Err(domain_missing()),
        }
    }
    Ok(Cookies { list })
}

/// A session has no URL whose host could stand in.
fn domain_missing() -> Trouble {
    let name = keys::COOKIE.iter().find(|key| key.id == Id::Domain).map_or(NAMELESS, Key::words);
    let problem = KeyProblem::Missing { name };
    Trouble::Key(Box::new(KeyTrouble { index: 0, path: "Cookies".to_owned(), problem }))
}

const NAMELESS: super::trouble::Words = super::trouble::words("Domain", "Домен");

fn forget(object: &mut Object, used: &[String]) {
    for name in used {
        object.staged.remove(name);
    }
}

/// Reads one setting; `None` when it is to get its initial value back.
fn setting(object: &Object, call: &Call<'_>, id: Id, value: ValueRef<'_>) -> Outcome<Option<Options>> {
    let Some(key) = keys::OPTIONS.iter().find(|key| key.id == id) else { return Ok(None) };
    let path = call.at.pick(key.english, key.russian);
    let parsed = match value {
        ValueRef::Empty | ValueRef::Null => Json::Null,
        ValueRef::Bool(value) => json!(value),
        ValueRef::Int(value) => json!(value),
        ValueRef::Number(value) => json!(value),
        ValueRef::Text(_) => {
            let text = arguments::text_of(value, 0)?;
            match text.trim() {
                "" => Json::Null,
                text if is_plain(id, text) => json!(text),
                text => json_text::parse(text, 0)?,
            }
        }
        _ => {
            let problem = KeyProblem::Type { expected: key.expected };
            return Err(Trouble::Key(Box::new(KeyTrouble { index: 0, path: path.to_owned(), problem })));
        }
    };
    let options = Options::of_setting(key, path, &parsed, &object.staged)?;
    Ok(Some(options).filter(|_| !parsed.is_null()))
}

/// Whether a text is the value itself: PEM, and what is no JSON where no JSON object is expected.
fn is_plain(id: Id, text: &str) -> bool {
    match id {
        Id::VerifySsl | Id::ClientCertificate | Id::Proxy => {
            !text.starts_with(['{', '[', '"']) && !matches!(text, "true" | "false" | "null")
        }
        Id::Timeout | Id::MaximumRedirects => !text.parse::<f64>().is_ok_and(f64::is_finite),
        _ => false,
    }
}

/// Writes one setting through `take`, which moves it from the new settings to the object's.
fn set(
    object: &mut Object,
    call: &Call<'_>,
    id: Id,
    value: ValueRef<'_>,
    take: fn(&mut Settings, Settings),
) -> Outcome<()> {
    let options = setting(object, call, id, value)?.unwrap_or_default();
    let settings = object.settings_mut();
    take(settings, options.settings);
    settings.settle();
    forget(object, &options.used);
    Ok(())
}

/// `Headers`.
pub(super) fn headers(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    let initial;
    let headers = match &object.settings.headers {
        Some(changes) => &changes.set,
        None => {
            initial = request::initial_headers();
            &initial
        }
    };
    Ok(json_value(&super::readers::header_map(headers)))
}

/// `Headers`.
pub(super) fn set_headers(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::Headers, value, |old, new| old.headers = new.headers)
}

/// `Authentication`.
pub(super) fn authentication(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let given = object.settings.credentials.as_ref().and_then(Option::as_ref);
    Ok(given.map_or(Value::Text(String::new()), |given| shown::credentials(given, &call.at)))
}

/// `Authentication`.
pub(super) fn set_authentication(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::Authentication, value, |old, new| old.credentials = new.credentials)
}

/// `RequestParameters`.
pub(super) fn parameters(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    let query = object.settings.query.iter().flatten().map(|(name, value)| {
        let value = match value {
            Parameter::NoValue => Json::Null,
            Parameter::Text(text) => json!(text),
            Parameter::List(list) => json!(list),
        };
        (name.clone(), value)
    });
    Ok(json_value(&Json::Object(query.collect::<Map<_, _>>())))
}

/// `RequestParameters`.
pub(super) fn set_parameters(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::RequestParameters, value, |old, new| old.query = new.query)
}

/// `Cookies`.
pub(super) fn cookies(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let language = call.at.language;
    let cookies = object.client().cookies();
    Ok(json_value(&cookie_text::nested(&cookies, language)))
}

/// `Cookies`.
pub(super) fn set_cookies(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    let options = setting(object, call, Id::Cookies, value)?.unwrap_or_default();
    let cookies = stored(options.settings.cookies.unwrap_or_default())?;
    object.client().set_cookies(&cookies);
    Ok(())
}

/// `Proxy`.
pub(super) fn proxy(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    Ok(object
        .settings
        .proxy
        .as_ref()
        .map_or(Value::Text(String::new()), |proxy| shown::proxy(proxy, &call.at)))
}

/// `Proxy`.
pub(super) fn set_proxy(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::Proxy, value, |old, new| old.proxy = new.proxy)
}

/// `ClientSSLCertificate`.
pub(super) fn client_certificate(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let given = object.settings.tls.identity.as_ref().and_then(Option::as_ref);
    Ok(given.map_or(Value::Text(String::new()), |given| shown::certificate(&given.given, &call.at)))
}

/// `ClientSSLCertificate`.
pub(super) fn set_client_certificate(
    object: &mut Object,
    call: &Call<'_>,
    value: ValueRef<'_>,
) -> Outcome<()> {
    set(object, call, Id::ClientCertificate, value, |old, new| old.tls.identity = new.tls.identity)
}

/// `VerifySSL`.
pub(super) fn verify(object: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let given = object.settings.tls.verify.as_ref();
    Ok(given.map_or(Value::Bool(true), |verify| shown::verify(&verify.given, &call.at)))
}

/// `VerifySSL`.
pub(super) fn set_verify(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::VerifySsl, value, |old, new| old.tls.verify = new.tls.verify)
}

/// `Timeout`.
pub(super) fn timeout(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    let timeout = object.settings.timeout.unwrap_or(Some(DEFAULT_TIMEOUT)).unwrap_or_default();
    let seconds = timeout.as_secs();
    Ok(match i32::try_from(seconds) {
        Ok(seconds) if timeout.subsec_nanos() == 0 => Value::Int(seconds),
        _ => Value::Number(timeout.as_secs_f64()),
    })
}

/// `Timeout`.
pub(super) fn set_timeout(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::Timeout, value, |old, new| old.timeout = new.timeout)
}

/// `MaximumNumberOfRedirects`.
pub(super) fn redirects(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    let limit = request::redirect_limit(&Settings::default(), &object.settings);
    Ok(super::object::number(u64::from(limit)))
}

/// `MaximumNumberOfRedirects`.
pub(super) fn set_redirects(object: &mut Object, call: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    set(object, call, Id::MaximumRedirects, value, |old, new| old.redirects = new.redirects)
}
