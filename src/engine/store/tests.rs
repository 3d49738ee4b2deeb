#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::engine::headers::Headers;
use std::sync::Mutex;

/// Memory that writes down what is asked of it and refuses more than it has.
#[derive(Default)]
struct Counting {
    asked: Mutex<Vec<usize>>,
    most: Option<usize>,
}

impl Memory for Counting {
    fn allocate(&self, length: usize) -> Option<Box<dyn Buffer>> {
        self.asked.lock().unwrap().push(length);
        if self.most.is_some_and(|most| length > most) { None } else { HeapMemory.allocate(length) }
    }
}

fn head() -> Head {
    Head { status: 200, headers: Headers::new(), ..Head::default() }
}

fn feed(sink: &mut MemorySink, length: usize) -> Result<()> {
    let mut fed = 0;
    while fed < length {
        let space = sink.space()?;
        let count = space.len().min(length - fed).min(100_003);
        for (index, byte) in space[..count].iter_mut().enumerate() {
            *byte = pattern(fed + index);
        }
        sink.advance(count)?;
        fed += count;
    }
    sink.finish()
}

fn pattern(index: usize) -> u8 {
    u8::try_from((index / 7) % 251).unwrap()
}

fn is_pattern(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| *byte == pattern(index))
}

fn sink(limit: u64) -> (MemorySink, Arc<Counting>) {
    let memory = Arc::new(Counting::default());
    (MemorySink::new(memory.clone(), limit), memory)
}

#[test]
fn a_known_length_is_one_buffer_handed_over_without_a_copy() {
    let (mut sink, memory) = sink(u64::MAX);
    sink.begin(&head(), Some(1_000_000)).unwrap();
    feed(&mut sink, 1_000_000).unwrap();
    let mut body = sink.into_body();
    let before = body.chunks().next().unwrap().as_ptr();
    let (buffer, length) = body.take_single(memory.as_ref()).unwrap().unwrap();
    assert!(length == 1_000_000 && is_pattern(buffer.filled(length)));
    assert_eq!(before, buffer.filled(1).as_ptr());
    assert_eq!(*memory.asked.lock().unwrap(), [1_000_000]);
}

#[test]
fn an_announced_length_reserves_little_until_bytes_come() {
    let length = 100 * 1024 * 1024;
    let (mut sink, memory) = sink(u64::MAX);
    sink.begin(&head(), Some(length as u64)).unwrap();
    assert_eq!(*memory.asked.lock().unwrap(), [FIRST]);
    feed(&mut sink, length).unwrap();
    assert_eq!(*memory.asked.lock().unwrap(), [FIRST, length]);
    assert!(is_pattern(&sink.into_body().contiguous().unwrap()));
}

#[test]
fn an_unknown_length_grows_by_buffers_and_joins_with_one_copy() {
    let length = 10 * 1024 * 1024 + 5;
    let (mut sink, memory) = sink(u64::MAX);
    sink.begin(&head(), None).unwrap();
    feed(&mut sink, length).unwrap();
    assert_eq!(memory.asked.lock().unwrap()[..4], [SMALLEST, SMALLEST * 2, SMALLEST * 4, SMALLEST * 8]);
    let mut body = sink.into_body();
    assert_eq!(body.len(), length as u64);
    let mut read = Vec::new();
    body.reader().read_to_end(&mut read).unwrap();
    assert!(read.len() == length && is_pattern(&read));
    let (buffer, filled) = body.take_single(memory.as_ref()).unwrap().unwrap();
    assert!(filled == length && is_pattern(buffer.filled(filled)));
    assert_eq!(memory.asked.lock().unwrap().last(), Some(&length));
}

#[test]
fn a_body_of_exactly_the_limit_is_fine_and_one_byte_more_is_not() {
    for known in [false, true] {
        let (mut fits, _) = sink(70_000);
        fits.begin(&head(), known.then_some(70_000)).unwrap();
        feed(&mut fits, 70_000).unwrap();
        assert_eq!(fits.into_body().len(), 70_000);
    }
    let (mut over, _) = sink(70_000);
    over.begin(&head(), None).unwrap();
    let error = feed(&mut over, 70_001).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::BodyTooLarge { limit: 70_000, announced: None, decoded: false }));
    let (mut over, memory) = sink(70_000);
    let error = over.begin(&head(), Some(70_001)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::BodyTooLarge { announced: Some(70_001), .. }));
    assert!(memory.asked.lock().unwrap().is_empty());
}

#[test]
fn over_four_gib_is_refused_whatever_the_limit() {
    let (mut over, _) = sink(u64::MAX);
    let error = over.begin(&head(), Some(1 << 32)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::BodyTooLarge { limit, .. } if limit == u64::from(u32::MAX)));
}

#[test]
fn a_failed_allocation_is_an_error() {
    let memory = Arc::new(Counting { most: Some(100_000), ..Counting::default() });
    let mut sink = MemorySink::new(memory.clone(), u64::MAX);
    let error = sink.begin(&head(), Some(100_001)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::OutOfMemory { wanted: 100_001 }));
    sink.begin(&head(), None).unwrap();
    let error = feed(&mut sink, 200_000).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::OutOfMemory { .. }));
}

#[test]
fn an_empty_body_needs_no_memory() {
    let (mut sink, memory) = sink(10);
    sink.begin(&head(), Some(0)).unwrap();
    sink.finish().unwrap();
    let mut body = sink.into_body();
    assert!(body.is_empty() && body.contiguous().unwrap().is_empty());
    assert!(body.take_single(memory.as_ref()).unwrap().is_none());
    assert!(memory.asked.lock().unwrap().is_empty());
}
