//! The sources below `1c/src`: what is generated is fresh, both exports are whole and written as the Designer writes them,
//! and the extension's modules do what the configuration's do. What the Designer itself says of these files no test can
//! know: no platform runs here.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use bsl::object::Argument;
use bsl::platform::convert;
use bsl::run::{CLIENT, Machine, SERVER};
use bsl::translate::{PREFIX, make, stale};

mod environment;
use environment::{HOST, all_passed, environment, passed};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c")
}

#[test]
fn what_is_generated_is_not_stale() {
    let made = make(&root()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(made.dropped, [] as [String; 0], "inner comments without a translation");
    let stale = stale(&root(), &made).unwrap();
    assert!(stale.is_empty(), "{stale:#?}: cargo run -p bsl --bin translate -- --write");
}

/// Files of an export by path, archives of the component aside.
fn export(name: &str) -> BTreeMap<String, Vec<u8>> {
    fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                collect(&path, &format!("{name}/"), into);
            } else if !name.ends_with("/Ext/Template.bin") {
                into.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    collect(&root().join("src").join(name), "", &mut files);
    assert!(files.len() > 3, "{name}");
    files
}

fn text(files: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(files.get(path).unwrap_or_else(|| panic!("{path}")).clone()).unwrap()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).unwrap_or_else(|| panic!("{from}")).0
}

/// Kinds and names of the objects that the root lists, in order.
fn listed(files: &BTreeMap<String, Vec<u8>>, root: &str) -> Vec<(String, String)> {
    let text = text(files, root);
    let children = between(&text, "<ChildObjects>", "</ChildObjects>");
    children
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (kind, name) = line.strip_prefix('<').and_then(|rest| rest.split_once('>')).unwrap();
            (kind.to_owned(), name.strip_suffix(&format!("</{kind}>")).unwrap().to_owned())
        })
        .collect()
}

/// Where an object of a kind lies: its description, and what else it has.
fn files_of(kind: &str, name: &str) -> Vec<String> {
    match kind {
        "Language" => vec![format!("Languages/{name}.xml")],
        "CommonModule" => {
            vec![format!("CommonModules/{name}.xml"), format!("CommonModules/{name}/Ext/Module.bsl")]
        }
        "CommonTemplate" => vec![format!("CommonTemplates/{name}.xml")],
        other => panic!("an object of the kind {other}"),
    }
}

#[test]
fn every_object_has_its_files_and_every_file_its_object() {
    for name in ["cf", "cfe"] {
        let files = export(name);
        let mut expected: BTreeSet<String> = ["Configuration.xml".to_owned()].into();
        for (kind, object) in listed(&files, "Configuration.xml") {
            expected.extend(files_of(&kind, &object));
            let description = text(&files, &files_of(&kind, &object)[0]);
            assert_eq!(between(&description, "<Name>", "</Name>"), object, "{name}");
            assert!(description.contains(&format!("\t<{kind} uuid=\"")), "{name}: {object}");
        }
        assert_eq!(files.keys().cloned().collect::<BTreeSet<_>>(), expected, "{name}");
    }
}

#[test]
fn identifiers_are_well_formed_and_nowhere_twice() {
    let mut seen = BTreeMap::new();
    for name in ["cf", "cfe", "epf"] {
        for (path, bytes) in export(name).iter().filter(|(path, _)| path.ends_with(".xml")) {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let marks =
                [("uuid=\"", '"'), ("<xr:ObjectId>", '<'), ("<xr:TypeId>", '<'), ("<xr:ValueId>", '<')];
            let found = marks.iter().flat_map(|(from, to)| {
                text.split(from).skip(1).map(|rest| rest.split(*to).next().unwrap_or_default())
            });
            for uuid in found {
                assert!(uuid::Uuid::parse_str(uuid).is_ok_and(|parsed| parsed.to_string() == uuid), "{uuid}");
                let place = format!("{name}/{path}");
                assert_eq!(seen.insert(uuid.to_owned(), place.clone()), None, "{uuid} in {place}");
            }
        }
    }
    assert!(seen.len() > 30, "{}", seen.len());
}

#[test]
fn files_are_written_as_the_designer_writes_them() {
    for name in ["cf", "cfe", "epf"] {
        for (path, bytes) in export(name) {
            assert!(bytes.starts_with(b"\xef\xbb\xbf"), "{name}/{path}: no byte order mark");
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            let ended = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
            assert_eq!(lines, ended, "{name}/{path}: not every line ends in CRLF");
            if path.ends_with(".xml") {
                well_formed(&format!("{name}/{path}"), &bytes);
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains("version=\"2.4\">"), "{name}/{path}: format version");
                assert!(!text.lines().any(|line| line.starts_with(' ')), "{name}/{path}: tabs indent");
            }
        }
    }
}

fn well_formed(path: &str, bytes: &[u8]) {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    reader.config_mut().check_end_names = true;
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{path}: {error}")) {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{path}");
}

#[test]
fn roots_state_what_platforms_they_are_for() {
    let configuration = text(&export("cf"), "Configuration.xml");
    assert!(configuration.contains("<CompatibilityMode>Version8_3_10</CompatibilityMode>"));
    let extension = text(&export("cfe"), "Configuration.xml");
    for property in [
        "<ObjectBelonging>Adopted</ObjectBelonging>",
        "<ConfigurationExtensionPurpose>AddOn</ConfigurationExtensionPurpose>",
        &format!("<NamePrefix>{PREFIX}</NamePrefix>"),
        "<ConfigurationExtensionCompatibilityMode>Version8_3_10</ConfigurationExtensionCompatibilityMode>",
    ] {
        assert!(extension.contains(property), "{property}");
    }
}

#[test]
fn every_name_of_the_extension_has_its_prefix_and_its_counterpart() {
    let (cf, cfe) = (export("cf"), export("cfe"));
    let own = |files| {
        let all: Vec<_> = listed(files, "Configuration.xml");
        all.into_iter().filter(|(kind, _)| kind != "Language").collect::<Vec<_>>()
    };
    let expected: Vec<_> =
        own(&cf).into_iter().map(|(kind, name)| (kind, format!("{PREFIX}{name}"))).collect();
    assert_eq!(own(&cfe), expected);
    let language = text(&cfe, "Languages/Русский.xml");
    assert!(language.contains("<ObjectBelonging>Adopted</ObjectBelonging>"));
    // What needs no module's name, and what is attached by name, must not meet the configuration's.
    for (path, bytes) in &cfe {
        let text = String::from_utf8(bytes.clone()).unwrap();
        for name in own(&cf).iter().map(|(_, name)| name.as_str()).chain(["ConnectorHTTPNative"]) {
            let alone = whole_words(&text, name)
                .into_iter()
                .find(|at| name != "HTTPConnector" || !text[..*at].ends_with('"'));
            assert_eq!(alone, None, "{path}: {name} without prefix");
        }
    }
}

#[test]
fn modules_have_their_flags_and_templates_are_components() {
    // Global, ClientManagedApplication, Server, ExternalConnection, ClientOrdinaryApplication, ServerCall, Privileged.
    let flags = |name: &str| match name.strip_prefix(PREFIX).unwrap_or(name) {
        "КоннекторHTTP" | "HTTPConnector" => [false, false, true, true, true, false, false],
        "КоннекторHTTPКлиент" | "HTTPConnectorClient" => {
            [false, true, false, false, false, false, false]
        }
        "КоннекторHTTPКлиентГлобальный" | "HTTPConnectorClientGlobal" => {
            [true, true, false, false, false, false, false]
        }
        other => panic!("{other}"),
    };
    let names = [
        "Global",
        "ClientManagedApplication",
        "Server",
        "ExternalConnection",
        "ClientOrdinaryApplication",
        "ServerCall",
        "Privileged",
    ];
    for export_name in ["cf", "cfe"] {
        let files = export(export_name);
        let (mut modules, mut templates) = (0, 0);
        for (kind, name) in listed(&files, "Configuration.xml") {
            let description = text(&files, &files_of(&kind, &name)[0]);
            match kind.as_str() {
                "CommonModule" => {
                    for (flag, value) in names.iter().zip(flags(&name)) {
                        let expected = format!("<{flag}>{value}</{flag}>");
                        assert!(description.contains(&expected), "{export_name}: {name}: {expected}");
                    }
                    assert!(description.contains("<ReturnValuesReuse>DontUse</ReturnValuesReuse>"));
                    modules += 1;
                }
                "CommonTemplate" => {
                    assert!(description.contains("<TemplateType>AddIn</TemplateType>"), "{name}");
                    templates += 1;
                }
                _ => {}
            }
        }
        assert_eq!((modules, templates), (6, 2), "{export_name}");
    }
}

/// Where a name stands that is no part of a longer one.
fn whole_words(text: &str, name: &str) -> Vec<usize> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(|at| {
            let (before, after) = (text[..*at].chars().last(), text[at + name.len()..].chars().next());
            !before.is_some_and(of_word) && !after.is_some_and(of_word)
        })
        .collect()
}

/// Runs a test module on the extension's modules, with the names it uses prefixed.
fn suite(name: &str, client: bool) {
    let mut machine = Machine::new();
    machine.is_client = client;
    let defined = if client { CLIENT } else { SERVER };
    let files = export("cfe");
    let module = |name: &str| text(&files, &format!("CommonModules/{PREFIX}{name}/Ext/Module.bsl"));
    if client {
        let application = "Перем ПараметрыПриложения Экспорт;\nПараметрыПриложения = Новый Соответствие;";
        machine.add_shared_module("МодульПриложения", application, CLIENT).unwrap();
        let global = "КоннекторHTTPКлиентГлобальный";
        machine.add_shared_module(&format!("{PREFIX}{global}"), &module(global), CLIENT).unwrap();
    }
    let of = if client { "КоннекторHTTPКлиент" } else { "КоннекторHTTP" };
    machine.add_module(&format!("{PREFIX}{of}"), &module(of), defined).unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    machine.add_template(&format!("ОбщийМакет.{PREFIX}КоннекторHTTPКомпонента"), library);
    let prefixed = |text: &str| {
        let modules = ["КоннекторHTTP", "КоннекторHTTPКлиент"];
        modules.iter().fold(text.to_owned(), |text, name| {
            let mut made = String::new();
            let mut from = 0;
            for at in whole_words(&text, name) {
                made.push_str(&format!("{}{PREFIX}{name}", &text[from..at]));
                from = at + name.len();
            }
            made + &text[from..]
        })
    };
    machine.add_module("Окружение", &prefixed(&environment()), defined).unwrap();
    let tests = std::fs::read_to_string(root().join(format!("tests/{name}.bsl"))).unwrap();
    machine.add_module(name, &prefixed(&tests), defined).unwrap();
    if client {
        // It has procedures for notifications too.
        assert_eq!(passed(&mut machine, name).len(), 20);
    } else {
        all_passed(&mut machine, name);
    }
}

#[test]
fn the_suites_of_the_server_pass_on_the_extension() {
    let mut ran = 0;
    for file in std::fs::read_dir(root().join("tests")).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap();
        // The client's has a test of its own, the storage's needs a server of its own.
        if !name.starts_with("ОМ_") || ["ОМ_Клиент", "ОМ_Хранилище"].contains(&name) {
            continue;
        }
        suite(name, false);
        ran += 1;
    }
    assert!(ran >= 12, "{ran} suites");
}

#[test]
fn the_suite_of_the_client_passes_on_the_extension() {
    suite("ОМ_Клиент", true);
}

const CHECK: &str = "ПроверкаКоннектораHTTP";

/// The external processor that checks a platform: its object's module, after this report.
fn report(with_module: bool, address: &str) -> String {
    let mut machine = Machine::new();
    let files = export("epf");
    if with_module {
        let module = text(&export("cf"), "CommonModules/КоннекторHTTP/Ext/Module.bsl");
        machine.add_module("КоннекторHTTP", &module, SERVER).unwrap();
        let library = addin_host::find::beside_test("httpconnector").unwrap();
        machine.add_template("ОбщийМакет.КоннекторHTTPКомпонента", library);
    }
    let object = text(&files, &format!("{CHECK}/Ext/ObjectModule.bsl"));
    machine.add_module("Объект", &object, SERVER).unwrap();
    let report = machine.call("Объект", "Отчет", &[Argument::Value(address.into())]).unwrap();
    convert::text(&report)
}

#[test]
fn the_check_passes_where_everything_works_and_tells_no_secrets() {
    let url = HOST.url("/get?token=s3cret-value#part").replace("://", "://user:s3cret-word@");
    let report = report(true, &url);
    assert!(report.ends_with("Пройдено: 11 из 11"), "{report}");
    for line in ["+ Подключение компоненты", "+ БольшиеДанные", "+ GET (200, ", "+ HEAD (200, 0 байт)"]
    {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert!(report.contains("  ВерсияКомпоненты: ") && report.contains("  ВерсияПлатформы: "), "{report}");
    assert!(!report.contains("s3cret") && !report.contains("user"), "{report}");
}

#[test]
fn the_check_says_what_failed_without_secrets() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let report = report(true, &format!("http://user:s3cret@{closed}/x?key=s3cret"));
    assert!(report.contains("- GET, ") && report.contains(&closed.to_string()), "{report}");
    assert!(report.ends_with("Пройдено: 8 из 11"), "{report}");
    assert!(!report.contains("s3cret") && !report.contains("user"), "{report}");
}

#[test]
fn the_check_needs_a_module() {
    assert!(report(false, "").contains("нет общего модуля КоннекторHTTP"));
}

/// The form's module, with what a form has around it; the server's part is another test's.
fn form(installed: bool) -> Machine {
    let mut machine = Machine::new();
    machine.is_client = true;
    let module = text(&export("cf"), "CommonModules/КоннекторHTTPКлиент/Ext/Module.bsl");
    machine.add_module("КоннекторHTTPКлиент", &module, CLIENT).unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    machine.add_template("ОбщийМакет.КоннекторHTTPКомпонента", library);
    let files = export("epf");
    let form = text(&files, &format!("{CHECK}/Forms/Форма/Ext/Form/Module.bsl"));
    // Attributes of the form are variables of its module here; its commands are called by name.
    let form = format!(
        "Перем Адрес Экспорт; Перем Отчет Экспорт; Перем ЭтотОбъект Экспорт;\n{}\n\
         Процедура Настроить(Куда, Сам) Экспорт\nАдрес = Куда; ЭтотОбъект = Сам;\nКонецПроцедуры\n\
         Функция РеквизитФормыВЗначение(Имя)\nВозврат Сервер;\nКонецФункции",
        form.trim_start_matches('\u{feff}').replace("(Команда)", "(Команда = Неопределено) Экспорт")
    );
    machine.add_module("Форма", &form, CLIENT).unwrap();
    let server = "Функция Отчет(Адрес) Экспорт\nВозврат \"отчёт сервера\";\nКонецФункции";
    machine.add_module("Сервер", server, CLIENT).unwrap();
    let start = format!(
        "Процедура Начать() Экспорт\nФорма.Настроить(\"{}\", Форма);\n{}Форма.Проверить();\nКонецПроцедуры\n\
         Функция Отчет() Экспорт\nВозврат Форма.Отчет;\nКонецФункции",
        HOST.url("/get?token=s3cret"),
        if installed { "Форма.УстановитьКомпоненту();\n" } else { "" }
    );
    machine.add_module("Проба", &start, CLIENT).unwrap();
    machine.call("Проба", "Начать", &[]).unwrap();
    machine.run_events().unwrap();
    machine
}

#[test]
fn the_form_adds_what_the_client_can_do() {
    let report = convert::text(&form(true).call("Проба", "Отчет", &[]).unwrap());
    assert!(report.starts_with("отчёт сервера\n"), "{report}");
    assert!(report.contains("+ Управление вернулось до ответа"), "{report}");
    assert!(report.contains("+ GET с клиента (200, "), "{report}");
    assert!(!report.contains("s3cret"), "{report}");
    let report = convert::text(&form(false).call("Проба", "Отчет", &[]).unwrap());
    assert!(report.contains("- Подключение на клиенте.") && report.contains("НачатьУстановку"), "{report}");
}

#[test]
fn the_check_is_whole() {
    let files = export("epf");
    let expected = [
        format!("{CHECK}.xml"),
        format!("{CHECK}/Ext/ObjectModule.bsl"),
        format!("{CHECK}/Forms/Форма.xml"),
        format!("{CHECK}/Forms/Форма/Ext/Form.xml"),
        format!("{CHECK}/Forms/Форма/Ext/Form/Module.bsl"),
    ];
    assert_eq!(files.keys().cloned().collect::<BTreeSet<_>>(), expected.into());
    let root = text(&files, &format!("{CHECK}.xml"));
    assert!(root.contains(&format!("<DefaultForm>ExternalDataProcessor.{CHECK}.Form.Форма</DefaultForm>")));
    assert_eq!(listed(&files, &format!("{CHECK}.xml")), [("Form".to_owned(), "Форма".to_owned())]);
    // What the form's description calls is in its module.
    let form = text(&files, &format!("{CHECK}/Forms/Форма/Ext/Form.xml"));
    let module = text(&files, &format!("{CHECK}/Forms/Форма/Ext/Form/Module.bsl"));
    let actions: Vec<&str> =
        form.split("<Action>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(actions, ["Проверить", "УстановитьКомпоненту"]);
    for action in actions {
        assert!(module.contains(&format!("&НаКлиенте\r\nПроцедура {action}(Команда)\r\n")), "{action}");
        assert!(form.contains(&format!("<Command name=\"{action}\"")), "{action}");
        assert!(form.contains(&format!("<CommandName>Form.Command.{action}</CommandName>")), "{action}");
    }
    for path in form.split("<DataPath>").skip(1).filter_map(|rest| rest.split('<').next()) {
        assert!(form.contains(&format!("<Attribute name=\"{path}\"")), "{path}");
    }
    // Items and attributes are numbered, each item once.
    let items = form.split("<Attributes>").next().unwrap();
    let mut ids: Vec<&str> =
        items.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
