//! Certificates and `ЗащищенноеСоединениеOpenSSL`. The documentation names constructors and no property or method, so
//! nothing can be read back here either (unverified on a platform).

use std::any::Any;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::run::Registry;
use crate::value::Value;

/// An object of which a program only knows the type.
pub struct Opaque {
    names: Names,
    /// What it was made of; for tests in Rust, never for a module.
    pub given: Vec<Value>,
}

impl Object for Opaque {
    fn type_names(&self) -> Names {
        self.names
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

const CLIENT_FILE: Names = names("СертификатКлиентаФайл", "FileClientCertificate");
const CLIENT_WINDOWS: Names = names("СертификатКлиентаWindows", "WindowsClientCertificate");
const ROOTS_FILE: Names =
    names("СертификатыУдостоверяющихЦентровФайл", "FileCertificationAuthorityCertificates");
const ROOTS_SYSTEM: Names =
    names("СертификатыУдостоверяющихЦентровОС", "OSCertificationAuthorityCertificates");
const ROOTS_WINDOWS: Names =
    names("СертификатыУдостоверяющихЦентровWindows", "WindowsCertificationAuthorityCertificates");
const CONNECTION: Names = names("ЗащищенноеСоединениеOpenSSL", "OpenSSLSecureConnection");

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(CLIENT_FILE, |_, a| made(CLIENT_FILE, a, 1, 2));
    registry.constructor(CLIENT_WINDOWS, |_, a| made(CLIENT_WINDOWS, a, 0, 1));
    // Without a file it stands for the list the platform is installed with.
    registry.constructor(ROOTS_FILE, |_, a| made(ROOTS_FILE, a, 0, 2));
    registry.constructor(ROOTS_SYSTEM, |_, a| made(ROOTS_SYSTEM, a, 0, 0));
    registry.constructor(ROOTS_WINDOWS, |_, a| made(ROOTS_WINDOWS, a, 0, 0));
    registry.constructor(CONNECTION, |_, a| made(CONNECTION, a, 0, 2));
}

fn made(names: Names, arguments: &[Argument], least: usize, most: usize) -> Outcome<Value> {
    Given::new(names.russian, arguments, least, most)?;
    Ok(Value::object(Opaque { names, given: arguments.iter().map(Argument::value).collect() }))
}
