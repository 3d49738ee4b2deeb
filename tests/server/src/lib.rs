//! Embedded local HTTP/HTTPS server for tests, the demo and the benchmark.
