//! Values across the boundary. Reading trusts nothing but the pointers themselves; writing takes a [`Prepared`]
//! value, in which everything that can fail has already happened, so an answer is stored whole or not at all.

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;

use super::component::{Fault, Language, Value, ValueRef};
use super::date;
use super::faults;
use super::layout::{RawRun, RawVariant, Tm, tag};
use super::memory::{HostBuffer, HostMemory};

/// A tVariant of the host, for the length of one call.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a> {
    start: NonNull<RawVariant>,
    call: PhantomData<&'a [u8]>,
}

impl<'a> Slot<'a> {
    /// `None` for null and for an address no tVariant can have.
    ///
    /// # Safety
    /// A non-null pointer must be a tVariant that can be read and written during `'a`; what it refers to (string,
    /// data) must be readable and unchanged for as long.
    pub(super) unsafe fn new(pointer: *mut c_void) -> Option<Self> {
        let start = NonNull::new(pointer.cast::<RawVariant>())?;
        start.is_aligned().then_some(Slot { start, call: PhantomData })
    }

    /// What the host passed.
    pub(super) fn read(self) -> ValueRef<'a> {
        let tag = self.tag();
        let value = match tag {
            tag::EMPTY => Some(ValueRef::Empty),
            tag::NULL => Some(ValueRef::Null),
            tag::BOOL => match self.get::<u8>() {
                0 => Some(ValueRef::Bool(false)),
                1 => Some(ValueRef::Bool(true)),
                _ => None,
            },
            tag::I1 => Some(whole(self.get::<i8>().into())),
            tag::I2 => Some(whole(self.get::<i16>().into())),
            tag::I4 | tag::ERROR => Some(whole(self.get::<i32>().into())),
            tag::I8 => Some(whole(self.get::<i64>().into())),
            tag::UI1 => Some(whole(self.get::<u8>().into())),
            tag::UI2 => Some(whole(self.get::<u16>().into())),
            tag::UI4 => Some(whole(self.get::<u32>().into())),
            tag::UI8 => Some(whole(self.get::<u64>().into())),
            tag::INT => Some(whole(self.get::<c_int>().into())),
            tag::UINT => Some(whole(self.get::<c_uint>().into())),
            tag::HRESULT => Some(whole(self.get::<c_long>().into())),
            tag::R4 => number(self.get::<f32>().into()),
            tag::R8 => number(self.get::<f64>()),
            tag::DATE => date::from_ole(self.get::<f64>()).map(ValueRef::Date),
            tag::TM => date::from_tm(&self.get::<Tm>()).map(ValueRef::Date),
            tag::PWSTR => self.run::<u16>().map(ValueRef::Text),
            tag::BLOB => self.run::<u8>().map(ValueRef::Blob),
            _ => None,
        };
        value.unwrap_or(ValueRef::Unsupported(tag))
    }

    /// Makes the variant Неопределено, whatever it was: a result of the host is not initialised by contract of every
    /// host, so nothing is freed.
    pub(super) fn clear(self) {
        self.put_tag(tag::EMPTY);
    }

    /// Stores an answer, over whatever was there.
    pub(super) fn store(self, value: Prepared) {
        // A union half written by an unfinished call must never carry a tag that makes the host free it.
        self.put_tag(tag::EMPTY);
        let tag = match value {
            Prepared::Empty => return,
            Prepared::Bool(value) => {
                self.put(u8::from(value));
                tag::BOOL
            }
            Prepared::Int(value) => {
                self.put(value);
                tag::I4
            }
            Prepared::Number(value) => {
                self.put(value);
                tag::R8
            }
            Prepared::Date(value) => {
                self.put(value);
                tag::TM
            }
            Prepared::Text { buffer, units } => {
                self.put(RawRun { start: buffer.hand_over().as_ptr(), length: units });
                tag::PWSTR
            }
            Prepared::Blob { buffer, length } => {
                self.put(RawRun { start: buffer.hand_over().as_ptr(), length });
                tag::BLOB
            }
        };
        self.put_tag(tag);
    }

    /// Stores the new value of an out-parameter. The old value belongs to the host, which forgets it: what it points
    /// to is freed first.
    pub(super) fn replace(self, value: Prepared, memory: &HostMemory) {
        if matches!(self.tag(), tag::PWSTR | tag::PSTR | tag::BLOB)
            && let Some(old) = NonNull::new(self.get::<RawRun>().start)
        {
            self.put_tag(tag::EMPTY);
            // SAFETY: the host passed it as a value made by this object's manager, and nothing borrows it: the
            // component has returned.
            unsafe { memory.free(old) };
        }
        self.store(value);
    }

    fn run<T: Unit>(self) -> Option<&'a [T]> {
        let RawRun { start, length } = self.get::<RawRun>();
        let length = usize::try_from(length).ok()?;
        if length == 0 {
            return Some(&[]);
        }
        let bytes = length.checked_mul(size_of::<T>())?;
        let start = start.cast::<T>();
        let fits = isize::try_from(bytes).is_ok() && start.addr().checked_add(bytes).is_some();
        if start.is_null() || !start.is_aligned() || !fits {
            return None;
        }
        // SAFETY: non-null, aligned, of a possible size; the host vouches for `length` elements during `'a` (`new`).
        Some(unsafe { std::slice::from_raw_parts(start, length) })
    }

    fn tag(self) -> u16 {
        let at = self.start.as_ptr().wrapping_byte_add(offset_of!(RawVariant, tag)).cast::<u16>();
        // SAFETY: inside the tVariant (`new`).
        unsafe { at.read() }
    }

    fn put_tag(self, tag: u16) {
        let at = self.start.as_ptr().wrapping_byte_add(offset_of!(RawVariant, tag)).cast::<u16>();
        // SAFETY: inside the tVariant (`new`).
        unsafe { at.write(tag) }
    }

    /// A member of the union: they all start at offset 0.
    fn get<T: Member>(self) -> T {
        // SAFETY: inside the tVariant and aligned (`new`, `Member`); every bit pattern is a value of a `Member`.
        unsafe { self.start.as_ptr().cast::<T>().read() }
    }

    fn put<T: Member>(self, value: T) {
        // SAFETY: as in `get`.
        unsafe { self.start.as_ptr().cast::<T>().write(value) }
    }
}

/// The parameters of one call.
#[derive(Clone, Copy)]
pub(super) struct Slots<'a> {
    first: Option<Slot<'a>>,
    count: usize,
}

impl<'a> Slots<'a> {
    /// `None` for a negative or impossible count, and for a null or misaligned array that is not empty.
    ///
    /// # Safety
    /// As [`Slot::new`], for `count` tVariants in a row.
    pub(super) unsafe fn new(array: *mut c_void, count: c_long) -> Option<Self> {
        let count = usize::try_from(count).ok()?;
        if count == 0 {
            return Some(Slots { first: None, count });
        }
        // No method has nearly as many; a count beyond is garbage.
        if count > 1000 {
            return None;
        }
        // SAFETY: passed on from the caller.
        let first = unsafe { Slot::new(array) }?;
        Some(Slots { first: Some(first), count })
    }

    pub(super) fn len(self) -> usize {
        self.count
    }

    pub(super) fn at(self, index: usize) -> Option<Slot<'a>> {
        let first = self.first.filter(|_| index < self.count)?;
        // SAFETY: `index` is below the count the host gave (`new`).
        let start = unsafe { first.start.add(index) };
        Some(Slot { start, call: PhantomData })
    }
}

/// A value in its host form. Dropping it frees what it holds.
pub(super) enum Prepared {
    Empty,
    Bool(bool),
    Int(i32),
    Number(f64),
    Date(Tm),
    Text { buffer: HostBuffer, units: u32 },
    Blob { buffer: HostBuffer, length: u32 },
}

impl Prepared {
    /// Brings a value into the host's memory. Faults: no memory, beyond what a 32-bit length can say, not a number,
    /// not a date.
    pub(super) fn new(value: Value, memory: &HostMemory, language: Language) -> Result<Self, Fault> {
        Ok(match value {
            Value::Empty => Prepared::Empty,
            Value::Bool(value) => Prepared::Bool(value),
            Value::Int(value) => Prepared::Int(value),
            Value::Number(value) if value.is_finite() => Prepared::Number(value),
            Value::Number(_) => return Err(faults::wrong_result(language)),
            Value::Date(value) => {
                Prepared::Date(date::to_tm(value).ok_or_else(|| faults::wrong_result(language))?)
            }
            Value::Text(text) => Self::text(&text, memory, language)?,
            Value::Blob(bytes) => Self::blob(copied(&bytes, memory, language)?, language)?,
            Value::HostText(buffer) => {
                let mut buffer = own(buffer, memory, language)?;
                let units = buffer.length() / size_of::<u16>();
                buffer.set_length(units * size_of::<u16>());
                let units = u32::try_from(units).map_err(|_| faults::too_large(language))?;
                Prepared::Text { buffer, units }
            }
            Value::HostBlob(buffer) => Self::blob(own(buffer, memory, language)?, language)?,
        })
    }

    pub(super) fn text(text: &str, memory: &HostMemory, language: Language) -> Result<Self, Fault> {
        let units = u32::try_from(super::utf16::units(text)).map_err(|_| faults::too_large(language))?;
        let buffer = memory.text(text).ok_or_else(|| faults::out_of_memory(language))?;
        Ok(Prepared::Text { buffer, units })
    }

    fn blob(buffer: HostBuffer, language: Language) -> Result<Self, Fault> {
        let length = u32::try_from(buffer.length()).map_err(|_| faults::too_large(language))?;
        Ok(Prepared::Blob { buffer, length })
    }
}

/// The buffer itself when it is of this object's manager; a copy of it otherwise (the host frees what it gets through
/// this object's manager).
fn own(mut buffer: HostBuffer, memory: &HostMemory, language: Language) -> Result<HostBuffer, Fault> {
    if buffer.belongs_to(memory) {
        return Ok(buffer);
    }
    let length = buffer.length();
    copied(buffer.filled(length), memory, language)
}

fn copied(bytes: &[u8], memory: &HostMemory, language: Language) -> Result<HostBuffer, Fault> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(faults::too_large(language));
    }
    let mut buffer = memory.allocate(bytes.len()).ok_or_else(|| faults::out_of_memory(language))?;
    buffer.copy_from(bytes);
    Ok(buffer)
}

fn whole(value: i128) -> ValueRef<'static> {
    #[expect(clippy::cast_precision_loss, reason = "1C numbers of this size arrive as doubles anyway")]
    i32::try_from(value).map_or(ValueRef::Number(value as f64), ValueRef::Int)
}

fn number(value: f64) -> Option<ValueRef<'static>> {
    if !value.is_finite() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked by the comparison that follows")]
    let whole = value as i32;
    #[expect(clippy::float_cmp, reason = "exactly whole is what is asked")]
    let exact = f64::from(whole) == value;
    Some(if exact { ValueRef::Int(whole) } else { ValueRef::Number(value) })
}

/// An element of a run.
trait Unit {}
impl Unit for u8 {}
impl Unit for u16 {}

/// A member of the union: any bit pattern is a value, size and alignment are within tVariant's.
trait Member: Copy {
    const FITS: () = assert!(
        size_of::<Self>() <= size_of::<RawVariant>() && align_of::<Self>() <= align_of::<RawVariant>()
    );
}

macro_rules! members {
    ($($member:ty),*) => {
        $(impl Member for $member {} const _: () = <$member as Member>::FITS;)*
    };
}
members!(u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, Tm, RawRun);
#[cfg(all(not(windows), target_pointer_width = "64"))]
const _: () = assert!(size_of::<c_long>() == 8);
#[cfg(any(windows, target_pointer_width = "32"))]
const _: () = assert!(size_of::<c_long>() == 4);
