//! The component as the host sees it: in process, through the exported functions, vtables and a counting memory
//! manager. Servers are scripted sockets.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod authentication;
mod background;
mod guards;
mod language;
mod misuse;
mod options;
mod prepare;
mod proxies;
mod readers;
mod readme;
mod reference;
mod requests;
mod secrets;
mod session;
mod support;
mod threads;
mod trust;
mod utilities;
