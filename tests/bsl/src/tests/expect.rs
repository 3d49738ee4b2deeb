//! `ЮТест.ОжидаетЧто(Значение, Описание)` and what may be expected of a value.

use std::any::Any;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use super::values::{by_path, contains, equal, length, member, shown};
use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Structure;
use crate::platform::{convert, types};
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const UNIT: Names = names("ЮТест", "ЮТест");
const EXPECTATIONS: Names = names("ЮТУтверждения", "ЮТУтверждения");
const CONTEXT: Names = names("ЮТКонтекст", "ЮТКонтекст");

/// What tests share: values of the module, of the set, of the test.
#[derive(Default)]
pub(super) struct Contexts {
    module: Rc<Structure>,
    set: Rc<Structure>,
    test: Rc<Structure>,
}

impl Contexts {
    pub(super) fn start_set(&mut self) {
        self.set = Rc::default();
    }

    pub(super) fn start_test(&mut self) {
        self.test = Rc::default();
    }
}

/// `ЮТест`.
struct Unit;

/// A context: values by name.
struct Context(Rc<Structure>);

/// A value under test. Copies share their state, so that calls chain.
#[derive(Clone, Default)]
struct Expectations(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    object: Value,
    /// What is looked at: the object, or a property of it; `None`: there is no such property.
    value: Option<Value>,
    description: String,
    path: String,
    method: String,
    parameters: Vec<Value>,
}

impl Object for Unit {
    fn type_names(&self) -> Names {
        UNIT
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "ожидаетчто" => expect(&Given::new("ОжидаетЧто", arguments, 1, 2)?),
            "пропустить" => {
                let text = Given::new("Пропустить", arguments, 0, 1)?.text_or(0, "Тест пропущен");
                machine.tests.skip = Some(text.clone());
                return Err(Fault::raised(text));
            }
            "упал" => {
                let text = Given::new("Упал", arguments, 0, 1)?.text_or(0, "Тест упал");
                machine.tests.failure = Some(text.clone());
                return Err(Fault::raised(text));
            }
            "контекстмодуля" => Value::object(Context(machine.tests.contexts.module.clone())),
            "контексттестовогонабора" => {
                Value::object(Context(machine.tests.contexts.set.clone()))
            }
            "контексттеста" => Value::object(Context(machine.tests.contexts.test.clone())),
            _ => return Err(Fault::unknown(format!("ЮТест.{name}"))),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Context {
    fn type_names(&self) -> Names {
        CONTEXT
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "установитьзначение" => {
                let given = Given::new("УстановитьЗначение", arguments, 2, 2)?;
                self.0.insert(&given.text(0), given.value(1))?;
                Ok(Some(Value::object(Self(self.0.clone()))))
            }
            "значение" => {
                let given = Given::new("Значение", arguments, 1, 1)?;
                Ok(Some(self.0.find(&given.text(0)).unwrap_or_default()))
            }
            _ => Err(Fault::unknown(format!("ЮТКонтекст.{name}"))),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

fn expect(given: &Given<'_>) -> Value {
    let object = given.value(0);
    let state =
        State { value: Some(object.clone()), object, description: given.text_or(1, ""), ..State::default() };
    Value::object(Expectations(Rc::new(RefCell::new(state))))
}

impl Object for Expectations {
    fn type_names(&self) -> Names {
        EXPECTATIONS
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        if name == "что" {
            return Given::new("Что", arguments, 1, 2).map(|given| Some(expect(&given)));
        }
        if !self.moved(machine, name, arguments)? && !self.of_method(machine, name, arguments)? {
            self.checked(machine, name, arguments)?;
        }
        Ok(Some(Value::object(self.clone())))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Expectations {
    /// Steps that change what is looked at; whether this is one.
    fn moved(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<bool> {
        match name {
            "свойство" => {
                let path = Given::new("Свойство", arguments, 1, 1)?.text(0);
                let object = self.0.borrow().object.clone();
                let value = by_path(machine, &object, &path)?;
                let mut state = self.0.borrow_mut();
                (state.value, state.path) = (value, path);
            }
            "элемент" => {
                let key = Given::new("Элемент", arguments, 1, 1)?.value(0);
                let object = self.0.borrow().object.clone();
                let value = member(machine, &object, &key)?;
                let mut state = self.0.borrow_mut();
                (state.value, state.path) = (value, format!("[{}]", convert::text(&key)));
            }
            "объект" => {
                let mut state = self.0.borrow_mut();
                (state.value, state.path) = (Some(state.object.clone()), String::new());
            }
            "метод" => {
                let given = Given::new("Метод", arguments, 1, 2)?;
                let parameters = match given.value(1) {
                    Value::Object(list) => list.items().unwrap_or_default(),
                    _ => Vec::new(),
                };
                let mut state = self.0.borrow_mut();
                (state.method, state.parameters) = (given.text(0), parameters);
            }
            "параметр" => {
                let parameter = Given::new("Параметр", arguments, 1, 1)?.value(0);
                self.0.borrow_mut().parameters.push(parameter);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Expectations of what a method raises; whether this is one.
    fn of_method(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<bool> {
        let raises = match name {
            "выбрасываетисключение" => true,
            "невыбрасываетисключение" => false,
            _ => return Ok(false),
        };
        let given = Given::new("ВыбрасываетИсключение", arguments, 0, 1)?;
        let (object, method, parameters) = {
            let state = self.0.borrow();
            (state.object.clone(), state.method.clone(), state.parameters.clone())
        };
        let arguments: Vec<Argument> = parameters.into_iter().map(Argument::Value).collect();
        let Value::Object(object) = object else { return Err(Fault::unknown("a method of no object")) };
        let outcome = match object.call(machine, &folded(&method), &arguments) {
            Ok(None) => return Err(Fault::raised(format!("Метод объекта не обнаружен ({method})"))),
            Err(Fault::Raised(exception)) => Some(exception.description),
            Err(other) => return Err(other),
            Ok(Some(_)) => None,
        };
        let wanted = given.text_or(0, "");
        match (raises, outcome) {
            (true, Some(text)) if text.contains(&wanted) => Ok(true),
            (false, None) => Ok(true),
            (true, Some(text)) => Err(self.failed(
                machine,
                &format!("метод {method} выбросит исключение с текстом \"{wanted}\", а не \"{text}\""),
            )),
            (true, None) => Err(self.failed(machine, &format!("метод {method} выбросит исключение"))),
            (false, Some(text)) => {
                Err(self.failed(machine, &format!("метод {method} не выбросит исключение \"{text}\"")))
            }
        }
    }

    /// Expectations of the value, plain (`Равно`) and negated (`НеРавно`, `ЭтоНеИстина`).
    fn checked(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<()> {
        let given = Given::new("Утверждение", arguments, 0, 2)?;
        if let Some((holds, text)) = self.condition(machine, name, &given)? {
            return if holds { Ok(()) } else { Err(self.failed(machine, &text)) };
        }
        let plain = match name.strip_prefix("этоне") {
            Some(rest) => Some(format!("это{rest}")),
            None => name.strip_prefix("не").map(str::to_owned),
        };
        let condition = match plain {
            Some(plain) => self.condition(machine, &plain, &given)?,
            None => None,
        };
        match condition {
            Some((false, _)) => Ok(()),
            Some((true, text)) => Err(self.failed(machine, &format!("НЕ {text}"))),
            None => Err(Fault::unknown(format!("ЮТУтверждения.{name}"))),
        }
    }

    /// Whether a condition holds, and how it reads; `None` for one that is not known.
    fn condition(
        &self,
        machine: &mut Machine,
        name: &str,
        given: &Given<'_>,
    ) -> Outcome<Option<(bool, String)>> {
        let value = self.0.borrow().value.clone();
        let wanted = given.value(0);
        if name == "имеетсвойство" || name == "содержитсвойство" {
            let Some(value) = value else {
                return Ok(Some((false, "есть такое свойство".to_owned())));
            };
            let found = by_path(machine, &value, &convert::text(&wanted))?.is_some();
            return Ok(Some((found, format!("имеет свойство {}", shown(&wanted)))));
        }
        let Some(value) = value else {
            return Ok(Some((false, "есть такое свойство".to_owned())));
        };
        let other = || format!(" {}", shown(&wanted));
        let ordered = |is: fn(Ordering) -> bool| operators::compare(&value, &wanted).map(is);
        let text = || convert::text(&value);
        let prefix = || convert::text(&wanted);
        let (holds, read) = match name {
            "равно" => (equal(&value, &wanted), format!("равно{}", other())),
            "больше" => (ordered(Ordering::is_gt)?, format!("больше{}", other())),
            "большеилиравно" => {
                (ordered(Ordering::is_ge)?, format!("больше или равно{}", other()))
            }
            "меньше" => (ordered(Ordering::is_lt)?, format!("меньше{}", other())),
            "меньшеилиравно" => {
                (ordered(Ordering::is_le)?, format!("меньше или равно{}", other()))
            }
            "этоистина" => (matches!(value, Value::Bool(true)), "это Истина".to_owned()),
            "этоложь" => (matches!(value, Value::Bool(false)), "это Ложь".to_owned()),
            "этонеопределено" => {
                (matches!(value, Value::Undefined), "это Неопределено".to_owned())
            }
            "этоnull" => (matches!(value, Value::Null), "это Null".to_owned()),
            "заполнено" => (types::is_filled(&value), "заполнено".to_owned()),
            "содержит" => (contains(&value, &wanted)?, format!("содержит{}", other())),
            "содержитстроку" => {
                (text().contains(&prefix()), format!("содержит строку{}", other()))
            }
            "начинаетсяс" => (text().starts_with(&prefix()), format!("начинается с{}", other())),
            "заканчиваетсяна" => {
                (text().ends_with(&prefix()), format!("заканчивается на{}", other()))
            }
            "имееттип" => (has_type(machine, &value, &wanted)?, format!("имеет тип{}", other())),
            "имеетдлину" => {
                let length = length(machine, &value)?;
                (equal(&Value::from(length), &wanted), format!("имеет длину{}, а не {length}", other()))
            }
            _ => return Ok(None),
        };
        Ok(Some((holds, read)))
    }

    /// The exception of an expectation that was not met.
    fn failed(&self, machine: &mut Machine, condition: &str) -> Fault {
        let state = self.0.borrow();
        let what = if state.path.is_empty() {
            "проверяемое значение".to_owned()
        } else {
            format!("свойство {}", state.path)
        };
        let value = state.value.as_ref().map_or("<нет>".to_owned(), shown);
        let description =
            if state.description.is_empty() { String::new() } else { format!("{}: ", state.description) };
        let text = format!("{description}Ожидали, что {what} {value} - {condition}, но это не так");
        machine.tests.failure = Some(text.clone());
        Fault::raised(text)
    }
}

/// `Тип`, or its name.
fn has_type(machine: &Machine, value: &Value, wanted: &Value) -> Outcome<bool> {
    let names = match wanted {
        Value::Type(name) => Some(name.0),
        Value::Text(name) => machine.registry.find_type(name),
        _ => None,
    };
    let names = names.ok_or_else(|| Fault::unknown("ИмеетТип of this"))?;
    Ok(types::type_of(value) == names)
}

pub(super) fn register(registry: &mut Registry) {
    let unit: Rc<dyn Object> = Rc::new(Unit);
    registry.global(UNIT, &unit);
    let expectations: Rc<dyn Object> = Rc::new(Expectations::default());
    registry.global(EXPECTATIONS, &expectations);
}
