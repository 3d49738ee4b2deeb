//! Guards: schemes, ports, addresses in place of a lookup.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;
use url::Host;

use crate::component::options::reader::{Field, SHOWN};
use crate::component::text::excerpt;
use crate::component::trouble::Outcome;

/// Addresses by host and port.
pub(in crate::component::options) type Overrides = BTreeMap<(String, u16), Vec<IpAddr>>;

/// `AllowedSchemes`.
pub(in crate::component::options) fn schemes(field: &Field<'_, '_>) -> Outcome<Vec<String>> {
    elements(field)?
        .iter()
        .map(|element| match element.text()?.trim().to_lowercase() {
            scheme if matches!(scheme.as_str(), "http" | "https") => Ok(scheme),
            _ => Err(element.wrong_value()),
        })
        .collect()
}

/// `AllowedPorts`.
pub(in crate::component::options) fn ports(field: &Field<'_, '_>) -> Outcome<Vec<u16>> {
    elements(field)?
        .iter()
        .map(|element| {
            u16::try_from(element.whole(1, u64::from(u16::MAX))?).map_err(|_| element.wrong_value())
        })
        .collect()
}

fn elements<'s, 'v>(field: &Field<'s, 'v>) -> Outcome<Vec<Field<'s, 'v>>> {
    let list = field.value.as_array().ok_or_else(|| field.wrong_type())?;
    Ok(list.iter().enumerate().map(|(index, value)| field.element(&format!("[{index}]"), value)).collect())
}

/// `AddressOverrides`.
pub(in crate::component::options) fn overrides(field: &Field<'_, '_>) -> Outcome<Overrides> {
    let mut all = Overrides::new();
    for (name, value) in field.object()? {
        let entry = field.element(&format!(".{}", excerpt(name, SHOWN)), value);
        let target = target(name.trim()).ok_or_else(|| entry.wrong_value())?;
        let addresses = match value {
            Value::String(_) => vec![address(&entry)?],
            Value::Array(list) if !list.is_empty() => list
                .iter()
                .enumerate()
                .map(|(index, value)| address(&entry.element(&format!("[{index}]"), value)))
                .collect::<Outcome<_>>()?,
            Value::Array(_) => return Err(entry.wrong_value()),
            Value::Null => continue,
            _ => return Err(entry.wrong_type()),
        };
        if all.insert(target, addresses).is_some() {
            // The same host in two spellings.
            return Err(entry.wrong_value());
        }
    }
    Ok(all)
}

fn address(field: &Field<'_, '_>) -> Outcome<IpAddr> {
    let text = field.text()?.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| field.wrong_value())
}

/// A host in its URL form and a port, 0 for all of them.
fn target(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        // The last colon of an address in brackets is inside of them.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => 0,
    };
    let host = Host::parse(host.strip_suffix('.').unwrap_or(host)).ok()?.to_string();
    (!host.is_empty()).then_some((host, port))
}
