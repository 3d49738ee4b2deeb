//! `ИнтернетПрокси`. Whether it stands for the system's settings, which its constructor takes, cannot be read back
//! (unverified on a platform); a proxy that was not set has an empty server and port 0.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Outcome;
use crate::names::{Names, folded, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::platform::convert;
use crate::run::{Machine, Registry, operators};
use crate::value::Value;

const PROXY: Names = names("ИнтернетПрокси", "InternetProxy");

/// Settings of a proxy for each protocol.
pub struct InternetProxy {
    /// `Новый ИнтернетПрокси(Истина)`: the system's; for tests in Rust.
    pub system: bool,
    protocols: RefCell<HashMap<String, Server>>,
    /// What the properties (not the methods) of that name hold.
    user: RefCell<String>,
    password: RefCell<String>,
    bypass: Value,
    bypass_local: RefCell<bool>,
}

#[derive(Default, Clone)]
struct Server {
    host: String,
    port: i64,
    user: String,
    password: String,
    system_authentication: bool,
}

impl InternetProxy {
    fn server(&self, given: &Given<'_>) -> Server {
        self.protocols.borrow().get(&folded(&given.text(0))).cloned().unwrap_or_default()
    }
}

impl Object for InternetProxy {
    fn type_names(&self) -> Names {
        PROXY
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "неиспользоватьпроксидляадресов" | "bypassproxyonaddresses" => {
                self.bypass.clone()
            }
            "неиспользоватьпроксидлялокальныхадресов" | "bypassproxyonlocal" => {
                Value::Bool(*self.bypass_local.borrow())
            }
            "пользователь" | "user" => Value::from(self.user.borrow().as_str()),
            "пароль" | "password" => Value::from(self.password.borrow().as_str()),
            _ => return Ok(None),
        }))
    }

    fn set(&self, _: &mut Machine, name: &str, value: &Value) -> Outcome<bool> {
        match name {
            "неиспользоватьпроксидлялокальныхадресов" | "bypassproxyonlocal" =>
            {
                *self.bypass_local.borrow_mut() = operators::truth(value)?;
            }
            "пользователь" | "user" => *self.user.borrow_mut() = convert::text(value),
            "пароль" | "password" => *self.password.borrow_mut() = convert::text(value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn call(&self, _: &mut Machine, name: &str, arguments: &[Argument]) -> Outcome<Option<Value>> {
        let of = |names: &'static str| Given::new(names, arguments, 1, 1).map(|given| self.server(&given));
        Ok(Some(match name {
            "установить" | "set" => {
                let given = Given::new("Установить", arguments, 2, 6)?;
                let server = Server {
                    host: given.text(1),
                    port: if given.has(2) { given.integer(2)? } else { 0 },
                    user: given.text_or(3, ""),
                    password: given.text_or(4, ""),
                    system_authentication: given.bool_or(5, true)?,
                };
                self.protocols.borrow_mut().insert(folded(&given.text(0)), server);
                Value::Undefined
            }
            "сервер" | "server" => Value::from(of("Сервер")?.host),
            "порт" | "port" => Value::from(of("Порт")?.port),
            "пользователь" | "user" => Value::from(of("Пользователь")?.user),
            "пароль" | "password" => Value::from(of("Пароль")?.password),
            "использоватьаутентификациюос" | "useosauthentication" => {
                Value::Bool(of("ИспользоватьАутентификациюОС")?.system_authentication)
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(PROXY, |_, a| {
        let given = Given::new("ИнтернетПрокси", a, 0, 1)?;
        Ok(Value::object(InternetProxy {
            system: given.bool_or(0, false)?,
            protocols: RefCell::default(),
            user: RefCell::default(),
            password: RefCell::default(),
            bypass: Value::object(Array::of(Vec::new())),
            bypass_local: RefCell::default(),
        }))
    });
}
