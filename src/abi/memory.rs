//! Memory that passes to the host. It comes from the object's own manager and nowhere else, and belongs to a
//! [`HostBuffer`] until it is handed over or freed through the same manager.
//!
//! The manager dies with its object. A buffer that outlives it is leaked: freeing would call into a dead object.

use std::ffi::{c_ulong, c_void};
use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;
use std::sync::Arc;

use super::latch::Latch;
use super::platform::{Foreign, MemoryManagerVtable};
use super::utf16;

/// Room behind every buffer for the NUL that some hosts expect after a string.
const TERMINATOR: usize = size_of::<u16>();

/// The memory manager of one object. Safe to keep and to use from any thread.
#[derive(Clone, Default)]
pub struct HostMemory {
    manager: Option<Arc<Manager>>,
}

impl HostMemory {
    /// # Safety
    /// A non-null pointer must be an IMemoryManager that lives until [`HostMemory::close`].
    pub(super) unsafe fn new(manager: *mut c_void) -> Self {
        // SAFETY: passed on from the caller.
        let manager = unsafe { Foreign::new(manager) };
        let manager = manager
            .map(|manager| Arc::new(Manager { address: manager.address(), latch: Latch::new(manager) }));
        HostMemory { manager }
    }

    /// Whether this handle stands for the manager at that address.
    pub(super) fn is(&self, manager: *mut c_void) -> bool {
        self.manager.as_ref().is_some_and(|ours| ours.address == manager.addr())
    }

    /// From now on nothing is allocated or freed through any copy of this handle.
    pub(super) fn close(&self) {
        if let Some(manager) = &self.manager {
            manager.latch.close();
        }
    }

    /// `length` bytes, or `None` when the host has none (or has no manager). `length` 0 gives an empty buffer.
    #[must_use]
    pub fn allocate(&self, length: usize) -> Option<HostBuffer> {
        let manager = self.manager.as_ref()?;
        let total = length.checked_add(TERMINATOR).filter(|total| isize::try_from(*total).is_ok())?;
        let total = c_ulong::try_from(total).ok()?;
        let start = manager.latch.with(|manager| {
            let start = manager.allocate(total)?;
            if start.cast::<u16>().is_aligned() {
                Some(start)
            } else {
                // No string could be written there; a manager that does so is broken.
                manager.free(start);
                None
            }
        })??;
        Some(HostBuffer { manager: Arc::clone(manager), start, capacity: length, initialised: 0, length })
    }

    /// A string in the host's memory, as UTF-16, without an intermediate copy.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<HostBuffer> {
        let mut buffer = self.allocate(utf16::units(text).checked_mul(size_of::<u16>())?)?;
        utf16::write(text, buffer.units());
        buffer.initialised = buffer.capacity;
        Some(buffer)
    }

    /// Frees memory of the host that this object's manager made, such as the old value of an out-parameter.
    ///
    /// # Safety
    /// The memory must come from this manager, and nobody may use it any more.
    pub(super) unsafe fn free(&self, memory: NonNull<u8>) {
        if let Some(manager) = &self.manager {
            manager.latch.with(|manager| manager.free(memory));
        }
    }
}

impl fmt::Debug for HostMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostMemory").field("present", &self.manager.is_some()).finish()
    }
}

struct Manager {
    address: usize,
    latch: Latch<Foreign<MemoryManagerVtable>>,
}

/// Memory of the host, owned until it is handed over as a value; freed through the same manager otherwise.
pub struct HostBuffer {
    manager: Arc<Manager>,
    /// `capacity` + [`TERMINATOR`] bytes, aligned for UTF-16.
    start: NonNull<u8>,
    capacity: usize,
    /// Every byte below is initialised. At most `capacity`.
    initialised: usize,
    /// At most `capacity`.
    length: usize,
}

// SAFETY: the buffer is the only owner of its memory, and its manager is behind a lock.
unsafe impl Send for HostBuffer {}

impl HostBuffer {
    /// Size of the allocation in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes `at .. at + length` for writing. Initialises (zeroes) what lies below and was never initialised, just
    /// ahead of use. Panics when the range is beyond the capacity.
    pub fn space(&mut self, at: usize, length: usize) -> &mut [u8] {
        let end = at.checked_add(length).filter(|end| *end <= self.capacity);
        let end = end.expect("the range is within the buffer, as documented");
        self.initialise(end);
        // SAFETY: `at` <= `end` <= `capacity`, so the address is inside the allocation.
        let start = unsafe { self.start.add(at) };
        // SAFETY: `at .. end` is inside the allocation and initialised; `&mut self` makes the borrow unique.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), length) }
    }

    /// The first `length` bytes; zeroes what of them was never initialised. Panics beyond the capacity.
    pub fn filled(&mut self, length: usize) -> &[u8] {
        self.space(0, length)
    }

    /// The bytes from the start that were written, or zeroed below something written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        // SAFETY: the first `initialised` bytes are inside the allocation and initialised; `&self` keeps writers out.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.initialised) }
    }

    /// How many bytes the host is told the value has (at most the capacity). Starts as the capacity.
    pub fn set_length(&mut self, length: usize) {
        self.length = length.min(self.capacity);
    }

    /// See [`HostBuffer::set_length`].
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Writes `bytes` to the start, without zeroing first. What does not fit is left out.
    pub(super) fn copy_from(&mut self, bytes: &[u8]) {
        let length = bytes.len().min(self.capacity);
        // SAFETY: `length` bytes are readable in `bytes` and inside our own allocation, which nothing else refers to.
        unsafe { self.start.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), length) };
        self.initialised = self.initialised.max(length);
    }

    /// Whether the memory came from this manager: only then may it be handed over by its object.
    pub(super) fn belongs_to(&self, memory: &HostMemory) -> bool {
        memory.manager.as_ref().is_some_and(|manager| Arc::ptr_eq(manager, &self.manager))
    }

    /// Gives the memory away, initialised, with a NUL unit behind its (even) length.
    pub(super) fn hand_over(self) -> NonNull<u8> {
        let mut buffer = ManuallyDrop::new(self);
        let length = buffer.length;
        buffer.initialise(length);
        // SAFETY: `length` <= `capacity`, the terminator's room lies behind the capacity.
        let end = unsafe { buffer.start.add(length) };
        // SAFETY: `TERMINATOR` bytes from `end` are inside the allocation.
        unsafe { end.write_bytes(0, TERMINATOR) };
        // SAFETY: the buffer itself is never dropped, so the counted reference is dropped once, here.
        unsafe { std::ptr::drop_in_place(&raw mut buffer.manager) };
        buffer.start
    }

    fn initialise(&mut self, end: usize) {
        if end > self.initialised {
            // SAFETY: `initialised` < `end` <= `capacity`.
            let from = unsafe { self.start.add(self.initialised) };
            // SAFETY: the range is inside the allocation, which we own.
            unsafe { from.write_bytes(0, end - self.initialised) };
            self.initialised = end;
        }
    }

    fn units(&mut self) -> &mut [MaybeUninit<u16>] {
        let length = self.capacity / size_of::<u16>();
        // SAFETY: the memory is ours, aligned for units (`allocate`) and as long; uninitialised content is allowed.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), length) }
    }
}

impl Drop for HostBuffer {
    fn drop(&mut self) {
        self.manager.latch.with(|manager| manager.free(self.start));
    }
}

impl fmt::Debug for HostBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostBuffer").field("capacity", &self.capacity).field("length", &self.length).finish()
    }
}
