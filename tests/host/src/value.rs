//! Values of the script and their form at the boundary. Arguments live in the object's host memory, exactly as long
//! as they are (no NUL behind a string), and are freed by the host; results are checked for coming from there.

use std::ffi::c_void;
use std::fmt;
use std::ops::Deref;

use crate::memory::Memory;
use crate::raw::{BLOB, BOOL, Counted, EMPTY, I4, NULL, PSTR, PWSTR, Payload, R8, TM, Tm, Variant};

/// A value of the script.
pub enum Val<'a> {
    /// Неопределено; as an argument also "omitted", so that the default is passed when there is one.
    Empty,
    /// Null.
    Null,
    /// Булево.
    Bool(bool),
    /// Число, whole, 32 bits.
    Int(i32),
    /// Число otherwise.
    Num(f64),
    /// Дата.
    Date(Date),
    /// Строка.
    Str(String),
    /// Строка that is not valid UTF-16.
    Utf16(Vec<u16>),
    /// ДвоичныеДанные, copied into host memory for the call.
    Blob(Vec<u8>),
    /// ДвоичныеДанные passed where they are, without a copy. Only for arguments.
    BlobRef(&'a [u8]),
    /// ДвоичныеДанные the component returned, in the host's memory.
    Host(HostBlob),
    /// Any tag with any first eight bytes, to try what no script passes. Only for arguments.
    Raw(u16, u64),
}

/// Date and time of the script: local, without zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, from 1.
    pub month: i32,
    /// Day, from 1.
    pub day: i32,
    /// Hour.
    pub hour: i32,
    /// Minute.
    pub minute: i32,
    /// Second.
    pub second: i32,
}

/// Binary data in the host's memory, freed through the object's manager when dropped. May outlive the object.
pub struct HostBlob {
    memory: Memory,
    pointer: *mut u8,
    length: usize,
}

// SAFETY: the block is owned by this value alone, and the manager is synchronised.
unsafe impl Send for HostBlob {}
// SAFETY: shared access only reads.
unsafe impl Sync for HostBlob {}

impl Deref for HostBlob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.pointer.is_null() {
            return &[];
        }
        // SAFETY: a live block of at least this size (checked when it was taken), written by the component.
        unsafe { std::slice::from_raw_parts(self.pointer, self.length) }
    }
}

impl Drop for HostBlob {
    fn drop(&mut self) {
        if !self.pointer.is_null() {
            self.memory.release(self.pointer.cast());
        }
    }
}

impl fmt::Debug for HostBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.length)
    }
}

impl Val<'_> {
    /// The string, if it is one and valid.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The bytes of binary data.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Blob(bytes) => Some(bytes),
            Self::BlobRef(bytes) => Some(bytes),
            Self::Host(blob) => Some(blob),
            _ => None,
        }
    }

    /// A whole number, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number.into()),
            #[allow(clippy::cast_possible_truncation, reason = "checked: whole and within 2^53")]
            Self::Num(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
                Some(number as i64)
            }
            _ => None,
        }
    }

    /// A number.
    #[must_use]
    pub fn as_num(&self) -> Option<f64> {
        match *self {
            Self::Int(number) => Some(number.into()),
            Self::Num(number) => Some(number),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = *self { Some(value) } else { None }
    }

    /// Whether it is Неопределено.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The value for the boundary, its text or bytes in `memory`.
    pub(crate) fn to_variant(&self, memory: &Memory) -> Variant {
        let mut variant = Variant::empty();
        match self {
            Self::Empty => {}
            Self::Null => variant.tag = NULL,
            Self::Bool(value) => variant.set(BOOL, Payload { boolean: u8::from(*value) }),
            Self::Int(value) => variant.set(I4, Payload { int: *value }),
            Self::Num(value) => variant.set(R8, Payload { float: *value }),
            Self::Date(date) => variant.set(TM, Payload { tm: date.to_tm() }),
            Self::Str(text) => {
                let units: Vec<u16> = text.encode_utf16().collect();
                variant.set(PWSTR, text_payload(memory, &units));
            }
            Self::Utf16(units) => variant.set(PWSTR, text_payload(memory, units)),
            Self::Blob(bytes) => {
                let pointer = store(memory, bytes);
                variant.set(BLOB, counted(pointer, bytes.len()));
            }
            Self::BlobRef(bytes) => {
                variant.set(BLOB, counted(bytes.as_ptr().cast_mut().cast(), bytes.len()));
            }
            Self::Host(blob) => variant.set(BLOB, counted(blob.pointer.cast(), blob.length)),
            Self::Raw(tag, bits) => variant.set(*tag, Payload { bits: *bits }),
        }
        variant
    }

    /// Whether [`Val::to_variant`] allocated for it.
    pub(crate) fn is_copied(&self) -> bool {
        matches!(self, Self::Str(_) | Self::Utf16(_) | Self::Blob(_))
    }
}

impl Val<'static> {
    /// Reads what the component wrote and takes its memory. Panics on anything the contract rules out.
    pub(crate) fn take(variant: &Variant, memory: &Memory, decode: bool) -> Self {
        // SAFETY of every read below: the tag says which member the component wrote, and all members are plain data.
        match variant.tag {
            EMPTY => Self::Empty,
            // SAFETY: see above.
            BOOL => match unsafe { variant.payload.boolean } {
                0 => Self::Bool(false),
                1 => Self::Bool(true),
                other => panic!("contract: a bool of {other}"),
            },
            // SAFETY: see above.
            I4 => Self::Int(unsafe { variant.payload.int }),
            // SAFETY: see above.
            R8 => Self::Num(unsafe { variant.payload.float }),
            // SAFETY: see above.
            TM => Self::Date(Date::from_tm(unsafe { &variant.payload.tm })),
            // SAFETY: see above.
            PWSTR => take_text(unsafe { variant.payload.counted }, memory, decode),
            // SAFETY: see above.
            BLOB => Self::Host(take_blob(unsafe { variant.payload.counted }, memory)),
            other => panic!("contract: tag {other} is not one a component may return"),
        }
    }
}

impl Variant {
    fn set(&mut self, tag: u16, payload: Payload) {
        self.payload = payload;
        self.tag = tag;
    }

    /// The pointer the variant owns, if its tag says it owns one.
    pub(crate) fn owned_pointer(&self) -> Option<*mut c_void> {
        if !matches!(self.tag, PSTR | PWSTR | BLOB) {
            return None;
        }
        // SAFETY: these tags mean this member.
        let pointer = unsafe { self.payload.counted }.pointer;
        (!pointer.is_null()).then_some(pointer)
    }

    /// Whether tag and first bytes are the same.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        // SAFETY: the first eight bytes are plain data in every member, and always initialised or compared after
        // the tag said so.
        self.tag == other.tag
            && match self.tag {
                EMPTY | NULL => true,
                // SAFETY: this member by the tag.
                BOOL => unsafe { self.payload.boolean == other.payload.boolean },
                // SAFETY: this member by the tag.
                I4 => unsafe { self.payload.int == other.payload.int },
                // SAFETY: these members by the tag.
                PSTR | PWSTR | BLOB => unsafe {
                    self.payload.counted.pointer == other.payload.counted.pointer
                        && self.payload.counted.length == other.payload.counted.length
                },
                // SAFETY: every other value in use has at least eight bytes.
                _ => unsafe { self.payload.bits == other.payload.bits },
            }
    }
}

fn counted(pointer: *mut c_void, length: usize) -> Payload {
    let length = u32::try_from(length).expect("lengths at the boundary are 32 bits");
    Payload { counted: Counted { pointer, length } }
}

fn text_payload(memory: &Memory, units: &[u16]) -> Payload {
    // SAFETY: units are plain data, and their bytes live as long as they do.
    let bytes = unsafe { std::slice::from_raw_parts(units.as_ptr().cast::<u8>(), size_of_val(units)) };
    counted(store(memory, bytes), units.len())
}

/// An empty value has a null pointer: components must not rely on one.
fn store(memory: &Memory, bytes: &[u8]) -> *mut c_void {
    if bytes.is_empty() {
        return std::ptr::null_mut();
    }
    let block = memory.allocate(bytes.len());
    assert!(!block.is_null(), "no memory for an argument of {} bytes", bytes.len());
    // SAFETY: a fresh block of this size.
    unsafe { block.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    block
}

fn take_text(text: Counted, memory: &Memory, decode: bool) -> Val<'static> {
    let length = usize::try_from(text.length).expect("32 bits fit");
    if text.pointer.is_null() {
        assert_eq!(length, 0, "contract: a string without memory but with a length");
        return Val::Str(String::new());
    }
    let size = memory.size_of(text.pointer).expect("contract: a string from elsewhere than the manager");
    assert!(size >= (length + 1) * 2, "contract: {length} units and a NUL do not fit {size} bytes");
    let units: Vec<u16> = {
        // SAFETY: a live block with room for `length` units and a NUL, aligned to 16.
        let all = unsafe { std::slice::from_raw_parts(text.pointer.cast::<u16>(), length + 1) };
        assert_eq!(all[length], 0, "contract: no NUL behind a string");
        all[..length].to_vec()
    };
    memory.release(text.pointer);
    if !decode {
        return Val::Utf16(units);
    }
    String::from_utf16(&units).map_or(Val::Utf16(units), Val::Str)
}

fn take_blob(blob: Counted, memory: &Memory) -> HostBlob {
    let length = usize::try_from(blob.length).expect("32 bits fit");
    if blob.pointer.is_null() {
        assert_eq!(length, 0, "contract: a blob without memory but with a length");
    } else {
        let size = memory.size_of(blob.pointer).expect("contract: a blob from elsewhere than the manager");
        assert!(size >= length, "contract: a blob of {length} bytes in a block of {size}");
    }
    HostBlob { memory: memory.clone(), pointer: blob.pointer.cast(), length }
}

impl Date {
    fn to_tm(self) -> Tm {
        let mut days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let leap = (self.year % 4 == 0 && self.year % 100 != 0) || self.year % 400 == 0;
        days[1] += i32::from(leap);
        let months = usize::try_from(self.month - 1).unwrap_or(0).min(12);
        let yday = days[..months].iter().sum::<i32>() + self.day - 1;
        let past = self.year - 1;
        let wday = (past * 365 + past / 4 - past / 100 + past / 400 + yday + 1).rem_euclid(7);
        Tm {
            sec: self.second,
            min: self.minute,
            hour: self.hour,
            mday: self.day,
            mon: self.month - 1,
            year: self.year - 1900,
            wday,
            yday,
            isdst: 0,
            #[cfg(not(windows))]
            gmtoff: 0,
            #[cfg(not(windows))]
            zone: std::ptr::null_mut(),
        }
    }

    fn from_tm(tm: &Tm) -> Self {
        let date = Self {
            year: tm.year + 1900,
            month: tm.mon + 1,
            day: tm.mday,
            hour: tm.hour,
            minute: tm.min,
            second: tm.sec,
        };
        let whole = date.to_tm();
        assert_eq!(
            (tm.wday, tm.yday),
            (whole.wday, whole.yday),
            "contract: week day and year day of {date:?}"
        );
        date
    }
}

impl fmt::Debug for Val<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Null => f.write_str("Null"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Int(value) => write!(f, "Int({value})"),
            Self::Num(value) => write!(f, "Num({value})"),
            Self::Date(value) => write!(f, "{value:?}"),
            Self::Str(value) => write!(f, "Str({value:?})"),
            Self::Utf16(value) => write!(f, "Utf16({value:04x?})"),
            Self::Raw(tag, bits) => write!(f, "Raw({tag}, {bits:#x})"),
            Self::Blob(_) | Self::BlobRef(_) | Self::Host(_) => {
                write!(f, "Blob({} bytes)", self.as_bytes().map_or(0, <[u8]>::len))
            }
        }
    }
}

/// Binary data compare by content wherever they live.
impl PartialEq for Val<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Empty) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Num(a), Self::Num(b)) => a.to_bits() == b.to_bits(),
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Utf16(a), Self::Utf16(b)) => a == b,
            (Self::Raw(a, x), Self::Raw(b, y)) => a == b && x == y,
            _ => self.as_bytes().is_some() && self.as_bytes() == other.as_bytes(),
        }
    }
}

impl From<&str> for Val<'_> {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}

impl From<String> for Val<'_> {
    fn from(value: String) -> Self {
        Self::Str(value)
    }
}

impl From<&String> for Val<'_> {
    fn from(value: &String) -> Self {
        Self::Str(value.clone())
    }
}

impl From<bool> for Val<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Val<'_> {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Val<'_> {
    fn from(value: f64) -> Self {
        Self::Num(value)
    }
}

impl From<Vec<u8>> for Val<'_> {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a [u8]> for Val<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::BlobRef(value)
    }
}
