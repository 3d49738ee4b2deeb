//! `Authentication`: from an object to credentials of one scheme. Keys of another scheme beside them count for
//! nothing; keys the scheme cannot do without must be there.

use serde_json::Value;

use crate::component::options::keys::{self, Id, Key};
use crate::component::options::reader::Field;
use crate::component::trouble::{KeyProblem, Outcome, Trouble, Words, words};
use crate::engine::auth::{Aws, AwsPayload, Credentials, OAuth2};
use crate::engine::request::Parameter;

use super::parameters;

/// Credentials; `None` when they are given and empty.
pub(in crate::component::options) fn credentials(field: &Field<'_, '_>) -> Outcome<Option<Credentials>> {
    if field.value == &Value::Bool(false) {
        return Ok(None);
    }
    let given = Given::read(field)?;
    let scheme = given.scheme.unwrap_or_else(|| given.guess());
    let Given { user, password, .. } = given;
    let filled = !(user.is_empty() && password.is_empty());
    Ok(match scheme {
        // The current user needs no scheme of its own: what the server asks for decides.
        Scheme::Basic | Scheme::Ntlm | Scheme::Negotiate
            if given.system && (user.is_empty() || scheme == Scheme::Basic) =>
        {
            Some(Credentials::System)
        }
        Scheme::Basic => filled.then_some(Credentials::Basic { user, password }),
        Scheme::Digest => filled.then_some(Credentials::Digest { user, password }),
        Scheme::Ntlm | Scheme::Negotiate if user.is_empty() => return Err(missing(field, NOBODY)),
        Scheme::Ntlm => Some(Credentials::Ntlm { user, password }),
        Scheme::Negotiate => Some(Credentials::Negotiate { user, password }),
        Scheme::Bearer => {
            given.token.filter(|token| !token.is_empty()).map(|token| Credentials::Bearer { token })
        }
        Scheme::Aws => {
            let aws = given.aws;
            for (id, value) in [
                (Id::AccessKey, &aws.access_key),
                (Id::SecretKey, &aws.secret_key),
                (Id::Region, &aws.region),
                (Id::Service, &aws.service),
            ] {
                demand(field, id, value)?;
            }
            Some(Credentials::Aws(Box::new(aws)))
        }
        Scheme::OAuth2 => {
            let token = given.oauth;
            demand(field, Id::TokenUrl, &token.token_url)?;
            demand(field, Id::OAuthClient, &token.client_id)?;
            Some(Credentials::OAuth2(Box::new(token)))
        }
    })
}

const NOBODY: Words =
    words("User (or UseOSAuthentication)", "Пользователь (или ИспользоватьАутентификациюОС)");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer,
    Digest,
    Aws,
    OAuth2,
    Ntlm,
    Negotiate,
}

/// The keys as they stand.
#[derive(Default)]
struct Given {
    scheme: Option<Scheme>,
    user: String,
    password: String,
    token: Option<String>,
    system: bool,
    aws: Aws,
    oauth: OAuth2,
}

impl Given {
    fn read(field: &Field<'_, '_>) -> Outcome<Self> {
        let mut given = Self::default();
        for inner in field.source.fields(field.object()?, keys::AUTHENTICATION, &field.path)? {
            let text = || inner.text().map(str::to_owned);
            match inner.key.id {
                Id::Type => given.scheme = scheme_of(&inner)?,
                Id::User => given.user = text()?,
                Id::Password => given.password = text()?,
                Id::Token => given.token = Some(text()?),
                Id::OperatingSystem => given.system = inner.bool()?,
                Id::AccessKey => given.aws.access_key = text()?,
                Id::SecretKey => given.aws.secret_key = text()?,
                Id::Service => given.aws.service = text()?,
                Id::Region => given.aws.region = text()?,
                Id::SessionToken => given.aws.session_token = Some(text()?).filter(|token| !token.is_empty()),
                Id::Payload => given.aws.payload = payload(&inner)?,
                Id::TokenUrl => given.oauth.token_url = text()?,
                Id::OAuthClient => given.oauth.client_id = text()?,
                Id::OAuthSecret => given.oauth.client_secret = text()?,
                Id::TokenScope => given.oauth.scope = text()?,
                Id::TokenParameters => given.oauth.parameters = pairs(&inner)?,
                Id::InBody => given.oauth.in_body = inner.bool()?,
                _ => {}
            }
        }
        Ok(given)
    }

    /// The scheme that goes with the keys when no type is given.
    fn guess(&self) -> Scheme {
        if self.token.is_some() && self.user.is_empty() && !self.system {
            Scheme::Bearer
        } else if !self.aws.access_key.is_empty() {
            Scheme::Aws
        } else if !self.oauth.token_url.is_empty() {
            Scheme::OAuth2
        } else {
            Scheme::Basic
        }
    }
}

fn scheme_of(field: &Field<'_, '_>) -> Outcome<Option<Scheme>> {
    Ok(Some(match field.text()?.trim().to_lowercase().as_str() {
        "" => return Ok(None),
        "basic" => Scheme::Basic,
        "bearer" => Scheme::Bearer,
        "digest" => Scheme::Digest,
        "aws4-hmac-sha256" => Scheme::Aws,
        "oauth2" => Scheme::OAuth2,
        "ntlm" => Scheme::Ntlm,
        "negotiate" => Scheme::Negotiate,
        _ => return Err(field.wrong_value()),
    }))
}

fn payload(field: &Field<'_, '_>) -> Outcome<AwsPayload> {
    match field.text()?.trim().to_lowercase().as_str() {
        "" | "signed" | "подписано" => Ok(AwsPayload::Signed),
        "unsigned" | "неподписано" => Ok(AwsPayload::Unsigned),
        "chunks" | "частями" => Ok(AwsPayload::Chunks),
        _ => Err(field.wrong_value()),
    }
}

fn pairs(field: &Field<'_, '_>) -> Outcome<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in parameters(field)? {
        match value {
            Parameter::Text(text) => pairs.push((name, text)),
            Parameter::NoValue => {}
            Parameter::List(list) => pairs.extend(list.into_iter().map(|text| (name.clone(), text))),
        }
    }
    Ok(pairs)
}

fn demand(field: &Field<'_, '_>, id: Id, value: &str) -> Outcome<()> {
    let key = keys::AUTHENTICATION.iter().find(|key| key.id == id).map(Key::words);
    match key {
        Some(name) if value.is_empty() => Err(missing(field, name)),
        _ => Ok(()),
    }
}

fn missing(field: &Field<'_, '_>, name: Words) -> Trouble {
    field.problem(KeyProblem::Missing { name })
}
