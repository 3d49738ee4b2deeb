//! What a module uses of the platform, by name: for lists of what is available where.

use std::collections::BTreeSet;

use crate::names::{folded, same};
use crate::syntax::ast::{ExpressionKind, Literal, Module};
use crate::syntax::visit::{Seen, statements};

/// Global functions (`СтрНайти`), objects with properties (`Символы`), types that are created or asked for (`new Массив`,
/// `type Структура`) and methods of objects (`.Вставить`). The module's own methods are none; whether an object behind a
/// method is one of the platform or a module is not known here, so those of other modules are among them.
#[must_use]
pub fn builtins(module: &Module) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for method in &module.methods {
        let is_variable = |name: &str| {
            method.locals.contains(&folded(name))
                || method.parameters.iter().any(|parameter| same(&parameter.name, name))
        };
        statements(&method.body, &mut |seen| {
            let Seen::Expression(expression, _) = seen else { return };
            match &expression.kind {
                ExpressionKind::Name(name) if !is_variable(name) => {
                    found.insert(name.to_string());
                }
                ExpressionKind::Call(name, given) => {
                    if module.methods.iter().any(|own| same(&own.name, name)) {
                        return;
                    }
                    let argument = given.first().and_then(Option::as_ref).map(|given| &given.kind);
                    match argument {
                        Some(ExpressionKind::Literal(Literal::Text(text))) if same(name, "Тип") => {
                            found.insert(format!("type {text}"));
                        }
                        _ => {
                            found.insert(name.to_string());
                        }
                    }
                }
                ExpressionKind::MethodCall(_, name, _) => {
                    found.insert(format!(".{name}"));
                }
                ExpressionKind::New(name, given) => {
                    found.insert(format!("new {name}"));
                    let argument = given.first().and_then(Option::as_ref).map(|given| &given.kind);
                    if let Some(ExpressionKind::Literal(Literal::Text(text))) = argument
                        && same(name, "ОписаниеТипов")
                    {
                        found.extend(text.split(',').map(|one| format!("type {}", one.trim())));
                    }
                }
                _ => {}
            }
        });
    }
    found
}
