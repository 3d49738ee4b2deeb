//! SOCKS: dante (4, 4a, 5, open), microsocks (5 with a password).

use serde_json::json;

use crate::proxy::{by, details};
use crate::{connector, server};

#[test]
fn every_version_passes_an_open_proxy() {
    let (proxy, http, https) =
        (server!("CONNECTOR_DANTE"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_TLS_GOOD"));
    let https = https.replace("localhost", "127.0.0.1");
    for scheme in ["socks4", "socks4a", "socks5", "socks5h"] {
        let options = by(format!("{scheme}://{proxy}"));
        let script = connector();
        for url in [format!("{http}/a.json"), https.clone()] {
            assert_eq!(script.status("Get", &[&url, &options]), Ok(200), "{scheme} {url}");
        }
    }
}

#[test]
fn names_are_looked_up_on_the_side_that_the_scheme_says() {
    let (proxy, http) = (server!("CONNECTOR_MICROSOCKS"), server!("CONNECTOR_NGINX"));
    let script = connector();
    let url = format!("{}/a.json", http.replace("127.0.0.1", "nowhere.invalid"));
    // Here: the name's failure. There: the proxy's refusal.
    let seen = details(&script, "Get", &[&url, &by(format!("socks5://u:p%40ss%3Aw@{proxy}"))]);
    assert_eq!(seen["code"], "name-not-found");
    let seen = details(&script, "Get", &[&url, &by(format!("socks5h://u:p%40ss%3Aw@{proxy}"))]);
    assert_eq!((&seen["code"], &seen["problem"]), (&json!("proxy"), &json!("socks")));
    let url = format!("{}/a.json", http.replace("127.0.0.1", "localhost"));
    assert_eq!(script.status("Get", &[&url, &by(format!("socks5h://u:p%40ss%3Aw@{proxy}"))]), Ok(200));
}

#[test]
fn a_password_is_given_and_a_wrong_one_is_the_proxys_error() {
    let (proxy, http, https) =
        (server!("CONNECTOR_MICROSOCKS"), server!("CONNECTOR_NGINX"), server!("CONNECTOR_TLS_GOOD"));
    let script = connector();
    for url in [format!("{http}/a.json"), https] {
        let right = by(format!("socks5h://u:p%40ss%3Aw@{proxy}"));
        assert_eq!(script.status("Get", &[&url, &right]), Ok(200), "{url}");
        for user in ["u:wrong@", ""] {
            let seen = details(&script, "Get", &[&url, &by(format!("socks5h://{user}{proxy}"))]);
            assert_eq!(
                (&seen["code"], &seen["problem"]),
                (&json!("proxy"), &json!("authentication")),
                "{user}"
            );
        }
    }
}

#[test]
fn a_target_that_refuses_is_told_in_the_words_of_socks() {
    let (proxy, dead) = (server!("CONNECTOR_DANTE"), server!("CONNECTOR_SQUID_DEAD"));
    let seen = details(&connector(), "Get", &[&format!("http://{dead}/"), &by(format!("socks5://{proxy}"))]);
    assert_eq!(
        (&seen["code"], &seen["problem"], &seen["detail"]),
        (&json!("proxy"), &json!("socks"), &json!("connection refused (5)"))
    );
}
