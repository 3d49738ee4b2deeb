//! What a report says of each difference, in Russian and in English.

/// Words of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// What it is.
    pub title: &'static str,
    /// Why it differs.
    pub why: &'static str,
    /// What to do.
    pub advice: &'static str,
}

type Texts = [Text; 2];

const fn text(title: &'static str, why: &'static str, advice: &'static str) -> Text {
    Text { title, why, advice }
}

pub(super) const NO_FUNCTION: Texts = [
    text(
        "Такой функции нет",
        "В Коннекторе её нет либо она была только в старых выпусках: в 2.0 сессия стала последним параметром каждой функции.",
        "ВызватьМетодВСеансе(Сессия, Метод, URL, Параметры) замените на ВызватьМетод(Метод, URL, Параметры, Сессия); остальное сверьте с описанием.",
    ),
    text(
        "There is no such function",
        "Connector has none, or had it in old releases only: since 2.0 the session is the last parameter of every function.",
        "Replace CallMethodInSession(Session, Method, URL, Parameters) by CallMethod(Method, URL, Parameters, Session); compare others with the reference.",
    ),
];

pub(super) const EXTRA_ARGUMENT: Texts = [
    text(
        "Лишний параметр",
        "У функции столько параметров нет: модуль с таким вызовом не скомпилируется.",
        "Сверьте вызов с описанием функции.",
    ),
    text(
        "An argument too many",
        "The function does not have that many parameters: a module with such a call does not compile.",
        "Compare the call with the reference.",
    ),
];

pub(super) const PLATFORM_CERTIFICATE: Texts = [
    text(
        "Сертификат в объекте платформы",
        "Имя файла и пароль из СертификатКлиентаФайл, СертификатКлиентаWindows и СертификатыУдостоверяющихЦентровФайл прочитать нельзя, поэтому вызов закончится исключением.",
        "Укажите сам файл: КлиентскийСертификатSSL = Новый Структура(\"Файл, Пароль\", ИмяФайла, Пароль), ПроверятьSSL = Новый Структура(\"Файл\", ИмяФайла) или текст PEM.",
    ),
    text(
        "A certificate in an object of the platform",
        "File name and password of FileClientCertificate, WindowsClientCertificate and FileCertificationAuthorityCertificates cannot be read back, so the call raises.",
        "Give the file itself: ClientSSLCertificate = New Structure(\"File, Password\", FileName, Password), VerifySSL = New Structure(\"File\", FileName) or PEM text.",
    ),
];

pub(super) const SERVICE_DATA: Texts = [
    text(
        "Внутреннее устройство сессии",
        "Соединения держит компонента: в СлужебныеДанные нет ПулСоединений с объектами HTTPСоединение, а ПараметрыDigest всегда Неопределено.",
        "Уберите обращение. Чтобы закрыть соединения, отпустите структуру сессии; чтобы начать заново, создайте новую функцией СоздатьСессию.",
    ),
    text(
        "Inner parts of a session",
        "Connections belong to the add-in: ServiceData has no ConnectionsPool of HTTPConnection objects, and DigestParameters is always Undefined.",
        "Remove the access. To close connections let the session structure go; to begin anew make one with NewSession.",
    ),
];

pub(super) const RESPONSE_OBJECT: Texts = [
    text(
        "Объект HTTPОтвет в ответе",
        "Ключ Ответ с объектом платформы был до версии 1.3.",
        "Читайте ключи структуры (КодСостояния, Заголовки, Тело) и функции Как...",
    ),
    text(
        "The HTTPResponse object in a response",
        "The key with the platform's object was there before version 1.3.",
        "Read the keys of the structure (StatusCode, Headers, Body) and use the functions As...",
    ),
];

pub(super) const ON_CLIENT: Texts = [
    text(
        "Вызов из кода клиента",
        "Модуль работает на сервере, во внешнем соединении и в толстом клиенте; синхронные вызовы компоненты в тонком, веб- и мобильном клиенте запрещены.",
        "Перенесите вызов на сервер либо используйте асинхронный модуль КоннекторHTTPКлиент.",
    ),
    text(
        "A call from code of a client",
        "The module runs on a server, in an external connection and in the thick client; thin, web and mobile clients forbid synchronous calls of an add-in.",
        "Move the call to the server, or use the asynchronous module HTTPConnectorClient.",
    ),
];

pub(super) const DEFAULT_HEADER: Texts = [
    text(
        "Заголовок запроса, который есть и в новой сессии",
        "Раньше побеждал заголовок сессии (Accept-Encoding: gzip, Accept: */*, Connection: keep-alive), и заданный в запросе не отправлялся. Теперь важнее запрос.",
        "Обычно ничего: отправится то, что написано. Прежнее поведение - ключ ПриоритетСессии = Истина.",
    ),
    text(
        "A request header that a new session has too",
        "The session's header used to win (Accept-Encoding: gzip, Accept: */*, Connection: keep-alive), and that of the request was not sent. Now the request wins.",
        "Usually nothing: what is written will be sent. The key SessionPriority = True brings the old way back.",
    ),
];

pub(super) const SESSION_HEADER: Texts = [
    text(
        "Заголовок задан и в сессии, и в запросе",
        "Раньше побеждала сессия, а имена различались регистром; теперь важнее запрос, и регистр имени не важен.",
        "Проверьте, какое значение нужно. Прежнее поведение - ключ ПриоритетСессии = Истина.",
    ),
    text(
        "A header both in the session and in the request",
        "The session used to win in the Russian module, and names were told apart by letter case; now the request wins, and letter case is nothing.",
        "See which value is meant. The key SessionPriority = True brings the old way back.",
    ),
];

pub(super) const SESSION_PRIORITY: Texts = [
    text(
        "Ключ задан и в сессии, и в запросе",
        "Раньше для каждого ключа аутентификации и параметра запроса побеждала сессия, теперь - запрос.",
        "Проверьте, какое значение нужно. Прежнее поведение - ключ ПриоритетСессии = Истина.",
    ),
    text(
        "A key both in the session and in the request",
        "For every key of authentication and every query parameter the session used to win; now the request does.",
        "See which value is meant. The key SessionPriority = True brings the old way back.",
    ),
];

pub(super) const NO_VERIFICATION: Texts = [
    text(
        "Проверка сертификата выключается в запросе",
        "В текущем Коннекторе Ложь в запросе не действовала, пока и в сессии была Истина: проверка оставалась. Теперь она действительно выключится.",
        "Если сертификат сервера годится, уберите ключ; если он свой, укажите его: ПроверятьSSL = Новый Структура(\"Файл\", ИмяФайла).",
    ),
    text(
        "A request switches verification off",
        "In today's Russian Connector False in a request had no effect while the session had True: verification stayed. Now it is off indeed.",
        "If the server's certificate is in order, drop the key; if it is your own, name it: VerifySSL = New Structure(\"File\", FileName).",
    ),
];

pub(super) const SESSION_VERIFICATION: Texts = [
    text(
        "ПроверятьSSL в сессии",
        "Раньше ключ сессии действовал, только если и в запросе Ложь (в английском модуле - никогда). Теперь он действует для всех запросов сессии.",
        "Убедитесь, что он нужен.",
    ),
    text(
        "VerifySSL in a session",
        "The session's key had an effect only when the request had False as well (in the English module never). Now it holds for every request of the session.",
        "Make sure that it is wanted.",
    ),
];

pub(super) const SESSION_CERTIFICATE: Texts = [
    text(
        "Клиентский сертификат в сессии",
        "Английский модуль этот ключ сессии не читал; теперь сертификат будет предъявлен.",
        "Убедитесь, что он нужен.",
    ),
    text(
        "A client certificate in a session",
        "The English module did not read this key of a session; now the certificate will be shown.",
        "Make sure that it is wanted.",
    ),
];

pub(super) const SESSION_PROXY: Texts = [
    text(
        "Прокси в сессии",
        "Раньше ключ Прокси сессии не читался вовсе. Теперь через этот прокси пойдут все запросы сессии без своего прокси.",
        "Убедитесь, что прокси верный, или уберите ключ.",
    ),
    text(
        "A proxy in a session",
        "The key Proxy of a session used not to be read at all. Now every request of the session without a proxy of its own goes through it.",
        "Make sure that the proxy is right, or drop the key.",
    ),
];

pub(super) const DEFAULT_PROXY: Texts = [
    text(
        "Прокси по умолчанию из БСП",
        "В конфигурации есть ПолучениеФайловИзИнтернета. Раньше его прокси вычислялся и не применялся; теперь применяется ко всем запросам, где прокси не задан.",
        "Проверьте настройки прокси в программе. Запрос мимо прокси - ключ Прокси = Ложь, настройки системы - Истина.",
    ),
    text(
        "The default proxy of the subsystems library",
        "The configuration has GetFilesFromInternet (ПолучениеФайловИзИнтернета). Its proxy used to be found and thrown away; now it serves every request without one.",
        "Look at the proxy settings of the application. Past the proxy: Proxy = False; settings of the system: True.",
    ),
];

pub(super) const EMPTY_PROXY: Texts = [
    text(
        "ИнтернетПрокси без сервера",
        "У такого объекта нельзя узнать, означает он \"без прокси\" или \"настройки системы\"; модуль берёт настройки системы.",
        "Для запросов без прокси укажите Прокси = Ложь.",
    ),
    text(
        "InternetProxy without a server",
        "Such an object does not tell whether it means no proxy or the system's settings; the module takes the system's.",
        "For requests past any proxy say Proxy = False.",
    ),
];

pub(super) const NEW_KEY: Texts = [
    text(
        "Ключ, которого Коннектор не читал",
        "Раньше он ничего не значил, теперь действует.",
        "Проверьте по описанию НовыеПараметры, что он значит то, что задумано, или уберите его.",
    ),
    text(
        "A key that Connector did not read",
        "It used to mean nothing; now it has an effect.",
        "See in the description of NewParameters that it means what was meant, or drop it.",
    ),
];

pub(super) const QUERY_KEY: Texts = [
    text(
        "Имя параметра с особыми знаками",
        "Раньше имена не кодировались. Теперь пробел, &, =, #, + и % в имени кодируются, поэтому уже закодированное имя закодируется второй раз.",
        "Пишите имя как есть, без кодирования.",
    ),
    text(
        "A parameter's name with special characters",
        "Names used not to be encoded. Now space, &, =, #, + and % in a name are, so a name encoded already is encoded twice.",
        "Write the name as it is, without encoding.",
    ),
];

pub(super) const TYPED_VALUE: Texts = [
    text(
        "Число, дата или булево в параметрах запроса или полях формы",
        "Раньше значение писалось по региональным настройкам (1 000,5; Да; 31.01.2026 0:00:00), теперь как в XML (1000.5, true, 2026-01-31T00:00:00).",
        "Если сервер ждёт прежний вид, отформатируйте значение сами (Формат) или включите ключ ЗначенияПоРегиональнымНастройкам.",
    ),
    text(
        "A number, date or Boolean in a query or form",
        "It used to be written by regional settings (1,000.5; Yes; 1/31/2026 12:00:00 AM), now as in XML (1000.5, true, 2026-01-31T00:00:00).",
        "If the server wants the old form, format the value yourself (Format) or set the key ValuesByRegionalSettings.",
    ),
];

pub(super) const PART_NAME: Texts = [
    text(
        "Кавычка или перевод строки в имени файла или поля",
        "Раньше они попадали в заголовок части как есть, теперь пишутся как %22, %0D и %0A.",
        "Уберите собственное экранирование.",
    ),
    text(
        "A quote or line break in the name of a file or field",
        "They used to go into the part's header as they are, now as %22, %0D and %0A.",
        "Drop escaping of your own.",
    ),
];

pub(super) const AWS_TYPE: Texts = [
    text(
        "Тип аутентификации AWS4 другими буквами",
        "Раньше текст типа уходил в подпись как написан, и запрос с ним отвергался; теперь подпись верна при любом регистре.",
        "Ничего; можно написать AWS4-HMAC-SHA256.",
    ),
    text(
        "The type AWS4 in other letters",
        "The text used to go into the signature as written, and the request was refused; now the signature is right in any letter case.",
        "Nothing; you may write AWS4-HMAC-SHA256.",
    ),
];

pub(super) const FRAGMENT: Texts = [
    text(
        "Фрагмент в адресе",
        "Раньше часть после # уходила на сервер, теперь не отправляется.",
        "Если # - часть имени, закодируйте её: %23.",
    ),
    text(
        "A fragment in an address",
        "The part after # used to go to the server; now it is not sent.",
        "If # belongs to a name, encode it: %23.",
    ),
];

pub(super) const URL_FORM: Texts = [
    text(
        "Необычная запись адреса",
        "Схема прописными буквами раньше давала соединение без TLS, а знак ? или # в конце узла становился его частью; теперь адрес читается по правилам.",
        "Обычно ничего.",
    ),
    text(
        "An unusual form of address",
        "A scheme in capitals used to give a connection without TLS, and a ? or # at the end of the host became part of it; now the address is read by the rules.",
        "Usually nothing.",
    ),
];

pub(super) const HMAC_SHA512: Texts = [
    text(
        "HMAC с SHA512",
        "Раньше блок был 64 байта для любого алгоритма, и результат для SHA512 был неверен; теперь верен.",
        "Если неверное значение где-то сохранено для сравнения, вычислите его заново.",
    ),
    text(
        "HMAC with SHA512",
        "The block used to have 64 bytes for every algorithm, and the result for SHA512 was wrong; now it is right.",
        "Where the wrong value was kept for comparison, compute it anew.",
    ),
];

pub(super) const UNKNOWN_STATUS: Texts = [
    text(
        "Представление кода состояния в английском модуле",
        "Раньше неизвестный код вызывал исключение, теперь возвращается текст \"488: Unknown HTTP status code\".",
        "Если исключение обрабатывалось, проверьте код до вызова.",
    ),
    text(
        "Presentation of a status code",
        "An unknown code used to raise in the English module; now the text \"488: Unknown HTTP status code\" is returned.",
        "If the exception was handled, look at the code before the call.",
    ),
];

pub(super) const HEAD_REDIRECT: Texts = [
    text(
        "Head в английском модуле",
        "Раньше HEAD не следовал перенаправлениям, если не попросить; теперь следует, как в русском.",
        "Чтобы не следовать, укажите AllowRedirect = False.",
    ),
    text(
        "Head follows redirects",
        "In the English module HEAD did not follow redirects unless asked; now it does, as in the Russian one.",
        "To stay, say AllowRedirect = False.",
    ),
];

pub(super) const TIMEOUT_ZERO: Texts = [
    text(
        "Таймаут 0 в английском модуле",
        "Раньше 0 означал 30 секунд, теперь - без ограничения, как в русском.",
        "Укажите нужное число секунд.",
    ),
    text(
        "Timeout of 0",
        "In the English module 0 meant 30 seconds; now it means no limit, as in the Russian one.",
        "Give the number of seconds you need.",
    ),
];

pub(super) const POSITIONAL_ARGUMENT: Texts = [
    text(
        "Параметр и полная структура NewParameters в английском модуле",
        "Раньше ключ структуры побеждал, даже если он Неопределено, и переданное значение терялось; теперь важнее переданное.",
        "Обычно ничего: отправится то, что передано.",
    ),
    text(
        "An argument beside the complete structure of NewParameters",
        "In the English module the key of the structure won even when Undefined, and the argument was lost; now the argument wins.",
        "Usually nothing: what is passed will be sent.",
    ),
];

pub(super) const CONTENT_TYPE: Texts = [
    text(
        "Content-Type тела в английском модуле",
        "Теперь, как в русском, к application/json и application/x-www-form-urlencoded добавляется ; charset=utf-8.",
        "Если сервер сравнивает заголовок целиком, задайте Content-Type сами.",
    ),
    text(
        "Content-Type of a body",
        "As in the Russian module, application/json and application/x-www-form-urlencoded now get ; charset=utf-8.",
        "If the server compares the whole header, set Content-Type yourself.",
    ),
];

pub(super) const POST_301: Texts = [
    text(
        "POST, если сервер ответит 301",
        "Раньше по новому адресу уходил POST с пустым телом, теперь GET, как в браузерах.",
        "Если адрес не перенаправляет, ничего. Иначе укажите новый адрес или ключ СохранятьМетодПри301 = Истина: POST уйдёт и дальше как POST.",
    ),
    text(
        "POST, if the server answers 301",
        "The new address used to get a POST with an empty body, now a GET, as browsers do.",
        "If the address does not redirect, nothing. Else use the new address, or the key KeepMethodOn301 = True: POST stays POST.",
    ),
];

pub(super) const ERRORS_LIST: Texts = [
    text(
        "Ошибки ответа",
        "Раньше массив всегда был пуст; теперь в нём ошибки, преодолённые повторами, и они попадают в текст КакИсключение.",
        "Проверьте код, который считает непустой массив неудачей.",
    ),
    text(
        "Errors of a response",
        "The array used to be empty always; now it holds the errors that retries overcame, and AsException shows them.",
        "Look at code that takes an array with elements for a failure.",
    ),
];

pub(super) const PASSWORD_IN_URL: Texts = [
    text(
        "Имя и пароль в адресе",
        "В тексте КакИсключение они больше не показываются; пароль с : или @ читается целиком.",
        "Лучше передать их ключом Аутентификация.",
    ),
    text(
        "User and password in an address",
        "The text of AsException does not show them any more; a password with : or @ is read as a whole.",
        "Better to pass them with the key Authentication.",
    ),
];

pub(super) const COOKIE_STORE: Texts = [
    text(
        "Чтение хранилища cookies",
        "Форма та же (домен - путь - имя), но истёкшие и удалённые сервером cookies в нём не остаются, чужие домены не принимаются.",
        "Проверьте, что код не ждёт таких cookies.",
    ),
    text(
        "Reading the cookie store",
        "The form is the same (domain - path - name), but expired and deleted cookies do not stay in it, and foreign domains are refused.",
        "See that the code does not wait for such cookies.",
    ),
];

pub(super) const PREPARED_REQUEST: Texts = [
    text(
        "Объект HTTPЗапрос подготовленного запроса",
        "Он есть, с адресом, заголовками и телом, но сам модуль его не отправляет, а тела multipart в нём нет: его создаёт компонента.",
        "Если объект отправляется вручную, проверьте случай с файлами; изменения в нём на Get, Post и другие не действуют.",
    ),
    text(
        "The HTTPRequest object of a prepared request",
        "It is there, with address, headers and body, but the module does not send it, and a multipart body is not in it: the add-in makes that.",
        "If the object is sent by hand, look at the case with files; changes in it have no effect on Get, Post and others.",
    ),
];

pub(super) const SHORT_YEAR: Texts = [
    text(
        "Разбор даты",
        "Дата с годом из двух цифр и форма asctime раньше давали пустую дату (английский модуль на короткой строке вызывал исключение), теперь читаются.",
        "Проверьте код, который полагается на пустую дату.",
    ),
    text(
        "Reading a date",
        "A year of two digits and the form of asctime used to give an empty date (the English module raised on short text); now they are read.",
        "Look at code that relies on the empty date.",
    ),
];

pub(super) const UNKNOWN_KEY: Texts = [
    text(
        "Неизвестный ключ",
        "Ни Коннектор, ни этот модуль такого ключа не читают: он ничего не значит, как и раньше.",
        "Проверьте, нет ли опечатки.",
    ),
    text(
        "An unknown key",
        "Neither Connector nor this module reads such a key: it means nothing, as before.",
        "See whether it is misspelled.",
    ),
];

pub(super) const INDIRECT_CALL: Texts = [
    text(
        "Вызов в тексте",
        "Код внутри строки не проверяется.",
        "Проверьте его по этому отчёту и описанию функций сами.",
    ),
    text(
        "A call inside a text",
        "Code inside a string is not checked.",
        "Check it yourself against this report and the reference.",
    ),
];

pub(super) const NOT_UNDERSTOOD: Texts = [
    text(
        "Метод не разобран",
        "В методе есть то, что разборщик не понимает, поэтому обращения к Коннектору найдены только как текст.",
        "Проверьте эти строки сами.",
    ),
    text(
        "A method that was not understood",
        "The method has something the parser does not know, so the uses of Connector were found as text only.",
        "Check these lines yourself.",
    ),
];

pub(super) const UNSEEN: &[(&str, [&str; 2])] = &[
    (
        "D4",
        [
            "Перенаправления 307 и 308 сохраняют заголовки запроса, а не только тело.",
            "Redirects 307 and 308 keep the headers of the request, not only its body.",
        ],
    ),
    (
        "D5",
        [
            "При переходе на другой узел, порт или с https на http Authorization, Cookie, имя и пароль не отправляются.",
            "On the way to another host or port, or from https to http, Authorization, Cookie, user and password are not sent.",
        ],
    ),
    (
        "D6",
        [
            "Адрес из Location берётся по правилам RFC 3986 и не перекодируется.",
            "The address in Location is resolved by RFC 3986 and not encoded anew.",
        ],
    ),
    (
        "D8",
        [
            "Digest: неверный пароль даёт ответ 401, а не бесконечные повторы; известный вызов используется сразу.",
            "Digest: a wrong password gives the answer 401 instead of endless attempts; a known challenge is used at once.",
        ],
    ),
    (
        "D9",
        [
            "Cookies: удаление, срок, домен и путь по RFC 6265.",
            "Cookies: deletion, expiry, domain and path by RFC 6265.",
        ],
    ),
    (
        "D12",
        [
            "Заголовки структуры файла вызывающего не меняются: её можно отправить ещё раз.",
            "The headers of the caller's file structure stay unchanged: it can be sent again.",
        ],
    ),
    (
        "D15",
        [
            "gzip: любые заголовки и несколько частей читаются, повреждённые данные - ошибка.",
            "gzip: any header and several members are read, damaged data is an error.",
        ],
    ),
    (
        "D16",
        [
            "Пустое тело в КакJson - по-прежнему исключение; ключ РазрешитьПустойJson это меняет.",
            "An empty body still raises in AsJson; the key AllowEmptyJson changes that.",
        ],
    ),
    (
        "D20",
        [
            "Пауза между повторами - настоящая, без соединения с 127.0.0.0.",
            "The pause between retries is a real one, without a connection to 127.0.0.0.",
        ],
    ),
    (
        "D21",
        [
            "Повторы - как прежде, в том числе POST; ключ ПовторятьНебезопасныеМетоды = Ложь это меняет.",
            "Retries are as before, POST too; the key RetryUnsafeMethods = False changes that.",
        ],
    ),
    (
        "D22",
        [
            "JSON с типом text/* без кодировки читается как UTF-8; ключ ТекстБезКодировкиКакLatin1 возвращает прежнее.",
            "JSON of a type text/* without a charset is read as UTF-8; the key TextWithoutCharsetAsLatin1 brings the old way back.",
        ],
    ),
];
