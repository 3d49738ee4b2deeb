//! External components: `ПодключитьВнешнююКомпоненту` and `Новый("AddIn.Имя.Класс")`, through the vtables of the real
//! library. Location: a path of a library or of an archive, or the name of a template the machine was given one for.
//!
//! What the platform says when attaching fails is only `Ложь`; so it is here. The reason is kept for whoever runs the
//! machine: [`Machine::refusal`].

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use addin_host::{Addin, CallError, Date as HostDate, ErrorKind, Object as HostObject, Settings, Val};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use tempfile::TempDir;
use time::{Date, Month, PrimitiveDateTime, Time};

use super::addin_begin;
use super::binary::BinaryData;
use super::bundle::{self, System};
use super::enums::EnumValue;
use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

/// What a machine knows of components.
#[derive(Default)]
pub(crate) struct Addins {
    attached: HashMap<String, Addin>,
    /// Where libraries of archives lie; after the components, so that they go first.
    folders: Vec<TempDir>,
    /// Why the last component could not be attached.
    refusal: Option<String>,
    /// By [`template_key`]: the name as given, and the library or archive.
    templates: HashMap<String, (String, PathBuf)>,
    /// What a client installed, by [`template_key`].
    installed: HashSet<String>,
    /// Calls and accesses to properties of components, for counting what one costs.
    crossings: u64,
}

/// An object of a component.
#[derive(Clone)]
pub(super) struct AddinObject(Rc<HostObject>);

impl Machine {
    /// Makes a library or an archive reachable as the template `name`, e.g. `ОбщийМакет.HTTP`.
    pub fn add_template(&mut self, name: &str, library: impl Into<PathBuf>) {
        self.addins.templates.insert(template_key(name), (name.to_owned(), library.into()));
    }

    /// Why the last component could not be attached: what the platform keeps to itself.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.addins.refusal.as_deref()
    }

    /// The file of a template by its full name.
    pub(crate) fn template_path(&self, name: &str) -> Option<PathBuf> {
        self.addins.templates.get(&template_key(name)).map(|(_, path)| path.clone())
    }

    /// Names of the common templates, without the prefix, sorted.
    pub(crate) fn common_templates(&self) -> Vec<Rc<str>> {
        let common = |(key, (name, _)): (&String, &(String, PathBuf))| {
            key.starts_with("общиймакет.")
                .then(|| Rc::from(name.split_once('.').map_or("", |(_, name)| name)))
        };
        let mut names: Vec<Rc<str>> = self.addins.templates.iter().filter_map(common).collect();
        names.sort();
        names
    }

    /// Calls and accesses to properties of components so far.
    #[must_use]
    pub fn crossings(&self) -> u64 {
        self.addins.crossings
    }
}

impl Addins {
    /// Whether a client installed what lies at a location.
    pub(super) fn is_installed(&self, location: &str) -> bool {
        self.installed.contains(&template_key(location))
    }

    pub(super) fn install(&mut self, location: &str) {
        self.installed.insert(template_key(location));
    }
}

/// Templates are named in either language.
fn template_key(name: &str) -> String {
    let name = folded(name);
    match name.strip_prefix("commontemplate.") {
        Some(rest) => format!("общиймакет.{rest}"),
        None => name,
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("ПодключитьВнешнююКомпоненту", "AttachAddIn"), attach);
}

/// `ПодключитьВнешнююКомпоненту(Местоположение, Имя, Тип, ТипПодключения)`.
fn attach(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ПодключитьВнешнююКомпоненту", arguments, 1, 4)?;
    require_native(&given, 2)?;
    forbidden_on_client(machine)?;
    Ok(Value::Bool(attach_library(machine, &given.text(0), &given.text(1))))
}

/// Only native components are known here.
pub(super) fn require_native(given: &Given<'_>, index: usize) -> Outcome<()> {
    if given.len() <= index || !EnumValue::is(&given.value(index), "ТипВнешнейКомпоненты", "Native")
    {
        return Err(Fault::unknown("attaching anything but a native component"));
    }
    Ok(())
}

/// A client of a configuration that forbids synchronous calls refuses them (the wording is unverified).
fn forbidden_on_client(machine: &Machine) -> Outcome<()> {
    if machine.is_client {
        return Err(Fault::raised("Использование синхронных методов на клиенте запрещено!"));
    }
    Ok(())
}

/// Attaches what lies at a location under a name; whether it could be.
pub(super) fn attach_library(machine: &mut Machine, location: &str, name: &str) -> bool {
    // Where external components are forbidden (that the answer is `Ложь`, not an exception, is unverified).
    if machine.session.is_safe() {
        machine.addins.refusal = Some(format!("{location}: safe mode is on"));
        return false;
    }
    let path = machine.template_path(location).unwrap_or_else(|| PathBuf::from(location));
    match load(&path, &mut machine.addins.folders) {
        Ok(addin) => {
            machine.addins.attached.insert(folded(name), addin);
            true
        }
        Err(reason) => {
            machine.addins.refusal = Some(format!("{location}: {reason}"));
            false
        }
    }
}

/// Loads a library, or the one of an archive for this system, taken out into a folder of its own.
fn load(path: &Path, folders: &mut Vec<TempDir>) -> Result<Addin, String> {
    if !path.is_absolute() {
        return Err("neither a template nor a full path".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if !bundle::is_archive(&bytes) && path.extension().is_none_or(|kind| kind != "zip") {
        return Addin::load(path).map_err(|error| error.to_string());
    }
    let (name, library) = bundle::library(&bytes, System::current())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join(&name);
    std::fs::write(&file, library).map_err(|error| format!("{}: {error}", file.display()))?;
    let addin = Addin::load(&file).map_err(|error| format!("{name} of the archive: {error}"))?;
    folders.push(folder);
    Ok(addin)
}

/// `Новый("AddIn.Имя.Класс")`.
pub(crate) fn create(machine: &mut Machine, name: &str) -> Outcome<Value> {
    let undefined = || Fault::raised(format!("Тип не определен ({name})"));
    let mut parts = name.splitn(3, '.').skip(1);
    let (attached, class) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let addin = machine.addins.attached.get(&folded(attached)).ok_or_else(undefined)?.clone();
    // The component's spelling of the class is what it is asked for.
    let class =
        addin.class_names().into_iter().find(|known| folded(known) == folded(class)).ok_or_else(undefined)?;
    let settings = Settings { language: Some(machine.language.to_owned()), ..Settings::default() };
    let object = addin.create_with(&class, settings).map_err(|_| undefined())?;
    Ok(Value::object(AddinObject(Rc::new(object))))
}

impl AddinObject {
    pub(super) fn has_method(&self, name: &str) -> bool {
        self.0.find_method(name) >= 0
    }

    pub(super) fn has_property(&self, name: &str) -> bool {
        self.0.find_property(name) >= 0
    }

    pub(super) fn read(&self, machine: &mut Machine, name: &str) -> Outcome<Value> {
        machine.addins.crossings += 1;
        self.0.get(name).map(|value| from_host(&value)).map_err(|error| raised(name, &error))
    }

    pub(super) fn write(&self, machine: &mut Machine, name: &str, value: &Value) -> Outcome<()> {
        machine.addins.crossings += 1;
        self.0.set_val(name, &to_host(value)?).map_err(|error| raised(name, &error))
    }

    pub(super) fn invoke(&self, machine: &mut Machine, name: &str, values: &[Value]) -> Outcome<Value> {
        machine.addins.crossings += 1;
        let given = values.iter().map(to_host).collect::<Outcome<Vec<_>>>()?;
        self.0.call(name, &given).map(|value| from_host(&value)).map_err(|error| raised(name, &error))
    }
}

impl Object for AddinObject {
    fn type_names(&self) -> Names {
        names("ВнешняяКомпонента", "AddIn")
    }

    fn get(&self, machine: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        if !self.has_property(name) {
            return Ok(None);
        }
        forbidden_on_client(machine)?;
        self.read(machine, name).map(Some)
    }

    fn set(&self, machine: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        if !self.has_property(name) {
            return Ok(false);
        }
        forbidden_on_client(machine)?;
        self.write(machine, name, value).map(|()| true)
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        if !self.has_method(name) {
            return addin_begin::begin(self, machine, name, arguments);
        }
        forbidden_on_client(machine)?;
        let values: Vec<Value> = arguments.iter().map(Argument::value).collect();
        self.invoke(machine, name, &values).map(Some)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// The exception of a failed call: what the component reported, or only that it failed.
fn raised(name: &str, error: &CallError) -> Fault {
    let text = error.text();
    match error.kind {
        ErrorKind::Failed if !text.is_empty() => Fault::raised(text),
        ErrorKind::TooManyArguments => {
            Fault::raised(format!("Слишком много фактических параметров ({name})"))
        }
        ErrorKind::MissingArgument(_) => {
            Fault::raised(format!("Недостаточно фактических параметров ({name})"))
        }
        _ => Fault::raised(format!("Ошибка при вызове метода контекста ({name})")),
    }
}

fn to_host(value: &Value) -> Outcome<Val<'static>> {
    Ok(match value {
        Value::Undefined => Val::Empty,
        Value::Null => Val::Null,
        Value::Bool(value) => Val::Bool(*value),
        Value::Number(value) => match value.to_i32().filter(|_| value.fract().is_zero()) {
            Some(whole) => Val::Int(whole),
            None => Val::Num(value.to_f64().unwrap_or_default()),
        },
        Value::Text(text) => Val::Str(text.to_string()),
        Value::Date(date) => Val::Date(HostDate {
            year: date.year(),
            month: u8::from(date.month()).into(),
            day: date.day().into(),
            hour: date.hour().into(),
            minute: date.minute().into(),
            second: date.second().into(),
        }),
        Value::Object(_) | Value::Type(_) => match value.downcast::<BinaryData>() {
            Some(data) => Val::Blob(data.0.to_vec()),
            None => return Err(Fault::raised("Несоответствие типов: значение нельзя передать компоненте")),
        },
    })
}

fn from_host(value: &Val<'_>) -> Value {
    if let Some(bytes) = value.as_bytes() {
        return BinaryData::value(bytes.to_vec());
    }
    match value {
        Val::Null => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Int(value) => Value::from(i64::from(*value)),
        Val::Num(value) => Decimal::from_f64(*value).map_or(Value::Undefined, Value::Number),
        Val::Str(text) => Value::from(text.as_str()),
        Val::Date(date) => date_of(date).map_or(Value::Undefined, Value::Date),
        _ => Value::Undefined,
    }
}

fn date_of(date: &HostDate) -> Option<PrimitiveDateTime> {
    let byte = |value: i32| u8::try_from(value).ok();
    let month = Month::try_from(byte(date.month)?).ok()?;
    let day = Date::from_calendar_date(date.year, month, byte(date.day)?).ok()?;
    let time = Time::from_hms(byte(date.hour)?, byte(date.minute)?, byte(date.second)?).ok()?;
    Some(PrimitiveDateTime::new(day, time))
}
