//! What callers may use: functions of both modules, as their sources have them now, and keys of structures under their
//! Russian names, with the English ones from the dictionary.

use std::path::Path;
use std::sync::LazyLock;

use super::tree::common_module;
use crate::names::{folded, same};
use crate::syntax::ast::Module;
use crate::syntax::read;
use crate::translate::Dictionary;

const RUSSIAN: &str = include_str!("../../../../1c/src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl");
const ENGLISH: &str = include_str!("../../../../1c/src/cf/CommonModules/HTTPConnector/Ext/Module.bsl");
const DICTIONARY: &str = include_str!("../../../../1c/dictionary.txt");

/// Which module is called: its names differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Russian,
    English,
    /// Called by another name: either.
    Either,
}

/// An exported function.
#[derive(Debug)]
pub(super) struct Function {
    /// Name in Russian, by which rules know it.
    pub(super) name: String,
    /// The name callers write.
    written: String,
    surface: Surface,
    /// Names of parameters in Russian.
    pub(super) parameters: Vec<String>,
}

/// Both modules, read once.
struct Modules {
    functions: Vec<Function>,
    dictionary: Dictionary,
}

static MODULES: LazyLock<Result<Modules, String>> = LazyLock::new(Modules::new);

/// What callers may use, and under which names of the module.
pub(super) struct Surfaces {
    functions: &'static [Function],
    dictionary: &'static Dictionary,
    /// Further names of the module, folded.
    names: Vec<String>,
}

impl Modules {
    fn new() -> Result<Self, String> {
        let dictionary =
            Dictionary::read(DICTIONARY).map_err(|problems| format!("dictionary: {problems:?}"))?;
        let tree = |name, text| read(name, text, super::SERVER).map_err(|error| error.to_string());
        let russian = functions(&tree("КоннекторHTTP", RUSSIAN)?, Surface::Russian);
        let mut english = functions(&tree("HTTPConnector", ENGLISH)?, Surface::English);
        for function in &mut english {
            let same_in_russian = russian.iter().find(|one| {
                dictionary.english(&one.name).is_some_and(|known| same(known, &function.written))
                    || same(&one.name, &function.written)
            });
            if let Some(one) = same_in_russian {
                function.name.clone_from(&one.name);
                function.parameters.clone_from(&one.parameters);
            }
        }
        let functions = russian.into_iter().chain(english).collect();
        Ok(Self { functions, dictionary })
    }
}

impl Surfaces {
    pub(super) fn new(names: &[String]) -> Result<Self, String> {
        let modules = MODULES.as_ref().map_err(Clone::clone)?;
        let names = names.iter().map(|name| folded(name)).collect();
        Ok(Self { functions: &modules.functions, dictionary: &modules.dictionary, names })
    }

    /// Whether a name is one of the module's, and whose functions it has.
    pub(super) fn module(&self, name: &str) -> Option<Surface> {
        let name = folded(name);
        if self.names.contains(&name) {
            Some(Surface::Either)
        } else if name.ends_with("коннекторhttp") {
            Some(Surface::Russian)
        } else if name.ends_with("httpconnector") {
            Some(Surface::English)
        } else {
            None
        }
    }

    /// Whether a text, folded, may have to do with Connector: nothing else is parsed.
    pub(super) fn mentioned_in(&self, text: &str) -> bool {
        ["коннекторhttp", "httpconnector", "пулсоединений", "connectionspool"]
            .into_iter()
            .chain(self.names.iter().map(String::as_str))
            .any(|name| text.contains(name))
    }

    /// Whether a file is the module itself.
    pub(super) fn is_connector(&self, path: &Path) -> bool {
        common_module(path).is_some_and(|name| self.module(&name).is_some())
    }

    /// A function as it is called.
    pub(super) fn function(&self, surface: Surface, name: &str) -> Option<&Function> {
        let there = |one: &&Function| {
            (surface == Surface::Either || one.surface == surface) && same(&one.written, name)
        };
        self.functions.iter().find(there)
    }

    /// The function whose name looks most like this one.
    pub(super) fn nearest_function(&self, surface: Surface, name: &str) -> Option<&str> {
        let of = |one: &&Function| surface == Surface::Either || one.surface == surface;
        nearest(name, self.functions.iter().filter(of).map(|one| one.written.as_str()))
    }

    /// A key under its Russian name, if it is one of these.
    pub(super) fn key(&self, surface: Surface, name: &str, of: &[&'static str]) -> Option<&'static str> {
        of.iter().copied().find(|key| match surface {
            Surface::Russian => same(key, name),
            Surface::English => same(self.written(surface, key), name),
            Surface::Either => same(key, name) || same(self.written(Surface::English, key), name),
        })
    }

    /// A key as the callers of a module write it.
    pub(super) fn written<'a>(&'a self, surface: Surface, key: &'a str) -> &'a str {
        match surface {
            Surface::English => self.dictionary.english(key).unwrap_or(key),
            Surface::Russian | Surface::Either => key,
        }
    }

    /// The key that looks most like this one.
    pub(super) fn nearest_key<'a>(&'a self, surface: Surface, name: &str, of: &[&'a str]) -> Option<&'a str> {
        nearest(name, of.iter().map(|key| self.written(surface, key)))
    }
}

fn functions(module: &Module, surface: Surface) -> Vec<Function> {
    let exported = module.methods.iter().filter(|method| method.export);
    exported
        .map(|method| Function {
            name: method.name.to_string(),
            written: method.name.to_string(),
            surface,
            parameters: method.parameters.iter().map(|parameter| parameter.name.to_string()).collect(),
        })
        .collect()
}

/// The candidate with the fewest changed letters, if these are few.
fn nearest<'a>(name: &str, of: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = folded(name);
    let limit = 2.max(name.chars().count() / 5);
    let best = of.map(|one| (distance(&name, &folded(one)), one)).min();
    best.filter(|(changes, _)| (1..=limit).contains(changes)).map(|(_, one)| one)
}

/// Letters to change, add or drop to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            *cell = changed.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changed_letters() {
        assert_eq!(distance("таймаут", "таймаут"), 0);
        assert_eq!(distance("таймоут", "таймаут"), 1);
        assert_eq!(distance("тймаут", "таймаут"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
