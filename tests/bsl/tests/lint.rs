//! Rules for modules: a module that breaks each of them, and one that breaks none.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use bsl::lint::{Remark, Rule, Rules, check};
use bsl::run::{Machine, SERVER};
use bsl::syntax::read;

fn remarks(text: &str) -> Vec<Remark> {
    let mut machine = Machine::new();
    let other = "Функция Ф(А, Б = 1) Экспорт Возврат А; КонецФункции Процедура П() КонецПроцедуры";
    machine.add_module("Другой", other, SERVER).unwrap();
    machine.add_module("Сам", text, SERVER).unwrap();
    check(&machine, &read("Сам", text, SERVER).unwrap(), Rules::default())
}

/// Rules that the body of a procedure breaks, with the lines inside of it.
fn broken(body: &str) -> Vec<(Rule, usize)> {
    let text = format!(
        "Процедура Тест(П)\n{body}\nКонецПроцедуры\nФункция Своя(А, Б = 1)\nВозврат А + Б;\nКонецФункции\n\
         Процедура Делает()\nКонецПроцедуры"
    );
    let remarks = remarks(&text).into_iter().map(|remark| (remark.rule, remark.line - 1));
    // Most of these bodies have nothing to do with the parameter.
    remarks.filter(|(rule, _)| *rule != Rule::UnusedParameter).collect()
}

#[test]
fn a_module_without_faults_has_no_remarks() {
    let text = "// Складывает.
//
// Параметры:
//  Первое - Число
//  Второе - Число
//
// Возвращаемое значение:
//  Число
&НаСервере
Функция Сумма(Первое, Знач Второе = 0) Экспорт
	Перем Итог;
	Итог = Первое + Второе + Другой.Ф(1);
	Для Счетчик = 1 По 3 Цикл
		Делает(Итог);
	КонецЦикла;
	Структура = Новый Структура(\"А\");
	Структура.А = Итог;
	Сообщить(Символы.ПС);
	Возврат Итог;
КонецФункции

Процедура Делает(Число)
	Число = Число + 1;
КонецПроцедуры";
    assert_eq!(remarks(text), []);
}

#[test]
fn exported_methods_need_a_comment_with_parameters_and_result() {
    let rules = |text: &str| -> Vec<String> {
        remarks(text).iter().map(|remark| format!("{:?} {}", remark.rule, remark.text)).collect()
    };
    assert_eq!(
        rules("Процедура П() Экспорт\nКонецПроцедуры"),
        ["Documentation П is exported without a comment"]
    );
    assert_eq!(
        rules("// Что-то с Первое.\n\nПроцедура П() Экспорт\nКонецПроцедуры"),
        ["Documentation П is exported without a comment"]
    );
    assert_eq!(
        rules("// Что-то с А.\nФункция Ф(А, Бета) Экспорт\nВозврат А + Бета;\nКонецФункции"),
        [
            "Documentation the comment of Ф leaves out Бета",
            "Documentation the comment of Ф does not say what it returns"
        ]
    );
    assert_eq!(rules("Процедура П()\nКонецПроцедуры"), Vec::<String>::new());
    assert_eq!(
        rules(
            "// Does.\n// Parameters:\n//  A - Number\n// Returns:\n//  Number\nFunction F(A) Export\nReturn A;\nEndFunction"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn variables_that_nothing_reads_are_found() {
    assert_eq!(broken("А = 1;\nБ = А;"), [(Rule::UnusedVariable, 2)]);
    assert_eq!(broken("Перем В;"), [(Rule::UnusedVariable, 1)]);
    assert_eq!(broken("Если П Тогда\nА = 1;\nКонецЕсли;"), [(Rule::UnusedVariable, 2)]);
    assert_eq!(broken("П = 1;\nА = Новый Массив;\nА[0] = 1;\nДля Каждого Б Из А Цикл\nКонецЦикла;"), []);
    assert_eq!(broken("А = 1;\nВыполнить(\"Сообщить(А)\");"), []);
    assert_eq!(broken("А = 1;\nСообщить(Вычислить(\"А\"));"), []);
}

#[test]
fn calls_names_and_types_that_are_nowhere_are_found() {
    for (body, count) in [
        ("НетТакой();", 1),
        ("Сообщить(НетТакой);", 1),
        ("Сообщить(Новый НетТакого);", 1),
        ("Сообщить(Новый Массив(НетТакой));", 1),
        ("Другой.П();", 1),
        ("Другой.Нет();", 1),
        ("Другой.Ф();", 1),
        ("Другой.Ф(1, 2, 3);", 1),
        ("Другой.Ф(, 2);", 1),
        ("Своя();", 1),
        ("Сообщить(Своя(1) + Своя(1, 2) + Своя(1,));", 0),
        ("Сообщить(Делает());", 1),
        ("Делает();\nДругой.Нет();", 1),
        ("П.Любой();\nСообщить(П.Поле + Символы.ПС);", 0),
    ] {
        let found = broken(body);
        assert_eq!(found.len(), count, "{body}: {found:?}");
        assert!(found.iter().all(|(rule, _)| *rule == Rule::Unresolved), "{body}: {found:?}");
    }
}

#[test]
fn long_methods_and_methods_that_are_there_twice_are_found() {
    let long = format!("Процедура П()\n{}КонецПроцедуры", "Сообщить(1);\n".repeat(58));
    assert_eq!(remarks(&long), []);
    let long = format!("Процедура П()\n{}КонецПроцедуры", "Сообщить(1);\n".repeat(59));
    assert_eq!(remarks(&long).iter().map(|remark| remark.rule).collect::<Vec<_>>(), [Rule::LongMethod]);
    let twice = "Процедура П()\nКонецПроцедуры\nПроцедура п()\nКонецПроцедуры";
    assert_eq!(remarks(twice).iter().map(|remark| remark.rule).collect::<Vec<_>>(), [Rule::Duplicate]);
}

/// What is said of a module, with the lines.
fn rules(text: &str) -> Vec<(Rule, usize)> {
    remarks(text).into_iter().map(|remark| (remark.rule, remark.line)).collect()
}

#[test]
fn parameters_that_nothing_reads_are_found_unless_the_comment_says_so() {
    assert_eq!(rules("Процедура П(А, Б)\nСообщить(А);\nКонецПроцедуры"), [(Rule::UnusedParameter, 1)]);
    assert_eq!(rules("Процедура П(А)\nА = 1;\nКонецПроцедуры"), []);
    assert_eq!(rules("Процедура П(А)\nВыполнить(\"Сообщить(А)\");\nКонецПроцедуры"), []);
    let handler = "// Слушает А, Б.\nПроцедура Обработать(А, Б) Экспорт\nКонецПроцедуры\nПроцедура П()\n";
    assert_eq!(rules(&format!("{handler}Сообщить(\"Обработать\");\nКонецПроцедуры")), []);
    assert_eq!(rules(&format!("{handler}Сообщить(\"Другое\");\nКонецПроцедуры")).len(), 2);
    let said = "// Готовая функция.\n//\n// Параметры:\n//  А - Строка - имя; не используется.\nПроцедура П(А) Экспорт\nКонецПроцедуры";
    assert_eq!(rules(said), []);
    let of_another = said.replace("//  А - ", "//  А - Строка\n//  Б - ");
    assert_eq!(rules(&of_another), [(Rule::UnusedParameter, 6)]);
    assert_eq!(
        rules("// Ready.\n// Parameters:\n//  A - String - not used.\nProcedure P(A) Export\nEndProcedure"),
        []
    );
}

#[test]
fn nothing_is_done_or_kept_at_load() {
    assert_eq!(rules("Процедура П()\nКонецПроцедуры\nСообщить(1);"), [(Rule::AtLoad, 3)]);
    assert_eq!(rules("Перем А;\nПроцедура П()\nСообщить(А);\nКонецПроцедуры"), [(Rule::AtLoad, 1)]);
}

#[test]
fn what_older_platforms_do_not_compile_stands_in_guarded_texts_only() {
    let body = |text: &str| {
        rules(&format!("Процедура П(А, Б, В, Г)\nСообщить(А + Б + В + Г);\n{text}\nКонецПроцедуры"))
    };
    assert_eq!(body("ПодключитьВнешнююКомпоненту(А, Б, В);"), []);
    assert_eq!(body("ПодключитьВнешнююКомпоненту(А, Б, В, Г);"), [(Rule::Newer, 3)]);
    assert_eq!(body("AttachAddIn(А, Б, В, Г);"), [(Rule::Newer, 3)]);
    assert_eq!(body("Сообщить(Ждать А);").first(), Some(&(Rule::Newer, 3)));
    let attach = "Выполнить(\"А = ПодключитьВнешнююКомпоненту(А, Б, В, ТипПодключенияВнешнейКомпоненты.Изолированно)\");";
    assert_eq!(body(attach), [(Rule::Newer, 3)]);
    // The check is a function of the module itself; here it is not there.
    let guarded = format!("Если ВерсияПлатформыНеНиже(\"8.3.21\") Тогда\n{attach}\nКонецЕсли;");
    assert_eq!(body(&guarded), [(Rule::Unresolved, 3)]);
    let elsewhere = format!("Если ВерсияПлатформыНеНиже(\"8.3.21\") Тогда\nКонецЕсли;\n{attach}");
    assert_eq!(body(&elsewhere), [(Rule::Unresolved, 3), (Rule::Newer, 5)]);
}

#[test]
fn executed_texts_are_written_in_the_module() {
    let body = |text: &str| rules(&format!("Процедура П(А)\nСообщить(А);\n{text}\nКонецПроцедуры"));
    assert_eq!(body("Б = ?(А, \"1\", \"2\");\nВыполнить(\"А = \" + Б);"), []);
    assert_eq!(body("Выполнить(А);"), [(Rule::Executed, 3)]);
    assert_eq!(body("Б = Строка(А);\nВыполнить(\"А = \" + Б);"), [(Rule::Executed, 4)]);
    assert_eq!(body("Сообщить(Вычислить(\"А\"));"), []);
    assert_eq!(body("Сообщить(Вычислить(А));"), [(Rule::Executed, 3)]);
}

#[test]
fn a_module_does_not_know_its_own_name() {
    assert_eq!(rules("Процедура П() Экспорт\nСам.П();\nКонецПроцедуры").last(), Some(&(Rule::OwnName, 2)));
    assert_eq!(rules("Процедура П()\nСообщить(\"Сам.П\");\nКонецПроцедуры"), [(Rule::OwnName, 2)]);
    assert_eq!(rules("Процедура П()\nСам = 1;\nСообщить(Сам);\nКонецПроцедуры"), []);
}

#[test]
fn long_lines_are_found_but_for_comments_and_texts_in_two_languages() {
    let wide = "а".repeat(120);
    assert_eq!(
        rules(&format!("Процедура П()\nСообщить(\"{wide}\");\nКонецПроцедуры")),
        [(Rule::LongLine, 2)]
    );
    assert_eq!(
        rules(&format!("// {wide}\nПроцедура П()\nСообщить(НСтр(\"ru = '{wide}'\"));\nКонецПроцедуры")),
        []
    );
}
