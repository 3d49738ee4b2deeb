//! Statements.

use super::{Frame, Machine, operators};
use crate::error::{Exception, Fault, Outcome};
use crate::names::folded;
use crate::object::Variable;
use crate::platform::convert;
use crate::syntax::ast::{Expression, ExpressionKind, Statement, StatementKind};
use crate::value::Value;

/// How a list of statements ended.
pub(crate) enum Flow {
    /// At its end.
    Next,
    /// By `Прервать`.
    Break,
    /// By `Продолжить`.
    Continue,
    /// By `Возврат`.
    Return(Value),
}

impl Machine {
    pub(crate) fn execute(&mut self, statements: &[Statement]) -> Outcome<Flow> {
        for statement in statements {
            if let Some(frame) = self.frames.last_mut() {
                frame.line = statement.line;
            }
            let flow = self.statement(statement).map_err(|fault| self.noted(fault, statement.line))?;
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// A fault with the line it passes through. Nested statements of one frame are noted once, by the innermost.
    fn noted(&mut self, fault: Fault, line: usize) -> Fault {
        let noted = match &fault {
            Fault::Raised(exception) => exception.depth,
            Fault::Unknown { depth, .. } => *depth,
        };
        let depth = self.frames.len();
        if noted <= depth {
            return fault;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.line = line;
        }
        match self.place() {
            Some(place) => fault.through(place, depth),
            None => fault,
        }
    }

    fn statement(&mut self, statement: &Statement) -> Outcome<Flow> {
        match &statement.kind {
            StatementKind::Assign { target, value } => {
                let value = self.evaluate(value)?;
                self.assign(target, value)?;
            }
            StatementKind::Call(call) => {
                self.evaluate(call)?;
            }
            StatementKind::Return(value) => {
                let value = value.as_ref().map(|value| self.evaluate(value)).transpose()?;
                return Ok(Flow::Return(value.unwrap_or_default()));
            }
            StatementKind::Try { body, handler } => return self.attempt(body, handler),
            StatementKind::Raise(arguments) => return Err(self.raise(arguments)?),
            StatementKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.condition(condition)? {
                        return self.execute(body);
                    }
                }
                return self.execute(otherwise);
            }
            StatementKind::While { condition, body } => {
                while self.condition(condition)? {
                    match self.execute(body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        Flow::Next | Flow::Continue => {}
                    }
                }
            }
            StatementKind::For { variable, from, to, body } => {
                return self.count(variable, from, to, body);
            }
            StatementKind::ForEach { variable, collection, body } => {
                return self.each(variable, collection, body);
            }
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::Execute(text) => {
                let text = convert::text(&self.evaluate(text)?);
                self.execute_text(&text)?;
            }
            StatementKind::Declare(names) => {
                for name in names {
                    self.variable(name);
                }
            }
        }
        Ok(Flow::Next)
    }

    fn attempt(&mut self, body: &[Statement], handler: &[Statement]) -> Outcome<Flow> {
        let depth = self.frames.len();
        match self.execute(body) {
            Err(Fault::Raised(exception)) => {
                self.frames.truncate(depth);
                self.caught.push(*exception);
                let result = self.execute(handler);
                self.caught.pop();
                result
            }
            other => other,
        }
    }

    /// The fault of a `ВызватьИсключение`.
    fn raise(&mut self, arguments: &[Option<Expression>]) -> Outcome<Fault> {
        match arguments {
            [] => match self.caught.last() {
                // It goes on from here: the frames above are noted anew.
                Some(exception) => Ok(Fault::Raised(Box::new(exception.clone()))),
                None => Err(Fault::unknown("ВызватьИсключение without a text outside of a handler")),
            },
            [Some(text)] => {
                let text = self.evaluate(text)?;
                let exception = Exception {
                    description: convert::text(&text),
                    cause: None,
                    at: Vec::new(),
                    depth: usize::MAX,
                };
                Ok(Fault::Raised(Box::new(exception)))
            }
            _ => Err(Fault::unknown("ВызватьИсключение with more than a text (8.3.21 and later)")),
        }
    }

    fn condition(&mut self, condition: &Expression) -> Outcome<bool> {
        let value = self.evaluate(condition)?;
        operators::truth(&value)
    }

    fn count(
        &mut self,
        variable: &str,
        from: &Expression,
        to: &Expression,
        body: &[Statement],
    ) -> Outcome<Flow> {
        let mut current = convert::number(&self.evaluate(from)?)?;
        let last = convert::number(&self.evaluate(to)?)?;
        let variable = self.variable(variable);
        while current <= last {
            *variable.borrow_mut() = Value::Number(current);
            match self.execute(body)? {
                Flow::Break => break,
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
            // The body may have changed the counter.
            current = convert::number(&variable.borrow())? + rust_decimal::Decimal::ONE;
            *variable.borrow_mut() = Value::Number(current);
        }
        Ok(Flow::Next)
    }

    fn each(&mut self, variable: &str, collection: &Expression, body: &[Statement]) -> Outcome<Flow> {
        let items = match self.evaluate(collection)? {
            Value::Object(object) => object.items(),
            _ => None,
        };
        let items = items.ok_or_else(|| Fault::raised("Итератор для значения не определен"))?;
        let variable = self.variable(variable);
        for item in items {
            *variable.borrow_mut() = item;
            match self.execute(body)? {
                Flow::Break => break,
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
        }
        Ok(Flow::Next)
    }

    fn assign(&mut self, target: &Expression, value: Value) -> Outcome<()> {
        match &target.kind {
            ExpressionKind::Name(name) => {
                *self.variable(name).borrow_mut() = value;
                Ok(())
            }
            ExpressionKind::Property(object, name) => match self.evaluate(object)? {
                Value::Object(object) => {
                    if object.set(self, &folded(name), &value)? {
                        return Ok(());
                    }
                    let exists = object.get(self, &folded(name))?.is_some();
                    Err(Fault::raised(if exists {
                        format!("Поле объекта недоступно для записи ({name})")
                    } else {
                        format!("Поле объекта не обнаружено ({name})")
                    }))
                }
                _ => Err(Fault::raised(format!("Значение не является значением объектного типа ({name})"))),
            },
            ExpressionKind::Index(object, key) => {
                let object = self.evaluate(object)?;
                let key = self.evaluate(key)?;
                let Value::Object(object) = object else {
                    return Err(Fault::raised("Операция не поддерживается: получение элемента по индексу"));
                };
                if object.put(&key, &value)? {
                    return Ok(());
                }
                if let Value::Text(name) = &key
                    && object.set(self, &folded(name), &value)?
                {
                    return Ok(());
                }
                Err(Fault::raised("Индексированное значение недоступно для записи"))
            }
            _ => Err(Fault::unknown("an assignment to something that is not a place")),
        }
    }

    /// The variable of a name in the current frame or module; made when there is none.
    pub(crate) fn variable(&mut self, name: &str) -> Variable {
        let name = folded(name);
        let Some(frame) = self.frames.last_mut() else { return Variable::default() };
        if let Some(known) = frame.variables.get(&name).or_else(|| frame.module.variables.get(&name)) {
            return known.clone();
        }
        frame.variables.entry(name).or_default().clone()
    }

    /// `Выполнить(Текст)`: statements with the variables of where it stands.
    fn execute_text(&mut self, text: &str) -> Outcome<()> {
        let tree = crate::syntax::read("Выполнить", text, super::SERVER)
            .map_err(|error| Fault::raised(error.to_string()))?;
        self.within_text(|machine| machine.execute(&tree.body)).map(drop)
    }

    /// Runs something in a frame that shares the variables of the current one.
    pub(crate) fn within_text<T>(&mut self, run: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let Some(frame) = self.frames.last() else { return run(self) };
        let inner = Frame {
            module: frame.module.clone(),
            variables: frame.variables.clone(),
            locals: frame.locals.clone(),
            line: frame.line,
        };
        self.frames.push(inner);
        let result = run(self);
        // Variables that the text made are its surroundings' from now on.
        if let Some(inner) = self.frames.pop()
            && let Some(frame) = self.frames.last_mut()
        {
            frame.variables.extend(inner.variables);
        }
        result
    }
}
