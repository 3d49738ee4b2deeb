//! HTTP proxies: asking for a tunnel, answering 407, and saying what a proxy refused in its own words.

use std::sync::Arc;
use std::time::Instant;

use time::OffsetDateTime;

use super::Proxy;
use crate::engine::auth::{Ask, Channel, Fetch, Memory, Scheme, binds_connection, for_proxy};
use crate::engine::body::Body;
use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::{Attached, Head, Hop};
use crate::engine::headers::Headers;
use crate::engine::proxy::ProxySetting;
use crate::engine::received::{Disposition, Sink};
use crate::engine::redact;
use crate::engine::timer::{Timer, Wait};
use crate::engine::wire::{Connection, Prepared};

/// Field of the credentials for a proxy.
pub(in crate::engine) const PROXY_CREDENTIALS: &str = "Proxy-Authorization";

/// Requests for one tunnel, or of one absolute-form request, at most.
pub(in crate::engine) const CHALLENGES: usize = 10;

/// What an error says of a refusal at most, in characters.
const DETAIL: usize = 300;
/// What is read of the text of a refusal at most.
const TEXT: usize = 16 * 1024;

/// What came of asking for a tunnel.
pub(in crate::engine) enum Tunnel {
    /// It is there.
    Open,
    /// A challenge was taken in: ask again.
    Again {
        /// On the same connection.
        reusable: bool,
    },
}

/// Asks once for a tunnel to `authority`.
///
/// # Errors
/// [`ErrorKind::Proxy`] with `refused` or `authentication`; those of the wire, not yet said to be the proxy's.
pub(in crate::engine) fn tunnel(
    proxy: &Proxy,
    connection: &mut Connection,
    authority: &str,
    hop: &Hop<'_>,
    login: &mut Login,
    wait: &mut Wait<'_>,
) -> Result<Tunnel> {
    let mut headers = Headers::new();
    headers.append("Host", authority);
    if let Some(agent) = hop.headers.first("user-agent") {
        headers.append("User-Agent", agent);
    }
    let body = Body::none();
    login.connected(!connection.reused, Some(connection), hop)?;
    if let Some(value) = login.value("CONNECT", authority, &headers, &body, hop, false)? {
        headers.append(PROXY_CREDENTIALS, value);
    }
    let ask = Hop {
        method: "CONNECT",
        target: Some(authority),
        headers: &headers,
        body: &body,
        proxy: &ProxySetting::Direct,
        pin: None,
        repeatable: false,
        ..*hop
    };
    let prepared = Prepared::new(&ask)?;
    let mut answer = Answer { login, challenged: false, refusal: None };
    let result = connection.perform(&ask, &prepared, &mut answer, wait);
    let Answer { challenged, refusal, .. } = answer;
    if let Some(refusal) = refusal {
        login.settled(refusal.head());
        return Err(refusal.into_error(proxy));
    }
    let done = match result {
        Ok(done) => done,
        // It closed after its challenge all the same.
        Err(failed) if connection.reused && failed.unanswered => {
            return Ok(Tunnel::Again { reusable: false });
        }
        Err(failed) => return Err(failed.error),
    };
    if challenged {
        login.challenged(&done.head)?;
        return Ok(Tunnel::Again { reusable: done.reusable });
    }
    login.settled(&done.head);
    Ok(Tunnel::Open)
}

/// The error of a dialogue that does not end.
pub(in crate::engine) fn endless(proxy: &Proxy) -> Error {
    proxy.failed("authentication", Some(407), format!("more than {CHALLENGES} challenges"))
}

/// Who we are to a proxy, during one dialogue.
pub(in crate::engine) struct Login {
    kind: Kind,
    /// The last value authenticates the connection and not the request.
    bound: bool,
}

enum Kind {
    /// Nobody.
    None,
    /// What the caller wrote as a header field.
    Written(String),
    Scheme(Box<dyn Scheme>),
}

impl Login {
    /// By the caller's own header field, else by the credentials of the proxy.
    pub(in crate::engine) fn new(proxy: &Proxy, headers: &Headers, memory: &Arc<Memory>) -> Self {
        let kind = match (headers.first(PROXY_CREDENTIALS), &proxy.credentials) {
            (Some(written), _) => Kind::Written(written.to_owned()),
            (None, Some(credentials)) => Kind::Scheme(for_proxy(credentials, memory, &proxy.id())),
            (None, None) => Kind::None,
        };
        Self { kind, bound: false }
    }

    /// Tells on which connection the next request goes, and whether nothing of this dialogue was said on it.
    pub(in crate::engine) fn connected(
        &mut self,
        fresh: bool,
        connection: Option<&Connection>,
        hop: &Hop<'_>,
    ) -> Result<()> {
        let Kind::Scheme(scheme) = &mut self.kind else { return Ok(()) };
        let certificate = connection.and_then(Connection::certificate);
        let attached = Attached { fresh, authenticated: false, certificate };
        scheme.connected(&Channel { attached, deadline: hop.deadline, cancel: hop.cancel })
    }

    /// Value of the next request. None is needed where the connection is authenticated (`known`).
    pub(in crate::engine) fn value(
        &mut self,
        method: &str,
        target: &str,
        headers: &Headers,
        body: &Body<'_>,
        hop: &Hop<'_>,
        known: bool,
    ) -> Result<Option<String>> {
        let value = match &mut self.kind {
            Kind::None => None,
            Kind::Written(value) => Some(value.clone()),
            Kind::Scheme(_) if known => None,
            Kind::Scheme(scheme) => {
                let now = OffsetDateTime::now_utc();
                let limits = Limited { hop };
                let (url, fetch) = (hop.url, Some(&limits as &dyn Fetch));
                scheme.value(&Ask { method, url, target, headers, body, now, fetch })?
            }
        };
        self.bound = value.as_deref().is_some_and(binds_connection);
        Ok(value)
    }

    /// Whether the next request is a step of the dialogue only.
    pub(in crate::engine) fn withholds_body(&self) -> bool {
        matches!(&self.kind, Kind::Scheme(scheme) if scheme.withholds_body())
    }

    /// Whether another request would answer this head.
    pub(in crate::engine) fn answers(&self, head: &Head) -> bool {
        matches!(&self.kind, Kind::Scheme(scheme) if scheme.answers(head))
    }

    /// Takes in a challenge.
    pub(in crate::engine) fn challenged(&mut self, head: &Head) -> Result<()> {
        match &mut self.kind {
            Kind::Scheme(scheme) => scheme.challenged(head),
            Kind::None | Kind::Written(_) => Ok(()),
        }
    }

    /// Takes in an answer that is no challenge.
    pub(in crate::engine) fn settled(&mut self, head: &Head) {
        if let Kind::Scheme(scheme) = &mut self.kind {
            scheme.settled(head);
        }
    }

    /// Whether what was sent last authenticates the connection.
    pub(in crate::engine) fn binds_connection(&self) -> bool {
        self.bound
    }
}

/// The limits of a request, for long work on its body; nobody else is asked anything for a proxy.
struct Limited<'a> {
    hop: &'a Hop<'a>,
}

impl Fetch for Limited<'_> {
    fn post_form(
        &self,
        _url: &str,
        _basic: Option<(&str, &str)>,
        _fields: &[(String, String)],
    ) -> Result<(u16, Vec<u8>)> {
        let (scheme, problem, detail) = ("", "unsupported", String::new());
        let kind = ErrorKind::Authentication { scheme, problem, detail };
        Err(Error::new(kind, Phase::Authentication))
    }

    fn check(&self) -> Result<()> {
        let timer = Timer::new(Instant::now(), self.hop.deadline);
        Wait { timer, cancel: self.hop.cancel, phase: Phase::Proxy }.left().map(drop)
    }
}

/// Takes in the answer to a CONNECT.
struct Answer<'a> {
    login: &'a Login,
    challenged: bool,
    refusal: Option<Refusal>,
}

impl Sink for Answer<'_> {
    fn begin(&mut self, head: &Head, length: Option<u64>) -> Result<Disposition> {
        if (200..300).contains(&head.status) {
            return Ok(Disposition::Discard);
        }
        if head.status == 407 && self.login.answers(head) {
            self.challenged = true;
            return Ok(Disposition::Discard);
        }
        self.refusal.insert(Refusal::new(head)).begin(head, length)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        self.refusal.get_or_insert_default().space()
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.refusal.get_or_insert_default().advance(count)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _error: &Error) {}
}

/// A proxy's refusal: the head, and the beginning of what it says. Reading it ends when there is enough, however much
/// more would come; what goes wrong meanwhile matters to nobody.
#[derive(Default)]
pub(in crate::engine) struct Refusal {
    head: Head,
    text: Vec<u8>,
    filled: usize,
}

impl Refusal {
    /// A refusal without its text yet.
    pub(in crate::engine) fn new(head: &Head) -> Self {
        Self { head: head.clone(), text: Vec::new(), filled: 0 }
    }

    /// Its head.
    pub(in crate::engine) fn head(&self) -> &Head {
        &self.head
    }

    /// The error that says so.
    pub(in crate::engine) fn into_error(self, proxy: &Proxy) -> Error {
        let problem = if self.head.status == 407 { "authentication" } else { "refused" };
        let coded = self.head.headers.contains("content-encoding");
        let bytes = if coded { &[] } else { self.text.get(..self.filled).unwrap_or_default() };
        let text = visible(&String::from_utf8_lossy(bytes));
        let detail = match (self.head.reason.trim(), text.trim()) {
            ("", said) | (said, "") => printable(said),
            (reason, text) => printable(&format!("{reason}: {text}")),
        };
        proxy.failed(problem, Some(self.head.status), detail)
    }

    /// As [`Sink::begin`].
    pub(in crate::engine) fn begin(&mut self, _head: &Head, _length: Option<u64>) -> Result<Disposition> {
        self.text
            .try_reserve_exact(TEXT)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: TEXT as u64 }, Phase::Proxy))?;
        self.text.resize(TEXT, 0);
        Ok(Disposition::Keep)
    }

    /// As [`Sink::space`].
    pub(in crate::engine) fn space(&mut self) -> Result<&mut [u8]> {
        let enough =
            Error::new(ErrorKind::Protocol { problem: "refusal", detail: String::new() }, Phase::Proxy);
        let space = self.text.get_mut(self.filled..).filter(|space| !space.is_empty());
        space.ok_or(enough)
    }

    /// As [`Sink::advance`].
    pub(in crate::engine) fn advance(&mut self, count: usize) -> Result<()> {
        self.filled = self.filled.saturating_add(count).min(self.text.len());
        Ok(())
    }

    /// As [`Sink::finish`].
    pub(in crate::engine) fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What a reader of a page would see, without its markup.
fn visible(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let name = |wanted: &str| tag.get(..wanted.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(wanted));
        let end = match () {
            () if name("style") => "</style",
            () if name("script") => "</script",
            () if name("!--") => "-->",
            () => "",
        };
        let after = if end.is_empty() { Some(tag) } else { tag.find(end).and_then(|at| tag.get(at..)) };
        rest = after.and_then(|tag| tag.split_once('>')).map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text
}

/// One line of at most [`DETAIL`] characters, nothing in it that a terminal would act on.
fn printable(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        // Pages of proxies name the URL that was asked for, with whatever secrets it has.
        if word.contains("://") {
            line.push_str(&redact::written(word));
        } else {
            line.push_str(word);
        }
        if line.chars().nth(DETAIL).is_some() {
            return line.chars().take(DETAIL).chain(['…']).collect();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_without_its_markup() {
        let page = "<!DOCTYPE html><html><head><style>\nbody {x: y}</style><title>ERROR</title></head>\
            <!-- a > b --><body>\u{1b}[31m<h1>Access&nbsp;Denied.</h1><script>alert(1)</script> <p>End";
        assert_eq!(printable(&visible(page)), "ERROR [31m Access&nbsp;Denied. End");
        assert_eq!(printable(&visible("a < b")), "a");
        assert_eq!(printable(&visible("plain\r\n text")), "plain text");
        let long = printable(&"слово ".repeat(1000));
        assert_eq!(long.chars().count(), DETAIL + 1);
    }
}
