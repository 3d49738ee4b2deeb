//! Cases 34, 38 to 42: redirects.

use serde_json::json;

use crate::built::addin;
use crate::script::{CONNECTOR, Script};
use crate::{connector, http, https, trusting};

#[test]
fn case_34_after_301_a_post_becomes_a_get() {
    let script = connector();
    let url = http("/redirect-to?url=%2Fanything&status_code=301");
    assert_eq!(script.status("Get", &[&url]), Ok(200));
    assert_eq!(script.status("Post", &[&url, "body"]), Ok(200));
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!((&answer["method"], &answer["data"]), (&json!("GET"), &json!("")));
    assert_eq!(script.get_text("ResponseMethod").unwrap(), "GET");
}

#[test]
fn case_38_six_relative_redirects_are_followed() {
    let script = connector();
    assert_eq!(script.status("Get", &[&https("/relative-redirect/6"), &trusting(json!({}))]), Ok(200));
    assert_eq!(script.get_text("ResponseURL").unwrap(), https("/get"));
}

#[test]
fn case_39_six_absolute_redirects_are_followed() {
    let script = connector();
    assert_eq!(script.status("Get", &[&http("/absolute-redirect/6")]), Ok(200));
    assert_eq!(script.get_text("ResponseURL").unwrap(), http("/get"));
}

#[test]
fn case_40_thirty_one_redirects_are_too_many() {
    let text = connector().failure("Get", &[&http("/redirect/31")]).unwrap();
    assert!(text.contains("TooManyRedirects"), "{text}");
    let russian = Script::in_language(addin(), CONNECTOR, "ru").unwrap();
    let text = russian.failure("Get", &[&http("/redirect/31")]).unwrap();
    assert!(text.contains("СлишкомМногоПеренаправлений"), "{text}");
    assert_eq!(connector().status("Get", &[&http("/redirect/30")]), Ok(200));
}

#[test]
fn case_41_a_redirect_is_an_answer_when_not_allowed() {
    let script = connector();
    let url = http("/redirect-to?url=%2Fget&status_code=307");
    assert_eq!(script.status("Get", &[&url, "{\"AllowRedirect\": false}"]), Ok(307));
    assert_eq!(script.get("IsRedirect").unwrap().as_bool(), Some(true));
    assert_eq!(script.get("IsPermanentRedirect").unwrap().as_bool(), Some(false));
}

#[test]
fn case_42_the_port_of_the_target_is_kept() {
    let script = connector();
    let target = https("/anything");
    let url = http("/redirect-to");
    let options = json!({"RequestParameters": {"url": target, "status_code": "307"}});
    assert_eq!(script.status("Get", &[&url, &trusting(options)]), Ok(200));
    assert_eq!(script.get_text("ResponseURL").unwrap(), target);
}
