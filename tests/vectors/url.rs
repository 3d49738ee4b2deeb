//! WHATWG URL parsing (web-platform-tests) through the engine's own entrances: what a user wrote, and what a
//! `Location` means. Only `http` and `https` exist for the engine; everything else must be refused.

use httpconnector::engine::url::WebUrl;
use serde_json::Value;

use crate::outcome::{Outcome, Vectors};

const NO_SCHEME: &str = "no base and no http(s) scheme: the engine takes it for a host, or refuses it";
const OTHER_BASE: &str = "base that is not http(s): no response of ours has such a URL";

/// Spaces beyond WHATWG's are trimmed around a URL a user wrote: they come from copying out of documents.
const TRIMMED: &str = "white space around the URL is trimmed, not only C0 controls and spaces";

pub(crate) fn whatwg(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("urltestdata.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for case in cases.iter().filter(|case| case.is_object()) {
        let (input, base) = (case["input"].as_str().unwrap_or_default(), case["base"].as_str());
        let name = format!("{input:?} on {base:?}");
        match base {
            None if !has_web_scheme(input) => outcome.not_ours(name, NO_SCHEME),
            None if case["failure"] == true && is_trimmed_more(input) => {
                outcome.exception(name, TRIMMED, || parsed(case, input));
            }
            None => outcome.case(name, || parsed(case, input)),
            Some(base) if !has_web_scheme(base) => outcome.not_ours(name, OTHER_BASE),
            Some(base) => outcome.case(name, || resolved(case, base, input)),
        }
    }
    outcome
}

fn parsed(case: &Value, input: &str) -> Result<(), String> {
    match (WebUrl::parse(input), expected(case)) {
        (Err(_), None) => Ok(()),
        (Ok(url), Some(href)) if url.url().as_str() == href => Ok(()),
        (Ok(url), wanted) => Err(format!("{} instead of {wanted:?}", url.url())),
        (Err(error), Some(href)) => Err(format!("{error} instead of {href}")),
    }
}

fn resolved(case: &Value, base: &str, input: &str) -> Result<(), String> {
    let base = WebUrl::parse(base).map_err(|error| format!("base: {error}"))?;
    let target = base.resolve(input);
    match (target, expected(case)) {
        (Err(_), None) => Ok(()),
        (Ok(url), Some(href)) => {
            // Two rules of redirects: the fragment is inherited, user information is not.
            let mut wanted = url::Url::parse(&href).map_err(|error| error.to_string())?;
            if wanted.fragment().is_none() {
                wanted.set_fragment(base.url().fragment());
            }
            if base.user().is_some() && wanted.username() == base.url().username() {
                let _ = wanted.set_username("");
                let _ = wanted.set_password(None);
            }
            if *url.url() == wanted { Ok(()) } else { Err(format!("{} instead of {wanted}", url.url())) }
        }
        (Ok(url), None) => Err(format!("{} instead of a refusal", url.url())),
        (Err(bad), Some(href)) => Err(format!("{bad:?} instead of {href}")),
    }
}

/// The URL expected, or `None` when the engine has to refuse: a failure, or a scheme other than http and https.
fn expected(case: &Value) -> Option<String> {
    let href = case["href"].as_str()?;
    matches!(case["protocol"].as_str(), Some("http:" | "https:")).then(|| href.to_owned())
}

fn has_web_scheme(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let text = text.trim_start_matches(|c: char| c <= ' ').to_ascii_lowercase();
    text.starts_with("http:") || text.starts_with("https:")
}

fn is_trimmed_more(input: &str) -> bool {
    input.trim_matches(|c: char| c <= ' ')
        != input.trim_matches(|c: char| c <= ' ' || c.is_whitespace() || c == '\u{feff}')
}
