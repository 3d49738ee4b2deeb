//! Benchmark of the built library against peers.
fn main() {}
