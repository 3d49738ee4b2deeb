//! From arguments, options and the session's settings to the engine's request. What the request gives wins over the
//! session; what neither gives has the defaults of `options::keys`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::auth::Credentials;
use crate::engine::body::Segment;
use crate::engine::cancel::Cancel;
use crate::engine::client::Client;
use crate::engine::error::{Error, ErrorKind, Phase};
use crate::engine::exchange::Limits;
use crate::engine::headers::Headers;
use crate::engine::received::Memory;
use crate::engine::request::{Content, Output, Parameter, Parameters, Part, Redirects, Request, Retries};

use super::answer::Answer;
use super::arguments::BodyArgument;
use super::cookies;
use super::options::{Data, DataSource, HeaderChanges, Options, Settings};
use super::staged::Staged;
use super::trouble::{KeyProblem, KeyTrouble, Outcome, Trouble, Words, words};

const FORM_TEXT: &str = "application/x-www-form-urlencoded; charset=utf-8";
const FORM_BYTES: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json; charset=utf-8";

const FORM_FIELDS: Words =
    words("an object of form fields, as Files is given too", "объект полей формы, так как заданы и Файлы");

/// Default of `Timeout`.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Default limit of a body in memory: what a 32-bit process can spare is less.
pub(super) const BODY_LIMIT: u64 = if cfg!(target_pointer_width = "64") { 1 << 30 } else { 1 << 28 };

/// What a call asks for, besides options and settings.
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) body: BodyArgument<'a>,
    /// Whether the body argument is JSON text.
    pub(super) json: bool,
    /// Index of the options argument, for errors.
    pub(super) options_index: usize,
}

/// Where the body of a response goes.
pub(super) struct Room {
    pub(super) memory: Arc<dyn Memory>,
    /// Whether that memory is the host's.
    pub(super) lent: bool,
}

/// Sends a request. Staged data it used are forgotten once it was tried.
pub(super) fn perform(
    client: &mut Client,
    ask: &Ask<'_>,
    options: &Options,
    session: &Settings,
    staged: &mut Staged,
    room: Room,
    cancel: Cancel,
) -> Outcome<Answer> {
    let request = Request { cancel, ..build(ask, options, session, staged, room.memory)? };
    let response = client.execute(&request);
    drop(request);
    // Sent, or at least tried: data it used have served. An error without a URL refused the request itself.
    let refused = response.as_ref().is_err_and(|error| error.phase == Phase::Prepare && error.url.is_none());
    for name in options.used.iter().filter(|_| !refused) {
        staged.remove(name);
    }
    let empty_json = options.settings.empty_json.or(session.empty_json).unwrap_or(false);
    Ok(Answer::new(response?, room.lent, body_limit(&options.settings, session), empty_json))
}

/// The engine's request. Borrows the caller's body, the options and the staged data.
pub(super) fn build<'a>(
    ask: &'a Ask<'_>,
    options: &'a Options,
    session: &Settings,
    staged: &'a Staged,
    memory: Arc<dyn Memory>,
) -> Outcome<Request<'a>> {
    let given = &options.settings;
    let (method, url) = (ask.method, ask.url);
    let timeout = given.timeout.or(session.timeout).unwrap_or(Some(DEFAULT_TIMEOUT));
    let retries = Retries::default();
    Ok(Request {
        method,
        url,
        query: query(given, session),
        headers: headers(options, session),
        content: content(ask, options, staged)?,
        credentials: credentials(given, session).cloned(),
        cookies: given.cookies.iter().flatten().map(cookies::given).collect(),
        redirects: Redirects {
            follow: given.follow.or(session.follow).unwrap_or(true),
            limit: redirect_limit(given, session),
            allow_downgrade: given.downgrade.or(session.downgrade).unwrap_or(false),
            keep_method_on_301: given.keep_method.or(session.keep_method).unwrap_or(false),
        },
        retries: Retries {
            limit: given.retries.or(session.retries).unwrap_or(retries.limit),
            time: given.retry_time.or(session.retry_time).unwrap_or(retries.time),
            ratio: given.retry_ratio.or(session.retry_ratio).unwrap_or(retries.ratio),
            statuses: given.retry_statuses.as_ref().or(session.retry_statuses.as_ref()).cloned(),
            unsafe_methods: given.retry_unsafe.or(session.retry_unsafe).unwrap_or(false),
        },
        limits: Limits {
            connect: given.connect_timeout.or(session.connect_timeout).unwrap_or(timeout),
            idle: timeout,
            allow_truncated_tls: given.truncated_tls.or(session.truncated_tls).unwrap_or(false),
            ..Limits::default()
        },
        total: given.total_timeout.or(session.total_timeout).unwrap_or(None),
        tls: given.tls.over(&session.tls),
        proxy: given.proxy.as_ref().or(session.proxy.as_ref()).cloned().unwrap_or_default(),
        guard: given.guard.over(&session.guard),
        output: match &options.output {
            Some(path) => Output::File { path: path.clone() },
            None => Output::Memory { memory, limit: body_limit(given, session) },
        },
        cancel: Cancel::default(),
    })
}

/// Credentials in force.
pub(super) fn credentials<'s>(given: &'s Settings, session: &'s Settings) -> Option<&'s Credentials> {
    given.credentials.as_ref().or(session.credentials.as_ref()).and_then(Option::as_ref)
}

/// Limit of redirects in force.
pub(super) fn redirect_limit(given: &Settings, session: &Settings) -> u32 {
    given.redirects.or(session.redirects).unwrap_or(Redirects::default().limit)
}

/// Limit of a body in memory in force.
pub(super) fn body_limit(given: &Settings, session: &Settings) -> u64 {
    given.body_limit.or(session.body_limit).unwrap_or(BODY_LIMIT)
}

/// Headers of a session that set none. `Connection: keep-alive` needs no header in HTTP/1.1.
pub(super) fn initial_headers() -> Headers {
    [("Accept-Encoding", "gzip"), ("Accept", "*/*")].into_iter().collect()
}

fn headers(options: &Options, session: &Settings) -> Headers {
    const CODINGS: &str = "Accept-Encoding";
    let mut headers = session.headers.as_ref().map_or_else(initial_headers, |own| own.set.clone());
    if options.output.is_some() && session.headers.is_none() {
        headers.remove(CODINGS);
    }
    if let Some(changes) = &options.settings.headers {
        apply(&mut headers, changes);
    }
    if options.output.is_some() && !headers.contains(CODINGS) {
        // A file is wanted as it is, not compressed, unless the caller asks otherwise.
        headers.set(CODINGS, "identity");
    }
    headers
}

/// Header names have no letter case: a request's header replaces every spelling of the session's.
fn apply(headers: &mut Headers, changes: &HeaderChanges) {
    for name in &changes.removed {
        headers.remove(name);
    }
    for (name, _) in changes.set.iter() {
        headers.remove(name);
    }
    for (name, value) in changes.set.iter() {
        headers.append(name, value);
    }
}

/// Query parameters in force.
pub(super) fn query(given: &Settings, session: &Settings) -> Parameters {
    let mut query: Parameters = session.query.clone().unwrap_or_default();
    for (name, value) in given.query.iter().flatten() {
        match query.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.clone_from(value),
            None => query.push((name.clone(), value.clone())),
        }
    }
    query
}

/// The body by the order of `connector-api` 4.4: files, then data, then JSON.
fn content<'a>(ask: &'a Ask<'_>, options: &'a Options, staged: &'a Staged) -> Outcome<Content<'a>> {
    if !options.files.is_empty() {
        return multipart(ask, options, staged);
    }
    let bytes = |bytes: Segment<'a>, content_type| Content::Bytes { bytes, content_type: Some(content_type) };
    // Borrowed, all of it: the engine copies what it is given to own.
    let argument = match &ask.body {
        BodyArgument::Text(text) => Some((borrowed(text.as_bytes()), FORM_TEXT)),
        BodyArgument::Bytes(blob) => Some((borrowed(blob), FORM_BYTES)),
        BodyArgument::None => None,
    };
    if let Some((body, kind)) = argument.clone().filter(|_| !ask.json) {
        return Ok(bytes(body, kind));
    }
    match &options.data {
        Some(Data::Form(fields)) => return Ok(Content::Form(fields.clone())),
        Some(Data::Source(source @ DataSource::Text(_))) => {
            return Ok(bytes(segment(source, staged)?, FORM_TEXT));
        }
        Some(Data::Source(source)) => return Ok(bytes(segment(source, staged)?, FORM_BYTES)),
        None => {}
    }
    match (argument, &options.json) {
        (Some((body, _)), _) => Ok(bytes(body, JSON)),
        (None, Some(json)) => Ok(bytes(borrowed(json.as_bytes()), JSON)),
        (None, None) => Ok(Content::None),
    }
}

fn borrowed(bytes: &[u8]) -> Segment<'_> {
    Segment::Bytes(Cow::Borrowed(bytes))
}

fn multipart<'a>(ask: &'a Ask<'_>, options: &'a Options, staged: &'a Staged) -> Outcome<Content<'a>> {
    let files = words("Files", "Файлы");
    let given = !matches!(ask.body, BodyArgument::None);
    if given && !ask.json {
        return Err(Trouble::BodyTwice { index: ask.options_index, key: files });
    }
    let mut parts = Vec::new();
    match &options.data {
        Some(Data::Form(fields)) => {
            for (name, value) in fields {
                parts.extend(values(value).map(|text| field(name, text)));
            }
        }
        Some(Data::Source(_)) => {
            let (path, problem) = (options.data_path.clone(), KeyProblem::Value { expected: FORM_FIELDS });
            return Err(Trouble::Key(Box::new(KeyTrouble { index: ask.options_index, path, problem })));
        }
        None => {}
    }
    for file in &options.files {
        parts.push(Part {
            name: file.name.clone(),
            file_name: file.file_name.clone(),
            content_type: file.content_type.clone(),
            headers: file.headers.clone(),
            data: segment(&file.data, staged)?,
        });
    }
    Ok(Content::Multipart(parts))
}

fn values(value: &Parameter) -> impl Iterator<Item = &str> {
    let (one, list): (Option<&str>, &[String]) = match value {
        Parameter::NoValue => (Some(""), &[]),
        Parameter::Text(text) => (Some(text), &[]),
        Parameter::List(list) => (None, list),
    };
    one.into_iter().chain(list.iter().map(String::as_str))
}

fn field<'a>(name: &str, text: &'a str) -> Part<'a> {
    Part {
        name: name.to_owned(),
        file_name: None,
        content_type: None,
        headers: Headers::new(),
        data: Segment::Bytes(Cow::Borrowed(text.as_bytes())),
    }
}

fn segment<'a>(source: &'a DataSource, staged: &'a Staged) -> Outcome<Segment<'a>> {
    Ok(match source {
        DataSource::Text(text) => Segment::Bytes(Cow::Borrowed(text.as_bytes())),
        // The options were read against the same staged data, so the name is there.
        DataSource::Staged(name) => Segment::Bytes(Cow::Borrowed(staged.bytes(name).unwrap_or_default())),
        DataSource::File(path) => {
            let failed = |source| {
                let path = path.display().to_string();
                Error::new(ErrorKind::File { path, operation: "open", source }, Phase::Prepare)
            };
            let known = std::fs::metadata(path).map_err(failed)?;
            if !known.is_file() {
                // A folder cannot be read, and opening a pipe would wait for its writer without limit.
                return Err(failed(std::io::Error::other("not a regular file")).into());
            }
            Segment::File { path: path.clone(), length: known.len() }
        }
    })
}
