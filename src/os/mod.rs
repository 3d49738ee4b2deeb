//! Foreign system APIs, one file each, behind safe functions.

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
pub(crate) mod openssl;
mod pin;

pub use pin::{is_pinned, pin_library};
