//! Slots that run the component: methods and properties. An answer is stored whole or not at all: results and
//! out-parameters are brought into the host's memory before the first of them is written.

use std::ffi::{c_long, c_void};

use super::component::{Component, Default, Fault, Language, Library, Method, Parameter, Value, ValueRef};
use super::faults;
use super::gate::{This, Trouble, enter};
use super::host::{Arguments, HostMemory};
use super::language::Member;
use super::object::{Visit, base};
use super::slots::{at, member};
use super::utf16;
use super::variant::{Prepared, Slot, Slots};

/// GetPropVal.
pub(super) unsafe extern "system" fn property<L: Library>(
    this: This,
    index: c_long,
    value: *mut c_void,
) -> bool {
    let member = member(index, Member::Property);
    let body = |visit: &Visit<L>, language| {
        // SAFETY: the host passes a tVariant of its own, or null.
        let value = unsafe { Slot::new(value) };
        if let Some(value) = value {
            value.clear();
        }
        let (index, property) = known(at(visit.class().properties, index), language)?;
        let name = spelled(property.english, property.russian, language);
        let value = value.ok_or_else(|| faults::no_result_place(language, name))?;
        if !property.readable {
            return Err(faults::not_readable(language, name).into());
        }
        let mut turn = visit.turn(language)?;
        let host = visit.host(member);
        let answer = turn.component().property(&host, index).map_err(Trouble::Seen)?;
        value.store(Prepared::new(answer, &host.memory, language)?);
        Ok(true)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, member, body) }
}

/// SetPropVal.
pub(super) unsafe extern "system" fn set_property<L: Library>(
    this: This,
    index: c_long,
    value: *mut c_void,
) -> bool {
    let member = member(index, Member::Property);
    let body = |visit: &Visit<L>, language| {
        let (index, property) = known(at(visit.class().properties, index), language)?;
        let name = spelled(property.english, property.russian, language);
        // SAFETY: the host passes a tVariant of its own, or null; what it refers to stays during the call.
        let value = unsafe { Slot::new(value) }.ok_or_else(|| faults::wrong_arguments(language, name))?;
        if !property.writable {
            return Err(faults::not_writable(language, name).into());
        }
        let mut turn = visit.turn(language)?;
        let host = visit.host(member);
        turn.component().set_property(&host, index, value.read()).map_err(Trouble::Seen)?;
        Ok(true)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, member, body) }
}

/// CallAsProc: also for functions, whose result is then dropped (hosts differ in what they call for a function used as
/// a statement).
pub(super) unsafe extern "system" fn call_as_procedure<L: Library>(
    this: This,
    index: c_long,
    parameters: *mut c_void,
    count: c_long,
) -> bool {
    let body = |visit: &Visit<L>, language| {
        // SAFETY: the host passes an array of `count` tVariants, or null.
        let parameters = unsafe { Slots::new(parameters, count) };
        call(visit, index, Target::None, parameters, language)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, member(index, Member::Method), body) }
}

/// CallAsFunc: also for procedures, with Неопределено as result.
pub(super) unsafe extern "system" fn call_as_function<L: Library>(
    this: This,
    index: c_long,
    result: *mut c_void,
    parameters: *mut c_void,
    count: c_long,
) -> bool {
    let body = |visit: &Visit<L>, language| {
        // SAFETY: the host passes a tVariant of its own, or null.
        let result = unsafe { Slot::new(result) };
        // SAFETY: the host passes an array of `count` tVariants, or null.
        let parameters = unsafe { Slots::new(parameters, count) };
        if let Some(result) = result {
            result.clear();
        }
        call(visit, index, result.map_or(Target::Missing, Target::Slot), parameters, language)
    };
    // SAFETY: the contract of the slot.
    unsafe { enter(this, base::EXTENDER, member(index, Member::Method), body) }
}

/// Where the result goes.
enum Target<'a> {
    /// Called as a procedure.
    None,
    /// Called as a function without a place for the result.
    Missing,
    Slot(Slot<'a>),
}

fn call<L: Library>(
    visit: &Visit<L>,
    index: c_long,
    target: Target<'_>,
    parameters: Option<Slots<'_>>,
    language: Language,
) -> Result<bool, Trouble> {
    let (index, method) = known(at(visit.class().methods, index), language)?;
    let name = spelled(method.english, method.russian, language);
    let target = match target {
        Target::None => None,
        Target::Slot(slot) => Some(slot),
        Target::Missing => return Err(faults::no_result_place(language, name).into()),
    };
    let parameters = parameters
        .filter(|parameters| fits(method, parameters.len()))
        .ok_or_else(|| faults::wrong_arguments(language, name))?;
    let mut turn = visit.turn(language)?;
    let host = visit.host(Some(Member::Method(index)));

    let texts = default_texts(method, parameters, language)?;
    let mut arguments = arguments(method, parameters, &texts);
    let answer = turn.component().call(&host, index, &mut arguments).map_err(Trouble::Seen)?;
    let changes = arguments.set;

    let result = match target.filter(|_| method.returns) {
        Some(slot) => Some((slot, Prepared::new(answer, &host.memory, language)?)),
        None => None,
    };
    let changes = prepared(changes, parameters, &host.memory, language)?;
    for (slot, value) in changes {
        slot.replace(value, &host.memory);
    }
    if let Some((slot, value)) = result {
        slot.store(value);
    }
    Ok(true)
}

/// Whether a call with this many arguments can be made: what is left out at the end must have defaults.
fn fits(method: &Method, count: usize) -> bool {
    method
        .parameters
        .get(count..)
        .is_some_and(|omitted| omitted.iter().all(|parameter| parameter.default.is_some()))
}

/// What an argument stands for when the host left it out: known hosts fill in the default themselves, others pass
/// EMPTY or fewer arguments.
fn omitted<'a>(parameter: &'a Parameter, slot: Option<Slot<'_>>) -> Option<&'a Default> {
    let given = slot.is_some_and(|slot| slot.read() != ValueRef::Empty);
    if given { None } else { parameter.default.as_ref() }
}

/// The default texts of omitted arguments, one after the other, as UTF-16.
fn default_texts(method: &Method, parameters: Slots<'_>, language: Language) -> Result<Vec<u16>, Fault> {
    let texts = || {
        let declared = method.parameters.iter().enumerate();
        declared.filter_map(|(index, parameter)| match omitted(parameter, parameters.at(index)) {
            Some(Default::Text(text)) => Some(*text),
            _ => None,
        })
    };
    let mut out = Vec::new();
    let length = texts().map(utf16::units).sum();
    out.try_reserve_exact(length).map_err(|_| faults::out_of_memory(language))?;
    out.extend(texts().flat_map(str::encode_utf16));
    Ok(out)
}

fn arguments<'a>(method: &Method, parameters: Slots<'a>, mut texts: &'a [u16]) -> Arguments<'a> {
    let mut values = Vec::with_capacity(method.parameters.len());
    for (index, parameter) in method.parameters.iter().enumerate() {
        let slot = parameters.at(index);
        let value = match omitted(parameter, slot) {
            None => slot.map_or(ValueRef::Empty, Slot::read),
            Some(Default::EmptyText) => ValueRef::Text(&[]),
            Some(Default::Text(text)) => {
                let (text, rest) = texts.split_at_checked(utf16::units(text)).unwrap_or_default();
                texts = rest;
                ValueRef::Text(text)
            }
            Some(Default::Bool(default)) => ValueRef::Bool(*default),
            Some(Default::Int(default)) => ValueRef::Int(*default),
        };
        values.push(value);
    }
    let set = method.parameters.iter().map(|_| None).collect();
    Arguments { values, set }
}

/// The new values of out-parameters, in host form.
fn prepared<'a>(
    changes: Vec<Option<Value>>,
    parameters: Slots<'a>,
    memory: &HostMemory,
    language: Language,
) -> Result<Vec<(Slot<'a>, Prepared)>, Fault> {
    let mut out = Vec::new();
    for (index, value) in changes.into_iter().enumerate() {
        if let (Some(value), Some(slot)) = (value, parameters.at(index)) {
            out.push((slot, Prepared::new(value, memory, language)?));
        }
    }
    Ok(out)
}

fn known<T>(entry: Result<T, Trouble>, language: Language) -> Result<T, Fault> {
    entry.map_err(|_| faults::unknown_member(language))
}

fn spelled<'a>(english: &'a str, russian: &'a str, language: Language) -> &'a str {
    match language {
        Language::English => english,
        Language::Russian => russian,
    }
}
