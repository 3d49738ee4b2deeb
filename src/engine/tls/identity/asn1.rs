//! The little ASN.1 the readers of this folder share: elements one after another, and writing one.
//!
//! By the rules of BER, since some exporters of PKCS#12 write indefinite lengths and strings in pieces. Headers are read
//! by the `der` crate; its typed decoding would be generic code again and again, for files that are read once.

use der::asn1::ObjectIdentifier;
use der::{Decode, EncodingRules, Header, Reader, SliceReader};
use zeroize::Zeroizing;

use super::Plain;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]` and `[1]`, constructed: with a value inside.
pub(super) const EXPLICIT: [u8; 2] = [0xa0, 0xa1];
/// `[0]` in place of the tag of a string that is in one piece.
pub(super) const IMPLICIT_0: u8 = 0x80;

/// The bit of a tag whose value is made of elements.
const CONSTRUCTED: u8 = 0x20;
/// Strings of strings are read this deep.
const DEPTH: usize = 4;

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
    let mut inside = Elements::new(bytes).take(SEQUENCE)?.inside();
    let first = inside.next()?;
    let second = inside.next()?;
    match (first.tag, first.value, second.tag) {
        (INTEGER, [3], SEQUENCE) => Some(Kind::Pkcs12),
        (INTEGER, [0 | 1], SEQUENCE) => Some(Kind::Pkcs8),
        (INTEGER, [0], INTEGER) => Some(Kind::Pkcs1),
        (INTEGER, [1], OCTET_STRING) => Some(Kind::Sec1),
        (SEQUENCE, _, OCTET_STRING) => Some(Kind::EncryptedPkcs8),
        (SEQUENCE, _, SEQUENCE) => Some(Kind::Certificate),
        _ => None,
    }
}

/// Elements one after another.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(&'a [u8]);

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    /// Its first byte; tags of more bytes occur nowhere here.
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// With its header.
    pub(super) whole: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next one; `None` at the end, and where there is no ASN.1.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let mut reader = SliceReader::new_with_encoding_rules(self.0, EncodingRules::Ber).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        let start = usize::try_from(reader.position()).ok()?;
        let end = start.checked_add(usize::try_from(header.length()).ok()?)?;
        let (whole, rest) = self.0.split_at_checked(end)?;
        let mut value = whole.get(start..)?;
        // An indefinite length counts the two zeros at the end.
        if whole.get(1) == Some(&0x80) {
            value = value.strip_suffix(&[0, 0])?;
        }
        self.0 = rest;
        Some(Element { tag: *whole.first()?, value, whole })
    }

    /// The next one, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The next one if it has this tag.
    pub(super) fn take_if(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }

    /// The bytes of the next one, which must be an OCTET STRING.
    pub(super) fn take_octets(&mut self) -> Option<Plain> {
        self.next().filter(|element| element.tag & !CONSTRUCTED == OCTET_STRING)?.octets()
    }

    /// The value of the next one, which must be an INTEGER of 32 bits without sign.
    pub(super) fn take_number(&mut self) -> Option<u32> {
        let bytes = self.take(INTEGER)?.value;
        if bytes.len() > 5 || bytes.first().is_none_or(|first| *first >= 0x80) {
            return None;
        }
        let value = bytes.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        u32::try_from(value).ok()
    }

    /// The next one, which must be an OBJECT IDENTIFIER.
    pub(super) fn take_oid(&mut self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.take(OBJECT_IDENTIFIER)?.value).ok()
    }
}

impl<'a> Element<'a> {
    /// What it is made of.
    pub(super) fn inside(&self) -> Elements<'a> {
        Elements(self.value)
    }

    /// The bytes of a string, which may be in pieces.
    pub(super) fn octets(&self) -> Option<Plain> {
        // Pieces together are shorter than the whole.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.value.len()));
        self.add_to(&mut bytes, DEPTH)?;
        Some(bytes)
    }

    fn add_to(&self, bytes: &mut Vec<u8>, depth: usize) -> Option<()> {
        if self.tag & CONSTRUCTED == 0 {
            bytes.extend_from_slice(self.value);
            return Some(());
        }
        let mut pieces = self.inside();
        while !pieces.is_empty() {
            let piece = pieces.next().filter(|piece| piece.tag & !CONSTRUCTED == OCTET_STRING)?;
            piece.add_to(bytes, depth.checked_sub(1)?)?;
        }
        Some(())
    }
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
