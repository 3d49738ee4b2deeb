//! Settings of connections, made once: an `SSL_CTX` that nobody changes afterwards.

use std::ffi::{CStr, c_int, c_long, c_ulong, c_void};

use super::connection::check;
use super::library::{Ctx, Library, X509, library};

/// What a context is to be.
#[derive(Debug)]
pub(crate) struct Setup<'a> {
    /// Oldest and newest version as on the wire, 0x0301 being TLS 1.0.
    pub(crate) versions: (u16, u16),
    /// Whether the peer's certificate is verified.
    pub(crate) verify: bool,
    /// Trusted certificates (DER) of the system. One that cannot be read is left out.
    pub(crate) system: &'a [Vec<u8>],
    /// Trusted certificates (DER) of the caller; each may end a chain, be it an authority or not.
    pub(crate) own: &'a [Vec<u8>],
    /// Revocation lists (DER).
    pub(crate) revocations: &'a [Vec<u8>],
    /// Certificates, our own first, and its private key (PKCS#8), all DER.
    pub(crate) identity: Option<(&'a [Vec<u8>], &'a [u8])>,
}

/// Why a context cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// The library is not there.
    Library(String),
    /// None of the caller's certificates can be read.
    Authorities(String),
    /// A revocation list cannot be read.
    Revocations(String),
    /// The client certificate cannot be read.
    Certificate(String),
    /// The key cannot be read.
    Key(String),
    /// The key is of another certificate.
    Mismatch(String),
    /// A version the library does not speak.
    Versions(String),
    /// Anything else.
    Other(String),
}

/// Settings shared by connections.
pub(crate) struct Context {
    library: &'static Library,
    ctx: *mut Ctx,
}

// SAFETY: an SSL_CTX is counted and locked by the library; nothing changes it once it is built.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

/// Everything the library still speaks, strongest first; level 0 takes short keys and SHA-1 signatures.
const CIPHERS: &CStr = c"DEFAULT:3DES:!aNULL:!eNULL:@SECLEVEL=0";
/// The usual ones, and the old ones that a system's configuration may have taken out.
const SIGNATURES: &CStr = c"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:RSA-PSS+SHA256:RSA-PSS+SHA384:\
RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA224:RSA+SHA224:ECDSA+SHA1:RSA+SHA1:DSA+SHA256:DSA+SHA1";

const OP_LEGACY_SERVER_CONNECT: u32 = 1 << 2;
const OP_NO_COMPRESSION: u32 = 1 << 17;
const OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION: u32 = 1 << 18;
const CTRL_MODE: c_int = 33;
const CTRL_CHAIN_CERT: c_int = 89;
const CTRL_SIGNATURES: c_int = 98;
const CTRL_MINIMUM: c_int = 123;
const CTRL_MAXIMUM: c_int = 124;
const MODE_PARTIAL_WRITE: c_long = 0x1;
const MODE_MOVING_BUFFER: c_long = 0x2;
const MODE_RELEASE_BUFFERS: c_long = 0x10;
const VERIFY_NONE: c_int = 0;
const VERIFY_PEER: c_int = 1;
const FLAG_CRL_CHECK: c_ulong = 0x4;
const FLAG_CRL_CHECK_ALL: c_ulong = 0x8;
const FLAG_PARTIAL_CHAIN: c_ulong = 0x8_0000;

impl Context {
    /// A context as `setup` says.
    ///
    /// # Errors
    /// Which part of it cannot be used.
    pub(crate) fn new(setup: &Setup<'_>) -> Result<Self, Unusable> {
        let library = library().map_err(|tried| Unusable::Library(tried.to_owned()))?;
        library.clear_errors();
        // SAFETY: no arguments; static data.
        let method = unsafe { (library.call.client_method)() };
        // SAFETY: a method of this library.
        let ctx = unsafe { (library.call.ctx_new)(method) };
        if ctx.is_null() {
            return Err(Unusable::Other(cause(library)));
        }
        let context = Self { library, ctx };
        context.speak(setup)?;
        context.trust(setup)?;
        if let Some((certificates, key)) = setup.identity {
            context.identify(certificates, key)?;
        }
        Ok(context)
    }

    pub(super) fn library(&self) -> &'static Library {
        self.library
    }

    pub(super) fn pointer(&self) -> *mut Ctx {
        self.ctx
    }

    fn control(&self, command: c_int, number: c_long, pointer: *mut c_void) -> c_long {
        // SAFETY: a live context; each caller passes what its command takes.
        unsafe { (self.library.call.ctx_ctrl)(self.ctx, command, number, pointer) }
    }

    fn speak(&self, setup: &Setup<'_>) -> Result<(), Unusable> {
        let (oldest, newest) = setup.versions;
        for (command, version) in [(CTRL_MINIMUM, oldest), (CTRL_MAXIMUM, newest)] {
            if self.control(command, version.into(), std::ptr::null_mut()) != 1 {
                return Err(Unusable::Versions(cause(self.library)));
            }
        }
        // Servers without RFC 5746 are among those this is for, and so is their renegotiation.
        self.library.set_options(
            self.ctx,
            OP_LEGACY_SERVER_CONNECT | OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | OP_NO_COMPRESSION,
        );
        let mode = MODE_PARTIAL_WRITE | MODE_MOVING_BUFFER | MODE_RELEASE_BUFFERS;
        self.control(CTRL_MODE, mode, std::ptr::null_mut());
        // SAFETY: a live context and a C string.
        if unsafe { (self.library.call.ctx_ciphers)(self.ctx, CIPHERS.as_ptr()) } != 1 {
            return Err(Unusable::Other(cause(self.library)));
        }
        // The list is only read. A library that knows not all of these keeps its own, which has the old ones.
        self.control(CTRL_SIGNATURES, 0, SIGNATURES.as_ptr().cast_mut().cast());
        self.library.clear_errors();
        Ok(())
    }

    fn trust(&self, setup: &Setup<'_>) -> Result<(), Unusable> {
        if !setup.verify {
            // SAFETY: a live context; no callback.
            unsafe { (self.library.call.ctx_verify)(self.ctx, VERIFY_NONE, None) };
            return Ok(());
        }
        // SAFETY: a live context; the callback is never unloaded before the connections that may call it.
        unsafe { (self.library.call.ctx_verify)(self.ctx, VERIFY_PEER, Some(check)) };
        for der in setup.system {
            let _ = self.anchor(der);
        }
        let mut last = String::new();
        let readable = setup.own.iter().filter(|der| match self.anchor(der) {
            Ok(()) => true,
            Err(problem) => {
                last = problem;
                false
            }
        });
        if readable.count() == 0 && !setup.own.is_empty() {
            return Err(Unusable::Authorities(last));
        }
        let mut flags = 0;
        if !setup.own.is_empty() {
            flags |= FLAG_PARTIAL_CHAIN;
        }
        if !setup.revocations.is_empty() {
            flags |= FLAG_CRL_CHECK | FLAG_CRL_CHECK_ALL;
        }
        // SAFETY: a live context; its store lives as long.
        let store = unsafe { (self.library.call.ctx_store)(self.ctx) };
        // SAFETY: the store just taken.
        unsafe { (self.library.call.store_flags)(store, flags) };
        setup.revocations.iter().try_for_each(|der| self.revoke(der))
    }

    /// Trusts a certificate.
    fn anchor(&self, der: &[u8]) -> Result<(), String> {
        let certificate = Certificate::read(self.library, der)?;
        // SAFETY: a live context; its store lives as long.
        let store = unsafe { (self.library.call.ctx_store)(self.ctx) };
        // A certificate that is there already is an error before 1.1.1, and no harm.
        // SAFETY: a live store and a live certificate, of which the store keeps a reference of its own.
        let _added = unsafe { (self.library.call.store_certificate)(store, certificate.pointer) };
        self.library.clear_errors();
        Ok(())
    }

    fn revoke(&self, der: &[u8]) -> Result<(), Unusable> {
        self.library.clear_errors();
        let length = c_long::try_from(der.len()).map_err(|_| Unusable::Revocations("too long".to_owned()))?;
        let mut start = der.as_ptr();
        // SAFETY: `start` is the beginning of so many readable bytes; without a target a new object is made.
        let crl = unsafe { (self.library.call.crl_read)(std::ptr::null_mut(), &raw mut start, length) };
        if crl.is_null() {
            return Err(Unusable::Revocations(cause(self.library)));
        }
        // SAFETY: a live context; its store lives as long.
        let store = unsafe { (self.library.call.ctx_store)(self.ctx) };
        // SAFETY: a live store and a live list, of which the store keeps a reference of its own.
        let added = unsafe { (self.library.call.store_crl)(store, crl) };
        // SAFETY: the reference that reading gave, released once.
        unsafe { (self.library.call.crl_free)(crl) };
        if added == 1 { Ok(()) } else { Err(Unusable::Revocations(cause(self.library))) }
    }

    fn identify(&self, certificates: &[Vec<u8>], key: &[u8]) -> Result<(), Unusable> {
        let mut chain = certificates.iter();
        let Some(own) = chain.next() else {
            return Err(Unusable::Certificate("no certificate".to_owned()));
        };
        let own = Certificate::read(self.library, own).map_err(Unusable::Certificate)?;
        // SAFETY: a live context and a live certificate, of which the context keeps a reference of its own.
        if unsafe { (self.library.call.ctx_certificate)(self.ctx, own.pointer) } != 1 {
            return Err(Unusable::Certificate(cause(self.library)));
        }
        for other in chain {
            let other = Certificate::read(self.library, other).map_err(Unusable::Certificate)?;
            // With 1 the context takes a reference of its own.
            if self.control(CTRL_CHAIN_CERT, 1, other.pointer.cast()) != 1 {
                return Err(Unusable::Certificate(cause(self.library)));
            }
        }
        self.library.clear_errors();
        let length = c_long::try_from(key.len()).map_err(|_| Unusable::Key("too long".to_owned()))?;
        let mut start = key.as_ptr();
        // SAFETY: `start` is the beginning of so many readable bytes; without a target a new object is made.
        let key = unsafe { (self.library.call.key_read)(std::ptr::null_mut(), &raw mut start, length) };
        if key.is_null() {
            return Err(Unusable::Key(cause(self.library)));
        }
        // It is compared with the certificate that is there already.
        // SAFETY: a live context and a live key, of which the context keeps a reference of its own.
        let used = unsafe { (self.library.call.ctx_key)(self.ctx, key) };
        // SAFETY: the reference that reading gave, released once.
        unsafe { (self.library.call.key_free)(key) };
        if used != 1 {
            return Err(Unusable::Mismatch(cause(self.library)));
        }
        self.library.allow_late_request(self.ctx);
        Ok(())
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the reference that making it gave, released once; connections hold their own.
        unsafe { (self.library.call.ctx_free)(self.ctx) };
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Context({})", self.library.text())
    }
}

/// A certificate we hold a reference of.
struct Certificate {
    library: &'static Library,
    pointer: *mut X509,
}

impl Certificate {
    fn read(library: &'static Library, der: &[u8]) -> Result<Self, String> {
        library.clear_errors();
        let length = c_long::try_from(der.len()).map_err(|_| "too long".to_owned())?;
        let mut start = der.as_ptr();
        // SAFETY: `start` is the beginning of so many readable bytes; without a target a new object is made.
        let pointer = unsafe { (library.call.x509_read)(std::ptr::null_mut(), &raw mut start, length) };
        if pointer.is_null() { Err(cause(library)) } else { Ok(Self { library, pointer }) }
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // SAFETY: the reference that reading gave, released once.
        unsafe { (self.library.call.x509_free)(self.pointer) };
    }
}

/// The first of this thread's errors.
fn cause(library: &Library) -> String {
    let first = library.take_errors().into_iter().next();
    first.map_or_else(|| "refused without a reason".to_owned(), |entry| entry.text)
}
