//! Digest: the challenge of each case is put together from its fields and answered with the nonce the case forces.

use std::fmt::Write as _;

use httpconnector::engine::auth::digest_answer;
use serde_json::Value;

use crate::outcome::{Outcome, Vectors};

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("digest.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for case in cases {
        outcome.case(case["id"].as_str().unwrap(), || check(&case));
    }
    outcome
}

fn check(case: &Value) -> Result<(), String> {
    let field = |name: &str| case[name].as_str();
    let needed = |name: &str| field(name).ok_or(format!("the case has no {name}"));
    let mut challenge = format!("Digest realm=\"{}\", nonce=\"{}\"", needed("realm")?, needed("nonce")?);
    for (name, quote) in [("opaque", "\""), ("algorithm", "")] {
        if let Some(value) = field(name) {
            write!(challenge, ", {name}={quote}{value}{quote}").unwrap();
        }
    }
    if let Some(offered) = field("qop_offered") {
        write!(challenge, ", qop=\"{offered}\"").unwrap();
    }
    let who = (needed("username")?, needed("password")?);
    let what = (needed("method")?, needed("uri")?);
    let cnonce = field("cnonce").unwrap_or("unused");
    let answer = digest_answer(&challenge, who, what, b"", cnonce).ok_or("not answered")?;
    let mut expected = vec![
        format!("username=\"{}\"", who.0),
        format!("uri=\"{}\"", what.1),
        format!("response=\"{}\"", needed("response")?),
    ];
    if let Some(protection) = field("qop") {
        let (count, cnonce) = (needed("nc")?, needed("cnonce")?);
        expected.extend([format!("qop={protection}"), format!("nc={count}"), format!("cnonce=\"{cnonce}\"")]);
    }
    let parts: Vec<&str> = answer.trim_start_matches("Digest ").split(", ").collect();
    match expected.iter().find(|part| !parts.contains(&part.as_str())) {
        None => Ok(()),
        Some(missing) => Err(format!("no {missing} in {answer}")),
    }
}
