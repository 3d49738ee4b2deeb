//! The host's connection object (IAddInDefBaseEx), one per object: records what the component reports and answers
//! GetInterface with a platform, a message box and the way of attachment.

use std::ffi::{c_int, c_long, c_void};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::raw::{ConnectionTable, HOST_DESTRUCTORS, INTERFACE_DISPLACEMENT, This, Variant};

/// One AddError.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Severity, 1000 to 1009.
    pub code: u16,
    /// Who reports.
    pub source: String,
    /// What is wrong.
    pub text: String,
    /// Not 0: an exception in the script.
    pub scode: i64,
}

/// One ExternalEvent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Source of the event.
    pub source: String,
    /// Its name.
    pub message: String,
    /// Its data.
    pub data: String,
}

/// The application a component finds itself in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum AppKind {
    /// Thin client.
    Thin = 0,
    /// Thick client.
    Thick = 1,
    /// Server working process.
    #[default]
    Server = 3,
    /// External connection.
    ExternalConnection = 4,
    /// Mobile client.
    MobileClient = 5,
}

/// Handle on the connection of one object. Stays valid after the object.
#[derive(Clone)]
pub struct Connection(Arc<Link>);

impl Connection {
    pub(crate) fn new(app: AppKind, isolated: bool, find_class: Option<FindClass>) -> Self {
        let version = wide("8.3.25.1000");
        let agent = wide("");
        let info = AppInfo { version: version.as_ptr(), user_agent: agent.as_ptr(), application: app as i32 };
        Self(Arc::new(Link {
            table: &CONNECTION,
            platform: PlatformInfo { table: &PLATFORM, info, _version: version, _agent: agent },
            message_box: MessageBox { table: &MESSAGE_BOX },
            attached: Attached { table: &ATTACHED, how: i32::from(!isolated) },
            helper: AndroidHelper { table: &ANDROID_HELPER, find_class },
            state: Mutex::default(),
        }))
    }

    /// Errors reported and not yet taken.
    #[must_use]
    pub fn take_errors(&self) -> Vec<Reported> {
        std::mem::take(&mut self.0.state().errors)
    }

    /// Events raised and not yet taken.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.state().events)
    }

    /// Calls of the component after Done returned.
    #[must_use]
    pub fn late_calls(&self) -> u64 {
        self.0.state().late_calls
    }

    /// Message boxes the component tried to show.
    #[must_use]
    pub fn message_boxes(&self) -> u64 {
        self.0.state().message_boxes
    }

    /// The IAddInDefBase pointer for the component.
    pub(crate) fn this(&self) -> This {
        Arc::as_ptr(&self.0).cast_mut().cast()
    }

    pub(crate) fn close(&self) {
        self.0.state().closed = true;
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connection").field(&self.0.state().errors).finish()
    }
}

// The component sees the address of this as IAddInDefBaseEx*: the vtable pointer must come first.
#[repr(C)]
struct Link {
    table: &'static ConnectionTable,
    platform: PlatformInfo,
    message_box: MessageBox,
    attached: Attached,
    helper: AndroidHelper,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    errors: Vec<Reported>,
    events: Vec<Event>,
    depth: c_long,
    message_boxes: u64,
    late_calls: u64,
    closed: bool,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entered(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.late_calls += u64::from(state.closed);
        state
    }
}

#[repr(C)]
struct AppInfo {
    version: *const u16,
    user_agent: *const u16,
    application: i32,
}

#[repr(C)]
struct PlatformInfo {
    table: &'static PlatformTable,
    info: AppInfo,
    _version: Vec<u16>,
    _agent: Vec<u16>,
}

// SAFETY: the pointers in `info` lead into the two vectors beside it, which nobody changes.
unsafe impl Send for PlatformInfo {}
// SAFETY: as above.
unsafe impl Sync for PlatformInfo {}

#[repr(C)]
struct PlatformTable {
    get_platform_info: unsafe extern "system" fn(This) -> *const AppInfo,
}

#[repr(C)]
struct MessageBox {
    table: &'static MessageBoxTable,
}

#[repr(C)]
struct MessageBoxTable {
    confirm: unsafe extern "system" fn(This, *const u16, *mut Variant) -> u8,
    alert: unsafe extern "system" fn(This, *const u16) -> u8,
}

#[repr(C)]
struct Attached {
    table: &'static AttachedTable,
    how: i32,
}

#[repr(C)]
struct AttachedTable {
    get_attached_info: unsafe extern "system" fn(This) -> i32,
}

type FindClass = fn(&str) -> *mut c_void;

#[repr(C)]
struct AndroidHelper {
    table: &'static AndroidHelperTable,
    find_class: Option<FindClass>,
}

#[repr(C)]
struct AndroidHelperTable {
    get_activity: unsafe extern "system" fn(This) -> *mut c_void,
    find_class: unsafe extern "system" fn(This, *const u16) -> *mut c_void,
}

static CONNECTION: ConnectionTable = ConnectionTable {
    destructors: HOST_DESTRUCTORS,
    add_error,
    read,
    write,
    register_profile_as,
    set_event_buffer_depth,
    get_event_buffer_depth,
    external_event,
    clean_event_buffer,
    set_status_line,
    reset_status_line,
    get_interface,
};
static PLATFORM: PlatformTable = PlatformTable { get_platform_info };
static MESSAGE_BOX: MessageBoxTable = MessageBoxTable { confirm, alert };
static ATTACHED: AttachedTable = AttachedTable { get_attached_info };
static ANDROID_HELPER: AndroidHelperTable = AndroidHelperTable { get_activity, find_class };

/// # Safety
/// `this` is what [`Connection::this`] gave, and the connection is kept.
unsafe fn link<'a>(this: This) -> &'a Link {
    // SAFETY: by the caller's word.
    unsafe { &*this.cast::<Link>() }
}

unsafe extern "system" fn add_error(
    this: This,
    code: u16,
    source: *const u16,
    text: *const u16,
    scode: c_long,
) -> u8 {
    // SAFETY: the component passes NUL-terminated strings, or null, which `text_at` takes.
    let (source, text) = unsafe { (text_at(source), text_at(text)) };
    // SAFETY: the component passes back the pointer it got.
    let mut state = unsafe { link(this) }.entered();
    #[allow(clippy::useless_conversion, reason = "c_long is 32 bits on some systems")]
    state.errors.push(Reported { code, source, text, scode: i64::from(scode) });
    1
}

unsafe extern "system" fn read(
    this: This,
    _name: *mut u16,
    _value: *mut Variant,
    _code: *mut c_long,
    _text: *mut *mut u16,
) -> u8 {
    // SAFETY: the component passes back the pointer it got.
    let _state = unsafe { link(this) }.entered();
    0
}

unsafe extern "system" fn write(this: This, _name: *mut u16, _value: *mut Variant) -> u8 {
    // SAFETY: the component passes back the pointer it got.
    let _state = unsafe { link(this) }.entered();
    0
}

unsafe extern "system" fn register_profile_as(this: This, _name: *mut u16) -> u8 {
    // SAFETY: the component passes back the pointer it got.
    let _state = unsafe { link(this) }.entered();
    1
}

unsafe extern "system" fn set_event_buffer_depth(this: This, depth: c_long) -> u8 {
    // SAFETY: the component passes back the pointer it got.
    unsafe { link(this) }.entered().depth = depth;
    1
}

unsafe extern "system" fn get_event_buffer_depth(this: This) -> c_long {
    // SAFETY: the component passes back the pointer it got.
    unsafe { link(this) }.entered().depth
}

unsafe extern "system" fn external_event(
    this: This,
    source: *mut u16,
    message: *mut u16,
    data: *mut u16,
) -> u8 {
    // SAFETY: NUL-terminated strings, or null, which `text_at` takes.
    let (source, message, data) = unsafe { (text_at(source), text_at(message), text_at(data)) };
    // SAFETY: the component passes back the pointer it got.
    unsafe { link(this) }.entered().events.push(Event { source, message, data });
    1
}

unsafe extern "system" fn clean_event_buffer(this: This) {
    // SAFETY: the component passes back the pointer it got.
    unsafe { link(this) }.entered().events.clear();
}

unsafe extern "system" fn set_status_line(this: This, _text: *mut u16) -> u8 {
    // SAFETY: the component passes back the pointer it got.
    let _state = unsafe { link(this) }.entered();
    1
}

unsafe extern "system" fn reset_status_line(this: This) {
    // SAFETY: the component passes back the pointer it got.
    let _state = unsafe { link(this) }.entered();
}

unsafe extern "system" fn get_interface(this: This, id: c_int) -> This {
    // SAFETY: the component passes back the pointer it got.
    let link = unsafe { link(this) };
    drop(link.entered());
    let android = link.helper.find_class.is_some();
    let attached = if android { 3 } else { 2 };
    let object: This = match id {
        2 if android => std::ptr::from_ref(&link.helper).cast_mut().cast(),
        0 => std::ptr::from_ref(&link.message_box).cast_mut().cast(),
        1 => std::ptr::from_ref(&link.platform).cast_mut().cast(),
        id if id == attached => std::ptr::from_ref(&link.attached).cast_mut().cast(),
        _ => return std::ptr::null_mut(),
    };
    object.wrapping_byte_add(INTERFACE_DISPLACEMENT * size_of::<usize>())
}

unsafe extern "system" fn get_platform_info(this: This) -> *const AppInfo {
    // SAFETY: the component passes back the interface it got, displacement undone.
    unsafe { &(*this.cast::<PlatformInfo>()).info }
}

unsafe extern "system" fn confirm(this: This, _text: *const u16, _value: *mut Variant) -> u8 {
    // SAFETY: as for `alert`.
    unsafe { alert(this, std::ptr::null()) };
    0
}

unsafe extern "system" fn alert(this: This, _text: *const u16) -> u8 {
    let link = this.wrapping_byte_sub(std::mem::offset_of!(Link, message_box)).cast::<Link>();
    // SAFETY: a message box exists only inside a link, and the component passes back the interface it got.
    unsafe { &*link }.entered().message_boxes += 1;
    0
}

unsafe extern "system" fn get_attached_info(this: This) -> i32 {
    // SAFETY: the component passes back the interface it got, displacement undone.
    unsafe { (*this.cast::<Attached>()).how }
}

unsafe extern "system" fn get_activity(_this: This) -> *mut c_void {
    std::ptr::null_mut()
}

unsafe extern "system" fn find_class(this: This, name: *const u16) -> *mut c_void {
    // SAFETY: a NUL-terminated string, or null, which `text_at` takes.
    let name = unsafe { text_at(name) };
    // SAFETY: the component passes back the interface it got, displacement undone.
    let helper = unsafe { &*this.cast::<AndroidHelper>() };
    helper.find_class.map_or(std::ptr::null_mut(), |find| find(&name))
}

pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// # Safety
/// `text` is null or a NUL-terminated string.
pub(crate) unsafe fn text_at(text: *const u16) -> String {
    if text.is_null() {
        return String::new();
    }
    let mut length = 0;
    // SAFETY: the string ends with a NUL, which is not passed.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: `length` units were just read.
    String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) })
}
