//! What a session remembers of authentication. Requests without a session start with an empty one.

/// Nonces and tokens of a session, each under the origin and the credentials it belongs to.
#[derive(Default)]
pub struct Memory {}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(***)")
    }
}
