//! Requests signed with AWS4-HMAC-SHA256: signed anew for every attempt, and nowhere but at their origin.

use super::*;
use crate::engine::auth::{Aws, AwsPayload};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SECRET: &str = "SECRET_KEY";

fn keys(service: &str, payload: AwsPayload) -> Aws {
    Aws {
        access_key: "ACCESS_KEY".into(),
        secret_key: SECRET.into(),
        session_token: None,
        region: "eu-north-1".into(),
        service: service.into(),
        payload,
    }
}

fn signed<'a>(method: &'a str, url: &'a str, service: &str, payload: AwsPayload) -> Request<'a> {
    let mut asked = request(method, url);
    asked.credentials = Some(Credentials::Aws(Box::new(keys(service, payload))));
    asked
}

fn signature(headers: &Headers) -> &str {
    headers.first("authorization").unwrap().rsplit("Signature=").next().unwrap()
}

#[test]
fn cases_62_to_64_have_the_signatures_of_the_reference_module() {
    for (url, wanted) in [
        (
            "https://sqs.eu-north-1.amazonaws.com/123456789101/test",
            "ad98a02ef5df6b5337128ccdac1e5a279846c0d1c4b409e713a75dae0c9e4cb3",
        ),
        (
            "https://sqs.eu-north-1.amazonaws.com:443/123456789101/test",
            "ad98a02ef5df6b5337128ccdac1e5a279846c0d1c4b409e713a75dae0c9e4cb3",
        ),
        (
            "https://sqs.eu-north-1.amazonaws.com:444/123456789101/test",
            "96df4fab493e08b8a72965acf7a6d2fd651a883a2766a2b0e4c0cd113dea7d8c",
        ),
    ] {
        let mut asked = signed("GET", url, "sqs", AwsPayload::Signed);
        asked.headers.append("x-amz-date", "20200426T122000Z");
        let client = Client::stateless(Script::new(|_, _| ok(500, &[], "")));
        let preview = client.preview(&asked).unwrap();
        assert_eq!(preview.headers.first("x-amz-date"), Some("20200426T122000Z"));
        assert_eq!(preview.headers.first("x-amz-content-sha256"), Some(EMPTY));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=ACCESS_KEY/20200426/eu-north-1/sqs/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={wanted}"
        );
        assert_eq!(preview.headers.first("authorization"), Some(authorization.as_str()), "{url}");
        assert_eq!(preview.body_size, 0);
    }
}

#[test]
fn a_get_has_no_body_and_no_length_whatever_is_said_of_bodies() {
    for payload in [AwsPayload::Signed, AwsPayload::Unsigned, AwsPayload::Chunks] {
        let script = Script::new(|_, _| ok(200, &[], ""));
        let mut client = Client::stateless(script.clone());
        client.execute(&signed("GET", "http://h/key", "s3", payload)).unwrap();
        let seen = script.seen().remove(0);
        assert!(!seen.has_body && !seen.headers.contains("content-length"), "{payload:?}");
        assert!(!seen.headers.contains("content-encoding"), "{payload:?}");
        assert_eq!(seen.header("x-amz-content-sha256"), Some(EMPTY), "{payload:?}");
    }
}

#[test]
fn a_retry_is_signed_anew_with_a_fresh_date() {
    let script = Script::new(|index, _| if index < 2 { ok(503, &[], "") } else { ok(200, &[], "") });
    let mut asked = signed("PUT", "https://h/key", "s3", AwsPayload::Signed);
    asked.content = body(b"data");
    asked.retries.limit = 3;
    Client::stateless(script.clone()).with_clock(Still::new()).execute(&asked).unwrap();
    let seen = script.seen();
    let dates: Vec<_> = seen.iter().map(|seen| seen.header("x-amz-date").unwrap()).collect();
    assert_eq!(dates, ["20240101T000000Z", "20240101T000001Z", "20240101T000003Z"]);
    assert!(signature(&seen[0].headers) != signature(&seen[1].headers));
    assert!(signature(&seen[1].headers) != signature(&seen[2].headers));
    for seen in &seen {
        assert_eq!(seen.body, b"data");
        assert_eq!(
            seen.header("x-amz-content-sha256"),
            Some("3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7")
        );
        assert_eq!(seen.headers.all("authorization").count(), 1);
    }
}

#[test]
fn a_redirect_within_the_origin_is_signed_for_its_new_path() {
    let script = Script::new(|index, _| match index {
        0 => ok(307, &[("Location", "/other%20key?x")], ""),
        _ => ok(200, &[], ""),
    });
    let mut asked = signed("PUT", "https://h/key", "s3", AwsPayload::Signed);
    asked.content = body(b"data");
    Client::stateless(script.clone()).with_clock(Still::new()).execute(&asked).unwrap();
    let second = script.seen().remove(1);
    let mut direct = signed("PUT", "https://h/other%20key?x", "s3", AwsPayload::Signed);
    direct.content = body(b"data");
    let direct = Client::stateless(Script::new(|_, _| ok(500, &[], "")))
        .with_clock(Still::new())
        .preview(&direct)
        .unwrap();
    assert_eq!(signature(&second.headers), signature(&direct.headers));
}

#[test]
fn a_redirect_to_another_region_takes_neither_signature_nor_token_along() {
    for payload in [AwsPayload::Signed, AwsPayload::Unsigned, AwsPayload::Chunks] {
        let script = Script::new(|index, _| match index {
            0 => ok(307, &[("Location", "https://b.s3.eu-west-1.amazonaws.com/key")], ""),
            _ => ok(200, &[], ""),
        });
        let mut asked = request("PUT", "https://b.s3.amazonaws.com/key");
        let keys = Aws { session_token: Some("TOKEN".into()), ..keys("s3", payload) };
        asked.credentials = Some(Credentials::Aws(Box::new(keys)));
        asked.content = body(b"data");
        asked.headers = [("X-Amz-Date", "20240101T000000Z"), ("x-amz-acl", "private")].into_iter().collect();
        Client::stateless(script.clone()).execute(&asked).unwrap();
        let seen = script.seen();
        assert_eq!(seen[0].header("x-amz-security-token"), Some("TOKEN"));
        let left: Vec<_> = seen[1].headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        assert_eq!(
            left,
            ["x-amz-acl", "content-type", "user-agent", "accept", "accept-encoding"],
            "{payload:?}"
        );
        assert_eq!(seen[1].body, b"data", "without its signatures, too");
    }
}

#[test]
fn a_written_authorization_is_not_replaced() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut asked = signed("GET", "https://h/", "s3", AwsPayload::Signed);
    asked.headers.append("Authorization", "Own x");
    Client::stateless(script.clone()).execute(&asked).unwrap();
    let seen = script.seen().remove(0);
    assert_eq!((seen.header("authorization"), seen.header("x-amz-date")), (Some("Own x"), None));
}

#[test]
fn an_unsigned_body_goes_over_tls_only() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut client = Client::stateless(script.clone());
    let mut asked = signed("PUT", "https://h/key", "s3", AwsPayload::Unsigned);
    asked.content = body(b"data");
    client.execute(&asked).unwrap();
    let seen = script.seen().remove(0);
    assert_eq!(seen.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    asked.url = "http://h/key";
    let error = client.execute(&asked).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::Authentication { problem: "body", .. }), "{error:?}");
    assert_eq!(script.seen().len(), 1, "nothing was sent");
}

#[test]
fn a_body_in_chunks_says_its_own_length_and_coding() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut asked = signed("PUT", "http://h/key", "s3", AwsPayload::Chunks);
    let file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(file.path(), &content).unwrap();
    let bytes = Segment::File { path: file.path().to_owned(), length: 800_000 };
    asked.content = Content::Bytes { bytes, content_type: None };
    Client::stateless(script.clone()).execute(&asked).unwrap();
    let seen = script.seen().remove(0);
    assert_eq!(seen.header("x-amz-content-sha256"), Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"));
    assert_eq!(seen.header("x-amz-decoded-content-length"), Some("800000"));
    assert_eq!(seen.header("content-encoding"), Some("aws-chunked"));
    let names = seen.header("authorization").unwrap();
    assert!(
        names.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length,")
    );
    assert!(seen.body.starts_with(b"10000;chunk-signature="));
    assert!(seen.body.len() > content.len());
    // Packed by the caller's wish, the packed bytes are what is in the chunks.
    asked.headers.append("Content-Encoding", "gzip");
    Client::stateless(script.clone()).execute(&asked).unwrap();
    let seen = script.seen().remove(1);
    assert_eq!(seen.headers.all("content-encoding").collect::<Vec<_>>(), ["aws-chunked,gzip"]);
    let line = seen.body.windows(2).position(|two| two == b"\r\n").unwrap();
    assert_eq!(&seen.body[line + 2..line + 4], b"\x1f\x8b");
}

#[test]
fn chunks_are_for_s3_alone() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut asked = signed("POST", "https://h/", "sqs", AwsPayload::Chunks);
    asked.content = body(b"data");
    let error = Client::stateless(script.clone()).execute(&asked).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::Authentication { problem: "body", .. }), "{error:?}");
    assert!(script.seen().is_empty());
}

#[test]
fn no_error_shows_a_key() {
    let mut asked = signed("GET", "https://h/", "", AwsPayload::Signed);
    let error = Client::stateless(Script::new(|_, _| ok(200, &[], ""))).execute(&asked).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::Authentication { problem: "no-credentials", .. }), "{error:?}");
    let shown = format!("{error:?} {error} {asked:?} {:?}", asked.credentials);
    assert!(!shown.contains(SECRET) && !shown.contains("ACCESS_KEY"), "{shown}");
    asked = signed("GET", "https://h/", "s3", AwsPayload::Signed);
    asked.headers.append("X-Amz-Date", "today");
    let error = Client::stateless(Script::new(|_, _| ok(200, &[], ""))).execute(&asked).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "header", .. }), "{error:?}");
}
