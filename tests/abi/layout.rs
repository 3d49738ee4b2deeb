//! What the host sees of the object before it calls anything.

use std::ffi::c_void;

use crate::host::{Fake, N, Tm, Variant};

#[test]
fn test_variant_has_the_size_of_this_platform() {
    let (size, tm) = if cfg!(windows) {
        (48, 36)
    } else if cfg!(target_pointer_width = "64") {
        (64, 56)
    } else if cfg!(target_arch = "arm") {
        (56, 44)
    } else {
        (52, 44)
    };
    assert_eq!((size_of::<Variant>(), size_of::<Tm>()), (size, tm));
}

#[test]
fn object_starts_with_four_different_vtables_all_slots_filled() {
    let fake = Fake::toy();
    let tables: Vec<_> = (0..4).map(|base| fake.slot(base, 0).addr()).collect();
    for (base, slots) in [4, 16, 1, 1].into_iter().enumerate() {
        for index in 0..N + slots {
            assert!(!fake.slot(base, index).is_null(), "base {base} slot {index}");
        }
        assert_eq!(tables.iter().filter(|table| **table == tables[base]).count(), 1);
    }
    fake.finish();
}

#[test]
fn words_before_a_vtable_are_the_offset_to_top_and_no_type() {
    let fake = Fake::toy();
    for base in 0..4 {
        let vtable = unsafe { fake.base(base).cast::<*const isize>().read() };
        let offset_to_top = unsafe { vtable.sub(2).read() };
        let type_info = unsafe { vtable.sub(1).cast::<*const c_void>().read() };
        assert_eq!(offset_to_top, -isize::try_from(base * size_of::<usize>()).unwrap());
        assert!(type_info.is_null());
    }
    fake.finish();
}
