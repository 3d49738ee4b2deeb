//! Names both ways, and the language a call is made in.

use std::ffi::c_long;
use std::ptr::null;

use crate::host::{Fake, text, wide};
use crate::toy::{METHODS, PROPERTIES};

#[test]
fn names_are_given_in_both_languages_and_found_again() {
    let fake = Fake::toy();
    assert_eq!(fake.method_count(), c_long::try_from(METHODS.len()).unwrap());
    assert_eq!(fake.property_count(), c_long::try_from(PROPERTIES.len()).unwrap());
    for (method, index) in METHODS.iter().zip(0..) {
        assert_eq!(fake.take_name(fake.method_name(index, 0)).as_deref(), Some(method.english));
        assert_eq!(fake.take_name(fake.method_name(index, 1)).as_deref(), Some(method.russian));
        assert_eq!(fake.find_method(method.english), index);
        assert_eq!(fake.find_method(method.russian), index);
    }
    for (property, index) in PROPERTIES.iter().zip(0..) {
        assert_eq!(fake.take_name(fake.property_name(index, 0)).as_deref(), Some(property.english));
        assert_eq!(fake.take_name(fake.property_name(index, 1)).as_deref(), Some(property.russian));
        assert_eq!(fake.find_property(property.english), index);
        assert_eq!(fake.find_property(property.russian), index);
    }
    fake.finish();
}

#[test]
fn spelling_in_any_case_is_found() {
    let fake = Fake::toy();
    for spelling in ["give", "GIVE", "датьобъём", "ДАТЬОБЪЁМ", "дАТЬоБЪЁм"] {
        assert_eq!(fake.find_method(spelling), 2, "{spelling}");
    }
    assert_eq!(fake.find_property("зНАЧЕНИЕ"), 0);
    fake.finish();
}

#[test]
fn what_is_no_name_is_not_found() {
    let fake = Fake::toy();
    let long = "Echo".repeat(300);
    for name in ["", "Ech", "Echoo", "ДатьОбъем", "Value", &long, "\u{1F600}"] {
        assert_eq!(fake.find_method(name), -1, "{name}");
    }
    for name in ["", "Echo", &long] {
        assert_eq!(fake.find_property(name), -1, "{name}");
    }
    assert_eq!(fake.find_method_raw(null()), -1);
    assert_eq!(fake.find_property_raw(null()), -1);
    // No NUL within the bound: reading goes no further.
    let endless = vec![u16::from(b'E'); 1024];
    assert_eq!(fake.find_method_raw(endless.as_ptr()), -1);
    assert_eq!(fake.find_property_raw(endless.as_ptr()), -1);
    // An address no UTF-16 unit can have.
    let units = wide("Echo");
    assert_eq!(fake.find_method_raw(units.as_ptr().wrapping_byte_add(1)), -1);
    // Unpaired surrogates are just units.
    assert_eq!(fake.find_method_raw([0xDC00, 0xD800, 0].as_ptr()), -1);
    fake.finish();
}

#[test]
fn extension_name_is_the_class_name() {
    let fake = Fake::toy();
    let mut name = null();
    assert!(fake.register_extension_as(&raw mut name));
    assert_eq!(fake.take_name(name).as_deref(), Some("Toy"));
    fake.finish();
}

#[test]
fn spelling_decides_the_language_of_the_calls_of_that_member() {
    let fake = Fake::toy();
    let language = fake.find_method("язык");
    assert_eq!(fake.find_method("Echo"), 0);
    assert_eq!(fake.call_index(language, &mut []), Some(text("ru")));
    assert_eq!(fake.find_method("LANGUAGE"), language);
    assert_eq!(fake.call_index(language, &mut []), Some(text("en")));
    fake.set_language("ru");
    assert_eq!(fake.call_index(language, &mut []), Some(text("en")), "the script's word counts");
    fake.finish();
}

#[test]
fn name_equal_in_both_languages_leaves_the_language_to_the_user_interface() {
    let fake = Fake::toy();
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.set_locale("rus_RUS");
    assert_eq!(fake.call("ping", &mut []), Some(text("ru?")));
    fake.set_language("en");
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")), "the newer way of telling wins");
    fake.set_locale("ru_RU");
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.set_language("RU");
    assert_eq!(fake.call("Ping", &mut []), Some(text("ru?")));
    fake.set_language_raw(null());
    fake.set_locale_raw(null());
    assert_eq!(fake.call("Ping", &mut []), Some(text("ru?")), "null says nothing");
    fake.set_language("");
    fake.set_locale("Russian_Russia.1251");
    assert_eq!(fake.call("Ping", &mut []), Some(text("ru?")));
    fake.finish();
}
