//! Names have no letter case, and most have two languages.

/// A Russian and an English name of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Names {
    /// Russian.
    pub russian: &'static str,
    /// English.
    pub english: &'static str,
}

/// Both names at once, for tables.
#[must_use]
pub const fn names(russian: &'static str, english: &'static str) -> Names {
    Names { russian, english }
}

impl Names {
    /// Whether `name` is one of them, in any letter case.
    #[must_use]
    pub fn are(&self, name: &str) -> bool {
        same(self.russian, name) || same(self.english, name)
    }
}

/// Whether two names are one, letter case aside.
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    left == right || left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase))
}

/// The form of a name under which things are registered and looked up.
#[must_use]
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_any_letter_case_and_either_language() {
        let array = names("Массив", "Array");
        assert!(array.are("массив") && array.are("ARRAY") && !array.are("Arrays"));
        assert!(same("ЁЖ", "ёж") && !same("ёж", "еж"));
    }
}
