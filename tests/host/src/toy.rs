//! A component that breaks the contract on request, to see that the host notices. Its vtables are written by hand
//! against `raw.rs`; the class is named after the fault.

use std::ffi::{c_long, c_void};
use std::ptr::null_mut;

use crate::connection::{text_at, wide};
use crate::library::{Addin, Addresses};
use crate::raw::{
    BLOB, Destructors, EMPTY, I4, InitDone, LanguageExtender, Locale, MemoryManagerTable, PWSTR, This,
    UserLanguage, Variant,
};
use crate::{Destruction, ErrorKind, Object, Settings, Val};

/// What the method `M(A, B = 7)` does: it returns A, and puts A and a blob into its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// The string returned has no NUL behind it.
    NoNul,
    /// The string returned is not from the manager.
    ForeignString,
    /// The parameter's old memory is not freed.
    LeakParameter,
    /// One byte behind the block is written.
    Overrun,
    /// A bool of 2.
    WrongBool,
    /// The manager is refused.
    Refuse,
    /// A tag that is not in the documented list.
    WrongTag,
    /// False, but memory in the result.
    FailedWithResult,
}

const FAULTS: [Fault; 9] = [
    Fault::None,
    Fault::NoNul,
    Fault::ForeignString,
    Fault::LeakParameter,
    Fault::Overrun,
    Fault::WrongBool,
    Fault::Refuse,
    Fault::WrongTag,
    Fault::FailedWithResult,
];

#[repr(C)]
struct Toy {
    init_done: &'static InitDone,
    extender: &'static LanguageExtender,
    locale: &'static Locale,
    user: &'static UserLanguage,
    memory: This,
    fault: Fault,
}

impl Toy {
    fn allocate(&self, bytes: usize) -> *mut c_void {
        let mut place = null_mut();
        // SAFETY: the manager begins with its vtable pointer and lives as long as the object.
        let table = unsafe { &**self.memory.cast::<*const MemoryManagerTable>() };
        // SAFETY: as above; the place is a local.
        unsafe { (table.alloc_memory)(self.memory, &raw mut place, bytes.try_into().unwrap_or(0)) };
        place
    }

    fn free(&self, mut block: *mut c_void) {
        // SAFETY: as in `allocate`.
        let table = unsafe { &**self.memory.cast::<*const MemoryManagerTable>() };
        // SAFETY: as in `allocate`.
        unsafe { (table.free_memory)(self.memory, &raw mut block) };
    }

    fn text(&self, text: &str) -> *mut u16 {
        let units = wide(text);
        let place = self.allocate(units.len() * 2).cast::<u16>();
        if !place.is_null() {
            // SAFETY: a fresh block of that size.
            unsafe { place.copy_from_nonoverlapping(units.as_ptr(), units.len()) };
        }
        place
    }
}

/// # Safety
/// `this` is the first base of a toy.
unsafe fn toy<'a>(this: This) -> &'a mut Toy {
    // SAFETY: by the caller's word; one call at a time.
    unsafe { &mut *this.cast::<Toy>() }
}

/// # Safety
/// `this` is the second base of a toy.
unsafe fn second<'a>(this: This) -> &'a mut Toy {
    // SAFETY: by the caller's word.
    unsafe { toy(this.wrapping_byte_sub(size_of::<usize>())) }
}

#[cfg(not(windows))]
const fn destructors<const BASE: usize>() -> Destructors {
    unsafe extern "C" fn complete(_this: This) {}
    unsafe extern "C" fn deleting<const BASE: usize>(this: This) {
        let object = this.wrapping_byte_sub(BASE * size_of::<usize>());
        // SAFETY: made by `Box` in `class_object`, ended once.
        drop(unsafe { Box::from_raw(object.cast::<Toy>()) });
    }
    Destructors { complete: Some(complete), deleting: Some(deleting::<BASE>) }
}

unsafe extern "system" fn init(_this: This, _link: This) -> u8 {
    1
}
unsafe extern "system" fn set_mem_manager(this: This, memory: This) -> u8 {
    // SAFETY: called by the host on the first base.
    let toy = unsafe { toy(this) };
    toy.memory = memory;
    match toy.fault {
        Fault::WrongBool => 2,
        Fault::Refuse => 0,
        _ => 1,
    }
}
unsafe extern "system" fn get_info(_this: This) -> c_long {
    2000
}
unsafe extern "system" fn done(_this: This) {}
unsafe extern "system" fn register(this: This, out: *mut *mut u16) -> u8 {
    // SAFETY: called by the host on the second base with a place for a pointer.
    unsafe { out.write(second(this).text("Toy")) };
    1
}
unsafe extern "system" fn one(_this: This) -> c_long {
    1
}
unsafe extern "system" fn find_prop(_this: This, _name: *const u16) -> c_long {
    -1
}
unsafe extern "system" fn find(_this: This, name: *const u16) -> c_long {
    // SAFETY: the host passes a NUL-terminated name.
    if unsafe { text_at(name) } == "M" { 0 } else { -1 }
}
unsafe extern "system" fn name(this: This, _index: c_long, _alias: c_long) -> *const u16 {
    // SAFETY: called by the host on the second base.
    unsafe { second(this) }.text("M")
}
unsafe extern "system" fn value(_this: This, _index: c_long, _value: *mut Variant) -> u8 {
    0
}
unsafe extern "system" fn yes(_this: This, _index: c_long) -> u8 {
    1
}
unsafe extern "system" fn two(_this: This, _index: c_long) -> c_long {
    2
}
unsafe extern "system" fn default(_this: This, _m: c_long, parameter: c_long, out: *mut Variant) -> u8 {
    // SAFETY: the host passes a variant.
    let out = unsafe { &mut *out };
    if parameter == 1 {
        out.tag = I4;
        out.payload.int = 7;
    }
    1
}
unsafe extern "system" fn procedure(_this: This, _index: c_long, _array: *mut Variant, _size: c_long) -> u8 {
    1
}
unsafe extern "system" fn function(
    this: This,
    _index: c_long,
    result: *mut Variant,
    array: *mut Variant,
    size: c_long,
) -> u8 {
    // SAFETY: called by the host on the second base, with a result and two parameters.
    let (toy, result, array) =
        unsafe { (second(this), &mut *result, std::slice::from_raw_parts_mut(array, 2)) };
    assert_eq!((size, result.tag), (2, EMPTY), "the host passes the declared number and an EMPTY result");
    // SAFETY: the test passes a string or a blob.
    let mut given = unsafe { array[0].payload.counted };
    if array[0].tag == BLOB {
        given.length /= 2;
    }
    let length = usize::try_from(given.length).unwrap_or(0);
    let returned = toy.allocate(length * 2 + 2);
    // SAFETY: the new block has room for the text and a NUL.
    unsafe { returned.cast::<u8>().copy_from_nonoverlapping(given.pointer.cast(), length * 2) };
    if toy.fault != Fault::NoNul {
        // SAFETY: as above.
        unsafe { returned.cast::<u16>().add(length).write(0) };
    }
    if toy.fault == Fault::Overrun {
        // SAFETY: this is the fault to be seen; the host keeps a guard there.
        unsafe { returned.cast::<u8>().add(length * 2 + 2).write(1) };
    }
    result.payload.counted = given;
    result.payload.counted.pointer = returned;
    result.tag = PWSTR;
    match toy.fault {
        Fault::ForeignString => {
            toy.free(returned);
            static ELSEWHERE: [u16; 4] = [0; 4];
            result.payload.counted.pointer = ELSEWHERE.as_ptr().cast_mut().cast();
        }
        Fault::WrongTag => {
            toy.free(returned);
            result.tag = 18;
        }
        Fault::FailedWithResult => return 0,
        _ => {}
    }
    if toy.fault != Fault::LeakParameter {
        toy.free(given.pointer);
    }
    array[0].payload.counted.pointer = toy.text("новое").cast();
    array[0].payload.counted.length = 5;
    array[0].tag = PWSTR;
    array[1].payload.counted.pointer = toy.text("").cast();
    array[1].payload.counted.length = 2;
    array[1].tag = BLOB;
    1
}
unsafe extern "system" fn set_text(_this: This, _text: *const u16) {}

static INIT_DONE: InitDone =
    InitDone { destructors: destructors::<0>(), init, set_mem_manager, get_info, done };
static EXTENDER: LanguageExtender = LanguageExtender {
    destructors: destructors::<1>(),
    register_extension_as: register,
    get_n_props: one,
    find_prop,
    get_prop_name: name,
    get_prop_val: value,
    set_prop_val: value,
    is_prop_readable: yes,
    is_prop_writable: yes,
    get_n_methods: one,
    find_method: find,
    get_method_name: name,
    get_n_params: two,
    get_param_def_value: default,
    has_ret_val: yes,
    call_as_proc: procedure,
    call_as_func: function,
};
static LOCALE: Locale = Locale { destructors: destructors::<2>(), set_locale: set_text };
static USER: UserLanguage =
    UserLanguage { destructors: destructors::<3>(), set_user_interface_language_code: set_text };

unsafe extern "C" fn class_names() -> *const u16 {
    static NAMES: [u16; 4] = [0x41, 0x7C, 0x42, 0];
    NAMES.as_ptr()
}
unsafe extern "C" fn class_object(name: *const u16, out: *mut This) -> c_long {
    // SAFETY: the host passes a NUL-terminated name.
    let name = unsafe { text_at(name) };
    let Some(fault) = FAULTS.into_iter().find(|fault| format!("{fault:?}") == name) else { return 0 };
    let toy = Toy {
        init_done: &INIT_DONE,
        extender: &EXTENDER,
        locale: &LOCALE,
        user: &USER,
        memory: null_mut(),
        fault,
    };
    // SAFETY: the host passes a place for a pointer.
    unsafe { out.write(Box::into_raw(Box::new(toy)).cast()) };
    1
}
unsafe extern "C" fn destroy_object(object: *mut This) -> c_long {
    // SAFETY: the host passes a place that holds an object or null.
    let pointer = unsafe { object.replace(null_mut()) };
    if !pointer.is_null() {
        // SAFETY: made by `Box` in `class_object`, ended once.
        drop(unsafe { Box::from_raw(pointer.cast::<Toy>()) });
    }
    0
}

fn addin() -> Addin {
    let addresses = Addresses {
        class_names: class_names as *const (),
        class_object: class_object as *const (),
        destroy_object: destroy_object as *const (),
        set_platform_capabilities: std::ptr::null(),
        attach_type: std::ptr::null(),
    };
    // SAFETY: functions of this file with the signatures of the contract.
    unsafe { Addin::in_process(addresses, None) }
}

fn object(fault: Fault) -> Object {
    addin().create(&format!("{fault:?}")).unwrap()
}

/// What the host says about a call of M.
fn complaint(fault: Fault) -> String {
    let object = std::mem::ManuallyDrop::new(object(fault));
    let call = std::panic::AssertUnwindSafe(|| object.call("M", &["старое".into()]));
    let panic = std::panic::catch_unwind(call).unwrap_err();
    let formatted = panic.downcast_ref::<String>().cloned();
    formatted.unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
}

#[test]
fn call_passes_defaults_and_brings_results_and_parameters_back() {
    let object = object(Fault::None);
    assert_eq!(object.extension_name().as_deref(), Some("Toy"));
    assert_eq!(object.default_value(0, 1), Some(Val::Int(7)));
    assert_eq!(object.default_value(0, 0), None);
    let mut arguments = ["старое".into(), Val::Empty];
    assert_eq!(object.call_with("M", &mut arguments).unwrap(), "старое".into());
    assert_eq!(arguments, ["новое".into(), Val::Blob(vec![0, 0])]);
    let memory = object.memory();
    assert_eq!(memory.report().live_blocks, 1, "the blob the test still holds");
    drop(object);
    drop(arguments);
    assert!(memory.report().is_clean(), "{memory:?}");
}

#[test]
fn wrong_calls_never_reach_the_component() {
    let object = object(Fault::None);
    let kind = |method, arguments: &[Val<'_>]| object.call(method, arguments).unwrap_err().kind;
    assert_eq!(kind("N", &[]), ErrorKind::NoSuchMember);
    assert_eq!(kind("M", &[]), ErrorKind::MissingArgument(0));
    assert_eq!(kind("M", &[Val::Null, Val::Null, Val::Null]), ErrorKind::TooManyArguments);
    assert_eq!(addin().create("No").unwrap_err().kind, ErrorKind::NoSuchClass);
    assert_eq!(addin().create("Refuse").unwrap_err().kind, ErrorKind::NotInitialised);
    assert_eq!(addin().class_names(), ["A", "B"]);
}

#[test]
fn breaches_of_the_contract_are_noticed() {
    assert!(complaint(Fault::NoNul).contains("no NUL"));
    assert!(complaint(Fault::ForeignString).contains("from elsewhere"));
    assert!(complaint(Fault::WrongTag).contains("tag 18"));
    assert!(complaint(Fault::FailedWithResult).contains("left memory"));
    assert!(std::panic::catch_unwind(|| addin().create("WrongBool").map(drop)).is_err());
}

#[test]
fn misuse_of_memory_is_counted() {
    let leaking = object(Fault::LeakParameter);
    leaking.call("M", &["старое".into()]).unwrap();
    assert_eq!(leaking.memory().report().live_blocks, 1);
    let overrunning = object(Fault::Overrun);
    overrunning.call("M", &["старое".into()]).unwrap();
    assert_eq!(overrunning.memory().report().overrun_blocks, 1);
    let freeing = object(Fault::None);
    let borrowed = *b"not from the manager";
    // The toy frees what it replaces, and this is not the manager's.
    let mut arguments = [Val::BlobRef(&borrowed)];
    freeing.call_with("M", &mut arguments).unwrap();
    assert_eq!(freeing.memory().report().foreign_frees, 1);
}

#[test]
fn refused_memory_is_null_and_counted() {
    let object = object(Fault::None);
    object.memory().fail_above(Some(1));
    assert_eq!(object.method_name(0, 0), None);
    object.memory().fail_above(None);
    object.memory().fail_from(Some(1));
    assert_eq!(object.method_name(0, 0).as_deref(), Some("M"));
    assert_eq!(object.method_name(0, 0), None);
    object.memory().fail_from(None);
    assert_eq!(object.memory().report().refused, 2);
}

#[test]
fn object_ends_through_every_base() {
    for base in 0..4 {
        let settings = Settings { destruction: Destruction::Delete(base), ..Settings::default() };
        let object = addin().create_with("None", settings).unwrap();
        let memory = object.memory();
        drop(object);
        assert!(memory.report().is_clean());
    }
}
