//! Bodies in memory.

/// A body in memory of the asker's [`super::received::Memory`].
#[derive(Default)]
pub struct MemoryBody {}
