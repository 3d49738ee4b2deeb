//! Cases 43, 45 to 49: statuses and methods.

use crate::{connector, http};

#[test]
fn case_43_a_missing_page_is_a_status_and_no_error() {
    assert_eq!(connector().status("Get", &[&http("/status/404")]), Ok(404));
}

#[test]
fn case_45_options_is_answered() {
    assert_eq!(connector().status("Options", &[&http("/anything")]), Ok(200));
}

#[test]
fn case_46_head_is_answered_without_a_body() {
    let script = connector();
    assert_eq!(script.status("Head", &[&http("/anything")]), Ok(200));
    assert_eq!(script.get_number("BodySize"), Ok(0));
}

#[test]
fn case_47_delete_is_answered() {
    assert_eq!(connector().status("Delete", &[&http("/delete")]), Ok(200));
}

#[test]
fn case_48_patch_is_answered() {
    assert_eq!(connector().status("Patch", &[&http("/patch")]), Ok(200));
}

#[test]
fn case_49_any_method_is_sent() {
    let script = connector();
    assert_eq!(script.status("CallMethod", &["PATCH", &http("/patch")]), Ok(200));
    assert_eq!(script.status("ВызватьМетод", &["MKCOL", &http("/anything")]), Ok(200));
    assert_eq!(script.json("AsJson", &[]).unwrap()["method"], "MKCOL");
}
