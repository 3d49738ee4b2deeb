//! The system's proxy: the registry, as Internet options write it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use serde_json::json;
use windows_registry::CURRENT_USER;

use crate::script::{CONNECTOR, Script};
use crate::{own_profile, support};

const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";

/// Answers every request with 200 and tells its first line.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let _ = tell.send(head.next().unwrap_or_default());
            while head.next().is_some_and(|line| !line.is_empty()) {}
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy");
        }
    });
    (address, told)
}

/// One test, since the library remembers for half a minute what it has read.
#[test]
fn proxy_of_internet_options_is_used_and_its_exceptions_are_passed() {
    if !own_profile() {
        return;
    }
    let (address, told) = proxy();
    let key = CURRENT_USER.create(SETTINGS).unwrap();
    key.set_u32("ProxyEnable", 1).unwrap();
    key.set_string("ProxyServer", format!("http={address}")).unwrap();
    key.set_string("ProxyOverride", "127.*;<local>").unwrap();
    let script = Script::new(support::addin(), CONNECTOR).unwrap();
    let system = json!({"Proxy": "system"}).to_string();
    let status = script.status("Get", &["http://target.example/a?b=1", &system]);
    assert_eq!(status, Ok(200));
    assert_eq!(script.text("AsText", &[]).unwrap(), "proxy");
    assert_eq!(told.recv().unwrap(), "GET http://target.example/a?b=1 HTTP/1.1");
    // Past the proxy: an exception, by address.
    let server = test_server::Server::start().unwrap();
    assert_eq!(script.status("Get", &[&server.url("/get"), &system]), Ok(200));
    assert_eq!(server.requests(), 1);
    assert!(told.try_recv().is_err(), "the proxy was asked for an exception");
    key.set_u32("ProxyEnable", 0).unwrap();
}
