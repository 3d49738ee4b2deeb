//! The bytes of a request in order: head and body segments, given out as slices to be sent as they are. Only a file,
//! and what is made while sending, need a buffer.

use std::fs::File;
use std::io::{IoSlice, Read};

use crate::engine::body::Segment;
use crate::engine::error::{Error, ErrorKind, Phase, Result};

/// Slices given out at once at most.
const SLICES: usize = 16;
/// Bytes given out at once at most: between two pieces the sender looks for an early answer.
pub(crate) const PIECE: usize = 1024 * 1024;
/// Bytes of a file, or made, read at once.
const FILE_BUFFER: usize = 256 * 1024;

/// What is still to be sent.
pub(crate) struct Outgoing<'a> {
    head: &'a [u8],
    segments: &'a [Segment<'a>],
    /// Bytes of the first of `segments` already sent (or, of a file, read).
    offset: u64,
    /// The opened one of `segments`, if it is a file or made while sending.
    reader: Option<Box<dyn Read + 'a>>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` already sent.
    buffer_sent: usize,
}

impl<'a> Outgoing<'a> {
    /// `head` and then `segments`.
    pub(crate) fn new(head: &'a [u8], segments: &'a [Segment<'a>]) -> Self {
        Self { head, segments, offset: 0, reader: None, buffer: Vec::new(), buffer_sent: 0 }
    }

    /// The next bytes; empty when everything is sent.
    ///
    /// # Errors
    /// A file that cannot be read or is shorter than announced.
    pub(crate) fn next(&mut self) -> Result<Vec<IoSlice<'_>>> {
        self.skip_empty();
        if self.head.is_empty() && self.buffer_sent == self.buffer.len() {
            self.fill()?;
        }
        let mut slices = Vec::with_capacity(4);
        let mut room = PIECE;
        let unsent = self.buffer.get(self.buffer_sent..).unwrap_or_default();
        if !self.head.is_empty() {
            push(&mut slices, self.head, &mut room);
        } else if !unsent.is_empty() {
            push(&mut slices, unsent, &mut room);
            return Ok(slices);
        }
        let mut offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        for segment in self.segments {
            if room == 0 || slices.len() == SLICES {
                break;
            }
            let bytes: &[u8] = match segment {
                Segment::Bytes(bytes) => bytes,
                Segment::Shared(bytes) => bytes,
                Segment::File { .. } | Segment::Made { .. } => break,
            };
            push(&mut slices, bytes.get(offset..).unwrap_or_default(), &mut room);
            offset = 0;
        }
        Ok(slices)
    }

    /// What is left of the head, which then counts as sent.
    pub(crate) fn take_head(&mut self) -> Option<&'a [u8]> {
        let head = std::mem::take(&mut self.head);
        if head.is_empty() { None } else { Some(head) }
    }

    /// `count` bytes of the last [`Outgoing::next`] are sent. Returns how many of them were body.
    pub(crate) fn advance(&mut self, mut count: usize) -> usize {
        let of_head = count.min(self.head.len());
        self.head = self.head.get(of_head..).unwrap_or_default();
        count -= of_head;
        let body = count;
        let of_buffer = count.min(self.buffer.len() - self.buffer_sent);
        self.buffer_sent += of_buffer;
        count -= of_buffer;
        while count > 0 {
            let Some(segment) = self.segments.first() else { break };
            let of_segment = (count as u64).min(segment.length().saturating_sub(self.offset));
            self.offset += of_segment;
            count -= usize::try_from(of_segment).unwrap_or(count);
            self.skip_empty();
            if of_segment == 0 {
                break;
            }
        }
        body
    }

    /// Passes segments whose bytes are all sent.
    fn skip_empty(&mut self) {
        while let Some((first, rest)) = self.segments.split_first() {
            if self.offset < first.length() || self.buffer_sent < self.buffer.len() {
                return;
            }
            self.segments = rest;
            self.offset = 0;
            self.reader = None;
        }
    }

    fn fill(&mut self) -> Result<()> {
        let Some(segment @ (Segment::File { length, .. } | Segment::Made { length, .. })) =
            self.segments.first()
        else {
            return Ok(());
        };
        let left = length.saturating_sub(self.offset);
        if left == 0 {
            return Ok(());
        }
        if self.reader.is_none() {
            self.reader = Some(open(segment)?);
        }
        let size = usize::try_from(left).unwrap_or(FILE_BUFFER).min(FILE_BUFFER);
        self.buffer.clear();
        self.buffer_sent = 0;
        self.buffer
            .try_reserve_exact(size)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: size as u64 }, Phase::Send))?;
        self.buffer.resize(size, 0);
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let count = loop {
            match reader.read(&mut self.buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other.map_err(|source| read_error(segment, "read", source))?,
            }
        };
        self.buffer.truncate(count);
        if count == 0 {
            let source = std::io::Error::other("the file is shorter than when the request was prepared");
            return Err(read_error(segment, "changed", source));
        }
        self.offset += count as u64;
        Ok(())
    }
}

fn open<'a>(segment: &'a Segment<'a>) -> Result<Box<dyn Read + 'a>> {
    match segment {
        Segment::Bytes(bytes) => Ok(Box::new(&**bytes)),
        Segment::Shared(bytes) => Ok(Box::new(&**bytes)),
        Segment::File { path, .. } => match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(source) => Err(read_error(segment, "open", source)),
        },
        Segment::Made { source, .. } => match source.open() {
            Ok(reader) => Ok(reader),
            Err(source) => Err(read_error(segment, "open", source)),
        },
    }
}

fn push<'b>(slices: &mut Vec<IoSlice<'b>>, bytes: &'b [u8], room: &mut usize) {
    let count = bytes.len().min(*room);
    if let Some(bytes) = bytes.get(..count).filter(|bytes| !bytes.is_empty()) {
        slices.push(IoSlice::new(bytes));
        *room -= count;
    }
}

fn read_error(segment: &Segment<'_>, operation: &'static str, source: std::io::Error) -> Error {
    match source.downcast::<Error>() {
        Ok(error) => error,
        Err(source) => {
            let path = match segment {
                Segment::File { path, .. } => path.display().to_string(),
                _ => String::new(),
            };
            Error::new(ErrorKind::File { path, operation, source }, Phase::Send)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::body::Source;
    use std::io::Write;
    use std::sync::Arc;

    fn all(mut outgoing: Outgoing<'_>, step: usize) -> (Vec<u8>, usize) {
        let (mut sent, mut body) = (Vec::new(), 0);
        loop {
            let bytes: Vec<u8> = outgoing.next().unwrap().iter().flat_map(|slice| slice.to_vec()).collect();
            if bytes.is_empty() {
                return (sent, body);
            }
            let count = bytes.len().min(step);
            sent.extend_from_slice(&bytes[..count]);
            body += outgoing.advance(count);
        }
    }

    #[test]
    fn head_bytes_and_files_come_in_order_whatever_the_socket_takes() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"file").unwrap();
        let segments = [
            Segment::Bytes(b"".as_slice().into()),
            Segment::Bytes(b"one".as_slice().into()),
            Segment::File { path: file.path().to_owned(), length: 4 },
            Segment::Shared(b"two".to_vec().into()),
            Segment::File { path: file.path().to_owned(), length: 4 },
            Segment::Bytes(b"".as_slice().into()),
        ];
        for step in [1, 2, 3, 5, 100] {
            let (sent, body) = all(Outgoing::new(b"head ", &segments), step);
            assert_eq!((sent.as_slice(), body), (b"head onefiletwofile".as_slice(), 14), "{step}");
        }
    }

    /// Gives "made", three bytes at a time, and then breaks when told to.
    struct Maker {
        breaks: bool,
    }

    impl Source for Maker {
        fn open(&self) -> std::io::Result<Box<dyn Read + Send + '_>> {
            let made = b"mad".as_slice().chain(b"e".as_slice());
            if self.breaks { Ok(Box::new(made.chain(Broken))) } else { Ok(Box::new(made)) }
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other(Error::new(ErrorKind::Cancelled, Phase::File)))
        }
    }

    #[test]
    fn made_bytes_are_made_anew_for_every_sending() {
        let made = Segment::Made { source: Arc::new(Maker { breaks: false }), length: 4 };
        let segments = [made.clone(), Segment::Bytes(b"-".as_slice().into()), made];
        for step in [1, 2, 100] {
            let (sent, body) = all(Outgoing::new(b"head ", &segments), step);
            assert_eq!((sent.as_slice(), body), (b"head made-made".as_slice(), 9), "{step}");
        }
    }

    #[test]
    fn what_making_fails_with_comes_out_as_itself() {
        let segments = [Segment::Made { source: Arc::new(Maker { breaks: true }), length: 5 }];
        let mut outgoing = Outgoing::new(b"", &segments);
        let error = loop {
            match outgoing.next().map(|slices| slices.iter().map(|slice| slice.len()).sum::<usize>()) {
                Ok(count) => {
                    assert_ne!(count, 0, "the end came before the error");
                    outgoing.advance(count);
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(error.kind, ErrorKind::Cancelled), "{error:?}");
    }

    #[test]
    fn a_file_that_shrank_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let segments = [Segment::File { path: file.path().to_owned(), length: 4 }];
        let error = Outgoing::new(b"", &segments).next().unwrap_err();
        assert!(matches!(error.kind, ErrorKind::File { operation: "changed", .. }));
    }
}
