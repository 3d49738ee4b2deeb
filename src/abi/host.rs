//! The host as a component sees it: its memory, the language of the call, what it is.

use super::component::{Language, Value, ValueRef};

/// The host during one call.
pub struct Host {
    language: Language,
    spelled: bool,
    memory: HostMemory,
}

impl Host {
    /// Language of the call.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether the script's own spelling of the member's name decided the language (a name that is the same in both
    /// languages decides nothing; then [`Host::language`] is that of the user interface, or English if never told).
    #[must_use]
    pub fn language_is_certain(&self) -> bool {
        self.spelled
    }

    /// The object's memory manager. The handle may be kept; once the object is gone it allocates nothing.
    #[must_use]
    pub fn memory(&self) -> HostMemory {
        self.memory.clone()
    }
}

/// The memory manager of one object.
#[derive(Clone, Default)]
pub struct HostMemory {}

impl HostMemory {
    /// `length` bytes, or `None` when the host has none (or has no manager). `length` 0 gives an empty buffer.
    #[must_use]
    pub fn allocate(&self, length: usize) -> Option<HostBuffer> {
        Some(HostBuffer { bytes: vec![0; length], initialised: 0, length })
    }
}

/// Memory of the host, owned until it is handed over as a value; freed through the same manager otherwise.
pub struct HostBuffer {
    bytes: Vec<u8>,
    initialised: usize,
    length: usize,
}

impl HostBuffer {
    /// Size of the allocation in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes `at .. at + length` for writing. Initialises (zeroes) what lies below and was never initialised, just
    /// ahead of use. Panics when the range is beyond the capacity.
    pub fn space(&mut self, at: usize, length: usize) -> &mut [u8] {
        self.initialised = self.initialised.max(at + length);
        &mut self.bytes[at..at + length]
    }

    /// The first `length` bytes; zeroes what of them was never initialised. Panics beyond the capacity.
    pub fn filled(&mut self, length: usize) -> &[u8] {
        self.initialised = self.initialised.max(length);
        &self.bytes[..length]
    }

    /// How many bytes the host is told the value has (at most the capacity). Starts as the capacity.
    pub fn set_length(&mut self, length: usize) {
        self.length = length.min(self.bytes.len());
    }

    /// See [`HostBuffer::set_length`].
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }
}

/// The arguments of one call. Out-parameters are set here and copied back by the host.
pub struct Arguments<'a> {
    values: Vec<ValueRef<'a>>,
    set: Vec<Option<Value>>,
}

impl<'a> Arguments<'a> {
    /// Number of arguments: that of the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Argument `index` (from 0). `Empty` beyond the last.
    #[must_use]
    pub fn value(&self, index: usize) -> ValueRef<'a> {
        self.values.get(index).copied().unwrap_or(ValueRef::Empty)
    }

    /// Sets out-parameter `index` when the call succeeds.
    pub fn set(&mut self, index: usize, value: Value) {
        if let Some(slot) = self.set.get_mut(index) {
            *slot = Some(value);
        }
    }
}
