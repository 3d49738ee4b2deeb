//! The English module, made of the Russian one and a dictionary. It translates tokens: keywords, what the platform names
//! (the bench's registry has both names of it), the module's own names and keys, whole comments. It does not understand
//! the language any further, so a name has one translation in a method, wherever it stands.
//!
//! What it cannot translate is a problem with its line, never left as it is: names, literals, comments of exported methods
//! and the head of the module. A comment inside of the module that the dictionary does not know is left out whole.

mod client;
mod comments;
mod dictionary;
mod extension;
mod keywords;
mod sources;
mod tokens;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

pub use dictionary::Dictionary;
pub use extension::PREFIX;
pub use sources::{Made, make, stale};
use tokens::{Kind, Token, is_of_word, tokens};

use crate::names::folded;
use crate::platform::enums;
use crate::run::Registry;

/// The end of the public region, where the aliases go.
const END_OF_PUBLIC: &str = "#EndRegion\n\n#Region Internal";

/// What stands in the way of a translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1, of the module or the dictionary.
    pub line: usize,
    /// What is there.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// A translated module.
#[derive(Debug)]
pub struct Translation {
    /// Its text, with the byte order mark and line ends of the Designer.
    pub text: String,
    /// Inner comments the dictionary does not know: they were left out.
    pub dropped: Vec<Problem>,
}

/// Translates a module. `aliases` are methods of the English module alone: they go to the end of its public part as they are.
///
/// # Errors
/// Everything that has no translation.
pub fn translate(
    registry: &Registry,
    dictionary: &Dictionary,
    module: &str,
    aliases: &str,
) -> Result<Translation, Vec<Problem>> {
    let source = plain(module);
    let translator = Translator { registry, dictionary, is_strict: true, problems: RefCell::default() };
    translator.dictionary_repeats_nothing();
    let all = tokens(&source);
    let scopes = methods(&all);
    let translated = translator.code(&all, |index| scope(&scopes, index));
    translator.names_stay_apart(&all, &translated, &scopes);
    let (text, dropped) = translator.with_comments(&all, translated, &scopes);
    let aliases = plain(aliases);
    let text = match aliases.trim_end() {
        "" => text,
        methods => text.replacen(END_OF_PUBLIC, &format!("{methods}\n\n{END_OF_PUBLIC}"), 1),
    };
    translator.nothing_is_left(&text, &aliases);
    let problems = translator.problems.into_inner();
    if problems.is_empty() {
        Ok(Translation { text: format!("\u{feff}{}", text.replace('\n', "\r\n")), dropped })
    } else {
        Err(problems)
    }
}

/// Translates what the dictionary knows in a module that uses the translated one, and leaves the rest as it is: its own
/// names, data, comments. For running tests of the Russian module on the English one.
#[must_use]
pub fn adapt(registry: &Registry, dictionary: &Dictionary, module: &str) -> String {
    let source = plain(module);
    let translator = Translator { registry, dictionary, is_strict: false, problems: RefCell::default() };
    translator.code(&tokens(&source), |_| None).concat()
}

/// Without a byte order mark and carriage returns.
fn plain(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

/// A method: from the comment above it to its end.
#[derive(Debug)]
struct Scope {
    name: String,
    exported: bool,
    /// Indices of tokens.
    from: usize,
    to: usize,
}

fn scope(scopes: &[Scope], index: usize) -> Option<&Scope> {
    scopes.iter().find(|scope| (scope.from..=scope.to).contains(&index))
}

fn methods(all: &[Token<'_>]) -> Vec<Scope> {
    let mut found = Vec::new();
    let mut code = all.iter().enumerate().filter(|(_, token)| token.is_code());
    while let Some((at, token)) = code.next() {
        let begins = |name| token.kind == Kind::Word && keywords::is(token.text, name);
        if !begins("Функция") && !begins("Процедура") {
            continue;
        }
        let Some((_, name)) = code.next() else { break };
        let heading = code.by_ref().find(|(_, token)| token.text == ")");
        let after = code.clone().next().map(|(_, token)| token.text);
        let is_end = |token: &Token<'_>| {
            keywords::is(token.text, "КонецФункции") || keywords::is(token.text, "КонецПроцедуры")
        };
        let end = code.find(|(_, token)| is_end(token)).or(heading).map_or(at, |(end, _)| end);
        found.push(Scope {
            name: name.text.to_owned(),
            exported: after.is_some_and(|word| keywords::is(word, "Экспорт")),
            from: comment_above(all, at),
            to: end,
        });
    }
    found
}

/// Where the comment right above a token begins.
fn comment_above(all: &[Token<'_>], at: usize) -> usize {
    let mut from = at;
    for (index, token) in all.iter().enumerate().take(at).rev() {
        match token.kind {
            Kind::Comment => from = index,
            Kind::Space if token.text.matches('\n').count() <= 1 => {}
            _ => break,
        }
    }
    from
}

struct Translator<'d> {
    registry: &'d Registry,
    dictionary: &'d Dictionary,
    /// Whether everything has to be translated.
    is_strict: bool,
    problems: RefCell<Vec<Problem>>,
}

/// What a literal is for.
enum Meaning {
    /// Both languages are in it.
    Localised,
    /// Names of types.
    Types,
    /// Text of a program.
    Code,
    /// Names of keys, or a text of its own.
    Keys,
}

impl Translator<'_> {
    fn problem(&self, line: usize, what: String) {
        if !self.is_strict {
            return;
        }
        self.problems.borrow_mut().push(Problem { line, what });
    }

    /// Tokens translated one by one; comments are as they were.
    fn code<'s>(&self, all: &[Token<'_>], scope: impl Fn(usize) -> Option<&'s Scope>) -> Vec<String> {
        let mut before: [Option<&Token<'_>>; 2] = [None, None];
        let mut translated = Vec::with_capacity(all.len());
        for (index, token) in all.iter().enumerate() {
            let method = scope(index).map(|scope| scope.name.as_str());
            translated.push(match token.kind {
                Kind::Word => self.word(token, before, method),
                Kind::Text => self.literal(token, before, method),
                Kind::Comment | Kind::Space | Kind::Other => token.text.to_owned(),
            });
            if token.is_code() {
                before = [Some(token), before[0]];
            }
        }
        translated
    }

    fn word(&self, token: &Token<'_>, before: [Option<&Token<'_>>; 2], method: Option<&str>) -> String {
        let word = token.text;
        let last = before[0].map_or("", |token| token.text);
        let found = match last {
            "#" => keywords::directive(word),
            "." => before[1].and_then(|of| enums::value_names(of.text, word)).map(|names| names.english),
            _ => keywords::keyword(word),
        };
        let found = match found {
            Some(found) => Some(found),
            None if keywords::is(last, "Новый") => self.type_name(word),
            None => self.name(word, method),
        };
        found.map_or_else(|| self.kept(token.line, word), str::to_owned)
    }

    /// A word as it is: in Latin letters, or a problem.
    fn kept(&self, line: usize, word: &str) -> String {
        if is_cyrillic(word) {
            self.problem(line, format!("the dictionary has no name {word}"));
        }
        word.to_owned()
    }

    fn name(&self, word: &str, method: Option<&str>) -> Option<&str> {
        let own = self.dictionary.name(word, method);
        own.or_else(|| self.registry.english(word).filter(|_| is_cyrillic(word)))
            .or_else(|| self.dictionary.type_name(word))
    }

    fn type_name(&self, word: &str) -> Option<&str> {
        if !is_cyrillic(word) {
            return None;
        }
        let known = self.registry.find_type(word).map(|names| names.english);
        known.or_else(|| self.dictionary.type_name(word))
    }

    fn literal(&self, token: &Token<'_>, before: [Option<&Token<'_>>; 2], method: Option<&str>) -> String {
        if !is_cyrillic(token.text) {
            return token.text.to_owned();
        }
        let inside = token.text.strip_prefix('"').unwrap_or(token.text);
        let inside = inside.strip_suffix('"').unwrap_or(inside);
        let translated = match meaning(before) {
            Meaning::Localised => return token.text.to_owned(),
            Meaning::Types => self.words(inside, |word| self.type_name(word)),
            Meaning::Code => {
                let text = inside.replace("\"\"", "\"");
                let scope =
                    method.map(|name| Scope { name: name.to_owned(), exported: false, from: 0, to: 0 });
                let program: Vec<Token<'_>> =
                    tokens(&text).into_iter().map(|inner| Token { line: token.line, ..inner }).collect();
                Some(self.code(&program, |_| scope.as_ref()).concat().replace('"', "\"\""))
            }
            Meaning::Keys => {
                let whole = self.dictionary.string(inside).filter(|_| self.is_strict).map(str::to_owned);
                whole.or_else(|| {
                    // Keys are written with a capital; a word without is data.
                    let is_key = |word: &str| word.starts_with(char::is_uppercase);
                    self.words(inside, |word| self.name(word, method).filter(|_| is_key(word)))
                })
            }
        };
        match translated {
            Some(text) => format!("\"{text}\""),
            None => {
                self.problem(token.line, format!("the dictionary has no string {inside:?}"));
                token.text.to_owned()
            }
        }
    }

    /// A list of names; nothing when one of them has no translation, or there is more than names.
    fn words<'n>(&self, text: &str, english: impl Fn(&str) -> Option<&'n str>) -> Option<String> {
        let mut translated = String::new();
        for token in tokens(text) {
            match token.kind {
                Kind::Word if is_cyrillic(token.text) => match english(token.text) {
                    Some(english) => translated.push_str(english),
                    None if self.is_strict => return None,
                    None => translated.push_str(token.text),
                },
                Kind::Other if !",;=.|".contains(token.text) && !token.text.chars().all(is_of_word) => {
                    return None;
                }
                _ => translated.push_str(token.text),
            }
        }
        Some(translated)
    }

    /// What the platform names itself needs no entry.
    fn dictionary_repeats_nothing(&self) {
        for (line, russian, english) in self.dictionary.lines() {
            if self.registry.english(russian) == Some(english.as_str()) {
                self.problem(*line, format!("dictionary: the bench knows {russian} already"));
            }
            if is_cyrillic(english) {
                self.problem(*line, format!("dictionary: {english} is not English"));
            }
        }
    }

    /// Two names of a method are not one name in English, and none is a keyword or a built-in function that is called.
    fn names_stay_apart(&self, all: &[Token<'_>], translated: &[String], scopes: &[Scope]) {
        let mut seen: BTreeMap<(usize, String), &str> = BTreeMap::new();
        let mut last = "";
        for (index, (token, english)) in all.iter().zip(translated).enumerate() {
            let is_name = token.kind == Kind::Word
                && !matches!(last, "." | "#")
                && keywords::keyword(token.text).is_none()
                && !keywords::is(last, "Новый")
                && !keywords::is(last, "Область");
            if token.is_code() {
                last = token.text;
            }
            let Some(at) = scopes.iter().position(|scope| (scope.from..=scope.to).contains(&index)) else {
                continue;
            };
            if !is_name {
                continue;
            }
            if keywords::is_reserved(english) && is_cyrillic(token.text) {
                self.problem(token.line, format!("{} becomes the keyword {english}", token.text));
            }
            let first = seen.entry((at, folded(english))).or_insert(token.text);
            if folded(first) != folded(token.text) {
                self.problem(token.line, format!("{first} and {} both become {english}", token.text));
            }
        }
        for scope in scopes {
            let english = self.dictionary.name(&scope.name, None).unwrap_or(&scope.name);
            if self.registry.find_function(english).is_some() {
                self.problem(0, format!("{} becomes {english}, a function of the platform", scope.name));
            }
        }
    }

    /// Names in the result are English, but for what the aliases declare.
    fn nothing_is_left(&self, text: &str, aliases: &str) {
        let aliases = tokens(aliases);
        for token in tokens(text) {
            let is_alias = aliases.iter().any(|alias| alias.text == token.text);
            if token.kind == Kind::Word && is_cyrillic(token.text) && !is_alias {
                self.problem(token.line, format!("left in the result: {}", token.text));
            }
        }
    }
}

fn meaning(before: [Option<&Token<'_>>; 2]) -> Meaning {
    let [Some(last), Some(function)] = before else { return Meaning::Keys };
    let of = |names: [&str; 2]| {
        last.text == "(" && names.iter().any(|name| crate::names::same(name, function.text))
    };
    if of(["НСтр", "NStr"]) {
        Meaning::Localised
    } else if of(["Тип", "Type"]) || of(["ОписаниеТипов", "TypeDescription"]) {
        Meaning::Types
    } else if of(["Выполнить", "Execute"]) || of(["Вычислить", "Eval"]) {
        Meaning::Code
    } else {
        Meaning::Keys
    }
}

fn is_cyrillic(text: &str) -> bool {
    text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c))
}
