//! Strings of the host. They are UTF-16 and may be broken; everything behind this module is UTF-8. Conversions of
//! caller-sized text allocate fallibly, so that a huge string is an error and never the end of the host process.

use std::fmt::Write as _;

/// Why a string of the host cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextProblem {
    /// An unpaired surrogate at this UTF-16 position, counted from 1 as BSL does.
    Surrogate(usize),
    /// No memory for so many bytes.
    Memory(u64),
}

/// The text in UTF-8.
pub(super) fn to_utf8(units: &[u16]) -> Result<String, TextProblem> {
    let mut length = 0_usize;
    let mut position = 1_usize;
    for character in char::decode_utf16(units.iter().copied()) {
        let character = character.map_err(|_| TextProblem::Surrogate(position))?;
        position += character.len_utf16();
        length = length.saturating_add(character.len_utf8());
    }
    let mut text = String::new();
    text.try_reserve_exact(length).map_err(|_| TextProblem::Memory(length as u64))?;
    // Checked above: only whole characters, and room for all of them.
    text.extend(char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Ok(text)
}

/// Whether two names are equal without regard to letter case, in any script; ё and е stay different letters.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    let fold = |c: char| c.to_lowercase();
    left.chars().flat_map(fold).eq(right.chars().flat_map(fold))
}

/// Whether the text has a Cyrillic letter.
pub(super) fn has_cyrillic(text: &str) -> bool {
    text.chars().any(|c| ('\u{400}'..='\u{4FF}').contains(&c))
}

/// The name among `known` that `given` was probably meant to be: the one with the smallest edit distance, if that is
/// small against the length of the name.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given: Vec<char> = given.chars().take(64).flat_map(char::to_lowercase).collect();
    let allowed = (given.len() / 3).max(1);
    known
        .map(|name| {
            let folded: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
            (distance(&given, &folded), name)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edit distance with swaps of neighbours counted once (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, l) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, r) in right.iter().enumerate() {
            let mut best =
                (last[column] + usize::from(l != r)).min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *l == right[column - 1] && left[row - 1] == *r;
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

/// At most `limit` characters of a text a peer or caller sent, control characters made visible, for an error.
pub(super) fn excerpt(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        if character.is_control() {
            let _ = write!(out, "\\x{:02X}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpaired_surrogate_is_named_by_its_position() {
        let units = [u16::from(b'a'), 0xD83D, 0xDE00, 0xD800, u16::from(b'b')];
        assert_eq!(to_utf8(&units), Err(TextProblem::Surrogate(4)));
        assert_eq!(to_utf8(&units[..3]), Ok("a😀".to_owned()));
    }

    #[test]
    fn names_are_equal_without_case_in_both_scripts() {
        assert!(same_name("ПРОВЕРЯТЬssl", "проверятьSSL"));
        assert!(!same_name("Таймаут", "Таймау"));
    }

    #[test]
    fn nearest_counts_a_swap_once_and_refuses_strangers() {
        let known = ["Timeout", "Headers", "Таймаут"];
        assert_eq!(nearest("Timeuot", known.into_iter()), Some("Timeout"));
        assert_eq!(nearest("таймат", known.into_iter()), Some("Таймаут"));
        assert_eq!(nearest("Certificate", known.into_iter()), None);
    }
}
