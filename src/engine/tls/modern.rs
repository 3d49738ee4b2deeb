//! The modern provider: rustls as a [`Session`].

use std::io::{self, ErrorKind as Io, IoSlice, Read, Write};

use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use super::config::{Shared, client_config};
use super::explain::{explain, is_about_ours, wants_ours};
use super::session::{Session, TlsFault};
use super::{TlsProblem, TlsSettings};

/// A rustls connection.
pub(crate) struct Modern {
    connection: ClientConnection,
    /// Knows why this thread's verification refused.
    shared: Shared,
    /// The server has asked for a client certificate.
    asked: bool,
    /// We have one.
    has_identity: bool,
    /// Something was decrypted: what the server wants to know of us, it knows.
    answered: bool,
    /// The peer said close_notify.
    closed: bool,
}

impl Modern {
    /// A connection to `name`.
    pub(crate) fn new(name: ServerName<'static>, settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let shared = client_config(settings)?;
        let connection =
            ClientConnection::new(shared.config.clone(), name).map_err(|error| explain(&error))?;
        let has_identity = settings.identity.is_some();
        Ok(Self { connection, shared, asked: false, has_identity, answered: false, closed: false })
    }

    fn process(&mut self) -> Result<rustls::IoState, TlsFault> {
        let handshaking = self.connection.is_handshaking();
        let result = self.connection.process_new_packets();
        if !handshaking && result.is_ok() {
            return result.map_err(|error| Box::new(explain(&error)));
        }
        let note = self.shared.notes.take();
        self.asked |= note.asked;
        result.map_err(|error| {
            Box::new(match note.refused {
                Some(problem) => problem,
                None if self.asked && !self.answered && is_about_ours(&error) => {
                    wants_ours(&error.to_string(), self.has_identity)
                }
                None => explain(&error),
            })
        })
    }
}

impl Session for Modern {
    fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault> {
        let mut rest = ciphertext;
        let count = self
            .connection
            .read_tls(&mut rest)
            .map_err(|error| Box::new(super::plain_problem("handshake", error.to_string())))?;
        self.process()?;
        Ok(count)
    }

    fn has_output(&self) -> bool {
        self.connection.wants_write()
    }

    fn send(&mut self, out: &mut dyn Write) -> io::Result<usize> {
        self.connection.write_tls(out)
    }

    fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.connection.reader().read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.closed = true;
                Ok(Some(0))
            }
            Ok(count) => {
                self.answered |= count > 0;
                Ok(Some(count))
            }
            Err(error) if error.kind() == Io::WouldBlock => Ok(None),
            // No close_notify: an end, but not a clean one.
            Err(error) if error.kind() == Io::UnexpectedEof => Ok(Some(0)),
            Err(error) => Err(error),
        }
    }

    fn has_input(&mut self) -> Result<bool, TlsFault> {
        let state = self.process()?;
        Ok(state.plaintext_bytes_to_read() > 0 || state.peer_has_closed())
    }

    fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.connection.writer().write_vectored(parts)
    }

    fn is_closed(&self) -> bool {
        self.closed
    }

    fn refusal(&self) -> Option<TlsFault> {
        let unheard = self.asked && !self.answered && !self.connection.is_handshaking();
        unheard.then(|| Box::new(wants_ours("connection reset before an answer", self.has_identity)))
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        self.connection.peer_certificates()?.first().map(|leaf| leaf.to_vec())
    }
}
