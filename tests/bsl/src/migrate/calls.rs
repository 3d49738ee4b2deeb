//! What differs at a call of the module: functions, their arguments, where the call stands.

use super::check::{Called, Check, is_literal, is_undefined, shown};
use super::surface::Surface;
use super::trace::{Call, Entry, Kind, text};
use crate::names::{folded, same};
use crate::syntax::ast::{Expression, ExpressionKind};

/// Directives of methods that run on a client.
const ON_CLIENT: &[&str] = &[
    "НаКлиенте",
    "AtClient",
    "НаКлиентеНаСервереБезКонтекста",
    "AtClientAtServerNoContext",
    "НаКлиентеНаСервере",
    "AtClientAtServer",
];
/// Functions that send a request.
const SENDING: &[&str] = &[
    "Get",
    "Options",
    "Head",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "Mkcol",
    "ВызватьМетод",
    "GetJson",
    "PostJson",
    "PutJson",
    "PatchJson",
    "DeleteJson",
];

impl<'t> Check<'t> {
    /// Rules on calls.
    pub(super) fn calls(&mut self, on_client: bool) -> Vec<Called> {
        let mut names = Vec::new();
        let has_proxy = self.trace.entries.iter().any(|entry| {
            matches!(entry.role.kind, Kind::Parameters | Kind::Session) && self.is(entry, "Прокси")
        });
        for call in std::mem::take(&mut self.trace.calls) {
            self.place(&call, on_client);
            let Some(function) = self.trace.function(&call) else {
                let near = self.trace.surfaces.nearest_function(call.surface, call.name);
                let what =
                    near.map_or_else(|| call.name.to_owned(), |near| format!("{} ({near}?)", call.name));
                self.add("no-function", call.line, what);
                continue;
            };
            if call.arguments.len() > function.parameters.len() {
                let what = format!("{}: {} > {}", call.name, call.arguments.len(), function.parameters.len());
                self.add("extra-argument", call.line, what);
            }
            let sends = SENDING.contains(&function.name.as_str());
            let leaves_proxy = sends && !has_proxy;
            names.push(Called { name: call.name.to_owned(), line: call.line, leaves_proxy });
            self.function(&call, &function.name);
            if sends {
                self.request(&call, &function.name, &function.parameters);
            }
        }
        names
    }

    /// Whether the call stands where the module does not run.
    fn place(&mut self, call: &Call<'_>, on_client: bool) {
        let method = self.trace.module.methods.get(call.method);
        let directive = method.and_then(|method| method.directive.as_deref());
        let is_marked = directive.is_some_and(|given| ON_CLIENT.iter().any(|known| same(known, given)));
        if is_marked || (self.is_client && directive.is_none() && on_client) {
            self.add("on-client", call.line, call.name);
        }
    }

    /// Functions with something of their own.
    fn function(&mut self, call: &Call<'t>, function: &str) {
        let is_english = call.surface == Surface::English;
        let argument = |index: usize| call.arguments.get(index).and_then(Option::as_ref);
        match function {
            "ПредставлениеКодаСостоянияHTTP" if is_english => {
                self.add("unknown-status", call.line, call.name)
            }
            "ДатаИзСтрокиRFC7231" => self.add("short-year", call.line, call.name),
            "HMAC" => {
                let is_long = argument(2).is_some_and(
                    |given| matches!(&given.kind, ExpressionKind::Property(_, name) if same(name, "SHA512")),
                );
                if is_long {
                    self.add("hmac-sha512", call.line, call.name);
                }
            }
            "НовыйОтправляемыйФайл" => {
                for given in [argument(0), argument(1)].into_iter().flatten().filter_map(text) {
                    self.part_name(given, call.line);
                }
            }
            _ => {}
        }
    }

    /// A request that is sent.
    fn request(&mut self, call: &Call<'t>, function: &str, parameters: &[String]) {
        let is_english = call.surface == Surface::English;
        let argument = |name: &str| {
            let index = parameters.iter().position(|parameter| parameter == name)?;
            call.arguments.get(index).and_then(Option::as_ref)
        };
        if let Some(address) = argument("URL") {
            for (_, value) in self.trace.values(call.method, address) {
                if let Some(url) = text(value) {
                    self.address(url, call.line);
                }
            }
        }
        if argument("Сессия").is_some() {
            self.sessions.insert(call.method);
        }
        let given = argument("ДополнительныеПараметры");
        let posts = match function {
            "Post" | "PostJson" => true,
            "ВызватьМетод" => argument("Метод").is_some_and(|method| {
                self.trace.values(call.method, method).iter().any(|(_, one)| text(one) == Some("POST"))
            }),
            _ => false,
        };
        let stays = self.has_key(call, given, "РазрешитьПеренаправление", Some(false))
            || self.has_key(call, given, "СохранятьМетодПри301", None);
        if posts && !stays {
            self.add("post-301", call.line, call.name);
        }
        if !is_english {
            return;
        }
        if function == "Head" && !self.has_key(call, given, "РазрешитьПеренаправление", None)
        {
            self.add("head-redirect", call.line, call.name);
        }
        let body =
            ["Данные", "Json"].iter().find_map(|name| argument(name)).filter(|body| !is_undefined(body));
        let positional = body.or_else(|| argument("ПараметрыЗапроса").filter(|query| !is_undefined(query)));
        if positional.is_some() && given.is_some_and(|given| self.trace.is_complete(call.method, given)) {
            self.add("positional-argument", call.line, call.name);
        }
        if body.is_some() && !self.has_content_type() {
            self.add("content-type", call.line, call.name);
        }
    }

    /// Whether the parameters of a call are given a key, and with that value if one is wanted.
    fn has_key(
        &self,
        call: &Call<'t>,
        given: Option<&Expression>,
        key: &'static str,
        value: Option<bool>,
    ) -> bool {
        let name = given.and_then(|given| match &given.kind {
            ExpressionKind::Name(name) => Some(folded(name)),
            _ => None,
        });
        let is_of_call = |entry: &&Entry<'t>| {
            entry.role.kind == Kind::Parameters
                && (entry.of == name && name.is_some() || entry.line == call.line)
                && (entry.method == call.method || entry.of.is_none())
        };
        let has_value = |entry: &Entry<'t>| match (value, entry.value) {
            (Some(wanted), Some(given)) => {
                self.trace.values(entry.method, given).iter().any(|(_, one)| is_literal(one, wanted))
            }
            (wanted, _) => wanted.is_none(),
        };
        let mut entries = self.trace.entries.iter().filter(is_of_call);
        entries.any(|entry| self.is(entry, key) && has_value(entry))
    }

    fn has_content_type(&self) -> bool {
        let is_header = |kind| matches!(kind, Kind::RequestHeaders | Kind::SessionHeaders);
        self.trace.entries.iter().any(|entry| is_header(entry.role.kind) && same(&entry.key, "Content-Type"))
    }

    /// A literal address.
    fn address(&mut self, url: &str, line: usize) {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (before, fragment) =
            rest.split_once('#').map_or((rest, None), |(before, after)| (before, Some(after)));
        if fragment.is_some_and(|fragment| !fragment.is_empty()) {
            self.add("fragment", line, shown(url));
        }
        let host = before.split(['/', '?']).next().unwrap_or_default();
        let is_bare =
            !before.contains('/') && before.split_once('?').is_none_or(|(_, query)| query.is_empty());
        let ends_oddly = is_bare && (url.ends_with('?') || url.ends_with('#'));
        if scheme.chars().any(char::is_uppercase) || ends_oddly {
            self.add("url-form", line, shown(url));
        }
        if host.contains('@') {
            self.add("password-in-url", line, shown(url));
        }
    }
}
