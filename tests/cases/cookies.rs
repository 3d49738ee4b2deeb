//! Cases 13, 44, 50, 51: cookies.

use serde_json::json;

use crate::{connector, http, https, session, trusting};

#[test]
fn case_13_a_login_over_two_hosts_ends_at_the_page() {
    let session = session();
    let start = http("/portal/total");
    assert_eq!(session.status("Get", &[&start]), Ok(200));
    let form_url = session.get_text("ResponseURL").unwrap();
    assert!(form_url.ends_with("/portal/login"), "{form_url}");
    let page = session.text("AsText", &[]).unwrap();
    let hidden =
        page.split("name=\"execution\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = json!({"Data": {"username": "user", "password": "pass", "execution": hidden}}).to_string();
    assert_eq!(session.status("Post", &[&form_url, "", &form]), Ok(200));
    assert_eq!(session.get_text("ResponseURL").unwrap(), start);
    assert_eq!(session.json("AsJson", &[]).unwrap()["releases"], json!(["first", "second"]));
}

#[test]
fn case_44_a_session_sends_the_cookie_it_was_given() {
    let session = session();
    assert_eq!(session.status("Get", &[&https("/cookies/set/key/value"), &trusting(json!({}))]), Ok(200));
    let answer = session.json("GetJson", &[&https("/cookies"), &trusting(json!({}))]).unwrap();
    assert_eq!(answer["cookies"], json!({"key": "value"}));
}

#[test]
fn case_50_four_cookies_of_one_answer_arrive_after_the_redirect() {
    let url = http("/cookies/set?PHPSESSID=72a68cc1e55&cookie1=1&cookie2=2&other=test");
    let answer = connector().json("GetJson", &[&url]).unwrap();
    assert_eq!(
        answer["cookies"],
        json!({"PHPSESSID": "72a68cc1e55", "cookie1": "1", "cookie2": "2", "other": "test"})
    );
}

#[test]
fn case_51_cookies_of_the_caller_are_sent() {
    let script = connector();
    let english =
        json!({"Cookies": [{"Description": "k1", "Value": "v1"}, {"Description": "k2", "Value": "v2"}]});
    let russian = json!({"Cookies": [{"Наименование": "k1", "Значение": "v1"}, {"Наименование": "k2", "Значение": "v2"}]});
    for options in [english, russian] {
        assert_eq!(script.status("Get", &[&http("/cookies"), &options.to_string()]), Ok(200));
        assert_eq!(script.json("AsJson", &[]).unwrap()["cookies"], json!({"k1": "v1", "k2": "v2"}));
    }
}
