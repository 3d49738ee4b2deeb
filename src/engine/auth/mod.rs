//! Authentication: from credentials and challenges to `Authorization` and `Proxy-Authorization`.
//!
//! [`Credentials`] is what a caller gives. A `Plan` is what a request makes of them for one origin: nothing, a fixed
//! value, a signature made anew for every attempt, or a `Scheme` that answers challenges. The same schemes serve
//! origins and proxies. What a session learns on the way (nonces, tokens) is in [`Memory`].

pub mod aws;
mod binding;
mod challenge;
mod credentials;
mod digest;
mod memory;
mod negotiate;
mod ntlm;
mod oauth2;
mod offered;
mod payload;
mod plan;
mod scheme;
mod spnego;
mod system;

pub use aws::presign;
pub(crate) use challenge::challenges;
pub use credentials::{Aws, AwsPayload, Credentials, OAuth2};
pub use digest::digest_answer;
pub use memory::Memory;
pub(crate) use offered::for_proxy;
pub(crate) use plan::Plan;
pub(crate) use scheme::{Ask, Channel, Fetch, Scheme, Side, Sign, Signed, binds_connection};
