//! The classes a 1C developer sees: `HTTPConnector` and `HTTPSession`.
//!
//! Arguments become an engine request in `request`, a response becomes values in `readers`, errors become sentences
//! in `fault`. Every name of the surface stands once, in `members` and `options::keys`. Knows no pointer and no
//! socket; all state is in [`Object`].

mod answer;
mod arguments;
mod background;
mod cookies;
mod diagnosis;
mod fault;
#[cfg(java)]
mod java;
mod json_text;
mod members;
mod memory;
mod object;
mod options;
mod presign;
mod readers;
pub mod reference;
mod request;
mod session;
mod shown;
mod staged;
mod status;
mod table;
mod text;
mod texts_en;
mod texts_ru;
mod trouble;
mod utilities;
mod verbs;
mod workers;

use crate::abi::{Class, Library};

pub use object::Object;

/// The library: its classes and how their objects are made.
#[derive(Debug)]
pub struct Connector;

impl Library for Connector {
    type Component = Object;

    const CLASSES: &'static [&'static Class] = &[&members::CONNECTOR, &members::SESSION];

    /// 2000, so that several objects may exist, plus the version's digits.
    const INFO: i32 = match i32::from_str_radix(env!("HTTPCONNECTOR_INFO"), 10) {
        Ok(info) => info,
        Err(_) => panic!("build.rs writes a number"),
    };

    fn create(class: &'static Class) -> Object {
        Object::new(class)
    }
}
