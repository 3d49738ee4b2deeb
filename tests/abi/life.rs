//! Creation, Init, Done, destruction, in the order hosts use and in others.

use std::ffi::{c_long, c_void};
use std::ptr::{null, null_mut};

use httpconnector::abi;

use crate::host::{Fake, Got, N, Variant, text, wide};
use crate::toy::{Toy, times_done};

fn create(name: *const u16, out: *mut *mut c_void) -> c_long {
    unsafe { abi::class_object::<Toy>(name, out) }
}

/// The deleting destructor as C++ `delete` calls it, through any base.
#[cfg(not(windows))]
fn delete(fake: &Fake, base: usize) {
    unsafe {
        let deleting: unsafe extern "C" fn(*mut c_void) = std::mem::transmute(fake.slot(base, 1));
        deleting(fake.base(base));
    }
}

#[cfg(windows)]
fn delete(fake: &Fake, base: usize) {
    #[cfg(target_arch = "x86")]
    type Deleting = unsafe extern "thiscall" fn(*mut c_void, u32) -> *mut c_void;
    #[cfg(not(target_arch = "x86"))]
    type Deleting = unsafe extern "C" fn(*mut c_void, u32) -> *mut c_void;
    unsafe {
        let deleting: Deleting = std::mem::transmute(fake.slot(base, 0));
        assert_eq!(deleting(fake.base(base), 1), fake.object);
    }
}

#[test]
fn class_names_are_joined_and_terminated() {
    const CLASSES: &[&abi::Class] = <Toy as abi::Library>::CLASSES;
    static NAMES: [u16; abi::joined_length(CLASSES)] = abi::joined(CLASSES);
    assert_eq!(
        NAMES.as_slice(),
        wide("Toy|PanicsWhenMade|PanicsWhenDone|PanicsWhenDropped|PanicsWhenTold").as_slice()
    );
    assert_eq!(abi::joined::<{ abi::joined_length(&[]) }>(&[]), [0]);
}

#[test]
fn unknown_names_and_null_pointers_make_no_object() {
    let mut out = null_mut();
    for name in ["", "Toys", "To", "HTTPConnector", &"T".repeat(5000)] {
        assert_eq!(create(wide(name).as_ptr(), &raw mut out), 0, "{name}");
    }
    assert_eq!(create(null(), &raw mut out), 0);
    assert_eq!(create(wide("Toy").as_ptr(), null_mut()), 0);
    assert!(out.is_null());
}

#[test]
fn class_name_is_matched_without_case() {
    Fake::new("tOY").finish();
}

#[test]
fn destroying_null_succeeds() {
    let mut object = null_mut();
    unsafe {
        assert_eq!(abi::destroy_object::<Toy>(&raw mut object), 0);
        assert_eq!(abi::destroy_object::<Toy>(null_mut()), 0);
    }
}

#[test]
fn slot_called_with_null_object_gives_the_fallback() {
    let fake = Fake::toy();
    type Count = unsafe extern "system" fn(*mut c_void) -> c_long;
    type Find = unsafe extern "system" fn(*mut c_void, *const u16) -> c_long;
    unsafe {
        let count: Count = std::mem::transmute(fake.slot(1, N + 1));
        assert_eq!(count(null_mut()), 0);
        let find: Find = std::mem::transmute(fake.slot(1, N + 2));
        assert_eq!(find(null_mut(), wide("Value").as_ptr()), -1);
    }
    fake.finish();
}

#[test]
fn done_twice_ends_the_work_once() {
    let fake = Fake::toy();
    assert!(fake.set_property("Value", Variant::int(1_001)));
    fake.done();
    fake.done();
    fake.finish();
    assert_eq!(times_done(1_001), 1);
}

#[test]
fn destruction_without_done_ends_the_work_too() {
    let mut fake = Fake::toy();
    assert!(fake.set_property("Value", Variant::int(1_002)));
    fake.destroy();
    fake.finish_destroyed();
    assert_eq!(times_done(1_002), 1);
}

#[test]
fn object_never_initialised_can_be_asked_for_names_and_destroyed() {
    let mut fake = Fake::bare("Toy");
    assert_eq!(fake.method_count(), 13);
    assert_eq!(fake.find_method("echo"), 0);
    fake.destroy();
    fake.finish_destroyed();
}

#[test]
fn virtual_delete_works_through_every_base() {
    for base in 0..4 {
        let fake = Fake::toy();
        assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
        assert_eq!(fake.live(), 1);
        fake.done();
        delete(&fake, base);
        fake.finish_destroyed();
    }
}

#[cfg(not(windows))]
#[test]
fn complete_destructor_ends_the_object_and_leaves_its_memory_for_delete() {
    for base in 0..4 {
        let fake = Fake::toy();
        assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
        unsafe {
            let complete: unsafe extern "C" fn(*mut c_void) = std::mem::transmute(fake.slot(base, 0));
            complete(fake.base(base));
            assert_eq!(fake.live(), 0);
            complete(fake.base(base));
        }
        assert_eq!(fake.method_count(), 0, "a shell answers with the fallback");
        assert_eq!(fake.call_raw_on_shell(), (-1, false));
        delete(&fake, base);
        fake.finish_destroyed();
    }
}

/// No good host calls a destroyed object; two threads that do must not end its content a second time.
#[cfg(not(windows))]
#[test]
fn threads_calling_a_destroyed_object_do_not_end_it_again() {
    let fake = Fake::toy();
    assert!(fake.set_property("Value", Variant::int(1_003)));
    assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
    unsafe {
        let complete: unsafe extern "C" fn(*mut c_void) = std::mem::transmute(fake.slot(0, 0));
        complete(fake.base(0));
    }
    let rounds = if cfg!(miri) { 20 } else { 20_000 };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..rounds).for_each(|_| assert_eq!(fake.method_count(), 0)));
        }
    });
    assert_eq!(times_done(1_003), 1);
    delete(&fake, 0);
    fake.finish_destroyed();
}

#[cfg(not(windows))]
impl Fake {
    fn call_raw_on_shell(&self) -> (c_long, bool) {
        (self.find_method("Echo"), self.procedure_raw(7, null_mut(), 0))
    }
}

#[test]
fn calls_before_init_and_after_done_fail_without_touching_the_connection() {
    let fake = Fake::bare("Toy");
    assert!(fake.set_memory(fake.memory.cast()));
    assert_eq!(fake.call("Ping", &mut []), None);
    assert_eq!(fake.property("Value"), None);
    assert!(!fake.set_property("Value", Variant::int(1)));
    assert!(fake.raised().is_empty());
    assert!(fake.init(fake.connection.cast()));
    assert_eq!(fake.property("Seen"), Some(text("not-ready not-ready not-ready")));
    fake.done();
    assert_eq!(fake.call("Ping", &mut []), None);
    assert_eq!(fake.property("Value"), None);
    assert!(!fake.procedure("Act", &mut []));
    assert!(fake.raised().is_empty());
    fake.finish();
}

#[test]
fn init_and_memory_manager_come_in_either_order_and_init_may_come_again() {
    let fake = Fake::bare("Toy");
    assert!(fake.init(fake.connection.cast()));
    assert_eq!(fake.call("Act", &mut []), Some(Got::Empty));
    assert!(fake.set_memory(fake.memory.cast()));
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    assert!(fake.init(fake.connection.cast()));
    assert_eq!(fake.call("Fail", &mut [Variant::empty()]), None);
    assert_eq!(fake.raised().len(), 1);
    fake.done();
    assert!(fake.init(fake.connection.cast()));
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.finish();
}

#[test]
fn null_connection_is_accepted_and_errors_are_then_only_remembered() {
    let fake = Fake::bare("Toy");
    assert!(fake.set_memory(fake.memory.cast()));
    assert!(fake.init(null_mut()));
    assert_eq!(fake.call("Panic", &mut [Variant::int(0)]), None);
    assert_eq!(fake.property("Seen"), Some(text("internal")));
    fake.finish();
}

#[test]
fn without_a_memory_manager_only_what_needs_no_memory_works() {
    let fake = Fake::bare("Toy");
    assert!(!fake.set_memory(null_mut()));
    assert!(fake.init(fake.connection.cast()));
    assert_eq!(fake.call("Give", &mut [Variant::text(&wide("int")[..3])]), Some(Got::Int(i32::MIN)));
    assert_eq!(fake.call("Give", &mut [Variant::text(&wide("text")[..4])]), None);
    assert_eq!(fake.error(), "Out of memory");
    assert!(fake.method_name(0, 0).is_null());
    let mut name = std::ptr::dangling::<u16>();
    assert!(!fake.register_extension_as(&raw mut name));
    assert!(name.is_null());
    assert!(fake.set_memory(fake.memory.cast()));
    assert_eq!(fake.property("Seen"), Some(text("out-of-memory")));
    fake.finish();
}

#[test]
fn memory_manager_set_to_null_later_gives_up_what_came_from_it() {
    let fake = Fake::toy();
    assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
    assert!(!fake.set_memory(null_mut()));
    fake.close_memory();
    fake.done();
    let mut fake = fake;
    fake.destroy();
    assert_eq!(fake.forget_leaks(), 1, "leaked rather than freed through a manager that may be gone");
    fake.finish_destroyed();
}

#[test]
fn info_says_that_several_objects_may_exist() {
    let fake = Fake::toy();
    assert!(fake.info() >= 2000);
    fake.finish();
}
