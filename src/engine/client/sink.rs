//! Where the body of a response goes, decided when its head is there.

use super::Verdict;
use crate::engine::error::{Error, Result};
use crate::engine::exchange::Head;
use crate::engine::file::FileSink;
use crate::engine::received::{Disposition, Sink};
use crate::engine::request::Output;
use crate::engine::response::ResponseBody;
use crate::engine::store::{MemoryBody, MemorySink};

/// Where a body goes.
pub(super) enum Store {
    Memory(MemorySink),
    File(FileSink),
}

impl Store {
    pub(super) fn new(output: &Output) -> Self {
        match output {
            Output::Memory { memory, limit } => Self::Memory(MemorySink::new(memory.clone(), *limit)),
            Output::File { path } => Self::File(FileSink::new(path.clone())),
        }
    }

    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        match self {
            Self::Memory(sink) => sink,
            Self::File(sink) => sink,
        }
    }

    pub(super) fn into_body(self) -> ResponseBody {
        match self {
            Self::Memory(sink) => ResponseBody::Memory(sink.into_body()),
            Self::File(sink) if !sink.is_complete() => ResponseBody::Memory(MemoryBody::default()),
            Self::File(sink) => ResponseBody::File { path: sink.path().to_owned(), length: sink.length() },
        }
    }
}

/// A sink that asks what a response means before it takes the body.
pub(super) struct Deciding<'s> {
    pub(super) inner: &'s mut dyn Sink,
    pub(super) decide: &'s dyn Fn(&Head) -> Verdict,
    pub(super) verdict: Option<Verdict>,
}

impl Deciding<'_> {
    fn keeps(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Final))
    }
}

impl Sink for Deciding<'_> {
    fn begin(&mut self, head: &Head, length: Option<u64>) -> Result<Disposition> {
        self.verdict = Some((self.decide)(head));
        if self.keeps() { self.inner.begin(head, length) } else { Ok(Disposition::Discard) }
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        self.inner.space()
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.inner.advance(count)
    }

    fn finish(&mut self) -> Result<()> {
        if self.keeps() { self.inner.finish() } else { Ok(()) }
    }

    fn abandon(&mut self, error: &Error) {
        self.verdict = None;
        self.inner.abandon(error);
    }
}
