//! What the file shows to the dynamic linker.

use std::collections::BTreeSet;

use object::Object as _;

const EXPORTS: [&str; 5] =
    ["GetClassNames", "GetClassObject", "DestroyObject", "SetPlatformCapabilities", "GetAttachType"];

#[test]
fn exported_names_are_the_five_of_the_contract_and_no_others() {
    let bytes = std::fs::read(crate::library()).unwrap();
    let file = object::File::parse(bytes.as_slice()).unwrap();
    let mut found = BTreeSet::new();
    for export in file.exports().unwrap() {
        found.insert(String::from_utf8_lossy(export.unwrap().name().into_name().unwrap()).into_owned());
    }
    assert_eq!(found, EXPORTS.iter().map(|name| (*name).to_owned()).collect());
}
