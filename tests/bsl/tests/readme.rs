//! `1c/README.md` and `1c/README.ru.md` against the modules: the table of functions is made of them, what the texts name
//! is there, the ways to attach work, and the code in them is code.
//!
//! `BSL_UPDATE=1 cargo test -p bsl --test readme` writes the tables of functions anew.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

#[path = "../../support/examples.rs"]
mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::TcpListener;

use bsl::platform::convert;
use bsl::run::{Machine, SERVER};
use bsl::syntax::ast::{Literal, Method, Module};
use test_server::Server;

const RUSSIAN: &str = "src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl";
const ENGLISH: &str = "src/cf/CommonModules/HTTPConnector/Ext/Module.bsl";
const READMES: [&str; 2] = ["README.ru.md", "README.md"];

fn tree(path: &str) -> Module {
    bsl::syntax::read("module", &support::source(path).unwrap(), SERVER).unwrap()
}

/// The exported methods, but for the alias that the English module has and its README mentions elsewhere.
fn exported(module: &Module) -> Vec<&Method> {
    let is_english = module.methods.iter().any(|method| &*method.name == "NewSession");
    let methods = module.methods.iter().map(AsRef::as_ref);
    methods.filter(|method: &&Method| method.export && !(is_english && &*method.name == "КакXDTO")).collect()
}

/// Parameters as code: `Имя = Неопределено`.
fn parameters(method: &Method, undefined: &str) -> String {
    let shown = |default: &Literal| match default {
        Literal::Undefined => undefined.to_owned(),
        Literal::Text(text) => format!("\"{text}\""),
        other => panic!("{}: {other:?}", method.name),
    };
    let each = method.parameters.iter().map(|parameter| match &parameter.default {
        None => format!("`{}`", parameter.name),
        Some(default) => format!("`{} = {}`", parameter.name, shown(default)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// What the comment above says in its first paragraph, and the type it returns.
fn comment(module: &Module, method: &Method) -> (String, String) {
    let above: Vec<&str> = module.lines[..method.lines.0 - 1]
        .iter()
        .rev()
        .map_while(|line| line.trim_start().strip_prefix("//"))
        .map(str::trim)
        .collect();
    let lines: Vec<&str> = above.into_iter().rev().collect();
    let first: Vec<&str> = lines.iter().copied().take_while(|line| !line.is_empty()).collect();
    let after = lines.iter().position(|line| ["Возвращаемое значение:", "Returns:"].contains(line)).unwrap();
    let returned = lines[after + 1].split(" - ").next().unwrap().trim_end_matches(':');
    (first.join(" "), returned.to_owned())
}

/// The table of one language: its names first, those of the other module beside them.
fn table(own: &Module, other: &Module, undefined: &str, head: &str) -> String {
    let mut text = format!("{head}\n| --- | --- | --- | --- | --- |\n");
    let pairs: Vec<_> = exported(own).into_iter().zip(exported(other)).collect();
    assert_eq!(pairs.len(), exported(other).len());
    for (method, twin) in pairs {
        let (what, returned) = comment(own, method);
        let parameters = parameters(method, undefined).replace('|', "\\|");
        let what = what.replace('|', "\\|").replace('*', "\\*");
        writeln!(text, "| `{}` | `{}` | {parameters} | {returned} | {what} |", method.name, twin.name)
            .unwrap();
    }
    text
}

/// What stands between the markers of a README.
fn between<'a>(text: &'a str, name: &str) -> &'a str {
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let from = text.find(&start).unwrap_or_else(|| panic!("no marker {start}")) + start.len();
    &text[from..from + text[from..].find(&end).unwrap()]
}

#[test]
fn the_tables_of_functions_are_those_of_the_modules() {
    let (russian, english) = (tree(RUSSIAN), tree(ENGLISH));
    let tables = [
        (
            "README.ru.md",
            table(
                &russian,
                &english,
                "Неопределено",
                "| Функция | По-английски | Параметры | Возвращает | Что делает |",
            ),
        ),
        (
            "README.md",
            table(
                &english,
                &russian,
                "Undefined",
                "| Function | In Russian | Parameters | Returns | What it does |",
            ),
        ),
    ];
    for (name, made) in tables {
        let text = support::source(name).unwrap();
        let written = between(&text, "api");
        if std::env::var_os("BSL_UPDATE").is_some() {
            std::fs::write(
                support::path(name),
                text.replace(&format!("api:start -->\n{written}"), &format!("api:start -->\n{made}")),
            )
            .unwrap();
            continue;
        }
        for (at, (written, made)) in written.lines().zip(made.lines()).enumerate() {
            assert_eq!(written, made, "{name}, row {at}: BSL_UPDATE=1 cargo test -p bsl --test readme");
        }
        assert_eq!(
            written.lines().count(),
            made.lines().count(),
            "{name}: BSL_UPDATE=1 cargo test -p bsl --test readme"
        );
    }
}

/// Texts in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_row_of_differences_has_its_test_and_its_keys_are_known() {
    let tests = support::source("tests/ОМ_Дефекты.bsl").unwrap();
    for (readme, module) in READMES.into_iter().zip([RUSSIAN, ENGLISH]) {
        let (text, module) = (support::source(readme).unwrap(), support::source(module).unwrap());
        let rows: Vec<&str> = between(&text, "differences").lines().collect();
        for number in 1..=23 {
            let row = rows.iter().filter(|row| row.starts_with(&format!("| D{number} |"))).count();
            assert_eq!(row, 1, "{readme}: D{number}");
            assert!(tests.contains(&format!("Процедура Д{number:02}_")), "no test of D{number}");
        }
        for row in rows {
            let Some(opt_out) = row.split('|').nth(4) else { continue };
            for key in quoted(opt_out).map(|code| code.split(" =").next().unwrap()) {
                let is_name = key.chars().all(|c| c.is_alphanumeric() || c == '_');
                assert!(!is_name || module.contains(key), "{readme}: the module knows no {key}: {row}");
            }
        }
    }
}

#[test]
fn every_example_is_listed_with_a_file_behind_it() {
    let files: BTreeSet<String> = std::fs::read_dir(support::path("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".bsl"))
        .collect();
    let mut listed = BTreeSet::new();
    for readme in READMES {
        let text = support::source(readme).unwrap();
        for link in text.split("](examples/").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()) {
            assert!(files.contains(&link), "{readme}: no example {link}");
            listed.insert(link);
        }
    }
    assert_eq!(listed, files);
}

#[test]
fn code_in_the_readmes_can_be_read() {
    for readme in READMES {
        let text = support::source(readme).unwrap();
        let blocks: Vec<&str> =
            text.split("```bsl\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        assert!(blocks.len() >= 3, "{readme}");
        for block in blocks {
            let names = if block.contains("&") { &["Клиент", "Client"][..] } else { SERVER };
            bsl::syntax::read(readme, block, names)
                .unwrap_or_else(|error| panic!("{readme}: {error}\n{block}"));
        }
    }
}

#[test]
fn what_the_table_of_refusals_quotes_is_what_the_module_says() {
    for (readme, module) in READMES.into_iter().zip([RUSSIAN, ENGLISH]) {
        let (text, module) = (support::source(readme).unwrap(), support::source(module).unwrap());
        let marks = if readme == "README.ru.md" { ['«', '»'] } else { ['“', '”'] };
        let quotes: Vec<String> = text
            .lines()
            .filter(|row| row.starts_with(&format!("| {}", marks[0])))
            .map(|row| row.split(marks).nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(quotes.len(), 5, "{readme}");
        for quote in quotes {
            for part in quote.split(" …").map(|part| part.trim_matches(|c| "… ().".contains(c))) {
                assert!(module.contains(part), "{readme}: the module never says {part:?}");
            }
        }
    }
}

/// A machine with one copy of the module, changed as the README says.
fn copy(machine: &mut Machine, name: &str, changes: &[(&str, &str)]) {
    let mut text = support::source(RUSSIAN).unwrap();
    for (written, changed) in changes {
        assert_eq!(text.matches(written).count(), 1, "{written}");
        text = text.replace(written, changed);
    }
    machine.add_module(name, &text, SERVER).unwrap();
}

fn value(machine: &mut Machine, text: &str) -> String {
    let module = format!("Функция Ф() Экспорт\nВозврат {text};\nКонецФункции");
    machine.add_module("Проба", &module, SERVER).unwrap();
    convert::text(&machine.call("Проба", "Ф", &[]).unwrap())
}

#[test]
fn a_file_in_place_of_the_template_and_two_copies_of_different_names_work() {
    let server = Server::start().unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    let place = "\"ОбщийМакет.КоннекторHTTPКомпонента\"";
    let mut machine = Machine::new();
    copy(&mut machine, "КоннекторHTTP", &[(place, &format!("\"{}\"", library.display()))]);
    copy(
        &mut machine,
        "пбп_КоннекторHTTP",
        &[(place, "\"Обработка.Обмен.Макет.Компонента\""), ("\"ConnectorHTTPNative\"", "\"PbpHTTP\"")],
    );
    machine.add_template("Обработка.Обмен.Макет.Компонента", library);
    for module in ["КоннекторHTTP", "пбп_КоннекторHTTP", "КоннекторHTTP"] {
        let url = server.url("/get");
        assert_eq!(value(&mut machine, &format!("{module}.Get(\"{url}\").КодСостояния")), "200");
    }
    assert_eq!(value(&mut machine, "пбп_КоннекторHTTP.Диагностика().СимволическоеИмя"), "PbpHTTP");
}

#[test]
fn without_a_template_or_a_file_the_diagnosis_says_what_to_do() {
    let mut machine = Machine::new();
    copy(&mut machine, "КоннекторHTTP", &[]);
    let said = value(&mut machine, "КоннекторHTTP.Диагностика().Ошибка");
    assert!(said.contains("нет общего макета КоннекторHTTPКомпонента: добавьте его"), "{said}");
    copy(&mut machine, "КоннекторHTTP", &[("\"ОбщийМакет.КоннекторHTTPКомпонента\"", "\"/нет/такого.so\"")]);
    let said = value(&mut machine, "КоннекторHTTP.Диагностика().Ошибка");
    assert!(said.contains("Файла компоненты нет на этом компьютере"), "{said}");
    // A file that is no library.
    let file = std::env::temp_dir().join(format!("connector-native-no-library-{}.so", std::process::id()));
    std::fs::write(&file, "text").unwrap();
    let there = format!("\"{}\"", file.display());
    copy(&mut machine, "КоннекторHTTP", &[("\"ОбщийМакет.КоннекторHTTPКомпонента\"", &there)]);
    let said = value(&mut machine, "КоннекторHTTP.Диагностика().Ошибка");
    std::fs::remove_file(file).unwrap();
    assert!(said.contains("есть библиотека для этой системы и архитектуры"), "{said}");
}

#[test]
fn a_closed_port_is_told_from_a_missing_component() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    let mut machine = support::machine(&library, "ru").unwrap();
    let text = format!(
        "Попытка\nКоннекторHTTP.Get(\"http://{closed}/\");\nИсключение\n\
         Сообщить(КраткоеПредставлениеОшибки(ИнформацияОбОшибке()));\nКонецПопытки;"
    );
    machine.run_script("script", &text, SERVER).unwrap();
    assert!(machine.messages[0].contains(&closed.to_string()), "{:?}", machine.messages);
    assert!(!machine.messages[0].contains("не подключена"), "{:?}", machine.messages);
}
