//! Archives on the bench: by template and by path, each system's row, and what is wrong with a bad one.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use bsl::platform::bundle::{System, choose, library, rows};
use bsl::platform::convert;
use bsl::run::{Machine, SERVER};
use test_server::Server;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TEMPLATE: &str = "ОбщийМакет.КоннекторHTTPКомпонента";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest() -> String {
    std::fs::read_to_string(root().join("addin-manifest/MANIFEST.XML")).unwrap()
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A manifest with one row, for this system.
fn own_manifest(path: &str) -> String {
    let System { os, arch } = System::current();
    format!(
        "<?xml version=\"1.0\"?><bundle xmlns=\"http://v8.1c.ru/8.2/addin/bundle\" name=\"b\">\
         <component os=\"{os}\" arch=\"{arch}\" type=\"native\" path=\"{path}\"/></bundle>"
    )
}

/// An archive with the built library.
fn good() -> Vec<u8> {
    let file = addin_host::find::beside_test("httpconnector").unwrap();
    let library = std::fs::read(file).unwrap();
    archive(&[("manifest.xml", own_manifest("own.so").as_bytes()), ("own.so", &library)])
}

fn stored(folder: &Path, bytes: &[u8]) -> PathBuf {
    let file = folder.join("AddIn.zip");
    std::fs::write(&file, bytes).unwrap();
    file
}

/// What a request of the module comes to with that archive in its template: its status, or the text of the exception;
/// and the reason the bench knows.
fn request(bytes: &[u8], url: &str) -> (String, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let module = root().join("1c/src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl");
    let mut machine = Machine::new();
    machine.add_module("КоннекторHTTP", &std::fs::read_to_string(module).unwrap(), SERVER).unwrap();
    machine.add_template(TEMPLATE, stored(folder.path(), bytes));
    let probe = format!(
        "Функция Ф() Экспорт\nПопытка\nВозврат КоннекторHTTP.Get(\"{url}\").КодСостояния;\nИсключение\n\
         Возврат ОписаниеОшибки();\nКонецПопытки;\nКонецФункции"
    );
    machine.add_module("Проба", &probe, SERVER).unwrap();
    let text = convert::text(&machine.call("Проба", "Ф", &[]).unwrap());
    (text, machine.refusal().map(str::to_owned))
}

#[test]
fn archive_in_the_template_answers_a_request() {
    let server = Server::start().unwrap();
    assert_eq!(request(&good(), &server.url("/get")), ("200".to_owned(), None));
}

#[test]
fn archive_is_attached_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = stored(folder.path(), &good());
    let mut machine = Machine::new();
    let text = format!(
        "Функция Ф() Экспорт\nПодключено = ПодключитьВнешнююКомпоненту(\"{}\", \"Проба\", \
         ТипВнешнейКомпоненты.Native);\nОбъект = Новый(\"AddIn.Проба.HTTPConnector\");\n\
         Возврат Строка(Подключено) + \" \" + Объект.Версия;\nКонецФункции",
        file.display()
    );
    machine.add_module("П", &text, SERVER).unwrap();
    let answer = convert::text(&machine.call("П", "Ф", &[]).unwrap());
    assert_eq!(answer, format!("Да {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_system_gets_its_own_file_of_the_release() {
    let version = env!("CARGO_PKG_VERSION").replace('.', "_");
    let expected = [
        ("Windows", "x86_64", format!("HTTPConnector_{version}_x64.dll")),
        ("Windows", "i386", format!("HTTPConnector_{version}_x86.dll")),
        ("Linux", "x86_64", format!("HTTPConnector_{version}_linux_x64.so")),
        ("Linux", "i386", format!("HTTPConnector_{version}_linux_x86.so")),
        ("Linux", "ARM64", format!("HTTPConnector_{version}_linux_arm64.so")),
        ("Android", "ARM64", format!("libHTTPConnector_{version}_android_arm64.so")),
        ("Android", "ARM", format!("libHTTPConnector_{version}_android_arm.so")),
        ("Android", "x86_64", format!("libHTTPConnector_{version}_android_x64.so")),
        ("Android", "i386", format!("libHTTPConnector_{version}_android_x86.so")),
    ];
    let manifest = manifest();
    let rows = rows(&manifest).unwrap();
    assert_eq!(rows.len(), expected.len());
    // Each file holds its own name, so that a wrong one shows.
    let files: Vec<_> = rows.iter().map(|row| (row.path.as_str(), row.path.as_bytes())).collect();
    let bytes = archive(&[&[("MANIFEST.XML", manifest.as_bytes())], files.as_slice()].concat());
    for (os, arch, file) in expected {
        let system = System { os, arch };
        assert_eq!(choose(&rows, system).unwrap().path, file);
        assert_eq!(library(&bytes, system), Ok((file.clone(), file.into_bytes())));
    }
}

#[test]
fn bad_archive_is_refused_with_one_reason_and_the_module_says_where_to_look() {
    let System { os, arch } = System::current();
    let other = own_manifest("own.so").replace(&format!("arch=\"{arch}\""), "arch=\"E2K\"");
    let good = good();
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0xff;
    let foreign =
        archive(&[("MANIFEST.XML", own_manifest("own.so").as_bytes()), ("own.so", b"MZ no library")]);
    let row = own_manifest("own.so");
    let cases: [(&str, &[u8], &str); 7] = [
        ("no row", &archive(&[("MANIFEST.XML", other.as_bytes())]), &format!("no row for {os} {arch}")),
        ("cut off", &good[..good.len() / 2], "the archive is damaged"),
        ("changed", &changed, "own.so of the archive cannot be read"),
        ("another system's library", &foreign, "own.so of the archive:"),
        (
            "no such file",
            &archive(&[("MANIFEST.XML", row.as_bytes())]),
            "own.so of the archive cannot be read",
        ),
        ("no manifest", &archive(&[("own.so", b"")]), "no MANIFEST.XML"),
        (
            "a path",
            &archive(&[("MANIFEST.XML", own_manifest("../own.so").as_bytes())]),
            "no name of a file at the root",
        ),
    ];
    for (name, bytes, reason) in cases {
        let (text, refusal) = request(bytes, "http://127.0.0.1:1/");
        assert!(text.contains("Внешняя компонента HTTP не подключена"), "{name}: {text}");
        assert!(text.contains("есть библиотека для этой системы и архитектуры"), "{name}: {text}");
        let refusal = refusal.unwrap_or_default();
        assert!(refusal.contains(reason), "{name}: {refusal}");
        assert_eq!(refusal.lines().count(), 1, "{name}: {refusal}");
    }
}
