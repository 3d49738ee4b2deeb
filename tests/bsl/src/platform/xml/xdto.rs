//! `ФабрикаXDTO.ПрочитатьXML` without a schema: every element is of any type. An element of nothing but text is that
//! text; one with attributes or elements is an `ОбъектXDTO` whose properties are called after them; what repeats is a
//! `СписокXDTO`. An element of nothing at all is an object without properties, text beside attributes is the property
//! `__content` (both unverified).

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::parse::{Kind, Node};
use super::reader::Reader;
use crate::error::{Fault, Outcome};
use crate::names::{Names, names, same};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::platform::collections::position;
use crate::run::{Machine, Registry};
use crate::value::Value;

const OBJECT: Names = names("ОбъектXDTO", "XDTODataObject");
const LIST: Names = names("СписокXDTO", "XDTOList");
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// `ФабрикаXDTO`.
struct Factory;

/// An object: its properties in order.
struct Data {
    properties: Vec<(Rc<str>, Value)>,
}

/// Values of a property that repeats.
struct List {
    items: RefCell<Vec<Value>>,
}

/// `СвойствоXDTO`: its name is all that is known of it.
struct Property(Rc<str>);

impl Object for Factory {
    fn type_names(&self) -> Names {
        names("ФабрикаXDTO", "XDTOFactory")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Err(Fault::unknown(format!("ФабрикаXDTO.{name}")))
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "прочитатьxml" | "readxml" => {
                let given = Given::new("ПрочитатьXML", arguments, 1, 2)?;
                if given.has(1) {
                    return Err(Fault::unknown("ПрочитатьXML with a type"));
                }
                let reader = given.value(0).downcast::<Reader>().ok_or_else(|| given.wrong(0))?;
                read(&reader).map(Some)
            }
            _ => Err(Fault::unknown(format!("ФабрикаXDTO.{name}"))),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// The element the reader stands on, or the next one; the reader goes on behind it.
fn read(reader: &Reader) -> Outcome<Value> {
    while reader.current().is_none_or(|node| matches!(node.kind, Kind::Comment | Kind::Instruction)) {
        if !reader.advance()? {
            return Err(Fault::raised("Ошибка разбора XML: нет элемента"));
        }
    }
    match reader.current() {
        Some(node) if node.kind == Kind::Start => {
            let value = element(reader, &node, 0)?;
            reader.advance()?;
            Ok(value)
        }
        _ => Err(Fault::raised("Ошибка разбора XML: ожидается начало элемента")),
    }
}

/// An element up to its end, where the reader then stands.
fn element(reader: &Reader, start: &Node, depth: usize) -> Outcome<Value> {
    if depth > 200 {
        return Err(Fault::unknown("XML nested deeper than 200"));
    }
    let mut properties: Vec<(Rc<str>, Value)> = Vec::new();
    let mut is_nil = false;
    for attribute in start.attributes.iter().filter(|attribute| !attribute.is_declaration) {
        match (attribute.name.namespace.as_str(), attribute.name.local.as_str()) {
            (INSTANCE, "nil") => is_nil = matches!(attribute.value.as_str(), "true" | "1"),
            (INSTANCE, name) => return Err(Fault::unknown(format!("xsi:{name}"))),
            (_, name) => add(&mut properties, name, Value::from(attribute.value.as_str())),
        }
    }
    let mut text = String::new();
    let mut has_elements = false;
    loop {
        if !reader.advance()? {
            return Err(Fault::raised("Ошибка разбора XML: нет конца элемента"));
        }
        let Some(node) = reader.current() else { continue };
        match node.kind {
            Kind::End => break,
            Kind::Start => {
                has_elements = true;
                let value = element(reader, &node, depth + 1)?;
                add(&mut properties, &node.name.local, value);
            }
            Kind::Text | Kind::Cdata => text.push_str(&node.value),
            Kind::Comment | Kind::Instruction => {}
        }
    }
    if has_elements && !text.trim().is_empty() {
        return Err(Fault::unknown("an element with text between its elements"));
    }
    if is_nil {
        return Ok(Value::Undefined);
    }
    if properties.is_empty() && !text.is_empty() {
        return Ok(Value::from(text));
    }
    if !text.is_empty() && !has_elements {
        add(&mut properties, "__content", Value::from(text));
    }
    Ok(Value::object(Data { properties }))
}

/// Adds a value; the second of a name makes a list of it.
fn add(properties: &mut Vec<(Rc<str>, Value)>, name: &str, value: Value) {
    let Some((_, known)) = properties.iter_mut().find(|(known, _)| **known == *name) else {
        properties.push((Rc::from(name), value));
        return;
    };
    match known.downcast::<List>() {
        Some(list) => list.items.borrow_mut().push(value),
        None => *known = Value::object(List { items: RefCell::new(vec![known.clone(), value]) }),
    }
}

impl Data {
    /// A property; names that differ by letter case only are two in XML and one in the language.
    fn find(&self, name: &str) -> Outcome<Option<Value>> {
        let mut found = self.properties.iter().filter(|(known, _)| same(known, name));
        let first = found.next().map(|(_, value)| value.clone());
        match found.next() {
            Some(_) => Err(Fault::unknown(format!("properties that differ by letter case: {name}"))),
            None => Ok(first),
        }
    }
}

impl Object for Data {
    fn type_names(&self) -> Names {
        OBJECT
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        self.find(name)
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "получить" | "get" => {
                let name = Given::new("Получить", arguments, 1, 1)?.text(0);
                let found = self.find(&name)?;
                found.map(Some).ok_or_else(|| Fault::raised(format!("Имя свойства не определено ({name})")))
            }
            "свойства" | "properties" => {
                let all = self.properties.iter().map(|(name, _)| Value::object(Property(name.clone())));
                Ok(Some(Value::object(Array::fixed(all.collect()))))
            }
            _ => Err(Fault::unknown(format!("ОбъектXDTO.{name}"))),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for Property {
    fn type_names(&self) -> Names {
        names("СвойствоXDTO", "XDTOProperty")
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        match name {
            "имя" | "name" => Ok(Some(Value::Text(self.0.clone()))),
            _ => Err(Fault::unknown(format!("СвойствоXDTO.{name}"))),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

impl Object for List {
    fn type_names(&self) -> Names {
        LIST
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "количество" | "count" => Ok(Some(Value::from(self.items.borrow().len()))),
            "получить" | "get" => {
                let given = Given::new("Получить", arguments, 1, 1)?;
                self.at(&given.value(0))?.map(Some).ok_or_else(|| given.wrong(0))
            }
            _ => Err(Fault::unknown(format!("СписокXDTO.{name}"))),
        }
    }

    fn at(&self, key: &Value) -> Outcome<Option<Value>> {
        let items = self.items.borrow();
        Ok(position(key, items.len(), "списка")?.and_then(|index| items.get(index).cloned()))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.items.borrow().clone())
    }

    fn is_filled(&self) -> bool {
        !self.items.borrow().is_empty()
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.type_name(OBJECT);
    registry.type_name(LIST);
    let factory: Rc<dyn Object> = Rc::new(Factory);
    registry.global(names("ФабрикаXDTO", "XDTOFactory"), &factory);
}
