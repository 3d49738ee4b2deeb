//! A request in the canonical form that client and server sign independently of each other. Nothing is checked here
//! and nothing depends on keys or time. The rules are those of "Create a signed AWS API request" (IAM User Guide).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// What is not unreserved (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for paths, whose slashes stay.
const ESCAPED_IN_PATH: &AsciiSet = &ESCAPED.remove(b'/');

/// How a service looks at paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathRule {
    /// S3: a path names an object, so that it is only brought into one spelling. Neither are dots and empty segments
    /// resolved, nor is what is encoded encoded again.
    Object,
    /// Other services: resolved (RFC 3986 section 5.2.4, empty segments dropped), and what was sent encoded again.
    Resolved,
    /// As [`PathRule::Resolved`], but dots and empty segments stay.
    Unresolved,
}

impl PathRule {
    /// The rule of a service by the name that stands in its credential scope.
    #[must_use]
    pub fn of(service: &str) -> Self {
        // The services with the path rule of S3: `s3`, `s3-object-lambda`, `s3-outposts`, `s3express`.
        let is_s3 = service == "s3" || service == "s3express" || service.starts_with("s3-");
        if is_s3 { Self::Object } else { Self::Resolved }
    }
}

/// A request to be signed.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// Method.
    pub method: &'a str,
    /// Path as it is sent.
    pub path: &'a str,
    /// Query as it is sent, without its `?`.
    pub query: &'a str,
    /// The header fields to be signed, in the order they are sent.
    pub headers: &'a [(&'a str, &'a str)],
    /// SHA-256 of the body in hexadecimal, or what stands for it.
    pub payload: &'a str,
    /// How the service looks at paths.
    pub rule: PathRule,
}

/// The canonical form. It holds header values, so that its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The text whose hash is signed.
    pub text: String,
    /// Names of the signed header fields: lower case, sorted, with `;` in between.
    pub signed: String,
}

impl Draft<'_> {
    /// The canonical form.
    #[must_use]
    pub fn canonical(&self) -> Canonical {
        let (headers, signed) = headers(self.headers);
        let (path, query) = (path(self.path, self.rule), query(self.query));
        let text = [self.method, &path, &query, &headers, &signed, self.payload].join("\n");
        Canonical { text, signed }
    }
}

impl std::fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({} with {} fields)", self.method, self.headers.len())
    }
}

impl std::fmt::Debug for Canonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canonical({})", self.signed)
    }
}

/// A name or a value as it stands in a canonical query.
pub(super) fn escaped(text: &str) -> String {
    percent_encode(text.as_bytes(), ESCAPED).to_string()
}

fn path(sent: &str, rule: PathRule) -> String {
    let sent: Cow<'_, str> = if rule == PathRule::Resolved { resolved(sent).into() } else { sent.into() };
    if rule == PathRule::Object {
        // Servers decode what they are sent and encode it again, so that `(` and `%28` are one object: this spelling
        // is theirs. An encoded slash becomes a plain one there, and so here.
        let decoded: Cow<'_, [u8]> = percent_decode(sent.as_bytes()).into();
        return or_root(percent_encode(&decoded, ESCAPED_IN_PATH).to_string());
    }
    or_root(percent_encode(sent.as_bytes(), ESCAPED_IN_PATH).to_string())
}

fn or_root(path: String) -> String {
    if path.is_empty() { "/".to_owned() } else { path }
}

fn resolved(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_folder && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

fn query(sent: &str) -> String {
    // Servers read `+` as a space, which has only one canonical spelling.
    let again = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded: Cow<'_, [u8]> = percent_decode(spaced.as_bytes()).into();
        percent_encode(&decoded, ESCAPED).to_string()
    };
    let mut pairs: Vec<(String, String)> = sent
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (again(name), again(value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The lines of the header fields, each with its end, and the names.
fn headers(sent: &[(&str, &str)]) -> (String, String) {
    let mut fields: Vec<(String, String)> =
        sent.iter().map(|(name, value)| (name.to_ascii_lowercase(), single_spaced(value))).collect();
    // Stable: fields of one name stay in order.
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (mut lines, mut names) = (String::new(), String::new());
    for fields in fields.chunk_by(|(one, _), (other, _)| one == other) {
        let Some((name, _)) = fields.first() else { continue };
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        lines.push_str(&format!("{name}:{}\n", values.join(",")));
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name);
    }
    (lines, names)
}

/// Without white space around, and with one space where there were several.
fn single_spaced(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.trim_matches([' ', '\t']).chars() {
        if character != ' ' || !text.ends_with(' ') {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_s3_is_brought_into_one_spelling_and_not_resolved() {
        for (sent, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/a%20b", "/a%20b"),
            ("/a+b", "/a%2Bb"),
            ("/a%2bb", "/a%2Bb"),
            ("/%D0%BA%D0%BB%D1%8E%D1%87", "/%D0%BA%D0%BB%D1%8E%D1%87"),
            ("/!'()*,;:@&=$", "/%21%27%28%29%2A%2C%3B%3A%40%26%3D%24"),
            ("/-._~09azAZ", "/-._~09azAZ"),
            ("/%7E", "/~"),
            ("/a//b//", "/a//b//"),
            ("/a/./../b", "/a/./../b"),
            ("/a%2Fb", "/a/b"),
            ("/100%25", "/100%25"),
            ("/100%2541", "/100%2541"),
            ("/100%", "/100%25"),
            ("/%zz%4", "/%25zz%254"),
            ("/%FF", "/%FF"),
        ] {
            assert_eq!(path(sent, PathRule::Object), canonical, "{sent}");
        }
    }

    #[test]
    fn a_path_of_other_services_is_resolved_and_encoded_again() {
        for (sent, canonical) in [
            ("", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/./example", "/example"),
            ("//example//", "/example/"),
            ("/example/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/b/.", "/a/b/"),
            ("/../a", "/a"),
            ("/a...b/..c", "/a...b/..c"),
            ("/a%20b", "/a%2520b"),
            ("/@x/%3D", "/%40x/%253D"),
            ("/a+b(1)", "/a%2Bb%281%29"),
        ] {
            assert_eq!(path(sent, PathRule::Resolved), canonical, "{sent}");
        }
        assert_eq!(path("//a/./..%20", PathRule::Unresolved), "//a/./..%2520");
    }

    #[test]
    fn the_services_of_s3_have_its_path_rule() {
        for service in ["s3", "s3-outposts", "s3-object-lambda", "s3express"] {
            assert_eq!(PathRule::of(service), PathRule::Object, "{service}");
        }
        for service in ["sqs", "s3tables", "execute-api", ""] {
            assert_eq!(PathRule::of(service), PathRule::Resolved, "{service}");
        }
    }

    #[test]
    fn a_query_is_encoded_anew_and_sorted_by_name_then_value() {
        for (sent, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("uploads", "uploads="),
            ("delete=&acl", "acl=&delete="),
            ("k=b&k=a&k=&k", "k=&k=&k=a&k=b"),
            ("a=1&&b=2&", "a=1&b=2"),
            ("prefix=a+b%20c%2Bd", "prefix=a%20b%20c%2Bd"),
            ("a=x=y", "a=x%3Dy"),
            ("=v", "=v"),
            ("p=/%2f", "p=%2F%2F"),
            ("%e1%88%b4=1&Param-3=3&Param=2", "%E1%88%B4=1&Param=2&Param-3=3"),
            ("B=1&a=2&A=3", "A=3&B=1&a=2"),
            ("q=!'()*~", "q=%21%27%28%29%2A~"),
            ("q=100%&r=%4", "q=100%25&r=%254"),
            ("ab=1&a=2&a-=3&a%2F=4", "a=2&a%2F=4&a-=3&ab=1"),
        ] {
            assert_eq!(query(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn header_lines_are_sorted_joined_and_single_spaced() {
        let (lines, names) = headers(&[
            ("X-Amz-Date", "20150830T123600Z"),
            ("My-B", "  a   b \t c  "),
            ("my-A", "2"),
            ("Host", "h"),
            ("MY-a", " 2 "),
            ("My-A", "1"),
            ("Empty", ""),
        ]);
        assert_eq!(lines, "empty:\nhost:h\nmy-a:2,2,1\nmy-b:a b \t c\nx-amz-date:20150830T123600Z\n");
        assert_eq!(names, "empty;host;my-a;my-b;x-amz-date");
    }

    #[test]
    fn the_parts_stand_on_lines_of_their_own() {
        let draft = Draft {
            method: "GET",
            path: "/a b",
            query: "b&a=1",
            headers: &[("Host", "h")],
            payload: "hash",
            rule: PathRule::Object,
        };
        let canonical = draft.canonical();
        assert_eq!(canonical.text, "GET\n/a%20b\na=1&b=\nhost:h\n\nhost\nhash");
        assert!(!format!("{draft:?}{canonical:?}").contains("a b"));
    }
}
