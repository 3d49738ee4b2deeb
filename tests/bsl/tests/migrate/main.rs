//! The checker of configurations that come from Connector: sample configurations with what is said of them, a module for
//! every rule, encodings, broken modules, big trees, the command itself.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests: a failed expectation is the report"
)]

mod rules;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bsl::migrate::{Language, Report, scan};

/// A folder of its own that goes when the test does.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("connector-native-migrate-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn scan(&self, names: &[&str]) -> Report {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        scan(&self.0, &names).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrate").join(name)
}

/// `file:line rule what` of each finding.
fn places(report: &Report) -> Vec<String> {
    let line = |one: &bsl::migrate::Finding| {
        let file = one.file.rsplit("CommonModules/").next().unwrap_or_default();
        format!("{file}:{} {} {}", one.line, one.rule, one.what).trim_end().to_owned()
    };
    report.findings.iter().map(line).collect()
}

#[test]
fn a_designer_export_in_russian_is_reported() {
    let report = scan(&sample("designer"), &[]).unwrap();
    assert_eq!(
        places(&report),
        [
            "КлиентОбмена/Ext/Module.bsl:2 on-client Get",
            "Обмен/Ext/Module.bsl:9 empty-proxy Прокси",
            "Обмен/Ext/Module.bsl:9 session-proxy Прокси",
            "Обмен/Ext/Module.bsl:11 default-header Accept",
            "Обмен/Ext/Module.bsl:12 session-header x-key",
            "Обмен/Ext/Module.bsl:13 no-verification ПроверятьSSL",
            "Обмен/Ext/Module.bsl:14 unknown-key Таймоут (Таймаут?)",
            "Обмен/Ext/Module.bsl:15 typed-value date",
            "Обмен/Ext/Module.bsl:15 typed-value page",
            "Обмен/Ext/Module.bsl:22 post-301 PostJson",
            "Обмен/Ext/Module.bsl:28 no-function ВызватьМетодВСеансе",
            "Обмен/Ext/Module.bsl:39 new-key ОбщийТаймаут",
            "Обмен/Ext/Module.bsl:39 platform-certificate КлиентскийСертификатSSL: СертификатКлиентаФайл",
            "Обмен/Ext/Module.bsl:51 service-data ПулСоединений",
            "ПолучениеФайловИзИнтернета/Ext/Module.bsl:1 default-proxy",
            "СломанныйМодуль/Ext/Module.bsl:2 fragment https://example.com/#part",
            "СломанныйМодуль/Ext/Module.bsl:6 not-understood",
            "СломанныйМодуль/Ext/Module.bsl:10 no-function НетТакой",
            "DataProcessors/Загрузка/Forms/Форма/Ext/Form/Module.bsl:3 on-client Get",
            "DataProcessors/Загрузка/Forms/Форма/Ext/Form/Module.bsl:10 no-verification ПроверятьSSL",
            "DataProcessors/Загрузка/Forms/Форма/Ext/Form/Module.bsl:11 indirect-call",
        ]
    );
    assert_eq!(report.broken, [("CommonModules/СломанныйМодуль/Ext/Module.bsl".to_owned(), 6)]);
    assert_eq!((report.files, report.users, report.exit_code()), (7, 4, 1));
    assert_eq!(report.calls["Get"], 4);
}

#[test]
fn an_edt_project_in_english_is_reported() {
    let report = scan(&sample("edt"), &[]).unwrap();
    assert_eq!(
        places(&report),
        [
            "Exchange/Module.bsl:3 session-verification VerifySSL",
            "Exchange/Module.bsl:5 timeout-zero Timeout",
            "Exchange/Module.bsl:6 unknown-key ToRetryForStatusCodes (ToRetryForStatusesCodes?)",
            "Exchange/Module.bsl:7 new-key ConversionFunctionName = ConvertionFunctionName",
            "Exchange/Module.bsl:8 positional-argument GetJson",
            "Exchange/Module.bsl:8 typed-value since",
            "Exchange/Module.bsl:12 content-type PostJson",
            "Exchange/Module.bsl:12 password-in-url HTTPS://example.com/orders",
            "Exchange/Module.bsl:12 post-301 PostJson",
            "Exchange/Module.bsl:12 url-form HTTPS://example.com/orders",
            "Exchange/Module.bsl:13 head-redirect Head",
            "Exchange/Module.bsl:14 unknown-status HTTPStatusCodePresentation",
            "Exchange/Module.bsl:15 no-function StrStartsWith",
            "Exchange/Module.bsl:16 cookie-store example.com",
        ]
    );
    assert_eq!((report.files, report.users, report.broken.len()), (3, 1, 0));
}

#[test]
fn a_configuration_without_differences_says_so() {
    let report = scan(&sample("quiet"), &[]).unwrap();
    assert_eq!((places(&report), report.users, report.exit_code()), (Vec::new(), 1, 0));
    assert!(report.text(Language::Russian).contains("Отличий не найдено."));
    assert!(report.text(Language::English).contains("Nothing differs."));
}

#[test]
fn a_report_has_reason_advice_places_and_figures_and_no_secrets() {
    let report = scan(&sample("designer"), &[]).unwrap();
    let text = report.text(Language::Russian);
    for part in [
        "== Перестанет работать: 6",
        "Сертификат в объекте платформы [platform-certificate; D2, 4.13]",
        "  Почему: ",
        "  Что делать: ",
        "CommonModules/Обмен/Ext/Module.bsl:39: КлиентскийСертификатSSL: СертификатКлиентаФайл | Возврат",
        "Модулей: 7; обращаются к Коннектору: 4",
        "D5: ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for secret in ["пароль\"", "https://example.com/orders\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    let english = scan(&sample("edt"), &[]).unwrap().text(Language::English);
    assert!(english.contains("  What to do: ") && !english.contains("user:pass"), "{english}");
}

#[test]
fn modules_are_read_in_every_encoding() {
    let text = "Процедура П()\n\tКоннекторHTTP.Нет();\nКонецПроцедуры\n";
    let utf16 = |swap: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let folder = Folder::new("encodings");
    folder.write("plain.bsl", text.as_bytes());
    folder.write("mark.bsl", format!("\u{feff}{text}").as_bytes());
    folder.write("crlf.BSL", text.replace('\n', "\r\n").as_bytes());
    folder.write("le.bsl", &utf16(false));
    folder.write("be.bsl", &utf16(true));
    folder.write("old.bsl", &encoding_rs::WINDOWS_1251.encode(text).0);
    folder.write("binary.bsl", &[0xff, 0x00, 0x01, 0xd0]);
    folder.write("empty.bsl", b"");
    folder.write("text.txt", text.as_bytes());
    let report = folder.scan(&[]);
    let found: Vec<(&str, usize)> = report.findings.iter().map(|one| (one.file.as_str(), one.line)).collect();
    let expected = ["be.bsl", "crlf.BSL", "le.bsl", "mark.bsl", "old.bsl", "plain.bsl"];
    assert_eq!(found, expected.map(|name| (name, 2)));
    assert!(report.findings.iter().all(|one| one.rule == "no-function"));
    let unreadable: Vec<&str> = report.unreadable.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!((unreadable, report.exit_code()), (vec!["binary.bsl"], 2));
}

#[test]
fn a_big_tree_is_read_in_a_few_seconds() {
    let other =
        "Функция Ф(А)\n\tЕсли А > 1 Тогда\n\t\tВозврат А * 2;\n\tКонецЕсли;\n\tВозврат А;\nКонецФункции\n"
            .repeat(200);
    let user = format!("{other}Процедура П()\n\tКоннекторHTTP.Нет();\nКонецПроцедуры\n");
    let folder = Folder::new("big");
    for index in 0..600 {
        let text = if index % 100 == 0 { &user } else { &other };
        folder.write(&format!("Catalogs/К{index}/Ext/ObjectModule.bsl"), text.as_bytes());
    }
    let begun = Instant::now();
    let report = folder.scan(&[]);
    println!("600 modules, {} bytes each: {:?}", other.len(), begun.elapsed());
    assert_eq!((report.files, report.users, report.findings.len()), (600, 6, 6));
    assert!(begun.elapsed().as_secs() < 60, "only modules that mention Connector may be parsed");
}

#[test]
fn the_command_has_its_exit_codes() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate")).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (designer, quiet) = (sample("designer"), sample("quiet"));
    let (code, text) = run(&[designer.to_str().unwrap()]);
    assert_eq!((code, text.contains("== Итог")), (1, true));
    let (code, text) = run(&["--language", "en", quiet.to_str().unwrap()]);
    assert_eq!((code, text.contains("Nothing differs.")), (0, true));
    for wrong in
        [vec![], vec!["нет такой папки"], vec!["--language", "de", "."], vec!["--other", "."], vec![".", "."]]
    {
        assert_eq!(run(&wrong).0, 2, "{wrong:?}");
    }
}
