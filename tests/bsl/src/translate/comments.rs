//! Comments: a line is in the dictionary, or it is `* Name - Types - text` with names and types translated as in the code
//! and the text in the dictionary. What follows `Пример:` is code.

use super::tokens::{Kind, Token, tokens};
use super::{Problem, Scope, Translator, is_cyrillic, scope};

impl Translator<'_> {
    /// Joins translated tokens, with comments translated; and the comments that were left out.
    pub(super) fn with_comments(
        &self,
        all: &[Token<'_>],
        mut translated: Vec<String>,
        scopes: &[Scope],
    ) -> (String, Vec<Problem>) {
        let mut dropped = Vec::new();
        let mut index = 0;
        let mut has_begun = false;
        while let Some(token) = all.get(index) {
            has_begun |= token.is_code();
            let to = if token.kind == Kind::Comment { block(all, index) } else { index };
            if token.kind == Kind::Comment {
                let of = scope(scopes, index);
                let is_public = !has_begun || of.is_some_and(|of| of.exported && is_above(all, index));
                let lines = all.get(index..=to).unwrap_or_default();
                let unknown = self.block(lines, translated.get_mut(index..=to).unwrap_or_default(), of);
                match unknown {
                    Some(line) if is_public => {
                        self.problem(line.0, format!("the dictionary has no comment {:?}", line.1));
                    }
                    Some(line) => {
                        dropped.push(Problem { line: line.0, what: line.1 });
                        drop_lines(&mut translated, index, to);
                    }
                    None => {}
                }
            }
            index = to + 1;
        }
        (translated.concat(), dropped)
    }

    /// Translates a block in place; the first line that is not known.
    fn block(
        &self,
        lines: &[Token<'_>],
        translated: &mut [String],
        of: Option<&Scope>,
    ) -> Option<(usize, String)> {
        let mut is_example = false;
        for (token, into) in lines.iter().zip(translated) {
            if token.kind != Kind::Comment {
                continue;
            }
            let text = token.text.trim_start_matches('/');
            let body = text.trim();
            let indent = text.split(body).next().unwrap_or_default();
            let indent = if body.is_empty() { "" } else { indent };
            let english = if is_example {
                let code: Vec<Token<'_>> =
                    tokens(body).into_iter().map(|inner| Token { line: token.line, ..inner }).collect();
                Some(self.code(&code, |_| of).concat())
            } else {
                self.line(body, of.map(|of| of.name.as_str()))
            };
            is_example = is_example || body == "Пример:";
            match english {
                Some(english) => *into = format!("//{indent}{english}"),
                None => return Some((token.line, body.to_owned())),
            }
        }
        None
    }

    fn line(&self, body: &str, method: Option<&str>) -> Option<String> {
        if let Some(known) = self.prose(body) {
            return Some(known);
        }
        let (mark, rest) = body.strip_prefix("* ").map_or(("", body), |rest| ("* ", rest));
        if let [names, types, text] = rest.splitn(3, " - ").collect::<Vec<_>>()[..]
            && let (Some(names), Some(types), Some(text)) =
                (self.names(names, method), self.types(types), self.prose(text))
        {
            return Some(format!("{mark}{names} - {types} - {text}"));
        }
        if let Some((left, right)) = rest.split_once(" - ") {
            if let (Some(name), Some(see)) = (self.names(left, method), self.see(right)) {
                return Some(format!("{mark}{name} - {see}"));
            }
            if let (Some(types), Some(text)) = (self.types(left), self.prose(right)) {
                return Some(format!("{mark}{types} - {text}"));
            }
        }
        let types = rest.strip_suffix(':').and_then(|types| self.types(types));
        types.map(|types| format!("{mark}{types}:")).or_else(|| {
            let is_list = tokens(rest)
                .iter()
                .filter(|token| token.kind == Kind::Word)
                .all(|word| word.text.starts_with(char::is_uppercase));
            let rest_of_list = rest.trim_end_matches(':').replace(": ", ", ");
            let known = is_list && self.names(rest_of_list.trim_end_matches([',', '.']), method).is_some();
            known.then(|| {
                tokens(rest).iter().map(|token| self.name(token.text, method).unwrap_or(token.text)).collect()
            })
        })
    }

    /// A text that is the same in English, or in the dictionary, or a reference.
    fn prose(&self, text: &str) -> Option<String> {
        if !is_cyrillic(text) {
            return Some(text.to_owned());
        }
        self.dictionary.comment(text).map(str::to_owned).or_else(|| self.see(text))
    }

    /// `см. Имя`.
    fn see(&self, text: &str) -> Option<String> {
        let name = text.strip_prefix("см. ")?;
        self.names(name, None).map(|name| format!("see {name}"))
    }

    /// Names with commas between them.
    fn names(&self, list: &str, method: Option<&str>) -> Option<String> {
        let one = |name: &str| {
            if is_cyrillic(name) { self.name(name, method).map(str::to_owned) } else { Some(name.to_owned()) }
        };
        list.split(", ").map(one).collect::<Option<Vec<_>>>().map(|names| names.join(", "))
    }

    /// Types with commas between them: `Массив Из Строка, см. Имя`.
    fn types(&self, list: &str) -> Option<String> {
        let word = |word: &str| match word {
            "Из" => Some("of".to_owned()),
            word if is_cyrillic(word) => self.type_name(word).map(str::to_owned),
            word => Some(word.to_owned()),
        };
        let one = |name: &str| {
            let words = || name.split(' ').map(word).collect::<Option<Vec<_>>>().map(|words| words.join(" "));
            self.see(name).or_else(words)
        };
        list.split(", ").map(one).collect::<Option<Vec<_>>>().map(|types| types.join(", "))
    }
}

/// The last token of the comment that begins at a token: comments on the lines right below belong to it.
fn block(all: &[Token<'_>], from: usize) -> usize {
    let mut to = from;
    while let [space, comment, ..] = all.get(to + 1..).unwrap_or_default()
        && comment.kind == Kind::Comment
        && space.text.matches('\n').count() == 1
    {
        to += 2;
    }
    to
}

/// Whether the comment at a token is above a method, not inside of it.
fn is_above(all: &[Token<'_>], at: usize) -> bool {
    let after = all.get(at..).unwrap_or_default().iter().find(|token| token.is_code());
    after.is_some_and(|token| {
        super::keywords::is(token.text, "Функция")
            || super::keywords::is(token.text, "Процедура")
            || token.text == "&"
    })
}

/// Takes a comment out with the lines it was on.
fn drop_lines(translated: &mut [String], from: usize, to: usize) {
    let Some(block) = translated.get_mut(from..=to) else { return };
    block.iter_mut().for_each(String::clear);
    let Some(before) = from.checked_sub(1).and_then(|before| translated.get_mut(before)) else { return };
    // The line break and the indent before it; what comes after has its own.
    let kept = before.trim_end_matches([' ', '\t']).trim_end_matches('\n').len();
    before.truncate(kept);
}
