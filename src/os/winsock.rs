//! `select` of Winsock. Not WSAPoll: before Windows 10 2004 that says nothing of a connection that is refused.

use std::io;
use std::net::TcpStream;
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{self, FD_SET, SOCKET, SOCKET_ERROR, TIMEVAL};

/// A socket, what it is asked for, and the answer.
#[derive(Debug)]
pub struct Asked<'a> {
    stream: &'a TcpStream,
    reading: bool,
    writing: bool,
    connecting: bool,
    /// There is input, an end, or an error.
    pub readable: bool,
    /// There is room; a connection is made, or has failed.
    pub writable: bool,
}

impl<'a> Asked<'a> {
    /// Asks a connection for input (`reading`) and for room (`writing`).
    #[must_use]
    pub fn new(stream: &'a TcpStream, reading: bool, writing: bool) -> Self {
        Self { stream, reading, writing, connecting: false, readable: false, writable: false }
    }

    /// Asks for the end of connecting.
    #[must_use]
    pub fn connecting(stream: &'a TcpStream) -> Self {
        Self { connecting: true, ..Self::new(stream, false, true) }
    }

    fn socket(&self) -> SOCKET {
        // A handle has the width of a pointer; std only names another type for it.
        SOCKET::try_from(self.stream.as_raw_socket()).unwrap_or(WinSock::INVALID_SOCKET)
    }
}

/// Waits until one of the sockets is ready, at most `left`. At most 64 sockets.
///
/// # Errors
/// Those of the system; more sockets than it takes.
pub fn select(asked: &mut [Asked<'_>], left: Duration) -> io::Result<()> {
    let mut reading = set(asked.iter().filter(|one| one.reading))?;
    let mut writing = set(asked.iter().filter(|one| one.writing))?;
    // A connection that failed is neither readable nor writable: it is here. One that is made must not be: for it this
    // set means urgent data, which nobody reads, so a server could keep every wait from waiting.
    let mut failing = set(asked.iter().filter(|one| one.connecting))?;
    // Rounded up: a wait of nothing would turn into a loop without one.
    let micros = i32::try_from(left.subsec_nanos().div_ceil(1000).min(999_999)).unwrap_or(0);
    let limit = TIMEVAL { tv_sec: i32::try_from(left.as_secs()).unwrap_or(i32::MAX), tv_usec: micros };
    // SAFETY: the sets and the limit outlive the call and name open sockets: the streams are borrowed.
    let count =
        unsafe { WinSock::select(0, &raw mut reading, &raw mut writing, &raw mut failing, &raw const limit) };
    if count == SOCKET_ERROR {
        return Err(io::Error::last_os_error());
    }
    for one in asked {
        let failed = contains(&failing, one.socket());
        one.readable = failed || contains(&reading, one.socket());
        one.writable = failed || contains(&writing, one.socket());
    }
    Ok(())
}

fn set<'a>(asked: impl Iterator<Item = &'a Asked<'a>>) -> io::Result<FD_SET> {
    let mut set = FD_SET { fd_count: 0, fd_array: [0; 64] };
    for (index, one) in asked.enumerate() {
        *set.fd_array.get_mut(index).ok_or(io::ErrorKind::InvalidInput)? = one.socket();
        set.fd_count += 1;
    }
    Ok(set)
}

fn contains(set: &FD_SET, socket: SOCKET) -> bool {
    let count = usize::try_from(set.fd_count).unwrap_or(0);
    set.fd_array.iter().take(count).any(|one| *one == socket)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn input_and_room_are_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut its, _) = listener.accept().unwrap();
        let mut asked = [Asked::new(&ours, true, true)];
        select(&mut asked, SECOND).unwrap();
        assert!(asked[0].writable && !asked[0].readable);
        let mut asked = [Asked::new(&ours, true, false)];
        select(&mut asked, Duration::ZERO).unwrap();
        assert!(!asked[0].readable && !asked[0].writable);
        its.write_all(b"x").unwrap();
        select(&mut asked, 30 * SECOND).unwrap();
        assert!(asked[0].readable);
    }

    #[test]
    fn urgent_data_of_the_peer_does_not_end_a_wait_for_input() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut its, _) = listener.accept().unwrap();
        assert_eq!(socket2::SockRef::from(&its).send_out_of_band(b"!").unwrap(), 1);
        let mut asked = [Asked::new(&ours, true, false)];
        select(&mut asked, SECOND / 4).unwrap();
        assert!(!asked[0].readable && !asked[0].writable);
        its.write_all(b"x").unwrap();
        select(&mut asked, 30 * SECOND).unwrap();
        assert!(asked[0].readable);
    }

    #[test]
    fn a_refused_connection_is_ready_and_has_its_error() {
        use socket2::{Domain, Socket, Type};
        // A port that was free a moment ago and on which nobody listens.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        assert_eq!(socket.connect(&address.into()).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let stream = TcpStream::from(socket);
        let mut asked = [Asked::connecting(&stream)];
        select(&mut asked, 30 * SECOND).unwrap();
        assert!(asked[0].writable);
        assert_eq!(stream.take_error().unwrap().unwrap().kind(), io::ErrorKind::ConnectionRefused);
    }
}
