//! The script's side: an object of the component, called by name through its vtables, with text and JSON in place
//! of raw values. Every failure comes back as the text a script would see. An object that ends leaves nothing behind
//! in the host's memory: [`Script`] checks that when it is dropped.
#![allow(dead_code, reason = "included by several programs, each of which uses a part")]

use addin_host::{Addin, CallError, Memory, Object, Settings, Val};
use serde_json::Value;

/// The class for single requests.
pub(crate) const CONNECTOR: &str = "HTTPConnector";
/// The class with state.
pub(crate) const SESSION: &str = "HTTPSession";

/// One object of the component.
pub(crate) struct Script {
    object: Option<Object>,
    memory: Memory,
}

impl Script {
    /// Makes an object in a host whose user interface is English.
    pub(crate) fn new(addin: &Addin, class: &str) -> Result<Self, String> {
        Self::in_language(addin, class, "en")
    }

    /// Makes an object in a host with that language of the user interface: `en` or `ru`.
    pub(crate) fn in_language(addin: &Addin, class: &str, language: &str) -> Result<Self, String> {
        let locale = if language == "ru" { "ru_RU" } else { "en_US" };
        let settings = Settings {
            language: Some(language.to_owned()),
            locale: Some(locale.to_owned()),
            ..Settings::default()
        };
        Self::with(addin, class, settings)
    }

    /// Makes an object in a host of any kind.
    pub(crate) fn with(addin: &Addin, class: &str, settings: Settings) -> Result<Self, String> {
        let object = addin.create_with(class, settings).map_err(|error| text_of(&error))?;
        let memory = object.memory();
        Ok(Self { object: Some(object), memory })
    }

    /// The object itself.
    pub(crate) fn object(&self) -> &Object {
        self.object.as_ref().expect("there until dropped")
    }

    /// Calls a method with any values.
    pub(crate) fn call(&self, method: &str, arguments: &[Val<'_>]) -> Result<Val<'static>, String> {
        self.object().call(method, arguments).map_err(|error| text_of(&error))
    }

    /// Calls a method whose arguments are all strings and whose result is a number.
    pub(crate) fn status(&self, method: &str, arguments: &[&str]) -> Result<i64, String> {
        let value = self.call(method, &strings(arguments))?;
        value.as_int().ok_or_else(|| format!("{method}: a number expected, got {value:?}"))
    }

    /// The same with a string as the result.
    pub(crate) fn text(&self, method: &str, arguments: &[&str]) -> Result<String, String> {
        text(method, self.call(method, &strings(arguments))?)
    }

    /// The same with JSON in a string as the result.
    pub(crate) fn json(&self, method: &str, arguments: &[&str]) -> Result<Value, String> {
        parse(method, &self.text(method, arguments)?)
    }

    /// The same with binary data as the result.
    pub(crate) fn bytes(&self, method: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let value = self.call(method, &strings(arguments))?;
        value
            .as_bytes()
            .map(<[u8]>::to_vec)
            .ok_or_else(|| format!("{method}: binary data expected, got {value:?}"))
    }

    /// The error text of a call that has to fail.
    pub(crate) fn failure(&self, method: &str, arguments: &[&str]) -> Result<String, String> {
        self.failure_of(method, &strings(arguments))
    }

    /// The same with any values.
    pub(crate) fn failure_of(&self, method: &str, arguments: &[Val<'_>]) -> Result<String, String> {
        match self.call(method, arguments) {
            Err(text) => Ok(text),
            Ok(value) => Err(format!("{method} should have failed, gave {value:?}")),
        }
    }

    /// Reads a property.
    pub(crate) fn get(&self, property: &str) -> Result<Val<'static>, String> {
        self.object().get(property).map_err(|error| text_of(&error))
    }

    /// Reads a property that is a string.
    pub(crate) fn get_text(&self, property: &str) -> Result<String, String> {
        text(property, self.get(property)?)
    }

    /// Reads a property that is a number.
    pub(crate) fn get_number(&self, property: &str) -> Result<i64, String> {
        let value = self.get(property)?;
        value.as_int().ok_or_else(|| format!("{property}: a number expected, got {value:?}"))
    }

    /// Reads a property that is JSON in a string.
    pub(crate) fn get_json(&self, property: &str) -> Result<Value, String> {
        parse(property, &self.get_text(property)?)
    }

    /// Writes a property.
    pub(crate) fn set(&self, property: &str, value: impl Into<Val<'static>>) -> Result<(), String> {
        self.object().set(property, value).map_err(|error| text_of(&error))
    }

    /// What the object did to the host's memory so far.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.object = None;
        if !std::thread::panicking() {
            let report = self.memory.report();
            assert!(report.is_clean(), "the object is gone, its traces are not: {report:?}");
        }
    }
}

/// A JSON document as the text of an option.
pub(crate) fn options(value: &Value) -> String {
    value.to_string()
}

fn strings(arguments: &[&str]) -> Vec<Val<'static>> {
    arguments.iter().map(|&argument| argument.into()).collect()
}

fn text(name: &str, value: Val<'_>) -> Result<String, String> {
    match value {
        Val::Str(text) => Ok(text),
        other => Err(format!("{name}: a string expected, got {other:?}")),
    }
}

fn parse(name: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{name}: not JSON ({error}): {text}"))
}

/// What the component said; what the host made of it when it said nothing.
fn text_of(error: &CallError) -> String {
    let text = error.text();
    if text.is_empty() { format!("{error}") } else { text }
}
