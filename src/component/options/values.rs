//! Values of the single keys.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::component::cookies::{self, CookieText};
use crate::component::text::excerpt;
use crate::component::trouble::{KeyProblem, Outcome, Trouble};
use crate::engine::auth::Credentials;
use crate::engine::error::{Error, ErrorKind, Phase};
use crate::engine::headers::Headers;
use crate::engine::request::{Parameter, Parameters};
use crate::engine::tls::{TlsSettings, Trust, certificates_from};

use super::keys::{self, BODY_LIMIT, Id};
use super::reader::{Field, SHOWN};
use super::{Data, DataSource, FilePart, HeaderChanges, Verify, VerifyGiven};

pub(super) fn headers(field: &Field<'_, '_>) -> Outcome<HeaderChanges> {
    let mut changes = HeaderChanges::default();
    for (name, value) in field.object()? {
        let entry = field.element(&format!(".{}", excerpt(name, SHOWN)), value);
        match value {
            Value::Null => changes.removed.push(name.clone()),
            Value::Array(values) => {
                for value in values {
                    changes.set.append(name.as_str(), scalar(value).ok_or_else(|| entry.wrong_type())?);
                }
            }
            _ => changes.set.append(name.as_str(), scalar(value).ok_or_else(|| entry.wrong_type())?),
        }
    }
    Ok(changes)
}

/// Strings as they are; numbers and booleans as XML writes them, whatever the locale.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn parameters(field: &Field<'_, '_>) -> Outcome<Parameters> {
    let mut parameters = Parameters::new();
    for (name, value) in field.object()? {
        let wrong = || field.element(&format!(".{}", excerpt(name, SHOWN)), value).wrong_type();
        let parameter = match value {
            Value::Null => Parameter::NoValue,
            Value::Array(values) => {
                let values: Option<Vec<String>> = values.iter().map(scalar).collect();
                Parameter::List(values.ok_or_else(wrong)?)
            }
            _ => Parameter::Text(scalar(value).ok_or_else(wrong)?),
        };
        parameters.push((name.clone(), parameter));
    }
    Ok(parameters)
}

pub(super) fn credentials(field: &Field<'_, '_>) -> Outcome<Option<Credentials>> {
    let (mut scheme, mut user, mut password, mut token) = (None, None, None, None);
    for inner in field.source.fields(field.object()?, keys::AUTHENTICATION, &field.path)? {
        match inner.key.id {
            Id::Type => scheme = Some(scheme_of(&inner)?),
            Id::User => user = Some(inner.text()?.to_owned()),
            Id::Password => password = Some(inner.text()?.to_owned()),
            Id::Token => token = Some(inner.text()?.to_owned()),
            _ => {}
        }
    }
    let bearer =
        scheme.unwrap_or(if token.is_some() && user.is_none() { Scheme::Bearer } else { Scheme::Basic });
    Ok(match bearer {
        Scheme::Bearer => token.filter(|token| !token.is_empty()).map(|token| Credentials::Bearer { token }),
        Scheme::Basic => {
            let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
            let given = !(user.is_empty() && password.is_empty());
            given.then_some(Credentials::Basic { user, password })
        }
    })
}

#[derive(Clone, Copy)]
enum Scheme {
    Basic,
    Bearer,
}

fn scheme_of(field: &Field<'_, '_>) -> Outcome<Scheme> {
    match field.text()?.trim().to_lowercase().as_str() {
        "" | "basic" => Ok(Scheme::Basic),
        "bearer" => Ok(Scheme::Bearer),
        "digest" | "aws4-hmac-sha256" | "ntlm" | "negotiate" => Err(field.problem(KeyProblem::NotYet)),
        _ => Err(field.wrong_value()),
    }
}

pub(super) fn verify(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<Verify> {
    let own = |bytes: &[u8]| {
        certificates_from(bytes)
            .map(Trust::Own)
            .map_err(|problem| field.problem(KeyProblem::Certificate { detail: problem.detail }))
    };
    let (trust, given) = match field.value {
        Value::Bool(true) => (Trust::System, VerifyGiven::Bool(true)),
        Value::Bool(false) => (Trust::None, VerifyGiven::Bool(false)),
        Value::String(text) if text.contains("-----BEGIN") => {
            (own(text.as_bytes())?, VerifyGiven::Text(text.clone()))
        }
        Value::Object(_) => match reference(field)? {
            Some(DataSource::File(path)) => {
                (own(&certificate_file(&path)?)?, VerifyGiven::File(path.to_string_lossy().into_owned()))
            }
            Some(DataSource::Staged(name)) => {
                let trust = own(staged(field, &name)?)?;
                used.push(name.clone());
                (trust, VerifyGiven::Blob(name))
            }
            _ => return Err(field.wrong_type()),
        },
        Value::String(_) => return Err(field.wrong_value()),
        _ => return Err(field.wrong_type()),
    };
    Ok(Verify { tls: Arc::new(TlsSettings { trust, ..TlsSettings::default() }), given })
}

/// Contents of a file of certificates; no more is read than such a file can reasonably have.
fn certificate_file(path: &Path) -> Outcome<Vec<u8>> {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let failed = |operation| {
        let path = path.display().to_string();
        move |source| Error::new(ErrorKind::File { path, operation, source }, Phase::Prepare)
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed("open"))?;
    file.take(LIMIT).read_to_end(&mut bytes).map_err(failed("read"))?;
    Ok(bytes)
}

fn staged<'s>(field: &Field<'s, '_>, name: &str) -> Outcome<&'s [u8]> {
    let found = field.source.staged.bytes(name);
    found.ok_or_else(|| field.problem(KeyProblem::NotStaged { name: excerpt(name, SHOWN) }))
}

/// An object that is a reference to data elsewhere: exactly one key, and that one of the references' keys.
fn reference(field: &Field<'_, '_>) -> Outcome<Option<DataSource>> {
    reference_by(field, |key, name, _| key.is(name))
}

/// The same where the object could be a form, whose fields may have any name: spelled exactly, with a string.
fn reference_not_form(field: &Field<'_, '_>) -> Outcome<Option<DataSource>> {
    reference_by(field, |key, name, value| value.is_string() && [key.english, key.russian].contains(&name))
}

fn reference_by(
    field: &Field<'_, '_>,
    is: impl Fn(&keys::Key, &str, &Value) -> bool,
) -> Outcome<Option<DataSource>> {
    let Some(object) = field.value.as_object() else { return Ok(None) };
    let Some((name, value)) = object.iter().next().filter(|_| object.len() == 1) else { return Ok(None) };
    let Some(key) = keys::REFERENCE.iter().find(|key| is(key, name, value)) else { return Ok(None) };
    let inner = Field { source: field.source, key, path: format!("{}.{name}", field.path), value };
    let text = inner.text()?;
    Ok(Some(if key.id == Id::Blob {
        staged(&inner, text)?;
        DataSource::Staged(text.to_owned())
    } else {
        DataSource::File(path(&inner)?)
    }))
}

pub(super) fn data(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<Option<Data>> {
    if let Some(source) = reference_not_form(field)? {
        remember(&source, used);
        return Ok(Some(Data::Source(source)));
    }
    match field.value {
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => Ok(Some(Data::Source(DataSource::Text(text.clone())))),
        Value::Object(fields) if fields.is_empty() => Ok(None),
        Value::Object(_) => Ok(Some(Data::Form(parameters(field)?))),
        _ => Err(field.wrong_type()),
    }
}

fn remember(source: &DataSource, used: &mut Vec<String>) {
    if let DataSource::Staged(name) = source {
        used.push(name.clone());
    }
}

pub(super) fn files(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<Vec<FilePart>> {
    match field.value {
        Value::Object(file) if file.is_empty() => Ok(Vec::new()),
        Value::Object(_) => Ok(vec![file(field, used)?]),
        Value::Array(files) => files
            .iter()
            .enumerate()
            .map(|(index, value)| file(&field.element(&format!("[{index}]"), value), used))
            .collect(),
        _ => Err(field.wrong_type()),
    }
}

fn file(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<FilePart> {
    let (mut name, mut file_name, mut content_type) = (None, None, None);
    let mut headers = Headers::new();
    let mut data = DataSource::Text(String::new());
    for inner in field.source.fields(field.object()?, keys::PART, &field.path)? {
        match inner.key.id {
            Id::Name => name = Some(inner.text()?.to_owned()),
            Id::FileName => file_name = Some(inner.text()?.to_owned()),
            Id::Type => content_type = Some(inner.text()?.to_owned()),
            Id::Headers => headers = self::headers(&inner)?.set,
            Id::Data => data = part_data(&inner, used)?,
            _ => {}
        }
    }
    let Some(name) = name else {
        let missing = keys::PART.iter().find(|key| key.id == Id::Name).map(keys::Key::words);
        return Err(match missing {
            Some(name) => field.problem(KeyProblem::Missing { name }),
            None => field.wrong_type(),
        });
    };
    if let (None, DataSource::File(path)) = (&file_name, &data) {
        file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    }
    let filled = |text: &String| !text.is_empty();
    Ok(FilePart {
        name,
        file_name: file_name.filter(filled),
        content_type: content_type.filter(filled),
        headers,
        data,
    })
}

fn part_data(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<DataSource> {
    let source = match reference(field)? {
        Some(source) => source,
        None => DataSource::Text(scalar(field.value).ok_or_else(|| field.wrong_type())?),
    };
    remember(&source, used);
    Ok(source)
}

pub(super) fn cookies(field: &Field<'_, '_>) -> Outcome<Vec<CookieText>> {
    let mut all = Vec::new();
    match field.value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                all.push(cookie(&field.element(&format!("[{index}]"), value), CookieText::default())?);
            }
        }
        Value::Object(domains) => {
            for (domain, paths) in domains {
                let level = field.element(&format!(".{}", excerpt(domain, SHOWN)), paths);
                for (path, names) in level.object()? {
                    let level = level.element(&format!(".{}", excerpt(path, SHOWN)), names);
                    for (name, value) in level.object()? {
                        let known = CookieText {
                            name: name.clone(),
                            domain: Some(domain.clone()),
                            path: Some(path.clone()),
                            nested: true,
                            ..CookieText::default()
                        };
                        all.push(cookie(
                            &level.element(&format!(".{}", excerpt(name, SHOWN)), value),
                            known,
                        )?);
                    }
                }
            }
        }
        _ => return Err(field.wrong_type()),
    }
    Ok(all)
}

fn cookie(field: &Field<'_, '_>, mut cookie: CookieText) -> Outcome<CookieText> {
    let mut value_given = false;
    for inner in field.source.fields(field.object()?, keys::COOKIE, &field.path)? {
        match inner.key.id {
            Id::CookieName => cookie.name = inner.text()?.to_owned(),
            Id::CookieValue => {
                cookie.value = scalar(inner.value).ok_or_else(|| inner.wrong_type())?;
                value_given = true;
            }
            Id::Domain => cookie.domain = Some(inner.text()?.to_owned()).filter(|text| !text.is_empty()),
            Id::Path => cookie.path = Some(inner.text()?.to_owned()).filter(|text| !text.is_empty()),
            Id::Port => cookie.port = u16::try_from(inner.whole(0, u64::from(u16::MAX))?).ok(),
            Id::Expires => {
                let moment = cookies::moment(inner.text()?).ok_or_else(|| inner.wrong_value())?;
                cookie.expires = moment;
            }
            Id::Secure => cookie.secure = inner.bool()?,
            _ => {}
        }
    }
    let missing = if cookie.name.is_empty() {
        Some(Id::CookieName)
    } else if value_given {
        None
    } else {
        Some(Id::CookieValue)
    };
    match missing.and_then(|id| keys::COOKIE.iter().find(|key| key.id == id)) {
        Some(key) => Err(field.problem(KeyProblem::Missing { name: key.words() })),
        None => Ok(cookie),
    }
}

pub(super) fn statuses(field: &Field<'_, '_>) -> Outcome<Vec<u16>> {
    let list = field.value.as_array().ok_or_else(|| field.wrong_type())?;
    list.iter()
        .enumerate()
        .map(|(index, value)| {
            let entry = field.element(&format!("[{index}]"), value);
            u16::try_from(entry.whole(100, 999)?).map_err(|_| entry.wrong_value())
        })
        .collect()
}

pub(super) fn body_limit(field: &Field<'_, '_>) -> Outcome<u64> {
    field.whole(1, BODY_LIMIT)
}

pub(super) fn path(field: &Field<'_, '_>) -> Result<PathBuf, Trouble> {
    let path = field.text()?;
    if path.is_empty() || path.contains('\0') { Err(field.wrong_value()) } else { Ok(PathBuf::from(path)) }
}
