//! The ABI layer through its vtables, in process, with a toy component and a fake platform. Runs under Miri and is
//! checked for other targets too: the commands are in `alone/Cargo.toml`.
#![allow(
    unsafe_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "a test plays the C++ side"
)]

mod capabilities;
mod errors;
mod host;
mod layout;
mod life;
mod memory;
mod names;
mod panics;
#[cfg(not(miri))]
mod silence;
mod slots;
mod threads;
mod toy;
mod values;
