//! `Cookies`, in both of their shapes.

use serde_json::Value;

use crate::component::cookies::{self, CookieText};
use crate::component::options::keys::{self, Id};
use crate::component::options::reader::{Field, SHOWN};
use crate::component::text::excerpt;
use crate::component::trouble::{KeyProblem, Outcome};

use super::scalar;

pub(in crate::component::options) fn cookies(field: &Field<'_, '_>) -> Outcome<Vec<CookieText>> {
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
