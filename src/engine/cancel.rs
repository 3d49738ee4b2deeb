//! Cancelling a request from another thread.
//!
//! A request that is about to wait registers what has to be woken: a socket (shut down, which ends a blocked read,
//! write or poll at once) or a condition variable. The list is only touched under its lock, and a waiter leaves it
//! before it gives its socket away, so a late cancel can never hit somebody else's request.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle that ends the request it is given to. Clones are the same handle. Once cancelled it stays cancelled:
/// a request started with it fails at once.
#[derive(Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cancelled: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    wakes: Vec<(u64, Arc<dyn Wake>)>,
}

/// Something that ends a wait of the request.
pub(crate) trait Wake: Send + Sync {
    /// Ends the wait. Called at most once per registration, on the thread that cancels; must not block.
    fn wake(&self);
}

/// Keeps a registration; leaving it out of scope ends it.
pub(crate) struct Registration<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Cancel {
    /// A handle that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the request: whatever it waits for ends at once with [`super::error::ErrorKind::Cancelled`].
    pub fn cancel(&self) {
        let waiting = lock(&self.shared.waiting);
        self.shared.cancelled.store(true, Ordering::SeqCst);
        for (_, wake) in &waiting.wakes {
            wake.wake();
        }
    }

    /// Whether [`Cancel::cancel`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// Registers `wake` until the result is dropped; wakes it at once when already cancelled.
    pub(crate) fn register(&self, wake: Arc<dyn Wake>) -> Registration<'_> {
        let mut waiting = lock(&self.shared.waiting);
        if self.is_cancelled() {
            wake.wake();
        }
        let id = waiting.next;
        waiting.next += 1;
        waiting.wakes.push((id, wake));
        Registration { shared: &self.shared, id }
    }
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        lock(&self.shared.waiting).wakes.retain(|(id, _)| *id != self.id);
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("cancelled", &self.is_cancelled()).finish()
    }
}

/// A panic while the lock was held cannot leave the list half changed.
fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn cancel_wakes_what_is_registered_and_nothing_that_left() {
        let cancel = Cancel::new();
        let (stays, leaves) = (Arc::new(Count(AtomicUsize::new(0))), Arc::new(Count(AtomicUsize::new(0))));
        let _stays = cancel.register(stays.clone());
        drop(cancel.register(leaves.clone()));
        cancel.clone().cancel();
        assert!(cancel.is_cancelled());
        assert_eq!((stays.0.load(Ordering::SeqCst), leaves.0.load(Ordering::SeqCst)), (1, 0));
    }

    #[test]
    fn registering_with_a_cancelled_handle_wakes_at_once() {
        let cancel = Cancel::new();
        cancel.cancel();
        let late = Arc::new(Count(AtomicUsize::new(0)));
        let _registration = cancel.register(late.clone());
        assert_eq!(late.0.load(Ordering::SeqCst), 1);
    }
}
