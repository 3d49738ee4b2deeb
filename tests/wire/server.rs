//! A scripted server: each connection plays its own list of steps, and everything received is kept.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a connection does next.
#[derive(Clone)]
pub(crate) enum Step {
    /// Reads a head and its `Content-Length` body.
    Request,
    /// Reads a head only.
    Head,
    /// Reads exactly so many bytes more.
    Read(usize),
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one by one with a pause after each, until the peer is gone.
    Drip(Vec<u8>, Duration),
    /// Does nothing for a while.
    Pause(Duration),
    /// Waits until the peer closes (reading nothing) or the server is dropped.
    Hold,
    /// Waits for [`Server::release`].
    Await,
    /// Closes in order (with close_notify over TLS).
    Close,
    /// Closes without close_notify.
    Cut,
    /// Closes with a reset.
    Reset,
}

pub(crate) fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

/// A complete answer to one request.
pub(crate) fn answer(bytes: &str) -> Vec<Step> {
    vec![Step::Request, send(bytes), Step::Hold]
}

/// The same complete answer to each of several requests.
pub(crate) fn answers(count: usize, bytes: &str) -> Vec<Step> {
    [Step::Request, send(bytes)].iter().cloned().cycle().take(2 * count).chain([Step::Hold]).collect()
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    release: Sender<()>,
}

struct Shared {
    accepted: AtomicUsize,
    received: Mutex<Vec<Vec<u8>>>,
    stopping: AtomicBool,
    release: Mutex<Receiver<()>>,
    log: Mutex<Vec<(usize, &'static str)>>,
}

impl Server {
    /// Connection n plays `scripts[n]`; later ones are closed at once.
    pub(crate) fn play(scripts: Vec<Vec<Step>>) -> Self {
        Self::start(scripts, None)
    }

    pub(crate) fn play_tls(scripts: Vec<Vec<Step>>, tls: Arc<ServerConfig>) -> Self {
        Self::start(scripts, Some(tls))
    }

    fn start(scripts: Vec<Vec<Step>>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (release, released) = channel();
        let shared = Arc::new(Shared {
            accepted: AtomicUsize::new(0),
            received: Mutex::default(),
            stopping: AtomicBool::new(false),
            release: Mutex::new(released),
            log: Mutex::default(),
        });
        let thread = shared.clone();
        std::thread::spawn(move || {
            let mut scripts = scripts.into_iter();
            for connection in listener.incoming() {
                if thread.stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = connection else { return };
                let index = thread.accepted.fetch_add(1, Ordering::SeqCst);
                thread.received.lock().unwrap().push(Vec::new());
                let Some(script) = scripts.next() else { continue };
                let (shared, tls) = (thread.clone(), tls.clone());
                std::thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    match tls {
                        None => shared.run(index, script, Plain(stream)),
                        Some(config) => {
                            let connection = ServerConnection::new(config).unwrap();
                            shared.run(index, script, Secure(StreamOwned::new(connection, stream)));
                        }
                    }
                });
            }
        });
        Self { address, shared, release }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// What connection `index` has received so far.
    pub(crate) fn received(&self, index: usize) -> Vec<u8> {
        self.shared.received.lock().unwrap()[index].clone()
    }

    pub(crate) fn received_text(&self, index: usize) -> String {
        String::from_utf8(self.received(index)).unwrap()
    }

    /// Lets one [`Step::Await`] go on.
    pub(crate) fn release(&self) {
        let _ = self.release.send(());
    }

    /// Waits until connection `index` has reached `event`: `closed` (its sending side), `gone` (all of it) or
    /// `resumed` (a TLS session, at the first request).
    pub(crate) fn wait_for(&self, index: usize, event: &'static str) {
        wait_until(|| self.shared.log.lock().unwrap().contains(&(index, event)));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// Waits for a condition; the time is an upper guard only.
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "the condition never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A connection of either kind.
trait Wire: Read + Write {
    fn tcp(&self) -> &TcpStream;
    fn goodbye(&mut self);
    fn resumed(&self) -> bool;
}

struct Plain(TcpStream);
struct Secure(StreamOwned<ServerConnection, TcpStream>);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Wire for Plain {
    fn tcp(&self) -> &TcpStream {
        &self.0
    }
    fn goodbye(&mut self) {}
    fn resumed(&self) -> bool {
        false
    }
}

impl Read for Secure {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secure {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Wire for Secure {
    fn tcp(&self) -> &TcpStream {
        &self.0.sock
    }
    fn goodbye(&mut self) {
        self.0.conn.send_close_notify();
        let _ = self.0.flush();
    }
    fn resumed(&self) -> bool {
        self.0.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
    }
}

impl Shared {
    fn run(&self, index: usize, script: Vec<Step>, mut wire: impl Wire) {
        for step in script {
            let going = match step {
                Step::Request => self.read_request(index, &mut wire, true),
                Step::Head => self.read_request(index, &mut wire, false),
                Step::Read(count) => self.read(index, &mut wire, count),
                Step::Send(bytes) => wire.write_all(&bytes).and_then(|()| wire.flush()).is_ok(),
                Step::Drip(bytes, pause) => bytes.iter().all(|byte| {
                    let sent = wire.write_all(&[*byte]).and_then(|()| wire.flush());
                    std::thread::sleep(pause);
                    sent.is_ok()
                }),
                Step::Pause(pause) => {
                    std::thread::sleep(pause);
                    true
                }
                Step::Hold => self.hold(&wire),
                Step::Await => self.release.lock().unwrap().recv_timeout(Duration::from_secs(20)).is_ok(),
                Step::Close => {
                    wire.goodbye();
                    let _ = wire.tcp().shutdown(Shutdown::Write);
                    self.event(index, "closed");
                    false
                }
                Step::Cut => {
                    let _ = wire.tcp().shutdown(Shutdown::Write);
                    self.event(index, "closed");
                    false
                }
                Step::Reset => {
                    socket2::SockRef::from(wire.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
                    drop(wire);
                    self.event(index, "closed");
                    return;
                }
            };
            if !going {
                break;
            }
        }
        drop(wire);
        self.event(index, "gone");
    }

    fn event(&self, index: usize, event: &'static str) {
        self.log.lock().unwrap().push((index, event));
    }

    /// Waits for the peer to close, without taking what it sends.
    fn hold(&self, wire: &impl Wire) -> bool {
        let tcp = wire.tcp();
        tcp.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let began = Instant::now();
        while !self.stopping.load(Ordering::SeqCst) && began.elapsed() < Duration::from_secs(60) {
            match tcp.peek(&mut [0]) {
                Ok(0) => return false,
                Ok(_) => std::thread::sleep(Duration::from_millis(5)),
                Err(error)
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) => {}
                Err(_) => return false,
            }
        }
        false
    }

    fn read(&self, index: usize, wire: &mut impl Wire, count: usize) -> bool {
        let mut left = count;
        let mut buffer = vec![0; 65536];
        while left > 0 {
            let room = left.min(buffer.len());
            match wire.read(&mut buffer[..room]) {
                Ok(0) | Err(_) => return false,
                Ok(count) => {
                    self.received.lock().unwrap()[index].extend_from_slice(&buffer[..count]);
                    left -= count;
                }
            }
        }
        true
    }

    fn read_request(&self, index: usize, wire: &mut impl Wire, body: bool) -> bool {
        let start = self.received.lock().unwrap()[index].len();
        let head = loop {
            if !self.read(index, wire, 1) {
                return false;
            }
            let received = self.received.lock().unwrap();
            let request = &received[index][start..];
            if request.ends_with(b"\r\n\r\n") {
                break String::from_utf8_lossy(request).to_lowercase();
            }
        };
        if wire.resumed() {
            self.event(index, "resumed");
        }
        let length: u64 = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |value| value.trim().parse().unwrap());
        // More than 32 bits can count will not come to its end here.
        !body || self.read(index, wire, usize::try_from(length).unwrap_or(usize::MAX))
    }
}
