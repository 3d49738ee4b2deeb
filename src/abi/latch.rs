//! A lock around a pointer of the host that dies at a known moment (its connection at `Done`, its memory manager at
//! destruction). Whoever uses the pointer holds the lock, so [`Latch::close`] returns only when nobody does, and
//! nobody does afterwards.
//!
//! The host may call back into us from inside its own function on the same thread; waiting for ourselves would be a
//! deadlock. Such a nested use is refused, a nested close takes effect when the outer use returns.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub(super) struct Latch<T> {
    open: AtomicBool,
    /// Mark of the thread inside, 0 when none.
    user: AtomicUsize,
    inner: Mutex<T>,
}

impl<T> Latch<T> {
    pub(super) fn new(inner: T) -> Self {
        Latch { open: AtomicBool::new(true), user: AtomicUsize::new(0), inner: Mutex::new(inner) }
    }

    /// `None` once closed, and for a use nested in another one of the same thread.
    pub(super) fn with<R>(&self, body: impl FnOnce(&T) -> R) -> Option<R> {
        let me = thread_mark();
        if !self.open.load(Ordering::Acquire) || self.user.load(Ordering::Relaxed) == me {
            return None;
        }
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // Closed while we waited for the lock.
        if !self.open.load(Ordering::Acquire) {
            return None;
        }
        self.user.store(me, Ordering::Relaxed);
        let _leave = Leave(&self.user);
        Some(body(&inner))
    }

    /// Refuses every later use and waits for the one under way, unless that is our own caller.
    pub(super) fn close(&self) {
        self.open.store(false, Ordering::Release);
        if self.user.load(Ordering::Relaxed) != thread_mark() {
            drop(self.inner.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Differs between living threads and is never 0. Not `ThreadId`: that allocates on first use in a foreign thread.
fn thread_mark() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_latch_refuses() {
        let latch = Latch::new(5);
        assert_eq!(latch.with(|value| *value), Some(5));
        latch.close();
        assert_eq!(latch.with(|value| *value), None);
    }

    #[test]
    fn nested_use_is_refused_and_nested_close_does_not_deadlock() {
        let latch = Latch::new(5);
        let inner = latch.with(|_| {
            let nested = latch.with(|value| *value);
            latch.close();
            nested
        });
        assert_eq!(inner, Some(None));
        assert_eq!(latch.with(|value| *value), None);
    }

    #[test]
    fn close_waits_for_a_use_of_another_thread() {
        let latch = Latch::new(AtomicBool::new(false));
        let inside = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                latch.with(|finished| {
                    inside.wait();
                    std::thread::yield_now();
                    finished.store(true, Ordering::Relaxed);
                })
            });
            inside.wait();
            latch.close();
            let finished = latch.inner.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(finished.load(Ordering::Relaxed));
        });
    }
}
