//! Arguments of a call as the values methods want. A value of the wrong type is an error that names the parameter;
//! numbers are taken from texts nowhere, texts from numbers nowhere.

use std::borrow::Cow;

use crate::abi::{Arguments, Host, ValueRef};

use super::fault::At;
use super::text::{TextProblem, to_utf8};
use super::trouble::{Outcome, Trouble, Words, words};

/// One call: the host, and the member that was called.
pub(super) struct Call<'a> {
    pub(super) host: &'a Host,
    pub(super) at: At,
}

/// A body given as an argument.
pub(super) enum BodyArgument<'a> {
    /// None: as the options say.
    None,
    /// Text in UTF-8.
    Text(String),
    /// The caller's own memory.
    Bytes(&'a [u8]),
}

pub(super) const STRING: Words = words("a string", "строка");
const STRING_OR_BLOB: Words = words("a string or BinaryData", "строка или ДвоичныеДанные");
const BLOB: Words = words("BinaryData", "ДвоичныеДанные");
const NUMBER: Words = words("a whole number", "целое число");
pub(super) const BOOLEAN: Words = words("a boolean", "булево");

/// A string; an omitted value or Undefined is "".
pub(super) fn text_of(value: ValueRef<'_>, index: usize) -> Outcome<String> {
    match value {
        ValueRef::Text(units) => to_utf8(units).map_err(|problem| text_trouble(problem, index)),
        ValueRef::Empty | ValueRef::Null => Ok(String::new()),
        _ => Err(Trouble::Argument { index, expected: STRING }),
    }
}

fn text_trouble(problem: TextProblem, index: usize) -> Trouble {
    match problem {
        TextProblem::Surrogate(position) => Trouble::Surrogate { index, position },
        TextProblem::Memory(wanted) => Trouble::Memory { wanted },
    }
}

/// A string argument.
pub(super) fn text(arguments: &Arguments<'_>, index: usize) -> Outcome<String> {
    text_of(arguments.value(index), index)
}

/// A string argument that may not be blank.
pub(super) fn filled_text(arguments: &Arguments<'_>, index: usize) -> Outcome<String> {
    let text = text(arguments, index)?;
    if text.trim().is_empty() { Err(Trouble::EmptyArgument { index }) } else { Ok(text) }
}

/// A BLOB argument.
pub(super) fn blob<'a>(arguments: &Arguments<'a>, index: usize) -> Outcome<&'a [u8]> {
    match arguments.value(index) {
        ValueRef::Blob(bytes) => Ok(bytes),
        _ => Err(Trouble::Argument { index, expected: BLOB }),
    }
}

/// Bytes of a BLOB or a string's UTF-8.
pub(super) fn bytes<'a>(arguments: &Arguments<'a>, index: usize) -> Outcome<Cow<'a, [u8]>> {
    match arguments.value(index) {
        ValueRef::Blob(bytes) => Ok(Cow::Borrowed(bytes)),
        ValueRef::Text(_) | ValueRef::Empty | ValueRef::Null => {
            Ok(Cow::Owned(text(arguments, index)?.into_bytes()))
        }
        _ => Err(Trouble::Argument { index, expected: STRING_OR_BLOB }),
    }
}

/// A body: a string, a BLOB, or nothing.
pub(super) fn body<'a>(arguments: &Arguments<'a>, index: usize) -> Outcome<BodyArgument<'a>> {
    match arguments.value(index) {
        ValueRef::Blob(bytes) => Ok(BodyArgument::Bytes(bytes)),
        ValueRef::Text([]) | ValueRef::Empty | ValueRef::Null => Ok(BodyArgument::None),
        ValueRef::Text(_) => Ok(BodyArgument::Text(text(arguments, index)?)),
        _ => Err(Trouble::Argument { index, expected: STRING_OR_BLOB }),
    }
}

/// A whole number of 32 bits.
pub(super) fn whole(arguments: &Arguments<'_>, index: usize) -> Outcome<i64> {
    const LIMIT: f64 = 9.0e15;
    match arguments.value(index) {
        ValueRef::Int(number) => Ok(i64::from(number)),
        ValueRef::Number(number) if number.fract() == 0.0 && number.abs() < LIMIT => {
            // Whole and exact in this range, so the text has no fraction.
            format!("{number:.0}").parse().map_err(|_| Trouble::Argument { index, expected: NUMBER })
        }
        _ => Err(Trouble::Argument { index, expected: NUMBER }),
    }
}
