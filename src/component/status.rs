//! HTTP status codes with the key names Connector gives them. The spellings are part of the surface: the Cyrillic
//! letters of `ОК_200`, the missing letter of `КвитированиеSSНеУдалось_525`, the gaps at 306, 418 and 420.

use serde_json::{Map, Value, json};

use crate::abi::Language;

/// Code, Russian key, English key.
static CODES: &[(u16, &str, &str)] = &[
    (100, "Продолжай_100", "Continue_100"),
    (101, "ПереключениеПротокола_101", "SwitchingProtocols_101"),
    (102, "ИдетОбработка_102", "Processing_102"),
    (103, "РанняяМетаинформация_103", "EarlyHints_103"),
    (200, "ОК_200", "OK_200"),
    (201, "Создано_201", "Created_201"),
    (202, "Принято_202", "Accepted_202"),
    (203, "ИнформацияНеАвторитетна_203", "NonAuthoritativeInformation_203"),
    (204, "НетСодержимого_204", "NoContent_204"),
    (205, "СброситьСодержимое_205", "ResetContent_205"),
    (206, "ЧастичноеСодержимое_206", "PartialContent_206"),
    (207, "Многостатусный_207", "MultiStatus_207"),
    (208, "УжеСообщалось_208", "AlreadyReported_208"),
    (226, "ИспользованоIM_226", "IMUsed_226"),
    (300, "МножествоВыборов_300", "MultipleChoices_300"),
    (301, "ПеремещеноНавсегда_301", "MovedPermanently_301"),
    (302, "ПеремещеноВременно_302", "MovedTemporarily_302"),
    (303, "СмотретьДругое_303", "SeeOther_303"),
    (304, "НеИзменялось_304", "NotModified_304"),
    (305, "ИспользоватьПрокси_305", "UseProxy_305"),
    (307, "ВременноеПеренаправление_307", "TemporaryRedirect_307"),
    (308, "ПостоянноеПеренаправление_308", "PermanentRedirect_308"),
    (400, "НеверныйЗапрос_400", "BadRequest_400"),
    (401, "НеАвторизован_401", "Unauthorized_401"),
    (402, "НеобходимаОплата_402", "PaymentRequired_402"),
    (403, "Запрещено_403", "Forbidden_403"),
    (404, "НеНайдено_404", "NotFound_404"),
    (405, "МетодНеПоддерживается_405", "MethodNotAllowed_405"),
    (406, "Неприемлемо_406", "NotAcceptable_406"),
    (407, "НеобходимаАутентификацияПрокси_407", "ProxyAuthenticationRequired_407"),
    (408, "ИстеклоВремяОжидания_408", "RequestTimeout_408"),
    (409, "Конфликт_409", "Conflict_409"),
    (410, "Удален_410", "Gone_410"),
    (411, "НеобходимаДлина_411", "LengthRequired_411"),
    (412, "УсловиеЛожно_412", "PreconditionFailed_412"),
    (413, "ПолезнаяНагрузкаСлишкомВелика_413", "PayloadTooLarge_413"),
    (414, "СлишкомДлинныйURI_414", "URITooLong_414"),
    (415, "НеподдерживаемыйТипДанных_415", "UnsupportedMediaType_415"),
    (416, "ДиапазонНеДостижим_416", "RangeNotSatisfiable_416"),
    (417, "ОжиданиеНеУдалось_417", "ExpectationFailed_417"),
    (419, "ОшибкаПроверкиCSRF_419", "AuthenticationTimeout_419"),
    (421, "НеправильноНаправленныйЗапрос_421", "MisdirectedRequest_421"),
    (422, "НеобрабатываемыйЭкземпляр_422", "UnprocessableEntity_422"),
    (423, "Заблокировано_423", "Locked_423"),
    (424, "НевыполненнаяЗависимость_424", "FailedDependency_424"),
    (425, "СлишкомРано_425", "TooEarly_425"),
    (426, "НеобходимоОбновление_426", "UpgradeRequired_426"),
    (428, "НеобходимоПредусловие_428", "PreconditionRequired_428"),
    (429, "СлишкомМногоЗапросов_429", "TooManyRequests_429"),
    (431, "ПоляЗаголовкаЗапросаСлишкомБольшие_431", "RequestHeaderFieldsTooLarge_431"),
    (449, "ПовторитьС_449", "RetryWith_449"),
    (451, "НедоступноПоЮридическимПричинам_451", "UnavailableForLegalReasons_451"),
    (499, "КлиентЗакрылСоединение_499", "ClientClosedRequest_499"),
    (500, "ВнутренняяОшибкаСервера_500", "InternalServerError_500"),
    (501, "НеРеализовано_501", "NotImplemented_501"),
    (502, "ОшибочныйШлюз_502", "BadGateway_502"),
    (503, "СервисНедоступен_503", "ServiceUnavailable_503"),
    (504, "ШлюзНеОтвечает_504", "GatewayTimeout_504"),
    (505, "ВерсияHTTPНеПоддерживается_505", "HTTPVersionNotSupported_505"),
    (506, "ВариантТожеПроводитСогласование_506", "VariantAlsoNegotiates_506"),
    (507, "ПереполнениеХранилища_507", "InsufficientStorage_507"),
    (508, "ОбнаруженоБесконечноеПеренаправление_508", "LoopDetected_508"),
    (509, "ИсчерпанаПропускнаяШиринаКанала_509", "BandwidthLimitExceeded_509"),
    (510, "НеРасширено_510", "NotExtended_510"),
    (511, "ТребуетсяСетеваяАутентификация_511", "NetworkAuthenticationRequired_511"),
    (520, "НеизвестнаяОшибка_520", "UnknownError_520"),
    (521, "ВебСерверНеРаботает_521", "WebServerIsDown_521"),
    (522, "СоединениеНеОтвечает_522", "ConnectionTimedOut_522"),
    (523, "ИсточникНедоступен_523", "OriginIsUnreachable_523"),
    (524, "ВремяОжиданияИстекло_524", "ATimeoutOccurred_524"),
    (525, "КвитированиеSSНеУдалось_525", "SSLHandshakeFailed_525"),
    (526, "НедействительныйСертификатSSL_526", "InvalidSSLCertificate_526"),
];

/// Object of key names and codes.
pub(super) fn names(language: Language) -> Value {
    let names = CODES.iter().map(|(code, russian, english)| {
        let name = if language == Language::Russian { russian } else { english };
        ((*name).to_owned(), json!(code))
    });
    Value::Object(names.collect::<Map<_, _>>())
}

/// `400: Bad Request`; an unknown code says so.
pub(super) fn presentation(code: u16, language: Language) -> String {
    format!("{code}: {}", crate::engine::status::name(code).unwrap_or_else(|| unknown(language)))
}

/// What stands for the name of an unknown code.
pub(super) fn unknown(language: Language) -> &'static str {
    match language {
        Language::English => "Unknown HTTP status code",
        Language::Russian => "Неизвестный код состояния HTTP",
    }
}
