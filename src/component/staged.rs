//! Binary data handed over before the request that uses it, by name. It lives until a request that uses it ends, or
//! until it is cleared; a name used again replaces the data.

use super::text::same_name;
use super::trouble::{Outcome, Trouble};

/// Staged data.
#[derive(Default)]
pub(super) struct Staged {
    entries: Vec<(String, Vec<u8>)>,
}

impl Staged {
    /// Keeps a copy of `bytes` under `name`.
    pub(super) fn add(&mut self, name: String, bytes: &[u8]) -> Outcome<()> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len()).map_err(|_| Trouble::Memory { wanted: bytes.len() as u64 })?;
        copy.extend_from_slice(bytes);
        self.remove(&name);
        self.entries.push((name, copy));
        Ok(())
    }

    /// The data under `name`, letter case of the name ignored.
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|(known, _)| same_name(known, name)).map(|(_, bytes)| bytes.as_slice())
    }

    /// Forgets `name`.
    pub(super) fn remove(&mut self, name: &str) {
        self.entries.retain(|(known, _)| !same_name(known, name));
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.entries = Vec::new();
    }
}
