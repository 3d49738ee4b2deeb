//! Rules of the repository that no compiler checks: who may import whom, where `unsafe` may stand, how long files
//! are, that versions agree, that no path of one machine got in, that the reference names every member.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use httpconnector::abi::{Class, Library};

const LONGEST_FILE: usize = 800;

#[test]
fn layers_import_in_one_direction() {
    let forbidden = [
        ("src/abi", &["component", "engine", "os"][..]),
        ("src/engine", &["component", "abi"]),
        ("src/os", &["component", "abi", "engine"]),
    ];
    for (folder, layers) in forbidden {
        for file in rust_files(folder) {
            for layer in layers {
                for import in [format!("crate::{layer}"), format!("httpconnector::{layer}")] {
                    refuse(&file, &import, |line| names(line, &import));
                }
                // `use crate::{a, layer::b}` and a chain of `super` up to the crate.
                refuse(&file, layer, |line| {
                    line.trim_start().starts_with("use crate::{") && names(line, layer)
                });
                let up = format!("{}{layer}", "super::".repeat(depth(&file)));
                refuse(&file, &up, |line| names(line, &up));
            }
        }
    }
}

#[test]
fn unsafe_stands_only_in_abi_and_os() {
    for file in rust_files("src") {
        if !(inside(&file, "src/abi") || inside(&file, "src/os")) {
            refuse(&file, "unsafe", |line| names(line, "unsafe"));
        }
    }
    let library = read(Path::new("src/lib.rs"));
    assert!(library.contains("#![deny(unsafe_code)]"), "the crate must deny unsafe code");
    let engine = read(Path::new("src/engine/mod.rs"));
    let declared = library.contains("#[forbid(unsafe_code)]\npub mod engine;");
    assert!(declared || engine.contains("#![forbid(unsafe_code)]"), "the engine must forbid unsafe code");
}

#[test]
fn engine_knows_nothing_of_1c() {
    for file in rust_files("src/engine") {
        // UTF-16 is a host's business but for the charsets a body can be in.
        let strings: &[&str] = if inside(&file, "src/engine/charset") || file.ends_with("charset.rs") {
            &[]
        } else {
            &["UTF-16", "utf16"]
        };
        for word in
            ["1C", "1С", "BSL", "AddIn", "addin", "BLOB", "tVariant", "AddError"].iter().chain(strings)
        {
            refuse(&file, word, |line| names(line, word));
        }
        // Single words occur as data (names of secrets in a query, say); a sentence would be for people.
        refuse(&file, "a Russian sentence", |line| {
            let code: Vec<char> = line.split("//").next().unwrap_or_default().chars().collect();
            let sentence = code
                .windows(3)
                .any(|three| is_cyrillic(three[0]) && three[1] == ' ' && is_cyrillic(three[2]));
            sentence && !in_tests(&file, line)
        });
    }
}

#[test]
fn files_are_read_in_one_sitting() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        for file in files(folder, &["rs", "cpp", "hpp", "py"]) {
            let lines = read(&file).lines().count();
            if lines >= LONGEST_FILE {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "files of {LONGEST_FILE} lines and more: {long:#?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    for folder in ["src", "tests"] {
        for file in rust_files(folder) {
            // Pieces included into another file cannot begin with a module comment.
            let first = read(&file).lines().next().unwrap_or_default().to_owned();
            if file.ends_with("tests.rs") {
                continue;
            }
            let told = first.starts_with("//!") || (file.ends_with("exports.rs") && first.starts_with("//"));
            assert!(told, "{}: the first line says nothing of the module", file.display());
        }
    }
}

#[test]
fn versions_are_one() {
    let version = env!("CARGO_PKG_VERSION");
    let lock = read(Path::new("Cargo.lock"));
    for package in ["httpconnector", "addin-host", "test-server", "demo", "bench"] {
        let entry = format!("name = \"{package}\"\nversion = \"{version}\"");
        assert!(lock.contains(&entry), "Cargo.lock: {package} is not {version}");
    }
    for file in files("tests", &["toml"]) {
        let text = read(&file);
        // A crate that is its own workspace is never released.
        let own = text.contains("\n[workspace]\n") && text.contains("version = \"0.0.0\"");
        assert!(own || text.contains("version.workspace = true"), "{}: an own version", file.display());
    }
    let toolchain = read(Path::new("rust-toolchain.toml"));
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        toolchain.contains(&format!("channel = \"{rust}")),
        "rust-toolchain.toml and rust-version differ"
    );
}

#[test]
fn no_path_of_one_machine_got_in() {
    // Put together here, so that this file does not hold them.
    let places = ["work", "home", "Users", "tmp/w", "root"].map(|place| format!("/{place}/"));
    let kinds = ["rs", "toml", "cpp", "hpp", "py", "md", "lock", "sh", "yml", "json"];
    for folder in ["src", "tests", ".cargo"] {
        for file in files(folder, &kinds) {
            for place in &places {
                // A path inside a URL begins after a host.
                refuse(&file, place, |line| {
                    line.match_indices(place.as_str()).any(|(at, _)| {
                        let before = line[..at].chars().next_back().unwrap_or(' ');
                        !(before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '}' | ']'))
                    })
                });
            }
        }
    }
}

#[test]
fn reference_names_every_member_in_both_readmes() {
    for (file, russian) in [("README.md", false), ("README.ru.md", true)] {
        let text = read(Path::new(file));
        for class in <httpconnector::component::Connector as Library>::CLASSES {
            let missing: Vec<_> = members(class, russian)
                .filter(|name| !text.contains(&format!("`{name}`")) && !text.contains(&format!("`{name}(")))
                .collect();
            assert!(missing.is_empty(), "{file}: nothing of {missing:?} of {}", class.name);
        }
    }
}

fn members(class: &Class, russian: bool) -> impl Iterator<Item = &'static str> {
    let methods = class.methods.iter().map(|method| (method.english, method.russian));
    let properties = class.properties.iter().map(|property| (property.english, property.russian));
    methods.chain(properties).map(move |names| if russian { names.1 } else { names.0 })
}

/// Fails on the first line of `file` that `breaks` the rule about `what`.
fn refuse(file: &Path, what: &str, breaks: impl Fn(&str) -> bool) {
    for (number, line) in read(file).lines().enumerate() {
        assert!(!breaks(line), "{}:{}: {what}: {}", file.display(), number + 1, line.trim());
    }
}

/// Whether `line` holds `word` as a word of its own, outside a comment.
fn names(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_some_and(is_part);
        let after = code[at + word.len()..].chars().next().is_some_and(is_part);
        !before && !after
    })
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..'\u{500}').contains(&c)
}

/// Whether the file is a test, or `line` stands below its `mod tests`.
fn in_tests(file: &Path, line: &str) -> bool {
    if file.ends_with("tests.rs") {
        return true;
    }
    let text = read(file);
    let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
    text.find(line).is_some_and(|at| at > tests)
}

/// Modules above the file, up to the crate.
fn depth(file: &Path) -> usize {
    let inner = file.components().count() - 1;
    if file.ends_with("mod.rs") { inner - 1 } else { inner }
}

fn inside(file: &Path, folder: &str) -> bool {
    file.starts_with(folder)
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    files(folder, &["rs"])
}

/// Files below `folder` whose name ends in one of `kinds`, relative to the repository.
fn files(folder: &str, kinds: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted)) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty() || folder != "src", "no files in {folder}");
    found
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
