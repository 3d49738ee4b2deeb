#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::engine::cancel::Cancel;
use crate::engine::error::Limit;
use crate::engine::timer::Timer;
use std::net::TcpListener;

fn wait_for(cancel: &Cancel, limit: Duration) -> Wait<'_> {
    let now = Instant::now();
    Wait {
        timer: Timer::new(now, None).within(Limit::Connect, Some(limit), now),
        cancel,
        phase: Phase::Connect,
    }
}

/// An address whose connections neither succeed nor fail: a listener whose queue is full.
struct Stuck {
    address: SocketAddr,
    _held: (RawSocket, Vec<RawSocket>),
}

fn stuck() -> Stuck {
    let listener = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut held = Vec::new();
    // The queue takes a connection or two; further ones stay in SYN_SENT.
    for _ in 0..4 {
        let socket = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let _ = socket.connect(&address.into());
        held.push(socket);
    }
    std::thread::sleep(Duration::from_millis(20));
    Stuck { address, _held: (listener, held) }
}

fn refused() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn families_alternate_from_the_systems_first_choice() {
    let [a, b, c]: [IpAddr; 3] =
        ["::1".parse().unwrap(), "::2".parse().unwrap(), "10.0.0.1".parse().unwrap()];
    assert_eq!(interleave(&[a, b, c]), [a, c, b]);
    assert_eq!(interleave(&[c, a, b]), [c, a, b]);
    assert!(interleave(&[]).is_empty());
}

#[test]
fn a_silent_address_costs_a_quarter_second_only() {
    let (stuck, good) = (stuck(), TcpListener::bind("127.0.0.1:0").unwrap());
    let cancel = Cancel::new();
    let began = Instant::now();
    let won =
        race(vec![stuck.address, good.local_addr().unwrap()], &wait_for(&cancel, Duration::from_secs(10)));
    assert!(won.is_ok());
    assert!((STAGGER..Duration::from_secs(3)).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[test]
fn a_refused_address_moves_on_at_once() {
    let good = TcpListener::bind("127.0.0.1:0").unwrap();
    let cancel = Cancel::new();
    let began = Instant::now();
    let addresses = vec![refused(), refused(), good.local_addr().unwrap()];
    assert!(race(addresses, &wait_for(&cancel, Duration::from_secs(10))).is_ok());
    assert!(began.elapsed() < STAGGER, "{:?}", began.elapsed());
}

#[test]
fn every_address_that_failed_is_listed() {
    let addresses = vec![refused(), refused()];
    let cancel = Cancel::new();
    let Err(Lost::Refused(failed)) = race(addresses.clone(), &wait_for(&cancel, Duration::from_secs(10)))
    else {
        panic!("connected to a closed port");
    };
    assert_eq!(failed.iter().map(|(address, _)| *address).collect::<Vec<_>>(), addresses);
    assert!(failed.iter().all(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused));
}

#[test]
fn connecting_ends_at_its_deadline() {
    let stuck = stuck();
    let cancel = Cancel::new();
    let began = Instant::now();
    let lost = race(vec![stuck.address], &wait_for(&cancel, Duration::from_millis(300)));
    let Err(Lost::Ended(error)) = lost else { panic!("not ended") };
    assert!(matches!(error.kind, ErrorKind::Timeout { limit: Limit::Connect, .. }), "{error:?}");
    assert!((300..900).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[test]
fn cancel_ends_connecting_at_once() {
    let stuck = stuck();
    let cancel = Cancel::new();
    let began = Instant::now();
    let lost = std::thread::scope(|scope| {
        let racing = scope.spawn(|| race(vec![stuck.address], &wait_for(&cancel, Duration::from_secs(60))));
        std::thread::sleep(Duration::from_millis(50));
        cancel.cancel();
        racing.join().unwrap()
    });
    let Err(Lost::Ended(error)) = lost else { panic!("not ended") };
    assert!(matches!(error.kind, ErrorKind::Cancelled), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

struct Local(std::sync::atomic::AtomicUsize);

impl crate::engine::resolve::System for Arc<Local> {
    fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

#[test]
fn an_address_that_refuses_or_never_answers_is_looked_up_again() {
    let local = Arc::new(Local(0.into()));
    let resolver = Resolver::with(Box::new(local.clone()));
    let (stuck, cancel) = (stuck(), Cancel::new());
    for (asked, port) in [(1, stuck.address.port()), (2, refused().port()), (3, stuck.address.port())] {
        let mut wait = wait_for(&cancel, Duration::from_millis(200));
        assert!(connect(&Host::Domain("h.test"), port, &resolver, None, &mut wait).is_err());
        assert_eq!(local.0.load(std::sync::atomic::Ordering::SeqCst), asked);
    }
}
