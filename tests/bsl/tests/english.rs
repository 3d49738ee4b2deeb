//! The English module: it is what the translator makes of the Russian one now, has the names its callers use, and does
//! what the Russian one does. Every test module of `1c/tests` runs on it too, with the names it uses translated.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a failed expectation is the report")]

use std::path::PathBuf;

use bsl::lint::{Rules, check};
use bsl::run::{Machine, SERVER};
use bsl::syntax::ast::{Literal, Method, Module};
use bsl::translate::{Dictionary, Problem, adapt, translate};

mod environment;
use environment::{all_passed, environment, environment_with_storage};

const RUSSIAN: &str = "src/cf/CommonModules/КоннекторHTTP/Ext/Module.bsl";
const ENGLISH: &str = "src/cf/CommonModules/HTTPConnector/Ext/Module.bsl";

/// A file below `1c`.
fn source(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../1c");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn dictionary() -> Dictionary {
    Dictionary::read(&source("dictionary.txt")).unwrap()
}

fn tree(name: &str, path: &str) -> Module {
    bsl::syntax::read(name, &source(path), SERVER).unwrap()
}

fn machine() -> Machine {
    let mut machine = Machine::new();
    machine.add_module("HTTPConnector", &source(ENGLISH), SERVER).unwrap();
    let library = addin_host::find::beside_test("httpconnector").unwrap();
    machine.add_template("CommonTemplate.HTTPConnectorAddIn", library);
    machine
}

#[test]
fn the_english_module_is_not_stale() {
    let made =
        translate(&Machine::new().registry, &dictionary(), &source(RUSSIAN), &source("english_only.bsl"))
            .unwrap();
    assert!(made.text == source(ENGLISH), "stale: cargo run -p bsl --bin translate -- --write");
    assert_eq!(made.dropped, [], "inner comments without a translation");
}

#[test]
fn the_english_module_keeps_the_rules_of_its_text() {
    let remarks = check(&machine(), &tree("HTTPConnector", ENGLISH), Rules::default());
    assert!(remarks.is_empty(), "{}", remarks.iter().map(|one| format!("{one}\n")).collect::<String>());
}

/// Exported functions in the order of the Russian module, with their parameters: `=U` is `Undefined`, `=""` an empty
/// string, `=8` is "utf-8", `v:` is by value.
const EXPORTED: &[(&str, &str, &str)] = &[
    ("Get", "Get", "URL RequestParameters=U AdditionalParameters=U Session=U"),
    ("Options", "Options", "URL AdditionalParameters=U Session=U"),
    ("Head", "Head", "URL AdditionalParameters=U Session=U"),
    ("Post", "Post", "URL Data=U AdditionalParameters=U Session=U"),
    ("Put", "Put", "URL Data=U AdditionalParameters=U Session=U"),
    ("Patch", "Patch", "URL Data=U AdditionalParameters=U Session=U"),
    ("Delete", "Delete", "URL Data=U AdditionalParameters=U Session=U"),
    ("Mkcol", "Mkcol", "URL Data=U AdditionalParameters=U Session=U"),
    ("ВызватьМетод", "CallMethod", "Method URL AdditionalParameters=U Session=U"),
    ("GetJson", "GetJson", "URL RequestParameters=U AdditionalParameters=U Session=U"),
    ("PostJson", "PostJson", "URL Json AdditionalParameters=U Session=U"),
    ("PutJson", "PutJson", "URL Json AdditionalParameters=U Session=U"),
    ("PatchJson", "PatchJson", "URL Json AdditionalParameters=U Session=U"),
    ("DeleteJson", "DeleteJson", "URL Json AdditionalParameters=U Session=U"),
    ("НовыеПараметры", "NewParameters", ""),
    ("НовыйОтправляемыйФайл", "NewFileToSend", "Name FileName Data=U Type=U"),
    ("СоздатьСессию", "NewSession", ""),
    ("НовыйОтвет", "NewResponse", ""),
    ("НоваяАутентификацияОС", "NewAuthenticationOS", ""),
    ("НоваяАутентификацияBasic", "NewAuthenticationBasic", "User=\"\" Password=\"\""),
    ("НоваяАутентификацияDigest", "NewAuthenticationDigest", "User=\"\" Password=\"\""),
    ("НоваяАутентификацияBearer", "NewAuthenticationBearer", "Token=\"\""),
    (
        "НоваяАутентификацияAWS4",
        "NewAuthenticationAWS4",
        "AccessKey=\"\" SecretKey=\"\" Service=\"\" Region=\"\"",
    ),
    (
        "НоваяАутентификацияOAuth2",
        "NewAuthenticationOAuth2",
        "TokenURL=\"\" ClientID=\"\" ClientSecret=\"\" Scope=\"\"",
    ),
    ("КакJson", "AsJson", "Response JSONConversionParameters=U"),
    ("КакТекст", "AsText", "Response Encoding=U"),
    ("КакДвоичныеДанные", "AsBinaryData", "Response"),
    ("КакXDTO", "AsXDTO", "Response XMLReaderSettings=U XMLSchemaSet=U Encoding=U"),
    ("КакИсключение", "AsException", "Response v:TextForUser=U"),
    ("РазобратьURL", "ParseURL", "v:URL"),
    ("ОбъектВJson", "ObjectToJson", "Object v:ConversionParameters=U v:WriterSettings=U"),
    ("JsonВОбъект", "JsonToObject", "Json Encoding=8 ConversionParameters=U"),
    ("HMAC", "HMAC", "Key_ Data Algorithm"),
    ("КодыСостоянияHTTP", "HTTPStatusCodes", ""),
    ("ПредставлениеКодаСостоянияHTTP", "HTTPStatusCodePresentation", "StatusCode"),
    ("ПрочитатьGZip", "ReadGZip", "CompressedData"),
    ("ЗаписатьGZip", "WriteGZip", "Data"),
    ("Диагностика", "Diagnostics", ""),
    ("ПодготовитьЗапрос", "PrepareRequest", "Session Method URL AdditionalParameters"),
    ("ПреобразованиеJson", "JsonConversion", "Property Value AdditionalParameters Cancel"),
    ("ВосстановлениеJson", "RestoreJson", "Property Value PropertiesTypes"),
    ("ЧислоИзСтроки", "NumberFromString", "v:String"),
    ("ДатаИзСтроки", "DateFromString", "v:String"),
    ("ДатаИзСтрокиRFC7231", "DateFromStringRFC7231", "v:String"),
];

/// A heading as [`EXPORTED`] writes it; without the names for comparing languages.
fn heading(method: &Method, with_names: bool) -> String {
    let parameters = method.parameters.iter().map(|parameter| {
        let default = match &parameter.default {
            None => "",
            Some(Literal::Undefined) => "=U",
            Some(Literal::Text(text)) if text.is_empty() => "=\"\"",
            Some(Literal::Text(text)) if **text == *"utf-8" => "=8",
            Some(other) => panic!("{}: {other:?}", method.name),
        };
        let by = if parameter.by_value { "v:" } else { "" };
        format!("{by}{}{default}", if with_names { &parameter.name } else { "" })
    });
    parameters.collect::<Vec<_>>().join(" ")
}

fn exported(module: &Module) -> Vec<&Method> {
    module.methods.iter().map(AsRef::as_ref).filter(|method: &&Method| method.export).collect()
}

#[test]
fn every_exported_function_has_its_counterpart() {
    let (russian, english) = (tree("КоннекторHTTP", RUSSIAN), tree("HTTPConnector", ENGLISH));
    let (russian, english) = (exported(&russian), exported(&english));
    // The aliases are the only ones more.
    let alias = english.iter().find(|method| &*method.name == "КакXDTO").unwrap();
    assert_eq!(heading(alias, true), "Response XMLReaderSettings=U XMLSchemaSet=U Encoding=U");
    let english: Vec<_> = english.iter().filter(|method| &*method.name != "КакXDTO").collect();
    let names = |of: &[&Method]| of.iter().map(|method| method.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&russian), EXPORTED.iter().map(|row| row.0).collect::<Vec<_>>());
    assert_eq!(english.len(), EXPORTED.len());
    for ((of, to), (_, name, parameters)) in russian.iter().zip(&english).zip(EXPORTED) {
        assert_eq!(&*to.name, *name);
        assert_eq!(heading(to, true), *parameters, "{name}");
        assert_eq!(heading(of, false), heading(to, false), "{name}");
        assert_eq!(of.is_function, to.is_function, "{name}");
    }
}

#[test]
fn no_name_of_the_english_module_is_russian() {
    let english = tree("HTTPConnector", ENGLISH);
    let latin = |name: &str| !name.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
    for method in &english.methods {
        assert!(latin(&method.name) || &*method.name == "КакXDTO", "{}", method.name);
        for parameter in &method.parameters {
            assert!(latin(&parameter.name), "{}: {}", method.name, parameter.name);
        }
        assert!(method.locals.iter().all(|local| latin(local)), "{}: {:?}", method.name, method.locals);
    }
    // Texts for users have both languages; comments and keys have one.
    for (index, line) in source(ENGLISH).lines().enumerate() {
        let is_meant = ["NStr(\"ru =", "КакXDTO", "\"ОбщийМакет\""].iter().any(|word| line.contains(word));
        assert!(latin(line) || is_meant, "{}: {line}", index + 1);
    }
}

#[test]
fn the_configuration_has_the_english_module_with_its_flags() {
    let configuration = source("src/cf/Configuration.xml");
    assert!(configuration.contains("<CommonModule>HTTPConnector</CommonModule>"));
    assert!(configuration.contains("<CommonTemplate>HTTPConnectorAddIn</CommonTemplate>"));
    let template = source("src/cf/CommonTemplates/HTTPConnectorAddIn.xml");
    assert!(template.contains("<TemplateType>AddIn</TemplateType>"));
    let module = source("src/cf/CommonModules/HTTPConnector.xml");
    for flag in [
        "<Global>false<",
        "<ClientManagedApplication>false<",
        "<Server>true<",
        "<ExternalConnection>true<",
        // As the Russian one: server, external connection, thick client.
        "<ClientOrdinaryApplication>true<",
        "<ServerCall>false<",
        "<Privileged>false<",
        "<ReturnValuesReuse>DontUse<",
    ] {
        assert!(module.contains(flag), "{flag}");
    }
    for text in [configuration, template, module, source(ENGLISH)] {
        assert!(text.starts_with('\u{feff}'));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }
}

/// Runs a test module on the English module, in the bench's language: all of its tests pass.
fn suite(name: &str, text: &str, language: &'static str, environment: &str) {
    let mut machine = machine();
    machine.language = language;
    machine.add_module("Окружение", environment, SERVER).unwrap();
    machine.add_module(name, text, SERVER).unwrap();
    all_passed(&mut machine, name);
}

#[test]
fn english_cases_hold_on_an_english_platform() {
    suite("TM_Smoke", &source("tests/TM_Smoke.bsl"), "en", &environment());
}

/// A Russian module with the names of what it uses translated.
fn in_english(text: &str) -> String {
    let text = adapt(&Machine::new().registry, &dictionary(), text);
    ADAPTED.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

/// What is not a name of the module: assertions of YAxUnit, the one key with two names, words of errors.
const ADAPTED: &[(&str, &str)] = &[
    (".Method(", ".Метод("),
    (".Parameter(", ".Параметр("),
    (".Property(", ".Свойство("),
    ("Parts.Server", "Parts.Host"),
    (").Server", ").Host"),
    ("Authentication,Server,Port", "Authentication,Host,Port"),
    ("ИмеетТип(\"Blob\")", "ИмеетТип(\"ДвоичныеДанные\")"),
    ("VerifySSL = Новый Structure", "VerifySSL = New Structure"),
    ("Образец.Insert(\"Server\"", "Образец.Insert(\"Host\""),
    (".Современный", ".Modern"),
    (".Совместимый", ".Compatible"),
    ("«Таймаут»", "\"\"Timeout\"\""),
    ("«ДополнительныеПараметры»", "«AdditionalParameters»"),
    ("«Данные»", "«Data»"),
    ("«КлиентскийСертификатSSL»", "\"\"ClientSSLCertificate\"\""),
    ("значение не заполнено", "the value is empty"),
    ("Не могу установить соединение", "Couldn't connect"),
    ("Не удается разрешить имя узла", "Couldn't resolve"),
    ("Прокси http", "The proxy http"),
    ("СлишкомМногоПеренаправлений", "TooManyRedirects"),
    ("Превышено время ожидания", "Timeout exceeded"),
];

/// Runs a Russian test module with its names translated.
fn adapted(name: &str) {
    adapted_in(&environment(), name);
}

fn adapted_in(environment: &str, name: &str) {
    let text = in_english(&source(&format!("tests/{name}.bsl")));
    suite(name, &text, "ru", &in_english(environment));
}

#[test]
fn cases_of_urls_and_queries_hold_in_english() {
    adapted("ОМ_URL");
}

#[test]
fn cases_of_utilities_hold_in_english() {
    adapted("ОМ_Утилиты");
}

#[test]
fn cases_of_bodies_hold_in_english() {
    adapted("ОМ_Тела");
}

#[test]
fn cases_of_answers_and_methods_hold_in_english() {
    adapted("ОМ_Ответы");
}

#[test]
fn cases_of_the_exchange_hold_in_english() {
    adapted("ОМ_Обмен");
}

#[test]
fn fixed_defects_stay_fixed_in_english() {
    adapted("ОМ_Дефекты");
}

#[test]
fn wrong_use_is_named_in_english() {
    adapted("ОМ_НеверноеИспользование");
}

#[test]
fn structures_have_their_keys_and_defaults_in_english() {
    adapted("ОМ_Ключи");
}

#[test]
fn what_is_passed_by_reference_changes_only_as_described_in_english() {
    adapted("ОМ_Ссылки");
}

#[test]
fn texts_are_read_in_every_encoding_in_english() {
    adapted("ОМ_Кодировки");
}

#[test]
fn options_of_the_component_work_through_the_english_module() {
    adapted("ОМ_Параметры");
}

#[test]
fn a_session_survives_what_callers_do_with_it_in_english() {
    adapted("ОМ_Сессия");
}

fn translated(dictionary: &str, module: &str) -> Result<String, Vec<String>> {
    let dictionary = Dictionary::read(dictionary).unwrap();
    let shown = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
    translate(&Machine::new().registry, &dictionary, module, "")
        .map(|made| made.text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
        .map_err(shown)
}

#[test]
fn what_has_no_translation_is_named_with_its_line() {
    let words = "[names]\nА => A\nФ => F\n[comments]\nДелает. => Does.\n";
    for (module, problem) in [
        ("Процедура Ф()\nБ = 1;\nКонецПроцедуры", "2: the dictionary has no name Б"),
        ("Процедура Ф()\n\nА.В();\nКонецПроцедуры", "3: the dictionary has no name В"),
        ("Процедура Ф()\nА = \"Иван\";\nКонецПроцедуры", "2: the dictionary has no string \"Иван\""),
        ("Процедура Ф()\nА = Новый Чтото;\nКонецПроцедуры", "2: the dictionary has no name Чтото"),
        ("// Чинит.\nПроцедура Ф() Экспорт\nКонецПроцедуры", "1: the dictionary has no comment \"Чинит.\""),
        ("// Чинит.\n\nПроцедура Ф()\nКонецПроцедуры", "1: the dictionary has no comment \"Чинит.\""),
    ] {
        let problems = translated(words, module).unwrap_err();
        assert!(problems.contains(&problem.to_owned()), "{module}: {problems:?}");
    }
}

#[test]
fn names_that_would_become_one_are_a_problem() {
    let words = "[names]\nА => A\nБ => a\nВ => New\nГ => StrLen\nФ => F\n";
    let problems = |body: &str| translated(words, body).unwrap_err();
    assert_eq!(problems("Процедура Ф()\nА = Б;\nКонецПроцедуры"), ["2: А and Б both become a"]);
    assert_eq!(problems("Процедура Ф()\nВ = 1;\nКонецПроцедуры"), ["2: В becomes the keyword New"]);
    assert_eq!(
        problems("Процедура Г()\nКонецПроцедуры"),
        ["0: Г becomes StrLen, a function of the platform"]
    );
}

#[test]
fn keywords_platform_names_keys_and_code_in_strings_are_translated() {
    let words = "[names]\nА => A\nВставить => Insert\nДвоичныеДанные => Blob\nКлюч => Key\nФ => F\nФ.Ключ => Own\n\
                 [strings]\nИван => John\n[comments]\nДелает. => Does.\n";
    let module = "// Делает.\n//\n// Параметры:\n//  А - Строка, Неопределено - \n\nФункция Ф(Знач А = Неопределено)\n\
                  \t// Неизвестное.\n\tА = Новый Структура(\"Ключ, А\", \"Иван\");\n\
                  \tЕсли ТипЗнч(А) = Тип(\"ДвоичныеДанные\") Тогда // Делает.\n\
                  \t\tА.Вставить(\"ДвоичныеДанные\", НСтр(\"ru = 'да'; en = 'yes'\"));\n\tКонецЕсли;\n\
                  \tВозврат Вычислить(\"Лев(\"\"Иван\"\", А.Ключ)\");\nКонецФункции";
    let module = module.replace("//\n// Параметры:\n//  А - Строка, Неопределено - \n", "");
    assert_eq!(
        translated(words, &module).unwrap(),
        "// Does.\n\nFunction F(Val A = Undefined)\n\tA = New Structure(\"Own, A\", \"John\");\n\
         \tIf TypeOf(A) = Type(\"BinaryData\") Then // Does.\n\
         \t\tA.Insert(\"Blob\", NStr(\"ru = 'да'; en = 'yes'\"));\n\tEndIf;\n\
         \tReturn Eval(\"Left(\"\"John\"\", A.Own)\");\nEndFunction"
    );
}

#[test]
fn a_dictionary_with_faults_is_refused() {
    let problems = |text: &str| {
        let all = Dictionary::read(text).unwrap_err();
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(problems("[names]\nА = A"), ["2: not a pair: А = A"]);
    assert_eq!(problems("[names]\nА => A\nа => B"), ["3: а is there twice"]);
    assert_eq!(problems("[names]\nБ => B\nА => A"), ["3: А comes after Б"]);
    assert_eq!(problems("[other]\nА => A"), ["2: there is no section [other]"]);
}

#[test]
fn a_storage_that_checks_signatures_accepts_those_of_the_english_module() {
    if let Some(environment) = environment_with_storage() {
        adapted_in(&environment, "ОМ_Хранилище");
    }
}
