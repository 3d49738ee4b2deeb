//! Every example of `1c/examples` runs on the bench, against servers here, and says what stands beside it.
//!
//! `BSL_UPDATE=1` writes the expected lines anew: put `…` again where a line may differ, and read the difference.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

#[path = "../../support/examples.rs"]
mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use test_server::Server;

/// Names of the examples there are.
fn names() -> Vec<String> {
    let files = std::fs::read_dir(support::path("examples")).unwrap().map(|entry| entry.unwrap().path());
    let scripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "bsl"));
    let mut names: Vec<String> =
        scripts.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Where the addresses of the examples lead here. `folder` gets the files they name.
fn addresses(server: &Server, proxy: SocketAddr, folder: &Path) -> Vec<(&'static str, String)> {
    let key = rcgen::KeyPair::generate().unwrap();
    let me = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let plain = server.url("").trim_end_matches('/').to_owned();
    vec![
        ("https://httpbin.org", plain.clone()),
        ("https://id.example.com", plain.clone()),
        ("https://api.example.com", plain.clone()),
        ("https://s3.example.com", plain),
        ("https://secure.example.com", server.secure_url("").trim_end_matches('/').to_owned()),
        ("\"proxy.example.com\", 3128", format!("\"{}\", {}", proxy.ip(), proxy.port())),
        ("proxy.example.com:3128", proxy.to_string()),
        ("/etc/ssl/company.pem", file("company.pem", server.ca_pem())),
        ("/etc/keys/me.pem", file("me.pem", &me.pem())),
        ("/etc/keys/me.key", file("me.key", &key.serialize_pem())),
    ]
}

/// A proxy that knows one user and answers every request itself.
fn proxy() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream));
        }
    });
    address
}

fn serve(stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let request = lines.next()?.ok()?;
        let headers: Vec<String> =
            lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        // user:p@ss
        let is_known = headers.iter().any(|line| line == "Proxy-Authorization: Basic dXNlcjpwQHNz");
        let answer = match request.split(' ').nth(1)? {
            _ if !is_known => "407 Who\r\nProxy-Authenticate: Basic realm=\"proxy\"",
            "http://api.example.com/anything" => "200 OK",
            _ => "502 Where",
        };
        write!(&mut &*stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}

#[test]
fn every_example_says_what_is_written_beside_it() {
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let addresses = addresses(&server, proxy(), folder.path());
    let names = names();
    assert!(names.len() >= 10, "the examples are not where they are looked for: {names:?}");
    let mut wrong = Vec::new();
    for name in names {
        let language = if name.ends_with("_en") { "en" } else { "ru" };
        let mut machine = support::machine(&library, language).unwrap();
        let ran = support::run(&mut machine, &name, &addresses).unwrap();
        if std::env::var_os("BSL_UPDATE").is_some() {
            let said: String = ran.said.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(support::path(&format!("examples/{name}.out")), said).unwrap();
        }
        wrong.extend(ran.wrong.iter().map(|line| format!("{name}: {line}")));
        assert!(ran.crossings > 0, "{name} never reached the component");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
