//! The asynchronous forms of what is done with components: `НачатьПодключениеВнешнейКомпоненты`,
//! `НачатьУстановкуВнешнейКомпоненты`, and for members of an object `НачатьВызов<Метод>`, `НачатьПолучение<Свойство>`,
//! `НачатьУстановку<Свойство>`. Procedures called back get, before the additional parameter: whether it is attached;
//! nothing; the result and the list of arguments; the value; nothing.

use super::addin::{AddinObject, attach_library, require_native};
use super::collections::Array;
use crate::error::{Fault, Outcome};
use crate::names::names;
use crate::object::Argument;
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

/// What a prefix of a method's name asks for.
#[derive(Clone, Copy)]
enum Form {
    Call,
    Get,
    Set,
}

const PREFIXES: &[(&str, Form)] = &[
    ("начатьвызов", Form::Call),
    ("begincalling", Form::Call),
    ("начатьполучение", Form::Get),
    ("begingetting", Form::Get),
    ("начатьустановку", Form::Set),
    ("beginsetting", Form::Set),
];

pub(super) fn register(registry: &mut Registry) {
    registry.function(
        names("НачатьПодключениеВнешнейКомпоненты", "BeginAttachingAddIn"),
        |machine, a| {
            let given = Given::new("НачатьПодключениеВнешнейКомпоненты", a, 3, 5)?;
            require_native(&given, 3)?;
            let (location, name) = (given.text(1), given.text(2));
            let work = move |machine: &mut Machine| {
                // A client loads what was installed before, not what lies in a template.
                let there = !machine.is_client || machine.addins.is_installed(&location);
                Ok(vec![Value::Bool(there && attach_library(machine, &location, &name))])
            };
            machine.begin(&given.value(0), Box::new(work))?;
            Ok(Value::Undefined)
        },
    );
    registry.function(
        names("НачатьУстановкуВнешнейКомпоненты", "BeginInstallAddIn"),
        |machine, a| {
            let given = Given::new("НачатьУстановкуВнешнейКомпоненты", a, 2, 2)?;
            let location = given.text(1);
            let work = move |machine: &mut Machine| {
                if machine.template_path(&location).is_none() {
                    // The text is unverified.
                    return Err(Fault::raised("Ошибка установки внешней компоненты: макет не найден"));
                }
                machine.addins.install(&location);
                Ok(Vec::new())
            };
            machine.begin(&given.value(0), Box::new(work))?;
            Ok(Value::Undefined)
        },
    );
}

/// Begins what the name of a method asks for; `None`: it asks for nothing of the kind, or of a member there is not.
pub(super) fn begin(
    object: &AddinObject,
    machine: &mut Machine,
    name: &str,
    arguments: &[Argument],
) -> Outcome<Option<Value>> {
    let found = PREFIXES.iter().find_map(|(prefix, form)| Some((name.strip_prefix(prefix)?, *form)));
    let Some((member, form)) = found else { return Ok(None) };
    let known = match form {
        Form::Call => object.has_method(member),
        Form::Get | Form::Set => object.has_property(member),
    };
    if !known {
        return Ok(None);
    }
    let [callback, given @ ..] = arguments else {
        return Err(Fault::unknown(format!("{name} without an argument")));
    };
    let (object, member) = (object.clone(), member.to_owned());
    let values: Vec<Value> = given.iter().map(Argument::value).collect();
    let work = move |machine: &mut Machine| match form {
        Form::Call => {
            let result = object.invoke(machine, &member, &values)?;
            Ok(vec![result, Value::object(Array::of(values))])
        }
        Form::Get => Ok(vec![object.read(machine, &member)?]),
        Form::Set => {
            let [value] = values.as_slice() else {
                return Err(Fault::unknown(format!("setting {member} to anything but one value")));
            };
            object.write(machine, &member, value)?;
            Ok(Vec::new())
        }
    };
    machine.begin(&callback.value(), Box::new(work))?;
    Ok(Some(Value::Undefined))
}
