//! What a session remembers of authentication. Requests without a session start with an empty one.
//!
//! Every list is bounded, and nothing is found but by the credentials it was made with.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Credentials;
use super::digest::Space;
use super::oauth2::Kept;

/// Entries kept of a kind.
const MOST: usize = 100;

/// Nonces and tokens of a session, each under the origin and the credentials it belongs to.
#[derive(Default)]
pub struct Memory {
    /// Protection spaces of Digest.
    pub(super) spaces: Recent<Arc<Space>>,
    /// Tokens of OAuth 2.0.
    pub(super) tokens: Recent<Kept>,
    /// Proxies that took Basic: name of the proxy, user, password.
    pub(super) basic_proxies: Recent<(String, String, String)>,
    /// Origins and proxies that have asked for credentials that authenticate connections.
    pub(super) askers: Recent<(String, Credentials)>,
}

impl Memory {
    /// A copy that learns nothing for the original: a look at what would be sent must not count as sending.
    pub(crate) fn copy(&self) -> Self {
        Self {
            spaces: self.spaces.map(|space| Arc::new(Space::clone(space))),
            tokens: self.tokens.map(Clone::clone),
            basic_proxies: self.basic_proxies.map(Clone::clone),
            askers: self.askers.map(Clone::clone),
        }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(***)")
    }
}

/// The entries used last, the latest in front.
pub(super) struct Recent<T>(Mutex<VecDeque<T>>);

impl<T> Recent<T> {
    /// Puts an entry in front, in place of those it `replaces`.
    pub(super) fn keep(&self, entry: T, replaces: impl Fn(&T) -> bool) {
        let mut list = self.list();
        list.retain(|known| !replaces(known));
        list.truncate(MOST - 1);
        list.push_front(entry);
    }

    /// Drops entries.
    pub(super) fn remove(&self, which: impl Fn(&T) -> bool) {
        self.list().retain(|known| !which(known));
    }

    fn map(&self, change: impl Fn(&T) -> T) -> Self {
        Self(Mutex::new(self.list().iter().map(change).collect()))
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Recent<T> {
    /// The entry with the highest rank, the latest among equals; `None` is no rank at all.
    pub(super) fn best(&self, rank: impl Fn(&T) -> Option<usize>) -> Option<T> {
        let list = self.list();
        let mut best: Option<(usize, &T)> = None;
        for entry in list.iter() {
            if let Some(rank) = rank(entry)
                && best.is_none_or(|(highest, _)| rank > highest)
            {
                best = Some((rank, entry));
            }
        }
        best.map(|(_, entry)| entry.clone())
    }

    /// The latest of these.
    pub(super) fn find(&self, which: impl Fn(&T) -> bool) -> Option<T> {
        self.best(|entry| which(entry).then_some(0))
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_bounded_and_the_latest_entries_stay() {
        let recent = Recent::default();
        for number in 0..3 * MOST {
            recent.keep(number, |known| *known == number);
        }
        assert_eq!(recent.list().len(), MOST);
        assert_eq!(
            (recent.find(|_| true), recent.find(|known| *known < 2 * MOST)),
            (Some(3 * MOST - 1), None)
        );
        recent.keep(0, |known| *known > 2 * MOST);
        assert_eq!(recent.list().iter().copied().collect::<Vec<_>>(), [0, 2 * MOST]);
        assert_eq!(recent.best(|known| Some(*known)), Some(2 * MOST));
        recent.remove(|known| *known > 0);
        assert_eq!(recent.best(|known| Some(*known)), Some(0));
    }
}
