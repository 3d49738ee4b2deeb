//! Words of the language itself.

/// Keywords, Russian and English.
const KEYWORDS: &[(&str, &str)] = &[
    ("Процедура", "Procedure"),
    ("КонецПроцедуры", "EndProcedure"),
    ("Функция", "Function"),
    ("КонецФункции", "EndFunction"),
    ("Перем", "Var"),
    ("Экспорт", "Export"),
    ("Знач", "Val"),
    ("Если", "If"),
    ("Тогда", "Then"),
    ("ИначеЕсли", "ElsIf"),
    ("Иначе", "Else"),
    ("КонецЕсли", "EndIf"),
    ("Для", "For"),
    ("Каждого", "Each"),
    ("Из", "In"),
    ("По", "To"),
    ("Пока", "While"),
    ("Цикл", "Do"),
    ("КонецЦикла", "EndDo"),
    ("Прервать", "Break"),
    ("Продолжить", "Continue"),
    ("Возврат", "Return"),
    ("Попытка", "Try"),
    ("Исключение", "Except"),
    ("КонецПопытки", "EndTry"),
    ("ВызватьИсключение", "Raise"),
    ("Новый", "New"),
    ("Выполнить", "Execute"),
    ("Перейти", "Goto"),
    ("ДобавитьОбработчик", "AddHandler"),
    ("УдалитьОбработчик", "RemoveHandler"),
    ("И", "And"),
    ("Или", "Or"),
    ("Не", "Not"),
    ("Истина", "True"),
    ("Ложь", "False"),
    ("Неопределено", "Undefined"),
    ("Вычислить", "Eval"),
];

/// Keywords after `#`.
const DIRECTIVES: &[(&str, &str)] = &[
    ("Область", "Region"),
    ("КонецОбласти", "EndRegion"),
    ("Если", "If"),
    ("ИначеЕсли", "ElsIf"),
    ("Иначе", "Else"),
    ("КонецЕсли", "EndIf"),
];

/// English for a keyword.
pub(super) fn keyword(word: &str) -> Option<&'static str> {
    find(KEYWORDS, word)
}

/// English for a word of the preprocessor.
pub(super) fn directive(word: &str) -> Option<&'static str> {
    find(DIRECTIVES, word)
}

/// Whether an English word may not be a name.
pub(super) fn is_reserved(english: &str) -> bool {
    KEYWORDS.iter().any(|(_, keyword)| keyword.eq_ignore_ascii_case(english))
}

/// Whether a word is that keyword, named in Russian, in either language.
pub(super) fn is(word: &str, russian: &str) -> bool {
    crate::names::same(word, russian)
        || keyword(russian).is_some_and(|english| english.eq_ignore_ascii_case(word))
}

fn find(among: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    among.iter().find(|(russian, _)| crate::names::same(russian, word)).map(|(_, english)| *english)
}
