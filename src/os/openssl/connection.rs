//! One connection: an `SSL` between two buffers in memory. Ciphertext is fed to the one and taken from the other.

use std::ffi::{CString, c_int, c_long};
use std::net::IpAddr;
use std::sync::Arc;

use super::context::Context;
use super::library::{Bio, Library, Session, Ssl, Stack, StoreCtx, X509, loaded};

/// Whom a connection is with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Server<'a> {
    /// A DNS name: sent, and looked for in the certificate.
    Name(&'a str),
    /// An address: looked for in the certificate.
    Address(IpAddr),
}

/// What came of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// So many bytes.
    Bytes(usize),
    /// More ciphertext is needed first.
    Wait,
    /// The end; whether the peer said so.
    End(bool),
}

/// Why the library gave up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure {
    /// Reason codes of libssl, the cause first; 1000 and more are alerts of the peer.
    pub(crate) reasons: Vec<i32>,
    /// What verification says, when it refused (`X509_V_ERR_...`).
    pub(crate) refusal: Option<i32>,
    /// The same in words.
    pub(crate) verdict: String,
    /// The certificate that was refused (DER).
    pub(crate) certificate: Option<Vec<u8>>,
    /// Whether the peer had asked for a client certificate.
    pub(crate) asked: bool,
    /// The library's words.
    pub(crate) text: String,
}

/// What makes the next handshake with the same server short.
pub(crate) struct Resumption {
    library: &'static Library,
    session: *mut Session,
}

// SAFETY: a session is counted and locked by the library, which shares it between connections of all threads itself.
unsafe impl Send for Resumption {}
// SAFETY: as above; it is only ever given to connections.
unsafe impl Sync for Resumption {}

impl Drop for Resumption {
    fn drop(&mut self) {
        // SAFETY: the reference that taking it gave, released once.
        unsafe { (self.library.call.session_free)(self.session) };
    }
}

/// A client's side of a connection.
pub(crate) struct Connection {
    library: &'static Library,
    ssl: *mut Ssl,
    /// Both belong to `ssl`.
    inbound: *mut Bio,
    outbound: *mut Bio,
    /// Written by [`check`] during calls of ours; of a box that this owns.
    refused: *mut Refused,
    ended: bool,
    broken: bool,
    _context: Arc<Context>,
}

// SAFETY: an SSL may be used by any thread, by one at a time, which `&mut self` ensures; so may what it owns.
unsafe impl Send for Connection {}

/// What the check of certificates did not like.
#[derive(Debug, Default)]
struct Refused {
    error: c_int,
    certificate: Vec<u8>,
}

/// Where the library keeps a pointer for the application.
const APP_DATA: c_int = 0;
const CTRL_RENEGOTIATIONS: c_int = 12;
const CTRL_SERVER_NAME: c_int = 55;
const BIO_EOF_RETURN: c_int = 130;
const ERROR_SSL: c_int = 1;
const ERROR_WANT_READ: c_int = 2;
const ERROR_WANT_WRITE: c_int = 3;
const ERROR_SYSCALL: c_int = 5;
const ERROR_ZERO_RETURN: c_int = 6;
const REASON_VERIFY_FAILED: i32 = 134;
const REASON_UNEXPECTED_EOF: i32 = 294;
const SHUTDOWN_BOTH: c_int = 3;
/// `*` for a whole label only, and no names but those of the extension for them, as RFC 9525 has it.
const STRICT_NAMES: u32 = 0x4 | 0x20;
const UNABLE_TO_GET_CRL: c_int = 3;
const CRL_SIGNATURE_FAILURE: c_int = 8;
const CRL_NOT_YET_VALID: c_int = 11;
const CRL_HAS_EXPIRED: c_int = 12;
const UNABLE_TO_GET_CRL_ISSUER: c_int = 33;
const KEYUSAGE_NO_CRL_SIGN: c_int = 35;
const DIFFERENT_CRL_SCOPE: c_int = 44;

/// The library's callback, once or more for each certificate. It adds nothing to the verdict but that a missing or old
/// revocation list revokes nothing, nor one whose issuer is not there to be asked (what it lists is still refused), and
/// notes what was refused.
///
/// # Safety
/// Called by the library only.
pub(super) unsafe extern "C" fn check(accepted: c_int, found: *mut StoreCtx) -> c_int {
    let Some(library) = loaded().filter(|_| accepted == 0) else { return accepted };
    // SAFETY: the library's own argument, live during this call.
    let error = unsafe { (library.call.found_error)(found) };
    let passes = match error {
        UNABLE_TO_GET_CRL | CRL_NOT_YET_VALID | CRL_HAS_EXPIRED | DIFFERENT_CRL_SCOPE => true,
        // A certificate that is trusted itself: its issuer, whose list it is, is not there, and the certificate was
        // taken for it.
        CRL_SIGNATURE_FAILURE | UNABLE_TO_GET_CRL_ISSUER | KEYUSAGE_NO_CRL_SIGN => {
            // SAFETY: as above; the chain is its own, or null.
            let chain = unsafe { (library.call.found_chain)(found) };
            // SAFETY: a live list, or null, which has -1 items.
            unsafe { (library.call.stack_count)(chain) == 1 }
        }
        _ => false,
    };
    if passes {
        // SAFETY: as above; 0 is "no error".
        unsafe { (library.call.found_set_error)(found, 0) };
        return 1;
    }
    // SAFETY: no arguments; a number the library gave itself.
    let index = unsafe { (library.call.found_ex_index)() };
    // SAFETY: as above; under this index is the connection.
    let ssl: *mut Ssl = unsafe { (library.call.found_ex)(found, index) }.cast();
    if ssl.is_null() {
        return 0;
    }
    // SAFETY: a live connection: the one being verified.
    let refused: *mut Refused = unsafe { (library.call.ssl_get_ex)(ssl, APP_DATA) }.cast();
    // SAFETY: as above.
    let certificate = unsafe { (library.call.found_certificate)(found) };
    let certificate = if certificate.is_null() { Vec::new() } else { library.der(certificate) };
    // SAFETY: null, or the box of the connection, which nobody else looks at while the library is being called.
    if let Some(refused) = unsafe { refused.as_mut() } {
        *refused = Refused { error, certificate };
    }
    0
}

impl Connection {
    /// A connection with `server`, nothing said yet. With `resume`, of an earlier one with the same server.
    ///
    /// # Errors
    /// A name that cannot be one, or no memory.
    pub(crate) fn new(
        context: &Arc<Context>,
        server: Server<'_>,
        resume: Option<&Resumption>,
    ) -> Result<Self, String> {
        let library = context.library();
        library.clear_errors();
        // SAFETY: a live context.
        let ssl = unsafe { (library.call.ssl_new)(context.pointer()) };
        if ssl.is_null() {
            return Err("no memory for a connection".to_owned());
        }
        let mut connection = Self {
            library,
            ssl,
            inbound: std::ptr::null_mut(),
            outbound: std::ptr::null_mut(),
            refused: Box::into_raw(Box::default()),
            ended: false,
            broken: false,
            _context: context.clone(),
        };
        // SAFETY: a live connection; the box outlives it.
        unsafe { (library.call.ssl_set_ex)(ssl, APP_DATA, connection.refused.cast()) };
        connection.buffers()?;
        // The queue is the thread's, and somebody else may look at it next.
        connection.name(server).inspect_err(|_| library.clear_errors())?;
        if let Some(resume) = resume {
            // One that does not fit is not used, and no harm.
            // SAFETY: a live connection and a live session, of which it keeps a reference of its own.
            let _taken = unsafe { (library.call.ssl_set_session)(ssl, resume.session) };
        }
        // SAFETY: a live connection.
        unsafe { (library.call.ssl_client)(ssl) };
        Ok(connection)
    }

    fn buffers(&mut self) -> Result<(), String> {
        let inbound = self.buffer()?;
        let outbound = match self.buffer() {
            Ok(outbound) => outbound,
            Err(problem) => {
                // SAFETY: just made and given to nobody.
                unsafe { (self.library.call.bio_free)(inbound) };
                return Err(problem);
            }
        };
        // SAFETY: a live connection takes both over.
        unsafe { (self.library.call.ssl_bio)(self.ssl, inbound, outbound) };
        (self.inbound, self.outbound) = (inbound, outbound);
        Ok(())
    }

    fn buffer(&self) -> Result<*mut Bio, String> {
        // SAFETY: no arguments; static data.
        let kind = unsafe { (self.library.call.bio_memory)() };
        // SAFETY: a kind of this library.
        let bio = unsafe { (self.library.call.bio_new)(kind) };
        if bio.is_null() { Err("no memory for a buffer".to_owned()) } else { Ok(bio) }
    }

    fn name(&mut self, server: Server<'_>) -> Result<(), String> {
        let call = &self.library.call;
        // SAFETY: a live connection.
        unsafe { (call.ssl_host_flags)(self.ssl, STRICT_NAMES) };
        let taken = match server {
            Server::Name(name) => {
                let name = CString::new(name).map_err(|_| "a zero in the name".to_owned())?;
                // SAFETY: a live connection and a C string, which is copied. 0 is "DNS name".
                let sent = unsafe {
                    (call.ssl_ctrl)(self.ssl, CTRL_SERVER_NAME, 0, name.as_ptr().cast_mut().cast())
                };
                // SAFETY: a live connection and a C string, which is copied.
                let checked = unsafe { (call.ssl_host)(self.ssl, name.as_ptr()) };
                sent == 1 && checked == 1
            }
            Server::Address(address) => {
                let (four, sixteen);
                let bytes: &[u8] = match address {
                    IpAddr::V4(address) => {
                        four = address.octets();
                        &four
                    }
                    IpAddr::V6(address) => {
                        sixteen = address.octets();
                        &sixteen
                    }
                };
                // SAFETY: a live connection; its parameters live as long.
                let param = unsafe { (call.ssl_param)(self.ssl) };
                // SAFETY: live parameters and so many readable bytes, which are copied.
                unsafe { (call.param_ip)(param, bytes.as_ptr(), bytes.len()) == 1 }
            }
        };
        if taken { Ok(()) } else { Err("the name cannot be used".to_owned()) }
    }

    /// Takes ciphertext from the peer, all of it.
    ///
    /// # Errors
    /// No memory.
    pub(crate) fn feed(&mut self, ciphertext: &[u8]) -> Result<(), Failure> {
        let mut rest = ciphertext;
        while !rest.is_empty() {
            let length = c_int::try_from(rest.len()).unwrap_or(c_int::MAX);
            // SAFETY: a live buffer and so many readable bytes, which are copied.
            let count = unsafe { (self.library.call.bio_write)(self.inbound, rest.as_ptr().cast(), length) };
            match usize::try_from(count) {
                Ok(count @ 1..) => rest = rest.get(count..).unwrap_or_default(),
                _ => {
                    return Err(Failure {
                        text: "no memory for ciphertext".to_owned(),
                        ..Failure::default()
                    });
                }
            }
        }
        Ok(())
    }

    /// Nothing more will come from the peer.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        // SAFETY: a live buffer, which from now on gives an end where it gave "later".
        unsafe { (self.library.call.bio_ctrl)(self.inbound, BIO_EOF_RETURN, 0, std::ptr::null_mut()) };
    }

    /// Bytes of ciphertext to send.
    pub(crate) fn pending(&self) -> usize {
        // SAFETY: a live buffer.
        unsafe { (self.library.call.bio_pending)(self.outbound) }
    }

    /// Moves ciphertext to send into `buffer`; how much.
    pub(crate) fn take(&mut self, buffer: &mut [u8]) -> usize {
        let length = c_int::try_from(buffer.len()).unwrap_or(c_int::MAX);
        // SAFETY: a live buffer, and so many bytes that may be written.
        let count =
            unsafe { (self.library.call.bio_read)(self.outbound, buffer.as_mut_ptr().cast(), length) };
        usize::try_from(count).unwrap_or(0)
    }

    /// Goes on with the handshake; whether it is complete.
    ///
    /// # Errors
    /// What the library did not like; an alert may be there to send.
    pub(crate) fn handshake(&mut self) -> Result<bool, Failure> {
        self.library.clear_errors();
        // SAFETY: a live connection.
        let result = unsafe { (self.library.call.ssl_handshake)(self.ssl) };
        Ok(matches!(self.outcome(result)?, Outcome::Bytes(_)))
    }

    /// Decrypts into `buffer`, which must not be empty. A renegotiation goes on by itself.
    ///
    /// # Errors
    /// What the library did not like.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<Outcome, Failure> {
        let length = c_int::try_from(buffer.len()).unwrap_or(c_int::MAX);
        self.library.clear_errors();
        // SAFETY: a live connection, and so many bytes that may be written.
        let result = unsafe { (self.library.call.ssl_read)(self.ssl, buffer.as_mut_ptr().cast(), length) };
        self.outcome(result)
    }

    /// What [`Connection::read`] would give, nothing taken; a byte stands for any number of them.
    ///
    /// # Errors
    /// What the library did not like.
    pub(crate) fn peek(&mut self) -> Result<Outcome, Failure> {
        let mut byte = 0_u8;
        self.library.clear_errors();
        // SAFETY: a live connection, and one byte that may be written.
        let result = unsafe { (self.library.call.ssl_peek)(self.ssl, (&raw mut byte).cast(), 1) };
        self.outcome(result)
    }

    /// Encrypts some of `plaintext`, which must not be empty.
    ///
    /// # Errors
    /// What the library did not like.
    pub(crate) fn write(&mut self, plaintext: &[u8]) -> Result<Outcome, Failure> {
        let length = c_int::try_from(plaintext.len()).unwrap_or(c_int::MAX);
        self.library.clear_errors();
        // SAFETY: a live connection and so many readable bytes.
        let result = unsafe { (self.library.call.ssl_write)(self.ssl, plaintext.as_ptr().cast(), length) };
        self.outcome(result)
    }

    /// Makes a close_notify to send, if that is still possible.
    pub(crate) fn shut_down(&mut self) {
        if !self.broken {
            self.library.clear_errors();
            // SAFETY: a live connection that has had no fatal error.
            unsafe { (self.library.call.ssl_shutdown)(self.ssl) };
            self.library.clear_errors();
        }
    }

    /// Certificates (DER) the peer was verified by, its own first; without verification those it sent. After a short
    /// handshake there may be its own only, or none.
    pub(crate) fn certificates(&self) -> Vec<Vec<u8>> {
        // SAFETY: a live connection; the chain is its own, or null.
        let verified = unsafe { (self.library.call.ssl_verified_chain)(self.ssl) };
        if !verified.is_null() {
            return self.listed(verified);
        }
        // SAFETY: as above.
        let sent = unsafe { (self.library.call.ssl_peer_chain)(self.ssl) };
        self.listed(sent)
    }

    fn listed(&self, chain: *mut Stack) -> Vec<Vec<u8>> {
        // SAFETY: a live list, or null, which has -1 items.
        let count = unsafe { (self.library.call.stack_count)(chain) };
        (0..count)
            .filter_map(|index| {
                // SAFETY: a live list and an index inside of it.
                let certificate: *mut X509 = unsafe { (self.library.call.stack_item)(chain, index) }.cast();
                (!certificate.is_null()).then(|| self.library.der(certificate))
            })
            .collect()
    }

    /// Whether the handshake was a short one.
    pub(crate) fn is_resumed(&self) -> bool {
        // SAFETY: a live connection.
        unsafe { (self.library.call.ssl_reused)(self.ssl) == 1 }
    }

    /// Whether the peer has asked for a client certificate.
    pub(crate) fn is_asked(&self) -> bool {
        // SAFETY: a live connection; the list is its own, and null unless it was sent one, be it empty.
        !unsafe { (self.library.call.ssl_asked_authorities)(self.ssl) }.is_null()
    }

    /// Handshakes there have been after the first, the one under way among them.
    pub(crate) fn renegotiations(&self) -> c_long {
        // SAFETY: a live connection; the command takes nothing.
        unsafe { (self.library.call.ssl_ctrl)(self.ssl, CTRL_RENEGOTIATIONS, 0, std::ptr::null_mut()) }
    }

    /// Whether no handshake is under way.
    pub(crate) fn is_settled(&self) -> bool {
        // SAFETY: a live connection.
        unsafe { (self.library.call.ssl_finished)(self.ssl) == 1 }
    }

    /// What a later connection can resume; tickets of TLS 1.3 come some time after the handshake.
    pub(crate) fn resumption(&mut self) -> Option<Resumption> {
        if self.broken {
            return None;
        }
        // SAFETY: a live connection; a reference of our own is given, or null.
        let session = unsafe { (self.library.call.ssl_get_session)(self.ssl) };
        (!session.is_null()).then_some(Resumption { library: self.library, session })
    }

    fn outcome(&mut self, result: c_int) -> Result<Outcome, Failure> {
        if let Ok(count @ 1..) = usize::try_from(result) {
            return Ok(Outcome::Bytes(count));
        }
        // SAFETY: a live connection, and the result of the call just made on this thread.
        let error = unsafe { (self.library.call.ssl_error)(self.ssl, result) };
        match error {
            ERROR_WANT_READ | ERROR_WANT_WRITE => return Ok(Outcome::Wait),
            ERROR_ZERO_RETURN => return Ok(Outcome::End(true)),
            _ => {}
        }
        let entries = self.library.take_errors();
        let reasons: Vec<i32> = entries.iter().filter_map(|entry| entry.reason).collect();
        self.broken = true;
        if self.ended
            && matches!(error, ERROR_SYSCALL | ERROR_SSL)
            && (entries.is_empty() || reasons.contains(&REASON_UNEXPECTED_EOF))
        {
            return Ok(Outcome::End(false));
        }
        let text = entries.into_iter().next().map_or_else(|| format!("error {error}"), |entry| entry.text);
        Err(self.failure(reasons, text))
    }

    fn failure(&mut self, reasons: Vec<i32>, text: String) -> Failure {
        let asked = self.is_asked();
        // SAFETY: the box of this connection; the library is not being called.
        let refused = std::mem::take(unsafe { &mut *self.refused });
        // SAFETY: a live connection.
        let verdict = unsafe { (self.library.call.ssl_verify_result)(self.ssl) };
        let verdict = if refused.error == 0 { c_int::try_from(verdict).unwrap_or(1) } else { refused.error };
        // There is a verdict without verification too, and then it is not the reason.
        let refusal = reasons.contains(&REASON_VERIFY_FAILED).then_some(verdict);
        Failure {
            reasons,
            refusal,
            verdict: refusal.map(|code| self.library.refusal(code)).unwrap_or_default(),
            certificate: (!refused.certificate.is_empty()).then_some(refused.certificate),
            asked,
            text,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.broken {
            // Without this the library would take its session for a broken one.
            // SAFETY: a live connection; nothing is sent.
            unsafe { (self.library.call.ssl_set_shutdown)(self.ssl, SHUTDOWN_BOTH) };
        }
        // SAFETY: the reference that making it gave, released once, and with it both buffers.
        unsafe { (self.library.call.ssl_free)(self.ssl) };
        // SAFETY: of a box, released once, after the connection that knew it.
        drop(unsafe { Box::from_raw(self.refused) });
    }
}
