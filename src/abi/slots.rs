//! Slots that answer from the class table, and those of the object's life. None of them waits for a call under way.

use std::ffi::{c_long, c_void};

use super::component::{Default, Library, Method, Property};
use super::entry;
use super::gate::{Count, Index, This, Trouble, enter};
use super::host::HostMemory;
use super::language::{Languages, Member};
use super::object::{Visit, base};
use super::platform::{Foreign, Link};
use super::utf16;
use super::variant::{Prepared, Slot};

/// Init: keeps the connection until Done. A null connection is accepted: the object then has nowhere to raise errors.
pub(super) unsafe extern "system" fn init<L: Library>(this: This, connection: *mut c_void) -> bool {
    let body = |visit: &Visit<L>, _| {
        // SAFETY: the host passes its connection, valid until Done returns; Done closes the link.
        let connection = unsafe { Foreign::new(connection) };
        visit.init(connection.map(|connection| Link::new(connection, entry::platform_level())));
        Ok(true)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::INIT_DONE, None, body) }
}

/// setMemManager: false for null, and the object then has no memory to hand out.
pub(super) unsafe extern "system" fn set_memory_manager<L: Library>(
    this: This,
    manager: *mut c_void,
) -> bool {
    let body = |visit: &Visit<L>, _| {
        if visit.memory().is(manager) {
            return Ok(true);
        }
        // SAFETY: the host passes its manager, valid until the object is destroyed; that closes the handle.
        let memory = unsafe { HostMemory::new(manager) };
        let present = memory.is(manager);
        visit.set_memory(memory);
        Ok(present)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::INIT_DONE, None, body) }
}

/// GetInfo.
pub(super) unsafe extern "system" fn info<L: Library>(this: This) -> Count {
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::INIT_DONE, None, |_: &Visit<L>, _| Ok(Count(c_long::from(L::INFO)))) }
}

/// Done.
pub(super) unsafe extern "system" fn done<L: Library>(this: This) {
    let body = |visit: &Visit<L>, _| {
        visit.done();
        Ok(())
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::INIT_DONE, None, body) }
}

/// RegisterExtensionAs: the class name.
pub(super) unsafe extern "system" fn register_extension_as<L: Library>(
    this: This,
    out: *mut *const u16,
) -> bool {
    let body = |visit: &Visit<L>, _| {
        if out.is_null() || !out.is_aligned() {
            return Err(Trouble::Silent);
        }
        let name = name(visit, visit.class().name);
        // SAFETY: not null, aligned; the host passes the address of a pointer of its own.
        unsafe { out.write(name.unwrap_or(std::ptr::null())) };
        Ok(name.is_some())
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetNProps.
pub(super) unsafe extern "system" fn property_count<L: Library>(this: This) -> Count {
    let body = |visit: &Visit<L>, _| Ok(visit.class().properties.len().into());
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// FindProp.
pub(super) unsafe extern "system" fn find_property<L: Library>(this: This, name: *const u16) -> Index {
    let body = |visit: &Visit<L>, _| {
        // SAFETY: a name of the host, NUL-terminated or null.
        let name = unsafe { utf16::bounded(name, utf16::NAME_LIMIT) }.ok_or(Trouble::Silent)?;
        let names = visit.class().properties.iter().map(|property| (property.english, property.russian));
        Ok(visit.languages().find(name, names, Member::Property).into())
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetPropName.
pub(super) unsafe extern "system" fn property_name<L: Library>(
    this: This,
    index: c_long,
    alias: c_long,
) -> *const u16 {
    let body = |visit: &Visit<L>, _| {
        let (_, Property { english, russian, .. }) = at(visit.class().properties, index)?;
        aliased(visit, english, russian, alias)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// IsPropReadable.
pub(super) unsafe extern "system" fn is_readable<L: Library>(this: This, index: c_long) -> bool {
    let body = |visit: &Visit<L>, _| Ok(at(visit.class().properties, index)?.1.readable);
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// IsPropWritable.
pub(super) unsafe extern "system" fn is_writable<L: Library>(this: This, index: c_long) -> bool {
    let body = |visit: &Visit<L>, _| Ok(at(visit.class().properties, index)?.1.writable);
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetNMethods.
pub(super) unsafe extern "system" fn method_count<L: Library>(this: This) -> Count {
    let body = |visit: &Visit<L>, _| Ok(visit.class().methods.len().into());
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// FindMethod.
pub(super) unsafe extern "system" fn find_method<L: Library>(this: This, name: *const u16) -> Index {
    let body = |visit: &Visit<L>, _| {
        // SAFETY: a name of the host, NUL-terminated or null.
        let name = unsafe { utf16::bounded(name, utf16::NAME_LIMIT) }.ok_or(Trouble::Silent)?;
        let names = visit.class().methods.iter().map(|method| (method.english, method.russian));
        Ok(visit.languages().find(name, names, Member::Method).into())
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetMethodName.
pub(super) unsafe extern "system" fn method_name<L: Library>(
    this: This,
    index: c_long,
    alias: c_long,
) -> *const u16 {
    let body = |visit: &Visit<L>, _| {
        let (_, Method { english, russian, .. }) = at(visit.class().methods, index)?;
        aliased(visit, english, russian, alias)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetNParams.
pub(super) unsafe extern "system" fn parameter_count<L: Library>(this: This, index: c_long) -> Count {
    let body = |visit: &Visit<L>, _| Ok(at(visit.class().methods, index)?.1.parameters.len().into());
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// GetParamDefValue: true and EMPTY for a parameter without default.
pub(super) unsafe extern "system" fn parameter_default<L: Library>(
    this: This,
    index: c_long,
    parameter: c_long,
    value: *mut c_void,
) -> bool {
    let body = |visit: &Visit<L>, language| {
        // SAFETY: the host passes a tVariant of its own, or null.
        let value = unsafe { Slot::new(value) }.ok_or(Trouble::Silent)?;
        value.clear();
        let (_, method) = at(visit.class().methods, index)?;
        let (_, parameter) = at(method.parameters, parameter)?;
        let text = |text| Prepared::text(text, &visit.memory(), language);
        value.store(match parameter.default {
            None => Prepared::Empty,
            Some(Default::EmptyText) => text("")?,
            Some(Default::Text(default)) => text(default)?,
            Some(Default::Bool(default)) => Prepared::Bool(default),
            Some(Default::Int(default)) => Prepared::Int(default),
        });
        Ok(true)
    };
    let member = member(index, Member::Method);
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, member, body) }
}

/// HasRetVal.
pub(super) unsafe extern "system" fn has_result<L: Library>(this: This, index: c_long) -> bool {
    let body = |visit: &Visit<L>, _| Ok(at(visit.class().methods, index)?.1.returns);
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, None, body) }
}

/// SetLocale: only tells the language; the locale of the process is the host's.
pub(super) unsafe extern "system" fn set_locale<L: Library>(this: This, name: *const u16) {
    // SAFETY: the contract of the slot.
    unsafe { tell_language::<L>(this, base::LOCALE, name, Languages::set_locale) }
}

/// SetUserInterfaceLanguageCode.
pub(super) unsafe extern "system" fn set_language<L: Library>(this: This, code: *const u16) {
    // SAFETY: the contract of the slot.
    unsafe { tell_language::<L>(this, base::USER_LANGUAGE, code, Languages::set_interface) }
}

/// # Safety
/// As [`enter`]; `text` is null or NUL-terminated.
unsafe fn tell_language<L: Library>(this: This, base: usize, text: *const u16, tell: fn(&Languages, &[u16])) {
    let body = |visit: &Visit<L>, _| {
        // SAFETY: the caller's contract.
        let text = unsafe { utf16::bounded(text, utf16::NAME_LIMIT) }.ok_or(Trouble::Silent)?;
        tell(visit.languages(), text);
        Ok(())
    };
    // SAFETY: the caller's contract.
    unsafe { enter(this, base, None, body) }
}

/// The entry of a table under a number of the host.
pub(super) fn at<T>(table: &'static [T], index: c_long) -> Result<(usize, &'static T), Trouble> {
    let index = usize::try_from(index).map_err(|_| Trouble::Silent)?;
    table.get(index).map(|entry| (index, entry)).ok_or(Trouble::Silent)
}

/// The member a number of the host stands for, if any.
pub(super) fn member(index: c_long, member: fn(usize) -> Member) -> Option<Member> {
    usize::try_from(index).ok().map(member)
}

fn aliased<L: Library>(
    visit: &Visit<L>,
    english: &str,
    russian: &str,
    alias: c_long,
) -> Result<*const u16, Trouble> {
    let text = match alias {
        0 => english,
        1 => russian,
        _ => return Err(Trouble::Silent),
    };
    name(visit, text).ok_or(Trouble::Silent)
}

/// A name in the host's memory. The host frees it after use, so every call makes it anew.
fn name<L: Library>(visit: &Visit<L>, name: &str) -> Option<*const u16> {
    let buffer = visit.memory().text(name)?;
    Some(buffer.hand_over().as_ptr().cast::<u16>().cast_const())
}
