//! Names to addresses through the system's resolver (hosts file, VPN, suffixes), with a short memory.
//!
//! A lookup cannot be interrupted, so it runs on one of a few threads that end when idle; the caller waits with its
//! own deadline. Lookups of one name are merged. Address literals are never looked up.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::cancel::{Cancel, Wake};
use super::error::{Error, ErrorKind, Phase, Result};
use super::timer::Timer;

/// How long addresses are remembered.
const FOUND_FOR: Duration = Duration::from_secs(30);
/// How long it is remembered that a name has none.
const MISSING_FOR: Duration = Duration::from_secs(2);
/// Names remembered at most.
const NAMES: usize = 256;
/// Lookups at the same time at most: a few names that do not answer must not keep the others waiting.
const THREADS: usize = 16;
/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(5);

/// Runs what a thread does.
pub type ThreadBody = fn(&mut dyn FnMut());

static THREAD_BODY: OnceLock<ThreadBody> = OnceLock::new();

/// Sets what every lookup thread runs its work in, so that whoever answers for the process decides what a panic there
/// does. Only the first call counts.
pub fn set_thread_body(body: ThreadBody) {
    let _ = THREAD_BODY.set(body);
}

/// Runs the work of a thread of ours in what was set.
pub(crate) fn in_thread_body(work: &mut dyn FnMut()) {
    match THREAD_BODY.get() {
        Some(body) => body(work),
        None => work(),
    }
}

/// The part of the system that is replaced in tests.
pub(crate) trait System: Send + Sync {
    /// Addresses of `host`, or the resolver's words.
    fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
    /// The time now.
    fn now(&self) -> Instant;
}

/// The operating system.
struct RealSystem;

impl System for RealSystem {
    fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut addresses = Vec::new();
        for address in (host, 0).to_socket_addrs()? {
            if !addresses.contains(&address.ip()) {
                addresses.push(address.ip());
            }
        }
        Ok(addresses)
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// A resolver with its memory and its threads.
pub(crate) struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    system: Box<dyn System>,
    state: Mutex<State>,
    /// Something in `state` changed: an answer came, or work did.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    names: HashMap<String, Entry>,
    work: VecDeque<String>,
    threads: usize,
    idle: usize,
}

enum Entry {
    Asked,
    Found { addresses: Arc<[IpAddr]>, at: Instant },
    Missing { detail: Arc<str>, at: Instant },
}

impl Resolver {
    /// A resolver that asks the operating system.
    pub(crate) fn new() -> Self {
        Self::with(Box::new(RealSystem))
    }

    pub(crate) fn with(system: Box<dyn System>) -> Self {
        Self { shared: Arc::new(Shared { system, state: Mutex::default(), changed: Condvar::new() }) }
    }

    /// Addresses of `host`, in the order the system prefers them.
    ///
    /// # Errors
    /// The name has no address, `timer` ran out, or the request was cancelled.
    pub(crate) fn resolve(&self, host: &str, timer: &Timer, cancel: &Cancel) -> Result<Arc<[IpAddr]>> {
        {
            let mut state = self.shared.lock();
            if let Some(answer) = self.shared.remembered(&state, host) {
                return answer.map_err(|detail| missing(host, &detail));
            }
            if !matches!(state.names.get(host), Some(Entry::Asked)) {
                self.shared.ask(&mut state, host).map_err(|error| missing(host, &error.to_string()))?;
            }
        }
        let _registration = cancel.register(self.shared.clone());
        let mut state = self.shared.lock();
        loop {
            if cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Cancelled, Phase::Resolve));
            }
            // An answer that just came counts whatever its age: nothing newer can be had. A name that was forgotten
            // meanwhile (failed connect of another request) is asked for again.
            match state.names.get(host) {
                Some(Entry::Found { addresses, .. }) => return Ok(addresses.clone()),
                Some(Entry::Missing { detail, .. }) => return Err(missing(host, detail)),
                Some(Entry::Asked) => {}
                None => {
                    self.shared.ask(&mut state, host).map_err(|error| missing(host, &error.to_string()))?
                }
            }
            state = match timer.left(Phase::Resolve)? {
                None => self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Forgets `host`: none of its addresses took a connection.
    pub(crate) fn forget(&self, host: &str) {
        let mut state = self.shared.lock();
        if !matches!(state.names.get(host), Some(Entry::Asked)) {
            state.names.remove(host);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, state: &State, host: &str) -> Option<Result<Arc<[IpAddr]>, Arc<str>>> {
        let entry = state.names.get(host)?;
        if !entry.fresh(self.system.now()) {
            return None;
        }
        match entry {
            Entry::Asked => None,
            Entry::Found { addresses, .. } => Some(Ok(addresses.clone())),
            Entry::Missing { detail, .. } => Some(Err(detail.clone())),
        }
    }

    /// Puts `host` in the queue and sees to it that a thread works on it.
    fn ask(self: &Arc<Self>, state: &mut State, host: &str) -> std::io::Result<()> {
        self.make_room(state);
        if state.idle <= state.work.len() && state.threads < THREADS {
            match self.start_thread() {
                Ok(()) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    state.names.remove(host);
                    return Err(error);
                }
                // One of the running threads will come to it.
                Err(_) => {}
            }
        }
        state.names.insert(host.to_owned(), Entry::Asked);
        state.work.push_back(host.to_owned());
        self.changed.notify_all();
        Ok(())
    }

    fn make_room(&self, state: &mut State) {
        if state.names.len() < NAMES {
            return;
        }
        let now = self.system.now();
        state.names.retain(|_, entry| entry.fresh(now));
        while state.names.len() >= NAMES {
            let oldest = state
                .names
                .iter()
                .filter_map(|(name, entry)| entry.answered().map(|at| (at, name)))
                .min()
                .map(|(_, name)| name.clone());
            // Names that are being asked for stay: their number is that of the waiting callers.
            let Some(name) = oldest else { break };
            state.names.remove(&name);
        }
    }

    fn start_thread(self: &Arc<Self>) -> std::io::Result<()> {
        let shared = self.clone();
        std::thread::Builder::new().name("http-lookup".to_owned()).spawn(move || {
            // Nothing inside panics by intent; if it does, the thread ends quietly instead of ending the process.
            in_thread_body(&mut || drop(catch_unwind(AssertUnwindSafe(|| shared.work()))));
        })?;
        Ok(())
    }

    /// Body of a lookup thread.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(host) = state.work.pop_front() {
                drop(state);
                let answer = catch_unwind(AssertUnwindSafe(|| self.system.lookup(&host)));
                let at = self.system.now();
                let entry = match answer {
                    Ok(Ok(addresses)) if !addresses.is_empty() => {
                        Entry::Found { addresses: addresses.into(), at }
                    }
                    Ok(Ok(_)) => Entry::Missing { detail: "no address".into(), at },
                    Ok(Err(error)) => Entry::Missing { detail: error.to_string().into(), at },
                    Err(_) => Entry::Missing { detail: "the resolver failed".into(), at },
                };
                state = self.lock();
                state.names.insert(host, entry);
                self.changed.notify_all();
                continue;
            }
            state.idle += 1;
            let began = Instant::now();
            while state.work.is_empty() {
                let Some(left) = IDLE.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) else {
                    break;
                };
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            state.idle -= 1;
            if state.work.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

impl Wake for Shared {
    fn wake(&self) {
        // The lock is taken so that a waiter between its check and its wait cannot miss this.
        drop(self.lock());
        self.changed.notify_all();
    }
}

impl Entry {
    fn answered(&self) -> Option<Instant> {
        match self {
            Self::Asked => None,
            Self::Found { at, .. } | Self::Missing { at, .. } => Some(*at),
        }
    }

    fn fresh(&self, now: Instant) -> bool {
        let (at, keep) = match self {
            Self::Asked => return true,
            Self::Found { at, .. } => (at, FOUND_FOR),
            Self::Missing { at, .. } => (at, MISSING_FOR),
        };
        now.saturating_duration_since(*at) < keep
    }
}

fn missing(host: &str, detail: &str) -> Error {
    Error::new(ErrorKind::NameNotFound { host: host.to_owned(), detail: detail.to_owned() }, Phase::Resolve)
}

#[cfg(test)]
mod tests;
