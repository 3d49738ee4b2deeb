//! The Native API contract of 1C:Enterprise, for any [`Library`]. Knows nothing of HTTP.
//!
//! * **Ownership.** What the host gets is made by the object's own memory manager and is the host's from then on. What
//!   the host passes is the host's; an out-parameter's old value is freed when it is replaced.
//! * **Strings** are UTF-16 with a length, and end with a NUL (not counted) when they go to the host. Incoming ones are
//!   trusted for length and pointer only.
//! * **Threads.** One call at a time on one object; a second thread gets the fault `busy`. Destruction during a call
//!   takes effect when the call ends, Done stops the use of the connection at once.
//! * **Life.** Methods and properties answer between Init and Done; names and counts from creation to destruction.
//! * **Failure.** A fault is raised in the script (AddError and false) and remembered by the component. A panic is a
//!   fault with the code `internal`. A wrong index or a null pointer in a question gets null, 0, -1 or false.
//!
//! The way in: `exports.rs` → `entry.rs` makes and destroys an `object.rs`; the host calls it through `vtable.rs`, whose
//! slots (`slots.rs`, `calls.rs`) all pass `gate.rs` and `guard.rs`.

mod calls;
mod component;
mod date;
mod entry;
mod faults;
mod gate;
mod guard;
mod host;
mod language;
mod latch;
mod layout;
mod memory;
mod object;
mod platform;
mod slots;
mod utf16;
mod variant;
mod vtable;

pub use component::{
    Class, Component, DateTime, Default, Fault, Language, Library, Method, Parameter, Property, Value,
    ValueRef,
};
pub use entry::{ATTACH_ANY, class_object, destroy_object, set_platform_capabilities};
pub use guard::{Panicked, contained, thread_body};
#[cfg(java)]
pub use host::JavaClass;
pub use host::{Application, Arguments, AttachedType, Host, HostBuffer, HostMemory, PlatformInfo};
pub use utf16::{joined, joined_length};

/// Exports a library: `abi::export!(path::to::Library);` once, in the crate root.
macro_rules! export {
    ($library:ty) => {
        /// The functions the platform calls.
        #[allow(unsafe_code, reason = "exported functions")]
        #[allow(non_snake_case, reason = "names given by the platform")]
        pub mod exports {
            type Exported = $library;
            const CLASSES: &[&$crate::abi::Class] = <Exported as $crate::abi::Library>::CLASSES;
            static NAMES: [u16; $crate::abi::joined_length(CLASSES)] = $crate::abi::joined(CLASSES);

            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/abi/exports.rs"));
        }
    };
}
pub(crate) use export;
