//! The engine's wire level as the vectors use it: one exchange on a connection of its own, the body in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::error::{Error, Result};
use httpconnector::engine::exchange::{Exchange, Head, Hop, Limits};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::received::{Disposition, Sink};
use httpconnector::engine::tls::TlsSettings;
use httpconnector::engine::transport::Transport;
use url::Url;

use super::message::{Response, squeeze};

/// How long a case may take. The peer closes when its script is over, so nothing legitimate waits.
const LIMIT: Duration = Duration::from_secs(10);

/// Sends `method` to `address` with a pool of its own and gives the response as the vectors describe one.
pub(super) fn exchange(address: SocketAddr, method: &str) -> Result<Response> {
    let url: Url = format!("http://{address}/vector").parse().expect("an address makes a URL");
    let limits = Limits { idle: Some(LIMIT), ..Limits::default() };
    let hop = Hop {
        method,
        url: &url,
        target: None,
        headers: &Headers::new(),
        body: &Body::none(),
        tls: &Arc::new(TlsSettings::default()),
        proxy: &ProxySetting::Direct,
        guard: &Arc::default(),
        pin: None,
        limits: &limits,
        deadline: Some(Instant::now() + LIMIT),
        cancel: &Cancel::default(),
        repeatable: false,
    };
    let mut sink = Bytes::default();
    let head = Transport::private().exchange(&hop, &mut sink)?;
    Ok(Response {
        status: head.status,
        reason: squeeze(&head.reason),
        headers: head.headers.iter().map(|(name, value)| (name.to_owned(), squeeze(value))).collect(),
        body: sink.body,
    })
}

/// Keeps a body; checks that the transport keeps the order of calls a sink is promised.
#[derive(Default)]
struct Bytes {
    body: Vec<u8>,
    filled: usize,
    space: Vec<u8>,
}

impl Sink for Bytes {
    fn begin(&mut self, _head: &Head, _length: Option<u64>) -> Result<Disposition> {
        self.body.clear();
        self.filled = 0;
        Ok(Disposition::Keep)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        self.space.resize(4096, 0);
        Ok(&mut self.space)
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.body.extend_from_slice(self.space.get(..count).expect("no more than the room given"));
        self.filled += count;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _error: &Error) {
        self.body.clear();
    }
}
