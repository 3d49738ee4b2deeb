//! TLS without a socket: ciphertext in, ciphertext out, plaintext in, plaintext out. Whichever library does it, the
//! connection above sees this; two of them one inside the other make TLS to a target behind a TLS proxy.

use std::io::{self, IoSlice, Write};

use rustls::pki_types::ServerName;
use url::Host;

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
use super::compatible::Compatible;
use super::modern::Modern;
#[cfg(windows)]
use super::schannel::SChannel;
use super::support::host_of;
use super::{Provider, TlsProblem, TlsSettings, plain_problem};

/// One TLS connection, from the first message of the handshake on.
pub(crate) trait Session: Send {
    /// Takes ciphertext from the peer; how much of it was taken. An empty slice is the end of the connection.
    ///
    /// # Errors
    /// The peer's fault, or a certificate that is refused. What is still to be sent then (an alert) is in
    /// [`Session::send`].
    fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault>;

    /// Whether there is ciphertext to send.
    fn has_output(&self) -> bool;

    /// Writes some of the ciphertext to `out`.
    ///
    /// # Errors
    /// Those of `out`, [`io::ErrorKind::WouldBlock`] among them: then nothing was lost.
    fn send(&mut self, out: &mut dyn Write) -> io::Result<usize>;

    /// Whether the handshake is not complete yet.
    fn is_handshaking(&self) -> bool;

    /// Decrypted bytes: `None` when more ciphertext is needed, zero at the end ([`Session::is_closed`] tells whether
    /// the peer said so).
    ///
    /// # Errors
    /// Those of the library.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>>;

    /// Whether [`Session::read`] would give bytes or an end without more ciphertext.
    fn has_input(&mut self) -> Result<bool, TlsFault>;

    /// Takes plaintext to send; how much. Zero: send ciphertext first.
    ///
    /// # Errors
    /// Those of the library.
    fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Whether the peer said close_notify.
    fn is_closed(&self) -> bool;

    /// What a connection that is reset before any answer most likely means: a server of TLS 1.3 refuses a client
    /// certificate, or the lack of one, after the handshake, and its alert is lost when the request has met a closed
    /// socket.
    fn refusal(&self) -> Option<TlsFault> {
        None
    }

    /// Makes a close_notify to send.
    fn close(&mut self);

    /// The peer's certificate, DER; `None` where the library does not tell.
    fn certificate(&self) -> Option<Vec<u8>> {
        None
    }
}

/// Why TLS failed, explained already.
pub(crate) type TlsFault = Box<TlsProblem>;

/// A session with `host`, nothing sent yet.
///
/// # Errors
/// Settings that cannot be used.
pub(crate) fn session(host: &Host<&str>, settings: &TlsSettings) -> Result<Box<dyn Session>, TlsProblem> {
    match settings.provider {
        Provider::Modern => Ok(Box::new(Modern::new(name_of(host, settings)?, settings)?)),
        #[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
        Provider::Compatible => Ok(Box::new(Compatible::new(&name_of(host, settings)?, settings)?)),
        #[cfg(any(target_vendor = "apple", target_os = "android"))]
        Provider::Compatible => Err(plain_problem("no-provider", "there is none on this system")),
        #[cfg(windows)]
        Provider::Compatible => Ok(Box::new(SChannel::new(&name_of(host, settings)?, settings)?)),
    }
}

/// The name to ask for and to find in the certificate.
fn name_of(host: &Host<&str>, settings: &TlsSettings) -> Result<ServerName<'static>, TlsProblem> {
    let named = |name: &str| {
        ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned())
            .map_err(|_| plain_problem("wrong-name", "not a DNS name"))
    };
    let given = settings.server_name.as_deref().and_then(host_of);
    let given = given.as_ref().map(|host| match host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    });
    match (given.as_ref(), &settings.server_name) {
        (None, Some(_)) => {
            Err(plain_problem("wrong-name", "the server name is neither a name nor an address"))
        }
        (given, _) => match given.unwrap_or(host) {
            Host::Domain(name) => named(name),
            Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
            Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        },
    }
}

/// TLS inside TLS: the outer one's plaintext is the inner one's ciphertext.
pub(crate) struct Nested {
    outer: Box<dyn Session>,
    inner: Box<dyn Session>,
    /// Ciphertext of the inner session that the outer one has not taken yet.
    pending: Vec<u8>,
    /// Ciphertext for the inner session. It takes more only while it holds nothing decrypted: a session's room for
    /// that is limited, and the outer one may have decrypted more than fits.
    arrived: Vec<u8>,
    /// The outer session takes nothing until its peer has spoken (a handshake is under way).
    stuck: bool,
    end: End,
}

/// The end of the outer session's plaintext.
#[derive(PartialEq, Eq)]
enum End {
    Open,
    Seen,
    Told,
}

impl Nested {
    /// `inner` through the established `outer`.
    pub(crate) fn new(outer: Box<dyn Session>, inner: Box<dyn Session>) -> Self {
        Self { outer, inner, pending: Vec::new(), arrived: Vec::new(), stuck: false, end: End::Open }
    }

    /// Takes over what the outer session has decrypted.
    fn pass_in(&mut self) -> Result<(), TlsFault> {
        let mut buffer = [0; 16 * 1024];
        while let Some(count) = self.outer.read(&mut buffer).map_err(|error| broken(&error))? {
            if count == 0 {
                if self.end == End::Open {
                    self.end = End::Seen;
                }
                break;
            }
            let refused = |_| broken(&io::ErrorKind::OutOfMemory.into());
            self.arrived.try_reserve(count).map_err(refused)?;
            self.arrived.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        self.feed()
    }

    /// Hands the inner session what it has room for.
    fn feed(&mut self) -> Result<(), TlsFault> {
        while !self.arrived.is_empty() && !self.inner.has_input()? {
            let taken = self.inner.receive(&self.arrived)?;
            if taken == 0 {
                return Ok(());
            }
            self.arrived.drain(..taken);
        }
        if self.arrived.is_empty() && self.end == End::Seen {
            self.end = End::Told;
            self.inner.receive(&[])?;
        }
        Ok(())
    }

    /// Hands what the inner session has to send to the outer one.
    fn pass_out(&mut self) -> io::Result<()> {
        while self.inner.has_output() {
            self.inner.send(&mut self.pending)?;
        }
        while !self.pending.is_empty() {
            let taken = self.outer.write(&[IoSlice::new(&self.pending)])?;
            if taken == 0 {
                // Then there is nothing to send either, and who waits for room would wait for ever.
                self.stuck = !self.outer.has_output();
                return Ok(());
            }
            self.pending.drain(..taken);
        }
        self.stuck = false;
        Ok(())
    }
}

impl Session for Nested {
    fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault> {
        let taken = self.outer.receive(ciphertext)?;
        let passed = self.pass_in();
        self.pass_out().map_err(|error| broken(&error))?;
        passed.map(|()| taken)
    }

    fn has_output(&self) -> bool {
        self.outer.has_output() || (!self.stuck && (!self.pending.is_empty() || self.inner.has_output()))
    }

    fn send(&mut self, out: &mut dyn Write) -> io::Result<usize> {
        self.pass_out()?;
        self.outer.send(out)
    }

    fn is_handshaking(&self) -> bool {
        self.inner.is_handshaking()
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            let read = self.inner.read(buffer)?;
            if read.is_some() || (self.arrived.is_empty() && self.end != End::Seen) {
                return Ok(read);
            }
            let left = (self.arrived.len(), self.end == End::Seen);
            self.feed().map_err(|problem| io::Error::other(problem.detail))?;
            if left == (self.arrived.len(), self.end == End::Seen) {
                return Ok(None);
            }
        }
    }

    fn has_input(&mut self) -> Result<bool, TlsFault> {
        self.feed()?;
        self.inner.has_input()
    }

    fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.pass_out()?;
        if !self.pending.is_empty() {
            return Ok(0);
        }
        let taken = self.inner.write(parts)?;
        self.pass_out()?;
        Ok(taken)
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn refusal(&self) -> Option<TlsFault> {
        self.inner.refusal()
    }

    fn close(&mut self) {
        self.inner.close();
        // Whether the goodbye gets through is nobody's concern any more.
        let _ = self.pass_out();
        self.outer.close();
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        self.inner.certificate()
    }
}

fn broken(error: &io::Error) -> TlsFault {
    Box::new(plain_problem("handshake", error.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Passes everything on; takes nothing to send while it waits for its peer.
    #[derive(Default)]
    struct Pipe {
        waits: bool,
        incoming: Vec<u8>,
        outgoing: Vec<u8>,
    }

    impl Session for Pipe {
        fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault> {
            self.waits = false;
            self.incoming.extend_from_slice(ciphertext);
            Ok(ciphertext.len())
        }

        fn has_output(&self) -> bool {
            !self.outgoing.is_empty()
        }

        fn send(&mut self, out: &mut dyn Write) -> io::Result<usize> {
            let count = out.write(&self.outgoing)?;
            self.outgoing.drain(..count);
            Ok(count)
        }

        fn is_handshaking(&self) -> bool {
            false
        }

        fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
            let count = self.incoming.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.incoming[..count]);
            self.incoming.drain(..count);
            Ok((count > 0).then_some(count))
        }

        fn has_input(&mut self) -> Result<bool, TlsFault> {
            Ok(!self.incoming.is_empty())
        }

        fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
            if self.waits {
                return Ok(0);
            }
            self.outgoing.extend_from_slice(&parts[0]);
            Ok(parts[0].len())
        }

        fn is_closed(&self) -> bool {
            false
        }

        fn close(&mut self) {}
    }

    #[test]
    fn nothing_is_to_send_while_the_outer_session_waits_for_its_peer() {
        let outer = Pipe { waits: true, ..Pipe::default() };
        let mut nested = Nested::new(Box::new(outer), Box::new(Pipe::default()));
        assert_eq!(nested.write(&[IoSlice::new(b"abc")]).unwrap(), 3);
        assert!(!nested.has_output(), "sending would go round in circles");
        assert_eq!(nested.write(&[IoSlice::new(b"def")]).unwrap(), 0);
        nested.receive(b"x").unwrap();
        assert!(nested.has_output());
        let mut sent = Vec::new();
        nested.send(&mut sent).unwrap();
        assert_eq!(sent, b"abc");
        assert!(!nested.has_output());
    }
}
