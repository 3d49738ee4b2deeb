//! What a component is, in safe terms. Everything a shim in `vtable.rs` needs to answer the host is here; nothing
//! here knows pointers. A toy component of ten lines is enough to exercise the whole ABI.

use std::fmt;

use super::host::{Arguments, Host, HostBuffer};

/// The classes of one library and how to make an object of each.
pub trait Library: 'static {
    /// The object behind every class of the library.
    type Component: Component;

    /// Class names, in the order of `GetClassNames`. A class name is also its extension name.
    const CLASSES: &'static [&'static Class];

    /// Answer of GetInfo. By heritage 2000 and more means that several objects may exist at once.
    const INFO: i32 = 2000;

    /// Makes an object. Must be cheap and free of side effects: the host may create one only to read names.
    fn create(class: &'static Class) -> Self::Component;
}

/// One object of the host. Called by one thread at a time (the ABI layer holds a lock per object and answers a
/// second caller with a defined error), but not always by the same thread.
pub trait Component: Send + 'static {
    /// Calls method `method` of the class table. The arguments are exactly as many as the table declares; omitted
    /// ones hold the declared default.
    ///
    /// # Errors
    /// A fault becomes `AddError` with a non-zero scode plus `false`, which BSL sees as an exception.
    fn call(&mut self, host: &Host, method: usize, arguments: &mut Arguments<'_>) -> Result<Value, Fault>;

    /// Reads property `property` of the class table.
    ///
    /// # Errors
    /// As [`Component::call`].
    fn property(&mut self, host: &Host, property: usize) -> Result<Value, Fault>;

    /// Writes property `property` of the class table.
    ///
    /// # Errors
    /// As [`Component::call`].
    fn set_property(&mut self, host: &Host, property: usize, value: ValueRef<'_>) -> Result<(), Fault>;

    /// The host is done with the object: stop what runs, drop what is held. The object may still be asked for names.
    fn done(&mut self) {}

    /// A fault the component did not see itself (a panic, a wrong argument count, a second thread), so that its own
    /// "last error" stays complete.
    fn remember(&mut self, _fault: &Fault) {}
}

/// A class: its name in the host and its table of members. The tables are `static`, so names, counts and indices
/// are stable for the life of the process.
#[derive(Debug)]
pub struct Class {
    /// Class name and extension name, Latin.
    pub name: &'static str,
    /// Methods; the index is the host's method number.
    pub methods: &'static [Method],
    /// Properties; the index is the host's property number.
    pub properties: &'static [Property],
}

/// One method of a class.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// English name.
    pub english: &'static str,
    /// Russian name; may equal the English one.
    pub russian: &'static str,
    /// Parameters in order.
    pub parameters: &'static [Parameter],
    /// Whether the method is a function. Functions may also be called as procedures.
    pub returns: bool,
}

/// One parameter of a method.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// English name, for messages and the reference.
    pub english: &'static str,
    /// Russian name.
    pub russian: &'static str,
    /// Default when omitted; `None`: the argument is required.
    pub default: Option<Default>,
}

/// Default of an omitted argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    /// Empty string.
    EmptyText,
    /// A string.
    Text(&'static str),
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i32),
}

/// One property of a class.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// English name.
    pub english: &'static str,
    /// Russian name; may equal the English one.
    pub russian: &'static str,
    /// Whether the host may read it.
    pub readable: bool,
    /// Whether the host may write it.
    pub writable: bool,
}

/// The language of a call: that of the name the script used, as far as it tells (some names are the same in both),
/// else that of the host's user interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English names.
    #[default]
    English,
    /// Russian names.
    Russian,
}

/// A value that came from the host. Borrowed from the host's memory for the length of the call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Неопределено, or an omitted argument without default.
    Empty,
    /// Null.
    Null,
    /// Булево.
    Bool(bool),
    /// Число, whole and within 32 bits.
    Int(i32),
    /// Число otherwise. Never NaN or infinite: those arrive as [`ValueRef::Unsupported`].
    Number(f64),
    /// Дата: local, without zone.
    Date(DateTime),
    /// Строка: UTF-16, surrogates possibly unpaired, NULs possible.
    Text(&'a [u16]),
    /// ДвоичныеДанные.
    Blob(&'a [u8]),
    /// A tag the component cannot use, or a value whose parts contradict each other.
    Unsupported(u16),
}

/// A value for the host.
pub enum Value {
    /// Неопределено.
    Empty,
    /// Булево.
    Bool(bool),
    /// Число.
    Int(i32),
    /// Число beyond 32 bits or fractional.
    Number(f64),
    /// Дата.
    Date(DateTime),
    /// Строка, copied into the host's memory.
    Text(String),
    /// Строка already in the host's memory: the buffer holds UTF-16 code units in native byte order.
    HostText(HostBuffer),
    /// ДвоичныеДанные, copied into the host's memory.
    Blob(Vec<u8>),
    /// ДвоичныеДанные already in the host's memory: handed over without a copy.
    HostBlob(HostBuffer),
}

impl fmt::Debug for Value {
    /// Without texts and data: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Empty => f.write_str("Empty"),
            Value::Bool(value) => write!(f, "Bool({value})"),
            Value::Int(value) => write!(f, "Int({value})"),
            Value::Number(value) => write!(f, "Number({value})"),
            Value::Date(value) => write!(f, "Date({value:?})"),
            Value::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Value::HostText(buffer) => write!(f, "HostText({} bytes)", buffer.length()),
            Value::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
            Value::HostBlob(buffer) => write!(f, "HostBlob({} bytes)", buffer.length()),
        }
    }
}

/// Local date and time of 1C, without zone, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// Year, 1 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
}

/// Why a call failed, ready for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code word, Latin.
    pub code: &'static str,
    /// Text for the user, in the language of the call, without secrets.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}
