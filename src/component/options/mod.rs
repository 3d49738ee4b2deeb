//! The options of a request and the settings of a session: one JSON text in, one checked structure out. Nothing is
//! applied before everything was read, so an error leaves no setting half changed.

pub(super) mod connection;
pub(super) mod keys;
mod reader;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::engine::auth::Credentials;
use crate::engine::headers::Headers;
use crate::engine::proxy::ProxySetting;
use crate::engine::request::Parameters;

use super::cookies::CookieText;
use super::json_text;
use super::staged::Staged;
use super::trouble::{KeyProblem, Outcome, Trouble};
use connection::{GuardParts, TlsParts};
use keys::{Id, Key};
use reader::{Field, Place};

pub(super) use reader::Source;

/// Options of one request.
#[derive(Default)]
pub(super) struct Options {
    /// What a session may hold too.
    pub(super) settings: Settings,
    /// `Json` as text: no longer than the options it came in, for whose copies memory was asked.
    pub(super) json: Option<String>,
    /// `Data`, when filled.
    pub(super) data: Option<Data>,
    /// That key as the caller spelled it.
    pub(super) data_path: String,
    /// `Files`.
    pub(super) files: Vec<FilePart>,
    /// `OutputFile`.
    pub(super) output: Option<PathBuf>,
    /// Names of the staged data in use.
    pub(super) used: Vec<String>,
}

/// Settings of a session, or those a request gives instead. `None`: not given.
#[derive(Default, Clone)]
pub(super) struct Settings {
    pub(super) headers: Option<HeaderChanges>,
    /// `Some(None)`: given and empty.
    pub(super) credentials: Option<Option<Credentials>>,
    pub(super) query: Option<Parameters>,
    pub(super) tls: TlsParts,
    pub(super) proxy: Option<ProxySetting>,
    pub(super) guard: GuardParts,
    pub(super) cookies: Option<Vec<CookieText>>,
    /// The inner `None` is "no limit", here and below.
    pub(super) timeout: Option<Option<Duration>>,
    pub(super) connect_timeout: Option<Option<Duration>>,
    pub(super) total_timeout: Option<Option<Duration>>,
    pub(super) follow: Option<bool>,
    pub(super) redirects: Option<u32>,
    pub(super) downgrade: Option<bool>,
    pub(super) keep_method: Option<bool>,
    pub(super) retries: Option<u32>,
    pub(super) retry_time: Option<Duration>,
    pub(super) retry_ratio: Option<f64>,
    pub(super) retry_statuses: Option<Vec<u16>>,
    pub(super) retry_unsafe: Option<bool>,
    pub(super) body_limit: Option<u64>,
    pub(super) empty_json: Option<bool>,
    pub(super) truncated_tls: Option<bool>,
}

/// Headers to set, and names to remove.
#[derive(Default, Clone)]
pub(super) struct HeaderChanges {
    pub(super) set: Headers,
    pub(super) removed: Vec<String>,
}

/// `Data`.
pub(super) enum Data {
    Form(Parameters),
    Source(DataSource),
}

/// Data of a body or of a part.
pub(super) enum DataSource {
    Text(String),
    Staged(String),
    File(PathBuf),
}

/// One of `Files`.
pub(super) struct FilePart {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) headers: Headers,
    pub(super) data: DataSource,
}

impl Options {
    /// Reads the options of a request. An empty text is no options.
    pub(super) fn of_request(text: &str, index: usize, staged: &Staged) -> Outcome<Self> {
        Self::read(text, Source { index, place: Place::Request, staged })
    }

    /// Reads settings of a session.
    pub(super) fn of_session(text: &str, index: usize, staged: &Staged) -> Outcome<Self> {
        Self::read(text, Source { index, place: Place::Session, staged })
    }

    /// One setting of a session from the JSON of its value; errors call it `path`.
    pub(super) fn of_setting(key: &'static Key, path: &str, value: &Value, staged: &Staged) -> Outcome<Self> {
        let source = Source { index: 0, place: Place::Session, staged };
        let mut options = Self::default();
        source.check_scope(key, path, value)?;
        if !value.is_null() {
            options.set(&Field { source: &source, key, path: path.to_owned(), value })?;
        }
        Ok(options)
    }

    fn read(text: &str, source: Source<'_>) -> Outcome<Self> {
        let mut options = Self::default();
        if text.trim().is_empty() {
            return Ok(options);
        }
        let value = json_text::parse(text, source.index)?;
        let Value::Object(object) = &value else {
            return Err(Trouble::NotJsonText {
                index: source.index,
                line: 1,
                column: 1,
                detail: "object".into(),
            });
        };
        for field in source.fields(object, keys::OPTIONS, "")? {
            options.set(&field)?;
        }
        Ok(options)
    }

    fn set(&mut self, field: &Field<'_, '_>) -> Outcome<()> {
        let settings = &mut self.settings;
        match field.key.id {
            Id::Headers => settings.headers = Some(values::headers(field)?),
            Id::Authentication => settings.credentials = Some(values::credentials(field)?),
            Id::RequestParameters => settings.query = Some(values::parameters(field)?),
            Id::VerifySsl => settings.tls.verify = Some(values::verify(field, &mut self.used)?),
            Id::ClientCertificate => {
                settings.tls.identity = Some(values::client_certificate(field, &mut self.used)?);
            }
            Id::TlsProvider => settings.tls.provider = Some(values::provider(field)?),
            Id::MinimumTls => settings.tls.minimum = Some(values::version(field)?),
            Id::MaximumTls => settings.tls.maximum = Some(values::version(field)?),
            Id::ServerName => settings.tls.server_name = Some(values::server_name(field)?),
            Id::PinnedKeys => settings.tls.pins = Some(values::pins(field)?),
            Id::RevocationLists => {
                settings.tls.revocations = Some(values::revocations(field, &mut self.used)?);
            }
            Id::Proxy => settings.proxy = Some(values::proxy(field)?),
            Id::DenyPrivate => settings.guard.deny_private = Some(field.bool()?),
            Id::AllowedSchemes => settings.guard.schemes = Some(values::schemes(field)?),
            Id::AllowedPorts => settings.guard.ports = Some(values::ports(field)?),
            Id::Overrides => settings.guard.overrides = Some(values::overrides(field)?),
            Id::Cookies => settings.cookies = Some(values::cookies(field)?),
            Id::Timeout => settings.timeout = Some(field.limit()?),
            Id::ConnectTimeout => settings.connect_timeout = Some(field.limit()?),
            Id::TotalTimeout => settings.total_timeout = Some(field.limit()?),
            Id::AllowRedirect => settings.follow = Some(field.bool()?),
            Id::MaximumRedirects => settings.redirects = Some(field.count()?),
            Id::AllowDowngrade => settings.downgrade = Some(field.bool()?),
            Id::KeepMethodOn301 => settings.keep_method = Some(field.bool()?),
            Id::MaximumRetries => settings.retries = Some(field.count()?),
            Id::RetryTime => settings.retry_time = Some(field.seconds()?),
            Id::RetryRatio => settings.retry_ratio = Some(field.number(1000.0)?),
            Id::RetryStatuses => settings.retry_statuses = Some(values::statuses(field)?),
            Id::RetryUnsafe => settings.retry_unsafe = Some(field.bool()?),
            Id::MaximumBody => settings.body_limit = Some(values::body_limit(field)?),
            Id::AllowEmptyJson => settings.empty_json = Some(field.bool()?),
            Id::AllowTruncatedTls => settings.truncated_tls = Some(field.bool()?),
            Id::Json => self.json = Some(field.value.to_string()),
            Id::Data => {
                self.data = values::data(field, &mut self.used)?;
                self.data_path.clone_from(&field.path);
            }
            Id::Files => self.files = values::files(field, &mut self.used)?,
            Id::OutputFile => self.output = Some(values::path(field)?),
            // The scope check has let these pass only as "not set".
            _ => {}
        }
        Ok(())
    }
}

impl Settings {
    /// Takes over what `newer` gives.
    pub(super) fn replace_with(&mut self, newer: Self) {
        take(&mut self.headers, newer.headers);
        take(&mut self.credentials, newer.credentials);
        take(&mut self.query, newer.query);
        self.tls.replace_with(newer.tls);
        take(&mut self.proxy, newer.proxy);
        self.guard.replace_with(newer.guard);
        take(&mut self.cookies, newer.cookies);
        take(&mut self.timeout, newer.timeout);
        take(&mut self.connect_timeout, newer.connect_timeout);
        take(&mut self.total_timeout, newer.total_timeout);
        take(&mut self.follow, newer.follow);
        take(&mut self.redirects, newer.redirects);
        take(&mut self.downgrade, newer.downgrade);
        take(&mut self.keep_method, newer.keep_method);
        take(&mut self.retries, newer.retries);
        take(&mut self.retry_time, newer.retry_time);
        take(&mut self.retry_ratio, newer.retry_ratio);
        take(&mut self.retry_statuses, newer.retry_statuses);
        take(&mut self.retry_unsafe, newer.retry_unsafe);
        take(&mut self.body_limit, newer.body_limit);
        take(&mut self.empty_json, newer.empty_json);
        take(&mut self.truncated_tls, newer.truncated_tls);
        self.settle();
    }

    /// Makes what requests share anew, after a change.
    pub(super) fn settle(&mut self) {
        self.tls.settle();
        self.guard.settle();
    }
}

fn take<T>(old: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *old = new;
    }
}

impl Field<'_, '_> {
    pub(super) fn wrong_type(&self) -> Trouble {
        self.problem(KeyProblem::Type { expected: self.key.expected })
    }

    pub(super) fn wrong_value(&self) -> Trouble {
        self.problem(KeyProblem::Value { expected: self.key.expected })
    }
}

/// Names of every key that may stand in options, for suggestions.
pub(super) fn known(keys: &'static [Key]) -> impl Iterator<Item = &'static str> {
    keys.iter().flat_map(Key::names)
}
