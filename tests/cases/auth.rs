//! Case 26: Basic. Cases 62 to 64: AWS4-HMAC-SHA256.

use serde_json::json;

use crate::{connector, https, session, trusting};

#[test]
fn case_26_basic_from_the_url_and_from_the_options() {
    let plain = https("/basic-auth/user/pass");
    let calls = [
        (plain.replace("https://", "https://user:pass@"), json!({})),
        (plain.clone(), json!({"Authentication": {"User": "user", "Password": "pass"}})),
        (plain.clone(), json!({"Authentication": {"Type": "Basic", "User": "user", "Password": "pass"}})),
        (plain, json!({"Аутентификация": {"Пользователь": "user", "Пароль": "pass"}})),
    ];
    for (url, options) in calls {
        let answer = connector().json("GetJson", &[&url, &trusting(options)]).unwrap();
        assert_eq!(answer, json!({"authenticated": true, "user": "user"}));
    }
}

#[test]
fn cases_62_to_64_aws4_signs_an_empty_body_with_and_without_a_port() {
    const PLAIN: &str = "ad98a02ef5df6b5337128ccdac1e5a279846c0d1c4b409e713a75dae0c9e4cb3";
    const WITH_PORT: &str = "96df4fab493e08b8a72965acf7a6d2fd651a883a2766a2b0e4c0cd113dea7d8c";
    let settings = json!({
        "Headers": {"x-amz-date": "20200426T122000Z"},
        "Authentication": {
            "Type": "AWS4-HMAC-SHA256",
            "AccessKeyID": "ACCESS_KEY",
            "SecretKey": "SECRET_KEY",
            "Service": "sqs",
            "Region": "eu-north-1",
        },
    });
    for (port, signature) in [("", PLAIN), (":443", PLAIN), (":444", WITH_PORT)] {
        let session = session();
        session.call("Configure", &[settings.to_string().as_str().into()]).unwrap();
        let url = format!("https://sqs.eu-north-1.amazonaws.com{port}/123456789101/test");
        let prepared = session.json("PrepareRequest", &["GET", &url]).unwrap();
        assert_eq!(prepared["headers"]["x-amz-date"], "20200426T122000Z");
        assert_eq!(
            prepared["headers"]["x-amz-content-sha256"],
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            prepared["headers"]["Authorization"],
            format!(
                "AWS4-HMAC-SHA256 Credential=ACCESS_KEY/20200426/eu-north-1/sqs/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
            )
        );
    }
}
