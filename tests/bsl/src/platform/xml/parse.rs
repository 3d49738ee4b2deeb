//! From text to nodes, by `quick-xml`. A text is taken apart at once; what is wrong with it is raised when reading
//! reaches that place, as on the platform.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};
use quick_xml::reader::NsReader;

use crate::error::{Fault, Outcome};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Text,
    Cdata,
    Comment,
    Instruction,
}

/// A node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Of elements.
    pub(super) name: Name,
    /// Of everything else.
    pub(super) value: String,
    pub(super) attributes: Vec<Attribute>,
}

/// A name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// As written.
    pub(super) full: String,
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: String,
}

/// An attribute; declarations of namespaces among them.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) value: String,
    pub(super) is_declaration: bool,
}

/// The nodes of a text, and what ended it before its end.
pub(super) fn nodes(text: &str) -> (Vec<Node>, Option<Fault>) {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut parser = Parser { reader, nodes: Vec::new(), text: String::new(), depth: 0, roots: 0 };
    let failure = parser.run().err();
    (parser.nodes, failure)
}

struct Parser<'t> {
    reader: NsReader<&'t [u8]>,
    nodes: Vec<Node>,
    /// Characters since the last node: references come apart from the text around them.
    text: String,
    depth: usize,
    roots: usize,
}

impl Parser<'_> {
    fn run(&mut self) -> Outcome<()> {
        loop {
            let event = self.reader.read_event().map_err(|error| wrong(&error))?;
            match event {
                Event::Text(text) => {
                    let text = text.xml_content(XmlVersion::Implicit1_0).map_err(|error| wrong(&error))?;
                    self.text.push_str(&text);
                    continue;
                }
                Event::GeneralRef(reference) => {
                    self.text.push_str(&resolved(&reference)?);
                    continue;
                }
                _ => self.end_text()?,
            }
            match event {
                Event::Start(start) => {
                    self.roots += usize::from(self.depth == 0);
                    if self.roots > 1 {
                        return Err(wrong(&"more than one root"));
                    }
                    self.depth += 1;
                    let node = self.start(&start)?;
                    self.nodes.push(node);
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    let (namespace, _) = self.reader.resolver().resolve_element(end.name());
                    let name = named(end.name().into_inner(), &namespace)?;
                    self.push(Kind::End, name, String::new());
                }
                Event::CData(data) => {
                    let value = data.xml_content(XmlVersion::Implicit1_0).map_err(|error| wrong(&error))?;
                    self.push(Kind::Cdata, Name::default(), value.into_owned());
                }
                Event::Comment(text) => {
                    let value = text.xml_content(XmlVersion::Implicit1_0).map_err(|error| wrong(&error))?;
                    self.push(Kind::Comment, Name::default(), value.into_owned());
                }
                Event::PI(instruction) => {
                    let name = Name { full: utf8(instruction.target())?, ..Name::default() };
                    let value = utf8(instruction.content())?;
                    self.push(Kind::Instruction, name, value);
                }
                Event::DocType(_) => return Err(Fault::unknown("XML with a document type")),
                Event::Eof if self.depth > 0 || self.roots == 0 => return Err(wrong(&"no end of the root")),
                Event::Eof => return Ok(()),
                Event::Decl(_) | Event::Empty(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            }
        }
    }

    fn push(&mut self, kind: Kind, name: Name, value: String) {
        self.nodes.push(Node { kind, name, value, attributes: Vec::new() });
    }

    fn end_text(&mut self) -> Outcome<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return Ok(());
        }
        if self.depth == 0 {
            // Blanks around the root are nothing.
            return if text.trim().is_empty() { Ok(()) } else { Err(wrong(&"text outside of the root")) };
        }
        self.push(Kind::Text, Name::default(), text);
        Ok(())
    }

    fn start(&self, start: &BytesStart<'_>) -> Outcome<Node> {
        let resolver = self.reader.resolver();
        let (namespace, _) = resolver.resolve_element(start.name());
        let name = named(start.name().into_inner(), &namespace)?;
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| wrong(&error))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| wrong(&error))?;
            let declaration: Option<PrefixDeclaration<'_>> = attribute.key.as_namespace_binding();
            let (namespace, _) = resolver.resolve_attribute(attribute.key);
            attributes.push(Attribute {
                name: named(attribute.key.into_inner(), &namespace)?,
                value: value.into_owned(),
                is_declaration: declaration.is_some(),
            });
        }
        Ok(Node { kind: Kind::Start, name, value: String::new(), attributes })
    }
}

fn named(name: &[u8], namespace: &ResolveResult<'_>) -> Outcome<Name> {
    let full = utf8(name)?;
    let (prefix, local) = full.split_once(':').unwrap_or(("", &full));
    let (prefix, local) = (prefix.to_owned(), local.to_owned());
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => utf8(namespace.into_inner())?,
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            let prefix = String::from_utf8_lossy(prefix).into_owned();
            return Err(wrong(&format!("the prefix {prefix} is not declared")));
        }
    };
    Ok(Name { full, prefix, local, namespace })
}

fn resolved(reference: &BytesRef<'_>) -> Outcome<String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| wrong(&error))? {
        return Ok(character.to_string());
    }
    let name = reference.decode().map_err(|error| wrong(&error))?;
    let known = quick_xml::escape::resolve_predefined_entity(&name);
    known.map(str::to_owned).ok_or_else(|| wrong(&format!("the entity {name} is not declared")))
}

fn utf8(bytes: &[u8]) -> Outcome<String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| wrong(&error))
}

/// The exception of a text that is no XML (its wording on the platform is unverified).
fn wrong(what: &dyn std::fmt::Display) -> Fault {
    Fault::raised(format!("Ошибка разбора XML: {what}"))
}
