//! Layouts of the contract as the host sees them: the variant, the four vtables of a component's object, the two
//! vtables of the host. Nothing here has behaviour beyond reading a vtable.
//!
//! Slots follow the order of declaration; the destructor takes two slots outside Windows and one on Windows.

#[cfg(not(windows))]
use std::ffi::c_char;
use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::mem::size_of;

/// `this` of some base of a component's object, or of a host object.
pub(crate) type This = *mut c_void;

/// C `struct tm` with the members of the system's own.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tm {
    pub(crate) sec: c_int,
    pub(crate) min: c_int,
    pub(crate) hour: c_int,
    pub(crate) mday: c_int,
    pub(crate) mon: c_int,
    pub(crate) year: c_int,
    pub(crate) wday: c_int,
    pub(crate) yday: c_int,
    pub(crate) isdst: c_int,
    #[cfg(not(windows))]
    pub(crate) gmtoff: c_long,
    #[cfg(not(windows))]
    pub(crate) zone: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) pointer: *mut c_void,
    pub(crate) length: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Interface {
    pointer: *mut c_void,
    id: [u8; 16],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union Payload {
    pub(crate) boolean: u8,
    pub(crate) int: i32,
    pub(crate) bits: u64,
    pub(crate) float: f64,
    pub(crate) tm: Tm,
    pub(crate) counted: Counted,
    pub(crate) interface: Interface,
}

/// The tVariant of the contract. Opaque outside this crate; made and read as [`crate::Val`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Variant {
    pub(crate) payload: Payload,
    pub(crate) elements: u32,
    pub(crate) tag: u16,
}

impl std::fmt::Debug for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Variant(tag {})", self.tag)
    }
}

impl Variant {
    /// EMPTY, with every other bit set: a reader that looks at more than the tag fails.
    pub(crate) fn empty() -> Self {
        let mut variant = Self { payload: Payload { bits: u64::MAX }, elements: u32::MAX, tag: EMPTY };
        variant.payload.interface =
            Interface { pointer: std::ptr::without_provenance_mut(usize::MAX), id: [0xFF; 16] };
        variant
    }
}

#[cfg(all(target_pointer_width = "64", not(windows)))]
const _: () = assert!(size_of::<Variant>() == 64 && size_of::<Tm>() == 56);
#[cfg(windows)]
const _: () = assert!(size_of::<Variant>() == 48 && size_of::<Tm>() == 36);
#[cfg(all(target_arch = "x86", not(windows)))]
const _: () = assert!(size_of::<Variant>() == 52 && size_of::<Tm>() == 44);
#[cfg(all(target_arch = "arm", not(windows)))]
const _: () = assert!(size_of::<Variant>() == 56 && size_of::<Tm>() == 44);

pub(crate) const EMPTY: u16 = 0;
pub(crate) const NULL: u16 = 1;
pub(crate) const I4: u16 = 3;
pub(crate) const R8: u16 = 5;
pub(crate) const TM: u16 = 7;
pub(crate) const PSTR: u16 = 8;
pub(crate) const BOOL: u16 = 11;
pub(crate) const PWSTR: u16 = 22;
pub(crate) const BLOB: u16 = 23;

/// The destructor entries at the head of every vtable with a virtual destructor.
#[cfg(not(windows))]
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Destructors {
    pub(crate) complete: Option<unsafe extern "C" fn(This)>,
    pub(crate) deleting: Option<unsafe extern "C" fn(This)>,
}

/// The destructor entry at the head of every vtable with a virtual destructor.
#[cfg(all(windows, target_arch = "x86"))]
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Destructors {
    pub(crate) scalar: Option<unsafe extern "thiscall" fn(This, u32) -> This>,
}

/// The destructor entry at the head of every vtable with a virtual destructor.
#[cfg(all(windows, not(target_arch = "x86")))]
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Destructors {
    pub(crate) scalar: Option<unsafe extern "C" fn(This, u32) -> This>,
}

/// How many pointer sizes `GetInterface` puts between the object and the pointer it returns: on Windows the empty
/// base lies after the vtable pointer.
pub(crate) const INTERFACE_DISPLACEMENT: usize = if cfg!(windows) { 1 } else { 0 };

// One-byte C++ bool: read as a number so that 2 is seen and not undefined behaviour.
type Bool = u8;

#[repr(C)]
pub(crate) struct InitDone {
    pub(crate) destructors: Destructors,
    pub(crate) init: unsafe extern "system" fn(This, This) -> Bool,
    pub(crate) set_mem_manager: unsafe extern "system" fn(This, This) -> Bool,
    pub(crate) get_info: unsafe extern "system" fn(This) -> c_long,
    pub(crate) done: unsafe extern "system" fn(This),
}

#[repr(C)]
pub(crate) struct LanguageExtender {
    pub(crate) destructors: Destructors,
    pub(crate) register_extension_as: unsafe extern "system" fn(This, *mut *mut u16) -> Bool,
    pub(crate) get_n_props: unsafe extern "system" fn(This) -> c_long,
    pub(crate) find_prop: unsafe extern "system" fn(This, *const u16) -> c_long,
    pub(crate) get_prop_name: unsafe extern "system" fn(This, c_long, c_long) -> *const u16,
    pub(crate) get_prop_val: unsafe extern "system" fn(This, c_long, *mut Variant) -> Bool,
    pub(crate) set_prop_val: unsafe extern "system" fn(This, c_long, *mut Variant) -> Bool,
    pub(crate) is_prop_readable: unsafe extern "system" fn(This, c_long) -> Bool,
    pub(crate) is_prop_writable: unsafe extern "system" fn(This, c_long) -> Bool,
    pub(crate) get_n_methods: unsafe extern "system" fn(This) -> c_long,
    pub(crate) find_method: unsafe extern "system" fn(This, *const u16) -> c_long,
    pub(crate) get_method_name: unsafe extern "system" fn(This, c_long, c_long) -> *const u16,
    pub(crate) get_n_params: unsafe extern "system" fn(This, c_long) -> c_long,
    pub(crate) get_param_def_value: unsafe extern "system" fn(This, c_long, c_long, *mut Variant) -> Bool,
    pub(crate) has_ret_val: unsafe extern "system" fn(This, c_long) -> Bool,
    pub(crate) call_as_proc: unsafe extern "system" fn(This, c_long, *mut Variant, c_long) -> Bool,
    pub(crate) call_as_func:
        unsafe extern "system" fn(This, c_long, *mut Variant, *mut Variant, c_long) -> Bool,
}

#[repr(C)]
pub(crate) struct Locale {
    pub(crate) destructors: Destructors,
    pub(crate) set_locale: unsafe extern "system" fn(This, *const u16),
}

#[repr(C)]
pub(crate) struct UserLanguage {
    pub(crate) destructors: Destructors,
    pub(crate) set_user_interface_language_code: unsafe extern "system" fn(This, *const u16),
}

/// The host's IMemoryManager.
#[repr(C)]
pub(crate) struct MemoryManagerTable {
    pub(crate) destructors: Destructors,
    pub(crate) alloc_memory: unsafe extern "system" fn(This, *mut *mut c_void, c_ulong) -> Bool,
    pub(crate) free_memory: unsafe extern "system" fn(This, *mut *mut c_void),
}

/// The host's IAddInDefBaseEx.
#[repr(C)]
pub(crate) struct ConnectionTable {
    pub(crate) destructors: Destructors,
    pub(crate) add_error: unsafe extern "system" fn(This, u16, *const u16, *const u16, c_long) -> Bool,
    pub(crate) read:
        unsafe extern "system" fn(This, *mut u16, *mut Variant, *mut c_long, *mut *mut u16) -> Bool,
    pub(crate) write: unsafe extern "system" fn(This, *mut u16, *mut Variant) -> Bool,
    pub(crate) register_profile_as: unsafe extern "system" fn(This, *mut u16) -> Bool,
    pub(crate) set_event_buffer_depth: unsafe extern "system" fn(This, c_long) -> Bool,
    pub(crate) get_event_buffer_depth: unsafe extern "system" fn(This) -> c_long,
    pub(crate) external_event: unsafe extern "system" fn(This, *mut u16, *mut u16, *mut u16) -> Bool,
    pub(crate) clean_event_buffer: unsafe extern "system" fn(This),
    pub(crate) set_status_line: unsafe extern "system" fn(This, *mut u16) -> Bool,
    pub(crate) reset_status_line: unsafe extern "system" fn(This),
    pub(crate) get_interface: unsafe extern "system" fn(This, c_int) -> This,
}

/// Nobody but the host itself ends a host object: entries that do nothing.
#[cfg(not(windows))]
pub(crate) const HOST_DESTRUCTORS: Destructors = {
    unsafe extern "C" fn nothing(_this: This) {}
    Destructors { complete: Some(nothing), deleting: Some(nothing) }
};
#[cfg(all(windows, target_arch = "x86"))]
pub(crate) const HOST_DESTRUCTORS: Destructors = {
    unsafe extern "thiscall" fn nothing(this: This, _flags: u32) -> This {
        this
    }
    Destructors { scalar: Some(nothing) }
};
#[cfg(all(windows, not(target_arch = "x86")))]
pub(crate) const HOST_DESTRUCTORS: Destructors = {
    unsafe extern "C" fn nothing(this: This, _flags: u32) -> This {
        this
    }
    Destructors { scalar: Some(nothing) }
};

/// A component's object: one vtable pointer per base.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bases(This);

// SAFETY: the contract lets successive calls on one object come from different threads, and a component is tested
// for answering two at once with an error; the pointer itself is plain data.
unsafe impl Send for Bases {}
// SAFETY: as above.
unsafe impl Sync for Bases {}

impl Bases {
    /// # Safety
    /// `object` is what GetClassObject stored, not yet destroyed.
    pub(crate) unsafe fn new(object: This) -> Self {
        Self(object)
    }

    pub(crate) fn object(self) -> This {
        self.0
    }

    /// Subobject `index` as `this` for the methods of that base.
    pub(crate) fn this(self, index: usize) -> This {
        self.0.wrapping_byte_add(index * size_of::<usize>())
    }

    /// # Safety
    /// The object is alive, `T` is the vtable of base `index`.
    unsafe fn table<'a, T>(self, index: usize) -> &'a T {
        let slot = self.this(index).cast::<*const T>();
        // SAFETY: the object begins with one vtable pointer per base, and vtables are static in the library, which
        // outlives every object.
        unsafe { &**slot }
    }

    /// # Safety
    /// The object is alive.
    pub(crate) unsafe fn init_done<'a>(self) -> &'a InitDone {
        // SAFETY: first base; alive by the caller's word.
        unsafe { self.table(0) }
    }

    /// # Safety
    /// The object is alive.
    pub(crate) unsafe fn language_extender<'a>(self) -> &'a LanguageExtender {
        // SAFETY: second base; alive by the caller's word.
        unsafe { self.table(1) }
    }

    /// # Safety
    /// The object is alive.
    pub(crate) unsafe fn locale<'a>(self) -> &'a Locale {
        // SAFETY: third base; alive by the caller's word.
        unsafe { self.table(2) }
    }

    /// # Safety
    /// The object is alive and made with the new kit's bases.
    pub(crate) unsafe fn user_language<'a>(self) -> &'a UserLanguage {
        // SAFETY: fourth base; alive by the caller's word.
        unsafe { self.table(3) }
    }

    /// Destructor entries of base `index`, 0 to 3.
    ///
    /// # Safety
    /// The object is alive.
    pub(crate) unsafe fn destructors(self, index: usize) -> Destructors {
        // SAFETY: every base's vtable begins with its destructor entries.
        unsafe { *self.table::<Destructors>(index) }
    }
}
