//! Memory that runs out, and buffers that live too long.

use crate::host::{BLOB, BOOL, Fake, Got, PWSTR, Union, Variant, text};
use crate::toy::OUTLIVING;

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Every way in which memory goes to the host. Returns how many of them succeeded.
fn all_ways(fake: &Fake) -> usize {
    let mut good = 0;
    let mut name = std::ptr::null();
    if fake.register_extension_as(&raw mut name) {
        good += 1;
        assert_eq!(fake.take_name(name).as_deref(), Some("Toy"));
    } else {
        assert!(name.is_null());
    }
    good += usize::from(fake.take_name(fake.method_name(2, 1)).is_some());
    good += usize::from(fake.take_name(fake.property_name(0, 0)).is_some());
    for parameter in [1, 2] {
        let mut value = Variant::int(9);
        good += usize::from(fake.default_raw(6, parameter, value.as_mut()));
        // EMPTY after a failure: nothing to free.
        fake.take(&value);
    }
    for kind in ["text", "no text", "blob", "host blob", "host text", "empty host blob"] {
        good += usize::from(fake.call("Give", &mut [Variant::text(&units(kind))]).is_some());
    }
    good += usize::from(fake.property("Constant").is_some());

    // The host makes its own parameter before the refusal under test.
    if !fake.fails_next() {
        let old = fake.host_memory(&[65, 0, 0, 0]);
        let mut arguments = [Variant::int(5), Variant::run(PWSTR, old, 1)];
        if fake.procedure("Swap", &mut arguments) {
            good += 1;
            assert_eq!(fake.take(&arguments[0]), text("A"));
            assert_eq!(fake.take(&arguments[1]), Got::Int(5));
        } else {
            assert_eq!(fake.take(&arguments[0]), Got::Int(5), "untouched by a failed call");
            assert_eq!(fake.take(&arguments[1]), text("A"));
        }
    }
    good
}

#[test]
fn any_failing_allocation_has_a_defined_answer_and_leaks_nothing() {
    let fake = Fake::toy();
    fake.fail_at(None);
    let all = all_ways(&fake);
    let allocations = fake.allocations();
    assert_eq!(all, 13);
    assert!(allocations >= 13, "{allocations}");
    for failing in 1..=allocations {
        fake.fail_at(Some(failing));
        let good = all_ways(&fake);
        assert!(good < all, "allocation {failing} was refused, something must have failed");
        assert!(good >= all - 1, "one refused allocation fails one call, not {}", all - good);
        assert_eq!(fake.live(), 0, "allocation {failing}");
        for raised in fake.raised() {
            assert!(
                ["Out of memory", "Недостаточно памяти", "no memory"].contains(&raised.text.as_str()),
                "{raised:?}"
            );
        }
        fake.fail_at(None);
        assert!(matches!(fake.property("Seen"), Some(Got::Text(_))));
    }
    fake.finish();
}

#[test]
fn second_out_parameter_without_memory_leaves_the_first_alone() {
    let fake = Fake::toy();
    let mut arguments = [
        Variant::run(PWSTR, fake.host_memory(&[65, 0, 0, 0]), 1),
        Variant::run(BLOB, fake.host_memory(&[66, 0]), 1),
    ];
    // The result, then the two out-parameters.
    fake.fail_at(Some(3));
    assert_eq!(fake.call("Swap", &mut arguments), None);
    assert_eq!(fake.error(), "Out of memory");
    fake.fail_at(None);
    assert_eq!(fake.take(&arguments[0]), text("A"));
    assert_eq!(fake.take(&arguments[1]), Got::Blob(vec![66]));
    assert_eq!(fake.property("Seen"), Some(text("out-of-memory")));
    fake.finish();
}

#[test]
fn buffers_kept_by_the_component_are_freed_with_it() {
    let fake = Fake::toy();
    for _ in 0..3 {
        assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
    }
    assert_eq!(fake.live(), 3);
    fake.finish();
}

#[test]
fn buffer_that_outlives_its_object_is_leaked_and_the_dead_manager_left_alone() {
    let mut fake = Fake::toy();
    assert_eq!(fake.call("Keep", &mut [Variant::new(BOOL, Union { u8: 1 })]), Some(Got::Empty));
    let live = fake.live();
    fake.done();
    fake.destroy();
    fake.close_memory();
    drop(OUTLIVING.take());
    assert_eq!((live, fake.forget_leaks()), (1, 1));
    fake.finish_destroyed();
}
