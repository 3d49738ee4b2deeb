//! References to data that is not in the options themselves: files and staged data.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::component::options::DataSource;
use crate::component::options::keys::{self, Id};
use crate::component::options::reader::{Field, SHOWN};
use crate::component::text::excerpt;
use crate::component::trouble::{KeyProblem, Outcome};
use crate::engine::error::{Error, ErrorKind, Phase};

use super::path;

/// An object that is a reference to data elsewhere: exactly one key, and that one of the references' keys.
pub(super) fn reference(field: &Field<'_, '_>) -> Outcome<Option<DataSource>> {
    reference_by(field, |key, name, _| key.is(name))
}

/// The same where the object could be a form, whose fields may have any name: spelled exactly, with a string.
pub(super) fn reference_not_form(field: &Field<'_, '_>) -> Outcome<Option<DataSource>> {
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

/// Notes staged data as used.
pub(super) fn remember(source: &DataSource, used: &mut Vec<String>) {
    if let DataSource::Staged(name) = source {
        used.push(name.clone());
    }
}

/// What certificates, keys and the like were given as, to be shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::component) enum Given {
    /// The text itself.
    Text(String),
    /// A file.
    File(String),
    /// Staged data.
    Blob(String),
}

/// The bytes of a PEM text, of a file or of staged data, read now.
pub(super) fn material<'v>(field: &Field<'v, 'v>, used: &mut Vec<String>) -> Outcome<(Cow<'v, [u8]>, Given)> {
    match field.value {
        Value::String(text) if text.contains("-----BEGIN") => {
            Ok((Cow::Borrowed(text.as_bytes()), Given::Text(text.clone())))
        }
        Value::String(_) => Err(field.wrong_value()),
        _ => match reference(field)? {
            Some(source) => {
                let found = contents(field, &source)?;
                remember(&source, used);
                Ok(found)
            }
            None => Err(field.wrong_type()),
        },
    }
}

/// The bytes a reference leads to.
pub(super) fn contents<'s>(field: &Field<'s, '_>, source: &DataSource) -> Outcome<(Cow<'s, [u8]>, Given)> {
    Ok(match source {
        DataSource::File(path) => (Cow::Owned(file(path)?), Given::File(path.to_string_lossy().into_owned())),
        DataSource::Staged(name) => (Cow::Borrowed(staged(field, name)?), Given::Blob(name.clone())),
        DataSource::Text(text) => (Cow::Owned(text.clone().into_bytes()), Given::Text(text.clone())),
    })
}

/// Contents of a file of certificates, keys or revocation lists; no more is read than such a file can reasonably have.
fn file(path: &Path) -> Outcome<Vec<u8>> {
    const LIMIT: u64 = 64 * 1024 * 1024;
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
