//! Strings of the host: UTF-16 code units, possibly with unpaired surrogates. Names are matched without regard to
//! case as BSL does, in Latin and Cyrillic, by our own rule: neither a C locale nor Unicode tables take part.

use std::mem::MaybeUninit;

/// Longest name or short text accepted from the host when it must end with a NUL.
pub(super) const NAME_LIMIT: usize = 1024;

/// The units before the NUL. `None` for null, for an odd address, and when there is no NUL within `limit` units.
///
/// # Safety
/// A non-null pointer must be readable up to its first NUL or for `limit` units, unchanged during `'a`.
pub(super) unsafe fn bounded<'a>(start: *const u16, limit: usize) -> Option<&'a [u16]> {
    if start.is_null() || !start.is_aligned() {
        return None;
    }
    for length in 0..limit {
        // SAFETY: no NUL so far and below `limit`, so this unit is readable.
        if unsafe { start.wrapping_add(length).read() } == 0 {
            // SAFETY: all units before this one have just been read.
            return Some(unsafe { std::slice::from_raw_parts(start, length) });
        }
    }
    None
}

/// Whether a name of the host is this name of ours, without regard to case.
pub(super) fn same_name(theirs: &[u16], ours: &str) -> bool {
    // A unit takes one byte or two in our names: most are told apart by length already.
    if theirs.len() > ours.len() || ours.len() > theirs.len() * 3 {
        return false;
    }
    let mut ours = ours.encode_utf16();
    theirs.iter().all(|&unit| ours.next().is_some_and(|other| folded(unit) == folded(other)))
        && ours.next().is_none()
}

/// Whether a locale or language code of the host means Russian: `ru`, `ru_RU`, `rus_RUS`, `Russian_Russia.1251`.
pub(super) fn is_russian(code: &[u16]) -> bool {
    code.get(..2).is_some_and(|start| same_name(start, "ru"))
}

/// Number of code units of `text`.
pub(super) fn units(text: &str) -> usize {
    // A char is one unit, or two when it takes four bytes in UTF-8. Every char has one byte that is no continuation.
    let chars = text.bytes().filter(|byte| byte & 0xC0 != 0x80).count();
    chars + text.bytes().filter(|byte| *byte >= 0xF0).count()
}

/// Writes `text` to the start of `out`, in one pass, with runs of ASCII widened as a block. What does not fit is left
/// out; with [`units`] room all fits.
pub(super) fn write(text: &str, out: &mut [MaybeUninit<u16>]) {
    let mut rest = text;
    let mut at = 0;
    while !rest.is_empty() {
        let run = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, other) = rest.split_at(run);
        for (unit, byte) in out.iter_mut().skip(at).zip(ascii.bytes()) {
            unit.write(u16::from(byte));
        }
        at += run;
        let run = other.bytes().position(|byte| byte.is_ascii()).unwrap_or(other.len());
        let (other, next) = other.split_at(run);
        for (unit, code) in out.iter_mut().skip(at).zip(other.encode_utf16()) {
            unit.write(code);
            at += 1;
        }
        rest = next;
    }
}

/// A NUL-terminated copy for a call of the host, which reads to the first NUL: embedded ones become spaces. `None`
/// when there is no memory.
pub(super) fn terminated(text: &str) -> Option<Vec<u16>> {
    let mut out = Vec::new();
    out.try_reserve_exact(units(text) + 1).ok()?;
    out.extend(text.encode_utf16().map(|unit| if unit == 0 { u16::from(b' ') } else { unit }));
    out.push(0);
    Some(out)
}

/// Length of [`joined`] names: with separators and the NUL.
#[must_use]
pub const fn joined_length(classes: &[&super::Class]) -> usize {
    let mut length = 0;
    let mut index = 0;
    while index < classes.len() {
        length += classes[index].name.len() + 1;
        index += 1;
    }
    if length == 0 { 1 } else { length }
}

/// Class names separated by `|`, ending with a NUL: the answer of GetClassNames, made at compile time. Does not
/// compile when a name is not plain ASCII (it would not be typeable in `Новый("AddIn.X.Name")` on every system).
#[must_use]
pub const fn joined<const LENGTH: usize>(classes: &[&super::Class]) -> [u16; LENGTH] {
    let mut out = [0; LENGTH];
    let mut at = 0;
    let mut index = 0;
    while index < classes.len() {
        if index > 0 {
            out[at] = b'|' as u16;
            at += 1;
        }
        let name = classes[index].name.as_bytes();
        let mut letter = 0;
        while letter < name.len() {
            assert!(name[letter].is_ascii_alphanumeric(), "class names are Latin letters and digits");
            out[at] = name[letter] as u16;
            at += 1;
            letter += 1;
        }
        index += 1;
    }
    out
}

/// Lower case of Latin A-Z and of the Cyrillic block U+0400-U+042F; every other unit is itself. ё stays apart from е,
/// as in BSL.
fn folded(unit: u16) -> u16 {
    match unit {
        0x0041..=0x005A | 0x0410..=0x042F => unit + 0x20,
        0x0400..=0x040F => unit + 0x50,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn case_is_ignored_in_latin_and_cyrillic() {
        assert!(same_name(&host("GETJSON"), "GetJson"));
        assert!(same_name(&host("ПОЛУЧИТЬОБЪЁМ"), "ПолучитьОбъём"));
        assert!(same_name(&host("ПолучитьОбъём"), "ПОЛУЧИТЬОБЪЁМ"));
        assert!(!same_name(&host("ПолучитьОбъем"), "ПолучитьОбъём"));
        assert!(!same_name(&host("GetJso"), "GetJson"));
        assert!(!same_name(&host("GetJsonX"), "GetJson"));
        assert!(!same_name(&host("@"), "`"), "only letters have a case");
        assert!(!same_name(&host("["), "{"));
        assert!(!same_name(&[0xD800], "\u{10000}"));
    }

    #[test]
    fn written_text_equals_the_standard_encoding() {
        let long = "a".repeat(70) + &"я".repeat(70);
        for text in ["", "plain", "Привет", "a\u{10FFFF}b", "смесь mixed 中 \u{1F600}", "\0", &long]
        {
            let expected = host(text);
            assert_eq!(units(text), expected.len(), "{text}");
            let mut out = vec![MaybeUninit::new(0xFFFF); expected.len()];
            write(text, &mut out);
            // SAFETY: every element was initialised at creation.
            let out: Vec<u16> = out.into_iter().map(|unit| unsafe { unit.assume_init() }).collect();
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn languages_are_told_by_their_first_letters() {
        for code in ["ru", "RU", "ru_RU", "rus_RUS", "Russian_Russia.1251"] {
            assert!(is_russian(&host(code)), "{code}");
        }
        for code in ["", "r", "en_US", "uk", "English"] {
            assert!(!is_russian(&host(code)), "{code}");
        }
    }

    #[test]
    fn embedded_nul_does_not_cut_a_message() {
        assert_eq!(terminated("a\0b"), Some(vec![97, 32, 98, 0]));
    }
}
