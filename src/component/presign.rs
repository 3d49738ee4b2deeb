//! `PresignURL`: a URL that carries its signature. Needs no server and opens nothing.

use time::OffsetDateTime;

use crate::abi::{Arguments, Value, ValueRef};
use crate::engine::auth::{Credentials, aws::LONGEST_VALIDITY, presign};
use crate::engine::url::WebUrl;

use super::arguments::{self, Call};
use super::object::Object;
use super::options::Options;
use super::options::keys::{self, Id, Key};
use super::request;
use super::trouble::{KeyProblem, KeyTrouble, Outcome, Trouble, Words, words};

const OPTIONS: usize = 1;
const METHOD: usize = 2;
const SECONDS: usize = 3;

/// How long a URL is good when nothing is said.
pub(super) const DEFAULT_SECONDS: i32 = 3600;

const VALIDITY: Words =
    words("a number of seconds from 1 to 604800 (7 days)", "число секунд от 1 до 604800 (7 суток)");

/// `(URL, Options, Method, Seconds)`.
pub(super) fn presign_url(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let text = arguments::filled_text(given, 0)?;
    let options = Options::of_request(&arguments::text(given, OPTIONS)?, OPTIONS, &object.staged)?;
    let method = arguments::text(given, METHOD)?;
    let method = if method.is_empty() { "GET" } else { &method };
    let seconds = match given.value(SECONDS) {
        ValueRef::Empty | ValueRef::Null => i64::from(DEFAULT_SECONDS),
        _ => arguments::whole(given, SECONDS)?,
    };
    let seconds = u32::try_from(seconds)
        .ok()
        .filter(|seconds| (1..=LONGEST_VALIDITY).contains(seconds))
        .ok_or(Trouble::ArgumentValue { index: SECONDS, expected: VALIDITY })?;
    let Some(Credentials::Aws(aws)) = request::credentials(&options.settings, &object.settings) else {
        return Err(no_keys(call));
    };
    let mut url = WebUrl::parse(&text)?;
    url.add_parameters(&request::query(&options.settings, &object.settings))?;
    let signed = presign(aws, method, &url.for_wire(), seconds, OffsetDateTime::now_utc())?;
    Ok(Value::Text(signed.into()))
}

/// There is nothing to sign with.
fn no_keys(call: &Call<'_>) -> Trouble {
    let names = |keys: &'static [Key], id| keys.iter().find(|key| key.id == id).map(Key::words);
    let path = names(keys::OPTIONS, Id::Authentication);
    let name = names(keys::AUTHENTICATION, Id::AccessKey);
    let (Some(path), Some(name)) = (path, name) else { return Trouble::EmptyArgument { index: OPTIONS } };
    let path = call.at.pick(path.english, path.russian).to_owned();
    Trouble::Key(Box::new(KeyTrouble { index: OPTIONS, path, problem: KeyProblem::Missing { name } }))
}
