//! The engine with no block of a certain size: a body, a text or a list whose size the peer or the caller decides must
//! then end in an error; an allocation that cannot fail would end this very process.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use httpconnector::engine::auth::{Aws, AwsPayload, Credentials};
use httpconnector::engine::body::Segment;
use httpconnector::engine::charset::Charset;
use httpconnector::engine::client::Client;
use httpconnector::engine::coding::{self, Coding};
use httpconnector::engine::error::{Error, ErrorKind, Result};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::request::{Content, Output, Parameter, Part, Request};
use httpconnector::engine::response::{Response, ResponseBody};
use httpconnector::engine::store::HeapMemory;

use crate::watch::{peak, without_blocks_of as without};

#[track_caller]
fn no_memory<T>(result: Result<T, Error>) {
    match result.map(drop) {
        Err(Error { kind: ErrorKind::OutOfMemory { .. }, .. }) => {}
        other => panic!("{other:?}"),
    }
}

/// Answers one request with `answer`; the address.
fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut byte) = (Vec::new(), [0]);
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
            request.extend_from_slice(&byte);
        }
        // The client may leave before the end.
        let _ = stream.write_all(&answer);
    });
    url
}

fn request<'a>(url: &'a str, content: Content<'a>) -> Request<'a> {
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: 1 << 30 };
    Request { content, proxy: ProxySetting::Direct, ..Request::new("PUT", url, output) }
}

fn get(largest: usize, answer: Vec<u8>) -> Result<Response> {
    let url = serve(answer);
    let (asked, mut client) = (request(&url, Content::None), Client::session());
    without(largest, || client.execute(&asked))
}

const LARGE: usize = 1 << 20;
const SMALL: usize = 60 << 10;

#[test]
fn bodies_heads_and_files_there_is_no_memory_for_are_errors() {
    let body = "x".repeat(LARGE);
    let plain = format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n{body}");
    no_memory(get(LARGE, plain.clone().into_bytes()));
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{LARGE:x}\r\n{body}\r\n0\r\n\r\n");
    no_memory(get(SMALL, chunked.into_bytes()));
    no_memory(get(SMALL, format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes()));
    let fields = (0..20_000).map(|field| format!("a{field}:\r\n")).collect::<String>();
    no_memory(get(SMALL, format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes()));
    no_memory(get(SMALL, format!("HTTP/1.1 200 OK\r\nSet-Cookie: {body}\r\n\r\n").into_bytes()));
    // Room for the head as it came, and none for what is made of it.
    let cookie = "x".repeat(200 << 10);
    no_memory(get(300 << 10, format!("HTTP/1.1 200 OK\r\nSet-Cookie: {cookie}\r\n\r\n").into_bytes()));
    let folder = tempfile::tempdir().unwrap();
    let url = serve(plain.into_bytes());
    let mut asked = request(&url, Content::None);
    asked.output = Output::File { path: folder.path().join("body") };
    no_memory(without(SMALL, || Client::session().execute(&asked)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_to_be_sent_is_not_copied_or_an_error() {
    let owned = || Segment::Bytes(vec![b'x'; 8 * LARGE].into());
    let answer = b"HTTP/1.1 413 Large\r\nContent-Length: 3\r\n\r\nbig".to_vec();
    for gzip in [false, true] {
        for multipart in [false, true] {
            let url = serve(answer.clone());
            let part = || Part {
                name: "a".into(),
                file_name: None,
                content_type: None,
                headers: Headers::new(),
                data: owned(),
            };
            let content = match multipart {
                true => Content::Multipart(vec![part()]),
                false => Content::Bytes { bytes: owned(), content_type: None },
            };
            let mut asked = request(&url, content);
            if gzip {
                asked.headers.append("Content-Encoding", "gzip");
            }
            let mut client = Client::session();
            let result = without(SMALL, || client.execute(&asked));
            if gzip { no_memory(result) } else { assert_eq!(result.unwrap().status, 413) }
        }
    }
    let long = vec![("a".to_owned(), Parameter::Text("й".repeat(LARGE)))];
    let asked = request("http://127.0.0.1:1/", Content::Form(long.clone()));
    no_memory(without(SMALL, || Client::session().execute(&asked)));
    let mut asked = request("http://127.0.0.1:1/?a", Content::None);
    asked.query = vec![("b".to_owned(), Parameter::Text("й".repeat(LARGE)))];
    no_memory(without(SMALL, || Client::session().execute(&asked)));
    let name = Part {
        name: "\"".repeat(LARGE),
        file_name: None,
        content_type: None,
        headers: Headers::new(),
        data: Segment::Bytes(b"1"[..].into()),
    };
    let asked = request("http://127.0.0.1:1/", Content::Multipart(vec![name]));
    no_memory(without(SMALL, || Client::session().execute(&asked)));
}

fn signed(payload: AwsPayload) -> Option<Credentials> {
    let word = || "word".to_owned();
    let (access_key, secret_key, region) = (word(), word(), word());
    let service = "s3".to_owned();
    Some(Credentials::Aws(Box::new(Aws {
        access_key,
        secret_key,
        session_token: None,
        region,
        service,
        payload,
    })))
}

#[test]
fn a_body_to_be_signed_is_not_copied() {
    for payload in [AwsPayload::Signed, AwsPayload::Unsigned, AwsPayload::Chunks] {
        let url = serve(b"HTTP/1.1 413 Large\r\nContent-Length: 3\r\n\r\nbig".to_vec());
        let bytes = Segment::Bytes(vec![b'x'; 8 * LARGE].into());
        let mut asked = request(&url, Content::Bytes { bytes, content_type: None });
        asked.credentials = signed(payload);
        let mut client = Client::session();
        let result = without(LARGE, || client.execute(&asked));
        assert_eq!(result.unwrap().status, 413, "{payload:?}");
    }
}

#[test]
fn a_file_to_be_signed_takes_no_memory_of_its_size() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(32 << 20).unwrap();
    for payload in [AwsPayload::Signed, AwsPayload::Chunks] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut piece, mut total) = (vec![0; 1 << 20], 0);
            while total < 32 << 20 {
                total += stream.read(&mut piece).unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            // What is left of the body, so that the answer is not lost with it.
            while stream.read(&mut piece).is_ok_and(|count| count > 0) {}
        });
        let bytes = Segment::File { path: file.path().to_owned(), length: 32 << 20 };
        let mut asked = request(&url, Content::Bytes { bytes, content_type: None });
        asked.credentials = signed(payload);
        let (most, result) = peak(|| Client::session().execute(&asked));
        assert_eq!(result.unwrap().status, 200, "{payload:?}");
        assert!(most < 1 << 20, "{payload:?}: {most} bytes at once");
        server.join().unwrap();
    }
}

#[test]
fn signing_there_is_no_memory_for_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(LARGE as u64).unwrap();
    for payload in [AwsPayload::Signed, AwsPayload::Chunks] {
        let url = serve(Vec::new());
        let bytes = Segment::File { path: file.path().to_owned(), length: LARGE as u64 };
        let mut asked = request(&url, Content::Bytes { bytes, content_type: None });
        asked.credentials = signed(payload);
        no_memory(without(SMALL, || Client::session().execute(&asked)));
    }
}

#[test]
fn decoding_what_there_is_no_memory_for_is_an_error() {
    let plain = vec![b'x'; 4 * LARGE];
    let gzip = coding::write_gzip(&plain[..]).unwrap().into_vec().unwrap();
    no_memory(without(SMALL, || coding::decode(&[Coding::Gzip], &gzip[..], u64::MAX)));
    no_memory(without(LARGE, || coding::decode_to_vec(&[Coding::Gzip], &gzip[..], u64::MAX)));
    no_memory(without(SMALL, || coding::decode(&[Coding::Deflate], &gzip[..], u64::MAX)));
    no_memory(without(SMALL, || coding::write_gzip(&plain[..])));
    // A zstd frame that announces a window of 8 MiB, and a br stream whose window is 16 MiB.
    let zstd = b"\x28\xb5\x2f\xfd\0\x68\x0b\0\0x";
    no_memory(without(LARGE, || coding::decode(&[Coding::Zstd], &zstd[..], u64::MAX)));
    for name in ["utf-8", "windows-1251", "utf-16le", "iso-8859-1", "utf-32be"] {
        let charset = Charset::by_name(name).unwrap();
        no_memory(without(SMALL, || charset.decode(std::iter::once(&plain[..]))));
        let text = "я".repeat(LARGE);
        no_memory(without(SMALL, || charset.encode(&text)));
    }
}

#[test]
fn a_body_in_several_buffers_is_joined_or_an_error() {
    let body = "x".repeat(3 * LARGE);
    let response = get(usize::MAX, format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes()).unwrap();
    let ResponseBody::Memory(body) = response.body else { panic!("not in memory") };
    no_memory(without(SMALL, || body.contiguous().map(drop)));
    assert_eq!(body.len(), 3 * LARGE as u64);
}
