//! What a server or proxy asks for: `WWW-Authenticate` and `Proxy-Authenticate` (RFC 9110 section 11.6.1), several
//! challenges to a field and several fields to a head.
//!
//! The grammar leans on commas that also stand inside of values, and servers leave out commas, quotes and blanks; what
//! can be understood is. Time is linear in the text, of which only the first [`MOST_BYTES`] are looked at. Whether a
//! challenge can be answered is for its scheme to say.

use crate::engine::exchange::Head;
use crate::engine::headers::is_token_byte;

use super::Side;

/// Bytes of challenges read from one head. Real ones are of a few hundred; a ticket of Negotiate may have 64 KiB.
const MOST_BYTES: usize = 128 << 10;
/// Challenges read from one head.
const MOST_CHALLENGES: usize = 64;
/// Parameters read of one challenge. The schemes in use have at most a dozen.
const MOST_PARAMETERS: usize = 64;

/// One challenge.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// Name of the scheme as written.
    pub(crate) scheme: String,
    /// What stands there instead of parameters (`NTLM TlRM...`).
    pub(crate) token: Option<String>,
    /// Parameters in order, names in lower case, values without quotes and escapes.
    pub(crate) parameters: Parameters,
}

/// Names, in lower case, and values.
pub(crate) type Parameters = Vec<(String, String)>;

impl Challenge {
    /// Whether it is of this scheme (RFC 9110 section 11.1: letter case does not count).
    pub(crate) fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// First value of a parameter; `name` in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        get(&self.parameters, name)
    }
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Challenge({})", self.scheme)
    }
}

/// Every challenge of a head, in order. Whether its status is that of a challenge is not looked at.
pub(crate) fn challenges(head: &Head, side: Side) -> Vec<Challenge> {
    let mut list = Vec::new();
    let mut left = MOST_BYTES;
    for value in head.headers.all(side.challenge()) {
        if value.len() > left {
            break;
        }
        left -= value.len();
        read(value, &mut list);
    }
    list
}

/// Parameters without a scheme: `Authentication-Info` (RFC 9110 section 11.6.3).
pub(crate) fn parameters(value: &str) -> Parameters {
    let mut parameters = Vec::new();
    let mut text = Text { rest: if value.len() > MOST_BYTES { "" } else { value } };
    while text.next_item() {
        let name = text.token();
        match text.assigned() {
            Some(value) if !name.is_empty() => keep(&mut parameters, name, value),
            Some(_) => {}
            None if name.is_empty() => text.skip(),
            None => {}
        }
    }
    parameters
}

/// First value of a parameter; `name` in lower case.
pub(crate) fn get<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn read(value: &str, list: &mut Vec<Challenge>) {
    let first = list.len();
    let mut text = Text { rest: value };
    while text.next_item() {
        let word = text.token();
        match text.assigned() {
            Some(value) => {
                // A parameter in front of the first scheme belongs to nobody.
                if let Some(challenge) = list.get_mut(first..).and_then(<[_]>::last_mut)
                    && !word.is_empty()
                {
                    keep(&mut challenge.parameters, word, value);
                }
            }
            None if word.is_empty() => text.skip(),
            None if list.len() >= MOST_CHALLENGES => return,
            None => {
                let token = text.token68().map(str::to_owned);
                list.push(Challenge { scheme: word.to_owned(), token, parameters: Vec::new() });
            }
        }
    }
}

fn keep(parameters: &mut Parameters, name: &str, value: String) {
    if parameters.len() < MOST_PARAMETERS {
        parameters.push((name.to_ascii_lowercase(), value));
    }
}

/// The part of a field value that is still to be read.
struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    /// Goes on to the next word, over blanks and commas. False at the end.
    fn next_item(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
        !self.rest.is_empty()
    }

    fn token(&mut self) -> &'a str {
        let end = self.rest.bytes().position(|byte| !is_token_byte(byte)).unwrap_or(self.rest.len());
        self.take(end)
    }

    /// The value behind `=`, if one follows.
    fn assigned(&mut self) -> Option<String> {
        self.rest = blanks(self.rest).strip_prefix('=')?;
        self.rest = blanks(self.rest);
        Some(match self.rest.strip_prefix('"') {
            Some(quoted) => {
                self.rest = quoted;
                self.quoted()
            }
            None => self.unquoted().to_owned(),
        })
    }

    /// Up to the closing quote; to the end where there is none.
    fn quoted(&mut self) -> String {
        let mut value = String::new();
        let mut escaped = false;
        let mut characters = self.rest.chars();
        for character in characters.by_ref() {
            match character {
                _ if escaped => {
                    value.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => break,
                _ => value.push(character),
            }
        }
        self.rest = characters.as_str();
        value
    }

    /// Up to the next comma, or to a blank with another parameter behind it: neither `realm=My site` nor
    /// `stale=true nonce="..."` is right, and both are met.
    fn unquoted(&mut self) -> &'a str {
        let mut end = 0;
        let mut rest = self.rest;
        loop {
            let word = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
            end += word;
            let behind = rest.get(word..).unwrap_or_default();
            let next = blanks(behind);
            let mut ahead = Text { rest: next };
            if next.is_empty()
                || next.starts_with(',')
                || (!ahead.token().is_empty() && blanks(ahead.rest).starts_with('='))
            {
                return self.take(end);
            }
            end += behind.len() - next.len();
            rest = next;
        }
    }

    /// A token68 (RFC 9110 section 11.2), if that is all there is up to the next comma.
    fn token68(&mut self) -> Option<&'a str> {
        let rest = blanks(self.rest);
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        let word = rest.bytes().position(|byte| !is_inside(byte)).unwrap_or(rest.len());
        let padding = rest.bytes().skip(word).take_while(|&byte| byte == b'=').count();
        let (token, behind) = rest.split_at_checked(word + padding)?;
        let next = blanks(behind);
        if word == 0 || !(next.is_empty() || next.starts_with(',')) {
            return None;
        }
        self.rest = next;
        Some(token)
    }

    /// Drops what nothing begins with.
    fn skip(&mut self) {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
    }

    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Vec<Challenge> {
        let headers = values.iter().map(|value| ("WWW-Authenticate", *value)).collect();
        challenges(&Head { status: 401, headers, ..Head::default() }, Side::Origin)
    }

    /// One line for each challenge: scheme, token, parameters.
    fn shown(values: &[&str]) -> Vec<String> {
        let line = |challenge: Challenge| {
            let token = challenge.token.map(|token| format!(" <{token}>")).unwrap_or_default();
            let parameters = challenge.parameters.iter().map(|(name, value)| format!(" {name}=[{value}]"));
            format!("{}{token}{}", challenge.scheme, parameters.collect::<String>())
        };
        of(values).into_iter().map(line).collect()
    }

    #[test]
    fn several_challenges_in_one_field_and_in_several_are_told_apart() {
        assert_eq!(
            shown(&[
                r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
                "Negotiate, NTLM",
                "NTLM TlRMTVNTUAACAAAA+/A==",
                "Negotiate oYG2==  ,  Digest\trealm = \"a, b\" , NONCE=abc=,qop=\"auth,auth-int\",stale=FALSE",
            ]),
            [
                r#"Newauth realm=[apps] type=[1] title=[Login to "apps"]"#,
                "Basic realm=[simple]",
                "Negotiate",
                "NTLM",
                "NTLM <TlRMTVNTUAACAAAA+/A==>",
                "Negotiate <oYG2==>",
                "Digest realm=[a, b] nonce=[abc=] qop=[auth,auth-int] stale=[FALSE]",
            ]
        );
    }

    #[test]
    fn missing_commas_blanks_and_quotes_are_tolerated() {
        assert_eq!(
            shown(&[
                r#"Digest realm="a"nonce="b"stale=true qop="auth" opaque=x=y"#,
                r#"Basic realm="x" Digest realm=Моя страница, nonce="n""#,
                r#",, ;Basic,realm="r""#,
                r#"Basic realm="never ends, nonce=\"x\"#,
                "Basic realm=, charset=\"\"",
            ]),
            [
                "Digest realm=[a] nonce=[b] stale=[true] qop=[auth] opaque=[x=y]",
                "Basic realm=[x]",
                "Digest realm=[Моя страница] nonce=[n]",
                "Basic realm=[r]",
                r#"Basic realm=[never ends, nonce="x]"#,
                "Basic <realm=> charset=[]",
            ]
        );
    }

    #[test]
    fn what_is_no_challenge_gives_none() {
        for value in ["", " , ,", "=", "=\"x\"", "realm=\"x\"", "é;", "a=b, c=d"] {
            let got = shown(&[value]);
            assert!(got.is_empty(), "{value}: {got:?}");
        }
        assert!(challenges(&Head::default(), Side::Origin).is_empty());
        let proxy =
            Head { headers: [("Proxy-Authenticate", "Basic")].into_iter().collect(), ..Head::default() };
        assert!(challenges(&proxy, Side::Origin).is_empty());
        assert_eq!(challenges(&proxy, Side::Proxy).len(), 1);
    }

    #[test]
    fn hostile_fields_take_linear_time_and_give_a_bounded_list() {
        let long = 100_000;
        for piece in
            ["a ", "a=", "a = ", "\"", "\\", "a=b ", "a,", "Basic a=b c ", "= ", "é", "x=y z", "a=\"\\"]
        {
            let began = std::time::Instant::now();
            let list = of(&[&piece.repeat(long / piece.len())]);
            assert!(list.len() <= MOST_CHALLENGES, "{piece:?}: {}", list.len());
            assert!(list.iter().all(|challenge| challenge.parameters.len() <= MOST_PARAMETERS), "{piece:?}");
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "{piece:?}");
        }
        assert!(of(&[&"a,".repeat(MOST_BYTES)]).is_empty(), "longer than anybody needs");
    }

    #[test]
    fn parameters_without_a_scheme_are_read() {
        let info = parameters(r#"rspauth="a\"b", cnonce="c", nc=00000001, NextNonce=n=, "#);
        assert_eq!(get(&info, "rspauth"), Some("a\"b"));
        assert_eq!(
            (get(&info, "nc"), get(&info, "nextnonce"), info.len()),
            (Some("00000001"), Some("n="), 4)
        );
        assert!(parameters("; = word").is_empty());
    }
}
