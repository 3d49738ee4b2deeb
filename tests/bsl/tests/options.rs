//! Every option of the component goes through the module, from the parameters of a request and from the session, in both
//! languages. The list is the component's own: its table in the README, which a test of the component keeps current. An
//! option that the module does not pass on fails here.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::path::PathBuf;

use bsl::platform::convert;
use bsl::run::{Machine, SERVER};

/// An option: its names, and whether a session may have it.
struct Row {
    russian: String,
    english: String,
    aliases: Vec<String>,
    in_session: bool,
}

/// The table of options in the Russian README.
fn rows() -> Vec<Row> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("README.ru.md")).unwrap();
    let table = text.split("<!-- reference:start options -->").nth(1).unwrap();
    let table = table.split("<!-- reference:end options -->").next().unwrap();
    let rows: Vec<Row> = table.lines().filter(|line| line.starts_with("| `")).map(row).collect();
    assert!(rows.len() > 30, "{}", rows.len());
    rows
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_start_matches("| ").split(" | ").collect();
    let names: Vec<String> = cells[0].split("<br>").map(|name| name.trim_matches('`').to_owned()).collect();
    let in_session = match cells[3] {
        "да" => true,
        "нет" | "-" => false,
        other => panic!("{line}: {other}"),
    };
    let english = names.get(1).unwrap_or(&names[0]).clone();
    Row { russian: names[0].clone(), english, aliases: names.into_iter().skip(2).collect(), in_session }
}

/// Applied by the module itself; ОМ_Дефекты, ОМ_Ключи and ОМ_Тела have what they do.
const IN_BSL: &[&str] = &["РазрешитьПустойJson", "ПараметрыПреобразованияJSON", "ПараметрыЗаписиJSON"];

/// In a Russian module, and in an English one.
type InEither = (&'static str, &'static str);

/// What no component would accept under any key: its error names the key, so the key has reached it.
const WRONG: InEither = ("Новый Структура(\"х\", 1)", "Новый Структура(\"х\", 1)");

/// Keys whose values the module takes apart: Russian name, value in either language, what is looked at after
/// `ПодготовитьЗапрос`, and what has to be there (or in the error).
const TAKEN_APART: &[(&str, InEither, &str, InEither)] = &[
    (
        "Заголовки",
        ("Новый Структура(\"X1\", \"v1\")", "Новый Структура(\"X1\", \"v1\")"),
        "Заголовки[\"X1\"]",
        ("v1", "v1"),
    ),
    (
        "Аутентификация",
        (
            "Новый Структура(\"АдресТокена, ВТеле\", \"http://h/\", 5)",
            "Новый Структура(\"TokenURL, InBody\", \"http://h/\", 5)",
        ),
        "URL",
        ("ВТеле", "InBody"),
    ),
    (
        "ПараметрыЗапроса",
        ("Новый Структура(\"q1\", 5)", "Новый Структура(\"q1\", 5)"),
        "URL",
        ("?q1=5", "?q1=5"),
    ),
    ("Данные", ("\"текст1\"", "\"текст1\""), "HTTPЗапрос.ПолучитьТелоКакСтроку()", ("текст1", "текст1")),
    (
        "Json",
        ("\"текст1\"", "\"текст1\""),
        "HTTPЗапрос.ПолучитьТелоКакСтроку()",
        ("\"текст1\"", "\"текст1\""),
    ),
    (
        "Файлы",
        ("Новый Структура(\"Имя, Данные\", \"а\", \"б\")", "Новый Структура(\"Name, Data\", \"а\", \"б\")"),
        "Заголовки[\"Content-Type\"]",
        ("multipart/form-data", "multipart/form-data"),
    ),
    (
        "Cookies",
        ("М.JsonВОбъект(\"[{\"\"Значение\"\": 1}]\")", "М.JsonToObject(\"[{\"\"Value\"\": 1}]\")"),
        "URL",
        ("Cookies", "Cookies"),
    ),
    (
        "ПовторятьДляКодовСостояний",
        ("СтрРазделить(\"х\", \",\")", "СтрРазделить(\"х\", \",\")"),
        "URL",
        ("ПовторятьДляКодовСостояний", "ToRetryForStatusesCodes"),
    ),
];

fn machine(name: &str) -> Machine {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c/src/cf/CommonModules");
    let text = std::fs::read_to_string(root.join(name).join("Ext/Module.bsl")).unwrap();
    let mut machine = Machine::new();
    machine.add_module(name, &text, SERVER).unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    for template in ["ОбщийМакет.КоннекторHTTPКомпонента", "ОбщийМакет.HTTPConnectorAddIn"]
    {
        machine.add_template(template, library.clone());
    }
    machine
}

/// What came of a request prepared with a key in its parameters or in the session.
fn outcome(
    machine: &mut Machine,
    names: [&str; 3],
    place: &str,
    key: &str,
    value: &str,
    look: &str,
) -> String {
    let [module, session, prepare] = names;
    let text = format!(
        "Функция Ф() Экспорт\nМ = {module};\nСессия = М.{session}();\nПараметры = Новый Структура;\n\
         {place}.Вставить(\"{key}\", {value});\nПопытка\n\
         Запрос = М.{prepare}(Сессия, \"POST\", \"http://127.0.0.1/\", Параметры);\nИсключение\n\
         Возврат КраткоеПредставлениеОшибки(ИнформацияОбОшибке());\nКонецПопытки;\n\
         Возврат \"\" + Запрос.{look};\nКонецФункции"
    );
    machine.add_module("Проба", &text, SERVER).unwrap();
    convert::text(&machine.call("Проба", "Ф", &[]).unwrap())
}

fn every_option_arrives(names: [&str; 3], english: bool) {
    let mut machine = machine(names[0]);
    let pick = |pair: InEither| if english { pair.1 } else { pair.0 };
    for row in rows().iter().filter(|row| !IN_BSL.contains(&row.russian.as_str())) {
        let key = if english { &row.english } else { &row.russian };
        let known = TAKEN_APART.iter().find(|known| known.0 == row.russian);
        let (value, look, expected) = match known {
            Some((_, value, look, expected)) => (pick(*value), *look, pick(*expected).to_owned()),
            None => (pick(WRONG), "URL", key.clone()),
        };
        let look = if english {
            look.replace("Заголовки", "Headers").replace("HTTPЗапрос", "HTTPRequest")
        } else {
            look.to_owned()
        };
        for place in ["Параметры", "Сессия"] {
            if place == "Сессия" && !row.in_session {
                continue;
            }
            let came = outcome(&mut machine, names, place, key, value, &look);
            assert!(came.contains(&expected), "{key} in {place}: {came}");
        }
    }
}

#[test]
fn every_option_of_the_component_arrives_under_its_russian_name() {
    every_option_arrives(["КоннекторHTTP", "СоздатьСессию", "ПодготовитьЗапрос"], false);
}

#[test]
fn every_option_of_the_component_arrives_under_its_english_name() {
    every_option_arrives(["HTTPConnector", "NewSession", "PrepareRequest"], true);
}

/// The sentence is in the language of the platform, the keys are those the caller writes.
#[test]
fn errors_name_the_keys_of_their_module_whatever_the_platform_speaks() {
    let russian = ["КоннекторHTTP", "СоздатьСессию", "ПодготовитьЗапрос"];
    let english = ["HTTPConnector", "NewSession", "PrepareRequest"];
    for (names, key, shown) in [
        (russian, "ПроверятьSSL", "ПроверятьSSL = Новый Структура(\"Файл\", ИмяФайла)"),
        (english, "VerifySSL", "VerifySSL = New Structure(\"File\", FileName)"),
    ] {
        for (language, sentence) in [("ru", "прочитать нельзя"), ("en", "cannot be read")] {
            let mut machine = machine(names[0]);
            machine.language = language;
            let value = "Новый СертификатыУдостоверяющихЦентровФайл(\"ca.pem\")";
            let came = outcome(&mut machine, names, "Параметры", key, value, "URL");
            assert!(came.contains(shown) && came.contains(sentence), "{language}: {came}");
        }
    }
}

/// A misspelled key is ignored by the module, so a name that the component accepts must not be one.
#[test]
fn other_names_of_options_are_known_too() {
    let mut machine = machine("КоннекторHTTP");
    let names = ["КоннекторHTTP", "СоздатьСессию", "ПодготовитьЗапрос"];
    let mut count = 0;
    for (row, alias) in rows().iter().flat_map(|row| row.aliases.iter().map(move |alias| (row, alias))) {
        let known = TAKEN_APART.iter().find(|known| known.0 == row.russian);
        let (value, expected) =
            known.map_or((WRONG.0, row.russian.as_str()), |(_, value, _, expected)| (value.0, expected.0));
        let came = outcome(&mut machine, names, "Параметры", alias, value, "URL");
        assert!(came.contains(expected), "{alias}: {came}");
        count += 1;
    }
    assert!(count >= 2, "{count}");
}

#[test]
fn keys_of_the_component_that_the_tables_name_exist() {
    let rows = rows();
    for known in IN_BSL.iter().chain(TAKEN_APART.iter().map(|(name, ..)| name)) {
        assert!(rows.iter().any(|row| row.russian == **known), "{known}");
    }
}
