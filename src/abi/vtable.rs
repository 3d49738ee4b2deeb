//! The four vtables as constants. What the slots do is in `slots.rs` (names, counts, life) and `calls.rs` (methods and
//! properties).
//!
//! Order and number of slots are the vendor's. Itanium has two destructor slots (complete object, then deleting), MSVC
//! one (scalar deleting); on Windows the layout is MSVC's whatever the Rust target is, since the platform is built so.

use std::ffi::{c_long, c_void};
use std::marker::PhantomData;

use super::calls;
use super::component::Library;
use super::gate::{Count, Index, destroy};
use super::object::base;
use super::slots;

type This = *mut c_void;

/// Addresses of the first slots, as they go into an object.
pub(super) struct Vtables {
    pub(super) init_done: *const c_void,
    pub(super) extender: *const c_void,
    pub(super) locale: *const c_void,
    pub(super) user_language: *const c_void,
}

impl Vtables {
    pub(super) fn of<L: Library>() -> Self {
        Vtables {
            init_done: Tables::<L>::INIT_DONE.address_point(),
            extender: Tables::<L>::EXTENDER.address_point(),
            locale: Tables::<L>::LOCALE.address_point(),
            user_language: Tables::<L>::USER_LANGUAGE.address_point(),
        }
    }
}

/// What precedes a vtable under Itanium; only dynamic_cast and typeid read it.
#[repr(C)]
struct Table<S> {
    offset_to_top: isize,
    type_info: *const c_void,
    slots: S,
}

impl<S> Table<S> {
    const fn new(base: usize, slots: S) -> Self {
        #[expect(clippy::cast_possible_wrap, reason = "a base lies at most three words into the object")]
        let offset_to_top = -(base as isize);
        Table { offset_to_top, type_info: std::ptr::null(), slots }
    }

    fn address_point(&'static self) -> *const c_void {
        // Derived from the whole table, so that the words before the first slot may be read through it.
        std::ptr::from_ref(self).wrapping_byte_add(std::mem::offset_of!(Self, slots)).cast()
    }
}

struct Tables<L>(PhantomData<L>);

impl<L: Library> Tables<L> {
    const INIT_DONE: &'static Table<InitDone> = &Table::new(
        base::INIT_DONE,
        InitDone {
            destructor: Destructor::of::<L, { base::INIT_DONE }>(),
            init: slots::init::<L>,
            set_memory_manager: slots::set_memory_manager::<L>,
            info: slots::info::<L>,
            done: slots::done::<L>,
        },
    );
    const EXTENDER: &'static Table<Extender> = &Table::new(
        base::EXTENDER,
        Extender {
            destructor: Destructor::of::<L, { base::EXTENDER }>(),
            register_extension_as: slots::register_extension_as::<L>,
            property_count: slots::property_count::<L>,
            find_property: slots::find_property::<L>,
            property_name: slots::property_name::<L>,
            property: calls::property::<L>,
            set_property: calls::set_property::<L>,
            is_readable: slots::is_readable::<L>,
            is_writable: slots::is_writable::<L>,
            method_count: slots::method_count::<L>,
            find_method: slots::find_method::<L>,
            method_name: slots::method_name::<L>,
            parameter_count: slots::parameter_count::<L>,
            parameter_default: slots::parameter_default::<L>,
            has_result: slots::has_result::<L>,
            call_as_procedure: calls::call_as_procedure::<L>,
            call_as_function: calls::call_as_function::<L>,
        },
    );
    const LOCALE: &'static Table<Locale> = &Table::new(
        base::LOCALE,
        Locale { destructor: Destructor::of::<L, { base::LOCALE }>(), set_locale: slots::set_locale::<L> },
    );
    const USER_LANGUAGE: &'static Table<UserLanguage> = &Table::new(
        base::USER_LANGUAGE,
        UserLanguage {
            destructor: Destructor::of::<L, { base::USER_LANGUAGE }>(),
            set_language: slots::set_language::<L>,
        },
    );
}

#[repr(C)]
struct InitDone {
    destructor: Destructor,
    init: unsafe extern "system" fn(This, *mut c_void) -> bool,
    set_memory_manager: unsafe extern "system" fn(This, *mut c_void) -> bool,
    info: unsafe extern "system" fn(This) -> Count,
    done: unsafe extern "system" fn(This),
}

#[repr(C)]
struct Extender {
    destructor: Destructor,
    register_extension_as: unsafe extern "system" fn(This, *mut *const u16) -> bool,
    property_count: unsafe extern "system" fn(This) -> Count,
    find_property: unsafe extern "system" fn(This, *const u16) -> Index,
    property_name: unsafe extern "system" fn(This, c_long, c_long) -> *const u16,
    property: unsafe extern "system" fn(This, c_long, *mut c_void) -> bool,
    set_property: unsafe extern "system" fn(This, c_long, *mut c_void) -> bool,
    is_readable: unsafe extern "system" fn(This, c_long) -> bool,
    is_writable: unsafe extern "system" fn(This, c_long) -> bool,
    method_count: unsafe extern "system" fn(This) -> Count,
    find_method: unsafe extern "system" fn(This, *const u16) -> Index,
    method_name: unsafe extern "system" fn(This, c_long, c_long) -> *const u16,
    parameter_count: unsafe extern "system" fn(This, c_long) -> Count,
    parameter_default: unsafe extern "system" fn(This, c_long, c_long, *mut c_void) -> bool,
    has_result: unsafe extern "system" fn(This, c_long) -> bool,
    call_as_procedure: unsafe extern "system" fn(This, c_long, *mut c_void, c_long) -> bool,
    call_as_function: unsafe extern "system" fn(This, c_long, *mut c_void, *mut c_void, c_long) -> bool,
}

#[repr(C)]
struct Locale {
    destructor: Destructor,
    set_locale: unsafe extern "system" fn(This, *const u16),
}

#[repr(C)]
struct UserLanguage {
    destructor: Destructor,
    set_language: unsafe extern "system" fn(This, *const u16),
}

const _: () = {
    let word = size_of::<usize>();
    let destructors = if cfg!(windows) { 1 } else { 2 };
    assert!(size_of::<Destructor>() == destructors * word);
    assert!(size_of::<InitDone>() == (destructors + 4) * word);
    assert!(size_of::<Extender>() == (destructors + 16) * word);
    assert!(size_of::<Locale>() == (destructors + 1) * word);
    assert!(size_of::<UserLanguage>() == (destructors + 1) * word);
    assert!(std::mem::offset_of!(Extender, call_as_function) == (destructors + 15) * word);
    assert!(size_of::<Table<InitDone>>() == size_of::<InitDone>() + 2 * word);
};

/// Virtual destructor under Itanium.
#[cfg(not(windows))]
#[repr(C)]
struct Destructor {
    complete: unsafe extern "C" fn(This),
    deleting: unsafe extern "C" fn(This),
}

#[cfg(not(windows))]
impl Destructor {
    const fn of<L: Library, const BASE: usize>() -> Self {
        unsafe extern "C" fn complete<L: Library, const BASE: usize>(this: This) {
            // SAFETY: the contract of the slot.
            unsafe { destroy::<L>(this, BASE, false) }
        }
        unsafe extern "C" fn deleting<L: Library, const BASE: usize>(this: This) {
            // SAFETY: the contract of the slot.
            unsafe { destroy::<L>(this, BASE, true) }
        }
        Destructor { complete: complete::<L, BASE>, deleting: deleting::<L, BASE> }
    }
}

/// Virtual destructor of MSVC: bit 0 of the flags asks to free, the answer is the object.
#[cfg(windows)]
#[repr(C)]
struct Destructor {
    #[cfg(target_arch = "x86")]
    scalar_deleting: unsafe extern "thiscall" fn(This, u32) -> This,
    #[cfg(not(target_arch = "x86"))]
    scalar_deleting: unsafe extern "C" fn(This, u32) -> This,
}

#[cfg(windows)]
macro_rules! scalar_deleting {
    ($convention:literal) => {
        impl Destructor {
            const fn of<L: Library, const BASE: usize>() -> Self {
                unsafe extern $convention fn scalar_deleting<L: Library, const BASE: usize>(
                    this: This,
                    flags: u32,
                ) -> This {
                    // SAFETY: the contract of the slot.
                    unsafe { destroy::<L>(this, BASE, flags & 1 != 0) };
                    this.wrapping_byte_sub(BASE)
                }
                Destructor { scalar_deleting: scalar_deleting::<L, BASE> }
            }
        }
    };
}
#[cfg(all(windows, target_arch = "x86"))]
scalar_deleting!("thiscall");
#[cfg(all(windows, not(target_arch = "x86")))]
scalar_deleting!("C");
