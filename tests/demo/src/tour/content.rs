//! What is sent and what comes back: query, JSON, form, multipart, compression, text.

use serde_json::json;

use super::{Outcome, Tour, at, same};
use crate::script::options;
use test_server::{pattern, texts};

pub(super) fn run(tour: &mut Tour<'_>) {
    tour.table.heading("Query and JSON");
    query(tour);
    for verb in ["Post", "Put", "Patch", "Delete"] {
        json_both_ways(tour, verb);
    }
    tour.table.heading("Forms and files");
    form(tour);
    multipart(tour);
    binary(tour);
    tour.table.heading("Compression and text");
    gzip_received(tour);
    gzip_sent(tour);
    text(tour);
}

fn query(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/anything/отчёт?post=Программист");
    let query =
        json!({"RequestParameters": {"name": ["Иванов", "Петров"], "salary": 100_000, "time": "01:47"}});
    tour.table.step("GET", &url, || {
        let answer = http.json("GetJson", &[&url, &options(&query)])?;
        same("args", at(&answer, "/args/name"), &json!(["Иванов", "Петров"]))?;
        same("args", at(&answer, "/args/salary"), &json!("100000"))?;
        same("args", at(&answer, "/args/time"), &json!("01:47"))?;
        same("args", at(&answer, "/args/post"), &json!("Программист"))?;
        Outcome::of(http, "query with an array and Cyrillic arrived")
    });
}

fn json_both_ways(tour: &mut Tour<'_>, verb: &str) {
    let http = &tour.http;
    let url = tour.server.url(&format!("/{}", verb.to_lowercase()));
    let document = json!({"Имя": "Иван", "сумма": 100.5, "флаг": true, "список": [1, 2, null]});
    tour.table.step(&verb.to_uppercase(), &url, || {
        let answer = http.json(&format!("{verb}Json"), &[&url, &document.to_string()])?;
        same("json", at(&answer, "/json"), &document)?;
        same(
            "Content-Type",
            at(&answer, "/headers/Content-Type"),
            &json!("application/json; charset=utf-8"),
        )?;
        Outcome::of(http, "JSON came back equal")
    });
}

fn form(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/post");
    let form = json!({"имя": "Иван Петров", "почта": "a@b.test", "размер": ["S", "L"], "знаки": "a&b=c+d %"});
    tour.table.step("POST", &url, || {
        same("status", http.status("Post", &[&url, "", &options(&json!({"Data": form}))])?, 200)?;
        let answer = http.json("AsJson", &[])?;
        same("form", at(&answer, "/form"), &sorted(&form))?;
        Outcome::of(http, "form fields decoded by the server")
    });
}

fn multipart(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/post");
    let picture = texts::png();
    let request = json!({
        "Data": {"поле": "значение"},
        "Files": [
            {"Name": "текст", "FileName": "отчёт \"1\".txt", "Type": "text/plain", "Data": "Привет"},
            {"Name": "picture", "FileName": "p.png", "Type": "image/png", "Data": {"Blob": "png"}},
        ],
    });
    tour.table.step("POST", &url, || {
        http.call("AddBlob", &["png".into(), picture.clone().into()])?;
        same("status", http.status("Post", &[&url, "", &options(&request)])?, 200)?;
        let answer = http.json("AsJson", &[])?;
        same("field", at(&answer, "/form/поле"), &json!("значение"))?;
        same("text file", at(&answer, "/files/текст"), &json!("Привет"))?;
        let sent = at(&answer, "/files/picture").as_str().unwrap_or_default();
        super::contains("picture", sent, "data:image/png;base64,iVBORw0KGgo")?;
        Outcome::of(http, "multipart: a field, a text file, a picture")
    });
}

fn binary(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/echo");
    let content = pattern::bytes(1_000_003);
    tour.table.step("PUT", &url, || {
        let status = http.call("Put", &[url.as_str().into(), content.as_slice().into()])?;
        same("status", status.as_int(), Some(200))?;
        let body = http.bytes("Body", &[])?;
        same("bytes", pattern::first_difference(0, &body), None)?;
        same("length", body.len(), content.len())?;
        Outcome::of(http, "BLOB sent and received, byte for byte")
    });
}

fn gzip_received(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/gzip");
    tour.table.step("GET", &url, || {
        let answer = http.json("GetJson", &[&url])?;
        same("gzipped", at(&answer, "/gzipped"), &json!(true))?;
        let raw = http.bytes("Body", &[])?;
        same("raw body is gzip", raw.get(..2), Some(&[0x1f, 0x8b][..]))?;
        Outcome::of(http, "gzip undone for JSON, kept in Body")
    });
}

fn gzip_sent(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/echo");
    let document = json!({"текст": "повторяется ".repeat(1000)});
    let headers = json!({"Headers": {"Content-Encoding": "gzip"}});
    tour.table.step("POST", &url, || {
        let answer = http.json("PostJson", &[&url, &document.to_string(), &options(&headers)])?;
        same("document", &answer, &document)?;
        let sent = http.get_number("BodySize")?;
        if sent > 2000 {
            return Err(format!("{sent} bytes on the wire: not compressed"));
        }
        Outcome::of(http, format!("gzip both ways, {} bytes as text", document.to_string().len()))
    });
}

fn text(tour: &mut Tour<'_>) {
    let http = &tour.http;
    let url = tour.server.url("/encoding/windows-1251");
    tour.table.step("GET", &url, || {
        same("status", http.status("Get", &[&url])?, 200)?;
        same("encoding", http.get_text("Encoding")?, "windows-1251")?;
        same("text", http.text("AsText", &[])?, "Привет, мир!")?;
        Outcome::of(http, "windows-1251 decoded by its charset")
    });
}

/// The same object with its keys in order, as the server gives it.
fn sorted(object: &serde_json::Value) -> serde_json::Value {
    let mut object = object.clone();
    object.sort_all_objects();
    object
}
