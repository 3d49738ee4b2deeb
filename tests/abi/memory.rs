//! Memory that runs out, and buffers that live too long.

use std::ffi::{c_ulong, c_void};
use std::ptr::{null, null_mut};

use crate::host::{BLOB, BOOL, Fake, Got, N, PWSTR, Union, Variant, text};
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

/// A manager that keeps no contract.
#[repr(C)]
struct Broken {
    vtable: *const [*const c_void; N + 2],
    freed: usize,
    room: [u16; 8],
}

unsafe extern "system" fn grants_nothing(_: *mut Broken, out: *mut *mut c_void, _: c_ulong) -> u8 {
    unsafe { out.write(null_mut()) };
    1
}

unsafe extern "system" fn grants_an_odd_address(this: *mut Broken, out: *mut *mut c_void, _: c_ulong) -> u8 {
    unsafe { out.write((&raw mut (*this).room).cast::<c_void>().wrapping_byte_add(1)) };
    1
}

unsafe extern "system" fn refuses_but_writes(this: *mut Broken, out: *mut *mut c_void, _: c_ulong) -> u8 {
    unsafe { out.write((&raw mut (*this).room).cast()) };
    0
}

unsafe extern "system" fn counts_freed(this: *mut Broken, _: *mut *mut c_void) {
    unsafe { (*this).freed += 1 };
}

#[test]
fn broken_manager_is_a_manager_without_memory() {
    type Allocate = unsafe extern "system" fn(*mut Broken, *mut *mut c_void, c_ulong) -> u8;
    let cases: [(Option<Allocate>, usize); 4] = [
        (None, 0),
        (Some(grants_nothing), 0),
        // Given back each time: nothing could be written there.
        (Some(grants_an_odd_address), 3),
        (Some(refuses_but_writes), 0),
    ];
    for (allocate, freed) in cases {
        let mut table = [null::<c_void>(); N + 2];
        table[N] = allocate.map_or(null(), |allocate| allocate as *const c_void);
        table[N + 1] = counts_freed as *const c_void;
        for vtable in [&raw const table, null()] {
            let broken = Box::into_raw(Box::new(Broken { vtable, freed: 0, room: [7; 8] }));
            let fake = Fake::toy();
            assert!(fake.set_memory(broken.cast()));
            assert_eq!(fake.call("Give", &mut [Variant::text(&units("text"))]), None);
            assert_eq!(fake.error(), "Out of memory");
            assert!(fake.method_name(0, 0).is_null());
            let mut name = null();
            assert!(!fake.register_extension_as(&raw mut name));
            assert!(fake.set_memory(fake.memory.cast()));
            assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
            fake.finish();
            let broken = unsafe { Box::from_raw(broken) };
            assert_eq!(broken.freed, if vtable.is_null() { 0 } else { freed });
            assert_eq!(broken.room, [7; 8], "nothing is written to what was not granted");
        }
    }
}
