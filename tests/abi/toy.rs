//! The component under the ABI layer: small, and able to misbehave on request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Barrier, Mutex};

use httpconnector::abi::{
    Arguments, Class, Component, DateTime, Default, Fault, Host, HostBuffer, Language, Library, Method,
    Parameter, Property, Value, ValueRef,
};

pub struct Toy;

const fn required(english: &'static str, russian: &'static str) -> Parameter {
    Parameter { english, russian, default: None }
}

const fn optional(english: &'static str, russian: &'static str, default: Default) -> Parameter {
    Parameter { english, russian, default: Some(default) }
}

const fn method(
    english: &'static str,
    russian: &'static str,
    parameters: &'static [Parameter],
    returns: bool,
) -> Method {
    Method { english, russian, parameters, returns }
}

const ONE: &[Parameter] = &[required("Value", "Значение")];
const TWO: &[Parameter] = &[required("First", "Первый"), required("Second", "Второй")];

pub static METHODS: &[Method] = &[
    method("Echo", "Эхо", ONE, true),
    method("Describe", "Описать", ONE, true),
    method("Give", "ДатьОбъём", ONE, true),
    method("Fail", "Отказать", ONE, true),
    method("Panic", "Паника", ONE, true),
    method("Swap", "Обменять", TWO, true),
    method(
        "Defaults",
        "Умолчания",
        &[
            required("Required", "Обязательный"),
            optional("Text", "Текст", Default::Text("при\u{1F600}")),
            optional("Empty", "Пустой", Default::EmptyText),
            optional("Flag", "Флаг", Default::Bool(true)),
            optional("Other", "Другой", Default::Text("x")),
            optional("Number", "Число", Default::Int(-7)),
        ],
        true,
    ),
    method("Act", "Действовать", &[], false),
    method("Wait", "Ждать", ONE, true),
    method("Ping", "Ping", &[], true),
    method("Language", "Язык", &[], true),
    method("Platform", "Платформа", &[], true),
    method("Keep", "Хранить", ONE, true),
];

pub static PROPERTIES: &[Property] = &[
    Property { english: "Value", russian: "Значение", readable: true, writable: true },
    Property { english: "Constant", russian: "Постоянная", readable: true, writable: false },
    Property { english: "Sink", russian: "Сток", readable: false, writable: true },
    Property { english: "Seen", russian: "Видел", readable: true, writable: false },
    Property { english: "Bomb", russian: "Бомба", readable: true, writable: true },
];

static CLASSES: &[&Class] = &[
    &Class { name: "Toy", methods: METHODS, properties: PROPERTIES },
    &Class { name: "PanicsWhenMade", methods: METHODS, properties: PROPERTIES },
    &Class { name: "PanicsWhenDone", methods: METHODS, properties: PROPERTIES },
    &Class { name: "PanicsWhenDropped", methods: METHODS, properties: PROPERTIES },
    &Class { name: "PanicsWhenTold", methods: METHODS, properties: PROPERTIES },
];

impl Library for Toy {
    type Component = Object;
    const CLASSES: &'static [&'static Class] = CLASSES;

    fn create(class: &'static Class) -> Object {
        assert_ne!(class.name, "PanicsWhenMade");
        Object { class: class.name, value: 0, faults: Vec::new(), kept: Vec::new() }
    }
}

pub struct Object {
    class: &'static str,
    value: i32,
    /// Codes of the faults we were told of.
    faults: Vec<&'static str>,
    kept: Vec<HostBuffer>,
}

thread_local! {
    /// Buffers that outlive their object, per test.
    pub static OUTLIVING: RefCell<Vec<HostBuffer>> = const { RefCell::new(Vec::new()) };
}

/// Where `Wait(id)` meets its test: once when it has begun, once when it may go on.
pub static MEETINGS: Mutex<Option<HashMap<i32, Arc<Barrier>>>> = Mutex::new(None);

pub fn meeting(id: i32) -> Arc<Barrier> {
    let mut meetings = MEETINGS.lock().unwrap();
    Arc::clone(meetings.get_or_insert_default().entry(id).or_insert_with(|| Arc::new(Barrier::new(2))))
}

/// Objects whose `done` was called, by their `Value`.
pub static DONE: Mutex<Vec<i32>> = Mutex::new(Vec::new());

pub fn times_done(value: i32) -> usize {
    DONE.lock().unwrap().iter().filter(|done| **done == value).count()
}

pub const DATE: DateTime = DateTime { year: 2024, month: 2, day: 29, hour: 12, minute: 30, second: 15 };

impl Component for Object {
    fn call(&mut self, host: &Host, method: usize, arguments: &mut Arguments<'_>) -> Result<Value, Fault> {
        let first = arguments.value(0);
        match METHODS[method].english {
            "Echo" => Ok(owned(first, host)),
            "Describe" => Ok(Value::Text(described(first))),
            "Give" => give(first, host),
            "Fail" => Err(Fault { code: "toy", text: "не вышло\0, sorry \u{1F600}".into() }),
            "Panic" => {
                arguments.set(0, Value::Text("never seen".into()));
                explode(first)
            }
            "Swap" => {
                let second = arguments.value(1);
                arguments.set(0, owned(second, host));
                arguments.set(1, owned(first, host));
                arguments.set(2, Value::Text("beyond the last".into()));
                Ok(Value::Text("swapped".into()))
            }
            "Defaults" => {
                assert_eq!(arguments.len(), 6);
                assert!(!arguments.is_empty());
                let all: Vec<_> = (0..7).map(|index| described(arguments.value(index))).collect();
                Ok(Value::Text(all.join("; ")))
            }
            "Act" => {
                self.value += 1;
                Ok(Value::Text("the result of a procedure goes nowhere".into()))
            }
            "Wait" => {
                let ValueRef::Int(id) = first else { panic!("an id") };
                let meeting = meeting(id);
                meeting.wait();
                meeting.wait();
                Ok(Value::Text("waited".into()))
            }
            "Ping" | "Language" => {
                let language = match host.language() {
                    Language::English => "en",
                    Language::Russian => "ru",
                };
                let certain = if host.language_is_certain() { "" } else { "?" };
                Ok(Value::Text(format!("{language}{certain}")))
            }
            "Platform" => {
                let info =
                    host.platform_info().map(|info| format!("{} {:?}", info.version, info.application));
                Ok(Value::Text(format!("{:?} {info:?}", host.attached_type())))
            }
            "Keep" => {
                let buffer = host.memory().allocate(10).expect("the test host has memory");
                match first {
                    ValueRef::Bool(true) => OUTLIVING.with_borrow_mut(|kept| kept.push(buffer)),
                    _ => self.kept.push(buffer),
                }
                Ok(Value::Empty)
            }
            other => unreachable!("{other}"),
        }
    }

    fn property(&mut self, _: &Host, property: usize) -> Result<Value, Fault> {
        match PROPERTIES[property].english {
            "Value" => Ok(Value::Int(self.value)),
            "Constant" => Ok(Value::Text("постоянная".into())),
            "Seen" => Ok(Value::Text(std::mem::take(&mut self.faults).join(" "))),
            other => panic!("{other}"),
        }
    }

    fn set_property(&mut self, _: &Host, property: usize, value: ValueRef<'_>) -> Result<(), Fault> {
        match (PROPERTIES[property].english, value) {
            ("Value", ValueRef::Int(value)) => self.value = value,
            ("Value", other) => return Err(Fault { code: "toy", text: described(other) }),
            ("Sink", _) => {}
            (other, _) => panic!("{other}"),
        }
        Ok(())
    }

    fn done(&mut self) {
        DONE.lock().unwrap().push(self.value);
        assert_ne!(self.class, "PanicsWhenDone");
    }

    fn remember(&mut self, fault: &Fault) {
        assert_ne!(self.class, "PanicsWhenTold");
        self.faults.push(fault.code);
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        assert_ne!(self.class, "PanicsWhenDropped");
    }
}

/// Panics of every kind.
fn explode(kind: ValueRef<'_>) -> Result<Value, Fault> {
    struct DropsBadly;
    impl Drop for DropsBadly {
        fn drop(&mut self) {
            // Of size zero: the layer cannot but leak what cannot be dropped.
            std::panic::resume_unwind(Box::new(()));
        }
    }
    match kind {
        ValueRef::Int(1) => std::panic::resume_unwind(Box::new(5)),
        ValueRef::Int(2) => std::panic::panic_any(DropsBadly),
        ValueRef::Int(3) => {
            let empty: Vec<i32> = Vec::new();
            Ok(Value::Int(empty[std::hint::black_box(3)]))
        }
        _ => panic!("with a secret in it: {kind:?}"),
    }
}

fn give(kind: ValueRef<'_>, host: &Host) -> Result<Value, Fault> {
    let memory = host.memory();
    let no_memory = || Fault { code: "toy-memory", text: "no memory".into() };
    let ValueRef::Text(kind) = kind else { panic!("a kind") };
    Ok(match String::from_utf16(kind).unwrap().as_str() {
        "empty" => Value::Empty,
        "true" => Value::Bool(true),
        "int" => Value::Int(i32::MIN),
        "number" => Value::Number(1e15 + 0.5),
        "nan" => Value::Number(f64::NAN),
        "infinity" => Value::Number(f64::INFINITY),
        "date" => Value::Date(DATE),
        "first date" => Value::Date(DateTime { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 }),
        "no date" => Value::Date(DateTime { day: 30, ..DATE }),
        "text" => Value::Text("a\0ж\u{1F600}".into()),
        "no text" => Value::Text(String::new()),
        "blob" => Value::Blob(vec![1, 0, 255]),
        "no blob" => Value::Blob(Vec::new()),
        "host blob" => {
            let mut buffer = memory.allocate(100).ok_or_else(no_memory)?;
            assert_eq!(buffer.capacity(), 100);
            buffer.space(2, 3).copy_from_slice(b"abc");
            assert_eq!(buffer.filled(6), b"\0\0abc\0");
            buffer.set_length(1000);
            assert_eq!(buffer.length(), 100);
            buffer.set_length(8);
            Value::HostBlob(buffer)
        }
        "host text" => {
            let mut buffer = memory.allocate(7).ok_or_else(no_memory)?;
            let units: Vec<u8> = "йo".encode_utf16().flat_map(u16::to_ne_bytes).collect();
            buffer.space(0, 4).copy_from_slice(&units);
            buffer.set_length(5);
            Value::HostText(buffer)
        }
        "empty host blob" => Value::HostBlob(memory.allocate(0).ok_or_else(no_memory)?),
        "outliving" => Value::HostBlob(OUTLIVING.with_borrow_mut(Vec::pop).expect("put there by the test")),
        "huge" => {
            assert!(memory.allocate(usize::MAX).is_none());
            Value::HostBlob(memory.allocate(1 << 31).ok_or_else(no_memory)?)
        }
        "beyond" => {
            let mut buffer = memory.allocate(10).ok_or_else(no_memory)?;
            buffer.space(8, 3);
            Value::Empty
        }
        other => panic!("{other}"),
    })
}

fn owned(value: ValueRef<'_>, host: &Host) -> Value {
    match value {
        ValueRef::Empty | ValueRef::Null | ValueRef::Unsupported(_) => Value::Empty,
        ValueRef::Bool(value) => Value::Bool(value),
        ValueRef::Int(value) => Value::Int(value),
        ValueRef::Number(value) => Value::Number(value),
        ValueRef::Date(value) => Value::Date(value),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Text(units) => match String::from_utf16(units) {
            Ok(text) => Value::Text(text),
            Err(_) => {
                let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_ne_bytes()).collect();
                let mut buffer = host.memory().allocate(bytes.len()).expect("the test host has memory");
                buffer.space(0, bytes.len()).copy_from_slice(&bytes);
                Value::HostText(buffer)
            }
        },
    }
}

fn described(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(units) => format!("Text({:?})", String::from_utf16_lossy(units)),
        other => format!("{other:?}"),
    }
}
