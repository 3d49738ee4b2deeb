//! HTTP for anyone: no word of 1C, no UTF-16, no host pointers.
//!
//! [`client`] is policy: what to send, what an answer means, when to ask again. [`exchange`] is the seam below it:
//! one request, one response, on one connection.
//!
//! The wire is HTTP/1.1 by `ureq-proto`, the protocol crate of ureq, driven directly. ureq's own Agent is not used: it
//! cannot give what callers here need (reason phrase and header case, tolerant heads, a body read straight into the
//! asker's memory, an early answer during an upload, one retry on a stale connection, deadlines that hold).
#![forbid(unsafe_code)]

mod alone;
pub mod auth;
pub mod body;
pub mod cancel;
pub mod charset;
pub mod client;
pub mod clock;
pub mod coding;
mod connect;
mod content;
pub mod cookies;
pub mod date;
pub mod digest;
pub mod error;
pub mod exchange;
pub mod file;
pub mod guard;
pub mod headers;
pub(crate) mod hex;
mod multipart;
mod pool;
mod prepare;
pub mod proxy;
pub mod query;
pub mod received;
pub mod redact;
mod redirect;
pub mod request;
pub mod resolve;
pub mod response;
pub mod retry;
mod socket;
pub mod status;
pub mod store;
mod stream;
mod timer;
pub mod tls;
pub mod transport;
pub mod url;
mod wire;
