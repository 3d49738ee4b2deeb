//! The functions of libssl and libcrypto that are used, found at run time, and what their error queue says.
//!
//! Loaded once and never unloaded: handlers of its threads outlive every connection. Only names that OpenSSL has had
//! since 1.1.0 are used; 1.0.2 is refused, its locks are callbacks that only the owner of a process may set.

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::sync::OnceLock;

/// Types whose insides are the library's business.
macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub(super) struct $name {
            _inside: [u8; 0],
        }
    )*};
}

opaque!(Method Ctx Ssl Bio BioMethod Session Store StoreCtx Param X509 Crl Key Stack);

/// Called for each certificate with what the library thinks of it; decides.
pub(super) type Verify = unsafe extern "C" fn(c_int, *mut StoreCtx) -> c_int;

macro_rules! functions {
    ($($field:ident = $symbol:literal($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// What was found, each under a shorter name.
        pub(super) struct Functions {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            fn find(handle: Handle) -> Result<Self, String> {
                Ok(Self {$(
                    $field: {
                        let address = symbol(handle, $symbol)?;
                        // SAFETY: the symbol is the function of that name, whose C prototype is the one above in every
                        // version that has it; where versions differ, `Library` says which of two to call.
                        unsafe {
                            std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) $(-> $result)?>(address)
                        }
                    },
                )*})
            }
        }
    };
}

functions! {
    init = c"OPENSSL_init_ssl"(u64, *const c_void) -> c_int;
    version_number = c"OpenSSL_version_num"() -> c_ulong;
    version_text = c"OpenSSL_version"(c_int) -> *const c_char;
    err_clear = c"ERR_clear_error"();
    err_next = c"ERR_get_error"() -> c_ulong;
    err_text = c"ERR_error_string_n"(c_ulong, *mut c_char, usize);

    client_method = c"TLS_client_method"() -> *const Method;
    ctx_new = c"SSL_CTX_new"(*const Method) -> *mut Ctx;
    ctx_free = c"SSL_CTX_free"(*mut Ctx);
    ctx_ctrl = c"SSL_CTX_ctrl"(*mut Ctx, c_int, c_long, *mut c_void) -> c_long;
    ctx_options = c"SSL_CTX_set_options"(*mut Ctx, u64) -> u64;
    // Before 3.0 the same was a long.
    ctx_options_long = c"SSL_CTX_set_options"(*mut Ctx, c_ulong) -> c_ulong;
    ctx_ciphers = c"SSL_CTX_set_cipher_list"(*mut Ctx, *const c_char) -> c_int;
    ctx_verify = c"SSL_CTX_set_verify"(*mut Ctx, c_int, Option<Verify>);
    ctx_store = c"SSL_CTX_get_cert_store"(*const Ctx) -> *mut Store;
    ctx_certificate = c"SSL_CTX_use_certificate"(*mut Ctx, *mut X509) -> c_int;
    ctx_key = c"SSL_CTX_use_PrivateKey"(*mut Ctx, *mut Key) -> c_int;

    ssl_new = c"SSL_new"(*mut Ctx) -> *mut Ssl;
    ssl_free = c"SSL_free"(*mut Ssl);
    ssl_ctrl = c"SSL_ctrl"(*mut Ssl, c_int, c_long, *mut c_void) -> c_long;
    ssl_bio = c"SSL_set_bio"(*mut Ssl, *mut Bio, *mut Bio);
    ssl_client = c"SSL_set_connect_state"(*mut Ssl);
    ssl_host = c"SSL_set1_host"(*mut Ssl, *const c_char) -> c_int;
    ssl_host_flags = c"SSL_set_hostflags"(*mut Ssl, c_uint);
    ssl_param = c"SSL_get0_param"(*mut Ssl) -> *mut Param;
    param_ip = c"X509_VERIFY_PARAM_set1_ip"(*mut Param, *const c_uchar, usize) -> c_int;
    ssl_set_ex = c"SSL_set_ex_data"(*mut Ssl, c_int, *mut c_void) -> c_int;
    ssl_get_ex = c"SSL_get_ex_data"(*const Ssl, c_int) -> *mut c_void;
    ssl_handshake = c"SSL_do_handshake"(*mut Ssl) -> c_int;
    ssl_read = c"SSL_read"(*mut Ssl, *mut c_void, c_int) -> c_int;
    ssl_peek = c"SSL_peek"(*mut Ssl, *mut c_void, c_int) -> c_int;
    ssl_write = c"SSL_write"(*mut Ssl, *const c_void, c_int) -> c_int;
    ssl_error = c"SSL_get_error"(*const Ssl, c_int) -> c_int;
    ssl_shutdown = c"SSL_shutdown"(*mut Ssl) -> c_int;
    ssl_set_shutdown = c"SSL_set_shutdown"(*mut Ssl, c_int);
    ssl_verify_result = c"SSL_get_verify_result"(*const Ssl) -> c_long;
    ssl_verified_chain = c"SSL_get0_verified_chain"(*const Ssl) -> *mut Stack;
    ssl_peer_chain = c"SSL_get_peer_cert_chain"(*const Ssl) -> *mut Stack;
    ssl_asked_authorities = c"SSL_get_client_CA_list"(*const Ssl) -> *mut Stack;
    ssl_finished = c"SSL_is_init_finished"(*const Ssl) -> c_int;
    ssl_reused = c"SSL_session_reused"(*const Ssl) -> c_int;
    ssl_get_session = c"SSL_get1_session"(*mut Ssl) -> *mut Session;
    ssl_set_session = c"SSL_set_session"(*mut Ssl, *mut Session) -> c_int;
    session_free = c"SSL_SESSION_free"(*mut Session);

    bio_memory = c"BIO_s_mem"() -> *const BioMethod;
    bio_new = c"BIO_new"(*const BioMethod) -> *mut Bio;
    bio_free = c"BIO_free"(*mut Bio) -> c_int;
    bio_read = c"BIO_read"(*mut Bio, *mut c_void, c_int) -> c_int;
    bio_write = c"BIO_write"(*mut Bio, *const c_void, c_int) -> c_int;
    bio_ctrl = c"BIO_ctrl"(*mut Bio, c_int, c_long, *mut c_void) -> c_long;
    bio_pending = c"BIO_ctrl_pending"(*mut Bio) -> usize;

    x509_read = c"d2i_X509"(*mut *mut X509, *mut *const c_uchar, c_long) -> *mut X509;
    x509_write = c"i2d_X509"(*const X509, *mut *mut c_uchar) -> c_int;
    x509_free = c"X509_free"(*mut X509);
    crl_read = c"d2i_X509_CRL"(*mut *mut Crl, *mut *const c_uchar, c_long) -> *mut Crl;
    crl_free = c"X509_CRL_free"(*mut Crl);
    key_read = c"d2i_AutoPrivateKey"(*mut *mut Key, *mut *const c_uchar, c_long) -> *mut Key;
    key_free = c"EVP_PKEY_free"(*mut Key);
    store_certificate = c"X509_STORE_add_cert"(*mut Store, *mut X509) -> c_int;
    store_crl = c"X509_STORE_add_crl"(*mut Store, *mut Crl) -> c_int;
    store_flags = c"X509_STORE_set_flags"(*mut Store, c_ulong) -> c_int;
    found_error = c"X509_STORE_CTX_get_error"(*const StoreCtx) -> c_int;
    found_set_error = c"X509_STORE_CTX_set_error"(*mut StoreCtx, c_int);
    found_chain = c"X509_STORE_CTX_get0_chain"(*const StoreCtx) -> *mut Stack;
    found_certificate = c"X509_STORE_CTX_get_current_cert"(*const StoreCtx) -> *mut X509;
    found_ex = c"X509_STORE_CTX_get_ex_data"(*const StoreCtx, c_int) -> *mut c_void;
    found_ex_index = c"SSL_get_ex_data_X509_STORE_CTX_idx"() -> c_int;
    refusal_text = c"X509_verify_cert_error_string"(c_long) -> *const c_char;
    stack_count = c"OPENSSL_sk_num"(*const Stack) -> c_int;
    stack_item = c"OPENSSL_sk_value"(*const Stack, c_int) -> *mut c_void;
}

/// The loaded library.
pub(super) struct Library {
    pub(super) call: Functions,
    /// First number of its version: 1 stands for 1.1.0 and 1.1.1.
    major: c_ulong,
    text: String,
    /// Since 1.1.1.
    post_handshake: Option<unsafe extern "C" fn(*mut Ctx, c_int)>,
}

/// By the name the loader knows, newest first among those tried by the tests; 4 is newer than they are.
const NAMES: [&CStr; 3] = [c"libssl.so.3", c"libssl.so.1.1", c"libssl.so.4"];

const INIT_LOAD_CRYPTO_STRINGS: u64 = 0x2;
const INIT_NO_ATEXIT: u64 = 0x0008_0000;
const INIT_LOAD_SSL_STRINGS: u64 = 0x0020_0000;
const LIB_SSL: c_ulong = 20;

static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();

/// The library, loaded at the first call.
///
/// # Errors
/// What was tried and why it failed; the same at every further call.
pub(super) fn library() -> Result<&'static Library, &'static str> {
    LIBRARY.get_or_init(load).as_ref().map_err(String::as_str)
}

/// The library if it is there already.
pub(super) fn loaded() -> Option<&'static Library> {
    LIBRARY.get().and_then(|library| library.as_ref().ok())
}

fn load() -> Result<Library, String> {
    let mut tried = Vec::new();
    for name in NAMES {
        match open(name).and_then(prepare) {
            Ok(library) => return Ok(library),
            Err(problem) => tried.push(format!("{}: {problem}", name.to_string_lossy())),
        }
    }
    Err(tried.join("; "))
}

#[derive(Clone, Copy)]
struct Handle(*mut c_void);

fn open(name: &CStr) -> Result<Handle, String> {
    // LOCAL: its symbols are nobody else's. DEEPBIND (glibc): nor does it take somebody else's, such as those of an
    // OpenSSL of another version that the program itself contains and exports.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    let flags = libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_DEEPBIND;
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let flags = libc::RTLD_NOW | libc::RTLD_LOCAL;
    // SAFETY: a C string; the initialisers of OpenSSL may run on any thread.
    let handle = unsafe { libc::dlopen(name.as_ptr(), flags) };
    if handle.is_null() { Err(loader_error()) } else { Ok(Handle(handle)) }
}

fn symbol(handle: Handle, name: &CStr) -> Result<*mut c_void, String> {
    // SAFETY: an open handle and a C string. What libssl depends on (libcrypto) is searched too.
    let address = unsafe { libc::dlsym(handle.0, name.as_ptr()) };
    if address.is_null() { Err(format!("no {}", name.to_string_lossy())) } else { Ok(address) }
}

fn loader_error() -> String {
    // SAFETY: no arguments; the text is this thread's until its next call of the loader.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "cannot be loaded".to_owned();
    }
    // SAFETY: not null, a C string.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

fn prepare(handle: Handle) -> Result<Library, String> {
    let call = Functions::find(handle)?;
    // No handler at the exit of the process: it would run beside threads of the host that are still here.
    let options = INIT_NO_ATEXIT | INIT_LOAD_SSL_STRINGS | INIT_LOAD_CRYPTO_STRINGS;
    // SAFETY: no settings are given; may be called any number of times, from any thread.
    if unsafe { (call.init)(options, std::ptr::null()) } != 1 {
        return Err("cannot be initialised".to_owned());
    }
    // SAFETY: no arguments.
    let number = unsafe { (call.version_number)() };
    // SAFETY: 0 asks for the version's text, which is static.
    let text = unsafe { (call.version_text)(0) };
    let text = if text.is_null() {
        String::new()
    } else {
        // SAFETY: not null, a static C string.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    };
    let post_handshake = symbol(handle, c"SSL_CTX_set_post_handshake_auth").ok().map(|address| {
        // SAFETY: the symbol is the function of that name, whose C prototype this is.
        unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut Ctx, c_int)>(address) }
    });
    Ok(Library { call, major: number >> 28, text, post_handshake })
}

/// One entry of the error queue.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Reason, when it is one of libssl.
    pub(super) reason: Option<i32>,
    pub(super) text: String,
}

impl Library {
    /// Version, as the library puts it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Sets options of a context, an argument whose width depends on the version.
    pub(super) fn set_options(&self, ctx: *mut Ctx, options: u32) {
        if self.major >= 3 {
            // SAFETY: a live context of the caller.
            unsafe { (self.call.ctx_options)(ctx, u64::from(options)) };
        } else {
            // SAFETY: a live context of the caller.
            unsafe { (self.call.ctx_options_long)(ctx, c_ulong::from(options)) };
        }
    }

    /// Lets a server of TLS 1.3 ask for a client certificate later (RFC 8446 section 4.6.2), where that is known.
    pub(super) fn allow_late_request(&self, ctx: *mut Ctx) {
        if let Some(allow) = self.post_handshake {
            // SAFETY: a live context of the caller.
            unsafe { allow(ctx, 1) };
        }
    }

    /// Forgets errors of this thread, as is required before a call whose outcome is looked at.
    pub(super) fn clear_errors(&self) {
        // SAFETY: no arguments; the queue is this thread's.
        unsafe { (self.call.err_clear)() };
    }

    /// Takes this thread's errors, the first being the cause.
    pub(super) fn take_errors(&self) -> Vec<Entry> {
        let mut found = Vec::new();
        loop {
            // SAFETY: no arguments; the queue is this thread's.
            let code = unsafe { (self.call.err_next)() };
            if code == 0 {
                return found;
            }
            // The layout of a code changed with 3.0.
            let (lib, reason) = if self.major >= 3 {
                ((code >> 23) & 0xff, code & 0x7f_ffff)
            } else {
                ((code >> 24) & 0xff, code & 0xfff)
            };
            let reason = if lib == LIB_SSL { i32::try_from(reason).ok() } else { None };
            found.push(Entry { reason, text: self.describe(code) });
        }
    }

    fn describe(&self, code: c_ulong) -> String {
        let mut buffer = [0_u8; 256];
        // SAFETY: the buffer may be written for its whole length; the text always ends with a zero.
        unsafe { (self.call.err_text)(code, buffer.as_mut_ptr().cast(), buffer.len()) };
        CStr::from_bytes_until_nul(&buffer)
            .map(|text| text.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// What a verdict of verification means.
    pub(super) fn refusal(&self, code: c_int) -> String {
        // SAFETY: any number may be asked; the text is static.
        let text = unsafe { (self.call.refusal_text)(code.into()) };
        if text.is_null() {
            return String::new();
        }
        // SAFETY: not null, a static C string.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    /// The DER form of a certificate; empty when memory is short.
    pub(super) fn der(&self, certificate: *const X509) -> Vec<u8> {
        // SAFETY: a live certificate of the caller; without a place only the length is counted.
        let length = unsafe { (self.call.x509_write)(certificate, std::ptr::null_mut()) };
        let length = usize::try_from(length).unwrap_or(0);
        let mut der = Vec::new();
        if length == 0 || der.try_reserve_exact(length).is_err() {
            return Vec::new();
        }
        der.resize(length, 0);
        let mut place: *mut c_uchar = der.as_mut_ptr();
        // SAFETY: the place holds as many bytes as were counted, and the certificate has not changed.
        let written = unsafe { (self.call.x509_write)(certificate, &raw mut place) };
        if usize::try_from(written) == Ok(length) { der } else { Vec::new() }
    }
}
