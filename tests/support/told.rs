//! What a run tells its tests of the servers it started.

/// What the run told in `variable`; `None` when it did not, which CI does not accept.
pub(crate) fn told(variable: &str) -> Option<String> {
    if let Ok(value) = std::env::var(variable) {
        return Some(value);
    }
    let required = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!required, "{variable} is not set: the servers have to be there in CI");
    println!("SKIPPED: {variable} is not set (tests/run starts the servers)");
    None
}
