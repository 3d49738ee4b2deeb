//! Pinned keys: SHA-256 of a certificate's SubjectPublicKeyInfo (DER), as RFC 7469 section 2.4 defines it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The pin in `sha256/BASE64`, curl's form `sha256//BASE64` included; `None` when it is neither.
#[must_use]
pub fn pin_from_text(text: &str) -> Option<[u8; 32]> {
    let (name, rest) = text.trim().split_once('/')?;
    if !name.eq_ignore_ascii_case("sha256") {
        return None;
    }
    // One slash more is curl's; the text of 32 bytes may itself begin with one, its length tells.
    let encoded = if rest.len() == TEXT { rest } else { rest.strip_prefix('/')? };
    STANDARD.decode(encoded).ok()?.try_into().ok()
}

/// Length of 32 bytes in Base64.
const TEXT: usize = 44;

/// The pin of a key.
pub(crate) fn pin_of(spki: &[u8]) -> [u8; 32] {
    Sha256::digest(spki).into()
}

/// A pin as it is written.
pub(crate) fn pin_text(pin: &[u8; 32]) -> String {
    format!("sha256/{}", STANDARD.encode(pin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_in_both_forms_and_nothing_else() {
        let pin = pin_of(b"key");
        let text = pin_text(&pin);
        assert_eq!(pin_from_text(&text), Some(pin));
        assert_eq!(pin_from_text(&text.replace("sha256/", " SHA256//")), Some(pin));
        let slash = [0xff; 32];
        assert!(pin_text(&slash).starts_with("sha256//"), "begins with a slash itself");
        assert_eq!(pin_from_text(&pin_text(&slash)), Some(slash));
        assert_eq!(pin_from_text(&pin_text(&slash).replace("sha256/", "sha256//")), Some(slash));
        for bad in [
            "",
            "sha256",
            "sha256/",
            "sha256//",
            "sha1/AAAA",
            "sha256/AAAA",
            &text[7..],
            &text[..text.len() - 1],
            &text.replace('/', "///"),
        ] {
            assert_eq!(pin_from_text(bad), None, "{bad}");
        }
    }
}
