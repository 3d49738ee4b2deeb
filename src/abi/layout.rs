//! Layout of tVariant and of the C types inside it, proven at compile time for every row of the platform's table.
//! Layout only: reading and writing is in `variant.rs`. The tag is a plain integer, since any bit pattern may come.

use std::ffi::c_int;
#[cfg(not(windows))]
use std::ffi::{c_char, c_long};
use std::mem::offset_of;

/// tVariant. Never held by value: it only gives sizes and offsets.
#[repr(C)]
pub(super) struct RawVariant {
    value: Union,
    elements: u32,
    pub(super) tag: u16,
}

/// Every member starts at offset 0. Members that decide size and alignment are all here.
#[repr(C)]
union Union {
    int64: i64,
    double: f64,
    tm: Tm,
    run: RawRun,
    interface: RawInterface,
}

/// String (UTF-16 or narrow) and binary data: pointer and length.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawRun {
    pub(super) start: *mut u8,
    pub(super) length: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct RawInterface {
    pointer: *mut u8,
    id: [u8; 16],
}

/// `struct tm` of the target's C library.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Tm {
    pub(super) second: c_int,
    pub(super) minute: c_int,
    pub(super) hour: c_int,
    pub(super) day: c_int,
    pub(super) month: c_int,
    pub(super) year: c_int,
    pub(super) week_day: c_int,
    pub(super) year_day: c_int,
    pub(super) daylight_saving: c_int,
    #[cfg(not(windows))]
    pub(super) offset: c_long,
    /// A pointer, whatever some published bindings say.
    #[cfg(not(windows))]
    pub(super) zone: *const c_char,
}

/// Values of the tag.
pub(super) mod tag {
    pub(crate) const EMPTY: u16 = 0;
    pub(crate) const NULL: u16 = 1;
    pub(crate) const I2: u16 = 2;
    pub(crate) const I4: u16 = 3;
    pub(crate) const R4: u16 = 4;
    pub(crate) const R8: u16 = 5;
    pub(crate) const DATE: u16 = 6;
    pub(crate) const TM: u16 = 7;
    pub(crate) const PSTR: u16 = 8;
    pub(crate) const ERROR: u16 = 10;
    pub(crate) const BOOL: u16 = 11;
    pub(crate) const I1: u16 = 13;
    pub(crate) const UI1: u16 = 14;
    pub(crate) const UI2: u16 = 15;
    pub(crate) const UI4: u16 = 16;
    pub(crate) const I8: u16 = 17;
    pub(crate) const UI8: u16 = 18;
    pub(crate) const INT: u16 = 19;
    pub(crate) const UINT: u16 = 20;
    pub(crate) const HRESULT: u16 = 21;
    pub(crate) const PWSTR: u16 = 22;
    pub(crate) const BLOB: u16 = 23;
}

/// One row of the table: size of tm, offset of the element count, offset of the tag, size and alignment of tVariant,
/// offset of a string's length.
const ROW: [usize; 6] = if cfg!(all(windows, target_pointer_width = "64")) {
    [36, 40, 44, 48, 8, 8]
} else if cfg!(all(windows, target_arch = "x86")) {
    [36, 40, 44, 48, 8, 4]
} else if cfg!(all(not(windows), target_pointer_width = "64")) {
    [56, 56, 60, 64, 8, 8]
} else if cfg!(all(not(windows), target_arch = "x86")) {
    [44, 44, 48, 52, 4, 4]
} else if cfg!(all(not(windows), target_arch = "arm")) {
    [44, 48, 52, 56, 8, 4]
} else {
    panic!("the layout of tVariant is not known for this target")
};

const _: () = {
    assert!(size_of::<Tm>() == ROW[0]);
    assert!(offset_of!(RawVariant, elements) == ROW[1]);
    assert!(offset_of!(RawVariant, tag) == ROW[2]);
    assert!(size_of::<RawVariant>() == ROW[3]);
    assert!(align_of::<RawVariant>() == ROW[4]);
    assert!(offset_of!(RawRun, length) == ROW[5]);
    assert!(offset_of!(RawVariant, value) == 0);
};
