//! `Retry-After` values: seconds and dates.

use httpconnector::engine::retry::retry_after;
use time::macros::datetime;

use crate::outcome::{Outcome, Vectors};

pub(crate) fn retry_after_values(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("retry") && path.ends_with(".json"));
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    let now = datetime!(2019-06-03 11:00 UTC);
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for case in json["cases"].as_array().into_iter().flatten() {
            let Some(value) = case["value"].as_str() else {
                outcome.not_ours(case.to_string(), "not a Retry-After value");
                continue;
            };
            outcome.case(value, || {
                let seen = retry_after(value, now);
                if seen == case["seconds"].as_u64() {
                    Ok(())
                } else {
                    Err(format!("{seen:?}, wanted {}", case["seconds"]))
                }
            });
        }
    }
    outcome
}
