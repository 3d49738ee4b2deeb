//! International host names: UTS 46 through the host of a URL, and punycode itself.

use httpconnector::engine::url::WebUrl;

use crate::outcome::{Outcome, Vectors};

const DELIMITER: &str = "the name holds a character that ends or is forbidden in the host of a URL";
const NUMBER: &str = "the last label is a number: in a URL that is an IPv4 address";
const EMPTY: &str = "the whole name is empty";

const NEWER: &str = "the cases are of Unicode 16; this character is assigned by Unicode 17";

/// Statuses that the URL standard ignores: hyphens, DNS lengths, STD3 rules (it has its own forbidden characters).
const IGNORED: &[&str] = &["V2", "V3", "A4_1", "A4_2", "U1", "X4_2"];

pub(crate) fn uts46(vectors: &Vectors) -> Outcome {
    let file = vectors.file("IdnaTestV2-sample.txt").or_else(|| vectors.file("IdnaTestV2.txt"));
    let Some(file) = file else { return Outcome::absent() };
    let text = std::fs::read_to_string(file).unwrap();
    let mut outcome = Outcome::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or_default();
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split(';').map(str::trim).collect();
        let [source, unicode, unicode_status, ascii, ascii_status, ..] = columns[..] else {
            outcome.case(line, || Err("not five columns".to_owned()));
            continue;
        };
        let source = unescaped(source);
        let unicode = if unicode.is_empty() { source.clone() } else { unescaped(unicode) };
        let ascii = if ascii.is_empty() { unicode } else { unescaped(ascii) };
        let status = if ascii_status.is_empty() { unicode_status } else { ascii_status };
        let name = source.escape_unicode().to_string();
        if source.is_empty() || ascii.is_empty() {
            outcome.not_ours(name, EMPTY);
        } else if has_delimiter(&source) || has_delimiter(&ascii) {
            outcome.not_ours(name, DELIMITER);
        } else if ends_in_number(&ascii) {
            outcome.not_ours(name, NUMBER);
        } else if status.contains("V7") && has_newer(&source) {
            outcome.exception(name, NEWER, || host(&source, &ascii, status));
        } else {
            outcome.case(name, || host(&source, &ascii, status));
        }
    }
    outcome
}

pub(crate) fn punycode(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("punycode.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for case in cases {
        let (decoded, encoded) = (case["decoded"].as_str().unwrap(), case["encoded"].as_str().unwrap());
        outcome.case(encoded, || {
            let written = idna::punycode::encode_str(decoded);
            let read = idna::punycode::decode_to_string(encoded);
            if written.as_deref() == Some(encoded) && read.as_deref() == Some(decoded) {
                Ok(())
            } else {
                Err(format!("{written:?}, {read:?}"))
            }
        });
    }
    outcome
}

fn host(source: &str, ascii: &str, status: &str) -> Result<(), String> {
    let statuses: Vec<&str> =
        status.trim_matches(['[', ']']).split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
    let must_fail = statuses.iter().any(|status| !IGNORED.contains(status));
    match WebUrl::parse(&format!("http://{source}/")) {
        Err(_) if must_fail || !statuses.is_empty() => Ok(()),
        Err(error) => Err(format!("{error} instead of {ascii}")),
        Ok(url) if must_fail => Err(format!("{} instead of {status}", url.url())),
        Ok(url) if url.url().host_str() == Some(ascii) => Ok(()),
        Ok(url) => Err(format!("{} instead of {ascii}", url.url())),
    }
}

/// Forbidden host code points of the URL standard, and what the parser drops or splits at.
fn has_delimiter(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_control() || " #/:<>?@[\\]^|%".contains(c))
}

/// Whether the name holds a character of Unicode 17's additions that stand in the cases: CJK extension J, and the
/// gaps that it filled.
fn has_newer(source: &str) -> bool {
    let (unicode, _) = idna::domain_to_unicode(source);
    unicode.contains(|c| matches!(c, '\u{323b0}'..='\u{33479}' | '\u{2b73a}'..='\u{2b73f}'))
        && WebUrl::parse(&format!("http://{source}/")).is_ok()
}

fn ends_in_number(ascii: &str) -> bool {
    let last = ascii.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())
}

fn unescaped(text: &str) -> String {
    if text == "\"\"" {
        return String::new();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (digits, length) = match after.strip_prefix("x{") {
            Some(braced) => {
                let end = braced.find('}').unwrap();
                (&braced[..end], end + 3)
            }
            None => (&after[1..5], 5),
        };
        // Unpaired surrogates cannot be text here; the replacement character is refused just as well.
        out.push(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
        rest = &after[length..];
    }
    out.push_str(rest);
    out
}
