//! Trust, versions, pins, revocation lists: what `VerifySSL` and the keys around it say.

use std::net::IpAddr;

use serde_json::Value;
use url::Host;

use crate::component::options::connection::{Verify, VerifyGiven};
use crate::component::options::reader::Field;
use crate::component::trouble::{KeyProblem, Outcome};
use crate::engine::tls::{Provider, TlsVersion, Trust, certificates_from, pin_from_text, revocations_from};

use super::source::{Given, material};

/// `VerifySSL`.
pub(in crate::component::options) fn verify(
    field: &Field<'_, '_>,
    used: &mut Vec<String>,
) -> Outcome<Verify> {
    let Some(list) = field.value.as_array() else {
        return Ok(match field.value {
            Value::Bool(true) => Verify { trust: Trust::System, given: VerifyGiven::Bool(true) },
            Value::Bool(false) => Verify { trust: Trust::None, given: VerifyGiven::Bool(false) },
            _ => {
                let (certificates, given) = own(field, used)?;
                Verify { trust: Trust::Own(certificates), given: VerifyGiven::Own(given) }
            }
        });
    };
    let (mut system, mut all, mut shown) = (false, Vec::new(), Vec::new());
    for (index, value) in list.iter().enumerate() {
        let element = field.element(&format!("[{index}]"), value);
        match value {
            Value::Bool(true) => system = true,
            Value::Bool(false) => return Err(element.wrong_value()),
            _ => {
                let (certificates, given) = own(&element, used)?;
                all.extend(certificates);
                shown.push(given);
            }
        }
    }
    let trust = match (system, all.is_empty()) {
        (false, true) => return Err(field.wrong_value()),
        (true, true) => Trust::System,
        (true, false) => Trust::SystemAnd(all),
        (false, false) => Trust::Own(all),
    };
    Ok(Verify { trust, given: VerifyGiven::List { system, own: shown } })
}

fn own(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<(Vec<Vec<u8>>, Given)> {
    let (bytes, given) = material(field, used)?;
    match certificates_from(&bytes) {
        Ok(certificates) => Ok((certificates, given)),
        Err(problem) => Err(field.problem(KeyProblem::Certificate { detail: problem.detail })),
    }
}

/// `RevocationLists`.
pub(in crate::component::options) fn revocations(
    field: &Field<'_, '_>,
    used: &mut Vec<String>,
) -> Outcome<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for element in elements(field) {
        let (bytes, _) = material(&element, used)?;
        let lists = revocations_from(&bytes)
            .map_err(|problem| element.problem(KeyProblem::Revocations { detail: problem.detail }))?;
        all.extend(lists);
    }
    Ok(all)
}

/// `PinnedKeys`.
pub(in crate::component::options) fn pins(field: &Field<'_, '_>) -> Outcome<Vec<[u8; 32]>> {
    elements(field)
        .iter()
        .map(|element| pin_from_text(element.text()?.trim()).ok_or_else(|| element.wrong_value()))
        .collect()
}

/// The elements of an array, or the one value that is none.
fn elements<'s, 'v>(field: &Field<'s, 'v>) -> Vec<Field<'s, 'v>> {
    match field.value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| field.element(&format!("[{index}]"), value))
            .collect(),
        _ => vec![field.element("", field.value)],
    }
}

/// `TLSProvider`.
pub(in crate::component::options) fn provider(field: &Field<'_, '_>) -> Outcome<Provider> {
    match field.text()?.trim().to_lowercase().as_str() {
        "" | "modern" | "современный" => Ok(Provider::Modern),
        "compatible" | "совместимый" => Ok(Provider::Compatible),
        _ => Err(field.wrong_value()),
    }
}

/// `MinimumTLSVersion` and `MaximumTLSVersion`; "" is the provider's own.
pub(in crate::component::options) fn version(field: &Field<'_, '_>) -> Outcome<Option<TlsVersion>> {
    let text = field.text()?.trim().to_lowercase();
    let number = text.strip_prefix("tls").unwrap_or(&text).trim_start_matches(['v', ' ']);
    Ok(Some(match number {
        "" if text.is_empty() => return Ok(None),
        "1.0" => TlsVersion::V1_0,
        "1.1" => TlsVersion::V1_1,
        "1.2" => TlsVersion::V1_2,
        "1.3" => TlsVersion::V1_3,
        _ => return Err(field.wrong_value()),
    }))
}

/// `TLSServerName`; "" is the host of the URL.
pub(in crate::component::options) fn server_name(field: &Field<'_, '_>) -> Outcome<Option<String>> {
    let text = field.text()?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Some(address.to_string()));
    }
    match Host::parse(text) {
        Ok(Host::Domain(name)) => Ok(Some(name)),
        _ => Err(field.wrong_value()),
    }
}
