//! Foreign system APIs, one file each, behind safe functions.

#[cfg(java)]
pub mod android;
#[cfg(unix)]
mod gssapi;
mod image;
#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
pub(crate) mod openssl;
mod pin;
mod security;
#[cfg(windows)]
mod sspi;
#[cfg(windows)]
mod wine;
#[cfg(windows)]
mod winsock;

#[cfg(unix)]
pub use gssapi::Context;
pub use image::library_path;
pub use pin::{is_pinned, pin_library};
pub use security::{Failure, Identity, Package, Reason};
#[cfg(windows)]
pub use sspi::Context;
#[cfg(windows)]
pub use wine::is_wine;
#[cfg(windows)]
pub use winsock::{Asked, select};
