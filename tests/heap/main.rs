//! What the library takes from the heap: how often bodies are copied, and what happens when memory is refused. An
//! allocator of this test watches the calling thread; servers run on threads of their own and are not counted.
#![allow(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "a test with an allocator of its own; not every piece of the shared support is used"
)]

mod copies;
mod engine;
#[cfg(all(unix, target_pointer_width = "64"))]
mod refusals;
#[path = "../component/support.rs"]
mod support;
mod watch;
