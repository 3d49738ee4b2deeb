//! What differs in one module: keys that get values, and what is read back. Calls are in `calls`.

use std::collections::HashSet;

use super::keys::{self, ALIASES};
use super::surface::{Surface, Surfaces};
use super::trace::{Entry, Kind, Trace, text};
use crate::names::{folded, same};
use crate::syntax::ast::{Binary, Expression, ExpressionKind, Literal, Module, Unary};
use crate::syntax::visit::{Seen, statements};

/// A rule, a line and what is there.
pub(super) type Found = (&'static str, usize, String);

/// A call that was found.
pub(super) struct Called {
    /// As written.
    pub(super) name: String,
    pub(super) line: usize,
    /// Whether it sends a request and leaves the proxy to the system.
    pub(super) leaves_proxy: bool,
}

/// Headers a new session has.
const DEFAULT_HEADERS: &[&str] = &["Accept", "Accept-Encoding", "Connection"];
/// Objects of the platform with a certificate inside that cannot be had out of them.
const CERTIFICATES: &[&str] = &[
    "СертификатКлиентаФайл",
    "FileClientCertificate",
    "СертификатКлиентаWindows",
    "WindowsClientCertificate",
    "СертификатыУдостоверяющихЦентровФайл",
    "FileCertificationAuthorityCertificates",
];
/// Built-in functions with a number, a date or a Boolean for a result.
const TYPED: &[&str] = &[
    "ТекущаяДата",
    "CurrentDate",
    "ТекущаяДатаСеанса",
    "CurrentSessionDate",
    "ТекущаяУниверсальнаяДата",
    "CurrentUniversalDate",
    "Дата",
    "Date",
    "НачалоДня",
    "BegOfDay",
    "КонецДня",
    "EndOfDay",
    "НачалоМесяца",
    "BegOfMonth",
    "КонецМесяца",
    "EndOfMonth",
    "ДобавитьМесяц",
    "AddMonth",
    "УниверсальноеВремя",
    "ToUniversalTime",
    "Число",
    "Number",
    "Окр",
    "Round",
    "Цел",
    "Int",
    "СтрДлина",
    "StrLen",
    "Булево",
    "Boolean",
    "ЗначениеЗаполнено",
    "ValueIsFilled",
    "ПустаяСтрока",
    "IsBlankString",
];

/// One module under the rules.
pub(super) struct Check<'t> {
    pub(super) trace: Trace<'t>,
    pub(super) found: Vec<Found>,
    /// Methods that send a request with a session.
    pub(super) sessions: HashSet<usize>,
    /// Whether the code runs on a client unless a directive says otherwise.
    pub(super) is_client: bool,
}

impl<'t> Check<'t> {
    pub(super) fn new(surfaces: &'t Surfaces, module: &'t Module, is_client: bool) -> Self {
        Self { trace: Trace::new(surfaces, module), found: Vec::new(), sessions: HashSet::new(), is_client }
    }

    /// What was found, and the calls. `on_client` says that the tree is what a client has of the module.
    pub(super) fn run(mut self, on_client: bool) -> (Vec<Found>, Vec<Called>) {
        let calls = self.calls(on_client);
        let entries = std::mem::take(&mut self.trace.entries);
        for entry in &entries {
            self.key(entry);
            self.value(entry);
        }
        self.together(&entries);
        self.reads();
        self.texts();
        (self.found, calls)
    }

    pub(super) fn add(&mut self, rule: &'static str, line: usize, what: impl Into<String>) {
        self.found.push((rule, line, what.into()));
    }

    /// Whether a key is this one.
    pub(super) fn is(&self, entry: &Entry<'_>, key: &'static str) -> bool {
        self.trace.surfaces.key(entry.role.surface, &entry.key, &[key]).is_some()
    }

    /// Keys that nobody reads, or nobody did.
    fn key(&mut self, entry: &Entry<'_>) {
        let Some(keys) = keys::of(entry.role.kind) else { return };
        let (surfaces, surface) = (self.trace.surfaces, entry.role.surface);
        if surfaces.key(surface, &entry.key, keys.connector).is_some() {
            return;
        }
        let alias = ALIASES.iter().find(|(alias, _)| same(alias, &entry.key));
        if let Some((_, key)) =
            alias.filter(|(_, key)| keys.connector.contains(key) || keys.new.contains(key))
        {
            self.add("new-key", entry.line, format!("{} = {}", entry.key, surfaces.written(surface, key)));
        } else if surfaces.key(surface, &entry.key, keys.new).is_some() {
            self.add("new-key", entry.line, &*entry.key);
        } else {
            let all: Vec<&str> = keys.connector.iter().chain(keys.new).copied().collect();
            let near = surfaces.nearest_key(surface, &entry.key, &all);
            let what = near.map_or_else(|| entry.key.clone(), |near| format!("{} ({near}?)", entry.key));
            self.add("unknown-key", entry.line, what);
        }
    }

    /// Values that are taken otherwise now.
    fn value(&mut self, entry: &Entry<'t>) {
        let values = entry.value.map_or_else(Vec::new, |value| self.trace.values(entry.method, value));
        let is_russian = entry.role.surface != Surface::English;
        match entry.role.kind {
            Kind::Parameters | Kind::Session => self.setting(entry, &values),
            Kind::RequestHeaders
                if is_russian && DEFAULT_HEADERS.iter().any(|name| same(name, &entry.key)) =>
            {
                self.add("default-header", entry.line, &*entry.key);
            }
            Kind::Query | Kind::Form => {
                if entry.key.contains([' ', '&', '=', '#', '+', '%']) {
                    self.add("query-key", entry.line, &*entry.key);
                }
                if values.iter().any(|(_, value)| is_typed(value)) {
                    self.add("typed-value", entry.line, &*entry.key);
                }
            }
            Kind::Authentication if self.is(entry, "Тип") => {
                let canonical = "AWS4-HMAC-SHA256";
                let given = values.iter().filter_map(|(_, value)| text(value));
                for given in given.filter(|given| *given != canonical && same(given, canonical)) {
                    self.add("aws-type", entry.line, given);
                }
            }
            Kind::File if self.is(entry, "Имя") || self.is(entry, "ИмяФайла") => {
                for given in values.iter().filter_map(|(_, value)| text(value)) {
                    self.part_name(given, entry.line);
                }
            }
            _ => {}
        }
    }

    /// Settings of a request or a session.
    fn setting(&mut self, entry: &Entry<'t>, values: &[(usize, &'t Expression)]) {
        let of_session = entry.role.kind == Kind::Session;
        let is_russian = entry.role.surface != Surface::English;
        let what = entry.key.clone();
        if self.is(entry, "ПроверятьSSL") || self.is(entry, "КлиентскийСертификатSSL")
        {
            let found: Vec<&str> = values.iter().filter_map(|(_, value)| certificate(value)).collect();
            for name in &found {
                self.add("platform-certificate", entry.line, format!("{what}: {name}"));
            }
            let is_false = values.iter().any(|(_, value)| is_literal(value, false));
            if self.is(entry, "КлиентскийСертификатSSL") {
                if of_session && !is_russian {
                    self.add("session-certificate", entry.line, what);
                }
            } else if of_session {
                self.add("session-verification", entry.line, what);
            } else if is_false && is_russian {
                self.add("no-verification", entry.line, what);
            }
        } else if self.is(entry, "Прокси") {
            if values.iter().any(|(method, value)| self.is_empty_proxy(*method, value)) {
                self.add("empty-proxy", entry.line, &*what);
            }
            let is_unset = values.iter().all(|(_, value)| is_undefined(value)) && !values.is_empty();
            if of_session && !is_unset {
                self.add("session-proxy", entry.line, what);
            }
        } else if self.is(entry, "Таймаут") && !is_russian && values.iter().any(|(_, value)| is_zero(value))
        {
            self.add("timeout-zero", entry.line, what);
        }
    }

    /// `Новый ИнтернетПрокси(Ложь)` without a later `Установить`.
    fn is_empty_proxy(&self, method: usize, value: &Expression) -> bool {
        let ExpressionKind::New(name, given) = &value.kind else { return false };
        if !same(name, "ИнтернетПрокси") && !same(name, "InternetProxy") {
            return false;
        }
        if matches!(given.as_slice(), [Some(first), ..] if is_literal(first, true)) {
            return false;
        }
        let Some(method) = self.trace.module.methods.get(method) else { return true };
        let mut is_set = false;
        statements(&method.body, &mut |seen| {
            if let Seen::Expression(expression, _) = seen
                && let ExpressionKind::MethodCall(_, name, _) = &expression.kind
            {
                is_set |= same(name, "Установить") || same(name, "Set");
            }
        });
        !is_set
    }

    pub(super) fn part_name(&mut self, given: &str, line: usize) {
        if given.contains(['"', '\r', '\n']) || given.contains("%22") || given.contains("\\\"") {
            self.add("part-name", line, given);
        }
    }

    /// Keys that both a session and a request of this module set.
    fn together(&mut self, entries: &[Entry<'t>]) {
        let of_session = |kind: Kind| -> HashSet<String> {
            entries.iter().filter(|one| one.role.kind == kind).map(|one| folded(&one.key)).collect()
        };
        let headers = of_session(Kind::SessionHeaders);
        let this = &*self;
        let set_by = |kind: Kind, key: &'static str| {
            entries.iter().filter(move |one| one.role.kind == kind && this.is(one, key))
        };
        let mut both = Vec::new();
        for entry in entries {
            let is_russian = entry.role.surface != Surface::English;
            if is_russian && entry.role.kind == Kind::RequestHeaders && headers.contains(&folded(&entry.key))
            {
                both.push(("session-header", entry.line, entry.key.clone()));
            }
        }
        for key in ["Аутентификация", "ПараметрыЗапроса"] {
            if set_by(Kind::Session, key).next().is_none() {
                continue;
            }
            // Where no session is passed, there is nothing to compete with.
            let competing = set_by(Kind::Parameters, key).filter(|one| self.sessions.contains(&one.method));
            both.extend(competing.map(|one| ("session-priority", one.line, one.key.clone())));
        }
        self.found.extend(both);
    }

    fn reads(&mut self) {
        for read in std::mem::take(&mut self.trace.reads) {
            let is =
                |key: &'static str| self.trace.surfaces.key(read.role.surface, &read.name, &[key]).is_some();
            let rule = match read.role.kind {
                Kind::Session if is("СлужебныеДанные") => "service-data",
                Kind::Response if is("Ошибки") => "errors-list",
                Kind::Response if is("Ответ") || same(&read.name, "Response") => "response-object",
                Kind::Prepared if is("HTTPЗапрос") || same(&read.name, "HTTPRequest") => {
                    "prepared-request"
                }
                Kind::Cookies => "cookie-store",
                _ => continue,
            };
            self.add(rule, read.line, read.name);
        }
    }

    /// What is found by a name or a text alone: the pool of connections wherever it is passed, code in strings.
    fn texts(&mut self) {
        let module = self.trace.module;
        let is_pool = |name: &str| same(name, "ПулСоединений") || same(name, "ConnectionsPool");
        let mut found = Vec::new();
        let mut see = |seen: Seen<'t>| {
            let Seen::Expression(expression, _) = seen else { return };
            let (rule, what) = match &expression.kind {
                ExpressionKind::Property(_, name) if is_pool(name) => ("service-data", name.to_string()),
                ExpressionKind::Literal(Literal::Text(text)) if is_pool(text) => {
                    ("service-data", text.to_string())
                }
                ExpressionKind::Literal(Literal::Text(text)) if self.has_call(text) => {
                    ("indirect-call", String::new())
                }
                _ => return,
            };
            found.push((rule, expression.line, what));
        };
        for method in &module.methods {
            statements(&method.body, &mut see);
        }
        statements(&module.body, &mut see);
        self.found.extend(found);
    }

    /// Whether a text has `КоннекторHTTP.Имя(` in it.
    fn has_call(&self, text: &str) -> bool {
        text.split('(').any(|piece| {
            let path = piece
                .rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
                .next()
                .unwrap_or_default();
            path.split_once('.').is_some_and(|(module, name)| {
                !name.is_empty() && text.contains('(') && self.trace.surfaces.module(module).is_some()
            })
        })
    }
}

/// The start of an address, without user and password.
pub(super) fn shown(url: &str) -> String {
    let line = url.lines().next().unwrap_or_default();
    let (scheme, rest) = line.split_once("://").map_or(("", line), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit('@').next().unwrap_or_default();
    let between = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{between}{host}{path}").chars().take(60).collect()
}

fn is_zero(value: &Expression) -> bool {
    matches!(&value.kind, ExpressionKind::Literal(Literal::Number(number)) if number.is_zero())
}

fn certificate(value: &Expression) -> Option<&str> {
    match &value.kind {
        ExpressionKind::New(name, _) => CERTIFICATES.iter().any(|known| same(known, name)).then_some(&**name),
        _ => None,
    }
}

pub(super) fn is_literal(value: &Expression, wanted: bool) -> bool {
    matches!(&value.kind, ExpressionKind::Literal(Literal::Bool(given)) if *given == wanted)
}

pub(super) fn is_undefined(value: &Expression) -> bool {
    matches!(&value.kind, ExpressionKind::Literal(Literal::Undefined))
}

/// Whether a value is surely a number, a date or a Boolean.
fn is_typed(value: &Expression) -> bool {
    match &value.kind {
        ExpressionKind::Literal(literal) => {
            matches!(literal, Literal::Number(_) | Literal::Bool(_) | Literal::Date(_))
        }
        ExpressionKind::Unary(Unary::Minus | Unary::Plus | Unary::Not, _) => true,
        ExpressionKind::Binary(Binary::Add, left, _) => is_typed(left),
        ExpressionKind::Binary(..) => true,
        ExpressionKind::Call(name, _) => TYPED.iter().any(|known| same(known, name)),
        ExpressionKind::MethodCall(_, name, given) => {
            given.is_empty() && (same(name, "Количество") || same(name, "Count"))
        }
        _ => false,
    }
}
