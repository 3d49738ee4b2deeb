//! Cases 62 to 64: AWS4 signatures of a request that is only prepared; D14.

use serde_json::{Value, json};

use crate::{connector, session};

const DATE: &str = "20200426T122000Z";
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn keys(service: &str) -> Value {
    json!({
        "Type": "AWS4-HMAC-SHA256",
        "AccessKeyID": "ACCESS_KEY",
        "SecretKey": "SECRET_KEY",
        "Region": "eu-north-1",
        "Service": service,
    })
}

/// Headers of a request prepared in a session whose headers are the date alone.
fn signed(url: &str, authentication: &Value) -> Value {
    let script = session();
    script.set("Headers", json!({"x-amz-date": DATE}).to_string()).unwrap();
    script.set("Authentication", authentication.to_string()).unwrap();
    script.json("PrepareRequest", &["GET", url]).unwrap()["headers"].take()
}

fn authorization(service: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=ACCESS_KEY/20200426/eu-north-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
    )
}

fn check(port: &str, signature: &str) {
    let url = format!("https://sqs.eu-north-1.amazonaws.com{port}/123456789101/test");
    let headers = signed(&url, &keys("sqs"));
    assert_eq!(headers["x-amz-date"], DATE);
    assert_eq!(headers["x-amz-content-sha256"], HASH_OF_NOTHING);
    assert_eq!(headers["Authorization"], authorization("sqs", signature));
}

const STANDARD_PORT: &str = "ad98a02ef5df6b5337128ccdac1e5a279846c0d1c4b409e713a75dae0c9e4cb3";

#[test]
fn case_62_empty_body_and_no_port() {
    check("", STANDARD_PORT);
}

#[test]
fn case_63_empty_body_and_the_standard_port() {
    check(":443", STANDARD_PORT);
}

#[test]
fn case_64_empty_body_and_another_port() {
    check(":444", "96df4fab493e08b8a72965acf7a6d2fd651a883a2766a2b0e4c0cd113dea7d8c");
}

#[test]
fn d14_the_type_has_no_letter_case_and_may_be_left_out() {
    let url = "https://sqs.eu-north-1.amazonaws.com/123456789101/test";
    for kind in [json!("aws4-hmac-sha256"), json!(" Aws4-Hmac-Sha256 "), Value::Null] {
        let mut given = keys("sqs");
        given["Type"] = kind;
        assert_eq!(signed(url, &given)["Authorization"], authorization("sqs", STANDARD_PORT), "{given}");
    }
}

/// The expected signatures come from a small program after the text of the scheme, in another language, that gives the
/// signature of case 62 too.
#[test]
fn d14_paths_keys_arrays_and_bare_keys_are_signed_by_the_rules() {
    let options = json!({
        "Headers": {"x-amz-date": DATE},
        "RequestParameters": {"b": ["2", "1"], "a b": null, "к[]": "ё/", "empty": ""},
    });
    for (service, signature) in [
        ("sqs", "59547c91ef92c7c666e681ca29962f42ee34e91d2955fd37608696b892d63a9f"),
        ("s3", "41c9a6cd32b1860c9e105d7bee0a53163610887cbbb352405e4632990fba83b6"),
    ] {
        let mut options = options.clone();
        options["Authentication"] = keys(service);
        let prepared = connector()
            .json("PrepareRequest", &["GET", "https://h.test/очередь 1/x", "", &options.to_string()])
            .unwrap();
        assert_eq!(prepared["headers"]["Authorization"], authorization(service, signature), "{prepared}");
    }
}

#[test]
fn d14_a_get_has_neither_body_nor_length() {
    let options = json!({"Authentication": keys("s3")});
    let script = connector();
    let url = crate::http("/headers");
    let answer = script.json("GetJson", &[&url, &options.to_string()]).unwrap();
    let headers = answer["headers"].as_object().unwrap();
    assert_eq!(headers["X-Amz-Content-Sha256"], HASH_OF_NOTHING);
    assert!(
        !headers.contains_key("Content-Length") && !headers.contains_key("Transfer-Encoding"),
        "{answer}"
    );
}
