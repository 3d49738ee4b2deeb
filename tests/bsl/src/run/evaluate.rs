//! Expressions.

use std::rc::Rc;

use super::{Machine, ModuleObject, operators};
use crate::error::{Fault, Outcome};
use crate::names::folded;
use crate::object::Argument;
use crate::platform::convert;
use crate::syntax::ast::{Arguments, Binary, Expression, ExpressionKind, Literal, Unary};
use crate::value::Value;

/// Value of a literal.
pub(crate) fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Undefined => Value::Undefined,
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Number(value) => Value::Number(*value),
        Literal::Text(value) => Value::Text(value.clone()),
        Literal::Date(value) => Value::Date(*value),
    }
}

impl Machine {
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Outcome<Value> {
        match &expression.kind {
            ExpressionKind::Literal(value) => Ok(literal(value)),
            ExpressionKind::Name(name) => self.name(name),
            ExpressionKind::Property(object, name) => {
                let object = self.evaluate(object)?;
                self.property(&object, name)
            }
            ExpressionKind::Index(object, key) => {
                let object = self.evaluate(object)?;
                let key = self.evaluate(key)?;
                self.element(&object, &key)
            }
            ExpressionKind::Call(name, given) => self.call_by_name(name, given),
            ExpressionKind::MethodCall(object, name, given) => {
                let object = self.evaluate(object)?;
                let arguments = self.arguments(given)?;
                self.method_of(&object, name, &arguments)
            }
            ExpressionKind::New(name, given) => {
                let arguments = self.arguments(given)?;
                self.construct(name, &arguments)
            }
            ExpressionKind::NewByName(name, given) => {
                let name = convert::text(&self.evaluate(name)?);
                let given = given.as_ref().map(|given| self.evaluate(given)).transpose()?;
                let arguments = match given {
                    Some(Value::Object(list)) => list.items().unwrap_or_default(),
                    _ => Vec::new(),
                };
                let arguments: Vec<Argument> = arguments.into_iter().map(Argument::Value).collect();
                self.construct(&name, &arguments)
            }
            ExpressionKind::Unary(operator, argument) => {
                let value = self.evaluate(argument)?;
                match operator {
                    Unary::Not => Ok(Value::Bool(!operators::truth(&value)?)),
                    Unary::Minus => Ok(Value::Number(-convert::number(&value)?)),
                    Unary::Plus => Ok(Value::Number(convert::number(&value)?)),
                }
            }
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right),
            ExpressionKind::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                let condition = self.evaluate(condition)?;
                if operators::truth(&condition)? { self.evaluate(yes) } else { self.evaluate(no) }
            }
            // Nothing here runs beside anything else: what is awaited has its value already.
            ExpressionKind::Await(inner) => self.evaluate(inner),
        }
    }

    fn binary(&mut self, operator: Binary, left: &Expression, right: &Expression) -> Outcome<Value> {
        let left = self.evaluate(left)?;
        match operator {
            Binary::And if !operators::truth(&left)? => return Ok(Value::Bool(false)),
            Binary::Or if operators::truth(&left)? => return Ok(Value::Bool(true)),
            _ => {}
        }
        let right = self.evaluate(right)?;
        operators::binary(operator, &left, &right)
    }

    fn name(&mut self, name: &str) -> Outcome<Value> {
        let key = folded(name);
        if let Some(frame) = self.frames.last() {
            if let Some(known) = frame.variables.get(&key).or_else(|| frame.module.variables.get(&key)) {
                return Ok(known.borrow().clone());
            }
            if frame.locals.contains(&key) {
                return Ok(Value::Undefined);
            }
        }
        if let Some(shared) = self.shared_variable(name) {
            return Ok(shared.borrow().clone());
        }
        if let Some(module) = self.module(name) {
            return Ok(Value::object(ModuleObject(module)));
        }
        match self.registry.find_global(name) {
            Some(object) => Ok(Value::Object(object)),
            // The platform does not compile such a module, so no handler ever sees this.
            None => Err(Fault::unknown(format!("the name {name}"))),
        }
    }

    fn property(&mut self, object: &Value, name: &str) -> Outcome<Value> {
        let Value::Object(object) = object else {
            return Err(Fault::raised(format!("Значение не является значением объектного типа ({name})")));
        };
        let found = object.get(self, &folded(name))?;
        found.ok_or_else(|| Fault::raised(format!("Поле объекта не обнаружено ({name})")))
    }

    fn element(&mut self, object: &Value, key: &Value) -> Outcome<Value> {
        let Value::Object(object) = object else {
            return Err(Fault::raised("Получение элемента по индексу для значения не определено"));
        };
        if let Some(value) = object.at(key)? {
            return Ok(value);
        }
        match key {
            // Objects with properties can be asked for them by name.
            Value::Text(name) => {
                let found = object.get(self, &folded(name))?;
                found.ok_or_else(|| Fault::raised(format!("Поле объекта не обнаружено ({name})")))
            }
            _ => Err(Fault::raised("Получение элемента по индексу для значения не определено")),
        }
    }

    fn call_by_name(&mut self, name: &Rc<str>, given: &Arguments) -> Outcome<Value> {
        let arguments = self.arguments(given)?;
        let own = self.frames.last().and_then(|frame| {
            frame.module.methods.get(&folded(name)).map(|method| (frame.module.clone(), method.clone()))
        });
        if let Some((module, method)) = own {
            return self.call_method(&module, &method, &arguments);
        }
        if let Some((module, method)) = self.shared_method(name) {
            return self.call_method(&module, &method, &arguments);
        }
        match folded(name).as_str() {
            "вычислить" | "eval" => {
                let text = arguments.first().map(Argument::value).unwrap_or_default();
                return self.evaluate_text(&convert::text(&text));
            }
            _ => {}
        }
        match self.registry.find_function(name) {
            Some(function) => function(self, &arguments),
            None => Err(Fault::unknown(format!("the function {name}"))),
        }
    }

    pub(crate) fn method_of(&mut self, object: &Value, name: &str, arguments: &[Argument]) -> Outcome<Value> {
        let Value::Object(object) = object else {
            return Err(Fault::raised(format!("Значение не является значением объектного типа ({name})")));
        };
        let result = object.call(self, &folded(name), arguments)?;
        result.ok_or_else(|| Fault::raised(format!("Метод объекта не обнаружен ({name})")))
    }

    /// `Новый Имя(...)`.
    ///
    /// # Errors
    /// An unknown type, or what its constructor raises.
    pub fn construct(&mut self, name: &str, arguments: &[Argument]) -> Outcome<Value> {
        if folded(name).starts_with("addin.") {
            return crate::platform::addin::create(self, name);
        }
        match self.registry.find_constructor(name) {
            Some(constructor) => constructor(self, arguments),
            None => Err(Fault::unknown(format!("the type {name}"))),
        }
    }

    fn arguments(&mut self, given: &Arguments) -> Outcome<Vec<Argument>> {
        let mut arguments = Vec::with_capacity(given.len());
        for one in given {
            arguments.push(match one {
                None => Argument::Omitted,
                Some(Expression { kind: ExpressionKind::Name(name), .. }) if self.is_variable(name) => {
                    Argument::Variable(self.variable(name))
                }
                Some(other) => Argument::Value(self.evaluate(other)?),
            });
        }
        Ok(arguments)
    }

    fn is_known(&self, name: &str) -> bool {
        self.is_variable(name)
            || self.shared_variable(name).is_some()
            || self.module(name).is_some()
            || self.registry.find_global(name).is_some()
            || name.starts_with(char::is_numeric)
            || matches!(
                folded(name).as_str(),
                "истина" | "true" | "ложь" | "false" | "неопределено" | "undefined" | "null"
            )
    }

    fn is_variable(&self, name: &str) -> bool {
        let key = folded(name);
        self.frames.last().is_some_and(|frame| {
            frame.variables.contains_key(&key)
                || frame.module.variables.contains_key(&key)
                || frame.locals.contains(&key)
        })
    }

    /// `Вычислить(Текст)`: an expression with the variables of where it stands.
    fn evaluate_text(&mut self, text: &str) -> Outcome<Value> {
        let tree = crate::syntax::read("Вычислить", &format!("Возврат {text};"), super::SERVER)
            .map_err(|error| Fault::raised(error.to_string()))?;
        // A text is compiled when it is reached, so there a handler does see a name that is nowhere (a whole text that is
        // one: deeper ones still end the run).
        let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && !self.is_known(text) {
            return Err(Fault::raised(format!("Переменная не определена ({text})")));
        }
        let flow = self.within_text(|machine| machine.execute(&tree.body))?;
        match flow {
            super::execute::Flow::Return(value) => Ok(value),
            _ => Ok(Value::Undefined),
        }
    }
}
