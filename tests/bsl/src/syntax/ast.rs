//! The tree of a module: what `read` makes of a text and `run` executes. Names are kept as written.

use std::rc::Rc;

use rust_decimal::Decimal;
use time::PrimitiveDateTime;

/// A module.
#[derive(Debug)]
pub struct Module {
    /// Name: that of the common module, or of the file.
    pub name: Rc<str>,
    /// Lines of the text, for messages and for what looks at comments.
    pub lines: Vec<Rc<str>>,
    /// Variables of the module.
    pub variables: Vec<Declaration>,
    /// Procedures and functions in order.
    pub methods: Vec<Rc<Method>>,
    /// Statements outside of any method.
    pub body: Vec<Statement>,
}

/// A variable of a module.
#[derive(Debug)]
pub struct Declaration {
    /// Name.
    pub name: Rc<str>,
    /// `Экспорт`.
    pub export: bool,
}

/// A procedure or a function.
#[derive(Debug)]
pub struct Method {
    /// Name.
    pub name: Rc<str>,
    /// `Функция`.
    pub is_function: bool,
    /// `Асинх`.
    pub is_async: bool,
    /// `Экспорт`.
    pub export: bool,
    /// `&НаКлиенте` and the like, without `&`.
    pub directive: Option<Rc<str>>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Statements.
    pub body: Vec<Statement>,
    /// Names the body assigns to or declares, folded: these are variables from the first line on.
    pub locals: Vec<String>,
    /// First and last line, from 1.
    pub lines: (usize, usize),
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Name.
    pub name: Rc<str>,
    /// `Знач`.
    pub by_value: bool,
    /// What it is when left out; `None`: it must be given.
    pub default: Option<Literal>,
}

/// A statement and its line.
#[derive(Debug)]
pub struct Statement {
    /// Line, from 1.
    pub line: usize,
    /// What it does.
    pub kind: StatementKind,
}

/// What a statement does.
#[derive(Debug)]
pub enum StatementKind {
    /// `А = Б`.
    Assign {
        /// A name, a property or an index.
        target: Expression,
        /// Value.
        value: Expression,
    },
    /// A call whose result, if any, is dropped.
    Call(Expression),
    /// `Возврат`.
    Return(Option<Expression>),
    /// `Попытка ... Исключение ... КонецПопытки`.
    Try {
        /// What is tried.
        body: Vec<Statement>,
        /// What is done when it raises.
        handler: Vec<Statement>,
    },
    /// `ВызватьИсключение` with its arguments; none in a handler: what was caught goes on.
    Raise(Vec<Option<Expression>>),
    /// `Если ... ИначеЕсли ... Иначе`.
    If {
        /// Conditions and what each leads to.
        branches: Vec<(Expression, Vec<Statement>)>,
        /// `Иначе`.
        otherwise: Vec<Statement>,
    },
    /// `Пока`.
    While {
        /// Condition.
        condition: Expression,
        /// Statements.
        body: Vec<Statement>,
    },
    /// `Для Сч = А По Б`.
    For {
        /// Variable.
        variable: Rc<str>,
        /// First value.
        from: Expression,
        /// Last value.
        to: Expression,
        /// Statements.
        body: Vec<Statement>,
    },
    /// `Для Каждого Элемент Из Коллекция`.
    ForEach {
        /// Variable.
        variable: Rc<str>,
        /// Collection.
        collection: Expression,
        /// Statements.
        body: Vec<Statement>,
    },
    /// `Прервать`.
    Break,
    /// `Продолжить`.
    Continue,
    /// `Выполнить(Текст)`.
    Execute(Expression),
    /// `Перем А, Б` inside a method.
    Declare(Vec<Rc<str>>),
}

/// An expression and its line.
#[derive(Debug)]
pub struct Expression {
    /// Line, from 1.
    pub line: usize,
    /// What it is.
    pub kind: ExpressionKind,
}

/// Arguments of a call; `None` for one that is left out.
pub type Arguments = Vec<Option<Expression>>;

/// What an expression is.
#[derive(Debug)]
pub enum ExpressionKind {
    /// A literal.
    Literal(Literal),
    /// A variable, a common module, a system enumeration, a global property.
    Name(Rc<str>),
    /// `А.Б`.
    Property(Box<Expression>, Rc<str>),
    /// `А[Б]`.
    Index(Box<Expression>, Box<Expression>),
    /// `Ф(...)`.
    Call(Rc<str>, Arguments),
    /// `А.Ф(...)`.
    MethodCall(Box<Expression>, Rc<str>, Arguments),
    /// `Новый Тип(...)`.
    New(Rc<str>, Arguments),
    /// `Новый(Имя, Параметры)`.
    NewByName(Box<Expression>, Option<Box<Expression>>),
    /// `-А`, `+А`, `НЕ А`.
    Unary(Unary, Box<Expression>),
    /// `А + Б` and the like.
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// `?(А, Б, В)`.
    Choice(Box<[Expression; 3]>),
    /// `Ждать А`.
    Await(Box<Expression>),
}

/// A literal.
#[derive(Debug, Clone)]
pub enum Literal {
    /// `Неопределено`.
    Undefined,
    /// `Null`.
    Null,
    /// `Истина`, `Ложь`.
    Bool(bool),
    /// A number.
    Number(Decimal),
    /// A string, quotes undone, lines joined by LF.
    Text(Rc<str>),
    /// A date.
    Date(PrimitiveDateTime),
}

/// An operator with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// `НЕ`.
    Not,
}

/// An operator with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the operators")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}
