//! Opening a TCP connection to whichever address answers first (RFC 8305), without threads.
//!
//! Attempts start 250 ms apart, or as soon as one fails; families alternate. The first that connects wins and the
//! others are closed. One deadline bounds everything.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};
use url::Host;

use super::cancel::Registration;
use super::error::{Error, ErrorKind, Phase, Result};
use super::guard::Guard;
use super::resolve::Resolver;
use super::socket::Socket;
#[cfg(unix)]
use super::socket::poll_within;
use super::timer::Wait;

/// RFC 8305 section 5, recommended connection attempt delay.
const STAGGER: Duration = Duration::from_millis(250);
/// Attempts open at the same time; more addresses wait for one of these to fail.
const OPEN: usize = 16;

/// Opens a connection to `host`, under the guard of the request when it is the target (and not a proxy).
///
/// # Errors
/// No address, none that accepts ([`ErrorKind::Connect`] with every address and its reason), none that is allowed, no
/// time, cancelled.
pub(crate) fn connect(
    host: &Host<&str>,
    port: u16,
    resolver: &Resolver,
    guard: Option<&Guard>,
    wait: &mut Wait<'_>,
) -> Result<Socket> {
    let addresses = lookup(host, port, resolver, guard, wait)?;
    wait.phase = Phase::Connect;
    let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
    let result = race(addresses, wait);
    match result {
        Ok(socket) => Ok(socket),
        Err(Lost::Ended(error)) => {
            // Addresses that do not answer are no better than ones that refuse.
            if let (Host::Domain(name), ErrorKind::Timeout { .. }) = (host, &error.kind) {
                resolver.forget(name);
            }
            Err(*error)
        }
        Err(Lost::Refused(attempts)) => {
            if let Host::Domain(name) = host {
                resolver.forget(name);
            }
            let host = host.to_string();
            Err(Error::new(ErrorKind::Connect { host, port, attempts }, Phase::Connect))
        }
    }
}

/// Addresses of `host` in the order to try them: those the caller wrote, else those of a lookup that are allowed.
///
/// # Errors
/// As [`connect`].
pub(crate) fn lookup(
    host: &Host<&str>,
    port: u16,
    resolver: &Resolver,
    guard: Option<&Guard>,
    wait: &mut Wait<'_>,
) -> Result<Vec<IpAddr>> {
    if let Some(addresses) = guard.and_then(|guard| guard.overridden(host, port)) {
        return Ok(interleave(addresses));
    }
    let addresses = match host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => {
            wait.phase = Phase::Resolve;
            wait.left()?;
            interleave(&resolver.resolve(name, &wait.timer, wait.cancel)?)
        }
    };
    match guard {
        Some(guard) => guard.permitted(addresses),
        None => Ok(addresses),
    }
}

enum Lost {
    Refused(Vec<(SocketAddr, io::Error)>),
    Ended(Box<Error>),
}

struct Attempt<'a> {
    address: SocketAddr,
    stream: Arc<TcpStream>,
    _registration: Registration<'a>,
}

fn race(addresses: Vec<SocketAddr>, wait: &Wait<'_>) -> Result<Socket, Lost> {
    let mut waiting = addresses.into_iter().peekable();
    let mut open: Vec<Attempt<'_>> = Vec::new();
    let mut failed = Vec::new();
    let mut next_start = Instant::now();
    loop {
        let left = wait.left().map_err(|error| Lost::Ended(Box::new(error)))?;
        if open.len() < OPEN
            && (open.is_empty() || Instant::now() >= next_start)
            && let Some(address) = waiting.next()
        {
            match start(address, wait) {
                Ok(attempt) => open.push(attempt),
                Err(error) => {
                    failed.push((address, error));
                    continue;
                }
            }
            next_start = Instant::now() + STAGGER;
        }
        if open.is_empty() {
            return Err(Lost::Refused(failed));
        }
        let mut limit = left;
        if waiting.peek().is_some() && open.len() < OPEN {
            let stagger = next_start.saturating_duration_since(Instant::now());
            limit = Some(limit.map_or(stagger, |left| left.min(stagger)));
        }
        let ready = match poll_open(&open, limit) {
            Ok(ready) => ready,
            Err(error) => {
                failed.extend(open.drain(..).map(|attempt| (attempt.address, io::Error::from(error.kind()))));
                return Err(Lost::Refused(failed));
            }
        };
        for index in (0..open.len()).rev() {
            let Some(attempt) = open.get(index) else { continue };
            let connected = ready.get(index).copied().unwrap_or(false);
            match attempt.stream.take_error() {
                Ok(None) if !connected => continue,
                Ok(None) if attempt.stream.peer_addr().is_ok() => {
                    // A cancel may just have shut it down; the next wait sees that.
                    let attempt = open.swap_remove(index);
                    match finish(attempt) {
                        Ok(socket) => return Ok(socket),
                        Err((address, error)) => failed.push((address, error)),
                    }
                }
                Ok(None) => {
                    failed.push((attempt.address, io::Error::from(io::ErrorKind::NotConnected)));
                    open.swap_remove(index);
                }
                Ok(Some(error)) | Err(error) => {
                    failed.push((attempt.address, error));
                    open.swap_remove(index);
                }
            }
            // A failure starts the next attempt at once (RFC 8305 section 5).
            next_start = Instant::now();
        }
    }
}

fn start<'a>(address: SocketAddr, wait: &Wait<'a>) -> io::Result<Attempt<'a>> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    let stream: TcpStream = match socket.connect(&address.into()) {
        Ok(()) => socket.into(),
        Err(error) if in_progress(&error) => socket.into(),
        Err(error) => return Err(error),
    };
    let stream = Arc::new(stream);
    let registration = wait.cancel.register(stream.clone());
    Ok(Attempt { address, stream, _registration: registration })
}

fn in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EINPROGRESS) {
        return true;
    }
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(unix)]
fn poll_open(open: &[Attempt<'_>], limit: Option<Duration>) -> io::Result<Vec<bool>> {
    let mut fds: Vec<_> = open.iter().map(|attempt| PollFd::new(&*attempt.stream, PollFlags::OUT)).collect();
    poll_within(&mut fds, limit)?;
    Ok(fds.iter().map(|fd| !fd.revents().is_empty()).collect())
}

/// A cancel wakes nothing there: a socket without a connection cannot be shut down.
#[cfg(windows)]
fn poll_open(open: &[Attempt<'_>], limit: Option<Duration>) -> io::Result<Vec<bool>> {
    use super::socket::LOOK;
    let mut asked: Vec<_> =
        open.iter().map(|attempt| crate::os::Asked::connecting(&attempt.stream)).collect();
    crate::os::select(&mut asked, limit.map_or(LOOK, |limit| limit.min(LOOK)))?;
    Ok(asked.iter().map(|one| one.writable).collect())
}

fn finish(attempt: Attempt<'_>) -> Result<Socket, (SocketAddr, io::Error)> {
    let Attempt { address, stream, _registration } = attempt;
    // The registration holds the other reference.
    drop(_registration);
    let stream = Arc::try_unwrap(stream).map_or_else(|shared| shared.try_clone(), Ok);
    stream.and_then(Socket::new).map_err(|error| (address, error))
}

/// Alternates the families, the system's first choice first (RFC 8305 section 4).
fn interleave(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (preferred, other): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first.is_ipv6());
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    let mut result = Vec::with_capacity(addresses.len());
    loop {
        let before = result.len();
        result.extend(preferred.next());
        result.extend(other.next());
        if result.len() == before {
            return result;
        }
    }
}

#[cfg(test)]
mod tests;
