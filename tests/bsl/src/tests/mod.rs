//! Test modules in the style of YAxUnit: `ЮТТесты` collects what `ИсполняемыеСценарии` registers, `ЮТест` checks, and
//! [`run`] runs it all on the bench. Behaviour follows the public documentation of YAxUnit; what is not here ends the
//! run of that test, so that a module which passes here does not lean on anything invented.

mod expect;
mod suite;
mod values;

use crate::error::{Fault, Outcome};
use crate::names::folded;
use crate::object::Argument;
use crate::run::{Machine, Registry};
use crate::value::Value;

pub use suite::Test;

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every expectation was met.
    Passed,
    /// An expectation was not met: its text.
    Failed(String),
    /// Something else was raised, or the bench does not know something: text with places.
    Broken(String),
    /// The test said it does not apply here, or runs only on a client.
    Skipped(String),
}

/// A test that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// Name of its set; that of the module when it is in none.
    pub set: String,
    /// Presentation, or the name of the method; parameters in parentheses.
    pub name: String,
    /// What it came to.
    pub verdict: Verdict,
}

/// What the machine keeps while tests are collected and run.
#[derive(Default)]
pub(crate) struct Tests {
    registered: Vec<Test>,
    set: String,
    /// Text of the last expectation that was not met, or of the last `Пропустить`: an exception with that text is one of
    /// these and no error of the program.
    failure: Option<String>,
    skip: Option<String>,
    contexts: expect::Contexts,
}

/// Registers `ЮТТесты`, `ЮТест` and `ЮТУтверждения`.
pub(crate) fn register(registry: &mut Registry) {
    suite::register(registry);
    expect::register(registry);
}

/// Runs the tests of a module the machine has: `ИсполняемыеСценарии`, then each test between `ПередКаждымТестом` and
/// `ПослеКаждогоТеста`, all of them between `ПередВсемиТестами` and `ПослеВсехТестов`, the tests of a set between
/// `ПередТестовымНабором` and `ПослеТестовогоНабора`; each only where the module exports it.
pub fn run(machine: &mut Machine, module: &str) -> Vec<TestResult> {
    machine.tests = Tests { set: module.to_owned(), ..Tests::default() };
    let result = |name: &str, verdict| TestResult { set: module.to_owned(), name: name.to_owned(), verdict };
    if let Err(fault) = machine.call(module, "ИсполняемыеСценарии", &[]) {
        return vec![result("ИсполняемыеСценарии", Verdict::Broken(fault.to_string()))];
    }
    let tests = std::mem::take(&mut machine.tests.registered);
    let mut results = Vec::new();
    if let Err(verdict) = event(machine, module, "ПередВсемиТестами") {
        return vec![result("ПередВсемиТестами", verdict)];
    }
    let mut rest = tests.as_slice();
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|test| test.set == first.set).count();
        let (set, after) = rest.split_at(count);
        run_set(machine, module, set, &mut results);
        rest = after;
    }
    if let Err(verdict) = event(machine, module, "ПослеВсехТестов") {
        results.push(result("ПослеВсехТестов", verdict));
    }
    results
}

fn run_set(machine: &mut Machine, module: &str, tests: &[Test], results: &mut Vec<TestResult>) {
    machine.tests.contexts.start_set();
    let set = tests.first().map(|test| test.set.clone()).unwrap_or_default();
    if let Err(verdict) = event(machine, module, "ПередТестовымНабором") {
        results
            .push(TestResult { set, name: "ПередТестовымНабором".to_owned(), verdict });
        return;
    }
    for test in tests {
        for parameters in test.runs() {
            let verdict = one(machine, module, test, &parameters);
            results.push(TestResult { set: test.set.clone(), name: test.shown(&parameters), verdict });
        }
    }
    if let Err(verdict) = event(machine, module, "ПослеТестовогоНабора") {
        results
            .push(TestResult { set, name: "ПослеТестовогоНабора".to_owned(), verdict });
    }
}

fn one(machine: &mut Machine, module: &str, test: &Test, parameters: &[Value]) -> Verdict {
    if test.client != machine.is_client {
        let side = if test.client { "client" } else { "server" };
        return Verdict::Skipped(format!("a test of a {side}"));
    }
    machine.drop_events();
    machine.tests.contexts.start_test();
    if let Err(verdict) = event(machine, module, "ПередКаждымТестом") {
        return verdict;
    }
    let arguments: Vec<Argument> = parameters.iter().cloned().map(Argument::Value).collect();
    // What a test began is part of it.
    let outcome =
        machine.call(module, &test.method, &arguments).and_then(|value| machine.run_events().map(|()| value));
    let verdict = judged(machine, outcome);
    // It runs whatever the test came to; what the test came to counts first.
    match event(machine, module, "ПослеКаждогоТеста") {
        Err(after) if verdict == Verdict::Passed => after,
        _ => verdict,
    }
}

/// Calls a procedure of the module if it exports one of that name.
fn event(machine: &mut Machine, module: &str, name: &str) -> Result<(), Verdict> {
    if !machine.exported(module).iter().any(|known| folded(known) == folded(name)) {
        return Ok(());
    }
    let outcome = machine.call(module, name, &[]);
    match judged(machine, outcome) {
        Verdict::Passed => Ok(()),
        other => Err(other),
    }
}

fn judged(machine: &mut Machine, outcome: Outcome<Value>) -> Verdict {
    let (failure, skip) = (machine.tests.failure.take(), machine.tests.skip.take());
    match outcome {
        Ok(_) => Verdict::Passed,
        Err(Fault::Raised(exception)) if failure.as_ref() == Some(&exception.description) => {
            Verdict::Failed(Fault::Raised(exception).to_string())
        }
        Err(Fault::Raised(exception)) if skip.as_ref() == Some(&exception.description) => {
            Verdict::Skipped(exception.description)
        }
        Err(fault) => Verdict::Broken(fault.to_string()),
    }
}
