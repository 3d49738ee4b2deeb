//! What an entry of the table of members is, and how the host's class tables are made from it. Every method and
//! property stands once, in `members`; the README's reference is made from the same entries.

use crate::abi::{Arguments, Default, Method, Parameter, Property, Value, ValueRef};

use super::arguments::Call;
use super::object::Object;
use super::trouble::{Outcome, Words};

/// Runs a method.
pub(super) type Run = fn(&mut Object, &Call<'_>, &Arguments<'_>) -> Outcome<Value>;
/// Reads a property.
pub(super) type Read = fn(&mut Object, &Call<'_>) -> Outcome<Value>;
/// Writes a property.
pub(super) type Write = fn(&mut Object, &Call<'_>, ValueRef<'_>) -> Outcome<()>;

/// One method.
#[derive(Clone, Copy)]
pub(super) struct MethodEntry {
    /// For the host.
    pub(super) method: Method,
    /// What it returns.
    pub(super) result: Kind,
    /// What runs.
    pub(super) run: Run,
    /// Whether it may run while a request is under way.
    pub(super) anytime: bool,
    /// One line of description.
    pub(super) about: Words,
}

/// One property.
#[derive(Clone, Copy)]
pub(super) struct PropertyEntry {
    /// For the host.
    pub(super) property: Property,
    /// Type.
    pub(super) kind: Kind,
    /// Reads it.
    pub(super) read: Read,
    /// Writes it.
    pub(super) write: Option<Write>,
    /// Whether it may be used while a request is under way.
    pub(super) anytime: bool,
    /// One line of description.
    pub(super) about: Words,
}

/// Types of results and properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No result.
    Nothing,
    /// A status code; 0 after a failure.
    Status,
    /// A number; 0 after a failure.
    Number,
    /// Whether a request has finished; true after a failure, so that nobody waits on.
    Finished,
    /// A boolean.
    Bool,
    /// A string; "" after a failure.
    Text,
    /// A JSON text; "" after a failure.
    Json,
    /// BinaryData; Undefined after a failure.
    Blob,
}

impl Kind {
    /// What a failed call returns when exceptions are off.
    pub(super) fn after_failure(self) -> Value {
        match self {
            Self::Status | Self::Number => Value::Int(0),
            Self::Text | Self::Json => Value::Text(String::new()),
            Self::Finished => Value::Bool(true),
            Self::Nothing | Self::Bool | Self::Blob => Value::Empty,
        }
    }
}

impl MethodEntry {
    /// One that needs neither the client nor the response nor the settings.
    pub(super) const fn anytime(self) -> Self {
        Self { anytime: true, ..self }
    }
}

impl PropertyEntry {
    /// One that needs neither the client nor the response nor the settings.
    pub(super) const fn anytime(self) -> Self {
        Self { anytime: true, ..self }
    }
}

/// A method entry.
pub(super) const fn method(
    names: (&'static str, &'static str),
    parameters: &'static [Parameter],
    result: Kind,
    run: Run,
    about: Words,
) -> MethodEntry {
    let returns = !matches!(result, Kind::Nothing);
    MethodEntry {
        method: Method { english: names.0, russian: names.1, parameters, returns },
        result,
        run,
        anytime: false,
        about,
    }
}

/// A property entry that cannot be written.
pub(super) const fn readable(
    names: (&'static str, &'static str),
    kind: Kind,
    read: Read,
    about: Words,
) -> PropertyEntry {
    let property = Property { english: names.0, russian: names.1, readable: true, writable: false };
    PropertyEntry { property, kind, read, write: None, anytime: false, about }
}

/// A property entry that can be written too.
pub(super) const fn writable(
    names: (&'static str, &'static str),
    kind: Kind,
    read: Read,
    write: Write,
    about: Words,
) -> PropertyEntry {
    let property = Property { english: names.0, russian: names.1, readable: true, writable: true };
    PropertyEntry { property, kind, read, write: Some(write), anytime: false, about }
}

/// A parameter that must be given.
pub(super) const fn required(english: &'static str, russian: &'static str) -> Parameter {
    Parameter { english, russian, default: None }
}

/// A parameter that is "" when omitted.
pub(super) const fn optional(english: &'static str, russian: &'static str) -> Parameter {
    Parameter { english, russian, default: Some(Default::EmptyText) }
}

/// The host's methods of two tables of entries, one after the other.
pub(super) const fn methods<const N: usize>(common: &[MethodEntry], own: &[MethodEntry]) -> [Method; N] {
    let mut all = [common[0].method; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < common.len() { common[at].method } else { own[at - common.len()].method };
        at += 1;
    }
    all
}

/// The host's properties of two tables of entries, one after the other.
pub(super) const fn properties<const N: usize>(
    common: &[PropertyEntry],
    own: &[PropertyEntry],
) -> [Property; N] {
    let mut all = [common[0].property; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < common.len() { common[at].property } else { own[at - common.len()].property };
        at += 1;
    }
    all
}
