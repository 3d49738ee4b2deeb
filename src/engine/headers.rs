//! Header fields in order, names as written, lookup without regard to case (RFC 9110 section 5).

/// Header fields of a request or a response.
///
/// Values are text: a received value is UTF-8 when it is valid UTF-8, else each byte is one ISO-8859-1 character;
/// a sent value goes out as UTF-8. No `Debug` of values: a header may hold a secret.
///
/// All names and values stand in one text, so that a copy costs two allocations however many fields there are: every
/// hop of every request makes one.
#[derive(Clone, Default)]
pub struct Headers {
    text: String,
    fields: Vec<Field>,
}

/// Where a field stands in the text: its name, then its value.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    value: usize,
    end: usize,
}

impl Headers {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields yet, room for `fields` of `bytes` together.
    #[must_use]
    pub(crate) fn with_room(fields: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), fields: Vec::with_capacity(fields) }
    }

    /// First value of `name`.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| self.is_called(field, name)).map(|field| self.value(field))
    }

    /// Every value of `name` in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |field| self.is_called(field, name)).map(|field| self.value(field))
    }

    /// Whether there is a field `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|field| self.is_called(field, name))
    }

    /// Adds a field after the others.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let start = self.text.len();
        self.text.push_str(name.as_ref());
        let middle = self.text.len();
        self.text.push_str(value.as_ref());
        self.fields.push(Field { start, value: middle, end: self.text.len() });
    }

    /// Replaces every field `name` by one, in the place of the first.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        let Some(at) = self.fields.iter().position(|field| self.is_called(field, name)) else {
            return self.append(name, value);
        };
        let mut changed = Self::with_room(self.fields.len(), self.text.len());
        for (index, field) in self.fields.iter().enumerate() {
            if index == at {
                changed.append(name, value.as_ref());
            } else if !self.is_called(field, name) {
                changed.append(self.name(field), self.value(field));
            }
        }
        *self = changed;
    }

    /// Removes every field `name`.
    pub fn remove(&mut self, name: &str) {
        if self.contains(name) {
            let kept = self.fields.iter().filter(|field| !self.is_called(field, name));
            *self = kept.map(|field| (self.name(field), self.value(field))).collect();
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (self.name(field), self.value(field)))
    }

    /// Number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn is_called(&self, field: &Field, name: &str) -> bool {
        field.value - field.start == name.len() && self.name(field).eq_ignore_ascii_case(name)
    }

    fn name(&self, field: &Field) -> &str {
        self.text.get(field.start..field.value).unwrap_or_default()
    }

    fn value(&self, field: &Field) -> &str {
        self.text.get(field.value..field.end).unwrap_or_default()
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

/// Whether a byte may be in a token: a method or a field name (RFC 9110 section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a text may be sent as a field value: nothing in it ends the line (RFC 9110 section 5.5).
pub(crate) fn is_value(value: &str) -> bool {
    !value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        // Room for the usual few fields and those that a request gets on its way.
        let mut headers = Self::with_room(8, 256);
        for (name, value) in fields {
            headers.append(name, value);
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replaces_every_spelling_in_the_first_place() {
        let mut headers: Headers = [("a", "1"), ("X-B", "2"), ("x-b", "3"), ("c", "4")].into_iter().collect();
        headers.set("x-B", "9");
        let left: Vec<_> = headers.iter().collect();
        assert_eq!(left, [("a", "1"), ("x-B", "9"), ("c", "4")]);
    }

    #[test]
    fn debug_shows_names_only() {
        let headers: Headers = [("Authorization", "Basic c2VjcmV0")].into_iter().collect();
        assert_eq!(format!("{headers:?}"), r#"["Authorization"]"#);
    }
}
