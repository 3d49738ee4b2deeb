//! Tokens of the system's own library (GSSAPI, SSPI). It may ask a domain controller and wait for it, so every step
//! runs on a thread of its own while the request waits with its deadline and its cancel; a step that is given up is
//! left to end by itself, and only so many of these are allowed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::cancel::{Cancel, Wake};
use crate::engine::error::{Error, ErrorKind, Limit, Phase};
use crate::engine::resolve::in_thread_body;
use crate::os::{Context, Failure, Identity, Package, Reason};

use super::negotiate::{Around, Mechanism, Trouble};

/// The longest a step may take, whatever the request allows: an unreachable KDC is given up by the library sooner.
const LONGEST: Duration = Duration::from_secs(60);
/// Steps given up and still running at most.
const LEFT_BEHIND: usize = 16;

static RUNNING_ALONE: AtomicUsize = AtomicUsize::new(0);

/// The system's library as a mechanism.
pub(super) struct System {
    package: Package,
    host: String,
    identity: Option<Identity>,
    context: Option<Context>,
}

impl System {
    /// Nothing is asked of the library yet.
    pub(super) fn new(package: Package, host: &str, identity: Option<Identity>) -> Self {
        Self { package, host: host.to_owned(), identity, context: None }
    }

    fn advance(&mut self, input: Vec<u8>, around: &Around) -> Result<Vec<u8>, Trouble> {
        let (package, host, identity) = (self.package, self.host.clone(), self.identity.clone());
        let (context, binding) = (self.context.take(), around.binding.clone());
        let work = move || {
            let mut context = match context {
                Some(context) => context,
                None => Context::new(package, &host, identity.as_ref())?,
            };
            let token = context.step(&input, binding.as_deref())?;
            Ok::<_, Failure>((context, token))
        };
        let (context, token) = wait_for(work, around.deadline, &around.cancel)??;
        self.context = Some(context);
        Ok(token)
    }
}

impl Mechanism for System {
    fn first(&mut self, around: &Around) -> Result<Vec<u8>, Trouble> {
        self.advance(Vec::new(), around)
    }

    fn answer(&mut self, token: &[u8], around: &Around) -> Result<Vec<u8>, Trouble> {
        self.advance(token.to_vec(), around)
    }

    fn expects_more(&self) -> bool {
        true
    }

    fn finish(&mut self, token: &[u8], around: &Around) -> Result<(), Trouble> {
        self.advance(token.to_vec(), around).map(drop)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let problem = match failure.reason {
            Reason::NoLibrary => "no-library",
            Reason::NoCredentials => "no-credentials",
            Reason::WrongPassword | Reason::Refused => "refused",
        };
        let wrong_password = failure.reason == Reason::WrongPassword;
        Self { problem, detail: failure.words, wrong_password, instead: None }
    }
}

/// A step on its thread, and who waits for it.
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

/// Runs `work` on a thread and waits for it.
fn wait_for<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    deadline: Option<Instant>,
    cancel: &Cancel,
) -> Result<T, Trouble> {
    if RUNNING_ALONE.load(Ordering::Relaxed) >= LEFT_BEHIND {
        return Err(Trouble::new("refused", "too many logons without an answer are under way"));
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
        .name("http-logon".to_owned())
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
        .map_err(|error| Trouble::new("refused", &error.to_string()))?;
    let _registration = cancel.register(step.clone());
    let began = Instant::now();
    let mut state = step.lock();
    loop {
        if let Some(result) = state.result.take() {
            return Ok(result);
        }
        if state.given_up {
            return Err(Trouble::new("refused", "the system's library failed"));
        }
        let now = Instant::now();
        let until = deadline.into_iter().chain(began.checked_add(LONGEST)).min();
        let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if left.is_zero() || cancel.is_cancelled() {
            state.given_up = true;
            RUNNING_ALONE.fetch_add(1, Ordering::Relaxed);
            let kind = if cancel.is_cancelled() {
                ErrorKind::Cancelled
            } else if deadline.is_some_and(|deadline| deadline <= now) {
                ErrorKind::Timeout { limit: Limit::Total, after: now.saturating_duration_since(began) }
            } else {
                return Err(Trouble::new("refused", "no answer from the system's library in 60 s"));
            };
            return Err(Trouble {
                instead: Some(Box::new(Error::new(kind, Phase::Authentication))),
                ..Trouble::new("", "")
            });
        }
        state = step.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn work_that_does_not_end_is_left_behind_at_the_deadline_and_by_cancel() {
        let (release, released) = channel::<()>();
        let deadline = Instant::now() + Duration::from_millis(20);
        let trouble = wait_for(move || released.recv().is_ok(), Some(deadline), &Cancel::new()).unwrap_err();
        let kind = trouble.instead.unwrap().kind;
        assert!(matches!(kind, ErrorKind::Timeout { limit: Limit::Total, .. }), "{kind:?}");
        release.send(()).unwrap();

        let (release, released) = channel::<()>();
        let cancel = Cancel::new();
        let other = cancel.clone();
        let canceller = std::thread::spawn(move || other.cancel());
        let trouble = wait_for(move || released.recv().is_ok(), None, &cancel).unwrap_err();
        assert!(matches!(trouble.instead.unwrap().kind, ErrorKind::Cancelled));
        canceller.join().unwrap();
        release.send(()).unwrap();
    }

    #[test]
    fn panic_in_the_work_is_an_error() {
        let trouble = wait_for(|| assert!(std::thread::panicking(), "on purpose"), None, &Cancel::new());
        assert_eq!(trouble.unwrap_err().detail, "the system's library failed");
    }

    #[test]
    fn result_of_the_work_comes_back() {
        assert_eq!(wait_for(|| 7, None, &Cancel::new()).map_err(|trouble| trouble.detail), Ok(7));
    }
}
