//! Suites that belong to later parts of the component: counted, so that nobody takes them for done.

use crate::outcome::{Outcome, Vectors};

const DISPOSITION: &str = "nothing here reads or writes Content-Disposition of responses yet";

pub(crate) fn content_disposition(vectors: &Vectors) -> Outcome {
    counted(vectors, DISPOSITION, |path| path.contains("content-disposition/") && path.ends_with(".json"))
}

fn counted(vectors: &Vectors, reason: &'static str, wanted: impl Fn(&str) -> bool) -> Outcome {
    let files = vectors.files(wanted);
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = if json.is_array() { &json } else { &json["cases"] };
        for case in cases.as_array().into_iter().flatten() {
            outcome.not_ours(case.to_string(), reason);
        }
    }
    outcome
}
