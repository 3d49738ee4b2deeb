//! SSPI of Windows (secur32): one security context as its initiator. Calls may wait for a domain controller.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{
    SEC_E_LOGON_DENIED, SEC_E_NO_CREDENTIALS, SEC_E_SECPKG_NOT_FOUND, SEC_I_COMPLETE_AND_CONTINUE,
    SEC_I_COMPLETE_NEEDED, SEC_I_CONTINUE_NEEDED,
};
use windows_sys::Win32::Security::Authentication::Identity::{
    AcquireCredentialsHandleW, CompleteAuthToken, DeleteSecurityContext, FreeContextBuffer,
    FreeCredentialsHandle, ISC_REQ_ALLOCATE_MEMORY, ISC_REQ_MUTUAL_AUTH, InitializeSecurityContextW,
    SEC_CHANNEL_BINDINGS, SECBUFFER_CHANNEL_BINDINGS, SECBUFFER_TOKEN, SECBUFFER_VERSION,
    SECPKG_CRED_OUTBOUND, SECURITY_NATIVE_DREP, SecBuffer, SecBufferDesc,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::Win32::System::Rpc::{SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_W};

use crate::os::{Failure, Identity, Package, Reason};

/// One security context. Everything it holds of the system's is given back when it is dropped.
pub struct Context {
    credentials: SecHandle,
    context: Option<SecHandle>,
    /// `HTTP/host`, ended by a zero.
    service: Vec<u16>,
}

impl Context {
    /// A context with the service `HTTP` of `host`, as the current user or as `identity`.
    ///
    /// # Errors
    /// A package that is not there, nobody logged on.
    pub fn new(package: Package, host: &str, identity: Option<&Identity>) -> Result<Self, Failure> {
        let package = wide(if package == Package::Ntlm { "NTLM" } else { "Negotiate" });
        let mut parts = identity.map(Parts::new);
        let identity = parts.as_mut().map(Parts::identity);
        let data = identity.as_ref().map_or(null(), std::ptr::from_ref).cast::<c_void>();
        let (mut credentials, mut expiry) = (EMPTY, 0);
        // SAFETY: the package and the identity outlive the call, which copies them; handle and expiry may be written.
        let status = unsafe {
            AcquireCredentialsHandleW(
                null(),
                package.as_ptr(),
                SECPKG_CRED_OUTBOUND,
                null(),
                data,
                None,
                null(),
                &raw mut credentials,
                &raw mut expiry,
            )
        };
        if status < 0 {
            return Err(failure(status));
        }
        Ok(Self { credentials, context: None, service: wide(&format!("HTTP/{host}")) })
    }

    /// Takes the peer's token (empty at first) and gives ours, which is empty when nothing more is to be said.
    /// `binding` is what binds the context to a TLS channel.
    ///
    /// # Errors
    /// Those of the system, in its words.
    pub fn step(&mut self, input: &[u8], binding: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        let mut bindings = binding.map(bindings);
        let mut parts = Vec::with_capacity(2);
        if !input.is_empty() {
            parts.push(buffer(SECBUFFER_TOKEN, input.as_ptr().cast_mut().cast(), input.len()));
        }
        if let Some(bindings) = &mut bindings {
            parts.push(buffer(SECBUFFER_CHANNEL_BINDINGS, bindings.as_mut_ptr().cast(), bindings.len()));
        }
        let input = description(&mut parts);
        let mut out = [buffer(SECBUFFER_TOKEN, null_mut(), 0)];
        let mut output = description(&mut out);
        let mut made = self.context.unwrap_or(EMPTY);
        let known = self.context.as_ref().map_or(null(), std::ptr::from_ref);
        let (mut attributes, mut expiry) = (0, 0);
        // SAFETY: every pointer is null or to a value that outlives the call; the system reads the input buffers only,
        // allocates the output, which `Token` gives back, and fills the context.
        let mut status = unsafe {
            InitializeSecurityContextW(
                &raw const self.credentials,
                known,
                self.service.as_ptr(),
                ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH,
                0,
                SECURITY_NATIVE_DREP,
                if parts.is_empty() { null() } else { &raw const input },
                0,
                &raw mut made,
                &raw mut output,
                &raw mut attributes,
                &raw mut expiry,
            )
        };
        let [out] = out;
        let token = Token(out);
        if status >= 0 {
            self.context = Some(made);
        }
        if status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE {
            let mut completed = [token.0];
            let output = description(&mut completed);
            // SAFETY: the context was just made and the token is the one it gave.
            let done = unsafe { CompleteAuthToken(&raw const made, &raw const output) };
            if done < 0 {
                status = done;
            }
        }
        if status < 0 {
            return Err(failure(status));
        }
        let token = token.bytes();
        if status == SEC_I_CONTINUE_NEEDED && token.is_empty() {
            let words = "the system waits for more without having said anything".to_owned();
            return Err(Failure { reason: Reason::Refused, words });
        }
        Ok(token)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(context) = &self.context {
            // SAFETY: the context is the system's and is not used again.
            unsafe { DeleteSecurityContext(context) };
        }
        // SAFETY: the handle is the system's and is not used again.
        unsafe { FreeCredentialsHandle(&raw const self.credentials) };
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Context(***)")
    }
}

const EMPTY: SecHandle = SecHandle { dwLower: 0, dwUpper: 0 };

/// User, domain and password where `SEC_WINNT_AUTH_IDENTITY_W` can point to them.
struct Parts {
    user: Vec<u16>,
    domain: Vec<u16>,
    password: Vec<u16>,
}

impl Parts {
    fn new(identity: &Identity) -> Self {
        let (domain, user) = identity.user.split_once('\\').unwrap_or(("", &identity.user));
        Self { user: wide(user), domain: wide(domain), password: wide(&identity.password) }
    }

    fn identity(&mut self) -> SEC_WINNT_AUTH_IDENTITY_W {
        let length = |text: &[u16]| u32::try_from(text.len().saturating_sub(1)).unwrap_or(0);
        SEC_WINNT_AUTH_IDENTITY_W {
            UserLength: length(&self.user),
            DomainLength: length(&self.domain),
            PasswordLength: length(&self.password),
            User: self.user.as_mut_ptr(),
            Domain: self.domain.as_mut_ptr(),
            Password: self.password.as_mut_ptr(),
            Flags: SEC_WINNT_AUTH_IDENTITY_UNICODE,
        }
    }
}

/// A token the system allocated.
struct Token(SecBuffer);

impl Token {
    fn bytes(&self) -> Vec<u8> {
        let length = usize::try_from(self.0.cbBuffer).unwrap_or(0);
        if self.0.pvBuffer.is_null() || length == 0 {
            return Vec::new();
        }
        // SAFETY: the system filled the buffer with so many bytes, which live until it is freed.
        unsafe { std::slice::from_raw_parts(self.0.pvBuffer.cast::<u8>(), length) }.to_vec()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if !self.0.pvBuffer.is_null() {
            // SAFETY: the system allocated it (ISC_REQ_ALLOCATE_MEMORY) and nobody uses it any more.
            unsafe { FreeContextBuffer(self.0.pvBuffer) };
        }
    }
}

fn buffer(kind: u32, value: *mut c_void, length: usize) -> SecBuffer {
    SecBuffer { cbBuffer: u32::try_from(length).unwrap_or(0), BufferType: kind, pvBuffer: value }
}

fn description(buffers: &mut [SecBuffer]) -> SecBufferDesc {
    SecBufferDesc {
        ulVersion: SECBUFFER_VERSION,
        cBuffers: u32::try_from(buffers.len()).unwrap_or(0),
        pBuffers: buffers.as_mut_ptr(),
    }
}

/// `SEC_CHANNEL_BINDINGS` with application data only, followed by the data. All its fields are 32-bit numbers.
fn bindings(data: &[u8]) -> Vec<u8> {
    let head = size_of::<SEC_CHANNEL_BINDINGS>();
    let number = |value: usize| u32::try_from(value).unwrap_or(0).to_ne_bytes();
    let mut out = vec![0; head];
    // The last two fields: length of the application data, and where it begins.
    if let Some(end) = out.get_mut(head.saturating_sub(8)..) {
        end.copy_from_slice(&[number(data.len()), number(head)].concat());
    }
    out.extend_from_slice(data);
    out
}

fn failure(status: i32) -> Failure {
    let reason = match status {
        SEC_E_NO_CREDENTIALS => Reason::NoCredentials,
        SEC_E_LOGON_DENIED => Reason::WrongPassword,
        SEC_E_SECPKG_NOT_FOUND => Reason::NoLibrary,
        _ => Reason::Refused,
    };
    Failure { reason, words: std::io::Error::from_raw_os_error(status).to_string() }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]
mod tests {
    use super::*;

    /// Flags of a challenge: Unicode, NTLM, extended session security, target information, 128 and 56 bits.
    const FLAGS: u32 = 0xA288_8205;

    fn challenge() -> Vec<u8> {
        let name: Vec<u8> = "Domain".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let mut info = vec![2, 0];
        info.extend(length);
        info.extend(&name);
        info.extend([0; 4]);
        let mut bytes = b"NTLMSSP\0\x02\0\0\0".to_vec();
        bytes.extend([length, length].concat());
        bytes.extend(56_u32.to_le_bytes());
        bytes.extend(FLAGS.to_le_bytes());
        bytes.extend([1, 2, 3, 4, 5, 6, 7, 8]);
        bytes.extend([0; 8]);
        let size = u16::try_from(info.len()).unwrap().to_le_bytes();
        bytes.extend([size, size].concat());
        bytes.extend((56 + u32::try_from(name.len()).unwrap()).to_le_bytes());
        bytes.extend([6, 1, 0, 0, 0, 0, 0, 15]);
        bytes.extend(name);
        bytes.extend(info);
        bytes
    }

    #[test]
    fn ntlm_of_the_system_speaks_for_a_named_user() {
        let identity = Identity { user: "Domain\\User".to_owned(), password: "Password".to_owned() };
        let mut context = match Context::new(Package::Ntlm, "server.example", Some(&identity)) {
            // Wine has it by the program ntlm_auth of Samba only.
            Err(failure) if failure.reason == Reason::NoLibrary && crate::os::is_wine() => {
                return println!("ABSENT: NTLM of the system ({})", failure.words);
            }
            other => other.unwrap(),
        };
        let first = context.step(&[], None).unwrap();
        assert_eq!(first.get(..12), Some(b"NTLMSSP\0\x01\0\0\0".as_slice()));
        let third = context.step(&challenge(), Some(b"tls-server-end-point:0123456789")).unwrap();
        assert_eq!(third.get(..12), Some(b"NTLMSSP\0\x03\0\0\0".as_slice()));
        let user: Vec<u8> = "User".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(third.windows(user.len()).any(|part| part == user.as_slice()), "no user name in {third:x?}");
    }

    #[test]
    fn token_that_is_none_is_an_error() {
        let identity = Identity { user: "User".to_owned(), password: "Password".to_owned() };
        let Ok(mut context) = Context::new(Package::Ntlm, "server.example", Some(&identity)) else {
            assert!(crate::os::is_wine(), "every Windows has NTLM");
            return println!("ABSENT: NTLM of the system");
        };
        context.step(&[], None).unwrap();
        assert!(context.step(b"no challenge at all", None).is_err());
    }
}
