//! A fake platform, in Rust, so that it runs under Miri. Its layouts are written from the vendor's declarations
//! independently of the library's own. It fills new and freed memory with a pattern, counts what lives, can refuse the
//! n-th allocation, and notes every call that a real platform would not survive (violations).

use std::alloc::Layout;
use std::collections::HashMap;
#[cfg(not(windows))]
use std::ffi::c_char;
use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard};

use httpconnector::abi;

use crate::toy::Toy;

pub const EMPTY: u16 = 0;
pub const I4: u16 = 3;
pub const R8: u16 = 5;
pub const TM: u16 = 7;
pub const PSTR: u16 = 8;
pub const BOOL: u16 = 11;
pub const PWSTR: u16 = 22;
pub const BLOB: u16 = 23;

/// Destructor slots of one vtable.
pub const N: usize = if cfg!(windows) { 1 } else { 2 };

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Tm {
    pub sec: c_int,
    pub min: c_int,
    pub hour: c_int,
    pub mday: c_int,
    pub mon: c_int,
    pub year: c_int,
    pub wday: c_int,
    pub yday: c_int,
    pub isdst: c_int,
    #[cfg(not(windows))]
    pub gmtoff: c_long,
    #[cfg(not(windows))]
    pub zone: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Run {
    pub pointer: *mut c_void,
    pub length: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union Union {
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub long: c_long,
    pub f32: f32,
    pub f64: f64,
    pub tm: Tm,
    pub run: Run,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Variant {
    pub value: Union,
    pub elements: u32,
    pub vt: u16,
}

impl Variant {
    pub fn new(vt: u16, value: Union) -> Self {
        Variant { value, elements: 0, vt }
    }

    /// Neopredeleno, with leftover bits in the union.
    pub fn empty() -> Self {
        Variant::new(EMPTY, Union { u64: 0xDEAD_BEEF_DEAD_BEEF })
    }

    pub fn int(value: i32) -> Self {
        Variant::new(I4, Union { i32: value })
    }

    pub fn number(value: f64) -> Self {
        Variant::new(R8, Union { f64: value })
    }

    /// A string that stays the test's.
    pub fn text(units: &[u16]) -> Self {
        Variant::run(PWSTR, units.as_ptr().cast_mut().cast(), units.len())
    }

    pub fn blob(bytes: &[u8]) -> Self {
        Variant::run(BLOB, bytes.as_ptr().cast_mut().cast(), bytes.len())
    }

    pub fn run(vt: u16, pointer: *mut c_void, length: usize) -> Self {
        Variant::new(vt, Union { run: Run { pointer, length: u32::try_from(length).unwrap() } })
    }

    pub fn as_mut(&mut self) -> *mut c_void {
        (&raw mut *self).cast()
    }
}

/// A value as the test sees it, its memory already given back.
#[derive(Debug, Clone, PartialEq)]
pub enum Got {
    Empty,
    Bool(bool),
    Int(i32),
    Number(f64),
    /// Year, month, day, hour, minute, second as in `tm`, then day of the week and of the year.
    Date([c_int; 8]),
    Text(String),
    Units(Vec<u16>),
    Blob(Vec<u8>),
    Other(u16),
}

pub fn text(text: &str) -> Got {
    Got::Text(text.to_owned())
}

/// NUL-terminated.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[repr(C)]
pub struct Memory {
    vtable: *const [*const c_void; N + 2],
    state: Mutex<MemoryState>,
}

#[derive(Default)]
struct MemoryState {
    live: HashMap<usize, (*mut u8, usize)>,
    made: usize,
    fail_at: Option<usize>,
    closed: bool,
    violations: Vec<String>,
}

struct Table<const L: usize>([*const c_void; L]);
// SAFETY: constants, never written.
unsafe impl<const L: usize> Sync for Table<L> {}

static MEMORY_TABLE: Table<{ N + 2 }> = {
    let mut slots = [null(); N + 2];
    slots[N] = allocate as *const c_void;
    slots[N + 1] = free as *const c_void;
    Table(slots)
};

const ALIGN: usize = 16;

unsafe extern "system" fn allocate(this: *mut Memory, out: *mut *mut c_void, bytes: c_ulong) -> u8 {
    // SAFETY: the library passes what it was given.
    let mut state = unsafe { &(*this).state }.lock().unwrap();
    state.made += 1;
    if state.closed {
        state.violations.push("allocation after destruction".into());
    }
    let bytes = usize::try_from(bytes).unwrap();
    let refused = state.fail_at == Some(state.made) || bytes > 1 << 30;
    // SAFETY: the out pointer is the library's.
    unsafe { out.write(null_mut()) };
    if refused {
        return 0;
    }
    let layout = Layout::from_size_align(bytes.max(1), ALIGN).unwrap();
    // SAFETY: not of size zero.
    let start = unsafe { std::alloc::alloc(layout) };
    // SAFETY: just allocated.
    unsafe { start.write_bytes(0xDB, bytes.max(1)) };
    state.live.insert(start.addr(), (start, bytes));
    // SAFETY: the out pointer is the library's.
    unsafe { out.write(start.cast()) };
    1
}

unsafe extern "system" fn free(this: *mut Memory, pointer: *mut *mut c_void) {
    // SAFETY: the library passes what it was given.
    let mut state = unsafe { &(*this).state }.lock().unwrap();
    if state.closed {
        state.violations.push("freeing after destruction".into());
    }
    // SAFETY: the pointer is the caller's variable.
    let address = unsafe { pointer.replace(null_mut()) }.addr();
    match state.live.remove(&address) {
        // SAFETY: allocated above with this layout.
        Some((start, bytes)) => unsafe {
            let layout = Layout::from_size_align(bytes.max(1), ALIGN).unwrap();
            start.write_bytes(0xDD, bytes.max(1));
            std::alloc::dealloc(start, layout);
        },
        None => state.violations.push(format!("freed {address:#x}, which is not allocated")),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    pub code: u16,
    pub source: String,
    pub text: String,
    pub scode: c_long,
}

#[repr(C)]
pub struct Connection {
    vtable: *const [*const c_void; N + 11],
    closed: AtomicBool,
    interfaces: Mutex<Vec<i32>>,
    raised: Mutex<Vec<Raised>>,
    violations: Mutex<Vec<String>>,
    platform_info: Interface,
    attached_info: Interface,
    app: AppInfo,
    version: Vec<u16>,
    pub attached: AtomicI32,
    /// Called inside AddError, for hosts that call back.
    pub inside: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

#[repr(C)]
struct Interface {
    vtable: *const [*const c_void; 1],
    owner: *const Connection,
}

#[repr(C)]
struct AppInfo {
    version: *const u16,
    agent: *const u16,
    kind: i32,
}

static CONNECTION_TABLE: Table<{ N + 11 }> = {
    let mut slots = [null(); N + 11];
    slots[N] = add_error as *const c_void;
    slots[N + 10] = interface as *const c_void;
    Table(slots)
};
static PLATFORM_TABLE: Table<1> = Table([platform_info as *const c_void]);
static ATTACHED_TABLE: Table<1> = Table([attached_info as *const c_void]);

unsafe extern "system" fn add_error(
    this: *mut Connection,
    code: u16,
    source: *const u16,
    description: *const u16,
    scode: c_long,
) -> u8 {
    // SAFETY: the library passes what it was given.
    let this = unsafe { &*this };
    if this.closed.load(Ordering::Acquire) {
        this.violations.lock().unwrap().push("AddError after Done".into());
    }
    // SAFETY: NUL-terminated strings of the library.
    let (source, text) = unsafe { (read(source), read(description)) };
    this.raised.lock().unwrap().push(Raised { code, source, text, scode });
    if let Some(inside) = this.inside.lock().unwrap().as_mut() {
        inside();
    }
    1
}

unsafe extern "system" fn interface(this: *mut Connection, id: i32) -> *mut c_void {
    // SAFETY: the library passes what it was given.
    let connection = unsafe { &*this };
    if connection.closed.load(Ordering::Acquire) {
        connection.violations.lock().unwrap().push("GetInterface after Done".into());
    }
    connection.interfaces.lock().unwrap().push(id);
    let attached = if cfg!(target_os = "android") { 3 } else { 2 };
    let object = match id {
        // SAFETY: fields of the connection.
        1 => unsafe { &raw mut (*this).platform_info },
        // SAFETY: fields of the connection.
        id if id == attached => unsafe { &raw mut (*this).attached_info },
        _ => return null_mut(),
    };
    // The cast to an empty base that follows the vtable pointer in the MSVC layout.
    let displacement = if cfg!(windows) { size_of::<usize>() } else { 0 };
    object.cast::<c_void>().wrapping_byte_add(displacement)
}

unsafe extern "system" fn platform_info(this: *const Interface) -> *const AppInfo {
    // SAFETY: the interface belongs to a living connection.
    unsafe { &raw const (*(*this).owner).app }
}

unsafe extern "system" fn attached_info(this: *const Interface) -> i32 {
    // SAFETY: the interface belongs to a living connection.
    unsafe { (*(*this).owner).attached.load(Ordering::Relaxed) }
}

/// # Safety
/// NUL-terminated.
unsafe fn read(start: *const u16) -> String {
    let mut units = Vec::new();
    // SAFETY: up to the NUL.
    while let unit @ 1.. = unsafe { start.add(units.len()).read() } {
        units.push(unit);
    }
    String::from_utf16(&units).unwrap()
}

/// SetPlatformCapabilities is state of the whole library: tests that depend on it take turns.
static CAPABILITIES: Mutex<()> = Mutex::new(());

pub fn capabilities(level: i32) -> (MutexGuard<'static, ()>, i32) {
    let turn = CAPABILITIES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    (turn, abi::set_platform_capabilities(level))
}

/// One object with its platform. Calls go through the vtables.
pub struct Fake {
    pub object: *mut c_void,
    pub memory: *mut Memory,
    pub connection: *mut Connection,
    /// What the slots get for the object, if not the object.
    pub instead: Option<*mut c_void>,
}

// SAFETY: tests use one object from two threads on purpose.
unsafe impl Send for Fake {}
// SAFETY: as above.
unsafe impl Sync for Fake {}

impl Fake {
    /// An object of the class, nothing called on it yet.
    pub fn bare(class: &str) -> Self {
        let name = wide(class);
        let mut object = null_mut();
        // SAFETY: NUL-terminated name, writable out pointer.
        let made = unsafe { abi::class_object::<Toy>(name.as_ptr(), &raw mut object) };
        assert_eq!(made, 1);
        let memory = Memory { vtable: &raw const MEMORY_TABLE.0, state: Mutex::default() };
        let version = wide("8.3.24.1342");
        let connection = Box::into_raw(Box::new(Connection {
            vtable: &raw const CONNECTION_TABLE.0,
            closed: AtomicBool::new(false),
            interfaces: Mutex::default(),
            raised: Mutex::default(),
            violations: Mutex::default(),
            platform_info: Interface { vtable: &raw const PLATFORM_TABLE.0, owner: null() },
            attached_info: Interface { vtable: &raw const ATTACHED_TABLE.0, owner: null() },
            app: AppInfo { version: version.as_ptr(), agent: null(), kind: 3 },
            version,
            attached: AtomicI32::new(1),
            inside: Mutex::default(),
        }));
        // SAFETY: just made.
        unsafe {
            (*connection).platform_info.owner = connection;
            (*connection).attached_info.owner = connection;
            assert!(!(*connection).version.is_empty());
        }
        Fake { object, memory: Box::into_raw(Box::new(memory)), connection, instead: None }
    }

    /// An object as a script gets it.
    pub fn new(class: &str) -> Self {
        let fake = Fake::bare(class);
        assert!(fake.set_memory(fake.memory.cast()));
        assert!(fake.init(fake.connection.cast()));
        fake
    }

    pub fn toy() -> Self {
        Fake::new("Toy")
    }

    pub fn base(&self, base: usize) -> *mut c_void {
        self.object.wrapping_byte_add(base * size_of::<usize>())
    }

    /// Slot `index` of the vtable of base `base`.
    pub fn slot(&self, base: usize, index: usize) -> *const c_void {
        // SAFETY: the object starts with four vtable pointers; indices are those of the contract.
        unsafe { self.base(base).cast::<*const *const c_void>().read().add(index).read() }
    }

    pub fn connection(&self) -> &Connection {
        // SAFETY: lives as long as `self`.
        unsafe { &*self.connection }
    }

    pub fn raised(&self) -> Vec<Raised> {
        std::mem::take(&mut self.connection().raised.lock().unwrap())
    }

    /// The text of the only error raised since the last look.
    pub fn error(&self) -> String {
        let mut raised = self.raised();
        assert_eq!(raised.len(), 1, "{raised:?}");
        raised.remove(0).text
    }

    pub fn asked_interfaces(&self) -> Vec<i32> {
        self.connection().interfaces.lock().unwrap().clone()
    }

    pub fn fail_at(&self, allocation: Option<usize>) {
        let mut state = self.memory_state();
        state.made = 0;
        state.fail_at = allocation;
    }

    pub fn fails_next(&self) -> bool {
        let state = self.memory_state();
        state.fail_at == Some(state.made + 1)
    }

    pub fn allocations(&self) -> usize {
        self.memory_state().made
    }

    pub fn live(&self) -> usize {
        self.memory_state().live.len()
    }

    fn memory_state(&self) -> MutexGuard<'_, MemoryState> {
        // SAFETY: lives as long as `self`.
        unsafe { &(*self.memory).state }.lock().unwrap()
    }

    /// Memory of the host with this content, as the platform makes parameters.
    pub fn host_memory(&self, bytes: &[u8]) -> *mut c_void {
        let mut out = null_mut();
        // SAFETY: our own function on our own object.
        unsafe {
            assert_eq!(allocate(self.memory, &raw mut out, c_ulong::try_from(bytes.len()).unwrap()), 1);
            out.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        out
    }

    pub fn free(&self, mut pointer: *mut c_void) {
        // SAFETY: our own function on our own object.
        unsafe { free(self.memory, &raw mut pointer) }
    }

    /// Takes a value out of a variant and frees its memory as the platform does. Strings must have their NUL.
    pub fn take(&self, variant: &Variant) -> Got {
        // SAFETY: the member named by the tag.
        unsafe {
            let value = variant.value;
            match variant.vt {
                EMPTY => Got::Empty,
                BOOL => Got::Bool(match value.u8 {
                    0 => false,
                    1 => true,
                    other => panic!("bool {other}"),
                }),
                I4 => Got::Int(value.i32),
                R8 => Got::Number(value.f64),
                TM => {
                    let tm = value.tm;
                    assert_eq!(tm.isdst, 0);
                    #[cfg(not(windows))]
                    assert!(tm.gmtoff == 0 && tm.zone.is_null());
                    Got::Date([tm.year, tm.mon, tm.mday, tm.hour, tm.min, tm.sec, tm.wday, tm.yday])
                }
                PWSTR => {
                    let Run { pointer, length } = value.run;
                    let length = usize::try_from(length).unwrap();
                    let units = pointer.cast::<u16>();
                    assert_eq!(units.add(length).read(), 0, "no NUL after the string");
                    let units = std::slice::from_raw_parts(units, length).to_vec();
                    self.free(pointer);
                    String::from_utf16(&units).map_or(Got::Units(units), Got::Text)
                }
                BLOB => {
                    let Run { pointer, length } = value.run;
                    let length = usize::try_from(length).unwrap();
                    let bytes = std::slice::from_raw_parts(pointer.cast::<u8>(), length).to_vec();
                    self.free(pointer);
                    Got::Blob(bytes)
                }
                other => Got::Other(other),
            }
        }
    }

    /// A name handed out by the library, freed as hosts do.
    pub fn take_name(&self, name: *const u16) -> Option<String> {
        if name.is_null() {
            return None;
        }
        // SAFETY: NUL-terminated by contract.
        let text = unsafe { read(name) };
        self.free(name.cast_mut().cast());
        Some(text)
    }

    /// What must hold at the end of every test, after the object is gone.
    fn check(&self) {
        let mut state = self.memory_state();
        assert!(state.violations.is_empty(), "{:?}", state.violations);
        assert_eq!(state.live.len(), 0, "memory of the host is left");
        state.closed = true;
        drop(state);
        let violations = self.connection().violations.lock().unwrap();
        assert!(violations.is_empty(), "{violations:?}");
    }

    /// Done, destruction, check.
    pub fn finish(mut self) {
        self.done();
        self.destroy();
        self.check();
    }

    /// Check after the test itself destroyed the object.
    pub fn finish_destroyed(mut self) {
        self.object = null_mut();
        self.check();
    }

    pub fn destroy(&mut self) {
        // SAFETY: the object is alive or null.
        let destroyed = unsafe { abi::destroy_object::<Toy>(&raw mut self.object) };
        assert_eq!(destroyed, 0);
        assert!(self.object.is_null());
    }

    /// From now on a use of the memory manager is a violation.
    pub fn close_memory(&self) {
        self.memory_state().closed = true;
    }

    /// Memory a buffer left behind on purpose, freed by the manager itself at its end.
    pub fn forget_leaks(&self) -> usize {
        let leaks: Vec<_> = self.memory_state().live.drain().collect();
        for (_, (start, bytes)) in &leaks {
            // SAFETY: allocated with this layout.
            unsafe { std::alloc::dealloc(*start, Layout::from_size_align((*bytes).max(1), ALIGN).unwrap()) };
        }
        leaks.len()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // A failed assertion leaves the object alive; its platform must then stay too.
        if self.object.is_null() {
            // SAFETY: made in `bare`, not used any more.
            unsafe {
                drop(Box::from_raw(self.memory));
                drop(Box::from_raw(self.connection));
            }
        }
    }
}

/// The slots, called as C++ calls them.
macro_rules! slots {
    ($($name:ident($base:expr, $index:expr; $($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Fake {
            /// Number of slots that are no destructors.
            pub const SLOTS: usize = [$(stringify!($name)),*].len();

            $(pub fn $name(&self $(, $argument: $type)*) -> $result {
                type Slot = unsafe extern "system" fn(*mut c_void $(, $type)*) -> $result;
                // SAFETY: the slot of the contract has this signature.
                unsafe {
                    let slot: Slot = std::mem::transmute(self.slot($base, $index));
                    slot(self.instead.unwrap_or(self.base($base)) $(, $argument)*)
                }
            })*
        }
    };
}

slots! {
    init(0, N; connection: *mut c_void) -> bool;
    set_memory(0, N + 1; manager: *mut c_void) -> bool;
    info(0, N + 2;) -> c_long;
    done(0, N + 3;) -> ();
    register_extension_as(1, N; out: *mut *const u16) -> bool;
    property_count(1, N + 1;) -> c_long;
    find_property_raw(1, N + 2; name: *const u16) -> c_long;
    property_name(1, N + 3; index: c_long, alias: c_long) -> *const u16;
    property_raw(1, N + 4; index: c_long, value: *mut c_void) -> bool;
    set_property_raw(1, N + 5; index: c_long, value: *mut c_void) -> bool;
    is_readable(1, N + 6; index: c_long) -> bool;
    is_writable(1, N + 7; index: c_long) -> bool;
    method_count(1, N + 8;) -> c_long;
    find_method_raw(1, N + 9; name: *const u16) -> c_long;
    method_name(1, N + 10; index: c_long, alias: c_long) -> *const u16;
    parameter_count(1, N + 11; index: c_long) -> c_long;
    default_raw(1, N + 12; index: c_long, parameter: c_long, value: *mut c_void) -> bool;
    has_result(1, N + 13; index: c_long) -> bool;
    procedure_raw(1, N + 14; index: c_long, parameters: *mut c_void, count: c_long) -> bool;
    function_raw(1, N + 15; index: c_long, result: *mut c_void, parameters: *mut c_void, count: c_long) -> bool;
    set_locale_raw(2, N; name: *const u16) -> ();
    set_language_raw(3, N; code: *const u16) -> ();
}

impl Fake {
    pub fn find_method(&self, name: &str) -> c_long {
        self.find_method_raw(wide(name).as_ptr())
    }

    pub fn find_property(&self, name: &str) -> c_long {
        self.find_property_raw(wide(name).as_ptr())
    }

    pub fn set_locale(&self, name: &str) {
        self.set_locale_raw(wide(name).as_ptr());
    }

    pub fn set_language(&self, code: &str) {
        self.set_language_raw(wide(code).as_ptr());
    }

    /// A call of a function by name. `None`: it returned false, and then the result must be EMPTY.
    pub fn call(&self, method: &str, arguments: &mut [Variant]) -> Option<Got> {
        let index = self.find_method(method);
        assert_ne!(index, -1, "{method}");
        self.call_index(index, arguments)
    }

    pub fn call_index(&self, index: c_long, arguments: &mut [Variant]) -> Option<Got> {
        let mut result = Variant::empty();
        let count = c_long::try_from(arguments.len()).unwrap();
        let array = if count == 0 { null_mut() } else { arguments.as_mut_ptr().cast() };
        let good = self.function_raw(index, result.as_mut(), array, count);
        if !good {
            assert_eq!(result.vt, EMPTY, "a failed call leaves no result");
            return None;
        }
        Some(self.take(&result))
    }

    pub fn procedure(&self, method: &str, arguments: &mut [Variant]) -> bool {
        let index = self.find_method(method);
        assert_ne!(index, -1, "{method}");
        let count = c_long::try_from(arguments.len()).unwrap();
        self.procedure_raw(index, arguments.as_mut_ptr().cast(), count)
    }

    pub fn property(&self, name: &str) -> Option<Got> {
        let index = self.find_property(name);
        assert_ne!(index, -1, "{name}");
        let mut value = Variant::empty();
        if !self.property_raw(index, value.as_mut()) {
            assert_eq!(value.vt, EMPTY, "a failed read leaves no value");
            return None;
        }
        Some(self.take(&value))
    }

    pub fn set_property(&self, name: &str, mut value: Variant) -> bool {
        let index = self.find_property(name);
        assert_ne!(index, -1, "{name}");
        self.set_property_raw(index, value.as_mut())
    }
}
