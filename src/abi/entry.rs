//! What the exported functions do, for any library. The functions themselves are in `exports.rs`, which
//! [`export!`](crate::abi::export) puts into the crate root.

use std::ffi::{c_long, c_void};
use std::sync::atomic::{AtomicI32, Ordering};

use super::component::Library;
use super::gate::destroy;
use super::guard::{Answer, Silence, guarded};
use super::object::{self, base};
use super::utf16;

/// GetAttachType: in-process or in a process of its own, as the caller asks.
pub const ATTACH_ANY: i32 = 3;

/// The highest level of the platform's capabilities known here.
const KNOWN_LEVEL: i32 = 3;

/// The last argument of SetPlatformCapabilities; 0 before it: a platform that never calls it offers nothing.
static PLATFORM_LEVEL: AtomicI32 = AtomicI32::new(0);

/// What the platform said it offers.
pub(super) fn platform_level() -> i32 {
    PLATFORM_LEVEL.load(Ordering::Acquire)
}

/// SetPlatformCapabilities: answers the level both sides know.
pub fn set_platform_capabilities(level: i32) -> i32 {
    PLATFORM_LEVEL.store(level, Ordering::Release);
    level.min(KNOWN_LEVEL)
}

/// GetClassObject: 1 and the object, or 0 for an unknown name, null pointers and lack of memory.
///
/// # Safety
/// `name` is null or NUL-terminated, `out` is null or may be written.
pub unsafe fn class_object<L: Library>(name: *const u16, out: *mut *mut c_void) -> c_long {
    let _silence = Silence::hold();
    let created = guarded(|| {
        if out.is_null() || !out.is_aligned() {
            return Created(0);
        }
        // SAFETY: the caller's contract.
        let name = unsafe { utf16::bounded(name, utf16::NAME_LIMIT) };
        let class = name.and_then(|name| L::CLASSES.iter().find(|class| utf16::same_name(name, class.name)));
        let Some(object) = class.and_then(|class| object::create::<L>(class)) else { return Created(0) };
        // SAFETY: not null, aligned; the caller's contract.
        unsafe { out.write(object.as_ptr()) };
        Created(1)
    });
    created.0
}

/// DestroyObject: 0 is success, also for null.
///
/// # Safety
/// `object` is null or points to null or to an object of [`class_object`] that is not freed.
pub unsafe fn destroy_object<L: Library>(object: *mut *mut c_void) -> c_long {
    let _silence = Silence::hold();
    let destroyed = guarded(|| {
        if object.is_null() || !object.is_aligned() {
            return Destroyed(0);
        }
        // SAFETY: not null, aligned; the caller's contract.
        let this = unsafe { object.replace(std::ptr::null_mut()) };
        // SAFETY: the caller's contract.
        unsafe { destroy::<L>(this, base::INIT_DONE, true) };
        Destroyed(0)
    });
    destroyed.0
}

struct Created(c_long);

impl Answer for Created {
    const ON_FAULT: Self = Created(0);
}

struct Destroyed(c_long);

impl Answer for Destroyed {
    const ON_FAULT: Self = Destroyed(1);
}
