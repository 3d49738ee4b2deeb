//! What a Content-Type value says about the charset of a body.

/// The charset written in a Content-Type value: lower case, quotes removed. `None` if there is none.
///
/// Parameters end at a semicolon outside of quotes (a quote that is never closed is an ordinary character); the first
/// one named `charset` with a usable value counts. No further than 4096 characters are looked at: quotes that are never
/// closed make a long value cost the square of its length.
#[must_use]
pub fn charset_in(content_type: &str) -> Option<String> {
    let lower: String = content_type.trim().chars().take(4096).flat_map(char::to_lowercase).collect();
    parameters(&lower).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        if name.trim_start_matches(SPACES) != "charset"
            || value.contains(|c: char| c.is_ascii_control() && c != '\t')
        {
            return None;
        }
        // What follows a quoted value is not part of it; otherwise every quote goes.
        let value = value.trim_matches(SPACES);
        let value =
            value.strip_prefix('"').map_or(value, |inner| inner.split('"').next().unwrap_or_default());
        let value = value.replace(['"', '\'', '\\'], "");
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// The encoding of a response by its Content-Type (connector-api 4.7): the charset written there, else `iso-8859-1`
/// for a media type with the letters `text` in it, else `None`.
#[must_use]
pub fn encoding_of(content_type: Option<&str>) -> Option<String> {
    let content_type = content_type?;
    charset_in(content_type).or_else(|| {
        let media_type = content_type.split(';').next().unwrap_or_default().to_lowercase();
        media_type.contains("text").then(|| "iso-8859-1".to_owned())
    })
}

/// Blanks around a parameter (RFC 9110 section 5.6.3, and line ends of folded fields).
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The parameters of a Content-Type value, split at semicolons outside of quotes.
fn parameters(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value.split_once(';').map(|(_, rest)| rest);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = end_of_parameter(here);
        rest = here.get(end + 1..);
        here.get(..end)
    })
}

fn end_of_parameter(text: &str) -> usize {
    let first = text.find(';').unwrap_or(text.len());
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => return at,
            _ => {}
        }
    }
    if quoted { first } else { text.len() }
}
