//! What is asked of the platform, depending on what it offered.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

use crate::host::{Fake, N, Variant, capabilities, text};

const ATTACHED: i32 = if cfg!(target_os = "android") { 3 } else { 2 };

#[test]
fn answer_is_the_lower_of_both_levels() {
    for (asked, answered) in [(1, 1), (2, 2), (3, 3), (4, 3), (i32::MAX, 3), (0, 0), (-1, -1)] {
        assert_eq!(capabilities(asked).1, answered);
    }
}

#[test]
fn nothing_is_asked_of_a_platform_that_offers_nothing() {
    for level in [0, -1, i32::MIN] {
        let (_turn, _) = capabilities(level);
        let fake = Fake::toy();
        assert_eq!(fake.call("Platform", &mut []), Some(text("Unknown None")));
        assert!(fake.asked_interfaces().is_empty());
        fake.finish();
    }
}

#[test]
fn level_one_tells_the_platform_only() {
    let (_turn, _) = capabilities(1);
    let fake = Fake::toy();
    assert_eq!(fake.call("Platform", &mut []), Some(text("Unknown Some(\"8.3.24.1342 Server\")")));
    assert_eq!(fake.asked_interfaces(), [1]);
    fake.finish();
}

#[test]
fn higher_levels_tell_how_the_component_is_attached() {
    for (level, attached, expected) in
        [(2, 0, "Isolated"), (3, 1, "InProcess"), (i32::MAX, 7, "Unknown"), (3, -1, "Unknown")]
    {
        let (_turn, _) = capabilities(level);
        let fake = Fake::toy();
        fake.connection().attached.store(attached, Ordering::Relaxed);
        let expected = format!("{expected} Some(\"8.3.24.1342 Server\")");
        assert_eq!(fake.call("Platform", &mut []), Some(text(&expected)));
        assert_eq!(fake.asked_interfaces(), [1, ATTACHED]);
        fake.finish();
    }
}

/// A connection or an interface of the platform that keeps no contract.
#[repr(C)]
struct Broken {
    vtable: *const *const c_void,
    answer: *mut c_void,
}

unsafe extern "system" fn answers(this: *const Broken, _: i32) -> *mut c_void {
    unsafe { (*this).answer }
}

#[test]
fn broken_connection_raises_nothing_and_tells_nothing() {
    let (_turn, _) = capabilities(3);
    let nothing = [null::<c_void>(); N + 11];
    let mut answering = nothing;
    answering[N + 10] = answers as *const c_void;
    let displacement = if cfg!(windows) { size_of::<usize>() } else { 0 };
    let empty = Broken { vtable: nothing.as_ptr(), answer: null_mut() };
    let unset = Broken { vtable: null(), answer: null_mut() };
    let place =
        |broken: &Broken| (&raw const *broken).cast_mut().cast::<c_void>().wrapping_byte_add(displacement);
    for broken in [
        Broken { vtable: null(), answer: null_mut() },
        Broken { vtable: nothing.as_ptr(), answer: null_mut() },
        Broken { vtable: answering.as_ptr(), answer: null_mut() },
        Broken { vtable: answering.as_ptr(), answer: place(&unset) },
        Broken { vtable: answering.as_ptr(), answer: place(&empty) },
        Broken { vtable: answering.as_ptr(), answer: place(&empty).wrapping_byte_add(1) },
    ] {
        let fake = Fake::toy();
        assert!(fake.init((&raw const broken).cast_mut().cast()));
        assert_eq!(fake.call("Fail", &mut [Variant::int(1)]), None);
        assert_eq!(fake.call("Platform", &mut []), Some(text("Unknown None")));
        fake.finish();
    }
}
