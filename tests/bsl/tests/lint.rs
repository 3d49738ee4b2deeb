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
    remarks(&text).into_iter().map(|remark| (remark.rule, remark.line - 1)).collect()
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
        ("Делает();\nСам.Нет();", 1),
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
