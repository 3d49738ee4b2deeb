//! OpenSSL, loaded at run time: TLS for peers that today's libraries refuse. The library is neither linked nor needed
//! until the first connection that asks for it.
//!
//! Bytes only: no socket, no file, no callback but our own check of certificates. State that is the process's (error
//! strings, exit handlers, locks) is left alone: another OpenSSL, or this very one used by somebody else, may live
//! beside us. No pointer leaves this module, and everything is freed by its owner's `Drop`.

mod connection;
mod context;
mod library;

pub(crate) use connection::{Connection, Failure, Outcome, Resumption, Server};
pub(crate) use context::{Context, Setup, Unusable};

/// Version of the library, if something has loaded it already.
pub(crate) fn version() -> Option<&'static str> {
    library::loaded().map(library::Library::text)
}
