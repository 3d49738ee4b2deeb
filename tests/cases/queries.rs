//! Cases 15 to 18, 22, 32, 55, 58, 59, 77: what goes into the URL and the headers.

use serde_json::json;

use crate::{SERVER, connector, http, https, trusting};

#[test]
fn case_15_an_address_without_scheme_is_http() {
    let script = connector();
    let bare = format!("{}/get", SERVER.address());
    assert_eq!(script.status("Get", &[&bare]), Ok(200));
    assert_eq!(script.get_text("ResponseURL").unwrap(), format!("http://{bare}"));
}

#[test]
fn case_16_query_parameters_are_encoded_in_order() {
    let query =
        json!({"RequestParameters": {"name": ["Иванов", "Петров"], "salary": "100000", "time": "01:47"}});
    let script = connector();
    let url = https("/anything/params");
    assert_eq!(script.status("Get", &[&url, &trusting(query)]), Ok(200));
    let expected = "?name=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&name=%D0%9F%D0%B5%D1%82%D1%80%D0%BE%D0%B2\
                    &salary=100000&time=01%3A47";
    assert_eq!(script.get_text("ResponseURL").unwrap(), url + expected);
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!(answer["args"], json!({"name": ["Иванов", "Петров"], "salary": "100000", "time": "01:47"}));
}

#[test]
fn case_17_raw_cyrillic_in_the_url_joins_the_parameters() {
    let query = json!({"RequestParameters": {"name": ["Иванов", "Петров"], "salary": "100000"}});
    let url = https("/anything/params?post=Программист");
    let answer = connector().json("GetJson", &[&url, &trusting(query)]).unwrap();
    let expected = json!({"name": ["Иванов", "Петров"], "post": "Программист", "salary": "100000"});
    assert_eq!(answer["args"], expected);
}

#[test]
fn case_18_and_32_get_json_reads_the_answer() {
    let answer = connector().json("GetJson", &[&https("/get"), &trusting(json!({}))]).unwrap();
    assert_eq!(answer["url"], https("/get"));
}

#[test]
fn case_22_own_headers_are_sent() {
    let headers = json!({"Headers": {"X-My-Header": "Hello"}}).to_string();
    let answer = connector().json("GetJson", &[&http("/headers"), &headers]).unwrap();
    assert_eq!(answer["headers"]["X-My-Header"], "Hello");
}

#[test]
fn case_55_a_key_without_value_arrives_empty() {
    let answer = connector().json("GetJson", &[&https("/get?key"), &trusting(json!({}))]).unwrap();
    assert_eq!(answer["args"], json!({"key": ""}));
}

#[test]
fn case_58_spaces_and_comparison_signs_arrive() {
    let jql = "worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01";
    let url = https(&format!("/anything?jql={jql}&j&i=2"));
    let answer = connector().json("GetJson", &[&url, &trusting(json!({}))]).unwrap();
    assert_eq!(answer["args"], json!({"i": "2", "j": "", "jql": jql}));
}

#[test]
fn case_59_special_characters_in_keys_arrive() {
    let url = https("/anything?q-w=1&e.r=2&t[]=42");
    let answer = connector().json("GetJson", &[&url, &trusting(json!({}))]).unwrap();
    assert_eq!(answer["args"], json!({"e.r": "2", "q-w": "1", "t[]": "42"}));
}

#[test]
fn case_77_query_and_header_of_one_call_both_arrive() {
    let options = json!({"RequestParameters": {"key": "value"}, "Headers": {"X-Header": "x"}});
    let script = connector();
    assert_eq!(script.status("Get", &[&https("/get"), &trusting(options)]), Ok(200));
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!(answer["args"], json!({"key": "value"}));
    assert_eq!(answer["headers"]["X-Header"], "x");
}
