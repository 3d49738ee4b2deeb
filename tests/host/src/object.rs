//! One object of a component, driven by name the way the platform does it: look the member up, ask for the count of
//! parameters and their defaults, call, take the result out of the object's memory, gather the errors reported.

use std::ffi::{c_long, c_void};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::connection::{AppKind, Connection, Reported, text_at, wide};
use crate::library::Addin;
use crate::memory::Memory;
use crate::raw::{Bases, This, Variant};
use crate::value::Val;

/// How an object is made and ended.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Give a memory manager at all. Defaults to true.
    pub memory: bool,
    /// Fill new and freed small blocks with a pattern. Defaults to true.
    pub poison: bool,
    /// Give a connection to Init rather than null. Defaults to true.
    pub connection: bool,
    /// Call Init before setMemManager. Defaults to false.
    pub init_first: bool,
    /// Locale for SetLocale, if called. Defaults to `ru_RU`.
    pub locale: Option<String>,
    /// Language for SetUserInterfaceLanguageCode, if called (not on platforms before 8.3.21). Defaults to `ru`.
    pub language: Option<String>,
    /// The application told through IPlatformInfo. Defaults to the server.
    pub app: AppKind,
    /// Whether IAttachedInfo tells an isolated process. Defaults to false.
    pub isolated: bool,
    /// Play Android's host, which numbers its interfaces differently and finds Java classes: the local reference, or
    /// null. Defaults to no.
    pub find_class: Option<fn(&str) -> *mut std::ffi::c_void>,
    /// How dropping ends the object. Defaults to DestroyObject.
    pub destruction: Destruction,
    /// Turn texts into Rust strings. A platform keeps them as they are, so timings do without. Defaults to true.
    pub decode: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory: true,
            poison: true,
            connection: true,
            init_first: false,
            locale: Some("ru_RU".to_owned()),
            language: Some("ru".to_owned()),
            app: AppKind::default(),
            isolated: false,
            find_class: None,
            destruction: Destruction::Export,
            decode: true,
        }
    }
}

/// How an object is ended after Done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Destruction {
    /// DestroyObject.
    #[default]
    Export,
    /// C++ `delete` through the deleting destructor of base 0 to 3.
    Delete(usize),
    /// Not at all: some hosts never do.
    Never,
}

/// Why a call did not give a value.
#[derive(Debug)]
pub struct CallError {
    /// Name of the member or class.
    pub member: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// What the component reported through AddError.
    pub errors: Vec<Reported>,
}

/// Kind of a [`CallError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The library refused the class.
    NoSuchClass,
    /// setMemManager or Init answered false.
    NotInitialised,
    /// The object has no such member.
    NoSuchMember,
    /// More arguments than parameters.
    TooManyArguments,
    /// An argument without default is missing: its number from 0.
    MissingArgument(usize),
    /// The property cannot be read.
    NotReadable,
    /// The property cannot be written.
    NotWritable,
    /// The component answered false, or reported an error with scode other than 0.
    Failed,
}

impl CallError {
    /// The reported texts, one per line.
    #[must_use]
    pub fn text(&self) -> String {
        self.errors.iter().map(|error| error.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.member, self.kind)?;
        if self.errors.is_empty() { Ok(()) } else { write!(f, ": {}", self.text()) }
    }
}

impl std::error::Error for CallError {}

/// One object. Ended when dropped, as [`Settings::destruction`] says. May be shared between threads to see what the
/// component does about it.
pub struct Object {
    bases: Bases,
    memory: Memory,
    connection: Connection,
    destruction: Destruction,
    decode: bool,
    done: AtomicBool,
    gone: AtomicBool,
    // Last: the library must outlive the object.
    addin: Addin,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("memory", &self.memory).finish_non_exhaustive()
    }
}

impl Object {
    pub(crate) fn create(addin: Addin, class: &str, settings: Settings) -> Result<Self, CallError> {
        let failed = |kind, errors| CallError { member: class.to_owned(), kind, errors };
        let Some(object) = addin.new_object(class) else {
            return Err(failed(ErrorKind::NoSuchClass, Vec::new()));
        };
        let object = Self {
            // SAFETY: just made by GetClassObject.
            bases: unsafe { Bases::new(object) },
            memory: Memory::new(settings.poison),
            connection: Connection::new(settings.app, settings.isolated, settings.find_class),
            destruction: settings.destruction,
            decode: settings.decode,
            done: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            addin,
        };
        let first = if settings.init_first { object.init(&settings) } else { object.set_memory(&settings) };
        let second = if settings.init_first { object.set_memory(&settings) } else { object.init(&settings) };
        if !(first && second) {
            return Err(failed(ErrorKind::NotInitialised, object.connection.take_errors()));
        }
        if let Some(locale) = &settings.locale {
            object.set_locale(locale);
        }
        if let Some(language) = &settings.language {
            object.set_language(language);
        }
        Ok(object)
    }

    /// Calls a method, in either language. Missing and [`Val::Empty`] arguments are passed as their defaults.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn call(&self, method: &str, arguments: &[Val<'_>]) -> Result<Val<'static>, CallError> {
        self.invoke(method, arguments, None, false)
    }

    /// As [`Object::call`], and afterwards `arguments` hold what the component made of them.
    ///
    /// # Errors
    /// As [`Object::call`].
    pub fn call_with(&self, method: &str, arguments: &mut [Val<'_>]) -> Result<Val<'static>, CallError> {
        let mut changed = Vec::new();
        let result = self.invoke(method, arguments, Some(&mut changed), false);
        for (place, value) in arguments.iter_mut().zip(changed) {
            if let Some(value) = value {
                *place = value;
            }
        }
        result
    }

    /// Calls a method through CallAsProc, function or not.
    ///
    /// # Errors
    /// As [`Object::call`].
    pub fn call_as_procedure(&self, method: &str, arguments: &[Val<'_>]) -> Result<(), CallError> {
        self.invoke(method, arguments, None, true).map(drop)
    }

    /// Reads a property.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn get(&self, property: &str) -> Result<Val<'static>, CallError> {
        let index = self.find_property(property);
        if index < 0 {
            return Err(self.error(property, ErrorKind::NoSuchMember));
        }
        if !self.is_readable(index) {
            return Err(self.error(property, ErrorKind::NotReadable));
        }
        drop(self.connection.take_errors());
        let mut variant = Variant::empty();
        let table = self.extender();
        // SAFETY: the object is alive; the variant is a local.
        let answer = unsafe { (table.get_prop_val)(self.this(1), index, &raw mut variant) };
        self.outcome(property, answer, &variant)
    }

    /// Writes a property.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn set(&self, property: &str, value: impl Into<Val<'static>>) -> Result<(), CallError> {
        self.set_val(property, &value.into())
    }

    /// As [`Object::set`], for any value.
    ///
    /// # Errors
    /// As [`Object::set`].
    pub fn set_val(&self, property: &str, value: &Val<'_>) -> Result<(), CallError> {
        let index = self.find_property(property);
        if index < 0 {
            return Err(self.error(property, ErrorKind::NoSuchMember));
        }
        if !self.is_writable(index) {
            return Err(self.error(property, ErrorKind::NotWritable));
        }
        drop(self.connection.take_errors());
        let before = value.to_variant(&self.memory);
        let mut variant = before;
        let table = self.extender();
        // SAFETY: the object is alive; the variant is a local whose memory lives until below.
        let answer = unsafe { (table.set_prop_val)(self.this(1), index, &raw mut variant) };
        assert!(variant.same_as(&before), "contract: SetPropVal changed the host's value");
        if let (true, Some(pointer)) = (value.is_copied(), before.owned_pointer()) {
            self.memory.release(pointer);
        }
        self.outcome(property, answer, &Variant::empty()).map(drop)
    }

    /// The object's memory manager.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// The object's connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// The extension name.
    #[must_use]
    pub fn extension_name(&self) -> Option<String> {
        let mut name = std::ptr::null_mut();
        // SAFETY: the object is alive; the place is a local.
        let answer = unsafe { (self.extender().register_extension_as)(self.this(1), &raw mut name) };
        let name = self.take_name(name);
        assert_eq!(truth(answer), name.is_some(), "contract: RegisterExtensionAs answer and name differ");
        name
    }

    /// GetInfo.
    #[must_use]
    pub fn info(&self) -> c_long {
        // SAFETY: the object is alive.
        unsafe { (self.bases.init_done().get_info)(self.this(0)) }
    }

    /// Number of methods.
    #[must_use]
    pub fn method_count(&self) -> c_long {
        // SAFETY: the object is alive.
        unsafe { (self.extender().get_n_methods)(self.this(1)) }
    }

    /// Number of properties.
    #[must_use]
    pub fn property_count(&self) -> c_long {
        // SAFETY: the object is alive.
        unsafe { (self.extender().get_n_props)(self.this(1)) }
    }

    /// Number of the method of this name, -1 if there is none.
    #[must_use]
    pub fn find_method(&self, name: &str) -> c_long {
        // SAFETY: the object is alive; the name is NUL-terminated.
        unsafe { (self.extender().find_method)(self.this(1), wide(name).as_ptr()) }
    }

    /// Number of the property of this name, -1 if there is none.
    #[must_use]
    pub fn find_property(&self, name: &str) -> c_long {
        // SAFETY: the object is alive; the name is NUL-terminated.
        unsafe { (self.extender().find_prop)(self.this(1), wide(name).as_ptr()) }
    }

    /// Name of a method: alias 0 English, 1 Russian.
    #[must_use]
    pub fn method_name(&self, method: c_long, alias: c_long) -> Option<String> {
        // SAFETY: the object is alive; any numbers are allowed.
        let name = unsafe { (self.extender().get_method_name)(self.this(1), method, alias) };
        self.take_name(name.cast_mut())
    }

    /// Name of a property: alias 0 English, 1 Russian.
    #[must_use]
    pub fn property_name(&self, property: c_long, alias: c_long) -> Option<String> {
        // SAFETY: the object is alive; any numbers are allowed.
        let name = unsafe { (self.extender().get_prop_name)(self.this(1), property, alias) };
        self.take_name(name.cast_mut())
    }

    /// Number of parameters of a method.
    #[must_use]
    pub fn parameter_count(&self, method: c_long) -> c_long {
        // SAFETY: the object is alive; any number is allowed.
        unsafe { (self.extender().get_n_params)(self.this(1), method) }
    }

    /// Default of a parameter; `None` when there is none.
    #[must_use]
    pub fn default_value(&self, method: c_long, parameter: c_long) -> Option<Val<'static>> {
        let variant = self.default_variant(method, parameter)?;
        Some(Val::take(&variant, &self.memory, true))
    }

    /// Whether the method is a function.
    #[must_use]
    pub fn has_result(&self, method: c_long) -> bool {
        // SAFETY: the object is alive; any number is allowed.
        truth(unsafe { (self.extender().has_ret_val)(self.this(1), method) })
    }

    /// Whether the property can be read.
    #[must_use]
    pub fn is_readable(&self, property: c_long) -> bool {
        // SAFETY: the object is alive; any number is allowed.
        truth(unsafe { (self.extender().is_prop_readable)(self.this(1), property) })
    }

    /// Whether the property can be written.
    #[must_use]
    pub fn is_writable(&self, property: c_long) -> bool {
        // SAFETY: the object is alive; any number is allowed.
        truth(unsafe { (self.extender().is_prop_writable)(self.this(1), property) })
    }

    /// SetLocale.
    pub fn set_locale(&self, locale: &str) {
        let name = wide(locale);
        // SAFETY: the object is alive; the name is NUL-terminated.
        unsafe { (self.bases.locale().set_locale)(self.this(2), name.as_ptr()) };
    }

    /// SetUserInterfaceLanguageCode.
    pub fn set_language(&self, code: &str) {
        let name = wide(code);
        // SAFETY: the object is alive and has four bases; the name is NUL-terminated.
        unsafe { (self.bases.user_language().set_user_interface_language_code)(self.this(3), name.as_ptr()) };
    }

    /// Done, once more than the host would if it is called again or before dropping.
    pub fn done(&self) {
        self.done.store(true, Ordering::SeqCst);
        // SAFETY: the object is alive.
        unsafe { (self.bases.init_done().done)(self.this(0)) };
        self.connection.close();
    }

    /// The object pointer (IComponentBase*), for calls this crate does not make.
    #[must_use]
    pub fn pointer(&self) -> *mut c_void {
        self.bases.object()
    }

    /// Ends the object now although others may be inside a call, as no platform should. Dropping does nothing then.
    ///
    /// # Safety
    /// Nothing of this object may be called afterwards.
    pub unsafe fn destroy_shared(&self, destruction: Destruction) {
        if !self.gone.swap(true, Ordering::SeqCst) {
            self.done();
            // SAFETY: alive until here; the caller calls nothing afterwards.
            unsafe { self.end(destruction) };
        }
    }

    fn init(&self, settings: &Settings) -> bool {
        let link = if settings.connection { self.connection.this() } else { std::ptr::null_mut() };
        // SAFETY: the object is alive; the connection is kept as long as the object.
        truth(unsafe { (self.bases.init_done().init)(self.this(0), link) })
    }

    fn set_memory(&self, settings: &Settings) -> bool {
        let memory = if settings.memory { self.memory.this() } else { std::ptr::null_mut() };
        // SAFETY: the object is alive; the manager is kept as long as the object.
        let answer = truth(unsafe { (self.bases.init_done().set_mem_manager)(self.this(0), memory) });
        answer || !settings.memory
    }

    fn this(&self, base: usize) -> This {
        self.bases.this(base)
    }

    fn extender(&self) -> &crate::raw::LanguageExtender {
        // SAFETY: the object is alive as long as `self`.
        unsafe { self.bases.language_extender() }
    }

    fn default_variant(&self, method: c_long, parameter: c_long) -> Option<Variant> {
        let mut variant = Variant::empty();
        // SAFETY: the object is alive; the variant is a local.
        let answer = unsafe {
            (self.extender().get_param_def_value)(self.this(1), method, parameter, &raw mut variant)
        };
        (truth(answer) && variant.tag != crate::raw::EMPTY).then_some(variant)
    }

    fn invoke(
        &self,
        method: &str,
        arguments: &[Val<'_>],
        changed: Option<&mut Vec<Option<Val<'static>>>>,
        as_procedure: bool,
    ) -> Result<Val<'static>, CallError> {
        let index = self.find_method(method);
        if index < 0 {
            return Err(self.error(method, ErrorKind::NoSuchMember));
        }
        let size = self.parameter_count(index);
        let count = usize::try_from(size).expect("contract: a negative number of parameters");
        if arguments.len() > count {
            return Err(self.error(method, ErrorKind::TooManyArguments));
        }
        let mut passed = Passed { memory: &self.memory, slots: Vec::with_capacity(count) };
        for number in 0..count {
            let slot = match arguments.get(number) {
                Some(value) if !value.is_empty() => {
                    Slot::new(value.to_variant(&self.memory), value.is_copied(), &self.memory)
                }
                given => {
                    let position = c_long::try_from(number).expect("few parameters");
                    match self.default_variant(index, position) {
                        Some(default) => Slot::new(default, true, &self.memory),
                        None if given.is_some() => Slot::new(Variant::empty(), false, &self.memory),
                        None => return Err(self.error(method, ErrorKind::MissingArgument(number))),
                    }
                }
            };
            passed.slots.push(slot);
        }
        drop(self.connection.take_errors());
        let mut array: Vec<Variant> = passed.slots.iter().map(|slot| slot.variant).collect();
        let pointer = if array.is_empty() { std::ptr::null_mut() } else { array.as_mut_ptr() };
        let mut result = Variant::empty();
        let table = self.extender();
        let answer = if as_procedure || !self.has_result(index) {
            // SAFETY: the object is alive; the array has as many elements as the method has parameters.
            unsafe { (table.call_as_proc)(self.this(1), index, pointer, size) }
        } else {
            // SAFETY: as above; the result is a local.
            unsafe { (table.call_as_func)(self.this(1), index, &raw mut result, pointer, size) }
        };
        let outputs = passed.replaced(&array);
        drop(passed);
        if let Some(changed) = changed {
            *changed = outputs;
        }
        self.outcome(method, answer, &result)
    }

    fn outcome(&self, member: &str, answer: u8, result: &Variant) -> Result<Val<'static>, CallError> {
        let succeeded = truth(answer);
        let errors = self.connection.take_errors();
        if succeeded && errors.iter().all(|error| error.scode == 0) {
            return Ok(Val::take(result, &self.memory, self.decode));
        }
        assert!(
            result.owned_pointer().is_none(),
            "contract: {member} failed but left memory in its result: {errors:?}"
        );
        Err(CallError { member: member.to_owned(), kind: ErrorKind::Failed, errors })
    }

    fn error(&self, member: &str, kind: ErrorKind) -> CallError {
        CallError { member: member.to_owned(), kind, errors: self.connection.take_errors() }
    }

    fn take_name(&self, name: *mut u16) -> Option<String> {
        if name.is_null() {
            return None;
        }
        let size =
            self.memory.size_of(name.cast()).expect("contract: a name from elsewhere than the manager");
        // SAFETY: a live block of this size, aligned to 16.
        let units = unsafe { std::slice::from_raw_parts(name, size / 2) };
        assert!(units.contains(&0), "contract: no NUL behind a name");
        // SAFETY: there is a NUL.
        let text = unsafe { text_at(name) };
        self.memory.release(name.cast());
        Some(text)
    }

    /// # Safety
    /// The object is alive and not used afterwards.
    unsafe fn end(&self, destruction: Destruction) {
        match destruction {
            // SAFETY: by the caller's word.
            Destruction::Export => unsafe { self.addin.destroy_object(self.bases.object()) },
            // SAFETY: by the caller's word.
            Destruction::Delete(base) => unsafe { delete(self.bases, base) },
            Destruction::Never => return,
        }
        self.memory.close();
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if self.gone.swap(true, Ordering::SeqCst) {
            return;
        }
        if !self.done.load(Ordering::SeqCst) {
            self.done();
        }
        if self.destruction == Destruction::Never {
            // The component may go on using both: they are left behind together with it.
            std::mem::forget((self.memory.clone(), self.connection.clone()));
        }
        // SAFETY: alive until here and never used again.
        unsafe { self.end(self.destruction) };
    }
}

/// C++ `delete` on base `base` of the object.
///
/// # Safety
/// The object is alive and not used afterwards.
unsafe fn delete(bases: Bases, base: usize) {
    // SAFETY: alive by the caller's word.
    let destructors = unsafe { bases.destructors(base) };
    #[cfg(not(windows))]
    {
        assert!(destructors.complete.is_some(), "contract: no complete destructor in base {base}");
        let deleting = destructors.deleting.expect("contract: no deleting destructor");
        // SAFETY: `this` of that base, alive.
        unsafe { deleting(bases.this(base)) };
    }
    #[cfg(windows)]
    {
        let scalar = destructors.scalar.expect("contract: no deleting destructor");
        // SAFETY: `this` of that base, alive; 1 means: also free.
        unsafe { scalar(bases.this(base), 1) };
    }
}

/// C++ bool, which a component must give as 0 or 1.
fn truth(answer: u8) -> bool {
    assert!(answer <= 1, "contract: a bool of {answer}");
    answer == 1
}

/// Arguments as passed; their memory is freed at the end, whatever happened.
struct Passed<'a> {
    memory: &'a Memory,
    slots: Vec<Slot>,
}

struct Slot {
    variant: Variant,
    /// Serial of the block to free afterwards; `None` when the memory is not ours to free.
    owned: Option<u64>,
}

impl Slot {
    fn new(variant: Variant, copied: bool, memory: &Memory) -> Self {
        let owned = variant.owned_pointer().filter(|_| copied).and_then(|pointer| memory.serial_of(pointer));
        Self { variant, owned }
    }
}

impl Passed<'_> {
    /// Takes what the component put in place of arguments. It freed the old memory itself if it replaced it.
    fn replaced(&mut self, after: &[Variant]) -> Vec<Option<Val<'static>>> {
        let mut outputs = Vec::with_capacity(after.len());
        for (slot, now) in self.slots.iter_mut().zip(after) {
            let serial = now.owned_pointer().and_then(|pointer| self.memory.serial_of(pointer));
            if slot.variant.same_as(now) && (slot.owned.is_none() || slot.owned == serial) {
                outputs.push(None);
                continue;
            }
            // The old memory must be gone by now: a component that only overwrites the pointer leaks it, which the
            // count of live blocks then shows.
            slot.owned = None;
            outputs.push(Some(Val::take(now, self.memory, true)));
        }
        outputs
    }
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        for slot in &self.slots {
            if let (Some(_), Some(pointer)) = (slot.owned, slot.variant.owned_pointer()) {
                self.memory.release(pointer);
            }
        }
    }
}
