//! The gate: every export, slot, destructor and thread body runs inside [`guarded`] or [`caught`], so that no panic
//! leaves the library. What the host gets instead is a property of the return type ([`Answer`]).
//!
//! A panic prints to stderr through the panic hook, and stderr belongs to the host. The hook is state of the Rust
//! standard library, of which a cdylib has its own copy: replacing it touches nobody else. It is replaced all the same
//! only while needed, that is while an object lives or an export or thread body runs ([`Silence`]); then the former
//! hook is put back. While ours is there it is silent for threads inside the gate and passes everything else on to
//! the former one, so a Rust program that links this crate (our tests) sees its own panics as ever.
//!
//! Beyond reach: a panic in a destructor that runs because of another panic, and a failed allocation of the global
//! allocator. Both abort. The first is why nothing here panics in `drop`, the second why buffers sized from outside
//! are allocated fallibly.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::component::{Fault, Language};
use super::faults;

/// What a function returns to the host when it could not do its work.
pub(super) trait Answer {
    const ON_FAULT: Self;
}

impl Answer for () {
    const ON_FAULT: Self = ();
}

impl Answer for bool {
    const ON_FAULT: Self = false;
}

impl<T> Answer for *const T {
    const ON_FAULT: Self = std::ptr::null();
}

/// Runs `body`; a panic in it becomes the answer of its type.
pub(super) fn guarded<R: Answer>(body: impl FnOnce() -> R) -> R {
    caught(body).unwrap_or(R::ON_FAULT)
}

/// Runs `body`; a panic in it becomes the place where it happened. Whether data touched by `body` is still consistent
/// is the component's affair: it stays usable and is never left locked.
pub(super) fn caught<R>(body: impl FnOnce() -> R) -> Result<R, Place> {
    let inside = Inside::enter();
    let result = catch_unwind(AssertUnwindSafe(body));
    let result = result.map_err(|payload| {
        let place = PLACE.get();
        drop_payload(payload);
        place
    });
    drop(inside);
    result
}

/// Body of a thread of ours: no panic leaves it or is printed.
pub fn thread_body(body: impl FnOnce()) {
    let _silence = Silence::hold();
    guarded(body);
}

/// Runs `work` inside a [`thread_body`]; a panic in it is given back.
///
/// # Errors
/// The panic.
pub fn contained<R>(work: impl FnOnce() -> R) -> Result<R, Panicked> {
    caught(work).map_err(Panicked)
}

/// A panic that was contained.
#[derive(Debug, Clone, Copy)]
pub struct Panicked(Place);

impl Panicked {
    /// What the host is told of it: the fault with the code `internal`.
    #[must_use]
    pub fn fault(self, language: Language) -> Fault {
        faults::internal(language, self.0)
    }
}

/// The hook is in place while one of these lives.
pub(super) struct Silence(());

impl Silence {
    pub(super) fn hold() -> Self {
        let mut hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
        hook.holders += 1;
        hook.settle();
        Silence(())
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let mut hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
        hook.holders = hook.holders.saturating_sub(1);
        hook.settle();
    }
}

/// Where a panic happened: file name (without directories, which would tell about the build machine) and line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    file: [u8; Place::ROOM],
    length: usize,
    line: u32,
}

impl Place {
    const ROOM: usize = 40;
    const UNKNOWN: Place = Place { file: [0; Place::ROOM], length: 0, line: 0 };

    fn new(info: &PanicHookInfo<'_>) -> Self {
        let Some(location) = info.location() else { return Place::UNKNOWN };
        let name = location.file().rsplit(['/', '\\']).next().unwrap_or_default();
        let mut place = Place { line: location.line(), ..Place::UNKNOWN };
        for (to, from) in place.file.iter_mut().zip(name.bytes().filter(u8::is_ascii)) {
            *to = from;
            place.length += 1;
        }
        place
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.file.get(..self.length).and_then(|name| std::str::from_utf8(name).ok());
        match name {
            Some(name) if !name.is_empty() => write!(f, " ({name}:{})", self.line),
            _ => Ok(()),
        }
    }
}

// Plain data without destructors: a thread-local destructor would keep the library from being unloaded, or run after.
thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PLACE: Cell<Place> = const { Cell::new(Place::UNKNOWN) };
}

struct Inside(());

impl Inside {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get().saturating_add(1));
        // A destructor that enters during unwinding must not erase the place of the panic under way.
        if !std::thread::panicking() {
            PLACE.set(Place::UNKNOWN);
        }
        Inside(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// A payload is an arbitrary value; its own destructor may panic too.
fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

type Former = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

struct Hook {
    holders: usize,
    installed: Option<Installed>,
}

struct Installed {
    former: Arc<Former>,
    /// Address of our closure, to recognise it: somebody may have set a hook of their own meanwhile.
    ours: usize,
}

static HOOK: Mutex<Hook> = Mutex::new(Hook { holders: 0, installed: None });

impl Hook {
    /// Brings the hook in line with the number of holders. The hook cannot be changed from a panicking thread (a
    /// destructor of ours running there); the next change catches up.
    fn settle(&mut self) {
        if std::thread::panicking() {
            return;
        }
        match (self.holders, self.installed.take()) {
            (0, Some(installed)) => installed.remove(),
            (0, None) => {}
            (_, Some(installed)) => self.installed = Some(installed),
            (_, None) => self.installed = Some(Installed::install()),
        }
    }
}

impl Installed {
    fn install() -> Self {
        let former = Arc::new(std::panic::take_hook());
        let pass_on = Arc::clone(&former);
        let hook: Former = Box::new(move |info| {
            if DEPTH.get() == 0 {
                pass_on(info);
            } else {
                PLACE.set(Place::new(info));
            }
        });
        let ours = address(&hook);
        std::panic::set_hook(hook);
        Installed { former, ours }
    }

    fn remove(self) {
        let current = std::panic::take_hook();
        if address(&current) != self.ours {
            // Not ours: it stays. If it passes on to ours, ours passes on to the former one.
            std::panic::set_hook(current);
            return;
        }
        drop(current);
        // No thread runs the hook any more: taking it waited for that. So ours was the only other owner.
        if let Ok(former) = Arc::try_unwrap(self.former) {
            std::panic::set_hook(former);
        }
    }
}

fn address(hook: &Former) -> usize {
    std::ptr::from_ref::<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>(&**hook).addr()
}
