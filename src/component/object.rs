//! One object of the host: its state, and how a call runs and ends. A call that fails leaves its failure behind for
//! `LastError`; a method that succeeds clears it; reading a property does neither.

use std::sync::Arc;

use crate::abi::{Arguments, Class, Component, Fault, Host, Language, Value, ValueRef};
use crate::engine::client::Client;

use super::answer::Answer;
use super::arguments::Call;
use super::background::Background;
use super::fault::{At, Failure};
use super::json_text;
use super::members::{self, method_entry, property_entry};
use super::options::Settings;
use super::staged::Staged;
use super::text::to_utf8;
use super::trouble::{Outcome, Trouble};
use super::verbs;

/// An object of either class.
pub struct Object {
    class: &'static Class,
    /// Made when first needed, so that an object the host only asks for names costs nothing.
    pub(super) client: Option<Client>,
    /// Settings of the session; those of `HTTPConnector` never change. A request under way has a share in them.
    pub(super) settings: Arc<Settings>,
    pub(super) staged: Staged,
    pub(super) answer: Option<Answer>,
    /// The request under way; it has the client and the staged data.
    pub(super) background: Option<Background>,
    pub(super) throwing: bool,
    pub(super) failure: Option<Failure>,
}

impl Object {
    /// An object without any state.
    #[must_use]
    pub fn new(class: &'static Class) -> Self {
        Self {
            class,
            client: None,
            settings: Arc::default(),
            staged: Staged::default(),
            answer: None,
            background: None,
            throwing: true,
            failure: None,
        }
    }

    /// The engine's client: shared connections and no cookies for `HTTPConnector`, own ones for `HTTPSession`.
    pub(super) fn client(&mut self) -> &mut Client {
        let class = self.class;
        self.client.get_or_insert_with(|| new_client(class))
    }

    /// The client, out of the object; a new one takes its place when it is needed.
    pub(super) fn take_client(&mut self) -> Client {
        self.client.take().unwrap_or_else(|| new_client(self.class))
    }

    /// The settings, to be changed.
    pub(super) fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Whether a member may be used now: while a request is under way, only one that can be used at `anytime`.
    fn free_for(&self, anytime: bool) -> Outcome<()> {
        if self.background.is_some() && !anytime { Err(Trouble::Busy) } else { Ok(()) }
    }

    fn conclude<T>(
        &mut self,
        outcome: Outcome<T>,
        mut at: At,
        speaks_russian: impl FnOnce() -> bool,
        silent: impl FnOnce() -> T,
    ) -> Result<T, Fault> {
        let trouble = match outcome {
            Ok(value) => return Ok(value),
            Err(trouble) => trouble,
        };
        if speaks_russian() {
            at.language = Language::Russian;
        }
        let failure = Failure::new(&trouble, &at);
        let fault = failure.fault.clone();
        self.failure = Some(failure);
        if self.throwing { Err(fault) } else { Ok(silent()) }
    }
}

impl Component for Object {
    fn call(&mut self, host: &Host, method: usize, arguments: &mut Arguments<'_>) -> Result<Value, Fault> {
        let Some(entry) = method_entry(self.class, method) else { return Err(no_member()) };
        #[cfg(java)]
        super::java::offer_classes(host);
        let at = At {
            language: host.language(),
            english: entry.method.english,
            russian: entry.method.russian,
            parameters: entry.method.parameters,
        };
        let outcome =
            self.free_for(entry.anytime).and_then(|()| (entry.run)(self, &Call { host, at }, arguments));
        if outcome.is_ok() {
            self.failure = None;
        }
        let certain = host.language_is_certain();
        let russian = || !certain && options_speak_russian(&at, arguments);
        self.conclude(outcome, at, russian, || entry.result.after_failure())
    }

    fn property(&mut self, host: &Host, property: usize) -> Result<Value, Fault> {
        let Some(entry) = property_entry(self.class, property) else { return Err(no_member()) };
        let at = at_property(host, &entry.property);
        let outcome = self.free_for(entry.anytime).and_then(|()| (entry.read)(self, &Call { host, at }));
        self.conclude(outcome, at, || false, || entry.kind.after_failure())
    }

    fn set_property(&mut self, host: &Host, property: usize, value: ValueRef<'_>) -> Result<(), Fault> {
        let Some(entry) = property_entry(self.class, property) else { return Err(no_member()) };
        let at = at_property(host, &entry.property);
        let Some(write) = entry.write else { return Err(no_member()) };
        let outcome = self.free_for(entry.anytime).and_then(|()| write(self, &Call { host, at }, value));
        // How failures are told says nothing of the last call: the usual place to switch is between it and its error.
        if outcome.is_ok() && entry.property.english != verbs::THROWING {
            self.failure = None;
        }
        let certain = host.language_is_certain();
        self.conclude(outcome, at, || !certain && speaks_russian(value), || ())
    }

    fn done(&mut self) {
        // Everything that holds memory, files or connections goes, a request under way is cancelled and ends by
        // itself; what is left is as new.
        *self = Self::new(self.class);
    }

    fn remember(&mut self, fault: &Fault) {
        let trouble = Trouble::Reported { code: fault.code, text: fault.text.clone() };
        let at = At { language: Language::English, english: "", russian: "", parameters: &[] };
        self.failure = Some(Failure::new(&trouble, &at));
    }
}

fn new_client(class: &'static Class) -> Client {
    if std::ptr::eq(class, &raw const members::SESSION) { Client::session() } else { Client::shared() }
}

fn at_property(host: &Host, property: &crate::abi::Property) -> At {
    At { language: host.language(), english: property.english, russian: property.russian, parameters: &[] }
}

/// The tables and the host's numbers come from the same place, so this is a fault of the layer below.
fn no_member() -> Fault {
    Fault { code: "unknown-member", text: "no such member".to_owned() }
}

/// Where the member's name tells no language, Russian keys of the options do.
fn options_speak_russian(at: &At, arguments: &Arguments<'_>) -> bool {
    let options = at.parameters.iter().position(|parameter| parameter.english == "Options");
    options.is_some_and(|index| speaks_russian(arguments.value(index)))
}

fn speaks_russian(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Text(units) => to_utf8(units).is_ok_and(|text| json_text::speaks_russian(&text)),
        _ => false,
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("class", &self.class.name).finish_non_exhaustive()
    }
}

/// The host's memory for one body.
pub(super) fn memory(host: &Host) -> Arc<dyn crate::engine::received::Memory> {
    Arc::new(super::memory::Lent(host.memory()))
}

/// A number for the host: whole and 32 bits where it can be.
pub(super) fn number(value: u64) -> Value {
    i32::try_from(value).map_or_else(|_| Value::Number(float(value)), Value::Int)
}

/// Exact up to 2^53, far beyond any size or time here.
fn float(value: u64) -> f64 {
    let (high, low) = (u32::try_from(value >> 32).unwrap_or(u32::MAX), value & 0xFFFF_FFFF);
    f64::from(high) * 4_294_967_296.0 + f64::from(u32::try_from(low).unwrap_or(0))
}

/// A JSON text for the host.
pub(super) fn json(value: &serde_json::Value) -> Value {
    Value::Text(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::table::Kind;
    use super::*;

    #[test]
    fn numbers_beyond_32_bits_stay_exact() {
        assert!(matches!(number(7), Value::Int(7)));
        assert!(matches!(number(5_000_000_001), Value::Number(n) if n == 5_000_000_001.0));
    }

    #[test]
    fn kinds_fail_silently_with_an_empty_value_of_their_type() {
        assert!(matches!(Kind::Status.after_failure(), Value::Int(0)));
        assert!(matches!(Kind::Json.after_failure(), Value::Text(text) if text.is_empty()));
        assert!(matches!(Kind::Blob.after_failure(), Value::Empty));
    }
}
