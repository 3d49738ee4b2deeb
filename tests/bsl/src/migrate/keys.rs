//! Keys of the structures callers fill in, by their Russian names: those Connector reads, and those only this module
//! does. A test holds them against the module's source.

use super::trace::Kind;

/// Keys of one structure.
pub(super) struct Keys {
    /// What Connector reads.
    pub(super) connector: &'static [&'static str],
    /// What is new here: Connector ignores it.
    pub(super) new: &'static [&'static str],
}

pub(super) const PARAMETERS: Keys = Keys {
    connector: &[
        "Заголовки",
        "Аутентификация",
        "Прокси",
        "ПараметрыЗапроса",
        "ПроверятьSSL",
        "КлиентскийСертификатSSL",
        "Cookies",
        "Таймаут",
        "РазрешитьПеренаправление",
        "Json",
        "ПараметрыПреобразованияJSON",
        "ПараметрыЗаписиJSON",
        "Данные",
        "Файлы",
        "МаксимальноеКоличествоПовторов",
        "МаксимальноеВремяПовторов",
        "КоэффициентЭкспоненциальнойЗадержки",
        "ПовторятьДляКодовСостояний",
    ],
    new: &[
        "ПриоритетСессии",
        "СохранятьМетодПри301",
        "ЗначенияПоРегиональнымНастройкам",
        "ИсключениеПриКодеОшибки",
        "РазрешитьПустойJson",
        "ТекстБезКодировкиКакLatin1",
        "ПовторятьНебезопасныеМетоды",
        "РазрешитьПеренаправлениеНаHTTP",
        "МаксимальноеКоличествоПеренаправлений",
        "ТаймаутСоединения",
        "ОбщийТаймаут",
        "ИмяВыходногоФайла",
        "МаксимальныйРазмерТела",
        "ПровайдерTLS",
        "МинимальнаяВерсияTLS",
        "МаксимальнаяВерсияTLS",
        "ИмяСервераTLS",
        "ЗакрепленныеКлючи",
        "СпискиОтзыва",
        "РазрешитьОбрывTLS",
        "ЗапретитьЧастныеАдреса",
        "РазрешенныеСхемы",
        "РазрешенныеПорты",
        "ПодменаАдресов",
    ],
};

pub(super) const SESSION: Keys = Keys {
    connector: &[
        "Заголовки",
        "Аутентификация",
        "Прокси",
        "ПараметрыЗапроса",
        "ПроверятьSSL",
        "КлиентскийСертификатSSL",
        "МаксимальноеКоличествоПеренаправлений",
        "Cookies",
        "СлужебныеДанные",
    ],
    new: &[
        "ПриоритетСессии",
        "ЗначенияПоРегиональнымНастройкам",
        "ИсключениеПриКодеОшибки",
        "РазрешитьПустойJson",
        "ТекстБезКодировкиКакLatin1",
        "ПараметрыЗаписиJSON",
        "СохранятьМетодПри301",
        "ПовторятьНебезопасныеМетоды",
        "РазрешитьПеренаправлениеНаHTTP",
        "РазрешитьПеренаправление",
        "Таймаут",
        "ТаймаутСоединения",
        "ОбщийТаймаут",
        "МаксимальноеКоличествоПовторов",
        "МаксимальноеВремяПовторов",
        "КоэффициентЭкспоненциальнойЗадержки",
        "ПовторятьДляКодовСостояний",
        "МаксимальныйРазмерТела",
        "ПровайдерTLS",
        "МинимальнаяВерсияTLS",
        "МаксимальнаяВерсияTLS",
        "ИмяСервераTLS",
        "ЗакрепленныеКлючи",
        "СпискиОтзыва",
        "РазрешитьОбрывTLS",
        "ЗапретитьЧастныеАдреса",
        "РазрешенныеСхемы",
        "РазрешенныеПорты",
        "ПодменаАдресов",
    ],
};

pub(super) const AUTHENTICATION: Keys = Keys {
    connector: &[
        "Тип",
        "Пользователь",
        "Пароль",
        "Токен",
        "ИдентификаторКлючаДоступа",
        "СекретныйКлюч",
        "Сервис",
        "Регион",
        "ИспользоватьАутентификациюОС",
    ],
    new: &[
        "ТокенСессии",
        "ПодписьТела",
        "АдресТокена",
        "ИдентификаторКлиента",
        "СекретКлиента",
        "Область",
        "Параметры",
        "ВТеле",
    ],
};

pub(super) const CONVERSION: Keys = Keys {
    connector: &[
        "ПрочитатьВСоответствие",
        "ФорматДатыJSON",
        "ИменаСвойствСоЗначениямиДата",
        "ВариантЗаписиДатыJSON",
        "ИмяФункцииПреобразования",
        "МодульФункцииПреобразования",
        "ДополнительныеПараметрыФункцииПреобразования",
        "ИмяФункцииВосстановления",
        "МодульФункцииВосстановления",
        "ДополнительныеПараметрыФункцииВосстановления",
        "ИменаСвойствДляОбработкиВосстановления",
        "МаксимальнаяВложенность",
    ],
    new: &["РазрешитьПустойJson", "ТекстБезКодировкиКакLatin1"],
};

pub(super) const WRITER: Keys = Keys {
    connector: &[
        "ПереносСтрок",
        "СимволыОтступа",
        "ИспользоватьДвойныеКавычки",
        "ЭкранированиеСимволов",
        "ЭкранироватьУгловыеСкобки",
        "ЭкранироватьРазделителиСтрок",
        "ЭкранироватьАмперсанд",
        "ЭкранироватьОдинарныеКавычки",
        "ЭкранироватьСлеш",
    ],
    new: &[],
};

/// Spellings this module accepts and Connector does not: the keys they stand for.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("Authentification", "Аутентификация"),
    ("ЗакреплённыеКлючи", "ЗакрепленныеКлючи"),
    ("ConversionFunctionName", "ИмяФункцииПреобразования"),
    ("ConversionFunctionModule", "МодульФункцииПреобразования"),
    ("ConversionFunctionAdditionalParameters", "ДополнительныеПараметрыФункцииПреобразования"),
];

/// Keys of what a variable is.
pub(super) fn of(kind: Kind) -> Option<&'static Keys> {
    match kind {
        Kind::Parameters => Some(&PARAMETERS),
        Kind::Session => Some(&SESSION),
        Kind::Authentication => Some(&AUTHENTICATION),
        Kind::Conversion => Some(&CONVERSION),
        Kind::Writer => Some(&WRITER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = include_str!("../../../../1c/src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl");

    fn words(text: &str) -> Vec<&str> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
    }

    #[test]
    fn every_key_is_one_the_module_reads() {
        let known = words(MODULE);
        for keys in [&PARAMETERS, &SESSION, &AUTHENTICATION, &CONVERSION, &WRITER] {
            for key in keys.connector.iter().chain(keys.new) {
                assert!(known.contains(key), "{key}");
            }
        }
        for (alias, key) in ALIASES {
            assert!(MODULE.contains(&format!("{alias}={key}")), "{alias}");
        }
    }

    /// Names in the literals of a function that returns a list of them.
    fn listed(function: &str) -> Vec<&'static str> {
        let body =
            MODULE.split_once(&format!("Функция {function}()")).map(|(_, rest)| rest).unwrap_or_default();
        let body = body.split_once("КонецФункции").map(|(body, _)| body).unwrap_or_default();
        let literals = body.split('"').skip(1).step_by(2);
        literals.flat_map(|part| part.split(',')).filter(|key| !key.is_empty()).collect()
    }

    fn all(keys: &Keys) -> Vec<&'static str> {
        keys.connector.iter().chain(keys.new).copied().collect()
    }

    #[test]
    fn every_key_the_module_reads_is_known() {
        let (parameters, session) = (all(&PARAMETERS), all(&SESSION));
        let passed = listed("КлючиБезПреобразования");
        let of_session = listed("КлючиСессии");
        assert!(passed.len() > 20 && of_session.len() > 5, "{passed:?} {of_session:?}");
        for key in passed.iter().chain(&of_session) {
            assert!(parameters.contains(key), "{key}");
        }
        // A file to write one body to is no setting of a session.
        let mut taken: Vec<&str> =
            passed.into_iter().chain(of_session).filter(|key| *key != "ИмяВыходногоФайла").collect();
        let mut known: Vec<&str> = SESSION.new.to_vec();
        known.push("МаксимальноеКоличествоПеренаправлений");
        taken.sort_unstable();
        known.sort_unstable();
        assert_eq!(taken, known);
        for (of, known) in [("Параметры", parameters), ("Сессия", session)] {
            for after in MODULE.split(&format!("ЗначениеКлюча({of}, \"")).skip(1) {
                let key = after.split('"').next().unwrap_or_default();
                assert!(known.contains(&key), "{of}: {key}");
            }
        }
    }
}
