//! What only Windows has: the proxy of Internet options, the store of roots, long and Cyrillic paths, the state of the
//! process. Through the built library; `HTTPCONNECTOR_LIB` names the one to ship.
//!
//! The registry and the store of the user are written to, so those tests want to be told that they are nobody's:
//! `CONNECTOR_OWN_PROFILE=1`, as in a Wine prefix made for the purpose. Wine is what these tests are made for and run
//! on; of a real Windows they say nothing until somebody runs them there.
#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

mod files;
mod process;
mod proxy;
#[path = "../support/script.rs"]
mod script;
mod store;
#[path = "../support/built.rs"]
mod support;

/// Whether the user's registry and certificates may be changed; says so if not.
fn own_profile() -> bool {
    let own = std::env::var("CONNECTOR_OWN_PROFILE").is_ok_and(|told| told == "1");
    if !own {
        println!("ABSENT: a Windows profile to change (CONNECTOR_OWN_PROFILE=1)");
    }
    own
}
