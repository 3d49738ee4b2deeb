//! The dictionary file: `[names]`, `[types]`, `[strings]` and `[comments]`, a pair `Russian => English` a line. Lines that begin
//! with `#` open a group; the names of a group are sorted.

use std::collections::HashMap;

use super::Problem;
use crate::names::{folded, same};

/// Pairs of names and texts.
#[derive(Debug, Default)]
pub struct Dictionary {
    names: HashMap<String, String>,
    types: HashMap<String, String>,
    strings: HashMap<String, String>,
    comments: HashMap<String, String>,
    /// Lines of names, for what the tool says about them.
    lines: Vec<(usize, String, String)>,
}

impl Dictionary {
    /// Reads a dictionary file.
    ///
    /// # Errors
    /// Lines that are not pairs, are there twice, or break the order.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut all = Self::default();
        let mut problems = Vec::new();
        let (mut section, mut previous) = (String::new(), String::new());
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut section);
                previous.clear();
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                previous.clear();
                continue;
            }
            let mut wrong = |what: String| problems.push(Problem { line: index + 1, what });
            let Some((russian, english)) = line.split_once(" => ") else {
                wrong(format!("not a pair: {line}"));
                continue;
            };
            let into = match section.as_str() {
                "names" => &mut all.names,
                "types" => &mut all.types,
                "strings" => &mut all.strings,
                "comments" => &mut all.comments,
                other => {
                    wrong(format!("there is no section [{other}]"));
                    continue;
                }
            };
            let is_name = matches!(section.as_str(), "names" | "types");
            let key = if is_name { folded(russian) } else { russian.to_owned() };
            if into.insert(key, english.to_owned()).is_some() {
                wrong(format!("{russian} is there twice"));
            }
            if is_name {
                if previous.as_str() > russian {
                    wrong(format!("{russian} comes after {previous}"));
                }
                russian.clone_into(&mut previous);
                all.lines.push((index + 1, russian.to_owned(), english.to_owned()));
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(problems) }
    }

    /// A name of the module; `method` is where it is, as some names are another thing in one method.
    pub(super) fn name(&self, word: &str, method: Option<&str>) -> Option<&str> {
        let here = method.and_then(|method| self.names.get(&folded(&format!("{method}.{word}"))));
        here.or_else(|| self.names.get(&folded(word))).map(String::as_str)
    }

    /// The English name of a Russian one.
    #[must_use]
    pub fn english(&self, russian: &str) -> Option<&str> {
        self.name(russian, None)
    }

    /// The Russian names of an English one: two may share it.
    pub fn russian(&self, english: &str) -> impl Iterator<Item = &str> {
        let pairs = self.lines.iter().filter(move |(_, _, known)| same(known, english));
        pairs.map(|(_, russian, _)| russian.as_str())
    }

    /// A type the bench does not have.
    pub(super) fn type_name(&self, word: &str) -> Option<&str> {
        self.types.get(&folded(word)).map(String::as_str)
    }

    /// A literal, without its quotes.
    pub(super) fn string(&self, text: &str) -> Option<&str> {
        self.strings.get(text).map(String::as_str)
    }

    /// A line of a comment, or the text after names and types in it.
    pub(super) fn comment(&self, text: &str) -> Option<&str> {
        self.comments.get(text).map(String::as_str)
    }

    /// Names and types with their lines.
    pub(super) fn lines(&self) -> &[(usize, String, String)] {
        &self.lines
    }
}
