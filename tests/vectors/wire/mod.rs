//! Replies of published vectors against the transport: a socket that sends the reply and closes.

mod curl;
mod llhttp;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::error::{Error, ErrorKind};
use httpconnector::engine::exchange::{Exchange, Hop, Limits};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::store::{HeapMemory, MemorySink};
use httpconnector::engine::tls::TlsSettings;
use httpconnector::engine::transport::Transport;
use url::Url;

pub(crate) use curl::run as curl;
pub(crate) use llhttp::run as llhttp;

/// What a client makes of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// A response with this status and body.
    Response(u16, Vec<u8>),
    /// Refused as not being correct HTTP.
    Refused,
    /// The connection ended too early.
    Closed,
    /// Larger than allowed.
    TooLarge,
}

impl Seen {
    /// Compares with what was expected.
    fn expect(&self, expected: &Self) -> Result<(), String> {
        if self == expected { Ok(()) } else { Err(format!("{self:?} instead of {expected:?}")) }
    }
}

/// Sends `method` to a server that answers `reply` and closes; bodies have at most `limit` bytes.
fn play(method: &str, reply: &[u8], limit: u64) -> Result<Seen, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
                request.push(byte[0]);
            }
            let _ = stream.write_all(reply);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut request);
        });
        match ask(method, &url, limit) {
            Ok((status, body)) => Ok(Seen::Response(status, body)),
            Err(error) => match error.kind {
                ErrorKind::Protocol { .. } => Ok(Seen::Refused),
                ErrorKind::Closed { .. } => Ok(Seen::Closed),
                ErrorKind::BodyTooLarge { .. } => Ok(Seen::TooLarge),
                _ => Err(format!("{error:?}")),
            },
        }
    })
}

fn ask(method: &str, url: &Url, limit: u64) -> Result<(u16, Vec<u8>), Error> {
    let hop = Hop {
        method,
        url,
        target: None,
        headers: &Headers::new(),
        body: &Body::none(),
        tls: &Arc::<TlsSettings>::default(),
        limits: &Limits::default(),
        deadline: Some(Instant::now() + Duration::from_secs(10)),
        cancel: &Cancel::new(),
        repeatable: true,
    };
    let mut sink = MemorySink::new(Arc::new(HeapMemory), limit);
    let head = Transport::private().exchange(&hop, &mut sink)?;
    Ok((head.status, sink.into_body().contiguous()?.into_owned()))
}
