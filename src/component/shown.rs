//! Settings of a session as they are read back: what was given, in the language of the call, with a mask for every
//! secret.

use serde_json::{Map, Value as Json, json};

use crate::abi::Value;
use crate::engine::auth::{Aws, AwsPayload, Credentials, OAuth2};
use crate::engine::hex;
use crate::engine::proxy::{Bypass, Proxies, Proxy, ProxySetting};
use crate::engine::tls::StoreSearch;

use super::fault::At;
use super::object::json as json_value;
use super::options::connection::{CertificateGiven, Given, VerifyGiven};
use super::options::keys::{self, Id, Key};

/// What stands for a secret.
const MASK: &str = "***";

/// `Authentication`.
pub(super) fn credentials(credentials: &Credentials, at: &At) -> Value {
    let mut fields = Fields::new(keys::AUTHENTICATION, at);
    match credentials {
        Credentials::System => fields.put(Id::OperatingSystem, json!(true)),
        other => fields.put(Id::Type, json!(other.scheme())),
    }
    match credentials {
        Credentials::Basic { user, .. }
        | Credentials::Digest { user, .. }
        | Credentials::Ntlm { user, .. }
        | Credentials::Negotiate { user, .. } => {
            fields.put(Id::User, json!(user));
            fields.put(Id::Password, json!(MASK));
        }
        Credentials::Bearer { .. } => fields.put(Id::Token, json!(MASK)),
        Credentials::Aws(aws) => signature(&mut fields, aws, at),
        Credentials::OAuth2(token) => client(&mut fields, token),
        Credentials::System => {}
    }
    fields.value()
}

fn signature(fields: &mut Fields<'_>, aws: &Aws, at: &At) {
    fields.put(Id::AccessKey, json!(aws.access_key));
    fields.put(Id::SecretKey, json!(MASK));
    fields.put(Id::Service, json!(aws.service));
    fields.put(Id::Region, json!(aws.region));
    if aws.session_token.is_some() {
        fields.put(Id::SessionToken, json!(MASK));
    }
    let payload = match aws.payload {
        AwsPayload::Signed => return,
        AwsPayload::Unsigned => at.pick("Unsigned", "НеПодписано"),
        AwsPayload::Chunks => at.pick("Chunks", "Частями"),
    };
    fields.put(Id::Payload, json!(payload));
}

fn client(fields: &mut Fields<'_>, token: &OAuth2) {
    fields.put(Id::TokenUrl, json!(crate::engine::redact::written(&token.token_url)));
    fields.put(Id::OAuthClient, json!(token.client_id));
    fields.put(Id::OAuthSecret, json!(MASK));
    if !token.scope.is_empty() {
        fields.put(Id::TokenScope, json!(token.scope));
    }
    if !token.parameters.is_empty() {
        // Any of them may be a secret of the service.
        let names = token.parameters.iter().map(|(name, _)| (name.clone(), json!(MASK)));
        fields.put(Id::TokenParameters, Json::Object(names.collect()));
    }
    if token.in_body {
        fields.put(Id::InBody, json!(true));
    }
}

/// `Proxy`.
pub(super) fn proxy(setting: &ProxySetting, at: &At) -> Value {
    let proxies = match setting {
        ProxySetting::Unsaid => return Value::Text(String::new()),
        ProxySetting::Direct => return Value::Bool(false),
        ProxySetting::System => return Value::Bool(true),
        ProxySetting::Explicit(proxies) => proxies,
    };
    let Proxies { http, https, bypass } = &**proxies;
    let mut fields = match (http, https) {
        (Some(http), Some(https)) if http == https => one(http, at),
        _ => {
            let mut fields = Fields::new(keys::PROXY, at);
            for (id, proxy) in [(Id::ForHttp, http), (Id::ForHttps, https)] {
                let shown = proxy.as_ref().map_or(json!(false), |proxy| Json::Object(one(proxy, at).map));
                fields.put(id, shown);
            }
            fields
        }
    };
    let Bypass { patterns, local } = bypass;
    if *local {
        fields.put(Id::BypassLocal, json!(true));
    }
    if !patterns.is_empty() {
        fields.put(Id::BypassAddresses, json!(patterns));
    }
    fields.value()
}

fn one<'a>(proxy: &Proxy, at: &'a At) -> Fields<'a> {
    let mut fields = Fields::new(keys::PROXY, at);
    fields.put(Id::Server, json!(proxy.host));
    fields.put(Id::Port, json!(proxy.port));
    fields.put(Id::Scheme, json!(proxy.kind.scheme()));
    match &proxy.credentials {
        None => {}
        Some(Credentials::System) => fields.put(Id::OperatingSystem, json!(true)),
        Some(Credentials::Basic { user, .. }) => {
            fields.put(Id::User, json!(user));
            fields.put(Id::Password, json!(MASK));
        }
        Some(_) => fields.put(Id::Password, json!(MASK)),
    }
    fields
}

/// `VerifySSL`.
pub(super) fn verify(given: &VerifyGiven, at: &At) -> Value {
    match given {
        VerifyGiven::Bool(given) => Value::Bool(*given),
        VerifyGiven::Own(Given::Text(pem)) => Value::Text(certificates(pem).to_owned()),
        VerifyGiven::Own(given) => json_value(&source(given, at)),
        VerifyGiven::List { system, own } => {
            let system = system.then(|| json!(true));
            let own = own.iter().map(|given| match given {
                Given::Text(pem) => json!(certificates(pem)),
                other => source(other, at),
            });
            json_value(&Json::Array(system.into_iter().chain(own).collect()))
        }
    }
}

/// Certificates are no secret, but a private key may stand among them.
fn certificates(pem: &str) -> &str {
    if pem.contains("PRIVATE KEY") { MASK } else { pem }
}

/// `ClientSSLCertificate`.
pub(super) fn certificate(given: &CertificateGiven, at: &At) -> Value {
    let mut fields = Fields::new(keys::CERTIFICATE, at);
    match given {
        CertificateGiven::Store(search) => {
            let mut store = Fields::new(keys::STORE, at);
            match search {
                StoreSearch::Thumbprint(bytes) => {
                    store.put(Id::Thumbprint, json!(hex::digits(bytes).to_uppercase()));
                }
                StoreSearch::Subject(text) => store.put(Id::Subject, json!(text)),
            }
            fields.put(Id::Store, Json::Object(store.map));
        }
        CertificateGiven::Material { source: from, key, password } => {
            match from {
                Given::File(path) => fields.put(Id::File, json!(path)),
                Given::Blob(name) => fields.put(Id::Blob, json!(name)),
                Given::Text(_) => fields.put(Id::Pem, json!(MASK)),
            }
            if let Some(key) = key {
                fields.put(Id::PrivateKey, source(key, at));
            }
            if *password {
                fields.put(Id::Password, json!(MASK));
            }
        }
    }
    fields.value()
}

/// A reference; texts, which may be keys, are masked.
fn source(given: &Given, at: &At) -> Json {
    let (id, text) = match given {
        Given::Text(_) => return json!(MASK),
        Given::File(path) => (Id::File, path),
        Given::Blob(name) => (Id::Blob, name),
    };
    let mut fields = Fields::new(keys::REFERENCE, at);
    fields.put(id, json!(text));
    Json::Object(fields.map)
}

/// An object whose keys come from a table, in the language of the call.
struct Fields<'a> {
    keys: &'static [Key],
    at: &'a At,
    map: Map<String, Json>,
}

impl<'a> Fields<'a> {
    fn new(keys: &'static [Key], at: &'a At) -> Self {
        Self { keys, at, map: Map::new() }
    }

    fn put(&mut self, id: Id, value: Json) {
        if let Some(key) = self.keys.iter().find(|key| key.id == id) {
            self.map.insert(self.at.pick(key.english, key.russian).to_owned(), value);
        }
    }

    fn value(self) -> Value {
        json_value(&Json::Object(self.map))
    }
}
