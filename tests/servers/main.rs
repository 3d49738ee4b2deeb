//! The built library against real servers. `tests/run` starts them and tells
//! their addresses in variables `CONNECTOR_...`; a test whose server was not told says so and passes, except with
//! `CI=true`, where it fails.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that does not hold, and says what it could not try"
)]

mod apache;
#[path = "../support/built.rs"]
mod built;
mod compatible;
mod digest;
mod guards;
mod httpbin;
mod identity;
mod kerberos;
mod nginx;
mod ntlm;
mod oauth;
mod proxy;
mod s3;
#[path = "../support/script.rs"]
mod script;
mod socks;
mod tls;
#[path = "../support/told.rs"]
mod told;

use script::{CONNECTOR, SESSION, Script};
use told::told;

/// The value of a variable, or the end of the test.
macro_rules! server {
    ($variable:literal) => {
        match $crate::told($variable) {
            Some(value) => value,
            None => return,
        }
    };
}
use server;

fn connector() -> Script {
    Script::new(built::addin(), CONNECTOR).unwrap()
}

fn session() -> Script {
    Script::new(built::addin(), SESSION).unwrap()
}
