//! From what the caller wants to send to a body and its `Content-Type`. Decided once per request, before anything is
//! sent, so that every hop, retry and redirect sends the same bytes. What the caller owns is borrowed, never copied.

use std::io::BufReader;

use super::body::{Body, Reading, Segment};
use super::error::{Error, ErrorKind, Phase, Result};
use super::headers::Headers;
use super::request::Content;
use super::{coding, multipart, query};

/// Content type of forms.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Makes the body and completes `headers`: `Content-Type` when the caller wrote none. A caller's
/// `multipart/form-data` without boundary gets ours; with one, the body is written with that. `Content-Encoding: gzip` (any case) packs the body.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`], [`ErrorKind::OutOfMemory`], [`ErrorKind::File`].
pub(crate) fn prepare<'a>(content: &'a Content<'_>, headers: &mut Headers) -> Result<Body<'a>> {
    let (body, automatic) = match content {
        Content::None => return Ok(Body::none()),
        Content::Bytes { bytes, content_type } => {
            let mut body = Body::none();
            body.push(bytes.borrowed());
            (body, content_type.map(str::to_owned))
        }
        Content::Form(parameters) => {
            let text = query::encode(parameters)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: 0 }, Phase::Prepare))?;
            (Body::bytes(text.into_bytes()), Some(FORM.to_owned()))
        }
        Content::Multipart(parts) => {
            let kind = headers.first("content-type").map(str::to_owned);
            let kind = kind.filter(|kind| kind.trim().to_ascii_lowercase().starts_with("multipart/"));
            let wanted = kind.as_deref().and_then(multipart::boundary_in);
            let written = multipart::write(parts, wanted)?;
            let boundary = written.boundary;
            if let Some(kind) = &kind
                && wanted.is_none()
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
    let mut gzipped = Body::none();
    for block in coding::write_gzip(BufReader::new(Reading::new(&body)))?.into_blocks() {
        gzipped.push(Segment::Bytes(block.into()));
    }
    Ok(gzipped)
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
    fn a_packed_body_joins_its_segments_and_a_missing_file_is_an_error_of_its_own() {
        let file = |path: &std::path::Path| Part {
            name: "f".into(),
            file_name: None,
            content_type: None,
            headers: Headers::new(),
            data: Segment::File { path: path.to_owned(), length: 4 },
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let gzip = || [("content-encoding", "gzip")].into_iter().collect::<Headers>();
        let error = prepare(&Content::Multipart(vec![file(&path)]), &mut gzip()).err().unwrap();
        assert!(matches!(error.kind, ErrorKind::File { operation: "open", .. }), "{error:?}");
        let error = prepare(&Content::Multipart(vec![file(folder.path())]), &mut gzip()).err().unwrap();
        let ErrorKind::File { path: named, operation: "open" | "read", .. } = &error.kind else {
            panic!("{error:?}")
        };
        assert_eq!((named.as_str(), error.phase), (&*folder.path().display().to_string(), Phase::File));
        std::fs::write(&path, "file").unwrap();
        let content = Content::Multipart(vec![file(&path)]);
        let body = prepare(&content, &mut gzip()).unwrap();
        let plain = coding::decode_to_vec(&[coding::Coding::Gzip], &bytes(&body)[..], 1 << 20).unwrap();
        assert!(String::from_utf8(plain).unwrap().contains("\r\n\r\nfile\r\n--"));
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
    fn a_boundary_the_caller_wrote_is_the_one_in_the_body() {
        let content = Content::Multipart(vec![]);
        for written in ["multipart/form-data; boundary=My-1", "Multipart/Mixed;BOUNDARY=\"My-1\" ; a=b"] {
            let (body, headers) = prepared(&content, &[("content-type", written)]);
            assert_eq!(body, b"--My-1--\r\n", "{written}");
            assert_eq!(headers.first("content-type"), Some(written));
        }
        let too_long = format!("boundary={}", "x".repeat(71));
        for bad in ["boundary=", "boundary=\"\"", "boundary=\"a", "boundary=a\u{439}", &too_long] {
            let mut headers = [("content-type", format!("multipart/form-data; {bad}"))].into_iter().collect();
            let error = prepare(&content, &mut headers).err().unwrap();
            assert!(
                matches!(
                    error.kind,
                    ErrorKind::InvalidRequest { part: "multipart", problem: "boundary", .. }
                ),
                "{bad} {error:?}"
            );
        }
    }

    #[test]
    fn nothing_to_send_is_no_body_and_no_type() {
        let mut headers = Headers::new();
        assert!(prepare(&Content::None, &mut headers).unwrap().is_none() && headers.is_empty());
    }
}
