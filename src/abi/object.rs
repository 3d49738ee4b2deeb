//! The object the host holds: four vtable pointers, then ours. Its life and its locks.
//!
//! * The host's ownership and every call under way are *holds*, counted in one word. The content is dropped by whoever
//!   gives up the last hold, so destruction during a call is put off to the end of that call. A destroyed object is
//!   never entered again, and the host's connection and memory manager are not touched after destruction returns.
//! * The component itself is used by one *turn* at a time. A second thread is refused, not made to wait.
//! * Everything goes through raw pointers with offsets: a reference to one base must not be stretched to the object.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::mem::{MaybeUninit, offset_of};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::component::{Class, Component, Fault, Language, Library};
use super::faults;
use super::guard::{Silence, caught};
use super::host::{Host, HostMemory};
use super::language::{Languages, Member};
use super::platform::Link;
use super::vtable::Vtables;

/// Where the host's pointers to the bases point.
#[repr(C)]
pub(super) struct Header {
    init_done: *const c_void,
    extender: *const c_void,
    locale: *const c_void,
    user_language: *const c_void,
}

/// The bases, by their place in the object.
pub(super) mod base {
    use super::{Header, offset_of};

    pub(crate) const INIT_DONE: usize = offset_of!(Header, init_done);
    pub(crate) const EXTENDER: usize = offset_of!(Header, extender);
    pub(crate) const LOCALE: usize = offset_of!(Header, locale);
    pub(crate) const USER_LANGUAGE: usize = offset_of!(Header, user_language);
}

const _: () = {
    let word = size_of::<*const c_void>();
    assert!(base::INIT_DONE == 0);
    assert!(base::EXTENDER == word);
    assert!(base::LOCALE == 2 * word);
    assert!(base::USER_LANGUAGE == 3 * word);
};

#[repr(C)]
pub(super) struct Object<L: Library> {
    header: Header,
    /// Number of holds in the low bits, flags above.
    word: AtomicU32,
    state: MaybeUninit<State<L>>,
}

const HOLDS: u32 = 0x00FF_FFFF;
/// Somebody has the turn.
const BUSY: u32 = 1 << 24;
/// The host has destroyed the object.
const DESTROYED: u32 = 1 << 25;
/// The memory is to be freed too: not so for the complete-object destructor, which leaves that to its caller.
const FREE: u32 = 1 << 26;
/// The content is dropped.
const EMPTY: u32 = 1 << 27;
/// Somebody has begun to drop the content. Calls on a destroyed object take holds too before they are turned away, so
/// the number of holds may reach zero again.
const ENDING: u32 = 1 << 28;

/// The content. The order of the fields is the order of their end: the component may still give buffers back to the
/// manager.
struct State<L: Library> {
    component: UnsafeCell<L::Component>,
    memory: OwnMemory,
    link: Mutex<Option<Arc<Link>>>,
    class: &'static Class,
    languages: Languages,
    phase: AtomicU8,
    /// `done` was asked for while another thread had the turn.
    done_owed: AtomicBool,
    /// A fault the component could not be told of, since another thread had the turn.
    unseen: Mutex<Option<Fault>>,
    _silence: Silence,
}

/// Life of the object as the host drives it.
const NEW: u8 = 0;
const READY: u8 = 1;
const FINISHED: u8 = 2;

struct OwnMemory(Mutex<HostMemory>);

impl Drop for OwnMemory {
    fn drop(&mut self) {
        locked(&self.0).close();
    }
}

/// Makes an object. `None` when there is no memory for it.
pub(super) fn create<L: Library>(class: &'static Class) -> Option<NonNull<c_void>> {
    let state = State::<L> {
        _silence: Silence::hold(),
        component: UnsafeCell::new(L::create(class)),
        memory: OwnMemory(Mutex::new(HostMemory::default())),
        link: Mutex::new(None),
        class,
        languages: Languages::new(class),
        phase: AtomicU8::new(NEW),
        done_owed: AtomicBool::new(false),
        unseen: Mutex::new(None),
    };
    let vtables = Vtables::of::<L>();
    let object = Object {
        header: Header {
            init_done: vtables.init_done,
            extender: vtables.extender,
            locale: vtables.locale,
            user_language: vtables.user_language,
        },
        word: AtomicU32::new(1),
        state: MaybeUninit::new(state),
    };
    // SAFETY: the object is not of size zero.
    let start = unsafe { std::alloc::alloc(Layout::new::<Object<L>>()) };
    let Some(start) = NonNull::new(start.cast::<Object<L>>()) else {
        let mut object = object;
        // SAFETY: initialised above and not used again.
        unsafe { object.state.assume_init_drop() };
        return None;
    };
    // SAFETY: freshly allocated with the layout of the object.
    unsafe { start.write(object) };
    Some(start.cast())
}

/// Destroys the object; with `free`, frees its memory too. A second destruction is ignored, except that `free` after a
/// destruction without it frees.
///
/// # Safety
/// `this` must point to the base at offset `base` of an object of `L` made by [`create`] and not yet freed, or be null.
pub(super) unsafe fn destroy<L: Library>(this: *mut c_void, base: usize, free: bool) {
    let Some(object) = object_of::<L>(this, base) else { return };
    let flags = if free { DESTROYED | FREE } else { DESTROYED };
    // SAFETY: the caller's pointer; the memory is not freed yet.
    let word = unsafe { word(object) };
    let before = word.fetch_or(flags, Ordering::AcqRel);
    if before & DESTROYED == 0 {
        if before & HOLDS > 1 {
            // A call is under way in another thread and ends the object later. What belongs to the host may be gone as
            // soon as we return.
            // SAFETY: the host's own hold, given up below, keeps the content.
            let state = unsafe { state(object) };
            state.disconnect();
            locked(&state.memory.0).close();
        }
        // SAFETY: the host's hold, given up once: the flag was not set before.
        unsafe { release(object) };
    } else if free && before & FREE == 0 && before & EMPTY != 0 {
        // SAFETY: the content is gone, and nobody freed the memory: whoever sets the second of FREE and EMPTY does.
        unsafe { deallocate(object) };
    }
}

/// A call of the host on a living object.
pub(super) struct Visit<L: Library> {
    object: NonNull<Object<L>>,
}

impl<L: Library> Visit<L> {
    /// `None` for null, for an impossible address, and for a destroyed object.
    ///
    /// # Safety
    /// As [`destroy`].
    pub(super) unsafe fn enter(this: *mut c_void, base: usize) -> Option<Self> {
        let object = object_of::<L>(this, base)?;
        // SAFETY: the caller's pointer; the memory is not freed yet.
        let word = unsafe { word(object) };
        let before = word.fetch_add(1, Ordering::AcqRel);
        if before & DESTROYED != 0 {
            // SAFETY: the hold taken above.
            unsafe { release(object) };
            return None;
        }
        Some(Visit { object })
    }

    pub(super) fn class(&self) -> &'static Class {
        self.state().class
    }

    pub(super) fn languages(&self) -> &Languages {
        &self.state().languages
    }

    pub(super) fn memory(&self) -> HostMemory {
        locked(&self.state().memory.0).clone()
    }

    /// Buffers of the former manager, if it was another one, are given up: it may be gone.
    pub(super) fn set_memory(&self, memory: HostMemory) {
        let former = std::mem::replace(&mut *locked(&self.state().memory.0), memory);
        former.close();
    }

    pub(super) fn init(&self, link: Option<Link>) {
        let former = std::mem::replace(&mut *locked(&self.state().link), link.map(Arc::new));
        if let Some(former) = former {
            former.close();
        }
        self.state().phase.store(READY, Ordering::Release);
    }

    /// The end of the connection, then of the component's work: now, or when the thread that has the turn is through.
    pub(super) fn done(&self) {
        let state = self.state();
        state.disconnect();
        if state.phase.swap(FINISHED, Ordering::AcqRel) != FINISHED {
            state.done_owed.store(true, Ordering::Release);
            drop(self.try_turn());
        }
    }

    /// The component, if the object is between Init and Done and no other thread has the turn.
    pub(super) fn turn(&self, language: Language) -> Result<Turn<'_, L>, Fault> {
        match self.state().phase.load(Ordering::Acquire) {
            NEW => return Err(faults::not_ready(language)),
            READY => {}
            _ => return Err(faults::finished(language)),
        }
        let turn = self.try_turn().ok_or_else(|| faults::busy(language))?;
        // Done may have come, and run, between the look above and the turn.
        if self.state().phase.load(Ordering::Acquire) == READY {
            Ok(turn)
        } else {
            Err(faults::finished(language))
        }
    }

    pub(super) fn host(&self, member: Option<Member>) -> Host {
        let (language, spelled) = self.languages().of(member);
        let (interface, _) = self.languages().of(None);
        Host { language, spelled, interface, memory: self.memory(), link: locked(&self.state().link).clone() }
    }

    /// Tells the component of a fault it did not see, now or at its next turn.
    pub(super) fn remember(&self, fault: &Fault) {
        if let Some(mut turn) = self.try_turn() {
            turn.component().remember(fault);
        } else {
            *locked(&self.state().unseen) = Some(fault.clone());
        }
    }

    /// Raises the fault as an exception in the script. Does nothing outside Init and Done.
    pub(super) fn report(&self, fault: &Fault) {
        const FAIL: u16 = 1006;
        /// Anything but 0 makes an exception of the message.
        const EXCEPTION: std::ffi::c_long = 1;
        let Some(link) = locked(&self.state().link).clone() else { return };
        let source = super::utf16::terminated(self.class().name);
        let text = super::utf16::terminated(&fault.text);
        if let (Some(source), Some(text)) = (source, text) {
            link.add_error(FAIL, &source, &text, EXCEPTION);
        }
    }

    fn try_turn(&self) -> Option<Turn<'_, L>> {
        let before = self.word().fetch_or(BUSY, Ordering::AcqRel);
        if before & BUSY != 0 {
            return None;
        }
        let mut turn = Turn { visit: self };
        let unseen = locked(&self.state().unseen).take();
        if let Some(fault) = unseen {
            turn.component().remember(&fault);
        }
        Some(turn)
    }

    fn state(&self) -> &State<L> {
        // SAFETY: this visit's hold keeps the content.
        unsafe { state(self.object) }
    }

    fn word(&self) -> &AtomicU32 {
        // SAFETY: this visit's hold keeps the object.
        unsafe { word(self.object) }
    }
}

impl<L: Library> Drop for Visit<L> {
    fn drop(&mut self) {
        // SAFETY: the hold taken in `enter`, given up once.
        unsafe { release(self.object) };
    }
}

/// Exclusive use of the component.
pub(super) struct Turn<'a, L: Library> {
    visit: &'a Visit<L>,
}

impl<L: Library> Turn<'_, L> {
    pub(super) fn component(&mut self) -> &mut L::Component {
        // SAFETY: BUSY was set by this turn alone, so there is no other reference to the component.
        unsafe { &mut *self.visit.state().component.get() }
    }
}

impl<L: Library> Drop for Turn<'_, L> {
    fn drop(&mut self) {
        loop {
            if self.visit.state().done_owed.swap(false, Ordering::AcqRel) {
                // A panic in it has nobody to be reported to: the connection is closed.
                let _place = caught(|| self.component().done());
            }
            self.visit.word().fetch_and(!BUSY, Ordering::AcqRel);
            // Asked for between the two lines above: whoever gets the turn again does it.
            let owed = self.visit.state().done_owed.load(Ordering::Acquire);
            if !owed || self.visit.word().fetch_or(BUSY, Ordering::AcqRel) & BUSY != 0 {
                return;
            }
        }
    }
}

impl<L: Library> State<L> {
    fn disconnect(&self) {
        let link = locked(&self.link).take();
        if let Some(link) = link {
            link.close();
        }
    }

    /// Ends the component's work if Done never came.
    fn finish(&mut self) {
        self.disconnect();
        let owed = self.done_owed.swap(false, Ordering::AcqRel);
        if self.phase.swap(FINISHED, Ordering::AcqRel) == READY || owed {
            self.component.get_mut().done();
        }
    }
}

/// Steps from a base to the object. No reference is made.
fn object_of<L: Library>(this: *mut c_void, base: usize) -> Option<NonNull<Object<L>>> {
    let this = NonNull::new(this)?;
    let object = NonNull::new(this.as_ptr().wrapping_byte_sub(base))?.cast::<Object<L>>();
    object.is_aligned().then_some(object)
}

/// # Safety
/// The object must not be freed during `'a`.
unsafe fn word<'a, L: Library>(object: NonNull<Object<L>>) -> &'a AtomicU32 {
    let word = object.as_ptr().wrapping_byte_add(offset_of!(Object<L>, word)).cast::<AtomicU32>();
    // SAFETY: inside the object, which the caller keeps.
    unsafe { &*word }
}

/// # Safety
/// The content must not be dropped during `'a`.
unsafe fn state<'a, L: Library>(object: NonNull<Object<L>>) -> &'a State<L> {
    // SAFETY: inside the object and initialised; the caller keeps it.
    unsafe { &*state_address(object) }
}

fn state_address<L: Library>(object: NonNull<Object<L>>) -> *mut State<L> {
    object.as_ptr().wrapping_byte_add(offset_of!(Object<L>, state)).cast()
}

/// Gives up a hold; the last one ends the content, once, and the memory if asked for.
///
/// # Safety
/// The caller has a hold and does not use it again.
unsafe fn release<L: Library>(object: NonNull<Object<L>>) {
    // SAFETY: the caller's hold keeps the object.
    let word = unsafe { word(object) };
    let before = word.fetch_sub(1, Ordering::AcqRel);
    // Two may find themselves the last one; one of them sets the flag.
    if before & HOLDS != 1 || before & ENDING != 0 || word.fetch_or(ENDING, Ordering::AcqRel) & ENDING != 0 {
        return;
    }
    // The content has one too, but the hook cannot be put back by a destructor that runs because of a panic.
    let _silence = Silence::hold();
    let content = state_address(object);
    // SAFETY: no hold is left, and whoever enters a destroyed object turns back before touching the content.
    let _place = caught(|| unsafe { (*content).finish() });
    // SAFETY: as above; dropped once, since ENDING is set once.
    let _place = caught(|| unsafe { std::ptr::drop_in_place(content) });
    if word.fetch_or(EMPTY, Ordering::AcqRel) & FREE != 0 {
        // SAFETY: the content is dropped; whoever sets the second of FREE and EMPTY frees.
        unsafe { deallocate(object) };
    }
}

/// # Safety
/// The content is dropped, and nobody uses the object again.
unsafe fn deallocate<L: Library>(object: NonNull<Object<L>>) {
    // SAFETY: allocated in `create` with this layout.
    unsafe { std::alloc::dealloc(object.as_ptr().cast(), Layout::new::<Object<L>>()) };
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
