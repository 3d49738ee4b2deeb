//! `ЧтениеXML`: nodes one after the other. Blanks between elements are passed over unless `ИгнорироватьПробелы` is off.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::parse::{Attribute, Kind, Node, nodes};
use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::binary::{Encoding, Stream};
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const READER: Names = names("ЧтениеXML", "XMLReader");
const SETTINGS: Names = names("ПараметрыЧтенияXML", "XMLReaderSettings");
const SCHEMAS: Names = names("НаборСхемXML", "XMLSchemaSet");

/// A reader.
#[derive(Default)]
pub(super) struct Reader {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    nodes: Vec<Node>,
    failure: Option<Fault>,
    /// Number of nodes read; the current one is the last of them.
    read: usize,
    /// The attribute the reader stands on.
    attribute: Option<usize>,
    keep_blanks: bool,
}

impl Reader {
    /// A text in the encoding of an argument, of its mark or declaration, or UTF-8. (An encoding given beats a declared
    /// one: unverified.)
    fn open_bytes(&self, bytes: &[u8], encoding: &Value) -> Outcome<()> {
        let encoding = match encoding {
            Value::Undefined => Encoding::of(&declared(bytes).map_or(Value::Undefined, Value::from))?,
            given => Encoding::of(given)?,
        };
        self.open_text(&encoding.decode(bytes));
        Ok(())
    }

    fn open_text(&self, text: &str) {
        let (nodes, failure) = nodes(text.strip_prefix('\u{feff}').unwrap_or(text));
        let keep_blanks = self.state.borrow().keep_blanks;
        *self.state.borrow_mut() = State { nodes, failure, keep_blanks, ..State::default() };
    }

    /// The next node; whether there is one.
    pub(super) fn advance(&self) -> Outcome<bool> {
        let mut state = self.state.borrow_mut();
        state.attribute = None;
        loop {
            state.read += 1;
            let blank = match state.nodes.get(state.read - 1) {
                Some(node) => node.kind == Kind::Text && node.value.trim().is_empty(),
                None => {
                    state.read = state.nodes.len() + 1;
                    return state.failure.clone().map_or(Ok(false), Err);
                }
            };
            if !blank || state.keep_blanks {
                return Ok(true);
            }
        }
    }

    /// The node read last.
    pub(super) fn current(&self) -> Option<Node> {
        let state = self.state.borrow();
        state.read.checked_sub(1).and_then(|at| state.nodes.get(at)).cloned()
    }

    fn on_attribute(&self) -> Option<Attribute> {
        let at = self.state.borrow().attribute?;
        self.current()?.attributes.get(at).cloned()
    }

    /// Value of an attribute by number or name.
    fn attribute_value(&self, given: &Given<'_>) -> Outcome<Value> {
        let attributes = self.current().map(|node| node.attributes).unwrap_or_default();
        let found = match given.value(0) {
            Value::Number(_) => attributes.get(given.index(0)?),
            _ => attributes.iter().find(|attribute| attribute.name.full == given.text(0)),
        };
        if given.has(1) {
            return Err(Fault::unknown("an attribute by namespace"));
        }
        Ok(found.map_or(Value::Undefined, |attribute| Value::from(attribute.value.as_str())))
    }

    /// To the end of the current element.
    fn skip(&self) -> Outcome<()> {
        if self.current().is_none_or(|node| node.kind != Kind::Start) {
            return Err(Fault::unknown("Пропустить where no element begins"));
        }
        let mut depth = 1;
        while depth > 0 && self.advance()? {
            match self.current().map(|node| node.kind) {
                Some(Kind::Start) => depth += 1,
                Some(Kind::End) => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn node_type(&self, machine: &mut Machine) -> Outcome<Value> {
        let name = if self.on_attribute().is_some() {
            "атрибут"
        } else {
            match self.current().map(|node| node.kind) {
                None => "ничего",
                Some(Kind::Start) => "началоэлемента",
                Some(Kind::End) => "конецэлемента",
                Some(Kind::Text) => "текст",
                Some(Kind::Cdata) => "секцияcdata",
                Some(Kind::Comment) => "комментарий",
                Some(Kind::Instruction) => "инструкцияобработки",
            }
        };
        let types = machine.registry.find_global("ТипУзлаXML");
        let types = types.ok_or_else(|| Fault::unknown("ТипУзлаXML"))?;
        types.get(machine, name).map(Option::unwrap_or_default)
    }
}

impl Object for Reader {
    fn type_names(&self) -> Names {
        READER
    }

    fn get(&self, machine: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let node = self.current();
        let attribute = self.on_attribute();
        let named = attribute.as_ref().map(|one| &one.name).or(node.as_ref().map(|node| &node.name));
        let text = |text: Option<&String>| Value::from(text.map_or("", String::as_str));
        Ok(Some(match name {
            "имя" | "name" => text(named.map(|name| &name.full)),
            "локальноеимя" | "localname" => text(named.map(|name| &name.local)),
            "префикс" | "prefix" => text(named.map(|name| &name.prefix)),
            "uriпространстваимен" | "namespaceuri" => text(named.map(|name| &name.namespace)),
            "значение" | "value" => {
                text(attribute.as_ref().map(|one| &one.value).or(node.as_ref().map(|node| &node.value)))
            }
            "имеетзначение" | "hasvalue" => Value::Bool(
                attribute.is_some() || node.is_some_and(|node| !matches!(node.kind, Kind::Start | Kind::End)),
            ),
            "имеетимя" | "hasname" => Value::Bool(named.is_some_and(|name| !name.full.is_empty())),
            "типузла" | "nodetype" => self.node_type(machine)?,
            "игнорироватьпробелы" | "ignorewhitespace" => {
                Value::Bool(!self.state.borrow().keep_blanks)
            }
            _ => return Ok(None),
        }))
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        match name {
            "игнорироватьпробелы" | "ignorewhitespace" => {
                self.state.borrow_mut().keep_blanks = !operators::truth(value)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn call(&self, machine: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "установитьстроку" | "setstring" => {
                let given = Given::new("УстановитьСтроку", arguments, 1, 3)?;
                settings(&given)?;
                self.open_text(&given.text(0));
                Value::Undefined
            }
            "открытьпоток" | "openstream" => {
                let given = Given::new("ОткрытьПоток", arguments, 1, 4)?;
                settings(&given)?;
                let stream = given.value(0).downcast::<Stream>().ok_or_else(|| given.wrong(0))?;
                self.open_bytes(&stream.rest(), &given.value(3))?;
                Value::Undefined
            }
            "открытьфайл" | "openfile" => {
                let given = Given::new("ОткрытьФайл", arguments, 1, 4)?;
                settings(&given)?;
                let path = given.text(0);
                let bytes = std::fs::read(&path)
                    .map_err(|error| Fault::raised(format!("Ошибка открытия файла '{path}': {error}")))?;
                self.open_bytes(&bytes, &given.value(3))?;
                Value::Undefined
            }
            "прочитать" | "read" => Value::Bool(self.advance()?),
            "перейтиксодержимому" | "movetocontent" => {
                let aside = |node: Option<Node>| {
                    node.is_none_or(|node| matches!(node.kind, Kind::Comment | Kind::Instruction))
                };
                while aside(self.current()) && self.advance()? {}
                self.node_type(machine)?
            }
            "пропустить" | "skip" => {
                self.skip()?;
                Value::Undefined
            }
            "количествоатрибутов" | "attributecount" => {
                Value::from(self.current().map_or(0, |node| node.attributes.len()))
            }
            "имяатрибута" | "attributename" => {
                let at = Given::new("ИмяАтрибута", arguments, 1, 1)?.index(0)?;
                let node = self.current();
                let attribute = node.as_ref().and_then(|node| node.attributes.get(at));
                attribute.map_or(Value::Undefined, |one| Value::from(one.name.full.as_str()))
            }
            "значениеатрибута" | "attributevalue" => {
                self.attribute_value(&Given::new("ЗначениеАтрибута", arguments, 1, 2)?)?
            }
            "получитьатрибут" | "getattribute" => {
                self.attribute_value(&Given::new("ПолучитьАтрибут", arguments, 1, 2)?)?
            }
            "прочитатьатрибут" | "readattribute" => {
                let count = self.current().map_or(0, |node| node.attributes.len());
                let mut state = self.state.borrow_mut();
                let next = state.attribute.map_or(0, |at| at + 1);
                state.attribute = (next < count).then_some(next);
                Value::Bool(next < count)
            }
            "закрыть" | "close" => {
                *self.state.borrow_mut() = State::default();
                Value::Undefined
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// The second and third argument: settings and schemas, which change nothing here. `Неопределено` counts as left out
/// (unverified).
fn settings(given: &Given<'_>) -> Outcome<()> {
    for (index, names) in [(1, SETTINGS), (2, SCHEMAS)] {
        let value = given.value(index);
        let is = value.downcast::<Empty>().is_some_and(|one| one.0 == names);
        if !is && !matches!(value, Value::Undefined) {
            return Err(given.wrong(index));
        }
    }
    Ok(())
}

/// `encoding="..."` of the declaration of an XML text.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200))?).into_owned();
    let declaration = head.trim_start_matches('\u{feff}').strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split_once(quote).map(|(name, _)| name.to_owned())
}

/// Settings and sets of schemas: only with nothing in them.
struct Empty(Names);

impl Object for Empty {
    fn type_names(&self) -> Names {
        self.0
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Err(Fault::unknown(format!("{}.{name}", self.0.russian)))
    }

    fn call(&self, _: &mut Machine, name: &str, _: &[Argument]) -> Outcome<Option<Value>> {
        match name {
            "количество" | "count" if self.0 == SCHEMAS => Ok(Some(Value::from(0usize))),
            _ => Err(Fault::unknown(format!("{}.{name}", self.0.russian))),
        }
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(READER, |_, a| {
        Given::new("ЧтениеXML", a, 0, 0)?;
        Ok(Value::object(Reader::default()))
    });
    registry.constructor(SETTINGS, |_, a| {
        Given::new("ПараметрыЧтенияXML", a, 0, 0)?;
        Ok(Value::object(Empty(SETTINGS)))
    });
    registry.constructor(SCHEMAS, |_, a| {
        Given::new("НаборСхемXML", a, 0, 0)?;
        Ok(Value::object(Empty(SCHEMAS)))
    });
}
