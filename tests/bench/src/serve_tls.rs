//! The server of the handshakes: TLS 1.3 with a P-256 certificate, one short answer for each connection, which says
//! whether the handshake was a full one. One port hands out nothing to resume from, the other tickets. Connections are
//! served one after another by one thread: nobody here opens two.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::NoServerSessionStorage;
use rustls::{HandshakeKind, ServerConfig, ServerConnection};

use crate::Failure;

/// The answer after a full handshake.
pub(crate) const FULL: &str = r#"{"handshake":"full"}"#;
/// The answer after a resumed one.
pub(crate) const RESUMED: &str = r#"{"handshake":"resumed"}"#;

/// Two ports and whom to trust.
pub(crate) struct Tls {
    pub(crate) full: u16,
    pub(crate) resumed: u16,
    pub(crate) authority: String,
}

/// Starts serving.
pub(crate) fn start() -> Result<Tls, Failure> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Benchmark");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;

    let mut resumed = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    let mut full = resumed.clone();
    full.session_storage = Arc::new(NoServerSessionStorage {});
    full.send_tls13_tickets = 0;
    resumed.ticketer = ring::Ticketer::new()?;
    Ok(Tls { full: listen(full)?, resumed: listen(resumed)?, authority: authority.pem() })
}

fn listen(config: ServerConfig) -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that does not like the certificate goes away.
            let _gone = talk(stream, config.clone());
        }
    });
    Ok(port)
}

fn talk(mut socket: TcpStream, config: Arc<ServerConfig>) -> Result<(), Failure> {
    socket.set_nodelay(true)?;
    let mut connection = ServerConnection::new(config)?;
    let mut stream = rustls::Stream::new(&mut connection, &mut socket);
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let body = match stream.conn.handshake_kind() {
        Some(HandshakeKind::Resumed) => RESUMED,
        Some(HandshakeKind::Full) => FULL,
        _ => "{}",
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ";
    stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()?;
    // Closing with something unread would reset the connection, maybe before the answer is read.
    while socket.read(&mut buffer)? > 0 {}
    Ok(())
}
