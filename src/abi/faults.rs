//! Faults the ABI layer itself finds, in both languages. The component's own are made by the component.

use super::component::{Fault, Language};
use super::guard::Place;

pub(super) fn internal(language: Language, place: Place) -> Fault {
    let text = match language {
        Language::English => "Internal error of the external component",
        Language::Russian => "Внутренняя ошибка внешней компоненты",
    };
    Fault { code: "internal", text: format!("{text}{place}") }
}

pub(super) fn busy(language: Language) -> Fault {
    fault(
        language,
        "busy",
        "The object is already carrying out a call of another thread",
        "Объект уже выполняет вызов из другого потока",
    )
}

pub(super) fn not_ready(language: Language) -> Fault {
    fault(language, "not-ready", "The object is not initialised", "Объект не инициализирован")
}

pub(super) fn finished(language: Language) -> Fault {
    fault(language, "finished", "The object's work is finished", "Работа объекта завершена")
}

pub(super) fn unknown_member(language: Language) -> Fault {
    fault(
        language,
        "unknown-member",
        "There is no method or property with this number",
        "Нет метода или свойства с таким номером",
    )
}

pub(super) fn not_readable(language: Language, name: &str) -> Fault {
    named(language, "not-readable", name, "the property cannot be read", "свойство недоступно для чтения")
}

pub(super) fn not_writable(language: Language, name: &str) -> Fault {
    named(language, "not-writable", name, "the property cannot be written", "свойство недоступно для записи")
}

pub(super) fn wrong_arguments(language: Language, name: &str) -> Fault {
    named(language, "wrong-arguments", name, "wrong number of arguments", "неверное количество параметров")
}

pub(super) fn no_result_place(language: Language, name: &str) -> Fault {
    named(language, "wrong-arguments", name, "no place for the result", "не передано место для результата")
}

pub(super) fn out_of_memory(language: Language) -> Fault {
    fault(language, "out-of-memory", "Out of memory", "Недостаточно памяти")
}

pub(super) fn too_large(language: Language) -> Fault {
    fault(
        language,
        "too-large",
        "The value is too large to be passed: the limit is 4 GB",
        "Значение слишком велико для передачи: предел 4 ГБ",
    )
}

pub(super) fn wrong_result(language: Language) -> Fault {
    fault(
        language,
        "wrong-result",
        "The result is not a number or a date that can be passed",
        "Результат не является числом или датой, которые можно передать",
    )
}

fn fault(language: Language, code: &'static str, english: &str, russian: &str) -> Fault {
    let text = match language {
        Language::English => english,
        Language::Russian => russian,
    };
    Fault { code, text: text.to_owned() }
}

fn named(language: Language, code: &'static str, name: &str, english: &str, russian: &str) -> Fault {
    let text = match language {
        Language::English => format!("{name}: {english}"),
        Language::Russian => format!("{name}: {russian}"),
    };
    Fault { code, text }
}
