//! Going through a tree: every expression, and what statements do to variables.

use super::ast::{Arguments, Expression, ExpressionKind, Statement, StatementKind};

/// Something on the way.
pub(crate) enum Seen<'t> {
    /// An expression, before those inside of it; whether it is a statement of its own.
    Expression(&'t Expression, bool),
    /// A variable that is assigned to or declared, and the line.
    Written(&'t str, usize),
    /// The variable of a loop.
    Looped(&'t str),
    /// `Выполнить`, and its text.
    Executed(&'t Expression),
    /// A value and where it goes, before what is inside of both.
    Assigned(&'t Expression, &'t Expression),
    /// What a method returns.
    Returned(&'t Expression),
}

/// Goes through statements in order.
pub(crate) fn statements<'t>(body: &'t [Statement], see: &mut dyn FnMut(Seen<'t>)) {
    for statement in body {
        one(statement, see);
    }
}

fn one<'t>(statement: &'t Statement, see: &mut dyn FnMut(Seen<'t>)) {
    match &statement.kind {
        StatementKind::Assign { target, value } => {
            see(Seen::Assigned(target, value));
            expression(value, false, see);
            match &target.kind {
                ExpressionKind::Name(name) => see(Seen::Written(name, statement.line)),
                // To reach a place inside of something, that is read.
                _ => expression(target, false, see),
            }
        }
        StatementKind::Call(call) => expression(call, true, see),
        StatementKind::Return(value) => {
            if let Some(value) = value {
                see(Seen::Returned(value));
                expression(value, false, see);
            }
        }
        StatementKind::Try { body, handler } => {
            statements(body, see);
            statements(handler, see);
        }
        StatementKind::Raise(given) => arguments(given, see),
        StatementKind::If { branches, otherwise } => {
            for (condition, body) in branches {
                expression(condition, false, see);
                statements(body, see);
            }
            statements(otherwise, see);
        }
        StatementKind::While { condition, body } => {
            expression(condition, false, see);
            statements(body, see);
        }
        StatementKind::For { variable, from, to, body } => {
            see(Seen::Looped(variable));
            expression(from, false, see);
            expression(to, false, see);
            statements(body, see);
        }
        StatementKind::ForEach { variable, collection, body } => {
            see(Seen::Looped(variable));
            expression(collection, false, see);
            statements(body, see);
        }
        StatementKind::Break | StatementKind::Continue => {}
        StatementKind::Execute(text) => {
            see(Seen::Executed(text));
            expression(text, false, see);
        }
        StatementKind::Declare(names) => {
            names.iter().for_each(|name| see(Seen::Written(name, statement.line)));
        }
    }
}

fn expression<'t>(whole: &'t Expression, is_statement: bool, see: &mut dyn FnMut(Seen<'t>)) {
    see(Seen::Expression(whole, is_statement));
    match &whole.kind {
        ExpressionKind::Literal(_) | ExpressionKind::Name(_) => {}
        ExpressionKind::Property(object, _) => expression(object, false, see),
        ExpressionKind::Index(left, right) | ExpressionKind::Binary(_, left, right) => {
            expression(left, false, see);
            expression(right, false, see);
        }
        ExpressionKind::Call(_, given) | ExpressionKind::New(_, given) => arguments(given, see),
        ExpressionKind::MethodCall(object, _, given) => {
            expression(object, false, see);
            arguments(given, see);
        }
        ExpressionKind::NewByName(name, given) => {
            expression(name, false, see);
            given.iter().for_each(|given| expression(given, false, see));
        }
        ExpressionKind::Unary(_, inner) => expression(inner, false, see),
        ExpressionKind::Await(inner) => expression(inner, is_statement, see),
        ExpressionKind::Choice(parts) => parts.iter().for_each(|part| expression(part, false, see)),
    }
}

fn arguments<'t>(given: &'t Arguments, see: &mut dyn FnMut(Seen<'t>)) {
    given.iter().flatten().for_each(|argument| expression(argument, false, see));
}
