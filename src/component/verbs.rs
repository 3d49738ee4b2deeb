//! The methods that send requests, and what surrounds them: staged data, exceptions, the last error.

use crate::abi::{self, Arguments, Value, ValueRef};
use crate::engine::cancel::Cancel;
use crate::engine::resolve;

use super::arguments::{self, BOOLEAN, BodyArgument, Call};
use super::object::{Object, json, memory};
use super::options::Options;
use super::readers;
use super::request::{self, Ask, Room};
use super::trouble::{Outcome, Trouble};

/// `(URL, Options)`.
pub(super) fn plain(
    object: &mut Object,
    call: &Call<'_>,
    given: &Arguments<'_>,
    method: &str,
) -> Outcome<Value> {
    forget_answer(object);
    let url = arguments::filled_text(given, 0)?;
    send(object, call, given, Asked { method, url: &url, body: None, json: false, options: 1 })
}

/// `(URL, Body, Options)`.
pub(super) fn with_body(
    object: &mut Object,
    call: &Call<'_>,
    given: &Arguments<'_>,
    method: &str,
) -> Outcome<Value> {
    forget_answer(object);
    let url = arguments::filled_text(given, 0)?;
    send(object, call, given, Asked { method, url: &url, body: Some(1), json: false, options: 2 })
}

/// `(Method, URL, Body, Options)`.
pub(super) fn any_method(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    forget_answer(object);
    let method = arguments::filled_text(given, 0)?;
    let url = arguments::filled_text(given, 1)?;
    send(object, call, given, Asked { method: &method, url: &url, body: Some(2), json: false, options: 3 })
}

/// `(URL, Options)` to JSON text.
pub(super) fn get_json(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    plain(object, call, given, "GET")?;
    readers::as_json(object, call, given)
}

/// `(URL, Json, Options)` to JSON text.
pub(super) fn send_json(
    object: &mut Object,
    call: &Call<'_>,
    given: &Arguments<'_>,
    method: &str,
) -> Outcome<Value> {
    forget_answer(object);
    let url = arguments::filled_text(given, 0)?;
    send(object, call, given, Asked { method, url: &url, body: Some(1), json: true, options: 2 })?;
    readers::as_json(object, call, given)
}

/// Where the parts of a request are among the arguments.
struct Asked<'a> {
    method: &'a str,
    url: &'a str,
    body: Option<usize>,
    json: bool,
    options: usize,
}

/// Whatever happens now, the response before is over: nobody may take it for the answer to this call.
pub(super) fn forget_answer(object: &mut Object) {
    object.answer = None;
}

fn send(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>, asked: Asked<'_>) -> Outcome<Value> {
    let text = arguments::text(given, asked.options)?;
    let options = Options::of_request(&text, asked.options, &object.staged)?;
    let body = asked.body.map_or(Ok(BodyArgument::None), |index| arguments::body(given, index))?;
    let ask =
        Ask { method: asked.method, url: asked.url, body, json: asked.json, options_index: asked.options };
    before_threads();
    let room = Room { memory: memory(call.host), lent: true };
    let mut staged = std::mem::take(&mut object.staged);
    let settings = object.settings.clone();
    let outcome =
        request::perform(object.client(), &ask, &options, &settings, &mut staged, room, Cancel::new());
    object.staged = staged;
    let answer = outcome?;
    let status = answer.response.status;
    object.answer = Some(answer);
    Ok(Value::Int(i32::from(status)))
}

/// Before anything that starts threads. From the first request on there are lookups that cannot be joined in bounded
/// time and connections the process shares: unloading the library under them would be a crash, or descriptors lost
/// with every load.
pub(super) fn before_threads() {
    crate::os::pin_library();
    resolve::set_thread_body(|work| abi::thread_body(work));
}

/// `(Method, URL, Body, Options)`, nothing sent.
pub(super) fn prepare(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let method = arguments::filled_text(given, 0)?;
    let url = arguments::filled_text(given, 1)?;
    let text = arguments::text(given, 3)?;
    let options = Options::of_request(&text, 3, &object.staged)?;
    let body = arguments::body(given, 2)?;
    let ask = Ask { method: &method, url: &url, body, json: false, options_index: 3 };
    let staged = std::mem::take(&mut object.staged);
    let prepared = request::build(&ask, &options, &object.settings, &staged, memory(call.host))
        .and_then(|request| Ok(object.client().preview(&request)?));
    object.staged = staged;
    Ok(json(&readers::preview(&prepared?)))
}

/// `(Name, Data)`.
pub(super) fn add_blob(object: &mut Object, _: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let name = arguments::filled_text(given, 0)?;
    object.staged.add(name, arguments::blob(given, 1)?)?;
    Ok(Value::Empty)
}

/// Forgets staged data.
pub(super) fn clear_blobs(object: &mut Object, _: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    object.staged.clear();
    Ok(Value::Empty)
}

/// Name of the property that says whether failures raise exceptions.
pub(super) const THROWING: &str = "ThrowExceptions";

/// `ThrowExceptions`.
pub(super) fn throwing(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Bool(object.throwing))
}

/// `ThrowExceptions`.
pub(super) fn set_throwing(object: &mut Object, _: &Call<'_>, value: ValueRef<'_>) -> Outcome<()> {
    let ValueRef::Bool(throwing) = value else {
        return Err(Trouble::Argument { index: 0, expected: BOOLEAN });
    };
    object.throwing = throwing;
    Ok(())
}

/// `LastError`.
pub(super) fn last_error(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(object.failure.as_ref().map(|failure| failure.fault.text.clone()).unwrap_or_default()))
}

/// `LastErrorDetails`.
pub(super) fn last_error_details(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Text(object.failure.as_ref().map(|failure| failure.details.to_string()).unwrap_or_default()))
}
