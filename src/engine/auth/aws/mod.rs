//! AWS Signature Version 4: a request signed in its header fields, in its query (presigned URL), or chunk by chunk.
//!
//! [`Draft`] brings a request into canonical form, [`sign_headers`] and [`sign_query`] sign that. The client's way in
//! is `Signer`, a utility's is [`presign`]. Nothing here sends anything; no secret leaves but as a signature.

mod canonical;
mod chunks;
mod presign;
mod sign;

pub use canonical::{Canonical, Draft, PathRule};
pub use chunks::{Chunks, encoded_length};
pub use presign::{LONGEST_VALIDITY, SignedQuery, presign, sign_query};
pub(crate) use sign::Signer;
pub use sign::{SignedHeaders, sign_headers, timestamp};

/// The name in `Authorization`, in the strings to sign, and for callers.
pub(crate) const SCHEME: &str = "AWS4-HMAC-SHA256";

/// Says that the body is not signed.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
