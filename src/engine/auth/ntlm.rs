//! NTLM version 2: the messages of MS-NLMP, from an account and a challenge to the answer.
//!
//! Never version 1, never LM, never a session key sent (so no RC4): the connection is what gets authenticated, and TLS
//! protects it. Knows nothing of HTTP; `negotiate` drives it.

use md4::{Digest, Md4};
use md5::Md5;
use time::OffsetDateTime;

use crate::engine::digest::{Hash, hmac};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

const UNICODE: u32 = 0x0000_0001;
const REQUEST_TARGET: u32 = 0x0000_0004;
const SIGN: u32 = 0x0000_0010;
const NTLM: u32 = 0x0000_0200;
const ALWAYS_SIGN: u32 = 0x0000_8000;
const EXTENDED_SECURITY: u32 = 0x0008_0000;
const TARGET_INFO: u32 = 0x0080_0000;
const KEY_128: u32 = 0x2000_0000;
const KEY_56: u32 = 0x8000_0000;
/// What is offered. Signing is only for the list of mechanisms when NTLM is inside SPNEGO.
const OFFERED: u32 =
    UNICODE | REQUEST_TARGET | SIGN | NTLM | ALWAYS_SIGN | EXTENDED_SECURITY | TARGET_INFO | KEY_128 | KEY_56;

// Kinds of what a server says of itself (section 2.2.2.1).
const AV_END: u16 = 0;
const AV_FLAGS: u16 = 6;
const AV_TIMESTAMP: u16 = 7;
const AV_TARGET_NAME: u16 = 9;
const AV_CHANNEL_BINDINGS: u16 = 10;
/// Flag of [`AV_FLAGS`]: the answer carries a code over all three messages.
const WITH_MIC: u32 = 2;

/// Length of the fixed part of an answer, and where its message integrity code stands.
const ANSWER_HEAD: usize = 88;
const MIC_AT: usize = 72;

/// Who logs on.
#[derive(Clone)]
pub(super) struct Account {
    user: String,
    domain: String,
    password: String,
}

impl Account {
    /// From `user`, `DOMAIN\user` or `user@domain`. The last form goes to the server as it is, which is how a name of
    /// Active Directory is understood.
    pub(super) fn new(user: &str, password: &str) -> Self {
        let (domain, user) = user.split_once('\\').unwrap_or(("", user));
        Self { user: user.to_owned(), domain: domain.to_owned(), password: password.to_owned() }
    }

    /// NTOWFv2 of section 3.3.2.
    fn key(&self) -> Vec<u8> {
        let password = Md4::digest(wide(&self.password));
        let name = format!("{}{}", upper(&self.user), self.domain);
        hmac(Hash::Md5, &password, &wide(&name))
    }
}

/// One run of the protocol.
pub(super) struct Ntlm {
    account: Account,
    /// Name of the service asked, `HTTP/host`.
    service: String,
    /// The first message, over which the answer's code goes too.
    first: Vec<u8>,
    session: Option<Session>,
}

struct Session {
    key: Vec<u8>,
    signs: bool,
    with_mic: bool,
}

/// What varies from answer to answer.
pub(super) struct Moment<'a> {
    /// Time, for servers that do not say theirs.
    pub(super) now: OffsetDateTime,
    /// Our eight random bytes.
    pub(super) nonce: [u8; 8],
    /// Data of the TLS channel (RFC 5929), with its prefix.
    pub(super) binding: Option<&'a [u8]>,
}

impl Ntlm {
    /// A run for `account` with the service `HTTP/host`.
    pub(super) fn new(account: Account, service: String) -> Self {
        let mut first = Vec::with_capacity(32);
        first.extend_from_slice(SIGNATURE);
        first.extend_from_slice(&1u32.to_le_bytes());
        first.extend_from_slice(&OFFERED.to_le_bytes());
        // Neither domain nor workstation.
        first.extend_from_slice(&[0; 16]);
        Self { account, service, first, session: None }
    }

    /// NEGOTIATE_MESSAGE, section 2.2.1.1.
    pub(super) fn first(&self) -> &[u8] {
        &self.first
    }

    /// AUTHENTICATE_MESSAGE for a CHALLENGE_MESSAGE.
    ///
    /// # Errors
    /// What is wrong with the challenge, in words.
    pub(super) fn answer(&mut self, challenge: &[u8], moment: &Moment<'_>) -> Result<Vec<u8>, &'static str> {
        let asked = Challenge::parse(challenge)?;
        let key = self.account.key();
        let with_mic = asked.timestamp.is_some();
        let target = self.target_info(&asked, moment.binding);
        let time = asked.timestamp.unwrap_or_else(|| file_time(moment.now));
        let (proof, response) = respond(&key, &asked.nonce, &moment.nonce, time, &target);
        let session_key = hmac(Hash::Md5, &key, &proof);
        // Section 3.1.5.1.2: a server that tells its time gets no LM response.
        let lm = if with_mic { vec![0; 24] } else { lm_response(&key, &asked.nonce, &moment.nonce) };
        let parts =
            [lm, response, wide(&self.account.domain), wide(&self.account.user), Vec::new(), Vec::new()];
        let mut answer = message(&parts, asked.flags & OFFERED)?;
        if with_mic {
            let all = [&self.first, challenge, &answer].concat();
            let code = hmac(Hash::Md5, &session_key, &all);
            if let Some(place) = answer.get_mut(MIC_AT..ANSWER_HEAD) {
                place.copy_from_slice(&code);
            }
        }
        let signs = asked.flags & (SIGN | EXTENDED_SECURITY) == SIGN | EXTENDED_SECURITY;
        self.session = Some(Session { key: session_key, signs, with_mic });
        Ok(answer)
    }

    /// Signature of the first message from us (section 3.4.4.2); `None` where it is not needed or cannot be made.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let session = self.session.as_ref().filter(|session| session.signs && session.with_mic)?;
        let magic = b"session key to client-to-server signing key magic constant\0";
        let key = Md5::digest([session.key.as_slice(), magic].concat());
        let code = hmac(Hash::Md5, &key, &[&[0; 4], message].concat());
        Some([&1u32.to_le_bytes(), code.get(..8)?, &[0; 4]].concat())
    }

    /// What the server said of itself, with what the client adds to it (section 3.1.5.1.2).
    fn target_info(&self, asked: &Challenge<'_>, binding: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::with_capacity(asked.target_info.len() + 128);
        let mut flags = 0;
        for (kind, value) in pairs(asked.target_info) {
            match kind {
                AV_FLAGS => flags = value.try_into().map_or(0, u32::from_le_bytes),
                AV_CHANNEL_BINDINGS | AV_TARGET_NAME => {}
                _ => put_pair(&mut out, kind, value),
            }
        }
        if asked.timestamp.is_some() {
            flags |= WITH_MIC;
        }
        if flags != 0 {
            put_pair(&mut out, AV_FLAGS, &flags.to_le_bytes());
        }
        put_pair(&mut out, AV_CHANNEL_BINDINGS, &binding.map_or([0; 16], binding_hash));
        put_pair(&mut out, AV_TARGET_NAME, &wide(&self.service));
        put_pair(&mut out, AV_END, &[]);
        out
    }
}

/// CHALLENGE_MESSAGE, section 2.2.1.2.
struct Challenge<'a> {
    flags: u32,
    nonce: [u8; 8],
    target_info: &'a [u8],
    timestamp: Option<u64>,
}

impl<'a> Challenge<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        if !bytes.starts_with(SIGNATURE) || number(bytes, 8) != Some(2) {
            return Err("not an NTLM challenge");
        }
        let flags = number(bytes, 20).ok_or("NTLM challenge cut short")?;
        let nonce = array(bytes, 24).ok_or("NTLM challenge cut short")?;
        if flags & UNICODE == 0 {
            return Err("NTLM challenge without Unicode");
        }
        // Where no message reaches: the sender repeats our flags and has not filled in these fields (squid's helper).
        let unfilled = number(bytes, 16).is_some_and(|offset| offset > u32::from(u16::MAX));
        let target_info = if flags & TARGET_INFO == 0 || unfilled {
            &[][..]
        } else {
            field(bytes, 40).ok_or("NTLM challenge with a field outside of it")?
        };
        let timestamp = pairs(target_info)
            .find(|(kind, _)| *kind == AV_TIMESTAMP)
            .and_then(|(_, value)| value.try_into().ok().map(u64::from_le_bytes));
        Ok(Self { flags, nonce, target_info, timestamp })
    }
}

/// NTLMv2_RESPONSE of section 3.3.2: its proof, and the whole.
fn respond(key: &[u8], server: &[u8; 8], client: &[u8; 8], time: u64, target: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
    blob.extend_from_slice(&time.to_le_bytes());
    blob.extend_from_slice(client);
    blob.extend_from_slice(&[0; 4]);
    blob.extend_from_slice(target);
    blob.extend_from_slice(&[0; 4]);
    let proof = hmac(Hash::Md5, key, &[server.as_slice(), &blob].concat());
    let response = [proof.as_slice(), &blob].concat();
    (proof, response)
}

/// LMv2_RESPONSE of section 3.3.2.
fn lm_response(key: &[u8], server: &[u8; 8], client: &[u8; 8]) -> Vec<u8> {
    let mut response = hmac(Hash::Md5, key, &[server.as_slice(), client].concat());
    response.extend_from_slice(client);
    response
}

/// AUTHENTICATE_MESSAGE of section 2.2.1.3: LM response, NT response, domain, user, workstation and session key, with
/// room for the code.
fn message(parts: &[Vec<u8>; 6], flags: u32) -> Result<Vec<u8>, &'static str> {
    let too_long = "NTLM answer longer than a message can be";
    let length = ANSWER_HEAD + parts.iter().map(Vec::len).sum::<usize>();
    let mut out = Vec::new();
    out.try_reserve_exact(length).map_err(|_| "no memory for an NTLM answer")?;
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&3u32.to_le_bytes());
    let mut offset = ANSWER_HEAD;
    for part in parts {
        let length = u16::try_from(part.len()).map_err(|_| too_long)?;
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&u32::try_from(offset).map_err(|_| too_long)?.to_le_bytes());
        offset += part.len();
    }
    out.extend_from_slice(&flags.to_le_bytes());
    // Version and code.
    out.resize(ANSWER_HEAD, 0);
    for part in parts {
        out.extend_from_slice(part);
    }
    Ok(out)
}

/// The hash of an otherwise empty `gss_channel_bindings_struct` (section 2.2.2.1).
fn binding_hash(data: &[u8]) -> [u8; 16] {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
    Md5::digest([[0; 16].as_slice(), &length, data].concat()).into()
}

/// Kinds and values until the end, or until one that is cut short.
fn pairs(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let kind = u16::from_le_bytes(array(bytes, 0)?);
        let length = usize::from(u16::from_le_bytes(array(bytes, 2)?));
        let value = bytes.get(4..4 + length)?;
        bytes = bytes.get(4 + length..)?;
        (kind != AV_END).then_some((kind, value))
    })
}

fn put_pair(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    // What came from a pair fits into one; what we add is a host name at most.
    let length = u16::try_from(value.len()).unwrap_or(0);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(value.get(..usize::from(length)).unwrap_or_default());
}

fn field(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_le_bytes(array(bytes, at)?));
    let offset = usize::try_from(number(bytes, at + 4)?).ok()?;
    bytes.get(offset..offset.checked_add(length)?)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Upper case the way the protocol means it: one character for one.
fn upper(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        })
        .collect()
}

/// Tenths of microseconds since 1601.
fn file_time(now: OffsetDateTime) -> u64 {
    let since = now.unix_timestamp_nanos() / 100 + 116_444_736_000_000_000;
    u64::try_from(since).unwrap_or(0)
}

#[cfg(test)]
#[path = "ntlm/tests.rs"]
mod tests;
