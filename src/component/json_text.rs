//! Reading the JSON texts of callers. The parser allocates without asking and drops all but the last of equal keys, so
//! a first pass, which builds nothing, finds equal keys and counts the values; then memory is asked for before the
//! text becomes values. Nesting is limited by the parser (128 levels).

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::text::{excerpt, has_cyrillic};
use super::trouble::{KeyProblem, KeyTrouble, Outcome, Trouble};

/// Longest text that is parsed. What is larger belongs into the body argument or into a staged BLOB.
pub(super) const TEXT_LIMIT: usize = 64 * 1024 * 1024;

/// Most values in one text: each takes far more memory than its text does.
pub(super) const VALUES_LIMIT: usize = 1 << 20;

/// Longest excerpt of a key in an error.
const SHOWN: usize = 100;

/// Texts up to this length are parsed without asking for memory first: they need less than any call does.
const SMALL: usize = 64 * 1024;

/// Memory for one value at its worst: an entry of an object with its key, in a table that has just grown (the old and
/// the new one, the new one half empty), and the allocations of a short key and a number.
const VALUE_COST: usize = 4 * (size_of::<Value>() + size_of::<String>() + size_of::<[usize; 3]>()) + 64;

/// Copies of its texts that are made until a request is sent: keys, values, percent-encoded forms.
const TEXT_COST: usize = 8;

/// Parses the JSON text in argument `index`.
pub(super) fn parse(text: &str, index: usize) -> Outcome<Value> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.len() > TEXT_LIMIT {
        return Err(Trouble::TooLong { index, limit: TEXT_LIMIT });
    }
    if text.len() > SMALL {
        ask_for_memory(text.len().saturating_mul(TEXT_COST))?;
    }
    let mut survey = Survey::default();
    let mut parser = serde_json::Deserializer::from_str(text);
    let surveyed = Look(&mut survey).deserialize(&mut parser).and_then(|()| parser.end());
    if let Err(error) = surveyed {
        return Err(match survey.finding {
            Some(finding) => finding.trouble(index, &survey.path),
            None => not_json(text, index, &error),
        });
    }
    if text.len() > SMALL {
        let values = survey.values.saturating_mul(VALUE_COST);
        ask_for_memory(values.saturating_add(text.len().saturating_mul(TEXT_COST)))?;
    }
    serde_json::from_str(text).map_err(|error| not_json(text, index, &error))
}

/// Whether an object has a Cyrillic key on its top level; broken JSON is judged by any Cyrillic letter.
pub(super) fn speaks_russian(text: &str) -> bool {
    if !has_cyrillic(text) {
        return false;
    }
    let mut russian = false;
    let mut parser = serde_json::Deserializer::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    match parser.deserialize_map(Keys(&mut russian)) {
        Ok(()) => russian,
        Err(_) => true,
    }
}

fn ask_for_memory(length: usize) -> Outcome<()> {
    let mut probe: Vec<u8> = Vec::new();
    let asked = probe.try_reserve_exact(length);
    // An allocation nobody looks at may be optimised away, its success taken for granted.
    std::hint::black_box(&probe);
    asked.map_err(|_| Trouble::Memory { wanted: length as u64 })
}

/// The place is counted in characters: the parser counts bytes, which no editor shows.
fn not_json(text: &str, index: usize, error: &serde_json::Error) -> Trouble {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = line.char_indices().take_while(|(at, _)| *at < error.column()).count();
    Trouble::NotJsonText {
        index,
        line: error.line().max(1),
        column: before.max(1),
        detail: error.to_string(),
    }
}

/// What the first pass has found.
#[derive(Default)]
struct Survey {
    values: usize,
    /// Why the pass was ended, when the text itself is JSON.
    finding: Option<Finding>,
    /// Where, the innermost step first.
    path: Vec<String>,
}

enum Finding {
    Twice,
    TooMany,
    Memory(usize),
}

impl Survey {
    fn count<E: serde_core::de::Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        if self.values > VALUES_LIMIT { self.end(Finding::TooMany) } else { Ok(()) }
    }

    fn end<T, E: serde_core::de::Error>(&mut self, finding: Finding) -> Result<T, E> {
        self.finding = Some(finding);
        Err(E::custom("refused"))
    }

    /// On the way out of a nested value.
    fn inside(&mut self, step: impl FnOnce() -> String) {
        if matches!(self.finding, Some(Finding::Twice)) {
            self.path.push(step());
        }
    }
}

impl Finding {
    fn trouble(self, index: usize, path: &[String]) -> Trouble {
        match self {
            Self::Twice => {
                let mut whole = String::new();
                for step in path.iter().rev() {
                    if !whole.is_empty() && !step.starts_with('[') {
                        whole.push('.');
                    }
                    whole.push_str(step);
                }
                Trouble::Key(Box::new(KeyTrouble { index, path: whole, problem: KeyProblem::Repeated }))
            }
            Self::TooMany => Trouble::TooMany { index, limit: VALUES_LIMIT },
            Self::Memory(length) => Trouble::Memory { wanted: length as u64 },
        }
    }
}

/// A value that is looked at and not kept.
struct Look<'s>(&'s mut Survey);

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut at = 0_usize;
        loop {
            match list.next_element_seed(Look(&mut *self.0)) {
                Ok(Some(())) => self.0.count()?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.0.inside(|| format!("[{at}]"));
                    return Err(error);
                }
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut names: Vec<Cow<'de, str>> = Vec::new();
        while let Some(name) = object.next_key_seed(Name(&mut *self.0))? {
            self.0.count()?;
            if names.try_reserve(1).is_err() {
                return self.0.end(Finding::Memory(names.len() * size_of::<Cow<'_, str>>()));
            }
            names.push(name);
            if let Err(error) = object.next_value_seed(Look(&mut *self.0)) {
                self.0.inside(|| names.last().map(|name| excerpt(name, SHOWN)).unwrap_or_default());
                return Err(error);
            }
        }
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(excerpt(one, SHOWN)),
            _ => None,
        });
        match twice {
            Some(name) => {
                self.0.path.push(name);
                self.0.end(Finding::Twice)
            }
            None => Ok(()),
        }
    }
}

/// A key: borrowed from the text, or copied where the text escapes characters of it.
struct Name<'s>(&'s mut Survey);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: serde_core::de::Error>(self, name: &str) -> Result<Cow<'de, str>, E> {
        let mut copy = String::new();
        if copy.try_reserve_exact(name.len()).is_err() {
            return self.0.end(Finding::Memory(name.len()));
        }
        copy.push_str(name);
        Ok(Cow::Owned(copy))
    }
}

/// Whether a key of the top level is Cyrillic; values are skipped.
struct Keys<'r>(&'r mut bool);

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(russian) = object.next_key_seed(Cyrillic)? {
            *self.0 |= russian;
            object.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

struct Cyrillic;

impl<'de> DeserializeSeed<'de> for Cyrillic {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Cyrillic {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(has_cyrillic(name))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn place(text: &str) -> (usize, usize) {
        match parse(text, 0) {
            Err(Trouble::NotJsonText { line, column, .. }) => (line, column),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn twice(text: &str) -> String {
        match parse(text, 0) {
            Err(Trouble::Key(trouble)) if matches!(trouble.problem, KeyProblem::Repeated) => trouble.path,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn values_are_those_of_the_parser() {
        for text in
            ["1", "\u{feff}{\"a\": [1, 2.50, -0, 12345678901234567890123, null, true, \"\\u0416\"]}", "\"x\""]
        {
            let plain: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!(parse(text, 0).unwrap().to_string(), plain.to_string());
        }
    }

    #[test]
    fn equal_keys_are_found_at_any_depth_also_when_escaped() {
        assert_eq!(twice(r#"{"a": 1, "b": 2, "a": 3}"#), "a");
        assert_eq!(twice(r#"{"Data": [1, {"x": {"\u0416": 1, "Ж": 2}}]}"#), "Data[1].x.Ж");
        assert!(parse(r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}"#, 0).is_ok());
    }

    #[test]
    fn places_are_counted_in_characters() {
        assert_eq!(place("{\"Таймаут\": }"), (1, 13));
        assert_eq!(place("{\n  \"Timeout\": }"), (2, 14));
        assert_eq!(place("{\"Таймаут\": 5"), (1, 13));
        assert_eq!(place("{}\n\n  x"), (3, 3));
    }

    #[test]
    fn too_many_values_and_too_long_texts_are_refused() {
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(parse(&list(VALUES_LIMIT), 0).is_ok());
        assert!(matches!(parse(&list(VALUES_LIMIT + 1), 0), Err(Trouble::TooMany { .. })));
        let long = " ".repeat(TEXT_LIMIT + 1);
        assert!(matches!(parse(&long, 0), Err(Trouble::TooLong { .. })));
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(127), 0).is_ok());
        assert!(matches!(parse(&nested(128), 0), Err(Trouble::NotJsonText { .. })));
        assert!(!speaks_russian(&nested(100_000)));
        assert!(speaks_russian(&format!("{{\"Данные\": {}}}", nested(100_000))));
    }

    #[test]
    fn language_is_that_of_the_top_keys() {
        assert!(speaks_russian("{\"Timeout\": 1, \"Данные\": 2}"));
        assert!(!speaks_russian("{\"Data\": {\"ключ\": \"Привет\"}}"));
        assert!(speaks_russian("{\"Таймаут\": "));
        assert!(!speaks_russian("{\"Timeout\": "));
    }

    #[test]
    fn a_key_of_the_parser_itself_is_no_way_around_the_survey() {
        let text = r#"{"$serde_json::private::Number": "5"}"#;
        assert!(matches!(parse(text, 0), Ok(Value::Number(_))), "read as the number it spells");
    }
}
