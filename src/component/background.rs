//! Requests on a thread of their own, so that a script gets the control back while one waits: `StartRequest`, `Wait`,
//! `Cancel`, `Busy`.
//!
//! What the request needs goes to the thread and comes back with its outcome: the client and the staged data; the
//! settings are shared and do not change meanwhile. Nothing of the host goes there: bodies are in our own heap and are
//! copied when they are read, arguments are copied when the request starts. The thread never sees the object, so an
//! object that ends only cancels its request and leaves the rest to the thread.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::abi::{self, Arguments, Language, Panicked, Value, ValueRef};
use crate::engine::cancel::Cancel;
use crate::engine::client::Client;
use crate::engine::store::HeapMemory;

use super::answer::Answer;
use super::arguments::{self, BodyArgument, Call};
use super::fault::At;
use super::object::Object;
use super::options::{Options, Settings};
use super::request::{self, Ask, Room};
use super::staged::Staged;
use super::trouble::{Outcome, Trouble, Words, words};
use super::verbs;
use super::workers::{self, Job};

const METHOD: usize = 0;
const URL: usize = 1;
const BODY: usize = 2;
const OPTIONS: usize = 3;

/// How long to wait when nothing is said.
pub(super) const DEFAULT_MILLISECONDS: i32 = 1000;

const TIME: Words = words("a number of milliseconds, 0 or more", "число миллисекунд, 0 или больше");

/// How long `Cancel` waits for the thread. A cancelled request ends at once, unless its thread is in a call of the
/// system that nothing interrupts (a file on a network drive).
const PATIENCE: Duration = Duration::from_secs(1);

/// `(Method, URL, Body, Options, Milliseconds)`.
pub(super) fn start_request(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    verbs::forget_answer(object);
    let method = arguments::filled_text(given, METHOD)?;
    let url = arguments::filled_text(given, URL)?;
    let options = Options::of_request(&arguments::text(given, OPTIONS)?, OPTIONS, &object.staged)?;
    let body = Content::new(arguments::body(given, BODY)?)?;
    let limit = milliseconds(given, 4)?;
    verbs::before_threads();
    let order = Order { method, url, body, options };
    start(object, order, call.at, workers::give)?;
    outcome_within(object, call.at.language, limit)
}

/// `(Milliseconds)`.
pub(super) fn wait(object: &mut Object, call: &Call<'_>, given: &Arguments<'_>) -> Outcome<Value> {
    let limit = milliseconds(given, 0)?;
    outcome_within(object, call.at.language, limit)
}

/// `Cancel()`.
pub(super) fn cancel(object: &mut Object, _: &Call<'_>, _: &Arguments<'_>) -> Outcome<Value> {
    end(object);
    Ok(Value::Empty)
}

fn end(object: &mut Object) {
    let Some(background) = object.background.take() else { return };
    background.cancel.cancel();
    // A thread that is held up keeps what it has, and the object goes on with a new client.
    if let Some(ended) = background.shared.ended_within(PATIENCE) {
        drop(ended.give_back(object));
    }
}

/// `Busy`.
pub(super) fn busy(object: &mut Object, _: &Call<'_>) -> Outcome<Value> {
    Ok(Value::Bool(object.background.as_ref().is_some_and(|background| !background.shared.has_ended())))
}

fn milliseconds(given: &Arguments<'_>, index: usize) -> Outcome<Duration> {
    let number = match given.value(index) {
        ValueRef::Empty | ValueRef::Null => i64::from(DEFAULT_MILLISECONDS),
        _ => arguments::whole(given, index)?,
    };
    u64::try_from(number)
        .map(Duration::from_millis)
        .map_err(|_| Trouble::ArgumentValue { index, expected: TIME })
}

/// A request with all it needs of its caller.
struct Order {
    method: String,
    url: String,
    body: Content,
    options: Options,
}

/// A body argument of our own.
enum Content {
    None,
    Text(String),
    Bytes(Vec<u8>),
}

impl Content {
    fn new(argument: BodyArgument<'_>) -> Outcome<Self> {
        Ok(match argument {
            BodyArgument::None => Self::None,
            BodyArgument::Text(text) => Self::Text(text),
            BodyArgument::Bytes(bytes) => {
                let mut copy = Vec::new();
                copy.try_reserve_exact(bytes.len())
                    .map_err(|_| Trouble::Memory { wanted: bytes.len() as u64 })?;
                copy.extend_from_slice(bytes);
                Self::Bytes(copy)
            }
        })
    }
}

/// A request on its thread. Leaving it cancels the request.
pub(super) struct Background {
    shared: Arc<Shared>,
    cancel: Cancel,
    /// The call that started it, for errors about its parameters.
    started: At,
}

impl Drop for Background {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// What the object and the thread have in common.
struct Shared {
    stage: Mutex<Stage>,
    ended: Condvar,
}

enum Stage {
    /// Waits for its thread.
    Ready(Box<Work>),
    /// The thread has it.
    Running,
    /// Waits to be fetched.
    Ended(Box<Ended>),
    /// The object has it again.
    Fetched,
}

/// What goes to the thread.
struct Work {
    client: Client,
    staged: Staged,
    settings: Arc<Settings>,
    order: Order,
}

/// What comes back.
struct Ended {
    /// `None` after a panic: nobody knows in what state it left the client.
    client: Option<Client>,
    staged: Staged,
    outcome: Result<Outcome<Answer>, Panicked>,
}

/// Gives the request to a thread; what it needs is back in the object when there is none.
fn start(
    object: &mut Object,
    order: Order,
    at: At,
    thread: impl FnOnce(Job) -> io::Result<()>,
) -> Outcome<()> {
    let work = Work {
        client: object.take_client(),
        staged: std::mem::take(&mut object.staged),
        settings: object.settings.clone(),
        order,
    };
    let stage = Mutex::new(Stage::Ready(Box::new(work)));
    let shared = Arc::new(Shared { stage, ended: Condvar::new() });
    let cancel = Cancel::new();
    let (theirs, their_cancel) = (shared.clone(), cancel.clone());
    let job = move || abi::thread_body(move || theirs.run(&their_cancel));
    if let Err(error) = thread(Box::new(job)) {
        if let Stage::Ready(work) = shared.replace(Stage::Fetched) {
            object.client = Some(work.client);
            object.staged = work.staged;
        }
        return Err(Trouble::Thread { detail: error.to_string() });
    }
    object.background = Some(Background { shared, cancel, started: at });
    Ok(())
}

/// The outcome of the request under way, if there is one and it ends in time.
fn outcome_within(object: &mut Object, language: Language, limit: Duration) -> Outcome<Value> {
    let Some(background) = &object.background else { return Ok(Value::Bool(true)) };
    let Some(ended) = background.shared.ended_within(limit) else { return Ok(Value::Bool(false)) };
    let started = background.started;
    object.background = None;
    let trouble = match ended.give_back(object) {
        Ok(Ok(answer)) => {
            object.answer = Some(answer);
            return Ok(Value::Bool(true));
        }
        Ok(Err(trouble)) => trouble,
        Err(panicked) => {
            let fault = panicked.fault(language);
            Trouble::Reported { code: fault.code, text: fault.text }
        }
    };
    Err(Trouble::Earlier { started, trouble: Box::new(trouble) })
}

impl Ended {
    /// Gives the object back what it lent, and the outcome to the caller.
    fn give_back(self, object: &mut Object) -> Result<Outcome<Answer>, Panicked> {
        object.client = self.client;
        object.staged = self.staged;
        self.outcome
    }
}

impl Shared {
    /// On the thread.
    fn run(&self, cancel: &Cancel) {
        let Stage::Ready(work) = self.replace(Stage::Running) else { return };
        let Work { mut client, mut staged, settings, order } = *work;
        let outcome = abi::contained(|| conduct(&mut client, order, &settings, &mut staged, cancel));
        // The object may change its settings without a copy as soon as it has the outcome.
        drop(settings);
        let client = Some(client).filter(|_| outcome.is_ok());
        self.replace(Stage::Ended(Box::new(Ended { client, staged, outcome })));
        self.ended.notify_all();
    }

    fn has_ended(&self) -> bool {
        matches!(*self.stage(), Stage::Ended(_))
    }

    /// What came back, if it does within `limit`.
    fn ended_within(&self, limit: Duration) -> Option<Box<Ended>> {
        // A limit no clock can count is none.
        let end = Instant::now().checked_add(limit);
        let mut stage = self.stage();
        while !matches!(*stage, Stage::Ended(_)) {
            let left = end.map_or(limit, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return None;
            }
            let (again, _) = self.ended.wait_timeout(stage, left).unwrap_or_else(PoisonError::into_inner);
            stage = again;
        }
        match std::mem::replace(&mut *stage, Stage::Fetched) {
            Stage::Ended(ended) => Some(ended),
            _ => None,
        }
    }

    fn replace(&self, stage: Stage) -> Stage {
        std::mem::replace(&mut *self.stage(), stage)
    }

    /// The lock is never held while anything of the request runs, so a panic leaves whole stages only.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn conduct(
    client: &mut Client,
    order: Order,
    settings: &Settings,
    staged: &mut Staged,
    cancel: &Cancel,
) -> Outcome<Answer> {
    let Order { method, url, body, options } = order;
    let bytes;
    let body = match body {
        Content::None => BodyArgument::None,
        Content::Text(text) => BodyArgument::Text(text),
        Content::Bytes(given) => {
            bytes = given;
            BodyArgument::Bytes(&bytes)
        }
    };
    let ask = Ask { method: &method, url: &url, body, json: false, options_index: OPTIONS };
    let room = Room { memory: Arc::new(HeapMemory), lent: false };
    request::perform(client, &ask, &options, settings, staged, room, cancel.clone())
}

#[cfg(test)]
mod tests;
