//! The keys of the options, each once: names, what is expected, default, description. The parser looks keys up here
//! and the reference in the README is made from here, so the two cannot differ.

mod connection;
mod nested;
mod request;

use crate::component::trouble::{Words, words};

pub(in crate::component) use nested::{AUTHENTICATION, CERTIFICATE, COOKIE, PART, PROXY, REFERENCE, STORE};

/// One key.
#[derive(Debug, Clone, Copy)]
pub(in crate::component) struct Key {
    /// What it sets.
    pub(in crate::component) id: Id,
    /// English name.
    pub(in crate::component) english: &'static str,
    /// Russian name; may equal the English one.
    pub(in crate::component) russian: &'static str,
    /// Other accepted names.
    pub(in crate::component) aliases: &'static [&'static str],
    /// Where it may stand.
    pub(in crate::component) scope: Scope,
    /// What values it takes.
    pub(in crate::component) expected: Words,
    /// Default.
    pub(in crate::component) default: Words,
    /// One line of description.
    pub(in crate::component) about: Words,
}

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::component) enum Scope {
    /// In the options of a request only.
    Request,
    /// In the options of a request and in the settings of a session.
    Both,
    /// Accepted nowhere here: the BSL side applies it.
    Bsl,
}

/// What a key sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the keys")]
pub(in crate::component) enum Id {
    // Options
    Headers,
    Authentication,
    Proxy,
    RequestParameters,
    VerifySsl,
    ClientCertificate,
    Cookies,
    Timeout,
    ConnectTimeout,
    TotalTimeout,
    AllowRedirect,
    MaximumRedirects,
    AllowDowngrade,
    KeepMethodOn301,
    Json,
    AllowEmptyJson,
    Data,
    Files,
    MaximumRetries,
    RetryTime,
    RetryRatio,
    RetryStatuses,
    RetryUnsafe,
    OutputFile,
    MaximumBody,
    AllowTruncatedTls,
    TlsProvider,
    MinimumTls,
    MaximumTls,
    ServerName,
    PinnedKeys,
    RevocationLists,
    DenyPrivate,
    AllowedSchemes,
    AllowedPorts,
    Overrides,
    JsonConversion,
    JsonWriter,
    // Authentication
    Type,
    User,
    Password,
    Token,
    OperatingSystem,
    AccessKey,
    SecretKey,
    Service,
    Region,
    SessionToken,
    Payload,
    TokenUrl,
    OAuthClient,
    OAuthSecret,
    TokenScope,
    TokenParameters,
    InBody,
    // Proxies
    Server,
    Scheme,
    BypassLocal,
    BypassAddresses,
    ForHttp,
    ForHttps,
    // Client certificates
    Pem,
    PrivateKey,
    Store,
    Thumbprint,
    Subject,
    // Parts of a multipart body
    Name,
    FileName,
    // Cookies
    CookieName,
    CookieValue,
    Domain,
    Path,
    Port,
    Expires,
    Secure,
    // References to data
    Blob,
    File,
}

const fn key(
    id: Id,
    names: (&'static str, &'static str),
    scope: Scope,
    expected: Words,
    default: Words,
    about: Words,
) -> Key {
    Key { id, english: names.0, russian: names.1, aliases: &[], scope, expected, default, about }
}

const fn also(mut key: Key, aliases: &'static [&'static str]) -> Key {
    key.aliases = aliases;
    key
}

/// Largest number of seconds anywhere: one year.
pub(in crate::component) const SECONDS_LIMIT: f64 = 31_536_000.0;
/// Largest count of redirects or retries.
pub(in crate::component) const COUNT_LIMIT: u64 = 10_000;
/// Largest body that may be held in memory: a BLOB's length has 32 bits.
pub(in crate::component) const BODY_LIMIT: u64 = u32::MAX as u64;

const BOOL: Words = words("true or false", "true или false");
const SECONDS: Words = words(
    "a number of seconds from 0 to 31536000, fractions allowed, 0 = no limit",
    "число секунд от 0 до 31536000, можно дробное, 0 — без ограничения",
);
const COUNT: Words = words("a whole number from 0 to 10000", "целое число от 0 до 10000");
const BYTES: Words = words(
    "a whole number of bytes from 1 to 4294967295; larger bodies go to a file (OutputFile)",
    "целое число байт от 1 до 4294967295; тела большего размера — в файл (ИмяВыходногоФайла)",
);
const MAP: Words = words("an object of names and values", "объект из имён и значений");
const TEXT: Words = words("a string", "строка");
const NONE: Words = words("none", "нет");
const NO: Words = words("false", "false");
const YES: Words = words("true", "true");

/// Keys of the options of a request and of the settings of a session.
pub(in crate::component) static OPTIONS: &[Key] =
    &joined::<{ request::KEYS.len() + connection::KEYS.len() }>(request::KEYS, connection::KEYS);

const fn joined<const N: usize>(first: &[Key], second: &[Key]) -> [Key; N] {
    let mut all = [first[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

const fn plain(id: Id, english: &'static str, russian: &'static str) -> Key {
    key(id, (english, russian), Scope::Both, TEXT, NONE, NONE)
}

impl Key {
    /// Whether `name` is one of its names, in any letter case.
    pub(in crate::component) fn is(&self, name: &str) -> bool {
        self.names().any(|known| crate::component::text::same_name(known, name))
    }

    /// Every accepted name.
    pub(in crate::component) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.english, self.russian].into_iter().chain(self.aliases.iter().copied())
    }

    /// Its names in both languages.
    pub(in crate::component) fn words(&self) -> Words {
        words(self.english, self.russian)
    }
}
