//! Executing a tree.
//!
//! [`Machine`] holds what a running program can reach: the registry of built-ins, the modules, the stack of frames.
//! `execute` runs statements, `evaluate` computes expressions, `operators` does arithmetic and comparison.

mod evaluate;
mod execute;
mod module;
pub mod operators;
mod registry;

use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Exception, Fault, Outcome, Place};
use crate::names::{folded, same};
use crate::object::{Argument, Variable};
use crate::platform::addin::Addins;
use crate::platform::events::Events;
use crate::platform::system::Session;
use crate::syntax::ast::{Method, Module};
use crate::syntax::{SyntaxError, read};
use crate::value::Value;

pub use module::ModuleObject;
pub use registry::{Constructor, Function, Registry};

/// Deepest nesting of calls: far beyond any sensible program, far below what the stack of this process holds.
const DEPTH: usize = 200;

/// Names the preprocessor knows on a server.
pub const SERVER: &[&str] = &["Сервер", "Server"];

/// Names the preprocessor knows in a thin client.
pub const CLIENT: &[&str] = &["Клиент", "Client", "ТонкийКлиент", "ThinClient"];

/// Names the preprocessor knows in a mobile client.
pub const MOBILE_CLIENT: &[&str] = &["Клиент", "Client", "МобильныйКлиент", "MobileClient"];
/// Preprocessor names of the client of a mobile application.
pub const MOBILE_APP_CLIENT: &[&str] = &["Клиент", "Client", "МобильноеПриложениеКлиент", "MobileAppClient"];

/// Everything a running program can reach.
pub struct Machine {
    /// What the platform offers.
    pub registry: Registry,
    /// Language of error texts and presentations: `ru` or `en`.
    pub language: &'static str,
    /// Time zone of the session: ahead of UTC. Zero unless set.
    pub(crate) offset: time::Duration,
    /// What `Сообщить` said.
    pub messages: Vec<String>,
    /// Who hears it at once, besides.
    pub heard: Option<fn(&str)>,
    /// Whether it is a client whose configuration forbids synchronous calls: components have to be installed, then only
    /// their asynchronous forms work, and tests of clients run.
    pub is_client: bool,
    pub(crate) addins: Addins,
    pub(crate) events: Events,
    pub(crate) session: Session,
    pub(crate) tests: crate::tests::Tests,
    modules: HashMap<String, Rc<Loaded>>,
    /// The application's module and global ones: what they export needs no prefix.
    shared: Vec<Rc<Loaded>>,
    frames: Vec<Frame>,
    /// Exceptions being handled, the innermost last.
    caught: Vec<Exception>,
}

/// A module with its variables.
pub struct Loaded {
    pub(crate) tree: Module,
    pub(crate) methods: HashMap<String, Rc<Method>>,
    pub(crate) variables: HashMap<String, Variable>,
}

/// A call being executed.
pub(crate) struct Frame {
    pub(crate) module: Rc<Loaded>,
    pub(crate) variables: HashMap<String, Variable>,
    /// Folded names that are variables here whether assigned yet or not.
    pub(crate) locals: Rc<[String]>,
    pub(crate) line: usize,
}

impl Machine {
    /// A machine with the whole platform of the bench.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::default();
        crate::platform::register(&mut registry);
        Self {
            registry,
            language: "ru",
            offset: time::Duration::ZERO,
            messages: Vec::new(),
            heard: None,
            is_client: false,
            addins: Addins::default(),
            events: Events::default(),
            session: Session::default(),
            tests: crate::tests::Tests::default(),
            modules: HashMap::new(),
            shared: Vec::new(),
            frames: Vec::new(),
            caught: Vec::new(),
        }
    }

    /// Adds a common module under its name. Its body does not run: common modules have none.
    ///
    /// # Errors
    /// A text that is not a module.
    pub fn add_module(&mut self, name: &str, text: &str, defined: &[&str]) -> Result<(), SyntaxError> {
        let loaded = Rc::new(Loaded::new(read(name, text, defined)?));
        self.modules.insert(folded(name), loaded);
        Ok(())
    }

    /// Adds a module whose exported methods and variables need no prefix: a global common module, or the application's.
    ///
    /// # Errors
    /// A text that is not a module, or what its body raises.
    pub fn add_shared_module(&mut self, name: &str, text: &str, defined: &[&str]) -> Outcome<()> {
        let tree = read(name, text, defined).map_err(|error| Fault::unknown(error.to_string()))?;
        let loaded = Rc::new(Loaded::new(tree));
        self.modules.insert(folded(name), loaded.clone());
        self.shared.push(loaded.clone());
        self.frames.push(Frame {
            module: loaded.clone(),
            variables: loaded.variables.clone(),
            locals: Rc::from([]),
            line: 0,
        });
        let result = self.execute(&loaded.tree.body);
        self.frames.pop();
        result.map(drop)
    }

    /// Runs a text as a script: its methods, then the statements outside of them.
    ///
    /// # Errors
    /// The exception nobody caught, or something the bench does not know.
    pub fn run_script(&mut self, name: &str, text: &str, defined: &[&str]) -> Outcome<()> {
        let tree = read(name, text, defined).map_err(|error| Fault::unknown(error.to_string()))?;
        let loaded = Rc::new(Loaded::new(tree));
        // Variables of the body are the module's own.
        self.frames.push(Frame {
            module: loaded.clone(),
            variables: loaded.variables.clone(),
            locals: Rc::from([]),
            line: 0,
        });
        let result = self.execute(&loaded.tree.body);
        self.frames.pop();
        result.map(drop)
    }

    /// Calls an exported method of a common module.
    ///
    /// # Errors
    /// What the method raises; an unknown module or method.
    pub fn call(&mut self, module: &str, method: &str, arguments: &[Argument]) -> Outcome<Value> {
        let loaded = self.modules.get(&folded(module)).cloned();
        let loaded = loaded.ok_or_else(|| Fault::unknown(format!("module {module}")))?;
        self.call_exported(&loaded, method, arguments)
    }

    /// Names of the exported methods of a common module, in order.
    #[must_use]
    pub fn exported(&self, module: &str) -> Vec<Rc<str>> {
        let loaded = self.modules.get(&folded(module));
        loaded
            .into_iter()
            .flat_map(|loaded| loaded.tree.methods.iter())
            .filter(|method| method.export)
            .map(|method| method.name.clone())
            .collect()
    }

    /// Names of the common modules, sorted.
    pub(crate) fn module_names(&self) -> Vec<Rc<str>> {
        let mut names: Vec<Rc<str>> = self.modules.values().map(|module| module.tree.name.clone()).collect();
        names.sort();
        names
    }

    /// A common module by name.
    pub(crate) fn module(&self, name: &str) -> Option<Rc<Loaded>> {
        self.modules.get(&folded(name)).cloned()
    }

    /// An exported method that needs no prefix, and its module.
    pub(crate) fn shared_method(&self, name: &str) -> Option<(Rc<Loaded>, Rc<Method>)> {
        self.shared.iter().find_map(|module| {
            let method = module.methods.get(&folded(name)).filter(|method| method.export)?;
            Some((module.clone(), method.clone()))
        })
    }

    /// Calls one without arguments.
    pub(crate) fn call_shared(&mut self, name: &str) -> Outcome<Value> {
        match self.shared_method(name) {
            Some((module, method)) => self.call_method(&module, &method, &[]),
            None => Err(Fault::unknown(format!("the procedure {name}"))),
        }
    }

    /// An exported variable that needs no prefix.
    pub(crate) fn shared_variable(&self, name: &str) -> Option<Variable> {
        self.shared.iter().find_map(|module| {
            let exported = module.tree.variables.iter().any(|one| one.export && same(&one.name, name));
            module.variables.get(&folded(name)).filter(|_| exported).cloned()
        })
    }

    pub(crate) fn call_exported(
        &mut self,
        module: &Rc<Loaded>,
        name: &str,
        arguments: &[Argument],
    ) -> Outcome<Value> {
        match module.methods.get(&folded(name)) {
            Some(method) if method.export => self.call_method(module, &method.clone(), arguments),
            _ => Err(Fault::raised(format!("Метод объекта не обнаружен ({name})"))),
        }
    }

    pub(crate) fn call_method(
        &mut self,
        module: &Rc<Loaded>,
        method: &Rc<Method>,
        arguments: &[Argument],
    ) -> Outcome<Value> {
        if self.frames.len() >= DEPTH {
            return Err(Fault::raised("Переполнение стека встроенного языка на сервере"));
        }
        if arguments.len() > method.parameters.len() {
            return Err(Fault::unknown(format!("too many arguments for {}", method.name)));
        }
        let mut variables = HashMap::new();
        for (index, parameter) in method.parameters.iter().enumerate() {
            let given = arguments.get(index).filter(|argument| !argument.is_omitted());
            let variable = match (given, &parameter.default) {
                (Some(Argument::Variable(variable)), _) if !parameter.by_value => variable.clone(),
                (Some(argument), _) => Variable::new(argument.value().into()),
                (None, Some(literal)) => Variable::new(evaluate::literal(literal).into()),
                (None, None) => {
                    return Err(Fault::unknown(format!("{} needs {}", method.name, parameter.name)));
                }
            };
            variables.insert(folded(&parameter.name), variable);
        }
        let locals = Rc::from(method.locals.as_slice());
        self.frames.push(Frame { module: module.clone(), variables, locals, line: method.lines.0 });
        let handled = self.caught.len();
        let result = self.execute(&method.body);
        self.caught.truncate(handled);
        self.frames.pop();
        match result? {
            execute::Flow::Return(value) => Ok(value),
            _ => Ok(Value::Undefined),
        }
    }

    /// Where the program is.
    pub(crate) fn place(&self) -> Option<Place> {
        let frame = self.frames.last()?;
        let tree = &frame.module.tree;
        let source = tree.lines.get(frame.line.wrapping_sub(1)).map_or("", |line| line.trim());
        Some(Place { module: tree.name.clone(), line: frame.line, source: Rc::from(source) })
    }

    /// The exception being handled, if any.
    #[must_use]
    pub fn handled(&self) -> Option<&Exception> {
        self.caught.last()
    }

    /// Whether two names are one, for built-ins that look names up.
    #[must_use]
    pub fn same_name(left: &str, right: &str) -> bool {
        same(left, right)
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Loaded {
    fn new(tree: Module) -> Self {
        let methods = tree.methods.iter().map(|method| (folded(&method.name), method.clone())).collect();
        let variables =
            tree.variables.iter().map(|variable| (folded(&variable.name), Variable::default())).collect();
        Self { tree, methods, variables }
    }
}
