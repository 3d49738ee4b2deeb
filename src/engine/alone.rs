//! Questions to the system that may take long (a logon, a trust manager in Java): each runs on a thread of its own
//! while the request waits with its deadline and its cancel. One that is given up is left to end by itself, and only so
//! many of these are allowed.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cancel::{Cancel, Wake};
use super::resolve::in_thread_body;

/// Questions given up and still running at most.
const LEFT_BEHIND: usize = 16;

static RUNNING_ALONE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static REQUEST: RefCell<Option<(Option<Instant>, Cancel)>> = const { RefCell::new(None) };
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Too many questions are without one.
    Busy,
    /// No thread, or the question failed: what the system said.
    Failed(String),
    /// None in the time a question may take.
    Late(Duration),
    /// The request's deadline has passed; how long was waited.
    Deadline(Duration),
    /// The request was cancelled.
    Cancelled,
}

/// Runs `work` on a thread and waits for it, at most for `longest`.
///
/// # Errors
/// Why there is no answer.
pub(crate) fn ask<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    longest: Duration,
    deadline: Option<Instant>,
    cancel: &Cancel,
) -> Result<T, NoAnswer> {
    if RUNNING_ALONE.load(Ordering::Relaxed) >= LEFT_BEHIND {
        return Err(NoAnswer::Busy);
    }
    // The thread may outlive the request, and must not outlive the code it runs.
    crate::os::pin_library();
    let step = Arc::new(Step {
        state: Mutex::new(State { result: None, given_up: false }),
        changed: Condvar::new(),
    });
    let its = step.clone();
    let mut work = Some(work);
    std::thread::Builder::new()
        .name("http-system".to_owned())
        .spawn(move || {
            in_thread_body(&mut || {
                let result = work.take().and_then(|work| catch_unwind(AssertUnwindSafe(work)).ok());
                let mut state = its.lock();
                if state.given_up {
                    RUNNING_ALONE.fetch_sub(1, Ordering::Relaxed);
                } else {
                    state.result = result;
                    // Without a result the waiter has to know that none comes.
                    state.given_up = state.result.is_none();
                }
                drop(state);
                its.changed.notify_all();
            });
        })
        .map_err(|error| NoAnswer::Failed(error.to_string()))?;
    let _registration = cancel.register(step.clone());
    let began = Instant::now();
    let mut state = step.lock();
    loop {
        if let Some(result) = state.result.take() {
            return Ok(result);
        }
        if state.given_up {
            return Err(NoAnswer::Failed("the system's library failed".to_owned()));
        }
        let now = Instant::now();
        let until = deadline.into_iter().chain(began.checked_add(longest)).min();
        let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if left.is_zero() || cancel.is_cancelled() {
            state.given_up = true;
            RUNNING_ALONE.fetch_add(1, Ordering::Relaxed);
            return Err(if cancel.is_cancelled() {
                NoAnswer::Cancelled
            } else if deadline.is_some_and(|deadline| deadline <= now) {
                NoAnswer::Deadline(now.saturating_duration_since(began))
            } else {
                NoAnswer::Late(longest)
            });
        }
        state = step.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// [`ask`] with the deadline and the cancel of the request this thread is at, for callbacks that are not told.
///
/// # Errors
/// As [`ask`].
#[cfg(any(windows, target_vendor = "apple", java, test))]
pub(crate) fn ask_for_request<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    longest: Duration,
) -> Result<T, NoAnswer> {
    let (deadline, cancel) = REQUEST.with_borrow(Clone::clone).unwrap_or_default();
    ask(work, longest, deadline, &cancel)
}

/// The request this thread is at, until the guard is dropped.
pub(crate) fn at_request(deadline: Option<Instant>, cancel: &Cancel) -> AtRequest {
    AtRequest { before: REQUEST.replace(Some((deadline, cancel.clone()))) }
}

/// See [`at_request`].
pub(crate) struct AtRequest {
    before: Option<(Option<Instant>, Cancel)>,
}

impl Drop for AtRequest {
    fn drop(&mut self) {
        REQUEST.set(self.before.take());
    }
}

/// A question on its thread, and who waits for it.
struct Step<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    result: Option<T>,
    given_up: bool,
}

impl<T> Step<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send> Wake for Step<T> {
    fn wake(&self) {
        // The lock is taken so that a waiter between its check and its wait cannot miss this.
        drop(self.lock());
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::mpsc::channel;

    use super::*;

    const LONGEST: Duration = Duration::from_secs(60);

    #[test]
    fn work_that_does_not_end_is_left_behind_at_the_deadline_and_by_cancel() {
        let (release, released) = channel::<()>();
        let deadline = Instant::now() + Duration::from_millis(20);
        let answer = ask(move || released.recv().is_ok(), LONGEST, Some(deadline), &Cancel::new());
        assert!(matches!(answer, Err(NoAnswer::Deadline(_))), "{answer:?}");
        release.send(()).unwrap();

        let (release, released) = channel::<()>();
        let late = Duration::from_millis(20);
        let answer = ask(move || released.recv().is_ok(), late, None, &Cancel::new());
        assert_eq!(answer, Err(NoAnswer::Late(late)));
        release.send(()).unwrap();

        let (release, released) = channel::<()>();
        let cancel = Cancel::new();
        let other = cancel.clone();
        let canceller = std::thread::spawn(move || other.cancel());
        assert_eq!(ask(move || released.recv().is_ok(), LONGEST, None, &cancel), Err(NoAnswer::Cancelled));
        canceller.join().unwrap();
        release.send(()).unwrap();
    }

    #[test]
    fn panic_in_the_work_is_an_error() {
        let answer = ask(|| assert!(std::thread::panicking(), "on purpose"), LONGEST, None, &Cancel::new());
        assert_eq!(answer, Err(NoAnswer::Failed("the system's library failed".to_owned())));
    }

    #[test]
    fn result_of_the_work_comes_back() {
        assert_eq!(ask(|| 7, LONGEST, None, &Cancel::new()), Ok(7));
    }
}
