//! `Метаданные`: the common modules and common templates the machine was given. Other properties of metadata exist on
//! the platform, so asking for them is no error of the program but something the bench does not know.

use std::any::Any;
use std::rc::Rc;

use crate::error::{Fault, Outcome};
use crate::names::{Names, folded, names, same};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::binary::BinaryData;
use crate::platform::convert;
use crate::run::{Machine, Registry};
use crate::value::Value;

const METADATA: Names = names("Метаданные", "Metadata");
const MODULE: Names = names("ОбщийМодуль", "CommonModule");
const TEMPLATE: Names = names("ОбщийМакет", "CommonTemplate");

/// `Метаданные`.
struct Configuration;

/// Metadata objects of one kind.
struct Collection {
    kind: Names,
    members: Vec<Rc<str>>,
}

/// A metadata object.
struct Member {
    kind: Names,
    name: Rc<str>,
}

impl Object for Configuration {
    fn type_names(&self) -> Names {
        names("ОбъектМетаданныхКонфигурация", "ConfigurationMetadataObject")
    }

    fn get(&self, machine: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let (kind, members) = match name {
            "общиемодули" | "commonmodules" => (MODULE, machine.module_names()),
            "общиемакеты" | "commontemplates" => (TEMPLATE, machine.common_templates()),
            _ => return Err(Fault::unknown(format!("Метаданные.{name}"))),
        };
        Ok(Some(Value::object(Collection { kind, members })))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Collection {
    fn find(&self, name: &str) -> Option<Value> {
        let found = self.members.iter().find(|member| same(member, name))?;
        Some(Value::object(Member { kind: self.kind, name: found.clone() }))
    }
}

impl Object for Collection {
    fn type_names(&self) -> Names {
        names("КоллекцияОбъектовМетаданных", "MetadataObjectCollection")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(self.find(name))
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "найти" | "find" => {
                let given = Given::new("Найти", arguments, 1, 1)?;
                self.find(&given.text(0)).unwrap_or_default()
            }
            "количество" | "count" => Value::from(self.members.len()),
            _ => return Ok(None),
        }))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.members.iter().filter_map(|name| self.find(name)).collect())
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Member {
    fn type_names(&self) -> Names {
        names("ОбъектМетаданных", "MetadataObject")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        match name {
            "имя" | "name" => Ok(Some(Value::Text(self.name.clone()))),
            _ => Err(Fault::unknown(format!("{} of a metadata object", name))),
        }
    }

    fn call(&self, machine: &mut Machine, name: &str, _: &[Argument]) -> Outcome<Option<Value>> {
        Ok(match name {
            "полноеимя" | "fullname" => {
                let kind = if machine.language == "en" { self.kind.english } else { self.kind.russian };
                Some(Value::from(format!("{kind}.{}", self.name)))
            }
            _ => None,
        })
    }

    /// As the platform shows a metadata object: its full name.
    fn text(&self) -> String {
        format!("{}.{}", self.kind.russian, self.name)
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    let metadata: Rc<dyn Object> = Rc::new(Configuration);
    registry.global(METADATA, &metadata);
    registry.function(names("ПолучитьОбщийМакет", "GetCommonTemplate"), |machine, a| {
        let given = Given::new("ПолучитьОбщийМакет", a, 1, 1)?;
        let name = match given.value(0).downcast::<Member>() {
            Some(member) => member.name.to_string(),
            None => convert::text(&given.value(0)),
        };
        let path = machine.template_path(&format!("ОбщийМакет.{}", folded(&name)));
        let path = path.ok_or_else(|| Fault::raised(format!("Макет не найден ({name})")))?;
        let bytes =
            std::fs::read(&path).map_err(|error| Fault::unknown(format!("the template {name}: {error}")))?;
        Ok(BinaryData::value(bytes))
    });
}
