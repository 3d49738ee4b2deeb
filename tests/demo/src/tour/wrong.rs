//! Wrong use on purpose: what a script is told, in both languages.

use std::net::TcpListener;

use serde_json::json;

use super::{Outcome, Tour, contains, same};
use crate::script::{CONNECTOR, Script};

pub(super) fn run(tour: &mut Tour<'_>) -> Result<(), String> {
    println!("\nWrong use, and what the script is told");
    let english = Script::new(tour.addin, CONNECTOR)?;
    let russian = Script::in_language(tour.addin, CONNECTOR, "ru")?;
    let refused = format!("http://127.0.0.1:{}/", closed_port()?);
    let url = tour.server.url("/get");
    let cases = [
        ("ftp://example.test/", "{}", "ftp", "ftp"),
        (&url, r#"{"Headerz": {}}"#, "Headers", "Headerz"),
        (&url, r#"{"Timeout": "soon"}"#, "Timeout", "Timeout"),
        (&refused, "{}", "Couldn't connect", "соединен"),
    ];
    for (url, options, in_english, in_russian) in cases {
        for (script, expected) in [(&english, in_english), (&russian, in_russian)] {
            tour.table.step("GET", url, || {
                let text = script.failure("Get", &[url, options])?;
                contains("error", &text, expected)?;
                same("LastError", script.get_text("LastError")?, text.clone())?;
                let details = script.get_json("LastErrorDetails")?;
                let code = details["code"].as_str().unwrap_or("?").to_owned();
                Ok(Outcome {
                    status: "error".into(),
                    size: None,
                    checked: format!("{code}\n          {text}"),
                })
            });
        }
    }
    tour.table.step("GET", &url, || {
        let answer = english.json("GetJson", &[&url])?;
        same("url", &answer["url"], &json!(url))?;
        Outcome::of(&english, "the same object works on")
    });
    Ok(())
}

/// A port nobody listens on: one that was free a moment ago.
fn closed_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}
