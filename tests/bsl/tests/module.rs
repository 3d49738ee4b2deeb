//! The module `КоннекторHTTP` on the bench, through the built library, against the embedded server: the acceptance
//! cases of `1c/tests` by number, what one call costs, and the rules its text keeps.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests: what fails and what calls cost is the report"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Instant;

use bsl::lint::{Rules, check};
use bsl::platform::convert;
use bsl::run::{Machine, SERVER};

mod environment;
use environment::{HOST, all_passed, environment, environment_with_storage};

/// A file below `1c`.
fn source(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn module_text() -> String {
    source("src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl")
}

/// A machine with the module under a name, and the library in its template.
fn machine_with(name: &str) -> Machine {
    let mut machine = Machine::new();
    machine.add_module(name, &module_text(), SERVER).unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    machine.add_template("ОбщийМакет.КоннекторHTTPКомпонента", library);
    machine
}

/// Runs a test module of `1c/tests`: every exported procedure of it is a test, runs and passes.
fn suite(name: &str) {
    suite_in(&environment(), name);
}

fn suite_in(environment: &str, name: &str) {
    let mut machine = machine_with("КоннекторHTTP");
    machine.add_module("Окружение", environment, SERVER).unwrap();
    machine.add_module(name, &source(&format!("tests/{name}.bsl")), SERVER).unwrap();
    all_passed(&mut machine, name);
}

#[test]
fn cases_of_urls_and_queries_hold() {
    suite("ОМ_URL");
}

#[test]
fn cases_of_utilities_hold() {
    suite("ОМ_Утилиты");
}

#[test]
fn cases_of_bodies_hold() {
    suite("ОМ_Тела");
}

#[test]
fn cases_of_answers_and_methods_hold() {
    suite("ОМ_Ответы");
}

#[test]
fn cases_of_the_exchange_hold() {
    suite("ОМ_Обмен");
}

#[test]
fn fixed_defects_stay_fixed_and_have_their_opt_outs() {
    suite("ОМ_Дефекты");
}

#[test]
fn wrong_use_is_named_and_leaves_the_session_working() {
    suite("ОМ_НеверноеИспользование");
}

#[test]
fn structures_have_their_keys_and_defaults() {
    suite("ОМ_Ключи");
}

#[test]
fn what_is_passed_by_reference_changes_only_as_described() {
    suite("ОМ_Ссылки");
}

#[test]
fn texts_are_read_in_every_encoding() {
    suite("ОМ_Кодировки");
}

#[test]
fn options_of_the_component_work_through_the_module() {
    suite("ОМ_Параметры");
}

#[test]
fn a_session_survives_what_callers_do_with_it() {
    suite("ОМ_Сессия");
}

#[test]
fn a_storage_that_checks_signatures_accepts_them() {
    if let Some(environment) = environment_with_storage() {
        suite_in(&environment, "ОМ_Хранилище");
    }
}

#[test]
fn every_case_of_the_list_has_a_test_of_its_number() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c/tests");
    let mut numbers = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for name in text.lines().filter_map(|line| line.strip_prefix("Процедура Случай")) {
            let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
            numbers.insert(digits.parse::<u32>().unwrap());
        }
    }
    let missing: Vec<u32> = (1..=78).filter(|number| !numbers.contains(number)).collect();
    assert_eq!(missing, [] as [u32; 0]);
}

/// What an expression gives, with the module under that name.
fn expression(machine: &mut Machine, text: &str) -> String {
    let module = format!("Функция Ф() Экспорт\nВозврат {text};\nКонецФункции");
    machine.add_module("Проба", &module, SERVER).unwrap();
    convert::text(&machine.call("Проба", "Ф", &[]).unwrap())
}

#[test]
fn the_module_survives_being_renamed() {
    let mut machine = machine_with("пбп_КоннекторHTTP");
    let url = HOST.url("/get");
    assert_eq!(expression(&mut machine, &format!("пбп_КоннекторHTTP.GetJson(\"{url}\")[\"url\"]")), url);
    let text = module_text();
    let own =
        text.lines().find(|line| !line.trim_start().starts_with("//") && line.contains("КоннекторHTTP."));
    assert_eq!(own, None, "the module calls itself by name");
}

#[test]
fn one_get_json_costs_at_most_six_crossings() {
    let mut machine = machine_with("КоннекторHTTP");
    let url = HOST.url("/get");
    let text = format!("КоннекторHTTP.GetJson(\"{url}\")[\"url\"]");
    for round in ["attached anew", "attached already"] {
        let before = machine.crossings();
        assert_eq!(expression(&mut machine, &text), url);
        let cost = machine.crossings() - before;
        println!("GetJson, {round}: {cost} crossings");
        assert!((1..=6).contains(&cost), "{round}: {cost}");
    }
}

/// What requests cost beyond an attached component and an empty session: calls and accesses of one request.
#[test]
fn forms_and_files_cost_no_more_than_their_parts() {
    let mut machine = machine_with("КоннекторHTTP");
    let url = HOST.url("/post");
    expression(&mut machine, &format!("КоннекторHTTP.GetJson(\"{}\")[\"url\"]", HOST.url("/get")));
    for (request, limit) in [
        (format!("КоннекторHTTP.Post(\"{url}\", Новый Структура(\"а\", 1)).КодСостояния"), 5),
        (
            format!(
                "КоннекторHTTP.Post(\"{url}\", , Новый Структура(\"Файлы\", КоннекторHTTP.НовыйОтправляемыйФайл(\"ф\", \"1\", Base64Значение(\"AAEC\")))).КодСостояния"
            ),
            6,
        ),
    ] {
        let before = machine.crossings();
        assert_eq!(expression(&mut machine, &request), "200");
        let cost = machine.crossings() - before;
        println!("{request}: {cost} crossings");
        assert!((1..=limit).contains(&cost), "{request}: {cost}");
    }
}

/// A proxy that wants user and password in Basic, for as many connections as come.
fn proxy_with_a_login() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut head = String::new();
            let mut lines = BufReader::new(connection.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap() > 0 {}
            let known = head.to_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnz\r\n");
            let (status, further) =
                if known { ("200 OK", "") } else { ("407 Who", "Proxy-Authenticate: Basic realm=\"p\"\r\n") };
            let answer =
                format!("HTTP/1.1 {status}\r\n{further}Content-Length: 0\r\nConnection: close\r\n\r\n");
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn user_of_an_internet_proxy_logs_on_however_it_was_given() {
    let address = proxy_with_a_login();
    let (host, port) = (address.ip(), address.port());
    for given in [
        format!("П.Установить(\"http\", \"{host}\", {port}, \"user\", \"pass\", Ложь);"),
        format!("П.Установить(\"http\", \"{host}\", {port}, \"user\", \"pass\");"),
        format!(
            "П.Установить(\"http\", \"{host}\", {port}, , , Ложь); П.Пользователь = \"user\"; П.Пароль = \"pass\";"
        ),
    ] {
        let mut machine = machine_with("КоннекторHTTP");
        let text = format!(
            "Функция Ф() Экспорт\nП = Новый ИнтернетПрокси(Ложь);\n{given}\n\
             Возврат КоннекторHTTP.Get(\"http://target.test/\", , Новый Структура(\"Прокси\", П)).КодСостояния;\n\
             КонецФункции"
        );
        machine.add_module("Проба", &text, SERVER).unwrap();
        assert_eq!(convert::text(&machine.call("Проба", "Ф", &[]).unwrap()), "200", "{given}");
    }
}

/// The module of another library that says which proxy to use.
fn with_proxy_module(returned: &str, settings: &str) -> Machine {
    let mut machine = machine_with("КоннекторHTTP");
    let text = format!(
        "Функция ПолучитьПрокси(Протокол) Экспорт\nСообщить(Протокол);\n{returned}\nКонецФункции\n\
         Функция НастройкиПроксиНаСервере() Экспорт\n{settings}\nКонецФункции"
    );
    machine.add_module("ПолучениеФайловИзИнтернета", &text, SERVER).unwrap();
    machine
}

#[test]
fn the_proxy_of_the_library_is_asked_for_only_when_none_is_given() {
    let proxy = HOST.address();
    let returned = format!(
        "П = Новый ИнтернетПрокси(Ложь); П.Установить(\"http\", \"{}\", {}); Возврат П;",
        proxy.ip(),
        proxy.port()
    );
    let mut machine = with_proxy_module(&returned, "Возврат Неопределено;");
    // A name that is nowhere: only a proxy can answer, and this one has no such path.
    let behind = "КоннекторHTTP.Get(\"http://behind-proxy.invalid/x\").КодСостояния";
    assert_eq!(expression(&mut machine, behind), "404");
    assert_eq!(machine.messages, ["http"]);
    let direct = format!(
        "КоннекторHTTP.Get(\"{}\", , Новый Структура(\"Прокси\", Ложь)).КодСостояния",
        HOST.url("/get")
    );
    assert_eq!(expression(&mut machine, &direct), "200");
    assert_eq!(machine.messages.len(), 1, "asked although a proxy was given");
}

#[test]
fn the_library_may_say_nothing_or_no_proxy() {
    let text = format!("КоннекторHTTP.Get(\"{}\").КодСостояния", HOST.url("/get"));
    for (returned, settings) in [
        ("Возврат Неопределено;", "Возврат Неопределено;"),
        (
            "Возврат Новый ИнтернетПрокси(Ложь);",
            "С = Новый Соответствие; С.Вставить(\"ИспользоватьПрокси\", Ложь); Возврат С;",
        ),
        ("Возврат Новый ИнтернетПрокси(Истина);", "Возврат Неопределено;"),
    ] {
        let mut machine = with_proxy_module(returned, settings);
        assert_eq!(expression(&mut machine, &text), "200", "{returned}");
    }
}

#[test]
fn diagnostics_name_the_proxy_in_force_without_its_password() {
    let text = "КоннекторHTTP.ОбъектВJson(КоннекторHTTP.Диагностика().Прокси, , Новый Структура(\"ПереносСтрок\", ПереносСтрокJSON.Нет))";
    let proxy = "П = Новый ИнтернетПрокси(Ложь); П.Установить(\"http\", \"proxy.corp\", 3128, \"user\", \"secret\"); \
                 П.Установить(\"https\", \"user:secret@proxy.corp\", 3129, \"user\", \"secret\"); Возврат П;";
    for (returned, settings, expected) in [
        (
            proxy,
            "Возврат Неопределено;",
            "{\"http\":\"proxy.corp:3128 (БСП)\",\"https\":\"proxy.corp:3129 (БСП)\"}",
        ),
        ("Возврат Неопределено;", "Возврат Неопределено;", "{\"http\":\"нет\",\"https\":\"нет\"}"),
        (
            "Возврат Новый ИнтернетПрокси(Ложь);",
            "С = Новый Соответствие; С.Вставить(\"ИспользоватьПрокси\", Ложь); Возврат С;",
            "{\"http\":\"нет (БСП)\",\"https\":\"нет (БСП)\"}",
        ),
        (
            "Возврат Новый ИнтернетПрокси(Истина);",
            "Возврат Неопределено;",
            "{\"http\":\"настройки системы (БСП)\",\"https\":\"настройки системы (БСП)\"}",
        ),
        (
            "ВызватьИсключение \"нет прав\";",
            "Возврат Неопределено;",
            "{\"http\":\"нет прав\",\"https\":\"нет прав\"}",
        ),
    ] {
        let mut machine = with_proxy_module(returned, settings);
        assert_eq!(expression(&mut machine, text), expected, "{returned}");
        let all = expression(&mut machine, "КоннекторHTTP.ОбъектВJson(КоннекторHTTP.Диагностика())");
        assert!(!all.contains("secret") && all.contains("httpconnector"), "{all}");
    }
}

#[test]
fn diagnostics_work_without_the_component() {
    let mut machine = Machine::new();
    machine.add_module("КоннекторHTTP", &module_text(), SERVER).unwrap();
    let error = expression(&mut machine, "КоннекторHTTP.Диагностика().Ошибка");
    assert!(error.contains("нет общего макета"), "{error}");
    assert_eq!(expression(&mut machine, "КоннекторHTTP.Диагностика().Библиотека"), "");
    assert_eq!(expression(&mut machine, "КоннекторHTTP.Диагностика().Изолированно = Неопределено"), "Да");
}

#[test]
fn without_its_template_the_module_says_what_to_do() {
    let mut machine = Machine::new();
    machine.add_module("КоннекторHTTP", &module_text(), SERVER).unwrap();
    let module = "Функция Ф() Экспорт\nПопытка\nКоннекторHTTP.Get(\"http://h/\");\nИсключение\nВозврат ОписаниеОшибки();\nКонецПопытки;\nКонецФункции";
    machine.add_module("Проба", module, SERVER).unwrap();
    let text = convert::text(&machine.call("Проба", "Ф", &[]).unwrap());
    assert!(text.contains("нет общего макета КоннекторHTTPКомпонента"), "{text}");
}

#[test]
fn the_module_keeps_the_rules_of_its_text() {
    let machine = machine_with("КоннекторHTTP");
    let tree = bsl::syntax::read("КоннекторHTTP", &module_text(), SERVER).unwrap();
    let remarks = check(&machine, &tree, Rules::default());
    assert!(remarks.is_empty(), "{}", remarks.iter().map(|one| format!("{one}\n")).collect::<String>());
}

/// Names of the module this one replaces, in the order of its description.
const REPLACED: &[&str] = &[
    "Get",
    "Options",
    "Head",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "Mkcol",
    "ВызватьМетод",
    "GetJson",
    "PostJson",
    "PutJson",
    "DeleteJson",
    "НовыеПараметры",
    "НовыйОтправляемыйФайл",
    "СоздатьСессию",
    "НовыйОтвет",
    "НоваяАутентификацияОС",
    "НоваяАутентификацияBasic",
    "НоваяАутентификацияDigest",
    "НоваяАутентификацияBearer",
    "НоваяАутентификацияAWS4",
    "КакJson",
    "КакТекст",
    "КакДвоичныеДанные",
    "КакXDTO",
    "КакИсключение",
    "РазобратьURL",
    "ОбъектВJson",
    "JsonВОбъект",
    "HMAC",
    "КодыСостоянияHTTP",
    "ПредставлениеКодаСостоянияHTTP",
    "ПрочитатьGZip",
    "ЗаписатьGZip",
    "ПодготовитьЗапрос",
    "ПреобразованиеJson",
    "ВосстановлениеJson",
    "ЧислоИзСтроки",
    "ДатаИзСтроки",
    "ДатаИзСтрокиRFC7231",
];

/// Names of our own.
const NEW: &[&str] = &["PatchJson", "НоваяАутентификацияOAuth2", "Диагностика"];

#[test]
fn the_module_exports_what_it_replaces_and_three_functions_more() {
    let machine = machine_with("КоннекторHTTP");
    let mut exported: Vec<String> =
        machine.exported("КоннекторHTTP").iter().map(ToString::to_string).collect();
    let mut expected: Vec<String> = REPLACED.iter().chain(NEW).map(ToString::to_string).collect();
    exported.sort();
    expected.sort();
    assert_eq!(REPLACED.len(), 41);
    assert_eq!(exported, expected);
}

#[test]
fn a_long_wait_returns_to_the_script_every_second() {
    let mut machine = machine_with("КоннекторHTTP");
    expression(&mut machine, &format!("КоннекторHTTP.Get(\"{}\").КодСостояния", HOST.url("/get")));
    let keys = "МаксимальноеКоличествоПовторов, КоэффициентЭкспоненциальнойЗадержки";
    for (what, url, parameters) in [
        ("a slow server", HOST.url("/delay/3"), "Неопределено".to_owned()),
        ("a pause", HOST.url("/retry_502?times=1"), format!("Новый Структура(\"{keys}\", 1, 3)")),
    ] {
        let (before, start) = (machine.crossings(), Instant::now());
        let text = format!("КоннекторHTTP.Get(\"{url}\", , {parameters}).КодСостояния");
        assert_eq!(expression(&mut machine, &text), "200", "{what}");
        let seconds = start.elapsed().as_secs();
        let cost = machine.crossings() - before;
        assert!(seconds >= 3, "{what}: {seconds} s");
        // The cookies, the start and the summary, the body, and a wait for each second but the first.
        assert!((seconds + 2..=seconds + 4).contains(&cost), "{what}: {cost} crossings in {seconds} s");
    }
}

#[test]
fn an_old_platform_attaches_with_three_arguments() {
    let mut machine = machine_with("КоннекторHTTP");
    machine.set_version("8.3.10.2168");
    let text = format!("КоннекторHTTP.Get(\"{}\").КодСостояния", HOST.url("/get"));
    assert_eq!(expression(&mut machine, &text), "200");
}

#[test]
fn the_sources_are_written_as_the_designer_writes_them() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c/src/cf");
    for path in [
        "Configuration.xml",
        "CommonModules/КоннекторHTTP.xml",
        "CommonModules/КоннекторHTTP/Ext/Module.bsl",
        "CommonTemplates/КоннекторHTTPКомпонента.xml",
    ] {
        let text = std::fs::read(root.join(path)).unwrap();
        assert!(text.starts_with(b"\xef\xbb\xbf"), "{path}: no byte order mark");
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        let ended = text.windows(2).filter(|pair| pair == b"\r\n").count();
        assert_eq!(lines, ended, "{path}: not every line ends in CRLF");
    }
    let configuration = source("src/cf/Configuration.xml");
    assert!(configuration.contains("<CompatibilityMode>Version8_3_10</CompatibilityMode>"));
}
