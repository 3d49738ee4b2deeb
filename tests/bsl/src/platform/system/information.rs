//! `СистемнаяИнформация`, safe and privileged mode, the log, and odds and ends of the global context.

use std::any::Any;
use std::rc::Rc;

use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::convert;
use crate::run::{Machine, Registry};
use crate::value::Value;

const INFORMATION: Names = names("СистемнаяИнформация", "SystemInfo");

/// What a program can learn of where it runs.
pub(crate) struct Session {
    /// `ВерсияПриложения`.
    version: String,
    /// Safe modes that are on, the innermost last: `Истина` or the name of a security profile.
    safe: Vec<Value>,
    /// What `ЗаписьЖурналаРегистрации` wrote: event and comment.
    log: Vec<(String, String)>,
}

impl Default for Session {
    fn default() -> Self {
        Self { version: "8.3.24.1548".to_owned(), safe: Vec::new(), log: Vec::new() }
    }
}

impl Session {
    /// Whether a safe mode is on.
    pub(crate) fn is_safe(&self) -> bool {
        !self.safe.is_empty()
    }
}

impl Machine {
    /// Sets what `СистемнаяИнформация.ВерсияПриложения` says; `8.3.24.1548` at first.
    pub fn set_version(&mut self, version: &str) {
        version.clone_into(&mut self.session.version);
    }

    /// Events and comments that the program wrote to the log.
    #[must_use]
    pub fn log(&self) -> &[(String, String)] {
        &self.session.log
    }
}

/// `СистемнаяИнформация`.
struct Information;

impl Object for Information {
    fn type_names(&self) -> Names {
        INFORMATION
    }

    fn get(&self, machine: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "версияприложения" | "appversion" => {
                Value::from(machine.session.version.as_str())
            }
            "типплатформы" | "platformtype" => return platform(machine).map(Some),
            "версияос" | "osversion" => Value::from(std::env::consts::OS),
            "идентификаторклиента"
            | "clientid"
            | "процессор"
            | "processor"
            | "оперативнаяпамять"
            | "ram"
            | "информацияпрограммыпросмотра"
            | "useragentinformation" => {
                return Err(Fault::unknown(format!("СистемнаяИнформация.{name}")));
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// The value of `ТипПлатформы` for what this runs on.
fn platform(machine: &mut Machine) -> Outcome<Value> {
    let name = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux_x86_64",
        ("linux", "x86") => "linux_x86",
        ("linux", "aarch64") => "linux_arm64",
        ("windows", "x86_64") => "windows_x86_64",
        ("windows", "x86") => "windows_x86",
        ("macos", "x86_64") => "macos_x86_64",
        (system, architecture) => {
            return Err(Fault::unknown(format!("ТипПлатформы of {system} on {architecture}")));
        }
    };
    let types = machine.registry.find_global("ТипПлатформы");
    let types = types.ok_or_else(|| Fault::unknown("ТипПлатформы"))?;
    types.get(machine, name).map(Option::unwrap_or_default)
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(INFORMATION, |_, a| {
        Given::new("СистемнаяИнформация", a, 0, 0)?;
        Ok(Value::object(Information))
    });
    registry.function(names("БезопасныйРежим", "SafeMode"), |machine, _| {
        Ok(machine.session.safe.last().cloned().unwrap_or(Value::Bool(false)))
    });
    registry.function(names("УстановитьБезопасныйРежим", "SetSafeMode"), set_safe);
    registry.function(names("ПривилегированныйРежим", "PrivilegedMode"), |_, _| {
        Ok(Value::Bool(false))
    });
    registry.function(
        names("УстановитьПривилегированныйРежим", "SetPrivilegedMode"),
        |_, a| {
            Given::new("УстановитьПривилегированныйРежим", a, 1, 1)?;
            Ok(Value::Undefined)
        },
    );
    registry.function(
        names("ЗаписьЖурналаРегистрации", "WriteLogEvent"),
        |machine, a| {
            let given = Given::new("ЗаписьЖурналаРегистрации", a, 1, 6)?;
            machine.session.log.push((given.text(0), given.text_or(4, "")));
            Ok(Value::Undefined)
        },
    );
    registry
        .function(names("ТекущийЯзыкСистемы", "CurrentSystemLanguage"), |machine, _| {
            Ok(Value::from(machine.language))
        });
    registry.function(names("ЗаполнитьЗначенияСвойств", "FillPropertyValues"), fill);
}

/// `Истина` or a profile turns one on, `Ложь` the last one off. (The platform also ends it with the method that began
/// it; that is not here.)
fn set_safe(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    match Given::new("УстановитьБезопасныйРежим", arguments, 1, 1)?.value(0) {
        Value::Bool(false) => drop(machine.session.safe.pop()),
        mode => machine.session.safe.push(mode),
    }
    Ok(Value::Undefined)
}

/// `ЗаполнитьЗначенияСвойств(Приемник, Источник, СписокСвойств, ИсключаяСвойства)`: what both have, or what is listed.
fn fill(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ЗаполнитьЗначенияСвойств", arguments, 2, 4)?;
    let (Value::Object(to), Value::Object(from)) = (given.value(0), given.value(1)) else {
        return Err(given.wrong(0));
    };
    let listed = |index: usize| -> Vec<String> {
        given.text(index).split(',').map(|name| crate::names::folded(name.trim())).collect()
    };
    let names = if given.has(2) {
        listed(2)
    } else {
        let pairs = from.items().filter(|_| from.type_names().are("Структура"));
        let pairs = pairs.ok_or_else(|| Fault::unknown("ЗаполнитьЗначенияСвойств from this type"))?;
        let mut names = Vec::new();
        for pair in pairs {
            let Value::Object(pair) = pair else { continue };
            let key = pair.get(machine, "ключ")?.unwrap_or_default();
            names.push(crate::names::folded(&convert::text(&key)));
        }
        names
    };
    let left_out = if given.has(3) { listed(3) } else { Vec::new() };
    for name in names.iter().filter(|name| !left_out.contains(name)) {
        let value = from.get(machine, name)?;
        let missing = || Fault::raised(format!("Поле объекта не обнаружено ({name})"));
        let Some(value) = value else {
            return Err(missing());
        };
        // Without a list, what the receiver has not is passed over.
        if !to.set(machine, name, &value)? && given.has(2) {
            return Err(missing());
        }
    }
    Ok(Value::Undefined)
}
