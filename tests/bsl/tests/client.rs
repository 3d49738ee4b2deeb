//! The module of clients on the bench: as a client whose configuration forbids synchronous calls, with a component that
//! has to be installed first. Every suite runs twice: where an idle handler can poll the requests, and where none can.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use bsl::lint::{Rule, Rules, builtins, check};
use bsl::platform::convert;
use bsl::run::{CLIENT, MOBILE_APP_CLIENT, MOBILE_CLIENT, Machine, SERVER};
use bsl::translate::{Dictionary, adapt};

mod environment;
use environment::{HOST, environment, passed};

/// A file below `1c`.
fn source(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn module(name: &str) -> String {
    source(&format!("src/cf/CommonModules/{name}/Ext/Module.bsl"))
}

/// What an application on the standard subsystems library has in its module.
const APPLICATION: &str = "Перем ПараметрыПриложения Экспорт;\nПараметрыПриложения = Новый Соответствие;";

/// Where the requests wait for their turn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Polled {
    /// In the application's variable, for the idle handler of the global module.
    ByIdleHandler,
    /// Nowhere: there is no such variable.
    WithoutVariable,
    /// Nowhere: there is no global module.
    WithoutGlobalModule,
}

/// A client with the module of that name, its global module, and the library in a template.
fn client(name: &str, template: &str, polled: Polled, defined: &[&str]) -> Machine {
    let mut machine = Machine::new();
    machine.is_client = true;
    if polled != Polled::WithoutVariable {
        let application = match name {
            "HTTPConnectorClient" => APPLICATION.replace("ПараметрыПриложения", "ApplicationParameters"),
            _ => APPLICATION.to_owned(),
        };
        machine.add_shared_module("МодульПриложения", &application, defined).unwrap();
    }
    let global = match name {
        "HTTPConnectorClient" => "HTTPConnectorClientGlobal",
        _ => "КоннекторHTTPКлиентГлобальный",
    };
    if polled != Polled::WithoutGlobalModule {
        machine.add_shared_module(global, &module(global), defined).unwrap();
    }
    machine.add_module(name, &module(name), defined).unwrap();
    machine.add_template(template, addin_host::find::beside_test("httpconnector").unwrap());
    machine
}

fn russian(polled: Polled) -> Machine {
    client("КоннекторHTTPКлиент", "ОбщийМакет.КоннекторHTTPКомпонента", polled, CLIENT)
}

fn suite(mut machine: Machine, text: &str, environment: &str) {
    machine.add_module("Окружение", environment, CLIENT).unwrap();
    machine.add_module("ОМ_Клиент", text, CLIENT).unwrap();
    assert_eq!(passed(&mut machine, "ОМ_Клиент").len(), 20, "a test appeared or was lost");
}

#[test]
fn the_suite_passes_when_an_idle_handler_polls() {
    suite(russian(Polled::ByIdleHandler), &source("tests/ОМ_Клиент.bsl"), &environment());
}

#[test]
fn the_suite_passes_when_the_application_has_no_variable() {
    suite(russian(Polled::WithoutVariable), &source("tests/ОМ_Клиент.bsl"), &environment());
}

#[test]
fn the_suite_passes_without_the_global_module() {
    suite(russian(Polled::WithoutGlobalModule), &source("tests/ОМ_Клиент.bsl"), &environment());
}

#[test]
fn the_suite_passes_in_a_mobile_client() {
    let template = "ОбщийМакет.КоннекторHTTPКомпонента";
    for defined in [MOBILE_CLIENT, MOBILE_APP_CLIENT] {
        let machine = client("КоннекторHTTPКлиент", template, Polled::ByIdleHandler, defined);
        suite(machine, &source("tests/ОМ_Клиент.bsl"), &environment());
    }
}

#[test]
fn the_suite_passes_on_the_english_module() {
    let registry = Machine::new().registry;
    let dictionary = Dictionary::read(&source("dictionary.txt")).unwrap();
    let machine =
        client("HTTPConnectorClient", "CommonTemplate.HTTPConnectorAddIn", Polled::ByIdleHandler, CLIENT);
    let in_english = |text: &str| {
        let text = adapt(&registry, &dictionary, text);
        ADAPTED.iter().fold(text, |text, (from, to)| text.replace(from, to))
    };
    suite(machine, &in_english(&source("tests/ОМ_Клиент.bsl")), &in_english(&environment()));
}

/// What is not a name of the module: assertions of YAxUnit, words of errors.
const ADAPTED: &[(&str, &str)] = &[
    (".Value(\"Ход\")", ".Значение(\"Ход\")"),
    ("ИмеетТип(\"Blob\")", "ИмеетТип(\"ДвоичныеДанные\")"),
    // The module's own sentences are Russian on a Russian platform, those of the component English.
    ("\"BeginInstallation\"", "\"НачатьУстановку\""),
    ("\"VerifySSL =\"", "\"ПроверятьSSL =\""),
    ("Error при чтении", "Ошибка при чтении"),
    ("\"соедин\"", "\"connect\""),
    ("Превышено время ожидания", "Timeout exceeded"),
];

/// Runs a procedure of a module with this text, and what it began.
fn client_code(machine: &mut Machine, text: &str) -> Vec<String> {
    machine.messages.clear();
    machine.add_module("Проба", text, CLIENT).unwrap();
    machine.call("Проба", "Начать", &[]).unwrap();
    machine.run_events().unwrap();
    std::mem::take(&mut machine.messages)
}

#[test]
fn an_idle_handler_leaves_the_component_alone_between_polls() {
    let url = HOST.url("/delay/1");
    let text = format!(
        "Процедура Начать() Экспорт\n\
         КоннекторHTTPКлиент.НачатьGet(Новый ОписаниеОповещения(\"Конец\", Проба), \"{url}\");\nКонецПроцедуры\n\
         Процедура Конец(Итог, Данные) Экспорт\nСообщить(Итог.Ошибка + Итог.Ответ.КодСостояния);\nКонецПроцедуры\n\
         Процедура Установить() Экспорт\n\
         КоннекторHTTPКлиент.НачатьУстановку(Новый ОписаниеОповещения);\nКонецПроцедуры"
    );
    let mut crossings = Vec::new();
    for polled in [Polled::ByIdleHandler, Polled::WithoutVariable] {
        let mut machine = russian(polled);
        machine.add_module("Проба", &text, CLIENT).unwrap();
        machine.call("Проба", "Установить", &[]).unwrap();
        machine.run_events().unwrap();
        assert_eq!(client_code(&mut machine, &text), ["200"]);
        crossings.push(machine.crossings());
    }
    // A second at ten polls, and at thirty-three; the rest is start, summary and body.
    assert!((4..=14).contains(&crossings[0]), "{crossings:?}");
    assert!((15..=40).contains(&crossings[1]), "{crossings:?}");
}

#[test]
fn an_exception_of_the_callers_procedure_is_not_swallowed() {
    let url = HOST.url("/get");
    let text = format!(
        "Процедура Начать() Экспорт\n\
         КоннекторHTTPКлиент.НачатьУстановку(Новый ОписаниеОповещения(\"Дальше\", Проба));\nКонецПроцедуры\n\
         Процедура Дальше(Итог, Данные) Экспорт\n\
         КоннекторHTTPКлиент.НачатьGet(Новый ОписаниеОповещения(\"Конец\", Проба), \"{url}\");\nКонецПроцедуры\n\
         Процедура Конец(Итог, Данные) Экспорт\nСообщить(\"раз\");\nВызватьИсключение \"из процедуры\";\nКонецПроцедуры"
    );
    let mut machine = russian(Polled::ByIdleHandler);
    machine.add_module("Проба", &text, CLIENT).unwrap();
    machine.call("Проба", "Начать", &[]).unwrap();
    let fault = machine.run_events().unwrap_err().to_string();
    assert!(fault.starts_with("из процедуры"), "{fault}");
    machine.run_events().unwrap();
    assert_eq!(machine.messages, ["раз"]);
}

#[test]
fn structures_have_the_keys_of_the_module_of_the_server() {
    let mut server = Machine::new();
    server.add_module("Модуль", &module("КоннекторHTTP"), SERVER).unwrap();
    let mut client = Machine::new();
    client.add_module("Модуль", &module("КоннекторHTTPКлиент"), CLIENT).unwrap();
    for made in [
        "НовыеПараметры()",
        "НовыеПараметры().ПараметрыПреобразованияJSON",
        "СоздатьСессию()",
        "СоздатьСессию().Заголовки",
        "НовыйОтвет()",
        "НовыйОтправляемыйФайл(\"а\", \"б\")",
        "НоваяАутентификацияBasic()",
        "НоваяАутентификацияDigest()",
        "НоваяАутентификацияBearer()",
        "НоваяАутентификацияAWS4()",
        "НоваяАутентификацияOAuth2()",
        "НоваяАутентификацияОС()",
    ] {
        let text = format!(
            "Функция Ключи() Экспорт\nСписок = \"\";\nДля Каждого Пара Из Модуль.{made} Цикл\n\
             Список = Список + Пара.Ключ + \":\" + ТипЗнч(Пара.Значение) + \",\";\nКонецЦикла;\nВозврат Список;\nКонецФункции"
        );
        let keys = |machine: &mut Machine| {
            machine.add_module("Проба", &text, SERVER).unwrap();
            convert::text(&machine.call("Проба", "Ключи", &[]).unwrap())
        };
        let (of_server, of_client) = (keys(&mut server), keys(&mut client));
        assert!(of_server.contains(':'), "{made}");
        assert_eq!(of_server, of_client, "{made}");
    }
}

/// Heading of an exported method: names of parameters with their defaults.
fn headings(name: &str) -> Vec<(String, String)> {
    let tree = bsl::syntax::read(name, &module(name), CLIENT).unwrap();
    let exported = tree.methods.iter().filter(|method| method.export);
    exported
        .map(|method| {
            let shown = |parameter: &bsl::syntax::ast::Parameter| {
                format!(
                    "{}{}{:?}",
                    if parameter.by_value { "v:" } else { "" },
                    parameter.name,
                    parameter.default
                )
            };
            (method.name.to_string(), method.parameters.iter().map(shown).collect::<Vec<_>>().join(", "))
        })
        .collect()
}

#[test]
fn what_both_modules_have_takes_the_same_parameters_and_requests_one_more_before() {
    let server = headings("КоннекторHTTP");
    let mut requests = 0;
    for (name, parameters) in headings("КоннекторHTTPКлиент") {
        if let Some((_, there)) = server.iter().find(|(known, _)| *known == name) {
            assert_eq!(parameters, *there, "{name}");
        }
        let begun =
            name.strip_prefix("Начать").and_then(|verb| server.iter().find(|(known, _)| known == verb));
        if let Some((_, there)) = begun {
            assert_eq!(parameters, format!("ОписаниеОповещенияNone, {there}"), "{name}");
            requests += 1;
        }
    }
    assert_eq!(requests, 11);
}

#[test]
fn the_modules_of_clients_keep_the_rules_of_their_text() {
    for (name, defined) in [
        ("КоннекторHTTPКлиент", CLIENT),
        ("КоннекторHTTPКлиент", MOBILE_CLIENT),
        ("КоннекторHTTPКлиентГлобальный", CLIENT),
        ("HTTPConnectorClient", CLIENT),
        ("HTTPConnectorClientGlobal", CLIENT),
    ] {
        let template = "ОбщийМакет.КоннекторHTTPКомпонента";
        let of = if name.starts_with("HTTP") {
            "HTTPConnectorClient"
        } else {
            "КоннекторHTTPКлиент"
        };
        let machine = client(of, template, Polled::WithoutVariable, defined);
        let tree = bsl::syntax::read(name, &module(name), defined).unwrap();
        let mut remarks = check(&machine, &tree, Rules::default());
        // Notifications need the module, so its name stands in it: in one place.
        let before = remarks.len();
        remarks.retain(|remark| remark.rule != Rule::OwnName);
        assert_eq!(before - remarks.len(), usize::from(name == of), "{name}");
        assert!(remarks.is_empty(), "{}", remarks.iter().map(|one| format!("{one}\n")).collect::<String>());
    }
}

/// `1c/client_builtins.txt`: what the module may use of the platform, and where that is available.
fn allowed() -> BTreeSet<String> {
    let text = source("client_builtins.txt");
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut names = BTreeSet::new();
    for row in rows {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [name, thin, mobile, since] = columns[..] else { panic!("not a row: {row}") };
        assert!(matches!(thin, "yes"), "{row}");
        assert!(matches!(mobile, "yes" | "unverified"), "{row}");
        assert!(since.split('.').count() >= 2, "{row}");
        assert!(names.insert(name.to_owned()), "there twice: {row}");
    }
    names
}

#[test]
fn the_module_uses_only_what_clients_have() {
    let mut used = BTreeSet::new();
    for name in ["КоннекторHTTPКлиент", "КоннекторHTTPКлиентГлобальный"]
    {
        for defined in [CLIENT, MOBILE_CLIENT] {
            used.extend(builtins(&bsl::syntax::read(name, &module(name), defined).unwrap()));
        }
    }
    let allowed = allowed();
    let missing: Vec<_> = used.difference(&allowed).collect();
    let unused: Vec<_> = allowed.difference(&used).collect();
    assert!(missing.is_empty(), "not in client_builtins.txt: {missing:#?}");
    assert!(unused.is_empty(), "in client_builtins.txt, but not used: {unused:#?}");
}

#[test]
fn nothing_of_newer_platforms_stands_outside_of_texts() {
    for name in ["КоннекторHTTPКлиент", "HTTPConnectorClient"] {
        let text = module(name);
        for word in ["Асинх ", "Ждать ", "Async ", "Await "] {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}
