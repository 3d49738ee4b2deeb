//! s3s-fs: requests signed with AWS4-HMAC-SHA256, checked by a server that refuses every signature that is wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::script::Script;
use crate::{connector, server, session};

/// The server and a bucket of the test's own.
struct Bucket {
    base: String,
    name: &'static str,
    folder: PathBuf,
}

impl Bucket {
    fn made(name: &'static str, base: String) -> Option<Self> {
        let folder = Path::new(&crate::told("CONNECTOR_S3_FILES")?).join(name);
        let bucket = Self { base, name, folder };
        assert_eq!(connector().status("Put", &[&bucket.url(""), "", &options("Signed", json!({}))]), Ok(200));
        Some(bucket)
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/{}{rest}", self.base, self.name)
    }
}

/// A bucket, or the end of the test.
macro_rules! bucket {
    ($name:literal) => {
        match Bucket::made($name, server!("CONNECTOR_S3")) {
            Some(bucket) => bucket,
            None => return,
        }
    };
}

fn keys(payload: &str) -> Value {
    json!({
        "Type": "AWS4-HMAC-SHA256",
        "AccessKeyID": crate::told("CONNECTOR_S3_ACCESS_KEY").unwrap(),
        "SecretKey": crate::told("CONNECTOR_S3_SECRET_KEY").unwrap(),
        "Service": "s3",
        "Region": "us-east-1",
        "Payload": payload,
    })
}

/// Options with the right keys.
fn options(payload: &str, mut further: Value) -> String {
    further["Authentication"] = keys(payload);
    further.to_string()
}

fn signed() -> String {
    options("Signed", json!({}))
}

fn put(script: &Script, url: &str, body: &[u8], options: &str) -> i64 {
    script.call("Put", &[url.into(), body.into(), options.into()]).unwrap().as_int().unwrap()
}

fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
}

fn elements(xml: &str, name: &str) -> Vec<String> {
    xml.split(&format!("<{name}>"))
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn objects_with_awkward_keys_are_put_read_and_deleted() {
    let bucket = bucket!("awkward");
    let script = connector();
    for (written, key) in [
        ("plain.txt", "plain.txt"),
        ("with space.txt", "with space.txt"),
        ("with%20space2.txt", "with space2.txt"),
        ("a+b.txt", "a+b.txt"),
        ("a%2Bc.txt", "a+c.txt"),
        ("папка/имя файла №1.txt", "папка/имя файла №1.txt"),
        ("%D0%B6.txt", "ж.txt"),
        ("100%25.txt", "100%.txt"),
        ("100%2541.txt", "100%41.txt"),
        ("double//slash.txt", "double//slash.txt"),
        ("encoded%2Fslash.txt", "encoded/slash.txt"),
        ("~tilde-._.txt", "~tilde-._.txt"),
        ("(1)!'*.txt", "(1)!'*.txt"),
        ("a&b=c;d,e:f@g$.txt", "a&b=c;d,e:f@g$.txt"),
        ("[1]{2}|3^4`5\"6.txt", "[1]{2}|3^4`5\"6.txt"),
        ("%3Fquestion%23hash.txt", "?question#hash.txt"),
    ] {
        let url = bucket.url(&format!("/{written}"));
        let content = format!("content of {key}");
        assert_eq!(put(&script, &url, content.as_bytes(), &signed()), 200, "{written}");
        assert_eq!(fs::read_to_string(bucket.folder.join(key)).unwrap(), content, "{written}");
        assert_eq!(script.status("Head", &[&url, &signed()]), Ok(200), "{written}");
        assert_eq!(script.text("Header", &["Content-Length"]).unwrap(), content.len().to_string());
        assert_eq!(script.status("Get", &[&url, &signed()]), Ok(200), "{written}");
        assert_eq!(script.text("AsText", &[]).unwrap(), content, "{written}");
        assert_eq!(script.status("Delete", &[&url, "", &signed()]), Ok(204), "{written}");
        assert_eq!(script.status("Get", &[&url, &signed()]), Ok(404), "{written}");
        assert_eq!(element(&script.text("AsText", &[]).unwrap(), "Code").unwrap(), "NoSuchKey");
    }
}

#[test]
fn listings_take_prefix_continuation_and_bare_keys() {
    let bucket = bucket!("listing");
    let script = connector();
    let names: Vec<String> = (1..=5).map(|number| format!("папка 1/a+{number}.txt")).collect();
    for name in names.iter().map(String::as_str).chain(["other.txt"]) {
        let url = bucket.url(&format!("/{}", name.replace('+', "%2B")));
        assert_eq!(put(&script, &url, b"x", &signed()), 200);
    }
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let mut query = json!({"list-type": 2, "prefix": "папка 1/a+", "max-keys": 2, "start-after": ""});
        if let Some(token) = &token {
            query["continuation-token"] = json!(token);
        }
        let options = options("Signed", json!({"RequestParameters": query}));
        assert_eq!(script.status("Get", &[&bucket.url(""), &options]), Ok(200));
        let page = script.text("AsText", &[]).unwrap();
        seen.extend(elements(&page, "Key"));
        token = element(&page, "NextContinuationToken");
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, names);
    // The same written into the URL: a plus there is a space, keys stand in any order, are repeated and without value.
    for query in [
        "?prefix=папка+1/&list-type=2",
        "?prefix=%D0%BF%D0%B0%D0%BF%D0%BA%D0%B0%201%2F&list-type=2&x=1&x=2&y",
    ] {
        assert_eq!(script.status("Get", &[&bucket.url(query), &signed()]), Ok(200), "{query}");
        assert_eq!(elements(&script.text("AsText", &[]).unwrap(), "Key"), names, "{query}");
    }
    assert_eq!(script.status("Get", &[&bucket.url("?location"), &signed()]), Ok(200));
    assert!(script.text("AsText", &[]).unwrap().contains("LocationConstraint"));
    let delete = format!("<Delete><Object><Key>{}</Key></Object><Quiet>true</Quiet></Delete>", names[0]);
    let xml = options("Signed", json!({"Headers": {"Content-Type": "application/xml"}}));
    assert_eq!(script.status("Post", &[&bucket.url("?delete"), &delete, &xml]), Ok(200));
    assert!(!bucket.folder.join(&names[0]).exists());
    assert!(bucket.folder.join(&names[1]).exists());
}

#[test]
fn a_large_object_is_put_in_parts() {
    let bucket = bucket!("in-parts");
    let script = session();
    let url = bucket.url("/большой файл.bin");
    assert_eq!(script.status("Post", &[&format!("{url}?uploads"), "", &signed()]), Ok(200));
    let upload = element(&script.text("AsText", &[]).unwrap(), "UploadId").unwrap();
    let parts: Vec<Vec<u8>> = [(6 << 20, 1_u8), (5 << 20, 2), (1000, 3)]
        .iter()
        .map(|(length, byte)| vec![*byte; *length])
        .collect();
    let mut done = String::new();
    for (index, part) in parts.iter().enumerate() {
        let number = index + 1;
        let payload = ["Signed", "Chunks", "Unsigned"][index];
        let part_url = format!("{url}?partNumber={number}&uploadId={upload}");
        assert_eq!(put(&script, &part_url, part, &options(payload, json!({}))), 200, "{payload}");
        let tag = script.text("Header", &["ETag"]).unwrap();
        done += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
    }
    let done = format!("<CompleteMultipartUpload>{done}</CompleteMultipartUpload>");
    assert_eq!(script.status("Post", &[&format!("{url}?uploadId={upload}"), &done, &signed()]), Ok(200));
    assert_eq!(script.status("Get", &[&url, &signed()]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == parts.concat(), "11 MB differ");
}

#[test]
fn large_bodies_go_in_signed_chunks() {
    let bucket = bucket!("chunks");
    let script = connector();
    let content: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let chunks = options("Chunks", json!({}));
    assert_eq!(put(&script, &bucket.url("/memory.bin"), &content, &chunks), 200);
    assert!(fs::read(bucket.folder.join("memory.bin")).unwrap() == content, "20 MB differ");
    // A body with a file in it: read while it is sent, and nothing is known of it before.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.bin");
    fs::write(&file, &content).unwrap();
    let files = json!({"Files": {"Name": "f", "FileName": "data.bin", "Data": {"File": file}}});
    for payload in ["Chunks", "Signed", "Unsigned"] {
        let url = bucket.url(&format!("/{payload}.bin"));
        let asked = options(payload, files.clone());
        let status = script.call(
            "CallMethod",
            &["PUT".into(), url.as_str().into(), addin_host::Val::Empty, asked.as_str().into()],
        );
        assert_eq!(status.unwrap().as_int(), Some(200), "{payload}");
        let stored = fs::read(bucket.folder.join(format!("{payload}.bin"))).unwrap();
        let start = stored.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(stored[start..start + content.len()] == content, "{payload}: 20 MB differ");
        assert!(stored[start + content.len()..].ends_with(b"--\r\n"), "{payload}");
    }
}

#[test]
fn bodies_at_the_edges_of_chunks_arrive_whole() {
    let bucket = bucket!("edges");
    let script = session();
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072] {
        for payload in ["Signed", "Unsigned", "Chunks"] {
            let url = bucket.url(&format!("/{payload}-{length}"));
            let content = vec![b'e'; length];
            assert_eq!(put(&script, &url, &content, &options(payload, json!({}))), 200, "{payload} {length}");
            let stored = fs::read(bucket.folder.join(format!("{payload}-{length}"))).unwrap();
            assert!(stored == content, "{payload} {length}");
        }
    }
}

#[test]
fn presigned_urls_work_without_keys_and_for_what_they_were_signed() {
    let bucket = bucket!("presigned");
    let script = connector();
    let url = bucket.url("/папка/a+b (1).txt");
    let to_put = script.text("PresignURL", &[&url, &signed(), "PUT"]).unwrap();
    assert_eq!(put(&script, &to_put, b"presigned", "{}"), 200);
    let to_get = script.text("PresignURL", &[&url, &signed()]).unwrap();
    assert_eq!(script.status("Get", &[&to_get]), Ok(200));
    assert_eq!(script.text("AsText", &[]).unwrap(), "presigned");
    // Not for another method, not for another object, not with another query.
    for (method, wrong) in [
        ("Get", to_put.clone()),
        ("Delete", to_get.clone()),
        ("Get", to_get.replace("(1)", "(2)")),
        ("Get", to_get.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601")),
        ("Get", format!("{to_get}&versionId=1")),
    ] {
        assert_eq!(script.status(method, &[&wrong]), Ok(403), "{method} {wrong}");
        let code = element(&script.text("AsText", &[]).unwrap(), "Code").unwrap();
        assert_eq!(code, "SignatureDoesNotMatch", "{method} {wrong}");
    }
    // A query of its own is signed too.
    let part = format!("{url}?response-content-type=text%2Fx-own");
    let to_get = script.text("PresignURL", &[&part, &signed()]).unwrap();
    assert_eq!(script.status("Get", &[&to_get]), Ok(200));
    assert_eq!(script.text("Header", &["Content-Type"]).unwrap(), "text/x-own");
}

#[test]
fn wrong_keys_are_answered_403_with_the_reason_in_the_body() {
    let bucket = bucket!("wrong-keys");
    let script = connector();
    for (name, value, code) in
        [("SecretKey", "another", "SignatureDoesNotMatch"), ("AccessKeyID", "another", "NotSignedUp")]
    {
        let mut keys = keys("Signed");
        keys[name] = json!(value);
        let options = json!({"Authentication": keys}).to_string();
        assert_eq!(script.status("Get", &[&bucket.url("/x"), &options]), Ok(403), "{name}");
        assert_eq!(element(&script.text("AsText", &[]).unwrap(), "Code").unwrap(), code, "{name}");
    }
    assert_eq!(script.status("Get", &[&bucket.url("/x")]), Ok(403), "without keys");
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let bucket = bucket!("tampered");
    for (payload, stored) in [("Signed", false), ("Chunks", false), ("Unsigned", true)] {
        let between = Between::new(&bucket.base, b"good-bytes", b"evil-bytes", 0);
        let url = format!("{}/{}/{payload}", between.base, bucket.name);
        let closed = options(payload, json!({"Headers": {"Connection": "close"}}));
        let status = put(&connector(), &url, b"some good-bytes here", &closed);
        assert_eq!(status == 200, stored, "{payload}: {status}");
        assert_eq!(bucket.folder.join(payload).exists(), stored, "{payload}");
    }
    // Neither the path, nor a signed header field, nor the query.
    for (good, evil) in [("/good-key", "/evil-key"), ("good-meta", "evil-meta"), ("k=good", "k=evil")] {
        let between = Between::new(&bucket.base, good.as_bytes(), evil.as_bytes(), 0);
        let url = format!("{}/{}/good-key?k=good", between.base, bucket.name);
        let headers = json!({"Headers": {"Connection": "close", "x-amz-meta-a": "good-meta"}});
        let script = connector();
        assert_eq!(put(&script, &url, b"x", &options("Signed", headers)), 403, "{good}");
        assert_eq!(element(&script.text("AsText", &[]).unwrap(), "Code").unwrap(), "SignatureDoesNotMatch");
    }
}

#[test]
fn a_session_signs_on_one_connection() {
    let bucket = bucket!("one-connection");
    let between = Between::new(&bucket.base, b"", b"", 0);
    let session = session();
    session.call("Configure", &[signed().as_str().into()]).unwrap();
    for number in 0..10 {
        let url = format!("{}/{}/{number}", between.base, bucket.name);
        assert_eq!(put(&session, &url, b"data", "{}"), 200);
        assert_eq!(session.status("Get", &[&url]), Ok(200));
    }
    assert_eq!(between.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_retry_is_signed_again_and_accepted() {
    let bucket = bucket!("retried");
    for payload in ["Signed", "Chunks"] {
        let between = Between::new(&bucket.base, b"", b"", 1);
        let url = format!("{}/{}/{payload}", between.base, bucket.name);
        let again = json!({"MaximumNumberOfRetries": 2, "Headers": {"Connection": "close"}});
        assert_eq!(put(&connector(), &url, b"data", &options(payload, again)), 200, "{payload}");
        assert_eq!(between.connections.load(Ordering::SeqCst), 2, "{payload}");
        assert_eq!(fs::read(bucket.folder.join(payload)).unwrap(), b"data", "{payload}");
    }
}

/// Somebody between client and server, who replaces bytes of requests and answers the first ones with 503 himself.
struct Between {
    base: String,
    connections: Arc<AtomicUsize>,
}

impl Between {
    fn new(server: &str, good: &[u8], evil: &[u8], refusals: usize) -> Self {
        assert_eq!(good.len(), evil.len(), "lengths stay");
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, good, evil) = (connections.clone(), good.to_owned(), evil.to_owned());
        // The threads end with their connections, this one with the process.
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                if counted.fetch_add(1, Ordering::SeqCst) < refusals {
                    whole_request(&mut client);
                    let answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    client.write_all(answer.as_bytes()).unwrap();
                    continue;
                }
                let mut server = TcpStream::connect(&server).unwrap();
                let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
                let (good, evil) = (good.clone(), evil.clone());
                std::thread::spawn(move || {
                    loop {
                        let request = whole_request(&mut client);
                        if request.is_empty() || server.write_all(&replaced(request, &good, &evil)).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { base, connections }
    }
}

/// Head and body of a request; empty when there is none any more.
fn whole_request(client: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let head = request.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.lines().next());
            if request.len() >= head + length.map_or(0, |length| length.parse().unwrap()) {
                return request;
            }
        }
        match client.read(&mut piece) {
            Ok(0) | Err(_) => return Vec::new(),
            Ok(count) => request.extend_from_slice(&piece[..count]),
        }
    }
}

fn replaced(mut request: Vec<u8>, good: &[u8], evil: &[u8]) -> Vec<u8> {
    let at = request.windows(good.len().max(1)).position(|window| window == good);
    if let Some(at) = at {
        request[at..at + good.len()].copy_from_slice(evil);
    }
    request
}
