//! Which proxy a URL goes through: what was set, else the environment, else the system.
//!
//! The environment is read once, at the first request that needs it: a process does not change its own, and reading it
//! while another thread of the host writes to it is a race. The system's settings belong to a person who may change
//! them while a server runs for weeks, so they are read anew, at most every 30 s.

use std::sync::{Arc, OnceLock};

use url::{Host, Url};

use super::{Bypass, Proxies, Proxy, ProxySetting, system};
use crate::engine::error::{Error, ErrorKind, Phase, Result};

static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();

/// The proxy for `url`; `None`: straight there.
///
/// # Errors
/// [`ErrorKind::Proxy`] with `configuration`: the environment names what is no proxy.
pub(crate) fn route(setting: &ProxySetting, url: &Url) -> Result<Option<Arc<Proxy>>> {
    match setting {
        ProxySetting::Direct => Ok(None),
        ProxySetting::Explicit(proxies) => Ok(proxies.choose(url)),
        ProxySetting::System => of_system(url),
        ProxySetting::Unsaid => {
            let environment = ENVIRONMENT.get_or_init(|| Environment::read(&set));
            match environment.choose(url)? {
                Said::Nothing if environment.bypass.matches(url) => Ok(None),
                Said::Nothing => of_system(url),
                Said::Direct => Ok(None),
                Said::Proxy(proxy) => Ok(Some(proxy)),
            }
        }
    }
}

/// Where a proxy that nobody set comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Environment variables of the process.
    Environment,
    /// Settings of the system.
    System,
}

/// The proxy that requests to `url` go through when none was set, and where it comes from. Java,
/// which may hang, is waited for two seconds at most.
///
/// # Errors
/// [`ErrorKind::Proxy`] with `configuration`: the environment names what is no proxy.
pub fn by_default(url: &Url) -> Result<Option<(Origin, Arc<Proxy>)>> {
    let environment = ENVIRONMENT.get_or_init(|| Environment::read(&set));
    #[cfg(java)]
    let _at = super::java::patient();
    let origin = match environment.choose(url)? {
        Said::Nothing => Origin::System,
        Said::Direct | Said::Proxy(_) => Origin::Environment,
    };
    Ok(route(&ProxySetting::Unsaid, url)?.map(|proxy| (origin, proxy)))
}

/// The proxy for `url` by environment variables alone, read through `variable`.
///
/// `http_proxy`, `https_proxy` by the scheme of the URL, else `all_proxy`; `no_proxy` (see [`Bypass::matches`]); each in
/// lower case, else in upper. `HTTP_PROXY` is not looked at where `REQUEST_METHOD` is set: in a CGI process it is a
/// header of somebody's request. An empty variable is as good as none. Loopback is never reached through a proxy of
/// the environment or the system.
///
/// # Errors
/// [`ErrorKind::Proxy`] with `configuration`; `detail` is the name of the variable.
pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>, url: &Url) -> Result<Option<Arc<Proxy>>> {
    match Environment::read(variable).choose(url)? {
        Said::Proxy(proxy) => Ok(Some(proxy)),
        Said::Nothing | Said::Direct => Ok(None),
    }
}

/// A variable of the process. What is no UTF-8 is kept as far as it can be: taken for nothing, it would let requests
/// past a proxy that somebody wanted.
fn set(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

impl Proxies {
    /// The proxy for `url`; `None`: straight there.
    #[must_use]
    pub fn choose(&self, url: &Url) -> Option<Arc<Proxy>> {
        let proxy = match url.scheme() {
            "http" => self.http.as_ref(),
            "https" => self.https.as_ref(),
            _ => None,
        }?;
        if self.bypass.matches(url) { None } else { Some(proxy.clone()) }
    }
}

fn of_system(url: &Url) -> Result<Option<Arc<Proxy>>> {
    if is_loopback(url) {
        return Ok(None);
    }
    #[cfg(java)]
    if let Some(answer) = super::java::proxy(url) {
        return answer;
    }
    Ok(system::proxies().and_then(|proxies| proxies.choose(url)))
}

/// What the environment says.
struct Environment {
    http: Variable,
    https: Variable,
    bypass: Bypass,
}

/// A variable that names a proxy; the name of the variable when it does not.
type Variable = Option<Result<Arc<Proxy>, &'static str>>;

enum Said {
    Nothing,
    Direct,
    Proxy(Arc<Proxy>),
}

impl Environment {
    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        let first = |names: &[&'static str]| -> Variable {
            let (name, text) = names.iter().find_map(|name| Some((*name, text(name)?)))?;
            Some(Proxy::parse(&text).map(Arc::new).map_err(|_| name))
        };
        let http: &[_] = if variable("REQUEST_METHOD").is_some() {
            &["http_proxy", "all_proxy", "ALL_PROXY"]
        } else {
            &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        };
        let bypass = text("no_proxy").or_else(|| text("NO_PROXY")).unwrap_or_default();
        Self {
            http: first(http),
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            bypass: Bypass::parse(&bypass),
        }
    }

    fn choose(&self, url: &Url) -> Result<Said> {
        let said = match url.scheme() {
            "http" => &self.http,
            "https" => &self.https,
            _ => &None,
        };
        let Some(said) = said else { return Ok(Said::Nothing) };
        if is_loopback(url) || self.bypass.matches(url) {
            return Ok(Said::Direct);
        }
        match said {
            Ok(proxy) => Ok(Said::Proxy(proxy.clone())),
            Err(name) => {
                // What the variable holds may be a password.
                let kind = ErrorKind::Proxy {
                    proxy: String::new(),
                    problem: "configuration",
                    status: None,
                    detail: (*name).to_owned(),
                };
                Err(Error::new(kind, Phase::Prepare))
            }
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        from_environment(&variable, &Url::parse(url).unwrap()).unwrap().map(|proxy| proxy.id())
    }

    #[test]
    fn variables_are_taken_by_scheme_lower_case_first() {
        let all = [("http_proxy", "a"), ("HTTP_PROXY", "b"), ("HTTPS_PROXY", "c"), ("all_proxy", "d")];
        assert_eq!(chosen(&all, "http://h/").unwrap(), "http://a:80");
        assert_eq!(chosen(&all[1..], "http://h/").unwrap(), "http://b:80");
        assert_eq!(chosen(&all, "https://h/").unwrap(), "http://c:80");
        assert_eq!(chosen(&all[3..], "https://h/").unwrap(), "http://d:80");
        assert_eq!(
            chosen(&[("http_proxy", " "), ("ALL_PROXY", "socks5h://e")], "http://h/").unwrap(),
            "socks5h://e:1080"
        );
        assert_eq!(chosen(&[("https_proxy", "a")], "http://h/"), None);
    }

    #[test]
    fn a_header_of_a_cgi_request_is_no_proxy() {
        let set = [("HTTP_PROXY", "evil"), ("REQUEST_METHOD", "GET")];
        assert_eq!(chosen(&set, "http://h/"), None);
        assert_eq!(chosen(&[("http_proxy", "good"), set[1]], "http://h/").unwrap(), "http://good:80");
        assert_eq!(chosen(&[("HTTPS_PROXY", "good"), set[1]], "https://h/").unwrap(), "http://good:80");
    }

    #[test]
    fn exceptions_and_loopback_go_straight() {
        let set = [("http_proxy", "p"), ("NO_PROXY", "a.example, b.example")];
        assert!(chosen(&set, "http://h/").is_some());
        for url in ["http://x.b.example/", "http://localhost/", "http://127.1.2.3/", "http://[::1]/"] {
            assert_eq!(chosen(&set, url), None, "{url}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_an_error_without_its_value() {
        let variable = |name: &str| (name == "https_proxy").then(|| "gopher://u:secret@h".to_owned());
        let error = from_environment(&variable, &Url::parse("https://h/").unwrap()).unwrap_err();
        let ErrorKind::Proxy { problem: "configuration", detail, .. } = &error.kind else {
            panic!("{error:?}")
        };
        assert_eq!(detail, "https_proxy");
        assert!(!format!("{error:?}").contains("secret"));
        assert!(from_environment(&variable, &Url::parse("http://h/").unwrap()).unwrap().is_none());
    }

    #[test]
    fn set_proxies_are_used_for_loopback_too() {
        let proxy = Arc::new(Proxy::parse("p").unwrap());
        let proxies = Proxies { http: Some(proxy), https: None, bypass: Bypass::parse("skip.test") };
        let setting = ProxySetting::Explicit(Arc::new(proxies));
        let by = |url: &str| route(&setting, &Url::parse(url).unwrap()).unwrap().is_some();
        assert!(by("http://localhost/") && !by("https://localhost/") && !by("http://skip.test/"));
        assert!(route(&ProxySetting::Direct, &Url::parse("http://h/").unwrap()).unwrap().is_none());
    }
}
