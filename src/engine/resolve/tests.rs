#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::engine::error::Limit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A system whose answers, clock and slowness the test decides.
#[derive(Default)]
struct Fake {
    asked: AtomicUsize,
    passed: Mutex<Duration>,
    closed: Mutex<bool>,
    opened: Condvar,
    began: OnceLock<Instant>,
}

impl Fake {
    fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }

    fn hold(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
        self.opened.notify_all();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Handle(Arc<Fake>);

impl System for Handle {
    fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let closed = self.0.closed.lock().unwrap();
        drop(self.0.opened.wait_while(closed, |closed| *closed).unwrap());
        match host {
            "missing" => Err(std::io::Error::other("no such name")),
            "panics" => panic!("resolver"),
            _ => Ok(vec!["192.0.2.1".parse().unwrap()]),
        }
    }

    fn now(&self) -> Instant {
        *self.0.began.get_or_init(Instant::now) + *self.0.passed.lock().unwrap()
    }
}

fn resolver() -> (Resolver, Arc<Fake>) {
    let fake = Arc::new(Fake::default());
    (Resolver::with(Box::new(Handle(fake.clone()))), fake)
}

fn resolve(resolver: &Resolver, host: &str) -> Result<Arc<[IpAddr]>> {
    resolver.resolve(host, &Timer::new(Instant::now(), None), &Cancel::new())
}

fn wait_until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "condition never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn addresses_are_remembered_for_thirty_seconds() {
    let (resolver, fake) = resolver();
    resolve(&resolver, "name").unwrap();
    fake.pass(Duration::from_secs(29));
    resolve(&resolver, "name").unwrap();
    assert_eq!(fake.asked(), 1);
    fake.pass(Duration::from_secs(1));
    resolve(&resolver, "name").unwrap();
    assert_eq!(fake.asked(), 2);
}

#[test]
fn a_missing_name_is_remembered_for_two_seconds() {
    let (resolver, fake) = resolver();
    for _ in 0..2 {
        let error = resolve(&resolver, "missing").unwrap_err();
        assert!(
            matches!(&error.kind, ErrorKind::NameNotFound { host, detail } if host == "missing" && detail == "no such name")
        );
    }
    assert_eq!(fake.asked(), 1);
    fake.pass(Duration::from_secs(2));
    resolve(&resolver, "missing").unwrap_err();
    assert_eq!(fake.asked(), 2);
}

#[test]
fn a_forgotten_name_is_asked_again() {
    let (resolver, fake) = resolver();
    resolve(&resolver, "name").unwrap();
    resolver.forget("name");
    resolve(&resolver, "name").unwrap();
    assert_eq!(fake.asked(), 2);
}

#[test]
fn lookups_of_one_name_are_merged() {
    let (resolver, fake) = resolver();
    fake.hold(true);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| resolve(&resolver, "name").unwrap())).collect();
        wait_until(|| fake.asked() == 1 && Arc::strong_count(&resolver.shared) >= 9);
        fake.hold(false);
        for caller in callers {
            assert_eq!(caller.join().unwrap().len(), 1);
        }
    });
    assert_eq!(fake.asked(), 1);
}

#[test]
fn at_most_sixteen_lookups_run_at_once_and_all_are_answered() {
    let (resolver, fake) = resolver();
    fake.hold(true);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..20)
            .map(|index| {
                let resolver = &resolver;
                scope.spawn(move || resolve(resolver, &format!("name{index}")).unwrap())
            })
            .collect();
        wait_until(|| fake.asked() == THREADS && resolver.shared.lock().work.len() == 20 - THREADS);
        assert_eq!(resolver.shared.lock().threads, THREADS);
        fake.hold(false);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    assert_eq!((fake.asked(), THREADS), (20, 16));
}

#[test]
fn threads_end_when_idle() {
    let (resolver, _fake) = resolver();
    resolve(&resolver, "name").unwrap();
    wait_until(|| resolver.shared.lock().threads == 0);
}

#[test]
fn a_panic_of_the_resolver_is_a_missing_name_and_the_thread_goes_on() {
    let (resolver, _fake) = resolver();
    assert!(matches!(resolve(&resolver, "panics").unwrap_err().kind, ErrorKind::NameNotFound { .. }));
    resolve(&resolver, "name").unwrap();
}

#[test]
fn lookup_threads_run_in_the_body_given() {
    thread_local!(static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    struct Asks;
    impl System for Asks {
        fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
            if INSIDE.get() { Ok(vec!["192.0.2.7".parse().unwrap()]) } else { Ok(Vec::new()) }
        }

        fn now(&self) -> Instant {
            Instant::now()
        }
    }
    set_thread_body(|work| {
        INSIDE.set(true);
        work();
    });
    assert_eq!(resolve(&Resolver::with(Box::new(Asks)), "name").unwrap().len(), 1);
}

#[test]
fn a_slow_lookup_ends_at_the_callers_deadline() {
    let (resolver, fake) = resolver();
    fake.hold(true);
    let now = Instant::now();
    let timer = Timer::new(now, None).within(Limit::Connect, Some(Duration::from_millis(100)), now);
    let error = resolver.resolve("name", &timer, &Cancel::new()).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout { limit: Limit::Connect, .. }));
    assert!((100..1000).contains(&now.elapsed().as_millis()), "{:?}", now.elapsed());
    fake.hold(false);
}

#[test]
fn cancel_ends_waiting_for_a_lookup() {
    let (resolver, fake) = resolver();
    fake.hold(true);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| resolver.resolve("name", &Timer::new(Instant::now(), None), &cancel));
        wait_until(|| fake.asked() == 1);
        cancel.cancel();
        assert!(matches!(caller.join().unwrap().unwrap_err().kind, ErrorKind::Cancelled));
    });
    fake.hold(false);
}

#[test]
fn the_memory_is_bounded() {
    let (resolver, fake) = resolver();
    for index in 0..NAMES + 10 {
        resolve(&resolver, &format!("name{index}")).unwrap();
        fake.pass(Duration::from_millis(1));
    }
    assert!(resolver.shared.lock().names.len() <= NAMES);
}
