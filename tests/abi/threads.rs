//! Two threads on one object, which no good host does.

use std::ptr::null_mut;

use crate::host::{Fake, Got, Variant, text};
use crate::toy::{meeting, times_done};

/// Runs `meanwhile` while another thread is inside a call of the object; returns what that call gave.
fn during_a_call(fake: &Fake, id: i32, meanwhile: impl FnOnce()) -> Option<Got> {
    let meeting = meeting(id);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| fake.call("Wait", &mut [Variant::int(id)]));
        meeting.wait();
        meanwhile();
        meeting.wait();
        call.join().unwrap()
    })
}

#[test]
fn second_thread_is_refused_and_the_component_hears_of_it_later() {
    let fake = Fake::toy();
    let first = during_a_call(&fake, 2_001, || {
        assert_eq!(fake.call("Act", &mut []), None);
        assert_eq!(fake.property("Значение"), None);
        assert!(!fake.set_property("Value", Variant::int(5)));
        let texts: Vec<_> = fake.raised().into_iter().map(|raised| raised.text).collect();
        assert_eq!(
            texts,
            [
                "The object is already carrying out a call of another thread",
                "Объект уже выполняет вызов из другого потока",
                "The object is already carrying out a call of another thread",
            ]
        );
        assert_eq!(fake.method_count(), 13, "questions are answered meanwhile");
        assert_eq!(fake.find_method("Wait"), 8);
        assert_eq!(fake.take_name(fake.method_name(8, 0)).as_deref(), Some("Wait"));
    });
    assert_eq!(first, Some(text("waited")));
    assert_eq!(fake.property("Value"), Some(Got::Int(0)), "nothing of the refused calls was done");
    assert_eq!(fake.property("Seen"), Some(text("busy")), "the last of them is told");
    fake.finish();
}

#[test]
fn done_during_a_call_closes_the_connection_at_once_and_the_work_after_the_call() {
    let fake = Fake::toy();
    assert!(fake.set_property("Value", Variant::int(2_002)));
    let first = during_a_call(&fake, 2_002, || {
        fake.done();
        assert_eq!(times_done(2_002), 0);
        assert_eq!(fake.call("Fail", &mut [Variant::int(1)]), None);
        assert!(fake.raised().is_empty());
    });
    assert_eq!(first, Some(text("waited")));
    assert_eq!(times_done(2_002), 1);
    fake.finish();
    assert_eq!(times_done(2_002), 1);
}

#[test]
fn nothing_runs_after_done_has_returned() {
    let rounds = if cfg!(miri) { 3 } else { 300 };
    for round in 0..rounds {
        let first = 3_000_000 + round * 10_000;
        let fake = Fake::toy();
        assert!(fake.set_property("Value", Variant::int(first)));
        let ready = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(fake.procedure_raw(7, null_mut(), 0));
                ready.wait();
                while fake.procedure_raw(7, null_mut(), 0) {}
            });
            ready.wait();
            fake.done();
        });
        assert!(fake.init(fake.connection.cast()));
        let Some(Got::Int(value)) = fake.property("Value") else { panic!("a number") };
        assert_eq!(times_done(value), 1, "the value at Done is the last one");
        let _finished = fake.raised();
        fake.finish();
    }
}

#[test]
fn destruction_during_a_call_that_ends_in_panics_is_clean() {
    for (class, id) in [("PanicsWhenDone", 2_004), ("PanicsWhenDropped", 2_005)] {
        let fake = Fake::new(class);
        assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
        let object = fake.object;
        let first = during_a_call(&fake, id, || {
            let mut object = object;
            assert_eq!(unsafe { httpconnector::abi::destroy_object::<crate::toy::Toy>(&raw mut object) }, 0);
            fake.close_memory();
        });
        assert_eq!(first, None);
        assert_eq!(fake.forget_leaks(), 1);
        fake.finish_destroyed();
    }
}

#[test]
fn destruction_during_a_call_waits_for_its_end_and_leaves_the_host_alone() {
    let fake = Fake::toy();
    assert!(fake.set_property("Value", Variant::int(2_003)));
    assert_eq!(fake.call("Keep", &mut [Variant::int(0)]), Some(Got::Empty));
    let object = fake.object;
    let first = during_a_call(&fake, 2_003, || {
        let mut object = object;
        assert_eq!(unsafe { httpconnector::abi::destroy_object::<crate::toy::Toy>(&raw mut object) }, 0);
        fake.close_memory();
        assert_eq!(fake.method_count(), 0, "a destroyed object is not entered");
        assert!(!fake.procedure_raw(7, null_mut(), 0));
    });
    assert_eq!(first, None, "the result needed memory of a manager that may be gone");
    assert_eq!(times_done(2_003), 1);
    assert_eq!(fake.forget_leaks(), 1);
    fake.finish_destroyed();
}

#[test]
fn many_threads_with_own_objects_do_not_meet() {
    let threads = if cfg!(miri) { 3 } else { 16 };
    let rounds = if cfg!(miri) { 3 } else { 300 };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for round in 0..rounds {
                    let fake = Fake::toy();
                    assert!(fake.set_property("Value", Variant::int(round)));
                    assert_eq!(fake.call("Panic", &mut [Variant::int(round % 4)]), None);
                    assert_eq!(fake.call("Act", &mut []), Some(Got::Empty));
                    assert_eq!(fake.property("Value"), Some(Got::Int(round + 1)));
                    fake.finish();
                }
            });
        }
    });
}

#[test]
fn threads_hammering_one_object_get_an_answer_or_a_refusal() {
    let fake = Fake::toy();
    let rounds = if cfg!(miri) { 10 } else { 2_000 };
    let acted = std::sync::atomic::AtomicI32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..rounds {
                    if fake.procedure_raw(7, null_mut(), 0) {
                        acted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let acted = acted.into_inner();
    assert!(acted > 0);
    assert_eq!(fake.property("Value"), Some(Got::Int(acted)));
    let _busy = fake.raised();
    fake.finish();
}
