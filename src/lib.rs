//! HTTP client for 1C:Enterprise as a native external component (Native API).
//!
//! Three layers, imports in one direction only (`tests/rules.rs` checks it):
//!
//! * [`abi`]: the Native API contract: vtables, variants, memory. Knows nothing of HTTP.
//! * [`engine`]: HTTP: URLs, connections, TLS, redirects, cookies, retries. Knows nothing of 1C.
//! * [`component`]: the two classes a 1C developer sees; turns arguments into engine requests and engine errors
//!   into texts.
//!
//! `abi` and `engine` import neither each other nor `component`. Foreign APIs other than the host's live in [`os`].
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "the Native API is a C++ ABI: pointers, vtables, memory of the host")]
pub mod abi;
pub mod component;
pub mod engine;
#[allow(unsafe_code, reason = "foreign system APIs, one file each, behind safe functions")]
pub mod os;

abi::export!(crate::component::Connector);
