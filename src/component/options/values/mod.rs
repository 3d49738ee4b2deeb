//! Values of the single keys.

mod authentication;
mod content;
mod cookies;
mod guard;
mod identity;
mod proxy;
mod source;
mod tls;

use std::path::PathBuf;

use serde_json::Value;

use crate::component::text::excerpt;
use crate::component::trouble::{Outcome, Trouble};
use crate::engine::request::{Parameter, Parameters};

use super::HeaderChanges;
use super::keys::BODY_LIMIT;
use super::reader::{Field, SHOWN};

pub(super) use authentication::credentials;
pub(super) use content::{data, files};
pub(super) use cookies::cookies;
pub(super) use guard::{overrides, ports, schemes};
pub(super) use identity::client_certificate;
pub(super) use proxy::proxy;
pub(in crate::component) use source::Given;
pub(super) use tls::{pins, provider, revocations, server_name, verify, version};

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
