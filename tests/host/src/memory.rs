//! The host's memory manager, one per object: counts, poisons, refuses on request, and knows every block it gave,
//! so that memory from elsewhere, double frees and writes past the end are seen.
//!
//! Blocks come from the ordinary allocator, so a large block is fresh pages as in a real host.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ffi::{c_ulong, c_void};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::raw::{HOST_DESTRUCTORS, MemoryManagerTable, This};

/// Blocks from this size on are never filled: touching them would spoil timings of large bodies.
const POISON_LIMIT: usize = 1 << 20;
const NEW_FILL: u8 = 0xA5;
const FREED_FILL: u8 = 0x5A;
/// Bytes behind every block that must stay as they are. Not zero: a reader that relies on a NUL behind a string
/// reads on.
const GUARD: [u8; 8] = [0xC3; 8];
const ALIGN: usize = 16;

/// Handle on the memory manager of one object. Stays valid after the object and after the library is unloaded.
#[derive(Clone)]
pub struct Memory(Arc<Manager>);

/// What the memory manager of an object saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryReport {
    /// Blocks given and not yet returned.
    pub live_blocks: usize,
    /// Bytes in them.
    pub live_bytes: usize,
    /// The most bytes ever live at once (since [`Memory::reset_peak`]).
    pub peak_bytes: usize,
    /// Blocks ever given.
    pub total_blocks: u64,
    /// Requests refused on the test's wish.
    pub refused: u64,
    /// Frees of a pointer this manager never gave, or gave and took back already.
    pub foreign_frees: u64,
    /// Blocks written past their end.
    pub overrun_blocks: u64,
    /// Calls of the component after its object was destroyed.
    pub late_calls: u64,
}

impl MemoryReport {
    /// Nothing live, nothing foreign, nothing overrun, nothing late.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.live_blocks == 0 && self.live_bytes == 0 && self.faults() == 0
    }

    /// Number of violations of the contract.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.foreign_frees + self.overrun_blocks + self.late_calls
    }
}

// The component sees the address of this as IMemoryManager*: the vtable pointer must come first.
#[repr(C)]
struct Manager {
    table: &'static MemoryManagerTable,
    state: Mutex<State>,
}

/// A live block. The serial tells it from an earlier one at the same address.
#[derive(Clone, Copy)]
struct Block {
    bytes: usize,
    serial: u64,
}

#[derive(Default)]
struct State {
    blocks: HashMap<usize, Block>,
    report: MemoryReport,
    no_poison: bool,
    fail_in: Option<u64>,
    fail_above: Option<usize>,
    closed: bool,
}

static TABLE: MemoryManagerTable =
    MemoryManagerTable { destructors: HOST_DESTRUCTORS, alloc_memory, free_memory };

impl Memory {
    pub(crate) fn new(poison: bool) -> Self {
        let state = State { no_poison: !poison, ..State::default() };
        Self(Arc::new(Manager { table: &TABLE, state: Mutex::new(state) }))
    }

    /// Counts so far.
    #[must_use]
    pub fn report(&self) -> MemoryReport {
        self.state().report
    }

    /// Starts the peak anew from what is live now.
    pub fn reset_peak(&self) {
        let mut state = self.state();
        state.report.peak_bytes = state.report.live_bytes;
    }

    /// Whether new and freed blocks under 1 MiB are filled with a pattern. Defaults to yes.
    pub fn set_poison(&self, poison: bool) {
        self.state().no_poison = !poison;
    }

    /// Refuses the component's allocation number `n` from now (0 = the very next) and all after it; `None` ends it.
    pub fn fail_from(&self, n: Option<u64>) {
        self.state().fail_in = n;
    }

    /// Refuses the component's allocations of more than `bytes`; `None` ends it.
    pub fn fail_above(&self, bytes: Option<usize>) {
        self.state().fail_above = bytes;
    }

    /// The IMemoryManager pointer for the component.
    pub(crate) fn this(&self) -> This {
        Arc::as_ptr(&self.0).cast_mut().cast()
    }

    /// From here on the component has no business here.
    pub(crate) fn close(&self) {
        self.state().closed = true;
    }

    /// Size of the live block that begins at `pointer`.
    pub(crate) fn size_of(&self, pointer: *const c_void) -> Option<usize> {
        self.state().blocks.get(&pointer.addr()).map(|block| block.bytes)
    }

    /// Serial number of the live block that begins at `pointer`.
    pub(crate) fn serial_of(&self, pointer: *const c_void) -> Option<u64> {
        self.state().blocks.get(&pointer.addr()).map(|block| block.serial)
    }

    /// A block for the host's own use: never refused on the test's wish.
    pub(crate) fn allocate(&self, bytes: usize) -> *mut c_void {
        self.state().allocate(bytes)
    }

    /// Takes a block back.
    pub(crate) fn release(&self, pointer: *mut c_void) {
        self.state().release(pointer);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.report().fmt(f)
    }
}

impl Manager {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuses(&mut self, bytes: usize) -> bool {
        let by_size = self.fail_above.is_some_and(|limit| bytes > limit);
        let by_count = match &mut self.fail_in {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        };
        let refused = by_size || by_count;
        self.report.refused += u64::from(refused);
        refused
    }

    fn allocate(&mut self, bytes: usize) -> *mut c_void {
        let Some(layout) = layout(bytes) else { return std::ptr::null_mut() };
        // SAFETY: the layout is never of size zero: the guard follows.
        let block = unsafe { alloc(layout) };
        if block.is_null() {
            return block.cast();
        }
        if !self.no_poison && bytes < POISON_LIMIT {
            // SAFETY: the block has at least `bytes` bytes.
            unsafe { block.write_bytes(NEW_FILL, bytes) };
        }
        // SAFETY: the layout has room for the guard behind `bytes`.
        unsafe { block.add(bytes).cast::<[u8; 8]>().write_unaligned(GUARD) };
        self.report.total_blocks += 1;
        self.blocks.insert(block.addr(), Block { bytes, serial: self.report.total_blocks });
        self.report.live_blocks += 1;
        self.report.live_bytes += bytes;
        self.report.peak_bytes = self.report.peak_bytes.max(self.report.live_bytes);
        block.cast()
    }

    fn release(&mut self, pointer: *mut c_void) {
        let Some(Block { bytes, .. }) = self.blocks.remove(&pointer.addr()) else {
            self.report.foreign_frees += 1;
            return;
        };
        let block = pointer.cast::<u8>();
        // SAFETY: the map holds only live blocks of this size, each followed by its guard.
        let guard = unsafe { block.add(bytes).cast::<[u8; 8]>().read_unaligned() };
        self.report.overrun_blocks += u64::from(guard != GUARD);
        if !self.no_poison && bytes < POISON_LIMIT {
            // SAFETY: as above.
            unsafe { block.write_bytes(FREED_FILL, bytes) };
        }
        self.report.live_blocks -= 1;
        self.report.live_bytes -= bytes;
        if let Some(layout) = layout(bytes) {
            // SAFETY: made with the same layout, and no longer in the map.
            unsafe { dealloc(block, layout) };
        }
    }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.checked_add(GUARD.len())?, ALIGN).ok()
}

unsafe extern "system" fn alloc_memory(this: This, out: *mut *mut c_void, bytes: c_ulong) -> u8 {
    // SAFETY: the component passes back the pointer it got; the host keeps the manager until after destruction.
    let manager = unsafe { &*this.cast::<Manager>() };
    let mut state = manager.state();
    state.report.late_calls += u64::from(state.closed);
    if out.is_null() {
        return 0;
    }
    let block = match usize::try_from(bytes) {
        Ok(bytes) if !state.refuses(bytes) => state.allocate(bytes),
        _ => std::ptr::null_mut(),
    };
    // SAFETY: not null, and a place for one pointer by the contract.
    unsafe { out.write(block) };
    u8::from(!block.is_null())
}

unsafe extern "system" fn free_memory(this: This, pointer: *mut *mut c_void) {
    // SAFETY: as in `alloc_memory`.
    let manager = unsafe { &*this.cast::<Manager>() };
    let mut state = manager.state();
    state.report.late_calls += u64::from(state.closed);
    if pointer.is_null() {
        return;
    }
    // SAFETY: not null, and a place of one pointer by the contract.
    let block = unsafe { pointer.read() };
    if !block.is_null() {
        state.release(block);
        // SAFETY: as above.
        unsafe { pointer.write(std::ptr::null_mut()) };
    }
}
