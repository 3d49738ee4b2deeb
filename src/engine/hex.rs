//! Bytes as hexadecimal digits and back.

use std::fmt::Write as _;

/// The digits of `bytes`, lower case.
pub(crate) fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes whose digits, in either case, are `text`; `None` for anything else.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// So many random bytes, as digits.
///
/// # Errors
/// The system has no random numbers.
pub(crate) fn random<const LENGTH: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    Ok(digits(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_digits_are_each_others_reverse() {
        assert_eq!(digits(&[0, 0x9a, 0xff]), "009aff");
        assert_eq!(bytes("009aFF"), Some(vec![0, 0x9a, 0xff]));
        assert_eq!(bytes(""), Some(vec![]));
        assert_eq!((bytes("0"), bytes("0g"), bytes("é1")), (None, None, None));
    }

    #[test]
    fn random_digits_differ() {
        let (first, second) = (random::<16>(), random::<16>());
        assert!(first.as_ref().is_ok_and(|text| text.len() == 32) && first.ok() != second.ok());
    }
}
