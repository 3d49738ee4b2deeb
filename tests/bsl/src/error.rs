//! Exceptions of the language, and faults of the bench itself, which no module may catch.

use std::fmt;
use std::rc::Rc;

/// Result of everything that can raise.
pub type Outcome<T> = Result<T, Fault>;

/// Why an evaluation ended.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An exception of the language: `Попытка` catches it.
    Raised(Box<Exception>),
    /// Something the bench does not know. Nothing catches it: a test that ran into it has shown nothing.
    Unknown {
        /// What.
        what: String,
        /// Where, innermost first; filled in while unwinding.
        at: Vec<Place>,
        /// Number of frames at the last place noted.
        depth: usize,
    },
}

/// An exception.
#[derive(Debug, Clone)]
pub struct Exception {
    /// What `ИнформацияОбОшибке().Описание` gives.
    pub description: String,
    /// What it was raised because of.
    pub cause: Option<Box<Exception>>,
    /// Where it was raised, innermost first.
    pub at: Vec<Place>,
    /// Number of frames at the last place noted.
    pub depth: usize,
}

/// A place in a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the module.
    pub module: Rc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Text of that line, trimmed.
    pub source: Rc<str>,
}

impl Fault {
    /// An exception with a description.
    #[must_use]
    pub fn raised(description: impl Into<String>) -> Self {
        Self::Raised(Box::new(Exception {
            description: description.into(),
            cause: None,
            at: Vec::new(),
            depth: usize::MAX,
        }))
    }

    /// Something the bench does not know.
    #[must_use]
    pub fn unknown(what: impl Into<String>) -> Self {
        Self::Unknown { what: what.into(), at: Vec::new(), depth: usize::MAX }
    }

    /// Notes a place the fault passes through, `frames` deep.
    #[must_use]
    pub fn through(mut self, place: Place, frames: usize) -> Self {
        let (at, depth) = match &mut self {
            Self::Raised(exception) => (&mut exception.at, &mut exception.depth),
            Self::Unknown { at, depth, .. } => (at, depth),
        };
        at.push(place);
        *depth = frames;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text, at) = match self {
            Self::Raised(exception) => ("", &exception.description, &exception.at),
            Self::Unknown { what, at, .. } => ("the bench does not know: ", what, at),
        };
        write!(f, "{kind}{text}")?;
        for place in at {
            write!(f, "\n  {}:{}: {}", place.module, place.line, place.source)?;
        }
        if let Self::Raised(exception) = self
            && let Some(cause) = &exception.cause
        {
            write!(f, "\ncaused by: {}", Self::Raised(cause.clone()))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
