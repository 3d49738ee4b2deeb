//! Project Wycheproof: HMAC, tags possibly cut to their first bytes.

use httpconnector::engine::digest::{Hash, hmac};

use crate::outcome::{Outcome, Vectors};

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("hmac_") && path.ends_with("_test.json"));
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let algorithm = name.trim_start_matches("hmac_").trim_end_matches("_test.json");
        for case in vectors.cases(name).unwrap() {
            let id = format!("{algorithm} {}", case["tcId"]);
            let hash = match algorithm {
                "md5" => Some(Hash::Md5),
                "sha1" => Some(Hash::Sha1),
                "sha256" => Some(Hash::Sha256),
                "sha512" => Some(Hash::Sha512),
                _ => None,
            };
            match hash {
                Some(hash) => outcome.case(id, || check(hash, &case)),
                None => outcome.not_ours(id, "algorithm that is not offered"),
            }
        }
    }
    outcome
}

fn check(hash: Hash, case: &serde_json::Value) -> Result<(), String> {
    let field = |name: &str| bytes(case[name].as_str().unwrap());
    let (key, message, tag) = (field("key"), field("msg"), field("tag"));
    let wanted = usize::try_from(case["tagSize"].as_u64().unwrap() / 8).unwrap();
    let valid = match case["result"].as_str().unwrap() {
        "valid" => true,
        "invalid" => false,
        other => return Err(format!("unknown expectation {other}")),
    };
    let made = hmac(hash, &key, &message);
    let equal = made.get(..wanted).ok_or("tag longer than the digest")? == tag;
    if equal == valid { Ok(()) } else { Err(format!("tag equal: {equal}, case is valid: {valid}")) }
}

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "whole bytes");
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
}
