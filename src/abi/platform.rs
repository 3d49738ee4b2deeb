//! The host's own interfaces: raw vtables and the few calls we make. The order of the slots is the vendor's; slots
//! we never call are opaque. Answers of type `bool` are taken as bytes and function pointers as options: what a
//! foreign program returns need not be a valid Rust `bool`, and a null slot must not be called.

use std::ffi::{c_long, c_ulong, c_void};
use std::ptr::NonNull;

use super::latch::Latch;

/// Any C++ object of the host: its first word is the vtable pointer.
#[repr(C)]
pub(super) struct Instance<V> {
    vtable: *const V,
}

/// Virtual destructor: two slots under Itanium, one under MSVC. We never delete an object of the host.
#[cfg(not(windows))]
type DestructorSlots = [*const c_void; 2];
#[cfg(windows)]
type DestructorSlots = [*const c_void; 1];

#[repr(C)]
pub(super) struct MemoryManagerVtable {
    destructor: DestructorSlots,
    allocate:
        Option<unsafe extern "system" fn(this: *mut c_void, out: *mut *mut c_void, bytes: c_ulong) -> u8>,
    free: Option<unsafe extern "system" fn(this: *mut c_void, pointer: *mut *mut c_void)>,
}

#[repr(C)]
pub(super) struct ConnectionVtable {
    destructor: DestructorSlots,
    add_error: Option<
        unsafe extern "system" fn(
            this: *mut c_void,
            code: u16,
            source: *const u16,
            description: *const u16,
            scode: c_long,
        ) -> u8,
    >,
    /// Read, Write, RegisterProfileAs, SetEventBufferDepth, GetEventBufferDepth, ExternalEvent, CleanEventBuffer,
    /// SetStatusLine, ResetStatusLine.
    unused: [*const c_void; 9],
    /// Absent on platforms that never announced capabilities: the table ends before it.
    interface: Option<unsafe extern "system" fn(this: *mut c_void, id: i32) -> *mut c_void>,
}

/// IPlatformInfo and IAttachedInfo: no destructor, one method.
#[repr(C)]
struct PlatformInfoVtable {
    platform_info: Option<unsafe extern "system" fn(this: *mut c_void) -> *const RawAppInfo>,
}

#[repr(C)]
struct AttachedInfoVtable {
    attached_info: Option<unsafe extern "system" fn(this: *mut c_void) -> i32>,
}

/// IAndroidComponentHelper: finds classes that the virtual machine does not show to a library's threads. Its
/// GetActivity is not called: nothing here has a window.
#[cfg(java)]
#[repr(C)]
struct AndroidHelperVtable {
    activity: *const c_void,
    find_class: Option<unsafe extern "system" fn(this: *mut c_void, name: *const u16) -> jni::sys::jclass>,
}

#[repr(C)]
struct RawAppInfo {
    version: *const u16,
    user_agent: *const u16,
    kind: i32,
}

const WORD: usize = size_of::<usize>();
const DESTRUCTORS: usize = if cfg!(windows) { 1 } else { 2 };
const _: () = {
    assert!(size_of::<MemoryManagerVtable>() == (DESTRUCTORS + 2) * WORD);
    assert!(size_of::<ConnectionVtable>() == (DESTRUCTORS + 11) * WORD);
    assert!(std::mem::offset_of!(ConnectionVtable, interface) == (DESTRUCTORS + 10) * WORD);
    assert!(size_of::<RawAppInfo>() == if WORD == 8 { 24 } else { 12 });
    assert!(std::mem::offset_of!(RawAppInfo, kind) == 2 * WORD);
};

/// A pointer to an object of the host. Moves between threads: the host calls one object from several, one at a time,
/// and the [`Latch`] around every pointer keeps that promise on our side.
pub(super) struct Foreign<V>(NonNull<Instance<V>>);

// SAFETY: see the type: uses are serialised by the latch, the host's interfaces are not bound to a thread.
unsafe impl<V> Send for Foreign<V> {}

impl<V> Foreign<V> {
    /// `None` for null and for an address no object can have.
    ///
    /// # Safety
    /// A non-null pointer must be an object of the interface and stay one until the latch around it is closed.
    pub(super) unsafe fn new(pointer: *mut c_void) -> Option<Self> {
        let pointer = NonNull::new(pointer.cast::<Instance<V>>())?;
        pointer.is_aligned().then_some(Foreign(pointer))
    }

    pub(super) fn address(&self) -> usize {
        self.0.addr().get()
    }

    fn this(&self) -> *mut c_void {
        self.0.as_ptr().cast()
    }

    /// One slot of the vtable, by its byte offset, so that nothing beyond the slot is read (older platforms have
    /// shorter tables).
    fn slot<F: Copy>(&self, offset: usize) -> Option<F> {
        // SAFETY: the pointer is an object of the interface (`new`), its first word is the vtable pointer.
        let vtable = unsafe { (*self.0.as_ptr()).vtable };
        if vtable.is_null() || !vtable.is_aligned() {
            return None;
        }
        // SAFETY: callers name slots that exist in every table of this interface; `Option<fn>` accepts any word.
        unsafe { vtable.wrapping_byte_add(offset).cast::<Option<F>>().read() }
    }
}

impl Foreign<MemoryManagerVtable> {
    /// At least `bytes` bytes, undefined content.
    pub(super) fn allocate(&self, bytes: c_ulong) -> Option<NonNull<u8>> {
        type Allocate = unsafe extern "system" fn(*mut c_void, *mut *mut c_void, c_ulong) -> u8;
        let allocate: Allocate = self.slot(std::mem::offset_of!(MemoryManagerVtable, allocate))?;
        let mut out = std::ptr::null_mut();
        // SAFETY: the slot is AllocMemory of a living manager; `out` lives through the call.
        let granted = unsafe { allocate(self.this(), &raw mut out, bytes) };
        if granted == 0 { None } else { NonNull::new(out.cast()) }
    }

    /// Frees what `allocate` of this manager returned.
    pub(super) fn free(&self, memory: NonNull<u8>) {
        type Free = unsafe extern "system" fn(*mut c_void, *mut *mut c_void);
        let Some(free) = self.slot::<Free>(std::mem::offset_of!(MemoryManagerVtable, free)) else { return };
        let mut memory = memory.as_ptr().cast::<c_void>();
        // SAFETY: the slot is FreeMemory of a living manager; the memory is the manager's, by contract of the callers.
        unsafe { free(self.this(), &raw mut memory) };
    }
}

impl Foreign<ConnectionVtable> {
    /// Both strings end with a NUL.
    pub(super) fn add_error(&self, code: u16, source: &[u16], description: &[u16], scode: c_long) {
        type AddError = unsafe extern "system" fn(*mut c_void, u16, *const u16, *const u16, c_long) -> u8;
        if source.last() != Some(&0) || description.last() != Some(&0) {
            return;
        }
        let Some(add_error) = self.slot::<AddError>(std::mem::offset_of!(ConnectionVtable, add_error)) else {
            return;
        };
        // SAFETY: the slot is AddError of a living connection; the strings are NUL-terminated and outlive the call.
        let _queued = unsafe { add_error(self.this(), code, source.as_ptr(), description.as_ptr(), scode) };
    }

    /// Asks for a further interface. Only for connections that have the slot: see [`Link`].
    fn interface<V>(&self, id: i32) -> Option<Foreign<V>> {
        type GetInterface = unsafe extern "system" fn(*mut c_void, i32) -> *mut c_void;
        let interface: GetInterface = self.slot(std::mem::offset_of!(ConnectionVtable, interface))?;
        // SAFETY: the slot is GetInterface of a living connection that announced it has one.
        let base = unsafe { interface(self.this(), id) };
        if base.is_null() {
            return None;
        }
        // The answer is a pointer to an empty base class, which the MSVC layout puts after the vtable pointer.
        let displacement = if cfg!(windows) { WORD } else { 0 };
        // SAFETY: what the host returned for this id is that interface, for as long as the connection lives.
        unsafe { Foreign::new(base.wrapping_byte_sub(displacement)) }
    }
}

/// The connection between `Init` and `Done`, and what the platform allows to ask of it.
pub(super) struct Link {
    connection: Latch<Foreign<ConnectionVtable>>,
    /// The argument of SetPlatformCapabilities: what the platform offers, whatever we answered.
    level: i32,
}

/// Raw answer of IPlatformInfo.
pub(super) struct AppInfo {
    pub(super) version: String,
    pub(super) kind: i32,
}

const PLATFORM_INFO: i32 = 1;
/// Android has an interface of its own before this one.
const ATTACHED_INFO: i32 = if cfg!(any(target_os = "android", java)) { 3 } else { 2 };
#[cfg(java)]
const ANDROID_HELPER: i32 = 2;
/// The level that brought GetInterface with IMsgBox and IPlatformInfo, and the one that brought IAttachedInfo.
const LEVEL_INTERFACES: i32 = 1;
const LEVEL_ATTACHED: i32 = 2;
/// Longest version text worth reading, in code units.
const VERSION_LIMIT: usize = 64;

impl Link {
    pub(super) fn new(connection: Foreign<ConnectionVtable>, level: i32) -> Self {
        Link { connection: Latch::new(connection), level }
    }

    /// Nothing is called after this returns.
    pub(super) fn close(&self) {
        self.connection.close();
    }

    pub(super) fn add_error(&self, code: u16, source: &[u16], description: &[u16], scode: c_long) {
        self.connection.with(|connection| connection.add_error(code, source, description, scode));
    }

    pub(super) fn app_info(&self) -> Option<AppInfo> {
        if self.level < LEVEL_INTERFACES {
            return None;
        }
        self.connection.with(|connection| {
            type Ask = unsafe extern "system" fn(*mut c_void) -> *const RawAppInfo;
            let interface: Foreign<PlatformInfoVtable> = connection.interface(PLATFORM_INFO)?;
            let ask: Ask = interface.slot(std::mem::offset_of!(PlatformInfoVtable, platform_info))?;
            // SAFETY: the slot is GetPlatformInfo of a living interface.
            let info = unsafe { ask(interface.this()) };
            if info.is_null() || !info.is_aligned() {
                return None;
            }
            // SAFETY: the host returned a pointer to its AppInfo, which stays while the connection lives.
            let RawAppInfo { version, kind, .. } = unsafe { info.read() };
            // SAFETY: a string of the host, NUL-terminated or null.
            let version = unsafe { super::utf16::bounded(version, VERSION_LIMIT) }.unwrap_or_default();
            Some(AppInfo { version: String::from_utf16_lossy(version), kind })
        })?
    }

    /// A class of the application's, with a reference that outlives the call. Asks on this thread, which has to be the
    /// host's.
    #[cfg(java)]
    pub(super) fn java_class(&self, name: &str) -> Option<super::host::JavaClass> {
        use jni::objects::JClass;

        if self.level < LEVEL_INTERFACES {
            return None;
        }
        let machine = jni::JavaVM::singleton().ok()?;
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        self.connection.with(|connection| {
            type Find = unsafe extern "system" fn(*mut c_void, *const u16) -> jni::sys::jclass;
            let helper: Foreign<AndroidHelperVtable> = connection.interface(ANDROID_HELPER)?;
            let find: Find = helper.slot(std::mem::offset_of!(AndroidHelperVtable, find_class))?;
            let found = machine.attach_current_thread_for_scope(|env| {
                // SAFETY: the slot is FindClass of a living interface; the name is NUL-terminated.
                let class = unsafe { find(helper.this(), name.as_ptr()) };
                // A class that is not there may have left an exception.
                env.exception_clear();
                if class.is_null() {
                    return Ok::<_, jni::errors::Error>(None);
                }
                // SAFETY: a local reference of this thread, which the host has made for us.
                let class = unsafe { JClass::from_raw(env, class) };
                let kept = env.new_global_ref(&class)?;
                env.delete_local_ref(class);
                Ok(Some(kept))
            });
            found.ok()?
        })?
    }

    /// 0 isolated, 1 not isolated.
    pub(super) fn attached(&self) -> Option<i32> {
        if self.level < LEVEL_ATTACHED {
            return None;
        }
        self.connection.with(|connection| {
            type Ask = unsafe extern "system" fn(*mut c_void) -> i32;
            let interface: Foreign<AttachedInfoVtable> = connection.interface(ATTACHED_INFO)?;
            let ask: Ask = interface.slot(std::mem::offset_of!(AttachedInfoVtable, attached_info))?;
            // SAFETY: the slot is GetAttachedInfo of a living interface.
            Some(unsafe { ask(interface.this()) })
        })?
    }
}
