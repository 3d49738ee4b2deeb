//! zstd (RFC 8878): frames one after the other, skippable frames skipped, checksum and content size verified when the
//! frame has them. Windows of 8 MiB at most (RFC 9659), which is also what bounds the decoder's memory.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::source::{Tap, detail, guarded, probe_memory, undecodable};

const NAME: &str = "zstd";
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Largest window, RFC 9659 section 3.
const MAX_WINDOW: u64 = 8 << 20;

/// What a decoder may hold beside its window: a block, its literals and sequences, and tables.
const FRAME_MEMORY: usize = 3 << 20;

pub(super) struct ZstdReader<R> {
    input: Tap<R>,
    frame: Option<Frame>,
    over: bool,
}

struct Frame {
    decoder: FrameDecoder,
    /// Content size, when the header tells it.
    announced: Option<u64>,
    produced: u64,
}

impl<R: BufRead> ZstdReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: Tap::new(input), frame: None, over: false }
    }

    /// Reads the next frame's header; `None` when the body is over.
    fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        while !self.input.at_end()? {
            let mut magic = [0; 4];
            self.fill(&mut magic)?;
            if magic == MAGIC {
                return self.begin().map(Some);
            }
            // RFC 8878 section 3.1.2: sixteen magic numbers of skippable frames.
            if u32::from_le_bytes(magic) & 0xffff_fff0 != 0x184d_2a50 {
                return Err(undecodable(NAME, detail::CORRUPT));
            }
            let mut length = [0; 4];
            self.fill(&mut length)?;
            self.skip(u64::from(u32::from_le_bytes(length)))?;
        }
        Ok(None)
    }

    fn begin(&mut self) -> io::Result<Frame> {
        let mut head = Header::default();
        head.push(&MAGIC);
        let mut descriptor = [0];
        self.fill(&mut descriptor)?;
        head.push(&descriptor);
        let [descriptor] = descriptor;
        let layout = Layout::of(descriptor).ok_or_else(|| undecodable(NAME, detail::CORRUPT))?;
        let mut fields = [0; 13];
        let fields = fields.get_mut(..layout.length()).unwrap_or_default();
        self.fill(fields)?;
        head.push(fields);

        let announced = layout.content_size(fields);
        let window = if layout.single_segment { announced } else { layout.window(fields) };
        let window =
            window.filter(|window| *window <= MAX_WINDOW).ok_or_else(|| undecodable(NAME, detail::WINDOW))?;
        // The window grows by doubling with what is really decoded; that much must be there before it starts.
        let wanted = announced.map_or(window, |size| size.min(window));
        probe_memory(usize::try_from(wanted).unwrap_or(0) * 2 + FRAME_MEMORY)?;

        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        guarded(NAME, || decoder.reset(head.bytes()))?.map_err(|error| explain(&error))?;
        Ok(Frame { decoder, announced, produced: 0 })
    }

    fn fill(&mut self, out: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(out).map_err(|_| self.input.error_or(|| undecodable(NAME, detail::TRUNCATED)))
    }

    fn skip(&mut self, mut length: u64) -> io::Result<()> {
        while length > 0 {
            if self.input.at_end()? {
                return Err(undecodable(NAME, detail::TRUNCATED));
            }
            let here = self.input.fill_buf()?.len();
            let step = usize::try_from(length).unwrap_or(usize::MAX).min(here);
            self.input.consume(step);
            length -= step as u64;
        }
        Ok(())
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.over {
                return Ok(0);
            }
            let Some(frame) = &mut self.frame else {
                self.frame = self.next_frame()?;
                self.over = self.frame.is_none();
                continue;
            };
            let count = guarded(NAME, || frame.decoder.read(out))??;
            if count > 0 {
                frame.produced += count as u64;
                if frame.announced.is_some_and(|size| frame.produced > size) {
                    return Err(undecodable(NAME, detail::CHECKSUM));
                }
                return Ok(count);
            }
            if frame.decoder.is_finished() {
                frame.verify()?;
                self.frame = None;
                continue;
            }
            let input = &mut self.input;
            let step = guarded(NAME, || {
                frame.decoder.decode_blocks(&mut *input, BlockDecodingStrategy::UptoBlocks(1)).map(drop)
            })?;
            if let Err(error) = step {
                if let Some(own) = self.input.take_error() {
                    return Err(own);
                }
                // The decoder reads whole fields, so an early end shows as a failed read of an input that is over.
                let ended = ends_early(&error) && self.input.at_end()?;
                return Err(if ended { undecodable(NAME, detail::TRUNCATED) } else { explain(&error) });
            }
        }
    }
}

impl Frame {
    fn verify(&self) -> io::Result<()> {
        let sum_differs = self
            .decoder
            .get_checksum_from_data()
            .is_some_and(|written| Some(written) != self.decoder.get_calculated_checksum());
        let size_differs = self.announced.is_some_and(|size| size != self.produced);
        if sum_differs || size_differs { Err(undecodable(NAME, detail::CHECKSUM)) } else { Ok(()) }
    }
}

fn explain(error: &FrameDecoderError) -> io::Error {
    undecodable(
        NAME,
        match error {
            FrameDecoderError::WindowSizeTooBig { .. } => detail::WINDOW,
            FrameDecoderError::DictNotProvided { .. } => detail::DICTIONARY,
            _ => detail::CORRUPT,
        },
    )
}

fn ends_early(error: &FrameDecoderError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return io.kind() == io::ErrorKind::UnexpectedEof;
        }
        cause = error.source();
    }
    false
}

/// The bytes of a frame header, kept to be given to the decoder.
#[derive(Default)]
struct Header {
    bytes: [u8; 18],
    length: usize,
}

impl Header {
    fn push(&mut self, bytes: &[u8]) {
        if let Some(space) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            space.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Which fields follow the frame header descriptor (RFC 8878 section 3.1.1.1).
struct Layout {
    single_segment: bool,
    window: usize,
    dictionary: usize,
    content_size: usize,
}

impl Layout {
    /// `None` if the reserved bit is set.
    fn of(descriptor: u8) -> Option<Self> {
        let single_segment = descriptor & 0x20 != 0;
        let content_size = match descriptor >> 6 {
            0 => usize::from(single_segment),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let dictionary = match descriptor & 3 {
            3 => 4,
            small => usize::from(small),
        };
        (descriptor & 0x08 == 0).then_some(Self {
            single_segment,
            window: usize::from(!single_segment),
            dictionary,
            content_size,
        })
    }

    fn length(&self) -> usize {
        self.window + self.dictionary + self.content_size
    }

    fn window(&self, fields: &[u8]) -> Option<u64> {
        let descriptor = *fields.first()?;
        let base = 1u64 << (10 + (descriptor >> 3));
        Some(base + base / 8 * u64::from(descriptor & 7))
    }

    fn content_size(&self, fields: &[u8]) -> Option<u64> {
        let field = fields.get(self.window + self.dictionary..).filter(|field| !field.is_empty())?;
        let value = field.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        // A field of two bytes counts from 256.
        Some(if field.len() == 2 { value + 256 } else { value })
    }
}
