//! Cookies of the http-state working group, the public suffix list, and cookie dates, through the engine's jar.

use httpconnector::engine::cookies::{Given, Jar};
use httpconnector::engine::date::cookie_date;
use time::OffsetDateTime;
use time::macros::{datetime, format_description};
use url::Url;

use crate::outcome::{Outcome, Vectors};

/// The cases were written around this date.
const NOW: OffsetDateTime = datetime!(2011-01-01 0:00 UTC);

const LEADING_DOT: &str = "RFC 6265 drops a leading dot before the list is asked";
const UNLISTED: &str =
    "a top-level name the list does not know is no public suffix (localhost, a company's own)";

pub(crate) fn parser(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("http-state-parser.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for case in cases {
        let test = case["test"].as_str().unwrap();
        let from = Url::parse(&format!("http://home.example.org:8888/cookie-parser?{test}")).unwrap();
        outcome.case(test, || {
            let mut jar = Jar::new();
            let received: Vec<&str> =
                case["received"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            jar.receive(received.into_iter(), &from, NOW);
            let to = case["sent-to"]
                .as_str()
                .map_or_else(|| format!("/cookie-parser-result?{test}"), str::to_owned);
            let to = from.join(&to).unwrap();
            let sent = jar.header(&to, None, &Given::default(), NOW).unwrap_or_default();
            let pair = |cookie: &serde_json::Value| {
                format!(
                    "{}={}",
                    cookie["name"].as_str().unwrap_or_default(),
                    cookie["value"].as_str().unwrap_or_default()
                )
            };
            let wanted: Vec<String> = case["sent"].as_array().unwrap().iter().map(pair).collect();
            let wanted = wanted.join("; ");
            if sent == wanted { Ok(()) } else { Err(format!("sent {sent:?}, wanted {wanted:?}")) }
        });
    }
    outcome
}

pub(crate) fn dates(vectors: &Vectors) -> Outcome {
    let Some(cases) = vectors.cases("http-state-dates.json") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    for case in cases {
        let text = case["test"].as_str().unwrap();
        outcome.case(text, || {
            let seen = cookie_date(text).map(|date| date.format(form).unwrap());
            if seen.as_deref() == case["expected"].as_str() {
                Ok(())
            } else {
                Err(format!("{seen:?}, wanted {}", case["expected"]))
            }
        });
    }
    outcome
}

pub(crate) fn public_suffixes(vectors: &Vectors) -> Outcome {
    let Some(text) = vectors.text("test_psl.txt") else { return Outcome::absent() };
    let mut outcome = Outcome::new();
    for line in text.lines() {
        let Some(arguments) =
            line.strip_prefix("checkPublicSuffix(").and_then(|rest| rest.split(");").next())
        else {
            continue;
        };
        let (name, registrable) = arguments.split_once(", ").unwrap();
        let unquoted =
            |text: &str| text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).map(str::to_owned);
        let (Some(name), registrable) = (unquoted(name), unquoted(registrable)) else {
            outcome.not_ours(line, "no name at all");
            continue;
        };
        let is_top_and_unlisted = || {
            let name = name.trim_start_matches('.').to_lowercase();
            !name.contains('.') && !psl2::lookup(&name).is_some_and(|found| found.is_known())
        };
        match registrable {
            Some(registrable) => outcome.case(line, || accepts(&name, &registrable, true)),
            None if is_top_and_unlisted() => {
                outcome.exception(line, UNLISTED, || accepts(&format!("x.{name}"), &name, false))
            }
            None if name.starts_with('.') && name.trim_start_matches('.').contains('.') => {
                outcome.exception(line, LEADING_DOT, || accepts(&format!("x{name}"), &name, false));
            }
            None => {
                outcome.case(line, || accepts(&format!("x.{}", name.trim_start_matches('.')), &name, false))
            }
        }
    }
    outcome
}

/// Whether a cookie that `host` sets for `domain` reaches a sibling below that domain.
fn accepts(host: &str, domain: &str, wanted: bool) -> Result<(), String> {
    let host = host.replace("..", ".");
    let url = |host: &str| Url::parse(&format!("http://{host}/")).map_err(|error| format!("{host}: {error}"));
    let mut jar = Jar::new();
    jar.receive([format!("a=1; Domain={domain}").as_str()].into_iter(), &url(&host)?, NOW);
    let sibling = url(&format!("sibling.{}", domain.trim_start_matches('.')))?;
    let seen = jar.header(&sibling, None, &Given::default(), NOW).is_some();
    if seen == wanted { Ok(()) } else { Err(format!("{host} for {domain}: {seen}")) }
}
