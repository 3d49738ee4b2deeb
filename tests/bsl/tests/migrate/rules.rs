//! A module for every rule, and modules that look like it and are in order.

use bsl::migrate::RULES;

use crate::Folder;

/// Rules that a module breaks, with the lines.
fn found(name: &str, text: &str) -> Vec<(String, usize)> {
    let folder = Folder::new(name);
    folder.write("Module.bsl", text.as_bytes());
    let report = folder.scan(&["Запросы"]);
    report.findings.iter().map(|one| (one.rule.to_owned(), one.line)).collect()
}

/// Rules and statements of a procedure that break them, in the first line.
const BREAK: &[(&str, &str)] = &[
    ("no-function", "КоннекторHTTP.ВызватьМетодВСеансе(С, \"GET\", У);"),
    ("no-function", "пбп_КоннекторHTTP.ЗаполнитьДополнительныеДанные(С);"),
    ("no-function", "КоннекторHTTP.AsJson(О);"),
    ("no-function", "HTTPConnector.КакJson(О);"),
    ("no-function", "Запросы.НетТакой();"),
    ("no-function", "ОбщегоНазначения.ОбщийМодуль(\"КоннекторHTTP\").НетТакой();"),
    ("extra-argument", "КоннекторHTTP.Get(У, , , , 1);"),
    (
        "platform-certificate",
        "КоннекторHTTP.Get(У, , Новый Структура(\"ПроверятьSSL\", Новый СертификатыУдостоверяющихЦентровФайл(\"f\")));",
    ),
    (
        "platform-certificate",
        "П = Запросы.НовыеПараметры(); П.КлиентскийСертификатSSL = Новый СертификатКлиентаWindows;",
    ),
    ("service-data", "С = КоннекторHTTP.СоздатьСессию(); Сообщить(С.СлужебныеДанные.ПараметрыDigest);"),
    ("service-data", "Любая.ПулСоединений.Очистить(); КоннекторHTTP.КодыСостоянияHTTP();"),
    ("service-data", "Любая.Свойство(\"ПулСоединений\", Пул);"),
    ("response-object", "О = КоннекторHTTP.Get(У); Сообщить(О.Ответ.КодСостояния);"),
    (
        "default-header",
        "П = КоннекторHTTP.НовыеПараметры(); П.Заголовки[\"accept-encoding\"] = \"identity\";",
    ),
    (
        "default-header",
        "З = Новый Соответствие; З.Вставить(\"Accept\", \"text/xml\"); КоннекторHTTP.Get(У, , Новый Структура(\"Заголовки\", З));",
    ),
    (
        "session-header",
        "С = КоннекторHTTP.СоздатьСессию(); С.Заголовки.Вставить(\"X\", 1); П = Новый Структура; П.Вставить(\"Заголовки\", З); З.Вставить(\"x\", 2); КоннекторHTTP.Get(У, , П, С);",
    ),
    (
        "session-priority",
        "С = КоннекторHTTP.СоздатьСессию(); С.Аутентификация = А; КоннекторHTTP.Get(У, , Новый Структура(\"Аутентификация\", Б), С);",
    ),
    (
        "session-priority",
        "С = КоннекторHTTP.СоздатьСессию(); С.ПараметрыЗапроса = А; П = КоннекторHTTP.НовыеПараметры(); П.ПараметрыЗапроса = Б; КоннекторHTTP.Get(У, , П, С);",
    ),
    ("no-verification", "КоннекторHTTP.Get(У, , Новый Структура(\"ПроверятьSSL\", Ложь));"),
    ("session-verification", "С = КоннекторHTTP.СоздатьСессию(); С.ПроверятьSSL = Ложь;"),
    ("session-certificate", "С = HTTPConnector.NewSession(); С.ClientSSLCertificate = Х;"),
    ("session-proxy", "С = КоннекторHTTP.СоздатьСессию(); С.Вставить(\"Прокси\", Х);"),
    ("empty-proxy", "П = КоннекторHTTP.НовыеПараметры(); П.Прокси = Новый ИнтернетПрокси(Ложь);"),
    ("new-key", "КоннекторHTTP.Get(У, , Новый Структура(\"МаксимальноеКоличествоПеренаправлений\", 5));"),
    ("new-key", "КоннекторHTTP.Get(У, , Новый Структура(\"Authentification\", А));"),
    ("new-key", "А = КоннекторHTTP.НоваяАутентификацияAWS4(); А.Вставить(\"ТокенСессии\", Т);"),
    ("query-key", "З = Новый Соответствие; З.Вставить(\"a%20b\", \"1\"); КоннекторHTTP.Get(У, З);"),
    (
        "query-key",
        "З = Новый Соответствие; З[\"a b\"] = \"1\"; КоннекторHTTP.Post(У, З, Новый Структура(\"РазрешитьПеренаправление\", Ложь));",
    ),
    ("typed-value", "КоннекторHTTP.Get(У, Новый Структура(\"a\", 1));"),
    ("typed-value", "З = Новый Структура; З.Вставить(\"a\", Истина); КоннекторHTTP.GetJson(У, З);"),
    (
        "typed-value",
        "Н = НачалоДня(Д); П = КоннекторHTTP.НовыеПараметры(); П.Данные = Новый Структура(\"a\", Н);",
    ),
    ("part-name", "КоннекторHTTP.НовыйОтправляемыйФайл(\"f\", \"а\"\"б.txt\");"),
    (
        "part-name",
        "П = КоннекторHTTP.НовыеПараметры(); П.Файлы.Добавить(Новый Структура(\"Имя, Данные\", \"a%22\", Д));",
    ),
    (
        "aws-type",
        "П = КоннекторHTTP.НовыеПараметры(); П.Аутентификация = Новый Структура(\"Тип\", \"aws4-hmac-sha256\");",
    ),
    ("fragment", "КоннекторHTTP.Get(\"http://h/a#b\");"),
    ("url-form", "У = \"HTTPS://h/\"; КоннекторHTTP.Get(У);"),
    ("url-form", "КоннекторHTTP.Get(\"http://h?\");"),
    ("hmac-sha512", "КоннекторHTTP.HMAC(К, Д, ХешФункция.SHA512);"),
    ("unknown-status", "HTTPConnector.HTTPStatusCodePresentation(488);"),
    ("head-redirect", "HTTPConnector.Head(У);"),
    ("timeout-zero", "HTTPConnector.Get(У, , New Structure(\"Timeout\", 0));"),
    ("positional-argument", "HTTPConnector.Get(У, З, HTTPConnector.NewParameters());"),
    ("content-type", "HTTPConnector.PutJson(У, Д);"),
    ("post-301", "КоннекторHTTP.Post(У);"),
    ("post-301", "М = \"POST\"; КоннекторHTTP.ВызватьМетод(М, У);"),
    ("errors-list", "О = КоннекторHTTP.Get(У); Сообщить(О.Ошибки.Количество());"),
    ("password-in-url", "КоннекторHTTP.Get(\"http://user:pass@h/\");"),
    ("cookie-store", "С = КоннекторHTTP.СоздатьСессию(); Сообщить(С.Cookies[\"h\"]);"),
    (
        "prepared-request",
        "З = КоннекторHTTP.ПодготовитьЗапрос(С, \"GET\", У, П); Соединение.Получить(З.HTTPЗапрос);",
    ),
    ("short-year", "КоннекторHTTP.ДатаИзСтрокиRFC7231(Т);"),
    ("unknown-key", "КоннекторHTTP.Get(У, , Новый Структура(\"Заголовок\", З));"),
    ("unknown-key", "КоннекторHTTP.КакJson(О, Новый Структура(\"ПрочитатьВСтруктуру\", Истина));"),
    ("unknown-key", "Запросы.Get(У, , Новый Структура(\"Timeouts, Headers, Таймаут\"));"),
    ("indirect-call", "Выполнить(\"О = КоннекторHTTP.Get(У)\");"),
];

/// Statements that no rule is about.
const KEEP: &[&str] = &[
    "С = КоннекторHTTP.СоздатьСессию(); С.Аутентификация = А; КоннекторHTTP.Get(У, , Новый Структура(\"Аутентификация\", Б));",
    "КоннекторHTTP.Get(У, Новый Структура(\"a, б\", \"1\", З), , С);",
    "П = КоннекторHTTP.НовыеПараметры(); П.Таймаут = 0; П.Заголовки.Вставить(\"X\", 1); КоннекторHTTP.GetJson(У, , П);",
    "С = КоннекторHTTP.СоздатьСессию(); С.Заголовки.Вставить(\"Accept\", \"*\"); С.Прокси = Неопределено;",
    "П = Новый Структура; П.Вставить(\"РазрешитьПеренаправление\", Ложь); КоннекторHTTP.Post(У, Д, П);",
    "КоннекторHTTP.ВызватьМетод(\"PUT\", У, Новый Структура(\"Json\", Новый Структура(\"a\", 1)));",
    "П = КоннекторHTTP.НовыеПараметры(); Пр = Новый ИнтернетПрокси; Пр.Установить(\"http\", \"h\"); П.Прокси = Пр;",
    "П = КоннекторHTTP.НовыеПараметры(); П.Прокси = Новый ИнтернетПрокси(Истина);",
    "С = Другой.СоздатьСессию(); С.СлужебныеДанные.Чужие = 1; КоннекторHTTP.КодыСостоянияHTTP();",
    "О = КоннекторHTTP.Get(У); Если О.КодСостояния = 200 Тогда Сообщить(О.Тело); КонецЕсли;",
    "HTTPConnector.Head(У, New Structure(\"AllowRedirect\", True));",
    "HTTPConnector.Get(У, З, New Structure(\"Timeout\", 5));",
    "П = HTTPConnector.NewParameters(); П.Headers.Insert(\"Accept\", \"*\"); П.VerifySSL = False; HTTPConnector.Get(У, , П);",
    "Запросы.Get(У, , Новый Структура(\"Timeout, Headers, Таймаут\"));",
    "КоннекторHTTP.HMAC(К, Д, ХешФункция.SHA256);",
    "КоннекторHTTP.Get(\"https://h/path?a=b@c\");",
    "Сообщить(\"КоннекторHTTP не настроен\");",
    "П = КоннекторHTTP.НовыеПараметры(); П.Аутентификация = КоннекторHTTP.НоваяАутентификацияBasic(\"a\", \"b\");",
];

#[test]
fn every_rule_finds_what_it_is_about() {
    for (index, (rule, text)) in BREAK.iter().enumerate() {
        let text = format!("Процедура Т(У, О, Д, З)\n{text}\nКонецПроцедуры");
        let found = found(&format!("break-{index}"), &text);
        assert!(found.contains(&((*rule).to_owned(), 2)), "{rule}: {found:?}\n{text}");
        assert!(found.iter().all(|(_, line)| *line == 2), "{found:?}\n{text}");
    }
}

#[test]
fn code_in_order_is_left_alone() {
    for (index, text) in KEEP.iter().enumerate() {
        let text = format!("Процедура Т(У, О, Д, З)\n{text}\nКонецПроцедуры");
        let found = found(&format!("keep-{index}"), &text);
        assert_eq!(found, [], "{text}");
    }
}

#[test]
fn every_rule_has_a_sample() {
    // These need more than one procedure: the sample configurations have them.
    let elsewhere = ["on-client", "default-proxy", "not-understood"];
    for rule in RULES {
        let has_sample = BREAK.iter().any(|(name, _)| *name == rule.name);
        assert!(has_sample || elsewhere.contains(&rule.name), "{}", rule.name);
    }
}

#[test]
fn values_are_followed_through_methods_and_variables_of_a_module() {
    let text = "Перем Сессия;

Функция Заказы(Знач Номер) Экспорт
	Возврат КоннекторHTTP.GetJson(Адрес(), Запрос(Номер), Настройки(), Сессия);
КонецФункции

Функция Настройки()
	Настройки = Новый Структура;
	Добавить(Настройки, \"ПроверятьSSL\");
	ДобавитьТаймауты(Настройки);
	Возврат Настройки;
КонецФункции

Процедура ДобавитьТаймауты(Куда)
	Куда.Вставить(\"Таймауд\", 5);
КонецПроцедуры

Функция Запрос(Номер)
	Запрос = Новый Структура(\"номер, страница\", Номер, 1);
	Возврат Запрос;
КонецФункции

Функция Адрес()
	Возврат ?(Тест, \"http://h/\", \"http://h/#a\");
КонецФункции

Процедура Начать()
	Сессия = КоннекторHTTP.СоздатьСессию();
КонецПроцедуры

Процедура ЧерезПрокси(Прокси)
	Сессия.Прокси = Прокси;
КонецПроцедуры
";
    let expected = [("fragment", 4), ("unknown-key", 15), ("typed-value", 19), ("session-proxy", 32)];
    let found = found("flow", text);
    let found: Vec<(&str, usize)> = found.iter().map(|(rule, line)| (rule.as_str(), *line)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_request_that_opts_out_of_the_change_is_not_named_for_it() {
    let text = "КоннекторHTTP.Post(У, Д, Новый Структура(\"СохранятьМетодПри301\", Истина));";
    let found = found("opt-out", &format!("Процедура Т(У, Д)\n{text}\nКонецПроцедуры"));
    assert_eq!(found, [("new-key".to_owned(), 2)]);
}

#[test]
fn what_only_a_client_compiles_is_a_call_on_a_client() {
    let text = "Процедура П() Экспорт
#Если Сервер Тогда
	КоннекторHTTP.Get(У);
#Иначе
	КоннекторHTTP.Get(У);
#КонецЕсли
КонецПроцедуры
";
    assert_eq!(found("client", text), [("on-client".to_owned(), 5)]);
}
