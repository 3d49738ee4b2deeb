//! What went wrong in a call, in codes and values. The sentences are made from it in `fault`, in the language of the
//! call. No variant carries a value that may be a secret: names of keys and parameters only.

use crate::engine;

use super::fault::At;

/// An English and a Russian wording of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// English.
    pub(super) english: &'static str,
    /// Russian.
    pub(super) russian: &'static str,
}

/// Both wordings at once, for tables.
pub(super) const fn words(english: &'static str, russian: &'static str) -> Words {
    Words { english, russian }
}

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The engine said so.
    Engine(Box<engine::error::Error>),
    /// An argument (by index), or the value written to a property, has the wrong type.
    Argument { index: usize, expected: Words },
    /// A string argument has an unpaired surrogate at this position, counted from 1.
    Surrogate { index: usize, position: usize },
    /// An argument that may not be empty is.
    EmptyArgument { index: usize },
    /// An argument is of the right type and not acceptable.
    ArgumentValue { index: usize, expected: Words },
    /// An argument names something that does not exist.
    UnknownName { index: usize, name: String, expected: Words, nearest: Option<&'static str> },
    /// The options are not JSON.
    NotJsonText { index: usize, line: usize, column: usize, detail: String },
    /// The options are longer than may be parsed.
    TooLong { index: usize, limit: usize },
    /// The options have more values than may be parsed.
    TooMany { index: usize, limit: usize },
    /// A key of the options.
    Key(Box<KeyTrouble>),
    /// The body is given both as an argument and by this key.
    BodyTwice { index: usize, key: Words },
    /// There is no response to read.
    NoResponse,
    /// The body was handed over.
    BodyTaken,
    /// The body was released.
    BodyReleased,
    /// The body went to a file.
    BodyInFile { path: String },
    /// JSON was expected and the body is empty.
    EmptyJson { method: String, url: String, status: u16 },
    /// JSON was expected and the body is something else; the excerpt is of the body.
    NotJson { method: String, url: String, status: u16, excerpt: String },
    /// The data in an argument cannot be decompressed, for this of the engine's words.
    Undecodable { index: usize, detail: String },
    /// The data in an argument decompress to more than is allowed.
    Inflated { index: usize, limit: u64 },
    /// An argument names an encoding that is not known.
    UnknownEncoding { index: usize, name: String },
    /// Memory could not be had.
    Memory { wanted: u64 },
    /// A request of this object is under way.
    Busy,
    /// No thread could be started, in the system's words.
    Thread { detail: String },
    /// What went wrong in a request that another call had started.
    Earlier { started: At, trouble: Box<Trouble> },
    /// A fault reported by the layer below, in its own words.
    Reported { code: &'static str, text: String },
}

/// What is wrong with a key.
#[derive(Debug)]
pub(super) struct KeyTrouble {
    /// Argument the options came in.
    pub(super) index: usize,
    /// Path of the key as the caller spelled it, e.g. `Файлы[0].Данные`.
    pub(super) path: String,
    /// What is wrong.
    pub(super) problem: KeyProblem,
}

/// What is wrong with a key.
#[derive(Debug)]
pub(super) enum KeyProblem {
    /// No such key; the nearest one there is.
    Unknown { nearest: Option<&'static str> },
    /// The value has the wrong type.
    Type { expected: Words },
    /// The value is of the right type and not acceptable.
    Value { expected: Words },
    /// A key that must be there is missing.
    Missing { name: Words },
    /// The same setting twice (in both languages, or in two spellings).
    Twice,
    /// The same key twice in one object.
    Repeated,
    /// Belongs to the BSL side.
    AppliedInBsl,
    /// Is a key of a request, not of a session.
    NotInSession,
    /// No such staged data.
    NotStaged { name: String },
    /// The certificates cannot be read.
    Certificate { detail: String },
    /// The revocation lists cannot be read.
    Revocations { detail: String },
    /// The client certificate cannot be used.
    Identity(engine::tls::IdentityProblem),
}

/// Result of everything in the component that can fail.
pub(super) type Outcome<T> = Result<T, Trouble>;

impl From<engine::error::Error> for Trouble {
    fn from(error: engine::error::Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl Trouble {
    /// Stable code word.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.code(),
            Self::Argument { .. } => "argument-type",
            Self::Surrogate { .. } => "argument-text",
            Self::EmptyArgument { .. } => "argument-empty",
            Self::ArgumentValue { .. } | Self::UnknownName { .. } => "argument-value",
            Self::NotJsonText { .. } => "options-syntax",
            Self::TooLong { .. } | Self::TooMany { .. } => "options-too-long",
            Self::Key(trouble) => trouble.problem.code(),
            Self::BodyTwice { .. } => "body-twice",
            Self::NoResponse => "no-response",
            Self::BodyTaken => "body-taken",
            Self::BodyReleased => "body-released",
            Self::BodyInFile { .. } => "body-in-file",
            Self::EmptyJson { .. } => "empty-json",
            Self::NotJson { .. } => "not-json",
            Self::Undecodable { .. } => "decode",
            Self::Inflated { .. } => "body-too-large",
            Self::UnknownEncoding { .. } => "unknown-charset",
            Self::Memory { .. } => "out-of-memory",
            Self::Busy => "busy",
            Self::Thread { .. } => "thread",
            Self::Earlier { trouble, .. } => trouble.code(),
            Self::Reported { code, .. } => code,
        }
    }
}

impl KeyProblem {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "option-unknown",
            Self::Type { .. } => "option-type",
            Self::Value { .. } => "option-value",
            Self::Missing { .. } => "option-missing",
            Self::Twice | Self::Repeated => "option-twice",
            Self::AppliedInBsl => "option-bsl",
            Self::NotInSession => "option-scope",
            Self::NotStaged { .. } => "blob-not-staged",
            Self::Certificate { .. } => "bad-ca",
            Self::Revocations { .. } => "bad-crl",
            Self::Identity(_) => "client-certificate",
        }
    }
}
