//! Embedded local HTTP/1.1 and HTTPS server for tests, the demo and the benchmark.
//!
//! Answers like the well-known test service httpbin where the paths are the same, so that one test can run against
//! either; adds large downloads, an upload sink and deliberate misbehaviour. One thread per connection, loopback
//! only, free ports, a certificate authority made anew at every start. Not for anything but tests: it trusts its
//! callers with memory and does what a path says.
//!
//! Invariant: dropping a [`Server`] ends every thread and connection it started.

mod connection;
mod echo;
mod form;
mod listener;
mod message;
pub mod pattern;
mod pki;
mod reply;
mod routes;
mod state;

pub use listener::Server;
pub use routes::texts;
