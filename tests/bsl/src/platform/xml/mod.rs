//! XML: reading by nodes, reading into XDTO objects without a schema, simple values as XML text. Writing XML, schemas and
//! document types are not here.

mod parse;
mod reader;
mod simple;
mod xdto;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    reader::register(registry);
    simple::register(registry);
    xdto::register(registry);
}
