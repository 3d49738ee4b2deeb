//! Foreign system APIs, one file each, behind safe functions.

#[cfg(unix)]
pub(crate) mod openssl;
mod pin;

pub use pin::{is_pinned, pin_library};
