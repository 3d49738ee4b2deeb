//! Host side of the Native API, for tests, the demo and the benchmark: loads a component's library and drives its
//! objects the way 1C:Enterprise does, by name, with its own memory manager and connection.
//!
//! Written from the description of the contract and not from `src/abi` of the component, so that a mistake there
//! does not repeat itself here: layouts, slots and ownership are stated a second time. Everything a component does
//! against the contract (memory from elsewhere, a missing NUL, a `bool` that is neither 0 nor 1, calls after the
//! end) panics with a sentence that begins with "contract:", or is counted in [`MemoryReport`].
//!
//! On Windows the layout is the platform's (one destructor slot, stdcall methods, displaced interfaces) whatever
//! the Rust target, so the same program drives the DLL under Wine.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "reading a pointer-linked C++ structure is one step for the reader; each block states its reason"
)]

mod connection;
pub mod find;
mod library;
mod memory;
mod object;
mod raw;
#[cfg(all(test, not(windows)))]
#[allow(clippy::unwrap_used, clippy::panic_in_result_fn, reason = "a test fails by panicking")]
mod toy;
mod value;

pub use connection::{AppKind, Connection, Event, Reported};
pub use library::{Addin, Addresses, LoadError};
pub use memory::{Memory, MemoryReport};
pub use object::{CallError, Destruction, ErrorKind, Object, Settings};
pub use raw::Variant;
pub use value::{Date, HostBlob, Val};
