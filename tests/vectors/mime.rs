//! web-platform-tests mimesniff: which charset a Content-Type names. Only the charset is ours; whether the whole is a
//! MIME type is not. Where connector-api 4.7 and the browsers' rules differ, 4.7 counts, and the case is excepted by
//! the rule it falls under, not by its number.

use httpconnector::engine::charset::{Charset, charset_in, encoding_of};

use crate::outcome::{Outcome, Vectors};

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let mut outcome = Outcome::absent();
    for name in ["mime-types.json", "generated-mime-types.json"] {
        let Some(cases) = vectors.cases(name) else { continue };
        outcome.present = true;
        for (number, case) in cases.iter().filter(|case| case.is_object()).enumerate() {
            let input = case["input"].as_str().unwrap();
            let id = format!("{name} {number} {input:?}");
            let check = || by_charset(case, input).and_then(|()| by_default_rule(input));
            match (check(), deviation(case, input)) {
                (Err(_), Some(reason)) => outcome.exception(id, reason, check),
                _ => outcome.case(id, check),
            }
        }
    }
    outcome
}

/// The charset found is the one expected: by name where the case gives it, else as in the serialised form.
fn by_charset(case: &serde_json::Value, input: &str) -> Result<(), String> {
    let ours = charset_in(input).and_then(|name| Charset::by_name(&name).ok());
    let expected = match case.get("encoding") {
        Some(encoding) => encoding.as_str().map(str::to_owned),
        // The serialised form is well formed: one spelling, one way to read it.
        None => case["output"].as_str().and_then(|output| {
            let value = output.split(';').find_map(|parameter| parameter.strip_prefix("charset="))?;
            Charset::by_name(value.trim_matches('"')).ok().map(|charset| charset.name().to_owned())
        }),
    };
    let equal = match (&ours, &expected) {
        (None, None) => true,
        (Some(ours), Some(expected)) => ours.name().eq_ignore_ascii_case(expected),
        _ => false,
    };
    if equal { Ok(()) } else { Err(format!("{ours:?}, expected {expected:?}")) }
}

/// Without a charset the default depends on the letters `text` in the media type alone.
fn by_default_rule(input: &str) -> Result<(), String> {
    let expected = charset_in(input).or_else(|| {
        let media_type = input.split(';').next().unwrap_or_default().to_lowercase();
        media_type.contains("text").then(|| "iso-8859-1".to_owned())
    });
    let ours = encoding_of(Some(input));
    if ours == expected { Ok(()) } else { Err(format!("encoding {ours:?}, expected {expected:?}")) }
}

/// The rule by which this Content-Type may be read otherwise than browsers do.
fn deviation(case: &serde_json::Value, input: &str) -> Option<&'static str> {
    let lower = input.to_lowercase();
    let (_, value) = lower.split_once("charset=")?;
    let until_semicolon = value.split(';').next().unwrap_or_default().trim();
    let quotes = value.matches('"').count();
    if case["encoding"] == "windows-1252" {
        return Some("iso-8859-1 is the real one, not windows-1252");
    }
    if case["output"].is_null() {
        return Some("4.7 looks for a charset whatever the media type is");
    }
    if until_semicolon.is_empty() || until_semicolon == "\"\"" {
        return Some("an empty charset is none: the next one counts");
    }
    if until_semicolon.contains('\'') {
        return Some("4.7 removes single quotes around a charset");
    }
    if quotes % 2 == 1 {
        return Some("a quote that is never closed is removed and does not swallow what follows");
    }
    None
}
