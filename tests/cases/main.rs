//! The 78 acceptance tests of the module this component replaces, as far as they are about HTTP itself: the same
//! calls through the built library, hosts replaced by the embedded server. Tests are named by number.
//!
//! | cases | what | where |
//! |---|---|---|
//! | 1-10 | parsing of URLs | `urls` |
//! | 11, 30, 31, 70, 71 | HMAC, gzip, status texts | `utilities` |
//! | 14, 19, 23, 24, 28, 33, 36, 37, 52-54, 56, 60 | bodies sent | `bodies` |
//! | 15-18, 22, 32, 55, 58, 59, 77 | query and headers | `queries` |
//! | 20, 21, 29, 35, 72 | reading of answers | `readers` |
//! | 34, 38-42 | redirects | `redirects` |
//! | 43, 45-49 | statuses and methods | `verbs` |
//! | 13, 44, 50, 51 | cookies; 13 against a portal of the same shape (two hosts, hidden field) | `cookies` |
//! | 25, 65-69 | time limits and retries | `times` |
//! | 12 | a proxy | `proxy` |
//! | 26, 27 | Basic, Digest | `auth` |
//! | 62-64 | AWS4 | `aws` |
//!
//! The defects of that module (D-rows of its description) on TLS (D2), proxies (D3), Digest (D8) and AWS4 (D14) are
//! tried beside the cases they are about, under their own numbers.
//!
//! Of 33 and 35 the half that is HTTP is here (the JSON text arrives unchanged); what ReadJSON makes of it, dates
//! and structures, is the module's (part 3).
//!
//! Not here, because the component has no part in it yet or never will:
//!
//! | cases | why |
//! |---|---|
//! | 57 | XDTO from a hand-made structure: platform, part 3 |
//! | 61 | AWS4 with real keys against a cloud: needs keys; signatures are checked by an S3 server among the real ones |
//! | 73-75 | converters and revivers called back in BSL: part 3 |
//! | 76 | a caller's structure stays unchanged: BSL, part 3 (here options are a string, nothing can change it) |
//! | 78 | a date function of the module: part 3 (the engine's dates have tests of their own) |
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that does not hold")]

mod auth;
mod aws;
mod bodies;
#[path = "../support/built.rs"]
mod built;
mod cookies;
mod proxy;
mod queries;
mod readers;
mod redirects;
#[path = "../support/script.rs"]
mod script;
mod times;
mod trust;
mod urls;
mod utilities;
mod verbs;

use std::sync::LazyLock;

use script::{CONNECTOR, SESSION, Script};
use test_server::Server;

/// One server for all cases: they share nothing but paths.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start().unwrap());

/// An object for single requests.
fn connector() -> Script {
    Script::new(built::addin(), CONNECTOR).unwrap()
}

/// An object with state.
fn session() -> Script {
    Script::new(built::addin(), SESSION).unwrap()
}

/// `http://` address of a path.
fn http(path: &str) -> String {
    SERVER.url(path)
}

/// `https://` address of a path.
fn https(path: &str) -> String {
    SERVER.secure_url(path)
}

/// Options: the given ones and trust in the server's authority.
fn trusting(mut options: serde_json::Value) -> String {
    options["VerifySSL"] = SERVER.ca_pem().into();
    options.to_string()
}
