//! The transport against scripted sockets: one file per topic.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "tests: a failed expectation is the report"
)]

mod bodies;
mod client;
#[cfg(unix)]
mod compatible;
mod deadlines;
mod guards;
mod heads;
mod keep_alive;
mod leaks;
mod mutation;
mod ntlm;
mod proxy;
mod requests;
#[cfg(windows)]
mod schannel;
mod secure;
mod server;
mod sharing;
mod socks;
mod trust;
mod uploads;
