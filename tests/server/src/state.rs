//! What the server remembers between requests: counters for tests, attempts per `X-ID` for the retry paths, and
//! whether it is being stopped.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
pub(crate) struct State {
    stopping: AtomicBool,
    connections: AtomicUsize,
    requests: AtomicUsize,
    attempts: Mutex<HashMap<String, Attempts>>,
    open: Mutex<usize>,
    changed: Condvar,
}

/// The requests seen so far under one `X-ID`.
#[derive(Clone, Copy)]
pub(crate) struct Attempts {
    /// How many, this one included.
    pub(crate) number: usize,
    /// Time between the first and this one.
    pub(crate) elapsed: Duration,
    first: Instant,
}

impl State {
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        *self.open() += 1;
    }

    pub(crate) fn connection_closed(&self) {
        *self.open() -= 1;
        self.changed.notify_all();
    }

    pub(crate) fn request_began(&self) {
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    /// Connections accepted since the start.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Requests whose head arrived since the start.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn attempt(&self, key: &str) -> Attempts {
        let now = Instant::now();
        let mut all = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry =
            all.entry(key.to_owned()).or_insert(Attempts { number: 0, elapsed: Duration::ZERO, first: now });
        entry.number += 1;
        entry.elapsed = now.duration_since(entry.first);
        *entry
    }

    /// Waits `pause`, or less when the server is being stopped.
    pub(crate) fn pause(&self, pause: Duration) {
        let end = Instant::now() + pause;
        let mut open = self.open();
        while !self.stopping() {
            let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return;
            };
            (open, _) = self.changed.wait_timeout(open, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until every connection is gone, at most `limit`.
    pub(crate) fn wait_closed(&self, limit: Duration) {
        let end = Instant::now() + limit;
        let mut open = self.open();
        while *open > 0 {
            let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return;
            };
            (open, _) = self.changed.wait_timeout(open, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self) -> MutexGuard<'_, usize> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
