//! Keys of what is sent and what is done with the answer.

use crate::component::trouble::words;

use super::{BOOL, BYTES, COUNT, Id, Key, NO, NONE, Scope, YES, also, key};

/// The keys.
pub(super) const KEYS: &[Key] = &[
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
                "an object {\"Type\": \"Basic\", \"User\", \"Password\"}; types: Basic, Bearer, Digest, AWS4-HMAC-SHA256, OAuth2, NTLM, Negotiate",
                "объект {\"Тип\": \"Basic\", \"Пользователь\", \"Пароль\"}; типы: Basic, Bearer, Digest, AWS4-HMAC-SHA256, OAuth2, NTLM, Negotiate",
            ),
            words("from the URL", "из URL"),
            words(
                "Credentials. Without a type: Bearer when only Token is given, AWS4-HMAC-SHA256 with AccessKeyID, OAuth2 with TokenURL, else Basic. They stay with the origin of the URL.",
                "Учётные данные. Без типа: Bearer, если задан только Токен, AWS4-HMAC-SHA256 при ИдентификаторКлючаДоступа, OAuth2 при АдресТокена, иначе Basic. Передаются только узлу из URL.",
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
        Id::KeepMethodOn301,
        ("KeepMethodOn301", "СохранятьМетодПри301"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "Whether a POST answered by 301 is repeated as a POST with its body instead of becoming a GET.",
            "Повторять ли POST при ответе 301 с тем же методом и телом, а не превращать в GET.",
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
