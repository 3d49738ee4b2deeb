//! Compressed streams with their originals, corrupt ones that must be refused, and the same streams damaged at random
//! (with fixed seeds), where every outcome is fine but a fault of the decoder.

use std::path::Path;

use httpconnector::engine::coding::{Coding, Slices, decode, decode_to_vec};
use httpconnector::engine::error::{Error, ErrorKind};

use crate::outcome::{Outcome, Vectors};

/// More than any vector decodes to.
const LIMIT: u64 = 64 << 20;

/// gzip: `NAME.gz` with `NAME.txt`, and files called corrupt.
pub(crate) fn gzip(vectors: &Vectors) -> Outcome {
    streams(vectors, |path| path.contains("gzip/") && !path.ends_with(".txt"), &Coding::Gzip)
}

/// brotli: `NAME.compressed` or `NAME.compressed.NN` with `NAME`.
pub(crate) fn brotli(vectors: &Vectors) -> Outcome {
    streams(vectors, |path| path.contains("brotli/") && path.contains(".compressed"), &Coding::Brotli)
}

/// zstd: golden streams, with an original where one is there; a folder of errors must be refused.
pub(crate) fn zstd(vectors: &Vectors) -> Outcome {
    streams(vectors, |path| path.contains("zstd/") && path.ends_with(".zst"), &Coding::Zstd)
}

/// Every stream above, damaged.
pub(crate) fn damaged(vectors: &Vectors) -> Outcome {
    let kinds: [(&str, Coding); 3] =
        [("gzip/", Coding::Gzip), ("brotli/", Coding::Brotli), ("zstd/", Coding::Zstd)];
    let mut outcome = Outcome::absent();
    for (folder, coding) in kinds {
        let coded = |path: &str| {
            path.contains(folder) && [".gz", ".bin", ".zst"].iter().any(|end| path.ends_with(end))
                || path.contains(folder) && path.contains(".compressed")
        };
        for file in vectors.files(coded) {
            outcome.present = true;
            let name = format!("{folder}{} damaged", file.file_name().unwrap().to_string_lossy());
            outcome.case(name, || survives(&coding, &std::fs::read(file).unwrap()));
        }
    }
    outcome
}

fn streams(vectors: &Vectors, wanted: impl Fn(&str) -> bool, coding: &Coding) -> Outcome {
    let files = vectors.files(wanted);
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        outcome.case(name, || check(file, coding));
    }
    outcome
}

fn check(file: &Path, coding: &Coding) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let codings = std::slice::from_ref(coding);
    let decoded = decode_to_vec(codings, bytes.as_slice(), LIMIT);
    // By its own name or its folder's, whatever the way to the vectors is called.
    let named =
        |part: Option<&std::ffi::OsStr>, word: &str| part.is_some_and(|p| p.to_string_lossy().contains(word));
    if named(file.file_name(), "corrupt") || named(file.parent().and_then(Path::file_name), "errors") {
        return match decoded {
            Err(Error { kind: ErrorKind::Decode { .. }, .. }) => Ok(()),
            Err(other) => Err(format!("refused for another reason: {other:?}")),
            Ok(body) => Err(format!("taken, {} bytes", body.len())),
        };
    }
    let body = decoded.map_err(|error| format!("{error:?}"))?;
    match original(file) {
        Some(original) if std::fs::read(&original).unwrap() != body => {
            return Err("differs from the original".into());
        }
        None if *coding != Coding::Zstd => return Err("no original beside it".into()),
        _ => {}
    }
    // The same from slices that cut everywhere, and nothing less than the whole is taken.
    let pieces = decode(codings, Slices::new(bytes.chunks(1)), LIMIT).and_then(|parts| parts.into_vec());
    if pieces.map_err(|error| format!("in slices: {error:?}"))? != body {
        return Err("slices change the result".into());
    }
    let shorter = bytes.len() - 1;
    if shorter > 0 && decode(codings, &bytes[..shorter], LIMIT).is_ok() {
        return Err("taken without its last byte".into());
    }
    Ok(())
}

/// The file a stream was made of: the name without the ending of the coding, or with `.txt`.
fn original(file: &Path) -> Option<std::path::PathBuf> {
    let name = file.file_name()?.to_str()?;
    let stem = name.split(".compressed").next()?.trim_end_matches(".gz").trim_end_matches(".zst");
    [stem.to_owned(), format!("{stem}.txt")]
        .into_iter()
        .map(|candidate| file.with_file_name(candidate))
        .find(|candidate| candidate.is_file() && candidate != file)
}

fn survives(coding: &Coding, good: &[u8]) -> Result<(), String> {
    // Fewer rounds for large streams: the test is about headers and tables, which every stream has.
    let rounds = (2_000_000 / good.len().max(1)).clamp(40, 400);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..rounds {
        let mut bad = good.to_vec();
        for _ in 0..=random.below(4) {
            // Half of the damage where formats keep their headers.
            let reach = if random.below(2) == 0 { bad.len().min(64) } else { bad.len() };
            let at = random.below(reach);
            match random.below(4) {
                0 => bad[at] = random.byte(),
                1 => bad[at] ^= 1 << random.below(8),
                2 => bad.insert(at, random.byte()),
                _ => bad.truncate(at + 1),
            }
        }
        match decode(std::slice::from_ref(coding), bad.as_slice(), 4 << 20) {
            Ok(_) | Err(Error { kind: ErrorKind::BodyTooLarge { .. }, .. }) => {}
            Err(Error { kind: ErrorKind::Decode { detail, .. }, .. }) if detail != "decoder-fault" => {}
            Err(other) => return Err(format!("round {round}: {other:?}")),
        }
    }
    Ok(())
}

/// A xorshift generator: the same damage on every run.
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
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}
