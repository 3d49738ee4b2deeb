#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Mutex;

use time::OffsetDateTime;
use time::macros::datetime;

mod aws;

use super::*;
use crate::engine::auth::Credentials;
use crate::engine::body::{Reading, Segment};
use crate::engine::cancel::Cancel;
use crate::engine::cookies::GivenCookie;
use crate::engine::received::{Disposition, Sink};
use crate::engine::request::{Content, Output, Parameter, Retries};
use crate::engine::store::HeapMemory;

/// What the script saw of a request.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: Headers,
    body: Vec<u8>,
    has_body: bool,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.first(name)
    }
}

type Reply = Result<(u16, Vec<(&'static str, String)>, &'static str)>;

/// An exchange that answers from a function of the number of the request and what it was.
struct Script<F> {
    seen: Mutex<Vec<Seen>>,
    kept: Mutex<Vec<bool>>,
    answer: F,
}

impl<F: Fn(usize, &Seen) -> Reply + Send + Sync + 'static> Script<F> {
    fn new(answer: F) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), kept: Mutex::default(), answer })
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

impl<F: Fn(usize, &Seen) -> Reply + Send + Sync> Exchange for Script<F> {
    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head> {
        let mut body = Vec::new();
        std::io::Read::read_to_end(&mut Reading::new(hop.body), &mut body).unwrap();
        let seen = Seen {
            line: format!("{} {}", hop.method, hop.url),
            headers: hop.headers.clone(),
            body,
            has_body: !hop.body.is_none(),
        };
        let index = self.seen.lock().unwrap().len();
        self.seen.lock().unwrap().push(seen.clone());
        let (status, headers, body) = (self.answer)(index, &seen).inspect_err(|error| sink.abandon(error))?;
        let head =
            Head { status, reason: "R".into(), headers: headers.into_iter().collect(), ..Head::default() };
        let kept = sink.begin(&head, Some(body.len() as u64))? == Disposition::Keep;
        self.kept.lock().unwrap().push(kept);
        if kept {
            let mut rest = body.as_bytes();
            while !rest.is_empty() {
                let space = sink.space()?;
                let count = space.len().min(rest.len());
                space[..count].copy_from_slice(&rest[..count]);
                sink.advance(count)?;
                rest = &rest[count..];
            }
        }
        sink.finish()?;
        Ok(head)
    }
}

fn ok(status: u16, headers: &[(&'static str, &str)], body: &'static str) -> Reply {
    Ok((status, headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), body))
}

fn closed(phase: Phase) -> Reply {
    Err(Error::new(ErrorKind::Closed { received: 0, expected: None, source: None }, phase))
}

/// A clock that moves only by pauses.
struct Still {
    start: Instant,
    passed: Mutex<Duration>,
    pauses: Mutex<Vec<u64>>,
}

impl Still {
    fn new() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), passed: Mutex::default(), pauses: Mutex::default() })
    }
}

impl Clock for Still {
    fn now(&self) -> OffsetDateTime {
        datetime!(2024-01-01 0:00 UTC) + *self.passed.lock().unwrap()
    }

    fn instant(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn pause(&self, length: Duration, cancel: &Cancel) -> bool {
        self.pauses.lock().unwrap().push(length.as_secs());
        *self.passed.lock().unwrap() += length;
        cancel.is_cancelled()
    }
}

fn request<'a>(method: &'a str, url: &'a str) -> Request<'a> {
    Request::new(method, url, Output::Memory { memory: Arc::new(HeapMemory), limit: 1 << 20 })
}

fn text(response: &Response) -> String {
    match &response.body {
        ResponseBody::Memory(body) => String::from_utf8(body.contiguous().unwrap().into_owned()).unwrap(),
        ResponseBody::File { path, .. } => std::fs::read_to_string(path).unwrap(),
    }
}

fn body(bytes: &'static [u8]) -> Content<'static> {
    Content::Bytes { bytes: Segment::Bytes(bytes.into()), content_type: Some("text/plain") }
}

#[test]
fn defaults_are_sent_unless_the_caller_wrote_them() {
    let script = Script::new(|_, _| ok(200, &[], "body"));
    let mut client = Client::stateless(script.clone());
    let mut asked = request("GET", "h/get?a=1");
    asked.query = vec![("b".into(), Parameter::Text("и".into()))];
    let response = client.execute(&asked).unwrap();
    assert_eq!((response.status, text(&response).as_str(), response.method.as_str()), (200, "body", "GET"));
    assert_eq!(response.url_text, "http://h/get?a=1&b=%D0%B8");
    asked.headers = [("user-agent", "me"), ("ACCEPT-encoding", "identity"), ("Connection", "keep-alive")]
        .into_iter()
        .collect();
    client.execute(&asked).unwrap();
    let seen = script.seen();
    let names = |seen: &Seen| seen.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>();
    let agent = format!("User-Agent: ConnectorNative/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(names(&seen[0]), [agent.as_str(), "Accept: */*", "Accept-Encoding: gzip, deflate, br, zstd"]);
    assert_eq!(names(&seen[1]), ["user-agent: me", "ACCEPT-encoding: identity", "Accept: */*"]);
}

#[test]
fn what_cannot_be_sent_fails_before_anything_is() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut client = Client::stateless(script.clone());
    let part_of = |client: &mut Client, change: &dyn Fn(&mut Request<'_>)| {
        let mut asked = request("GET", "http://h/");
        change(&mut asked);
        match client.execute(&asked).err().unwrap().kind {
            ErrorKind::InvalidRequest { part, .. } => part,
            ErrorKind::InvalidUrl { problem, .. } => problem,
            other => panic!("{other:?}"),
        }
    };
    let mut leaking = request("GET", "http://h/");
    leaking.headers.append("Authorization: Basic c2VjcmV0", "1");
    let error = client.execute(&leaking).err().unwrap();
    assert!(format!("{error:?}").contains("Authorization") && !format!("{error:?}").contains("c2VjcmV0"));
    let mut part_of = |change: &dyn Fn(&mut Request<'_>)| part_of(&mut client, change);
    assert_eq!(part_of(&|r| r.method = "GE T"), "method");
    assert_eq!(part_of(&|r| r.method = ""), "method");
    assert_eq!(part_of(&|r| r.url = "ftp://h/"), "scheme");
    assert_eq!(part_of(&|r| r.headers.append("X: y", "1")), "header");
    assert_eq!(part_of(&|r| r.headers.append("X", "1\r\nY: 2")), "header");
    assert_eq!(part_of(&|r| r.headers.append("X", "x".repeat(1 << 20))), "header");
    assert_eq!(part_of(&|r| r.headers.append("Content-Length", "5")), "content-length");
    assert_eq!(
        part_of(&|r| r.credentials = Some(Credentials::Bearer { token: "a\nb".into() })),
        "credentials"
    );
    assert_eq!(
        part_of(&|r| r.cookies.push(GivenCookie { name: "a;b".into(), ..GivenCookie::default() })),
        "cookie"
    );
    assert!(script.seen().is_empty());
}

#[test]
fn credentials_come_from_settings_then_the_url_and_a_written_header_wins() {
    let script = Script::new(|_, _| ok(200, &[], ""));
    let mut client = Client::stateless(script.clone());
    let mut asked = request("GET", "https://%D0%98:p%3Aw@h/");
    client.execute(&asked).unwrap();
    asked.credentials = Some(Credentials::Bearer { token: "t".into() });
    client.execute(&asked).unwrap();
    asked.headers.append("authorization", "Own x");
    client.execute(&asked).unwrap();
    let sent: Vec<_> =
        script.seen().iter().map(|seen| seen.header("Authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Basic 0Jg6cDp3", "Bearer t", "Own x"]);
    assert!(script.lines().iter().all(|line| line == "GET https://h/"));
}

#[test]
fn a_redirect_keeps_the_body_by_its_status_and_discards_its_own() {
    let script = Script::new(|index, _| match index {
        0 => ok(307, &[("Location", "/b")], "gone"),
        1 => ok(302, &[("Location", "c")], "gone"),
        _ => ok(200, &[], "end"),
    });
    let mut asked = request("POST", "http://h/a#f");
    asked.content = body(b"data");
    let response = Client::stateless(script.clone()).execute(&asked).unwrap();
    assert_eq!(script.lines(), ["POST http://h/a", "POST http://h/b", "GET http://h/c"]);
    let seen = script.seen();
    assert_eq!((&seen[1].body[..], seen[1].header("content-type")), (&b"data"[..], Some("text/plain")));
    assert_eq!((&seen[2].body[..], seen[2].header("content-type")), (&b""[..], None));
    assert_eq!(*script.kept.lock().unwrap(), [false, false, true]);
    assert_eq!(
        (text(&response).as_str(), response.url_text.as_str(), response.method.as_str()),
        ("end", "http://h/c#f", "GET")
    );
    let history: Vec<_> =
        response.history.iter().map(|r| (r.status, r.url.as_str(), r.location.as_str())).collect();
    assert_eq!(history, [(307, "http://h/a", "http://h/b"), (302, "http://h/b", "http://h/c")]);
}

#[test]
fn cross_host_redirect_drops_every_secret_for_good() {
    let script = Script::new(|index, _| match index {
        0 => ok(302, &[("Location", "https://other/")], ""),
        1 => ok(302, &[("Location", "https://h/back")], ""),
        _ => ok(200, &[], ""),
    });
    let mut asked = request("GET", "https://h/");
    asked.credentials = Some(Credentials::Basic { user: "u".into(), password: "p".into() });
    asked.headers = [("Cookie", "own=1"), ("X-Api-Key", "k"), ("X-Kept", "1")].into_iter().collect();
    asked.cookies.push(GivenCookie { name: "given".into(), value: "1".into(), ..GivenCookie::default() });
    Client::stateless(script.clone()).execute(&asked).unwrap();
    let seen = script.seen();
    assert_eq!(seen[0].header("cookie"), Some("own=1; given=1"));
    assert!(seen[0].header("authorization").is_some());
    for seen in &seen[1..] {
        assert_eq!(
            (seen.header("authorization"), seen.header("x-api-key"), seen.header("x-kept")),
            (None, None, Some("1"))
        );
    }
    // Nor does it go home over http.
    let script = Script::new(|index, _| match index {
        0 => ok(302, &[("Location", "http://h/")], ""),
        _ => ok(200, &[], ""),
    });
    asked.redirects.allow_downgrade = true;
    Client::stateless(script.clone()).execute(&asked).unwrap();
    assert_eq!(script.seen()[1].header("cookie"), None);
    // A given cookie is bound to its host by the cookie rules, and may go home.
    assert_eq!((seen[1].header("cookie"), seen[2].header("cookie")), (None, Some("given=1")));
}

#[test]
fn jar_cookies_are_chosen_anew_for_each_url_and_kept_by_sessions_only() {
    let answer = |index: usize, _: &Seen| match index {
        0 => ok(
            302,
            &[
                ("Set-Cookie", "a=1; Path=/"),
                ("set-cookie", "b=2; Domain=h.ru"),
                ("Location", "http://www.h.ru/x"),
            ],
            "",
        ),
        1 => ok(200, &[("Set-Cookie", "c=3")], ""),
        _ => ok(200, &[], ""),
    };
    for (stateful, later) in [(true, Some("a=1; b=2")), (false, None)] {
        let script = Script::new(answer);
        let mut client =
            if stateful { Client::stateful(script.clone()) } else { Client::stateless(script.clone()) };
        let response = client.execute(&request("GET", "http://h.ru/")).unwrap();
        client.execute(&request("GET", "http://h.ru/")).unwrap();
        let seen = script.seen();
        assert_eq!((seen[1].header("cookie"), seen[2].header("cookie")), (Some("b=2"), later));
        assert_eq!(response.cookies.list.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!(client.cookies().list.len(), if stateful { 3 } else { 0 });
    }
}

#[test]
fn exactly_as_many_redirects_as_allowed_are_followed() {
    for (limit, hops) in [(0, 1), (3, 4)] {
        let script = Script::new(|index, _| {
            ok(302, &[("Location", &format!("http://u:p@h/{}?token=s", index + 1))], "")
        });
        let mut asked = request("GET", "http://h/0");
        asked.redirects.limit = limit;
        let error = Client::stateless(script.clone()).execute(&asked).err().unwrap();
        assert_eq!(script.lines().len(), hops);
        let ErrorKind::TooManyRedirects { limit: told, chain } = &error.kind else { panic!("{error:?}") };
        assert_eq!((*told, chain.len()), (limit, hops + 1));
        assert_eq!(chain.last().unwrap(), &format!("http://h/{hops}?token=***"));
        assert!(!format!("{error:?}").contains("u:p"));
    }
}

#[test]
fn a_refused_redirect_says_why_and_shows_the_chain() {
    let script = Script::new(|index, _| match index {
        0 => ok(302, &[("Location", "/b")], ""),
        _ => ok(302, &[("Location", "http://h/")], ""),
    });
    let error = Client::stateless(script).execute(&request("GET", "https://h/a")).err().unwrap();
    let ErrorKind::Redirect { problem, location, chain } = &error.kind else { panic!("{error:?}") };
    assert_eq!((*problem, location.as_str()), ("downgrade", "http://h/"));
    assert_eq!(*chain, ["https://h/a", "https://h/b"]);
    assert_eq!((error.method.as_deref(), error.url.as_deref()), (Some("GET"), Some("https://h/b")));
}

#[test]
fn retries_pause_by_the_formula_and_report_what_they_overcame() {
    let clock = Still::new();
    let script = Script::new(|index, _| match index {
        0 => closed(Phase::Head),
        1 => ok(500, &[("Set-Cookie", "seen=1")], "no"),
        2 => ok(503, &[("Retry-After", "Mon, 01 Jan 2024 00:01:03 GMT")], "no"),
        _ => ok(200, &[], "yes"),
    });
    let mut asked = request("GET", "http://u:p@h/?token=t");
    asked.retries.limit = 5;
    let mut client = Client::stateful(script.clone()).with_clock(clock.clone());
    let response = client.execute(&asked).unwrap();
    // 1 s, 2 s, then until the date: 63 s after midnight, 3 s of which have passed.
    assert_eq!(*clock.pauses.lock().unwrap(), [1, 2, 60]);
    assert_eq!((text(&response).as_str(), response.elapsed.as_secs(), response.errors.len()), ("yes", 63, 1));
    assert_eq!(response.errors[0].url.as_deref(), Some("http://h/?token=***"));
    assert_eq!(*script.kept.lock().unwrap(), [false, false, true]);
    assert_eq!(script.seen()[2].header("cookie"), Some("seen=1"));
}

#[test]
fn exhausted_attempts_give_the_last_response_or_error() {
    let mut asked = request("GET", "http://h/");
    asked.retries.limit = 2;
    let clock = Still::new();
    let script = Script::new(|_, _| ok(502, &[], "bad"));
    let response = Client::stateless(script.clone()).with_clock(clock.clone()).execute(&asked).unwrap();
    assert_eq!((response.status, text(&response).as_str(), script.lines().len()), (502, "bad", 3));
    let script = Script::new(|_, _| closed(Phase::Head));
    let error = Client::stateless(script.clone()).with_clock(clock).execute(&asked).err().unwrap();
    assert_eq!((error.code(), script.lines().len()), ("closed", 3));
}

#[test]
fn a_post_is_not_repeated_by_itself() {
    let mut asked = request("POST", "http://h/");
    asked.retries.limit = 2;
    for (phase, requests) in [(Phase::Head, 1), (Phase::Connect, 3)] {
        let script = Script::new(move |_, _| closed(phase));
        assert!(Client::stateless(script.clone()).with_clock(Still::new()).execute(&asked).is_err());
        assert_eq!(script.lines().len(), requests);
    }
    asked.retries.unsafe_methods = true;
    let script = Script::new(|_, _| closed(Phase::Head));
    assert!(Client::stateless(script.clone()).with_clock(Still::new()).execute(&asked).is_err());
    assert_eq!(script.lines().len(), 3);
}

#[test]
fn no_pause_goes_beyond_the_total_limit() {
    let mut asked = request("GET", "http://h/");
    asked.retries.limit = 9;
    asked.total = Some(Duration::from_secs(10));
    let clock = Still::new();
    let script = Script::new(|_, _| ok(503, &[("Retry-After", "6")], "busy"));
    let response = Client::stateless(script.clone()).with_clock(clock.clone()).execute(&asked).unwrap();
    assert_eq!((response.status, text(&response).as_str()), (503, "busy"));
    assert_eq!((script.lines().len(), clock.pauses.lock().unwrap().as_slice()), (2, &[6][..]));
}

#[test]
fn a_total_limit_is_reported_as_the_caller_set_it() {
    let mut asked = request("GET", "http://h/");
    asked.total = Some(Duration::from_secs(10));
    let script = Script::new(|index, _| match index {
        0 => ok(302, &[("Location", "/b")], ""),
        _ => {
            let kind = ErrorKind::Timeout { limit: Limit::Total, after: Duration::from_secs(3) };
            Err(Error::new(kind, Phase::Head))
        }
    });
    let error = Client::stateless(script).execute(&asked).err().unwrap();
    let ErrorKind::Timeout { limit: Limit::Total, after } = error.kind else { panic!("{error:?}") };
    assert_eq!(after, Duration::from_secs(10));
}

#[test]
fn errors_of_overcome_attempts_are_kept_up_to_a_limit() {
    let mut asked = request("GET", "http://h/");
    asked.retries = Retries { limit: u32::MAX, ratio: 0.0, ..Retries::default() };
    let script = Script::new(|index, _| if index < 1000 { closed(Phase::Head) } else { ok(200, &[], "yes") });
    let response = Client::stateless(script).with_clock(Still::new()).execute(&asked).unwrap();
    assert_eq!((text(&response).as_str(), response.errors.len()), ("yes", ERRORS));
}

#[test]
fn a_cancelled_request_ends_before_the_next_hop() {
    let asked = request("GET", "http://h/");
    let cancel = asked.cancel.clone();
    let script = Script::new(move |_, _| {
        cancel.cancel();
        ok(302, &[("Location", "/b")], "")
    });
    let error = Client::stateless(script.clone()).execute(&asked).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::Cancelled));
    assert_eq!(script.lines().len(), 1);
}

#[test]
fn an_error_leaves_only_the_cookies_of_completed_hops() {
    let script = Script::new(|index, _| match index {
        0 => ok(302, &[("Set-Cookie", "a=1"), ("Location", "/b")], ""),
        _ => closed(Phase::Body),
    });
    let mut client = Client::stateful(script);
    assert!(client.execute(&request("GET", "http://h/")).is_err());
    let exported = client.cookies();
    assert_eq!(exported.list.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a"]);
    client.set_cookies(&Cookies::default());
    assert!(client.cookies().is_empty());
}

#[test]
fn a_body_goes_to_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    let mut asked = request("GET", "http://h/");
    asked.output = Output::File { path: path.clone() };
    let script =
        Script::new(
            |index, _| if index == 0 { ok(302, &[("Location", "/b")], "no") } else { ok(200, &[], "yes") },
        );
    let response = Client::stateless(script).execute(&asked).unwrap();
    assert!(matches!(&response.body, ResponseBody::File { length: 3, .. }));
    assert_eq!(text(&response), "yes");
    let unchanged = Client::stateless(Script::new(|_, _| ok(304, &[], ""))).execute(&asked).unwrap();
    assert!(matches!(&unchanged.body, ResponseBody::Memory(body) if body.is_empty()));
    assert_eq!(text(&response), "yes", "a 304 leaves the file as it is");
}

/// A server on a free port that answers each request of each connection by its request line; it says what it got.
fn serve(
    connections: usize,
    answer: fn(&str) -> &'static str,
) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut got = Vec::new();
        for stream in listener.incoming().take(connections) {
            let mut reader = BufReader::new(stream.unwrap());
            loop {
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
                let Some(line) = head.lines().next().map(str::to_owned) else { break };
                let length = head
                    .lines()
                    .find_map(|l| l.strip_prefix("Content-Length: "))
                    .map_or(0, |n| n.parse().unwrap());
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let cookie =
                    head.lines().find(|l| l.to_ascii_lowercase().starts_with("cookie:")).unwrap_or_default();
                got.push(format!("{line}|{cookie}|{}", String::from_utf8_lossy(&body)));
                reader.get_mut().write_all(answer(&line).as_bytes()).unwrap();
            }
        }
        got
    });
    (port, server)
}

#[test]
fn over_the_real_wire_one_connection_serves_redirect_cookies_and_answer() {
    let (port, server) = serve(1, |line| {
        if line.starts_with("PUT /a") {
            "HTTP/1.1 307 Again\r\nLocation: /b?x=%2F#own\r\nSet-Cookie: s=1\r\nContent-Length: 4\r\n\r\ngone"
        } else {
            "HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\nyes"
        }
    });
    let url = format!("127.0.0.1:{port}/a b?ключ=1");
    let mut asked = request("PUT", &url);
    asked.content = body(b"data");
    let mut client = Client::session();
    let response = client.execute(&asked).unwrap();
    drop(client);
    assert_eq!((response.status, response.reason.as_str(), text(&response).as_str()), (200, "Fine", "yes"));
    assert_eq!(response.url_text, format!("http://127.0.0.1:{port}/b?x=%2F#own"));
    assert_eq!(
        server.join().unwrap(),
        ["PUT /a%20b?%D0%BA%D0%BB%D1%8E%D1%87=1 HTTP/1.1||data", "PUT /b?x=%2F HTTP/1.1|Cookie: s=1|data"]
    );
}

#[test]
fn a_file_is_sent_again_on_every_hop_and_attempt_with_expect_too() {
    let (port, server) = serve(1, |line| match line {
        "PUT /a HTTP/1.1" => "HTTP/1.1 308 Again\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
        _ => "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 3\r\n\r\nnot",
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "data").unwrap();
    let url = format!("http://127.0.0.1:{port}/a");
    let mut asked = request("PUT", &url);
    let bytes = Segment::File { path: file.path().to_owned(), length: 4 };
    asked.content = Content::Bytes { bytes, content_type: None };
    asked.headers.append("Expect", "100-continue");
    asked.limits.continue_wait = Duration::from_millis(20);
    asked.retries.limit = 1;
    let mut client = Client::session().with_clock(Still::new());
    let response = client.execute(&asked).unwrap();
    drop(client);
    assert_eq!((response.status, text(&response).as_str()), (503, "not"));
    let sent = server.join().unwrap();
    assert_eq!(sent, ["PUT /a HTTP/1.1||data", "PUT /b HTTP/1.1||data", "PUT /b HTTP/1.1||data"]);
}

mod auth;
