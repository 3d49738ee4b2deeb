//! Digest (RFC 7616, RFC 2617, RFC 2069): one dialogue with an origin or a proxy.
//!
//! A request that follows an answer in the same protection space goes with the next count of the same nonce and is
//! not challenged again. Wrong credentials are tried once: a second refusal is the caller's to see, unless the server
//! says that only its nonce was too old. Nothing weaker is ever sent instead.

mod asked;
mod hash;
mod space;

use crate::engine::url::origin;
use std::sync::Arc;

use crate::engine::error::Result;
use crate::engine::exchange::Head;
use crate::engine::headers::is_value;
use crate::engine::hex;

use super::challenge::{self, challenges, get};
use super::scheme::failure;
use super::{Ask, Memory, Scheme, Side, payload};
use asked::Asked;
use space::Covered;
pub(crate) use space::{Party, Space};

const NAME: &str = "Digest";

/// Nonces called too old in a row that are replaced. Uploads may outlast a nonce; one that always does never ends.
const RENEWALS: u32 = 3;

/// A dialogue.
pub(crate) struct Digest {
    side: Side,
    user: String,
    password: String,
    memory: Arc<Memory>,
    turn: Turn,
    /// What the last request was answered with.
    space: Option<Arc<Space>>,
    /// Origin of the last request, or the proxy.
    scope: String,
}

/// How the last request went.
#[derive(Clone, Copy)]
enum Turn {
    /// Without credentials.
    Bare,
    /// With what was remembered.
    Remembered,
    /// With the answer to a challenge of this dialogue.
    Answered { renewals: u32 },
}

impl Digest {
    /// A dialogue with an origin (`scheme://host:port`), or with another that a request of it goes to.
    pub(crate) fn with_origin(user: &str, password: &str, origin: &str, memory: &Arc<Memory>) -> Self {
        Self {
            side: Side::Origin,
            user: user.to_owned(),
            password: password.to_owned(),
            memory: memory.clone(),
            turn: Turn::Bare,
            space: None,
            scope: origin.to_owned(),
        }
    }

    /// A dialogue with the proxy of that name (`scheme://host:port`).
    pub(crate) fn with_proxy(user: &str, password: &str, proxy: &str, memory: &Arc<Memory>) -> Self {
        let origin = Self::with_origin(user, password, proxy, memory);
        Self { side: Side::Proxy, scope: proxy.to_owned(), ..origin }
    }

    fn party(&self) -> Party {
        Party {
            side: self.side,
            scope: self.scope.clone(),
            user: self.user.clone(),
            password: self.password.clone(),
        }
    }

    /// The challenge of a head that would be answered.
    fn asked(&self, head: &Head) -> Option<Asked> {
        if head.status == self.side.status() { Asked::best(&challenges(head, self.side)) } else { None }
    }

    fn forget(&mut self) {
        if let Some(space) = self.space.take() {
            self.memory.spaces.remove(|known| Arc::ptr_eq(known, &space));
        }
    }

    fn remembered(&self, path: &str) -> Option<Arc<Space>> {
        let party = self.party();
        let covers = |space: &Arc<Space>| space.belongs_to(&party).then(|| space.covers(path)).flatten();
        self.memory.spaces.best(covers)
    }
}

impl Scheme for Digest {
    fn value(&mut self, ask: &Ask<'_, '_>) -> Result<Option<String>> {
        if self.side == Side::Origin {
            let origin = origin(ask.url);
            if origin != self.scope {
                self.scope = origin;
                (self.space, self.turn) = (None, Turn::Bare);
            }
        }
        if self.space.is_none() {
            self.space = self.remembered(ask.url.path());
            self.turn = if self.space.is_some() { Turn::Remembered } else { Turn::Bare };
        }
        let Some(space) = &self.space else { return Ok(None) };
        let body = if space.covers_body() {
            let mut hasher = space.algorithm().hasher();
            payload::read(ask, |bytes| hasher.update(bytes))?;
            hasher.finish()
        } else {
            String::new()
        };
        let covered = Covered { method: ask.method, target: ask.target, body: &body };
        let answer = space.answer(&covered, &random()?);
        if answer.is_none() {
            self.forget();
            self.turn = Turn::Bare;
        }
        match answer {
            Some(value) if !is_value(&value) => Err(failure(NAME, "protocol", "control characters")),
            answer => Ok(answer),
        }
    }

    fn answers(&self, head: &Head) -> bool {
        let Some(asked) = self.asked(head) else { return false };
        match self.turn {
            Turn::Bare | Turn::Remembered => true,
            Turn::Answered { renewals } => {
                let is_same = self.space.as_ref().is_some_and(|space| space.has_nonce(&asked.nonce));
                asked.stale && !is_same && renewals < RENEWALS
            }
        }
    }

    fn challenged(&mut self, head: &Head) -> Result<()> {
        let asked = self.asked(head).ok_or_else(|| failure(NAME, "protocol", "no challenge"))?;
        // Another realm does not make what was sent wrong where it belongs.
        if self.space.as_ref().is_some_and(|space| space.has_realm(&asked.realm)) {
            self.forget();
        }
        self.space = Some(Arc::new(Space::new(self.party(), asked)));
        self.turn = match self.turn {
            Turn::Answered { renewals } => Turn::Answered { renewals: renewals.saturating_add(1) },
            _ => Turn::Answered { renewals: 0 },
        };
        Ok(())
    }

    fn settled(&mut self, head: &Head) {
        self.turn = Turn::Bare;
        let Some(space) = self.space.clone() else { return };
        let info = head.headers.first(self.side.info()).map(challenge::parameters).unwrap_or_default();
        if head.status == self.side.status() || !space.is_confirmed(&info) {
            return self.forget();
        }
        if let Some(nonce) = get(&info, "nextnonce") {
            space.renew(nonce);
        }
        self.space = None;
        self.memory.spaces.keep(space.clone(), |known| known.replaces(&space));
    }
}

/// The value of `Authorization` with which the first request would answer a challenge (a value of
/// `WWW-Authenticate`), this side's nonce being `cnonce`. `None`: there is nothing that can be answered.
#[must_use]
pub fn digest_answer(
    challenge: &str,
    (user, password): (&str, &str),
    (method, target): (&str, &str),
    body: &[u8],
    cnonce: &str,
) -> Option<String> {
    let headers = [(Side::Origin.challenge(), challenge)].into_iter().collect();
    let asked = Asked::best(&challenges(&Head { headers, ..Head::default() }, Side::Origin))?;
    let mut hasher = asked.algorithm.hasher();
    hasher.update(body);
    let (user, password) = (user.to_owned(), password.to_owned());
    let space = Space::new(Party { side: Side::Origin, scope: String::new(), user, password }, asked);
    space.answer(&Covered { method, target, body: &hasher.finish() }, cnonce)
}

/// This side's nonce: 128 random bits.
fn random() -> Result<String> {
    hex::random::<16>().map_err(|error| failure(NAME, "unsupported", error.to_string()))
}

#[cfg(test)]
mod tests;
