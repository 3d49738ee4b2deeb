//! Digest with three implementations of somebody else: httpbin (MD5, SHA-256, SHA-512, auth-int), Apache (MD5, nonces of
//! two seconds, WebDAV), lighttpd (SHA-256, a choice of two, hashed user names). How often they were asked, and with
//! what, is read from their logs.

use std::io::Write as _;
use std::time::{Duration, Instant};

use httpconnector::engine::auth::digest_answer;
use serde_json::{Value, json};

use crate::{connector, server, session};

/// User and password of Apache and lighttpd; their realm is as difficult: `lab, Лаборатория`.
const USER: &str = "Иван";
const PASSWORD: &str = "пароль, \"1\"";

fn digest(user: &str, password: &str) -> Value {
    json!({"Authentication": {"Type": "Digest", "User": user, "Password": password}})
}

fn options() -> String {
    digest(USER, PASSWORD).to_string()
}

/// Requests to a path, as a log shows them, once there are that many of them.
fn logged(log: &str, path: &str, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let text = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
        let lines: Vec<_> =
            text.lines().filter(|line| line.split(' ').nth(2) == Some(path)).map(str::to_owned).collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(Instant::now() < end, "{count} requests to {path} were expected: {lines:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Status and count of each logged request.
fn counts(lines: &[String]) -> Vec<(&str, &str)> {
    lines
        .iter()
        .map(|line| {
            let count = line.split("nc=").nth(1).and_then(|rest| rest.get(..8));
            (line.split(' ').next().unwrap(), count.unwrap_or("-"))
        })
        .collect()
}

/// A quoted parameter of a logged answer; the log escapes the quotes.
fn part<'a>(line: &'a str, name: &str) -> &'a str {
    let after = line.split(&format!(" {name}=\\\"")).nth(1).unwrap();
    after.split('\\').next().unwrap()
}

#[test]
fn httpbin_accepts_every_algorithm_and_protection_it_knows() {
    let base = server!("CONNECTOR_HTTPBIN");
    for protection in ["auth", "auth-int", "none"] {
        for algorithm in ["MD5", "SHA-256", "SHA-512"] {
            let script = connector();
            let url = format!("{base}/digest-auth/{protection}/user/pass/{algorithm}");
            let options = digest("user", "pass").to_string();
            assert_eq!(script.status("Get", &[&url, &options]), Ok(200), "{protection} {algorithm}");
            assert_eq!(script.json("AsJson", &[]).unwrap(), json!({"authenticated": true, "user": "user"}));
            let wrong = digest("user", "wrong").to_string();
            assert_eq!(script.status("Get", &[&url, &wrong]), Ok(401), "{protection} {algorithm}");
        }
    }
}

#[test]
fn httpbin_checks_the_hash_of_a_body() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = connector();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&"строка\n".repeat(50_000).into_bytes()).unwrap();
    for algorithm in ["MD5", "SHA-256"] {
        let url = format!("{base}/digest-auth/auth-int/user/pass/{algorithm}");
        let mut options = digest("user", "pass");
        options["Headers"] = json!({"Content-Type": "text/plain"});
        assert_eq!(script.status("CallMethod", &["GET", &url, "тело", &options.to_string()]), Ok(200));
        options["Data"] = json!({"File": file.path().to_str().unwrap()});
        assert_eq!(script.status("CallMethod", &["GET", &url, "", &options.to_string()]), Ok(200));
    }
}

#[test]
fn httpbin_calls_a_nonce_stale_and_takes_the_next() {
    let base = server!("CONNECTOR_HTTPBIN");
    let script = session();
    let url = format!("{base}/digest-auth/auth/user/pass/SHA-256/2");
    for _ in 0..6 {
        assert_eq!(script.status("Get", &[&url, &digest("user", "pass").to_string()]), Ok(200));
    }
}

#[test]
fn apache_asks_a_session_once_and_names_the_next_nonces_itself() {
    let (base, log) = (server!("CONNECTOR_APACHE"), server!("CONNECTOR_APACHE_LOG"));
    let path = format!("/digest/known-{}", std::process::id());
    let url = format!("{base}{path}?ключ=\"1, 2\"");
    let script = session();
    assert_eq!(script.status("Put", &[&url, "содержимое", &options()]), Ok(201));
    assert_eq!(script.status("Get", &[&url, &options()]), Ok(200));
    assert_eq!(script.text("AsText", &[]).unwrap(), "содержимое");
    let lines = logged(&log, &path, 3);
    // A nonce of two seconds is replaced with every answer (`nextnonce`): the count begins anew, no 401 in between.
    assert_eq!(counts(&lines), [("401", "-"), ("201", "00000001"), ("200", "00000001")]);
    assert_ne!(part(&lines[1], "nonce"), part(&lines[2], "nonce"));
    // Without the session, and with wrong credentials.
    assert_eq!(connector().status("Get", &[&url]), Ok(401));
    assert_eq!(connector().status("Get", &[&url, &digest(USER, "no").to_string()]), Ok(401));
    assert_eq!(counts(&logged(&log, &path, 6))[3..], [("401", "-"), ("401", "-"), ("401", "00000001")]);
    let basic = json!({"Authentication": {"User": USER, "Password": PASSWORD}}).to_string();
    assert_eq!(connector().status("Get", &[&url, &basic]), Ok(401), "Basic is not what is asked for");
}

#[test]
fn a_file_put_to_apache_is_sent_again_when_the_nonce_has_become_stale() {
    let (base, log) = (server!("CONNECTOR_APACHE"), server!("CONNECTOR_APACHE_LOG"));
    let path = format!("/digest/stale-{}", std::process::id());
    let url = format!("{base}{path}");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
    file.write_all(&content).unwrap();
    let mut options = digest(USER, PASSWORD);
    options["Data"] = json!({"File": file.path().to_str().unwrap()});
    let script = session();
    assert_eq!(script.status("Put", &[&url, "", &options.to_string()]), Ok(201));
    wait_until_nonces_are_stale(&format!("{base}/digest/"));
    assert_eq!(script.status("Put", &[&url, "", &options.to_string()]), Ok(204));
    let once = "00000001";
    assert_eq!(counts(&logged(&log, &path, 4)), [("401", "-"), ("201", once), ("401", once), ("204", once)]);
    assert_eq!(script.status("Get", &[&url, &digest(USER, PASSWORD).to_string()]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == content, "what was stored is not what was sent");
}

/// Answers a challenge of Apache again and again, until the nonce is too old. Those given out before are, then, too.
fn wait_until_nonces_are_stale(url: &str) {
    let script = connector();
    assert_eq!(script.status("Get", &[url]), Ok(401));
    let challenge = script.text("Header", &["WWW-Authenticate"]).unwrap();
    let path = &url[url.find("/digest/").unwrap()..];
    let answer = digest_answer(&challenge, (USER, PASSWORD), ("GET", path), b"", "own").unwrap();
    let options = json!({"Headers": {"Authorization": answer}}).to_string();
    let end = Instant::now() + Duration::from_secs(60);
    while script.status("Get", &[url, &options]) != Ok(401) {
        assert!(Instant::now() < end, "the nonce does not become stale");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(script.text("Header", &["WWW-Authenticate"]).unwrap().contains("stale=true"));
}

#[test]
fn lighttpd_accepts_sha_256_and_hashed_names_and_of_two_gets_the_stronger() {
    let (base, log) = (server!("CONNECTOR_LIGHTTPD"), server!("CONNECTOR_LIGHTTPD_LOG"));
    for (place, user) in
        [("sha256", "username*=UTF-8''%D0%98"), ("two", "username*="), ("hashed", "username=")]
    {
        let script = connector();
        let path = format!("/{place}/a.json");
        let url = format!("{base}{path}");
        assert_eq!(script.status("Get", &[&url]), Ok(401), "{place}");
        assert_eq!(
            script.json("GetJson", &[&url, &options()]).unwrap(),
            json!({"name": "Привет"}),
            "{place}"
        );
        assert_eq!(script.status("Get", &[&url, &digest(USER, "no").to_string()]), Ok(401), "{place}");
        let lines = logged(&log, &path, 5);
        let answered = lines.iter().find(|line| line.starts_with("200 ")).unwrap();
        let parts = [user, "algorithm=SHA-256", "nc=00000001"];
        assert!(parts.iter().all(|part| answered.contains(part)), "{place}: {answered}");
        assert_eq!(answered.contains("userhash=true"), place == "hashed", "{answered}");
    }
}

#[test]
fn a_session_with_lighttpd_is_asked_once() {
    let (base, log) = (server!("CONNECTOR_LIGHTTPD"), server!("CONNECTOR_LIGHTTPD_LOG"));
    let script = session();
    for _ in 0..3 {
        assert_eq!(script.status("Get", &[&format!("{base}/sha256/numbers.txt"), &options()]), Ok(200));
    }
    let lines = logged(&log, "/sha256/numbers.txt", 4);
    let expected = [("401", "-"), ("200", "00000001"), ("200", "00000002"), ("200", "00000003")];
    assert_eq!(counts(&lines), expected);
}
