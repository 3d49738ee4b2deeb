//! Text encodings by name or by `КодировкаТекста`.

use encoding_rs::{Encoding as Table, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Fault, Outcome};
use crate::platform::{convert, enums::EnumValue};
use crate::value::Value;

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table(&'static Table),
    /// Bytes are the first 256 characters, as in ICU; the table of that label is the browsers' windows-1252.
    Latin1,
}

impl Encoding {
    /// UTF-8.
    pub const UTF8: Self = Self(Kind::Table(UTF_8));

    /// The encoding a value names; UTF-8 for `Неопределено` and an empty string.
    ///
    /// # Errors
    /// A name no table has.
    pub fn of(value: &Value) -> Outcome<Self> {
        for (name, table) in [
            ("UTF8", UTF_8),
            ("UTF16", UTF_16LE),
            ("ANSI", encoding_rs::WINDOWS_1251),
            ("OEM", encoding_rs::IBM866),
        ] {
            if EnumValue::is(value, "КодировкаТекста", name) {
                return Ok(Self(Kind::Table(table)));
            }
        }
        if EnumValue::is(value, "КодировкаТекста", "Системная") {
            return Ok(Self::UTF8);
        }
        let name = convert::text(value);
        if name.trim().is_empty() {
            return Ok(Self::UTF8);
        }
        match name.trim().to_lowercase().as_str() {
            "utf-16" | "utf16" | "utf-16le" => Ok(Self(Kind::Table(UTF_16LE))),
            "utf-16be" => Ok(Self(Kind::Table(UTF_16BE))),
            "iso-8859-1" | "iso8859-1" | "latin1" => Ok(Self(Kind::Latin1)),
            other => Table::for_label(other.as_bytes())
                .map(|table| Self(Kind::Table(table)))
                .ok_or_else(|| Fault::raised(format!("Неизвестная кодировка ({name})"))),
        }
    }

    /// Text of bytes; a byte order mark of this encoding is dropped, bytes that are none become U+FFFD. In UTF-16 a mark
    /// of the other order wins, as in ICU (unverified on a platform).
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        let Kind::Table(table) = self.0 else { return bytes.iter().copied().map(char::from).collect() };
        let other = table == UTF_16LE && bytes.starts_with(b"\xfe\xff");
        let table = if other { UTF_16BE } else { table };
        table.decode_with_bom_removal(bytes).0.into_owned()
    }

    /// Bytes of a text; what the encoding does not have becomes `?`.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        let Kind::Table(table) = self.0 else {
            return text.chars().map(|one| u8::try_from(u32::from(one)).unwrap_or(b'?')).collect();
        };
        if table == UTF_16LE {
            return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        if table == UTF_16BE {
            return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        }
        let mut bytes = Vec::new();
        for character in text.chars() {
            let mut buffer = [0; 4];
            let (encoded, _, unknown) = table.encode(character.encode_utf8(&mut buffer));
            if unknown { bytes.push(b'?') } else { bytes.extend_from_slice(&encoded) }
        }
        bytes
    }

    /// Its byte order mark, where it has one.
    #[must_use]
    pub fn mark(self) -> &'static [u8] {
        let Kind::Table(table) = self.0 else { return b"" };
        match table {
            table if table == UTF_8 => b"\xef\xbb\xbf",
            table if table == UTF_16LE => b"\xff\xfe",
            table if table == UTF_16BE => b"\xfe\xff",
            _ => b"",
        }
    }
}
