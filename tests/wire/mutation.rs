//! Damaged answers through the real client over real sockets: thousands of mutations of a few good answers, the same
//! ones in every run. Whatever comes, a request ends in time with a response or an error, nothing panics, and secrets
//! stay with their origin. Nothing here leaves the loopback interface: a mutated `Location` that leads elsewhere is
//! refused by the exchange in between.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use httpconnector::engine::auth::Credentials;
use httpconnector::engine::cancel::Cancel;
use httpconnector::engine::client::Client;
use httpconnector::engine::clock::{Clock, SystemClock};
use httpconnector::engine::coding;
use httpconnector::engine::error::{Error, ErrorKind, Phase, Result};
use httpconnector::engine::exchange::{Exchange, Head, Hop, Limits};
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::received::Sink;
use httpconnector::engine::request::{Output, Redirects, Request, Retries};
use httpconnector::engine::response::{Response, ResponseBody};
use httpconnector::engine::store::HeapMemory;
use httpconnector::engine::transport::Transport;
use time::OffsetDateTime;

use crate::server::OK;

/// Mutations of each answer.
const ROUNDS: u64 = 500;
/// Bytes of a body in memory at most, decoded or not.
const LIMIT: u64 = 1 << 20;
const REDIRECTS: u32 = 3;
const SECRET: &str = "S3cretOfTheCaller";

#[test]
fn damaged_answers_end_in_a_response_or_an_error_in_time() {
    let server = Answers::start();
    let watch =
        Arc::new(Watch { transport: Transport::private(), address: server.address, strays: 0.into() });
    let (mut responses, mut led_away) = (0, 0);
    for (index, good) in good_answers().iter().enumerate() {
        for round in 0..ROUNDS {
            let mut random = Random((index as u64 + 1) * 1_000_003 + round);
            // The first round is the undamaged answer.
            let bytes = if round == 0 { good.clone() } else { mutated(good, &mut random) };
            let told = format!("answer {index} round {round}: {:?}", String::from_utf8_lossy(&bytes));
            watch.strays.store(0, Ordering::SeqCst);
            let began = Instant::now();
            let asked = AssertUnwindSafe(|| ask(&server, &watch, &bytes));
            let ended = catch_unwind(asked).unwrap_or_else(|_| panic!("panicked on {told}"));
            assert!(began.elapsed() < Duration::from_secs(8), "took {:?} for {told}", began.elapsed());
            let strays = watch.strays.load(Ordering::SeqCst);
            assert!(round > 0 || ended || strays > 0, "an undamaged answer is refused: {told}");
            led_away += strays;
            responses += usize::from(ended);
        }
    }
    let cases = good_answers().len() * usize::try_from(ROUNDS).unwrap();
    // Mutations that break everything, or nothing, would test nothing.
    assert!(responses > cases / 10 && responses < cases * 9 / 10, "{responses} responses of {cases}");
    assert!(led_away > 0, "no redirect led to another origin");
}

/// One request that is answered by `bytes`; whether that was taken for a response at the first attempt.
fn ask(server: &Answers, watch: &Arc<Watch>, bytes: &[u8]) -> bool {
    *server.answer.lock().unwrap() = bytes.to_vec();
    let mut client = Client::stateful(watch.clone()).with_clock(Arc::new(Hasty));
    let url = format!("http://{}/start?token={SECRET}", server.address);
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: LIMIT };
    let request = Request {
        headers: [("X-Api-Key", SECRET), ("Cookie", "own=S3cretOfTheCaller")].into_iter().collect(),
        credentials: Some(Credentials::Bearer { token: SECRET.to_owned() }),
        redirects: Redirects { limit: REDIRECTS, ..Redirects::default() },
        retries: Retries { limit: 1, ..Retries::default() },
        limits: Limits { idle: Some(Duration::from_secs(2)), head_bytes: 16 * 1024, ..Limits::default() },
        total: Some(Duration::from_secs(4)),
        proxy: ProxySetting::Direct,
        ..Request::new("GET", &url, output)
    };
    let ended = match client.execute(&request) {
        Ok(response) => {
            check(&response);
            response.errors.is_empty()
        }
        Err(error) => {
            assert!(!matches!(error.kind, ErrorKind::Timeout { .. }), "the peer was not silent: {error:?}");
            assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
            false
        }
    };
    // What was learned can be sent and read.
    let preview = client.preview(&request).unwrap();
    let sent: Vec<_> = preview.headers.iter().map(|(_, value)| value).collect();
    assert!(sent.iter().all(|value| !value.contains(['\r', '\n', '\0'])), "{sent:?}");
    assert!(client.cookies().list.iter().all(|cookie| !cookie.name.is_empty()));
    assert_eq!(client.cookies().nested().is_empty(), client.cookies().is_empty());
    ended
}

fn check(response: &Response) {
    assert!((101..1000).contains(&response.status), "{}", response.status);
    assert!(response.history.len() <= REDIRECTS as usize);
    assert!(response.headers.iter().all(|(name, value)| !name.is_empty() && !value.contains(['\r', '\n'])));
    let shown = format!("{:?} {:?} {:?}", response, response.notes, response.errors);
    assert!(!shown.contains(SECRET), "{shown}");
    let ResponseBody::Memory(body) = &response.body else { panic!("not in memory") };
    assert!(body.len() <= LIMIT);
    let bytes = body.contiguous().unwrap();
    let codings = coding::codings_of(&response.headers);
    if let Ok(decoded) = coding::decode_to_vec(&codings, &*bytes, LIMIT) {
        assert!(decoded.len() as u64 <= LIMIT);
    }
}

fn good_answers() -> Vec<Vec<u8>> {
    let text = b"some text that shrinks, some text that shrinks";
    let gzip = coding::write_gzip(&text[..]).unwrap().into_vec().unwrap();
    let coded = |coding: &str, body: &[u8]| {
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let chunks = format!("{:x}\r\n", gzip.len()).into_bytes();
    let zstd = b"\x28\xb5\x2f\xfd\x20\x05\x29\0\0hello";
    vec![
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;a=\"b;c\"\r\nhello\r\n1 \r\n!\r\n0\r\nX: y\r\n\r\n".to_vec(),
        [&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"[..], &chunks, &gzip, b"\r\n0\r\n\r\n"].concat(),
        coded("gzip", &gzip),
        coded("deflate", b"\x01\x05\0\xfa\xffhello"),
        coded("br", b"\x0b\x02\x80hello\x03"),
        coded("zstd, identity", zstd),
        b"HTTP/1.0 200 Whatever\r\nSet-Cookie: a=1; Path=/; Max-Age=60; HttpOnly\r\nset-cookie: b=\"2\"; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Secure\r\nSet-Cookie: c=3; Domain=127.0.0.1; path=/start\r\n\r\nuntil the end".to_vec(),
        b"HTTP/1.1 302 Found\r\nLocation: /next/../other?a=b#c\r\nSet-Cookie: s=1; Path=/other\r\nContent-Length: 4\r\n\r\ngone".to_vec(),
        b"HTTP/1.1 301 Moved\r\nLocation: http://u:p@127.0.0.1:8/x?%D0%B8=1&token=2\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 308 X\r\nLocation: //xn--e1afmkfd.xn--p1ai:80/\xd0\xb8\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n".to_vec(),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 None\r\nA : b\r\n folded\r\nB@d: c\r\n\r\n".to_vec(),
        b"HTTP/1.1 503 Busy\r\nRetry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\nContent-Length: 3\r\n\r\nnot".to_vec(),
    ]
}

/// One to four changes.
fn mutated(good: &[u8], random: &mut Random) -> Vec<u8> {
    const PIECES: [&[u8]; 22] = [
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"=",
        b"\"",
        b"%",
        b"%00",
        b"@",
        b"/",
        b"\\",
        b"\xff\xfe",
        b"\xe2\x80\xae",
        b"0",
        b"-1",
        b"18446744073709551616",
        b"ffffffffffffffff",
    ];
    let mut bytes = good.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(12)).min(bytes.len());
        match random.below(8) {
            0 | 1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            2 => {
                bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied());
            }
            3 => {
                bytes.splice(at..end, PIECES[random.below(PIECES.len())].iter().copied());
            }
            4 => drop(bytes.drain(at..end)),
            5 => {
                let piece = bytes[at..end].repeat(1 + random.below(40));
                bytes.splice(at..at, piece);
            }
            6 => {
                let lines: Vec<_> =
                    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
                if !lines.is_empty() {
                    let line = lines[random.below(lines.len())].clone();
                    bytes.splice(at..at, line);
                }
            }
            _ => bytes.truncate(at.max(20)),
        }
    }
    bytes
}

/// xorshift64*: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound.max(1)
    }
}

/// The system's clock without pauses.
struct Hasty;

impl Clock for Hasty {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now()
    }

    fn instant(&self) -> Instant {
        SystemClock.instant()
    }

    fn pause(&self, _length: Duration, cancel: &Cancel) -> bool {
        cancel.is_cancelled()
    }
}

/// Passes on what is for the server and looks at what is not.
struct Watch {
    transport: Transport,
    address: SocketAddr,
    strays: AtomicUsize,
}

impl Exchange for Watch {
    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head> {
        let home = format!("http://{}/", self.address);
        if hop.url.as_str().starts_with(&home) {
            return self.transport.exchange(hop, sink);
        }
        self.strays.fetch_add(1, Ordering::SeqCst);
        let leaked = hop.headers.iter().find(|(_, value)| value.contains(SECRET));
        assert!(leaked.is_none(), "{leaked:?} to {}", hop.url);
        let error = Error::new(ErrorKind::Cancelled, Phase::Connect);
        sink.abandon(&error);
        Err(error)
    }
}

/// Answers the first request with the given bytes, those that follow from it plainly, and closes.
struct Answers {
    address: SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
    stopping: Arc<AtomicBool>,
}

impl Answers {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::default(),
            stopping: Arc::default(),
        };
        let (answer, stopping) = (server.answer.clone(), server.stopping.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { return };
                let mut answer = std::mem::take(&mut *answer.lock().unwrap());
                if answer.is_empty() {
                    answer = OK.into();
                }
                // A client that has heard enough may be gone.
                let _ = serve(&mut stream, &answer);
            }
        });
        server
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    // In two pieces, so that the reader meets every state with nothing behind it.
    let (first, second) = answer.split_at(answer.len() / 2);
    stream.write_all(first)?;
    stream.write_all(second)?;
    stream.shutdown(Shutdown::Write)
}
