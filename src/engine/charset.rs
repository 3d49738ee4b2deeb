//! Bytes to text. Charset names are those of the WHATWG encoding standard (crate `encoding_rs`), which has every
//! Windows, KOI8, DOS-866 and ISO name met on the web; `iso-8859-1` therefore is windows-1252, its superset in all
//! but the C1 controls, as in every browser. A byte order mark is removed and wins over any name. Malformed input
//! becomes U+FFFD, never an error: a reader must be able to show what came.

use encoding_rs::{CoderResult, Encoding, UTF_8, WINDOWS_1252};

use super::error::{Error, ErrorKind, Phase, Result};

/// Code units converted at a time.
const UNITS: usize = 8 * 1024;

/// A character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8.
    pub const UTF8: Self = Self(UTF_8);

    /// ISO-8859-1 in the sense of the web: windows-1252.
    pub const LATIN1: Self = Self(WINDOWS_1252);

    /// The charset of this name, in any case, quotes and spaces around it ignored.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn named(name: &str) -> Result<Self> {
        let label = name.trim().trim_matches(['"', '\'']).trim();
        Encoding::for_label_no_replacement(label.as_bytes()).or_else(|| extra(label)).map(Self).ok_or_else(
            || {
                let name = name.chars().take(60).collect();
                Error::new(ErrorKind::UnknownCharset { name }, Phase::Decode)
            },
        )
    }

    /// Name in the encoding standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The charset of a text body: what the caller gave, else what the response says ([`encoding_of`]), else UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn for_text(given: Option<&str>, content_type: Option<&str>) -> Result<Self> {
        match given.filter(|name| !name.trim().is_empty()) {
            Some(name) => Self::named(name),
            None => encoding_of(content_type).map_or(Ok(Self::UTF8), |name| Self::named(&name)),
        }
    }

    /// The charset of a JSON body: the one written in `Content-Type`, else UTF-8 (RFC 8259 section 8.1). That media
    /// types `text/*` mean Latin-1 when nothing is written is not applied: no server means it for JSON.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn for_json(content_type: Option<&str>) -> Result<Self> {
        written_charset(content_type).map_or(Ok(Self::UTF8), |name| Self::named(&name))
    }

    /// A decoder that starts at the beginning of a body.
    #[must_use]
    pub fn decoder(self) -> Decoder {
        Decoder { inner: self.0.new_decoder() }
    }

    /// The whole text of `parts`.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn decode<'p>(self, parts: impl IntoIterator<Item = &'p [u8]>) -> Result<String> {
        let mut decoder = self.decoder();
        let mut text = String::new();
        for part in parts {
            decoder.text(part, false, &mut text)?;
        }
        decoder.text(&[], true, &mut text)?;
        Ok(text)
    }

    /// How many UTF-16 code units the text of `parts` has.
    pub fn utf16_length<'p>(self, parts: impl IntoIterator<Item = &'p [u8]>) -> u64 {
        let mut length = 0u64;
        self.utf16(parts, &mut |units| length += units.len() as u64);
        length
    }

    /// Gives the text of `parts` to `take` as UTF-16, piece by piece. No memory but a small buffer on the stack.
    pub fn utf16<'p>(self, parts: impl IntoIterator<Item = &'p [u8]>, take: &mut dyn FnMut(&[u16])) {
        let mut decoder = self.decoder();
        for part in parts {
            decoder.utf16(part, false, take);
        }
        decoder.utf16(&[], true, take);
    }
}

/// Decodes a body that comes in parts; a character may be cut by the end of a part.
pub struct Decoder {
    inner: encoding_rs::Decoder,
}

impl Decoder {
    /// Appends the text of `bytes` to `text`. `last` once, with the end of the body.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn text(&mut self, mut bytes: &[u8], last: bool, text: &mut String) -> Result<()> {
        loop {
            let (result, read, _) = self.inner.decode_to_string(bytes, text, last);
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                return Ok(());
            }
            let most = self.inner.max_utf8_buffer_length(bytes.len()).unwrap_or(usize::MAX);
            // Rarely does a text need the worst case: grow by what the bytes are, at least by a useful amount.
            let wanted = bytes.len().saturating_add(64).min(most);
            text.try_reserve(wanted)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: wanted as u64 }, Phase::Decode))?;
        }
    }

    /// Gives the text of `bytes` to `take` as UTF-16. `last` once, with the end of the body.
    pub fn utf16(&mut self, mut bytes: &[u8], last: bool, take: &mut dyn FnMut(&[u16])) {
        let mut units = [0u16; UNITS];
        loop {
            let (result, read, written, _) = self.inner.decode_to_utf16(bytes, &mut units, last);
            bytes = bytes.get(read..).unwrap_or_default();
            if written > 0 {
                take(units.get(..written).unwrap_or_default());
            }
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.inner.encoding().name())
    }
}

/// The encoding a `Content-Type` value means: its charset, else `iso-8859-1` for a media type with `text` in it, else
/// nothing.
#[must_use]
pub fn encoding_of(content_type: Option<&str>) -> Option<String> {
    written_charset(content_type).or_else(|| {
        let media_type = content_type?.split(';').next()?.to_ascii_lowercase();
        media_type.contains("text").then(|| "iso-8859-1".to_owned())
    })
}

/// The value of the first `charset` parameter, lower case. Quoted strings are read as RFC 9110 section 5.6.4 says;
/// apostrophes around a name, which some servers write, are dropped.
#[must_use]
pub fn written_charset(content_type: Option<&str>) -> Option<String> {
    let (_, mut rest) = content_type?.split_once(';')?;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ';');
        if rest.is_empty() {
            return None;
        }
        let name_end = rest.find([';', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(after) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let (value, after) = parameter_value(after);
        rest = after;
        if name.trim().eq_ignore_ascii_case("charset") {
            let value = value.trim().trim_matches('\'').trim().to_ascii_lowercase();
            return Some(value).filter(|value| !value.is_empty());
        }
    }
}

/// A token or quoted string at the start of `text`, and what follows its `;`.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => {
                let rest = quoted.get(at + 1..).unwrap_or_default();
                return (value, rest.find(';').map_or("", |at| rest.get(at..).unwrap_or_default()));
            }
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// Names that people write and the standard does not list.
fn extra(label: &str) -> Option<&'static Encoding> {
    let plain: String =
        label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let known = match plain.as_str() {
        "utf8" | "utf8n" | "utf8bom" | "cp65001" | "65001" => "utf-8",
        "utf16" | "utf16le" | "ucs2" | "ucs2le" | "cp1200" => "utf-16le",
        "utf16be" | "cp1201" => "utf-16be",
        "dos866" | "oem866" | "ibmcp866" => "ibm866",
        "win1251" | "windows1251" | "ansi1251" | "1251" | "ms1251" => "windows-1251",
        "win1252" | "1252" => "windows-1252",
        "koi8" | "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "latin1" => "windows-1252",
        _ => return None,
    };
    Encoding::for_label(known.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_of_a_content_type_follows_the_reference_module() {
        let of = |value| encoding_of(Some(value));
        assert_eq!(of("text/html; Charset=\"UTF-8\""), Some("utf-8".into()));
        assert_eq!(of("application/json; x=y; charset='windows-1251' ; z"), Some("windows-1251".into()));
        assert_eq!(of("text/plain"), Some("iso-8859-1".into()));
        assert_eq!(of("text/plain; charset="), Some("iso-8859-1".into()));
        assert_eq!((of("application/json"), encoding_of(None)), (None, None));
        assert_eq!(of("a/b; x=\";charset=koi8-r\"; charset=utf-8"), Some("utf-8".into()));
    }

    #[test]
    fn json_without_a_charset_is_utf8_even_as_text() {
        assert_eq!(Charset::for_json(Some("text/html")).unwrap(), Charset::UTF8);
        assert_eq!(Charset::for_json(Some("text/html; charset=cp1251")).unwrap().name(), "windows-1251");
        assert_eq!(Charset::for_text(None, Some("text/html")).unwrap(), Charset::LATIN1);
        assert_eq!(Charset::for_text(Some("KOI8-R"), Some("text/html")).unwrap().name(), "KOI8-R");
        assert_eq!(Charset::for_text(Some(""), None).unwrap(), Charset::UTF8);
    }

    #[test]
    fn names_people_write_are_known_and_others_refused() {
        for (name, expected) in [
            ("UTF8", "UTF-8"),
            ("win-1251", "windows-1251"),
            ("cp866", "IBM866"),
            ("866", "IBM866"),
            (" \"KOI8R\" ", "KOI8-R"),
            ("UTF-16BE", "UTF-16BE"),
            ("iso-8859-5", "ISO-8859-5"),
        ] {
            assert_eq!(Charset::named(name).unwrap().name(), expected);
        }
        assert!(
            matches!(Charset::named("klingon").unwrap_err().kind, ErrorKind::UnknownCharset { name } if name == "klingon")
        );
    }

    #[test]
    fn bytes_decode_whole_in_parts_and_as_utf16_alike() {
        let text = "Привет, мир! 😀 ".repeat(3000);
        for (charset, bytes) in [
            ("utf-8", text.as_bytes().to_vec()),
            ("utf-16le", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("koi8-r", [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4].repeat(5000)),
        ] {
            let charset = Charset::named(charset).unwrap();
            let whole = charset.decode([&bytes[..]]).unwrap();
            assert_eq!(charset.decode(bytes.chunks(7)).unwrap(), whole);
            let mut units = Vec::new();
            charset.utf16(bytes.chunks(5), &mut |piece| units.extend_from_slice(piece));
            assert_eq!(String::from_utf16(&units).unwrap(), whole);
            assert_eq!(charset.utf16_length([&bytes[..]]), units.len() as u64);
        }
    }

    #[test]
    fn a_byte_order_mark_is_removed_and_wins() {
        let latin = Charset::LATIN1;
        assert_eq!(latin.decode([&b"\xef\xbb\xbf\xd0\x96"[..]]).unwrap(), "Ж");
        assert_eq!(latin.decode([&b"\xef"[..], &b"\xbb\xbf"[..], &b"\xd0\x96"[..]]).unwrap(), "Ж");
        assert_eq!(Charset::UTF8.decode([&b"\xff\xfe\x16\x04"[..]]).unwrap(), "Ж");
        assert_eq!(Charset::UTF8.utf16_length([&b"\xef\xbb\xbfa"[..]]), 1);
    }

    #[test]
    fn malformed_bytes_become_replacement_characters() {
        assert_eq!(Charset::UTF8.decode([&b"a\xffb\xd0"[..]]).unwrap(), "a\u{fffd}b\u{fffd}");
    }
}
