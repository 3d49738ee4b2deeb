//! Certificate revocation lists a caller gives: reading them, and choosing those that count for a chain.
//!
//! A list counts when the key of a certificate of its issuer's name, trusted or sent, has signed it. What it lists is
//! refused even after its next update was due: an old list is still right about what it lists, and a file nobody renews
//! must not stop every connection. For issuers without a list nothing is known, which is no error.

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::pem::SectionKind;
use webpki::{CertRevocationList, OwnedCertRevocationList};
use x509_cert::der::{Decode, Header, Reader, SliceReader, Tag, asn1::BitStringRef};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::time::Time;

use super::TlsProblem;
use super::authority::sections;

/// The revocation lists (each DER) in `bytes`: every `X509 CRL` section of a PEM text, other sections and text around
/// them ignored, or one DER list.
///
/// # Errors
/// A problem with the word `bad-crl` when there is no list, or one that cannot be used: version 1, a list of changes
/// only (delta), one by another than the issuer (indirect).
pub fn revocations_from(bytes: &[u8]) -> Result<Vec<Vec<u8>>, TlsProblem> {
    let found = sections(bytes, SectionKind::Crl).map_err(bad)?;
    if found.is_empty() {
        return Err(bad("no revocation list found".to_owned()));
    }
    for der in &found {
        List::read(der)?;
    }
    Ok(found)
}

/// The lists of one configuration.
#[derive(Debug)]
pub(super) struct Revocations {
    /// The newest first: of several by one issuer the first is looked at.
    lists: Vec<List>,
}

#[derive(Debug)]
struct List {
    list: CertRevocationList<'static>,
    updated: u64,
    der: Vec<u8>,
}

impl Revocations {
    pub(super) fn new(ders: &[Vec<u8>]) -> Result<Self, TlsProblem> {
        let mut lists = ders.iter().map(|der| List::read(der)).collect::<Result<Vec<_>, _>>()?;
        lists.sort_by_key(|list| std::cmp::Reverse(list.updated));
        Ok(Self { lists })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The lists signed by one of `issuers`: subject (without the header of the sequence, as webpki gives it) and
    /// key (SubjectPublicKeyInfo, DER).
    pub(super) fn by<'l>(
        &'l self,
        issuers: &[(Vec<u8>, Vec<u8>)],
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Vec<&'l CertRevocationList<'static>> {
        self.lists
            .iter()
            .filter(|list| {
                issuers.iter().any(|(subject, key)| {
                    subject.as_slice() == list.list.issuer() && signed_by(&list.der, key, algorithms)
                })
            })
            .map(|list| &list.list)
            .collect()
    }

    /// Whether a certificate with this issuer (as webpki gives it) and serial number is listed.
    pub(super) fn lists(&self, issuer: &[u8], serial: &[u8]) -> bool {
        self.lists
            .iter()
            .any(|list| list.list.issuer() == issuer && matches!(list.list.find_serial(serial), Ok(Some(_))))
    }
}

impl List {
    fn read(der: &[u8]) -> Result<Self, TlsProblem> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|error| bad(format!("{error:?}")))?;
        let updated = this_update(der).ok_or_else(|| bad("no date".to_owned()))?;
        Ok(Self { list: list.into(), updated, der: der.to_vec() })
    }
}

fn bad(detail: String) -> TlsProblem {
    TlsProblem { word: "bad-crl", detail, certificate: None }
}

/// Seconds of `thisUpdate` (RFC 5280 section 5.1.2.4).
fn this_update(der: &[u8]) -> Option<u64> {
    let mut reader = SliceReader::new(signed(der)?.0).ok()?;
    Header::decode(&mut reader).ok()?;
    if Tag::peek(&reader).ok()? == Tag::Integer {
        reader.tlv_bytes().ok()?;
    }
    // The algorithm of the signature, the issuer.
    reader.tlv_bytes().ok()?;
    reader.tlv_bytes().ok()?;
    Some(Time::decode(&mut reader).ok()?.to_unix_duration().as_secs())
}

/// What is signed, the algorithm and the signature of a signed structure (certificate or revocation list).
fn signed(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?.tag().assert_eq(Tag::Sequence).ok()?;
    let content = reader.tlv_bytes().ok()?;
    let algorithm = inside(reader.tlv_bytes().ok()?)?;
    let signature = BitStringRef::decode(&mut reader).ok()?.as_bytes()?;
    Some((content, algorithm, signature))
}

/// A value without its header.
fn inside(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    reader.read_slice(reader.remaining_len()).ok()
}

fn signed_by(der: &[u8], key: &[u8], algorithms: &WebPkiSupportedAlgorithms) -> bool {
    let (Some((content, algorithm, signature)), Ok(key_info)) =
        (signed(der), SubjectPublicKeyInfoRef::from_der(key))
    else {
        return false;
    };
    let Some(key_algorithm) = inside(key).and_then(|key| {
        let mut reader = SliceReader::new(key).ok()?;
        inside(reader.tlv_bytes().ok()?)
    }) else {
        return false;
    };
    let Some(key) = key_info.subject_public_key.as_bytes() else { return false };
    algorithms.all.iter().any(|known| {
        known.signature_alg_id().as_ref() == algorithm
            && known.public_key_alg_id().as_ref() == key_algorithm
            && known.verify_signature(key, content, signature).is_ok()
    })
}
