//! nginx: framing, compression, files, WebDAV, limits, keep-alive.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::{connector, server, session};

#[test]
fn gzip_with_chunked_framing_is_undone() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/numbers.txt")]), Ok(200));
    assert_eq!(script.text("Header", &["Content-Encoding"]).unwrap(), "gzip");
    assert_eq!(script.text("Header", &["Transfer-Encoding"]).unwrap(), "chunked");
    let text = script.text("AsText", &[]).unwrap();
    assert!(text.lines().map(|line| line.parse().unwrap_or(0)).eq(1..=20_000));
    assert!(script.get_number("BodySize").unwrap() < 60_000, "sizes are those on the wire");
}

#[test]
fn identity_asked_for_switches_compression_off() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    let options = json!({"Headers": {"Accept-Encoding": "identity"}}).to_string();
    assert_eq!(script.status("Get", &[&format!("{base}/numbers.txt"), &options]), Ok(200));
    assert_eq!(script.text("Header", &["Content-Encoding"]).unwrap(), "");
}

#[test]
fn large_file_arrives_in_memory_as_it_is_on_disk() {
    let base = server!("CONNECTOR_NGINX");
    let files = server!("CONNECTOR_NGINX_FILES");
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/large.bin")]), Ok(200));
    let body = script.call("TakeBody", &[]).unwrap();
    let on_disk = fs::read(Path::new(&files).join("large.bin")).unwrap();
    assert!(body.as_bytes().unwrap() == on_disk, "64 MB differ");
}

#[test]
fn large_file_arrives_in_a_file_as_it_is_on_disk() {
    let base = server!("CONNECTOR_NGINX");
    let files = server!("CONNECTOR_NGINX_FILES");
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.bin");
    let options = json!({"OutputFile": target.to_str().unwrap()}).to_string();
    assert_eq!(connector().status("Get", &[&format!("{base}/large.bin"), &options]), Ok(200));
    assert!(
        fs::read(&target).unwrap() == fs::read(Path::new(&files).join("large.bin")).unwrap(),
        "64 MB differ"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn range_gives_the_part_asked_for() {
    let base = server!("CONNECTOR_NGINX");
    let files = server!("CONNECTOR_NGINX_FILES");
    let script = connector();
    let options = json!({"Headers": {"Range": "bytes=1000-1999"}}).to_string();
    assert_eq!(script.status("Get", &[&format!("{base}/large.bin"), &options]), Ok(206));
    let on_disk = fs::read(Path::new(&files).join("large.bin")).unwrap();
    assert_eq!(script.bytes("Body", &[]).unwrap(), on_disk[1000..2000]);
}

#[test]
fn webdav_folder_and_file_are_made_read_and_deleted() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    let folder = format!("{base}/up/папка {}/", std::process::id());
    assert_eq!(script.status("Mkcol", &[&folder]), Ok(201));
    let file = format!("{folder}файл.bin");
    let content: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let put = script.call("Put", &[file.as_str().into(), content.as_slice().into()]).unwrap();
    assert_eq!(put.as_int(), Some(201));
    assert_eq!(script.status("Get", &[&file]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == content, "3 MB differ");
    assert_eq!(script.status("Delete", &[&file]), Ok(204));
    assert_eq!(script.status("Get", &[&file]), Ok(404));
}

#[test]
fn limited_request_is_repeated_after_retry_after() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    let url = format!("{base}/limited?{}", std::process::id());
    assert_eq!(script.status("Get", &[&url]), Ok(200));
    assert_eq!(script.status("Get", &[&url]), Ok(429));
    assert_eq!(script.text("Header", &["Retry-After"]).unwrap(), "1");
    let begun = Instant::now();
    assert_eq!(script.status("Get", &[&url, "{\"MaximumNumberOfRetries\": 5}"]), Ok(200));
    assert!(begun.elapsed() >= Duration::from_millis(900), "Retry-After was not waited for");
}

#[test]
fn redirect_statuses_change_or_keep_the_method() {
    let base = server!("CONNECTOR_NGINX");
    for (status, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let script = connector();
        assert_eq!(script.status("Post", &[&format!("{base}/r{status}"), "a=1"]), Ok(200), "{status}");
        let seen = script.json("AsJson", &[]).unwrap();
        assert_eq!(seen["method"], method, "{status}");
        let length = if method == "POST" { "3" } else { "" };
        assert!(seen["length"] == length || (length.is_empty() && seen["length"] == "0"), "{status}: {seen}");
    }
}

#[test]
fn upload_is_repeated_whole_after_307() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    let name = format!("after307-{}", std::process::id());
    let content = vec![7_u8; 2_000_000];
    let url = format!("{base}/put307/{name}");
    let put = script.call("Put", &[url.as_str().into(), content.as_slice().into()]).unwrap();
    assert_eq!(put.as_int(), Some(201));
    assert_eq!(script.status("Get", &[&format!("{base}/up/{name}")]), Ok(200));
    assert!(script.bytes("Body", &[]).unwrap() == content, "2 MB differ");
}

#[test]
fn early_413_during_an_upload_is_the_answer() {
    let base = server!("CONNECTOR_NGINX_SMALL");
    let script = connector();
    let content = vec![0_u8; 30_000_000];
    for expect in [json!({}), json!({"Headers": {"Expect": "100-continue"}})] {
        let url = format!("{base}/too-large");
        let options = expect.to_string();
        let put = script
            .call("Put", &[url.as_str().into(), content.as_slice().into(), options.as_str().into()])
            .unwrap();
        assert_eq!(put.as_int(), Some(413), "{options}");
    }
    assert_eq!(script.status("Get", &[&format!("{base}/a.json")]), Ok(200));
}

#[test]
fn slow_body_without_silence_arrives() {
    let base = server!("CONNECTOR_NGINX");
    let script = connector();
    assert_eq!(script.status("Get", &[&format!("{base}/slow"), "{\"Timeout\": 2}"]), Ok(200));
    assert_eq!(script.bytes("Body", &[]).unwrap().len(), 300_000);
}

#[test]
fn session_uses_one_connection_for_many_requests() {
    let base = server!("CONNECTOR_NGINX");
    let session = session();
    let mut connections = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let seen = session.json("GetJson", &[&format!("{base}/seen")]).unwrap();
        connections.insert(seen["connection"].as_str().unwrap().to_owned());
    }
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[test]
fn connection_the_server_closed_when_idle_is_replaced() {
    let base = server!("CONNECTOR_NGINX_IDLE");
    let session = session();
    let first = session.json("GetJson", &[&base]).unwrap();
    // The port is this test's alone: wait until the server has closed the only connection to it.
    let port: u16 = base.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
    let guard = Instant::now() + Duration::from_secs(20);
    while !closed_by_peer(port) {
        assert!(Instant::now() < guard, "nginx did not close the idle connection");
        std::thread::sleep(Duration::from_millis(20));
    }
    for verb in ["GetJson", "PostJson"] {
        let second = session.json(verb, &[&base]).unwrap();
        assert_ne!(first["connection"], second["connection"], "{verb}");
    }
}

/// Whether a connection to `port` exists of which only our side is still open (CLOSE_WAIT), or none at all.
fn closed_by_peer(port: u16) -> bool {
    let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
    let remote = format!("0100007F:{port:04X}");
    let states: Vec<&str> = table
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            (fields.get(2) == Some(&remote.as_str())).then(|| fields.get(3).copied()).flatten()
        })
        .collect();
    !states.contains(&"01")
}
