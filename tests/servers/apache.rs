//! Apache: Basic, request bodies unpacked by the server, WebDAV with methods of its own.

use std::io::Write;

use serde_json::json;

use crate::{connector, server};

#[test]
fn basic_with_a_difficult_password_is_accepted() {
    let base = server!("CONNECTOR_APACHE");
    let script = connector();
    let url = format!("{base}/private/a.json");
    assert_eq!(script.status("Get", &[&url]), Ok(401));
    let options = json!({"Authentication": {"User": "user", "Password": "pa ss:w@rd"}}).to_string();
    assert_eq!(script.json("GetJson", &[&url, &options]).unwrap(), json!({"name": "Привет"}));
    let in_url = url.replace("://", "://user:pa%20ss%3Aw%40rd@");
    assert_eq!(script.status("Get", &[&in_url]), Ok(200));
}

#[test]
fn gzip_request_body_is_unpacked_by_the_server() {
    let base = server!("CONNECTOR_APACHE");
    let script = connector();
    let url = format!("{base}/dav/packed-{}.txt", std::process::id());
    let text = "строка, которая повторяется\n".repeat(5000);
    let options = json!({"Headers": {"Content-Encoding": "gzip", "Content-Type": "text/plain"}}).to_string();
    let status = script.status("Put", &[&url, &text, &options]).unwrap();
    assert!([201, 204].contains(&status), "{status}");
    assert_eq!(script.status("Get", &[&url]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == text.as_bytes(), "what was stored is not what was sent");
}

#[test]
fn gzip_answer_with_its_own_framing_is_undone() {
    let base = server!("CONNECTOR_APACHE");
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/packed/numbers.txt")]), Ok(200));
    assert_eq!(script.text("Header", &["Content-Encoding"]).unwrap(), "gzip");
    assert_eq!(script.text("AsText", &[]).unwrap().lines().count(), 20_000);
}

#[test]
fn webdav_methods_with_their_headers_and_statuses_pass() {
    let base = server!("CONNECTOR_APACHE");
    let script = connector();
    let folder = format!("{base}/dav/d{}", std::process::id());
    assert_eq!(script.status("Mkcol", &[&folder]), Ok(201));
    assert_eq!(script.status("Mkcol", &[&folder]), Ok(405), "the second time it is there already");
    assert_eq!(script.status("Put", &[&format!("{folder}/a.txt"), "содержимое"]), Ok(201));
    let copy = json!({"Headers": {"Destination": format!("{folder}/b.txt")}}).to_string();
    assert_eq!(script.status("CallMethod", &["COPY", &format!("{folder}/a.txt"), "", &copy]), Ok(201));
    let depth = json!({"Headers": {"Depth": "1"}}).to_string();
    assert_eq!(script.status("CallMethod", &["PROPFIND", &folder, "", &depth]), Ok(207));
    assert_eq!(script.get_text("ReasonPhrase").unwrap(), "Multi-Status");
    let listing = script.text("AsText", &[]).unwrap();
    assert!(listing.contains("a.txt") && listing.contains("b.txt"), "{listing}");
    assert_eq!(script.status("Delete", &[&format!("{folder}/b.txt")]), Ok(204));
}

#[test]
fn file_is_uploaded_from_disk() {
    let base = server!("CONNECTOR_APACHE");
    let script = connector();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(5_000_000).collect();
    file.write_all(&content).unwrap();
    let url = format!("{base}/dav/from-disk-{}.bin", std::process::id());
    let options = json!({"Data": {"File": file.path().to_str().unwrap()}}).to_string();
    assert_eq!(script.status("Put", &[&url, "", &options]), Ok(201));
    assert_eq!(script.status("Get", &[&url]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == content, "5 MB differ");
}
