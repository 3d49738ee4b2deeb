//! Cancelling a request from another thread.

/// A handle that ends the request it is given to. Clones are the same handle.
#[derive(Debug, Clone, Default)]
pub struct Cancel {}
