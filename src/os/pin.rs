//! Keeps our shared object mapped for the life of the process. Needed before a thread is started that cannot be joined
//! in bounded time (a name lookup in the system's resolver): the host may unload the library while it runs.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

static PINNED: AtomicBool = AtomicBool::new(false);

/// Pins the library. Does nothing when it is pinned already. In a program that links this crate instead of loading the
/// library there is nothing to unload and nothing to pin.
pub fn pin_library() {
    if !PINNED.load(Ordering::Acquire) && pin(own_address()) {
        PINNED.store(true, Ordering::Release);
    }
}

/// Whether [`pin_library`] has succeeded.
#[must_use]
pub fn is_pinned() -> bool {
    PINNED.load(Ordering::Acquire)
}

/// An address inside our image.
fn own_address() -> *const c_void {
    std::ptr::from_ref(&PINNED).cast()
}

#[cfg(unix)]
fn pin(address: *const c_void) -> bool {
    let mut image = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: the address is of our own image, `image` may be written.
    if unsafe { libc::dladdr(address, image.as_mut_ptr()) } == 0 {
        return false;
    }
    // SAFETY: dladdr succeeded, so it filled the structure.
    let image = unsafe { image.assume_init() };
    if image.dli_fname.is_null() {
        return false;
    }
    // The very name the loader keeps, so it is found even if the file was since replaced or the directory changed.
    let flags = libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: a C string of the loader; with NOLOAD nothing is loaded and no initialiser runs.
    let handle = unsafe { libc::dlopen(image.dli_fname, flags) };
    if handle.is_null() {
        // Android 5 does not know NODELETE. A reference that is never given back does the same.
        let flags = libc::RTLD_NOW | libc::RTLD_NOLOAD;
        // SAFETY: as above.
        return !unsafe { libc::dlopen(image.dli_fname, flags) }.is_null();
    }
    // NODELETE outlives the handle.
    // SAFETY: the handle was just opened.
    let _closed = unsafe { libc::dlclose(handle) };
    true
}

#[cfg(windows)]
fn pin(address: *const c_void) -> bool {
    const PIN: u32 = 0x1;
    const FROM_ADDRESS: u32 = 0x4;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    }

    let mut module = std::ptr::null_mut();
    // SAFETY: the address is of our own image; `module` may be written. A pinned module is never unloaded.
    unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, address, &raw mut module) != 0 }
}
