//! More than one request at a time: cookies, redirects, retries, credentials, time limits.

use std::time::Instant;

use serde_json::json;

use super::{Outcome, Tour, at, contains, same};
use crate::script::{SESSION, Script, options};

pub(super) fn run(tour: &mut Tour<'_>) -> Result<(), String> {
    tour.table.heading("Cookies in a session");
    cookies(tour)?;
    tour.table.heading("Redirects");
    chain(tour);
    method_kept(tour);
    loop_ends(tour);
    tour.table.heading("Who is asking");
    credentials(tour);
    tour.table.heading("Retries and time limits");
    retry_after(tour);
    silence(tour);
    drip(tour);
    Ok(())
}

fn cookies(tour: &mut Tour<'_>) -> Result<(), String> {
    let session = Script::new(tour.addin, SESSION)?;
    let set = tour.server.url("/cookies/set?PHPSESSID=72a68cc1e55&other=test");
    tour.table.step("GET", &set, || {
        let answer = session.json("GetJson", &[&set])?;
        same("cookies", at(&answer, "/cookies/PHPSESSID"), &json!("72a68cc1e55"))?;
        Outcome::of(&session, "two cookies set and sent on after the redirect")
    });
    let url = tour.server.url("/cookies");
    tour.table.step("GET", &url, || {
        let answer = session.json("GetJson", &[&url])?;
        same("cookies", at(&answer, "/cookies/other"), &json!("test"))?;
        Outcome::of(&session, "the session still has them")
    });
    let http = &tour.http;
    tour.table.step("GET", &url, || {
        let answer = http.json("GetJson", &[&url])?;
        same("cookies", at(&answer, "/cookies"), &json!({}))?;
        Outcome::of(http, "another object has none")
    });
    Ok(())
}

fn chain(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/absolute-redirect/6");
    let end = tour.server.url("/get");
    tour.table.step("GET", &url, || {
        same("status", http.status("Get", &[&url])?, 200)?;
        same("final URL", http.get_text("ResponseURL")?, end)?;
        let history = http.get_json("RedirectHistory")?;
        same("hops", history.as_array().map(Vec::len), Some(6))?;
        Outcome::of(http, "six hops followed and told in RedirectHistory")
    });
}

fn method_kept(tour: &mut Tour<'_>) {
    let http = &tour.http;
    for (status, method, sent) in [(303, "GET", json!("")), (307, "POST", json!("тело"))] {
        let url = tour.server.url(&format!("/redirect-to?status_code={status}&url=/anything"));
        tour.table.step("POST", &url, || {
            same("status", http.status("Post", &[&url, "тело"])?, 200)?;
            let answer = http.json("AsJson", &[])?;
            same("method", at(&answer, "/method"), &json!(method))?;
            let arrived = match method {
                "GET" => at(&answer, "/data").clone(),
                _ => at(&answer, "/form").as_object().and_then(|f| f.keys().next().cloned()).into(),
            };
            same("body", arrived, sent)?;
            Outcome::of(http, format!("after {status} the request is a {method}"))
        });
    }
}

fn loop_ends(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/redirect/31");
    tour.table.step("GET", &url, || {
        let text = http.failure("Get", &[&url])?;
        contains("error", &text, "TooManyRedirects")?;
        Ok(Outcome { status: "error".into(), size: None, checked: "31 hops are one too many".into() })
    });
}

fn credentials(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let plain = tour.server.url("/basic-auth/user/pa%20ss");
    let in_url = plain.replace("://", "://user:pa%20ss@");
    tour.table.step("GET", &plain.replace("://", "://user:***@"), || {
        let answer = http.json("GetJson", &[&in_url])?;
        same("user", at(&answer, "/user"), &json!("user"))?;
        Outcome::of(http, "Basic from the URL")
    });
    let basic = json!({"Authentication": {"User": "user", "Password": "pa ss"}});
    tour.table.step("GET", &plain, || {
        let answer = http.json("GetJson", &[&plain, &options(&basic)])?;
        same("authenticated", at(&answer, "/authenticated"), &json!(true))?;
        Outcome::of(http, "Basic from the options")
    });
    let url = tour.server.url("/bearer");
    let bearer = json!({"Аутентификация": {"Тип": "Bearer", "Токен": "t0ken"}});
    tour.table.step("GET", &url, || {
        let answer = http.json("GetJson", &[&url, &options(&bearer)])?;
        same("token", at(&answer, "/token"), &json!("t0ken"))?;
        Outcome::of(http, "Bearer, options with Russian keys")
    });
}

fn retry_after(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/retry_after_duration");
    let request = json!({"MaximumNumberOfRetries": 5, "Headers": {"X-ID": "demo"}});
    tour.table.step("GET", &url, || {
        same("status", http.status("Get", &[&url, &options(&request)])?, 200)?;
        let answer = http.json("AsJson", &[])?;
        same("attempts", at(&answer, "/attempts"), &json!(2))?;
        let waited = at(&answer, "/waited_ms").as_u64().unwrap_or(0);
        if !(950..3000).contains(&waited) {
            return Err(format!("Retry-After: 1, but the second attempt came after {waited} ms"));
        }
        Outcome::of(http, "503, then after its Retry-After of 1 s: 200")
    });
}

fn silence(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/delay/10");
    tour.table.step("GET", &url, || {
        let begun = Instant::now();
        let text = http.failure("Get", &[&url, &options(&json!({"Timeout": 0.5}))])?;
        contains("error", &text, "Timeout exceeded")?;
        in_time(begun, 0.5)?;
        Ok(Outcome { status: "error".into(), size: None, checked: "Timeout of 0.5 s held".into() })
    });
}

fn drip(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/drip?numbytes=20&duration=10");
    tour.table.step("GET", &url, || {
        let begun = Instant::now();
        let text = http.failure("Get", &[&url, &options(&json!({"TotalTimeout": 2}))])?;
        contains("error", &text, "Timeout exceeded")?;
        in_time(begun, 2.0)?;
        let checked = "a byte per 0.5 s ended by TotalTimeout of 2 s".into();
        Ok(Outcome { status: "error".into(), size: None, checked })
    });
}

fn in_time(begun: Instant, seconds: f64) -> Result<(), String> {
    let took = begun.elapsed().as_secs_f64();
    if (took - seconds).abs() <= 0.2 { Ok(()) } else { Err(format!("took {took:.2} s, expected {seconds}")) }
}
