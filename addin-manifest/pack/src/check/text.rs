//! What stands in a file as text: the folders it was built in must not, the routines of the TLS provider must.

use std::collections::BTreeSet;

/// Beginnings of folders that belong to somebody. `/rustc/HASH` and the made names of the build are nobody's.
const FOLDERS: [&str; 5] = ["/root/", "/home/", "/Users/", ":\\Users\\", "/.cargo/"];

/// Each of ring's assembly routines names itself and its authors. Nothing else in the library does, so that these
/// words say what a list of symbols cannot, since a stripped file has none: that the provider was linked, with its
/// ciphers and digests. That it works is for the programs that talk TLS with the file.
const SIGNATURE: &str = "CRYPTOGAMS by ";
const ROUTINES: [&str; 2] = ["GHASH", "Montgomery"];

pub(super) fn check(bytes: &[u8], folders: &[String], complaints: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for folder in folders.iter().map(String::as_str).chain(FOLDERS) {
        if let Some(at) = find(bytes, folder.as_bytes()) {
            // One complaint for each place, whatever fits it.
            let text = around(bytes, at);
            if seen.insert(text.clone()) {
                complaints.push(format!("holds a path of a machine: {text}"));
            }
        }
    }
    for routine in ROUTINES {
        if !lines(bytes, SIGNATURE).any(|line| line.contains(routine)) {
            complaints.push(format!(
                "has no {routine} of the TLS provider: it was built without ring, or ring's assembly"
            ));
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The printable text around a place, not beyond what people can read.
fn around(bytes: &[u8], at: usize) -> String {
    let is_text = |byte: &u8| (0x20..0x7f).contains(byte);
    let start = at - bytes[..at].iter().rev().take(80).take_while(|byte| is_text(byte)).count();
    let end = at + bytes[at..].iter().take(160).take_while(|byte| is_text(byte)).count();
    String::from_utf8_lossy(&bytes[start..end]).into_owned()
}

/// The texts that hold `word`.
fn lines<'bytes>(bytes: &'bytes [u8], word: &'bytes str) -> impl Iterator<Item = String> + 'bytes {
    let word = word.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + find(&bytes[from..], word)?;
        from = at + word.len();
        Some(around(bytes, at))
    })
}
