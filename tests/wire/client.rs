//! Asking the transport with everything defaulted that a test does not care about.

use std::sync::Arc;
use std::time::{Duration, Instant};

use httpconnector::engine::body::Body;
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::error::{Error, ErrorKind, Result};
use httpconnector::engine::exchange::{Exchange, Head, Hop, Limits};
use httpconnector::engine::guard::Guard;
use httpconnector::engine::headers::Headers;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::received::{Disposition, Sink};
use httpconnector::engine::store::{HeapMemory, MemorySink};
use httpconnector::engine::tls::TlsSettings;
use httpconnector::engine::transport::Transport;
use url::Url;

pub(crate) struct Client {
    pub(crate) transport: Transport,
    pub(crate) limits: Limits,
    pub(crate) total: Option<Duration>,
    pub(crate) tls: Arc<TlsSettings>,
    pub(crate) proxy: ProxySetting,
    pub(crate) guard: Arc<Guard>,
    pub(crate) cancel: Cancel,
    pub(crate) repeatable: bool,
    pub(crate) discard: bool,
    pub(crate) most: u64,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self {
            transport: Transport::private(),
            limits: Limits::default(),
            total: Some(Duration::from_secs(20)),
            tls: Arc::default(),
            proxy: ProxySetting::Direct,
            guard: Arc::default(),
            cancel: Cancel::new(),
            repeatable: true,
            discard: false,
            most: u64::MAX,
        }
    }

    pub(crate) fn get(&self, url: &str) -> Result<Answer> {
        self.send("GET", url, &[], &Body::none())
    }

    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &Body<'_>,
    ) -> Result<Answer> {
        self.send_to(method, url, None, headers, body)
    }

    pub(crate) fn send_to(
        &self,
        method: &str,
        url: &str,
        target: Option<&str>,
        headers: &[(&str, &str)],
        body: &Body<'_>,
    ) -> Result<Answer> {
        let url = Url::parse(url).unwrap();
        let headers: Headers = headers.iter().copied().collect();
        let hop = Hop {
            method,
            url: &url,
            target,
            headers: &headers,
            body,
            tls: &self.tls,
            proxy: &self.proxy,
            guard: &self.guard,
            pin: None,
            limits: &self.limits,
            deadline: self.total.map(|total| Instant::now() + total),
            cancel: &self.cancel,
            repeatable: self.repeatable,
        };
        let mut sink = Kept {
            sink: MemorySink::new(Arc::new(HeapMemory), self.most),
            discard: self.discard,
            abandoned: false,
        };
        let result = self.transport.exchange(&hop, &mut sink);
        assert_eq!(result.is_err(), sink.abandoned, "abandon is called for errors and only for them");
        let head = result?;
        Ok(Answer { head, body: sink.sink.into_body().contiguous()?.into_owned() })
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A memory sink that may refuse bodies, and remembers whether it was abandoned.
struct Kept {
    sink: MemorySink,
    discard: bool,
    abandoned: bool,
}

impl Sink for Kept {
    fn begin(&mut self, head: &Head, length: Option<u64>) -> Result<Disposition> {
        if self.discard {
            return Ok(Disposition::Discard);
        }
        self.sink.begin(head, length)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        self.sink.space()
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.sink.advance(count)
    }

    fn finish(&mut self) -> Result<()> {
        self.sink.finish()
    }

    fn abandon(&mut self, error: &Error) {
        self.abandoned = true;
        self.sink.abandon(error);
    }
}

/// The stable word of a protocol error.
pub(crate) fn problem(error: &Error) -> &'static str {
    match &error.kind {
        ErrorKind::Protocol { problem, .. } => problem,
        other => panic!("not a protocol error: {other:?}"),
    }
}
