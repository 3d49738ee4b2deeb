//! The server as its users see it: start, addresses, counters, stop.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::connection::Connection;
use crate::pki::Pki;
use crate::routes;
use crate::state::State;

/// A running server: one port for HTTP, one for HTTPS, on 127.0.0.1. Stops when dropped.
pub struct Server {
    http: SocketAddr,
    https: SocketAddr,
    pki: Pki,
    shared: Arc<Shared>,
    accepting: Vec<JoinHandle<()>>,
}

struct Shared {
    state: State,
    /// A handle of every open connection, so that stopping can cut them.
    sockets: Mutex<HashMap<u64, TcpStream>>,
}

impl Server {
    /// Starts a server on two free ports.
    ///
    /// # Errors
    /// No port, thread or key could be had.
    pub fn start() -> io::Result<Self> {
        let pki = Pki::make()?;
        let shared = Arc::new(Shared { state: State::default(), sockets: Mutex::default() });
        let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (http, https) = (plain.local_addr()?, secure.local_addr()?);
        let mut server = Self { http, https, pki, shared, accepting: Vec::new() };
        let tls = Arc::clone(&server.pki.tls);
        server.accept("accept-http", plain, None)?;
        server.accept("accept-https", secure, Some(tls))?;
        Ok(server)
    }

    /// `http://127.0.0.1:PORT` followed by `path`, which starts with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// `https://localhost:PORT` followed by `path`.
    #[must_use]
    pub fn secure_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https.port())
    }

    /// Address of the HTTP port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.http
    }

    /// Address of the HTTPS port.
    #[must_use]
    pub fn secure_address(&self) -> SocketAddr {
        self.https
    }

    /// The authority that signed the HTTPS certificate, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.pki.ca_pem
    }

    /// The same as DER.
    #[must_use]
    pub fn ca_der(&self) -> &[u8] {
        &self.pki.ca_der
    }

    /// Connections accepted since the start, both ports.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state.connections()
    }

    /// Requests whose head arrived since the start, both ports.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.state.requests()
    }

    fn accept(
        &mut self,
        name: &str,
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
    ) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut number = 0_u64;
            for socket in listener.incoming() {
                if shared.state.stopping() {
                    return;
                }
                let Ok(socket) = socket else { continue };
                // Odd and even numbers keep the two ports apart in the table of sockets.
                number += 2;
                let key = number + u64::from(tls.is_some());
                serve_in_thread(&shared, key, socket, tls.clone());
            }
        })?;
        self.accepting.push(thread);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.state.stop();
        for address in [self.http, self.https] {
            // Wakes the accepting thread, which then sees that it is time to go.
            let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
        }
        for thread in self.accepting.drain(..) {
            let _ = thread.join();
        }
        for socket in self.shared.sockets.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.shared.state.wait_closed(Duration::from_secs(5));
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("http", &self.http).field("https", &self.https).finish_non_exhaustive()
    }
}

fn serve_in_thread(shared: &Arc<Shared>, key: u64, socket: TcpStream, tls: Option<Arc<ServerConfig>>) {
    let _ = socket.set_nodelay(true);
    let Ok(handle) = socket.try_clone() else { return };
    shared.sockets.lock().unwrap_or_else(PoisonError::into_inner).insert(key, handle);
    shared.state.connection_opened();
    let ours = Arc::clone(shared);
    let started = thread::Builder::new().name("connection".to_owned()).spawn(move || {
        // A peer that goes away in the middle is what many tests are about: not an event for the server.
        let _ = serve(&ours.state, socket, tls);
        forget(&ours, key);
    });
    if started.is_err() {
        forget(shared, key);
    }
}

fn serve(state: &State, socket: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    let raw = socket.try_clone()?;
    match tls {
        None => Connection::new(Box::new(socket), raw, false).serve(state, routes::answer),
        Some(tls) => {
            let session = ServerConnection::new(tls).map_err(io::Error::other)?;
            let mut stream = Box::new(StreamOwned::new(session, socket));
            while stream.conn.is_handshaking() {
                stream.conn.complete_io(&mut stream.sock)?;
            }
            Connection::new(stream, raw, true).serve(state, routes::answer)
        }
    }
}

fn forget(shared: &Shared, key: u64) {
    shared.sockets.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    shared.state.connection_closed();
}
