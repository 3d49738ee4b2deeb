//! Scripted peers on loopback for the foreign programs: one that answers every request, and ones that hang up
//! during an upload in the ways that make a careless writer receive SIGPIPE.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

/// How a peer treats an upload. A system sends EPIPE (and the signal) to a writer whose peer first said it would
/// send no more and then reset the connection; the other two give plain errors and are here for completeness.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HangUp {
    /// Reads the head, drops the connection with data unread.
    Drop,
    /// Reads the head, says it will send no more, drops.
    FinishAndDrop,
    /// Answers the first request, and drops the kept connection after it.
    AnswerAndDrop,
}

/// Address of a peer that answers every request of any number of connections with `body`. Lives as long as the
/// test process.
pub(crate) fn answering(body: &'static str) -> SocketAddr {
    serve(move |stream| while read_head(stream).is_some() && answer(stream, body).is_ok() {})
}

/// Address of a peer that hangs up on POST and answers GET.
pub(crate) fn hanging_up(how: HangUp) -> SocketAddr {
    serve(move |stream| {
        while let Some(head) = read_head(stream) {
            if head.starts_with("GET ") {
                if answer(stream, "ok").is_err() || matches!(how, HangUp::AnswerAndDrop) {
                    return;
                }
                continue;
            }
            if matches!(how, HangUp::FinishAndDrop) {
                // An error means the client is gone already: nothing to provoke.
                let _gone = stream.shutdown(Shutdown::Write);
            }
            return;
        }
    })
}

fn serve(talk: impl Fn(&mut TcpStream) + Send + Sync + Copy + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || talk(&mut stream));
        }
    });
    address
}

fn answer(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n";
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

/// The request head; `None` at the end of the connection.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}
