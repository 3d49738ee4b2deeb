use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

const MANY: u64 = 64 << 20;

fn text(length: usize) -> Vec<u8> {
    b"All work and no play makes Jack a dull boy. ".iter().copied().cycle().take(length).collect()
}

/// Bytes that no coding makes smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..length).map(|_| random.byte()).collect()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("in memory");
    encoder.finish().expect("in memory")
}

fn raw_deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zstd(data: &[u8]) -> Vec<u8> {
    compress_to_vec(data, CompressionLevel::Fastest)
}

/// A brotli stream of uncompressed meta-blocks (RFC 7932 section 9.2), window 64 KiB.
fn brotli(data: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (index, block) in data.chunks(1 << 16).enumerate() {
        // After the one bit of the window: not last, 4 nibbles of length, length - 1, uncompressed.
        let bits = (u32::try_from(block.len() - 1).expect("a block is small") << 3) | (1 << 19);
        let bits = if index == 0 { bits << 1 } else { bits };
        stream.extend_from_slice(&bits.to_le_bytes()[..3]);
        stream.extend_from_slice(block);
    }
    stream.push(if data.is_empty() { 6 } else { 3 });
    stream
}

fn undo(codings: &[Coding], bytes: &[u8]) -> Result<Vec<u8>> {
    decode_to_vec(codings, bytes, MANY)
}

#[track_caller]
fn refusal(codings: &[Coding], bytes: &[u8]) -> String {
    match undo(codings, bytes).map(|body| body.len()) {
        Err(Error { kind: ErrorKind::Decode { detail, .. }, phase: Phase::Decode, .. }) => detail,
        other => panic!("not refused: {other:?}"),
    }
}

type Encode = fn(&[u8]) -> Vec<u8>;

/// Every coding with a way to apply it.
fn all() -> [(Coding, Encode); 5] {
    [
        (Coding::Gzip, gzip),
        (Coding::Deflate, zlib),
        (Coding::Deflate, raw_deflate),
        (Coding::Brotli, brotli),
        (Coding::Zstd, zstd),
    ]
}

#[test]
fn every_coding_gives_back_what_went_in() {
    for (coding, encode) in all() {
        for data in [Vec::new(), b"x".to_vec(), text(1000), text(300_000), noise(200_000)] {
            let coded = encode(&data);
            assert!(
                undo(std::slice::from_ref(&coding), &coded).expect("decodes") == data,
                "{coding:?} {}",
                data.len()
            );
        }
    }
}

#[test]
fn slices_of_any_size_decode_the_same() {
    let data = text(5000);
    for (coding, encode) in all() {
        let coded = encode(&data);
        for size in [1, 2, 3, 7, 1000] {
            let decoded = decode(std::slice::from_ref(&coding), Slices::new(coded.chunks(size)), MANY);
            assert_eq!(
                decoded.expect("decodes").into_vec().expect("memory"),
                data,
                "{coding:?} in slices of {size}"
            );
        }
    }
}

#[test]
fn small_reads_give_the_same_bytes() {
    let data = text(3000);
    for (coding, encode) in all() {
        let coded = encode(&data);
        let mut decoder = Decoder::new(std::slice::from_ref(&coding), coded.as_slice(), MANY).expect("known");
        let mut decoded = Vec::new();
        let mut space = [0; 7];
        loop {
            let count = decoder.read_some(&mut space).expect("decodes");
            if count == 0 {
                break;
            }
            decoded.extend_from_slice(&space[..count]);
        }
        assert_eq!(decoded, data, "{coding:?}");
        assert_eq!(decoder.read_some(&mut space).expect("still over"), 0);
    }
}

#[test]
fn empty_body_is_empty_whatever_its_coding() {
    for (coding, _) in all() {
        assert_eq!(undo(&[coding], b"").expect("nothing to undo"), b"");
    }
}

#[test]
fn every_truncation_is_refused() {
    let data = text(2000);
    for (coding, encode) in all() {
        let coded = encode(&data);
        for length in 1..coded.len() {
            let detail = refusal(std::slice::from_ref(&coding), &coded[..length]);
            assert_eq!(detail, "truncated", "{coding:?} cut to {length} of {}", coded.len());
        }
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    for (coding, encode) in all() {
        let mut coded = encode(b"body");
        coded.extend_from_slice(b"<!-- tail -->");
        let detail = refusal(std::slice::from_ref(&coding), &coded);
        assert!(["trailing-data", "corrupt"].contains(&detail.as_str()), "{coding:?}: {detail}");
    }
}

#[test]
fn limit_is_exact_and_counts_decoded_bytes() {
    let data = text(100_000);
    for (coding, encode) in all() {
        let coded = encode(&data);
        let codings = [coding];
        assert_eq!(decode(&codings, coded.as_slice(), 100_000).expect("exactly the limit").len(), 100_000);
        match decode(&codings, coded.as_slice(), 99_999) {
            Err(Error {
                kind: ErrorKind::BodyTooLarge { limit: 99_999, announced: None, decoded: true },
                ..
            }) => {}
            other => panic!("{codings:?}: {other:?}"),
        }
    }
}

#[test]
fn bomb_behind_a_second_coding_is_stopped() {
    let bomb = gzip(&vec![0; 20 << 20]);
    // The outer coding unpacks to little, what it unpacks to unpacks to much, and so on the other way round.
    for codings in [[Coding::Gzip, Coding::Zstd], [Coding::Gzip, Coding::Gzip]] {
        let outer = if codings[1] == Coding::Zstd { zstd(&bomb) } else { gzip(&bomb) };
        let result = decode(&codings, outer.as_slice(), 1 << 20);
        assert!(
            matches!(result, Err(Error { kind: ErrorKind::BodyTooLarge { limit, .. }, .. }) if limit == 1 << 20)
        );
    }
    // Twenty megabytes of empty stored blocks (a gzip body of nothing), itself packed.
    let mut hollow = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for _ in 0..4_000_000 {
        hollow.extend_from_slice(&[0, 0, 0, 0xff, 0xff]);
    }
    let result = decode(&[Coding::Gzip, Coding::Gzip], gzip(&hollow).as_slice(), 1 << 20);
    assert!(
        matches!(result, Err(Error { kind: ErrorKind::BodyTooLarge { decoded: true, .. }, .. })),
        "{result:?}"
    );
}

#[test]
fn codings_are_undone_from_the_last_to_the_first() {
    let data = text(4000);
    let coded = brotli(&zstd(&zlib(&gzip(&data))));
    let codings: Vec<_> = codings_in("gzip, Deflate ,, ZSTD,identity , bR").collect();
    assert_eq!(codings, [Coding::Gzip, Coding::Deflate, Coding::Zstd, Coding::Brotli]);
    assert_eq!(undo(&codings, &coded).expect("decodes"), data);
}

#[test]
fn several_fields_make_one_list() {
    let headers: Headers =
        [("Content-Encoding", "X-GZIP"), ("content-type", "a/b"), ("CONTENT-ENCODING", "identity,br")]
            .into_iter()
            .collect();
    assert_eq!(codings_of(&headers), [Coding::Gzip, Coding::Brotli]);
    assert_eq!(codings_of(&Headers::new()), []);
}

#[test]
fn no_coding_reads_the_input_within_the_limit() {
    assert_eq!(decode_to_vec(&[], &b"plain"[..], 5).expect("identity"), b"plain");
    assert!(matches!(
        decode_to_vec(&[], &b"plain"[..], 4),
        Err(Error { kind: ErrorKind::BodyTooLarge { .. }, .. })
    ));
}

#[test]
fn words_that_are_no_coding_change_nothing() {
    assert_eq!(codings_in("None, UTF-8,,binary, aws-chunked , gzip").collect::<Vec<_>>(), [Coding::Gzip]);
}

#[test]
fn unknown_coding_is_named() {
    let codings: Vec<_> = codings_in("gzip, comp\u{7}ress").collect();
    match undo(&codings, b"abc") {
        Err(Error { kind: ErrorKind::Decode { coding, detail }, .. }) => {
            assert_eq!((coding.as_str(), detail.as_str()), ("compress", "unknown-coding"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn too_many_codings_are_refused() {
    assert_eq!(refusal(&[const { Coding::Gzip }; 6], b"abc"), "too-many-codings");
}

#[test]
fn error_of_the_input_comes_out_as_itself() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.fill_buf().map(<[u8]>::len)
        }
    }
    impl BufRead for Broken {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            Err(io::Error::other(Error::new(ErrorKind::Cancelled, Phase::File)))
        }
        fn consume(&mut self, _: usize) {}
    }
    for (coding, encode) in all() {
        let coded = encode(&text(50_000));
        let half = &coded[..coded.len() / 2];
        for codings in [vec![coding.clone()], vec![Coding::Gzip, coding.clone()]] {
            let result = decode(&codings, io::BufReader::new(half.chain(Broken)), MANY);
            // With two codings the outer one may meet data that is no gzip before it meets the error.
            let cancelled = matches!(result, Err(Error { kind: ErrorKind::Cancelled, .. }));
            let not_gzip =
                codings.len() == 2 && matches!(&result, Err(Error { kind: ErrorKind::Decode { .. }, .. }));
            assert!(cancelled || not_gzip, "{codings:?}: {result:?}");
        }
    }
}

mod gzip_members {
    use super::*;

    /// A member with every optional field of RFC 1952 section 2.3.
    fn dressed(data: &[u8]) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, 0x1f, 1, 2, 3, 4, 2, 3];
        member.extend_from_slice(&[4, 0, b'A', b'p', 0, 0]);
        member.extend_from_slice(b"name.txt\0a comment\0");
        let mut crc = flate2::Crc::new();
        crc.update(&member);
        member.extend_from_slice(&crc.sum().to_le_bytes()[..2]);
        member.extend_from_slice(&gzip(data)[10..]);
        member
    }

    #[test]
    fn optional_fields_are_skipped_and_the_header_checksum_holds() {
        assert_eq!(undo(&[Coding::Gzip], &dressed(b"hello")).expect("decodes"), b"hello");
        let mut damaged = dressed(b"hello");
        damaged[12] ^= 1;
        assert_eq!(refusal(&[Coding::Gzip], &damaged), "corrupt");
        let mut reserved = gzip(b"hello");
        reserved[3] |= 0x20;
        assert_eq!(refusal(&[Coding::Gzip], &reserved), "corrupt");
    }

    #[test]
    fn several_members_are_joined_even_empty_ones() {
        let coded = [gzip(b"one "), gzip(b""), dressed(b"two "), gzip(b"three")].concat();
        assert_eq!(undo(&[Coding::Gzip], &coded).expect("decodes"), b"one two three");
    }

    #[test]
    fn zero_padding_after_the_last_member_is_taken() {
        let mut coded = gzip(b"body");
        coded.resize(coded.len() + 1000, 0);
        assert_eq!(undo(&[Coding::Gzip], &coded).expect("decodes"), b"body");
        coded.push(1);
        assert_eq!(refusal(&[Coding::Gzip], &coded), "trailing-data");
    }

    #[test]
    fn broken_second_member_is_refused() {
        let mut coded = [gzip(b"one"), gzip(b"two")].concat();
        let in_checksum = coded.len() - 6;
        coded[in_checksum] ^= 0x40;
        assert_eq!(refusal(&[Coding::Gzip], &coded), "corrupt");
    }

    #[test]
    fn wrong_checksum_or_length_is_refused() {
        let good = gzip(&text(500));
        for back in 1..=8 {
            let mut coded = good.clone();
            let at = coded.len() - back;
            coded[at] ^= 0x10;
            assert_eq!(refusal(&[Coding::Gzip], &coded), "corrupt", "byte {back} from the end");
        }
    }

    #[test]
    fn body_that_is_no_gzip_is_refused() {
        assert_eq!(refusal(&[Coding::Gzip], b"<html>not packed at all</html>"), "corrupt");
    }
}

mod zlib_or_raw {
    use super::*;

    #[test]
    fn zlib_checksum_is_verified() {
        let mut coded = zlib(&text(500));
        let last = coded.len() - 1;
        coded[last] ^= 1;
        assert_eq!(refusal(&[Coding::Deflate], &coded), "corrupt");
    }

    #[test]
    fn preset_dictionary_is_refused() {
        // CMF 0x78, FLG with FDICT set and a right check value, then the id of a dictionary nobody has.
        assert_eq!(refusal(&[Coding::Deflate], &[0x78, 0xbb, 1, 2, 3, 4, 3, 0]), "dictionary");
    }

    #[test]
    fn raw_stored_block_is_not_taken_for_zlib() {
        assert_eq!(undo(&[Coding::Deflate], b"\x01\x02\x00\xfd\xffhi").expect("decodes"), b"hi");
    }
}

mod zstd_frames {
    use super::*;

    /// A frame of one raw block with this descriptor and these header fields.
    fn raw_frame(descriptor: u8, fields: &[u8], data: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, descriptor];
        frame.extend_from_slice(fields);
        let header = u32::try_from(data.len()).expect("small") << 3 | 1;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(data);
        frame
    }

    #[test]
    fn frames_are_joined_and_skippable_ones_skipped() {
        let skippable = [&[0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let coded = [skippable.clone(), zstd(b"one "), skippable.clone(), zstd(b"two"), skippable].concat();
        assert_eq!(undo(&[Coding::Zstd], &coded).expect("decodes"), b"one two");
        assert_eq!(refusal(&[Coding::Zstd], &coded[..coded.len() - 1]), "truncated");
    }

    #[test]
    fn window_of_eight_mebibytes_is_the_largest() {
        // Window descriptor: exponent 13 is 8 MiB; one more in the mantissa is 9 MiB.
        assert_eq!(undo(&[Coding::Zstd], &raw_frame(0, &[13 << 3], b"ok")).expect("decodes"), b"ok");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0, &[13 << 3 | 1], b"ok")), "window-too-large");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0, &[0xff], b"ok")), "window-too-large");
        // A single segment is a window of the whole content.
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0xe0, &[0xff; 8], b"ok")), "window-too-large");
    }

    #[test]
    fn content_size_must_be_right() {
        assert_eq!(undo(&[Coding::Zstd], &raw_frame(0x20, &[2], b"ok")).expect("decodes"), b"ok");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0x20, &[1], b"ok")), "corrupt");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0x60, &[0, 0], b"ok")), "checksum");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0x20, &[3], b"ok")), "checksum");
    }

    #[test]
    fn content_checksum_is_verified() {
        let mut frame = raw_frame(0x04, &[0], b"ok");
        // The low four bytes of XXH64 of "ok", seed 0, are what the decoder computes itself; a wrong one is refused.
        frame.extend_from_slice(&[0, 0, 0, 0]);
        assert_eq!(refusal(&[Coding::Zstd], &frame), "checksum");
        let good = compress_to_vec(&b"ok"[..], CompressionLevel::Fastest);
        assert_eq!(good[4] & 4, 4, "the encoder writes a checksum");
        let mut damaged = good.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert_eq!(refusal(&[Coding::Zstd], &damaged), "checksum");
        assert_eq!(undo(&[Coding::Zstd], &good).expect("decodes"), b"ok");
    }

    #[test]
    fn dictionary_reserved_bit_and_wrong_magic_are_refused() {
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(1, &[0, 7], b"ok")), "dictionary");
        assert_eq!(refusal(&[Coding::Zstd], &raw_frame(0x08, &[0], b"ok")), "corrupt");
        assert_eq!(refusal(&[Coding::Zstd], b"not zstd at all"), "corrupt");
    }
}

mod brotli_streams {
    use super::*;

    #[test]
    fn large_window_extension_is_refused() {
        // The escape of the extension: bits 1000100 then 0, and a window of 2^30 (30 in six bits).
        assert_eq!(refusal(&[Coding::Brotli], &[0x11, 0x1e, 0x03, 0, 0, 0, 0]), "corrupt");
    }
}

mod writing {
    use super::*;

    fn written(data: &[u8]) -> Vec<u8> {
        write_gzip(data).expect("memory").into_vec().expect("memory")
    }

    #[test]
    fn small_text_gives_the_bytes_callers_compare() {
        // connector-api section 9: a stored block, because the text does not shrink.
        let expected =
            "1f8b08000000000000ff011500eaffd09fd180d0b8d0b2d0b5d1822c20d09cd0b8d180218a54ba3e15000000";
        let actual: String =
            written("Привет, Мир!".as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn noise_is_stored_and_grows_by_the_framing_only() {
        for length in [100, 65_535, 200_000] {
            let coded = written(&noise(length));
            // Header and trailer 18 bytes, 5 per stored block; zlib cuts those at its pending buffer.
            assert!(coded.len() <= length + 18 + 5 * (length / 16_383 + 1), "{length}: {}", coded.len());
            assert_eq!(undo(&[Coding::Gzip], &coded).expect("decodes"), noise(length));
        }
    }

    #[test]
    fn text_shrinks_whatever_the_slices() {
        let data = text(1 << 20);
        for size in [1000, 65_536, data.len()] {
            let parts = write_gzip(Slices::new(data.chunks(size))).expect("memory");
            assert!(parts.len() < data.len() / 50, "slices of {size}: {}", parts.len());
            assert!(
                decode(&[Coding::Gzip], parts.reader(), MANY).expect("decodes").into_vec().expect("memory")
                    == data
            );
        }
    }

    #[test]
    fn nothing_gives_an_empty_member() {
        let coded = written(b"");
        assert_eq!(coded, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn every_length_around_a_block_comes_back() {
        for length in (65_536 - 30)..(65_536 + 30) {
            let data = noise(length);
            assert!(undo(&[Coding::Gzip], &written(&data)).expect("decodes") == data, "{length}");
        }
    }
}

/// A xorshift generator: the same bytes on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }
}

#[test]
fn mutated_streams_end_in_a_result_and_never_in_a_fault() {
    let data = [text(3000), noise(300), text(500)].concat();
    for (coding, encode) in all() {
        let good = encode(&data);
        let mut random = Random(42);
        let mut refused = 0;
        for _ in 0..1500 {
            let mut bad = good.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bad.len());
                match random.below(3) {
                    0 => bad[at] = random.byte(),
                    1 => bad[at] ^= 1 << random.below(8),
                    _ => bad.truncate(at + 1),
                }
            }
            match decode(std::slice::from_ref(&coding), bad.as_slice(), 1 << 20) {
                Ok(_) => {}
                Err(Error { kind: ErrorKind::Decode { detail, .. }, .. }) => {
                    assert_ne!(detail, "decoder-fault", "{coding:?}: {bad:?}");
                    refused += 1;
                }
                Err(Error { kind: ErrorKind::BodyTooLarge { .. }, .. }) => refused += 1,
                Err(other) => panic!("{coding:?}: {other:?}"),
            }
        }
        assert!(refused > 300, "{coding:?}: {refused}");
    }
}
