//! curl's test files: sections of parts in tags, with variables and conditions written into them. Read by line, as
//! curl's own tool does: it is not XML.

/// A test file with everything replaced.
#[derive(Debug, Default)]
pub(super) struct Test {
    parts: Vec<Part>,
}

/// One part of a section.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Section and name, e.g. `reply/data2`.
    pub(super) path: String,
    attributes: String,
    content: Vec<u8>,
}

impl Test {
    /// Takes a file apart; `variables` replace `%NAME`.
    pub(super) fn parse(file: &[u8], variables: &[(&str, String)]) -> Self {
        let file = substitute(&choose(file), variables);
        let mut test = Self::default();
        let mut section = String::new();
        let mut part: Option<Part> = None;
        for line in file.split_inclusive(|byte| *byte == b'\n') {
            let tag = tag(line);
            if let Some(mut open) = part.take() {
                let name = open.path.rsplit('/').next().unwrap_or_default();
                if matches!(&tag, Some((closing, _)) if closing.strip_prefix('/') == Some(name)) {
                    test.parts.push(open);
                } else {
                    open.content.extend_from_slice(line);
                    part = Some(open);
                }
                continue;
            }
            let Some((name, attributes)) = tag else { continue };
            match name.as_str() {
                "info" | "reply" | "client" | "verify" => section = name,
                _ if section.is_empty() => {}
                _ if name.starts_with('/') => {
                    if name.get(1..) == Some(section.as_str()) {
                        section.clear();
                    }
                }
                _ => part = Some(Part { path: format!("{section}/{name}"), attributes, content: Vec::new() }),
            }
        }
        test
    }

    /// The part at `path`.
    pub(super) fn part(&self, path: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.path == path)
    }

    /// Every part whose path starts so.
    pub(super) fn parts<'t>(&'t self, start: &'t str) -> impl Iterator<Item = &'t Part> {
        self.parts.iter().filter(move |part| part.path.starts_with(start))
    }

    /// The lines of the part at `path`, trimmed, without empty ones.
    pub(super) fn lines(&self, path: &str) -> Vec<String> {
        let content = self.part(path).map(|part| String::from_utf8_lossy(&part.content).into_owned());
        let lines = content.unwrap_or_default();
        lines.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }
}

impl Part {
    /// Value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let rest = self.attributes.split_once(&format!("{name}="))?.1;
        match rest.strip_prefix('"') {
            Some(quoted) => {
                quoted.split_once("\" ").map(|(value, _)| value).or_else(|| quoted.strip_suffix('"'))
            }
            None => rest.split(' ').next(),
        }
    }

    /// The bytes the part stands for. `Err`: an attribute is not known here.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, &'static str> {
        const UNKNOWN: &str = "an attribute of a part that is not understood";
        let on = |name: &str| self.attribute(name).is_some_and(|value| value == "yes");
        let mut bytes = self.content.clone();
        for word in self.attributes.split(' ').filter_map(|word| word.split_once('=')) {
            let known = [
                "nocheck",
                "nonewline",
                "base64",
                "crlf",
                "hex",
                "mode",
                "name",
                "option",
                "sendzero",
                "timeout",
            ];
            if !known.contains(&word.0) {
                return Err(UNKNOWN);
            }
        }
        if on("hex") {
            let digits: Vec<u8> = bytes.into_iter().filter(u8::is_ascii_hexdigit).collect();
            bytes = hex(&digits).ok_or(UNKNOWN)?;
        }
        if on("base64") {
            let digits: Vec<u8> = bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
            bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, digits)
                .map_err(|_| UNKNOWN)?;
        }
        if on("crlf") {
            let lines: Vec<&[u8]> = bytes
                .split(|byte| *byte == b'\n')
                .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
                .collect();
            bytes = lines.join(&b"\r\n"[..]);
        }
        if on("nonewline") {
            let end = bytes.strip_suffix(b"\n").map(|rest| rest.strip_suffix(b"\r").unwrap_or(rest).len());
            bytes.truncate(end.unwrap_or(bytes.len()));
        }
        Ok(bytes)
    }

    /// The content as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// `<name attributes>` alone on its line.
fn tag(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok()?.trim();
    let inside = line.strip_prefix('<')?.strip_suffix('>')?;
    let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
    let word = name.strip_prefix('/').unwrap_or(name);
    let known =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    known.then(|| (name.to_owned(), attributes.trim().to_owned()))
}

/// `%if feature` / `%else` / `%endif` on their own lines. The only feature asked for in replies is `hyper`, curl's
/// other HTTP engine; its classic one is the model here.
fn choose(file: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut conditions: Vec<bool> = Vec::new();
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let word = String::from_utf8_lossy(line).trim().to_owned();
        if let Some(feature) = word.strip_prefix("%if ") {
            conditions.push(feature.trim().starts_with('!') || feature.trim() != "hyper");
        } else if word == "%else" {
            if let Some(last) = conditions.last_mut() {
                *last = !*last;
            }
        } else if word == "%endif" {
            conditions.pop();
        } else if conditions.iter().all(|condition| *condition) {
            kept.extend_from_slice(line);
        }
    }
    kept
}

fn substitute(file: &[u8], variables: &[(&str, String)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(file.len());
    let mut rest = file;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        rest = match replace_one(after, variables) {
            Some((bytes, used)) => {
                out.extend_from_slice(&bytes);
                after.get(used..).unwrap_or_default()
            }
            None => {
                out.push(b'%');
                after.get(1..).unwrap_or_default()
            }
        };
    }
    out.extend_from_slice(rest);
    out
}

/// What the `%...` at the start stands for, and its length.
fn replace_one(text: &[u8], variables: &[(&str, String)]) -> Option<(Vec<u8>, usize)> {
    // Sizes in the published files stay far below; a mistake in one must not take all memory.
    const MOST: usize = 64 << 20;
    let between = |open: &[u8], close: &[u8]| {
        let inside = text.strip_prefix(open)?;
        let end = inside.windows(close.len()).position(|window| window == close)?;
        Some((inside.get(..end)?, open.len() + end + close.len()))
    };
    if let Some((digits, used)) = between(b"%hex[", b"]hex%") {
        return Some((percent_encoding::percent_decode(digits).collect(), used));
    }
    if let Some((plain, used)) = between(b"%b64[", b"]b64%") {
        let plain: Vec<u8> = percent_encoding::percent_decode(plain).collect();
        let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, plain);
        return Some((coded.into_bytes(), used));
    }
    if let Some((inside, used)) = between(b"%repeat[", b"]%") {
        let at = inside.windows(3).position(|window| window == b" x ")?;
        let count: usize = std::str::from_utf8(inside.get(..at)?).ok()?.parse().ok()?;
        let unit: Vec<u8> = percent_encoding::percent_decode(inside.get(at + 3..)?).collect();
        let fits = unit.len().checked_mul(count).is_some_and(|size| size <= MOST);
        return fits.then(|| (unit.repeat(count), used));
    }
    let (name, value) = variables
        .iter()
        .find(|(name, _)| text.get(1..).is_some_and(|text| text.starts_with(name.as_bytes())))?;
    Some((value.clone().into_bytes(), 1 + name.len()))
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// What a reader of these files must get right, checked on a made-up file before the real ones.
pub(super) fn self_check() -> Result<(), String> {
    let file = b"<testcase>\n<reply>\n<data nocheck=\"yes\" nonewline=\"yes\">\nHTTP/1.1 200 %NUMBER0002\r\n<data>\n\
        %if hyper\nA\n%else\nB%hex[%00%ff]hex%\n%endif\n%repeat[3 x ab]%\n</data>\n<data2 base64=\"yes\">\nQU\nJD\n</data2>\n</reply>\n\
        <client>\n<file name=log/a\".txt mode=\"text\">\nx\n</file>\n</client>\n";
    let test = Test::parse(file, &[("NUMBER", "7".to_owned())]);
    let data = test.part("reply/data").map(Part::bytes);
    let second = test.part("reply/data2").map(Part::bytes);
    let name = test.part("client/file").and_then(|part| part.attribute("name"));
    let right = data == Some(Ok(b"HTTP/1.1 200 70002\r\n<data>\nB\x00\xff\nababab".to_vec()))
        && second == Some(Ok(b"ABC".to_vec()))
        && name == Some("log/a\".txt");
    right.then_some(()).ok_or_else(|| format!("{test:?}"))
}
