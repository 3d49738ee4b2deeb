//! The file this library was loaded from, as the loader knows it.

use std::path::PathBuf;

/// An address inside our image.
static MARK: u8 = 0;

/// Path of our own image; in a program that links this crate, that of the program. `None`: the loader does not tell.
#[cfg(unix)]
#[must_use]
pub fn library_path() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let mut image = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: the address is of our own image, `image` may be written.
    if unsafe { libc::dladdr((&raw const MARK).cast(), image.as_mut_ptr()) } == 0 {
        return None;
    }
    // SAFETY: dladdr succeeded, so it filled the structure.
    let image = unsafe { image.assume_init() };
    if image.dli_fname.is_null() {
        return None;
    }
    // SAFETY: a C string of the loader, which lives as long as our image.
    let name = unsafe { CStr::from_ptr(image.dli_fname) };
    Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

/// Path of our own image; in a program that links this crate, that of the program. `None`: the loader does not tell.
#[cfg(windows)]
#[must_use]
pub fn library_path() -> Option<PathBuf> {
    use std::ffi::{OsString, c_void};
    use std::os::windows::ffi::OsStringExt;

    const UNCHANGED_COUNT: u32 = 0x2;
    const FROM_ADDRESS: u32 = 0x4;
    /// Longest path of Windows, in UTF-16 units.
    const LONGEST: usize = 32_768;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }

    let mut module = std::ptr::null_mut();
    let flags = FROM_ADDRESS | UNCHANGED_COUNT;
    // SAFETY: the address is of our own image; `module` may be written.
    if unsafe { GetModuleHandleExW(flags, (&raw const MARK).cast(), &raw mut module) } == 0 {
        return None;
    }
    let mut name = vec![0_u16; LONGEST];
    let size = u32::try_from(name.len()).ok()?;
    // SAFETY: the handle of our own image, which is loaded; `name` has `size` units.
    let length = unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), size) };
    let name = name.get(..usize::try_from(length).ok()?)?;
    if name.is_empty() { None } else { Some(PathBuf::from(OsString::from_wide(name))) }
}
