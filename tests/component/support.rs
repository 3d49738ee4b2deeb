//! Objects of the component, and a server that answers as told and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use addin_host::{Addin, Addresses, Object, Settings, Val};
use httpconnector::exports;
use serde_json::Value;

pub(crate) fn addin() -> Addin {
    let addresses = Addresses {
        class_names: exports::GetClassNames as *const (),
        class_object: exports::GetClassObject as *const (),
        destroy_object: exports::DestroyObject as *const (),
        set_platform_capabilities: exports::SetPlatformCapabilities as *const (),
        attach_type: exports::GetAttachType as *const (),
    };
    // SAFETY: the functions of the library linked into this test.
    unsafe { Addin::in_process(addresses, Some(Addin::CAPABILITIES)) }
}

/// An object in a host whose user interface speaks `language`.
pub(crate) fn object_in(class: &str, language: &str) -> Object {
    let settings = Settings { language: Some(language.to_owned()), locale: None, ..Settings::default() };
    addin().create_with(class, settings).unwrap()
}

pub(crate) fn connector() -> Object {
    object_in("HTTPConnector", "en")
}

pub(crate) fn session() -> Object {
    object_in("HTTPSession", "en")
}

pub(crate) fn call(object: &Object, method: &str, arguments: &[Val<'_>]) -> Val<'static> {
    match object.call(method, arguments) {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn text(object: &Object, method: &str, arguments: &[Val<'_>]) -> String {
    call(object, method, arguments).as_str().unwrap().to_owned()
}

pub(crate) fn json(object: &Object, method: &str, arguments: &[Val<'_>]) -> Value {
    serde_json::from_str(&text(object, method, arguments)).unwrap()
}

pub(crate) fn property(object: &Object, name: &str) -> Val<'static> {
    match object.get(name) {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn property_text(object: &Object, name: &str) -> String {
    property(object, name).as_str().unwrap().to_owned()
}

pub(crate) fn property_json(object: &Object, name: &str) -> Value {
    serde_json::from_str(&property_text(object, name)).unwrap()
}

/// The text of the exception a call raises, and the details left behind.
pub(crate) fn fails(object: &Object, method: &str, arguments: &[Val<'_>]) -> (String, Value) {
    match object.call(method, arguments) {
        Ok(value) => panic!("{method} gave {value:?} instead of failing"),
        Err(error) => {
            assert_eq!(error.errors.len(), 1, "one error is reported: {error}");
            let text = error.text();
            assert_eq!(property_text(object, "LastError"), text);
            (text, property_json(object, "LastErrorDetails"))
        }
    }
}

/// A request as the server got it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Answers requests in order with prepared bytes; once they are used up, with 500.
pub(crate) struct Scripted {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answers: Arc<Mutex<VecDeque<Vec<u8>>>> = Arc::new(Mutex::new(answers.into_iter().collect()));
        let noted = Arc::clone(&asked);
        // The thread ends with the process; it holds nothing but its port.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, noted) = (Arc::clone(&answers), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, &answers, &noted));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().unwrap()
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<VecDeque<Vec<u8>>>, noted: &Mutex<Vec<Asked>>) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut buffer = Vec::new();
    loop {
        let Some(asked) = read_request(&mut stream, &mut buffer) else { return };
        noted.lock().unwrap().push(asked);
        let answer = answers.lock().unwrap().pop_front().unwrap_or_else(|| answer("500 Done", &[], b""));
        if answer.is_empty() || stream.write_all(&answer).is_err() {
            return;
        }
    }
}

fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Asked> {
    let mut more = |buffer: &mut Vec<u8>| {
        let mut piece = [0; 64 * 1024];
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        buffer.extend_from_slice(&piece[..count]);
        Some(())
    };
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        more(buffer)?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end);
    let asked = Asked { head, body: Vec::new() };
    let length: usize = asked.header("content-length").map_or(0, |value| value.parse().unwrap());
    while buffer.len() < length {
        more(buffer)?;
    }
    let body = buffer.drain(..length).collect();
    Some(Asked { body, ..asked })
}

/// A response with a length.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        text += header;
        text += "\r\n";
    }
    text += "\r\n";
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn ok(headers: &[&str], body: &[u8]) -> Vec<u8> {
    answer("200 OK", headers, body)
}
