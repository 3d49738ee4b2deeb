//! Encoding of query parameters and forms, and reading a query back. One routine serves both, so that a form and a
//! query of the same pairs are the same text. Everything outside the unreserved set of RFC 3986 is percent-encoded, in
//! keys too: a key must not be able to end its own pair.

use std::collections::{HashMap, TryReserveError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::request::{Parameter, Parameters};

/// What is not unreserved (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `key=value&key=value` of the parameters in order.
///
/// # Errors
/// No memory for the text.
pub fn encode<'p>(
    parameters: impl IntoIterator<Item = &'p (String, Parameter)>,
) -> Result<String, TryReserveError> {
    let mut text = String::new();
    for (key, value) in parameters {
        match value {
            Parameter::NoValue => pair(&mut text, key, None)?,
            Parameter::Text(value) => pair(&mut text, key, Some(value))?,
            Parameter::List(values) => {
                for value in values {
                    pair(&mut text, key, Some(value))?;
                }
            }
        }
    }
    Ok(text)
}

/// Reads a query the way the reference module does: pieces between `&`, each decoded and then split at its first `=`.
/// A repeated key becomes a list; a key without value replaces what was there.
#[must_use]
pub fn decode(query: &str) -> Parameters {
    let mut parameters: Parameters = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for piece in query.split('&').filter(|piece| !piece.is_empty()) {
        let piece = percent_decode_str(piece).decode_utf8_lossy();
        let (key, value) = match piece.split_once('=') {
            Some((key, value)) => (key, Parameter::Text(value.to_owned())),
            None => (&*piece, Parameter::NoValue),
        };
        match places.get(key).and_then(|place| parameters.get_mut(*place)) {
            Some((_, known)) => join(known, value),
            None => {
                places.insert(key.to_owned(), parameters.len());
                parameters.push((key.to_owned(), value));
            }
        }
    }
    parameters
}

/// Keys of a written query, decoded.
pub(crate) fn keys(query: &str) -> impl Iterator<Item = String> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let key = piece.split_once('=').map_or(piece, |(key, _)| key);
        percent_decode_str(key).decode_utf8_lossy().into_owned()
    })
}

fn pair(text: &mut String, key: &str, value: Option<&str>) -> Result<(), TryReserveError> {
    let most = key.len().saturating_add(value.map_or(0, str::len)).saturating_mul(3).saturating_add(2);
    text.try_reserve(most)?;
    if !text.is_empty() {
        text.push('&');
    }
    text.extend(utf8_percent_encode(key, ESCAPED));
    if let Some(value) = value {
        text.push('=');
        text.extend(utf8_percent_encode(value, ESCAPED));
    }
    Ok(())
}

fn join(known: &mut Parameter, value: Parameter) {
    *known = match (std::mem::replace(known, Parameter::NoValue), value) {
        (Parameter::Text(first), Parameter::Text(second)) => Parameter::List(vec![first, second]),
        (Parameter::List(mut list), Parameter::Text(next)) => {
            list.push(next);
            Parameter::List(list)
        }
        (_, value) => value,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Parameter {
        Parameter::Text(value.to_owned())
    }

    #[test]
    fn arrays_repeat_bare_keys_have_no_sign_and_keys_are_encoded() {
        let parameters = vec![
            ("name".to_owned(), Parameter::List(vec!["Иванов".to_owned(), "a b".to_owned()])),
            ("k&=#й".to_owned(), text("01:47")),
            ("bare".to_owned(), Parameter::NoValue),
            ("none".to_owned(), Parameter::List(vec![])),
            ("empty".to_owned(), text("")),
            ("-._~*".to_owned(), text("1")),
        ];
        assert_eq!(
            encode(&parameters).unwrap_or_default(),
            "name=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&name=a%20b&k%26%3D%23%D0%B9=01%3A47&bare&empty=&-._~%2A=1"
        );
    }

    #[test]
    fn repeated_keys_become_a_list_and_bare_keys_no_value() {
        assert_eq!(
            decode("i=v1&j=w1&j=w2&i=v2&i=v3&&k&e="),
            [
                ("i".to_owned(), Parameter::List(vec!["v1".into(), "v2".into(), "v3".into()])),
                ("j".to_owned(), Parameter::List(vec!["w1".into(), "w2".into()])),
                ("k".to_owned(), Parameter::NoValue),
                ("e".to_owned(), text("")),
            ]
        );
    }

    #[test]
    fn a_hundred_thousand_keys_are_read_in_one_pass() {
        let text = (0..100_000).map(|key| format!("k{key}")).collect::<Vec<_>>().join("&");
        let began = std::time::Instant::now();
        assert_eq!(decode(&text).len(), 100_000);
        assert!(began.elapsed().as_secs() < 20, "comparing each key with each takes minutes");
    }

    #[test]
    fn an_encoded_url_in_a_value_stays_one_value() {
        let read = decode("url=http%3A%2F%2Fwww.kuku.ru%2F%3Fs%3D1%26b%3D2&OTHER=1");
        assert_eq!(
            read,
            [("url".to_owned(), text("http://www.kuku.ru/?s=1&b=2")), ("OTHER".to_owned(), text("1"))]
        );
    }
}
