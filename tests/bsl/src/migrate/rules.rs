//! The table of differences: what to look for, which row of the list of Connector's defects it comes from, how bad it is.
//! What a rule says to people stands in `texts`.

use super::texts::{self, Text};

/// How bad a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Raises, or does nothing.
    Breaks,
    /// Gives another result.
    Changes,
    /// May give another result: somebody has to look.
    Check,
}

/// One difference.
#[derive(Debug)]
pub struct Rule {
    /// Name in reports.
    pub name: &'static str,
    /// Rows of the list of defects (`D1`), or where else it comes from: `1.7` a section of the description of the surface,
    /// `EN` the English module's own behaviour.
    pub rows: &'static [&'static str],
    /// How bad.
    pub severity: Severity,
    /// Title, reason and advice in Russian and in English.
    pub texts: [Text; 2],
}

const fn rule(
    name: &'static str,
    rows: &'static [&'static str],
    severity: Severity,
    texts: [Text; 2],
) -> Rule {
    Rule { name, rows, severity, texts }
}

use Severity::{Breaks, Changes, Check};

/// All of them, in the order of a report.
pub const RULES: &[Rule] = &[
    rule("no-function", &["1.7"], Breaks, texts::NO_FUNCTION),
    rule("extra-argument", &["1"], Breaks, texts::EXTRA_ARGUMENT),
    rule("platform-certificate", &["D2", "4.13"], Breaks, texts::PLATFORM_CERTIFICATE),
    rule("service-data", &["D8", "3.2"], Breaks, texts::SERVICE_DATA),
    rule("response-object", &["1.7"], Breaks, texts::RESPONSE_OBJECT),
    rule("on-client", &["1"], Breaks, texts::ON_CLIENT),
    rule("default-header", &["D1"], Changes, texts::DEFAULT_HEADER),
    rule("session-header", &["D1"], Changes, texts::SESSION_HEADER),
    rule("session-priority", &["D1"], Changes, texts::SESSION_PRIORITY),
    rule("no-verification", &["D2"], Changes, texts::NO_VERIFICATION),
    rule("session-verification", &["D2", "EN"], Changes, texts::SESSION_VERIFICATION),
    rule("session-certificate", &["EN"], Changes, texts::SESSION_CERTIFICATE),
    rule("session-proxy", &["D3"], Changes, texts::SESSION_PROXY),
    rule("default-proxy", &["D3"], Changes, texts::DEFAULT_PROXY),
    rule("empty-proxy", &["D3"], Changes, texts::EMPTY_PROXY),
    rule("new-key", &["2"], Changes, texts::NEW_KEY),
    rule("query-key", &["D10"], Changes, texts::QUERY_KEY),
    rule("typed-value", &["D11"], Changes, texts::TYPED_VALUE),
    rule("part-name", &["D13"], Changes, texts::PART_NAME),
    rule("aws-type", &["D14"], Changes, texts::AWS_TYPE),
    rule("fragment", &["D18"], Changes, texts::FRAGMENT),
    rule("url-form", &["D19"], Changes, texts::URL_FORM),
    rule("hmac-sha512", &["1.5"], Changes, texts::HMAC_SHA512),
    rule("unknown-status", &["EN"], Changes, texts::UNKNOWN_STATUS),
    rule("head-redirect", &["EN"], Changes, texts::HEAD_REDIRECT),
    rule("timeout-zero", &["EN"], Changes, texts::TIMEOUT_ZERO),
    rule("positional-argument", &["EN"], Changes, texts::POSITIONAL_ARGUMENT),
    rule("content-type", &["D23", "EN"], Changes, texts::CONTENT_TYPE),
    rule("post-301", &["D7"], Check, texts::POST_301),
    rule("errors-list", &["D17"], Check, texts::ERRORS_LIST),
    rule("password-in-url", &["D18", "D19"], Check, texts::PASSWORD_IN_URL),
    rule("cookie-store", &["D9"], Check, texts::COOKIE_STORE),
    rule("prepared-request", &["3.5"], Check, texts::PREPARED_REQUEST),
    rule("short-year", &["4.10"], Check, texts::SHORT_YEAR),
    rule("unknown-key", &["2"], Check, texts::UNKNOWN_KEY),
    rule("indirect-call", &["-"], Check, texts::INDIRECT_CALL),
    rule("not-understood", &["-"], Check, texts::NOT_UNDERSTOOD),
];

/// Rows that no source shows, in Russian and in English: they depend on servers and data.
pub const UNSEEN: &[(&str, [&str; 2])] = texts::UNSEEN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_rule_or_is_said_to_be_unseen() {
        for row in 1..=23 {
            let row = format!("D{row}");
            let has_rule = RULES.iter().any(|rule| rule.rows.contains(&row.as_str()));
            let is_unseen = UNSEEN.iter().any(|(known, _)| *known == row);
            assert!(has_rule || is_unseen, "{row}");
        }
    }

    #[test]
    fn names_are_different_and_texts_are_there_in_both_languages() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(RULES.iter().take(index).all(|other| other.name != rule.name), "{}", rule.name);
            for (text, is_russian) in rule.texts.iter().zip([true, false]) {
                for part in [text.title, text.why, text.advice] {
                    let has_russian = part.chars().any(|c| ('а'..='я').contains(&c));
                    assert!(!part.is_empty() && (has_russian || !is_russian), "{}: {part}", rule.name);
                }
            }
        }
    }
}
