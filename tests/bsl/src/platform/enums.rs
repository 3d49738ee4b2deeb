//! System enumerations and `Символы`.

use std::any::Any;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::Object;
use crate::run::{Machine, Registry};
use crate::value::Value;

/// A value of a system enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumValue {
    /// Names of the enumeration.
    pub of: Names,
    /// Names of the value.
    pub value: Names,
}

impl EnumValue {
    /// Whether a value is this one of this enumeration, by any names.
    #[must_use]
    pub fn is(value: &Value, of: &str, name: &str) -> bool {
        value.downcast::<Self>().is_some_and(|one| one.of.are(of) && one.value.are(name))
    }
}

impl Object for EnumValue {
    fn type_names(&self) -> Names {
        self.of
    }

    fn text(&self) -> String {
        self.value.russian.to_owned()
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<Self>() == Some(self)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// An enumeration: its values are its properties.
struct Enumeration {
    names: Names,
    values: &'static [Names],
}

impl Object for Enumeration {
    fn type_names(&self) -> Names {
        self.names
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let found = self.values.iter().find(|value| value.are(name));
        Ok(found.map(|value| Value::object(EnumValue { of: self.names, value: *value })))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// `Символы`: characters by name.
struct Characters;

impl Object for Characters {
    fn type_names(&self) -> Names {
        names("Символы", "Chars")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let character = match name {
            "пс" | "lf" => "\n",
            "вк" | "cr" => "\r",
            "таб" | "tab" => "\t",
            "втаб" | "vtab" => "\u{b}",
            "пф" | "ff" => "\u{c}",
            "нпп" | "nbsp" => "\u{a0}",
            _ => return Ok(None),
        };
        Ok(Some(Value::from(character)))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

const ENUMERATIONS: &[(Names, &[Names])] = &[
    (
        names("ФорматДатыJSON", "JSONDateFormat"),
        &[names("ISO", "ISO"), names("JavaScript", "JavaScript"), names("Microsoft", "Microsoft")],
    ),
    (
        names("ВариантЗаписиДатыJSON", "JSONDateWritingVariant"),
        &[
            names("ЛокальнаяДата", "LocalDate"),
            names("ЛокальнаяДатаСоСмещением", "LocalDateWithOffset"),
            names("УниверсальнаяДата", "UniversalDate"),
        ],
    ),
    (
        names("ПереносСтрокJSON", "JSONLineBreak"),
        &[names("Авто", "Auto"), names("Нет", "None"), names("Unix", "Unix"), names("Windows", "Windows")],
    ),
    (
        names("ЭкранированиеСимволовJSON", "JSONCharactersEscapeMode"),
        &[
            names("Нет", "None"),
            names("СимволыВнеASCII", "NotASCIISymbols"),
            names("СимволыВнеBMP", "SymbolsNotInBMP"),
        ],
    ),
    (
        names("ХешФункция", "HashFunction"),
        &[
            names("CRC32", "CRC32"),
            names("MD5", "MD5"),
            names("SHA1", "SHA1"),
            names("SHA256", "SHA256"),
            names("SHA512", "SHA512"),
        ],
    ),
    (
        names("КодировкаТекста", "TextEncoding"),
        &[
            names("ANSI", "ANSI"),
            names("OEM", "OEM"),
            names("UTF16", "UTF16"),
            names("UTF8", "UTF8"),
            names("Системная", "System"),
        ],
    ),
    (
        names("СпособКодированияСтроки", "StringEncodingMethod"),
        &[names("КодировкаURL", "URLEncoding"), names("URLВКодировкеURL", "URLInURLEncoding")],
    ),
    (
        names("НаправлениеПоиска", "SearchDirection"),
        &[names("СНачала", "FromBegin"), names("СКонца", "FromEnd")],
    ),
    (
        names("ПозицияВПотоке", "PositionInStream"),
        &[names("Начало", "Begin"), names("Текущая", "Current"), names("Конец", "End")],
    ),
    (
        names("ПорядокБайтов", "ByteOrder"),
        &[names("BigEndian", "BigEndian"), names("LittleEndian", "LittleEndian")],
    ),
    (
        names("ИспользованиеByteOrderMark", "ByteOrderMarkUse"),
        &[names("Авто", "Auto"), names("Использовать", "Use"), names("НеИспользовать", "DontUse")],
    ),
    (
        names("СпособВыбораСертификатаWindows", "WindowsCertificateSelectMode"),
        &[names("Авто", "Auto"), names("Выбирать", "Choose")],
    ),
    (
        names("РежимОткрытияФайла", "FileOpenMode"),
        &[
            names("Дописать", "Append"),
            names("Открыть", "Open"),
            names("ОткрытьИлиСоздать", "OpenOrCreate"),
            names("Создать", "Create"),
            names("СоздатьНовый", "CreateNew"),
            names("Обрезать", "Truncate"),
        ],
    ),
    (
        names("ДоступКФайлу", "FileAccess"),
        &[names("Запись", "Write"), names("Чтение", "Read"), names("ЧтениеИЗапись", "ReadAndWrite")],
    ),
    (
        names("ТипУзлаXML", "XMLNodeType"),
        &[
            names("Атрибут", "Attribute"),
            names("Ничего", "None"),
            names("НачалоЭлемента", "StartElement"),
            names("КонецЭлемента", "EndElement"),
            names("Текст", "Text"),
            names("СекцияCDATA", "CDATASection"),
            names("Комментарий", "Comment"),
            names("ИнструкцияОбработки", "ProcessingInstruction"),
            names("ОбъявлениеТипаДокумента", "DocumentTypeDefinition"),
        ],
    ),
    (names("НаправлениеСортировки", "SortDirection"), &[names("Возр", "Asc"), names("Убыв", "Desc")]),
    (
        names("УровеньЖурналаРегистрации", "EventLogLevel"),
        &[
            names("Информация", "Information"),
            names("Ошибка", "Error"),
            names("Предупреждение", "Warning"),
            names("Примечание", "Note"),
        ],
    ),
    (names("ТипВнешнейКомпоненты", "AddInType"), &[names("COM", "COM"), names("Native", "Native")]),
    (
        // There is no value for "as it likes": the argument is left out for that.
        names("ТипПодключенияВнешнейКомпоненты", "AddInConnectionType"),
        &[names("Изолированно", "Isolated"), names("НеИзолированно", "NotIsolated")],
    ),
    (
        names("ТипПлатформы", "PlatformType"),
        &[
            names("Windows_x86", "Windows_x86"),
            names("Windows_x86_64", "Windows_x86_64"),
            names("Linux_x86", "Linux_x86"),
            names("Linux_x86_64", "Linux_x86_64"),
            names("Linux_ARM64", "Linux_ARM64"),
            names("MacOS_x86_64", "MacOS_x86_64"),
        ],
    ),
];

/// Names of a value of an enumeration, by any names of both.
#[must_use]
pub fn value_names(of: &str, value: &str) -> Option<Names> {
    let (_, values) = ENUMERATIONS.iter().find(|(names, _)| names.are(of))?;
    values.iter().find(|names| names.are(value)).copied()
}

pub(super) fn register(registry: &mut Registry) {
    for (names, values) in ENUMERATIONS {
        registry.type_name(*names);
        let enumeration: Rc<dyn Object> = Rc::new(Enumeration { names: *names, values });
        registry.global(*names, &enumeration);
        if names.are("ByteOrderMarkUse") {
            // Published sources in English have this spelling too (which versions know which is unverified).
            let alias = self::names("ИспользованиеByteOrderMark", "ByteOrderMarkUsage");
            registry.global(alias, &enumeration);
        }
    }
    let characters: Rc<dyn Object> = Rc::new(Characters);
    registry.global(names("Символы", "Chars"), &characters);
}
