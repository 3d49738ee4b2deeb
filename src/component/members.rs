//! The members of both classes, each once. `HTTPConnector` has the common ones, `HTTPSession` these and its own, so
//! the same member has the same number in both.

use crate::abi::{Class, Default, Method, Parameter, Property};

use super::table::{
    Kind, MethodEntry, PropertyEntry, method, methods, optional, properties, readable, required, writable,
};
use super::trouble::words;
use super::{background, diagnosis, presign, readers, session, utilities, verbs};

/// One-off requests and utilities.
pub(super) static CONNECTOR: Class =
    Class { name: "HTTPConnector", methods: &CONNECTOR_METHODS, properties: &CONNECTOR_PROPERTIES };

/// The same with state.
pub(super) static SESSION: Class =
    Class { name: "HTTPSession", methods: &SESSION_METHODS, properties: &SESSION_PROPERTIES };

static CONNECTOR_METHODS: [Method; METHODS.len()] = methods(METHODS, &[]);
static SESSION_METHODS: [Method; METHODS.len() + OWN_METHODS.len()] = methods(METHODS, OWN_METHODS);
static CONNECTOR_PROPERTIES: [Property; PROPERTIES.len()] = properties(PROPERTIES, &[]);
static SESSION_PROPERTIES: [Property; PROPERTIES.len() + OWN_PROPERTIES.len()] =
    properties(PROPERTIES, OWN_PROPERTIES);

/// Method `index` of a class.
pub(super) fn method_entry(class: &Class, index: usize) -> Option<&'static MethodEntry> {
    if index >= class.methods.len() {
        return None;
    }
    METHODS.get(index).or_else(|| OWN_METHODS.get(index - METHODS.len()))
}

/// Property `index` of a class.
pub(super) fn property_entry(class: &Class, index: usize) -> Option<&'static PropertyEntry> {
    if index >= class.properties.len() {
        return None;
    }
    PROPERTIES.get(index).or_else(|| OWN_PROPERTIES.get(index - PROPERTIES.len()))
}

const METHOD: Parameter = required("Method", "Метод");
const URL: Parameter = required("URL", "URL");
const BODY: Parameter = optional("Body", "Тело");
const JSON: Parameter = optional("Json", "Json");
const OPTIONS: Parameter = optional("Options", "Параметры");
const NAME: Parameter = required("Name", "Имя");
const ENCODING: Parameter = optional("Encoding", "Кодировка");
const FILE_NAME: Parameter = required("FileName", "ИмяФайла");
const KEY: Parameter = required("Key", "Ключ");
const DATA: Parameter = required("Data", "Данные");
const COMPRESSED: Parameter = required("CompressedData", "СжатыеДанные");
const STATUS: Parameter = required("StatusCode", "КодСостояния");
const SETTINGS: Parameter = required("Options", "Параметры");
const ALGORITHM: Parameter =
    Parameter { english: "Algorithm", russian: "Алгоритм", default: Some(Default::Text("SHA256")) };

const SIGNED_METHOD: Parameter =
    Parameter { english: "Method", russian: "Метод", default: Some(Default::Text("GET")) };
const MILLISECONDS: Parameter = Parameter {
    english: "Milliseconds",
    russian: "Миллисекунд",
    default: Some(Default::Int(background::DEFAULT_MILLISECONDS)),
};
const VALID_SECONDS: Parameter = Parameter {
    english: "Seconds",
    russian: "Секунд",
    default: Some(Default::Int(presign::DEFAULT_SECONDS)),
};

/// Methods of both classes.
pub(super) const METHODS: &[MethodEntry] = &[
    method(
        ("Get", "Get"),
        &[URL, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::plain(object, call, arguments, "GET"),
        words("GET request. Returns the status code.", "Запрос GET. Возвращает код состояния."),
    ),
    method(
        ("Options", "Options"),
        &[URL, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::plain(object, call, arguments, "OPTIONS"),
        words("OPTIONS request. Returns the status code.", "Запрос OPTIONS. Возвращает код состояния."),
    ),
    method(
        ("Head", "Head"),
        &[URL, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::plain(object, call, arguments, "HEAD"),
        words("HEAD request. Returns the status code.", "Запрос HEAD. Возвращает код состояния."),
    ),
    method(
        ("Post", "Post"),
        &[URL, BODY, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::with_body(object, call, arguments, "POST"),
        words(
            "POST request. Body: a string (UTF-8), BinaryData (sent without a copy), or empty: as the options say.",
            "Запрос POST. Тело: строка (UTF-8), ДвоичныеДанные (без копирования) или пусто: по параметрам.",
        ),
    ),
    method(
        ("Put", "Put"),
        &[URL, BODY, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::with_body(object, call, arguments, "PUT"),
        words("PUT request, as Post.", "Запрос PUT, как Post."),
    ),
    method(
        ("Patch", "Patch"),
        &[URL, BODY, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::with_body(object, call, arguments, "PATCH"),
        words("PATCH request, as Post.", "Запрос PATCH, как Post."),
    ),
    method(
        ("Delete", "Delete"),
        &[URL, BODY, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::with_body(object, call, arguments, "DELETE"),
        words("DELETE request, as Post.", "Запрос DELETE, как Post."),
    ),
    method(
        ("Mkcol", "Mkcol"),
        &[URL, BODY, OPTIONS],
        Kind::Status,
        |object, call, arguments| verbs::with_body(object, call, arguments, "MKCOL"),
        words("MKCOL request (WebDAV), as Post.", "Запрос MKCOL (WebDAV), как Post."),
    ),
    method(
        ("CallMethod", "ВызватьМетод"),
        &[METHOD, URL, BODY, OPTIONS],
        Kind::Status,
        verbs::any_method,
        words(
            "Request with any method, sent as written (letter case too).",
            "Запрос с любым методом; метод отправляется как написан, с учётом регистра.",
        ),
    ),
    method(
        ("StartRequest", "НачатьЗапрос"),
        &[METHOD, URL, BODY, OPTIONS, MILLISECONDS],
        Kind::Finished,
        background::start_request,
        words(
            "As CallMethod, on a thread of its own: waits at most so long and returns True when the request has finished (then everything is as after CallMethod), False while it is under way.",
            "Как ВызватьМетод, но в отдельном потоке: ждёт не дольше указанного и возвращает Истина, если запрос завершён (дальше всё как после ВызватьМетод), Ложь — если ещё выполняется.",
        ),
    ),
    method(
        ("Wait", "Ожидать"),
        &[MILLISECONDS],
        Kind::Finished,
        background::wait,
        words(
            "Waits at most so long for the request StartRequest began. True: it has finished, or there is none; a failure of the request is raised here.",
            "Ждёт не дольше указанного завершения запроса, начатого методом НачатьЗапрос. Истина — завершён или его нет; ошибка запроса возникает здесь.",
        ),
    )
    .anytime(),
    method(
        ("Cancel", "Отменить"),
        &[],
        Kind::Nothing,
        background::cancel,
        words(
            "Ends the request StartRequest began, without a response. Does nothing when there is none.",
            "Прерывает запрос, начатый методом НачатьЗапрос; ответа не будет. Если запроса нет, ничего не делает.",
        ),
    )
    .anytime(),
    method(
        ("GetJson", "GetJson"),
        &[URL, OPTIONS],
        Kind::Json,
        verbs::get_json,
        words(
            "GET request. Returns the response's text, ready for ReadJSON, whatever the status code.",
            "Запрос GET. Возвращает текст ответа для ПрочитатьJSON независимо от кода состояния.",
        ),
    ),
    method(
        ("PostJson", "PostJson"),
        &[URL, JSON, OPTIONS],
        Kind::Json,
        |object, call, arguments| verbs::send_json(object, call, arguments, "POST"),
        words(
            "POST request with a JSON text, sent as it is (application/json; charset=utf-8). Returns as GetJson.",
            "Запрос POST с текстом JSON, который отправляется как есть (application/json; charset=utf-8). Возвращает как GetJson.",
        ),
    ),
    method(
        ("PutJson", "PutJson"),
        &[URL, JSON, OPTIONS],
        Kind::Json,
        |object, call, arguments| verbs::send_json(object, call, arguments, "PUT"),
        words("PUT request, as PostJson.", "Запрос PUT, как PostJson."),
    ),
    method(
        ("PatchJson", "PatchJson"),
        &[URL, JSON, OPTIONS],
        Kind::Json,
        |object, call, arguments| verbs::send_json(object, call, arguments, "PATCH"),
        words("PATCH request, as PostJson.", "Запрос PATCH, как PostJson."),
    ),
    method(
        ("DeleteJson", "DeleteJson"),
        &[URL, JSON, OPTIONS],
        Kind::Json,
        |object, call, arguments| verbs::send_json(object, call, arguments, "DELETE"),
        words("DELETE request, as PostJson.", "Запрос DELETE, как PostJson."),
    ),
    method(
        ("PrepareRequest", "ПодготовитьЗапрос"),
        &[METHOD, URL, BODY, OPTIONS],
        Kind::Json,
        verbs::prepare,
        words(
            "What would be sent, as JSON {method, url, headers, body_size}. Nothing is sent.",
            "Что было бы отправлено, в виде JSON {method, url, headers, body_size}. Ничего не отправляется.",
        ),
    ),
    method(
        ("Header", "Заголовок"),
        &[NAME],
        Kind::Text,
        readers::header,
        words(
            "Value of a response header, letter case ignored; repeated ones joined by \", \"; \"\" when absent.",
            "Значение заголовка ответа без учёта регистра имени; повторы через \", \"; \"\", если его нет.",
        ),
    ),
    method(
        ("Response", "Ответ"),
        &[],
        Kind::Json,
        readers::response,
        words(
            "The last response but its body: {Method, URL, StatusCode, ReasonPhrase, Headers, Encoding, ExecutionTime, IsPermanentRedirect, IsRedirect, Cookies, Errors, RedirectHistory, BodySize, Notes}, keys in the language of the call.",
            "Последний ответ, кроме тела: {Метод, URL, КодСостояния, ПоясняющаяФраза, Заголовки, Кодировка, ВремяВыполнения, ЭтоПостоянныйРедирект, ЭтоРедирект, Cookies, Ошибки, ИсторияПеренаправлений, РазмерТела, Замечания}; ключи на языке вызова.",
        ),
    ),
    method(
        ("Body", "Тело"),
        &[],
        Kind::Blob,
        readers::body,
        words(
            "The body as on the wire; a copy each time.",
            "Тело в том виде, в каком пришло; каждый раз копия.",
        ),
    ),
    method(
        ("TakeBody", "ЗабратьТело"),
        &[],
        Kind::Blob,
        readers::take_body,
        words(
            "The body as on the wire, handed over without a copy; no reader finds it afterwards.",
            "Тело в том виде, в каком пришло, без копирования; после этого читать его больше нельзя.",
        ),
    ),
    method(
        ("AsBinaryData", "КакДвоичныеДанные"),
        &[],
        Kind::Blob,
        readers::as_binary,
        words("The decoded body (gzip and the like undone).", "Распакованное тело (gzip и подобное снято)."),
    ),
    method(
        ("AsText", "КакТекст"),
        &[ENCODING],
        Kind::Text,
        readers::as_text,
        words(
            "The decoded body as text: by its byte order mark, else the given encoding, else that of the response, else UTF-8.",
            "Распакованное тело текстом: по метке порядка байтов, иначе в заданной кодировке, иначе в кодировке ответа, иначе UTF-8.",
        ),
    ),
    method(
        ("AsJson", "КакJson"),
        &[],
        Kind::Json,
        readers::as_json,
        words(
            "The decoded body as text for ReadJSON; an empty body is an error unless AllowEmptyJson.",
            "Распакованное тело текстом для ПрочитатьJSON; пустое тело — ошибка, если не задано РазрешитьПустойJson.",
        ),
    ),
    method(
        ("SaveBody", "СохранитьТело"),
        &[FILE_NAME],
        Kind::Number,
        readers::save_body,
        words(
            "Writes the decoded body to a file (which appears only when complete). Returns its size.",
            "Записывает распакованное тело в файл (он появляется только целиком). Возвращает размер.",
        ),
    ),
    method(
        ("ReleaseBody", "ОсвободитьТело"),
        &[],
        Kind::Nothing,
        readers::release_body,
        words("Frees the memory of the body.", "Освобождает память тела."),
    ),
    method(
        ("AddBlob", "ДобавитьДанные"),
        &[NAME, DATA],
        Kind::Nothing,
        verbs::add_blob,
        words(
            "Keeps BinaryData under a name for {\"Blob\": name} in the options of the next request.",
            "Сохраняет ДвоичныеДанные под именем для {\"ДвоичныеДанные\": имя} в параметрах следующего запроса.",
        ),
    ),
    method(
        ("ClearBlobs", "ОчиститьДанные"),
        &[],
        Kind::Nothing,
        verbs::clear_blobs,
        words(
            "Forgets all data added by AddBlob.",
            "Забывает все данные, добавленные методом ДобавитьДанные.",
        ),
    ),
    method(
        ("ParseURL", "РазобратьURL"),
        &[URL],
        Kind::Json,
        utilities::parse_url,
        words(
            "Parts of a URL: {Scheme, Authentication: {User, Password}, Host, Port, Path, RequestParameters, Fragment}, keys in the language of the call.",
            "Части URL: {Схема, Аутентификация: {Пользователь, Пароль}, Сервер, Порт, Путь, ПараметрыЗапроса, Фрагмент}; ключи на языке вызова.",
        ),
    )
    .anytime(),
    method(
        ("PresignURL", "ПодписатьURL"),
        &[URL, OPTIONS, SIGNED_METHOD, VALID_SECONDS],
        Kind::Text,
        presign::presign_url,
        words(
            "The URL with an AWS4-HMAC-SHA256 signature in its query: whoever has it may make one kind of request for that many seconds. Keys: Authentication of the options or of the session.",
            "URL с подписью AWS4-HMAC-SHA256 в параметрах: по нему можно выполнять запрос этого метода указанное число секунд. Ключи — в Аутентификация параметров или сессии.",
        ),
    ),
    method(
        ("HMAC", "HMAC"),
        &[KEY, DATA, ALGORITHM],
        Kind::Blob,
        utilities::hmac,
        words(
            "HMAC of BinaryData or a string (UTF-8): MD5, SHA1, SHA256, SHA512.",
            "HMAC от ДвоичныхДанных или строки (UTF-8): MD5, SHA1, SHA256, SHA512.",
        ),
    )
    .anytime(),
    method(
        ("ReadGZip", "ПрочитатьGZip"),
        &[COMPRESSED],
        Kind::Blob,
        utilities::read_gzip,
        words("Decompresses gzip.", "Распаковывает gzip."),
    )
    .anytime(),
    method(
        ("WriteGZip", "ЗаписатьGZip"),
        &[DATA],
        Kind::Blob,
        utilities::write_gzip,
        words("Compresses to gzip.", "Упаковывает в gzip."),
    )
    .anytime(),
    method(
        ("DecodeText", "ДекодироватьТекст"),
        &[DATA, ENCODING],
        Kind::Text,
        utilities::decode_text,
        words(
            "BinaryData as text: by the byte order mark, else the given encoding, else UTF-8.",
            "ДвоичныеДанные текстом: по метке порядка байтов, иначе в заданной кодировке, иначе UTF-8.",
        ),
    )
    .anytime(),
    method(
        ("HTTPStatusCodes", "КодыСостоянияHTTP"),
        &[],
        Kind::Json,
        utilities::status_codes,
        words(
            "Names and numbers of the status codes as JSON.",
            "Имена и номера кодов состояния в виде JSON.",
        ),
    )
    .anytime(),
    method(
        ("HTTPStatusCodePresentation", "ПредставлениеКодаСостоянияHTTP"),
        &[STATUS],
        Kind::Text,
        utilities::status_presentation,
        words("\"404: Not Found\" for 404.", "\"404: Not Found\" для 404."),
    )
    .anytime(),
];

/// Methods of a session alone.
pub(super) const OWN_METHODS: &[MethodEntry] = &[
    method(
        ("Configure", "Настроить"),
        &[SETTINGS],
        Kind::Nothing,
        session::configure,
        words(
            "Sets several settings of the session at once, all or none.",
            "Задаёт несколько настроек сессии сразу: либо все, либо ни одной.",
        ),
    ),
    method(
        ("ClearCookies", "ОчиститьCookies"),
        &[],
        Kind::Nothing,
        session::clear_cookies,
        words("Forgets all cookies.", "Забывает все cookies."),
    ),
    method(
        ("CloseConnections", "ЗакрытьСоединения"),
        &[],
        Kind::Nothing,
        session::close_connections,
        words("Closes the session's idle connections.", "Закрывает свободные соединения сессии."),
    ),
];

/// Properties of both classes.
pub(super) const PROPERTIES: &[PropertyEntry] = &[
    readable(
        ("StatusCode", "КодСостояния"),
        Kind::Number,
        readers::status_code,
        words("Status code; 0 without a response.", "Код состояния; 0, если ответа нет."),
    ),
    readable(
        ("ReasonPhrase", "ПоясняющаяФраза"),
        Kind::Text,
        readers::reason,
        words("Reason phrase of the status line.", "Пояснение из строки состояния."),
    ),
    readable(
        ("ResponseHeaders", "ЗаголовкиОтвета"),
        Kind::Json,
        readers::headers,
        words(
            "Headers as received; a repeated one is an array of strings.",
            "Заголовки как получены; повторяющийся — массив строк.",
        ),
    ),
    readable(
        ("ResponseURL", "URLОтвета"),
        Kind::Text,
        readers::url,
        words("Final URL, after redirects.", "Итоговый URL после перенаправлений."),
    ),
    readable(
        ("ResponseMethod", "МетодОтвета"),
        Kind::Text,
        readers::method,
        words(
            "Method of the last request, after redirects.",
            "Метод последнего запроса после перенаправлений.",
        ),
    ),
    readable(
        ("Encoding", "Кодировка"),
        Kind::Text,
        readers::encoding,
        words(
            "Encoding by Content-Type; iso-8859-1 for text/* without one; \"\" otherwise.",
            "Кодировка по Content-Type; iso-8859-1 для text/* без неё; иначе \"\".",
        ),
    ),
    readable(
        ("ExecutionTime", "ВремяВыполнения"),
        Kind::Number,
        readers::execution_time,
        words(
            "Milliseconds of the last hop with its retries and pauses.",
            "Миллисекунды последнего перехода с его повторами и паузами.",
        ),
    ),
    readable(
        ("RedirectHistory", "ИсторияПеренаправлений"),
        Kind::Json,
        readers::history,
        words("Array of {method, url, status, location}.", "Массив {method, url, status, location}."),
    ),
    readable(
        ("ResponseCookies", "CookiesОтвета"),
        Kind::Json,
        readers::cookies,
        words(
            "Cookies set by the last response: domain - path - name - cookie.",
            "Cookies из последнего ответа: домен - путь - имя - cookie.",
        ),
    ),
    readable(
        ("IsRedirect", "ЭтоРедирект"),
        Kind::Bool,
        readers::is_redirect,
        words("301, 302, 303, 307 or 308 with Location.", "301, 302, 303, 307 или 308 с Location."),
    ),
    readable(
        ("IsPermanentRedirect", "ЭтоПостоянныйРедирект"),
        Kind::Bool,
        readers::is_permanent,
        words("301 or 308 with Location.", "301 или 308 с Location."),
    ),
    readable(
        ("BodySize", "РазмерТела"),
        Kind::Number,
        readers::body_size,
        words("Bytes of the body on the wire.", "Размер тела в том виде, в каком пришло, в байтах."),
    ),
    readable(
        ("Errors", "Ошибки"),
        Kind::Json,
        readers::errors,
        words("Texts of the errors that retries overcame.", "Тексты ошибок, преодолённых повторами."),
    ),
    readable(
        ("ResponseJSON", "ОтветJSON"),
        Kind::Json,
        readers::response_json,
        words(
            "As Response, with repeated headers joined by \", \", and ContentType, TotalTime, SessionCookies; without a response, SessionCookies alone.",
            "Как Ответ, но повторяющиеся заголовки соединены через \", \" и добавлены ТипСодержимого, ОбщееВремя, CookiesСессии; если ответа нет - только CookiesСессии.",
        ),
    ),
    readable(
        ("Busy", "Занят"),
        Kind::Bool,
        background::busy,
        words(
            "True while a request begun by StartRequest runs; how it ended is told by Wait.",
            "Истина, пока выполняется запрос, начатый методом НачатьЗапрос; чем он закончился, сообщает Ожидать.",
        ),
    )
    .anytime(),
    writable(
        (verbs::THROWING, "ВызыватьИсключения"),
        Kind::Bool,
        verbs::throwing,
        verbs::set_throwing,
        words(
            "True (default): a failure raises an exception. False: it returns 0 or an empty value, see LastError.",
            "Истина (по умолчанию): ошибка вызывает исключение. Ложь: возвращается 0 или пустое значение, см. ПоследняяОшибка.",
        ),
    )
    .anytime(),
    readable(
        ("LastError", "ПоследняяОшибка"),
        Kind::Text,
        verbs::last_error,
        words(
            "Text of the error; \"\" when the last call succeeded.",
            "Текст ошибки; \"\", если последний вызов успешен.",
        ),
    )
    .anytime(),
    readable(
        ("LastErrorDetails", "ПодробностиОшибки"),
        Kind::Json,
        verbs::last_error_details,
        words(
            "JSON: code, text, method, url, phase and details; \"\" when the last call succeeded.",
            "JSON: code, text, method, url, phase и подробности; \"\", если последний вызов успешен.",
        ),
    )
    .anytime(),
    readable(
        ("Version", "Версия"),
        Kind::Text,
        utilities::version,
        words("Version of the component.", "Версия компоненты."),
    )
    .anytime(),
    readable(
        ("DiagnosticsJSON", "ДиагностикаJSON"),
        Kind::Json,
        diagnosis::diagnostics,
        words(
            "What the component is and what it takes when nothing is set: Version, Library, OperatingSystem, Architecture, Attached, PlatformVersion, Application, Language, TLSProviders, RootCertificates, Proxy. No secrets.",
            "Что это за компонента и что она берёт, когда не задано иное: Версия, Библиотека, ОперационнаяСистема, Архитектура, Подключение, ВерсияПлатформы, Приложение, Язык, ПровайдерыTLS, КорневыеСертификаты, Прокси. Без секретов.",
        ),
    )
    .anytime(),
];

/// Properties of a session alone. All may be set to "" to get the initial value back.
pub(super) const OWN_PROPERTIES: &[PropertyEntry] = &[
    writable(
        ("Headers", "Заголовки"),
        Kind::Json,
        session::headers,
        session::set_headers,
        words(
            "Headers of every request. Initially Accept-Encoding: gzip, Accept: */*.",
            "Заголовки каждого запроса. Вначале Accept-Encoding: gzip, Accept: */*.",
        ),
    ),
    writable(
        ("Authentication", "Аутентификация"),
        Kind::Json,
        session::authentication,
        session::set_authentication,
        words(
            "Credentials of every request; secrets are read back as \"***\".",
            "Учётные данные каждого запроса; секреты читаются как \"***\".",
        ),
    ),
    writable(
        ("RequestParameters", "ПараметрыЗапроса"),
        Kind::Json,
        session::parameters,
        session::set_parameters,
        words("Query parameters of every request.", "Параметры запроса, общие для всех запросов."),
    ),
    writable(
        ("Cookies", "Cookies"),
        Kind::Json,
        session::cookies,
        session::set_cookies,
        words(
            "Cookies of the session: domain - path - name - cookie.",
            "Cookies сессии: домен - путь - имя - cookie.",
        ),
    ),
    writable(
        ("Proxy", "Прокси"),
        Kind::Json,
        session::proxy,
        session::set_proxy,
        words(
            "As the option Proxy: \"\" when not said, else false, true or an object; the password is read back as \"***\".",
            "Как параметр Прокси: \"\", если не задано, иначе false, true или объект; пароль читается как \"***\".",
        ),
    ),
    writable(
        ("VerifySSL", "ПроверятьSSL"),
        Kind::Json,
        session::verify,
        session::set_verify,
        words("As the option VerifySSL.", "Как параметр ПроверятьSSL."),
    ),
    writable(
        ("ClientSSLCertificate", "КлиентскийСертификатSSL"),
        Kind::Json,
        session::client_certificate,
        session::set_client_certificate,
        words(
            "As the option ClientSSLCertificate; PEM and password are read back as \"***\".",
            "Как параметр КлиентскийСертификатSSL; PEM и пароль читаются как \"***\".",
        ),
    ),
    writable(
        ("Timeout", "Таймаут"),
        Kind::Number,
        session::timeout,
        session::set_timeout,
        words("As the option Timeout, seconds.", "Как параметр Таймаут, секунды."),
    ),
    writable(
        ("MaximumNumberOfRedirects", "МаксимальноеКоличествоПеренаправлений"),
        Kind::Number,
        session::redirects,
        session::set_redirects,
        words("As the option of the same name.", "Как одноимённый параметр."),
    ),
];
