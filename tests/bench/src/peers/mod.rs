//! Who is measured: our library and its peers, each able to do the same work on one kept connection.

pub(crate) mod libcurl;
pub(crate) mod ours;
pub(crate) mod python;
pub(crate) mod raw;
pub(crate) mod stock_ureq;
