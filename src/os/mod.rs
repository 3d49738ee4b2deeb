//! Foreign system APIs, one file each, behind safe functions.

mod pin;

pub use pin::{is_pinned, pin_library};
