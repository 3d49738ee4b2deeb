//! What runs when the current code has come to its end: the outcome of asynchronous calls, given to a procedure that
//! `ОписаниеОповещения` names, and procedures attached by `ПодключитьОбработчикОжидания`.
//!
//! Nothing here runs beside anything else: a call that was begun is made by [`Machine::run_events`], which then calls back.
//! On the platform that is the loop of the client. In which thread a native client makes such a call, and in what order
//! outcomes come, is unverified; here it is the order in which they were begun.

use std::any::Any;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rust_decimal::prelude::ToPrimitive;

use super::{convert, errors};
use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names};
use crate::object::{Argument, Object, Variable};
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const CALLBACK: Names = names("ОписаниеОповещения", "NotifyDescription");

/// How long events may go on: far longer than any test, for a loop that would never end.
const LIMIT: Duration = Duration::from_secs(120);

/// What waits for its turn.
#[derive(Default)]
pub(crate) struct Events {
    queue: VecDeque<Event>,
    idle: Vec<Idle>,
}

/// What a begun call does; what it gives is handed to the procedure before the additional parameter.
pub(super) type Work = Box<dyn FnOnce(&mut Machine) -> Outcome<Vec<Value>>>;

struct Event {
    work: Work,
    callback: Option<Rc<Callback>>,
}

/// A procedure to be called when its time has come.
struct Idle {
    name: String,
    interval: Duration,
    once: bool,
    due: Instant,
}

/// `ОписаниеОповещения`: what to call, and what to call when there was an exception.
struct Callback {
    procedure: String,
    module: Value,
    additional: Value,
    failure: Option<(String, Value)>,
}

impl Machine {
    /// Runs what was begun and what is attached until nothing is left.
    ///
    /// # Errors
    /// What nobody handles; events that do not end.
    pub fn run_events(&mut self) -> Outcome<()> {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(event) = self.events.queue.pop_front() {
                self.finish(event)?;
            } else if let Some(name) = self.next_idle(end)? {
                self.call_shared(&name)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Forgets what has not run yet.
    pub(crate) fn drop_events(&mut self) {
        self.events = Events::default();
    }

    fn finish(&mut self, event: Event) -> Outcome<()> {
        let outcome = (event.work)(self);
        let Some(callback) = event.callback else { return outcome.map(drop) };
        match outcome {
            Ok(results) => callback.call(self, results),
            Err(Fault::Raised(exception)) => {
                let Some((procedure, module)) = &callback.failure else {
                    return Err(Fault::Raised(exception));
                };
                let standard = Variable::new(Value::Bool(true).into());
                let arguments = [
                    Argument::Value(errors::info(&exception)),
                    Argument::Variable(standard.clone()),
                    Argument::Value(callback.additional.clone()),
                ];
                self.method_of(module, procedure, &arguments)?;
                let shown = crate::run::operators::truth(&standard.borrow())?;
                if shown { Err(Fault::Raised(exception)) } else { Ok(()) }
            }
            Err(other) => Err(other),
        }
    }

    /// Waits for the next procedure and takes it out, unless it stays attached.
    fn next_idle(&mut self, end: Instant) -> Outcome<Option<String>> {
        let Some((index, due)) =
            self.events.idle.iter().map(|idle| idle.due).enumerate().min_by_key(|(_, due)| *due)
        else {
            return Ok(None);
        };
        if due > end {
            return Err(Fault::unknown("events that do not end"));
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let Some(idle) = self.events.idle.get_mut(index) else { return Ok(None) };
        let name = idle.name.clone();
        if idle.once {
            self.events.idle.remove(index);
        } else {
            idle.due = Instant::now() + idle.interval;
        }
        Ok(Some(name))
    }

    /// Begins something: it runs when the current code has ended.
    pub(super) fn begin(&mut self, callback: &Value, work: Work) -> Outcome<()> {
        let callback = match callback {
            Value::Undefined => None,
            other => Some(other.downcast::<Callback>().ok_or_else(|| {
                Fault::raised("Несоответствие типов (параметр номер '1'): нужно ОписаниеОповещения")
            })?),
        };
        self.events.queue.push_back(Event { work, callback });
        Ok(())
    }
}

impl Callback {
    /// Calls the procedure; one without a name is nothing.
    fn call(&self, machine: &mut Machine, results: Vec<Value>) -> Outcome<()> {
        if self.procedure.is_empty() {
            return Ok(());
        }
        let all: Vec<Argument> =
            results.into_iter().chain([self.additional.clone()]).map(Argument::Value).collect();
        machine.method_of(&self.module, &self.procedure, &all).map(drop)
    }
}

impl Object for Callback {
    fn type_names(&self) -> Names {
        CALLBACK
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "имяпроцедуры" | "procedurename" => Value::from(self.procedure.as_str()),
            "модуль" | "module" => self.module.clone(),
            "дополнительныепараметры" | "additionalparameters" => {
                self.additional.clone()
            }
            _ => return Err(Fault::unknown(format!("ОписаниеОповещения.{name}"))),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(CALLBACK, |_, a| {
        let given = Given::new("ОписаниеОповещения", a, 0, 5)?;
        let failure = given.text_or(3, "");
        Ok(Value::object(Callback {
            procedure: given.text_or(0, ""),
            module: given.value(1),
            additional: given.value(2),
            failure: (!failure.is_empty()).then(|| (failure, given.value(4))),
        }))
    });
    registry.function(
        names("ВыполнитьОбработкуОповещения", "ExecuteNotifyProcessing"),
        |machine, a| {
            let given = Given::new("ВыполнитьОбработкуОповещения", a, 1, 2)?;
            let callback = given.value(0).downcast::<Callback>().ok_or_else(|| given.wrong(0))?;
            callback.call(machine, vec![given.value(1)])?;
            Ok(Value::Undefined)
        },
    );
    registry.function(names("ПодключитьОбработчикОжидания", "AttachIdleHandler"), attach);
    registry.function(
        names("ОтключитьОбработчикОжидания", "DetachIdleHandler"),
        |machine, a| {
            let name = folded(&Given::new("ОтключитьОбработчикОжидания", a, 1, 1)?.text(0));
            machine.events.idle.retain(|idle| idle.name != name);
            Ok(Value::Undefined)
        },
    );
}

/// `(ИмяПроцедуры, Интервал, Однократно)`: a procedure of the application's module or of a global one. Attaching it again
/// starts its interval anew. What a name without a procedure raises is unverified.
fn attach(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ПодключитьОбработчикОжидания", arguments, 2, 3)?;
    let name = folded(&given.text(0));
    let seconds = convert::number(&given.value(1))?.to_f64().unwrap_or_default();
    let once = given.bool_or(2, false)?;
    if seconds < 0.1 || (!once && seconds < 1.0) {
        // What the platform makes of such an interval differs between its versions.
        return Err(Fault::unknown(format!("an idle handler every {seconds} s")));
    }
    if machine.shared_method(&name).is_none() {
        return Err(Fault::raised(format!(
            "Ошибка при вызове метода контекста (ПодключитьОбработчикОжидания): процедура {} не найдена",
            given.text(0)
        )));
    }
    let interval = Duration::from_secs_f64(seconds);
    machine.events.idle.retain(|idle| idle.name != name);
    machine.events.idle.push(Idle { name, interval, once, due: Instant::now() + interval });
    Ok(Value::Undefined)
}
