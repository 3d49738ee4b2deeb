//! From text to tree. The grammar is that of `tree-sitter-bsl`; what it reads differently from the platform (`НЕ` binds
//! weaker than a comparison) is put right here, and the preprocessor's conditions are decided while reading.

pub mod ast;
mod expressions;
mod read;
pub(crate) mod visit;

pub use read::{SyntaxError, read};
