//! One protection space: a challenge and what was made of it, from the first answer to the last (RFC 7616 sections
//! 3.3 to 3.5). Sharing one between threads is safe: each answer has a count of its own.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::engine::auth::Side;
use crate::engine::auth::challenge::{Parameters, get};

use super::asked::{Asked, Protection};
use super::hash::Algorithm;

/// `attr-char` of RFC 8187.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Who answers, and whom.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Party {
    pub(super) side: Side,
    /// The origin, or the name of the proxy.
    pub(super) scope: String,
    pub(super) user: String,
    pub(super) password: String,
}

/// A protection space.
pub(crate) struct Space {
    party: Party,
    /// Paths it covers; none: all.
    roots: Vec<String>,
    asked: Asked,
    state: Mutex<State>,
}

#[derive(Clone)]
struct State {
    nonce: String,
    /// Answers given with this nonce.
    count: u32,
    /// Key and nonce of a `-sess` algorithm.
    session: Option<(String, String)>,
    last: Option<Answered>,
}

/// What an answer was made of, to check the other side's.
#[derive(Clone)]
struct Answered {
    key: String,
    nonce: String,
    cnonce: String,
    count: String,
    target: String,
}

/// What an answer covers.
pub(super) struct Covered<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    /// Hash of the body, where [`Space::covers_body`].
    pub(super) body: &'a str,
}

impl Space {
    pub(super) fn new(party: Party, asked: Asked) -> Self {
        // The URIs of a proxy's challenge have no meaning (RFC 7616 section 3.3).
        let roots = if party.side == Side::Proxy { Vec::new() } else { asked.roots(&party.scope) };
        let state = State { nonce: asked.nonce.clone(), count: 0, session: None, last: None };
        Self { party, roots, asked, state: Mutex::new(state) }
    }

    pub(super) fn belongs_to(&self, party: &Party) -> bool {
        self.party == *party
    }

    /// How much of the path says that it lies in this space; `None`: it does not.
    pub(super) fn covers(&self, path: &str) -> Option<usize> {
        let under = |root: &&String| {
            !root.is_empty()
                && path
                    .strip_prefix(root.as_str())
                    .is_some_and(|rest| rest.is_empty() || root.ends_with('/') || rest.starts_with('/'))
        };
        if self.roots.is_empty() { Some(0) } else { self.roots.iter().filter(under).map(String::len).max() }
    }

    /// Whether one of them takes the place of the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        self.party == other.party && self.asked.realm == other.asked.realm && self.roots == other.roots
    }

    pub(super) fn has_realm(&self, realm: &str) -> bool {
        self.asked.realm == realm
    }

    pub(super) fn has_nonce(&self, nonce: &str) -> bool {
        self.state().nonce == nonce
    }

    pub(super) fn covers_body(&self) -> bool {
        self.asked.protection == Protection::AuthInt
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.asked.algorithm
    }

    /// The next answer; `cnonce` is this side's nonce. `None`: the nonce of the server has been used up.
    pub(super) fn answer(&self, covered: &Covered<'_>, cnonce: &str) -> Option<String> {
        let Party { user, password, .. } = &self.party;
        let Asked { realm, algorithm, protection, .. } = &self.asked;
        let mut state = self.state();
        state.count = state.count.checked_add(1)?;
        let count = format!("{:08x}", state.count);
        let nonce = state.nonce.clone();
        let mut key = algorithm.of(&[user, realm, password]);
        let mut cnonce = cnonce.to_owned();
        if algorithm.session {
            // Section 3.4.2: made once. The nonce stays too, for servers that make the key anew from each answer.
            let made =
                state.session.get_or_insert_with(|| (algorithm.of(&[&key, &nonce, &cnonce]), cnonce.clone()));
            (key, cnonce) = made.clone();
        }
        let what = match protection {
            Protection::AuthInt => algorithm.of(&[covered.method, covered.target, covered.body]),
            _ => algorithm.of(&[covered.method, covered.target]),
        };
        let last = Answered { key, nonce, cnonce, count, target: covered.target.to_owned() };
        let response = self.response(&last, &what);
        let text = self.written(&last, &response);
        state.last = Some(last);
        Some(text)
    }

    /// Whether `Authentication-Info` may be from somebody who knows the password (RFC 7616 section 3.5). It says so
    /// without a proof, too: none is asked for.
    pub(super) fn is_confirmed(&self, info: &Parameters) -> bool {
        let state = self.state();
        match (get(info, "rspauth"), &state.last) {
            (Some(proof), Some(last)) if !self.covers_body() => {
                let what = self.asked.algorithm.of(&["", &last.target]);
                self.response(last, &what).eq_ignore_ascii_case(proof)
            }
            _ => true,
        }
    }

    /// The server named the nonce of the next answer.
    pub(super) fn renew(&self, nonce: &str) {
        let mut state = self.state();
        nonce.clone_into(&mut state.nonce);
        state.count = 0;
    }

    fn response(&self, by: &Answered, what: &str) -> String {
        let algorithm = self.asked.algorithm;
        match self.asked.protection.word() {
            None => algorithm.of(&[&by.key, &by.nonce, what]),
            Some(word) => algorithm.of(&[&by.key, &by.nonce, &by.count, &by.cnonce, word, what]),
        }
    }

    fn written(&self, by: &Answered, response: &str) -> String {
        let Asked { realm, algorithm, algorithm_name, opaque, protection, user_hash, .. } = &self.asked;
        let mut text = format!(
            "Digest {}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            self.user(),
            quoted(realm),
            quoted(&by.nonce),
            quoted(&by.target)
        );
        // Writing to a string cannot fail.
        if let Some(name) = algorithm_name {
            let _ = write!(text, ", algorithm={name}");
        }
        if let Some(opaque) = opaque {
            let _ = write!(text, ", opaque={}", quoted(opaque));
        }
        if let Some(word) = protection.word() {
            let _ = write!(text, ", qop={word}, nc={}", by.count);
        }
        if protection.word().is_some() || algorithm.session {
            let _ = write!(text, ", cnonce={}", quoted(&by.cnonce));
        }
        if *user_hash {
            text.push_str(", userhash=true");
        }
        text
    }

    /// The name goes as UTF-8 in quotes, which servers of every age compare byte by byte; in the extended form where
    /// the server is known to be of RFC 7616, or where nothing else could carry it (section 3.4).
    fn user(&self) -> String {
        let Asked { realm, algorithm, user_hash, utf8, .. } = &self.asked;
        let user = &self.party.user;
        if *user_hash {
            format!("username={}", quoted(&algorithm.of(&[user, realm])))
        } else if (*utf8 && !user.is_ascii()) || user.chars().any(char::is_control) {
            format!("username*=UTF-8''{}", utf8_percent_encode(user, EXTENDED))
        } else {
            format!("username={}", quoted(user))
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Space {
    fn clone(&self) -> Self {
        let (party, roots, asked) = (self.party.clone(), self.roots.clone(), self.asked.clone());
        Self { party, roots, asked, state: Mutex::new(self.state().clone()) }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
