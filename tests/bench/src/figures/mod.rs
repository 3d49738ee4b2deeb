//! What is measured, group by group.

mod handshake;
mod json;
mod large;
mod module;
mod own;

use crate::report::Report;
use crate::{Bench, Failure};

/// Measures one group and adds its figures to the report.
type Run = fn(&Bench, &mut Report) -> Result<(), Failure>;

/// All groups in order.
pub(crate) const ALL: [(&str, Run); 9] = [
    ("json: 161 bytes, kept connection", json::run),
    ("handshake: TLS 1.3, ECDSA P-256, a new connection for each request", handshake::run),
    ("module: КоннекторHTTP on the bench of tests/bsl, kept session", module::run),
    ("download: 256 MiB into memory", large::download),
    ("upload: 256 MiB from memory", large::upload),
    ("memory: peak above the start, own process", own::memory),
    ("threads: started during 3000 requests, own process", own::threads),
    ("object: create", own::object),
    ("size of the library", own::size),
];
