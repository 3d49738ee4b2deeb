//! `Proxy`: not said, none, the system's, or given, as a URL or as the fields of the platform's InternetProxy.

use std::net::Ipv6Addr;
use std::sync::Arc;

use serde_json::Value;

use crate::component::options::keys::{self, Id, Key};
use crate::component::options::reader::Field;
use crate::component::trouble::{KeyProblem, Outcome};
use crate::engine::auth::Credentials;
use crate::engine::proxy::{Bypass, Proxies, Proxy, ProxySetting};

/// `Proxy`.
pub(in crate::component::options) fn proxy(field: &Field<'_, '_>) -> Outcome<ProxySetting> {
    match field.value {
        Value::Bool(false) => return Ok(ProxySetting::Direct),
        Value::Bool(true) => return Ok(ProxySetting::System),
        Value::String(text) => {
            return match text.trim().to_lowercase().as_str() {
                "" | "none" | "нет" => Ok(ProxySetting::Direct),
                "system" | "системный" => Ok(ProxySetting::System),
                _ => {
                    let proxy = Arc::new(from_url(field, text)?);
                    Ok(explicit(Some(Arc::clone(&proxy)), Some(proxy), Bypass::default()))
                }
            };
        }
        _ => {}
    }
    let given = Given::read(field, true)?;
    let own = given.proxy(field)?.map(Arc::new);
    match (own, given.http, given.https) {
        // An InternetProxy whose server is not filled: the system's, and there is nothing to go past.
        (None, None, None) => Ok(ProxySetting::System),
        (None, ..) if given.has_user => {
            let server = keys::PROXY.iter().find(|key| key.id == Id::Server).map(Key::words);
            Err(server
                .map_or_else(|| field.wrong_value(), |name| field.problem(KeyProblem::Missing { name })))
        }
        (own, http, https) => {
            Ok(explicit(http.unwrap_or_else(|| own.clone()), https.unwrap_or(own), given.bypass))
        }
    }
}

fn explicit(http: Option<Arc<Proxy>>, https: Option<Arc<Proxy>>, bypass: Bypass) -> ProxySetting {
    ProxySetting::Explicit(Arc::new(Proxies { http, https, bypass }))
}

/// The fields of an object.
#[derive(Default)]
struct Given {
    server: String,
    port: u16,
    scheme: String,
    credentials: Option<Credentials>,
    has_user: bool,
    bypass: Bypass,
    /// `Some(None)`: none for this scheme.
    http: Option<Option<Arc<Proxy>>>,
    https: Option<Option<Arc<Proxy>>>,
}

impl Given {
    /// `whole`: not the object of one scheme inside another.
    fn read(field: &Field<'_, '_>, whole: bool) -> Outcome<Self> {
        let mut given = Self::default();
        let (mut user, mut password, mut system) = (String::new(), String::new(), false);
        for inner in field.source.fields(field.object()?, keys::PROXY, &field.path)? {
            match inner.key.id {
                Id::Server => given.server = inner.text()?.trim().to_owned(),
                Id::Port => {
                    let port = inner.whole(0, u64::from(u16::MAX))?;
                    given.port = u16::try_from(port).map_err(|_| inner.wrong_value())?;
                }
                Id::Scheme => given.scheme = scheme(&inner)?,
                Id::User => user = inner.text()?.to_owned(),
                Id::Password => password = inner.text()?.to_owned(),
                Id::OperatingSystem => system = inner.bool()?,
                _ if !whole => return Err(inner.problem(KeyProblem::Unknown { nearest: None })),
                Id::BypassLocal => given.bypass.local = inner.bool()?,
                Id::BypassAddresses => given.bypass.patterns = patterns(&inner)?,
                Id::ForHttp => given.http = Some(one(&inner)?),
                Id::ForHttps => given.https = Some(one(&inner)?),
                _ => {}
            }
        }
        given.has_user = system || !user.is_empty() || !password.is_empty();
        given.credentials = match (system, given.has_user) {
            (true, _) => Some(Credentials::System),
            (false, true) => Some(Credentials::Basic { user, password }),
            (false, false) => None,
        };
        Ok(given)
    }

    /// The proxy of `Server`; `None` when that is empty.
    fn proxy(&self, field: &Field<'_, '_>) -> Outcome<Option<Proxy>> {
        if self.server.is_empty() {
            return Ok(None);
        }
        let scheme = if self.scheme.is_empty() { "http" } else { &self.scheme };
        let url = if self.server.contains("://") {
            self.server.clone()
        } else if self.server.parse::<Ipv6Addr>().is_ok() {
            format!("{scheme}://[{}]", self.server)
        } else {
            format!("{scheme}://{}", self.server)
        };
        let mut proxy = from_url(field, &url)?;
        if self.port != 0 {
            proxy.port = self.port;
        }
        if self.credentials.is_some() {
            proxy.credentials.clone_from(&self.credentials);
        }
        Ok(Some(proxy))
    }
}

/// The proxy of one scheme.
fn one(field: &Field<'_, '_>) -> Outcome<Option<Arc<Proxy>>> {
    Ok(match field.value {
        Value::Bool(false) => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(Arc::new(from_url(field, text)?)),
        _ => Given::read(field, false)?.proxy(field)?.map(Arc::new),
    })
}

fn from_url(field: &Field<'_, '_>, text: &str) -> Outcome<Proxy> {
    Proxy::parse(text.trim()).map_err(|_| field.wrong_value())
}

fn scheme(field: &Field<'_, '_>) -> Outcome<String> {
    let scheme = field.text()?.trim().to_lowercase();
    match scheme.as_str() {
        "" | "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h" => Ok(scheme),
        _ => Err(field.wrong_value()),
    }
}

/// Patterns of an array, or of one string as proxy settings write them.
fn patterns(field: &Field<'_, '_>) -> Outcome<Vec<String>> {
    let pieces = |text: &str| -> Vec<String> {
        let pieces = text.split([',', ';']).map(str::trim);
        pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
    };
    match field.value {
        Value::String(text) => Ok(pieces(text)),
        Value::Array(list) => {
            let mut all = Vec::new();
            for (index, value) in list.iter().enumerate() {
                all.extend(pieces(field.element(&format!("[{index}]"), value).text()?));
            }
            Ok(all)
        }
        _ => Err(field.wrong_type()),
    }
}
