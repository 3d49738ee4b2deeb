//! One version everywhere: workspace, modules, manifest, changelog, and newer than what the modules replace.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::path::Path;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn modules_have_the_version_of_the_library() {
    for (module, comment, function) in [
        ("КоннекторHTTP", "// Версия: ", "Функция ВерсияМодуля()"),
        ("HTTPConnector", "// Version: ", "Function ModuleVersion()"),
    ] {
        let text = read(&format!("1c/src/cf/CommonModules/{module}/Ext/Module.bsl"));
        let told = text.lines().find_map(|line| line.trim().strip_prefix(comment));
        assert_eq!(told, Some(VERSION), "{module}: the comment");
        let body = text.split(function).nth(1).unwrap_or_else(|| panic!("{module}: no {function}"));
        let returned = body.lines().find(|line| line.contains(VERSION) || line.contains('"')).unwrap();
        assert!(returned.contains(&format!("\"{VERSION}\"")), "{module}: {returned}");
    }
}

#[test]
fn files_of_the_manifest_have_the_version_in_their_names() {
    let rows = read("addin-manifest/MANIFEST.XML");
    let name = format!("HTTPConnector_{}_", VERSION.replace('.', "_"));
    for row in rows.lines().filter(|line| line.contains("<component")) {
        assert!(row.contains(&name), "{row}");
    }
}

#[test]
fn changelog_begins_with_the_version() {
    let text = read("CHANGELOG.md");
    let newest = text.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    assert_eq!(newest.split(' ').next(), Some(VERSION));
}

#[test]
fn version_resource_takes_its_numbers_from_the_workspace() {
    let script = read("build.rs");
    assert!(script.contains("FILEVERSION {major},{minor},{patch},0"));
    assert!(script.contains("VALUE \\\"FileVersion\\\", \\\"{text}\\\""));
    assert!(script.contains("let text = env::var(\"CARGO_PKG_VERSION\")?"));
}

#[test]
fn it_is_newer_than_the_last_release_of_the_replaced_module() {
    let number = |text: &str| text.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    assert!(number(VERSION) > number("2.6.1"));
}
