//! Russian sentences. One sentence: where, what, why; then what to do. Phrases that 1C callers search for are
//! constants with their source.

mod security;

use std::io;

use crate::engine::error::{Error, ErrorKind, Limit};

use super::fault::{At, url_parameter};
use super::trouble::{KeyProblem, KeyTrouble, Trouble};

/// Stated as certain by the Connector's tests: user code matches on it.
pub(super) const TIMEOUT: &str = "Превышено время ожидания";
/// Stated as certain by the Connector's tests.
pub(super) const TOO_MANY_REDIRECTS: &str = "СлишкомМногоПеренаправлений";
/// The platform's known wordings: its own one and, in brackets, that of curl inside it.
pub(super) const NAME_NOT_FOUND: &str = "Не удается разрешить имя узла (Couldn't resolve host name)";
/// The platform's known wordings: two of its own and that of curl inside it.
pub(super) const NOT_CONNECTED: &str =
    "Не могу установить соединение (Couldn't connect to server): Не удалось установить соединение с сервером";
/// The platform's known wording.
pub(super) const NOT_VERIFIED: &str = "Удаленный узел не прошел проверку";

/// The sentence for a trouble.
pub(super) fn sentence(trouble: &Trouble, at: &At) -> String {
    let place = |index: usize| match at.parameter(index) {
        Some(parameter) => format!("{}, параметр {parameter}", at.member()),
        None => at.member().to_owned(),
    };
    match trouble {
        Trouble::Engine(error) => engine(error, Some(at)),
        Trouble::Argument { index, expected } => {
            format!("{}: ожидается {}, передано значение другого типа.", place(*index), expected.russian)
        }
        Trouble::Surrogate { index, position } => {
            format!(
                "{}: строка не является верной UTF-16, непарный суррогат в позиции {position}.",
                place(*index)
            )
        }
        Trouble::EmptyArgument { index } => format!("{}: значение не заполнено.", place(*index)),
        Trouble::ArgumentValue { index, expected } => {
            format!("{}: недопустимое значение, ожидается {}.", place(*index), expected.russian)
        }
        Trouble::UnknownName { index, name, expected, nearest } => {
            let hint = nearest.map(|name| format!(" Возможно, имелось в виду «{name}».")).unwrap_or_default();
            format!("{}: неизвестное значение «{name}», ожидается {}.{hint}", place(*index), expected.russian)
        }
        Trouble::NotJsonText { index, line, column, .. } => {
            format!("{}: ожидается объект JSON, ошибка в строке {line}, позиция {column}.", place(*index))
        }
        Trouble::TooLong { index, limit } => format!(
            "{}: текст длиннее {limit} байт. Большие данные передавайте параметром Тело или методом ДобавитьДанные.",
            place(*index)
        ),
        Trouble::TooMany { index, limit } => format!(
            "{}: в тексте больше {limit} значений JSON. Большой JSON передавайте готовым текстом: параметром Json методов \
             PostJson, PutJson или параметром Тело.",
            place(*index)
        ),
        Trouble::Key(trouble) => key(trouble, &place(trouble.index)),
        Trouble::BodyTwice { index, key } => format!(
            "{}: тело задано дважды, параметром метода и ключом {}. Оставьте что-то одно.",
            place(*index),
            key.russian
        ),
        Trouble::NoResponse => {
            format!(
                "{}: нет ответа, который можно прочитать: запроса ещё не было или последний завершился ошибкой. Сначала \
                 выполните запрос.",
                at.member()
            )
        }
        Trouble::BodyTaken => format!(
            "{}: тело забрано методом ЗабратьТело, здесь его больше нет. Читайте тело до того, как забрать.",
            at.member()
        ),
        Trouble::BodyReleased => format!("{}: тело освобождено методом ОсвободитьТело.", at.member()),
        Trouble::BodyInFile { path } => {
            format!("{}: тело записано в файл {path}, в памяти его нет. Читайте файл.", at.member())
        }
        Trouble::EmptyJson { method, url, status } => format!(
            "В ответе на {method} {url} ожидается JSON, но тело пустое (код состояния {status}). \
             Если так и должно быть, задайте РазрешитьПустойJson."
        ),
        Trouble::NotJson { method, url, status, excerpt } => format!(
            "Ответ не является JSON.\nHTTP {method} {url}\n{}\nТело ответа:\n{excerpt}",
            super::status::presentation(*status, at.language)
        ),
        Trouble::Undecodable { index, detail } => {
            format!("{}: данные не распаковываются (gzip): {}.", place(*index), decode_problem(detail))
        }
        Trouble::Inflated { index, limit } => {
            format!("{}: распакованные данные больше {limit} байт, разрешённых в памяти.", place(*index))
        }
        Trouble::UnknownEncoding { index, name } => format!(
            "{}: неизвестная кодировка «{name}». Укажите, например, utf-8, windows-1251 или cp866.",
            place(*index)
        ),
        Trouble::Memory { wanted } => format!(
            "{}: недостаточно памяти, требуется {wanted} байт. Для больших данных используйте файлы (ИмяВыходногоФайла, \
             {{\"Файл\": путь}}).",
            at.member()
        ),
        Trouble::Busy => format!(
            "{}: выполняется запрос. Вызывайте Ожидать, пока не вернётся Истина, или прервите запрос методом Отменить.",
            at.member()
        ),
        Trouble::Thread { detail } => {
            format!("{}: не удалось запустить поток для запроса: {detail}.", at.member())
        }
        Trouble::Earlier { trouble, .. } => sentence(trouble, at),
        Trouble::Reported { text, .. } => text.clone(),
    }
}

fn key(trouble: &KeyTrouble, place: &str) -> String {
    let path = &trouble.path;
    match &trouble.problem {
        KeyProblem::Unknown { nearest: Some(nearest) } => {
            format!("{place}: неизвестный ключ «{path}». Возможно, имелся в виду «{nearest}».")
        }
        KeyProblem::Unknown { nearest: None } => {
            format!("{place}: неизвестный ключ «{path}». Список ключей — в README.")
        }
        KeyProblem::Type { expected } => {
            format!("{place}: у ключа «{path}» значение неподходящего типа, ожидается {}.", expected.russian)
        }
        KeyProblem::Value { expected } => {
            format!("{place}: у ключа «{path}» недопустимое значение, ожидается {}.", expected.russian)
        }
        KeyProblem::Missing { name } => {
            format!("{place}: в «{path}» нет обязательного ключа {}.", name.russian)
        }
        KeyProblem::Twice => {
            format!(
                "{place}: ключ «{path}» повторяет настройку, уже заданную в другом написании. Оставьте один."
            )
        }
        KeyProblem::Repeated => {
            format!("{place}: ключ «{path}» встречается в объекте дважды. Оставьте один.")
        }
        KeyProblem::AppliedInBsl => format!(
            "{place}: ключ «{path}» применяется на встроенном языке в ЗаписатьJSON и ПрочитатьJSON, компонента его не \
             принимает. Уберите его."
        ),
        KeyProblem::NotInSession => {
            format!(
                "{place}: ключ «{path}» относится к отдельному запросу, а не к сессии. Передайте его в параметрах запроса."
            )
        }
        KeyProblem::NotStaged { name } => format!(
            "{place}: ключ «{path}» называет данные «{name}», которые не добавлены. Сначала вызовите ДобавитьДанные; \
             добавленные данные живут до конца запроса, который их использует."
        ),
        KeyProblem::Certificate { detail } => format!(
            "{place}: ключ «{path}»: сертификаты не читаются ({detail}). Ожидается текст PEM или один сертификат DER."
        ),
        KeyProblem::Revocations { detail } => format!(
            "{place}: ключ «{path}»: списки отзыва не читаются ({detail}). Ожидается текст PEM или один список DER."
        ),
        KeyProblem::Identity(problem) => {
            format!("{place}: ключ «{path}»: {}", security::identity(problem))
        }
    }
}

/// The sentence for an error of the engine: with the hop it happened on, else with the member that was called.
pub(super) fn engine(error: &Error, at: Option<&At>) -> String {
    let subject = match (&error.method, &error.url, at) {
        (Some(method), Some(url), _) => format!("{method} {url}: "),
        (_, _, Some(at)) => match url_parameter(error, at) {
            Some(parameter) => format!("{}, параметр {parameter}: ", at.member()),
            None => format!("{}: ", at.member()),
        },
        _ => String::new(),
    };
    format!("{subject}{}", cause(error))
}

fn cause(error: &Error) -> String {
    match &error.kind {
        ErrorKind::InvalidUrl { url, problem } => {
            let why = match *problem {
                "scheme" => "возможны только http и https",
                "host" => "неверное имя узла",
                "port" => "неверный порт",
                "empty" => "он пустой",
                "length" => "он слишком длинный",
                _ => "его не удаётся разобрать",
            };
            format!("URL «{url}» использовать нельзя: {why}.")
        }
        ErrorKind::InvalidRequest { part, name, problem } => {
            let name = if name.is_empty() { String::new() } else { format!(" «{name}»") };
            format!("Запрос нельзя отправить: {}{name} {}.", request_part(part), request_problem(problem))
        }
        ErrorKind::NameNotFound { host, detail } => {
            format!("{NAME_NOT_FOUND}: {host} ({detail}). Проверьте имя узла и DNS этого компьютера.")
        }
        ErrorKind::Connect { host, port, attempts } => {
            let tried: Vec<String> =
                attempts.iter().map(|(address, error)| format!("{address}: {}", network(error))).collect();
            format!(
                "{NOT_CONNECTED} {host}:{port} ({}). Проверьте порт, сетевые экраны и работает ли сервер.",
                tried.join("; ")
            )
        }
        ErrorKind::Timeout { limit, after } => {
            let seconds = after.as_secs_f64();
            let (what, key) = match limit {
                Limit::Connect => ("установку соединения", "ТаймаутСоединения или Таймаут"),
                Limit::Idle => ("ожидание данных", "Таймаут"),
                Limit::Total => ("весь запрос", "ОбщийТаймаут"),
            };
            format!("{TIMEOUT}: {seconds} с на {what}. Если этого мало, увеличьте {key}.")
        }
        ErrorKind::Closed { received, expected, source } => {
            let why = source.as_ref().map(|error| format!(", {}", network(error))).unwrap_or_default();
            let came = match expected {
                Some(expected) => format!("получено {received} из {expected} байт тела"),
                None => format!("получено {received} байт тела"),
            };
            format!("Сервер закрыл соединение до конца ответа ({came}{why}).")
        }
        ErrorKind::Protocol { problem, detail } => {
            let what = match *problem {
                "status-line" => "неверная строка состояния",
                "header" => "неверные заголовки",
                "header-size" => "слишком большие заголовки",
                "content-length" => "неверная длина тела (Content-Length)",
                "transfer-encoding" => "неизвестный способ передачи (Transfer-Encoding)",
                "chunk" => "неверная разметка частей тела (chunked)",
                other => other,
            };
            format!("Сервер нарушает протокол HTTP/1.1: {what} ({detail}).")
        }
        ErrorKind::TooManyRedirects { limit, chain } => format!(
            "{TOO_MANY_REDIRECTS}: больше {limit}, последнее вело на {}. Увеличьте \
             МаксимальноеКоличествоПеренаправлений или задайте РазрешитьПеренаправление = false.",
            chain.last().map_or("", String::as_str)
        ),
        ErrorKind::Redirect { problem, location, .. } => {
            let why = match *problem {
                "downgrade" => {
                    "оно ведёт с https на http; разрешить это можно ключом РазрешитьПеренаправлениеНаHTTP"
                }
                "scheme" => "следовать можно только на http и https",
                _ => "неверный Location",
            };
            format!("Перенаправлению на «{location}» следовать нельзя: {why}.")
        }
        ErrorKind::BodyTooLarge { limit, announced, decoded } => {
            let size = announced.map(|size| format!(" (объявлено {size} байт)")).unwrap_or_default();
            let when = if *decoded { "после распаковки" } else { "в памяти" };
            format!(
                "Тело больше {limit} байт, разрешённых {when}{size}. Увеличьте МаксимальныйРазмерТела (до 4 ГиБ) или \
                 получайте в файл ключом ИмяВыходногоФайла (OutputFile)."
            )
        }
        ErrorKind::OutOfMemory { wanted } => {
            format!(
                "Недостаточно памяти: тело требует {wanted} байт. Получайте в файл ключом ИмяВыходногоФайла."
            )
        }
        ErrorKind::Decode { coding, detail } => {
            let why = decode_problem(detail);
            format!("Тело не распаковывается ({coding}): {why}. Метод Тело() возвращает его как есть.")
        }
        ErrorKind::UnknownCharset { name } => {
            format!("Неизвестная кодировка ответа «{name}». Задайте кодировку параметром метода КакТекст.")
        }
        ErrorKind::File { path, operation, source } => {
            let operation = match *operation {
                "open" => "открытие",
                "read" => "чтение",
                "create" => "создание",
                "write" => "запись",
                "rename" => "переименование",
                "changed" => "отправка: файл изменился",
                other => other,
            };
            format!("Ошибка файла {path} ({operation}): {}.", file(source))
        }
        ErrorKind::Cancelled => "Запрос отменён.".to_owned(),
        other => security::cause(other).unwrap_or_else(|| format!("Запрос не выполнен ({}).", error.code())),
    }
}

fn request_part(part: &str) -> &str {
    match part {
        "method" => "метод",
        "header" => "заголовок",
        "cookie" => "cookie",
        "credentials" => "токен аутентификации",
        "content-length" => "заголовок",
        "target" => "адрес",
        "request" => "запрос",
        "multipart" => "часть тела",
        "server-name" => "ИмяСервераTLS",
        "presign" => "параметр подписи",
        other => other,
    }
}

fn request_problem(problem: &str) -> String {
    match problem {
        "token" | "name" | "not a token" => "содержит символы, недопустимые в имени".to_owned(),
        "value" | "control character" => "имеет значение с недопустимыми символами".to_owned(),
        "differs" | "differs from the body" => "не совпадает с длиной тела; уберите его".to_owned(),
        "range" => "вне допустимых пределов".to_owned(),
        "repeated" => "задан больше одного раза".to_owned(),
        "together with Content-Length" => "нельзя задавать вместе с Content-Length".to_owned(),
        "not chunked" => "может быть только chunked; уберите его".to_owned(),
        other => format!("использовать нельзя ({other})"),
    }
}

/// Why a body cannot be decompressed, by the engine's words.
fn decode_problem(detail: &str) -> &str {
    match detail {
        "truncated" => "данные обрываются",
        "corrupt" => "данные повреждены",
        "checksum" => "не сходится контрольная сумма",
        "trailing-data" => "после конца данных есть лишние",
        "window-too-large" => "нужно окно больше разрешённого",
        "dictionary" => "нужен словарь",
        "unknown-coding" => "неизвестный способ сжатия",
        "too-many-codings" => "слишком много слоёв сжатия",
        "decoder-fault" => "сбой распаковщика",
        other => other,
    }
}

fn file(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "файл или каталог не найден".into(),
        io::ErrorKind::PermissionDenied => "недостаточно прав".into(),
        io::ErrorKind::StorageFull => "нет места на диске".into(),
        io::ErrorKind::IsADirectory => "это каталог".into(),
        _ => error.to_string(),
    }
}

fn network(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "в соединении отказано".into(),
        io::ErrorKind::ConnectionReset => "соединение сброшено".into(),
        io::ErrorKind::ConnectionAborted => "соединение прервано".into(),
        io::ErrorKind::TimedOut => "нет ответа".into(),
        io::ErrorKind::HostUnreachable => "узел недоступен".into(),
        io::ErrorKind::NetworkUnreachable => "сеть недоступна".into(),
        _ => error.to_string(),
    }
}
