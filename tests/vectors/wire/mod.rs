//! Published wire vectors: what servers say, byte for byte, and what a client must make of it. [`llhttp`] plays
//! single responses to the wire level, [`replies`] each reply of curl's cases, [`curl`] plays whole conversations to the client. Both talk over real loopback
//! sockets; what a case expects comes from the vector alone, and every deviation is a rule with a written reason.

pub(crate) mod curl;
pub(crate) mod llhttp;
pub(crate) mod replies;

mod client;
mod message;
mod socket;
