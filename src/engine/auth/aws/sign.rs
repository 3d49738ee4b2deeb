//! Signing a request in its header fields: which of them are signed, what stands for the body, and the key that is
//! derived for a day, a region and a service. Every attempt is signed anew, so that a signature never ages on the way.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};
use url::{Host, Url};

use crate::engine::auth::{Ask, Aws, AwsPayload, Sign, Signed, payload};
use crate::engine::body::{Body, Segment};
use crate::engine::digest::{Hash, hmac};
use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::headers::{Headers, is_value};
use crate::engine::hex;

use super::chunks::{self, Chunks};
use super::{Canonical, Draft, PathRule, SCHEME, UNSIGNED};

/// A request signed in its header fields. Its `Debug` shows nothing of it.
pub struct SignedHeaders {
    /// What was signed.
    pub canonical: Canonical,
    /// The text the signature is of.
    pub string_to_sign: String,
    /// The signature, 64 hexadecimal digits.
    pub signature: String,
    /// Value of `Authorization`.
    pub authorization: String,
}

/// Signs a request whose header fields already say its time (`X-Amz-Date`) and everything else that is to be signed.
/// `time` is that time as [`timestamp`] writes it. For callers that choose the signed fields themselves; the client
/// chooses by the rules of [`AwsPayload`].
#[must_use]
pub fn sign_headers(aws: &Aws, draft: &Draft<'_>, time: &str) -> SignedHeaders {
    let scope = Scope::new(aws, time);
    let canonical = draft.canonical();
    let string_to_sign = scope.string_to_sign(&canonical);
    let signature = hex::digits(&hmac(Hash::Sha256, &scope.key(), string_to_sign.as_bytes()));
    let authorization = format!(
        "{SCHEME} Credential={}, SignedHeaders={}, Signature={signature}",
        scope.credential(),
        canonical.signed
    );
    SignedHeaders { canonical, string_to_sign, signature, authorization }
}

impl std::fmt::Debug for SignedHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedHeaders({:?})", self.canonical)
    }
}

/// A time as signatures write it: `20150830T123600Z`.
#[must_use]
pub fn timestamp(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let (hour, minute, second) = time.to_hms();
    let (year, month, day) = time.to_calendar_date();
    format!("{year:04}{:02}{day:02}T{hour:02}{minute:02}{second:02}Z", u8::from(month))
}

/// Signs the requests of one caller.
pub(crate) struct Signer {
    aws: Aws,
}

impl Signer {
    /// A signer with keys that can be used.
    ///
    /// # Errors
    /// A part of the keys that is missing, or that cannot stand in a header field.
    pub(crate) fn new(aws: &Aws) -> Result<Self> {
        check(aws)?;
        Ok(Self { aws: aws.clone() })
    }

    /// What the signature says of the body.
    fn payload(&self, ask: &Ask<'_, '_>) -> Result<Payload> {
        // What has no bytes has nothing to hide: its hash is known, and says more than the other ways would.
        if ask.body.length() == 0 {
            return Ok(Payload::Whole(hex::digits(&Sha256::digest(b""))));
        }
        match self.aws.payload {
            AwsPayload::Signed => Ok(Payload::Whole(hash(ask)?)),
            AwsPayload::Unsigned if protects(ask.url) => Ok(Payload::Unsigned),
            AwsPayload::Unsigned => Err(refused("body", ask.url.scheme())),
            AwsPayload::Chunks if PathRule::of(&self.aws.service) != PathRule::Object => {
                Err(refused("body", &self.aws.service))
            }
            AwsPayload::Chunks => {
                let length =
                    chunks::encoded_length(ask.body.length()).ok_or_else(|| refused("body", "length"))?;
                Ok(Payload::Chunks { length })
            }
        }
    }
}

impl Sign for Signer {
    fn sign<'b>(&self, ask: &Ask<'_, 'b>) -> Result<Signed<'b>> {
        let payload = self.payload(ask)?;
        let time = match ask.headers.first("x-amz-date") {
            Some(given) => checked_time(given)?,
            None => timestamp(ask.now),
        };
        // Spelled as the module this component replaces spells them: its callers look them up by these names.
        let mut added =
            vec![("x-amz-date", time.clone()), ("x-amz-content-sha256", payload.text().to_owned())];
        if let Some(token) = self.aws.session_token.as_ref().filter(|token| !token.is_empty()) {
            added.push(("x-amz-security-token", token.clone()));
        }
        if let Payload::Chunks { .. } = payload {
            added.push(("x-amz-decoded-content-length", ask.body.length().to_string()));
            added.push(("Content-Encoding", chunked_coding(ask.headers)));
        }
        let host = host(ask);
        let mut signed = vec![("host", host.as_str())];
        signed.extend(
            added.iter().filter(|(name, _)| is_signed(name)).map(|(name, value)| (*name, value.as_str())),
        );
        let is_added = |name: &str| added.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        signed.extend(
            ask.headers
                .iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("host") && is_signed(name) && !is_added(name)),
        );
        let (path, query) = ask.target.split_once('?').unwrap_or((ask.target, ""));
        let rule = PathRule::of(&self.aws.service);
        let draft =
            Draft { method: ask.method, path, query, headers: &signed, payload: payload.text(), rule };
        let made = sign_headers(&self.aws, &draft, &time);
        let body = match payload {
            Payload::Chunks { length } => {
                let source = Chunks::new(&self.aws, &time, made.signature, ask.body.borrowed());
                let mut body = Body::none();
                body.push(Segment::Made { source: Arc::new(source), length });
                Some(body)
            }
            Payload::Whole(_) | Payload::Unsigned => None,
        };
        added.push(("Authorization", made.authorization));
        Ok(Signed { headers: added, body })
    }
}

/// What the signature says of a body.
enum Payload {
    /// Its hash.
    Whole(String),
    /// Nothing.
    Unsigned,
    /// That every chunk has a signature of its own.
    Chunks { length: u64 },
}

impl Payload {
    fn text(&self) -> &str {
        match self {
            Self::Whole(hash) => hash,
            Self::Unsigned => UNSIGNED,
            Self::Chunks { .. } => chunks::PAYLOAD,
        }
    }
}

/// Whom a signature is for, and when.
pub(super) struct Scope<'a> {
    aws: &'a Aws,
    time: &'a str,
}

impl<'a> Scope<'a> {
    pub(super) fn new(aws: &'a Aws, time: &'a str) -> Self {
        Self { aws, time }
    }

    /// The key id with the scope.
    pub(super) fn credential(&self) -> String {
        format!("{}/{}", self.aws.access_key, self.text())
    }

    pub(super) fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day(), self.aws.region, self.aws.service)
    }

    pub(super) fn string_to_sign(&self, canonical: &Canonical) -> String {
        let hash = hex::digits(&Sha256::digest(canonical.text.as_bytes()));
        [SCHEME, self.time, &self.text(), &hash].join("\n")
    }

    /// The key of the day, the region and the service.
    pub(super) fn key(&self) -> Vec<u8> {
        let first = format!("AWS4{}", self.aws.secret_key).into_bytes();
        [self.day(), &self.aws.region, &self.aws.service, "aws4_request"]
            .iter()
            .fold(first, |key, part| hmac(Hash::Sha256, &key, part.as_bytes()))
    }

    fn day(&self) -> &str {
        self.time.get(..8).unwrap_or_default()
    }
}

/// Host and port as the wire writes them.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Refuses keys with which no signature can be made.
pub(super) fn check(aws: &Aws) -> Result<()> {
    let parts = [
        ("access key", &aws.access_key),
        ("secret key", &aws.secret_key),
        ("region", &aws.region),
        ("service", &aws.service),
    ];
    if let Some((name, _)) = parts.iter().find(|(_, value)| value.is_empty()) {
        return Err(refused("no-credentials", &format!("no {name}")));
    }
    let is_sound = |value: &str| value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    let token = aws.session_token.as_deref().unwrap_or_default();
    if [&aws.access_key, &aws.region, &aws.service].iter().all(|value| is_sound(value)) && is_value(token) {
        return Ok(());
    }
    let kind = ErrorKind::InvalidRequest { part: "credentials", name: SCHEME.to_owned(), problem: "value" };
    Err(Error::new(kind, Phase::Prepare))
}

fn refused(problem: &'static str, detail: &str) -> Error {
    let kind = ErrorKind::Authentication { scheme: SCHEME, problem, detail: detail.to_owned() };
    Error::new(kind, Phase::Authentication)
}

/// Fields that proxies leave alone and that say what the request means.
fn is_signed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "host" | "content-type" | "date")
        || (name.starts_with("x-amz-") && name != "x-amz-client-context")
}

fn host(ask: &Ask<'_, '_>) -> String {
    ask.headers.first("host").map_or_else(|| host_of(ask.url), str::to_owned)
}

/// The time a caller wrote itself.
fn checked_time(given: &str) -> Result<String> {
    let given = given.trim();
    let is_time = given.len() == 16
        && given.bytes().enumerate().all(|(index, byte)| match index {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if is_time {
        return Ok(given.to_owned());
    }
    let kind = ErrorKind::InvalidRequest { part: "header", name: "X-Amz-Date".to_owned(), problem: "value" };
    Err(Error::new(kind, Phase::Prepare))
}

/// Whether nobody on the way can change an unsigned body: TLS, or no way at all.
fn protects(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_loopback
}

/// `Content-Encoding` of a body in signed chunks: what it was before stays known to the server.
fn chunked_coding(headers: &Headers) -> String {
    let codings = headers.all("content-encoding").map(str::trim).filter(|coding| !coding.is_empty());
    std::iter::once("aws-chunked").chain(codings).collect::<Vec<_>>().join(",")
}

fn hash(ask: &Ask<'_, '_>) -> Result<String> {
    let mut hasher = Sha256::new();
    payload::read(ask, |bytes| hasher.update(bytes))?;
    Ok(hex::digits(&hasher.finalize()))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
