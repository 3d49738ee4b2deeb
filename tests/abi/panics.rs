//! Panics at every point where the layer runs code of the component.

use std::ptr::null_mut;

use httpconnector::abi;

use crate::host::{Fake, Got, Variant, text, wide};
use crate::toy::Toy;

#[test]
fn panic_in_a_call_is_a_fault_without_the_panics_own_text() {
    let fake = Fake::toy();
    for kind in 0..4 {
        assert_eq!(fake.call("Panic", &mut [Variant::int(kind)]), None, "{kind}");
        assert!(!fake.procedure("Panic", &mut [Variant::int(kind)]));
        for raised in fake.raised() {
            assert!(raised.text.starts_with("Internal error of the external component"), "{}", raised.text);
            assert!(!raised.text.contains("secret"));
            // What is raised without the panic machinery has no place.
            assert_eq!(raised.text.contains("toy.rs:"), kind != 1, "{}", raised.text);
        }
    }
    assert_eq!(fake.call("Паника", &mut [Variant::int(0)]), None);
    assert!(fake.error().starts_with("Внутренняя ошибка внешней компоненты (toy.rs:"));
    assert_eq!(fake.property("Seen"), Some(text(&["internal"; 9].join(" "))));
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")), "the object stays usable");
    fake.finish();
}

#[test]
fn panic_in_a_property_is_a_fault() {
    let fake = Fake::toy();
    assert_eq!(fake.property("Bomb"), None);
    assert!(!fake.set_property("Бомба", Variant::int(1)));
    assert_eq!(fake.raised().len(), 2);
    assert_eq!(fake.property("Seen"), Some(text("internal internal")));
    fake.finish();
}

#[test]
fn range_beyond_a_buffer_is_a_panic_that_frees_the_buffer() {
    let fake = Fake::toy();
    let kind = wide("beyond");
    assert_eq!(fake.call("Give", &mut [Variant::text(&kind[..6])]), None);
    assert_eq!(fake.live(), 0);
    assert_eq!(fake.raised().len(), 1);
    fake.finish();
}

#[test]
fn panic_while_an_object_is_made_makes_no_object() {
    let mut object = null_mut();
    let name = wide("PanicsWhenMade");
    assert_eq!(unsafe { abi::class_object::<Toy>(name.as_ptr(), &raw mut object) }, 0);
    assert!(object.is_null());
}

#[test]
fn panic_in_done_is_swallowed() {
    Fake::new("PanicsWhenDone").finish();
    let mut fake = Fake::new("PanicsWhenDone");
    fake.destroy();
    fake.finish_destroyed();
}

#[test]
fn panic_in_drop_still_frees_the_object() {
    let fake = Fake::new("PanicsWhenDropped");
    assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
    // Miri and valgrind see that the object itself is freed; the host's memory is counted here.
    fake.finish();
}

#[test]
fn panic_while_a_fault_is_remembered_still_raises_it() {
    let fake = Fake::new("PanicsWhenTold");
    assert_eq!(fake.call("Panic", &mut [Variant::int(0)]), None);
    assert_eq!(fake.raised().len(), 1);
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.finish();
}

#[test]
fn panic_in_a_thread_body_ends_the_thread_quietly() {
    let ended = std::thread::spawn(|| abi::thread_body(|| panic!("in a thread"))).join();
    assert!(ended.is_ok());
}
