//! Where a response body ends (RFC 9112 section 6.3), and whether the connection can be used again (section 9.3).
//!
//! The rules that decide between readers are checked here, strictly; the decision itself is ureq-proto's, which gets
//! a head made of the normalised framing fields only.

use crate::engine::error::Result;
use crate::engine::headers::Headers;

use super::head::{RawHead, protocol};

/// Framing fields of a response after the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`.
    Length(u64),
    /// Neither.
    None,
}

/// Framing of a response with `headers`.
///
/// # Errors
/// `content-length` or `transfer-encoding`: the message cannot be delimited safely.
pub(crate) fn framing(headers: &Headers) -> Result<Framing> {
    let length = content_length(headers)?;
    let mut codings = headers
        .all("transfer-encoding")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|coding| !coding.is_empty());
    let first = codings.next();
    let more = codings.next().is_some();
    match first {
        None if headers.contains("transfer-encoding") => Err(bad_coding(headers)),
        None => Ok(length.map_or(Framing::None, Framing::Length)),
        // Any further coding is either one that was not asked for and cannot be undone, or a second chunked.
        Some(_) if more => Err(bad_coding(headers)),
        Some(coding) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        // RFC 2616 had it for "no coding"; some servers still send it.
        Some(coding) if coding.eq_ignore_ascii_case("identity") && length.is_none() => Ok(Framing::None),
        Some(_) => Err(bad_coding(headers)),
    }
}

/// The value of `Content-Length`. Repeated equal values are one (RFC 9112 section 6.3, item 5).
fn content_length(headers: &Headers) -> Result<Option<u64>> {
    let mut result = None;
    for value in headers.all("content-length").flat_map(|value| value.split(',')) {
        let digits = value.trim_matches([' ', '\t']);
        let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let length: u64 = match digits.parse() {
            Ok(length) if valid => length,
            _ => return Err(protocol("content-length", format!("not a length: {}", clip(value)))),
        };
        if result.is_some_and(|known| known != length) {
            return Err(protocol("content-length", "different lengths".to_owned()));
        }
        result = Some(length);
    }
    Ok(result)
}

fn bad_coding(headers: &Headers) -> crate::engine::error::Error {
    let value = headers.all("transfer-encoding").collect::<Vec<_>>().join(", ");
    protocol("transfer-encoding", clip(&value))
}

fn clip(value: &str) -> String {
    value.chars().take(60).map(|c| if c.is_control() { '.' } else { c }).collect()
}

/// The head ureq-proto decides on: the status and the framing fields, nothing a lenient server wrote.
pub(crate) fn normalised(status: u16, framing: Framing) -> String {
    let field = match framing {
        Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
        Framing::Length(length) => format!("content-length: {length}\r\n"),
        Framing::None => String::new(),
    };
    format!("HTTP/1.1 {status} \r\n{field}\r\n")
}

/// Whether the peer keeps the connection open after this response.
pub(crate) fn keeps_open(head: &RawHead) -> bool {
    let has = |token: &str| has_token(&head.headers, "connection", token);
    // 101 is not HTTP any more. Transfer-Encoding in HTTP/1.0 is faulty framing (RFC 9112 section 6.1).
    let faulty = head.minor_version == 0 && head.headers.contains("transfer-encoding");
    head.status != 101 && !has("close") && !faulty && (head.minor_version > 0 || has("keep-alive"))
}

/// Whether the list field `name` has `token`.
pub(crate) fn has_token(headers: &Headers, name: &str, token: &str) -> bool {
    headers.all(name).flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::error::ErrorKind;

    fn of(fields: &[(&str, &str)]) -> Result<Framing, &'static str> {
        framing(&fields.iter().copied().collect()).map_err(|error| match error.kind {
            ErrorKind::Protocol { problem, .. } => problem,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn equal_lengths_are_one_and_different_ones_an_error() {
        assert_eq!(of(&[("Content-Length", "5, 5"), ("content-length", "5")]), Ok(Framing::Length(5)));
        assert_eq!(of(&[("Content-Length", "5"), ("Content-Length", "6")]), Err("content-length"));
        assert_eq!(
            of(&[("Transfer-Encoding", "chunked"), ("Content-Length", "5, 6")]),
            Err("content-length")
        );
    }

    #[test]
    fn only_digits_are_a_length() {
        for value in ["+5", "-5", "0x5", "5 5", "", "5,", "5a", "18446744073709551616", "٥"] {
            assert_eq!(of(&[("Content-Length", value)]), Err("content-length"), "{value:?}");
        }
        assert_eq!(of(&[("Content-Length", "007")]), Ok(Framing::Length(7)));
    }

    #[test]
    fn chunked_wins_over_a_length() {
        assert_eq!(of(&[("Content-Length", "5"), ("Transfer-Encoding", "Chunked")]), Ok(Framing::Chunked));
    }

    #[test]
    fn any_other_transfer_coding_is_an_error() {
        for value in
            ["gzip", "chunked, deflate", "gzip, chunked", "chunked, chunked", "xchunked", "", "chunked;q=1"]
        {
            assert_eq!(of(&[("Transfer-Encoding", value)]), Err("transfer-encoding"), "{value:?}");
        }
        assert_eq!(of(&[("Transfer-Encoding", "identity")]), Ok(Framing::None));
        assert_eq!(
            of(&[("Transfer-Encoding", "identity"), ("Content-Length", "1")]),
            Err("transfer-encoding")
        );
    }
}
