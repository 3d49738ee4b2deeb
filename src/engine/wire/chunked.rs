//! Chunked bodies: strict about sizes (two readers must not disagree), open to extensions of any length.
//!
//! Decoding is ureq-proto's; it limits size lines to 20 bytes and takes what `from_str_radix` takes (`+5`). So every
//! line of the framing is read here by the grammar of RFC 9112 section 7.1, and ureq-proto sees each piece of data as
//! a chunk of its own with a plain size line. Trailer fields are read and dropped.

use ureq_proto::client::Call;
use ureq_proto::client::state::RecvBody;

use crate::engine::error::{Error, ErrorKind, Phase, Result};

use super::head::excerpt;

/// Decoder of one body.
pub(crate) struct Dechunker {
    call: Call<RecvBody>,
    state: State,
    /// Bytes of framing that may still come in this line or these trailers.
    allowed: usize,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At a size line.
    Size,
    /// So many bytes of data left.
    Data(u64),
    /// At the line end after data.
    DataEnd,
    /// In the trailer section.
    Trailer,
    Ended,
}

/// What one step did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Bytes of the input used.
    pub(crate) used: usize,
    /// Bytes of the output filled.
    pub(crate) filled: usize,
}

impl Dechunker {
    /// A decoder that drives `call`; lines and trailers have at most `limit` bytes.
    pub(crate) fn new(call: Call<RecvBody>, limit: usize) -> Self {
        Self { call, state: State::Size, allowed: limit, limit }
    }

    /// Whether the body is complete.
    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended && self.call.can_proceed()
    }

    /// Decodes from `input` to `output` until one of them is used up or the body ends. A step that uses nothing needs
    /// more input than it was given (a line must be complete).
    ///
    /// # Errors
    /// `chunk` or `header-size`.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step> {
        let mut step = Step { used: 0, filled: 0 };
        loop {
            let rest = input.get(step.used..).unwrap_or_default();
            match self.state {
                State::Ended => return Ok(step),
                State::Data(left) => {
                    let space = output.get_mut(step.filled..).unwrap_or_default();
                    let count = rest.len().min(space.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
                    let (Some(data), Some(space)) = (rest.get(..count), space.get_mut(..count)) else {
                        return Ok(step);
                    };
                    if count == 0 {
                        return Ok(step);
                    }
                    self.feed(format!("{count:x}\r\n").as_bytes())?;
                    self.pass(data, space)?;
                    self.feed(b"\r\n")?;
                    step.used += count;
                    step.filled += count;
                    let left = left - count as u64;
                    self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
                    self.allowed = self.limit;
                }
                _ => {
                    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                        return if rest.len() > self.allowed { Err(too_large(self.limit)) } else { Ok(step) };
                    };
                    step.used += end + 1;
                    self.allowed = self.allowed.checked_sub(end + 1).ok_or_else(|| too_large(self.limit))?;
                    let line = rest.get(..end).unwrap_or_default();
                    self.line(line.strip_suffix(b"\r").unwrap_or(line))?;
                }
            }
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<()> {
        match self.state {
            State::Size => match size(line).ok_or_else(|| bad(line))? {
                0 => {
                    self.feed(b"0\r\n")?;
                    self.state = State::Trailer;
                }
                size => self.state = State::Data(size),
            },
            State::DataEnd if line.is_empty() => {
                self.state = State::Size;
                self.allowed = self.limit;
            }
            State::DataEnd => return Err(bad(line)),
            State::Trailer if line.is_empty() => {
                self.feed(b"\r\n")?;
                self.state = State::Ended;
            }
            State::Trailer | State::Data(_) | State::Ended => {}
        }
        Ok(())
    }

    /// Gives framing to the decoder, which must take all of it.
    fn feed(&mut self, framing: &[u8]) -> Result<()> {
        match self.call.read(framing, &mut []) {
            Ok((used, 0)) if used == framing.len() => Ok(()),
            _ => Err(bad(framing)),
        }
    }

    fn pass(&mut self, data: &[u8], space: &mut [u8]) -> Result<()> {
        match self.call.read(data, space) {
            Ok((used, filled)) if used == data.len() && filled == data.len() => Ok(()),
            _ => Err(bad(b"data")),
        }
    }
}

/// A size line: `1*HEXDIG *( BWS ";" BWS name [ BWS "=" BWS value ] )`. Blanks after the size alone are taken too: old
/// servers pad it to a fixed width, and no two readers see another size in it.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, mut rest) = line.split_at_checked(digits)?;
    let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    if blanks(rest).is_empty() {
        return Some(size);
    }
    while !rest.is_empty() {
        rest = blanks(rest).strip_prefix(b";")?;
        rest = token(blanks(rest))?;
        if let Some(value) = blanks(rest).strip_prefix(b"=") {
            let value = blanks(value);
            rest = match value.strip_prefix(b"\"") {
                Some(quoted) => quoted_end(quoted)?,
                None => token(value)?,
            };
        }
    }
    Some(size)
}

fn blanks(bytes: &[u8]) -> &[u8] {
    let count = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    bytes.get(count..).unwrap_or_default()
}

/// What follows a token.
fn token(bytes: &[u8]) -> Option<&[u8]> {
    let count = bytes.iter().take_while(|byte| is_token(**byte)).count();
    if count == 0 { None } else { bytes.get(count..) }
}

/// What follows the closing quote.
fn quoted_end(bytes: &[u8]) -> Option<&[u8]> {
    let mut escaped = false;
    let end = bytes.iter().position(|byte| {
        let closes = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        closes
    })?;
    let (text, rest) = bytes.split_at_checked(end)?;
    let printable = text.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..));
    if printable { rest.get(1..) } else { None }
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn bad(line: &[u8]) -> Error {
    Error::new(ErrorKind::Protocol { problem: "chunk", detail: excerpt(line) }, Phase::Body)
}

fn too_large(limit: usize) -> Error {
    let detail = format!("a chunk line or the trailers are larger than {limit} bytes");
    Error::new(ErrorKind::Protocol { problem: "header-size", detail }, Phase::Body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_strictly_hexadecimal() {
        assert_eq!(size(b"1aF"), Some(0x1af));
        assert_eq!(size(b"ffffffffffffffff"), Some(u64::MAX));
        for line in ["5 ", "5\t", "5   \t ", "5 ;a"] {
            assert_eq!(size(line.as_bytes()), Some(5), "{line:?}");
        }
        for line in [
            "",
            " ",
            "\t",
            "+5",
            "-5",
            "0x5",
            " 5",
            "5 5",
            "5 \x0b",
            "5 \r",
            "5 ;",
            "g",
            "10000000000000000",
            "5\x0b",
        ] {
            assert_eq!(size(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn extensions_follow_the_grammar() {
        for line in ["5;a", "5;a=b", "5 ; a = \"x;\\\" y\" ;c", "5;chunk-signature=0123abc"] {
            assert_eq!(size(line.as_bytes()), Some(5), "{line:?}");
        }
        for line in ["5;", "5;=b", "5;a ", "5;a=", "5;a=\"x", "5;a b", "5;a=\"x\x01\""] {
            assert_eq!(size(line.as_bytes()), None, "{line:?}");
        }
    }
}
