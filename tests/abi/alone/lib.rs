//! The ABI layer alone: see Cargo.toml.

#[allow(unused_macros, unused_imports, reason = "nothing is exported here")]
#[path = "../../../src/abi/mod.rs"]
pub mod abi;
#[path = "../../../src/os/mod.rs"]
pub mod os;
