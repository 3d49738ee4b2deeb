//! Russian sentences on trust, identity, authentication, proxies and guards.

use crate::engine::error::ErrorKind;
use crate::engine::tls::{Certificate, IdentityProblem, TlsProblem};

use super::NOT_VERIFIED;

/// The sentence for an error of these kinds; `None` for any other.
pub(super) fn cause(kind: &ErrorKind) -> Option<String> {
    Some(match kind {
        ErrorKind::Tls { host, problem } => tls(host, problem),
        ErrorKind::Proxy { proxy, problem, status, detail } => self::proxy(proxy, problem, *status, detail),
        ErrorKind::Authentication { scheme, problem, detail } => authentication(scheme, problem, detail),
        ErrorKind::Identity { problem } => {
            format!(
                "Клиентский сертификат (КлиентскийСертификатSSL) использовать нельзя: {}",
                identity(problem)
            )
        }
        ErrorKind::Guard { rule, what } => guard(rule, what),
        ErrorKind::Unsupported { setting, by } => unsupported(setting, by),
        _ => return None,
    })
}

fn tls(host: &str, problem: &TlsProblem) -> String {
    let (why, advice) = match problem.word {
        "unknown-issuer" => (
            "его сертификат подписан неизвестным центром",
            " Если этому центру следует доверять, задайте его: ПроверятьSSL = [true, {\"Файл\": \"ca.pem\"}].",
        ),
        "expired" => ("срок действия его сертификата истёк", " Обновить сертификат должен владелец сервера."),
        "not-yet-valid" => ("его сертификат ещё не действует", " Проверьте часы этого компьютера."),
        "wrong-name" => (
            "его сертификат выдан на другое имя",
            " Если к серверу намеренно обращаются по другому имени, задайте имя из сертификата в ИмяСервераTLS.",
        ),
        "no-names" => (
            "в его сертификате нет имён узлов (subjectAltName)",
            " Сертификат нужно перевыпустить либо закрепить его ключ (ЗакрепленныеКлючи) и задать ПроверятьSSL = false.",
        ),
        "revoked" => ("его сертификат отозван", ""),
        "purpose" => (
            "его сертификат не предназначен для серверов",
            " Нужен сертификат с назначением «проверка подлинности сервера».",
        ),
        "bad-signature" => ("подпись не подтверждается", ""),
        "unsupported-algorithm" => (
            "в его сертификате неподдерживаемый алгоритм",
            " Для старого сервера может подойти ПровайдерTLS = \"Совместимый\".",
        ),
        "weak-key" => (
            "ключ его сертификата слишком короткий и ничего не доказывает",
            " Для старого сервера может подойти ПровайдерTLS = \"Совместимый\".",
        ),
        "national" => (
            "его сертификат по национальному стандарту (ГОСТ), с которым TLS здесь не работает",
            " Используйте адрес сервиса для сертификатов RSA или ECDSA либо шлюз TLS с поддержкой ГОСТ перед сервером.",
        ),
        "not-a-ca" => ("издатель его сертификата не является удостоверяющим центром", ""),
        "critical-extension" => ("в его сертификате неизвестное критическое расширение", ""),
        "pin" => (
            "в его цепочке нет ни одного ключа из ЗакрепленныеКлючи",
            " У сервера новый ключ, или между вами кто-то есть. Прежде чем закреплять новый ключ, убедитесь, что он настоящий.",
        ),
        word => return unverified(host, word, problem),
    };
    let certificate = problem.certificate.as_ref().map(certificate).unwrap_or_default();
    format!("{NOT_VERIFIED}: {host}, {why} ({}).{certificate}{advice}", problem.detail)
}

/// What fails before or beside the server's certificate.
fn unverified(host: &str, word: &str, problem: &TlsProblem) -> String {
    let detail = &problem.detail;
    match word {
        "protocol-version" => format!(
            "С узлом {host} нет общей версии TLS ({detail}). Старому серверу может понадобиться ПровайдерTLS = \
             \"Совместимый\"; см. также МинимальнаяВерсияTLS и МаксимальнаяВерсияTLS."
        ),
        "handshake" => format!(
            "Рукопожатие TLS с узлом {host} не удалось ({detail}). Старому серверу может понадобиться ПровайдерTLS = \
             \"Совместимый\"."
        ),
        "certificate-required" => format!(
            "Узел {host} требует клиентский сертификат или отклонил заданный ({detail}). Задайте подходящий в \
             КлиентскийСертификатSSL."
        ),
        "bad-ca" => format!("Сертификаты, заданные в ПроверятьSSL, использовать нельзя ({detail})."),
        "bad-crl" => format!("Списки, заданные в СпискиОтзыва, использовать нельзя ({detail})."),
        "no-provider" => format!(
            "ПровайдерTLS = \"Совместимый\" на этом компьютере недоступен ({detail}). Установите OpenSSL 3 или 1.1 либо \
             не задавайте ПровайдерTLS."
        ),
        _ => format!("Ошибка TLS с узлом {host} ({detail})."),
    }
}

fn certificate(certificate: &Certificate) -> String {
    let Certificate { subject, issuer, not_before, not_after, names } = certificate;
    let names = if names.is_empty() { String::new() } else { format!(", для {}", names.join(", ")) };
    format!(
        " Сертификат: владелец «{subject}», издатель «{issuer}», действует с {not_before} по {not_after} UTC{names}."
    )
}

/// Why a client certificate cannot be used, and what to do.
pub(super) fn identity(problem: &IdentityProblem) -> String {
    let (why, advice) = match problem.word {
        "password" => ("пароль неверный или не задан", " Задайте его ключом Пароль."),
        "format" => ("это не PKCS#12 и не PEM", ""),
        "encryption" => (
            "он зашифрован неизвестным здесь способом",
            " Сохраните его заново, например в PKCS#12 с AES-256 (openssl pkcs12 -export).",
        ),
        "no-certificate" => ("в нём нет сертификата", ""),
        "no-key" => {
            ("в нём нет закрытого ключа", " Задайте его в Ключ или выгрузите сертификат вместе с ключом.")
        }
        "mismatch" => ("закрытый ключ не от этого сертификата", ""),
        "expired" => ("срок его действия истёк", " Нужен новый сертификат."),
        "not-yet-valid" => ("он ещё не действует", " Проверьте часы этого компьютера."),
        "weak-key" => (
            "его ключ слишком короткий для современного TLS",
            " Нужен новый сертификат либо ПровайдерTLS = \"Совместимый\".",
        ),
        "key-type" => (
            "ключ такого вида этот TLS не поддерживает",
            " Возможны RSA, ECDSA (P-256, P-384) и Ed25519; ПровайдерTLS = \"Совместимый\" может знать и другие.",
        ),
        "store" => (
            "в хранилище сертификатов системы он не найден",
            " В Windows подходить должен ровно один действующий сертификат с ключом; в других системах такого хранилища нет.",
        ),
        other => (other, ""),
    };
    if problem.detail.is_empty() {
        format!("{why}.{advice}")
    } else {
        format!("{why} ({}).{advice}", problem.detail)
    }
}

fn proxy(proxy: &str, problem: &str, status: Option<u16>, detail: &str) -> String {
    let status = status.map(|status| format!("код состояния {status}"));
    let said: Vec<&str> =
        status.as_deref().into_iter().chain(Some(detail).filter(|text| !text.is_empty())).collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
    match problem {
        "connect" => format!(
            "Прокси {proxy} недоступен{said}. Проверьте его адрес; Прокси = false — работа без прокси."
        ),
        "refused" => format!("Прокси {proxy} отказался открыть путь к серверу{said}."),
        "authentication" => format!(
            "Прокси {proxy} требует пользователя и пароль или отклонил заданные{said}. Задайте Пользователь и Пароль \
             либо ИспользоватьАутентификациюОС в Прокси."
        ),
        "protocol" => format!(
            "Прокси {proxy} отвечает не как прокси этого вида{said}. Проверьте его порт и схему (http, https, socks4, \
             socks4a, socks5, socks5h)."
        ),
        "socks" => format!("Прокси {proxy} не соединился с сервером{said}."),
        "tls" => format!("Ошибка TLS с прокси {proxy}{said}."),
        "configuration" => format!(
            "Настройки прокси непонятны{said}. Задайте ключ Прокси либо исправьте переменные https_proxy и \
             http_proxy или настройки системы."
        ),
        "system" => format!(
            "Система не сообщила настройки прокси{said}. Задайте ключ Прокси (false — работа без прокси)."
        ),
        other => format!("Ошибка прокси {proxy}: {other}{said}."),
    }
}

fn authentication(scheme: &str, problem: &str, detail: &str) -> String {
    let (why, advice) = match problem {
        "no-library" => (
            "на этом компьютере нет нужной библиотеки",
            " Установите GSSAPI (libgssapi-krb5-2) либо задайте Пользователь и Пароль для другого типа.",
        ),
        "no-credentials" if scheme == "AWS4-HMAC-SHA256" => (
            "ключи заданы не полностью",
            " Задайте ИдентификаторКлючаДоступа, СекретныйКлюч, Регион и Сервис.",
        ),
        "no-credentials" => (
            "у текущего пользователя нет для неё учётных данных",
            " Получите билет (kinit) или войдите в домен либо задайте Пользователь и Пароль.",
        ),
        "refused" if scheme == "OAuth2" => (
            "сервер токенов отказал",
            " Проверьте АдресТокена, ИдентификаторКлиента, СекретКлиента и Область.",
        ),
        "refused" => ("отказано", " Проверьте Пользователь и Пароль."),
        "protocol" => ("на запрос сервера в таком виде ответить нельзя", ""),
        "body" => (
            "тело нельзя подписать так, как задано",
            " ПодписьТела = \"Подписано\" подходит для любого тела; \"НеПодписано\" требует https, \"Частями\" — только для S3.",
        ),
        "unsupported" => ("в этой системе она невозможна", " Выберите другой Тип."),
        other => (other, ""),
    };
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    format!("Аутентификация {scheme} не удалась: {why}{detail}.{advice}")
}

fn guard(rule: &str, what: &str) -> String {
    match rule {
        "private-address" => {
            format!("Запрос не разрешён: {what} — не публичный адрес, а задано ЗапретитьЧастныеАдреса.")
        }
        "scheme" => format!("Запрос не разрешён: схемы {what} нет в РазрешенныеСхемы."),
        "port" => format!("Запрос не разрешён: порта {what} нет в РазрешенныеПорты."),
        "proxy" => format!(
            "Запрос не разрешён: имя {what} разрешает прокси, и ЗапретитьЧастныеАдреса не может проверить адрес. Задайте \
             Прокси = false или прокси со схемой socks4 или socks5."
        ),
        other => format!("Запрос не разрешён: {other} ({what})."),
    }
}

fn unsupported(setting: &str, by: &str) -> String {
    let setting = match setting {
        "pins" => "ЗакрепленныеКлючи",
        "revocations" => "СпискиОтзыва",
        "server-name" => "ИмяСервераTLS",
        "system-and-own" => "ПроверятьSSL со своими сертификатами вместе с системными",
        "client-key" => "КлиентскийСертификатSSL с ключом в памяти",
        "client-store" => "КлиентскийСертификатSSL из хранилища системы",
        "version" => "такой диапазон МинимальнаяВерсияTLS и МаксимальнаяВерсияTLS",
        other => other,
    };
    if let ("КлиентскийСертификатSSL из хранилища системы", "modern") = (setting, by)
    {
        return format!("{setting} возможен только в Windows и с ПровайдерTLS = \"Совместимый\".");
    }
    let by = match by {
        "modern" => "ПровайдерTLS = \"Современный\" в этой системе",
        "openssl" => "ПровайдерTLS = \"Совместимый\" (OpenSSL)",
        "schannel" => "ПровайдерTLS = \"Совместимый\" (SChannel)",
        other => other,
    };
    format!(
        "Нельзя сочетать: {setting} и {by}. Уберите настройку или выберите другой провайдер; таблица сочетаний — в \
         README."
    )
}
