// The exported functions: cdecl, undecorated names. Not a module: `abi::export!` includes this text where `Exported`
// names the library, so that the functions exist once, and as plain text that a header generator can read.

/// Class names separated by `|`, NUL-terminated, static.
#[unsafe(no_mangle)]
pub extern "C" fn GetClassNames() -> *const u16 {
    NAMES.as_ptr()
}

/// Makes an object of the named class: 1 and the object through `out`, or 0.
///
/// # Safety
/// `name` is null or NUL-terminated, `out` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetClassObject(
    name: *const u16,
    out: *mut *mut core::ffi::c_void,
) -> core::ffi::c_long {
    // SAFETY: the caller's contract.
    unsafe { crate::abi::class_object::<Exported>(name, out) }
}

/// Destroys the object and stores null: 0 is success.
///
/// # Safety
/// `object` is null or points to null or to an object of `GetClassObject` that is not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DestroyObject(object: *mut *mut core::ffi::c_void) -> core::ffi::c_long {
    // SAFETY: the caller's contract.
    unsafe { crate::abi::destroy_object::<Exported>(object) }
}

/// Remembers what the platform offers, answers the level both sides know.
#[unsafe(no_mangle)]
pub extern "C" fn SetPlatformCapabilities(capabilities: i32) -> i32 {
    crate::abi::set_platform_capabilities(capabilities)
}

/// In-process or isolated, as the caller asks.
#[unsafe(no_mangle)]
pub extern "C" fn GetAttachType() -> i32 {
    crate::abi::ATTACH_ANY
}
