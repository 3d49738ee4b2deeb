//! Scripted sockets: a listener on a free port and a thread that ends with the case. No reply waits for a clock: what
//! must stay open stays open until the client goes.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Upper guard of every read of a script: a client that does nothing for so long has failed its case.
pub(super) const GUARD: Duration = Duration::from_secs(20);

/// A listener whose connections are handled one after the other, each on its own thread.
pub(super) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port of `host`; `handle` gets each connection.
    pub(super) fn start(host: &str, handle: impl Fn(TcpStream) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((host, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let handle = Arc::new(handle);
        let thread = std::thread::spawn(move || {
            let mut workers = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let handle = Arc::clone(&handle);
                workers.push(std::thread::spawn(move || {
                    if prepare(&stream).is_ok() {
                        handle(stream);
                    }
                }));
            }
            for worker in workers {
                // A panic of a script shows as a connection cut short; the case fails by that.
                drop(worker.join());
            }
        });
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A port of the loopback interface where nobody listens.
pub(super) fn closed_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Sends the rest of a script and closes as a server does that has read everything: the client sees an orderly end,
/// never a reset that could overtake the data.
pub(super) fn finish(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.shutdown(Shutdown::Write)?;
    drain(stream);
    Ok(())
}

/// Reads until the client goes.
pub(super) fn drain(mut stream: &TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// Reads up to the end of a request's head; `buffer` may hold bytes already and gets what follows the head too. Gives
/// the length of the head, or `None` when the client went before one began.
pub(super) fn read_head(mut stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        if !read_more(&mut stream, buffer)? {
            return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    }
}

/// Reads something more; whether there was something.
pub(super) fn read_more(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 16 * 1024];
    let count = stream.read(&mut piece)?;
    buffer.extend_from_slice(piece.get(..count).unwrap_or_default());
    Ok(count > 0)
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(GUARD))?;
    stream.set_write_timeout(Some(GUARD))
}
