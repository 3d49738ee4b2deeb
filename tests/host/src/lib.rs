//! Host side of the Native API for tests, the demo and the benchmark.
