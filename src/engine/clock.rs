//! Time as the policy sees it: the calendar for cookies and `Retry-After`, a steady clock and pauses for retries.
//! A trait, so that tests decide what time it is and no test waits for one to pass.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::cancel::{Cancel, Wake};

/// A clock.
pub trait Clock: Send + Sync {
    /// The calendar, UTC.
    fn now(&self) -> OffsetDateTime;

    /// The steady clock of deadlines.
    fn instant(&self) -> Instant;

    /// Waits; returns early with `true` when `cancel` is cancelled.
    fn pause(&self, length: Duration, cancel: &Cancel) -> bool;
}

/// The system's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn pause(&self, length: Duration, cancel: &Cancel) -> bool {
        let bell = Arc::new(Bell::default());
        let _registration = cancel.register(bell.clone());
        let rung = bell.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = bell.changed.wait_timeout_while(rung, length, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Ends a pause.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Bell {
    fn wake(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_by_itself_or_at_once_when_cancelled() {
        let cancel = Cancel::new();
        let started = Instant::now();
        assert!(!SystemClock.pause(Duration::from_millis(5), &cancel));
        assert!(started.elapsed() >= Duration::from_millis(5));
        let other = cancel.clone();
        let canceller = std::thread::spawn(move || other.cancel());
        assert!(SystemClock.pause(Duration::from_secs(60), &cancel));
        assert!(canceller.join().is_ok());
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
