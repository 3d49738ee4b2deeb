//! What variables of a module are: a session, additional parameters, a response. Known from what creates a value and from
//! where it is passed, in any order, within one module; what goes from module to module is not followed.

use std::collections::{HashMap, HashSet};

use super::surface::{Function, Surface, Surfaces};
use crate::names::{folded, same};
use crate::syntax::ast::{Arguments, Expression, ExpressionKind, Literal, Method, Module};
use crate::syntax::visit::{Seen, statements};

/// What a value is to Connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Parameters,
    Session,
    Response,
    Prepared,
    Authentication,
    Conversion,
    Writer,
    Files,
    File,
    RequestHeaders,
    SessionHeaders,
    Query,
    Form,
    Service,
    Cookies,
}

/// That, and whose names it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) kind: Kind,
    pub(super) surface: Surface,
}

/// A key that is given a value.
pub(super) struct Entry<'t> {
    pub(super) method: usize,
    pub(super) role: Role,
    /// As written.
    pub(super) key: String,
    pub(super) value: Option<&'t Expression>,
    /// The variable whose key it is, folded.
    pub(super) of: Option<String>,
    pub(super) line: usize,
}

/// A call of the module.
pub(super) struct Call<'t> {
    pub(super) method: usize,
    pub(super) surface: Surface,
    pub(super) name: &'t str,
    pub(super) arguments: &'t Arguments,
    pub(super) line: usize,
}

/// A property that is read or written, of something known.
pub(super) struct Read {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) line: usize,
}

/// Rounds until nothing new is learned: as many as methods pass a value on to each other.
const ROUNDS: usize = 8;
/// Outside of any method.
const BODY: usize = usize::MAX;

/// Everything known of a module.
pub(super) struct Trace<'t> {
    pub(super) surfaces: &'t Surfaces,
    pub(super) module: &'t Module,
    roles: HashMap<(usize, String), Role>,
    returns: HashMap<String, Role>,
    values: HashMap<(usize, String), Vec<&'t Expression>>,
    /// What methods return, by their folded names.
    results: HashMap<String, Vec<&'t Expression>>,
    /// Variables that hold what `НовыеПараметры` made.
    complete: HashSet<(usize, String)>,
    pub(super) entries: Vec<Entry<'t>>,
    pub(super) calls: Vec<Call<'t>>,
    pub(super) reads: Vec<Read>,
    is_last: bool,
}

impl<'t> Trace<'t> {
    pub(super) fn new(surfaces: &'t Surfaces, module: &'t Module) -> Self {
        let mut trace = Self {
            surfaces,
            module,
            roles: HashMap::new(),
            returns: HashMap::new(),
            values: HashMap::new(),
            results: HashMap::new(),
            complete: HashSet::new(),
            entries: Vec::new(),
            calls: Vec::new(),
            reads: Vec::new(),
            is_last: false,
        };
        let mut known = usize::MAX;
        for _ in 0..ROUNDS {
            trace.go();
            let now = trace.roles.len() + trace.returns.len();
            if now == known {
                break;
            }
            known = now;
        }
        trace.is_last = true;
        trace.go();
        trace
    }

    /// What an expression may be, and in which method: through variables, choices and own functions to what was assigned.
    pub(super) fn values(&self, method: usize, expression: &'t Expression) -> Vec<(usize, &'t Expression)> {
        let mut found = Vec::new();
        self.collect(method, expression, 4, &mut found);
        found
    }

    fn collect(
        &self,
        method: usize,
        value: &'t Expression,
        depth: usize,
        into: &mut Vec<(usize, &'t Expression)>,
    ) {
        match &value.kind {
            ExpressionKind::Choice(parts) => {
                let [_, left, right] = &**parts;
                self.collect(method, left, depth, into);
                self.collect(method, right, depth, into);
            }
            ExpressionKind::Name(name) if depth > 0 => {
                let assigned = self.values.get(&self.place(method, name));
                for &one in assigned.into_iter().flatten() {
                    self.collect(method, one, depth - 1, into);
                }
            }
            ExpressionKind::Call(name, _) if depth > 0 && self.is_own(name) => {
                let Some(own) = self.module.methods.iter().position(|own| same(&own.name, name)) else {
                    return;
                };
                for &one in self.results.get(&folded(name)).into_iter().flatten() {
                    self.collect(own, one, depth - 1, into);
                }
            }
            _ => into.push((method, value)),
        }
    }

    /// Whether a variable holds the complete structure of a constructor.
    pub(super) fn is_complete(&self, method: usize, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Name(name) => self.complete.contains(&self.place(method, name)),
            _ => self.is_constructor(method, expression),
        }
    }

    /// The function of the module a call means.
    pub(super) fn function(&self, call: &Call<'_>) -> Option<&'t Function> {
        self.surfaces.function(call.surface, call.name)
    }

    pub(super) fn role(&self, method: usize, expression: &Expression) -> Option<Role> {
        match &expression.kind {
            ExpressionKind::Name(name) => match self.roles.get(&self.place(method, name)) {
                Some(role) => Some(*role),
                None if self.is_variable(method, name) => None,
                None => self.surfaces.module(name).map(|surface| Role { kind: Kind::Module, surface }),
            },
            ExpressionKind::Property(object, name) => self.inside(self.role(method, object)?, name),
            ExpressionKind::Index(object, key) => self.inside(self.role(method, object)?, text(key)?),
            ExpressionKind::Call(name, given) => {
                self.returns.get(&folded(name)).copied().or_else(|| self.named_in(name, given))
            }
            ExpressionKind::MethodCall(object, name, given) => match self.role(method, object) {
                Some(Role { kind: Kind::Module, surface }) => {
                    let kind = made_by(&self.surfaces.function(surface, name)?.name)?;
                    Some(Role { kind, surface })
                }
                _ => self.named_in(name, given),
            },
            ExpressionKind::Choice(parts) => {
                let [_, left, right] = &**parts;
                self.role(method, left).or_else(|| self.role(method, right))
            }
            _ => None,
        }
    }

    /// `ОбщегоНазначения.ОбщийМодуль("КоннекторHTTP")`, `Вычислить("КоннекторHTTP")`.
    fn named_in(&self, name: &str, given: &Arguments) -> Option<Role> {
        let is = ["ОбщийМодуль", "CommonModule", "Вычислить", "Eval"].iter().any(|one| same(one, name));
        let [Some(first), ..] = given.as_slice() else { return None };
        let surface = self.surfaces.module(text(first)?)?;
        is.then_some(Role { kind: Kind::Module, surface })
    }

    /// What stands under a key of something known.
    fn inside(&self, of: Role, key: &str) -> Option<Role> {
        let is = |name: &'static str| self.surfaces.key(of.surface, key, &[name]).is_some();
        let kind = match of.kind {
            Kind::Parameters if is("Заголовки") => Kind::RequestHeaders,
            Kind::Session if is("Заголовки") => Kind::SessionHeaders,
            Kind::Parameters | Kind::Session if is("Аутентификация") => Kind::Authentication,
            Kind::Parameters | Kind::Session if is("ПараметрыЗапроса") => Kind::Query,
            Kind::Parameters if is("Данные") => Kind::Form,
            Kind::Parameters if is("Файлы") => Kind::Files,
            Kind::Parameters if is("ПараметрыПреобразованияJSON") => Kind::Conversion,
            Kind::Parameters | Kind::Session if is("ПараметрыЗаписиJSON") => Kind::Writer,
            Kind::Session if is("СлужебныеДанные") => Kind::Service,
            Kind::Session | Kind::Response if is("Cookies") => Kind::Cookies,
            _ => return None,
        };
        Some(Role { kind, surface: of.surface })
    }

    fn go(&mut self) {
        self.values.clear();
        self.results.clear();
        let module = self.module;
        for (index, method) in module.methods.iter().enumerate() {
            statements(&method.body, &mut |seen| self.see(index, seen));
        }
        statements(&module.body, &mut |seen| self.see(BODY, seen));
    }

    fn see(&mut self, method: usize, seen: Seen<'t>) {
        match seen {
            Seen::Assigned(target, value) => self.assigned(method, target, value),
            Seen::Returned(value) => {
                let Some(own) = self.module.methods.get(method) else { return };
                let name = folded(&own.name);
                self.results.entry(name.clone()).or_default().push(value);
                if let Some(role) = self.role(method, value) {
                    self.returns.entry(name.clone()).or_insert(role);
                }
                if let Some(role) = self.returns.get(&name).copied() {
                    self.flows(method, value, role, None);
                }
            }
            Seen::Expression(expression, _) => self.expression(method, expression),
            Seen::Written(..) | Seen::Looped(_) | Seen::Executed(_) => {}
        }
    }

    fn assigned(&mut self, method: usize, target: &'t Expression, value: &'t Expression) {
        match &target.kind {
            ExpressionKind::Name(name) => {
                let place = self.place(method, name);
                if let Some(role) = self.role(method, value) {
                    self.roles.entry(place.clone()).or_insert(role);
                }
                if self.is_constructor(method, value) {
                    self.complete.insert(place.clone());
                }
                if let Some(role) = self.roles.get(&place).copied() {
                    self.flows(method, value, role, Some(folded(name)));
                }
                self.values.entry(place).or_default().push(value);
            }
            ExpressionKind::Property(object, key) => {
                self.entry(method, object, key, Some(value), target.line);
            }
            ExpressionKind::Index(object, key) => {
                if let Some(key) = text(key) {
                    self.entry(method, object, key, Some(value), target.line);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, method: usize, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::MethodCall(object, name, given) => match self.role(method, object) {
                Some(Role { kind: Kind::Module, surface }) => {
                    self.called(method, surface, name, given, expression.line);
                }
                Some(Role { kind: Kind::Files, surface }) if same(name, "Добавить") || same(name, "Add") => {
                    if let [Some(file), ..] = given.as_slice() {
                        self.flows(method, file, Role { kind: Kind::File, surface }, None);
                    }
                }
                Some(_) if same(name, "Вставить") || same(name, "Insert") => {
                    if let [Some(key), rest @ ..] = given.as_slice()
                        && let Some(key) = text(key)
                    {
                        let value = rest.first().and_then(Option::as_ref);
                        self.entry(method, object, key, value, expression.line);
                    }
                }
                _ => {}
            },
            ExpressionKind::Call(name, given) => {
                let module = self.module;
                let own = module.methods.iter().position(|own| same(&own.name, name));
                if let Some((index, own)) = own.and_then(|index| Some((index, module.methods.get(index)?))) {
                    self.passed(method, index, own, given);
                }
            }
            ExpressionKind::Property(object, name) if self.is_last => {
                if let Some(role) = self.role(method, object) {
                    self.reads.push(Read { role, name: name.to_string(), line: expression.line });
                }
            }
            ExpressionKind::Index(object, key) if self.is_last => {
                if let Some(role) = self.role(method, object) {
                    let name = text(key).unwrap_or_default().to_owned();
                    self.reads.push(Read { role, name, line: expression.line });
                }
            }
            _ => {}
        }
    }

    /// A call of the module: its arguments are what the parameters say.
    fn called(&mut self, method: usize, surface: Surface, name: &'t str, given: &'t Arguments, line: usize) {
        if self.is_last {
            self.calls.push(Call { method, surface, name, arguments: given, line });
        }
        let surfaces = self.surfaces;
        let Some(function) = surfaces.function(surface, name) else { return };
        for (parameter, argument) in function.parameters.iter().zip(given) {
            if let (Some(kind), Some(argument)) = (taken_as(parameter, &function.name), argument) {
                self.flows(method, argument, Role { kind, surface }, None);
            }
        }
    }

    /// A call of an own method: what is passed and what the parameter is are the same thing.
    fn passed(&mut self, method: usize, to: usize, own: &Method, given: &'t Arguments) {
        for (parameter, argument) in own.parameters.iter().zip(given) {
            let Some(argument) = argument else { continue };
            let place = (to, folded(&parameter.name));
            match self.role(method, argument) {
                Some(role) => {
                    self.roles.entry(place).or_insert(role);
                }
                None => {
                    if let Some(role) = self.roles.get(&place).copied() {
                        self.flows(method, argument, role, None);
                    }
                }
            }
        }
    }

    fn entry(
        &mut self,
        method: usize,
        object: &Expression,
        key: &str,
        value: Option<&'t Expression>,
        line: usize,
    ) {
        let Some(role) = self.role(method, object) else { return };
        let of = match &object.kind {
            ExpressionKind::Name(name) => Some(folded(name)),
            _ => None,
        };
        self.add(method, role, key, value, of, line);
    }

    fn add(
        &mut self,
        method: usize,
        role: Role,
        key: &str,
        value: Option<&'t Expression>,
        of: Option<String>,
        line: usize,
    ) {
        if let (Some(value), Some(inner)) = (value, self.inside(role, key)) {
            self.flows(method, value, inner, None);
        }
        if self.is_last {
            self.entries.push(Entry { method, role, key: key.to_owned(), value, of, line });
        }
    }

    /// A value goes where something known is expected: that is what it is.
    fn flows(&mut self, method: usize, value: &'t Expression, role: Role, of: Option<String>) {
        match &value.kind {
            ExpressionKind::Name(name) if self.is_variable(method, name) => {
                let place = self.place(method, name);
                self.roles.entry(place).or_insert(role);
            }
            ExpressionKind::Choice(parts) => {
                let [_, left, right] = &**parts;
                self.flows(method, left, role, of.clone());
                self.flows(method, right, role, of);
            }
            ExpressionKind::Call(name, _) if self.is_own(name) => {
                self.returns.entry(folded(name)).or_insert(role);
            }
            ExpressionKind::New(name, given) if same(name, "Структура") || same(name, "Structure") =>
            {
                let [Some(keys), values @ ..] = given.as_slice() else { return };
                let (from, Some(keys)) = (keys.line, text(keys)) else { return };
                let kind = if role.kind == Kind::Files { Kind::File } else { role.kind };
                for (index, key) in keys.split(',').map(str::trim).enumerate() {
                    let value = values.get(index).and_then(Option::as_ref);
                    let line = value.map_or(from, |value| value.line);
                    self.add(method, Role { kind, ..role }, key, value, of.clone(), line);
                }
            }
            _ => {}
        }
    }

    fn is_constructor(&self, method: usize, value: &Expression) -> bool {
        let ExpressionKind::MethodCall(object, name, _) = &value.kind else { return false };
        let Some(Role { kind: Kind::Module, surface }) = self.role(method, object) else { return false };
        self.surfaces.function(surface, name).is_some_and(|function| function.name == "НовыеПараметры")
    }

    fn is_own(&self, name: &str) -> bool {
        self.module.methods.iter().any(|own| same(&own.name, name))
    }

    fn is_variable(&self, method: usize, name: &str) -> bool {
        let name = folded(name);
        let of_module = self.module.variables.iter().any(|one| folded(&one.name) == name);
        let own = self.module.methods.get(method);
        of_module
            || method == BODY
            || own.is_some_and(|own| {
                own.locals.contains(&name) || own.parameters.iter().any(|one| folded(&one.name) == name)
            })
    }

    /// Where a variable is: in its method, or in the module.
    fn place(&self, method: usize, name: &str) -> (usize, String) {
        let name = folded(name);
        let of_module = self.module.variables.iter().any(|one| folded(&one.name) == name);
        (if of_module { BODY } else { method }, name)
    }
}

/// The text of a literal.
pub(super) fn text(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// What a parameter of a function takes.
fn taken_as(parameter: &str, function: &str) -> Option<Kind> {
    Some(match parameter {
        "ДополнительныеПараметры" if function != "ПреобразованиеJson" => {
            Kind::Parameters
        }
        "Сессия" => Kind::Session,
        "ПараметрыЗапроса" => Kind::Query,
        "Данные" if matches!(function, "Post" | "Put" | "Patch" | "Delete" | "Mkcol") => Kind::Form,
        "Ответ" => Kind::Response,
        "ПараметрыПреобразованияJSON" | "ПараметрыПреобразования" => {
            Kind::Conversion
        }
        "ПараметрыЗаписи" => Kind::Writer,
        _ => return None,
    })
}

/// What a function returns.
fn made_by(function: &str) -> Option<Kind> {
    Some(match function {
        "НовыеПараметры" => Kind::Parameters,
        "СоздатьСессию" => Kind::Session,
        "ПодготовитьЗапрос" => Kind::Prepared,
        "НовыйОтправляемыйФайл" => Kind::File,
        "Get"
        | "Options"
        | "Head"
        | "Post"
        | "Put"
        | "Patch"
        | "Delete"
        | "Mkcol"
        | "ВызватьМетод"
        | "НовыйОтвет" => Kind::Response,
        _ if function.starts_with("НоваяАутентификация") => Kind::Authentication,
        _ => return None,
    })
}
