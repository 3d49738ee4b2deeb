//! Rules for modules, over their trees: what the platform would refuse to compile, and what a reader would miss. It does
//! not know types, so `Объект.Метод()` is only followed where the object is a common module.
//!
//! A tree holds what the preprocessor left: check a module once for each set of names it is compiled with.

mod builtins;
mod common;

use std::collections::HashSet;
use std::fmt;
use std::rc::Rc;

use crate::names::{folded, same};
use crate::run::Machine;
use crate::syntax::ast::{Arguments, ExpressionKind, Literal, Method, Module};
use crate::syntax::visit::{Seen, statements};
pub use builtins::builtins;

/// What is checked besides calls and names.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether exported methods need a comment that names their parameters and, for functions, what is returned.
    pub documentation: bool,
    /// Lines a method may have, from its heading to its end.
    pub longest_method: usize,
    /// Characters a line may have, texts in two languages and comments aside.
    pub longest_line: usize,
    /// Whether it is a common module for everybody's configuration: nothing happens at load, it does not know its own
    /// name, what is newer than platform 8.3.10 stands in executed texts only, and these are literals.
    pub common: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { documentation: true, longest_method: 60, longest_line: 120, common: true }
    }
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An exported method without a comment, or with one that leaves something out.
    Documentation,
    /// A local variable that nothing reads.
    UnusedVariable,
    /// A method that is too long.
    LongMethod,
    /// A name, a call or a type that is nowhere, or a call that does not fit.
    Unresolved,
    /// Two methods of one name.
    Duplicate,
    /// A parameter that nothing reads, and no comment says so.
    UnusedParameter,
    /// A line that is too long.
    LongLine,
    /// Something is done when the module is loaded, or kept between calls.
    AtLoad,
    /// Something that an older platform does not compile.
    Newer,
    /// The module is called by its own name.
    OwnName,
    /// A text is executed that is not written in the module.
    Executed,
}

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Module.
    pub module: Rc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Rule.
    pub rule: Rule,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.module, self.line, self.text)
    }
}

/// Remarks on a module, by line. The machine says which built-ins, types and common modules there are.
#[must_use]
pub fn check(machine: &Machine, module: &Module, rules: Rules) -> Vec<Remark> {
    let named = named_in_texts(module);
    let mut check = Check { machine, module, rules, named, remarks: Vec::new() };
    check.widths();
    if rules.common {
        check.load();
    }
    for (index, method) in module.methods.iter().enumerate() {
        check.method(method);
        if module.methods.iter().take(index).any(|other| same(&other.name, &method.name)) {
            check.remark(method.lines.0, Rule::Duplicate, format!("{} is there twice", method.name));
        }
    }
    let mut remarks = check.remarks;
    remarks.sort_by_key(|remark| remark.line);
    remarks
}

struct Check<'m> {
    machine: &'m Machine,
    module: &'m Module,
    rules: Rules,
    /// Texts of the module that may be names of its methods, folded.
    named: HashSet<String>,
    remarks: Vec<Remark>,
}

impl Check<'_> {
    fn remark(&mut self, line: usize, rule: Rule, text: String) {
        self.remarks.push(Remark { module: self.module.name.clone(), line, rule, text });
    }

    fn method(&mut self, method: &Method) {
        let length = method.lines.1 + 1 - method.lines.0;
        if length > self.rules.longest_method {
            let text = format!("{} has {length} lines, more than {}", method.name, self.rules.longest_method);
            self.remark(method.lines.0, Rule::LongMethod, text);
        }
        if self.rules.documentation && method.export {
            self.documentation(method);
        }
        self.variables(method);
        self.references(method);
        if self.rules.common {
            self.portable(method);
        }
    }

    /// Lines of the comment right above the method, and above its directive, the last first.
    fn comment(&self, method: &Method) -> Vec<&str> {
        let above = self.module.lines.get(..method.lines.0 - 1).unwrap_or_default().iter().rev();
        above
            .map(|line| line.trim())
            .skip_while(|line| line.starts_with('&'))
            .take_while(|line| line.starts_with("//"))
            .collect()
    }

    /// What the comment of an exported method has to say.
    fn documentation(&mut self, method: &Method) {
        let comment = self.comment(method);
        let line = method.lines.0;
        if comment.is_empty() {
            self.remark(line, Rule::Documentation, format!("{} is exported without a comment", method.name));
            return;
        }
        let comment = folded(&comment.join("\n"));
        let words: Vec<&str> = comment.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for parameter in &method.parameters {
            if !words.contains(&folded(&parameter.name).as_str()) {
                let text = format!("the comment of {} leaves out {}", method.name, parameter.name);
                self.remark(line, Rule::Documentation, text);
            }
        }
        let says_what = comment.contains("возвращаемое значение") || comment.contains("returns");
        if method.is_function && !says_what {
            let text = format!("the comment of {} does not say what it returns", method.name);
            self.remark(line, Rule::Documentation, text);
        }
    }

    /// Variables that are assigned or declared and parameters, nowhere read. Counters of loops may go unread; a method that
    /// executes texts may read anything; a parameter that is assigned to is a result.
    fn variables(&mut self, method: &Method) {
        let mut written: Vec<(String, usize)> = Vec::new();
        let mut read = Vec::new();
        let mut is_dynamic = false;
        statements(&method.body, &mut |seen| match seen {
            Seen::Written(name, line) => {
                let name = folded(name);
                if !written.iter().any(|(known, _)| *known == name) {
                    written.push((name, line));
                }
            }
            Seen::Looped(name) => read.push(folded(name)),
            Seen::Executed(_) => is_dynamic = true,
            Seen::Assigned(..) | Seen::Returned(_) => {}
            Seen::Expression(expression, _) => match &expression.kind {
                ExpressionKind::Name(name) => read.push(folded(name)),
                ExpressionKind::Call(name, _) if is_eval(name) => is_dynamic = true,
                _ => {}
            },
        });
        if is_dynamic {
            return;
        }
        for parameter in &method.parameters {
            // The platform calls a method it was given the name of with the parameters such methods have.
            if method.export && self.named.contains(&folded(&method.name)) {
                break;
            }
            let name = folded(&parameter.name);
            let is_used = read.contains(&name) || written.iter().any(|(known, _)| *known == name);
            // A function called by the platform has the parameters it has to have.
            let is_said = self.comment(method).iter().map(|line| folded(line)).any(|line| {
                let about = line.trim_start_matches('/').trim_start();
                let rest = about.strip_prefix(&name);
                rest.is_some_and(|rest| rest.contains("не использу") || rest.contains("not used"))
            });
            if !is_used && !is_said {
                let text = format!("{}: nothing reads the parameter {}", method.name, parameter.name);
                self.remark(method.lines.0, Rule::UnusedParameter, text);
            }
        }
        for (name, line) in written {
            let is_parameter = method.parameters.iter().any(|parameter| folded(&parameter.name) == name);
            let is_of_module = self.module.variables.iter().any(|one| folded(&one.name) == name);
            if !is_parameter && !is_of_module && !read.contains(&name) {
                let text = format!("{}: nothing reads the variable {name}", method.name);
                self.remark(line, Rule::UnusedVariable, text);
            }
        }
    }

    /// Names, calls and types.
    fn references(&mut self, method: &Method) {
        let mut found = Vec::new();
        statements(&method.body, &mut |seen| {
            if let Seen::Expression(expression, is_statement) = seen
                && let Some(text) = self.unresolved(method, &expression.kind, is_statement)
            {
                found.push((expression.line, text));
            }
        });
        for (line, text) in found {
            self.remark(line, Rule::Unresolved, text);
        }
    }

    /// What is wrong with an expression, if anything.
    fn unresolved(&self, method: &Method, kind: &ExpressionKind, is_statement: bool) -> Option<String> {
        match kind {
            ExpressionKind::Name(name) if !self.is_variable(method, name) => {
                let known =
                    self.machine.module(name).is_some() || self.machine.registry.find_global(name).is_some();
                (!known).then(|| format!("there is no {name}"))
            }
            ExpressionKind::Call(name, given) => {
                let own = self.module.methods.iter().find(|own| same(&own.name, name));
                match own {
                    Some(own) => misfit(own, given, is_statement),
                    None if is_eval(name) => None,
                    None => self
                        .machine
                        .registry
                        .find_function(name)
                        .is_none()
                        .then(|| format!("there is no function {name}")),
                }
            }
            ExpressionKind::MethodCall(object, name, given) => {
                let ExpressionKind::Name(of) = &object.kind else { return None };
                if self.is_variable(method, of) {
                    return None;
                }
                let module = self.machine.module(of)?;
                match module.methods.get(&folded(name)) {
                    Some(other) if other.export => misfit(other, given, is_statement),
                    _ => Some(format!("the module {of} exports no {name}")),
                }
            }
            ExpressionKind::New(name, _) => {
                let known = self.machine.registry.find_constructor(name).is_some();
                (!known).then(|| format!("there is no type {name} to create"))
            }
            _ => None,
        }
    }

    fn is_variable(&self, method: &Method, name: &str) -> bool {
        let key = folded(name);
        method.locals.contains(&key)
            || method.parameters.iter().any(|parameter| same(&parameter.name, name))
            || self.module.variables.iter().any(|one| same(&one.name, name))
    }
}

/// Literals of a module: who is called by name, has it in one of them.
fn named_in_texts(module: &Module) -> HashSet<String> {
    let mut named = HashSet::new();
    for method in &module.methods {
        let defaults = method.parameters.iter().filter_map(|parameter| parameter.default.as_ref());
        let texts =
            defaults.filter_map(|default| if let Literal::Text(text) = default { Some(text) } else { None });
        named.extend(texts.map(|text| folded(text)));
        statements(&method.body, &mut |seen| {
            if let Seen::Expression(expression, _) = seen
                && let ExpressionKind::Literal(Literal::Text(text)) = &expression.kind
            {
                named.insert(folded(text));
            }
        });
    }
    named
}

fn is_eval(name: &str) -> bool {
    same(name, "Вычислить") || same(name, "Eval")
}

/// Why a call does not fit a method: too many or too few arguments, a procedure where a value is needed.
fn misfit(method: &Method, given: &Arguments, is_statement: bool) -> Option<String> {
    let name = &method.name;
    if !method.is_function && !is_statement {
        return Some(format!("{name} is a procedure and has no value"));
    }
    if given.len() > method.parameters.len() {
        return Some(format!("{name} takes {} arguments, not {}", method.parameters.len(), given.len()));
    }
    let missing = method.parameters.iter().enumerate().find(|(index, parameter)| {
        parameter.default.is_none() && given.get(*index).is_none_or(Option::is_none)
    });
    missing.map(|(_, parameter)| format!("{name} is called without {}", parameter.name))
}
