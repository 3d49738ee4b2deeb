//! Request bodies: a list of segments that is sent one after the other and never joined, so that a caller's buffer
//! goes to the socket without a copy and a multipart body of files needs no memory of their size. Every body can be
//! sent again (redirect 307/308, retry, authentication): bytes are kept, files are opened anew.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

mod reading;

pub(crate) use reading::Reading;

/// A request body of known length.
#[derive(Clone, Default)]
pub struct Body<'a> {
    segments: Vec<Segment<'a>>,
}

/// One piece of a body.
#[derive(Clone)]
pub enum Segment<'a> {
    /// Bytes, borrowed from the caller or made here.
    Bytes(Cow<'a, [u8]>),
    /// Bytes staged before the request.
    Shared(Arc<[u8]>),
    /// A file, read while sending. It must still have this length then.
    File {
        /// Path.
        path: PathBuf,
        /// Length in bytes when the request was prepared.
        length: u64,
    },
    /// Bytes made while sending, anew each time the body is sent.
    Made {
        /// What makes them.
        source: Arc<dyn Source + 'a>,
        /// How many there are.
        length: u64,
    },
}

/// Makes bytes of a body. Every opening gives equally many.
pub trait Source: Send + Sync {
    /// The bytes from their beginning.
    ///
    /// # Errors
    /// What kept them from being made. An engine error inside an `io::Error`, here or while reading, comes out as
    /// itself.
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>>;
}

impl<'a> Body<'a> {
    /// No body at all (no `Content-Length` is sent unless the method expects one, RFC 9110 section 8.6).
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A body of one piece.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { segments: vec![Segment::Bytes(bytes.into())] }
    }

    /// Adds a piece.
    pub fn push(&mut self, segment: Segment<'a>) {
        self.segments.push(segment);
    }

    /// The same body without a copy, however its bytes are owned.
    #[must_use]
    pub fn borrowed(&self) -> Body<'_> {
        Body { segments: self.segments.iter().map(Segment::borrowed).collect() }
    }

    /// The pieces in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.segments
    }

    /// Whether there is no body. An empty body (one empty piece) is not "no body".
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.segments.is_empty()
    }

    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        // Sparse files can claim more than any number holds.
        self.segments.iter().map(Segment::length).fold(0, u64::saturating_add)
    }
}

impl Segment<'_> {
    /// The same bytes without a copy, however they are owned.
    #[must_use]
    pub fn borrowed(&self) -> Segment<'_> {
        match self {
            Self::Bytes(bytes) => Segment::Bytes(Cow::Borrowed(bytes)),
            Self::Shared(bytes) => Segment::Shared(bytes.clone()),
            Self::File { path, length } => Segment::File { path: path.clone(), length: *length },
            Self::Made { source, length } => Segment::Made { source: source.clone(), length: *length },
        }
    }

    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Shared(bytes) => bytes.len() as u64,
            Self::File { length, .. } | Self::Made { length, .. } => *length,
        }
    }
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} segments, {} bytes)", self.segments.len(), self.length())
    }
}

impl std::fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Bytes(_) => "Bytes",
            Self::Shared(_) => "Shared",
            Self::File { .. } => "File",
            Self::Made { .. } => "Made",
        };
        write!(f, "{kind}({} bytes)", self.length())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owned_bytes_are_borrowed_and_not_copied() {
        let owned = Segment::Bytes(Cow::Owned(vec![1, 2, 3]));
        let (Segment::Bytes(bytes), Segment::Bytes(again)) = (&owned, owned.borrowed()) else { panic!() };
        assert!(std::ptr::eq(&raw const **bytes, &raw const *again));
    }

    #[test]
    fn lengths_no_number_holds_are_the_largest_one() {
        let mut body = Body::none();
        for _ in 0..3 {
            body.push(Segment::File { path: PathBuf::new(), length: u64::MAX / 2 });
        }
        assert_eq!(body.length(), u64::MAX);
    }
}
