//! Values in and out: every tag, every kind of result, defaults, out-parameters.

use std::ffi::c_long;
use std::ptr::null_mut;

use crate::host::{BLOB, BOOL, EMPTY, Fake, Got, I4, PSTR, PWSTR, R8, TM, Tm, Union, Variant, text, wide};
use crate::toy::{DATE, METHODS};

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn tm(year: i32, mon: i32, mday: i32) -> Tm {
    Tm {
        sec: 15,
        min: 30,
        hour: 12,
        mday,
        mon,
        year,
        wday: 99,
        yday: -5,
        isdst: 7,
        #[cfg(not(windows))]
        gmtoff: 3600,
        #[cfg(not(windows))]
        zone: std::ptr::null(),
    }
}

#[test]
fn every_incoming_tag_has_its_meaning() {
    let fake = Fake::toy();
    let cases = [
        (0, Union { u64: 7 }, "Empty"),
        (1, Union { u64: 7 }, "Null"),
        (2, Union { i16: -2 }, "Int(-2)"),
        (3, Union { i32: i32::MIN }, "Int(-2147483648)"),
        (4, Union { f32: 0.5 }, "Number(0.5)"),
        (4, Union { f32: f32::INFINITY }, "Unsupported(4)"),
        (5, Union { f64: 1e100 }, "Number(1e100)"),
        (5, Union { f64: 3.0 }, "Int(3)"),
        (5, Union { f64: 2_147_483_648.0 }, "Number(2147483648.0)"),
        (5, Union { f64: f64::NAN }, "Unsupported(5)"),
        (5, Union { f64: f64::NEG_INFINITY }, "Unsupported(5)"),
        (
            6,
            Union { f64: 2.5 },
            "Date(DateTime { year: 1900, month: 1, day: 1, hour: 12, minute: 0, second: 0 })",
        ),
        (6, Union { f64: f64::NAN }, "Unsupported(6)"),
        (
            7,
            Union { tm: tm(-1899, 0, 1) },
            "Date(DateTime { year: 1, month: 1, day: 1, hour: 12, minute: 30, second: 15 })",
        ),
        (7, Union { tm: tm(123, 1, 29) }, "Unsupported(7)"),
        (7, Union { tm: tm(i32::MAX, 1, 1) }, "Unsupported(7)"),
        (7, Union { tm: tm(i32::MIN, -1, 0) }, "Unsupported(7)"),
        (8, Union { u64: 0 }, "Unsupported(8)"),
        (9, Union { u64: 1 }, "Unsupported(9)"),
        (10, Union { i32: -7 }, "Int(-7)"),
        (11, Union { u8: 0 }, "Bool(false)"),
        (11, Union { u8: 1 }, "Bool(true)"),
        (11, Union { u8: 2 }, "Unsupported(11)"),
        (11, Union { u8: 255 }, "Unsupported(11)"),
        (12, Union { u64: 1 }, "Unsupported(12)"),
        (13, Union { i8: -128 }, "Int(-128)"),
        (14, Union { u8: 255 }, "Int(255)"),
        (15, Union { u16: 65535 }, "Int(65535)"),
        (16, Union { u32: u32::MAX }, "Number(4294967295.0)"),
        (17, Union { i64: -5_000_000_000 }, "Number(-5000000000.0)"),
        (18, Union { u64: 5 }, "Int(5)"),
        (18, Union { u64: u64::MAX }, "Number(1.8446744073709552e19)"),
        (19, Union { i32: -9 }, "Int(-9)"),
        (20, Union { u32: 9 }, "Int(9)"),
        (21, Union { long: -1 as c_long }, "Int(-1)"),
        (24, Union { u64: 1 }, "Unsupported(24)"),
        (0x0fff, Union { u64: 1 }, "Unsupported(4095)"),
        (0x1003, Union { i32: 1 }, "Unsupported(4099)"),
        (0x4016, Union { u64: 1 }, "Unsupported(16406)"),
        (0xffff, Union { u64: 1 }, "Unsupported(65535)"),
    ];
    for (tag, value, expected) in cases {
        let answer = fake.call("Describe", &mut [Variant::new(tag, value)]);
        // An empty argument without default stays empty.
        assert_eq!(answer, Some(text(expected)), "tag {tag}");
    }
    fake.finish();
}

#[test]
fn strings_and_data_come_by_pointer_and_length() {
    let fake = Fake::toy();
    let odd = vec![0xD800, 0, u16::from(b'z')];
    assert_eq!(fake.call("Echo", &mut [Variant::text(&odd)]), Some(Got::Units(odd.clone())));
    let long = "ж\u{1F600}a".repeat(if cfg!(miri) { 20 } else { 100_000 });
    let long_units = units(&long);
    assert_eq!(fake.call("Echo", &mut [Variant::text(&long_units)]), Some(text(&long)));
    assert_eq!(fake.call("Echo", &mut [Variant::blob(&[0, 1, 2])]), Some(Got::Blob(vec![0, 1, 2])));
    // No length: the pointer does not matter.
    for tag in [PWSTR, BLOB] {
        for pointer in [null_mut(), std::ptr::without_provenance_mut(1)] {
            let answer = fake.call("Describe", &mut [Variant::run(tag, pointer, 0)]);
            assert_eq!(answer, Some(text(if tag == PWSTR { "Text(\"\")" } else { "Blob([])" })));
        }
    }
    // A length without memory behind it, an address no unit can have, an end beyond the address space.
    let odd_address = odd.as_ptr().wrapping_byte_add(1).cast_mut().cast();
    let top = std::ptr::without_provenance_mut(usize::MAX - 15);
    for variant in [
        Variant::run(PWSTR, null_mut(), 1),
        Variant::run(BLOB, null_mut(), 1),
        Variant::run(PWSTR, odd_address, 1),
        Variant::run(BLOB, top, 100),
    ] {
        let expected = text(&format!("Unsupported({})", variant.vt));
        assert_eq!(fake.call("Describe", &mut [variant]), Some(expected));
    }
    fake.finish();
}

#[test]
fn every_kind_of_result_arrives() {
    let fake = Fake::toy();
    let cases = [
        ("empty", Got::Empty),
        ("true", Got::Bool(true)),
        ("int", Got::Int(i32::MIN)),
        ("number", Got::Number(1e15 + 0.5)),
        ("date", Got::Date([124, 1, 29, 12, 30, 15, 4, 59])),
        ("first date", Got::Date([-1899, 0, 1, 0, 0, 0, 1, 0])),
        ("text", text("a\0ж\u{1F600}")),
        ("no text", text("")),
        ("blob", Got::Blob(vec![1, 0, 255])),
        ("no blob", Got::Blob(vec![])),
        ("host blob", Got::Blob(b"\0\0abc\0\0\0".to_vec())),
        ("host text", text("йo")),
        ("empty host blob", Got::Blob(vec![])),
    ];
    for (kind, expected) in cases {
        assert_eq!(fake.call("Give", &mut [Variant::text(&units(kind))]), Some(expected), "{kind}");
        assert!(fake.procedure("Give", &mut [Variant::text(&units(kind))]), "{kind} with the result ignored");
        assert_eq!(fake.live(), 0, "{kind}");
    }
    fake.finish();
}

#[test]
fn result_memory_is_handed_over_without_a_second_allocation() {
    let fake = Fake::toy();
    for kind in ["host blob", "host text", "text", "blob"] {
        let kind = units(kind);
        fake.fail_at(None);
        assert!(fake.call("Give", &mut [Variant::text(&kind)]).is_some());
        assert_eq!(fake.allocations(), 1);
    }
    fake.finish();
}

#[test]
fn result_that_cannot_be_passed_is_a_fault() {
    let fake = Fake::toy();
    for kind in ["nan", "infinity", "no date"] {
        assert_eq!(fake.call("Give", &mut [Variant::text(&units(kind))]), None, "{kind}");
        assert_eq!(fake.error(), "The result is not a number or a date that can be passed");
        assert_eq!(fake.property("Seen"), Some(text("wrong-result")));
    }
    assert_eq!(fake.call("Give", &mut [Variant::text(&units("huge"))]), None);
    assert_eq!(fake.error(), "no memory");
    fake.finish();
}

#[test]
fn buffer_of_another_object_is_copied_into_our_own_memory() {
    let giver = Fake::toy();
    let taker = Fake::toy();
    assert_eq!(giver.call("Keep", &mut [Variant::new(BOOL, Union { u8: 1 })]), Some(Got::Empty));
    assert_eq!(giver.live(), 1);
    let answer = taker.call("Give", &mut [Variant::text(&units("outliving"))]);
    assert_eq!(answer, Some(Got::Blob(vec![0; 10])));
    giver.finish();
    taker.finish();
}

#[test]
fn date_is_the_same_there_and_back() {
    let fake = Fake::toy();
    let mut value = tm(124, 1, 29);
    value.hour = i32::from(DATE.hour);
    let answer = fake.call("Echo", &mut [Variant::new(TM, Union { tm: value })]);
    assert_eq!(answer, Some(Got::Date([124, 1, 29, 12, 30, 15, 4, 59])));
    fake.finish();
}

#[test]
fn declared_defaults_are_told() {
    let fake = Fake::toy();
    let method = fake.find_method("Defaults");
    let expected = [Got::Empty, text("при\u{1F600}"), text(""), Got::Bool(true), text("x"), Got::Int(-7)];
    assert_eq!(fake.parameter_count(method), 6);
    for (parameter, expected) in expected.into_iter().enumerate() {
        let mut value = Variant::empty();
        assert!(fake.default_raw(method, c_long::try_from(parameter).unwrap(), value.as_mut()));
        assert_eq!(fake.take(&value), expected);
    }
    fake.finish();
}

#[test]
fn omitted_arguments_hold_their_defaults() {
    let fake = Fake::toy();
    let defaults = "Int(1); Text(\"при\u{1F600}\"); Text(\"\"); Bool(true); Text(\"x\"); Int(-7); Empty";
    let mut all = [Variant::empty(); 6];
    all[0] = Variant::int(1);
    assert_eq!(fake.call("Defaults", &mut all), Some(text(defaults)), "EMPTY stands for omitted");
    assert_eq!(fake.call("Defaults", &mut all[..1]), Some(text(defaults)), "fewer arguments");
    let given = units("y");
    all[4] = Variant::text(&given);
    all[5] = Variant::number(0.5);
    assert_eq!(
        fake.call("Defaults", &mut all),
        Some(text("Int(1); Text(\"при\u{1F600}\"); Text(\"\"); Bool(true); Text(\"y\"); Number(0.5); Empty"))
    );
    fake.finish();
}

#[test]
fn wrong_number_of_arguments_is_a_fault() {
    let fake = Fake::toy();
    let mut seven = [Variant::int(1); 7];
    assert_eq!(fake.call("Defaults", &mut seven), None);
    assert_eq!(fake.error(), "Defaults: wrong number of arguments");
    assert_eq!(fake.call("Умолчания", &mut []), None, "a required argument is missing");
    assert_eq!(fake.error(), "Умолчания: неверное количество параметров");
    assert_eq!(fake.property("Seen"), Some(text("wrong-arguments wrong-arguments")));
    fake.finish();
}

#[test]
fn out_parameters_are_replaced_and_their_old_values_freed() {
    let fake = Fake::toy();
    let old: Vec<u8> = units("old\0").iter().flat_map(|unit| unit.to_ne_bytes()).collect();
    let mut arguments =
        [Variant::run(PWSTR, fake.host_memory(&old), 3), Variant::run(BLOB, fake.host_memory(&[1, 2, 3]), 3)];
    assert_eq!(fake.live(), 2);
    assert_eq!(fake.call("Swap", &mut arguments), Some(text("swapped")));
    assert_eq!(fake.live(), 2, "two new values, the old ones are gone");
    assert_eq!(fake.take(&arguments[0]), Got::Blob(vec![1, 2, 3]));
    assert_eq!(fake.take(&arguments[1]), text("old"));

    // A narrow string is freed as well; other tags free nothing, whatever bits they have.
    let mut arguments = [Variant::run(PSTR, fake.host_memory(b"narrow\0"), 6), Variant::int(0x7FFF_FFF0)];
    assert!(fake.procedure("Swap", &mut arguments));
    assert_eq!(fake.take(&arguments[0]), Got::Int(0x7FFF_FFF0));
    assert_eq!(fake.take(&arguments[1]), Got::Empty);

    let mut arguments = [Variant::empty(), Variant::run(PWSTR, null_mut(), 0)];
    assert!(fake.procedure("Swap", &mut arguments));
    assert_eq!(fake.take(&arguments[0]), text(""));
    assert_eq!(fake.take(&arguments[1]), Got::Empty);
    fake.finish();
}

#[test]
fn failed_call_leaves_its_parameters_alone() {
    let fake = Fake::toy();
    let mut arguments = [Variant::run(PWSTR, fake.host_memory(&[65, 0, 0, 0]), 1)];
    assert!(!fake.procedure("Panic", &mut arguments));
    assert_eq!(fake.take(&arguments[0]), text("A"));
    fake.finish();
}

#[test]
fn function_as_procedure_and_procedure_as_function() {
    let fake = Fake::toy();
    assert!(fake.procedure("Ping", &mut []));
    assert!(fake.procedure("Act", &mut []));
    assert_eq!(fake.call("Act", &mut []), Some(Got::Empty));
    assert_eq!(fake.property("Value"), Some(Got::Int(2)));
    for (index, method) in METHODS.iter().enumerate() {
        assert_eq!(fake.has_result(c_long::try_from(index).unwrap()), method.returns);
    }
    fake.finish();
}

#[test]
fn properties_are_read_and_written_as_declared() {
    let fake = Fake::toy();
    assert!(fake.set_property("Значение", Variant::new(I4, Union { i32: 5 })));
    assert_eq!(fake.property("Value"), Some(Got::Int(5)));
    assert!(fake.set_property("VALUE", Variant::new(R8, Union { f64: 6.0 })));
    assert_eq!(fake.property("Value"), Some(Got::Int(6)));
    assert!(!fake.set_property("Value", Variant::new(EMPTY, Union { u64: 0 })));
    assert_eq!(fake.error(), "Empty");
    assert_eq!(fake.property("Seen"), Some(text("")), "the component's own faults are its own affair");
    assert_eq!(fake.property("Constant"), Some(text("постоянная")));
    assert!(!fake.set_property("Постоянная", Variant::int(1)));
    assert_eq!(fake.error(), "Постоянная: свойство недоступно для записи");
    assert!(fake.set_property("Sink", Variant::text(&wide("x")[..1])));
    assert_eq!(fake.property("Sink"), None);
    assert_eq!(fake.error(), "Sink: the property cannot be read");
    assert_eq!(fake.property("Seen"), Some(text("not-writable not-readable")));
    let flags = |index| (fake.is_readable(index), fake.is_writable(index));
    assert_eq!([flags(0), flags(1), flags(2)], [(true, true), (true, false), (false, true)]);
    fake.finish();
}
