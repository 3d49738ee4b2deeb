//! The content of large bodies: cheap to make, cheap to check, and different at every offset that a broken reader
//! could confuse. The period is a prime, so a lost, doubled or swapped block never looks right.

use std::sync::LazyLock;

/// Length after which the content repeats.
pub const PERIOD: usize = 65_521;

/// How much [`block`] holds: a whole number of periods, near a megabyte.
pub const BLOCK: usize = PERIOD * 16;

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut state = 0x9E37_79B9_u32;
    let period: Vec<u8> = (0..PERIOD)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .collect();
    // One period more than a block, so that any offset within a period has a whole block after it.
    period.iter().copied().cycle().take(BLOCK + PERIOD).collect()
});

/// One block of the content as it stands at offset `at`.
#[must_use]
pub fn block(at: u64) -> &'static [u8] {
    let start = usize::try_from(at % PERIOD as u64).unwrap_or(0);
    &BYTES[start..start + BLOCK]
}

/// The first `length` bytes of the content.
#[must_use]
pub fn bytes(length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let piece = block(out.len() as u64);
        out.extend_from_slice(&piece[..piece.len().min(length - out.len())]);
    }
    out
}

/// Where `received`, standing at offset `at` of the content, first differs from it.
#[must_use]
pub fn first_difference(at: u64, received: &[u8]) -> Option<u64> {
    let mut offset = at;
    for piece in received.chunks(BLOCK) {
        let expected = &block(offset)[..piece.len()];
        if piece != expected {
            let inside = piece.iter().zip(expected).position(|(a, b)| a != b).unwrap_or(0);
            return Some(offset + inside as u64);
        }
        offset += piece.len() as u64;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_equals_itself_and_a_changed_byte_is_found() {
        let mut content = bytes(3 * BLOCK + 77);
        assert_eq!(first_difference(0, &content), None);
        content[2 * BLOCK + 5] ^= 1;
        assert_eq!(first_difference(0, &content), Some(2 * BLOCK as u64 + 5));
    }

    #[test]
    fn a_doubled_block_is_found() {
        let content = bytes(200_000);
        let doubled = [&content[..65_536], &content[..65_536]].concat();
        assert!(first_difference(0, &doubled).is_some());
    }
}
