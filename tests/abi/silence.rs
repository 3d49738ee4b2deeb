//! Nothing is printed and no panic hook stays behind. Each case runs in a process of its own, since the hook and
//! stderr are shared by all tests of this one: this binary again, with a name of a case in the environment.

#[path = "../support/again.rs"]
mod again;

use std::process::Output;

use httpconnector::abi;

use crate::host::{Fake, Variant};

const CASE: &str = "ABI_SILENCE_CASE";

fn run(case: &str) -> Output {
    let output = again::again()
        .args(["--exact", "silence::case", "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    assert!(output.status.success(), "{case}: {output:?}");
    output
}

fn printed(case: &str) -> String {
    String::from_utf8(run(case).stderr).unwrap()
}

/// The process of a case; as a test of this process it has nothing to do but that.
#[test]
fn case() {
    match std::env::var(CASE).as_deref() {
        Ok("in calls") => panic_everywhere(),
        Ok("in a thread") => {
            std::thread::spawn(|| abi::thread_body(|| panic!("here"))).join().unwrap();
        }
        Ok("outside, object alive") => {
            let fake = Fake::toy();
            assert!(std::panic::catch_unwind(|| panic!("of the program itself")).is_err());
            fake.finish();
        }
        Ok("outside, afterwards") => {
            panic_everywhere();
            assert!(std::panic::catch_unwind(|| panic!("of the program itself")).is_err());
        }
        Ok("own hook") => own_hook_is_put_back(panic_everywhere),
        #[cfg(not(windows))]
        Ok("own hook, delete") => own_hook_is_put_back(panic_in_virtual_delete),
        Ok("hook set meanwhile") => hook_set_meanwhile_stays(),
        Ok(other) => panic!("{other}"),
        Err(_) => assert!(std::env::var_os(CASE).is_none()),
    }
}

fn panic_everywhere() {
    for class in ["Toy", "PanicsWhenDone", "PanicsWhenDropped", "PanicsWhenTold"] {
        let fake = Fake::new(class);
        assert_eq!(fake.call("Panic", &mut [Variant::int(0)]), None);
        assert_eq!(fake.property("Bomb"), None);
        fake.finish();
    }
    let name: Vec<u16> = "PanicsWhenMade\0".encode_utf16().collect();
    let mut object = std::ptr::null_mut();
    assert_eq!(unsafe { abi::class_object::<crate::toy::Toy>(name.as_ptr(), &raw mut object) }, 0);
}

fn counting_hook() -> std::sync::Arc<std::sync::atomic::AtomicU32> {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = std::sync::Arc::clone(&count);
    std::panic::set_hook(Box::new(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }));
    count
}

fn outside() {
    assert!(std::panic::catch_unwind(|| panic!("of the program itself")).is_err());
}

/// Without the exports, which hold the hook themselves.
#[cfg(not(windows))]
fn panic_in_virtual_delete() {
    let fake = Fake::new("PanicsWhenDropped");
    fake.done();
    unsafe {
        let deleting: unsafe extern "C" fn(*mut std::ffi::c_void) = std::mem::transmute(fake.slot(0, 1));
        deleting(fake.base(0));
    }
    fake.finish_destroyed();
}

fn own_hook_is_put_back(panics: fn()) {
    let count = counting_hook();
    panics();
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 0);
    outside();
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 1);
    // The very same hook: dropping it drops the last other owner of the counter.
    drop(std::panic::take_hook());
    assert_eq!(std::sync::Arc::strong_count(&count), 1);
}

fn hook_set_meanwhile_stays() {
    let fake = Fake::toy();
    let count = counting_hook();
    fake.finish();
    outside();
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 1);
    panic_everywhere();
    outside();
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn panics_inside_the_library_print_nothing() {
    assert_eq!(printed("in calls"), "");
    assert_eq!(printed("in a thread"), "");
}

#[test]
fn panics_of_the_program_are_printed_as_ever() {
    for case in ["outside, object alive", "outside, afterwards"] {
        assert!(printed(case).contains("of the program itself"), "{case}");
    }
}

#[test]
fn hook_of_the_program_is_kept() {
    run("own hook");
    #[cfg(not(windows))]
    run("own hook, delete");
    run("hook set meanwhile");
}
