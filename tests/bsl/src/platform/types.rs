//! Types as values, conversions by function and by `ОписаниеТипов`, what counts as filled.

use std::any::Any;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::{convert, dates};
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::run::{Machine, Registry, operators};
use crate::value::{TypeName, Value};

const UNDEFINED: Names = names("Неопределено", "Undefined");
const NULL: Names = names("Null", "Null");
const BOOL: Names = names("Булево", "Boolean");
const NUMBER: Names = names("Число", "Number");
const TEXT: Names = names("Строка", "String");
const DATE: Names = names("Дата", "Date");
const TYPE: Names = names("Тип", "Type");

pub(super) fn register(registry: &mut Registry) {
    for names in [UNDEFINED, NULL, BOOL, NUMBER, TEXT, DATE, TYPE] {
        registry.type_name(names);
    }
    registry.function(names("Тип", "Type"), |machine, a| {
        let name = Given::new("Тип", a, 1, 1)?.text(0);
        let found = machine.registry.find_type(&name);
        found
            .map(|names| Value::Type(TypeName(names)))
            .ok_or_else(|| Fault::unknown(format!("the type {name}")))
    });
    registry.function(names("ТипЗнч", "TypeOf"), |_, a| {
        let given = Given::new("ТипЗнч", a, 1, 1)?;
        Ok(Value::Type(TypeName(type_of(&given.value(0)))))
    });
    registry.function(names("Строка", "String"), |_, a| {
        Ok(Value::from(Given::new("Строка", a, 1, 1)?.text(0)))
    });
    registry.function(names("Число", "Number"), |_, a| {
        convert::number(&Given::new("Число", a, 1, 1)?.value(0)).map(Value::Number)
    });
    registry.function(names("Булево", "Boolean"), |_, a| {
        operators::truth(&Given::new("Булево", a, 1, 1)?.value(0)).map(Value::Bool)
    });
    registry.function(names("ЗначениеЗаполнено", "ValueIsFilled"), |_, a| {
        let given = Given::new("ЗначениеЗаполнено", a, 1, 1)?;
        Ok(Value::Bool(is_filled(&given.value(0))))
    });
    registry.function(names("Макс", "Max"), |_, a| extreme(a, std::cmp::Ordering::Greater));
    registry.function(names("Мин", "Min"), |_, a| extreme(a, std::cmp::Ordering::Less));
    registry.function(names("Цел", "Int"), |_, a| {
        Ok(Value::Number(convert::number(&Given::new("Цел", a, 1, 1)?.value(0))?.trunc()))
    });
    registry.function(names("Окр", "Round"), |_, a| {
        let given = Given::new("Окр", a, 1, 3)?;
        if given.has(2) {
            return Err(Fault::unknown("Окр with a mode"));
        }
        let digits =
            if given.has(1) { u32::try_from(given.integer(1)?).map_err(|_| given.wrong(1))? } else { 0 };
        let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        Ok(Value::Number(convert::number(&given.value(0))?.round_dp_with_strategy(digits, strategy)))
    });
    registry.function(names("Pow", "Pow"), |_, a| {
        let given = Given::new("Pow", a, 2, 2)?;
        let base = convert::number(&given.value(0))?;
        let mut result = Decimal::ONE;
        for _ in 0..given.index(1)? {
            result = result.checked_mul(base).ok_or_else(|| Fault::unknown("a number beyond 28 digits"))?;
        }
        Ok(Value::Number(result))
    });
    registry.constructor(DESCRIPTION, description);
    registry.constructor(names("КвалификаторыЧисла", "NumberQualifiers"), |_, a| {
        Ok(Value::object(Qualifiers {
            names: names("КвалификаторыЧисла", "NumberQualifiers"),
            given: values(a),
        }))
    });
    registry.constructor(names("КвалификаторыСтроки", "StringQualifiers"), |_, a| {
        Ok(Value::object(Qualifiers {
            names: names("КвалификаторыСтроки", "StringQualifiers"),
            given: values(a),
        }))
    });
    registry.constructor(names("КвалификаторыДаты", "DateQualifiers"), |_, a| {
        Ok(Value::object(Qualifiers {
            names: names("КвалификаторыДаты", "DateQualifiers"),
            given: values(a),
        }))
    });
}

/// Names of the type of a value.
#[must_use]
pub fn type_of(value: &Value) -> Names {
    match value {
        Value::Undefined => UNDEFINED,
        Value::Null => NULL,
        Value::Bool(_) => BOOL,
        Value::Number(_) => NUMBER,
        Value::Text(_) => TEXT,
        Value::Date(_) => DATE,
        Value::Type(_) => TYPE,
        Value::Object(object) => object.type_names(),
    }
}

/// Types that the platform shows in words: from measurements on 8.3.27 that others published, the fixed collections from
/// what other runtimes show (all unverified here). A type that is not among them is shown by its name.
const IN_WORDS: &[(&str, &str)] = &[
    ("Неопределено", "Не определено"),
    ("ДвоичныеДанные", "Двоичные данные"),
    ("БуферДвоичныхДанных", "Буфер двоичных данных"),
    ("УникальныйИдентификатор", "Уникальный идентификатор"),
    ("ФиксированныйМассив", "Фиксированный массив"),
    ("ФиксированнаяСтруктура", "Фиксированная структура"),
    ("ФиксированноеСоответствие", "Фиксированное соответствие"),
    ("ЧтениеДанных", "Чтение данных"),
    ("ЗаписьДанных", "Запись данных"),
    ("РезультатЧтенияДанных", "Результат чтения данных"),
    ("ЧтениеJSON", "Чтение JSON"),
    ("ЗаписьJSON", "Запись JSON"),
    ("ПараметрыЗаписиJSON", "Параметры записи JSON"),
    ("НастройкиСериализацииJSON", "Настройки сериализации JSON"),
    ("ЧтениеXML", "Чтение XML"),
    ("НаборСхемXML", "Набор схем XML"),
    ("ФабрикаXDTO", "Фабрика XDTO"),
    ("ОбъектXDTO", "Объект XDTO"),
    ("СписокXDTO", "Список XDTO"),
    ("СвойствоXDTO", "Свойство XDTO"),
];

/// What `Строка(Тип(...))` gives.
#[must_use]
pub fn presentation(names: Names) -> &'static str {
    let found = IN_WORDS.iter().find(|(name, _)| *name == names.russian);
    found.map_or(names.russian, |(_, words)| words)
}

/// What `ЗначениеЗаполнено` says.
#[must_use]
pub fn is_filled(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null => false,
        Value::Bool(_) | Value::Type(_) => true,
        Value::Number(value) => !value.is_zero(),
        Value::Text(text) => !text.trim().is_empty(),
        Value::Date(date) => *date != convert::EMPTY_DATE,
        Value::Object(object) => object.is_filled(),
    }
}

fn values(arguments: &[Argument]) -> Vec<Value> {
    arguments.iter().map(Argument::value).collect()
}

fn extreme(arguments: &[Argument], wanted: std::cmp::Ordering) -> Outcome<Value> {
    let mut values = values(arguments).into_iter();
    let mut best = values.next().ok_or_else(|| Fault::unknown("Макс or Мин without arguments"))?;
    for value in values {
        if operators::compare(&value, &best)? == wanted {
            best = value;
        }
    }
    Ok(best)
}

const DESCRIPTION: Names = names("ОписаниеТипов", "TypeDescription");

/// `ОписаниеТипов`: a set of types that a value is brought to.
struct TypeDescription {
    types: Vec<Names>,
}

/// Qualifiers are accepted and shown; no conversion here is narrowed by them.
struct Qualifiers {
    names: Names,
    given: Vec<Value>,
}

impl Object for Qualifiers {
    fn type_names(&self) -> Names {
        self.names
    }

    fn is_filled(&self) -> bool {
        !self.given.is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

fn description(machine: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("ОписаниеТипов", arguments, 1, 7)?;
    // Narrowing qualifiers change the result of a conversion, which is not done here.
    for index in 1..given.len() {
        if let Some(qualifiers) = given.value(index).downcast::<Qualifiers>()
            && qualifiers.given.iter().any(is_filled)
        {
            return Err(Fault::unknown("ОписаниеТипов with qualifiers"));
        }
    }
    let named = |machine: &Machine, name: &str| {
        machine.registry.find_type(name.trim()).ok_or_else(|| Fault::unknown(format!("the type {name}")))
    };
    let types = match given.value(0) {
        Value::Text(list) => list.split(',').map(|name| named(machine, name)).collect::<Outcome<Vec<_>>>()?,
        other => {
            let array = other.downcast::<Array>().ok_or_else(|| given.wrong(0))?;
            let items = array.items().unwrap_or_default();
            items
                .iter()
                .map(|item| match item {
                    Value::Type(name) => Ok(name.0),
                    _ => Err(given.wrong(0)),
                })
                .collect::<Outcome<Vec<_>>>()?
        }
    };
    Ok(Value::object(TypeDescription { types }))
}

impl Object for TypeDescription {
    fn type_names(&self) -> Names {
        DESCRIPTION
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "привестизначение" | "adjustvalue" => {
                let given = Given::new("ПривестиЗначение", arguments, 0, 1)?;
                self.adjusted(&given.value(0))?
            }
            "содержиттип" | "containstype" => {
                let given = Given::new("СодержитТип", arguments, 1, 1)?;
                match given.value(0) {
                    Value::Type(name) => Value::Bool(self.types.contains(&name.0)),
                    _ => return Err(given.wrong(0)),
                }
            }
            "типы" | "types" => {
                let types = self.types.iter().map(|names| Value::Type(TypeName(*names))).collect();
                Value::object(Array::of(types))
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl TypeDescription {
    /// A value of one of the types stays; else the only type's conversion, or its empty value.
    fn adjusted(&self, value: &Value) -> Outcome<Value> {
        if self.types.contains(&type_of(value)) {
            return Ok(value.clone());
        }
        let [only] = self.types.as_slice() else { return Ok(Value::Undefined) };
        Ok(match *only {
            NUMBER => Value::Number(convert::number(value).unwrap_or_default()),
            TEXT => Value::from(convert::text(value)),
            BOOL => Value::Bool(match value {
                Value::Text(text) => matches!(text.to_lowercase().as_str(), "истина" | "true" | "да"),
                other => operators::truth(other).unwrap_or_default(),
            }),
            DATE => Value::Date(match value {
                Value::Text(text) => dates::of_digits(text).unwrap_or(convert::EMPTY_DATE),
                _ => convert::EMPTY_DATE,
            }),
            other => return Err(Fault::unknown(format!("adjusting to {}", other.russian))),
        })
    }
}
