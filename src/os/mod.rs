//! Foreign system APIs, one file each, behind safe functions.

#[cfg(unix)]
mod gssapi;
mod pin;
mod security;
#[cfg(windows)]
mod sspi;

#[cfg(unix)]
pub use gssapi::Context;
pub use pin::{is_pinned, pin_library};
pub use security::{Failure, Identity, Package, Reason};
#[cfg(windows)]
pub use sspi::Context;
