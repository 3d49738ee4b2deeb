//! The system's settings: those of Windows (Internet options, the registry), read anew at most every 30 s. Other
//! systems have none that a process without a desktop could ask; a script for automatic configuration (PAC) is not
//! run anywhere.

use std::sync::Arc;

use super::Proxies;
#[cfg(any(windows, test))]
use super::{Bypass, Proxy, ProxyKind};

/// What the system says; `None`: nothing.
#[cfg(windows)]
pub(super) fn proxies() -> Option<Arc<Proxies>> {
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, Instant};

    /// How long what was read is good.
    const FRESH: Duration = Duration::from_secs(30);
    static READ: Mutex<Option<(Instant, Option<Arc<Proxies>>)>> = Mutex::new(None);

    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, proxies)) = &*read
        && at.elapsed() < FRESH
    {
        return proxies.clone();
    }
    let proxies = registry::server().map(|(server, past)| Arc::new(windows(&server, &past)));
    *read = Some((Instant::now(), proxies.clone()));
    proxies
}

/// What the system says: nothing here.
#[cfg(not(windows))]
pub(super) fn proxies() -> Option<Arc<Proxies>> {
    None
}

/// The settings of Internet options: `host:port` for everything or `http=host:port;https=host:port;socks=host:port`,
/// and a list of exceptions. What cannot be understood counts as not there, as it does for the system itself.
#[cfg(any(windows, test))]
fn windows(server: &str, past: &str) -> Proxies {
    let mut proxies = Proxies { bypass: Bypass::parse(past), ..Proxies::default() };
    let mut socks = None;
    for entry in server.split([';', ' ']).filter(|entry| !entry.is_empty()) {
        let Some((scheme, address)) = entry.split_once('=') else {
            let all = Proxy::parse(entry).ok().map(Arc::new);
            proxies.http = proxies.http.or_else(|| all.clone());
            proxies.https = proxies.https.or(all);
            continue;
        };
        let proxy = Proxy::parse(address).ok();
        match scheme.to_ascii_lowercase().as_str() {
            "http" => proxies.http = proxy.map(Arc::new),
            "https" => proxies.https = proxy.map(Arc::new),
            // SOCKS there is version 4; the port has to be written.
            "socks" => socks = proxy.map(|proxy| Arc::new(Proxy { kind: ProxyKind::Socks4, ..proxy })),
            _ => {}
        }
    }
    proxies.http = proxies.http.or_else(|| socks.clone());
    proxies.https = proxies.https.or(socks);
    proxies
}

#[cfg(windows)]
mod registry {
    //! The registry as Internet options keep it.

    use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

    const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
    const POLICY: &str = r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";

    /// Proxy server and exceptions, if a proxy is switched on.
    pub(super) fn server() -> Option<(String, String)> {
        // A policy may make the settings those of the machine.
        let of_machine =
            LOCAL_MACHINE.open(POLICY).and_then(|key| key.get_u32("ProxySettingsPerUser")) == Ok(0);
        let root: &Key = if of_machine { LOCAL_MACHINE } else { CURRENT_USER };
        let key = root.open(SETTINGS).ok()?;
        if key.get_u32("ProxyEnable").unwrap_or(0) == 0 {
            return None;
        }
        let server = key.get_string("ProxyServer").ok().filter(|server| !server.trim().is_empty())?;
        Some((server, key.get_string("ProxyOverride").unwrap_or_default()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ids(server: &str) -> (Option<String>, Option<String>) {
        let proxies = windows(server, "");
        (proxies.http.map(|proxy| proxy.id()), proxies.https.map(|proxy| proxy.id()))
    }

    #[test]
    fn settings_of_windows_are_understood() {
        let some = |id: &str| Some(id.to_owned());
        assert_eq!(ids("p:3128"), (some("http://p:3128"), some("http://p:3128")));
        assert_eq!(ids("http://p:1"), (some("http://p:1"), some("http://p:1")));
        assert_eq!(ids("http=a:1;https=b:2;ftp=c:3"), (some("http://a:1"), some("http://b:2")));
        assert_eq!(ids("http=a:1;socks=s:4"), (some("http://a:1"), some("socks4://s:4")));
        assert_eq!(ids("https=a b"), (some("http://b:80"), some("http://a:80")));
        assert_eq!(ids("p:port"), (None, None));
        let past = windows("p:1", "*.corp.example;10.*;<local>").bypass;
        let goes = |url: &str| past.matches(&url::Url::parse(url).unwrap());
        assert!(goes("http://a.corp.example/") && goes("http://10.2.3.4/") && goes("http://server/"));
        assert!(!goes("http://example.com/"));
    }
}
