//! Expressions and literals.

use std::rc::Rc;

use rust_decimal::Decimal;
use time::{Date, Month, PrimitiveDateTime, Time};
use tree_sitter::Node;

use super::ast::{Arguments, Binary, Expression, ExpressionKind, Literal, Unary};
use super::read::{Reader, SyntaxError, children, line};
use crate::names::folded;

/// The expression of a node.
pub(super) fn expression<'t>(reader: &Reader<'t>, node: Node<'t>) -> Result<Expression, SyntaxError> {
    let kind = match node.kind() {
        "expression" | "index" | "parenthesized_expression" => {
            let inner = children(node).into_iter().find(|child| child.is_named());
            let inner = inner.ok_or_else(|| reader.error(node, "no expression"))?;
            return expression(reader, inner);
        }
        "const_expression" | "number" | "string" | "date" | "boolean" | "UNDEFINED_KEYWORD"
        | "NULL_KEYWORD" => ExpressionKind::Literal(literal(reader, node)?),
        "identifier" => ExpressionKind::Name(Rc::from(reader.text_of(node))),
        "unary_expression" => unary(reader, node)?,
        "binary_expression" => binary(reader, node)?,
        "ternary_expression" => {
            let part = |name| reader_field(reader, node, name);
            ExpressionKind::Choice(Box::new([part("condition")?, part("consequence")?, part("alternative")?]))
        }
        "new_expression" => {
            let name = field(reader, node, "type")?;
            let given =
                node.child_by_field_name("arguments").map(|node| arguments(reader, node)).transpose()?;
            ExpressionKind::New(Rc::from(reader.text_of(name)), given.unwrap_or_default())
        }
        "new_expression_method" => {
            let name = Box::new(reader_field(reader, node, "type")?);
            let given =
                node.child_by_field_name("arguments").map(|node| expression(reader, node)).transpose()?;
            ExpressionKind::NewByName(name, given.map(Box::new))
        }
        "method_call" => {
            let name = Rc::from(reader.text_of(field(reader, node, "name")?));
            ExpressionKind::Call(name, arguments(reader, field(reader, node, "arguments")?)?)
        }
        "call_expression" | "property_access" | "access" => access(reader, node)?,
        "await_expression" => {
            let inner = children(node).into_iter().find(|child| child.kind() == "expression");
            let inner = inner.ok_or_else(|| reader.error(node, "no expression"))?;
            ExpressionKind::Await(Box::new(expression(reader, inner)?))
        }
        other => return Err(reader.error(node, format!("expression {other} is not known"))),
    };
    Ok(Expression { line: line(node), kind })
}

/// Arguments between parentheses; both kinds of commas of the grammar separate.
pub(super) fn arguments<'t>(reader: &Reader<'t>, node: Node<'t>) -> Result<Arguments, SyntaxError> {
    let mut list: Arguments = vec![None];
    for child in children(node) {
        match child.kind() {
            "(" | ")" => {}
            "," | "omitted_argument" => list.push(None),
            _ => {
                let value = expression(reader, child)?;
                if let Some(last) = list.last_mut() {
                    *last = Some(value);
                }
            }
        }
    }
    if let [None] = list.as_slice() {
        list.clear();
    }
    Ok(list)
}

/// A literal.
pub(super) fn literal(reader: &Reader<'_>, node: Node<'_>) -> Result<Literal, SyntaxError> {
    let text = reader.text_of(node);
    match node.kind() {
        "const_expression" => {
            let inner = node.named_child(0).ok_or_else(|| reader.error(node, "no literal"))?;
            literal(reader, inner)
        }
        "UNDEFINED_KEYWORD" => Ok(Literal::Undefined),
        "NULL_KEYWORD" => Ok(Literal::Null),
        "boolean" => Ok(Literal::Bool(matches!(folded(text).as_str(), "истина" | "true"))),
        "number" => text
            .parse::<Decimal>()
            .map(Literal::Number)
            .map_err(|error| reader.error(node, error.to_string())),
        "string" => {
            let mut lines = Vec::new();
            for child in children(node) {
                if child.kind() == "string_content" {
                    lines.push(reader.text_of(child).replace("\"\"", "\""));
                }
            }
            Ok(Literal::Text(Rc::from(lines.join("\n"))))
        }
        "date" => date(text).map(Literal::Date).ok_or_else(|| reader.error(node, "not a date")),
        other => Err(reader.error(node, format!("literal {other} is not known"))),
    }
}

/// `'20240131'`, `'2024-01-31 10:20:30'`: digits only count.
fn date(text: &str) -> Option<PrimitiveDateTime> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| match digits.get(range) {
        Some(part) => part.parse::<u8>().ok(),
        None => Some(0),
    };
    let year: i32 = digits.get(..4)?.parse().ok()?;
    let month = Month::try_from(part(4..6)?).ok()?;
    let date = Date::from_calendar_date(year, month, part(6..8)?).ok()?;
    let time = Time::from_hms(part(8..10)?, part(10..12)?, part(12..14)?).ok()?;
    Some(PrimitiveDateTime::new(date, time))
}

fn unary<'t>(reader: &Reader<'t>, node: Node<'t>) -> Result<ExpressionKind, SyntaxError> {
    let operator = folded(reader.text_of(field(reader, node, "operator")?));
    let operator = match operator.as_str() {
        "-" => Unary::Minus,
        "+" => Unary::Plus,
        "не" | "not" => Unary::Not,
        other => return Err(reader.error(node, format!("operator {other}"))),
    };
    Ok(ExpressionKind::Unary(operator, Box::new(reader_field(reader, node, "argument")?)))
}

fn binary<'t>(reader: &Reader<'t>, node: Node<'t>) -> Result<ExpressionKind, SyntaxError> {
    let operator = match folded(reader.text_of(field(reader, node, "operator")?)).as_str() {
        "+" => Binary::Add,
        "-" => Binary::Subtract,
        "*" => Binary::Multiply,
        "/" => Binary::Divide,
        "%" => Binary::Remainder,
        "=" => Binary::Equal,
        "<>" => Binary::NotEqual,
        "<" => Binary::Less,
        "<=" => Binary::LessOrEqual,
        ">" => Binary::Greater,
        ">=" => Binary::GreaterOrEqual,
        "и" | "and" => Binary::And,
        "или" | "or" => Binary::Or,
        other => return Err(reader.error(node, format!("operator {other}"))),
    };
    let left_node = field(reader, node, "left")?;
    let in_parentheses =
        left_node.named_child(0).is_some_and(|inner| inner.kind() == "parenthesized_expression");
    let left = expression(reader, left_node)?;
    let right = Box::new(reader_field(reader, node, "right")?);
    // The grammar gives НЕ the strength of a minus; in the language it is weaker than every comparison:
    // НЕ А = Б is НЕ (А = Б).
    match left.kind {
        ExpressionKind::Unary(Unary::Not, argument)
            if !in_parentheses && !matches!(operator, Binary::And | Binary::Or) =>
        {
            let inside =
                Expression { line: left.line, kind: ExpressionKind::Binary(operator, argument, right) };
            Ok(ExpressionKind::Unary(Unary::Not, Box::new(inside)))
        }
        kind => {
            let left = Expression { line: left.line, kind };
            Ok(ExpressionKind::Binary(operator, Box::new(left), right))
        }
    }
}

/// `А.Б`, `А[Б]`, `А.Ф()` and what they are chained of.
fn access<'t>(reader: &Reader<'t>, node: Node<'t>) -> Result<ExpressionKind, SyntaxError> {
    let parts: Vec<Node<'t>> = children(node).into_iter().filter(|child| child.is_named()).collect();
    let [object, rest @ ..] = parts.as_slice() else { return Err(reader.error(node, "no object")) };
    let object = expression(reader, *object)?;
    match rest {
        [] => Ok(object.kind),
        [member] => match member.kind() {
            "property" => Ok(ExpressionKind::Property(Box::new(object), Rc::from(reader.text_of(*member)))),
            "index" => {
                let key = expression(reader, *member)?;
                Ok(ExpressionKind::Index(Box::new(object), Box::new(key)))
            }
            "method_call" => {
                let name = Rc::from(reader.text_of(field(reader, *member, "name")?));
                let given = arguments(reader, field(reader, *member, "arguments")?)?;
                Ok(ExpressionKind::MethodCall(Box::new(object), name, given))
            }
            other => Err(reader.error(*member, format!("access {other} is not known"))),
        },
        _ => Err(reader.error(node, "an access that is not known")),
    }
}

fn field<'t>(reader: &Reader<'t>, node: Node<'t>, name: &str) -> Result<Node<'t>, SyntaxError> {
    node.child_by_field_name(name).ok_or_else(|| reader.error(node, format!("no {name}")))
}

fn reader_field<'t>(reader: &Reader<'t>, node: Node<'t>, name: &str) -> Result<Expression, SyntaxError> {
    expression(reader, field(reader, node, name)?)
}
