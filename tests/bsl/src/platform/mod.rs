//! Built-in functions and types, a file for each topic.
