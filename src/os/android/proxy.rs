//! Which proxy the system takes for a URL: its `ProxySelector`, which on Android knows the settings of the network in
//! use, and where there is none the properties it would look at.

use jni::objects::JObject;
use jni::{Env, jni_sig, jni_str};

use super::{Thrown, ask, property, text, thrown};

/// A proxy of the system's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemProxy {
    /// SOCKS instead of HTTP.
    pub socks: bool,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// The proxy for a URL; `None`: straight there. Of several offered the first is taken.
///
/// # Errors
/// What the selector throws; a proxy that cannot be used. It was wanted, so nothing goes past it.
pub fn proxy_for(scheme: &str, host: &str, port: u16) -> Result<Option<SystemProxy>, Thrown> {
    ask(|env| {
        let selector = env
            .call_static_method(
                jni_str!("java/net/ProxySelector"),
                jni_str!("getDefault"),
                jni_sig!("()Ljava/net/ProxySelector;"),
                &[],
            )
            .and_then(|value| value.l())
            .map_err(|error| thrown(env, error))?;
        if selector.is_null() {
            return by_properties(env, scheme, host);
        }
        selected(env, &selector, &format!("{scheme}://{host}:{port}/"))
    })
}

fn selected(env: &mut Env<'_>, selector: &JObject<'_>, url: &str) -> Result<Option<SystemProxy>, Thrown> {
    let first = first_selected(env, selector, url).map_err(|error| thrown(env, error))?;
    let Some((kind, address)) = first else { return Ok(None) };
    let socks = match text(env, kind)?.as_deref() {
        Some("DIRECT") => return Ok(None),
        Some("HTTP") => false,
        Some("SOCKS") => true,
        _ => return Err(unusable("of an unknown kind")),
    };
    let address = address.ok_or_else(|| unusable("without an address"))?;
    let host = call_text(env, &address, jni_str!("getHostString"))?.unwrap_or_default();
    let port = env
        .call_method(&address, jni_str!("getPort"), jni_sig!("()I"), &[])
        .and_then(|port| port.i())
        .map_err(|error| thrown(env, error))?;
    proxy(socks, host, i64::from(port)).map(Some)
}

type Pair<'local> = (JObject<'local>, Option<JObject<'local>>);

/// Kind of the first proxy on the selector's list, and its address when it has one of the Internet.
fn first_selected<'local>(
    env: &mut Env<'local>,
    selector: &JObject<'_>,
    url: &str,
) -> Result<Option<Pair<'local>>, jni::errors::Error> {
    let url = env.new_string(url)?;
    let uri =
        env.new_object(jni_str!("java/net/URI"), jni_sig!("(Ljava/lang/String;)V"), &[(&url).into()])?;
    let list = env
        .call_method(
            selector,
            jni_str!("select"),
            jni_sig!("(Ljava/net/URI;)Ljava/util/List;"),
            &[(&uri).into()],
        )?
        .l()?;
    if list.is_null() || env.call_method(&list, jni_str!("isEmpty"), jni_sig!("()Z"), &[])?.z()? {
        return Ok(None);
    }
    let first = env
        .call_method(&list, jni_str!("get"), jni_sig!("(I)Ljava/lang/Object;"), &[jni::JValue::Int(0)])?
        .l()?;
    if first.is_null() {
        return Ok(None);
    }
    let kind = env.call_method(&first, jni_str!("type"), jni_sig!("()Ljava/net/Proxy$Type;"), &[])?.l()?;
    let name = env.call_method(&kind, jni_str!("name"), jni_sig!("()Ljava/lang/String;"), &[])?.l()?;
    let address =
        env.call_method(&first, jni_str!("address"), jni_sig!("()Ljava/net/SocketAddress;"), &[])?.l()?;
    let inet = jni_str!("java/net/InetSocketAddress");
    let usable = !address.is_null() && env.is_instance_of(&address, inet)?;
    Ok(Some((name, usable.then_some(address))))
}

fn call_text(
    env: &mut Env<'_>,
    object: &JObject<'_>,
    name: &jni::strings::JNIStr,
) -> Result<Option<String>, Thrown> {
    let value = env
        .call_method(object, name, jni_sig!("()Ljava/lang/String;"), &[])
        .and_then(|value| value.l())
        .map_err(|error| thrown(env, error))?;
    text(env, value)
}

/// `http.proxyHost`, `https.proxyHost` with their ports, `http.nonProxyHosts` for both, `socksProxyHost`.
fn by_properties(env: &mut Env<'_>, scheme: &str, host: &str) -> Result<Option<SystemProxy>, Thrown> {
    let past = property(env, "http.nonProxyHosts")?.unwrap_or_default();
    if past.split('|').any(|pattern| matches(pattern, host)) {
        return Ok(None);
    }
    let default = if scheme == "https" { 443 } else { 80 };
    for (prefix, socks, default) in
        [(format!("{scheme}.p"), false, default), ("socksP".to_owned(), true, 1080)]
    {
        if let Some(host) = property(env, &format!("{prefix}roxyHost"))?.filter(|host| !host.is_empty()) {
            let port = property(env, &format!("{prefix}roxyPort"))?;
            let port = port.and_then(|port| port.trim().parse().ok()).unwrap_or(default);
            return proxy(socks, host, port).map(Some);
        }
    }
    Ok(None)
}

/// Java's patterns: a `*` at the beginning or at the end stands for anything.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim().to_ascii_lowercase(), host.to_ascii_lowercase());
    let bare = pattern.trim_matches('*');
    match (pattern.starts_with('*'), pattern.ends_with('*')) {
        _ if pattern.is_empty() => false,
        (true, true) => host.contains(bare),
        (true, false) => host.ends_with(bare),
        (false, true) => host.starts_with(bare),
        (false, false) => host == bare,
    }
}

fn proxy(socks: bool, host: String, port: i64) -> Result<SystemProxy, Thrown> {
    match u16::try_from(port) {
        Ok(port) if port > 0 && !host.is_empty() => Ok(SystemProxy { socks, host, port }),
        _ => Err(unusable(&format!("with the address {host}:{port}"))),
    }
}

fn unusable(what: &str) -> Thrown {
    Thrown { classes: Vec::new(), words: format!("the system's settings name a proxy {what}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_java_are_understood() {
        for (pattern, host) in [
            ("localhost", "LOCALHOST"),
            ("127.*", "127.0.0.1"),
            ("*.corp.test", "a.corp.test"),
            ("*", "x"),
            ("*mid*", "amidst"),
        ] {
            assert!(matches(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [("", ""), ("", "h"), ("local", "localhost"), ("*.corp.test", "corp.test.org")]
        {
            assert!(!matches(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn proxies_without_a_usable_address_are_errors_and_not_a_way_around_them() {
        for (host, port) in [("p", 0), ("p", 65_536), ("p", -1), ("", 80)] {
            let refused = proxy(false, host.to_owned(), port).unwrap_err();
            assert!(refused.words.ends_with(&format!("{host}:{port}")), "{refused:?}");
        }
        assert!(proxy(true, "p".to_owned(), 1080).is_ok_and(|proxy| proxy.socks));
    }
}
