//! `ЮТТесты`: registering. Everything returns `ЮТТесты` itself, so that calls chain.

use std::any::Any;
use std::rc::Rc;

use super::values::shown;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const SUITE: Names = names("ЮТТесты", "ЮТТесты");

/// A registered test.
#[derive(Clone)]
pub struct Test {
    /// Name of its set.
    pub set: String,
    /// Method of the module.
    pub method: String,
    /// What is shown instead of the method, if anything.
    pub presentation: String,
    /// Whether it only runs on a client.
    pub client: bool,
    /// Parameters of each run; none: one run without.
    parameters: Vec<Vec<Value>>,
}

impl Test {
    /// Parameters of every run.
    pub(super) fn runs(&self) -> Vec<Vec<Value>> {
        if self.parameters.is_empty() { vec![Vec::new()] } else { self.parameters.clone() }
    }

    /// How a run is named.
    pub(super) fn shown(&self, parameters: &[Value]) -> String {
        let name = if self.presentation.is_empty() { &self.method } else { &self.presentation };
        if parameters.is_empty() {
            return name.clone();
        }
        let parameters: Vec<String> = parameters.iter().map(shown).collect();
        format!("{name}({})", parameters.join(", "))
    }
}

/// `ЮТТесты`.
struct Suite;

impl Suite {
    fn value() -> Value {
        Value::object(Self)
    }
}

impl Object for Suite {
    fn type_names(&self) -> Names {
        SUITE
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "добавитьтестовыйнабор" => {
                let given = Given::new("ДобавитьТестовыйНабор", arguments, 1, 3)?;
                let presentation = given.text_or(1, "");
                machine.tests.set = if presentation.is_empty() { given.text(0) } else { presentation };
            }
            "добавитьтест" | "добавитьсерверныйтест" => {
                add(machine, arguments, false)?
            }
            "добавитьклиентскийтест" => add(machine, arguments, true)?,
            "спараметрами" => {
                let parameters = arguments.iter().map(Argument::value).collect();
                last(machine)?.parameters.push(parameters);
            }
            "представление" => {
                let text = Given::new("Представление", arguments, 1, 1)?.text(0);
                last(machine)?.presentation = text;
            }
            _ => return Err(Fault::unknown(format!("ЮТТесты.{name}"))),
        }
        Ok(Some(Self::value()))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// `(ИмяТестовогоМетода, Представление, Теги)`.
fn add(machine: &mut Machine, arguments: &[Argument], client: bool) -> Outcome<()> {
    let given = Given::new("ДобавитьТест", arguments, 1, 3)?;
    let set = machine.tests.set.clone();
    machine.tests.registered.push(Test {
        set,
        method: given.text(0),
        presentation: given.text_or(1, ""),
        client,
        parameters: Vec::new(),
    });
    Ok(())
}

fn last(machine: &mut Machine) -> Outcome<&mut Test> {
    machine.tests.registered.last_mut().ok_or_else(|| Fault::raised("Нет теста, к которому это относится"))
}

pub(super) fn register(registry: &mut Registry) {
    let suite: Rc<dyn Object> = Rc::new(Suite);
    registry.global(SUITE, &suite);
}
