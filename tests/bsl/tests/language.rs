//! The language itself, without any built-in.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use bsl::error::Fault;
use bsl::object::Argument;
use bsl::platform::convert;
use bsl::run::{Machine, SERVER};
use bsl::value::Value;

fn call(text: &str, method: &str, arguments: &[Argument]) -> Result<Value, Fault> {
    let mut machine = Machine::new();
    machine.add_module("М", text, SERVER).unwrap();
    machine.call("М", method, arguments)
}

/// What `Функция Ф() Экспорт` with this body returns, as text.
fn body(text: &str) -> String {
    let module = format!("Функция Ф() Экспорт\n{text}\nКонецФункции");
    match call(&module, "Ф", &[]) {
        Ok(value) => convert::text(&value),
        Err(fault) => format!("! {fault}"),
    }
}

#[test]
fn operators_have_the_strength_of_the_language() {
    for (text, expected) in [
        ("Возврат 2 + 3 * 4", "14"),
        ("Возврат (2 + 3) * 4", "20"),
        ("Возврат НЕ 1 = 2", "Да"),
        ("Возврат НЕ 1 = 1 ИЛИ Истина", "Да"),
        ("Возврат (НЕ Ложь) = Истина", "Да"),
        ("Возврат Ложь И Ложь ИЛИ Истина", "Да"),
        ("Возврат 7 % 3 + 1 / 4", "1,25"),
        ("Возврат -2 + 1", "-1"),
        ("Возврат \"а\" + 1 + 2", "а12"),
        ("Возврат ?(1 < 2, \"да\", \"нет\")", "да"),
        ("Возврат '20240131' + 86400", "01.02.2024 0:00:00"),
        ("Возврат '20240201' - '20240131'", "86\u{a0}400"),
        ("Возврат \"1\" = 1", "Нет"),
    ] {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn statements_run_in_both_languages() {
    assert_eq!(
        body(
            "С = 0; Для Н = 1 По 10 Цикл Если Н = 5 Тогда Прервать; КонецЕсли; С = С + Н; КонецЦикла; Возврат С;"
        ),
        "10"
    );
    let english = "Function F() Export\nS = \"\";\nI = 0;\nWhile I < 5 Do\nI = I + 1;\nIf I % 2 = 0 Then Continue; ElsIf I = 5 Then S = S + \"e\"; Else S = S + I; EndIf;\nEndDo;\nReturn S;\nEndFunction";
    assert_eq!(convert::text(&call(english, "f", &[]).unwrap()), "13e");
}

#[test]
fn strings_join_lines_and_undo_quotes() {
    assert_eq!(
        body("Возврат \"а\"\"б\n\t|в // не комментарий\n\t// комментарий\n\t|г\""),
        "а\"б\nв // не комментарий\nг"
    );
}

#[test]
fn parameters_go_by_reference_unless_told_otherwise() {
    let text = "Процедура П(А, Знач Б, В = 5)\nА = А + В; Б = 100;\nКонецПроцедуры\nФункция Ф() Экспорт\nХ = 1; У = 2;\nП(Х, У); П(Х, У, 10); П(Х + 0, У);\nВозврат \"\" + Х + \";\" + У;\nКонецФункции";
    assert_eq!(convert::text(&call(text, "Ф", &[]).unwrap()), "16;2");
}

#[test]
fn exceptions_are_caught_raised_anew_and_placed() {
    assert_eq!(
        body("Попытка ВызватьИсключение \"раз\"; Исключение Возврат \"поймано\"; КонецПопытки;"),
        "поймано"
    );
    let text = "Процедура П()\n\tХ = 1 / 0;\nКонецПроцедуры\nПроцедура Ф() Экспорт\n\tПопытка\n\t\tП();\n\tИсключение\n\t\tВызватьИсключение;\n\tКонецПопытки;\nКонецПроцедуры";
    let Err(Fault::Raised(exception)) = call(text, "Ф", &[]) else { panic!() };
    assert_eq!(exception.description, "Деление на 0");
    let lines: Vec<usize> = exception.at.iter().map(|place| place.line).collect();
    assert_eq!(lines[..2], [2, 6], "{lines:?}");
}

#[test]
fn what_the_bench_does_not_know_is_not_caught() {
    for text in [
        "Попытка НетТакой(); Исключение КонецПопытки; Возврат 1;",
        "Попытка Х = Новый НетТакого; Исключение КонецПопытки; Возврат 1;",
        "Попытка Х = НетТакогоИмени; Исключение КонецПопытки; Возврат 1;",
    ] {
        assert!(body(text).starts_with("! the bench does not know"), "{text}: {}", body(text));
    }
}

#[test]
fn conditions_of_the_preprocessor_choose_methods_and_statements() {
    let text = "#Область Имя\n#Если Сервер ИЛИ ВнешнееСоединение Тогда\nФункция Ф() Экспорт\n#Если НЕ Сервер Тогда\nВозврат \"клиент\";\n#Иначе\nВозврат \"сервер\";\n#КонецЕсли\nКонецФункции\n#Иначе\nФункция Ф() Экспорт\nВозврат \"иначе\";\nКонецФункции\n#КонецЕсли\n#КонецОбласти";
    assert_eq!(convert::text(&call(text, "Ф", &[]).unwrap()), "сервер");
}

#[test]
fn texts_are_executed_and_evaluated_with_the_variables_around_them() {
    assert_eq!(body("Х = 2; Выполнить(\"Х = Х + 1; У = 5\"); Возврат Вычислить(\"Х * У\");"), "15");
}

#[test]
fn module_methods_are_reached_only_when_exported() {
    let text = "Функция Ф() Экспорт\nВозврат М.Г();\nКонецФункции\nФункция Г()\nВозврат 1;\nКонецФункции";
    let Err(Fault::Raised(exception)) = call(text, "Ф", &[]) else { panic!() };
    assert!(exception.description.contains("Метод объекта не обнаружен (Г)"), "{}", exception.description);
}

#[test]
fn a_text_that_is_no_module_is_refused_with_its_line() {
    let mut machine = Machine::new();
    let error = machine.add_module("М", "Процедура П()\n\tЕсли Тогда\nКонецПроцедуры", SERVER).unwrap_err();
    assert_eq!(error.line, 2, "{error}");
}
