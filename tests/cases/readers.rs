//! Cases 20, 21, 29, 35, 72: reading answers.

use serde_json::json;
use test_server::texts;

use crate::{connector, http};

#[test]
fn case_20_a_picture_is_read_byte_for_byte() {
    let script = connector();
    assert_eq!(script.status("Get", &[&http("/image/png")]), Ok(200));
    assert_eq!(script.bytes("AsBinaryData", &[]).unwrap(), texts::png());
}

#[test]
fn case_21_a_page_in_utf8_is_read_as_text() {
    let script = connector();
    assert_eq!(script.status("Get", &[&http("/encoding/utf8")]), Ok(200));
    let text = script.text("AsText", &[]).unwrap();
    let before = text.find(texts::PHRASE).map(|at| text[..at].chars().count());
    assert_eq!(before, Some(texts::PHRASE_AT));
}

#[test]
fn case_29_a_gzip_answer_is_read_as_json() {
    let answer = connector().json("GetJson", &[&http("/gzip")]).unwrap();
    assert_eq!(answer["gzipped"], true);
}

#[test]
fn case_35_a_document_is_read_with_its_structure() {
    let answer = connector().json("GetJson", &[&http("/json")]).unwrap();
    assert_eq!(answer["slideshow"]["author"], "Yours Truly");
    assert_eq!(answer["slideshow"]["date"], "date of publication");
    assert_eq!(answer["slideshow"]["slides"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["slideshow"]["title"], "Sample Slide Show");
}

#[test]
fn case_72_a_page_in_place_of_json_is_shown_in_the_error() {
    let url = http("/html#Products");
    let text = connector().failure("GetJson", &[&url]).unwrap();
    assert!(text.contains("1C Company"), "{text}");
    assert!(text.contains("GET") && text.contains("200: OK"), "{text}");
    let russian = crate::script::Script::in_language(crate::built::addin(), crate::CONNECTOR, "ru").unwrap();
    let text = russian.failure("GetJson", &[&url, &json!({}).to_string()]).unwrap();
    assert!(text.contains("1C Company"), "{text}");
}
