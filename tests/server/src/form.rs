//! Request bodies that carry fields: URL-encoded and multipart. Lenient readers, enough to echo what was sent.

use serde_json::{Map, Value};

use crate::echo;

/// Fields and files of one body, in order.
#[derive(Default)]
pub(crate) struct Fields {
    pub(crate) form: Vec<(String, String)>,
    pub(crate) files: Vec<(String, String)>,
}

impl Fields {
    /// Reads `body` if `content_type` is that of a form.
    pub(crate) fn read(content_type: &str, body: &[u8]) -> Option<Self> {
        let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        match media.trim().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => {
                Some(Self { form: form_urlencoded::parse(body).into_owned().collect(), files: Vec::new() })
            }
            "multipart/form-data" => Some(
                parameter(parameters, "boundary").map(|b| multipart(b.as_bytes(), body)).unwrap_or_default(),
            ),
            _ => None,
        }
    }
}

/// Pairs as an object: a repeated key becomes an array.
pub(crate) fn grouped(pairs: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (key, value) in pairs {
        let value = Value::String(value.clone());
        match object.get_mut(key) {
            None => {
                object.insert(key.clone(), value);
            }
            Some(Value::Array(all)) => all.push(value),
            Some(single) => *single = Value::Array(vec![single.take(), value]),
        }
    }
    object.sort_keys();
    Value::Object(object)
}

fn multipart(boundary: &[u8], body: &[u8]) -> Fields {
    let mut fields = Fields::default();
    let delimiter = [b"\r\n--", boundary].concat();
    // The first delimiter has no line end before it.
    let body = [b"\r\n", body].concat();
    let mut rest = match split(&body, &delimiter) {
        Some((_, rest)) => rest,
        None => return fields,
    };
    while let Some((part, next)) = split(rest, &delimiter) {
        if let Some((head, content)) = split(part, b"\r\n\r\n") {
            add_part(&mut fields, &String::from_utf8_lossy(head), content);
        }
        rest = next;
    }
    fields
}

fn add_part(fields: &mut Fields, head: &str, content: &[u8]) {
    let line = |name: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let Some(disposition) = line("content-disposition") else { return };
    let Some(name) = parameter(disposition, "name") else { return };
    if parameter(disposition, "filename").is_some() {
        let media = line("content-type").unwrap_or("application/octet-stream");
        fields.files.push((name, echo::text_or_data_url(content, media)));
    } else {
        fields.form.push((name, String::from_utf8_lossy(content).into_owned()));
    }
}

/// Value of `name=` among `;`-separated parameters, quotes removed; `%22` and line ends stay as sent, as a browser's
/// server sees them.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit(';').next().unwrap_or_default().trim();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
    None
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..found], &bytes[found + at.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_gives_fields_and_files_apart() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"x;y.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            line\r\nline\r\n--B--\r\n";
        let fields = Fields::read("multipart/form-data; boundary=B", body).expect("is a form");
        assert_eq!(fields.form, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(fields.files, [("f".to_owned(), "line\r\nline".to_owned())]);
    }

    #[test]
    fn a_repeated_key_becomes_an_array() {
        let pairs = ["1", "2"].map(|value| ("k".to_owned(), value.to_owned()));
        assert_eq!(grouped(&pairs), serde_json::json!({"k": ["1", "2"]}));
    }
}
