//! `PrepareRequest` shows what would be sent and sends nothing.

use crate::support::{connector, json};

#[test]
fn prepared_requests_show_method_url_headers_and_size() {
    let options =
        r#"{"RequestParameters": {"a": "б"}, "Headers": {"X": "1"}, "Authentication": {"Token": "t"}}"#;
    let shown = json(
        &connector(),
        "ПодготовитьЗапрос",
        &["POST".into(), "http://127.0.0.1:1/п?x".into(), "тело".into(), options.into()],
    );
    assert_eq!(shown["method"], "POST");
    assert_eq!(shown["url"], "http://127.0.0.1:1/%D0%BF?x&a=%D0%B1");
    assert_eq!(shown["body_size"], 8);
    let headers = &shown["headers"];
    assert_eq!((headers["X"].as_str(), headers["Accept-Encoding"].as_str()), (Some("1"), Some("gzip")));
    assert_eq!(headers["Content-Type"], "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(headers["Authorization"], "Bearer t");
}
