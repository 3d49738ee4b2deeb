//! SOCKS 4, 4a (the memos of Ying-Da Lee) and 5 (RFC 1928, RFC 1929): what is said before the first byte for the
//! target. Nothing is read beyond the proxy's answers.

use std::borrow::Cow;
use std::io::IoSlice;

use url::Host;

use super::{Proxy, ProxyKind};
use crate::engine::auth::Credentials;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::socket::Fault;
use crate::engine::stream::{Sent, Stream};
use crate::engine::timer::Wait;

/// Why SOCKS4 cannot reach a target.
pub(in crate::engine) const NO_IPV4: &str = "no IPv4 address";

/// Longest name or password in SOCKS5: their length is one byte.
const LONGEST: usize = 255;

/// Asks `proxy` on the other end of `stream` for a connection to `target`.
///
/// # Errors
/// [`ErrorKind::Proxy`]; those of the stream, not yet said to be the proxy's.
pub(in crate::engine) fn ask(
    proxy: &Proxy,
    stream: &mut Stream,
    target: &Host<Cow<'_, str>>,
    port: u16,
    wait: &mut Wait<'_>,
) -> Result<()> {
    let _registration = wait.cancel.register(stream.waker());
    let user = match &proxy.credentials {
        None => None,
        Some(Credentials::Basic { user, password }) => Some((user.as_str(), password.as_str())),
        // The other schemes are HTTP's.
        Some(other) => return Err(proxy.failed("configuration", None, other.scheme().to_owned())),
    };
    let mut talk = Talk { proxy, user, stream, wait: &mut *wait };
    match proxy.kind {
        ProxyKind::Socks4 | ProxyKind::Socks4a => talk.version_4(target, port),
        ProxyKind::Socks5 | ProxyKind::Socks5h => talk.version_5(target, port),
        ProxyKind::Http | ProxyKind::Https => Err(proxy.failed("configuration", None, String::new())),
    }
}

struct Talk<'a, 'w> {
    proxy: &'a Proxy,
    user: Option<(&'a str, &'a str)>,
    stream: &'a mut Stream,
    wait: &'a mut Wait<'w>,
}

impl Talk<'_, '_> {
    fn version_4(&mut self, target: &Host<Cow<'_, str>>, port: u16) -> Result<()> {
        let (user, _) = self.user.unwrap_or_default();
        if user.contains('\0') || user.len() > LONGEST {
            return Err(self.unusable("user"));
        }
        let (address, name) = match target {
            Host::Ipv4(address) => (address.octets(), None),
            // An address that cannot be means: the name follows.
            Host::Domain(name) if self.proxy.kind == ProxyKind::Socks4a => ([0, 0, 0, 1], Some(name)),
            Host::Domain(_) | Host::Ipv6(_) => return Err(self.refused(NO_IPV4)),
        };
        let mut request = vec![4, 1];
        request.extend(port.to_be_bytes());
        request.extend(address);
        request.extend(user.as_bytes());
        request.push(0);
        if let Some(name) = name {
            request.extend(name.as_bytes());
            request.push(0);
        }
        self.send(&request)?;
        let [version, code, ..] = self.receive::<8>()?;
        match (version, code) {
            (0, 90) => Ok(()),
            (0, 91) => Err(self.refused("request rejected or failed (91)")),
            (0, 92 | 93) => Err(self.not_allowed(format!("identd ({code})"))),
            _ => Err(self.garbage()),
        }
    }

    fn version_5(&mut self, target: &Host<Cow<'_, str>>, port: u16) -> Result<()> {
        const NOTHING: u8 = 0;
        const PASSWORD: u8 = 2;
        const NONE_OF_THESE: u8 = 0xff;
        let user = self.user;
        let methods: &[u8] = if user.is_some() { &[5, 2, NOTHING, PASSWORD] } else { &[5, 1, NOTHING] };
        self.send(methods)?;
        match (self.receive()?, user) {
            ([5, NOTHING], _) => {}
            ([5, PASSWORD], Some((user, password))) => self.password(user, password)?,
            ([5, NONE_OF_THESE], None) => return Err(self.not_allowed("credentials wanted".to_owned())),
            ([5, NONE_OF_THESE], Some(_)) => return Err(self.not_allowed("no method in common".to_owned())),
            _ => return Err(self.garbage()),
        }
        let mut request = vec![5, 1, 0];
        match target {
            Host::Ipv4(address) => {
                request.push(1);
                request.extend(address.octets());
            }
            Host::Ipv6(address) => {
                request.push(4);
                request.extend(address.octets());
            }
            Host::Domain(name) => {
                let length = u8::try_from(name.len()).map_err(|_| self.refused("name too long"))?;
                request.extend([3, length]);
                request.extend(name.as_bytes());
            }
        }
        request.extend(port.to_be_bytes());
        self.send(&request)?;
        let [version, code, _, kind] = self.receive()?;
        if version != 5 {
            return Err(self.garbage());
        }
        if code != 0 {
            let said = match code {
                1 => "general failure",
                2 => "not allowed by the rules",
                3 => "network unreachable",
                4 => "host unreachable",
                5 => "connection refused",
                6 => "TTL expired",
                7 => "command not supported",
                8 => "address type not supported",
                _ => "unknown reply",
            };
            return Err(self.refused(&format!("{said} ({code})")));
        }
        // The address it connects from, of no use here, and a port.
        match kind {
            1 => self.receive::<6>().map(drop),
            4 => self.receive::<18>().map(drop),
            3 => {
                let [length] = self.receive()?;
                for _ in 0..usize::from(length) + 2 {
                    self.receive::<1>()?;
                }
                Ok(())
            }
            _ => Err(self.garbage()),
        }
    }

    /// RFC 1929.
    fn password(&mut self, user: &str, password: &str) -> Result<()> {
        let mut request = vec![1];
        for (text, what) in [(user, "user"), (password, "password")] {
            let length = u8::try_from(text.len()).ok().filter(|length| *length > 0);
            request.push(length.ok_or_else(|| self.unusable(what))?);
            request.extend(text.as_bytes());
        }
        self.send(&request)?;
        match self.receive()? {
            // RFC 1929 says version 1; some answer with that of SOCKS.
            [1 | 5, 0] => Ok(()),
            [1 | 5, _] => Err(self.not_allowed("credentials refused".to_owned())),
            _ => Err(self.garbage()),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.stream.send(&[IoSlice::new(rest)], false, self.wait).map_err(broken)? {
                Sent::Some(count) => rest = rest.get(count..).unwrap_or_default(),
                Sent::Interrupted => {}
            }
        }
        self.stream.flush(false, self.wait).map(drop).map_err(broken)
    }

    /// Exactly so many bytes: whatever comes after them is the target's.
    fn receive<const COUNT: usize>(&mut self) -> Result<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        let mut filled = 0;
        while let Some(space) = bytes.get_mut(filled..).filter(|space| !space.is_empty()) {
            match self.stream.recv(space, self.wait).map_err(broken)? {
                0 => return Err(self.proxy.failed("protocol", None, "closed without an answer".to_owned())),
                count => filled += count,
            }
        }
        Ok(bytes)
    }

    fn refused(&self, detail: &str) -> Error {
        self.proxy.failed("socks", None, detail.to_owned())
    }

    fn not_allowed(&self, detail: String) -> Error {
        self.proxy.failed("authentication", None, detail)
    }

    fn unusable(&self, what: &str) -> Error {
        self.proxy.failed("configuration", None, what.to_owned())
    }

    fn garbage(&self) -> Error {
        self.proxy.failed("protocol", None, format!("not an answer of {}", self.proxy.kind.scheme()))
    }
}

fn broken(fault: Fault) -> Error {
    let phase = crate::engine::error::Phase::Proxy;
    match fault {
        Fault::Ended(error) => error,
        Fault::Io(source) => {
            Error::new(ErrorKind::Closed { received: 0, expected: None, source: Some(source) }, phase)
        }
        Fault::Tls(problem) => Error::new(ErrorKind::Tls { host: String::new(), problem: *problem }, phase),
    }
}
