//! GSSAPI (RFC 2744) of MIT Kerberos or Heimdal, loaded at run time where it is installed: one security context that
//! speaks SPNEGO as its initiator. The library is loaded once and never unloaded. Calls may wait for a KDC.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use crate::os::{Failure, Identity, Package, Reason};

/// Names the library has: MIT, then Heimdal.
const NAMES: [&CStr; 2] = [c"libgssapi_krb5.so.2", c"libgssapi.so.3"];

const SPNEGO: &[u8] = b"\x2b\x06\x01\x05\x05\x02";
const HOST_BASED_SERVICE: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
const USER_NAME: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01";

const CONTINUE_NEEDED: u32 = 1;
const ERRORS: u32 = 0xffff_0000;
const BAD_MECHANISM: u32 = 1 << 16;
const NO_CREDENTIALS: u32 = 7 << 16;
const CREDENTIALS_EXPIRED: u32 = 11 << 16;
/// What the libraries say of a wrong password (MIT, Heimdal). The number below it is renumbered by the library on its
/// way here, so the words are all there is.
const WRONG_PASSWORD: [&str; 3] =
    ["Preauthentication failed", "Decrypt integrity check failed", "Password incorrect"];

const MUTUAL: u32 = 2;
const INITIATE: c_int = 1;
const GSS_CODE: c_int = 1;
const MECHANISM_CODE: c_int = 2;
/// Messages taken from the library for one status.
const MESSAGES: usize = 5;

/// `gss_buffer_desc`.
#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

/// `gss_OID_desc`.
#[repr(C)]
struct Oid {
    length: u32,
    elements: *const c_void,
}

/// `gss_OID_set_desc`.
#[repr(C)]
struct OidSet {
    count: usize,
    elements: *const Oid,
}

/// `gss_channel_bindings_struct`.
#[repr(C)]
struct Bindings {
    initiator_type: u32,
    initiator: Buffer,
    acceptor_type: u32,
    acceptor: Buffer,
    application: Buffer,
}

type Handle = *mut c_void;
type ImportName = unsafe extern "C" fn(*mut u32, *const Buffer, *const Oid, *mut Handle) -> u32;
type ReleaseName = unsafe extern "C" fn(*mut u32, *mut Handle) -> u32;
type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut Buffer) -> u32;
type ReleaseCredentials = unsafe extern "C" fn(*mut u32, *mut Handle) -> u32;
type DeleteContext = unsafe extern "C" fn(*mut u32, *mut Handle, *mut Buffer) -> u32;
type DisplayStatus = unsafe extern "C" fn(*mut u32, u32, c_int, *const Oid, *mut u32, *mut Buffer) -> u32;
type AcquireWithPassword = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *const Buffer,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut *mut OidSet,
    *mut u32,
) -> u32;
type InitContext = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *mut Handle,
    Handle,
    *const Oid,
    u32,
    u32,
    *const Bindings,
    *const Buffer,
    *mut *const Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> u32;

/// The functions used.
struct Library {
    import_name: ImportName,
    release_name: ReleaseName,
    release_buffer: ReleaseBuffer,
    release_credentials: ReleaseCredentials,
    delete_context: DeleteContext,
    display_status: DisplayStatus,
    init_context: InitContext,
    /// Not part of the standard.
    acquire_with_password: Option<AcquireWithPassword>,
}

static LIBRARY: OnceLock<Library> = OnceLock::new();

/// One security context. Everything it holds of the library's is given back when it is dropped.
pub struct Context {
    library: &'static Library,
    context: Handle,
    credentials: Handle,
    service: Handle,
}

// SAFETY: the handles belong to this value alone, and both libraries let a handle be used by any thread as long as
// only one uses it at a time, which `&mut self` sees to.
unsafe impl Send for Context {}

impl Context {
    /// A context with the service `HTTP` of `host`, as the current user or as `identity`.
    ///
    /// # Errors
    /// No library, a name it does not take, a refused password.
    pub fn new(package: Package, host: &str, identity: Option<&Identity>) -> Result<Self, Failure> {
        let missing = |words: &str| Failure { reason: Reason::NoLibrary, words: words.to_owned() };
        if package == Package::Ntlm {
            return Err(missing("NTLM of the current user is not there on this system"));
        }
        let library = library().ok_or_else(|| missing("libgssapi_krb5.so.2 or libgssapi.so.3"))?;
        let mut context = Self { library, context: null_mut(), credentials: null_mut(), service: null_mut() };
        context.service = library.name(&format!("HTTP@{host}"), HOST_BASED_SERVICE)?;
        if let Some(identity) = identity {
            context.credentials = library.credentials(identity)?;
        }
        Ok(context)
    }

    /// Takes the peer's token (empty at first) and gives ours, which is empty when nothing more is to be said.
    /// `binding` is what binds the context to a TLS channel.
    ///
    /// # Errors
    /// Those of the library, in its words.
    pub fn step(&mut self, input: &[u8], binding: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        let (mut minor, input, mechanism) = (0, Buffer::of(input), Oid::of(SPNEGO));
        let bindings = binding.map(|data| Bindings {
            initiator_type: 0,
            initiator: Buffer::of(&[]),
            acceptor_type: 0,
            acceptor: Buffer::of(&[]),
            application: Buffer::of(data),
        });
        let bindings = bindings.as_ref().map_or(null(), std::ptr::from_ref);
        let mut output = Output::new(self.library);
        let init = self.library.init_context;
        // SAFETY: every pointer is null or to a value that outlives the call; the handles are null or the library's;
        // the context is updated in place and deleted once, in `drop`.
        let major = unsafe {
            init(
                &raw mut minor,
                self.credentials,
                &raw mut self.context,
                self.service,
                &raw const mechanism,
                MUTUAL,
                0,
                bindings,
                &raw const input,
                null_mut(),
                &raw mut output.buffer,
                null_mut(),
                null_mut(),
            )
        };
        if major & ERRORS != 0 {
            return Err(self.library.failure(major, minor));
        }
        let token = output.take();
        if major & CONTINUE_NEEDED != 0 && token.is_empty() {
            let words = "the library waits for more without having said anything".to_owned();
            return Err(Failure { reason: Reason::Refused, words });
        }
        Ok(token)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let mut minor = 0;
        if !self.context.is_null() {
            let delete = self.library.delete_context;
            // SAFETY: the context is the library's and is not used again; no last token is asked for.
            unsafe { delete(&raw mut minor, &raw mut self.context, null_mut()) };
        }
        if !self.credentials.is_null() {
            let release = self.library.release_credentials;
            // SAFETY: the credentials are the library's and are not used again.
            unsafe { release(&raw mut minor, &raw mut self.credentials) };
        }
        if !self.service.is_null() {
            let release = self.library.release_name;
            // SAFETY: the name is the library's and is not used again.
            unsafe { release(&raw mut minor, &raw mut self.service) };
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Context(***)")
    }
}

/// The library; it is looked for again as long as it was not there.
fn library() -> Option<&'static Library> {
    if LIBRARY.get().is_none() {
        let found = NAMES.into_iter().find_map(Library::load)?;
        let _ = LIBRARY.set(found);
    }
    LIBRARY.get()
}

impl Library {
    fn load(name: &CStr) -> Option<Self> {
        // SAFETY: a C string; the initialisers that run are those of the system's own library. It stays loaded.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            return None;
        }
        Some(Self {
            import_name: function(handle, c"gss_import_name")?,
            release_name: function(handle, c"gss_release_name")?,
            release_buffer: function(handle, c"gss_release_buffer")?,
            release_credentials: function(handle, c"gss_release_cred")?,
            delete_context: function(handle, c"gss_delete_sec_context")?,
            display_status: function(handle, c"gss_display_status")?,
            init_context: function(handle, c"gss_init_sec_context")?,
            acquire_with_password: function(handle, c"gss_acquire_cred_with_password"),
        })
    }

    fn name(&'static self, name: &str, kind: &'static [u8]) -> Result<Handle, Failure> {
        let (mut minor, mut handle) = (0, null_mut());
        let (name, kind, import) = (Buffer::of(name.as_bytes()), Oid::of(kind), self.import_name);
        // SAFETY: name and kind outlive the call, which copies them; the handle may be written.
        let major = unsafe { import(&raw mut minor, &raw const name, &raw const kind, &raw mut handle) };
        if major & ERRORS == 0 { Ok(handle) } else { Err(self.failure(major, minor)) }
    }

    fn credentials(&'static self, identity: &Identity) -> Result<Handle, Failure> {
        let Some(acquire) = self.acquire_with_password else {
            let words = "gss_acquire_cred_with_password".to_owned();
            return Err(Failure { reason: Reason::NoLibrary, words });
        };
        let principal = match identity.user.split_once('\\') {
            Some((realm, user)) if !realm.is_empty() => format!("{user}@{realm}"),
            Some((_, user)) => user.to_owned(),
            None => identity.user.clone(),
        };
        let mut name = self.name(&principal, USER_NAME)?;
        let (mut minor, mut handle) = (0, null_mut());
        let (password, mechanism) = (Buffer::of(identity.password.as_bytes()), Oid::of(SPNEGO));
        let mechanisms = OidSet { count: 1, elements: &raw const mechanism };
        // SAFETY: name, password and mechanisms outlive the call; the handle may be written.
        let major = unsafe {
            acquire(
                &raw mut minor,
                name,
                &raw const password,
                u32::MAX,
                &raw const mechanisms,
                INITIATE,
                &raw mut handle,
                null_mut(),
                null_mut(),
            )
        };
        let result = if major & ERRORS == 0 { Ok(handle) } else { Err(self.failure(major, minor)) };
        let release = self.release_name;
        // SAFETY: the name is the library's and is not used again.
        unsafe { release(&raw mut minor, &raw mut name) };
        result
    }

    fn failure(&'static self, major: u32, minor: u32) -> Failure {
        let mut words: Vec<String> = Vec::new();
        for (code, kind) in [(major, GSS_CODE), (minor, MECHANISM_CODE)] {
            if code != 0 || kind == GSS_CODE {
                words.extend(self.words(code, kind));
            }
        }
        words.dedup();
        let reason = match major & ERRORS {
            _ if words.iter().any(|words| says_wrong_password(words)) => Reason::WrongPassword,
            NO_CREDENTIALS | CREDENTIALS_EXPIRED => Reason::NoCredentials,
            BAD_MECHANISM => Reason::NoLibrary,
            _ => Reason::Refused,
        };
        Failure { reason, words: words.join("; ") }
    }

    /// What the library says to a status.
    fn words(&'static self, code: u32, kind: c_int) -> Vec<String> {
        let (mut minor, mut more, mut all) = (0, 0, Vec::new());
        let display = self.display_status;
        for _ in 0..MESSAGES {
            let mut text = Output::new(self);
            // SAFETY: the text and the continuation may be written; no mechanism means any.
            let major =
                unsafe { display(&raw mut minor, code, kind, null(), &raw mut more, &raw mut text.buffer) };
            if major & ERRORS != 0 {
                break;
            }
            let text = String::from_utf8_lossy(&text.take()).trim().to_owned();
            if !text.is_empty() {
                all.push(text);
            }
            if more == 0 {
                break;
            }
        }
        all
    }
}

fn says_wrong_password(words: &str) -> bool {
    WRONG_PASSWORD.iter().any(|known| words.contains(known))
}

/// A function of the library.
fn function<F: Copy>(handle: Handle, name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<Handle>()) };
    // SAFETY: an open library and a C string.
    let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
    if address.is_null() {
        return None;
    }
    // SAFETY: `F` is the type RFC 2744 gives the function of that name, a pointer as large as an address.
    Some(unsafe { std::mem::transmute_copy(&address) })
}

impl Buffer {
    /// Bytes the library reads. It does not write to what it takes as `gss_buffer_t` of input.
    fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

impl Oid {
    fn of(bytes: &'static [u8]) -> Self {
        Self { length: u32::try_from(bytes.len()).unwrap_or(0), elements: bytes.as_ptr().cast() }
    }
}

/// Bytes the library made.
struct Output {
    library: &'static Library,
    buffer: Buffer,
}

impl Output {
    fn new(library: &'static Library) -> Self {
        Self { library, buffer: Buffer { length: 0, value: null_mut() } }
    }

    fn take(&self) -> Vec<u8> {
        if self.buffer.value.is_null() || self.buffer.length == 0 {
            return Vec::new();
        }
        // SAFETY: the library filled the buffer with so many bytes, which live until it is released.
        unsafe { std::slice::from_raw_parts(self.buffer.value.cast::<u8>(), self.buffer.length) }.to_vec()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.buffer.value.is_null() {
            return;
        }
        let (mut minor, release) = (0, self.library.release_buffer);
        // SAFETY: the library filled the buffer and nobody uses it any more.
        unsafe { release(&raw mut minor, &raw mut self.buffer) };
    }
}
