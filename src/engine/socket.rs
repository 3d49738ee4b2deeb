//! One TCP connection: reads that end in time, writes that never wait, and no signal when the peer is gone.
//!
//! A read blocks with `SO_RCVTIMEO`, changed only when it no longer fits (one system call per read). A write takes what
//! the system's buffer takes; waiting for room is [`Socket::wait`], which also sees an early answer. Where a
//! non-blocking operation cannot be asked for one call (Windows), the socket is non-blocking and reads poll.

use std::io::{self, ErrorKind as Io, IoSlice, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;

use super::cancel::Wake;
use super::error::{Error, ErrorKind};
use super::timer::Wait;
use super::tls::TlsFault;
#[cfg(windows)]
use crate::os::{Asked, select};

/// An open connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    #[cfg(unix)]
    recv_timeout: Option<Duration>,
}

/// Why an operation ended without a result.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once, on the way out of an operation that failed")]
pub(crate) enum Fault {
    /// The system's error.
    Io(io::Error),
    /// The TLS library's.
    Tls(TlsFault),
    /// A limit of time, or cancelled.
    Ended(Error),
}

/// What a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interest {
    Input,
    Room,
    Both,
}

/// What a socket is ready for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready {
    /// There is input, an end, or an error to read.
    pub(crate) readable: bool,
    /// There is room, or an error.
    pub(crate) writable: bool,
}

impl Socket {
    /// Takes over a connected socket.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(cfg!(not(unix)))?;
        stream.set_nodelay(true)?;
        // Without it a peer that vanished keeps a request without limits waiting for ever. Not every system has it.
        let _ = SockRef::from(&stream).set_keepalive(true);
        Ok(Self {
            stream: Arc::new(stream),
            #[cfg(unix)]
            recv_timeout: None,
        })
    }

    /// What ends a wait on this socket.
    pub(crate) fn waker(&self) -> Arc<dyn Wake> {
        self.stream.clone()
    }

    /// Reads what there is, waiting for it. Zero is the end of the stream.
    pub(crate) fn recv(&mut self, buffer: &mut [u8], wait: &mut Wait<'_>) -> Result<usize, Fault> {
        loop {
            let left = wait.left().map_err(Fault::Ended)?;
            match self.recv_within(buffer, left) {
                Ok(Some(count)) => {
                    // A cancel shuts the socket down, which looks like an end.
                    if count == 0 && wait.cancel.is_cancelled() {
                        return Err(Fault::Ended(Error::new(ErrorKind::Cancelled, wait.phase)));
                    }
                    wait.timer.progress();
                    return Ok(count);
                }
                Ok(None) => {}
                Err(_) if wait.cancel.is_cancelled() => {
                    return Err(Fault::Ended(Error::new(ErrorKind::Cancelled, wait.phase)));
                }
                Err(error) => return Err(Fault::Io(error)),
            }
        }
    }

    /// One read of at most about `left`; `None` when nothing came.
    #[cfg(unix)]
    fn recv_within(&mut self, buffer: &mut [u8], left: Option<Duration>) -> io::Result<Option<usize>> {
        if !fits(self.recv_timeout, left) {
            let timeout = left.map(timeout_for);
            self.stream.set_read_timeout(timeout)?;
            self.recv_timeout = timeout;
        }
        nothing_as_none((&*self.stream).read(buffer))
    }

    #[cfg(not(unix))]
    fn recv_within(&mut self, buffer: &mut [u8], left: Option<Duration>) -> io::Result<Option<usize>> {
        if let Some(count) = nothing_as_none((&*self.stream).read(buffer))? {
            return Ok(Some(count));
        }
        self.poll(Interest::Input, left)?;
        nothing_as_none((&*self.stream).read(buffer))
    }

    /// Reads what is there without waiting; `None` when there is nothing.
    pub(crate) fn recv_now(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if !self.poll(Interest::Input, Some(Duration::ZERO))?.readable {
            return Ok(None);
        }
        nothing_as_none((&*self.stream).read(buffer))
    }

    /// Writes what the system takes at once; [`Io::WouldBlock`] when it takes nothing.
    pub(crate) fn send_now(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        // writev cannot be told not to raise SIGPIPE, and a host with default signals would die of it.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const FLAGS: i32 = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        // Elsewhere on Unix socket2 sets SO_NOSIGPIPE when it makes the socket.
        #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
        const FLAGS: i32 = libc::MSG_DONTWAIT;
        #[cfg(not(unix))]
        const FLAGS: i32 = 0;
        loop {
            match SockRef::from(&*self.stream).send_vectored_with_flags(parts, FLAGS) {
                Err(error) if error.kind() == Io::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Waits until there is room to write or, with `reading`, something to read.
    pub(crate) fn wait(&self, reading: bool, wait: &mut Wait<'_>) -> Result<Ready, Fault> {
        let interest = if reading { Interest::Both } else { Interest::Room };
        loop {
            let left = wait.left().map_err(Fault::Ended)?;
            let ready = self.poll(interest, left).map_err(Fault::Io)?;
            if wait.cancel.is_cancelled() {
                return Err(Fault::Ended(Error::new(ErrorKind::Cancelled, wait.phase)));
            }
            if ready.readable || ready.writable {
                return Ok(ready);
            }
        }
    }

    /// Waits for something to read, at most `limit`; whether there is.
    pub(crate) fn readable_within(&self, limit: Duration, wait: &mut Wait<'_>) -> Result<bool, Fault> {
        let began = Instant::now();
        loop {
            let rest = limit.saturating_sub(began.elapsed());
            let left = wait.left().map_err(Fault::Ended)?.map_or(rest, |left| left.min(rest));
            let ready = self.poll(Interest::Input, Some(left)).map_err(Fault::Io)?;
            wait.left().map_err(Fault::Ended)?;
            if ready.readable || rest.is_zero() {
                return Ok(ready.readable);
            }
        }
    }

    /// Whether the peer has sent nothing, not even an end: one look, no wait.
    pub(crate) fn is_quiet(&self) -> bool {
        #[cfg(unix)]
        {
            use rustix::net::{RecvFlags, recv};
            let mut byte = [0];
            loop {
                match recv(&*self.stream, &mut byte[..], RecvFlags::PEEK | RecvFlags::DONTWAIT) {
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return error == rustix::io::Errno::AGAIN,
                    Ok(_) => return false,
                }
            }
        }
        #[cfg(not(unix))]
        {
            matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == Io::WouldBlock)
        }
    }

    /// One wait, which may end early with nothing ready.
    #[cfg(unix)]
    fn poll(&self, interest: Interest, left: Option<Duration>) -> io::Result<Ready> {
        let flags = match interest {
            Interest::Input => PollFlags::IN,
            Interest::Room => PollFlags::OUT,
            Interest::Both => PollFlags::IN | PollFlags::OUT,
        };
        let mut fds = [PollFd::new(&*self.stream, flags)];
        poll_within(&mut fds, left)?;
        let [fd] = &fds;
        let events = fd.revents();
        let broken = events.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
        Ok(Ready {
            readable: broken || events.contains(PollFlags::IN),
            writable: broken || events.contains(PollFlags::OUT),
        })
    }

    /// One wait, which may end early with nothing ready.
    #[cfg(windows)]
    fn poll(&self, interest: Interest, left: Option<Duration>) -> io::Result<Ready> {
        let (reading, writing) = (interest != Interest::Room, interest != Interest::Input);
        let mut asked = [Asked::new(&self.stream, reading, writing)];
        select(&mut asked, left.map_or(LOOK, |left| left.min(LOOK)))?;
        let [asked] = &asked;
        Ok(Ready { readable: asked.readable, writable: asked.writable })
    }
}

/// How long a wait lasts at most on Windows: a shutdown of our own side does not wake it for certain, so a cancel is
/// looked for now and then.
#[cfg(windows)]
pub(crate) const LOOK: Duration = Duration::from_millis(100);

impl Wake for TcpStream {
    fn wake(&self) {
        // Fails only when the connection is gone already.
        let _ = self.shutdown(Shutdown::Both);
    }
}

/// Polls once; an interrupted poll reports nothing ready.
#[cfg(unix)]
pub(crate) fn poll_within(fds: &mut [PollFd<'_>], left: Option<Duration>) -> io::Result<()> {
    let left = left.map(Timespec::try_from).transpose().unwrap_or(None);
    match poll(fds, left.as_ref()) {
        Ok(_) => Ok(()),
        Err(rustix::io::Errno::INTR) => {
            fds.iter_mut().for_each(PollFd::clear_revents);
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// A wait of ours that is over says [`Io::WouldBlock`] on every system. [`Io::TimedOut`] is the system's own verdict on a
/// peer that answers nothing any more, said once: the next read would see an orderly end.
fn nothing_as_none(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.kind(), Io::WouldBlock | Io::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a timeout in force serves for `left`: it must end in time, and not uselessly early. A read that ends early
/// is simply repeated.
#[cfg(unix)]
fn fits(in_force: Option<Duration>, left: Option<Duration>) -> bool {
    match (in_force, left) {
        (None, None) => true,
        (Some(in_force), Some(left)) => in_force <= left && in_force >= left / 4,
        _ => false,
    }
}

/// A timeout that keeps fitting while time passes.
#[cfg(unix)]
fn timeout_for(left: Duration) -> Duration {
    const SHORT: Duration = Duration::from_millis(20);
    if left <= SHORT { left.max(Duration::from_millis(1)) } else { left / 4 * 3 }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_read_timeout_is_kept_while_it_fits() {
        let second = Duration::from_secs(1);
        let in_force = Some(timeout_for(30 * second));
        assert!(fits(in_force, Some(30 * second)) && fits(in_force, Some(23 * second)));
        assert!(!fits(in_force, Some(22 * second)) && !fits(in_force, None) && !fits(None, Some(second)));
    }

    #[test]
    fn peer_the_system_has_given_up_is_an_error_and_an_empty_look_is_not() {
        for (kind, nothing) in [(Io::WouldBlock, true), (Io::Interrupted, true), (Io::TimedOut, false)] {
            assert_eq!(
                nothing_as_none(Err(kind.into())).is_ok_and(|count| count.is_none()),
                nothing,
                "{kind}"
            );
        }
    }
}
