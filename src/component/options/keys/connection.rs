//! Keys of how the other side is reached: times, TLS, the proxy, guards.

use crate::component::trouble::{Words, words};

use super::{BOOL, Id, Key, NO, NONE, SECONDS, Scope, YES, also, key};

/// The keys.
pub(super) const KEYS: &[Key] = &[
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
        Id::VerifySsl,
        ("VerifySSL", "ПроверятьSSL"),
        Scope::Both,
        words(
            "true, false, PEM text, {\"File\": \"path to PEM or DER\"}, {\"Blob\": \"staged name\"}, or an array of these without false",
            "true, false, текст PEM, {\"Файл\": \"путь к PEM или DER\"}, {\"ДвоичныеДанные\": \"имя\"} или массив из них без false",
        ),
        YES,
        words(
            "Verification of the server's certificate: by the operating system's roots (true), by own certificates, by both ([true, {\"File\": ...}]), or none (false).",
            "Проверка сертификата сервера: по корневым сертификатам ОС (true), по своим сертификатам, по тем и другим ([true, {\"Файл\": ...}]) или без проверки (false).",
        ),
    ),
    key(
        Id::ClientCertificate,
        ("ClientSSLCertificate", "КлиентскийСертификатSSL"),
        Scope::Both,
        words(
            "false, or an object {\"File\" | \"Blob\" | \"PEM\", \"Key\", \"Password\"} or {\"Store\": {\"Thumbprint\" | \"Subject\"}}",
            "false или объект {\"Файл\" | \"ДвоичныеДанные\" | \"PEM\", \"Ключ\", \"Пароль\"} или {\"Хранилище\": {\"Отпечаток\" | \"Субъект\"}}",
        ),
        NONE,
        words(
            "Client certificate with its private key: PKCS#12 or PEM, found by content; the key may be apart (Key). Store: of the Windows store, with TLSProvider \"Compatible\".",
            "Клиентский сертификат с закрытым ключом: PKCS#12 или PEM, определяется по содержимому; ключ может быть отдельно (Ключ). Хранилище — из хранилища Windows при ПровайдерTLS = \"Совместимый\".",
        ),
    ),
    key(
        Id::TlsProvider,
        ("TLSProvider", "ПровайдерTLS"),
        Scope::Both,
        words("\"Modern\" or \"Compatible\"", "\"Современный\" или \"Совместимый\""),
        words("\"Modern\"", "\"Современный\""),
        words(
            "Compatible: the system's TLS (SChannel, OpenSSL), for old servers only: TLS 1.0 and 1.1, CBC, RSA key exchange, short keys.",
            "Совместимый: TLS системы (SChannel, OpenSSL), только для старых серверов: TLS 1.0 и 1.1, CBC, обмен ключами RSA, короткие ключи.",
        ),
    ),
    key(
        Id::MinimumTls,
        ("MinimumTLSVersion", "МинимальнаяВерсияTLS"),
        Scope::Both,
        VERSION,
        words("1.2 (Modern), 1.0 (Compatible)", "1.2 (Современный), 1.0 (Совместимый)"),
        words("Oldest TLS version to speak.", "Самая старая допустимая версия TLS."),
    ),
    key(
        Id::MaximumTls,
        ("MaximumTLSVersion", "МаксимальнаяВерсияTLS"),
        Scope::Both,
        VERSION,
        words("the newest there is", "самая новая"),
        words("Newest TLS version to speak.", "Самая новая допустимая версия TLS."),
    ),
    key(
        Id::ServerName,
        ("TLSServerName", "ИмяСервераTLS"),
        Scope::Both,
        words("a host name; \"\" = that of the URL", "имя узла; \"\" — имя из URL"),
        words("the host of the URL", "узел из URL"),
        words(
            "Name sent as SNI and looked for in the certificate.",
            "Имя, которое передаётся в SNI и ищется в сертификате.",
        ),
    ),
    also(
        key(
            Id::PinnedKeys,
            ("PinnedKeys", "ЗакрепленныеКлючи"),
            Scope::Both,
            words(
                "an array of \"sha256/BASE64\" (or one of them)",
                "массив строк \"sha256/BASE64\" (или одна такая строка)",
            ),
            NONE,
            words(
                "SHA-256 of public keys (SPKI), one of which must be in the server's chain, whatever VerifySSL says.",
                "SHA-256 открытых ключей (SPKI); один из них должен быть в цепочке сервера, что бы ни было в ПроверятьSSL.",
            ),
        ),
        &["ЗакреплённыеКлючи"],
    ),
    key(
        Id::RevocationLists,
        ("RevocationLists", "СпискиОтзыва"),
        Scope::Both,
        words(
            "an array of PEM texts, {\"File\": \"path to PEM or DER\"}, {\"Blob\": \"staged name\"} (or one of them)",
            "массив из текстов PEM, {\"Файл\": \"путь к PEM или DER\"}, {\"ДвоичныеДанные\": \"имя\"} (или что-то одно)",
        ),
        NONE,
        words(
            "Certificate revocation lists: a server certificate found there is refused.",
            "Списки отозванных сертификатов (CRL): сертификат сервера из списка отклоняется.",
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
        Scope::Both,
        words(
            "false, true, a URL, an object {\"Server\", \"Port\", \"Scheme\", \"User\", \"Password\", \"UseOSAuthentication\", \"BypassProxyOnLocal\", \"BypassProxyOnAddresses\"}, or an object {\"http\", \"https\"} of those",
            "false, true, URL, объект {\"Сервер\", \"Порт\", \"Схема\", \"Пользователь\", \"Пароль\", \"ИспользоватьАутентификациюОС\", \"НеИспользоватьПроксиДляЛокальныхАдресов\", \"НеИспользоватьПроксиДляАдресов\"} или объект {\"http\", \"https\"} из них",
        ),
        words("environment, then system", "окружение, затем система"),
        words(
            "The way out: no proxy (false), that of the system's settings (true, an empty Server), or this one: http, https, socks4, socks4a, socks5, socks5h.",
            "Выход в сеть: без прокси (false), по настройкам системы (true, пустой Сервер) или этот прокси: http, https, socks4, socks4a, socks5, socks5h.",
        ),
    ),
    key(
        Id::DenyPrivate,
        ("DenyPrivateAddresses", "ЗапретитьЧастныеАдреса"),
        Scope::Both,
        BOOL,
        NO,
        words(
            "Refuse private, loopback, link-local and other addresses that are not public, after the lookup and after every redirect.",
            "Отклонять частные, локальные и другие непубличные адреса после разрешения имени и после каждого перенаправления.",
        ),
    ),
    key(
        Id::AllowedSchemes,
        ("AllowedSchemes", "РазрешенныеСхемы"),
        Scope::Both,
        words("an array of \"http\" and \"https\"", "массив из \"http\" и \"https\""),
        words("all", "все"),
        words(
            "Schemes a request and its redirects may use.",
            "Схемы, допустимые для запроса и его перенаправлений.",
        ),
    ),
    key(
        Id::AllowedPorts,
        ("AllowedPorts", "РазрешенныеПорты"),
        Scope::Both,
        words("an array of ports from 1 to 65535", "массив портов от 1 до 65535"),
        words("all", "все"),
        words(
            "Ports a request and its redirects may use.",
            "Порты, допустимые для запроса и его перенаправлений.",
        ),
    ),
    key(
        Id::Overrides,
        ("AddressOverrides", "ПодменаАдресов"),
        Scope::Both,
        words(
            "an object {\"host\" or \"host:port\": IP address or an array of them}",
            "объект {\"узел\" или \"узел:порт\": IP-адрес или массив адресов}",
        ),
        NONE,
        words(
            "Addresses to connect to instead of a lookup.",
            "Адреса, с которыми соединяться вместо разрешения имени.",
        ),
    ),
];

const VERSION: Words = words("\"1.0\", \"1.1\", \"1.2\" or \"1.3\"", "\"1.0\", \"1.1\", \"1.2\" или \"1.3\"");
