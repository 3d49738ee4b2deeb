//! Every slot with wrong arguments. Good ones are all over the other files.

use std::ffi::c_long;
use std::ptr::{null, null_mut};

use crate::host::{EMPTY, Fake, Got, I4, Variant, text};

/// Numbers that stand for no member. 2^32 must not become 0 where `long` has 64 bits.
fn wrong_numbers() -> Vec<c_long> {
    let mut numbers = vec![-1, 13, 1000, c_long::MAX, c_long::MIN, c_long::from(i32::MAX)];
    if let Some(beyond) = (1 as c_long).checked_shl(32).filter(|beyond| *beyond > 1) {
        numbers.extend([beyond, -beyond]);
    }
    numbers
}

#[test]
fn questions_with_wrong_numbers_get_the_fallback_silently() {
    let fake = Fake::toy();
    for number in wrong_numbers() {
        assert!(fake.method_name(number, 0).is_null(), "{number}");
        assert!(fake.property_name(number, 0).is_null(), "{number}");
        assert!(!fake.is_readable(number), "{number}");
        assert!(!fake.is_writable(number), "{number}");
        assert!(!fake.has_result(number), "{number}");
        assert_eq!(fake.parameter_count(number), 0, "{number}");
        let mut value = Variant::empty();
        assert!(!fake.default_raw(number, 0, value.as_mut()), "{number}");
        assert!(!fake.default_raw(6, number, value.as_mut()), "{number}");
        assert_eq!(value.vt, EMPTY);
        if number != 0 && number != 1 {
            assert!(fake.method_name(0, number).is_null(), "alias {number}");
            assert!(fake.property_name(0, number).is_null(), "alias {number}");
        }
    }
    assert!(fake.raised().is_empty());
    fake.finish();
}

#[test]
fn calls_with_wrong_numbers_are_faults() {
    let fake = Fake::toy();
    for number in wrong_numbers() {
        let mut value = Variant::int(5);
        assert!(!fake.property_raw(number, value.as_mut()));
        assert_eq!(value.vt, EMPTY, "no value is left behind");
        assert!(!fake.set_property_raw(number, Variant::int(1).as_mut()));
        assert!(!fake.procedure_raw(number, null_mut(), 0));
        let mut value = Variant::int(5);
        assert!(!fake.function_raw(number, value.as_mut(), null_mut(), 0));
        assert_eq!(value.vt, EMPTY);
        let raised = fake.raised();
        assert_eq!(raised.len(), 4);
        assert!(raised.iter().all(|raised| raised.text == "There is no method or property with this number"));
    }
    fake.set_language("ru");
    assert!(!fake.procedure_raw(-1, null_mut(), 0));
    assert_eq!(fake.error(), "Нет метода или свойства с таким номером");
    fake.finish();
}

#[test]
fn null_pointers_have_a_defined_answer() {
    let fake = Fake::toy();
    assert!(!fake.register_extension_as(null_mut()));
    assert!(!fake.default_raw(6, 1, null_mut()));
    assert!(fake.raised().is_empty());
    assert!(!fake.property_raw(0, null_mut()));
    assert_eq!(fake.error(), "Value: no place for the result");
    assert_eq!(fake.find_property("Значение"), 0);
    assert!(!fake.property_raw(0, null_mut()));
    assert_eq!(fake.error(), "Значение: не передано место для результата");
    assert_eq!(fake.find_property("Value"), 0);
    assert!(!fake.set_property_raw(0, null_mut()));
    assert_eq!(fake.error(), "Value: wrong number of arguments");
    assert!(!fake.function_raw(7, null_mut(), null_mut(), 0));
    assert_eq!(fake.error(), "Act: no place for the result");
    let mut result = Variant::empty();
    assert!(!fake.function_raw(0, result.as_mut(), null_mut(), 1));
    assert_eq!(fake.error(), "Echo: wrong number of arguments");
    assert!(!fake.procedure_raw(0, null_mut(), 1));
    assert_eq!(fake.error(), "Echo: wrong number of arguments");
    assert!(fake.procedure_raw(7, null_mut(), 0), "no arguments, no array");
    assert_eq!(fake.property("Value"), Some(Got::Int(1)), "Act ran only where all was right");
    fake.finish();
}

#[test]
fn wrong_counts_of_arguments_are_faults() {
    let fake = Fake::toy();
    let mut array = [Variant::int(1), Variant::int(2)];
    for count in wrong_numbers() {
        let mut result = Variant::empty();
        let array = array.as_mut_ptr().cast();
        assert!(!fake.function_raw(0, result.as_mut(), array, count), "{count}");
        assert!(!fake.procedure_raw(0, array, count), "{count}");
        assert_eq!(fake.raised().len(), 2);
    }
    fake.finish();
}

/// Every slot, by what it answers to an object that is none. No slot may be missing here: their number is checked.
#[test]
fn every_slot_called_on_no_object_gives_the_fallback() {
    let mut fake = Fake::toy();
    let odd = fake.object.wrapping_byte_add(1);
    for wrong in [null_mut(), odd] {
        fake.instead = Some(wrong);
        let mut value = Variant::int(5);
        let mut name = null();
        assert!(!fake.init(fake.connection.cast()));
        assert!(!fake.set_memory(fake.memory.cast()));
        assert_eq!(fake.info(), 0);
        fake.done();
        assert!(!fake.register_extension_as(&raw mut name));
        assert_eq!(fake.property_count(), 0);
        assert_eq!(fake.find_property("Value"), -1);
        assert!(fake.property_name(0, 0).is_null());
        assert!(!fake.property_raw(0, value.as_mut()));
        assert!(!fake.set_property_raw(0, value.as_mut()));
        assert!(!fake.is_readable(0));
        assert!(!fake.is_writable(0));
        assert_eq!(fake.method_count(), 0);
        assert_eq!(fake.find_method("Echo"), -1);
        assert!(fake.method_name(0, 0).is_null());
        assert_eq!(fake.parameter_count(0), 0);
        assert!(!fake.default_raw(6, 1, value.as_mut()));
        assert!(!fake.has_result(0));
        assert!(!fake.procedure_raw(7, null_mut(), 0));
        assert!(!fake.function_raw(9, value.as_mut(), null_mut(), 0));
        fake.set_locale("ru");
        fake.set_language("ru");
        assert_eq!(value.vt, I4, "nothing is written for an object that is none");
        assert!(name.is_null());
    }
    fake.instead = None;
    assert_eq!(Fake::SLOTS, 4 + 16 + 1 + 1);
    assert!(fake.raised().is_empty());
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")), "the object itself was not touched");
    fake.finish();
}

#[test]
fn misplaced_pointers_are_taken_for_null() {
    let fake = Fake::toy();
    let mut values = [Variant::int(1), Variant::int(1)];
    let odd = values.as_mut_ptr().wrapping_byte_add(1).cast();
    assert!(!fake.property_raw(0, odd));
    assert!(!fake.set_property_raw(0, odd));
    assert!(!fake.procedure_raw(0, odd, 1));
    assert!(!fake.function_raw(9, odd, null_mut(), 0));
    assert!(!fake.default_raw(6, 1, odd));
    assert!(!fake.register_extension_as(odd.cast()));
    assert_eq!(fake.raised().len(), 4);
    assert!(!fake.set_memory(odd));
    assert!(fake.set_memory(fake.memory.cast()));
    assert_eq!(fake.property("Seen").map(|seen| matches!(seen, Got::Text(_))), Some(true));
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.finish();
}
