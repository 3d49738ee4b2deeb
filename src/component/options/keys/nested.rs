//! Keys of the objects inside of options.

use crate::component::trouble::{Words, words};

use super::{BOOL, Id, Key, MAP, NO, NONE, Scope, also, key, plain};

/// Keys of `Authentication`.
pub(in crate::component) static AUTHENTICATION: &[Key] = &[
    key(
        Id::Type,
        ("Type", "Тип"),
        Scope::Both,
        words(
            "\"Basic\", \"Bearer\", \"Digest\", \"AWS4-HMAC-SHA256\", \"OAuth2\", \"NTLM\" or \"Negotiate\"",
            "\"Basic\", \"Bearer\", \"Digest\", \"AWS4-HMAC-SHA256\", \"OAuth2\", \"NTLM\" или \"Negotiate\"",
        ),
        NONE,
        words("Scheme.", "Схема."),
    ),
    plain(Id::User, "User", "Пользователь"),
    plain(Id::Password, "Password", "Пароль"),
    plain(Id::Token, "Token", "Токен"),
    OPERATING_SYSTEM,
    plain(Id::AccessKey, "AccessKeyID", "ИдентификаторКлючаДоступа"),
    plain(Id::SecretKey, "SecretKey", "СекретныйКлюч"),
    plain(Id::Service, "Service", "Сервис"),
    plain(Id::Region, "Region", "Регион"),
    plain(Id::SessionToken, "SessionToken", "ТокенСессии"),
    key(
        Id::Payload,
        ("Payload", "ПодписьТела"),
        Scope::Both,
        words("\"Signed\", \"Unsigned\" or \"Chunks\"", "\"Подписано\", \"НеПодписано\" или \"Частями\""),
        words("\"Signed\"", "\"Подписано\""),
        NONE,
    ),
    plain(Id::TokenUrl, "TokenURL", "АдресТокена"),
    plain(Id::OAuthClient, "ClientID", "ИдентификаторКлиента"),
    plain(Id::OAuthSecret, "ClientSecret", "СекретКлиента"),
    plain(Id::TokenScope, "Scope", "Область"),
    key(
        Id::TokenParameters,
        ("Parameters", "Параметры"),
        Scope::Both,
        words("an object of names and strings", "объект из имён и строк"),
        NONE,
        NONE,
    ),
    key(Id::InBody, ("InBody", "ВТеле"), Scope::Both, BOOL, NO, NONE),
];

const OPERATING_SYSTEM: Key = key(
    Id::OperatingSystem,
    ("UseOSAuthentication", "ИспользоватьАутентификациюОС"),
    Scope::Both,
    BOOL,
    NO,
    NONE,
);

/// Keys of `Proxy`.
pub(in crate::component) static PROXY: &[Key] = &[
    plain(Id::Server, "Server", "Сервер"),
    key(
        Id::Port,
        ("Port", "Порт"),
        Scope::Both,
        words("a port number, 0 = that of the scheme", "номер порта, 0 — порт схемы"),
        NONE,
        NONE,
    ),
    key(
        Id::Scheme,
        ("Scheme", "Схема"),
        Scope::Both,
        words(
            "\"http\", \"https\", \"socks4\", \"socks4a\", \"socks5\" or \"socks5h\"",
            "\"http\", \"https\", \"socks4\", \"socks4a\", \"socks5\" или \"socks5h\"",
        ),
        words("\"http\"", "\"http\""),
        NONE,
    ),
    plain(Id::User, "User", "Пользователь"),
    plain(Id::Password, "Password", "Пароль"),
    OPERATING_SYSTEM,
    key(
        Id::BypassLocal,
        ("BypassProxyOnLocal", "НеИспользоватьПроксиДляЛокальныхАдресов"),
        Scope::Both,
        BOOL,
        NO,
        NONE,
    ),
    key(
        Id::BypassAddresses,
        ("BypassProxyOnAddresses", "НеИспользоватьПроксиДляАдресов"),
        Scope::Both,
        words(
            "an array of hosts, suffixes or networks, or one string of them separated by , or ;",
            "массив узлов, суффиксов или сетей либо строка из них через , или ;",
        ),
        NONE,
        NONE,
    ),
    key(Id::ForHttp, ("http", "http"), Scope::Both, ONE_PROXY, NONE, NONE),
    key(Id::ForHttps, ("https", "https"), Scope::Both, ONE_PROXY, NONE, NONE),
];

const ONE_PROXY: Words = words(
    "a URL or an object {\"Server\", \"Port\", \"Scheme\", \"User\", \"Password\", \"UseOSAuthentication\"}; false = no proxy",
    "URL или объект {\"Сервер\", \"Порт\", \"Схема\", \"Пользователь\", \"Пароль\", \"ИспользоватьАутентификациюОС\"}; false — без прокси",
);

/// Keys of `ClientSSLCertificate`.
pub(in crate::component) static CERTIFICATE: &[Key] = &[
    plain(Id::File, "File", "Файл"),
    plain(Id::Blob, "Blob", "ДвоичныеДанные"),
    plain(Id::Pem, "PEM", "PEM"),
    key(
        Id::PrivateKey,
        ("Key", "Ключ"),
        Scope::Both,
        words(
            "PEM text, {\"File\": \"path\"} or {\"Blob\": \"staged name\"}",
            "текст PEM, {\"Файл\": \"путь\"} или {\"ДвоичныеДанные\": \"имя\"}",
        ),
        NONE,
        NONE,
    ),
    plain(Id::Password, "Password", "Пароль"),
    key(
        Id::Store,
        ("Store", "Хранилище"),
        Scope::Both,
        words("an object {\"Thumbprint\"} or {\"Subject\"}", "объект {\"Отпечаток\"} или {\"Субъект\"}"),
        NONE,
        NONE,
    ),
];

/// Keys of `Store`.
pub(in crate::component) static STORE: &[Key] = &[
    key(
        Id::Thumbprint,
        ("Thumbprint", "Отпечаток"),
        Scope::Both,
        words("40 hexadecimal digits", "40 шестнадцатеричных цифр"),
        NONE,
        NONE,
    ),
    plain(Id::Subject, "Subject", "Субъект"),
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
