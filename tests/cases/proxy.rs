//! Case 12: a request through a proxy; D3. The proxy is a small one of our own: absolute form and CONNECT.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::{connector, http, https, session, trusting};

/// Forwards what it is asked for and counts. Its threads end with the process.
struct Proxy {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counter = counter.clone();
                std::thread::spawn(move || forward(client, &counter));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// One request, or one tunnel, for each connection.
fn forward(mut client: TcpStream, counter: &AtomicUsize) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    counter.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head).into_owned();
    let (line, fields) = head.split_once("\r\n").unwrap();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let server = if method == "CONNECT" {
        let server = TcpStream::connect(target)?;
        client.write_all(b"HTTP/1.1 200 Go ahead\r\n\r\n")?;
        server
    } else {
        let rest = target.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut server = TcpStream::connect(host)?;
        server.write_all(
            format!("{method} /{path} HTTP/1.1\r\nVia: 1.1 case\r\nConnection: close\r\n{fields}").as_bytes(),
        )?;
        server
    };
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let upwards =
        std::thread::spawn(move || io::copy(&mut from, &mut to).and_then(|_| to.shutdown(Shutdown::Write)));
    io::copy(&mut &server, &mut client)?;
    client.shutdown(Shutdown::Both)?;
    // How the other direction ends says nothing more.
    drop(upwards.join());
    Ok(())
}

#[test]
fn case_12_a_request_goes_through_the_proxy() {
    let proxy = Proxy::start();
    let (host, port) = proxy.address.split_once(':').unwrap();
    // As an InternetProxy with a server for "http", and as a URL.
    for setting in [
        json!({"http": {"Сервер": host, "Порт": port.parse::<u16>().unwrap()}}),
        json!({"Server": host, "Port": port.parse::<u16>().unwrap()}),
        json!(proxy.address),
    ] {
        let options = json!({"Прокси": setting}).to_string();
        let answer = connector().json("GetJson", &[&http("/headers"), &options]).unwrap();
        assert_eq!(answer["headers"]["Via"], "1.1 case", "{setting}");
    }
    assert_eq!(proxy.asked(), 3);
    let options = trusting(json!({"Proxy": proxy.address}));
    let answer = connector().json("GetJson", &[&https("/headers"), &options]).unwrap();
    assert!(answer["headers"]["Via"].is_null(), "a tunnel adds nothing");
    assert_eq!(proxy.asked(), 4);
}

#[test]
fn d03_the_proxy_of_the_request_then_of_the_session() {
    let (first, second) = (Proxy::start(), Proxy::start());
    let script = session();
    script.set("Proxy", first.address.clone()).unwrap();
    assert_eq!(script.status("Get", &[&http("/get")]), Ok(200));
    assert_eq!((first.asked(), second.asked()), (1, 0));
    let options = json!({"Proxy": second.address}).to_string();
    assert_eq!(script.status("Get", &[&http("/get"), &options]), Ok(200));
    assert_eq!((first.asked(), second.asked()), (1, 1));
    assert_eq!(script.status("Get", &[&http("/get"), r#"{"Proxy": null}"#]), Ok(200));
    assert_eq!((first.asked(), second.asked()), (2, 1));
    assert_eq!(script.status("Get", &[&http("/get"), r#"{"Proxy": false}"#]), Ok(200));
    assert_eq!((first.asked(), second.asked()), (2, 1));
}
