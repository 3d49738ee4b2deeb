//! Whether this Windows is Wine: what the system claims to be able to do is then not all it can.

use std::sync::OnceLock;

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};

/// Whether the process runs under Wine, which says so by a function of its own.
#[must_use]
pub fn is_wine() -> bool {
    static WINE: OnceLock<bool> = OnceLock::new();
    *WINE.get_or_init(|| {
        let name: Vec<u16> = "ntdll.dll\0".encode_utf16().collect();
        // SAFETY: the name ends with a zero; a library every process has, whose count of users stays as it is.
        let module = unsafe { GetModuleHandleW(name.as_ptr()) };
        if module.is_null() {
            return false;
        }
        // SAFETY: the module is loaded for the life of the process; the name ends with a zero.
        unsafe { GetProcAddress(module, c"wine_get_version".as_ptr().cast()) }.is_some()
    })
}
