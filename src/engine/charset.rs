//! Text: which charset a body is in, and its bytes as a `String` or as UTF-16 units in memory of the asker.
//!
//! Rules: a byte order mark is removed and wins over every label; bytes that are not valid become U+FFFD, never an
//! error; a name nobody knows is an error. `iso-8859-1` is the real one, each byte the character of the same number,
//! and not windows-1252 as browsers read it: the platform's own readers do so, it is the default for `text/*`, and
//! callers who got such a text turn it back into the bytes it came from. Line ends are left as they are.

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

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

/// The charset written in a Content-Type value: lower case, quotes removed. `None` if there is none.
///
/// Parameters end at a semicolon outside of quotes (a quote that is never closed is an ordinary character); the first
/// one named `charset` with a usable value counts. No further than 4096 characters are looked at: quotes that are never
/// closed make a long value cost the square of its length.
#[must_use]
pub fn charset_in(content_type: &str) -> Option<String> {
    let lower: String = content_type.trim().chars().take(4096).flat_map(char::to_lowercase).collect();
    parameters(&lower).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        if name.trim_start_matches(SPACES) != "charset"
            || value.contains(|c: char| c.is_ascii_control() && c != '\t')
        {
            return None;
        }
        // What follows a quoted value is not part of it; otherwise every quote goes.
        let value = value.trim_matches(SPACES);
        let value =
            value.strip_prefix('"').map_or(value, |inner| inner.split('"').next().unwrap_or_default());
        let value = value.replace(['"', '\'', '\\'], "");
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// Blanks around a parameter (RFC 9110 section 5.6.3, and line ends of folded fields).
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The encoding of a response by its Content-Type (connector-api 4.7): the charset written there, else `iso-8859-1`
/// for a media type with the letters `text` in it, else `None`.
#[must_use]
pub fn encoding_of(content_type: Option<&str>) -> Option<String> {
    let content_type = content_type?;
    charset_in(content_type).or_else(|| {
        let media_type = content_type.split(';').next().unwrap_or_default().to_lowercase();
        media_type.contains("text").then(|| "iso-8859-1".to_owned())
    })
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

/// A label of the Encoding Standard for a name stripped of its separators.
fn respelled(plain: &str) -> String {
    let numbered = |prefix: &str| {
        plain
            .strip_prefix(prefix)
            .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    for prefix in ["windows", "win", "cp", "ibm", ""] {
        match numbered(prefix) {
            Some("866") => return "ibm866".to_owned(),
            Some("20866") => return "koi8-r".to_owned(),
            Some("21866") => return "koi8-u".to_owned(),
            Some("1200") => return "utf-16le".to_owned(),
            Some("1201") => return "utf-16be".to_owned(),
            Some(number) if prefix != "ibm" => return format!("windows-{number}"),
            _ => {}
        }
    }
    if let Some(number) = numbered("iso8859") {
        return format!("iso-8859-{number}");
    }
    match plain {
        "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "utf16le" | "ucs2le" => "utf-16le",
        "utf16be" | "ucs2be" => "utf-16be",
        "utf16" | "ucs2" => "utf-16",
        "shiftjis" => "shift_jis",
        "eucjp" => "euc-jp",
        "euckr" => "euc-kr",
        other => other,
    }
    .to_owned()
}

/// The parameters of a Content-Type value, split at semicolons outside of quotes.
fn parameters(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value.split_once(';').map(|(_, rest)| rest);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = end_of_parameter(here);
        rest = here.get(end + 1..);
        here.get(..end)
    })
}

fn end_of_parameter(text: &str) -> usize {
    let first = text.find(';').unwrap_or(text.len());
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => return at,
            _ => {}
        }
    }
    if quoted { first } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Charset {
        Charset::by_name(name).unwrap_or_else(|_| panic!("{name} is known"))
    }

    fn text_of(charset: Charset, bytes: &[u8]) -> String {
        charset.decode(std::iter::once(bytes)).expect("memory")
    }

    #[test]
    fn encoding_follows_the_content_type() {
        let cases = [
            (None, None),
            (Some("application/json"), None),
            (Some("application/json; charset=UTF-8"), Some("utf-8")),
            (Some("text/html"), Some("iso-8859-1")),
            (Some(" TEXT/Plain ; format=flowed "), Some("iso-8859-1")),
            (Some("application/vnd.context+json"), Some("iso-8859-1")),
            (Some("text/html; charset=\"Windows-1251\""), Some("windows-1251")),
            (Some("text/html;charset='koi8-r';q=1"), Some("koi8-r")),
            (Some("text/html; boundary=x;  charset = utf-8"), Some("iso-8859-1")),
            (Some("text/html; charset= cp866 ; x=y"), Some("cp866")),
            (Some("text/html; charset="), Some("iso-8859-1")),
            (Some("text/html; charset=\"utf-8\" junk"), Some("utf-8")),
            (Some("text/html; charset=\"utf-8"), Some("utf-8")),
            (Some("text/html; charset=utf\u{1}8; charset=koi8-r"), Some("koi8-r")),
            (Some("image/png; charset"), None),
            (Some("image/png; name=\"a;charset=cp866\""), None),
            (Some("text/xml; name=\"a;charset=cp866; charset=utf-8"), Some("cp866")),
            (Some("charset=utf-8"), None),
            (Some(""), None),
            (Some(";;;=;\"\\"), None),
        ];
        for (content_type, expected) in cases {
            assert_eq!(encoding_of(content_type).as_deref(), expected, "{content_type:?}");
        }
    }

    #[test]
    fn a_content_type_of_open_quotes_is_read_in_no_time() {
        let hostile = format!("text/html;\"{}", "a;\\\"".repeat(60_000));
        let began = std::time::Instant::now();
        assert_eq!(encoding_of(Some(&hostile)).as_deref(), Some("iso-8859-1"));
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }

    #[test]
    fn json_is_utf8_unless_a_charset_is_written() {
        assert_eq!(Charset::for_json(None).expect("default"), Charset::UTF_8);
        assert_eq!(Charset::for_json(Some("text/plain")).expect("default"), Charset::UTF_8);
        assert_eq!(
            Charset::for_json(Some("text/plain; charset=cp1251")).expect("known").name(),
            "windows-1251"
        );
        assert!(Charset::for_json(Some("application/json; charset=klingon")).is_err());
    }

    #[test]
    fn names_are_found_in_any_spelling() {
        let cases = [
            ("UTF8", "UTF-8"),
            ("utf-8", "UTF-8"),
            ("UTF-8-BOM", "UTF-8"),
            ("cp65001", "UTF-8"),
            (" Windows-1251 ", "windows-1251"),
            ("cp1251", "windows-1251"),
            ("CP-1251", "windows-1251"),
            ("win1251", "windows-1251"),
            ("1251", "windows-1251"),
            ("windows-1252", "windows-1252"),
            ("cp866", "IBM866"),
            ("IBM866", "IBM866"),
            ("DOS-866", ""),
            ("KOI8-R", "KOI8-R"),
            ("koi8r", "KOI8-R"),
            ("koi8-u", "KOI8-U"),
            ("UTF-16", "UTF-16LE"),
            ("utf16be", "UTF-16BE"),
            ("UTF-16LE", "UTF-16LE"),
            ("utf-32", "UTF-32LE"),
            ("UTF-32BE", "UTF-32BE"),
            ("ISO-8859-1", "ISO-8859-1"),
            ("iso8859_1", "ISO-8859-1"),
            ("latin1", "ISO-8859-1"),
            ("iso-8859-5", "ISO-8859-5"),
            ("ISO8859-15", "ISO-8859-15"),
            ("gb2312", "GBK"),
            ("us-ascii", "windows-1252"),
            ("ANSI", ""),
            ("OEM", ""),
            ("binary", ""),
            ("iso-2022-kr", ""),
            ("", ""),
            ("---", ""),
            ("utf-8(", ""),
            ("ютф-8", ""),
        ];
        for (name, expected) in cases {
            let found = Charset::by_name(name).map_or("", Charset::name);
            assert_eq!(found, expected, "{name:?}");
        }
    }

    #[test]
    fn unknown_name_is_in_the_error_without_control_characters() {
        match Charset::by_name("klin\u{0}gon") {
            Err(Error { kind: ErrorKind::UnknownCharset { name }, .. }) => assert_eq!(name, "klingon"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cyrillic_decodes_from_every_usual_charset() {
        let cases: [(&str, &[u8]); 8] = [
            ("utf-8", "Привет".as_bytes()),
            ("windows-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2"),
            ("cp866", b"\x8f\xe0\xa8\xa2\xa5\xe2"),
            ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4"),
            ("iso-8859-5", b"\xbf\xe0\xd8\xd2\xd5\xe2"),
            ("utf-16le", b"\x1f\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42\x04"),
            ("utf-16be", b"\x04\x1f\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42"),
            ("utf-32be", b"\0\0\x04\x1f\0\0\x04\x40\0\0\x04\x38\0\0\x04\x32\0\0\x04\x35\0\0\x04\x42"),
        ];
        for (name, bytes) in cases {
            assert_eq!(text_of(named(name), bytes), "Привет", "{name}");
            assert_eq!(named(name).encode("Привет").expect("memory"), bytes, "{name}");
        }
    }

    #[test]
    fn latin1_is_one_character_per_byte_and_goes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = text_of(named("iso-8859-1"), &bytes);
        assert!(text.chars().map(u32::from).eq(0..256));
        assert_eq!(Charset::LATIN_1.encode(&text).expect("memory"), bytes);
        assert_eq!(text_of(named("windows-1252"), b"\x80"), "€");
    }

    #[test]
    fn byte_order_mark_is_removed_and_wins_over_the_label() {
        for charset in [Charset::UTF_8, Charset::LATIN_1, named("cp1251"), named("utf-16be")] {
            assert_eq!(text_of(charset, b"\xef\xbb\xbf\xd0\xaf"), "Я");
            assert_eq!(text_of(charset, b"\xff\xfe\x2f\x04"), "Я");
            assert_eq!(text_of(charset, b"\xfe\xff\x04\x2f"), "Я");
            assert_eq!(text_of(charset, b"\xff\xfe\0\0\x2f\x04\0\0"), "Я");
            assert_eq!(text_of(charset, b"\0\0\xfe\xff\0\0\x04\x2f"), "Я");
            assert_eq!(text_of(charset, b"\xef\xbb\xbf"), "");
        }
        assert_eq!(
            text_of(Charset::UTF_8, b"\xef\xbb\xbf\xef\xbb\xbfx"),
            "\u{feff}x",
            "only one mark is removed"
        );
    }

    #[test]
    fn invalid_bytes_become_replacement_characters() {
        assert_eq!(text_of(Charset::UTF_8, b"a\xffb\xd0"), "a\u{fffd}b\u{fffd}");
        assert_eq!(text_of(named("utf-16le"), b"\x00\xd8a\0b"), "\u{fffd}a\u{fffd}");
        assert_eq!(text_of(named("utf-32le"), b"\0\0\x11\0a\0\0\0b"), "\u{fffd}a\u{fffd}");
    }

    #[test]
    fn slices_may_cut_characters_and_marks() {
        let text = "Ёлка 🌲 + mark".repeat(700);
        for name in ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"] {
            let charset = named(name);
            let bytes = [charset.encode("\u{feff}").expect("memory"), charset.encode(&text).expect("memory")]
                .concat();
            for size in [1, 3, 5, 4096, bytes.len()] {
                assert!(
                    Charset::LATIN_1.decode(bytes.chunks(size)).expect("memory") == text,
                    "{name} in {size}"
                );
            }
        }
    }

    #[test]
    fn utf16_in_foreign_memory_equals_the_string() {
        let samples: [(&str, Vec<u8>); 6] = [
            ("utf-8", "Ж🌲\u{fffd}z".repeat(3000).into_bytes()),
            ("utf-8", b"\xf0\x9f\x8c broken \xc3".to_vec()),
            ("cp1251", (0..=255).collect()),
            ("iso-8859-1", (0..=255).cycle().take(10_000).collect()),
            ("utf-32le", "🌲я".repeat(2500).chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
            ("utf-8", Vec::new()),
        ];
        for (name, bytes) in samples {
            let charset = named(name);
            let expected: Vec<u16> = text_of(charset, &bytes).encode_utf16().collect();
            for size in [1, 7, bytes.len().max(1)] {
                let slices = bytes.chunks(size);
                let length = charset.utf16_len(slices.clone());
                assert_eq!(length, expected.len(), "{name} in {size}");
                assert!(charset.utf16_bound(bytes.len()).is_some_and(|bound| bound >= length));
                let mut out = vec![0xAA; length * 2 + 1];
                assert_eq!(charset.write_utf16(slices.clone(), &mut out), Some(length));
                let units: Vec<u16> =
                    out.chunks_exact(2).map(|two| u16::from_ne_bytes([two[0], two[1]])).collect();
                assert!(units == expected, "{name} in {size}");
                assert_eq!(out.last(), Some(&0xAA), "nothing is written behind the text");
                if length > 0 {
                    assert_eq!(charset.write_utf16(slices, &mut out[..length * 2 - 1]), None, "too small");
                }
            }
        }
    }

    #[test]
    fn bound_holds_for_every_charset_and_every_pair_of_bytes() {
        for name in
            ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp", "utf-16be", "utf-32"]
        {
            let charset = named(name);
            for first in 0..=255 {
                for second in (0..=255).step_by(5) {
                    let bytes = [first, second, 0x1b, first];
                    let length = charset.utf16_len(std::iter::once(&bytes[..]));
                    assert!(
                        charset.utf16_bound(bytes.len()).is_some_and(|bound| bound >= length),
                        "{name} {bytes:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn character_the_charset_lacks_becomes_a_question_mark() {
        assert_eq!(named("cp1251").encode("Я🌲€é").expect("memory"), b"\xdf?\x88?");
        assert_eq!(Charset::LATIN_1.encode("éЯ").expect("memory"), b"\xe9?");
    }
}
