//! How faults reach the script and the component.

use crate::host::{Fake, Got, Raised, Variant, text};

#[test]
fn fault_of_the_component_is_raised_as_an_exception() {
    let fake = Fake::toy();
    assert_eq!(fake.call("Fail", &mut [Variant::int(1)]), None);
    let expected =
        Raised {
            code: 1006, source: "Toy".into(), text: "не вышло , sorry \u{1F600}".into(), scode: 1
        };
    assert_eq!(fake.raised(), [expected]);
    assert!(!fake.procedure("Fail", &mut [Variant::int(1)]));
    assert_eq!(fake.raised().len(), 1);
    assert_eq!(fake.property("Seen"), Some(text("")), "its own faults are not told again");
    assert_eq!(fake.call("Ping", &mut []), Some(text("en?")));
    fake.finish();
}

#[test]
fn host_that_calls_back_from_add_error_is_refused_or_served_but_never_deadlocked() {
    let fake = Fake::toy();
    let object = std::sync::Arc::new(fake);
    let inner = std::sync::Arc::downgrade(&object);
    let answers = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&answers);
    *object.connection().inside.lock().unwrap() = Some(Box::new(move || {
        let Some(fake) = inner.upgrade() else { return };
        noted.lock().unwrap().push(fake.property("Value"));
        fake.done();
    }));
    assert_eq!(object.call("Fail", &mut [Variant::int(1)]), None);
    assert_eq!(*answers.lock().unwrap(), [Some(Got::Int(0))], "the call was over, so the object was free");
    assert_eq!(object.raised().len(), 1);
    assert_eq!(object.call("Fail", &mut [Variant::int(1)]), None);
    assert!(object.raised().is_empty(), "Done inside AddError counts");
    *object.connection().inside.lock().unwrap() = None;
    std::sync::Arc::into_inner(object).unwrap().finish();
}
