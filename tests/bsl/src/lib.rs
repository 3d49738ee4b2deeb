//! A bench for 1C:Enterprise's built-in language (BSL): reads modules, runs them, and lets them attach the built
//! component through its real vtables. It stands in for the platform where none can run: no more than that.
//!
//! What a module, its tests or the examples use is here, in both languages of the platform; anything else ends the run
//! with its file and line. What the built-ins do is what the platform's documentation says, not what our module happens
//! to need; `README.md` lists what the bench is not and what no real platform has confirmed.
//!
//! `syntax` makes a tree of a text, `run` executes it, `platform` holds the built-in functions and types, each file
//! registering its own, `tests` runs test modules, `lint` checks modules against rules, `translate` makes the English
//! module of the Russian one, `migrate` looks through a configuration for what would change with the module; `value` and
//! `object` are what all of them share.

pub mod error;
pub mod lint;
pub mod migrate;
pub mod names;
pub mod object;
pub mod platform;
pub mod run;
pub mod syntax;
pub mod tests;
pub mod translate;
pub mod value;
