//! The system's libcurl with the TLS library it was built with, opened at run time: one easy handle, reused, a new
//! connection for each request. Sessions are resumed from the handle's own cache.
#![allow(unsafe_code, reason = "libcurl is a C library")]

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::path::Path;

use libloading::Library;

use crate::Failure;

type Handle = *mut c_void;
type SetOption = unsafe extern "C" fn(Handle, c_int, ...) -> c_int;
type GetInfo = unsafe extern "C" fn(Handle, c_int, ...) -> c_int;

// Numbers of curl/curl.h, which are part of its ABI.
const WRITEDATA: c_int = 10_001;
const URL: c_int = 10_002;
const PROXY: c_int = 10_004;
const TIMEOUT: c_int = 13;
const SSLVERSION: c_int = 32;
const CAINFO: c_int = 10_065;
const FORBID_REUSE: c_int = 75;
const HTTP_VERSION: c_int = 84;
const NOSIGNAL: c_int = 99;
const TCP_NODELAY: c_int = 121;
const WRITEFUNCTION: c_int = 20_011;
const RESPONSE_CODE: c_int = 0x20_0002;
const TLS_1_3: c_long = 7;
const HTTP_1_1: c_long = 2;

pub(crate) struct SystemCurl {
    handle: Handle,
    set: SetOption,
    info: GetInfo,
    perform: unsafe extern "C" fn(Handle) -> c_int,
    cleanup: unsafe extern "C" fn(Handle),
    /// What it says of itself and of its TLS library.
    pub(crate) version: String,
    /// Last: what the functions above are in.
    _library: Library,
}

impl SystemCurl {
    /// A handle that trusts `authority` only (a PEM file).
    pub(crate) fn new(authority: &Path) -> Result<Self, Failure> {
        // SAFETY: libcurl has no initialisers that would need anything of this process.
        let library = unsafe { Library::new("libcurl.so.4") }?;
        // SAFETY: the signature is that of curl/curl.h.
        let init: unsafe extern "C" fn() -> Handle = *unsafe { library.get(b"curl_easy_init\0") }?;
        // SAFETY: as above.
        let set: SetOption = *unsafe { library.get(b"curl_easy_setopt\0") }?;
        // SAFETY: as above.
        let info: GetInfo = *unsafe { library.get(b"curl_easy_getinfo\0") }?;
        // SAFETY: as above.
        let perform: unsafe extern "C" fn(Handle) -> c_int = *unsafe { library.get(b"curl_easy_perform\0") }?;
        // SAFETY: as above.
        let cleanup: unsafe extern "C" fn(Handle) = *unsafe { library.get(b"curl_easy_cleanup\0") }?;
        // SAFETY: as above.
        let version: unsafe extern "C" fn() -> *const c_char = *unsafe { library.get(b"curl_version\0") }?;
        // SAFETY: it takes nothing and gives a static text.
        let version = unsafe { version() };
        // SAFETY: never null, ended by zero, lives as long as the library.
        let version = unsafe { CStr::from_ptr(version) }.to_string_lossy().into_owned();
        // SAFETY: called by one thread, which is when the first call may initialise the library.
        let handle = unsafe { init() };
        if handle.is_null() {
            return Err("curl_easy_init failed".into());
        }
        let curl = Self { handle, set, info, perform, cleanup, version, _library: library };
        let numbers = [
            (TIMEOUT, 30),
            (NOSIGNAL, 1),
            (TCP_NODELAY, 1),
            (HTTP_VERSION, HTTP_1_1),
            (SSLVERSION, TLS_1_3),
            (FORBID_REUSE, 1),
        ];
        for (option, number) in numbers {
            // SAFETY: the handle is live; options below 10000 take a long.
            done(option, unsafe { (curl.set)(curl.handle, option, number) })?;
        }
        curl.set_text(PROXY, "")?;
        curl.set_text(CAINFO, authority.to_str().ok_or("path of the authority")?)?;
        let receive: extern "C" fn(*const u8, usize, usize, *mut c_void) -> usize = receive;
        // SAFETY: the handle is live; the option takes a function of this signature.
        done(WRITEFUNCTION, unsafe { (curl.set)(curl.handle, WRITEFUNCTION, receive) })?;
        Ok(curl)
    }

    /// GET on a connection of its own, into a fresh vector.
    pub(crate) fn get(&mut self, url: &str) -> Result<Vec<u8>, Failure> {
        let mut body: Vec<u8> = Vec::new();
        self.set_text(URL, url)?;
        let place: *mut Vec<u8> = &raw mut body;
        // SAFETY: the handle is live; the option takes a pointer.
        done(WRITEDATA, unsafe { (self.set)(self.handle, WRITEDATA, place.cast::<c_void>()) })?;
        // SAFETY: the handle is live, used by one thread, and the vector outlives the call.
        done(0, unsafe { (self.perform)(self.handle) })?;
        let mut status: c_long = 0;
        // SAFETY: the handle is live; the value is written to a long.
        done(RESPONSE_CODE, unsafe { (self.info)(self.handle, RESPONSE_CODE, &raw mut status) })?;
        if status == 200 { Ok(body) } else { Err(format!("status {status}").into()) }
    }

    fn set_text(&self, option: c_int, text: &str) -> Result<(), Failure> {
        let text = CString::new(text)?;
        // SAFETY: the handle is live; the option takes a text, which libcurl copies.
        done(option, unsafe { (self.set)(self.handle, option, text.as_ptr()) })
    }
}

impl Drop for SystemCurl {
    fn drop(&mut self) {
        // SAFETY: the handle is live, and nobody uses it after this.
        unsafe { (self.cleanup)(self.handle) }
    }
}

extern "C" fn receive(data: *const u8, size: usize, count: usize, into: *mut c_void) -> usize {
    let length = size.saturating_mul(count);
    // SAFETY: libcurl gives `length` bytes; it does not call with none of them being there.
    let bytes = unsafe { std::slice::from_raw_parts(data, length) };
    // SAFETY: what was set as WRITEDATA before this transfer, borrowed by nobody else during it.
    let body = unsafe { &mut *into.cast::<Vec<u8>>() };
    body.extend_from_slice(bytes);
    length
}

fn done(what: c_int, code: c_int) -> Result<(), Failure> {
    if code == 0 { Ok(()) } else { Err(format!("libcurl: code {code} ({what})").into()) }
}
