//! A body read through, for what has to see its bytes before they are sent: packing, hashing, signing. Gives exactly
//! the bytes that would be sent: of a file that grew meanwhile the first ones, of one that shrank an error.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::engine::error::{Error, ErrorKind, Phase};

use super::{Body, Segment};

/// Reads the segments of a body one after the other. Its errors carry the engine's own ([`Reading::error_of`]).
pub(crate) struct Reading<'b> {
    rest: std::slice::Iter<'b, Segment<'b>>,
    current: Box<dyn Read + Send + 'b>,
    /// Bytes `current` still owes.
    left: u64,
    /// Of the file `current` is, if it is one.
    path: Option<&'b Path>,
}

impl<'b> Reading<'b> {
    /// From the beginning.
    pub(crate) fn new(body: &'b Body<'b>) -> Self {
        Self { rest: body.segments().iter(), current: Box::new(io::empty()), left: 0, path: None }
    }

    /// The engine's error inside an error of reading.
    pub(crate) fn error_of(error: io::Error) -> Error {
        error.downcast::<Error>().unwrap_or_else(|source| {
            let kind = ErrorKind::File { path: String::new(), operation: "read", source };
            Error::new(kind, Phase::File)
        })
    }

    fn open(&mut self, segment: &'b Segment<'b>) -> io::Result<()> {
        self.left = segment.length();
        self.path = None;
        self.current = match segment {
            Segment::Bytes(bytes) => Box::new(&**bytes),
            Segment::Shared(bytes) => Box::new(&**bytes),
            Segment::File { path, .. } => {
                self.path = Some(path);
                Box::new(File::open(path).map_err(|source| file_error(path, "open", source))?)
            }
            Segment::Made { source, .. } => source.open()?,
        };
        Ok(())
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.left == 0 {
            match self.rest.next() {
                Some(segment) => self.open(segment)?,
                None => return Ok(0),
            }
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = match (self.current.read(buffer.get_mut(..most).unwrap_or_default()), self.path) {
            (Err(error), Some(path)) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(file_error(path, "read", error));
            }
            (result, _) => result?,
        };
        if count == 0 {
            let source = io::Error::other("shorter than when the request was prepared");
            return Err(match self.path {
                Some(path) => file_error(path, "changed", source),
                None => source,
            });
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// An engine error on its way through `io::Read`.
fn file_error(path: &Path, operation: &'static str, source: io::Error) -> io::Error {
    let path = path.display().to_string();
    io::Error::other(Error::new(ErrorKind::File { path, operation, source }, Phase::File))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(body: &Body<'_>) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        Reading::new(body).read_to_end(&mut bytes).map_err(Reading::error_of)?;
        Ok(bytes)
    }

    #[test]
    fn exactly_the_bytes_that_would_be_sent_are_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "file and more").unwrap();
        let mut body = Body::bytes(b"".as_slice());
        body.push(Segment::Shared(b"one-".to_vec().into()));
        body.push(Segment::File { path: file.path().to_owned(), length: 4 });
        body.push(Segment::Bytes(b"-two".as_slice().into()));
        assert_eq!(read(&body).unwrap(), b"one-file-two");
        assert_eq!(read(&Body::none()).unwrap(), b"");
    }

    #[test]
    fn a_file_that_shrank_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let mut body = Body::none();
        body.push(Segment::File { path: file.path().to_owned(), length: 4 });
        let error = read(&body).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::File { operation: "changed", .. }), "{error:?}");
    }
}
