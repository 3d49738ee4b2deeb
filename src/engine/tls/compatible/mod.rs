//! The compatible provider where the system has OpenSSL: an [`openssl::Connection`] as a [`Session`].
//!
//! Whom to trust is [`super::Trust`]'s word here too: the same roots as with the modern provider, verified by OpenSSL.
//! `words` turns its codes into the words of [`TlsProblem`].

mod contexts;
mod words;

use std::ffi::c_long;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Decode, Encode};

pub(super) use self::contexts::check_identity;
use self::contexts::{Shared, shared};
use self::words::problem;
use super::explain::{refused, unpinned, wants_ours};
use super::pins::pin_of;
use super::session::{Session, TlsFault};
use super::{TlsProblem, TlsSettings, Trust, plain_problem};
use crate::os::openssl::{Connection, Failure, Outcome, Server};

/// Plaintext in one record (RFC 8446 section 5.1), and ciphertext moved at once.
const RECORD: usize = 16 * 1024;
/// Ciphertext made before the first of it has to be sent.
const AHEAD: usize = 4 * RECORD;

/// An OpenSSL connection.
pub(crate) struct Compatible {
    connection: Connection,
    shared: Arc<Shared>,
    /// Whose sessions these are.
    server: String,
    /// The first handshake is complete and the pins hold.
    established: bool,
    /// Renegotiations whose certificate was looked at.
    looked_at: c_long,
    /// The peer said close_notify.
    closed: bool,
    /// The peer has sent something, so it is content with our certificate.
    answered: bool,
    /// Nothing of it may be used any more.
    refused: bool,
    /// Ciphertext taken from the library but not sent yet.
    held: Vec<u8>,
    sent: usize,
    /// Parts of plaintext put together, so that small ones share a record.
    together: Vec<u8>,
}

impl Compatible {
    /// A connection to `name`.
    pub(crate) fn new(name: &ServerName<'static>, settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let shared = shared(settings)?;
        let server = name.to_str().into_owned();
        let whom = match name {
            ServerName::IpAddress(address) => Server::Address((*address).into()),
            _ => Server::Name(&server),
        };
        let resume = shared.recall(&server);
        let mut connection = Connection::new(&shared.context, whom, resume.as_deref())
            .map_err(|detail| plain_problem("other", detail))?;
        connection.handshake().map_err(|failure| problem(&failure, shared.has_identity))?;
        let mut held = Vec::new();
        held.try_reserve_exact(RECORD).map_err(|_| plain_problem("other", "no memory"))?;
        Ok(Self {
            connection,
            shared,
            server,
            established: false,
            looked_at: 0,
            closed: false,
            answered: false,
            refused: false,
            held,
            sent: 0,
            together: Vec::new(),
        })
    }

    fn explained(&self, failure: &Failure) -> TlsFault {
        Box::new(problem(failure, self.shared.has_identity))
    }

    /// Lets the library work on what it was fed, as far as that goes.
    fn advance(&mut self) -> Result<bool, TlsFault> {
        if !self.established {
            if !self.connection.handshake().map_err(|failure| self.explained(&failure))? {
                return Ok(false);
            }
            self.hold_rules()?;
            self.established = true;
        }
        // A handshake that the peer wants now goes on in here, and an alert is noticed.
        let outcome = self.connection.peek().map_err(|failure| self.explained(&failure))?;
        self.look_again()?;
        if outcome == Outcome::End(true) {
            self.closed = true;
        }
        Ok(outcome != Outcome::Wait)
    }

    /// Looks at the peer again when there has been another handshake: it may be another one now.
    fn look_again(&mut self) -> Result<(), TlsFault> {
        let again = self.connection.renegotiations();
        if again != self.looked_at && self.connection.is_settled() {
            self.hold_rules()?;
            self.looked_at = again;
        }
        Ok(())
    }

    /// Refuses what the library has no rules for. A resumed session is one whose first handshake passed.
    fn hold_rules(&mut self) -> Result<(), TlsFault> {
        let held = if self.connection.is_resumed() {
            Ok(())
        } else {
            self.hold_lists().and_then(|()| self.hold_pins())
        };
        self.refused |= held.is_err();
        held
    }

    /// Refuses a certificate that is trusted itself and listed.
    fn hold_lists(&self) -> Result<(), TlsFault> {
        if self.shared.revocations.is_empty() || self.shared.given.is_empty() {
            return Ok(());
        }
        let Some(leaf) = self.connection.certificates().into_iter().next() else { return Ok(()) };
        let listed = self.shared.given.contains(&leaf)
            && EndEntityCert::try_from(&CertificateDer::from(leaf.as_slice()))
                .is_ok_and(|read| self.shared.revocations.lists(read.issuer(), read.serial()));
        if !listed {
            return Ok(());
        }
        let error = rustls::CertificateError::Revoked.into();
        Err(Box::new(refused(&error, &CertificateDer::from(leaf), &[], &self.shared.revocations)))
    }

    /// Refuses a peer without a pinned key.
    fn hold_pins(&self) -> Result<(), TlsFault> {
        if self.shared.pins.is_empty() {
            return Ok(());
        }
        let mut chain = self.connection.certificates();
        if !self.shared.verified {
            // Nothing links the others to it.
            chain.truncate(1);
        }
        let keys: Vec<[u8; 32]> = chain.iter().filter_map(|der| key_of(der)).collect();
        if keys.iter().any(|key| self.shared.pins.contains(key)) {
            return Ok(());
        }
        let leaf = CertificateDer::from(chain.into_iter().next().unwrap_or_default());
        Err(Box::new(unpinned(&leaf, &[], &keys)))
    }

    /// Encrypts `plaintext`; how much of it was taken.
    fn encrypt(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while let Some(rest) = plaintext.get(taken..).filter(|rest| !rest.is_empty()) {
            if self.connection.pending() >= AHEAD {
                break;
            }
            let record = rest.get(..RECORD).unwrap_or(rest);
            let outcome = self.connection.write(record);
            // As above; what was encrypted for somebody else is not sent.
            self.look_again().map_err(|problem| io::Error::other(problem.detail))?;
            match outcome {
                Ok(Outcome::Bytes(count)) => taken += count,
                // A handshake is under way: the peer has to say something first.
                Ok(Outcome::Wait) => break,
                Ok(Outcome::End(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(failure) => return Err(io::Error::other(failure.text)),
            }
        }
        Ok(taken)
    }
}

impl Session for Compatible {
    fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault> {
        if ciphertext.is_empty() {
            self.connection.end();
            return Ok(0);
        }
        self.connection.feed(ciphertext).map_err(|failure| self.explained(&failure))?;
        self.advance()?;
        Ok(ciphertext.len())
    }

    fn has_output(&self) -> bool {
        !self.refused && (self.sent < self.held.len() || self.connection.pending() > 0)
    }

    fn send(&mut self, out: &mut dyn Write) -> io::Result<usize> {
        if self.refused {
            return Ok(0);
        }
        if self.sent >= self.held.len() {
            self.sent = 0;
            self.held.resize(RECORD, 0);
            let count = self.connection.take(&mut self.held);
            self.held.truncate(count);
        }
        let count = out.write(self.held.get(self.sent..).unwrap_or_default())?;
        self.sent += count;
        Ok(count)
    }

    fn is_handshaking(&self) -> bool {
        !self.established
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if self.refused || !self.established {
            return Err(io::ErrorKind::NotConnected.into());
        }
        if buffer.is_empty() {
            return Ok(Some(0));
        }
        let outcome = self.connection.read(buffer);
        // It may have gone through a handshake on the way to these bytes.
        self.look_again().map_err(|problem| io::Error::other(problem.detail))?;
        match outcome {
            Ok(Outcome::Bytes(count)) => {
                self.answered = true;
                Ok(Some(count))
            }
            Ok(Outcome::Wait) => Ok(None),
            Ok(Outcome::End(said)) => {
                self.closed |= said;
                Ok(Some(0))
            }
            Err(failure) => Err(io::Error::other(failure.text)),
        }
    }

    fn has_input(&mut self) -> Result<bool, TlsFault> {
        self.advance()
    }

    fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.refused || !self.established {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let mut parts = parts.iter().filter(|part| !part.is_empty()).peekable();
        let Some(first) = parts.next() else { return Ok(0) };
        if parts.peek().is_none() || first.len() >= RECORD {
            return self.encrypt(first);
        }
        let mut together = std::mem::take(&mut self.together);
        together.clear();
        together.try_reserve_exact(RECORD).map_err(|_| io::ErrorKind::OutOfMemory)?;
        for part in std::iter::once(first).chain(parts) {
            let room = RECORD - together.len();
            together.extend_from_slice(part.get(..room).unwrap_or(part));
            if together.len() == RECORD {
                break;
            }
        }
        let taken = self.encrypt(&together);
        self.together = together;
        taken
    }

    fn is_closed(&self) -> bool {
        self.closed
    }

    fn refusal(&self) -> Option<TlsFault> {
        let unheard = self.established && !self.answered && self.connection.is_asked();
        unheard.then(|| Box::new(wants_ours("connection reset before an answer", self.shared.has_identity)))
    }

    fn close(&mut self) {
        if self.established {
            self.connection.shut_down();
        }
    }
}

impl Drop for Compatible {
    /// The session is worth keeping now: tickets of TLS 1.3 come when they like.
    fn drop(&mut self) {
        if self.established
            && !self.refused
            && let Some(session) = self.connection.resumption()
        {
            self.shared.remember(&self.server, session);
        }
    }
}

/// The pin of a certificate's key.
fn key_of(der: &[u8]) -> Option<[u8; 32]> {
    let certificate = Parsed::from_der(der).ok()?;
    certificate.tbs_certificate().subject_public_key_info().to_der().ok().map(|key| pin_of(&key))
}

/// Whether certificates are looked at.
fn is_verified(trust: &Trust) -> bool {
    !matches!(trust, Trust::None)
}
