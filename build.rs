//! Build script: see the module texts.
fn main() {}
