//! The classes a 1C developer sees.

use crate::abi::{Arguments, Class, Component, Fault, Host, Library, Value, ValueRef};

/// The library of this crate.
#[derive(Debug)]
pub struct Connector;

static CLASSES: &[&Class] = &[&Class { name: "HTTPConnector", methods: &[], properties: &[] }];

impl Library for Connector {
    type Component = Object;
    const CLASSES: &'static [&'static Class] = CLASSES;

    fn create(_class: &'static Class) -> Object {
        Object
    }
}

/// An object without members.
#[derive(Debug)]
pub struct Object;

impl Component for Object {
    fn call(&mut self, _: &Host, _: usize, _: &mut Arguments<'_>) -> Result<Value, Fault> {
        Ok(Value::Empty)
    }

    fn property(&mut self, _: &Host, _: usize) -> Result<Value, Fault> {
        Ok(Value::Empty)
    }

    fn set_property(&mut self, _: &Host, _: usize, _: ValueRef<'_>) -> Result<(), Fault> {
        Ok(())
    }
}
