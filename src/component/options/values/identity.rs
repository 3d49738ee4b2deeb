//! `ClientSSLCertificate`. Files are read here and now, so that a session reads them once.

use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;

use crate::component::options::DataSource;
use crate::component::options::connection::{CertificateGiven, ClientCertificate};
use crate::component::options::keys::{self, Id};
use crate::component::options::reader::Field;
use crate::component::trouble::{KeyProblem, Outcome, words};
use crate::engine::hex;
use crate::engine::tls::{Identity, StoreSearch};

use super::path;
use super::source::{contents, material, remember};

/// `ClientSSLCertificate`; `None` when it is given and empty.
pub(in crate::component::options) fn client_certificate(
    field: &Field<'_, '_>,
    used: &mut Vec<String>,
) -> Outcome<Option<ClientCertificate>> {
    match field.value {
        Value::Bool(false) => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) if text.contains("-----BEGIN") => {
            let (bytes, source) = material(field, used)?;
            let given = CertificateGiven::Material { source, key: None, password: false };
            return Ok(Some(read(field, &bytes, None, None, given)?));
        }
        Value::String(_) => return Err(field.wrong_value()),
        _ => {}
    }
    let (mut source, mut key, mut password, mut store) = (None, None, None, None);
    for inner in field.source.fields(field.object()?, keys::CERTIFICATE, &field.path)? {
        let one = match inner.key.id {
            Id::File => DataSource::File(path(&inner)?),
            Id::Blob => DataSource::Staged(inner.text()?.to_owned()),
            Id::Pem => DataSource::Text(inner.text()?.to_owned()),
            Id::PrivateKey => {
                key = Some(material(&inner, used)?);
                continue;
            }
            Id::Password => {
                password = Some(inner.text()?);
                continue;
            }
            Id::Store => {
                store = Some(search(&inner)?);
                continue;
            }
            _ => continue,
        };
        if source.is_some() {
            return Err(field.wrong_value());
        }
        source = Some(contents(&inner, &one)?);
        remember(&one, used);
    }
    match (source, store) {
        (Some((bytes, source)), None) => {
            let given = CertificateGiven::Material {
                source,
                key: key.as_ref().map(|(_, given)| given.clone()),
                password: password.is_some(),
            };
            let key = key.as_ref().map(|(bytes, _)| &**bytes);
            read(field, &bytes, key, password, given).map(Some)
        }
        (None, Some(search)) if key.is_none() && password.is_none() => {
            let given = CertificateGiven::Store(search.clone());
            Ok(Some(ClientCertificate { identity: Arc::new(Identity::Store(search)), given }))
        }
        (None, None) => Err(field.problem(KeyProblem::Missing {
            name: words("File, Blob, PEM or Store", "Файл, ДвоичныеДанные, PEM или Хранилище"),
        })),
        _ => Err(field.wrong_value()),
    }
}

fn read(
    field: &Field<'_, '_>,
    certificate: &[u8],
    key: Option<&[u8]>,
    password: Option<&str>,
    given: CertificateGiven,
) -> Outcome<ClientCertificate> {
    match Identity::read(certificate, key, password, OffsetDateTime::now_utc()) {
        Ok(identity) => Ok(ClientCertificate { identity: Arc::new(identity), given }),
        Err(problem) => Err(field.problem(KeyProblem::Identity(problem))),
    }
}

fn search(field: &Field<'_, '_>) -> Outcome<StoreSearch> {
    let mut found = None;
    for inner in field.source.fields(field.object()?, keys::STORE, &field.path)? {
        if found.is_some() {
            return Err(field.wrong_value());
        }
        let text = inner.text()?.trim();
        found = Some(match inner.key.id {
            Id::Thumbprint => StoreSearch::Thumbprint(thumbprint(text).ok_or_else(|| inner.wrong_value())?),
            _ if text.is_empty() => return Err(inner.wrong_value()),
            _ => StoreSearch::Subject(text.to_owned()),
        });
    }
    found.ok_or_else(|| {
        field.problem(KeyProblem::Missing {
            name: words("Thumbprint or Subject", "Отпечаток или Субъект")
        })
    })
}

/// Windows shows it with blanks, other programs with colons, and copying from its window brings an invisible mark.
fn thumbprint(text: &str) -> Option<[u8; 20]> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':' | '\u{200e}')).collect();
    hex::bytes(&digits)?.try_into().ok()
}
