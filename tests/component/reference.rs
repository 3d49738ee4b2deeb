//! The README's tables are those of the component. `UPDATE_README=1 cargo test --test component reference` rewrites
//! them.

use httpconnector::abi::Language;
use httpconnector::component::reference;

#[test]
fn readme_has_the_current_tables_in_both_languages() {
    for (file, language) in [("README.md", Language::English), ("README.ru.md", Language::Russian)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let updated =
            reference::update(&text, language).unwrap_or_else(|name| panic!("{file}: markers of {name}"));
        if std::env::var_os("UPDATE_README").is_some() {
            std::fs::write(&path, &updated).unwrap();
        } else {
            assert!(
                text == updated,
                "{file} is behind; run UPDATE_README=1 cargo test --test component reference"
            );
        }
    }
}

#[test]
fn a_missing_marker_is_named() {
    assert_eq!(reference::update("no markers", Language::English), Err("methods".to_owned()));
}
