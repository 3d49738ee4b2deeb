//! From what the caller wants to send to a body and its `Content-Type`. Decided once per request, before anything is
//! sent, so that every hop, retry and redirect sends the same bytes.

use std::fs::File;
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::body::{Body, Segment};
use super::error::{Error, ErrorKind, Phase, Result};
use super::headers::Headers;
use super::request::Content;
use super::{multipart, query};

/// Content type of forms.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Makes the body and completes `headers`: `Content-Type` when the caller wrote none. A caller's
/// `multipart/form-data` without boundary gets ours. `Content-Encoding: gzip` (any case) packs the body.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`], [`ErrorKind::OutOfMemory`], [`ErrorKind::File`].
pub(crate) fn prepare<'a>(content: &Content<'a>, headers: &mut Headers) -> Result<Body<'a>> {
    let (body, automatic) = match content {
        Content::None => return Ok(Body::none()),
        Content::Bytes { bytes, content_type } => {
            let mut body = Body::none();
            body.push(bytes.clone());
            (body, content_type.map(str::to_owned))
        }
        Content::Form(parameters) => {
            let text = query::encode(parameters)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: 0 }, Phase::Prepare))?;
            (Body::bytes(text.into_bytes()), Some(FORM.to_owned()))
        }
        Content::Multipart(parts) => {
            let written = multipart::write(parts)?;
            let boundary = written.boundary;
            if let Some(kind) = headers.first("content-type").map(str::to_owned)
                && kind.trim().to_ascii_lowercase().starts_with("multipart/")
                && !kind.to_ascii_lowercase().contains("boundary=")
            {
                let kind = kind.trim_end_matches([';', ' ']).to_owned();
                headers.set("Content-Type", format!("{kind}; boundary={boundary}"));
            }
            (written.body, Some(format!("multipart/form-data; boundary={boundary}")))
        }
    };
    if let Some(kind) = automatic.filter(|_| !headers.contains("content-type")) {
        headers.append("Content-Type", kind);
    }
    let packed =
        headers.first("content-encoding").is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip"));
    if !packed {
        return Ok(body);
    }
    Ok(Body::bytes(gzip(&body)?))
}

/// The body as one gzip member: no name, no time, zlib's level 6 (a fixed choice: callers compare the bytes).
fn gzip(body: &Body<'_>) -> Result<Vec<u8>> {
    let mut packer = GzBuilder::new().operating_system(255).write(Growing(Vec::new()), Compression::new(6));
    for segment in body.segments() {
        let written = match segment {
            Segment::Bytes(bytes) => packer.write_all(bytes),
            Segment::Shared(bytes) => packer.write_all(bytes),
            Segment::File { path, .. } => {
                let failed = |operation, source| {
                    let path = path.display().to_string();
                    Error::new(ErrorKind::File { path, operation, source }, Phase::File)
                };
                let mut file = File::open(path).map_err(|error| failed("open", error))?;
                match io::copy(&mut file, &mut packer) {
                    Err(error) if error.kind() != io::ErrorKind::OutOfMemory => {
                        return Err(failed("read", error));
                    }
                    other => other.map(drop),
                }
            }
        };
        written.map_err(|_| no_memory(packer.get_ref().0.len()))?;
    }
    packer.finish().map(|packed| packed.0).map_err(|_| no_memory(0))
}

fn no_memory(wanted: usize) -> Error {
    Error::new(ErrorKind::OutOfMemory { wanted: wanted as u64 }, Phase::Prepare)
}

/// A vector whose growth can fail.
struct Growing(Vec<u8>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_reserve(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::request::{Parameter, Part};

    fn bytes(body: &Body<'_>) -> Vec<u8> {
        let of = |segment: &Segment<'_>| match segment {
            Segment::Bytes(bytes) => bytes.to_vec(),
            _ => vec![],
        };
        body.segments().iter().flat_map(of).collect()
    }

    fn prepared(content: &Content<'_>, headers: &[(&str, &str)]) -> (Vec<u8>, Headers) {
        let mut headers: Headers = headers.iter().copied().collect();
        let body = prepare(content, &mut headers).unwrap();
        (bytes(&body), headers)
    }

    #[test]
    fn a_form_is_encoded_like_a_query_and_gets_its_type() {
        let form = Content::Form(vec![("имя".into(), Parameter::List(vec!["a b".into(), "@".into()]))]);
        let (body, headers) = prepared(&form, &[]);
        assert_eq!(body, b"%D0%B8%D0%BC%D1%8F=a%20b&%D0%B8%D0%BC%D1%8F=%40");
        assert_eq!(headers.first("content-type"), Some("application/x-www-form-urlencoded; charset=utf-8"));
        let (_, headers) = prepared(&form, &[("content-TYPE", "a/b")]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("content-TYPE", "a/b")]);
    }

    #[test]
    fn a_body_for_gzip_is_packed() {
        let content =
            Content::Bytes { bytes: Segment::Bytes(b"text"[..].into()), content_type: Some("text/plain") };
        let (body, headers) = prepared(&content, &[("Content-encoding", " GZip ")]);
        assert_eq!(&body[..4], b"\x1f\x8b\x08\x00");
        assert_eq!(
            (headers.first("content-encoding"), headers.first("content-type")),
            (Some(" GZip "), Some("text/plain"))
        );
    }

    #[test]
    fn a_multipart_type_without_boundary_gets_ours() {
        let part = Part {
            name: "a".into(),
            file_name: None,
            content_type: None,
            headers: Headers::new(),
            data: Segment::Bytes(b"1"[..].into()),
        };
        for (written, start) in [
            (&[][..], "multipart/form-data; boundary="),
            (&[("Content-Type", "multipart/mixed;")][..], "multipart/mixed; boundary="),
        ] {
            let (body, headers) = prepared(&Content::Multipart(vec![part.clone()]), written);
            let boundary = headers.first("content-type").unwrap().strip_prefix(start).unwrap().to_owned();
            assert!(body.starts_with(format!("--{boundary}\r\n").as_bytes()));
            assert!(body.ends_with(format!("\r\n--{boundary}--\r\n").as_bytes()));
        }
    }

    #[test]
    fn nothing_to_send_is_no_body_and_no_type() {
        let mut headers = Headers::new();
        assert!(prepare(&Content::None, &mut headers).unwrap().is_none() && headers.is_empty());
    }
}
