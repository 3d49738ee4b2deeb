//! Rules for a common module that others put into their configurations: it runs on old platforms, under any name, and
//! does nothing until it is called.

use super::{Check, Rule};
use crate::names::{folded, same};
use crate::syntax::ast::{Binary, Expression, ExpressionKind, Literal, Method, Module, StatementKind};
use crate::syntax::visit::{Seen, statements};

/// What platforms after 8.3.10 brought, and since when. A module that has one of these in its code does not compile on an
/// older platform; inside of a text that is executed it does. Facts from the platform's documentation and lists of changes.
const NEWER: &[(&str, &str)] = &[
    ("ТипПодключенияВнешнейКомпоненты", "8.3.21"),
    ("AddInAttachmentType", "8.3.21"),
    ("СтрНайтиПоРегулярномуВыражению", "8.3.23"),
    ("StrFindByRegularExpression", "8.3.23"),
    ("СтрНайтиВсеПоРегулярномуВыражению", "8.3.23"),
    ("StrFindAllByRegularExpression", "8.3.23"),
    ("СтрПодобнаПоРегулярномуВыражению", "8.3.23"),
    ("StrMatchByRegularExpression", "8.3.23"),
    ("СтрЗаменитьПоРегулярномуВыражению", "8.3.23"),
    ("StrReplaceByRegularExpression", "8.3.23"),
    ("СтрРазделитьПоРегулярномуВыражению", "8.3.23"),
    ("StrSplitByRegularExpression", "8.3.23"),
    ("ОбработкаОшибок", "8.3.17"),
    ("ErrorProcessing", "8.3.17"),
    ("КатегорияОшибки", "8.3.17"),
    ("ErrorCategory", "8.3.17"),
];
/// Functions that got parameters later: how many they have on 8.3.10, and since when more.
const LONGER: &[(&str, &str, usize, &str)] = &[
    ("ПодключитьВнешнююКомпоненту", "AttachAddIn", 3, "8.3.21"),
    ("ПрочитатьJSON", "ReadJSON", 8, "8.3.11 or later"),
];
/// The name of the function that says how old the platform is.
const VERSION_CHECK: [&str; 2] = ["ВерсияПлатформыНеНиже", "PlatformVersionIsAtLeast"];

impl Check<'_> {
    /// What a module does without being called.
    pub(super) fn load(&mut self) {
        for statement in &self.module.body {
            self.remark(statement.line, Rule::AtLoad, "is executed when the module is loaded".to_owned());
        }
        for variable in &self.module.variables {
            self.remark(1, Rule::AtLoad, format!("the module has a variable, {}", variable.name));
        }
    }

    /// Names and texts of one method.
    pub(super) fn portable(&mut self, method: &Method) {
        let mut found = Vec::new();
        statements(&method.body, &mut |seen| match seen {
            Seen::Expression(expression, _) => {
                if let Some(text) = newer(expression) {
                    found.push((expression.line, Rule::Newer, text));
                }
                if self.is_own_name(method, expression) {
                    let text = format!("{} names itself", self.module.name);
                    found.push((expression.line, Rule::OwnName, text));
                }
                if let ExpressionKind::Call(name, given) = &expression.kind
                    && super::is_eval(name)
                    && !given.iter().flatten().all(|text| is_constant(method, text))
                {
                    found.push((
                        expression.line,
                        Rule::Executed,
                        "a text is evaluated that is no literal".to_owned(),
                    ));
                }
            }
            Seen::Executed(text) if !is_constant(method, text) => {
                found.push((text.line, Rule::Executed, "a text is executed that is no literal".to_owned()));
            }
            _ => {}
        });
        // Attaching by the newer form must not even be tried on an older platform: there it does not compile.
        let guarded = guarded(method);
        statements(&method.body, &mut |seen| {
            if let Seen::Executed(text) = seen
                && mentions_newer(text)
                && !guarded.iter().any(|(from, to)| (*from..=*to).contains(&text.line))
            {
                let text_of =
                    "a text with something newer is executed without a look at the platform's version";
                found.push((text.line, Rule::Newer, text_of.to_owned()));
            }
        });
        for (line, rule, text) in found {
            self.remark(line, rule, text);
        }
    }

    /// Lines that are too long. Texts in two languages are one literal, and comments may be made by a translator.
    pub(super) fn widths(&mut self) {
        let longest = self.rules.longest_line;
        let module: &Module = self.module;
        for (index, line) in module.lines.iter().enumerate() {
            let width = line.chars().count();
            let is_free =
                line.trim_start().starts_with("//") || line.contains("НСтр(") || line.contains("NStr(");
            if width > longest && !is_free {
                self.remark(
                    index + 1,
                    Rule::LongLine,
                    format!("a line of {width} characters, more than {longest}"),
                );
            }
        }
    }

    fn is_own_name(&self, method: &Method, expression: &Expression) -> bool {
        let own = &self.module.name;
        match &expression.kind {
            ExpressionKind::Name(name) => same(name, own) && !self.is_variable(method, name),
            ExpressionKind::Literal(Literal::Text(text)) => {
                folded(text).contains(&format!("{}.", folded(own)))
            }
            _ => false,
        }
    }
}

fn newer(expression: &Expression) -> Option<String> {
    let by_name = |name: &str| {
        let known = NEWER.iter().find(|(newer, _)| same(newer, name));
        let is_async = folded(name).ends_with("асинх") || folded(name).ends_with("async");
        known
            .map(|(_, since)| format!("{name} is there since {since}"))
            .or_else(|| is_async.then(|| format!("{name} is asynchronous: since 8.3.18")))
    };
    match &expression.kind {
        ExpressionKind::Name(name) | ExpressionKind::New(name, _) => by_name(name),
        ExpressionKind::Call(name, given) => by_name(name).or_else(|| {
            let longer =
                LONGER.iter().find(|(russian, english, ..)| same(russian, name) || same(english, name));
            let (_, _, old, since) = longer.filter(|(_, _, old, _)| given.len() > *old)?;
            Some(format!("{name} has more than {old} parameters since {since}"))
        }),
        ExpressionKind::Await(_) => Some("Ждать is there since 8.3.18".to_owned()),
        _ => None,
    }
}

/// A literal, or literals and variables that are only ever assigned literals, put together.
fn is_constant(method: &Method, text: &Expression) -> bool {
    match &text.kind {
        ExpressionKind::Literal(_) => true,
        ExpressionKind::Binary(Binary::Add, left, right) => {
            is_constant(method, left) && is_constant(method, right)
        }
        ExpressionKind::Choice(parts) => {
            let [_, left, right] = &**parts;
            is_constant(method, left) && is_constant(method, right)
        }
        ExpressionKind::Name(name) => {
            let (mut assigned, mut constant) = (0, 0);
            statements(&method.body, &mut |seen| {
                if let Seen::Assigned(Expression { kind: ExpressionKind::Name(target), .. }, value) = seen
                    && same(target, name)
                {
                    assigned += 1;
                    // A variable made of another is not looked through: a text to execute should be seen at once.
                    let is_name = matches!(value.kind, ExpressionKind::Name(_));
                    constant += usize::from(!is_name && is_constant(method, value));
                }
            });
            assigned > 0 && assigned == constant
        }
        _ => false,
    }
}

/// Lines of branches whose condition asks for the platform's version.
fn guarded(method: &Method) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    let mut bodies = vec![method.body.as_slice()];
    while let Some(body) = bodies.pop() {
        for statement in body {
            match &statement.kind {
                StatementKind::If { branches, otherwise } => {
                    for (condition, inner) in branches {
                        let asks = matches!(&condition.kind, ExpressionKind::Call(name, _)
                            if VERSION_CHECK.iter().any(|known| same(known, name)));
                        if let (true, Some(last)) = (asks, inner.last()) {
                            lines.push((condition.line, last.line));
                        }
                        bodies.push(inner);
                    }
                    bodies.push(otherwise);
                }
                StatementKind::Try { body, handler } => bodies.extend([body.as_slice(), handler.as_slice()]),
                StatementKind::While { body, .. }
                | StatementKind::For { body, .. }
                | StatementKind::ForEach { body, .. } => bodies.push(body),
                _ => {}
            }
        }
    }
    lines
}

fn mentions_newer(text: &Expression) -> bool {
    match &text.kind {
        ExpressionKind::Literal(Literal::Text(text)) => {
            let text = folded(text);
            NEWER.iter().any(|(name, _)| text.contains(&folded(name)))
        }
        ExpressionKind::Binary(_, left, right) => mentions_newer(left) || mentions_newer(right),
        _ => false,
    }
}
