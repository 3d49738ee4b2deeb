//! The exported functions of this crate, linked: names, object, null. Through the loader they are tested elsewhere.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "a test plays the C++ side"
)]

use std::ptr::null_mut;

use httpconnector::exports;

#[test]
fn exported_functions_make_and_destroy_an_object_of_each_class() {
    let start = exports::GetClassNames();
    let length = (0..1000).take_while(|at| unsafe { start.add(*at).read() } != 0).count();
    let names = String::from_utf16(unsafe { std::slice::from_raw_parts(start, length) }).expect("Latin");
    assert!(names.split('|').any(|name| name == "HTTPConnector"), "{names}");
    for name in names.split('|') {
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let mut object = null_mut();
        assert_eq!(unsafe { exports::GetClassObject(name.as_ptr(), &raw mut object) }, 1);
        assert!(!object.is_null());
        assert_eq!(unsafe { exports::DestroyObject(&raw mut object) }, 0);
        assert!(object.is_null());
    }
    assert_eq!(unsafe { exports::GetClassObject(std::ptr::null(), null_mut()) }, 0);
    assert_eq!(unsafe { exports::DestroyObject(null_mut()) }, 0);
    assert_eq!(exports::GetAttachType(), 3);
    assert_eq!(exports::SetPlatformCapabilities(7), 3);
}
