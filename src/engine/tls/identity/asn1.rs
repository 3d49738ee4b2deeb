//! The little ASN.1 the readers of this folder share: what kind of thing some DER is, and writing a value.
//!
//! Reading is the `der` crate's, by the rules of BER: some exporters of PKCS#12 write indefinite lengths and strings in
//! pieces.

use der::asn1::AnyRef;
use der::{EncodingRules, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

use super::Plain;

/// What some DER can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// PFX (RFC 7292 section 4).
    Pkcs12,
    /// X.509 certificate.
    Certificate,
    /// PrivateKeyInfo (RFC 5958).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5958).
    EncryptedPkcs8,
    /// RSAPrivateKey (RFC 8017).
    Pkcs1,
    /// ECPrivateKey (RFC 5915).
    Sec1,
}

/// The kind, by the first two elements of the outer sequence; `None` when it is none of these.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    let mut reader = reader(bytes).ok()?;
    let header: der::Header = reader.decode().ok()?;
    if header.tag() != Tag::Sequence {
        return None;
    }
    let first: AnyRef<'_> = reader.decode().ok()?;
    let second = Tag::peek(&reader).ok()?;
    match (first.tag(), first.value(), second) {
        (Tag::Integer, [3], Tag::Sequence) => Some(Kind::Pkcs12),
        (Tag::Integer, [0 | 1], Tag::Sequence) => Some(Kind::Pkcs8),
        (Tag::Integer, [0], Tag::Integer) => Some(Kind::Pkcs1),
        (Tag::Integer, [1], Tag::OctetString) => Some(Kind::Sec1),
        (Tag::Sequence, _, Tag::OctetString) => Some(Kind::EncryptedPkcs8),
        (Tag::Sequence, _, Tag::Sequence) => Some(Kind::Certificate),
        _ => None,
    }
}

/// A reader that takes BER.
pub(super) fn reader(bytes: &[u8]) -> der::Result<SliceReader<'_>> {
    SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber)
}

/// Skips what is left of the element being read.
pub(super) fn skip_rest<'r>(reader: &mut impl Reader<'r>) -> der::Result<()> {
    while !reader.is_finished() {
        reader.tlv_bytes()?;
    }
    Ok(())
}

/// The value `parts` together make, with its tag and length.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Plain {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // In one piece from the start: a vector that grows leaves copies of a key behind.
    let mut out = Zeroizing::new(Vec::with_capacity(length + 10));
    out.push(tag);
    match u8::try_from(length) {
        Ok(short @ ..0x80) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let written: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            // At most eight.
            out.push(0x80 | u8::try_from(written.len()).unwrap_or(8));
            out.extend_from_slice(&written);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}
