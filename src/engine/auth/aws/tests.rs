#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::engine::auth::Fetch;
use crate::engine::hex;
use time::macros::datetime;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn keys() -> Aws {
    Aws {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        region: "us-east-1".into(),
        service: "s3".into(),
        ..Aws::default()
    }
}

/// A request to be signed.
fn ask<'a, 'b>(url: &'a Url, headers: &'a Headers, body: &'b Body<'b>) -> Ask<'a, 'b> {
    let target = &url[url::Position::BeforePath..];
    let now = datetime!(2015-08-30 12:36 UTC);
    Ask { method: "PUT", url, target, headers, body, now, fetch: None }
}

/// What signing a request adds, as names and values.
fn added(aws: &Aws, target: &str, headers: &[(&str, &str)], body: &Body<'_>) -> Vec<(&'static str, String)> {
    let (url, headers) = (url(target), headers.iter().copied().collect());
    Signer::new(aws).unwrap().sign(&ask(&url, &headers, body)).unwrap().headers
}

fn hashed(body: &Body<'_>) -> Result<String> {
    hash(&ask(&url("https://h/"), &Headers::new(), body))
}

/// A request that is cancelled once it was asked so many times.
struct Cancelled(std::cell::Cell<usize>);

impl Fetch for Cancelled {
    fn post_form(&self, _: &str, _: Option<(&str, &str)>, _: &[(String, String)]) -> Result<(u16, Vec<u8>)> {
        unreachable!("nothing is fetched for a signature")
    }

    fn check(&self) -> Result<()> {
        match self.0.get().checked_sub(1) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(Error::new(ErrorKind::Cancelled, Phase::Prepare)),
        }
    }
}

fn signed_names(added: &[(&str, String)]) -> String {
    let (_, value) = added.iter().find(|(name, _)| *name == "Authorization").unwrap();
    value.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap().to_owned()
}

fn signature(added: &[(&str, String)]) -> String {
    added.last().unwrap().1.rsplit('=').next().unwrap().to_owned()
}

#[test]
fn times_are_written_in_utc_and_without_separators() {
    assert_eq!(timestamp(datetime!(2015-08-30 12:36:00 UTC)), "20150830T123600Z");
    assert_eq!(timestamp(datetime!(2016-01-01 02:03:04 +3)), "20151231T230304Z");
}

#[test]
fn a_time_the_caller_wrote_has_to_be_one() {
    assert_eq!(checked_time(" 20200426T122000Z ").unwrap(), "20200426T122000Z");
    for bad in ["", "2020-04-26T12:20Z", "20200426T122000", "20200426 122000Z", "20200426T12200\u{439}", "Z"]
    {
        let error = checked_time(bad).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "header", .. }), "{bad}: {error:?}");
    }
}

#[test]
fn the_fields_that_say_what_a_request_means_are_signed() {
    let headers = [
        ("User-Agent", "a"),
        ("content-TYPE", "text/plain"),
        ("Range", "bytes=0-9"),
        ("Date", "Sun, 30 Aug 2015 12:36:00 GMT"),
        ("X-AMZ-Meta-B", " b   c "),
        ("X-Amz-Client-Context", "x"),
        ("Accept", "*/*"),
    ];
    let made = added(&keys(), "https://h/", &headers, &Body::none());
    assert_eq!(signed_names(&made), "content-type;date;host;x-amz-content-sha256;x-amz-date;x-amz-meta-b");
    // What is not signed may change on the way, what is signed may not, and spaces do not matter.
    let changed = |index: usize, value| {
        let mut changed = headers;
        changed[index].1 = value;
        signature(&added(&keys(), "https://h/", &changed, &Body::none()))
    };
    let first = signature(&made);
    assert_eq!(
        [changed(0, "x"), changed(2, "x"), changed(5, "y"), changed(4, "b c")],
        [(); 4].map(|()| first.clone())
    );
    assert_ne!(changed(1, "text/html"), first);
    assert_ne!(changed(4, "bc"), first);
}

#[test]
fn the_host_is_signed_as_the_wire_writes_it() {
    for (text, host) in [
        ("https://h/", "h"),
        ("https://h:443/", "h"),
        ("https://h:444/", "h:444"),
        ("http://h:80/", "h"),
        ("http://[::1]:9000/", "[::1]:9000"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
    ] {
        assert_eq!(host_of(&url(text)), host);
    }
    let plain = signature(&added(&keys(), "https://h/", &[], &Body::none()));
    let given = signature(&added(&keys(), "https://127.0.0.1/", &[("Host", "h")], &Body::none()));
    assert_eq!(plain, given, "a Host the caller wrote is the one that is sent");
}

#[test]
fn a_session_token_is_sent_and_signed() {
    let token = Aws { session_token: Some("token".into()), ..keys() };
    let made = added(&token, "https://h/", &[("x-amz-security-token", "old")], &Body::none());
    assert!(made.contains(&("x-amz-security-token", "token".into())));
    assert_eq!(signed_names(&made), "host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
    let empty = Aws { session_token: Some(String::new()), ..keys() };
    assert!(added(&empty, "https://h/", &[], &Body::none()).iter().all(|(name, _)| !name.contains("token")));
}

#[test]
fn every_kind_of_segment_is_hashed_in_order() {
    // Not a file held open: Windows keeps one of those until it is closed, removed or not.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    std::fs::write(&path, "c".repeat(300_000)).unwrap();
    let mut body = Body::bytes(b"a".as_slice());
    body.push(Segment::Shared(b"b".to_vec().into()));
    body.push(Segment::File { path: path.clone(), length: 300_000 });
    let whole = format!("ab{}", "c".repeat(300_000));
    assert_eq!(hashed(&body).unwrap(), hex::digits(&Sha256::digest(whole.as_bytes())));
    std::fs::write(&path, "short").unwrap();
    let error = hashed(&body).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::File { operation: "changed", .. }), "{error:?}");
    std::fs::remove_file(&path).unwrap();
    let error = hashed(&body).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::File { operation: "open", .. }), "{error:?}");
}

#[test]
fn hashing_ends_when_the_request_does() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![0; 4 << 20]).unwrap();
    let mut on_disk = Body::none();
    on_disk.push(Segment::File { path: file.path().to_owned(), length: 4 << 20 });
    for body in [Body::bytes(vec![0; 4 << 20]), on_disk] {
        let cancelled = Cancelled(2.into());
        let (url, headers) = (url("https://h/"), Headers::new());
        let asked = Ask { fetch: Some(&cancelled), ..ask(&url, &headers, &body) };
        let error = Signer::new(&keys()).unwrap().sign(&asked).err().unwrap();
        assert!(matches!(error.kind, ErrorKind::Cancelled), "{error:?}");
    }
}

#[test]
fn only_tls_and_this_machine_protect_an_unsigned_body() {
    for safe in ["https://h/", "http://localhost:9000/", "http://127.0.0.2/", "http://[::1]/"] {
        assert!(protects(&url(safe)), "{safe}");
    }
    for open in ["http://h/", "http://10.0.0.1/", "http://localhost.example/", "http://[::2]/"] {
        assert!(!protects(&url(open)), "{open}");
    }
}

#[test]
fn the_coding_of_chunks_goes_before_what_was_there() {
    let headers = |fields: &[(&str, &str)]| fields.iter().copied().collect::<Headers>();
    assert_eq!(chunked_coding(&headers(&[])), "aws-chunked");
    assert_eq!(chunked_coding(&headers(&[("Content-Encoding", " gzip ")])), "aws-chunked,gzip");
}

#[test]
fn keys_that_cannot_sign_are_refused_without_being_shown() {
    let cases: [fn(&mut Aws); 4] = [
        |aws| aws.access_key.clear(),
        |aws| aws.secret_key.clear(),
        |aws| aws.region.clear(),
        |aws| aws.service.clear(),
    ];
    for (spoil, part) in cases.into_iter().zip(["access key", "secret key", "region", "service"]) {
        let mut aws = keys();
        spoil(&mut aws);
        let error = check(&aws).unwrap_err();
        let ErrorKind::Authentication { scheme: SCHEME, problem: "no-credentials", detail } = &error.kind
        else {
            panic!("{error:?}")
        };
        assert!(detail.contains(part), "{detail}");
        assert!(!format!("{error:?}").contains("EXAMPLE"));
    }
    let cases: [fn(&mut Aws); 5] = [
        |aws| aws.access_key.push('\n'),
        |aws| aws.access_key.push(','),
        |aws| aws.region.push(' '),
        |aws| aws.service.push('\u{439}'),
        |aws| aws.session_token = Some("a\r\nb".into()),
    ];
    for spoil in cases {
        let mut aws = keys();
        spoil(&mut aws);
        let error = check(&aws).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "credentials", .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("EXAMPLE"));
    }
    let mut aws = keys();
    aws.secret_key.push(' ');
    assert!(check(&aws).is_ok(), "a secret key may be any text, and is not trimmed");
}
