//! Text: which charset a body is in, and its bytes as a `String` or as UTF-16 units in memory of the asker.
//!
//! Rules: a byte order mark is removed and wins over every label; bytes that are not valid become U+FFFD, never an
//! error; a name nobody knows is an error. `iso-8859-1` is the real one, each byte the character of the same number,
//! and not windows-1252 as browsers read it: the platform's own readers do so, it is the default for `text/*`, and
//! callers who got such a text turn it back into the bytes it came from. Line ends are left as they are.

mod content_type;
mod names;
#[cfg(test)]
mod tests;

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

pub use self::content_type::{charset_in, encoding_of};
use self::names::respelled;
use super::error::{Error, ErrorKind, Phase, Result};

/// A charset that text can be decoded from and encoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Latin1,
    Utf32 { big_endian: bool },
    Other(&'static Encoding),
}

impl Charset {
    /// UTF-8, the default everywhere else.
    pub const UTF_8: Self = Self(Kind::Other(UTF_8));
    /// ISO-8859-1: byte n is character n.
    pub const LATIN_1: Self = Self(Kind::Latin1);

    /// The charset called `name`: any label of the WHATWG Encoding Standard, UTF-32, and spellings seen in the wild
    /// (`UTF8`, `cp-1251`, `win1251`, `KOI8R`, `utf-8-bom`, `cp65001`). Letter case does not matter.
    ///
    /// Not known on purpose: `ANSI` and `OEM`, which mean another charset on every machine.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn by_name(name: &str) -> Result<Self> {
        // Separators carry no meaning in any charset name but those of `iso-8859-10` and its like, which keep apart
        // by their digits anyway.
        let separator = |c: char| matches!(c, '-' | '_' | '.' | ':' | ' ');
        let spelled = name.chars().all(|c| c.is_ascii_alphanumeric() || separator(c));
        let plain: String = name
            .chars()
            .take(64)
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let kind = match plain.as_str() {
            _ if !spelled => None,
            "iso88591" | "iso885911987" | "latin1" | "l1" | "isoir100" | "csisolatin1" | "cp819"
            | "ibm819" => Some(Kind::Latin1),
            "utf8bom" | "utf8sig" | "utf8withbom" | "cp65001" | "65001" => Some(Kind::Other(UTF_8)),
            "utf32" | "utf32le" | "ucs4" | "ucs4le" => Some(Kind::Utf32 { big_endian: false }),
            "utf32be" | "ucs4be" => Some(Kind::Utf32 { big_endian: true }),
            _ => Encoding::for_label(name.trim().as_bytes())
                .or_else(|| Encoding::for_label(respelled(&plain).as_bytes()))
                .filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
                .map(Kind::Other),
        };
        kind.map(Self).ok_or_else(|| {
            let name = name.chars().filter(|c| !c.is_control()).take(64).collect();
            Error::new(ErrorKind::UnknownCharset { name }, Phase::Decode)
        })
    }

    /// The charset of a text body: the one the caller names, else what the response says ([`encoding_of`]), else UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn for_text(given: Option<&str>, content_type: Option<&str>) -> Result<Self> {
        match given.filter(|name| !name.trim().is_empty()) {
            Some(name) => Self::by_name(name),
            None => encoding_of(content_type).map_or(Ok(Self::UTF_8), |name| Self::by_name(&name)),
        }
    }

    /// The charset of a JSON body: the one written in its Content-Type, else UTF-8, also for `text/*`
    /// (connector-api D22).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCharset`].
    pub fn for_json(content_type: Option<&str>) -> Result<Self> {
        content_type.and_then(charset_in).map_or(Ok(Self::UTF_8), |name| Self::by_name(&name))
    }

    /// Name of the charset, e.g. `UTF-8`, `windows-1251`, `ISO-8859-1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Latin1 => "ISO-8859-1",
            Kind::Utf32 { big_endian: false } => "UTF-32LE",
            Kind::Utf32 { big_endian: true } => "UTF-32BE",
            Kind::Other(encoding) => encoding.name(),
        }
    }

    /// The text in `slices`, which are read as one.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn decode<'a>(self, slices: impl Iterator<Item = &'a [u8]> + Clone) -> Result<String> {
        /// Bytes decoded at a time, so that memory grows with the text and not with the worst case.
        const STEP: usize = 64 << 10;
        let mut text = String::new();
        let reserve = |text: &mut String, more: usize| {
            text.try_reserve(more)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: more as u64 }, Phase::Decode))
        };
        let (charset, slices) = self.after_mark(slices);
        let Kind::Other(encoding) = charset.0 else {
            let mut units = [0; UNITS];
            let mut filled = 0;
            charset.own_units(slices, |unit| {
                if let Some(space) = units.get_mut(filled) {
                    *space = unit;
                    filled += 1;
                }
                // A pair of surrogates must not be cut: wait for its second half.
                if filled >= UNITS - 1 && !(0xd800..0xdc00).contains(&unit) {
                    reserve(&mut text, filled * 3)?;
                    text.extend(characters(units.get(..filled).unwrap_or_default()));
                    filled = 0;
                }
                Ok(())
            })?;
            reserve(&mut text, filled * 3)?;
            text.extend(characters(units.get(..filled).unwrap_or_default()));
            return Ok(text);
        };
        let mut decoder = encoding.new_decoder_without_bom_handling();
        for step in slices.flat_map(|slice| slice.chunks(STEP)).map(Some).chain([None]) {
            let (mut bytes, last) = (step.unwrap_or_default(), step.is_none());
            loop {
                let bound = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(usize::MAX);
                reserve(&mut text, bound)?;
                let (result, read, _) = decoder.decode_to_string(bytes, &mut text, last);
                bytes = bytes.get(read..).unwrap_or_default();
                if result == CoderResult::InputEmpty {
                    break;
                }
            }
        }
        Ok(text)
    }

    /// The text where it takes no decoding: valid UTF-8 in one piece without a byte order mark, which is nearly every
    /// text there is.
    fn plain_utf8<'a>(self, mut slices: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
        let (bytes, none) = (slices.next().unwrap_or_default(), slices.next().is_none());
        let utf8 = matches!(self.0, Kind::Other(encoding) if encoding == UTF_8);
        let text = std::str::from_utf8(bytes).ok().filter(|_| utf8 && none)?;
        // Every mark begins with a byte that is not ASCII, or with a NUL (UTF-32BE).
        (Self::of_mark(bytes).is_none()).then_some(text)
    }

    /// How many UTF-16 units `length` bytes give at most. `None`: more than memory can hold.
    #[must_use]
    pub fn utf16_bound(self, length: usize) -> Option<usize> {
        // The label may be overruled by a byte order mark, so every charset counts; none gives more units than bytes
        // but for what a decoder puts where the input breaks off.
        length.checked_add(8)
    }

    /// How many UTF-16 units [`Charset::write_utf16`] makes of `slices`. Decodes without keeping anything.
    #[must_use]
    pub fn utf16_len<'a>(self, slices: impl Iterator<Item = &'a [u8]> + Clone) -> usize {
        if let Some(text) = self.plain_utf8(slices.clone()) {
            return if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        }
        let mut length = 0;
        let Ok(()) = self.units(slices, |units| {
            length += units.len();
            Ok::<(), std::convert::Infallible>(())
        });
        length
    }

    /// Writes the text in `slices` to the start of `out` as UTF-16 units in the byte order of this machine, and says
    /// how many units. `None` if `out` is too small ([`Charset::utf16_len`] units of two bytes).
    #[must_use]
    pub fn write_utf16<'a>(
        self,
        slices: impl Iterator<Item = &'a [u8]> + Clone,
        out: &mut [u8],
    ) -> Option<usize> {
        if let Some(text) = self.plain_utf8(slices.clone()) {
            let spaces = out.as_chunks_mut::<2>().0;
            if text.is_ascii() {
                let spaces = spaces.get_mut(..text.len())?;
                for (to, byte) in spaces.iter_mut().zip(text.bytes()) {
                    *to = u16::from(byte).to_ne_bytes();
                }
                return Some(text.len());
            }
            let mut units = text.encode_utf16();
            let written = spaces.iter_mut().zip(units.by_ref()).map(|(to, unit)| *to = unit.to_ne_bytes());
            let written = written.count();
            return units.next().is_none().then_some(written);
        }
        let mut written = 0;
        self.units(slices, |units| {
            let space =
                out.get_mut(written * 2..).and_then(|rest| rest.get_mut(..units.len() * 2)).ok_or(())?;
            for (to, unit) in space.as_chunks_mut::<2>().0.iter_mut().zip(units) {
                *to = unit.to_ne_bytes();
            }
            written += units.len();
            Ok::<(), ()>(())
        })
        .ok()
        .map(|()| written)
    }

    /// `text` in this charset, without a byte order mark. A character the charset lacks becomes `?`.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn encode(self, text: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut reserve = |bytes: &mut Vec<u8>, more: usize| {
            bytes
                .try_reserve(more)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: more as u64 }, Phase::Prepare))
        };
        match self.0 {
            Kind::Other(encoding) if encoding == UTF_8 => {
                reserve(&mut bytes, text.len())?;
                bytes.extend_from_slice(text.as_bytes());
            }
            Kind::Other(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
                let order = if encoding == UTF_16BE { u16::to_be_bytes } else { u16::to_le_bytes };
                reserve(&mut bytes, text.encode_utf16().count().saturating_mul(2))?;
                bytes.extend(text.encode_utf16().flat_map(order));
            }
            Kind::Utf32 { big_endian } => {
                let order = if big_endian { u32::to_be_bytes } else { u32::to_le_bytes };
                reserve(&mut bytes, text.chars().count().saturating_mul(4))?;
                bytes.extend(text.chars().flat_map(|character| order(character.into())));
            }
            Kind::Latin1 => {
                reserve(&mut bytes, text.chars().count())?;
                bytes.extend(text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')));
            }
            Kind::Other(encoding) => encode_other(encoding, text, &mut bytes, &mut reserve)?,
        }
        Ok(bytes)
    }

    /// The charset a byte order mark at the start of `head` stands for, and the mark's length. Four bytes are enough.
    #[must_use]
    pub fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        // UTF-32LE begins with the mark of UTF-16LE; a UTF-16 text that begins with a NUL does not happen.
        let marks: [(&[u8], Kind); 5] = [
            (&[0xff, 0xfe, 0, 0], Kind::Utf32 { big_endian: false }),
            (&[0, 0, 0xfe, 0xff], Kind::Utf32 { big_endian: true }),
            (&[0xef, 0xbb, 0xbf], Kind::Other(UTF_8)),
            (&[0xff, 0xfe], Kind::Other(UTF_16LE)),
            (&[0xfe, 0xff], Kind::Other(UTF_16BE)),
        ];
        marks
            .into_iter()
            .find(|(mark, _)| head.starts_with(mark))
            .map(|(mark, kind)| (Self(kind), mark.len()))
    }

    /// The charset to use for `slices`, and them without their byte order mark.
    fn after_mark<'a, I>(self, slices: I) -> (Self, impl Iterator<Item = &'a [u8]> + use<'a, I>)
    where
        I: Iterator<Item = &'a [u8]> + Clone,
    {
        let mut head = [0; 4];
        let mut length = 0;
        for (space, byte) in head.iter_mut().zip(slices.clone().flatten()) {
            *space = *byte;
            length += 1;
        }
        let (charset, mut skip) = Self::of_mark(head.get(..length).unwrap_or_default()).unwrap_or((self, 0));
        let rest = slices.map(move |slice| {
            let here = skip.min(slice.len());
            skip -= here;
            slice.get(here..).unwrap_or_default()
        });
        (charset, rest)
    }

    /// Gives the text in `slices` to `emit` in blocks of UTF-16 units.
    ///
    /// # Errors
    /// Whatever `emit` gives; it is not asked again then.
    pub fn units<'a, E>(
        self,
        slices: impl Iterator<Item = &'a [u8]> + Clone,
        mut emit: impl FnMut(&[u16]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (charset, slices) = self.after_mark(slices);
        let mut block = [0; UNITS];
        let Kind::Other(encoding) = charset.0 else {
            let mut filled = 0;
            charset.own_units(slices, |unit| {
                if let Some(space) = block.get_mut(filled) {
                    *space = unit;
                    filled += 1;
                }
                if filled == UNITS {
                    filled = 0;
                    emit(&block)?;
                }
                Ok(())
            })?;
            return emit(block.get(..filled).unwrap_or_default());
        };
        let mut decoder = encoding.new_decoder_without_bom_handling();
        for step in slices.map(Some).chain([None]) {
            let (mut bytes, last) = (step.unwrap_or_default(), step.is_none());
            loop {
                let (result, read, written, _) = decoder.decode_to_utf16(bytes, &mut block, last);
                emit(block.get(..written).unwrap_or_default())?;
                bytes = bytes.get(read..).unwrap_or_default();
                if result == CoderResult::InputEmpty {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The charsets decoded here: ISO-8859-1 and UTF-32.
    fn own_units<'a, E>(
        self,
        slices: impl Iterator<Item = &'a [u8]>,
        mut emit: impl FnMut(u16) -> Result<(), E>,
    ) -> Result<(), E> {
        let Kind::Utf32 { big_endian } = self.0 else {
            return slices.flatten().try_for_each(|byte| emit(u16::from(*byte)));
        };
        let mut quad = [0; 4];
        let mut length = 0;
        let mut character = |quad| {
            let number = if big_endian { u32::from_be_bytes(quad) } else { u32::from_le_bytes(quad) };
            let character = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| emit(*unit))
        };
        for byte in slices.flatten() {
            if let Some(space) = quad.get_mut(length) {
                *space = *byte;
                length += 1;
            }
            if length == quad.len() {
                length = 0;
                character(quad)?;
            }
        }
        // A character cut short is one that is not valid.
        if length > 0 { character([0xff; 4]) } else { Ok(()) }
    }
}

/// Units decoded at a time, on the stack.
const UNITS: usize = 512;

fn characters(units: &[u16]) -> impl Iterator<Item = char> {
    char::decode_utf16(units.iter().copied()).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn encode_other(
    encoding: &'static Encoding,
    text: &str,
    bytes: &mut Vec<u8>,
    reserve: &mut impl FnMut(&mut Vec<u8>, usize) -> Result<()>,
) -> Result<()> {
    let mut encoder = encoding.new_encoder();
    let mut rest = text;
    loop {
        let bound = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(usize::MAX);
        reserve(bytes, bound)?;
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            encoding_rs::EncoderResult::InputEmpty => return Ok(()),
            encoding_rs::EncoderResult::OutputFull => {}
            encoding_rs::EncoderResult::Unmappable(_) => {
                reserve(bytes, 1)?;
                bytes.push(b'?');
            }
        }
    }
}
