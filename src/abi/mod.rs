//! The Native API contract.

mod component;
mod host;

pub use component::{
    Class, Component, DateTime, Default, Fault, Language, Library, Method, Parameter, Property, Value,
    ValueRef,
};
pub use host::{Arguments, Host, HostBuffer, HostMemory};
