//! The compatible provider on Windows: SChannel, through the `schannel` crate, as a [`Session`].
//!
//! The crate wants a stream: it gets one in memory that is never ready by itself. Roots are the system's; own ones are
//! added to them, or required in the verified chain. Revocation lists and keys outside the system's store are not for
//! this provider (see `support`): importing a key would leave it in the user's key store.
//!
//! Under Wine the certificates are verified as the modern provider does it: Wine's own verdict (version 8) refuses every
//! complete chain for want of revocation lists and lets an incomplete one pass.

use std::io::{self, BufRead, ErrorKind as Io, IoSlice, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use schannel::cert_context::{CertContext, HashAlgorithm};
use schannel::cert_store::{CertAdd, CertStore, Memory};
use schannel::schannel_cred::{Direction, Protocol, SchannelCred};
use schannel::tls_stream::{Builder, CertValidationResult, HandshakeError, MidHandshakeTlsStream, TlsStream};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;

use super::apart::{LONGEST, no_verdict};
use super::certificate::{describe, is_national, validity};
use super::explain::unpinned;
use super::notes::Notes;
use super::pins::pin_of;
use super::session::{Session, TlsFault};
use super::verify::Verifier;
use super::{
    Identity, IdentityProblem, StoreSearch, TlsProblem, TlsSettings, TlsVersion, Trust, plain_problem,
};
use crate::engine::alone::ask_for_request;

/// An SChannel connection.
pub(crate) struct SChannel {
    state: State,
    refused: Refused,
    /// The peer said close_notify.
    closed: bool,
}

enum State {
    Shaking(Box<MidHandshakeTlsStream<Wire>>),
    Open(Box<TlsStream<Wire>>),
    /// It failed; nothing of it is left.
    Broken,
}

/// Why the certificate was refused, from inside the handshake.
type Refused = Arc<Mutex<Option<TlsProblem>>>;

/// Both directions of ciphertext, in memory.
#[derive(Debug, Default)]
struct Wire {
    incoming: Vec<u8>,
    read: usize,
    outgoing: Vec<u8>,
    sent: usize,
    /// Nothing more will come, and whether that was noticed.
    ended: bool,
    noticed: bool,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.incoming.get(self.read..).unwrap_or_default();
        if rest.is_empty() {
            self.noticed |= self.ended;
            return if self.ended { Ok(0) } else { Err(Io::WouldBlock.into()) };
        }
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.read += count;
        if self.read == self.incoming.len() {
            self.incoming.clear();
            self.read = 0;
        }
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.try_reserve(bytes.len()).map_err(|_| Io::OutOfMemory)?;
        self.outgoing.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SChannel {
    /// A connection to `name`.
    pub(crate) fn new(name: &ServerName<'static>, settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let other = |error: io::Error| plain_problem("other", error.to_string());
        let mut credentials = SchannelCred::builder();
        credentials.enabled_protocols(&protocols(settings));
        if let Some(Identity::Store(search)) = settings.identity.as_deref() {
            let found = find(search).map_err(|problem| plain_problem("other", problem.detail))?;
            credentials.cert(found);
        }
        let credentials = credentials.acquire(Direction::Outbound).map_err(other)?;
        let refused = Refused::default();
        let mut builder = Builder::new();
        builder.domain(&name.to_str()).use_sni(matches!(name, ServerName::DnsName(_)));
        if let Trust::Own(own) | Trust::SystemAnd(own) = &settings.trust {
            builder.cert_store(store_of(own)?);
        }
        builder.accept_invalid_hostnames(matches!(settings.trust, Trust::None));
        let (trust, pins, noted) = (settings.trust.clone(), settings.pins.clone(), refused.clone());
        let own = if crate::os::is_wine() { Some(OwnVerdict::new(name, settings)?) } else { None };
        builder.verify_callback(move |result| {
            let verdict = match &own {
                Some(own) => own.judge(&result),
                None => judge(&result, &trust, &pins),
            };
            verdict.map_err(|problem| {
                let text = problem.detail.clone();
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                io::Error::other(text)
            })
        });
        let state = match builder.connect(credentials, Wire::default()) {
            Ok(open) => State::Open(Box::new(open)),
            Err(HandshakeError::Interrupted(shaking)) => State::Shaking(Box::new(shaking)),
            Err(HandshakeError::Failure(error)) => return Err(other(error)),
        };
        Ok(Self { state, refused, closed: false })
    }

    fn wire(&self) -> Option<&Wire> {
        match &self.state {
            State::Shaking(shaking) => Some(shaking.get_ref()),
            State::Open(open) => Some(open.get_ref()),
            State::Broken => None,
        }
    }

    fn wire_mut(&mut self) -> Option<&mut Wire> {
        match &mut self.state {
            State::Shaking(shaking) => Some(shaking.get_mut()),
            State::Open(open) => Some(open.get_mut()),
            State::Broken => None,
        }
    }

    /// Lets the library work on what has come; whether a reader would see something.
    fn advance(&mut self) -> Result<bool, TlsFault> {
        if let State::Shaking(_) = self.state
            && let State::Shaking(shaking) = std::mem::replace(&mut self.state, State::Broken)
        {
            // The system may fetch missing issuers meanwhile, for longer than the request may last.
            let step = ask_for_request(move || shaking.handshake(), LONGEST)
                .map_err(|none| Box::new(plain_problem("other", no_verdict(&none))))?;
            self.state = match step {
                Ok(open) => State::Open(Box::new(open)),
                Err(HandshakeError::Interrupted(shaking)) => State::Shaking(Box::new(shaking)),
                Err(HandshakeError::Failure(error)) => return Err(self.explained(&error)),
            };
        }
        let State::Open(open) = &mut self.state else { return Ok(false) };
        match open.fill_buf() {
            Ok([]) => {
                self.closed |= !open.get_ref().noticed;
                Ok(true)
            }
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Io::WouldBlock => Ok(false),
            Err(error) => Err(self.explained(&error)),
        }
    }

    fn explained(&self, error: &io::Error) -> TlsFault {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::new(refused.unwrap_or_else(|| plain_problem(word(error, None), error.to_string())))
    }
}

impl Session for SChannel {
    fn receive(&mut self, ciphertext: &[u8]) -> Result<usize, TlsFault> {
        let Some(wire) = self.wire_mut() else { return Err(broken()) };
        if ciphertext.is_empty() {
            wire.ended = true;
            return Ok(0);
        }
        wire.incoming
            .try_reserve(ciphertext.len())
            .map_err(|_| Box::new(plain_problem("other", "no memory for ciphertext")))?;
        wire.incoming.extend_from_slice(ciphertext);
        self.advance()?;
        Ok(ciphertext.len())
    }

    fn has_output(&self) -> bool {
        self.wire().is_some_and(|wire| wire.sent < wire.outgoing.len())
    }

    fn send(&mut self, out: &mut dyn Write) -> io::Result<usize> {
        let Some(wire) = self.wire_mut() else { return Ok(0) };
        let count = out.write(wire.outgoing.get(wire.sent..).unwrap_or_default())?;
        wire.sent += count;
        if wire.sent >= wire.outgoing.len() {
            wire.outgoing.clear();
            wire.sent = 0;
        }
        Ok(count)
    }

    fn is_handshaking(&self) -> bool {
        !matches!(self.state, State::Open(_))
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let State::Open(open) = &mut self.state else { return Err(Io::NotConnected.into()) };
        match open.read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.closed |= !open.get_ref().noticed;
                Ok(Some(0))
            }
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == Io::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn has_input(&mut self) -> Result<bool, TlsFault> {
        self.advance()
    }

    fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let State::Open(open) = &mut self.state else { return Err(Io::NotConnected.into()) };
        let Some(part) = parts.iter().find(|part| !part.is_empty()) else { return Ok(0) };
        match open.write(part) {
            // A handshake is under way: the peer has to say something first.
            Err(error) if error.kind() == Io::WouldBlock => Ok(0),
            other => other,
        }
    }

    fn is_closed(&self) -> bool {
        self.closed
    }

    fn close(&mut self) {
        if let State::Open(open) = &mut self.state {
            // Whether the goodbye gets through is nobody's concern any more.
            let _ = open.shutdown();
        }
    }
}

fn broken() -> TlsFault {
    Box::new(plain_problem("handshake", "the connection has failed already"))
}

fn protocols(settings: &TlsSettings) -> Vec<Protocol> {
    let (oldest, newest) =
        (settings.minimum.unwrap_or(TlsVersion::V1_0), settings.maximum.unwrap_or(TlsVersion::V1_3));
    [
        (TlsVersion::V1_0, Protocol::Tls10),
        (TlsVersion::V1_1, Protocol::Tls11),
        (TlsVersion::V1_2, Protocol::Tls12),
        (TlsVersion::V1_3, Protocol::Tls13),
    ]
    .into_iter()
    .filter(|(version, _)| (oldest..=newest).contains(version))
    .map(|(_, protocol)| protocol)
    .collect()
}

fn store_of(own: &[Vec<u8>]) -> Result<CertStore, TlsProblem> {
    let unusable = |error: io::Error| plain_problem("bad-ca", error.to_string());
    let mut store = Memory::new().map_err(unusable)?.into_store();
    let mut last = None;
    let readable = own.iter().filter(|der| {
        let added = CertContext::new(der).and_then(|one| store.add_cert(&one, CertAdd::Always));
        added.map_err(|error| last = Some(error)).is_ok()
    });
    if readable.count() == 0 {
        return Err(last.map_or_else(|| plain_problem("bad-ca", "no certificate"), unusable));
    }
    Ok(store)
}

/// The verdict of the modern provider's verifier.
struct OwnVerdict {
    verifier: Verifier,
    name: ServerName<'static>,
}

impl OwnVerdict {
    fn new(name: &ServerName<'static>, settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new(settings, &provider, Arc::new(Notes::default()))?;
        Ok(Self { verifier, name: name.clone() })
    }

    fn judge(&self, result: &CertValidationResult) -> Result<(), TlsProblem> {
        let mut chain = certificates(result).into_iter().map(CertificateDer::from);
        let leaf =
            chain.next().ok_or_else(|| plain_problem("handshake", "the server sent no certificate"))?;
        let others: Vec<CertificateDer<'_>> = chain.collect();
        self.verifier.verify(&leaf, &others, &self.name, &[], UnixTime::now()).map_err(|(_, problem)| problem)
    }
}

/// The certificates of a chain, the server's first.
fn certificates(result: &CertValidationResult) -> Vec<Vec<u8>> {
    result.chain().iter().flat_map(|chain| chain.certificates()).map(|one| one.to_der().to_vec()).collect()
}

/// The verdict on a chain the system has looked at.
fn judge(result: &CertValidationResult, trust: &Trust, pins: &[[u8; 32]]) -> Result<(), TlsProblem> {
    let chain = certificates(result);
    let refused = |error: &io::Error| {
        let failed = result.failed_certificate().map(|one| one.to_der().to_vec());
        let parsed = failed.as_ref().or(chain.first()).and_then(|der| Parsed::from_der(der).ok());
        TlsProblem {
            word: word(error, parsed.as_ref()),
            detail: error.to_string(),
            certificate: parsed.as_ref().map(describe),
        }
    };
    let verified = !matches!(trust, Trust::None);
    if verified {
        result.result().map_err(|error| refused(&error))?;
    }
    // The system's own roots are not among those trusted then.
    if let Trust::Own(own) = trust
        && !chain.iter().any(|der| own.contains(der))
    {
        return Err(refused(&io::Error::from_raw_os_error(CERT_E_UNTRUSTEDROOT)));
    }
    if pins.is_empty() {
        return Ok(());
    }
    // Nothing links the others to the first without verification.
    let counted = if verified { chain.len() } else { 1 };
    let keys: Vec<[u8; 32]> = chain
        .iter()
        .take(counted)
        .filter_map(|der| CertContext::new(der).and_then(|one| one.subject_public_key_info_der()).ok())
        .map(|key| pin_of(&key))
        .collect();
    if keys.iter().any(|key| pins.contains(key)) {
        return Ok(());
    }
    let leaf = CertificateDer::from(chain.into_iter().next().unwrap_or_default());
    Err(unpinned(&leaf, &[], &keys))
}

const CERT_E_UNTRUSTEDROOT: i32 = hresult(0x800B_0109);

/// HRESULTs are written without a sign and kept with one.
const fn hresult(code: u32) -> i32 {
    code.cast_signed()
}

/// The word for a code of SChannel or of certificate verification.
fn word(error: &io::Error, certificate: Option<&Parsed>) -> &'static str {
    let Some(code) = error.raw_os_error() else { return "handshake" };
    let national = certificate.is_some_and(is_national);
    match code.cast_unsigned() {
        // CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, SEC_E_UNTRUSTED_ROOT, SEC_E_CERT_UNKNOWN
        0x800B_0109 | 0x800B_010A | 0x8009_0325 | 0x8009_0327 if !national => "unknown-issuer",
        // CERT_E_EXPIRED, SEC_E_CERT_EXPIRED: either end of the validity.
        0x800B_0101 | 0x8009_0328 => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            match certificate.map(validity) {
                Some((from, _)) if from > now => "not-yet-valid",
                _ => "expired",
            }
        }
        // CERT_E_CN_NO_MATCH, SEC_E_WRONG_PRINCIPAL
        0x800B_010F | 0x8009_0322 => match certificate.map(describe) {
            Some(certificate) if certificate.names.is_empty() => "no-names",
            _ => "wrong-name",
        },
        // CERT_E_REVOKED, CRYPT_E_REVOKED
        0x800B_010C | 0x8009_2010 => "revoked",
        // CERT_E_PURPOSE, CERT_E_WRONG_USAGE
        0x800B_0106 | 0x800B_0110 => "purpose",
        // TRUST_E_CERT_SIGNATURE, TRUST_E_BASIC_CONSTRAINTS
        0x8009_6004 if !national => "bad-signature",
        0x8009_6019 => "not-a-ca",
        0x800B_0109 | 0x800B_010A | 0x8009_0325 | 0x8009_0327 | 0x8009_6004 => "national",
        // SEC_E_UNSUPPORTED_FUNCTION: the peer's version is not enabled.
        0x8009_0302 => "protocol-version",
        // SEC_I_INCOMPLETE_CREDENTIALS, SEC_E_NO_CREDENTIALS
        0x0009_0320 | 0x8009_030E => "certificate-required",
        _ => "handshake",
    }
}

/// The one certificate of the user's or the machine's store that is meant.
///
/// # Errors
/// The word `store`: none, or more than one.
fn find(search: &StoreSearch) -> Result<CertContext, IdentityProblem> {
    let problem = |detail: String| IdentityProblem { word: "store", detail };
    let mut found: Vec<CertContext> = Vec::new();
    for store in [CertStore::open_current_user("My"), CertStore::open_local_machine("My")] {
        // The machine's is not for everybody.
        let Ok(store) = store else { continue };
        for one in store.certs().filter(|one| fits(one, search)) {
            if !found.iter().any(|known| known.to_der() == one.to_der()) {
                found.push(one);
            }
        }
    }
    let count = found.len();
    match (found.pop(), count) {
        (Some(one), 1) => Ok(one),
        (None, _) => Err(problem("no such certificate with a key".to_owned())),
        _ => Err(problem(format!("{count} certificates fit, say which by its thumbprint"))),
    }
}

/// Whether a certificate is meant, and can be used: it has a key, and is valid now if it was searched by its subject.
fn fits(one: &CertContext, search: &StoreSearch) -> bool {
    let meant = match search {
        StoreSearch::Thumbprint(thumbprint) => {
            one.fingerprint(HashAlgorithm::sha1()).is_ok_and(|found| found == thumbprint)
        }
        StoreSearch::Subject(part) => {
            one.is_time_valid().unwrap_or(false)
                && Parsed::from_der(one.to_der()).is_ok_and(|parsed| {
                    describe(&parsed).subject.to_lowercase().contains(&part.to_lowercase())
                })
        }
    };
    meant && one.private_key().silent(true).acquire().is_ok()
}

/// Whether the identity of `settings` can be used.
///
/// # Errors
/// The word `store` when the certificate is not found.
pub(crate) fn check_identity(settings: &TlsSettings) -> Result<(), IdentityProblem> {
    match settings.identity.as_deref() {
        Some(Identity::Store(search)) => find(search).map(|_| ()),
        _ => Ok(()),
    }
}
