//! Published vectors against the engine: one program, one line per suite. The vectors are not part of the repository:
//! `CONNECTOR_VECTORS` names their folder (default `../shared/vectors`). Without the folder the program says so and
//! passes, except with `CI=true`. Arguments other than options choose suites by a part of their name.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test program that reports to a person; a broken vector file should stop it"
)]

mod aws;
mod compression;
mod cookies;
mod digest;
mod hmac;
mod idna;
mod json;
mod later;
mod mime;
mod multipart;
mod outcome;
mod proxy;
mod retry;
mod url;
mod wire;

use std::process::ExitCode;

use outcome::{Outcome, Vectors};

/// A suite: its name and how to run it.
type Suite = (&'static str, fn(&Vectors) -> Outcome);

const SUITES: &[Suite] = &[
    ("compression-gzip", compression::gzip),
    ("compression-brotli", compression::brotli),
    ("compression-zstd", compression::zstd),
    ("compression-damaged", compression::damaged),
    ("mime-charset", mime::run),
    ("hmac", hmac::run),
    ("url-whatwg", url::whatwg),
    ("url-idna", idna::uts46),
    ("url-punycode", idna::punycode),
    ("cookies-parser", cookies::parser),
    ("cookies-dates", cookies::dates),
    ("cookies-public-suffixes", cookies::public_suffixes),
    ("retry-after", retry::retry_after_values),
    ("multipart-file-names", multipart::file_names),
    ("multipart-bodies", multipart::bodies),
    ("json-parsing", json::parsing),
    ("http1-llhttp", wire::llhttp::run),
    ("http1-curl", wire::curl::run),
    ("http1-curl-replies", wire::replies::run),
    ("digest", digest::run),
    ("proxy", proxy::run),
    ("aws-sigv4", aws::suite),
    ("aws-sigv4-s3", aws::s3),
    ("content-disposition", later::content_disposition),
];

fn main() -> ExitCode {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let Some(vectors) = Vectors::locate() else {
        let required = std::env::var("CI").is_ok_and(|value| value == "true");
        println!("vectors: SKIPPED, folder not found (CONNECTOR_VECTORS or ../shared/vectors)");
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    println!("vectors in {}", vectors.root().display());
    let mut failed = 0;
    let mut total = 0;
    for (name, run) in SUITES {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let outcome = run(&vectors);
        report(name, &outcome);
        failed += outcome.failures.len();
        total += outcome.found();
    }
    println!("vectors: {total} cases, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(name: &str, outcome: &Outcome) {
    if !outcome.present {
        println!("  {name:<34} ABSENT");
        return;
    }
    let excepted = outcome.found() - outcome.passed - outcome.failures.len();
    println!(
        "  {name:<34} {:>5} cases, {:>5} passed, {excepted} excepted, {} failed",
        outcome.found(),
        outcome.passed,
        outcome.failures.len()
    );
    for (reason, cases) in &outcome.exceptions {
        println!("      excepted {:>4}: {reason}", cases.len());
    }
    for failure in &outcome.failures {
        println!("      FAILED {failure}");
    }
}
