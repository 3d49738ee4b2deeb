//! JSON as the options are read (JSONTestSuite): `y_` is accepted, `n_` refused, `i_` one or the other.

use crate::outcome::{Outcome, Vectors};

pub(crate) fn parsing(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("JSONTestSuite/") && path.ends_with(".json"));
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(file).unwrap();
        outcome.case(name.clone(), || {
            let read = serde_json::from_slice::<serde_json::Value>(&bytes);
            match (name.get(..2), read) {
                (Some("y_"), Ok(_)) | (Some("n_"), Err(_)) | (Some("i_"), _) => Ok(()),
                (_, Ok(_)) => Err("accepted".to_owned()),
                (_, Err(error)) => Err(error.to_string()),
            }
        });
    }
    outcome
}
