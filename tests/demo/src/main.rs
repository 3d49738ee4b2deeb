//! Tour of the built library with real traffic.
fn main() {}
