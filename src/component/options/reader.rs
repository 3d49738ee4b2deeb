//! Access to JSON objects by a table of keys. Every mismatch becomes an error that names the key as the caller
//! spelled it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::component::staged::Staged;
use crate::component::text::{excerpt, nearest};
use crate::component::trouble::{KeyProblem, KeyTrouble, Outcome, Trouble};

use super::keys::{COUNT_LIMIT, Key, SECONDS_LIMIT, Scope};
use super::known;

/// Longest excerpt of a name in an error.
pub(super) const SHOWN: usize = 100;

/// Where options come from.
pub(in crate::component) struct Source<'a> {
    /// Argument they are in.
    pub(super) index: usize,
    /// What they are for.
    pub(super) place: Place,
    /// Staged data they may refer to.
    pub(super) staged: &'a Staged,
}

/// What options are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Request,
    Session,
}

/// A key with its value.
pub(super) struct Field<'s, 'v> {
    pub(super) source: &'s Source<'s>,
    pub(super) key: &'static Key,
    /// As the caller spelled it, with the keys above.
    pub(super) path: String,
    pub(super) value: &'v Value,
}

impl Source<'_> {
    /// The fields of an object whose keys are `keys`, in the caller's order, `null` ones left out.
    pub(super) fn fields<'s, 'v>(
        &'s self,
        object: &'v Map<String, Value>,
        keys: &'static [Key],
        above: &str,
    ) -> Outcome<Vec<Field<'s, 'v>>> {
        let mut fields: Vec<Field<'s, 'v>> = Vec::new();
        let mut seen: Vec<&'static Key> = Vec::new();
        for (name, value) in object {
            let shown = excerpt(name, SHOWN);
            let path = if above.is_empty() { shown } else { format!("{above}.{shown}") };
            let Some(key) = keys.iter().find(|key| key.is(name.trim())) else {
                let nearest = nearest(name.trim(), known(keys));
                return Err(self.trouble(path, KeyProblem::Unknown { nearest }));
            };
            if seen.iter().any(|other| std::ptr::eq(*other, key)) {
                return Err(self.trouble(path, KeyProblem::Twice));
            }
            seen.push(key);
            self.check_scope(key, &path, value)?;
            if !value.is_null() {
                fields.push(Field { source: self, key, path, value });
            }
        }
        Ok(fields)
    }

    /// Whether `key` may stand here with this value.
    pub(super) fn check_scope(&self, key: &Key, path: &str, value: &Value) -> Outcome<()> {
        let problem = match key.scope {
            Scope::Bsl if !value.is_null() => KeyProblem::AppliedInBsl,
            Scope::Request if self.place == Place::Session => KeyProblem::NotInSession,
            _ => return Ok(()),
        };
        Err(self.trouble(path.to_owned(), problem))
    }

    pub(super) fn trouble(&self, path: String, problem: KeyProblem) -> Trouble {
        Trouble::Key(Box::new(KeyTrouble { index: self.index, path, problem }))
    }
}

impl<'s, 'v> Field<'s, 'v> {
    pub(super) fn problem(&self, problem: KeyProblem) -> Trouble {
        self.source.trouble(self.path.clone(), problem)
    }

    /// The same key's table entry for an element below it.
    pub(super) fn element(&self, suffix: &str, value: &'v Value) -> Field<'s, 'v> {
        Field { source: self.source, key: self.key, path: format!("{}{suffix}", self.path), value }
    }

    pub(super) fn bool(&self) -> Outcome<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong_type())
    }

    pub(super) fn text(&self) -> Outcome<&'v str> {
        self.value.as_str().ok_or_else(|| self.wrong_type())
    }

    pub(super) fn object(&self) -> Outcome<&'v Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.wrong_type())
    }

    /// A number from 0 to `limit`.
    pub(super) fn number(&self, limit: f64) -> Outcome<f64> {
        let number = self.value.as_f64().ok_or_else(|| self.wrong_type())?;
        if (0.0..=limit).contains(&number) { Ok(number) } else { Err(self.wrong_value()) }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&self, least: u64, most: u64) -> Outcome<u64> {
        if !self.value.is_number() {
            return Err(self.wrong_type());
        }
        whole(self.value).filter(|n| (least..=most).contains(n)).ok_or_else(|| self.wrong_value())
    }

    pub(super) fn count(&self) -> Outcome<u32> {
        let count = self.whole(0, COUNT_LIMIT)?;
        u32::try_from(count).map_err(|_| self.wrong_value())
    }

    pub(super) fn seconds(&self) -> Outcome<Duration> {
        let seconds = self.number(SECONDS_LIMIT)?;
        Duration::try_from_secs_f64(seconds).map_err(|_| self.wrong_value())
    }

    /// Seconds, where 0 is "no limit"; what rounds to nothing is still a limit.
    pub(super) fn limit(&self) -> Outcome<Option<Duration>> {
        let limit = self.seconds()?.max(Duration::from_nanos(1));
        Ok(Some(limit).filter(|_| self.value.as_f64() != Some(0.0)))
    }
}

/// A whole number, also written as `30.0` or `3e1`.
fn whole(value: &Value) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..EXACT).contains(n))?;
        // Whole and below 2^53, so its text without exponent is exact.
        format!("{number:.0}").parse().ok()
    })
}
