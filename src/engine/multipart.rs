//! Writing `multipart/form-data` (RFC 7578) as browsers do: names as UTF-8, `"` CR LF in them percent-escaped, nothing
//! else touched. The length is always known: parts are segments, never joined. What callers gave is not changed.

use super::body::{Body, Segment};
use super::error::{Error, ErrorKind, Phase, Result};
use super::hex;
use super::request::Part;

/// Part data up to this size are searched for the boundary.
const SEARCHED: usize = 64 * 1024;

/// A multipart body and its boundary.
pub(crate) struct Multipart<'a> {
    pub(crate) body: Body<'a>,
    pub(crate) boundary: String,
}

/// Puts the parts together under the boundary the caller wrote, else under a fresh random one.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with `multipart`: a part header that cannot be written, a boundary that RFC 2046
/// section 5.1.1 forbids or that a part contains, or no random numbers; [`ErrorKind::OutOfMemory`].
pub(crate) fn write<'a>(parts: &'a [Part<'_>], wanted: Option<&str>) -> Result<Multipart<'a>> {
    if let Some(wanted) = wanted {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
        let valid = (1..=70).contains(&wanted.len()) && wanted.bytes().all(allowed) && !wanted.ends_with(' ');
        let delimiter = format!("--{wanted}");
        if !valid || parts.iter().any(|part| contains(&part.data, &delimiter)) {
            return Err(invalid("Content-Type", "boundary"));
        }
        return write_with(parts, wanted.to_owned());
    }
    let mut boundary = random_boundary()?;
    // 128 random bits do not collide; a caller's own constant data might still hold an earlier boundary of ours.
    while parts.iter().any(|part| contains(&part.data, &boundary)) {
        boundary = random_boundary()?;
    }
    write_with(parts, boundary)
}

/// The value of the `boundary` parameter of a multipart content type; an opened quote that nobody closes is part of it.
pub(crate) fn boundary_in(content_type: &str) -> Option<&str> {
    let value = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim())
    })?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(quoted.unwrap_or(value))
}

fn write_with<'a>(parts: &'a [Part<'_>], boundary: String) -> Result<Multipart<'a>> {
    let mut body = Body::none();
    let mut between = String::new();
    for part in parts {
        let headers = part.headers.iter().map(|(name, value)| name.len() + value.len() + 4);
        let names = part.name.len() + part.file_name.as_ref().map_or(0, String::len);
        // Escaping makes three bytes of one.
        let most = headers.sum::<usize>()
            + names.saturating_mul(3)
            + part.content_type.as_ref().map_or(0, String::len);
        between
            .try_reserve(most.saturating_add(512))
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: most as u64 }, Phase::Prepare))?;
        between.push_str("--");
        between.push_str(&boundary);
        between.push_str("\r\n");
        head(&mut between, part)?;
        body.push(text(std::mem::take(&mut between)));
        body.push(part.data.borrowed());
        between.push_str("\r\n");
    }
    between.push_str("--");
    between.push_str(&boundary);
    between.push_str("--\r\n");
    body.push(text(between));
    Ok(Multipart { body, boundary })
}

/// The header block of a part: `Content-Disposition`, `Content-Type`, `Content-Location`, then the caller's others.
fn head(out: &mut String, part: &Part<'_>) -> Result<()> {
    let disposition =
        part.headers.first("content-disposition").unwrap_or("form-data").trim_end_matches([';', ' ']);
    field(out, "Content-Disposition", |out| {
        out.push_str(disposition);
        out.push_str("; name=\"");
        escaped(out, &part.name);
        out.push('"');
        if let Some(name) = part.file_name.as_deref().filter(|name| !name.is_empty()) {
            out.push_str("; filename=\"");
            escaped(out, name);
            out.push('"');
        }
    });
    check("Content-Disposition", disposition)?;
    let kind = part.content_type.as_deref().filter(|kind| !kind.is_empty());
    if let Some(kind) = kind.or_else(|| part.headers.first("content-type")) {
        check("Content-Type", kind)?;
        field(out, "Content-Type", |out| out.push_str(kind));
    }
    if let Some(location) = part.headers.first("content-location") {
        check("Content-Location", location)?;
        field(out, "Content-Location", |out| out.push_str(location));
    }
    let placed = ["content-disposition", "content-type", "content-location"];
    for (name, value) in
        part.headers.iter().filter(|(name, _)| !placed.iter().any(|known| known.eq_ignore_ascii_case(name)))
    {
        check(name, value)?;
        field(out, name, |out| out.push_str(value));
    }
    out.push_str("\r\n");
    Ok(())
}

fn field(out: &mut String, name: &str, value: impl FnOnce(&mut String)) {
    out.push_str(name);
    out.push_str(": ");
    value(out);
    out.push_str("\r\n");
}

/// Escapes as the HTML standard says for form data: the three characters that would end the value.
fn escaped(out: &mut String, name: &str) {
    for c in name.chars() {
        match c {
            '"' => out.push_str("%22"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c => out.push(c),
        }
    }
}

fn check(name: &str, value: &str) -> Result<()> {
    let bad_name = name.is_empty() || !name.bytes().all(super::headers::is_token_byte);
    let problem = match (bad_name, super::headers::is_value(value)) {
        (true, _) => "name",
        (false, false) => "value",
        (false, true) => return Ok(()),
    };
    Err(invalid(name, problem))
}

fn invalid(name: &str, problem: &'static str) -> Error {
    let name = name.chars().take(100).collect();
    Error::new(ErrorKind::InvalidRequest { part: "multipart", name, problem }, Phase::Prepare)
}

fn contains(data: &Segment<'_>, boundary: &str) -> bool {
    let bytes: &[u8] = match data {
        Segment::Bytes(bytes) => bytes,
        Segment::Shared(bytes) => bytes,
        Segment::File { .. } | Segment::Made { .. } => return false,
    };
    bytes.len() <= SEARCHED && bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes())
}

fn random_boundary() -> Result<String> {
    hex::random::<16>().map_err(|_| invalid("", "no-random-numbers"))
}

fn text<'a>(text: String) -> Segment<'a> {
    Segment::Bytes(text.into_bytes().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::headers::Headers;

    fn part<'a>(name: &str, file: Option<&str>, kind: Option<&str>, data: &'a [u8]) -> Part<'a> {
        Part {
            name: name.into(),
            file_name: file.map(str::to_owned),
            content_type: kind.map(str::to_owned),
            headers: Headers::new(),
            data: Segment::Bytes(data.into()),
        }
    }

    fn joined(body: &Body<'_>) -> String {
        let bytes: Vec<u8> = body
            .segments()
            .iter()
            .flat_map(|segment| match segment {
                Segment::Bytes(bytes) => bytes.to_vec(),
                _ => vec![],
            })
            .collect();
        assert_eq!(bytes.len() as u64, body.length());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn parts_have_their_headers_in_order_and_escaped_names() {
        let mut file = part("f\"1", Some("имя\r\n.txt"), Some("text/plain"), b"data");
        file.headers = [
            ("X-ID", "7"),
            ("content-location", "/l"),
            ("CONTENT-TYPE", "ignored/x"),
            ("content-disposition", "attachment"),
        ]
        .into_iter()
        .collect();
        let before = file.headers.clone();
        let parts = [part("field", None, None, "значение".as_bytes()), file.clone()];
        let written = write_with(&parts, "B".into()).unwrap();
        assert_eq!(
            joined(&written.body),
            "--B\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nзначение\r\n\
             --B\r\nContent-Disposition: attachment; name=\"f%221\"; filename=\"имя%0D%0A.txt\"\r\nContent-Type: text/plain\r\n\
             Content-Location: /l\r\nX-ID: 7\r\n\r\ndata\r\n--B--\r\n"
        );
        assert!(file.headers == before);
    }

    #[test]
    fn boundaries_are_32_hex_digits_and_never_the_same() {
        let (a, b) = (write(&[], None).unwrap().boundary, write(&[], None).unwrap().boundary);
        assert!(a.len() == 32 && a.bytes().all(|c| c.is_ascii_hexdigit()) && a != b);
        assert!(contains(&Segment::Bytes(format!("x{a}y").into_bytes().into()), &a));
    }

    #[test]
    fn a_part_header_that_would_start_another_line_is_refused() {
        let mut bad = part("a", None, None, b"");
        bad.headers.append("X-A", "1\r\nX-B: 2");
        assert!(matches!(
            write(&[bad], None).err().unwrap().kind,
            ErrorKind::InvalidRequest { part: "multipart", problem: "value", .. }
        ));
        assert!(write(&[part("a", None, Some("a/b\n"), b"")], None).is_err());
        assert!(write(&[part("a", None, None, b"x--B")], Some("B")).is_err(), "a boundary within a part");
    }
}
