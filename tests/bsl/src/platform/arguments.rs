//! Reading the arguments of a built-in.

use rust_decimal::prelude::ToPrimitive;

use super::convert;
use crate::error::{Fault, Outcome};
use crate::object::Argument;
use crate::value::Value;

/// Arguments with the checks every built-in needs.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    name: &'static str,
    arguments: &'a [Argument],
}

impl<'a> Given<'a> {
    /// Arguments of `name`, at least `least` and at most `most` of them.
    ///
    /// # Errors
    /// Another number: the platform would not compile such a call.
    pub(crate) fn new(
        name: &'static str,
        arguments: &'a [Argument],
        least: usize,
        most: usize,
    ) -> Outcome<Self> {
        if !(least..=most).contains(&arguments.len()) {
            let count = arguments.len();
            return Err(Fault::unknown(format!("{name} with {count} arguments ({least} to {most})")));
        }
        Ok(Self { name, arguments })
    }

    /// Number of arguments.
    pub(crate) fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether an argument is there and not left out.
    pub(crate) fn has(&self, index: usize) -> bool {
        self.arguments.get(index).is_some_and(|argument| !argument.is_omitted())
    }

    /// The argument itself, for writing to the variable behind it.
    pub(crate) fn argument(&self, index: usize) -> Argument {
        self.arguments.get(index).cloned().unwrap_or(Argument::Omitted)
    }

    /// A value; `Неопределено` when left out.
    pub(crate) fn value(&self, index: usize) -> Value {
        self.arguments.get(index).map(Argument::value).unwrap_or_default()
    }

    /// A string, converted as the language does.
    pub(crate) fn text(&self, index: usize) -> String {
        convert::text(&self.value(index))
    }

    /// A string, or `default` when left out.
    pub(crate) fn text_or(&self, index: usize, default: &str) -> String {
        if self.has(index) { self.text(index) } else { default.to_owned() }
    }

    /// A whole number from 0.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn index(&self, index: usize) -> Outcome<usize> {
        convert::number(&self.value(index))?.trunc().to_usize().ok_or_else(|| self.wrong(index))
    }

    /// A whole number.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn integer(&self, index: usize) -> Outcome<i64> {
        convert::number(&self.value(index))?.trunc().to_i64().ok_or_else(|| self.wrong(index))
    }

    /// A boolean, `default` when left out.
    ///
    /// # Errors
    /// A value that is none.
    pub(crate) fn bool_or(&self, index: usize, default: bool) -> Outcome<bool> {
        if self.has(index) { crate::run::operators::truth(&self.value(index)) } else { Ok(default) }
    }

    /// The exception for a value of the wrong type.
    pub(crate) fn wrong(&self, index: usize) -> Fault {
        Fault::raised(format!(
            "Ошибка при вызове метода контекста ({}): Несоответствие типов (параметр номер '{}')",
            self.name,
            index + 1
        ))
    }
}
