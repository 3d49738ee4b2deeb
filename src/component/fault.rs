//! From what went wrong to what the host and the caller are told: a code, one sentence in the language of the call,
//! and a JSON with the details. Method and URL come from the engine, which has removed the secrets.

use serde_json::{Map, Value, json};

use crate::abi::{Fault, Language, Parameter};
use crate::engine::error::{Error, ErrorKind, Limit};

use super::trouble::{KeyProblem, Trouble};
use super::{texts_en, texts_ru};

/// Where in the surface it happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    /// Language to speak.
    pub(super) language: Language,
    /// English name of the method or property.
    pub(super) english: &'static str,
    /// Russian name.
    pub(super) russian: &'static str,
    /// Parameters; empty for a property.
    pub(super) parameters: &'static [Parameter],
}

impl At {
    /// Name of the member in the language of the call.
    pub(super) fn member(&self) -> &'static str {
        self.pick(self.english, self.russian)
    }

    /// Name of parameter `index`, or none for a property.
    pub(super) fn parameter(&self, index: usize) -> Option<&'static str> {
        self.parameters.get(index).map(|parameter| self.pick(parameter.english, parameter.russian))
    }

    /// One of two wordings.
    pub(super) fn pick<'a>(&self, english: &'a str, russian: &'a str) -> &'a str {
        match self.language {
            Language::English => english,
            Language::Russian => russian,
        }
    }
}

/// The parameter that holds the URL, where the URL is what is wrong.
pub(super) fn url_parameter(error: &Error, at: &At) -> Option<&'static str> {
    let index = at.parameters.iter().position(|parameter| parameter.english == "URL");
    index.filter(|_| matches!(error.kind, ErrorKind::InvalidUrl { .. })).and_then(|index| at.parameter(index))
}

/// What is remembered of a failure.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// For the host.
    pub(super) fault: Fault,
    /// For `LastErrorDetails`.
    pub(super) details: Value,
}

impl Failure {
    /// Describes a trouble.
    pub(super) fn new(trouble: &Trouble, at: &At) -> Self {
        if let Trouble::Earlier { started, trouble } = trouble {
            // Its parameters are those of the call that started it; the language is that of the call that fails.
            return Self::new(trouble, &At { language: at.language, ..*started });
        }
        let text = match trouble {
            Trouble::Reported { text, .. } => text.clone(),
            _ => sentence(trouble, at),
        };
        let code = trouble.code();
        let mut details = Map::new();
        details.insert("code".into(), json!(code));
        details.insert("text".into(), json!(text));
        details.insert("member".into(), json!(at.english));
        let (method, url, phase) = whereabouts(trouble);
        details.insert("method".into(), json!(method));
        details.insert("url".into(), json!(url));
        details.insert("phase".into(), json!(phase));
        particulars(trouble, at, &mut details);
        Self { fault: Fault { code, text }, details: Value::Object(details) }
    }
}

/// The sentence of an engine error alone.
pub(super) fn engine_sentence(error: &Error, language: Language) -> String {
    match language {
        Language::English => texts_en::engine(error, None),
        Language::Russian => texts_ru::engine(error, None),
    }
}

fn sentence(trouble: &Trouble, at: &At) -> String {
    match at.language {
        Language::English => texts_en::sentence(trouble, at),
        Language::Russian => texts_ru::sentence(trouble, at),
    }
}

fn whereabouts(trouble: &Trouble) -> (Option<&str>, Option<&str>, &'static str) {
    match trouble {
        Trouble::Engine(error) => (error.method.as_deref(), error.url.as_deref(), error.phase.word()),
        Trouble::EmptyJson { method, url, .. } | Trouble::NotJson { method, url, .. } => {
            (Some(method), Some(url), "decode")
        }
        Trouble::NoResponse | Trouble::BodyTaken | Trouble::BodyReleased | Trouble::BodyInFile { .. } => {
            (None, None, "read")
        }
        Trouble::Undecodable { .. } | Trouble::Inflated { .. } => (None, None, "decode"),
        _ => (None, None, "prepare"),
    }
}

fn particulars(trouble: &Trouble, at: &At, details: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| {
        details.insert(name.to_owned(), value);
    };
    match trouble {
        Trouble::Engine(error) => {
            for (name, value) in of_engine(error) {
                put(name, value);
            }
        }
        Trouble::Argument { index, .. }
        | Trouble::ArgumentValue { index, .. }
        | Trouble::EmptyArgument { index }
        | Trouble::TooLong { index, .. }
        | Trouble::TooMany { index, .. } => {
            put("parameter", json!(at.parameter(*index)));
        }
        Trouble::Surrogate { index, position } => {
            put("parameter", json!(at.parameter(*index)));
            put("position", json!(position));
        }
        Trouble::UnknownName { index, name, nearest, .. } => {
            put("parameter", json!(at.parameter(*index)));
            put("name", json!(name));
            put("nearest", json!(nearest));
        }
        Trouble::NotJsonText { index, line, column, detail } => {
            put("parameter", json!(at.parameter(*index)));
            put("line", json!(line));
            put("column", json!(column));
            put("detail", json!(detail));
        }
        Trouble::Key(key) => {
            put("parameter", json!(at.parameter(key.index)));
            put("key", json!(key.path));
            match &key.problem {
                KeyProblem::Unknown { nearest } => put("nearest", json!(nearest)),
                KeyProblem::Type { expected } | KeyProblem::Value { expected } => {
                    put("expected", json!(at.pick(expected.english, expected.russian)));
                }
                KeyProblem::Missing { name } => put("missing", json!(at.pick(name.english, name.russian))),
                KeyProblem::NotStaged { name } => put("blob", json!(name)),
                KeyProblem::Certificate { detail } | KeyProblem::Revocations { detail } => {
                    put("detail", json!(detail));
                }
                KeyProblem::Identity(problem) => {
                    put("problem", json!(problem.word));
                    put("detail", json!(problem.detail));
                }
                _ => {}
            }
        }
        Trouble::BodyTwice { index, key } => {
            put("parameter", json!(at.parameter(*index)));
            put("key", json!(at.pick(key.english, key.russian)));
        }
        Trouble::BodyInFile { path } => put("path", json!(path)),
        Trouble::EmptyJson { status, .. } => put("status", json!(status)),
        Trouble::NotJson { status, excerpt, .. } => {
            put("status", json!(status));
            put("body", json!(excerpt));
        }
        Trouble::Undecodable { index, detail } => {
            put("parameter", json!(at.parameter(*index)));
            put("coding", json!("gzip"));
            put("detail", json!(detail));
        }
        Trouble::Inflated { index, limit } => {
            put("parameter", json!(at.parameter(*index)));
            put("limit", json!(limit));
        }
        Trouble::UnknownEncoding { index, name } => {
            put("parameter", json!(at.parameter(*index)));
            put("charset", json!(name));
        }
        Trouble::Memory { wanted } => put("wanted", json!(wanted)),
        Trouble::Thread { detail } => put("detail", json!(detail)),
        Trouble::Earlier { trouble, .. } => particulars(trouble, at, details),
        Trouble::NoResponse
        | Trouble::BodyTaken
        | Trouble::BodyReleased
        | Trouble::Busy
        | Trouble::Reported { .. } => {}
    }
}

fn of_engine(error: &Error) -> Vec<(&'static str, Value)> {
    match &error.kind {
        ErrorKind::InvalidUrl { url, problem } => vec![("given", json!(url)), ("problem", json!(problem))],
        ErrorKind::InvalidRequest { part, name, problem } => {
            vec![("part", json!(part)), ("name", json!(name)), ("problem", json!(problem))]
        }
        ErrorKind::NameNotFound { host, detail } => vec![("host", json!(host)), ("detail", json!(detail))],
        ErrorKind::Connect { host, port, attempts } => {
            let attempts: Vec<Value> = attempts
                .iter()
                .map(|(address, error)| json!({"address": address.to_string(), "error": error.to_string()}))
                .collect();
            vec![("host", json!(host)), ("port", json!(port)), ("attempts", Value::Array(attempts))]
        }
        ErrorKind::Tls { host, problem } => {
            let certificate = problem.certificate.as_ref().map(|certificate| {
                json!({
                    "subject": certificate.subject,
                    "issuer": certificate.issuer,
                    "not_before": certificate.not_before,
                    "not_after": certificate.not_after,
                    "names": certificate.names,
                })
            });
            vec![
                ("host", json!(host)),
                ("problem", json!(problem.word)),
                ("detail", json!(problem.detail)),
                ("certificate", json!(certificate)),
            ]
        }
        ErrorKind::Timeout { limit, after } => {
            let limit = match limit {
                Limit::Connect => "connect",
                Limit::Idle => "idle",
                Limit::Total => "total",
            };
            vec![("limit", json!(limit)), ("seconds", json!(after.as_secs_f64()))]
        }
        ErrorKind::Closed { received, expected, source } => vec![
            ("received", json!(received)),
            ("expected", json!(expected)),
            ("detail", json!(source.as_ref().map(ToString::to_string))),
        ],
        ErrorKind::Protocol { problem, detail } => {
            vec![("problem", json!(problem)), ("detail", json!(detail))]
        }
        ErrorKind::TooManyRedirects { limit, chain } => {
            vec![("limit", json!(limit)), ("chain", json!(chain))]
        }
        ErrorKind::Redirect { problem, location, chain } => {
            vec![("problem", json!(problem)), ("location", json!(location)), ("chain", json!(chain))]
        }
        ErrorKind::BodyTooLarge { limit, announced, decoded } => {
            vec![("limit", json!(limit)), ("announced", json!(announced)), ("decoded", json!(decoded))]
        }
        ErrorKind::OutOfMemory { wanted } => vec![("wanted", json!(wanted))],
        ErrorKind::Decode { coding, detail } => vec![("coding", json!(coding)), ("detail", json!(detail))],
        ErrorKind::UnknownCharset { name } => vec![("charset", json!(name))],
        ErrorKind::File { path, operation, source } => vec![
            ("path", json!(path)),
            ("operation", json!(operation)),
            ("detail", json!(source.to_string())),
        ],
        ErrorKind::Proxy { proxy, problem, status, detail } => vec![
            ("proxy", json!(proxy)),
            ("problem", json!(problem)),
            ("status", json!(status)),
            ("detail", json!(detail)),
        ],
        ErrorKind::Authentication { scheme, problem, detail } => {
            vec![("scheme", json!(scheme)), ("problem", json!(problem)), ("detail", json!(detail))]
        }
        ErrorKind::Identity { problem } => {
            vec![("problem", json!(problem.word)), ("detail", json!(problem.detail))]
        }
        ErrorKind::Guard { rule, what } => vec![("rule", json!(rule)), ("what", json!(what))],
        ErrorKind::Unsupported { setting, by } => vec![("setting", json!(setting)), ("by", json!(by))],
        ErrorKind::Cancelled => Vec::new(),
    }
}

/// Every code word with what it means, for the reference.
pub(super) static CODES: &[(&str, &str, &str)] = &[
    ("invalid-url", "The URL cannot be used.", "URL использовать нельзя."),
    (
        "invalid-request",
        "A method, header or body that cannot be sent.",
        "Метод, заголовок или тело, которые нельзя отправить.",
    ),
    ("argument-type", "An argument of the wrong type.", "Параметр неподходящего типа."),
    ("argument-text", "A string with an unpaired surrogate.", "Строка с непарным суррогатом."),
    (
        "argument-empty",
        "An empty argument that must be filled.",
        "Пустой параметр, который должен быть заполнен.",
    ),
    (
        "argument-value",
        "An argument that is out of range or names something unknown.",
        "Параметр вне допустимых пределов или называет то, чего нет.",
    ),
    ("options-syntax", "The options are not a JSON object.", "Параметры — не объект JSON."),
    (
        "options-too-long",
        "The options are longer than 64 MiB or hold more than 1048576 values.",
        "Параметры длиннее 64 МиБ или содержат больше 1048576 значений.",
    ),
    (
        "option-unknown",
        "An unknown key; the nearest known one is named.",
        "Неизвестный ключ; назван ближайший известный.",
    ),
    ("option-type", "A key with a value of the wrong type.", "Ключ со значением неподходящего типа."),
    ("option-value", "A key with a value that is not acceptable.", "Ключ с недопустимым значением."),
    ("option-missing", "A mandatory key is missing.", "Нет обязательного ключа."),
    ("option-twice", "The same setting given twice.", "Одна настройка задана дважды."),
    ("option-bsl", "A key that is applied in BSL.", "Ключ, который применяется на встроенном языке."),
    ("option-scope", "A key of a request in the settings of a session.", "Ключ запроса в настройках сессии."),
    ("blob-not-staged", "No data were staged under this name.", "Данные с таким именем не добавлены."),
    ("bad-ca", "The certificates of VerifySSL cannot be read.", "Сертификаты из ПроверятьSSL не читаются."),
    ("bad-crl", "The lists of RevocationLists cannot be read.", "Списки из СпискиОтзыва не читаются."),
    (
        "client-certificate",
        "The client certificate cannot be used: wrong password, no key, expired, ...",
        "Клиентский сертификат использовать нельзя: неверный пароль, нет ключа, истёк срок, ...",
    ),
    ("body-twice", "The body is given twice.", "Тело задано дважды."),
    ("no-response", "There is no response to read.", "Ответа, который можно прочитать, нет."),
    ("body-taken", "The body was handed over by TakeBody.", "Тело отдано методом ЗабратьТело."),
    ("body-released", "The body was released.", "Тело освобождено."),
    ("body-in-file", "The body is in a file.", "Тело записано в файл."),
    ("empty-json", "JSON was expected, the body is empty.", "Ожидался JSON, тело пустое."),
    ("not-json", "JSON was expected, the body is something else.", "Ожидался JSON, в теле что-то иное."),
    ("name-not-found", "The host name has no address.", "Имя узла не разрешается в адрес."),
    (
        "connect",
        "No address of the host accepted the connection.",
        "Ни один адрес узла не принял соединение.",
    ),
    (
        "tls",
        "The TLS handshake failed or the certificate was refused.",
        "Рукопожатие TLS не удалось или сертификат отклонён.",
    ),
    (
        "proxy",
        "The proxy refused or could not be talked to; errors of the server behind it are not these.",
        "Прокси отказал или с ним не удалось связаться; ошибки сервера за ним сюда не относятся.",
    ),
    (
        "authentication",
        "Credentials could not be turned into an authentication (a 401 answer is no error).",
        "Не удалось выполнить аутентификацию (ответ 401 — не ошибка).",
    ),
    ("guard", "A guard does not let the request through.", "Запрос не пропустила одна из защит."),
    (
        "unsupported",
        "Two settings that do not go together on this system.",
        "Настройки, которые в этой системе не сочетаются.",
    ),
    ("timeout", "A limit of time was reached.", "Достигнуто ограничение времени."),
    ("closed", "The server closed the connection too early.", "Сервер закрыл соединение раньше времени."),
    ("protocol", "The server broke HTTP/1.1.", "Сервер нарушил HTTP/1.1."),
    (
        "too-many-redirects",
        "More redirects than allowed, or a loop.",
        "Перенаправлений больше разрешённого или они зациклены.",
    ),
    ("redirect", "A redirect that cannot be followed.", "Перенаправление, которому нельзя следовать."),
    ("body-too-large", "The body exceeds the limit in memory.", "Тело больше ограничения для памяти."),
    ("out-of-memory", "Memory could not be had.", "Не хватило памяти."),
    ("decode", "The body or data cannot be decompressed.", "Тело или данные не распаковываются."),
    ("unknown-charset", "Unknown encoding.", "Неизвестная кодировка."),
    ("file", "A file could not be read or written.", "Файл не читается или не записывается."),
    (
        "busy",
        "The object is in use by another thread, or a request it started is under way.",
        "Объект занят другим потоком, или выполняется начатый им запрос.",
    ),
    ("thread", "No thread could be started for a request.", "Не удалось запустить поток для запроса."),
    ("not-ready", "The object is not initialised.", "Объект не инициализирован."),
    ("finished", "The object has ended.", "Объект завершил работу."),
    ("unknown-member", "No such method or property.", "Нет такого метода или свойства."),
    ("not-readable", "The property cannot be read.", "Свойство недоступно для чтения."),
    ("not-writable", "The property cannot be written.", "Свойство недоступно для записи."),
    ("wrong-arguments", "Wrong number of arguments.", "Неверное количество параметров."),
    (
        "too-large",
        "The result does not fit a value of the platform.",
        "Результат не помещается в значение платформы.",
    ),
    ("wrong-result", "The result cannot be handed to the platform.", "Результат нельзя передать платформе."),
    (
        "internal",
        "A fault in the component itself; please report it.",
        "Ошибка в самой компоненте; сообщите о ней.",
    ),
    ("cancelled", "The request was cancelled.", "Запрос отменён."),
];

#[cfg(test)]
mod tests;
