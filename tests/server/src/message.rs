//! A request as it arrived: head parsed by httparse, body still to be read.

use std::io;

use percent_encoding::percent_decode_str;

const MOST_HEADERS: usize = 256;

/// Request line and headers.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// Target as sent, query included.
    pub(crate) target: String,
    /// Names as sent.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) http10: bool,
}

/// How the body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
}

impl Head {
    /// The head in `bytes` and its length, or `None` when it is not complete.
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut slots);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let head = Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            headers: request.headers.iter().map(|h| (h.name.to_owned(), h.value.to_vec())).collect(),
            http10: request.version == Some(0),
        };
        Ok(Some((head, length)))
    }

    /// First value of a header, as text.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    pub(crate) fn header_is(&self, name: &str, word: &str) -> bool {
        self.header(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
    }

    pub(crate) fn framing(&self) -> io::Result<Framing> {
        if self.header_is("transfer-encoding", "chunked") {
            return Ok(Framing::Chunked);
        }
        match self.header("content-length") {
            None => Ok(Framing::Length(0)),
            Some(text) => {
                let length =
                    text.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
                Ok(Framing::Length(length?))
            }
        }
    }

    /// Path without query, as sent.
    pub(crate) fn raw_path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Segments of the path, percent-decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        let path = self.raw_path().trim_start_matches('/');
        path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
    }

    /// Query parameters in order; a key without value has an empty one.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// First query parameter of that name.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A number from the query, or `default`.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> T {
        self.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}
