//! The allocator: counts what a thread has, and can refuse it large blocks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;

/// Blocks from this size on can be refused.
pub(crate) const LARGE: usize = 1 << 20;

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    /// How many large blocks are still given; `None`: any number.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
    /// Blocks from this size on are refused.
    static FORBIDDEN: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The most this thread had allocated during `body`, above what it had before.
pub(crate) fn peak<T>(body: impl FnOnce() -> T) -> (usize, T) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = body();
    (PEAK.get() - before, result)
}

/// Gives `body` only `count` large blocks; says how many more it asked for. An allocation that cannot fail gently ends
/// the process.
pub(crate) fn with_large_blocks<T>(count: usize, body: impl FnOnce() -> T) -> (usize, T) {
    REFUSED.set(0);
    LEFT.set(Some(count));
    let result = body();
    LEFT.set(None);
    (REFUSED.get(), result)
}

/// Gives `body` no block of `size` bytes or more.
pub(crate) fn without_blocks_of<T>(size: usize, body: impl FnOnce() -> T) -> T {
    FORBIDDEN.set(size);
    let result = body();
    FORBIDDEN.set(usize::MAX);
    result
}

fn refuses(size: usize) -> bool {
    if size >= FORBIDDEN.get() {
        return true;
    }
    if size < LARGE {
        return false;
    }
    match LEFT.get() {
        None => false,
        Some(0) => {
            REFUSED.set(REFUSED.get() + 1);
            true
        }
        Some(left) => {
            LEFT.set(Some(left - 1));
            false
        }
    }
}

fn grown(bytes: usize) {
    LIVE.set(LIVE.get().saturating_add(bytes));
    PEAK.set(PEAK.get().max(LIVE.get()));
}

fn shrunk(bytes: usize) {
    LIVE.set(LIVE.get().saturating_sub(bytes));
}

// SAFETY: what is not refused is passed on to the system's allocator as it is; counting allocates nothing.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if refuses(layout.size()) {
            return null_mut();
        }
        grown(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        shrunk(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Giving back is never refused.
        if size > layout.size() && refuses(size) {
            return null_mut();
        }
        // Old and new may both be there for a moment.
        grown(size);
        shrunk(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.realloc(start, layout, size) }
    }
}
