//! Threads for requests in the background. One that has done its work waits a moment for more: starting a thread costs
//! as much as a small request, and a script sends one after the other.
//!
//! Nothing is joined, and none is kept longer than [`KEPT`].

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a thread does.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// How long an idle thread waits.
const KEPT: Duration = Duration::from_secs(2);
/// How many wait at most; the others end with their work.
const IDLE_MOST: usize = 8;

static SHARED: Workers = Workers::new();

struct Workers {
    idle: Mutex<Vec<Idle>>,
    next: AtomicU64,
}

/// A thread that waits.
struct Idle {
    number: u64,
    jobs: Sender<Job>,
}

/// Gives the work to a thread that waits, or to a new one.
///
/// # Errors
/// The system has no more threads; the work is dropped.
pub(super) fn give(job: Job) -> io::Result<()> {
    SHARED.give(job)
}

impl Workers {
    const fn new() -> Self {
        Self { idle: Mutex::new(Vec::new()), next: AtomicU64::new(0) }
    }

    fn give(&'static self, mut job: Job) -> io::Result<()> {
        while let Some(idle) = self.pop() {
            match idle.jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(back) => job = back.0,
            }
        }
        std::thread::Builder::new().name("http-request".to_owned()).spawn(move || self.serve(job)).map(drop)
    }

    /// On a thread: the work it was started for, then what comes in time.
    fn serve(&self, first: Job) {
        first();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (jobs, given) = channel();
        while self.offer(number, &jobs) {
            let Some(job) = self.next_job(number, &given) else { return };
            job();
        }
    }

    /// Whether the thread is among those that wait.
    fn offer(&self, number: u64, jobs: &Sender<Job>) -> bool {
        let mut idle = self.idle();
        let room = idle.len() < IDLE_MOST;
        if room {
            idle.push(Idle { number, jobs: jobs.clone() });
        }
        room
    }

    fn next_job(&self, number: u64, given: &Receiver<Job>) -> Option<Job> {
        if let Ok(job) = given.recv_timeout(KEPT) {
            return Some(job);
        }
        let mut idle = self.idle();
        let before = idle.len();
        idle.retain(|idle| idle.number != number);
        if idle.len() < before {
            return None;
        }
        drop(idle);
        // Who took it off the list is about to send, however late.
        given.recv().ok()
    }

    fn pop(&self) -> Option<Idle> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OWN: Workers = Workers::new();

    fn told(body: impl FnOnce() -> std::thread::ThreadId + Send + 'static) -> std::thread::ThreadId {
        let (tell, heard) = channel();
        OWN.give(Box::new(move || tell.send(body()).expect("the test listens"))).expect("threads");
        heard.recv_timeout(Duration::from_secs(20)).expect("the work is done")
    }

    fn wait_until(condition: impl Fn() -> bool) {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while !condition() {
            assert!(std::time::Instant::now() < end, "the condition holds in time");
            std::thread::yield_now();
        }
    }

    #[test]
    fn work_goes_to_a_thread_that_waits_and_never_to_a_busy_one() {
        let here = || std::thread::current().id();
        let first = told(here);
        wait_until(|| !OWN.idle().is_empty());
        let (go, gate) = channel::<()>();
        let (tell, heard) = channel();
        OWN.give(Box::new(move || {
            tell.send(std::thread::current().id()).expect("the test listens");
            gate.recv().expect("the test lets it go");
        }))
        .expect("threads");
        assert_eq!(
            heard.recv_timeout(Duration::from_secs(20)).expect("it runs"),
            first,
            "the one that waits"
        );
        assert_ne!(told(here), first, "it is busy");
        go.send(()).expect("it waits");
        // None stays for good.
        wait_until(|| OWN.idle().len() == 2);
        wait_until(|| OWN.idle().is_empty());
    }
}
