//! The ABI layer alone: see Cargo.toml.

#[allow(unused_macros, unused_imports, reason = "nothing is exported here")]
#[path = "../../../src/abi/mod.rs"]
pub mod abi;
#[path = "../../../src/os/pin.rs"]
mod pin;

/// What of `os` the ABI layer and its tests need.
pub mod os {
    pub use crate::pin::{is_pinned, pin_library};
}
