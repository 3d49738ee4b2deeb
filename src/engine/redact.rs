//! Texts that may be shown: URLs without user information and with secret-looking values masked, header values by an
//! allow-list. Everything an error, a history or a trace says about a request passes here.

use std::fmt::Write as _;

use ::url::Url;
use percent_encoding::percent_decode_str;

/// What stands for a secret.
const MASK: &str = "***";

/// Parts of a parameter name that make its value a secret.
const SECRET_PARTS: &[&str] = &[
    "token",
    "secret",
    "passw",
    "signature",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "credential",
    "session",
    "jwt",
    "authorization",
    "парол",
    "токен",
    "секрет",
    "подпись",
];

/// Whole parameter names whose value is a secret.
const SECRET_NAMES: &[&str] =
    &["key", "sig", "pwd", "pass", "auth", "sid", "code", "assertion", "otp", "pin", "ключ"];

/// Header fields whose values may be shown.
const SHOWN_HEADERS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expect",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "pragma",
    "range",
    "retry-after",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-powered-by",
    "x-request-id",
];

/// The URL without user information and fragment, secret-looking query values masked.
#[must_use]
pub fn url(url: &Url) -> String {
    let mut text = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        let _ = write!(text, ":{port}");
    }
    path(&mut text, url.path());
    if let Some(query) = url.query() {
        text.push('?');
        masked_query(&mut text, query);
    }
    shortened(text, 8000)
}

/// A URL that could not be parsed, as written: everything up to its last `@` may be user information.
#[must_use]
pub fn written(text: &str) -> String {
    let (before, rest) = match text.find("//") {
        Some(at) if is_scheme(text.get(..at).unwrap_or_default()) => text.split_at(at + 2),
        _ => ("", text),
    };
    // The password may have a `#`, so user information is looked for before the fragment is.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
    let rest = rest.split('#').next().unwrap_or_default();
    let (address, query) =
        rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
    let mut shown = before.to_owned();
    path(&mut shown, address);
    if let Some(query) = query {
        shown.push('?');
        masked_query(&mut shown, query);
    }
    shortened(shown, 500)
}

/// An error text is no place for a megabyte someone passed as a URL, nor is a history for thirty.
fn shortened(text: String, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// The value of a header field, or the mask when the field is not known to be harmless.
#[must_use]
pub fn header<'a>(name: &str, value: &'a str) -> &'a str {
    if SHOWN_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)) { value } else { MASK }
}

fn is_scheme(text: &str) -> bool {
    text.is_empty()
        || text.strip_suffix(':').is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether a parameter of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy().to_lowercase();
    SECRET_NAMES.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

fn masked_query(text: &mut String, query: &str) {
    for (index, piece) in query.split('&').enumerate() {
        if index > 0 {
            text.push('&');
        }
        match piece.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(name) => {
                let _ = write!(text, "{name}={MASK}");
            }
            _ => text.push_str(piece),
        }
    }
}

/// Bot APIs carry their token as a path segment (`/bot123:secret/`).
fn path(text: &mut String, path: &str) {
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        let token = segment
            .strip_prefix("bot")
            .and_then(|rest| rest.split_once(':').or_else(|| rest.split_once("%3A")));
        match token {
            Some((number, _)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                let _ = write!(text, "bot{number}:{MASK}");
            }
            _ => text.push_str(segment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Url::parse(text).map(|parsed| url(&parsed)).unwrap_or_default()
    }

    #[test]
    fn user_information_fragment_and_secret_values_are_not_shown() {
        assert_eq!(
            shown("https://user:pa%40ss@h.ru:444/a?id=1&access_token=abc&X-Amz-Signature=ff&sig=1&q=2#frag"),
            "https://h.ru:444/a?id=1&access_token=***&X-Amz-Signature=***&sig=***&q=2"
        );
        assert_eq!(
            shown("https://h/?%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C=1"),
            "https://h/?%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C=***"
        );
    }

    #[test]
    fn bot_tokens_in_the_path_are_masked() {
        assert_eq!(
            shown("https://api.telegram.org/bot12:AA-b_c/getMe"),
            "https://api.telegram.org/bot12:***/getMe"
        );
        assert_eq!(shown("https://h/bottle:1/x"), "https://h/bottle:1/x");
    }

    #[test]
    fn long_urls_are_cut() {
        let long = "й".repeat(10_000);
        assert_eq!(shown(&format!("http://h/{long}")).chars().count(), 8003);
        assert_eq!(written(&long).chars().count(), 503);
    }

    #[test]
    fn a_broken_url_shows_nothing_before_its_last_at_sign() {
        assert_eq!(written("http://u:p/w@h:x/?token=1#z"), "http://h:x/?token=***");
        assert_eq!(written("u:secret@h//x"), "h//x");
        assert_eq!(written("u:secret//@h"), "h");
        assert_eq!(written("http://u:se#cret@h/x#f"), "http://h/x");
    }

    #[test]
    fn unknown_headers_are_masked() {
        assert_eq!(header("Content-TYPE", "a/b"), "a/b");
        assert_eq!(header("X-Api-Key", "k"), "***");
        assert_eq!(header("Set-Cookie", "k=v"), "***");
    }
}
