//! HTTPS with an authority the system does not know.

use serde_json::json;

use super::{Outcome, Tour, at, contains, same};
use crate::script::{SESSION, Script, options};

pub(super) fn run(tour: &mut Tour<'_>) -> Result<(), String> {
    tour.table.heading("HTTPS with a self-made authority");
    let http = &tour.http;
    let url = tour.server.secure_url("/get");
    tour.table.step("GET", &url, || {
        let text = http.failure("Get", &[&url])?;
        contains("error", &text, "Remote host failed verification")?;
        Ok(Outcome { status: "error".into(), size: None, checked: "refused: nobody vouches for it".into() })
    });
    let pem = json!({"VerifySSL": tour.server.ca_pem()});
    tour.table.step("GET", &url, || {
        let answer = http.json("GetJson", &[&url, &options(&pem)])?;
        same("url", at(&answer, "/url"), &json!(url))?;
        Outcome::of(http, "accepted with the authority's PEM")
    });
    let der = tour.server.ca_der().to_vec();
    tour.table.step("GET", &url, || {
        http.call("AddBlob", &["ca".into(), der.into()])?;
        let request = json!({"VerifySSL": {"Blob": "ca"}});
        same("status", http.status("Get", &[&url, &options(&request)])?, 200)?;
        Outcome::of(http, "accepted with its DER, staged")
    });
    tour.table.step("GET", &url, || {
        same("status", http.status("Get", &[&url, &options(&json!({"VerifySSL": false}))])?, 200)?;
        Outcome::of(http, "accepted without verification")
    });
    let session = Script::new(tour.addin, SESSION)?;
    session.set("VerifySSL", json!(tour.server.ca_pem()).to_string())?;
    let before = tour.server.connections();
    for _ in 0..3 {
        tour.table.step("GET", &url, || {
            same("status", session.status("Get", &[&url])?, 200)?;
            same("new connections", tour.server.connections() - before, 1)?;
            Outcome::of(&session, "one connection for the whole session")
        });
    }
    Ok(())
}
