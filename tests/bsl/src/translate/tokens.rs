//! Tokens of a module: nothing is lost, so that joining them gives the text back.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an identifier.
    Word,
    /// A literal in double quotes, with them.
    Text,
    /// From `//` to the end of the line.
    Comment,
    /// White space.
    Space,
    /// Anything else: a character, or a number.
    Other,
}

/// A token and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// From 1.
    pub(super) line: usize,
}

impl Token<'_> {
    /// Whether the language sees it.
    pub(super) fn is_code(&self) -> bool {
        !matches!(self.kind, Kind::Space | Kind::Comment)
    }
}

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = token(rest, first);
        let (text, after) = rest.split_at(length);
        found.push(Token { kind, text, line });
        line += text.matches('\n').count();
        rest = after;
    }
    found
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    let run = |of: fn(char) -> bool| rest.find(|c| !of(c)).unwrap_or(rest.len());
    if first.is_whitespace() {
        (Kind::Space, run(char::is_whitespace))
    } else if rest.starts_with("//") {
        (Kind::Comment, rest.find('\n').unwrap_or(rest.len()))
    } else if first == '"' {
        (Kind::Text, literal(rest))
    } else if first.is_alphabetic() || first == '_' {
        (Kind::Word, run(is_of_word))
    } else if first.is_numeric() {
        (Kind::Other, run(is_of_word))
    } else {
        (Kind::Other, first.len_utf8())
    }
}

/// Whether a character may be in a name.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a literal with its quotes; a doubled quote is inside of it.
fn literal(rest: &str) -> usize {
    let mut quotes = rest.match_indices('"').map(|(at, _)| at).skip(1).peekable();
    while let Some(at) = quotes.next() {
        if quotes.peek() != Some(&(at + 1)) {
            return at + 1;
        }
        quotes.next();
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lose_nothing_and_know_their_lines() {
        let text = "А = \"Б\"\"В\n|Г\"; // \"Д\"\n#Если Е.Ж1 Тогда 10";
        let found = tokens(text);
        assert_eq!(found.iter().map(|token| token.text).collect::<String>(), text);
        let texts: Vec<_> = found.iter().filter(|token| token.kind == Kind::Text).collect();
        assert!(texts.len() == 1 && texts[0].text == "\"Б\"\"В\n|Г\"");
        let last = found.last().map(|last| (last.kind, last.text, last.line));
        assert_eq!(last, Some((Kind::Other, "10", 3)));
    }
}
