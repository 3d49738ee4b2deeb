//! What runs after the current code: notifications, the asynchronous forms of components, idle handlers, in both languages.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use bsl::error::Fault;
use bsl::run::{CLIENT, Machine};

/// A client with the built library in a template, which has to be installed.
fn client() -> Machine {
    let mut machine = Machine::new();
    machine.is_client = true;
    machine.add_template("ОбщийМакет.К", addin_host::find::beside_test("httpconnector").unwrap());
    machine
}

/// Runs `Начать` of a module `М` with this text, and then what it began. What was said, and what nobody caught.
fn outcome(machine: &mut Machine, text: &str) -> (Vec<String>, Option<String>) {
    machine.add_shared_module("М", text, CLIENT).unwrap();
    let result = machine.call("М", "Начать", &[]).and_then(|_| machine.run_events());
    let fault = match result {
        Ok(()) => None,
        Err(Fault::Raised(exception)) => Some(exception.description),
        Err(other) => Some(format!("?{}", other.to_string().lines().next().unwrap_or_default())),
    };
    (std::mem::take(&mut machine.messages), fault)
}

fn said(machine: &mut Machine, text: &str) -> String {
    let (said, fault) = outcome(machine, text);
    assert_eq!(fault, None);
    said.join("; ")
}

/// Installs, attaches, creates an object, then calls `Готово(Объект)`.
const PREPARED: &str = "
Процедура Начать() Экспорт
    НачатьУстановкуВнешнейКомпоненты(Новый ОписаниеОповещения(\"Установлена\", М), \"ОбщийМакет.К\");
КонецПроцедуры
Процедура Установлена(Данные) Экспорт
    НачатьПодключениеВнешнейКомпоненты(Новый ОписаниеОповещения(\"Подключена\", М), \"ОбщийМакет.К\", \"К\",
        ТипВнешнейКомпоненты.Native);
КонецПроцедуры
Процедура Подключена(Подключено, Данные) Экспорт
    Готово(Новый(\"AddIn.К.HTTPSession\"));
КонецПроцедуры
";

fn prepared(rest: &str) -> String {
    format!("{PREPARED}{rest}")
}

#[test]
fn callbacks_run_after_the_code_that_began_them_and_in_that_order() {
    let text = prepared(
        "Процедура Готово(Объект)
            Объект.НачатьУстановкуТаймаут(Новый ОписаниеОповещения(\"Задано\", М, 1), 7);
            Объект.НачатьВызовРазобратьURL(Новый ОписаниеОповещения(\"Вызвано\", М, 2), \"http://h/п\");
            Объект.НачатьПолучениеТаймаут(Новый ОписаниеОповещения(\"Получено\", М, 3));
            Объект.НачатьВызовОчиститьCookies(Неопределено);
            Объект.НачатьВызовОчиститьCookies(Новый ОписаниеОповещения);
            Сообщить(\"конец кода\");
        КонецПроцедуры
        Процедура Задано(Данные) Экспорт Сообщить(Данные); КонецПроцедуры
        Процедура Вызвано(Результат, Параметры, Данные) Экспорт
            Сообщить(\"\" + Данные + (СтрНайти(Результат, \"\"\"h\"\"\") > 0) + Параметры.Количество() + Параметры[0]);
        КонецПроцедуры
        Процедура Получено(Значение, Данные) Экспорт Сообщить(\"\" + Данные + Значение); КонецПроцедуры",
    );
    assert_eq!(said(&mut client(), &text), "конец кода; 1; 2Да1http://h/п; 37");
}

#[test]
fn english_names_do_the_same() {
    let text = "
    Procedure Начать() Export
        BeginInstallAddIn(New NotifyDescription(\"Installed\", М), \"CommonTemplate.К\");
    EndProcedure
    Procedure Installed(Data) Export
        BeginAttachingAddIn(New NotifyDescription(\"Attached\", М), \"CommonTemplate.К\", \"К\", AddInType.Native);
    EndProcedure
    Procedure Attached(Yes, Data) Export
        Object = New(\"AddIn.К.HTTPSession\");
        Object.BeginSettingTimeout(New NotifyDescription(\"Done\", М), 7);
        Object.BeginCallingHTTPStatusCodePresentation(New NotifyDescription(\"Called\", М), 404);
        Object.BeginGettingTimeout(New NotifyDescription(\"Got\", М, \"=\"));
    EndProcedure
    Procedure Done(Data) Export
        Message(\"done\");
    EndProcedure
    Procedure Called(Result, Parameters, Data) Export
        Message(Result);
    EndProcedure
    Procedure Got(Value, Data) Export
        ExecuteNotifyProcessing(New NotifyDescription(\"Last\", М, Data), Value);
    EndProcedure
    Procedure Last(Result, Data) Export
        Message(Data + Result);
    EndProcedure";
    assert_eq!(said(&mut client(), text), "done; 404: Not Found; =7");
}

#[test]
fn a_client_attaches_only_what_was_installed() {
    let text = "
    Процедура Начать() Экспорт
        НачатьПодключениеВнешнейКомпоненты(Новый ОписаниеОповещения(\"Подключена\", М), \"ОбщийМакет.К\", \"К\",
            ТипВнешнейКомпоненты.Native);
        НачатьУстановкуВнешнейКомпоненты(Новый ОписаниеОповещения(\"Установлена\", М, , \"НеВышло\", М), \"ОбщийМакет.Нет\");
    КонецПроцедуры
    Процедура Установлена(Данные) Экспорт Сообщить(\"установлена\"); КонецПроцедуры
    Процедура НеВышло(Ошибка, Стандартная, Данные) Экспорт
        Стандартная = Ложь;
        Сообщить(КраткоеПредставлениеОшибки(Ошибка));
    КонецПроцедуры
    Процедура Подключена(Подключено, Данные) Экспорт Сообщить(Подключено); КонецПроцедуры";
    assert_eq!(said(&mut client(), text), "Нет; Ошибка установки внешней компоненты: макет не найден");
}

#[test]
fn synchronous_calls_are_refused_on_a_client() {
    let text = prepared(
        "Процедура Готово(Объект)
            Для Каждого Действие Из СтрРазделить(\"Объект.РазобратьURL(\"\"http://h\"\");Х = Объект.Таймаут;Объект.Таймаут = 1;\"
                + \"ПодключитьВнешнююКомпоненту(\"\"ОбщийМакет.К\"\", \"\"К\"\", ТипВнешнейКомпоненты.Native)\", \";\") Цикл
                Попытка
                    Выполнить(Действие);
                    Сообщить(\"можно: \" + Действие);
                Исключение
                    Сообщить(СтрНайти(КраткоеПредставлениеОшибки(ИнформацияОбОшибке()), \"синхронных\") > 0);
                КонецПопытки;
            КонецЦикла;
            Попытка
                Объект.НачатьВызовНетТакого(Новый ОписаниеОповещения);
            Исключение
                Сообщить(КраткоеПредставлениеОшибки(ИнформацияОбОшибке()));
            КонецПопытки;
        КонецПроцедуры",
    );
    assert_eq!(
        said(&mut client(), &text),
        "Да; Да; Да; Да; Метод объекта не обнаружен (НачатьВызовНетТакого)"
    );
}

#[test]
fn failures_reach_their_handler_or_the_user() {
    let failing = |handler: &str, standard: &str| {
        prepared(&format!(
            "Процедура Готово(Объект)
                Объект.НачатьВызовРазобратьURL(Новый ОписаниеОповещения(\"Нет\", М, \"данные\"{handler}), \"http://h:99999/\");
            КонецПроцедуры
            Процедура Нет(Результат, Параметры, Данные) Экспорт Сообщить(\"успех\"); КонецПроцедуры
            Процедура Ошибка(Информация, Стандартная, Данные) Экспорт
                Сообщить(Данные + Стандартная + (СтрНайти(КраткоеПредставлениеОшибки(Информация), \"99999\") > 0));
                {standard}
            КонецПроцедуры"
        ))
    };
    let handled = ", \"Ошибка\", М";
    let (said, fault) = outcome(&mut client(), &failing(handled, "Стандартная = Ложь;"));
    assert_eq!((said.join("; ").as_str(), fault), ("данныеДаДа", None));
    let (said, fault) = outcome(&mut client(), &failing(handled, ""));
    assert_eq!(said.join("; "), "данныеДаДа");
    assert!(fault.unwrap().contains("99999"));
    let (said, fault) = outcome(&mut client(), &failing("", ""));
    assert!(said.is_empty());
    assert!(fault.unwrap().contains("99999"));
}

#[test]
fn idle_handlers_come_after_their_interval_until_detached() {
    let text = "
    Перем Раз Экспорт;
    Процедура Начать() Экспорт
        Раз = 0;
        ПодключитьОбработчикОжидания(\"Повтор\", 1);
        ПодключитьОбработчикОжидания(\"Однажды\", 0.1, Истина);
        ПодключитьОбработчикОжидания(\"Отключенный\", 0.1, Истина);
        ОтключитьОбработчикОжидания(\"Отключенный\");
        Сообщить(\"начато\");
    КонецПроцедуры
    Процедура Однажды() Экспорт Сообщить(\"однажды\"); КонецПроцедуры
    Процедура Отключенный() Экспорт Сообщить(\"никогда\"); КонецПроцедуры
    Процедура Повтор() Экспорт
        Раз = Раз + 1;
        Сообщить(Раз);
        Если Раз = 2 Тогда
            ОтключитьОбработчикОжидания(\"Повтор\");
        КонецЕсли;
    КонецПроцедуры";
    let before = std::time::Instant::now();
    assert_eq!(said(&mut client(), text), "начато; однажды; 1; 2");
    assert!(before.elapsed().as_millis() >= 2000);
}

#[test]
fn an_idle_handler_needs_a_procedure_and_an_interval_the_platform_knows() {
    let attaching = |call: &str| {
        format!(
            "Процедура Начать() Экспорт\nПодключитьОбработчикОжидания({call});\nКонецПроцедуры\n\
             Процедура Есть() Экспорт\nКонецПроцедуры\nПроцедура Своя()\nКонецПроцедуры"
        )
    };
    for (call, expected) in [
        ("\"Нет\", 1", "процедура Нет не найдена"),
        ("\"Своя\", 1", "процедура Своя не найдена"),
        ("\"Есть\", 0.5", "?the bench does not know: an idle handler every 0.5 s"),
        ("\"Есть\", 0.01, Истина", "?the bench does not know: an idle handler every 0.01 s"),
    ] {
        let (_, fault) = outcome(&mut client(), &attaching(call));
        let fault = fault.unwrap_or_default();
        assert!(fault.contains(expected), "{call}: {fault}");
    }
}

#[test]
fn names_of_shared_modules_need_no_prefix_and_unknown_ones_are_caught_in_eval() {
    let text = "
    Перем Общая Экспорт; Перем Своя;
    Функция Сложить(А, Б) Экспорт Возврат А + Б; КонецФункции
    Общая = 5; Своя = 6;";
    let mut machine = client();
    machine.add_shared_module("Приложение", text, CLIENT).unwrap();
    let module = "
    Процедура Начать() Экспорт
        Сообщить(Сложить(Общая, 1));
        Для Каждого Имя Из СтрРазделить(\"Общая,Своя,Приложение,Истина,5\", \",\") Цикл
            Попытка
                Сообщить(Имя + \"=\" + Вычислить(Имя));
            Исключение
                Сообщить(КраткоеПредставлениеОшибки(ИнформацияОбОшибке()));
            КонецПопытки;
        КонецЦикла;
    КонецПроцедуры";
    assert_eq!(
        said(&mut machine, module),
        "6; Общая=5; Переменная не определена (Своя); Приложение=ОбщийМодуль; Истина=Да; 5=5"
    );
}

#[test]
fn a_wrong_callback_ends_the_run() {
    for (callback, expected) in [
        ("Новый ОписаниеОповещения(\"Нет\", М)", "Метод объекта не обнаружен (Нет)"),
        ("Новый ОписаниеОповещения(\"Мало\", М)", "?the bench does not know: too many arguments for Мало"),
        ("5", "нужно ОписаниеОповещения"),
    ] {
        let text = prepared(&format!(
            "Процедура Готово(Объект)\nОбъект.НачатьПолучениеТаймаут({callback});\nКонецПроцедуры\n\
             Процедура Мало(Значение) Экспорт\nКонецПроцедуры"
        ));
        let (_, fault) = outcome(&mut client(), &text);
        let fault = fault.unwrap_or_default();
        assert!(fault.contains(expected), "{callback}: {fault}");
    }
}
