//! Modules, methods and statements.

use std::fmt;
use std::rc::Rc;

use tree_sitter::{Node, Parser};

use super::ast::{Declaration, Method, Module, Parameter, Statement, StatementKind};
use super::expressions::{arguments, expression, literal};
use crate::names::{folded, same};

/// A text that is not a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Name of the module.
    pub module: String,
    /// Line, from 1.
    pub line: usize,
    /// What is there.
    pub what: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.module, self.line, self.what)
    }
}

impl std::error::Error for SyntaxError {}

/// Reads a module. `defined` are the names the preprocessor knows (`Сервер`, `ВнешнееСоединение`, ...), in any language.
///
/// # Errors
/// The first thing that is not the language, or not known here.
pub fn read(name: &str, text: &str, defined: &[&str]) -> Result<Module, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader { name, text, defined };
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_bsl::LANGUAGE.into())
        .map_err(|error| reader.error_at(1, format!("grammar: {error}")))?;
    let tree = parser.parse(text, None).ok_or_else(|| reader.error_at(1, "not parsed".to_owned()))?;
    let root = tree.root_node();
    if root.has_error() {
        let node = first_error(root).unwrap_or(root);
        let shown: String = reader.text_of(node).chars().take(60).collect();
        return Err(reader.error(node, format!("not understood: {shown:?}")));
    }
    let mut module = Module {
        name: Rc::from(name),
        lines: text.lines().map(Rc::from).collect(),
        variables: Vec::new(),
        methods: Vec::new(),
        body: Vec::new(),
    };
    let mut directive = None;
    reader.definitions(&children(root), &mut module, &mut directive)?;
    Ok(module)
}

/// A text being read.
pub(super) struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    defined: &'t [&'t str],
}

impl<'t> Reader<'t> {
    /// Source of a node.
    pub(super) fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Something at a node that is not known.
    pub(super) fn error(&self, node: Node<'_>, what: impl Into<String>) -> SyntaxError {
        self.error_at(line(node), what.into())
    }

    fn error_at(&self, line: usize, what: String) -> SyntaxError {
        SyntaxError { module: self.name.to_owned(), line, what }
    }

    fn definitions(
        &self,
        nodes: &[Node<'t>],
        module: &mut Module,
        directive: &mut Option<Rc<str>>,
    ) -> Result<(), SyntaxError> {
        for &node in nodes {
            match node.kind() {
                "procedure_definition" | "function_definition" => {
                    module.methods.push(Rc::new(self.method(node, directive.take())?));
                }
                "var_definition" => {
                    for variable in fields(node, "variable") {
                        let export = has(variable, "EXPORT_KEYWORD") || has(node, "EXPORT_KEYWORD");
                        module
                            .variables
                            .push(Declaration { name: self.name_field(variable, "name")?, export });
                    }
                }
                "preprocessor" => match self.preprocessed(node)? {
                    Preprocessed::Nodes(nodes) => self.definitions(&nodes, module, directive)?,
                    Preprocessed::Directive(name) => *directive = Some(name),
                },
                _ => self.statement(node, &mut module.body)?,
            }
        }
        Ok(())
    }

    fn method(&self, node: Node<'t>, directive: Option<Rc<str>>) -> Result<Method, SyntaxError> {
        let mut parameters = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            for parameter in fields(list, "parameter") {
                parameters.push(Parameter {
                    name: self.name_field(parameter, "name")?,
                    by_value: has(parameter, "VAL_KEYWORD"),
                    default: parameter
                        .child_by_field_name("def")
                        .map(|node| literal(self, node))
                        .transpose()?,
                });
            }
        }
        let mut body = Vec::new();
        let statements: Vec<Node<'t>> = children(node)
            .into_iter()
            .skip_while(|child| child.kind() != "parameters")
            .skip(1)
            .filter(|child| !is_keyword(*child))
            .collect();
        self.statements(&statements, &mut body)?;
        let mut locals = Vec::new();
        collect_locals(&body, &mut locals);
        Ok(Method {
            name: self.name_field(node, "name")?,
            is_function: node.kind() == "function_definition",
            is_async: has(node, "ASYNC_KEYWORD"),
            export: has(node, "EXPORT_KEYWORD"),
            directive,
            parameters,
            body,
            locals,
            lines: (line(node), node.end_position().row + 1),
        })
    }

    fn statements(&self, nodes: &[Node<'t>], into: &mut Vec<Statement>) -> Result<(), SyntaxError> {
        nodes.iter().try_for_each(|node| self.statement(*node, into))
    }

    /// Statements of a node between two kinds of keywords.
    fn block(&self, nodes: &[Node<'t>]) -> Result<Vec<Statement>, SyntaxError> {
        let mut block = Vec::new();
        self.statements(nodes, &mut block)?;
        Ok(block)
    }

    fn statement(&self, node: Node<'t>, into: &mut Vec<Statement>) -> Result<(), SyntaxError> {
        let inner = children(node);
        let kind = match node.kind() {
            ";" | "line_comment" => return Ok(()),
            "assignment_statement" => StatementKind::Assign {
                target: expression(self, self.field(node, "left")?)?,
                value: expression(self, self.field(node, "right")?)?,
            },
            "call_statement" => StatementKind::Call(expression(self, self.first(node)?)?),
            "return_statement" => StatementKind::Return(
                node.child_by_field_name("result").map(|node| expression(self, node)).transpose()?,
            ),
            "try_statement" => StatementKind::Try {
                body: self.block(between(&inner, "TRY_KEYWORD", "EXCEPT_KEYWORD"))?,
                handler: self.block(between(&inner, "EXCEPT_KEYWORD", "ENDTRY_KEYWORD"))?,
            },
            "rise_error_statement" => StatementKind::Raise(self.raised(&inner)?),
            "var_statement" => StatementKind::Declare(
                fields(node, "var_name").into_iter().map(|name| Rc::from(self.text_of(name))).collect(),
            ),
            "if_statement" => self.conditional(&inner)?,
            "while_statement" => StatementKind::While {
                condition: expression(self, self.expressions(&inner, 0, node)?)?,
                body: self.block(between(&inner, "DO_KEYWORD", "ENDDO_KEYWORD"))?,
            },
            "for_statement" => StatementKind::For {
                variable: self.identifier(&inner, node)?,
                from: expression(self, self.expressions(&inner, 0, node)?)?,
                to: expression(self, self.expressions(&inner, 1, node)?)?,
                body: self.block(between(&inner, "DO_KEYWORD", "ENDDO_KEYWORD"))?,
            },
            "for_each_statement" => StatementKind::ForEach {
                variable: self.identifier(&inner, node)?,
                collection: expression(self, self.expressions(&inner, 0, node)?)?,
                body: self.block(between(&inner, "DO_KEYWORD", "ENDDO_KEYWORD"))?,
            },
            "continue_statement" => StatementKind::Continue,
            "break_statement" => StatementKind::Break,
            "execute_statement" => {
                StatementKind::Execute(expression(self, self.expressions(&inner, 0, node)?)?)
            }
            "await_statement" => StatementKind::Call(expression(self, self.first(node)?)?),
            "preprocessor" => {
                return match self.preprocessed(node)? {
                    Preprocessed::Nodes(nodes) => self.statements(&nodes, into),
                    Preprocessed::Directive(_) => Err(self.error(node, "a directive inside of a method")),
                };
            }
            other => return Err(self.error(node, format!("statement {other} is not known"))),
        };
        into.push(Statement { line: line(node), kind });
        Ok(())
    }

    fn raised(&self, inner: &[Node<'t>]) -> Result<Vec<Option<super::ast::Expression>>, SyntaxError> {
        for node in inner {
            match node.kind() {
                "arguments" => return arguments(self, *node),
                "expression" => return Ok(vec![Some(expression(self, *node)?)]),
                _ => {}
            }
        }
        Ok(Vec::new())
    }

    fn conditional(&self, inner: &[Node<'t>]) -> Result<StatementKind, SyntaxError> {
        let ends = |node: &Node<'_>| matches!(node.kind(), "elseif_clause" | "else_clause" | "ENDIF_KEYWORD");
        let body = |nodes: &[Node<'t>]| {
            let from = nodes.iter().position(|node| node.kind() == "THEN_KEYWORD").map_or(0, |at| at + 1);
            let nodes = nodes.get(from..).unwrap_or_default();
            let to = nodes.iter().position(ends).unwrap_or(nodes.len());
            self.block(nodes.get(..to).unwrap_or_default())
        };
        let condition = |nodes: &[Node<'t>]| {
            let found = nodes.iter().find(|node| node.kind() == "expression").copied();
            let at = nodes.first().copied();
            match (found, at) {
                (Some(node), _) => expression(self, node),
                (None, Some(at)) => Err(self.error(at, "no condition")),
                (None, None) => Err(self.error_at(1, "no condition".to_owned())),
            }
        };
        let mut branches = vec![(condition(inner)?, body(inner)?)];
        let mut otherwise = Vec::new();
        for node in inner {
            let nodes = children(*node);
            match node.kind() {
                "elseif_clause" => branches.push((condition(&nodes)?, body(&nodes)?)),
                "else_clause" => otherwise = self.block(nodes.get(1..).unwrap_or_default())?,
                _ => {}
            }
        }
        Ok(StatementKind::If { branches, otherwise })
    }

    /// What of a preprocessor's construct is left.
    fn preprocessed(&self, node: Node<'t>) -> Result<Preprocessed<'t>, SyntaxError> {
        let inner = children(node);
        let Some(first) = inner.first() else { return Ok(Preprocessed::Nodes(Vec::new())) };
        match first.kind() {
            "PREPROC_REGION_KEYWORD" => Ok(Preprocessed::Nodes(
                inner
                    .iter()
                    .skip(2)
                    .copied()
                    .filter(|node| node.kind() != "PREPROC_ENDREGION_KEYWORD")
                    .collect(),
            )),
            "PREPROC_IF_KEYWORD" => self.chosen(&inner),
            "annotation" => {
                Ok(Preprocessed::Directive(Rc::from(self.text_of(*first).trim_start_matches('&'))))
            }
            other => Err(self.error(node, format!("preprocessor {other} is not known"))),
        }
    }

    fn chosen(&self, inner: &[Node<'t>]) -> Result<Preprocessed<'t>, SyntaxError> {
        let mut taken = false;
        let mut inside = false;
        let mut nodes = Vec::new();
        for node in inner {
            match node.kind() {
                "PREPROC_IF_KEYWORD" | "PREPROC_ELSIF_KEYWORD" | "THEN_KEYWORD" | "PREPROC_ENDIF_KEYWORD" => {
                }
                "expression" => {
                    inside = !taken && self.holds(*node)?;
                    taken |= inside;
                }
                "PREPROC_ELSE_KEYWORD" => inside = !taken,
                _ if inside => nodes.push(*node),
                _ => {}
            }
        }
        Ok(Preprocessed::Nodes(nodes))
    }

    /// A condition of the preprocessor: names, `И`, `ИЛИ`, `НЕ`, parentheses.
    fn holds(&self, node: Node<'t>) -> Result<bool, SyntaxError> {
        let inner = children(node);
        match (node.kind(), inner.as_slice()) {
            ("expression" | "parenthesized_expression", _) => {
                let inner = inner.iter().find(|node| node.is_named());
                inner.map_or_else(|| Err(self.error(node, "no condition")), |node| self.holds(*node))
            }
            ("identifier", _) => Ok(self.defined.iter().any(|name| same(name, self.text_of(node)))),
            ("unary_expression", [_, argument]) => Ok(!self.holds(*argument)?),
            ("binary_expression", [left, operator, right]) => {
                let operator = folded(self.text_of(*operator));
                let (left, right) = (self.holds(*left)?, self.holds(*right)?);
                match operator.as_str() {
                    "и" | "and" => Ok(left && right),
                    "или" | "or" => Ok(left || right),
                    _ => Err(self.error(node, format!("{operator} in a condition"))),
                }
            }
            (other, _) => Err(self.error(node, format!("{other} in a condition"))),
        }
    }

    fn field(&self, node: Node<'t>, name: &str) -> Result<Node<'t>, SyntaxError> {
        node.child_by_field_name(name).ok_or_else(|| self.error(node, format!("no {name}")))
    }

    fn name_field(&self, node: Node<'t>, name: &str) -> Result<Rc<str>, SyntaxError> {
        self.field(node, name).map(|node| Rc::from(self.text_of(node)))
    }

    fn first(&self, node: Node<'t>) -> Result<Node<'t>, SyntaxError> {
        node.named_child(0).ok_or_else(|| self.error(node, "nothing inside"))
    }

    fn expressions(&self, inner: &[Node<'t>], index: usize, node: Node<'t>) -> Result<Node<'t>, SyntaxError> {
        let mut found = inner.iter().filter(|node| node.kind() == "expression");
        found.nth(index).copied().ok_or_else(|| self.error(node, "no expression"))
    }

    fn identifier(&self, inner: &[Node<'t>], node: Node<'t>) -> Result<Rc<str>, SyntaxError> {
        let found = inner.iter().find(|node| node.kind() == "identifier");
        found.map(|node| Rc::from(self.text_of(*node))).ok_or_else(|| self.error(node, "no variable"))
    }
}

enum Preprocessed<'t> {
    Nodes(Vec<Node<'t>>),
    Directive(Rc<str>),
}

/// Children without comments.
pub(super) fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| child.kind() != "line_comment").collect()
}

/// Line of a node, from 1.
pub(super) fn line(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

fn fields<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).collect()
}

fn has(node: Node<'_>, kind: &str) -> bool {
    children(node).iter().any(|child| child.kind() == kind)
}

fn is_keyword(node: Node<'_>) -> bool {
    node.kind().ends_with("_KEYWORD")
}

fn between<'n, 't>(nodes: &'n [Node<'t>], from: &str, to: &str) -> &'n [Node<'t>] {
    let from = nodes.iter().position(|node| node.kind() == from).map_or(0, |at| at + 1);
    let to = nodes.iter().position(|node| node.kind() == to).unwrap_or(nodes.len());
    nodes.get(from..to).unwrap_or_default()
}

fn first_error(node: Node<'_>) -> Option<Node<'_>> {
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    let mut cursor = node.walk();
    let found: Vec<Node<'_>> = node.children(&mut cursor).filter(Node::has_error).collect();
    found.into_iter().find_map(first_error)
}

/// Names a body assigns to, declares or loops with.
fn collect_locals(body: &[Statement], into: &mut Vec<String>) {
    let mut add = |name: &str| {
        let name = folded(name);
        if !into.contains(&name) {
            into.push(name);
        }
    };
    for statement in body {
        match &statement.kind {
            StatementKind::Assign { target, .. } => {
                if let super::ast::ExpressionKind::Name(name) = &target.kind {
                    add(name);
                }
            }
            StatementKind::Declare(names) => names.iter().for_each(|name| add(name)),
            StatementKind::For { variable, .. } | StatementKind::ForEach { variable, .. } => add(variable),
            _ => {}
        }
    }
    for statement in body {
        match &statement.kind {
            StatementKind::Try { body, handler } => {
                collect_locals(body, into);
                collect_locals(handler, into);
            }
            StatementKind::If { branches, otherwise } => {
                branches.iter().for_each(|(_, body)| collect_locals(body, into));
                collect_locals(otherwise, into);
            }
            StatementKind::While { body, .. }
            | StatementKind::For { body, .. }
            | StatementKind::ForEach { body, .. } => collect_locals(body, into),
            _ => {}
        }
    }
}
