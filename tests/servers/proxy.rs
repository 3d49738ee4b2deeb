//! squid: open, with Basic, Digest, NTLM, over TLS; what it refuses and what the target behind it refuses.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::script::Script;
use crate::{connector, server, session};

/// Options with a proxy, trusting the authority of the run.
pub(crate) fn by(proxy: impl Into<Value>) -> String {
    let pki = crate::told("CONNECTOR_PKI").unwrap();
    let root = Path::new(&pki).join("root.pem");
    json!({"Proxy": proxy.into(), "VerifySSL": {"File": root.to_str().unwrap()}}).to_string()
}

/// The details of a call that has to fail.
pub(crate) fn details(script: &Script, method: &str, arguments: &[&str]) -> Value {
    let text = script.failure(method, arguments).unwrap();
    let details = script.get_json("LastErrorDetails").unwrap();
    assert!(!format!("{text}{details}").contains("p@ss"), "{text}");
    details
}

/// A URL that no other test asks for.
fn unique(base: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{base}/seen?{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}

/// Lines of a squid's log about `url`: client port, method, URL, status, user.
fn logged(name: &str, url: &str, count: usize) -> Vec<Vec<String>> {
    let file = Path::new(&crate::told("CONNECTOR_SQUID_LOGS").unwrap()).join(format!("{name}.log"));
    let began = std::time::Instant::now();
    loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let lines: Vec<Vec<String>> = text
            .lines()
            .map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .filter(|words| words[2] == url)
            .collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(began.elapsed().as_secs() < 20, "{count} lines about {url} in {text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn both_schemes_pass_an_open_proxy() {
    let (proxy, http, https) =
        (server!("CONNECTOR_SQUID"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_TLS_GOOD"));
    let url = unique(&http);
    let script = connector();
    assert_eq!(script.status("Get", &[&url, &by(format!("http://{proxy}"))]), Ok(200));
    assert_eq!(logged("open", &url, 1)[0][1..4], ["GET".to_owned(), url.clone(), "200".to_owned()]);
    assert_eq!(script.status("Get", &[&https, &by(proxy)]), Ok(200));
    assert!(script.text("AsText", &[]).unwrap().contains("TLSv1.3"));
}

#[test]
fn requests_of_a_session_share_a_connection_to_the_proxy() {
    let (proxy, http) = (server!("CONNECTOR_SQUID_BASIC"), server!("CONNECTOR_NGINX"));
    let script = session();
    let url = unique(&http);
    let options = by(format!("http://u:p%40ss%3Aw@{proxy}"));
    for _ in 0..4 {
        assert_eq!(script.status("Get", &[&url, &options]), Ok(200));
    }
    // One challenge, and no more after it was answered.
    let lines = logged("basic", &url, 5);
    let statuses: Vec<_> = lines.iter().map(|line| line[3].as_str()).collect();
    assert_eq!(statuses, ["407", "200", "200", "200", "200"]);
    assert!(lines.iter().all(|line| line[0] == lines[0][0]), "one connection: {lines:?}");
}

/// A proxy with that user: http, https, and a body that is sent again after the challenge.
fn answers_as(proxy: &str, user: &str) {
    let http = crate::told("CONNECTOR_NGINX").unwrap();
    let https = crate::told("CONNECTOR_TLS_GOOD").unwrap();
    let script = session();
    let options = by(format!("http://{user}@{proxy}"));
    for url in [&unique(&http), &https, &https] {
        assert_eq!(script.status("Get", &[url, &options]), Ok(200), "{url}");
    }
    bodies_arrive(&script, &options);
}

/// Twice the same body; the target sees it, and nothing that was meant for the proxy.
fn bodies_arrive(script: &Script, options: &str) {
    let mut plain: Value = serde_json::from_str(options).unwrap();
    plain["Headers"] = json!({"Content-Type": "text/plain"});
    let plain = plain.to_string();
    let echo = format!("{}/anything", crate::told("CONNECTOR_HTTPBIN").unwrap());
    for _ in 0..2 {
        assert_eq!(script.status("Post", &[&echo, "тело", &plain]), Ok(200));
        assert_eq!(script.json("AsJson", &[]).unwrap()["data"], "тело");
        assert!(!script.text("AsText", &[]).unwrap().contains("Proxy-Authorization"));
    }
}

#[test]
fn basic_is_answered_for_both_schemes_and_bodies() {
    let (proxy, _, _) =
        (server!("CONNECTOR_SQUID_BASIC"), server!("CONNECTOR_HTTPBIN"), server!("CONNECTOR_TLS_GOOD"));
    answers_as(&proxy, "u:p%40ss%3Aw");
    answers_as(&proxy, "%D0%BA%D0%B8%D1%80:%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C%3A1");
    let fields = json!({"Server": "127.0.0.1", "Port": proxy.rsplit(':').next().unwrap().parse::<u16>().unwrap(), "User": "кир", "Password": "пароль:1"});
    assert_eq!(connector().status("Get", &[&server!("CONNECTOR_TLS_GOOD"), &by(fields)]), Ok(200));
}

#[test]
fn digest_is_answered_for_both_schemes_and_bodies() {
    let (proxy, _, _) =
        (server!("CONNECTOR_SQUID_DIGEST"), server!("CONNECTOR_HTTPBIN"), server!("CONNECTOR_TLS_GOOD"));
    answers_as(&proxy, "u:p%40ss%3Aw");
}

#[test]
fn kerberos_ticket_opens_the_proxy_for_both_schemes_and_bodies() {
    let (proxy, http) = (server!("CONNECTOR_SQUID_NEGOTIATE"), server!("CONNECTOR_NGINX"));
    let (https, _) = (server!("CONNECTOR_TLS_GOOD"), server!("CONNECTOR_HTTPBIN"));
    let port: u16 = proxy.rsplit(':').next().unwrap().parse().unwrap();
    let options = by(json!({"Server": "localhost", "Port": port, "UseOSAuthentication": true}));
    let script = session();
    let url = unique(&http);
    for url in [&url, &https, &https] {
        assert_eq!(script.status("Get", &[url, &options]), Ok(200), "{url}");
    }
    // The ticket goes along at once: the proxy has nothing to ask.
    assert_eq!(logged("negotiate", &url, 1)[0][3..], ["200", "user@LAB.TEST"]);
    bodies_arrive(&script, &options);
}

#[test]
fn proxy_that_wants_kerberos_refuses_another_password_and_nobody() {
    let (proxy, http) = (server!("CONNECTOR_SQUID_NEGOTIATE"), server!("CONNECTOR_NGINX"));
    for user in ["", "user:wrong@"] {
        let told = details(&connector(), "Get", &[&unique(&http), &by(format!("http://{user}{proxy}"))]);
        assert_eq!(told["code"], "proxy", "{told}");
        assert_eq!(told["status"], 407, "{told}");
    }
}

#[test]
fn ntlm_is_answered_on_one_connection_for_both_schemes_and_bodies() {
    let (proxy, http) = (server!("CONNECTOR_SQUID_NTLM"), server!("CONNECTOR_NGINX"));
    answers_as(&proxy, "DOM%5Cu:p%40ss%3Aw");
    // Three steps, and then the connection is known.
    let script = session();
    let url = unique(&http);
    for _ in 0..3 {
        assert_eq!(script.status("Get", &[&url, &by(format!("http://u:p@{proxy}"))]), Ok(200));
    }
    let lines = logged("ntlm", &url, 5);
    let statuses: Vec<_> = lines.iter().map(|line| line[3].as_str()).collect();
    assert_eq!(statuses, ["407", "407", "200", "200", "200"]);
    assert!(lines.iter().all(|line| line[0] == lines[0][0]), "one connection: {lines:?}");
}

#[test]
fn wrong_or_no_credentials_are_the_proxys_error() {
    let targets = [unique(&server!("CONNECTOR_NGINX")), server!("CONNECTOR_TLS_GOOD")];
    for (proxy, name) in
        [(server!("CONNECTOR_SQUID_BASIC"), "basic"), (server!("CONNECTOR_SQUID_DIGEST"), "digest")]
    {
        for user in ["u:wrong@", "nobody:x@", ""] {
            for url in &targets {
                let seen = details(&connector(), "Get", &[url, &by(format!("http://{user}{proxy}"))]);
                assert_eq!(
                    (&seen["code"], &seen["problem"], &seen["status"]),
                    (&json!("proxy"), &json!("authentication"), &json!(407)),
                    "{name} {user}{url}: {seen}"
                );
                let said = seen["detail"].as_str().unwrap();
                assert!(
                    said.starts_with("Proxy Authentication Required: ERROR: Cache Access Denied"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn a_tunnel_to_a_port_not_allowed_is_refused_in_the_proxys_words() {
    let proxy = server!("CONNECTOR_SQUID");
    let seen = details(&connector(), "Get", &["https://127.0.0.1:80/", &by(proxy.clone())]);
    assert_eq!(
        (&seen["code"], &seen["problem"], &seen["status"]),
        (&json!("proxy"), &json!("refused"), &json!(403))
    );
    let said = seen["detail"].as_str().unwrap();
    assert!(said.starts_with("Forbidden: ERROR: The requested URL could not be retrieved"), "{said}");
    assert!(said.contains("Access Denied"), "{said}");
    assert_eq!(seen["proxy"], format!("http://{proxy}"));
}

#[test]
fn failures_of_the_target_are_told_apart_from_the_proxys() {
    let (proxy, http, dead) =
        (server!("CONNECTOR_SQUID"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_SQUID_DEAD"));
    let script = connector();
    let options = by(proxy);
    assert_eq!(script.status("Get", &[&format!("{http}/nothing"), &options]), Ok(404));
    // In absolute form the proxy answers for the target.
    assert_eq!(script.status("Get", &[&format!("http://{dead}/"), &options]), Ok(503));
    assert!(script.text("AsText", &[]).unwrap().contains("squid"));
    let seen = details(&script, "Get", &[&format!("https://{dead}/"), &options]);
    assert_eq!((&seen["code"], &seen["status"]), (&json!("proxy"), &json!(503)));
    // The certificate is the target's.
    for url in [
        server!("CONNECTOR_TLS_EXPIRED"),
        server!("CONNECTOR_TLS_UNTRUSTED"),
        server!("CONNECTOR_TLS_WRONG_HOST"),
    ] {
        assert_eq!(details(&script, "Get", &[&url, &options])["code"], "tls", "{url}");
    }
    // And nobody is there to be a proxy.
    let seen = details(&script, "Get", &[&http, &by(dead)]);
    assert_eq!((&seen["code"], &seen["problem"]), (&json!("proxy"), &json!("connect")));
}

#[test]
fn a_proxy_behind_tls_serves_both_schemes_and_large_bodies() {
    let (proxy, http, https) =
        (server!("CONNECTOR_SQUID_TLS"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_TLS_GOOD"));
    let options = by(format!("https://{proxy}"));
    let wanted = std::fs::read(Path::new(&server!("CONNECTOR_NGINX_FILES")).join("large.bin")).unwrap();
    let script = session();
    for url in [http.as_str(), https.as_str()] {
        for _ in 0..2 {
            assert_eq!(script.status("Get", &[&format!("{url}/large.bin"), &options]), Ok(200));
            // TLS inside of TLS, every byte.
            assert!(script.bytes("Body", &[]).unwrap() == wanted, "{url}");
        }
    }
    // A certificate for somebody else, asked for by address and not trusted.
    let stranger = json!({"Proxy": format!("https://{proxy}")}).to_string();
    let seen = details(&script, "Get", &[&http, &stranger]);
    assert_eq!((&seen["code"], &seen["problem"]), (&json!("proxy"), &json!("tls")));
}

#[test]
fn uploads_pass_a_proxy_behind_tls() {
    let (proxy, http, https) =
        (server!("CONNECTOR_SQUID_TLS"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_TLS_GOOD"));
    let body: String = "строка\n".repeat(300_000);
    let script = connector();
    let url = format!("{http}/up/through-proxy-{}.bin", std::process::id());
    let options = by(format!("https://{proxy}"));
    assert!(matches!(script.status("Put", &[&url, &body, &options]), Ok(201 | 204)));
    assert_eq!(script.status("Get", &[&url, &options]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == body.as_bytes());
    // TLS inside of TLS: nginx reads all of it before it answers on the same connection again.
    let script = session();
    for _ in 0..2 {
        assert_eq!(script.status("Post", &[&https, &body, &options]), Ok(200));
    }
}

#[test]
fn a_redirect_leads_past_the_proxy_and_back() {
    let (proxy, http, httpbin) =
        (server!("CONNECTOR_SQUID"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_HTTPBIN"));
    let past = httpbin.strip_prefix("http://").unwrap();
    let proxies = json!({"http": proxy, "BypassProxyOnAddresses": [past]});
    let url = unique(&http);
    let from = format!("{httpbin}/redirect-to?url={}", url.replace('?', "%3F"));
    assert_eq!(connector().status("Get", &[&from, &by(proxies)]), Ok(200));
    assert_eq!(logged("open", &url, 1)[0][3], "200");
    let log = Path::new(&server!("CONNECTOR_SQUID_LOGS")).join("open.log");
    assert!(!std::fs::read_to_string(log).unwrap().contains(&from));
}

#[test]
fn the_environment_is_asked_when_nothing_was_said() {
    let (proxy, http) = (server!("CONNECTOR_SQUID"), server!("CONNECTOR_NGINX"));
    let port = http.rsplit(':').next().unwrap();
    // A name that only the proxy knows: the answer tells which way was taken.
    let url = format!("http://target.test:{port}/a.json");
    let ask = |variables: &[(&str, &str)], options: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "proxy::child_that_asks", "--nocapture"]);
        child.env("CONNECTOR_CHILD", format!("{url} {options}"));
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            child.env_remove(name);
        }
        let output = child.envs(variables.iter().copied()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let said = text.lines().find_map(|line| line.split_once("child: ")).map(|(_, said)| said.to_owned());
        said.unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(ask(&[("http_proxy", &proxy)], "{}"), "Ok(200)");
    assert_eq!(ask(&[("ALL_PROXY", &format!("http://{proxy}"))], "{}"), "Ok(200)");
    assert_eq!(ask(&[("HTTP_PROXY", &proxy)], "{}"), "Ok(200)");
    assert_eq!(ask(&[("HTTP_PROXY", &proxy), ("REQUEST_METHOD", "GET")], "{}"), "name-not-found");
    assert_eq!(ask(&[("http_proxy", &proxy), ("no_proxy", ".test")], "{}"), "name-not-found");
    assert_eq!(ask(&[("http_proxy", &proxy)], r#"{"Proxy":false}"#), "name-not-found");
    assert_eq!(ask(&[("http_proxy", &proxy)], r#"{"Proxy":"system"}"#), "name-not-found");
    assert_eq!(ask(&[("http_proxy", "gopher://x")], "{}"), "proxy");
}

/// Asks what the environment says to; run by the test above in a process of its own.
#[test]
fn child_that_asks() {
    let Ok(asked) = std::env::var("CONNECTOR_CHILD") else { return };
    let (url, options) = asked.split_once(' ').unwrap();
    let script = connector();
    match script.status("Get", &[url, options]) {
        Ok(status) => println!("child: Ok({status})"),
        Err(_) => {
            println!("child: {}", script.get_json("LastErrorDetails").unwrap()["code"].as_str().unwrap())
        }
    }
}
