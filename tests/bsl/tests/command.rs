//! The command: what it prints and how it ends.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::path::PathBuf;
use std::process::Command;

/// A file with a text, removed when dropped.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bsl-{}-{name}.bsl", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn named(&self, name: &str) -> String {
        format!("{name}={}", self.0.display())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bsl")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_script_reaches_modules_and_says_what_it_says() {
    let module =
        Temporary::new("module", "Функция Привет(Кому) Экспорт Возврат \"Привет, \" + Кому; КонецФункции");
    let script = Temporary::new("script", "Сообщить(Мой.Привет(\"мир\"));");
    let path = script.0.to_string_lossy();
    let result = run(&["--module", &module.named("Мой"), &path]);
    assert_eq!(result, (0, "Привет, мир\n".to_owned(), String::new()));
}

#[test]
fn an_exception_nobody_caught_and_something_unknown_have_codes_of_their_own() {
    let raising = Temporary::new("raising", "Сообщить(1);\nВызватьИсключение \"ой\";");
    let (code, said, error) = run(&[&raising.0.to_string_lossy()]);
    assert_eq!((code, said.as_str()), (1, "1\n"));
    assert!(error.starts_with("ой\n") && error.contains(":2: "), "{error}");
    let unknown = Temporary::new("unknown", "Попытка\nНетТакой();\nИсключение\nКонецПопытки;");
    let (code, _, error) = run(&[&unknown.0.to_string_lossy()]);
    assert_eq!(code, 2);
    assert!(error.contains("НетТакой") && error.contains(":2: "), "{error}");
    assert_eq!(run(&[]).0, 2);
    assert_eq!(run(&["--nothing"]).0, 2);
}

#[test]
fn tests_and_rules_have_a_line_each_and_fail_the_command() {
    let text = "// Тесты.\nПроцедура ИсполняемыеСценарии() Экспорт\nЮТТесты.ДобавитьТест(\"А\").ДобавитьТест(\"Б\");\nКонецПроцедуры\n\
                // А.\nПроцедура А() Экспорт\nКонецПроцедуры\nПроцедура Б() Экспорт\nЮТест.ОжидаетЧто(1).Равно(2);\nКонецПроцедуры";
    let module = Temporary::new("tests", text);
    let (code, said, error) = run(&["--tests", &module.named("М")]);
    assert_eq!((code, error.as_str()), (1, "1 tests failed\n"));
    assert!(said.starts_with("ok       М / А\nFAILED   М / Б: Ожидали"), "{said}");
    let (code, said, _) = run(&["--lint", &module.named("М")]);
    assert_eq!((code, said.as_str()), (1, "М:8: Б is exported without a comment\n"));
}
