//! The keys of the options, each once: names, what is expected, default, description. The parser looks keys up here
//! and the reference in the README is made from here, so the two cannot differ.

use crate::component::trouble::{Words, words};

/// One key.
#[derive(Debug)]
pub(in crate::component) struct Key {
    /// What it sets.
    pub(in crate::component) id: Id,
    /// English name.
    pub(in crate::component) english: &'static str,
    /// Russian name; may equal the English one.
    pub(in crate::component) russian: &'static str,
    /// Other accepted names.
    pub(in crate::component) aliases: &'static [&'static str],
    /// Where it may stand.
    pub(in crate::component) scope: Scope,
    /// What values it takes.
    pub(in crate::component) expected: Words,
    /// Default.
    pub(in crate::component) default: Words,
    /// One line of description.
    pub(in crate::component) about: Words,
}

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::component) enum Scope {
    /// In the options of a request only.
    Request,
    /// In the options of a request and in the settings of a session.
    Both,
    /// Accepted nowhere here: the BSL side applies it.
    Bsl,
    /// Accepted nowhere yet; `null` and `""` are taken as "not set".
    Later,
}

/// What a key sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the keys")]
pub(in crate::component) enum Id {
    // Options
    Headers,
    Authentication,
    Proxy,
    RequestParameters,
    VerifySsl,
    ClientCertificate,
    Cookies,
    Timeout,
    ConnectTimeout,
    TotalTimeout,
    AllowRedirect,
    MaximumRedirects,
    AllowDowngrade,
    Json,
    AllowEmptyJson,
    Data,
    Files,
    MaximumRetries,
    RetryTime,
    RetryRatio,
    RetryStatuses,
    RetryUnsafe,
    OutputFile,
    MaximumBody,
    AllowTruncatedTls,
    JsonConversion,
    JsonWriter,
    // Authentication
    Type,
    User,
    Password,
    Token,
    OperatingSystem,
    Aws,
    // Parts of a multipart body
    Name,
    FileName,
    // Cookies
    CookieName,
    CookieValue,
    Domain,
    Path,
    Port,
    Expires,
    Secure,
    // References to data
    Blob,
    File,
}

const fn key(
    id: Id,
    names: (&'static str, &'static str),
    scope: Scope,
    expected: Words,
    default: Words,
    about: Words,
) -> Key {
    Key { id, english: names.0, russian: names.1, aliases: &[], scope, expected, default, about }
}

const fn also(mut key: Key, aliases: &'static [&'static str]) -> Key {
    key.aliases = aliases;
    key
}

/// Largest number of seconds anywhere: one year.
pub(in crate::component) const SECONDS_LIMIT: f64 = 31_536_000.0;
/// Largest count of redirects or retries.
pub(in crate::component) const COUNT_LIMIT: u64 = 10_000;
/// Largest body that may be held in memory: a BLOB's length has 32 bits.
pub(in crate::component) const BODY_LIMIT: u64 = u32::MAX as u64;

const BOOL: Words = words("true or false", "true или false");
const SECONDS: Words = words(
    "a number of seconds from 0 to 31536000, fractions allowed, 0 = no limit",
    "число секунд от 0 до 31536000, можно дробное, 0 — без ограничения",
);
const COUNT: Words = words("a whole number from 0 to 10000", "целое число от 0 до 10000");
const BYTES: Words = words(
    "a whole number of bytes from 1 to 4294967295; larger bodies go to a file (OutputFile)",
    "целое число байт от 1 до 4294967295; тела большего размера — в файл (ИмяВыходногоФайла)",
);
const MAP: Words = words("an object of names and values", "объект из имён и значений");
const TEXT: Words = words("a string", "строка");
const NONE: Words = words("none", "нет");
const NO: Words = words("false", "false");
const YES: Words = words("true", "true");

/// Keys of the options of a request and of the settings of a session.
pub(in crate::component) static OPTIONS: &[Key] = &[
    key(
        Id::Headers,
        ("Headers", "Заголовки"),
        Scope::Both,
        words(
            "an object of header names and strings (an array repeats a header, null removes the session's)",
            "объект: имя заголовка и строка (массив повторяет заголовок, null убирает заголовок сессии)",
        ),
        NONE,
        words(
            "Request headers. They replace the session's headers of the same name, whatever the letter case.",
            "Заголовки запроса. Заменяют одноимённые заголовки сессии без учёта регистра.",
        ),
    ),
    also(
        key(
            Id::Authentication,
            ("Authentication", "Аутентификация"),
            Scope::Both,
            words(
                "an object {\"Type\": \"Basic\", \"User\", \"Password\"} or {\"Type\": \"Bearer\", \"Token\"}",
                "объект {\"Тип\": \"Basic\", \"Пользователь\", \"Пароль\"} или {\"Тип\": \"Bearer\", \"Токен\"}",
            ),
            words("from the URL", "из URL"),
            words(
                "Credentials. Without a type: Bearer when only a token is given, else Basic. Dropped when a redirect changes the origin.",
                "Учётные данные. Без типа: Bearer, если задан только токен, иначе Basic. При перенаправлении на другой узел не передаются.",
            ),
        ),
        &["Authentification"],
    ),
    also(
        key(
            Id::RequestParameters,
            ("RequestParameters", "ПараметрыЗапроса"),
            Scope::Both,
            words(
                "an object of names and values: string, number, boolean, null (the name alone) or an array of them",
                "объект из имён и значений: строка, число, булево, null (только имя) или массив из них",
            ),
            NONE,
            words(
                "Query parameters, added to those of the URL. On a repeated name the URL wins, then the request, then the session.",
                "Параметры запроса, добавляются к параметрам URL. При совпадении имён важнее URL, затем запрос, затем сеанс.",
            ),
        ),
        &[],
    ),
    key(
        Id::Data,
        ("Data", "Данные"),
        Scope::Request,
        words(
            "a string, an object of form fields, {\"Blob\": \"staged name\"} or {\"File\": \"path\"}",
            "строка, объект полей формы, {\"ДвоичныеДанные\": \"имя\"} или {\"Файл\": \"путь\"}",
        ),
        NONE,
        words(
            "Body: text, a form (application/x-www-form-urlencoded), staged data or a file. With Files: the form's other fields.",
            "Тело: текст, форма (application/x-www-form-urlencoded), добавленные данные или файл. Вместе с Файлы — остальные поля формы.",
        ),
    ),
    key(
        Id::Json,
        ("Json", "Json"),
        Scope::Request,
        words("any JSON value but null", "любое значение JSON, кроме null"),
        NONE,
        words(
            "Body as application/json; charset=utf-8. Used when neither Files nor Data is filled.",
            "Тело как application/json; charset=utf-8. Действует, если не заполнены ни Файлы, ни Данные.",
        ),
    ),
    key(
        Id::Files,
        ("Files", "Файлы"),
        Scope::Request,
        words(
            "an object {Name, FileName, Data, Type, Headers} or an array of such objects",
            "объект {Имя, ИмяФайла, Данные, Тип, Заголовки} или массив таких объектов",
        ),
        NONE,
        words(
            "Body as multipart/form-data. Data of a part: a string, {\"Blob\": \"staged name\"} or {\"File\": \"path\"}.",
            "Тело как multipart/form-data. Данные части: строка, {\"ДвоичныеДанные\": \"имя\"} или {\"Файл\": \"путь\"}.",
        ),
    ),
    key(
        Id::Cookies,
        ("Cookies", "Cookies"),
        Scope::Both,
        words(
            "an array of {Description, Value, Domain, Path, ExpiresOn, OnlySecureConnection} or an object domain - path - name - cookie",
            "массив из {Наименование, Значение, Домен, Путь, СрокДействия, ТолькоБезопасноеСоединение} или объект домен - путь - имя - cookie",
        ),
        NONE,
        words(
            "Cookies of this request, besides those of the session. Domain defaults to the host of the URL, path to \"/\".",
            "Cookies этого запроса вдобавок к cookies сессии. Домен по умолчанию — узел URL, путь — \"/\".",
        ),
    ),
    key(
        Id::Timeout,
        ("Timeout", "Таймаут"),
        Scope::Both,
        SECONDS,
        words("30", "30"),
        words(
            "Limits lookup, connecting and TLS handshake together, and then each silence while sending or receiving.",
            "Ограничивает разрешение имени узла, соединение и рукопожатие TLS вместе, а затем каждую паузу при отправке и получении.",
        ),
    ),
    key(
        Id::ConnectTimeout,
        ("ConnectTimeout", "ТаймаутСоединения"),
        Scope::Both,
        SECONDS,
        words("as Timeout", "как Таймаут"),
        words(
            "Limits lookup, connecting and TLS handshake together, instead of Timeout.",
            "Ограничивает разрешение имени узла, соединение и рукопожатие TLS вместе вместо значения Таймаут.",
        ),
    ),
    key(
        Id::TotalTimeout,
        ("TotalTimeout", "ОбщийТаймаут"),
        Scope::Both,
        SECONDS,
        words("0", "0"),
        words(
            "Limits the whole call with redirects, retries and pauses.",
            "Ограничивает весь вызов с перенаправлениями, повторами и паузами.",
        ),
    ),
    key(
        Id::AllowRedirect,
        ("AllowRedirect", "РазрешитьПеренаправление"),
        Scope::Both,
        BOOL,
        YES,
        words("Whether redirects are followed.", "Следовать ли перенаправлениям."),
    ),
    key(
        Id::MaximumRedirects,
        ("MaximumNumberOfRedirects", "МаксимальноеКоличествоПеренаправлений"),
        Scope::Both,
        COUNT,
        words("30", "30"),
        words("Largest number of redirects.", "Наибольшее количество перенаправлений."),
    ),
    key(
        Id::AllowDowngrade,
        ("AllowRedirectToHTTP", "РазрешитьПеренаправлениеНаHTTP"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "Whether a redirect may lead from https to http.",
            "Можно ли перенаправлению вести с https на http.",
        ),
    ),
    key(
        Id::VerifySsl,
        ("VerifySSL", "ПроверятьSSL"),
        Scope::Both,
        words(
            "true, false, PEM text, {\"File\": \"path to PEM or DER\"} or {\"Blob\": \"staged name\"}",
            "true, false, текст PEM, {\"Файл\": \"путь к PEM или DER\"} или {\"ДвоичныеДанные\": \"имя\"}",
        ),
        YES,
        words(
            "Verification of the server's certificate: by the operating system's roots (true), by own certificates, or none (false).",
            "Проверка сертификата сервера: по корневым сертификатам ОС (true), по своим сертификатам или без проверки (false).",
        ),
    ),
    key(
        Id::MaximumRetries,
        ("MaximumNumberOfRetries", "МаксимальноеКоличествоПовторов"),
        Scope::Both,
        COUNT,
        words("0", "0"),
        words(
            "Retries after network errors and the status codes of ToRetryForStatusesCodes.",
            "Количество повторов после сетевых ошибок и кодов состояния из ПовторятьДляКодовСостояний.",
        ),
    ),
    key(
        Id::RetryTime,
        ("MaximumTimeOfRetries", "МаксимальноеВремяПовторов"),
        Scope::Both,
        words("a number of seconds from 0 to 31536000", "число секунд от 0 до 31536000"),
        words("600", "600"),
        words(
            "Seconds from the first attempt after which no new one starts.",
            "Секунды от первой попытки, после которых новая попытка не начинается.",
        ),
    ),
    key(
        Id::RetryRatio,
        ("ExponentialDelayRatio", "КоэффициентЭкспоненциальнойЗадержки"),
        Scope::Both,
        words("a number from 0 to 1000", "число от 0 до 1000"),
        words("1", "1"),
        words(
            "The pause before retry n is ratio * 2^(n-1) seconds, unless Retry-After says otherwise.",
            "Пауза перед повтором n равна коэффициент * 2^(n-1) секунд, если Retry-After не говорит иного.",
        ),
    ),
    key(
        Id::RetryStatuses,
        ("ToRetryForStatusesCodes", "ПовторятьДляКодовСостояний"),
        Scope::Both,
        words("an array of status codes from 100 to 999", "массив кодов состояния от 100 до 999"),
        words("every code from 500", "все коды от 500"),
        words(
            "Status codes to retry for; 413, 429 and 503 with Retry-After always count.",
            "Коды состояния для повтора; 413, 429 и 503 с Retry-After учитываются всегда.",
        ),
    ),
    key(
        Id::RetryUnsafe,
        ("RetryUnsafeMethods", "ПовторятьНебезопасныеМетоды"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "Whether POST, PATCH and other methods that are not idempotent are retried too.",
            "Повторять ли также POST, PATCH и другие неидемпотентные методы.",
        ),
    ),
    key(
        Id::OutputFile,
        ("OutputFile", "ИмяВыходногоФайла"),
        Scope::Request,
        words("a file path", "путь к файлу"),
        NONE,
        words(
            "The body goes to this file instead of memory, as it comes on the wire; the file appears only when it is complete.",
            "Тело записывается в этот файл, а не в память, в том виде, в каком пришло; файл появляется только целиком.",
        ),
    ),
    key(
        Id::MaximumBody,
        ("MaximumBodySize", "МаксимальныйРазмерТела"),
        Scope::Both,
        BYTES,
        words(
            "1073741824 (268435456 in 32-bit processes)",
            "1073741824 (268435456 в 32-разрядных процессах)",
        ),
        words(
            "Largest body held in memory, as received and as decoded.",
            "Наибольшее тело в памяти — и полученное, и распакованное.",
        ),
    ),
    key(
        Id::AllowEmptyJson,
        ("AllowEmptyJson", "РазрешитьПустойJson"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "GetJson and its relatives return \"\" for an empty body instead of failing.",
            "GetJson и подобные возвращают \"\" при пустом теле вместо ошибки.",
        ),
    ),
    key(
        Id::AllowTruncatedTls,
        ("AllowTruncatedTLS", "РазрешитьОбрывTLS"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "Accept a body of unknown length over TLS whose end the server did not announce (it may be cut off).",
            "Принимать по TLS тело неизвестной длины, о конце которого сервер не объявил (оно может быть обрезано).",
        ),
    ),
    key(
        Id::Proxy,
        ("Proxy", "Прокси"),
        Scope::Later,
        words("null or false", "null или false"),
        NONE,
        words(
            "Not supported by this version: connections are direct.",
            "Этой версией не поддерживается: соединения прямые.",
        ),
    ),
    key(
        Id::ClientCertificate,
        ("ClientSSLCertificate", "КлиентскийСертификатSSL"),
        Scope::Later,
        words("null or false", "null или false"),
        NONE,
        words("Not supported by this version.", "Этой версией не поддерживается."),
    ),
    key(
        Id::JsonConversion,
        ("JSONConversionParameters", "ПараметрыПреобразованияJSON"),
        Scope::Bsl,
        words("null", "null"),
        NONE,
        words(
            "Applied in BSL by WriteJSON and ReadJSON; an error here.",
            "Применяется на встроенном языке в ЗаписатьJSON и ПрочитатьJSON; здесь — ошибка.",
        ),
    ),
    key(
        Id::JsonWriter,
        ("JSONWriterSettings", "ПараметрыЗаписиJSON"),
        Scope::Bsl,
        words("null", "null"),
        NONE,
        words(
            "Applied in BSL by WriteJSON; an error here.",
            "Применяется на встроенном языке в ЗаписатьJSON; здесь — ошибка.",
        ),
    ),
];

/// Keys of `Authentication`.
pub(in crate::component) static AUTHENTICATION: &[Key] = &[
    key(
        Id::Type,
        ("Type", "Тип"),
        Scope::Both,
        words("\"Basic\" or \"Bearer\"", "\"Basic\" или \"Bearer\""),
        NONE,
        words("Scheme.", "Схема."),
    ),
    plain(Id::User, "User", "Пользователь"),
    plain(Id::Password, "Password", "Пароль"),
    plain(Id::Token, "Token", "Токен"),
    key(
        Id::OperatingSystem,
        ("UseOSAuthentication", "ИспользоватьАутентификациюОС"),
        Scope::Later,
        BOOL,
        NO,
        NONE,
    ),
    key(Id::Aws, ("AccessKeyID", "ИдентификаторКлючаДоступа"), Scope::Later, TEXT, NONE, NONE),
    key(Id::Aws, ("SecretKey", "СекретныйКлюч"), Scope::Later, TEXT, NONE, NONE),
    key(Id::Aws, ("Service", "Сервис"), Scope::Later, TEXT, NONE, NONE),
    key(Id::Aws, ("Region", "Регион"), Scope::Later, TEXT, NONE, NONE),
];

/// Keys of one part of `Files`.
pub(in crate::component) static PART: &[Key] = &[
    plain(Id::Name, "Name", "Имя"),
    plain(Id::FileName, "FileName", "ИмяФайла"),
    key(
        Id::Data,
        ("Data", "Данные"),
        Scope::Both,
        words(
            "a string, {\"Blob\": \"staged name\"} or {\"File\": \"path\"}",
            "строка, {\"ДвоичныеДанные\": \"имя\"} или {\"Файл\": \"путь\"}",
        ),
        NONE,
        NONE,
    ),
    plain(Id::Type, "Type", "Тип"),
    key(Id::Headers, ("Headers", "Заголовки"), Scope::Both, MAP, NONE, NONE),
];

/// Keys of one cookie.
pub(in crate::component) static COOKIE: &[Key] = &[
    also(plain(Id::CookieName, "Description", "Наименование"), &["Name", "Имя"]),
    plain(Id::CookieValue, "Value", "Значение"),
    plain(Id::Domain, "Domain", "Домен"),
    plain(Id::Path, "Path", "Путь"),
    key(Id::Port, ("Port", "Порт"), Scope::Both, words("a port number", "номер порта"), NONE, NONE),
    key(
        Id::Expires,
        ("ExpiresOn", "СрокДействия"),
        Scope::Both,
        words("a UTC date, YYYY-MM-DDThh:mm:ss", "дата UTC вида ГГГГ-ММ-ДДTчч:мм:сс"),
        NONE,
        NONE,
    ),
    key(Id::Secure, ("OnlySecureConnection", "ТолькоБезопасноеСоединение"), Scope::Both, BOOL, NONE, NONE),
];

/// Keys of a reference to data that is not in the options themselves.
pub(in crate::component) static REFERENCE: &[Key] =
    &[plain(Id::Blob, "Blob", "ДвоичныеДанные"), plain(Id::File, "File", "Файл")];

const fn plain(id: Id, english: &'static str, russian: &'static str) -> Key {
    key(id, (english, russian), Scope::Both, TEXT, NONE, NONE)
}

impl Key {
    /// Whether `name` is one of its names, in any letter case.
    pub(in crate::component) fn is(&self, name: &str) -> bool {
        self.names().any(|known| crate::component::text::same_name(known, name))
    }

    /// Every accepted name.
    pub(in crate::component) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.english, self.russian].into_iter().chain(self.aliases.iter().copied())
    }

    /// Its names in both languages.
    pub(in crate::component) fn words(&self) -> Words {
        words(self.english, self.russian)
    }
}
