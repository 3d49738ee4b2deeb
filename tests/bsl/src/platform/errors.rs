//! What a handler learns of an exception: `ИнформацияОбОшибке` and the presentations of errors.

use std::any::Any;
use std::rc::Rc;

use crate::error::{Exception, Outcome};
use crate::names::{Names, names};
use crate::object::Object;
use crate::platform::arguments::Given;
use crate::run::{Machine, Registry};
use crate::value::Value;

const INFO: Names = names("ИнформацияОбОшибке", "ErrorInfo");

/// An exception as a value.
struct ErrorInfo(Exception);

impl Object for ErrorInfo {
    fn type_names(&self) -> Names {
        INFO
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let place = self.0.at.first();
        Ok(Some(match name {
            "описание" | "description" => Value::from(self.0.description.as_str()),
            "причина" | "cause" => match &self.0.cause {
                Some(cause) => Value::object(Self((**cause).clone())),
                None => Value::Undefined,
            },
            "имямодуля" | "modulename" => Value::from(place.map_or("", |place| &place.module)),
            "номерстроки" | "lineno" => Value::from(place.map_or(0, |place| place.line)),
            "исходнаястрока" | "sourceline" => {
                Value::from(place.map_or("", |place| &place.source))
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.type_name(INFO);
    registry.function(names("ИнформацияОбОшибке", "ErrorInfo"), |machine, _| {
        Ok(machine
            .handled()
            .map_or(Value::Undefined, |exception| Value::object(ErrorInfo(exception.clone()))))
    });
    registry.function(names("ОписаниеОшибки", "ErrorDescription"), |machine, _| {
        Ok(Value::from(machine.handled().map(brief).unwrap_or_default()))
    });
    registry.function(
        names("КраткоеПредставлениеОшибки", "BriefErrorDescription"),
        |_, a| {
            let given = Given::new("КраткоеПредставлениеОшибки", a, 1, 1)?;
            let info = given.value(0).downcast::<ErrorInfo>().ok_or_else(|| given.wrong(0))?;
            Ok(Value::from(brief(&info.0)))
        },
    );
    registry.function(
        names("ПодробноеПредставлениеОшибки", "DetailErrorDescription"),
        |_, a| {
            let given = Given::new("ПодробноеПредставлениеОшибки", a, 1, 1)?;
            let info = given.value(0).downcast::<ErrorInfo>().ok_or_else(|| given.wrong(0))?;
            Ok(Value::from(detailed(&info.0)))
        },
    );
    registry.function(names("Сообщить", "Message"), |machine, a| {
        let text = Given::new("Сообщить", a, 1, 2)?.text(0);
        if let Some(heard) = machine.heard {
            heard(&text);
        }
        machine.messages.push(text);
        Ok(Value::Undefined)
    });
}

/// What a handler of errors is given.
pub(super) fn info(exception: &Exception) -> Value {
    Value::object(ErrorInfo(exception.clone()))
}

/// Description and causes (how the platform joins them is unverified).
fn brief(exception: &Exception) -> String {
    match &exception.cause {
        Some(cause) => format!("{} по причине:\n{}", exception.description, brief(cause)),
        None => exception.description.clone(),
    }
}

/// `{Модуль(строка)}: описание`, the source line, then the cause (details are unverified).
fn detailed(exception: &Exception) -> String {
    let mut text = match exception.at.first() {
        Some(place) => {
            format!("{{{}({})}}: {}\n{}", place.module, place.line, exception.description, place.source)
        }
        None => exception.description.clone(),
    };
    if let Some(cause) = &exception.cause {
        text.push_str(&format!("\nпо причине:\n{}", detailed(cause)));
    }
    text
}
